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
