from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..calc.limit import overlaps
from .decided import deciding

UNDECIDED = {
    "state": "draft",
    "approved_by": False,
    "activated_on": False,
    "closed_on": False,
}


class CarteraCreditTemporary(models.Model):
    """A limit for some days, in place of its line's amount; then the line's own amount counts again."""

    _name = "cartera.credit.temporary"
    _description = "Temporary Credit Limit"
    _inherit = ["cartera.credit.authorised"]
    _order = "date_from desc, id desc"

    line_id = fields.Many2one(
        "cartera.credit.line", required=True, index=True, ondelete="restrict"
    )
    customer_id = fields.Many2one(
        related="line_id.customer_id", store=True, index=True, precompute=True
    )
    company_id = fields.Many2one(
        related="line_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="line_id.currency_id")
    amount = fields.Monetary(
        required=True,
        help="The whole limit while it is in force, in the line's currency; not an increment.",
    )
    date_from = fields.Date(string="From", required=True, help="First day.")
    date_to = fields.Date(string="Until", required=True, help="Last day.")
    reason = fields.Char(help="Why: season, promotion, a large order…")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("active", "Active"),
            ("expired", "Ended"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    approved_by = fields.Many2one("res.users", readonly=True, copy=False)
    activated_on = fields.Date(readonly=True, copy=False, help="Day of the approval.")
    closed_on = fields.Date(
        readonly=True, copy=False, help="First day on which it was no longer in force."
    )

    @api.depends("amount", "date_from", "date_to")
    def _compute_display_name(self):
        for one in self:
            one.display_name = self.env._(
                "%(amount)s from %(start)s to %(end)s",
                amount=one.currency_id.format(one.amount)
                if one.currency_id
                else one.amount,
                start=one.date_from,
                end=one.date_to,
            )

    @api.constrains("amount")
    def _check_amount(self):
        for one in self:
            if one.amount < 0:
                raise ValidationError(
                    self.env._(
                        "A temporary limit cannot be negative (received %(amount)s). To stop the credit suspend "
                        "the line.",
                        amount=one.currency_id.format(one.amount),
                    )
                )

    @api.constrains("date_from", "date_to", "line_id", "state")
    def _check_dates(self):
        for one in self:
            if one.date_to < one.date_from:
                raise ValidationError(
                    self.env._(
                        "The temporary limit would end on %(end)s, before it starts on %(start)s. Correct one of "
                        "the dates.",
                        end=one.date_to,
                        start=one.date_from,
                    )
                )
        live = self.filtered(lambda one: one.state in ("draft", "active"))
        others = self.sudo().search(
            [("line_id", "in", live.line_id.ids), ("state", "in", ("draft", "active"))]
        )
        for one in live:
            for other in others:
                if (
                    other != one
                    and other.line_id == one.line_id
                    and overlaps(
                        (one.date_from, one.date_to), (other.date_from, other.date_to)
                    )
                ):
                    raise ValidationError(
                        self.env._(
                            "The temporary limit from %(start)s to %(end)s overlaps the one from %(other_start)s to "
                            "%(other_end)s. Change the dates or cancel that one first.",
                            start=one.date_from,
                            end=one.date_to,
                            other_start=other.date_from,
                            other_end=other.date_to,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("state", "draft") != "draft" for vals in vals_list):
            raise UserError(
                self.env._(
                    "A temporary limit starts as a draft; activate it with its button."
                )
            )
        # said outright, so that a default in the context cannot say otherwise
        return super().create(
            [{**vals, **UNDECIDED, "requested_by": self.env.uid} for vals in vals_list]
        )

    def write(self, vals):
        internal = self.env.cr.cache.get("cartera_line_state")
        if {*UNDECIDED, "requested_by"} & set(vals) and not internal:
            raise UserError(
                self.env._(
                    "The state of a temporary limit changes by its buttons only."
                )
            )
        if not internal and any(one.state != "draft" for one in self):
            raise UserError(
                self.env._(
                    "A temporary limit that has been approved is kept as it is. Cancel it and make another."
                )
            )
        if not internal:
            vals = {**vals, "requested_by": self.env.uid}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if any(one.state != "draft" for one in self):
            raise UserError(
                self.env._(
                    "A temporary limit that has been in force cannot be deleted."
                )
            )

    def action_activate(self):
        """Approve temporaries; from their first to their last day they are the line's limit."""
        self.line_id._check_role()
        for one in self.filtered(lambda row: row.state == "draft"):
            one._check_authority(one.line_id, "amount", one.amount)
        self._activate()
        return True

    def _activate(self):
        """Put temporaries in force; the right to is checked by the caller."""
        for one in self.sorted("id"):
            if one.state != "draft":
                raise UserError(
                    self.env._(
                        "%(limit)s is not a draft and cannot be activated.",
                        limit=one.display_name,
                    )
                )
            if one.line_id.state not in ("active", "suspended"):
                raise UserError(
                    self.env._(
                        "%(limit)s belongs to a line that is not active. Activate the line first.",
                        limit=one.display_name,
                    )
                )
            if one.line_id.mode != "amount":
                raise UserError(
                    self.env._(
                        "A temporary limit needs a line with an amount; that of %(customer)s has none. Make a new "
                        "version of the line.",
                        customer=one.customer_id.display_name,
                    )
                )
            if one.date_to < one.company_id._cartera_today():
                raise UserError(
                    self.env._(
                        "%(limit)s has passed already. Give it a later last day.",
                        limit=one.display_name,
                    )
                )
            one.customer_id.sudo()._bump(one.company_id, one.customer_id.partner_id.ids)
            one._close("active")
            one.sudo().line_id.message_post(
                body=self.env._("Temporary limit approved: %s", one.display_name)
            )
            one.line_id._after_change()

    def _set_requester(self, user):
        """Note who asked for temporaries that an application makes."""
        with deciding(self.env, "cartera_line_state", flush=True):
            self.sudo().write({"requested_by": user.id})

    def action_cancel(self):
        """Take temporaries back; the line's own amount counts again at once."""
        self.line_id._check_role()
        for one in self:
            if one.state not in ("draft", "active"):
                raise UserError(
                    self.env._("%(limit)s has ended already.", limit=one.display_name)
                )
            one.customer_id.sudo()._bump(one.company_id, one.customer_id.partner_id.ids)
            one._close("cancelled")
            one.line_id._after_change()
        return True

    def _close(self, state):
        """Write the state of temporaries, from the verbs only."""
        with deciding(self.env, "cartera_line_state", flush=True):
            for company, theirs in self.sudo().grouped("company_id").items():
                today = company._cartera_today()
                if state == "active":
                    vals = {
                        "state": state,
                        "approved_by": self.env.uid,
                        "activated_on": today,
                    }
                else:
                    vals = {"state": state, "closed_on": today}
                theirs.write(vals)

    @api.model
    def _expire_due(self):
        for company in self.env["res.company"].search([]):
            due = self.search(
                [
                    ("company_id", "=", company.id),
                    ("state", "in", ("draft", "active")),
                    ("date_to", "<", company._cartera_today()),
                ]
            )
            if due:
                due._close("expired")
                customers = due.customer_id
                customers._refresh(company, customers.partner_id.ids)
