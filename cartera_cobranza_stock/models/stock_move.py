from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_assign(self, force_qty=False):
        held = self.filtered(
            lambda move: move.location_dest_id.usage == "customer"
            and move.sale_line_id.order_id.sudo().credit_state
            in ("held", "ready", "rejected")
        )
        return super(StockMove, self - held)._action_assign(force_qty=force_qty)
