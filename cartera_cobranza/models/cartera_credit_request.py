from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..calc import money
from .cartera_credit_investigation import COUNTED, ENTERED

LIVE = ("active", "suspended")
OPEN = ("draft", "submitted", "review", "info_requested")
CLOSED = ("approved", "rejected", "cancelled")
EXECUTIVE = "cartera_cobranza.group_credit_executive"
# what is asked for: said by whoever asks, until it is submitted
TERMS = frozenset(
    (
        "kind",
        "customer_id",
        "company_id",
        "mode",
        "amount",
        "currency_id",
        "only_this_currency",
        "date_from",
        "date_to",
        "reason",
        "line_id",
    )
)
# what is granted: proposed by the credit department in review, until the first signature
GRANT = frozenset(("amount_granted", "grace_days", "review_date"))
DECIDED = {
    "state": "draft",
    "requested_by": False,
    "requested_on": False,
    "reviewed_by": False,
    "reviewed_on": False,
    "decided_by": False,
    "decided_on": False,
    "reject_reason": False,
    "info_missing": False,
    "info_sent_to": False,
    "info_requested_on": False,
    "info_from": False,
    "round": 0,
    "revision_line_id": False,
    "made_line_id": False,
    "made_temporary_id": False,
    **dict.fromkeys(COUNTED, False),
}


