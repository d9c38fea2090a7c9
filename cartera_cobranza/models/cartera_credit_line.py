from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

LIVE = ("active", "suspended")
CLOSED = ("expired", "replaced")
TERMS = {
    "customer_id",
    "mode",
    "amount",
    "currency_id",
    "only_this_currency",
    "date_from",
    "date_to",
    "grace_days",
    "guarantee_amount",
    "guarantee_date_to",
    "company_id",
}
UNDECIDED = {
    "state": "draft",
    "request_id": False,
    "activated_on": False,
    "activated_by": False,
    "closed_on": False,
}


class CarteraCreditLine(models.Model):
    """One version of a customer's credit limit.

    Made by an approved application, or as a draft that another manager activates; it then replaces the version
    before it. Active and past versions are never edited: a change is a new version.
    """

    _name = "cartera.credit.line"
    _description = "Credit Line"
    _inherit = ["mail.thread", "cartera.credit.authorised"]
    _order = "customer_id, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name")
    customer_id = fields.Many2one(
        "cartera.customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    partner_id = fields.Many2one(related="customer_id.partner_id", string="Partner")
    company_id = fields.Many2one(
        related="customer_id.company_id", store=True, index=True, precompute=True
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
        help="No credit means that everything is paid before it ships; it is not the same as having no line.",
    )
    amount = fields.Monetary(
        tracking=True, help="What the customer may owe, all documents together."
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Debts in other currencies are compared at today's rate.",
    )
    only_this_currency = fields.Boolean(
        tracking=True,
        help="The line guards debts in its currency only; other currencies have the customer's general line.",
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="First day.",
    )
    date_to = fields.Date(
        string="Until",
        tracking=True,
        help="Last day on which the line counts; empty for no end.",
    )
    grace_days = fields.Integer(
        help="Days after the last day on which the line still counts."
    )
    review_date = fields.Date(help="When the line is to be looked at again.")
    guarantee_amount = fields.Monetary(
        string="Guarantee",
        tracking=True,
        help="Adds to the limit, in the line's currency, while it is valid.",
    )
    guarantee_date_to = fields.Date(
        string="Guarantee Until", tracking=True, help="Last day of the guarantee."
    )
    guarantee_note = fields.Char(
        string="Guarantee Document", help="Bond, mortgage, promissory note, insurer…"
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("active", "Active"),
            ("suspended", "Suspended"),
            ("expired", "Expired"),
            ("replaced", "Replaced"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    reason = fields.Char(
        tracking=True, help="Why the limit is what it is; shown in the history."
    )
    request_id = fields.Many2one(
        "cartera.credit.request",
        string="Application",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The application whose approval made this version.",
    )
    temporary_ids = fields.One2many(
        "cartera.credit.temporary", "line_id", string="Temporary Limits"
    )
    activated_on = fields.Date(
        readonly=True, copy=False, help="First day in force as an active line."
    )
    activated_by = fields.Many2one("res.users", readonly=True, copy=False)
    closed_on = fields.Date(
        readonly=True, copy=False, help="First day on which it was no longer in force."
    )

    _active_unique = models.UniqueIndex(
        "(customer_id, COALESCE(CASE WHEN only_this_currency THEN currency_id END, 0))"
        " WHERE state IN ('active', 'suspended')",
        "This customer has an active credit line for this already. Activate a new version instead.",
    )

    @api.depends("customer_id", "mode", "amount", "currency_id", "only_this_currency")
    def _compute_name(self):
        modes = dict(self._fields["mode"]._description_selection(self.env))
        for line in self:
            text = modes.get(line.mode, "")
            if line.mode == "amount" and line.currency_id:
                text = line.currency_id.format(line.amount)
            scope = f" ({line.currency_id.name})" if line.only_this_currency else ""
            line.name = f"{line.customer_id.display_name or ''}: {text}{scope}"

    @api.depends("customer_id")
    def _compute_currency_id(self):
        for line in self:
            line.currency_id = (
                line.currency_id
                or line.customer_id.company_id.currency_id
                or self.env.company.currency_id
            )

    @api.constrains("amount", "guarantee_amount", "grace_days")
    def _check_amounts(self):
        for line in self:
            if line.amount < 0:
                raise ValidationError(
                    self.env._(
                        "A limit cannot be negative (received %(amount)s). To take the credit away use the mode "
                        "'No credit'.",
                        amount=line.currency_id.format(line.amount),
                    )
                )
            if line.guarantee_amount < 0:
                raise ValidationError(
                    self.env._(
                        "A guarantee cannot be negative (received %(amount)s). Enter its value, or zero for none.",
                        amount=line.currency_id.format(line.guarantee_amount),
                    )
                )
            if line.grace_days < 0:
                raise ValidationError(
                    self.env._(
                        "Grace days cannot be negative (received %(days)s). Enter zero for none.",
                        days=line.grace_days,
                    )
                )

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for line in self:
            if line.date_to and line.date_to < line.date_from:
                raise ValidationError(
                    self.env._(
                        "The line would end on %(end)s, before it starts on %(start)s. Correct one of the dates.",
                        end=line.date_to,
                        start=line.date_from,
                    )
                )

    @api.constrains("currency_id", "customer_id", "state")
    def _check_rate(self):
        for line in self.filtered(lambda one: one.mode != "unlimited"):
            self.env["cartera.money"]._convert(
                line.amount,
                line.currency_id,
                line.company_id,
                line.company_id._cartera_today(),
            )

    # Protection: active and past versions are history

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("state", "draft") != "draft" for vals in vals_list):
            raise UserError(
                self.env._(
                    "A credit line starts as a draft; activate it with its button."
                )
            )
        # said outright, so that a default in the context cannot say otherwise
        return super().create(
            [{**vals, **UNDECIDED, "requested_by": self.env.uid} for vals in vals_list]
        )

    def write(self, vals):
        if TERMS & set(vals) and any(line.state != "draft" for line in self):
            line = self.filtered(lambda one: one.state != "draft")[0]
            raise UserError(
                self.env._(
                    "%(line)s is %(state)s and is kept as it was approved. Make a new version and activate it.",
                    line=line.display_name,
                    state=line._state_label(),
                )
            )
        if {*UNDECIDED, "requested_by"} & set(vals) and not self.env.cr.cache.get(
            "cartera_line_state"
        ):
            raise UserError(
                self.env._(
                    "The state of a credit line changes by its buttons only, so that rights are checked."
                )
            )
        if TERMS & set(vals):
            vals = {**vals, "requested_by": self.env.uid}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for line in self:
            if line.state != "draft":
                raise UserError(
                    self.env._(
                        "%(line)s has been in force and cannot be deleted.",
                        line=line.display_name,
                    )
                )

    def _state_label(self):
        return dict(self._fields["state"]._description_selection(self.env))[
            self.state
        ].lower()

    def _set_state(self, vals):
        """Write a state and what goes with it, from the verbs of this class only."""
        cache = self.env.cr.cache
        cache["cartera_line_state"] = True
        try:
            self.sudo().write(vals)
            self.env.flush_all()
        finally:
            cache.pop("cartera_line_state", None)

    # Verbs

    def _check_role(self):
        if not self.env.su and not self.env.user.has_group(
            "cartera_cobranza.group_credit_manager"
        ):
            raise AccessError(
                self.env._(
                    "Only a credit manager decides on credit lines. Ask one, or send an application for approval."
                )
            )

    def action_activate(self):
        """Put drafts (or suspended lines) in force; each replaces the active line of the same scope.

        By a credit manager who alone has authority over the limit, and did not set it.
        """
        self._check_role()
        for line in self:
            if line.state in ("draft", "suspended"):
                line._check_authority(
                    line, line.mode, line.amount + line.guarantee_amount
                )
        self._activate()
        return True

    def _activate(self):
        """Put lines in force; the right to is checked by the caller."""
        for line in self.sorted("id"):
            today = line.company_id._cartera_today()
            if line.state not in ("draft", "suspended"):
                raise UserError(
                    self.env._(
                        "%(line)s is %(state)s; only a draft or a suspended line can be activated. Make a new "
                        "version.",
                        line=line.display_name,
                        state=line._state_label(),
                    )
                )
            if line.date_from > today:
                raise UserError(
                    self.env._(
                        "%(line)s starts on %(date)s and can be activated from that day on. Until then keep it as "
                        "a draft, or let it start today.",
                        line=line.display_name,
                        date=line.date_from,
                    )
                )
            if line.date_to and line.date_to < today:
                raise UserError(
                    self.env._(
                        "%(line)s ended on %(date)s. Give it a later last day before you activate it.",
                        line=line.display_name,
                        date=line.date_to,
                    )
                )
            line.customer_id.sudo()._bump(
                line.company_id, line.customer_id.partner_id.ids
            )
            line._replace_previous(today)
            line._set_state(
                {
                    "state": "active",
                    "activated_on": line.activated_on or today,
                    "activated_by": self.env.uid,
                    "closed_on": False,
                }
            )
            line._after_change()

    def _replace_previous(self, today):
        previous = self.sudo().search(
            [
                ("customer_id", "=", self.customer_id.id),
                ("state", "in", LIVE),
                ("only_this_currency", "=", self.only_this_currency),
                ("id", "!=", self.id),
            ]
        )
        if self.only_this_currency:
            previous = previous.filtered(
                lambda line: line.currency_id == self.currency_id
            )
        if not previous:
            return
        if self.state == "suspended":
            raise UserError(
                self.env._(
                    "%(customer)s has the active line %(line)s. A suspended line cannot replace it: make a new "
                    "version.",
                    customer=self.customer_id.display_name,
                    line=previous[0].display_name,
                )
            )
        previous.temporary_ids.filtered(
            lambda one: one.state in ("draft", "active")
        )._close("cancelled")
        previous._set_state({"state": "replaced", "closed_on": today})

    def action_suspend(self, reason=None):
        """Take the credit away for the time being; orders of the customer are held."""
        self._check_role()
        self._suspend(reason)
        return True

    def _suspend(self, reason=None):
        for line in self.sorted("id"):
            if line.state != "active":
                raise UserError(
                    self.env._(
                        "%(line)s is %(state)s; only an active line can be suspended.",
                        line=line.display_name,
                        state=line._state_label(),
                    )
                )
            line.customer_id.sudo()._bump(
                line.company_id, line.customer_id.partner_id.ids
            )
            line._set_state({"state": "suspended", "reason": reason or line.reason})
            line._after_change()

    def action_expire(self):
        """End lines now; the customer has no credit of its own from today on."""
        self._check_role()
        self._expire()
        return True

    def _expire(self):
        for line in self.sorted("id"):
            if line.state not in LIVE:
                raise UserError(
                    self.env._(
                        "%(line)s is %(state)s and cannot expire.",
                        line=line.display_name,
                        state=line._state_label(),
                    )
                )
            line.customer_id.sudo()._bump(
                line.company_id, line.customer_id.partner_id.ids
            )
            line.temporary_ids.filtered(
                lambda one: one.state in ("draft", "active")
            )._close("expired")
            line._set_state(
                {"state": "expired", "closed_on": line.company_id._cartera_today()}
            )
            line._after_change()

    def action_new_version(self):
        """Open a draft copy, to be changed and activated."""
        self.ensure_one()
        new = self.copy(
            {"date_from": self.company_id._cartera_today(), "reason": False}
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": new.id,
            "views": [(False, "form")],
        }

    def _after_change(self):
        """Carry a change of the line to what follows from it: active line, Odoo's own limit, figures, holds."""
        self.ensure_one()
        customer = self.customer_id.sudo()
        general = customer.line_ids.filtered(
            lambda one: one.state in LIVE and not one.only_this_currency
        )[:1]
        customer.line_id = general
        customer._write_core_limit(general)
        customer._refresh(customer.company_id, customer.partner_id.ids)
        customer._touch(customer.partner_id.ids, customer.company_id, recheck=True)

    @api.model
    def _cron_expire(self):
        """End the lines and temporaries whose last day (and grace) has passed."""
        Temporary = self.env["cartera.credit.temporary"]
        Temporary._expire_due()
        due = self.search(
            [("state", "=", "active"), ("date_to", "!=", False)]
        ).filtered(
            lambda line: fields.Date.add(line.date_to, days=line.grace_days)
            < line.company_id._cartera_today()
        )
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        for line in due:
            line = line.try_lock_for_update().filtered(
                lambda one: one.state == "active"
            )
            if line:
                line._expire()
            if not self.env["ir.cron"]._commit_progress(1):
                break
