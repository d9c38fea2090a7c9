from odoo import api, fields, models


class CarteraHoldRelease(models.TransientModel):
    """Asks for what a release needs, for one held document or many."""

    _name = "cartera.hold.release"
    _description = "Release Held Documents"

    hold_ids = fields.Many2many(
        "cartera.credit.hold", string="Held Documents", required=True
    )
    hold_count = fields.Integer(compute="_compute_figures")
    amount = fields.Monetary(compute="_compute_figures")
    excess_amount = fields.Monetary(string="Over the Line", compute="_compute_figures")
    currency_id = fields.Many2one("res.currency", compute="_compute_figures")
    forced = fields.Boolean(compute="_compute_figures")
    why = fields.Text(compute="_compute_figures")
    reason_id = fields.Many2one(
        "cartera.release.reason", string="Release Reason", required=True
    )
    needs_note = fields.Boolean(related="reason_id.needs_note")
    note = fields.Text(help="What was agreed, with whom.")
    review_date = fields.Date(
        required=True,
        compute="_compute_review_date",
        store=True,
        readonly=False,
        precompute=True,
        help="Until when the release counts; then the document is checked again.",
    )
    evidence_ids = fields.Many2many(
        "ir.attachment", string="Evidence", help="Obligatory for holds made by hand."
    )

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

    @api.depends("hold_ids")
    def _compute_figures(self):
        for wizard in self:
            holds = wizard.hold_ids
            same = len(holds.company_id) <= 1
            wizard.hold_count = len(holds)
            wizard.currency_id = (
                holds.company_id[:1].currency_id or self.env.company.currency_id
            )
            wizard.amount = sum(holds.mapped("amount")) if same else 0
            wizard.excess_amount = sum(holds.mapped("excess_amount")) if same else 0
            wizard.forced = any(holds.mapped("forced"))
            wizard.why = "\n".join(f"{hold.name}: {hold.reason_text}" for hold in holds)

    @api.depends("hold_ids")
    def _compute_review_date(self):
        for wizard in self:
            company = wizard.hold_ids.company_id[:1] or self.env.company
            wizard.review_date = fields.Date.add(
                company._cartera_today(), days=company.sudo().cartera_review_days
            )

    def action_release(self):
        self.ensure_one()
        result = self.hold_ids.action_release(
            self.reason_id.id, self.note, self.review_date, self.evidence_ids.ids
        )
        return (
            result
            if isinstance(result, dict)
            else {"type": "ir.actions.act_window_close"}
        )
