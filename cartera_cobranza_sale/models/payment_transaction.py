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

    def _credit_sharing(self):
        """Return the orders that share this payment, in the order in which it pays them.

        The order that it names first (its payment entry is an advance for it), then the older before the newer.
        """
        self.ensure_one()
        orders = self.sale_order_ids.filtered(
            lambda order: order.company_id.root_id == self.company_id.root_id
        )
        if len(self.sale_order_ids) > 1:
            orders = orders.filtered(lambda order: order.state != "cancel")
        orders = orders.sorted("id")
        return (orders & self.payment_id.cartera_order_id) | orders

    def _credit_day(self):
        """Return the day of the payment in its company, which is the day of its rate."""
        self.ensure_one()
        moment = self.last_state_change or self.create_date
        return self.company_id._cartera_day(moment)

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
