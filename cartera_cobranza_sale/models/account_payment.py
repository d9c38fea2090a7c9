from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AccountPayment(models.Model):
    _inherit = "account.payment"

    cartera_order_id = fields.Many2one(
        "sale.order",
        string="Advance for Order",
        index="btree_not_null",
        copy=False,
        check_company=True,
        ondelete="restrict",
        domain="[('partner_invoice_id', 'child_of', partner_id), ('state', '!=', 'cancel'),"
        " ('company_id', '=', company_id)]",
        help="The order that this money pays in advance. Goods sold in advance ship once it covers them.",
    )

    @api.constrains("cartera_order_id", "partner_id", "payment_type")
    def _check_cartera_order(self):
        for payment in self.filtered("cartera_order_id"):
            order = payment.cartera_order_id.sudo()
            if payment.payment_type != "inbound":
                raise ValidationError(
                    self.env._(
                        "Money that goes out is no advance for %(order)s. Record a payment that was received.",
                        order=order.name,
                    )
                )
            payer = payment.partner_id.commercial_partner_id
            if payer != order._credit_partner():
                raise ValidationError(
                    self.env._(
                        "%(order)s is of %(customer)s, and the payment is of %(payer)s. Choose an order of the payer.",
                        order=order.name,
                        customer=order._credit_partner().display_name,
                        payer=payer.display_name or "?",
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        payments = super().create(vals_list)
        payments.sudo().cartera_order_id._credit_touch(recheck=True)
        return payments

    def write(self, vals):
        if not {"cartera_order_id", "state", "is_matched", "amount"} & set(vals):
            return super().write(vals)
        before = self.sudo().cartera_order_id
        result = super().write(vals)
        (before | self.sudo().cartera_order_id)._credit_touch(recheck=True)
        return result
