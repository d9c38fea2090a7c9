from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _credit_is_gated(self):
        # Ordered and delivered goods passed the gate with their order; they can always be invoiced.
        return super()._credit_is_gated() and not self.invoice_line_ids.sale_line_ids

    def _approval_is_needed(self):
        # What was delivered can always be invoiced, and what credit has released.
        lines = self.invoice_line_ids.sale_line_ids
        return super()._approval_is_needed() and not (
            any(line.qty_delivered > 0 for line in lines)
            or "released" in lines.order_id.mapped("credit_state")
        )

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        posted.filtered(
            lambda move: move.move_type == "out_refund"
        )._credit_close_returned_orders()
        return posted

    def _credit_close_returned_orders(self):
        """Close the rest of orders whose goods were all invoiced, taken back and credited.

        Such an order would wait for a second delivery for ever.
        """
        orders = self.sudo().invoice_line_ids.sale_line_ids.order_id.filtered(
            lambda order: order.state == "sale" and not order.cartera_commitment_closed
        )
        returned = orders.filtered(lambda order: order._credit_all_returned())
        if returned:
            returned.action_close_commitment()
