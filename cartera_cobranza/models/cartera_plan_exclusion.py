from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from .decided import deciding

DECIDING = "cartera_plan_exclusion"


class CarteraPlanExclusion(models.Model):
    """An invoice that the contact plan leaves alone for a while, with who said so and why.

    It ends by itself the day after its last day, or before when somebody takes the invoice up again. What the
    customer owes, interest, statements and credit do not change by it.
    """

    _name = "cartera.plan.exclusion"
    _description = "Invoice Left Out of the Plan"
    _order = "date_to desc, id desc"
    _rec_name = "move_id"

    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="move_id.company_id", store=True, index=True, precompute=True
    )
    partner_id = fields.Many2one(
        related="move_id.commercial_partner_id",
        string="Customer",
        store=True,
        index=True,
        precompute=True,
    )
    currency_id = fields.Many2one(related="move_id.currency_id")
    amount_residual = fields.Monetary(related="move_id.amount_residual", string="Open")
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(
        string="Left Out Until",
        required=True,
        readonly=True,
        help="The last day on which the plan leaves the invoice alone.",
    )
    reason = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Decided By", required=True, readonly=True
    )
    ended_on = fields.Date(readonly=True)
    ended_by_id = fields.Many2one("res.users", string="Ended By", readonly=True)
    state = fields.Selection(
        [("in_force", "In force"), ("over", "Over"), ("ended", "Ended early")],
        compute="_compute_state",
        search="_search_state",
    )

    _in_force_idx = models.Index("(move_id, date_to) WHERE ended_on IS NULL")

    @api.depends("date_to", "ended_on")
    def _compute_state(self):
        today = {company: company._cartera_today() for company in self.company_id}
        for one in self:
            if one.ended_on:
                one.state = "ended"
            elif one.date_to < today[one.company_id]:
                one.state = "over"
            else:
                one.state = "in_force"

    @api.model
    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        domains = {
            "ended": [("ended_on", "!=", False)],
            "over": [("ended_on", "=", False), ("date_to", "<", "today")],
            "in_force": [("ended_on", "=", False), ("date_to", ">=", "today")],
        }
        found = fields.Domain.FALSE
        for state in value:
            found |= fields.Domain(domains.get(state, [(0, "=", 1)]))
        return found

    @api.model
    def _left_out_sql(self, move, day):
        """Return the condition that the invoice ``move`` (an SQL column) is left out of the plan on ``day``."""
        return SQL(
            """(%(move)s IN (SELECT x.move_id FROM cartera_plan_exclusion x
                              WHERE x.ended_on IS NULL AND %(day)s BETWEEN x.date_from AND x.date_to))""",
            move=move,
            day=day,
        )

    # The decision, which nobody edits

    @api.model
    def _record(self, moves, date_to, reason):
        """Leave out posted invoices up to and with ``date_to``; what was said of them before ends with it."""
        self = self.sudo()
        self._end(moves)
        found = self.create(
            [
                {
                    "move_id": move.id,
                    "date_from": move.company_id._cartera_today(),
                    "date_to": date_to,
                    "reason": reason,
                    "user_id": self.env.uid,
                }
                for move in moves
            ]
        )
        for one in found:
            one.move_id._message_log(
                body=self.env._(
                    "Left out of the contact plan until %(day)s: %(reason)s",
                    day=format_date(self.env, one.date_to),
                    reason=one.reason,
                )
            )
        return found

    @api.model
    def _in_force(self, moves):
        return (
            self.sudo()
            .search([("move_id", "in", moves.ids), ("ended_on", "=", False)])
            .filtered(lambda one: one.state == "in_force")
        )

    @api.model
    def _end(self, moves):
        """End what is in force of these invoices today; returns it."""
        found = self._in_force(moves)
        with deciding(self.env, DECIDING, flush=True):
            for company, ended in found.grouped("company_id").items():
                ended.write(
                    {
                        "ended_on": company._cartera_today(),
                        "ended_by_id": self.env.uid,
                    }
                )
        return found

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(
                self.env._(
                    "An invoice is left out of the plan with its button, so that role and reason are checked."
                )
            )
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.cr.cache.get(DECIDING):
            self._refuse_change()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._refuse_change()

    def _refuse_change(self):
        for one in self[:1]:
            raise UserError(
                self.env._(
                    "That %(invoice)s was left out until %(day)s stays on record. Leave it out anew, or take it up "
                    "again, with the buttons of the invoice.",
                    invoice=one.move_id.display_name,
                    day=format_date(self.env, one.date_to),
                )
            )
