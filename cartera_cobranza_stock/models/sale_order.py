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
