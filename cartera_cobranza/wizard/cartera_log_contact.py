from datetime import timedelta

from odoo import api, fields, models


class CarteraLogContact(models.TransientModel):
    """Writes a contact down: how it ended and when the next one is. Three clicks for a call."""

    _name = "cartera.log.contact"
    _description = "Log a Contact"

    case_ids = fields.Many2many("cartera.collection.case", required=True)
    case_count = fields.Integer(compute="_compute_case_count")
    channel = fields.Selection(
        selection="_selection_channel", required=True, default="call"
    )
    outcome_id = fields.Many2one("cartera.collection.outcome", required=True)
    follow_up = fields.Selection(related="outcome_id.follow_up")
    next_date = fields.Date(
        string="Next Contact",
        compute="_compute_next_date",
        store=True,
        readonly=False,
        required=True,
        help="A contact does not end without it.",
    )
    note = fields.Text()
    phone = fields.Char(compute="_compute_phone")
    summary_html = fields.Html(compute="_compute_phone", sanitize=False)

    def _selection_channel(self):
        contacts = self.env["cartera.collection.case"]._contact_channels()
        labels = self.env["cartera.collection.action"]._selection_channel()
        return [(key, label) for key, label in labels if key in contacts]

    @api.depends("case_ids")
    def _compute_case_count(self):
        for wizard in self:
            wizard.case_count = len(wizard.case_ids)

    @api.depends("case_ids")
    def _compute_phone(self):
        for wizard in self:
            case = wizard.case_ids[:1] if len(wizard.case_ids) == 1 else False
            wizard.phone = case.phone if case else False
            wizard.summary_html = case.summary_html if case else False

    @api.depends("outcome_id", "case_ids")
    def _compute_next_date(self):
        for wizard in self:
            company = wizard.case_ids[:1].company_id or self.env.company
            if wizard.outcome_id:
                days = timedelta(days=wizard.outcome_id.next_days)
                wizard.next_date = company._cartera_today() + days
            elif not wizard.next_date:
                wizard.next_date = False

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        active = self.env.context.get("active_ids") or []
        if self.env.context.get("active_model") == "cartera.collection.case" and active:
            values["case_ids"] = [fields.Command.set(active)]
        return values

    def action_log(self):
        """Write the contact down (button)."""
        self.ensure_one()
        self.case_ids.action_log_contact(
            self.channel, self.outcome_id.id, self.note, self.next_date
        )
        return {"type": "ir.actions.act_window_close"}

    def action_log_and_follow(self):
        """Write the contact down and go on with what was agreed: a promise or a dispute."""
        self.ensure_one()
        self.action_log()
        return self.case_ids[:1]._follow_up_action(self.follow_up) or {
            "type": "ir.actions.act_window_close"
        }
