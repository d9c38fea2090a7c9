from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "done":
            # what waits for this money is looked at again, payment entry or not
            self.sudo().sale_order_ids._credit_touch(recheck=True)
        return result

    def _check_amount_and_confirm_order(self):
        """Report only orders as confirmed that are: one that credit holds waits for its release."""
        return (
            super()
            ._check_amount_and_confirm_order()
            .filtered(lambda order: order.state == "sale")
        )

    def _credit_left_for(self, order):
        """Return what this payment pays for an order, in the order's currency.

        What was refunded pays for nothing, and a payment over several orders pays for the older ones first.
        """
        self.ensure_one()
        company, today = order.company_id, order.company_id._cartera_today()
        left = self._credit_net_amount()
        for older in self.sale_order_ids.sorted("id"):
            if older == order:
                break
            if older.state != "cancel":
                left -= older.currency_id._convert(
                    older.amount_total, self.currency_id, company, today
                )
        return self.currency_id._convert(
            max(left, 0.0), order.currency_id, company, today
        )

    def _credit_net_amount(self):
        """Return the amount less what was refunded; a refund counts with the payment that it gives back."""
        self.ensure_one()
        if self.operation == "validation" or (
            self.operation == "refund" and self.source_transaction_id
        ):
            return 0.0
        refunds = self.child_transaction_ids.filtered(
            lambda child: child.operation == "refund" and child.state == "done"
        )
        return self.amount - sum(abs(amount) for amount in refunds.mapped("amount"))
