from odoo import api, fields, models


class CarteraCasePause(models.TransientModel):
    """Asks until when and why the plan is paused, or why a case is closed."""

    _name = "cartera.case.pause"
    _description = "Pause or Close Cases"

    case_ids = fields.Many2many("cartera.collection.case", required=True)
    closing = fields.Boolean()
    until = fields.Date(help="The plan goes on the day after.")
    reason = fields.Char(required=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        active = self.env.context.get("active_ids") or []
        if self.env.context.get("active_model") == "cartera.collection.case" and active:
            values["case_ids"] = [fields.Command.set(active)]
        return values

    def action_apply(self):
        """Pause or close (button)."""
        self.ensure_one()
        if self.closing:
            self.case_ids.action_close(self.reason)
        else:
            self.case_ids.action_pause(self.until, self.reason)
        return {"type": "ir.actions.act_window_close"}
