from odoo import api, fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # entries back in draft keep their reconciliations: few, and looked for by every aging
    _cartera_undone_match_idx = models.Index(
        "(id) WHERE parent_state <> 'posted' AND matching_number IS NOT NULL"
    )

    cartera_days_overdue = fields.Integer(
        string="Days Overdue",
        compute="_compute_cartera_days_overdue",
        help="Days since the due date; zero or less is not overdue yet.",
    )

    @api.depends("date_maturity")
    def _compute_cartera_days_overdue(self):
        today = {company: company._cartera_today() for company in self.company_id}
        for line in self:
            due = line.date_maturity
            line.cartera_days_overdue = (
                (today[line.company_id] - due).days if due else 0
            )
