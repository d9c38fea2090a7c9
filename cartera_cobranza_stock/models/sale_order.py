from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _credit_open_shipments(self):
        return self.sudo().picking_ids.filtered(
            lambda picking: picking.state not in ("done", "cancel")
            and picking._credit_is_shipment()
        )

    def _credit_stop(self):
        """Give back what is reserved for a confirmed order that is held."""
        result = super()._credit_stop()
        if not self.company_id.sudo().cartera_held_reserve:
            self._credit_open_shipments().do_unreserve()
        return result

    def _credit_resume(self):
        """Reserve again what a hold had given back."""
        result = super()._credit_resume()
        shipments = self._credit_open_shipments().filtered(
            lambda picking: picking.state != "draft"
        )
        if shipments:
            shipments.action_assign()
        return result

    def _credit_delivered_value(self):
        """Return the value with taxes of the goods that have left so far, in the order's currency."""
        self.ensure_one()
        return sum(
            line._credit_unit_value() * line.qty_delivered
            for line in self.order_line
            if line.qty_delivered_method == "stock_move" and line.qty_delivered > 0
        )

    def _credit_after_cancel(self):
        # the shipments have been cancelled with the order, and their holds with them
        self.sudo().picking_ids._credit_forget_holds(
            self.env._("The order was cancelled.")
        )
        return super()._credit_after_cancel()
