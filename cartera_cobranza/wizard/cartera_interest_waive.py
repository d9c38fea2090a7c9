from odoo import api, fields, models


class CarteraInterestWaive(models.TransientModel):
    """Asks for what waiving interest, or charging it again, needs."""

    _name = "cartera.interest.waive"
    _description = "Waive Interest"

    kind = fields.Selection(
        [("waive", "Waive"), ("reinstate", "Charge again")],
        required=True,
        default="waive",
    )
    line_ids = fields.Many2many(
        "cartera.interest.line", string="Interest Lines", required=True
    )
    line_count = fields.Integer(compute="_compute_figures")
    customers = fields.Char(compute="_compute_figures")
    currency_id = fields.Many2one("res.currency", compute="_compute_figures")
    left_amount = fields.Monetary(
        string="Left",
        compute="_compute_figures",
        help="Of these lines, in company currency.",
    )
    posted = fields.Boolean(compute="_compute_figures")
    in_part = fields.Boolean(string="Only a Part")
    amount = fields.Float(
        string="Amount of Each", help="In the currency of the line; of each of them."
    )
    reason = fields.Char(
        required=True, help="Kept with the decision; the auditor reads it."
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if (
            self.env.context.get("active_model") == "cartera.interest.line"
            and "line_ids" in fields_list
        ):
            ids = self.env.context.get("active_ids") or []
            values["line_ids"] = [fields.Command.set(ids)]
        return values

    @api.depends("line_ids", "kind")
    def _compute_figures(self):
        for wizard in self:
            lines = wizard.line_ids
            names = lines.partner_id.mapped("display_name")
            wizard.line_count = len(lines)
            wizard.customers = ", ".join(names[:5]) + ("…" if len(names) > 5 else "")
            wizard.currency_id = lines.company_id[:1].currency_id
            wizard.left_amount = sum(
                lines.mapped(
                    "net_company" if wizard.kind == "waive" else "waived_company"
                )
            )
            wizard.posted = any(line.state == "posted" for line in lines)

    def action_confirm(self):
        self.ensure_one()
        run = self.line_ids.run_id
        if self.kind == "waive":
            run.action_waive(
                self.line_ids.ids, self.reason, self.amount if self.in_part else None
            )
        else:
            run.action_reinstate(self.line_ids.ids, self.reason)
        return {"type": "ir.actions.act_window_close"}