class CarteraCreditRequest(models.Model):
    """An application: what limit is asked for, what was found out, who decided, and what came of it.

    Made by sales or credit; a limit does not exist until it is approved by somebody else with authority.
    Approval makes the new version of the line, the temporary limit or the suspension in the same transaction.
    """

    _name = "cartera.credit.request"
    _description = "Credit Application"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "cartera.credit.investigation",
        "cartera.credit.request.verbs",
        "cartera.credit.request.outcome",
    ]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(
        string="Number", default="/", required=True, readonly=True, copy=False
    )
    kind = fields.Selection(
        [
            ("opening", "Opening"),
            ("increase", "Increase"),
            ("decrease", "Decrease"),
            ("renewal", "Renewal"),
            ("temporary", "Temporary"),
            ("suspension", "Suspension"),
        ],
        required=True,
        default="opening",
        tracking=True,
        help="Opening: the first line. Increase, decrease, renewal: a new version of it. Temporary: another limit for "
        "some days. Suspension: no credit until further notice.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("review", "In Review"),
            ("info_requested", "Information Missing"),
            ("approved", "Approved"),
            ("rejected", "Rejected"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    customer_id = fields.Many2one(
        "cartera.customer",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    partner_id = fields.Many2one(
        related="customer_id.partner_id", store=True, index=True, string="Company"
    )
    salesperson_id = fields.Many2one(
        related="customer_id.partner_id.user_id", string="Salesperson"
    )
    company_id = fields.Many2one(
        related="customer_id.company_id",
        store=True,
        index=True,
        precompute=True,
        string="Our Company",
    )
    contact_id = fields.Many2one(
        "res.partner",
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="Who is told what is missing. Empty: the customer's own address.",
    )
    line_id = fields.Many2one(
        "cartera.credit.line",
        string="Present Line",
        compute="_compute_line_id",
        store=True,
        precompute=True,
        help="The line that is changed.",
    )
    current_mode = fields.Selection(related="line_id.mode", string="Present Mode")
    current_amount = fields.Monetary(
        related="line_id.amount",
        string="Present Limit",
        currency_field="line_currency_id",
    )
    line_currency_id = fields.Many2one(
        related="line_id.currency_id", string="Line's Currency"
    )
    mode = fields.Selection(
        [
            ("none", "No credit"),
            ("amount", "Up to an amount"),
            ("unlimited", "Unlimited"),
        ],
        required=True,
        default="amount",
        tracking=True,
        help="Unlimited credit needs an authority without bound.",
    )
    amount = fields.Monetary(
        string="Limit Asked For",
        tracking=True,
        help="The whole limit, not the difference; a temporary one is the whole limit for its days.",
    )
    amount_granted = fields.Monetary(
        string="Limit Granted",
        compute="_compute_amount_granted",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="What is decided on; the credit department may propose less than was asked for.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    only_this_currency = fields.Boolean(
        help="For the line that guards debts in this currency only.",
    )
    date_from = fields.Date(
        string="From",
        help="First day of a temporary limit. Lines count from their approval on.",
    )
    date_to = fields.Date(
        string="Until",
        compute="_compute_date_to",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Last day of the limit; empty for no end.",
    )
    grace_days = fields.Integer(
        compute="_compute_grace_days",
        store=True,
        readonly=False,
        precompute=True,
        help="Days after the last day on which the line still counts.",
    )
    review_date = fields.Date(
        help="When the line is to be looked at again. Empty: as the risk class says."
    )
    reason = fields.Text(
        help="Why the limit is asked for; it becomes the reason of the new version."
    )
    document_ids = fields.One2many(
        "cartera.credit.file", "request_id", string="Documents"
    )
    missing_count = fields.Integer(
        string="Missing Documents", compute="_compute_missing_count"
    )
    guarantee_ids = fields.One2many(
        "cartera.credit.guarantee",
        "request_id",
        string="Guarantees",
        help="Accepted together with the application.",
    )
    decision_ids = fields.One2many(
        "cartera.credit.decision", "request_id", string="Decisions", readonly=True
    )
    round = fields.Integer(readonly=True, copy=False)
    signature_note = fields.Char(compute="_compute_signatures", string="Signatures")
    is_signed = fields.Boolean(
        compute="_compute_signatures", help="One of two signatures has been given."
    )
    can_approve = fields.Boolean(compute="_compute_can_approve")
    requested_by = fields.Many2one("res.users", readonly=True, copy=False, index=True)
    requested_on = fields.Datetime(readonly=True, copy=False)
    reviewed_by = fields.Many2one("res.users", readonly=True, copy=False)
    reviewed_on = fields.Datetime(readonly=True, copy=False)
    decided_by = fields.Many2one("res.users", readonly=True, copy=False, tracking=True)
    decided_on = fields.Datetime(readonly=True, copy=False)
    reject_reason = fields.Text(
        string="Why It Was Rejected", readonly=True, copy=False, tracking=True
    )
    info_missing = fields.Text(string="What Is Missing", readonly=True, copy=False)
    info_sent_to = fields.Char(string="Told To", readonly=True, copy=False)
    info_requested_on = fields.Datetime(readonly=True, copy=False)
    info_from = fields.Char(
        readonly=True,
        copy=False,
        help="Where it goes on once the information is there.",
    )
    revision_line_id = fields.Many2one(
        "cartera.credit.revision.line",
        string="Mass Revision",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    made_line_id = fields.Many2one(
        "cartera.credit.line",
        string="Line Made",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The version of the line that the approval made.",
    )
    made_temporary_id = fields.Many2one(
        "cartera.credit.temporary",
        string="Temporary Limit Made",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )

    # Computes

    @api.depends("customer_id", "only_this_currency", "currency_id", "kind")
    def _compute_line_id(self):
        Line = self.env["cartera.credit.line"].sudo()
        lines = Line.search(
            [
                ("customer_id", "in", self.customer_id.ids),
                ("state", "in", (*LIVE, "expired")),
            ],
            order="id desc",
        )
        for one in self:
            if one.state in CLOSED:
                one.line_id = one.line_id
                continue
            fits = lines.filtered(
                lambda line, one=one: line.customer_id == one.customer_id
                and line.only_this_currency == one.only_this_currency
                and (not one.only_this_currency or line.currency_id == one.currency_id)
            )
            one.line_id = (fits.filtered(lambda line: line.state in LIVE) or fits)[:1]

    @api.depends("customer_id")
    def _compute_currency_id(self):
        for one in self:
            one.currency_id = (
                one.customer_id.line_id.currency_id
                or one.customer_id.company_id.currency_id
                or one.currency_id
                or self.env.company.currency_id
            )

    @api.depends("amount")
    def _compute_amount_granted(self):
        for one in self:
            one.amount_granted = one.amount

    @api.depends("kind", "line_id")
    def _compute_date_to(self):
        for one in self:
            today = (one.company_id or self.env.company)._cartera_today()
            last = one.line_id.date_to
            if one.kind == "renewal" and last:
                one.date_to = fields.Date.add(max(last, today), years=1)
            elif one.kind in ("increase", "decrease") and last and not one.date_to:
                one.date_to = last
            else:
                one.date_to = one.date_to

    @api.depends("line_id")
    def _compute_grace_days(self):
        for one in self:
            one.grace_days = one.grace_days or one.line_id.grace_days

    @api.depends("document_ids.state")
    def _compute_missing_count(self):
        for one in self:
            one.missing_count = len(one._missing_documents())

    @api.depends("decision_ids", "round", "state")
    def _compute_signatures(self):
        for one in self:
            given = one.decision_ids.filtered(
                lambda row, one=one: row.verdict == "approved"
                and row.round == one.round
            )
            one.is_signed = bool(given) and one.state in OPEN
            one.signature_note = ", ".join(given.sorted("id").mapped("user_id.name"))

    @api.depends_context("uid")
    @api.depends("state", "requested_by", "decision_ids")
    def _compute_can_approve(self):
        executive = self.env.user.has_group(EXECUTIVE)
        for one in self:
            one.can_approve = (
                executive
                and one.state in ("submitted", "review")
                and self.env.user not in one._requesters()
                and self.env.user
                not in one.decision_ids.filtered(
                    lambda row, one=one: row.verdict == "approved"
                    and row.round == one.round
                ).user_id
            )

    # Constraints

    @api.constrains("amount", "amount_granted", "grace_days", "mode")
    def _check_amounts(self):
        for one in self:
            for amount in (one.amount, one.amount_granted):
                if amount < 0:
                    raise ValidationError(
                        self.env._(
                            "A limit cannot be negative (received %(amount)s). To take the credit away use the mode "
                            "'No credit'.",
                            amount=one.currency_id.format(amount),
                        )
                    )
            if one.grace_days < 0:
                raise ValidationError(
                    self.env._(
                        "Grace days cannot be negative (received %(days)s). Enter zero for none.",
                        days=one.grace_days,
                    )
                )

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for one in self:
            if one.date_from and one.date_to and one.date_to < one.date_from:
                raise ValidationError(
                    self.env._(
                        "The limit would end on %(end)s, before it starts on %(start)s. Correct one of the dates.",
                        end=one.date_to,
                        start=one.date_from,
                    )
                )

    @api.constrains("currency_id", "customer_id", "amount")
    def _check_rate(self):
        for one in self:
            self.env["cartera.money"]._convert(
                one.amount,
                one.currency_id,
                one.company_id,
                one.company_id._cartera_today(),
            )

    # Keeping what was decided

    @api.model
    def _is_internal(self):
        return bool(self.env.cr.cache.get("cartera_credit_request"))

    @api.model_create_multi
    def create(self, vals_list):
        internal = self._is_internal()
        if not internal and any(
            vals.get("state", "draft") != "draft" for vals in vals_list
        ):
            raise UserError(
                self.env._(
                    "An application starts as a draft; it goes on with its buttons."
                )
            )
        made = []
        for vals in vals_list:
            if not internal:
                # said outright, so that a default in the context cannot say otherwise
                vals = {**vals, **DECIDED}
            if vals.get("name", "/") == "/":
                vals = {
                    **vals,
                    "name": self.env["ir.sequence"]
                    .sudo()
                    .next_by_code("cartera.credit.request")
                    or "/",
                }
            made.append(vals)
        requests = super().create(made)
        requests._sync_documents()
        return requests

    def write(self, vals):
        if self._is_internal():
            return super().write(vals)
        if set(DECIDED) & set(vals):
            raise UserError(
                self.env._("The state of an application changes by its buttons only.")
            )
        entered = set(vals) & {*ENTERED, "contact_id", "document_ids", "reference_ids"}
        for one in self:
            what = set(vals) & (TERMS | GRANT | {"guarantee_ids"}) | entered
            if what and one.state in CLOSED:
                raise UserError(
                    self.env._(
                        "%s is decided and stays as it was. Make a new application.",
                        one.name,
                    )
                )
            if TERMS & set(vals) and one.state not in ("draft", "info_requested"):
                raise UserError(
                    self.env._(
                        "%(request)s is %(state)s, and what is asked for stays. Ask for information to open it again, "
                        "or grant another limit.",
                        request=one.name,
                        state=one._state_label().lower(),
                    )
                )
            if GRANT & set(vals) and one.state not in ("draft", "info_requested"):
                one._check_may_grant()
        result = super().write(vals)
        if {"kind", "amount", "mode", "currency_id", "customer_id"} & set(vals):
            self._sync_documents()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for one in self:
            if one.state != "draft" or one.requested_by:
                raise UserError(
                    self.env._(
                        "%s has been submitted and is kept. Cancel it instead.",
                        one.name,
                    )
                )

    def _state_label(self):
        return dict(self._fields["state"]._description_selection(self.env))[self.state]

    def _check_may_grant(self):
        """The credit department proposes what is granted while nobody has signed."""
        self.ensure_one()
        if not self.env.su and not self.env.user.has_group(EXECUTIVE):
            raise UserError(
                self.env._(
                    "%s is with the credit department, which proposes what is granted.",
                    self.name,
                )
            )
        if self._signatures():
            raise UserError(
                self.env._(
                    "%(request)s is signed by %(users)s for this limit. Ask for information to begin anew.",
                    request=self.name,
                    users=self.signature_note,
                )
            )

    # Documents

    def _sync_documents(self):
        """Ask for the documents that the table wants now, and no longer for others; files stay."""
        File = self.env["cartera.credit.file"].sudo()
        for one in self.sudo():
            if one.state in CLOSED or one.revision_line_id:
                continue
            wanted = self.env["cartera.request.requirement"]._types_for(
                one.company_id, one.kind, one._asked_company()
            )
            files = one.document_ids
            missing = wanted - files.type_id
            surplus = files.filtered(
                lambda row, wanted=wanted: row.required and row.type_id not in wanted
            )
            empty = surplus.filtered(lambda row: not row.file_name)
            asked = files.filtered(
                lambda row, wanted=wanted: not row.required and row.type_id in wanted
            )
            if not (missing or surplus or asked):
                continue
            with one._deciding():
                empty.unlink()
                (surplus - empty).write({"required": False})
                asked.write({"required": True})
                File.create(
                    [
                        {"request_id": one.id, "type_id": kind.id, "required": True}
                        for kind in missing
                    ]
                )
                self.env.flush_all()

    def _missing_documents(self):
        """Return the documents that are asked for and neither there, valid, nor waived."""
        return self.document_ids.filtered(
            lambda row: row.required and row.state in ("missing", "expired")
        )

    # Amounts

    def _asked_company(self):
        """Return the limit asked for in company currency as Decimal; None is unlimited."""
        self.ensure_one()
        if self.kind == "suspension" or self.mode == "none":
            return money.ZERO
        if self.mode == "unlimited" and self.kind != "temporary":
            return None
        return self.env["cartera.money"]._convert(
            self.amount,
            self.currency_id,
            self.company_id,
            self.company_id._cartera_today(),
        )

    def _secured_percent(self, day, rates):
        """Return what guarantees secure of the limit asked for, in percent, for the score."""
        self.ensure_one()
        asked = self._asked_company()
        if not asked:
            return None
        secured = sum(
            (
                self.env["cartera.money"]._convert(
                    float(one._counted(max(day, one.date_from))),
                    one.currency_id,
                    self.company_id,
                    day,
                    rates,
                )
                for one in self._counting_guarantees()
            ),
            money.ZERO,
        )
        return min(secured * 100 / asked, money.to_decimal(100))

    def _counting_guarantees(self):
        """Return the guarantees that count already, and those that come with this application."""
        self.ensure_one()
        accepted = (
            self.env["cartera.credit.guarantee"]
            .sudo()
            .search(
                [("customer_id", "=", self.customer_id.id), ("state", "=", "accepted")]
            )
        )
        return accepted | self.sudo().guarantee_ids.filtered(
            lambda one: one.state == "draft"
        )
