from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _credit_is_returned(self):
        """A line that stock delivers came back when it shipped in full and nothing of it is with the customer."""
        if self.qty_delivered_method != "stock_move":
            return super()._credit_is_returned()
        shipped = sum(
            move.product_uom._compute_quantity(move.quantity, self.product_uom_id)
            for move in self.sudo().move_ids
            if move.state == "done" and move.location_dest_id.usage == "customer"
        )
        return (
            shipped >= self.product_uom_qty
            and shipped > 0
            and self.qty_delivered <= 0
            and self.qty_invoiced_posted <= 0
        )
