from odoo import api, fields, models


class CarteraHoldReject(models.TransientModel):
    """Asks why held documents are refused."""

    _name = "cartera.hold.reject"
    _description = "Reject Held Documents"

    hold_ids = fields.Many2many(
        "cartera.credit.hold", string="Held Documents", required=True
    )
    reason = fields.Text(required=True, help="The salesperson reads it.")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if (
            self.env.context.get("active_model") == "cartera.credit.hold"
            and "hold_ids" in fields_list
        ):
            values["hold_ids"] = [
                fields.Command.set(self.env.context.get("active_ids") or [])
            ]
        return values

    def action_reject(self):
        self.ensure_one()
        self.hold_ids.action_reject(self.reason)
        return {"type": "ir.actions.act_window_close"}
