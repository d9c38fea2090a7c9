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

    def _credit_unit_value(self):
        """Return what one unit costs the customer, taxes included, in the order's currency."""
        self.ensure_one()
        if self.product_uom_qty:
            return self.price_total / self.product_uom_qty
        order = self.order_id
        taxes = (
            order.amount_total / order.amount_untaxed if order.amount_untaxed else 1.0
        )
        return self.price_unit * (1 - (self.discount or 0.0) / 100) * taxes

    def _credit_sold_quantity(self, quantity):
        """Return how much of a quantity that ships is sold; the rest replaces what came back as it was.

        A return that left the order's quantities alone is waiting for its replacement. What is still to
        deliver of the order is taken first.
        """
        self.ensure_one()
        back = sum(
            move.product_uom._compute_quantity(
                move.quantity, self.product_uom_id, round=False
            )
            for move in self.move_ids
            if move.state == "done"
            and move.location_id.usage == "customer"
            and not move.to_refund
        )
        if not back:
            return quantity
        due = max(self.product_uom_qty - self.qty_delivered, 0.0)
        over = max(self.qty_delivered - self.product_uom_qty, 0.0)
        replaced = max(back - over, 0.0)
        return min(quantity, due) + max(quantity - due - replaced, 0.0)
