from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date


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

    @api.ondelete(at_uninstall=False)
    def _unlink_without_interest(self):
        """Items on which interest was charged stay; what was only counted of an item goes with it."""
        items = self.filtered(
            lambda item: item.account_id.account_type == "asset_receivable"
        )
        if not items:
            return
        lines = (
            self.env["cartera.interest.line"]
            .sudo()
            .search(
                [
                    ("move_id", "in", items.move_id.ids),
                    ("move_line_id", "in", items.ids),
                ]
            )
        )
        charged = lines.filtered(
            lambda line: line.kind != "accrued" or line.state != "proposed"
        )
        if charged:
            raise UserError(
                self.env._(
                    "Interest of %(document)s stands in %(run)s, so that its item due on %(day)s cannot be deleted. "
                    "Reverse the document with a credit note instead.",
                    document=charged[0].move_id.display_name,
                    run=charged[0].run_id.name,
                    day=format_date(self.env, charged[0].date_maturity),
                )
            )
        if lines:
            self.env["cartera.interest.run"]._delete_proposed(
                SQL("id = ANY(%s)", lines.ids)
            )
