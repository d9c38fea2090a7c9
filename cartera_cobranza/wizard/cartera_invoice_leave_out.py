from odoo import api, fields, models

FROM = ("account.move", "account.move.line")


class CarteraInvoiceLeaveOut(models.TransientModel):
    """Asks until when and why invoices are left out of the contact plan."""

    _name = "cartera.invoice.leave.out"
    _description = "Leave Invoices Out of the Plan"

    move_ids = fields.Many2many("account.move", string="Invoices", required=True)
    date_to = fields.Date(
        string="Left Out Until",
        required=True,
        help="The last day. The day after, the plan takes the invoices up again by itself.",
    )
    reason = fields.Char(required=True, help="Why; colleagues will read it.")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        active = self.env.context.get("active_ids") or []
        model = self.env.context.get("active_model")
        if model == "account.move.line":
            active = self.env[model].browse(active).move_id.ids
        if model in FROM and active:
            values["move_ids"] = [fields.Command.set(active)]
        return values

    def action_apply(self):
        """Leave them out (button)."""
        self.ensure_one()
        self.move_ids.action_leave_out_of_plan(self.date_to, self.reason)
        return {"type": "ir.actions.act_window_close"}
