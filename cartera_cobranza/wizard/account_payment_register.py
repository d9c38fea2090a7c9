from odoo import models


class AccountPaymentRegister(models.TransientModel):
    """One receipt for several documents that does not cover them all goes by the company's order."""

    _inherit = "account.payment.register"

    def _reconcile_payments(self, to_process, edit_mode=False):
        imputation = self.env["cartera.imputation"]
        for vals in to_process:
            payment, items = vals["payment"], vals["to_reconcile"]
            order = payment.company_id.sudo().cartera_allocation_order
            if (
                order != "fifo"
                and len(items) > 1
                and payment.payment_type == "inbound"
                and payment.partner_type == "customer"
                and items.currency_id == payment.currency_id
                and payment.currency_id.compare_amounts(
                    payment.amount, sum(items.mapped("amount_residual_currency"))
                )
                < 0
            ):
                credit = payment._cartera_open_line()
                owed = items.filtered(
                    lambda item, credit=credit: (
                        item.account_id == credit.account_id
                        and item.amount_residual_currency > 0
                    )
                )
                # write-offs and early discounts have made more than one item, or less to apply
                if len(credit) == 1 and owed == items:
                    parts, _rest = imputation._impute(
                        payment.company_id.sudo(),
                        -credit.amount_residual_currency,
                        owed,
                        order,
                    )
                    payment._cartera_apply(parts)
        return super()._reconcile_payments(to_process, edit_mode=edit_mode)
