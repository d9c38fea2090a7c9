from odoo import api, models
from odoo.exceptions import UserError

STOPPED = ("held", "ready", "rejected")
PASSED = "cartera_shipments_passed"


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_assign(self, force_qty=False):
        held = self.filtered(lambda move: move._credit_keeps_from_stock())
        return super(StockMove, self - held)._action_assign(force_qty=force_qty)

    def _credit_keeps_from_stock(self):
        """Whether the goods are of a shipment or an order that credit holds, and must not be reserved."""
        self.ensure_one()
        if self.location_dest_id.usage != "customer":
            return False
        move = self.sudo()
        if not move.sale_line_id or move.company_id.cartera_held_reserve:
            return False
        return (
            move.sale_line_id.order_id.credit_state in STOPPED
            or move.picking_id.credit_state in STOPPED
        )

    def _action_done(self, cancel_backorder=False):
        """The inner net: whichever way goods leave, their shipments have passed the gate."""
        shipments = self._credit_shipments()
        if not shipments:
            return super()._action_done(cancel_backorder=cancel_backorder)
        passed = self.env["cartera.customer"]._take_tokens(shipments.sudo(), "ship")
        (shipments - passed)._credit_check_shipments()
        cache = self.env.cr.cache
        before = cache.get(PASSED, frozenset())
        cache[PASSED] = before | set(shipments.ids)
        try:
            moves = super()._action_done(cancel_backorder=cancel_backorder)
        finally:
            cache[PASSED] = before
        shipments._credit_forget_holds(self.env._("The goods have left."))
        return moves

    def _credit_shipments(self):
        """Return the shipments that these moves would take goods out of the house with."""
        leaving = self.filtered(
            lambda move: move.state not in ("done", "cancel")
            and move.location_dest_id.usage == "customer"
        )
        return leaving.picking_id.filtered(
            lambda picking: picking._credit_is_shipment()
        )

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        moves.filtered(lambda move: move.state == "done")._credit_check_passed()
        return moves

    def write(self, vals):
        if vals.get("state") == "done":
            self.filtered(lambda move: move.state != "done")._credit_check_passed()
        return super().write(vals)

    def _credit_check_passed(self):
        """Refuse goods that are noted as gone by another way than a checked shipment."""
        passed = self.env.cr.cache.get(PASSED, frozenset())
        for move in self.sudo():
            picking = move.picking_id
            if (
                picking.id not in passed
                and move.location_dest_id.usage == "customer"
                and move.company_id.cartera_gate == "block"
                and picking
                and picking._credit_is_shipment()
            ):
                raise UserError(
                    self.env._(
                        "%(shipment)s has not passed the credit check. Validate it with its button.",
                        shipment=picking.name,
                    )
                )

    def _action_cancel(self):
        result = super()._action_cancel()
        self.picking_id._credit_forget_holds(self.env._("The shipment was cancelled."))
        return result

    # What they are worth

    def _credit_has_value(self):
        """Whether the customer will owe for the goods: sold at a price, and no replacement.

        What goes out again after a return that left the order as it was is a replacement: its invoice is
        there already.
        """
        self.ensure_one()
        line = self.sale_line_id
        return bool(
            line
            and self.location_dest_id.usage == "customer"
            and not (self.origin_returned_move_id and not self.to_refund)
            and line._credit_unit_value() > 0
        )

    def _credit_quantity(self, line, typed=None):
        """Return how much of an order line these moves ship, in the line's unit.

        :param typed: moves whose typed quantities ship, and nothing else; None for all that is asked for.
            Of a kit the share of its components counts.
        """

        def asked(move):
            if typed is None:
                return max(move.product_uom_qty, move.quantity)
            return move.quantity if move in typed else 0.0

        same = self.filtered(lambda move: move.product_id == line.product_id)
        if same:
            return sum(
                move.product_uom._compute_quantity(
                    asked(move), line.product_uom_id, round=False
                )
                for move in same
            )
        whole = {}
        for move in line.move_ids:
            if move.state != "cancel" and move.location_dest_id.usage == "customer":
                key = move.product_id
                whole[key] = whole.get(key, 0.0) + move.product_uom_qty
        parts = {}
        for move in self:
            parts[move.product_id] = parts.get(move.product_id, 0.0) + asked(move)
        shares = [
            part / whole[product]
            for product, part in parts.items()
            if whole.get(product)
        ]
        return line.product_uom_qty * max(shares, default=0.0)
