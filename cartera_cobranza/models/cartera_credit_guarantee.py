from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..calc import limit, money
from .decided import deciding

EXECUTIVE = "cartera_cobranza.group_credit_executive"
TERMS = frozenset(
    (
        "customer_id",
        "company_id",
        "kind",
        "amount",
        "currency_id",
        "percent",
        "ceiling",
        "date_from",
        "date_to",
        "request_id",
    )
)
UNDECIDED = {
    "state": "draft",
    "requested_by": False,
    "accepted_by": False,
    "accepted_on": False,
    "closed_on": False,
    "close_reason": False,
}


class CarteraCreditGuarantee(models.Model):
    """What stands behind a customer's debt: a promissory note, a bond, a deposit, an insurer's coverage.

    Handed in with an application or by itself; from its acceptance on it adds to the limit of the pocket of
    its currency, until its last day or until it is given back. Accepted terms are never edited.
    """

    _name = "cartera.credit.guarantee"
    _description = "Guarantee"
    _inherit = ["mail.thread", "mail.activity.mixin", "cartera.stateful"]
    _order = "customer_id, id desc"
    _check_company_auto = True

    name = fields.Char(
        string="Number",
        required=True,
        tracking=True,
        help="Number of the promissory note, the bond or the policy.",
    )
    kind = fields.Selection(
        [
            ("promissory_note", "Promissory note"),
            ("surety", "Personal surety"),
            ("bond", "Bond"),
            ("mortgage", "Mortgage"),
            ("pledge", "Pledge"),
            ("deposit", "Deposit"),
            ("letter_of_credit", "Letter of credit"),
            ("insurance", "Credit insurance"),
            ("other", "Other"),
        ],
        required=True,
        default="promissory_note",
        tracking=True,
    )
    customer_id = fields.Many2one(
        "cartera.customer",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    partner_id = fields.Many2one(related="customer_id.partner_id", string="Contact")
    company_id = fields.Many2one(
        related="customer_id.company_id", store=True, index=True, precompute=True
    )
    request_id = fields.Many2one(
        "cartera.credit.request",
        string="Application",
        index="btree_not_null",
        ondelete="restrict",
        help="Accepted together with this application.",
    )
    issuer_id = fields.Many2one(
        "res.partner",
        string="Issuer",
        help="Who signs or insures: guarantor, bonding company, insurer, bank.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    amount = fields.Monetary(
        required=True, tracking=True, help="Its value, or the sum that is insured."
    )
    percent = fields.Float(
        string="Counted (%)",
        default=100.0,
        required=True,
        tracking=True,
        help="Share of it that adds to the limit, for example what the insurer pays of a loss.",
    )
    ceiling = fields.Monetary(
        string="Granted by the Insurer",
        tracking=True,
        help="The insurer's own limit for this customer: no more than it counts. Zero: no such limit.",
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="First day on which it counts.",
    )
    date_to = fields.Date(
        string="Until",
        tracking=True,
        help="Last day on which it counts; empty for no end.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("accepted", "Accepted"),
            ("released", "Given back"),
            ("executed", "Executed"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    is_expired = fields.Boolean(
        string="Expired", compute="_compute_counted", search="_search_is_expired"
    )
    counted_amount = fields.Monetary(
        string="Adds to the Limit",
        compute="_compute_counted",
        help="What counts today, in its own currency.",
    )
    document_ids = fields.One2many(
        "cartera.credit.file", "guarantee_id", string="Documents"
    )
    requested_by = fields.Many2one(
        "res.users",
        string="Entered By",
        readonly=True,
        copy=False,
        help="Who set its terms; somebody else accepts it.",
    )
    accepted_by = fields.Many2one("res.users", readonly=True, copy=False)
    accepted_on = fields.Date(readonly=True, copy=False)
    closed_on = fields.Date(
        readonly=True, copy=False, help="From this day on it no longer counts."
    )
    close_reason = fields.Char(readonly=True, copy=False, tracking=True)
    note = fields.Text(string="Description", help="What it is, and where it is kept.")

    _in_force_idx = models.Index("(customer_id) WHERE state = 'accepted'")

    @api.depends("customer_id")
    def _compute_currency_id(self):
        for one in self:
            one.currency_id = (
                one.currency_id
                or one.customer_id.company_id.currency_id
                or self.env.company.currency_id
            )

    @api.depends("name", "kind", "amount", "currency_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for one in self:
            amount = one.currency_id.format(one.amount) if one.currency_id else ""
            one.display_name = f"{kinds.get(one.kind, '')} {one.name or ''} ({amount})"

    @api.depends(
        "amount", "percent", "ceiling", "date_from", "date_to", "state", "company_id"
    )
    def _compute_counted(self):
        for one in self:
            today = (one.company_id or self.env.company)._cartera_today()
            one.is_expired = bool(one.date_to and one.date_to < today)
            one.counted_amount = (
                float(one._counted(today)) if one.state == "accepted" else 0.0
            )

    def _search_is_expired(self, operator, value):
        if operator != "in" or set(value) not in ({True}, {False}):
            return NotImplemented
        today = self.env.company._cartera_today()
        if True in value:
            return [("date_to", "<", today)]
        return ["|", ("date_to", "=", False), ("date_to", ">=", today)]

    def _counted(self, day):
        """Return what it would count for on ``day`` in its own currency, as Decimal."""
        self.ensure_one()
        return money.round_money(
            limit.counted_guarantee(
                money.to_decimal(self.amount),
                money.to_decimal(self.percent),
                money.to_decimal(self.ceiling),
                self.date_from or day,
                self.date_to,
                day,
            ),
            money.to_decimal(self.currency_id.rounding or 0.01),
        )

    @api.constrains("amount", "percent", "ceiling", "date_from", "date_to")
    def _check_terms(self):
        for one in self:
            if one.amount <= 0:
                raise ValidationError(
                    self.env._(
                        "%(guarantee)s: the amount must be above zero (received %(amount)s).",
                        guarantee=one.name,
                        amount=one.currency_id.format(one.amount),
                    )
                )
            if not 0 < one.percent <= 100:
                raise ValidationError(
                    self.env._(
                        "%(guarantee)s: between 0 and 100 %% of it can count (received %(percent)s %%).",
                        guarantee=one.name,
                        percent=one.percent,
                    )
                )
            if one.ceiling < 0:
                raise ValidationError(
                    self.env._(
                        "%(guarantee)s: what the insurer grants cannot be negative (received %(amount)s).",
                        guarantee=one.name,
                        amount=one.currency_id.format(one.ceiling),
                    )
                )
            if one.date_to and one.date_to < one.date_from:
                raise ValidationError(
                    self.env._(
                        "%(guarantee)s would end on %(end)s, before it starts on %(start)s. Correct one of the dates.",
                        guarantee=one.name,
                        end=one.date_to,
                        start=one.date_from,
                    )
                )

    @api.constrains("currency_id", "customer_id")
    def _check_rate(self):
        for one in self:
            self.env["cartera.money"]._convert(
                one.amount,
                one.currency_id,
                one.company_id,
                one.company_id._cartera_today(),
            )

    @api.constrains("request_id", "customer_id")
    def _check_request(self):
        for one in self:
            if one.request_id and one.request_id.customer_id != one.customer_id:
                raise ValidationError(
                    self.env._(
                        "%(guarantee)s is of %(customer)s, and the application %(request)s of %(other)s. Choose one of "
                        "the same customer.",
                        guarantee=one.name,
                        customer=one.customer_id.display_name,
                        request=one.request_id.name,
                        other=one.request_id.customer_id.display_name,
                    )
                )

    # Keeping what was accepted

    @api.model
    def _is_internal(self):
        return bool(self.env.cr.cache.get("cartera_guarantee"))

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [{**vals, **UNDECIDED, "requested_by": self.env.uid} for vals in vals_list]
        )

    def write(self, vals):
        if not self._is_internal():
            if set(UNDECIDED) & set(vals):
                raise UserError(
                    self.env._("The state of a guarantee changes by its buttons only.")
                )
            if TERMS & set(vals):
                kept = self.filtered(lambda one: one.state != "draft")
                if kept:
                    raise UserError(
                        self.env._(
                            "%s has been accepted and stays as it is. Give it back and enter another.",
                            kept[0].display_name,
                        )
                    )
                vals = {**vals, "requested_by": self.env.uid}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for one in self:
            if one.state != "draft":
                raise UserError(
                    self.env._(
                        "%s has been accepted and is kept. Give it back instead.",
                        one.display_name,
                    )
                )

    def _set_state(self, vals):
        with deciding(self.env, "cartera_guarantee", flush=True):
            self.sudo().write(vals)

    # Verbs

    def _check_role(self):
        if not self.env.su and not self.env.user.has_group(EXECUTIVE):
            raise AccessError(
                self.env._(
                    "Guarantees are accepted and given back by the credit department. Ask a credit executive."
                )
            )
        self.check_access("read")

    def action_accept(self):
        """Let guarantees count: by somebody else than who entered them, with authority over their amount.

        :raise UserError: for one that has expired, or a promissory note without its document
        """
        self._check_role()
        self._check_state("draft")
        for one in self:
            one._check_may_accept()
            one._accept()
        return True

    def _check_may_accept(self):
        self.ensure_one()
        if self.env.su:
            return
        if self.env.user == self.requested_by:
            raise AccessError(
                self.env._(
                    "%s was entered by you, and nobody accepts an own guarantee. Ask a colleague.",
                    self.display_name,
                )
            )
        company = self.company_id
        today = company._cartera_today()
        amount = self.env["cartera.money"]._convert(
            float(self._counted(max(self.date_from, today))),
            self.currency_id,
            company,
            today,
        )
        strengths = self.env["cartera.authority"]._strengths(
            self.env.user, company, amount, money.ZERO
        )
        strengths.pop(self.requested_by.id, None)
        if 1 not in strengths.values():
            raise AccessError(
                self.env._(
                    "%(guarantee)s adds %(amount)s to the limit, which is above your authority over applications. Ask "
                    "a credit manager, or send it along with an application.",
                    guarantee=self.display_name,
                    amount=company.currency_id.format(float(amount)),
                )
            )

    def _problem(self):
        """Return why it cannot count, or False."""
        self.ensure_one()
        today = self.company_id._cartera_today()
        if self.date_to and self.date_to < today:
            return self.env._(
                "%(guarantee)s expired on %(day)s and would not count. Get a new one, or correct its last day.",
                guarantee=self.display_name,
                day=self.date_to,
            )
        if self.kind == "promissory_note" and not self.document_ids.filtered(
            "received_on"
        ):
            return self.env._(
                "%s has no document. Attach the signed promissory note first.",
                self.display_name,
            )
        return False

    def _accept(self):
        for one in self:
            problem = one._problem()
            if problem:
                raise UserError(problem)
            one._bump()
            one._set_state(
                {
                    "state": "accepted",
                    "accepted_by": self.env.uid,
                    "accepted_on": one.company_id._cartera_today(),
                }
            )
        self._after_change()

    def action_release(self, reason=None):
        """Give guarantees back; they no longer count."""
        return self._close("released", reason)

    def action_execute(self, reason=None):
        """Note that guarantees were called in; they no longer count."""
        return self._close("executed", reason)

    def action_open_release(self):
        """Ask why guarantees are given back (button)."""
        return self.env["cartera.reason"]._ask(self, "action_release")

    def action_open_execute(self):
        """Ask what happened to guarantees that are called in (button)."""
        return self.env["cartera.reason"]._ask(self, "action_execute")

    def action_cancel(self):
        """Discard guarantees that were never accepted."""
        self._check_role()
        self._check_state("draft")
        self._set_state({"state": "cancelled"})
        return True

    def _close(self, state, reason):
        self._check_role()
        self._check_state("accepted")
        for one in self:
            one._bump()
            one._set_state(
                {
                    "state": state,
                    "closed_on": one.company_id._cartera_today(),
                    "close_reason": reason,
                }
            )
        self._after_change()
        return True

    def _bump(self):
        self.customer_id.sudo()._bump(self.company_id, self.customer_id.partner_id.ids)

    def _after_change(self):
        for company, theirs in self.sudo().grouped("company_id").items():
            customers = theirs.customer_id
            customers._refresh(company, customers.partner_id.ids)
            customers._touch(customers.partner_id.ids, company, recheck=True)
