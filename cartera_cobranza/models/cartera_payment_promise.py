from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

COLLECTOR = "cartera_cobranza.group_collector"
# What people may still write once the promise is open
FREE_FIELDS = frozenset(
    (
        "note",
        "contact_id",
        "evidence_ids",
        "user_id",
        "activity_ids",
        "message_follower_ids",
        "message_main_attachment_id",
    )
)


class CarteraPaymentPromise(models.Model):
    """A customer's promise to pay: how much of which invoices, on which days.

    Recorded by a collector, or by the customer in the portal; opened by its verb, which freezes what was
    promised. From then on the ledger alone says whether it was kept.
    """

    _name = "cartera.payment.promise"
    _description = "Promise to Pay"
    _inherit = [
        "cartera.guarded",
        "mail.thread",
        "mail.activity.mixin",
        "cartera.payment.promise.opening",
        "cartera.payment.promise.ending",
        "cartera.payment.promise.ledger",
    ]
    _order = "next_date, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(default="/", readonly=True, copy=False, index="trigram")
    customer_id = fields.Many2one(
        "cartera.customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        help="Who promised.",
    )
    partner_id = fields.Many2one(
        related="customer_id.partner_id",
        string="Customer Name",
        store=True,
        index=True,
        precompute=True,
    )
    company_id = fields.Many2one(
        related="customer_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="One promise is in one currency, that of its invoices.",
    )
    scope = fields.Selection(
        [("invoices", "Invoices"), ("balance", "Balance")],
        default="invoices",
        readonly=True,
        required=True,
        copy=False,
        help="Without invoices the balance is promised: any payment for what was owed on that day counts.",
    )
    line_ids = fields.One2many(
        "cartera.payment.promise.line", "promise_id", string="Invoices", copy=True
    )
    instalment_ids = fields.One2many(
        "cartera.payment.promise.instalment",
        "promise_id",
        string="Instalments",
        copy=True,
    )
    amount = fields.Monetary(
        string="Promised",
        compute="_compute_amount",
        store=True,
        help="The sum of the instalments.",
    )
    paid_amount = fields.Monetary(
        string="Paid in Time",
        readonly=True,
        copy=False,
        help="Money that came inside a window, from the ledger.",
    )
    late_amount = fields.Monetary(
        string="Paid Late",
        readonly=True,
        copy=False,
        help="Money that came after the last window; it does not mend the promise.",
    )
    open_amount = fields.Monetary(
        string="Still to Pay", compute="_compute_open_amount", store=True
    )
    percent_paid = fields.Float(
        string="% Paid", compute="_compute_open_amount", store=True, aggregator="avg"
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("open", "Open"),
            ("kept", "Kept"),
            ("partial", "Partly kept"),
            ("broken", "Broken"),
            ("withdrawn", "Withdrawn"),
            ("replaced", "Replaced"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        index=True,
        copy=False,
    )
    live = fields.Boolean(
        string="Pauses Collection",
        readonly=True,
        copy=False,
        help="Opened, and none of its windows has passed without the money.",
    )
    level = fields.Integer(
        readonly=True,
        copy=False,
        aggregator="max",
        help="How many promises for these invoices came before and were not kept, plus one.",
    )
    source = fields.Selection(
        [
            ("call", "Call"),
            ("email", "E-mail"),
            ("visit", "Visit"),
            ("whatsapp", "WhatsApp"),
            ("portal", "Customer portal"),
            ("suggested", "Suggested from a message"),
            ("other", "Other"),
        ],
        default="call",
        required=True,
        help="How the customer gave the promise.",
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Promised By",
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="The person who gave the promise.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Taken By",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        index="btree_not_null",
        copy=False,
        help="Who took the promise, and gets the task when it is broken.",
    )
    evidence_ids = fields.Many2many("ir.attachment", string="Evidence", copy=False)
    note = fields.Text(help="What was agreed.")
    interest_stops = fields.Boolean(
        help="No default interest is charged for the days while the promise is open. By default it goes on."
    )
    tolerance_days = fields.Integer(
        readonly=True, copy=False, help="Days after each date that still count."
    )
    tolerance_amount = fields.Monetary(
        readonly=True, copy=False, help="What may be missing of each instalment."
    )
    freeze_days = fields.Integer(readonly=True, copy=False)
    made_date = fields.Date(string="Promised On", readonly=True, copy=False, index=True)
    next_date = fields.Date(
        compute="_compute_next_date",
        store=True,
        index=True,
        help="The first date that is not paid yet.",
    )
    date_end = fields.Date(
        string="Last Date",
        compute="_compute_next_date",
        store=True,
        help="Of the last instalment.",
    )
    window_end = fields.Date(
        string="Counts Until",
        readonly=True,
        copy=False,
        help="The last date plus the tolerated days.",
    )
    kept_date = fields.Date(string="Kept On", readonly=True, copy=False)
    failed_on = fields.Date(
        string="Broken On",
        readonly=True,
        copy=False,
        help="The day after the first window that passed without all its money.",
    )
    ended_on = fields.Date(
        readonly=True, copy=False, help="The day from which it pauses nothing any more."
    )
    evaluated_on = fields.Date(readonly=True, copy=False, index=True)
    frozen = fields.Boolean(
        readonly=True,
        copy=False,
        help="Payments that are taken back no longer change the result.",
    )
    baseline_partial_id = fields.Integer(readonly=True, copy=False)
    replaces_id = fields.Many2one(
        "cartera.payment.promise",
        string="Replaces",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    replaced_by_id = fields.Many2one(
        "cartera.payment.promise",
        string="Replaced By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    approval_requested = fields.Boolean(
        string="Waits for Approval", readonly=True, copy=False
    )
    requested_by_id = fields.Many2one(
        "res.users", string="Requested By", readonly=True, copy=False
    )
    approved_by_id = fields.Many2one(
        "res.users", string="Approved By", readonly=True, copy=False
    )
    approval_text = fields.Char(string="Why Approval", compute="_compute_approval_text")
    end_reason = fields.Char(
        string="Reason", readonly=True, copy=False, help="Why it was ended by hand."
    )

    _live_balance_unique = models.UniqueIndex(
        "(customer_id, currency_id) WHERE live AND scope = 'balance'",
        "This customer has promised the balance in this currency already. Replace that promise instead.",
    )
    _to_evaluate_idx = models.Index(
        "(company_id, evaluated_on) WHERE frozen IS NOT TRUE"
        " AND state IN ('open', 'partial', 'broken', 'kept')"
    )

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for promise in self:
            promise.display_name = " ".join(
                filter(None, (promise.name, promise.partner_id.name))
            )

    @api.depends("customer_id", "line_ids.move_id")
    def _compute_currency_id(self):
        for promise in self:
            if promise.state and promise.state != "draft":
                continue
            invoiced = promise.line_ids.move_id.sudo().currency_id[:1]
            promise.currency_id = (
                invoiced
                or promise.currency_id
                or promise.customer_id.currency_id
                or self.env.company.currency_id
            )

    @api.depends("instalment_ids.amount")
    def _compute_amount(self):
        for promise in self:
            promise.amount = sum(promise.instalment_ids.mapped("amount"))

    @api.depends("amount", "paid_amount")
    def _compute_open_amount(self):
        for promise in self:
            promise.open_amount = max(promise.amount - promise.paid_amount, 0.0)
            promise.percent_paid = (
                min(promise.paid_amount / promise.amount, 1) * 100
                if promise.amount
                else 0.0
            )

    @api.depends("instalment_ids.date", "instalment_ids.amount", "instalment_ids.state")
    def _compute_next_date(self):
        for promise in self:
            parts = promise.instalment_ids.filtered(
                lambda part: part.date and part.amount
            )
            waiting = parts.filtered(lambda part: part.state != "kept") or parts
            promise.next_date = min(waiting.mapped("date"), default=False)
            promise.date_end = max(parts.mapped("date"), default=False)

    @api.depends("state", "line_ids.move_id", "instalment_ids.date", "replaces_id")
    def _compute_approval_text(self):
        drafts = self.filtered(lambda promise: promise.state == "draft")
        (self - drafts).approval_text = False
        if not drafts:
            return
        levels = drafts.sudo()._levels()
        for promise in drafts:
            promise.approval_text = " ".join(
                promise._approval_reasons(levels[promise.id])
            )

    # Protection

    @api.model_create_multi
    def create(self, vals_list):
        sequence = self.env["ir.sequence"].sudo()
        vals_list = [
            vals | {"name": sequence.next_by_code("cartera.payment.promise") or "/"}
            for vals in vals_list
        ]
        return super().create(vals_list)

    def write(self, vals):
        if set(vals) - FREE_FIELDS:
            self._check_content_changeable()
        return super().write(vals)

    def _check_content_changeable(self):
        """Nobody changes what was promised once the promise is open, and no job once it is frozen."""
        begun = self.filtered(
            lambda one: one.frozen or (one.state != "draft" and not self.env.su)
        )
        if begun:
            raise UserError(
                self.env._(
                    "%(promise)s is %(state)s: what was promised stays. Replace it by a new promise instead.",
                    promise=begun[0].display_name,
                    state=begun[0]._state_label(),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts_only(self):
        begun = self.filtered(lambda promise: promise.state != "draft")
        if begun:
            raise UserError(
                self.env._(
                    "%(promise)s is history and cannot be deleted. Cancel it with a reason.",
                    promise=begun[0].display_name,
                )
            )

    def _check_role(self, group, text):
        if not self.env.user.has_group(group) and self.env.uid != SUPERUSER_ID:
            raise AccessError(text)

    def _check_collector(self):
        self._check_role(
            COLLECTOR,
            self.env._("Only collectors work with promises. Ask one of them."),
        )
        self.check_access("write")

    def _touch_customers(self):
        for company, mine in self.grouped("company_id").items():
            self.env["cartera.customer"]._touch(
                mine.partner_id.ids, company, recheck=True
            )

    def _state_label(self):
        self.ensure_one()
        return dict(self._fields["state"]._description_selection(self.env)).get(
            self.state
        )

    @api.constrains("currency_id", "line_ids", "customer_id")
    def _check_currency(self):
        for promise in self.filtered(lambda promise: promise.state == "draft"):
            other = promise.line_ids.move_id.sudo().currency_id - promise.currency_id
            if other:
                raise ValidationError(
                    self.env._(
                        "A promise is in one currency: this one is in %(own)s, some invoices are in %(other)s. Make "
                        "one promise a currency.",
                        own=promise.currency_id.name,
                        other=", ".join(other.mapped("name")),
                    )
                )
