from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        """Report only orders as confirmed that are: one that credit holds waits for its release."""
        return (
            super()
            ._check_amount_and_confirm_order()
            .filtered(lambda order: order.state == "sale")
        )
