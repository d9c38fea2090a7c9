from odoo import api, fields, models
from odoo.exceptions import UserError


class StockPicking(models.Model):
    _inherit = "stock.picking"

    credit_state = fields.Selection(
        [
            ("none", "No hold"),
            ("held", "Held by credit"),
            ("ready", "Ready to release"),
            ("released", "Released"),
            ("rejected", "Rejected"),
        ],
        string="Credit",
        compute="_compute_credit_state",
        compute_sudo=True,
        help="Follows the order: what credit holds is not reserved and does not ship.",
    )
    credit_hold_text = fields.Char(compute="_compute_credit_state", compute_sudo=True)

    @api.depends(
        "sale_id.credit_state", "state", "picking_type_code", "location_dest_id.usage"
    )
    def _compute_credit_state(self):
        for picking in self:
            order = picking.sale_id
            stoppable = picking._credit_is_shipment() and picking.state not in (
                "done",
                "cancel",
            )
            picking.credit_state = (
                (order.credit_state or "none") if stoppable else "none"
            )
            picking.credit_hold_text = order.credit_hold_text if stoppable else False

    def _credit_is_shipment(self):
        """Whether goods leave for a customer; returns, receipts and internal transfers are never stopped."""
        self.ensure_one()
        return bool(self.sale_id) and self.location_dest_id.usage == "customer"

    def _credit_check_not_held(self):
        for picking in self:
            if picking.credit_state in ("held", "ready", "rejected"):
                hold = picking.sale_id.sudo().credit_hold_ids.sorted("id")[-1:]
                raise UserError(
                    self.env._(
                        "%(shipment)s must not ship: credit holds %(order)s (%(why)s). Ask credit to release it; "
                        "then it can be validated at once.",
                        shipment=picking.name,
                        order=picking.sale_id.name,
                        why=picking.credit_hold_text
                        or hold.reason_text
                        or hold.release_note,
                    )
                )

    def button_validate(self):
        # First of all: the wizards for text messages and backorders come before the goods leave.
        self._credit_check_not_held()
        return super().button_validate()

    def _action_done(self):
        self._credit_check_not_held()
        return super()._action_done()
