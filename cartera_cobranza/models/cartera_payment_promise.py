from datetime import timedelta

from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, format_amount, format_date

from ..calc import promise as calc

COLLECTOR = "cartera_cobranza.group_collector"
SUPERVISOR = "cartera_cobranza.group_credit_executive"
EVALUATED = ("open", "partial", "broken", "kept")
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

    # Opening

    def action_open(self):
        """Open the promises: what was promised counts from now on, and collection of it pauses.

        What needs a supervisor (third promise for an invoice, a date far away) waits for one, who opens it
        with the same verb and is not the one who asked.

        :raise UserError: when an amount, a date or an invoice is refused
        """
        self._check_collector()
        promises = self.sudo().filtered(lambda promise: promise.state == "draft")
        closed = self.sudo() - promises
        if closed.filtered(lambda promise: promise.state != "open"):
            raise UserError(
                self.env._(
                    "%(promise)s is %(state)s and cannot be opened again. Make a new promise.",
                    promise=closed[0].display_name,
                    state=closed[0]._state_label(),
                )
            )
        for company, mine in promises.grouped("company_id").items():
            self.env["cartera.customer"]._bump(company, mine.partner_id.ids)
        promises._fill_balance_lines()
        promises._check_complete()
        promises.line_ids._check_against_ledger()
        promises._check_one_open()
        levels = promises._levels()
        waiting = promises.filtered(
            lambda promise: promise._approval_reasons(levels[promise.id])
            and not promise._may_approve(self.env.user)
        )
        waiting._request_approval()
        (promises - waiting)._open(levels)
        if waiting:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "warning",
                    "title": self.env._("Waits for approval"),
                    "message": waiting[0].approval_text,
                    "next": {"type": "ir.actions.client", "tag": "soft_reload"},
                },
            }
        return True

    def _open(self, levels):
        self.env.cr.execute(
            "SELECT COALESCE(MAX(id), 0) FROM account_partial_reconcile"
        )
        baseline = self.env.cr.fetchone()[0]
        for promise in self:
            company = promise.company_id
            day = company._cartera_today()
            tolerance = company._cartera_promise_tolerance(promise.currency_id, day)
            promise.write(
                {
                    "state": "open",
                    "live": True,
                    "level": levels[promise.id],
                    "made_date": day,
                    "tolerance_days": company.cartera_promise_tolerance_days,
                    "tolerance_amount": tolerance,
                    "freeze_days": company.cartera_promise_freeze_days,
                    "window_end": promise.date_end
                    + timedelta(days=company.cartera_promise_tolerance_days),
                    "baseline_partial_id": baseline,
                    "approved_by_id": self.env.user.id
                    if promise._approval_reasons(levels[promise.id])
                    else False,
                    "approval_requested": False,
                }
            )
            # the one that is replaced gives its invoices free first
            old = promise.replaces_id
            if old.state in ("open", "partial", "broken"):
                values = {"replaced_by_id": promise.id}
                if old.live:
                    values |= {"state": "replaced"}
                    old._end(values)
                elif not old.frozen:
                    old.write(values)
        self.env.flush_all()
        self.line_ids.write({"live": True})
        self.env.flush_all()
        self.activity_ids.unlink()
        self._message_log_batch(
            {
                promise.id: self.env._(
                    "Promised: %(amount)s until %(day)s.",
                    amount=format_amount(self.env, promise.amount, promise.currency_id),
                    day=format_date(self.env, promise.date_end),
                )
                for promise in self
            }
        )
        self._touch_customers()
        self._opened()

    def _opened(self):
        """Put the customers' cases on the stage of a promise; hook for what else follows."""
        cases = self.env["cartera.collection.case"].search(
            [("customer_id", "in", self.customer_id.ids), ("stage", "!=", "closed")]
        )
        cases._set_stage("promised")

    def _broken(self):
        """Bring the customers' cases back to the collector; the task stands on the promise."""
        super()._broken()
        if not self:
            return
        cases = self.env["cartera.collection.case"]._for_customers(self.customer_id)
        for promise in self:
            case = cases.get(promise.customer_id)
            if case and case.stage == "promised":
                case._set_stage("contacted")

    def _end(self, values):
        """Close live promises by hand: they pause nothing from today on."""
        for promise in self:
            promise.write(
                values
                | {"live": False, "ended_on": promise.company_id._cartera_today()}
            )
        self.line_ids.write({"live": False})
        self.env.flush_all()
        self.activity_ids.unlink()
        self._touch_customers()

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

    def _fill_balance_lines(self):
        """Cover the customer's oldest open invoices, where a balance is promised and not invoices."""
        bare = self.filtered(lambda promise: not promise.line_ids)
        if not bare:
            return
        rows = bare._open_items()
        taken = set(
            self.env["cartera.payment.promise.line"]
            .sudo()
            .search(
                [
                    ("live", "=", True),
                    ("promise_id", "not in", bare.replaces_id.ids),
                    ("move_id", "in", [row[2] for row in rows]),
                ]
            )
            .move_id.ids
        )
        disputed = self.env["cartera.dispute"]._open_amounts({row[2] for row in rows})
        for promise in bare:
            left = promise.amount
            free = {}
            for partner, currency, move, residual in rows:
                if (
                    partner == promise.partner_id.id
                    and currency == promise.currency_id.id
                    and move not in taken
                ):
                    free[move] = free.get(move, 0.0) + residual
            # what is disputed is not promised
            free = {
                move: max(amount - disputed.get(move, 0.0), 0.0)
                for move, amount in free.items()
            }
            total = sum(free.values())
            if promise.currency_id.compare_amounts(left, total) > 0:
                raise UserError(
                    self.env._(
                        "%(amount)s were promised, but %(customer)s owes %(balance)s that is neither promised nor "
                        "disputed. Promise up to that amount.",
                        amount=format_amount(self.env, left, promise.currency_id),
                        customer=promise.partner_id.display_name,
                        balance=format_amount(self.env, total, promise.currency_id),
                    )
                )
            lines = []
            for move, residual in free.items():
                part = min(left, residual)
                if promise.currency_id.is_zero(left):
                    break
                if promise.currency_id.is_zero(part):
                    continue
                lines.append(Command.create({"move_id": move, "amount": part}))
                left -= part
            promise.write({"scope": "balance", "line_ids": lines})

    def _check_complete(self):
        """Refuse what is not a whole promise: no date, other sums, a date that has passed."""
        for promise in self:
            if not promise.instalment_ids:
                raise UserError(
                    self.env._(
                        "Say when %(customer)s pays: %(promise)s has no date and amount.",
                        customer=promise.partner_id.display_name,
                        promise=promise.display_name,
                    )
                )
            promised = sum(promise.line_ids.mapped("amount"))
            if promise.currency_id.compare_amounts(promised, promise.amount):
                raise UserError(
                    self.env._(
                        "The instalments add up to %(dates)s, the invoices of the promise to %(invoices)s. Make both "
                        "the same.",
                        dates=format_amount(
                            self.env, promise.amount, promise.currency_id
                        ),
                        invoices=format_amount(self.env, promised, promise.currency_id),
                    )
                )
        self.instalment_ids._check_date()

    def _check_one_open(self):
        """Refuse invoices that another open promise covers, unless it is the one being replaced."""
        clashes = (
            self.env["cartera.payment.promise.line"]
            .sudo()
            .search(
                [
                    ("live", "=", True),
                    ("move_id", "in", self.line_ids.move_id.ids),
                    ("promise_id", "not in", (self | self.replaces_id).ids),
                ],
                limit=1,
            )
        )
        if clashes:
            raise UserError(
                self.env._(
                    "%(invoice)s is promised already in %(promise)s, until %(day)s. Replace that promise instead of "
                    "adding another one.",
                    invoice=clashes.move_id.display_name,
                    promise=clashes.promise_id.display_name,
                    day=format_date(self.env, clashes.promise_id.date_end),
                )
            )

    def _levels(self):
        """Return {promise id: its level}, from the last promise of each of its invoices, with one query.

        Those that are still being entered have a level as well.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (o.move_id) o.move_id, q.state, q.level
                     FROM cartera_payment_promise_line o
                     JOIN cartera_payment_promise q ON q.id = o.promise_id AND q.made_date IS NOT NULL
                    WHERE o.move_id = ANY(%s) AND q.id <> ALL(%s)
                 ORDER BY o.move_id, q.made_date DESC, q.id DESC""",
                list(self.line_ids.move_id._origin.ids),
                list(self._origin.ids),
            )
        )
        after = {move: calc.next_level(state, level) for move, state, level in rows}
        return {
            promise.id: max(
                (after.get(one.id, 1) for one in promise.line_ids.move_id._origin),
                default=1,
            )
            for promise in self
        }

    def _approval_reasons(self, level):
        """Return, in words, why a supervisor must agree to this promise."""
        self.ensure_one()
        reasons = []
        if calc.needs_supervisor(level):
            reasons.append(
                self.env._(
                    "This is promise number %(level)d for the same invoices: a supervisor must agree.",
                    level=level,
                )
            )
        company = self.company_id or self.env.company
        longest = company.sudo().cartera_promise_max_days
        if longest and self.date_end:
            last = company._cartera_today() + timedelta(days=longest)
            if self.date_end > last:
                reasons.append(
                    self.env._(
                        "%(day)s is later than %(days)d days from today: a supervisor must agree.",
                        day=format_date(self.env, self.date_end),
                        days=longest,
                    )
                )
        return reasons

    def _may_approve(self, user):
        """Whether the user may agree to this promise: a supervisor who did not ask for it."""
        if user.id == SUPERUSER_ID:
            return True
        asked = self.requested_by_id | self.create_uid
        return user.has_group(SUPERVISOR) and user not in asked

    def _request_approval(self):
        for promise in self:
            promise.write(
                {
                    "approval_requested": True,
                    "requested_by_id": promise.requested_by_id.id or self.env.uid,
                }
            )
            supervisor = (
                promise.customer_id.credit_user_id
                or promise.company_id.cartera_credit_user_id
            )
            if supervisor:
                promise.activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=promise.company_id._cartera_today(),
                    user_id=supervisor.id,
                    summary=self.env._("Promise to approve"),
                    note=promise.approval_text,
                )

    # Ending by hand

    def action_withdraw(self, reason=None):
        """The customer takes the promise back: collection goes on today.

        :param reason: what the customer said
        """
        self._check_collector()
        self.sudo()._check_live(self.env._("withdrawn"))
        self.sudo()._end({"state": "withdrawn", "end_reason": reason or False})
        return True

    def action_cancel(self, reason=None):
        """The promise was recorded in error; it does not count for the next one's level.

        :param reason: obligatory
        """
        self._check_collector()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(
                self.env._("Say why the promise is cancelled: a reason is obligatory.")
            )
        promises = self.sudo()
        drafts = promises.filtered(lambda promise: promise.state == "draft")
        (promises - drafts)._check_live(self.env._("cancelled"))
        drafts.write({"state": "cancelled", "end_reason": reason})
        (promises - drafts)._end({"state": "cancelled", "end_reason": reason})
        return True

    def _check_live(self, verb):
        for promise in self:
            if promise.state not in ("open", "partial") or not promise.live:
                raise UserError(
                    self.env._(
                        "%(promise)s is %(state)s: only an open promise can be %(verb)s.",
                        promise=promise.display_name,
                        state=promise._state_label(),
                        verb=verb,
                    )
                )

    def action_replace(self):
        """Make a draft that takes this promise's place when it is opened.

        It asks for what is still owed; the old promise stays until then.
        """
        self.ensure_one()
        self._check_collector()
        old = self.sudo()
        if old.state not in ("open", "partial", "broken"):
            raise UserError(
                self.env._(
                    "%(promise)s is %(state)s: only a promise that is open or was not kept can be replaced.",
                    promise=old.display_name,
                    state=old._state_label(),
                )
            )
        if old.replaced_by_id:
            raise UserError(
                self.env._(
                    "%(promise)s was replaced by %(other)s already.",
                    promise=old.display_name,
                    other=old.replaced_by_id.display_name,
                )
            )
        new = self.env[self._name].create(old._prepare_replacement_vals())
        new.sudo().replaces_id = old
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": new.id,
            "views": [(False, "form")],
        }

    def action_send_confirmation(self):
        """Open the letter that confirms the promise to the customer, with the agreement attached."""
        self.ensure_one()
        self._check_collector()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Confirm to Customer"),
            "res_model": "mail.compose.message",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_template_id": self.env.ref(
                    "cartera_cobranza.mail_template_promise"
                ).id,
                "default_email_layout_xmlid": "mail.mail_notification_light",
            },
        }

    def _prepare_replacement_vals(self):
        today = self.company_id._cartera_today()
        owed = self.line_ids._residuals()
        lines = {}
        if self.scope == "invoices":
            for line in self.line_ids:
                still = min(
                    line.amount - line.paid_amount, owed.get(line.move_id.id, 0.0)
                )
                if self.currency_id.compare_amounts(still, 0) > 0:
                    lines[line.move_id.id] = still
            total = sum(lines.values())
        else:
            total = self.open_amount
        if self.currency_id.compare_amounts(total, 0) <= 0:
            raise UserError(
                self.env._(
                    "Nothing of %(promise)s is left to pay.", promise=self.display_name
                )
            )
        waiting = self.instalment_ids.filtered(lambda part: part.state != "kept")
        return {
            "customer_id": self.customer_id.id,
            "currency_id": self.currency_id.id,
            "contact_id": self.contact_id.id,
            "source": self.source,
            "line_ids": [
                Command.create({"move_id": move, "amount": amount})
                for move, amount in lines.items()
            ],
            "instalment_ids": [
                Command.create(
                    {"date": max(today, *waiting.mapped("date")), "amount": total}
                )
            ],
        }

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
