from dataclasses import replace

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from .cartera_statement import FORMS
from .statement_choices import ROLES

SENDERS = ("cartera_cobranza.group_collector", "account.group_account_user")
QUESTION = {
    "company_id", "date", "form", "date_from", "only_overdue", "minimum_balance", "no_negative",
    "salesperson_ids", "collector_ids", "group_ids", "customer_ids", "own_choice",
}  # fmt: skip


class CarteraStatementRun(models.Model):
    """Statements of account for many customers: prepared, looked at, sent; each customer gets one, once.

    Preparing writes one line for each customer with its figures. Sending works through the lines in the background,
    batch by batch; what went out is history.
    """

    _name = "cartera.statement.run"
    _description = "Statements of Account"
    _inherit = [
        "cartera.typed",
        "mail.thread",
        "mail.activity.mixin",
        "cartera.guarded",
        "cartera.statement.throttle",
        "cartera.statement.sender",
        "cartera.statement.schedule",
        "cartera.statement.choice",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        required=True,
        tracking=True,
        default=lambda self: self.env.company._cartera_today(),
        help="The statements show what was open at the end of this day.",
    )
    form = fields.Selection(
        FORMS,
        required=True,
        default="open",
        tracking=True,
        help="Open items: what is not paid, by due date. Movements: opening balance, every document of the period "
        "and the balance after it.",
    )
    date_from = fields.Date(
        string="Movements From",
        help="First day of the movements; empty is the first of the month.",
    )
    only_overdue = fields.Boolean(
        string="Only Overdue Customers",
        tracking=True,
        help="Leave out customers who owe nothing past its due date.",
    )
    minimum_balance = fields.Monetary(
        tracking=True,
        help="Leave out customers who owe less, in company currency at the value of the ledger. Zero does not "
        "restrict.",
    )
    no_negative = fields.Boolean(
        string="Without Negative Balances",
        default=True,
        tracking=True,
        help="Leave out customers whose balance is in their favour.",
    )
    salesperson_ids = fields.Many2many(
        "res.users",
        "cartera_statement_run_salesperson_rel",
        string="Salespeople",
        domain="[('share', '=', False)]",
        help="Only customers of these salespeople; empty does not restrict.",
    )
    collector_ids = fields.Many2many(
        "res.users",
        "cartera_statement_run_collector_rel",
        string="Collectors",
        domain="[('share', '=', False)]",
        help="Only customers of these collectors; empty does not restrict.",
    )
    group_ids = fields.Many2many(
        "cartera.credit.group",
        string="Credit Groups",
        check_company=True,
        help="Only customers of these groups; empty does not restrict.",
    )
    customer_ids = fields.Many2many(
        "cartera.customer",
        string="Only Customers",
        check_company=True,
        help="Only these customers; empty does not restrict.",
    )
    recipient_role = fields.Selection(
        ROLES,
        string="Sent To",
        default="collections",
        required=True,
        help="The contacts marked so on the customer; where there is none, the invoice address, else the company. What "
        "the customer's credit account says goes before.",
    )
    own_choice = fields.Boolean(
        string="As Each Customer Wants",
        default=True,
        tracking=True,
        help="What a customer's credit account says about overdue items, a minimum and negative balances goes before "
        "what is chosen here. Otherwise the choice here counts for everybody. Who never gets "
        "statements gets none either way.",
    )
    with_xlsx = fields.Boolean(
        string="With Excel", help="The message carries the workbook beside the PDF."
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("prepared", "Prepared"),
            ("sending", "Sending"),
            ("sent", "Sent"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    schedule = fields.Selection(
        [("weekly", "Weekly"), ("monthly", "Monthly")],
        readonly=True,
        copy=False,
        help="Made by itself for the customers who get theirs so.",
    )
    period = fields.Char(
        readonly=True, copy=False, help="The week or month of scheduled statements."
    )
    left_out = fields.Text(
        readonly=True,
        copy=False,
        help="Customers who would have a statement and never get one, by their credit accounts.",
    )
    line_ids = fields.One2many(
        "cartera.statement.line", "run_id", string="Statements", readonly=True
    )
    line_count = fields.Integer(string="Customers", compute="_compute_counts")
    sent_count = fields.Integer(string="Sent", compute="_compute_counts")
    waiting_count = fields.Integer(string="To Send", compute="_compute_counts")
    failed_count = fields.Integer(string="Not Sent", compute="_compute_counts")
    balance = fields.Monetary(
        string="Total Balance",
        compute="_compute_counts",
        help="In company currency at the value of the ledger.",
    )
    overdue = fields.Monetary(string="Total Overdue", compute="_compute_counts")
    sent_by = fields.Many2one("res.users", readonly=True, copy=False)
    sent_at = fields.Datetime(readonly=True, copy=False)

    _once_a_period = models.UniqueIndex(
        "(company_id, form, schedule, period) WHERE schedule IS NOT NULL",
        "The scheduled statements of this period exist already.",
    )
    _minimum_not_negative = models.Constraint(
        "CHECK(COALESCE(minimum_balance, 0) >= 0)",
        "The minimum balance cannot be negative. Enter zero or more.",
    )

    @api.model
    def _typed_minimums(self):
        return {"minimum_balance": 0}

    @api.depends("date", "form")
    @api.depends_context("lang")
    def _compute_name(self):
        labels = dict(self._fields["form"]._description_selection(self.env))
        for run in self:
            run.name = self.env._(
                "%(form)s on %(day)s",
                form=labels.get(run.form, ""),
                day=format_date(self.env, run.date),
            )

    def _compute_counts(self):
        rows = {}
        if self.ids:
            self.env["cartera.statement.line"].flush_model()
            for row in self.env.execute_query(
                SQL(
                    """SELECT run_id, COUNT(*), COUNT(*) FILTER (WHERE state = 'sent'),
                              COUNT(*) FILTER (WHERE state = 'prepared'),
                              COUNT(*) FILTER (WHERE state IN ('error', 'no_email')), SUM(balance), SUM(overdue)
                         FROM cartera_statement_line WHERE run_id = ANY(%s) GROUP BY run_id""",
                    self.ids,
                )
            ):
                rows[row[0]] = row[1:]
        for run in self:
            found = rows.get(run._origin.id, (0,) * 6)
            run.line_count, run.sent_count, run.waiting_count = found[:3]
            run.failed_count = found[3]
            run.balance, run.overdue = found[4] or 0, found[5] or 0

    # What may be written

    @api.model_create_multi
    def create(self, vals_list):
        self._check_role()
        return super().create(vals_list)

    def write(self, vals):
        if QUESTION & set(vals):
            for run in self:
                if run.state not in ("draft", "prepared"):
                    raise UserError(
                        self.env._(
                            "%(run)s is %(state)s and cannot be changed. Make another one.",
                            run=run.name,
                            state=run._state_label(),
                        )
                    )
            if not self.env.su and vals.get("company_id"):
                self._check_reach(self.env["res.company"].browse(vals["company_id"]))
        result = super().write(vals)
        if QUESTION & set(vals):
            stale = self.filtered(lambda run: run.state == "prepared").sudo()
            stale.line_ids.unlink()
            stale.write({"state": "draft", "left_out": False})
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unsent(self):
        for run in self:
            if run.state not in ("draft", "prepared") or any(
                line.state == "sent" for line in run.sudo().line_ids
            ):
                raise UserError(
                    self.env._(
                        "%(run)s is %(state)s: it is history and cannot be deleted.",
                        run=run.name,
                        state=run._state_label(),
                    )
                )

    def _state_label(self):
        labels = dict(self._fields["state"]._description_selection(self.env))
        return labels[self.state].lower()

    # Roles

    @api.model
    def _check_role(self):
        if not self.env.su and not any(self.env.user.has_group(one) for one in SENDERS):
            raise AccessError(
                self.env._(
                    "Statements are sent by collectors and accountants. Ask one of them, or your administrator for "
                    "that role."
                )
            )

    def _check_reach(self, companies):
        if not self.env.su and companies - self.env.companies:
            raise AccessError(
                self.env._(
                    "You are not working in %s. Choose it at the top right and try again.",
                    ", ".join((companies - self.env.companies).sudo().mapped("name")),
                )
            )

    def _start(self, states):
        """Return these runs as superuser, after looking at role, company and state."""
        self._check_role()
        self.check_access("write")
        self._check_reach(self.company_id)
        for run in self:
            if run.state not in states:
                raise UserError(
                    self.env._(
                        "%(run)s is %(state)s: that cannot be done any more.",
                        run=run.name,
                        state=run._state_label(),
                    )
                )
        return self.sudo()

    # Preparing

    def action_prepare(self):
        """Write one line for each customer of the choice, with the figures of each currency (button).

        Preparing again replaces the lines.

        :raise UserError: for a day to come, or when nobody is left by the choice
        """
        for run in self._start(("draft", "prepared")):
            run.line_ids.unlink()
            run._prepare()
            if not run.line_ids:
                raise UserError(
                    " ".join(
                        filter(
                            None,
                            [
                                self.env._(
                                    "No customer has a statement on %(day)s by this choice. Widen the filters or "
                                    "choose another day.",
                                    day=format_date(self.env, run.date),
                                ),
                                run.left_out,
                            ],
                        )
                    )
                )
        return True

    def _question(self, partners=None):
        self.ensure_one()
        return self.env["cartera.statement"]._question(
            self.company_id, self.date, self.form, self.date_from, partners
        )

    def _prepare(self):
        """Write the lines in one batch; flat in the number of customers."""
        self.ensure_one()
        chosen = self.customer_ids.partner_id if self.customer_ids else None
        question = self._question(chosen)
        if self.date_from != (question.date_from or False):
            self.date_from = question.date_from
        figures = self._with_accounts(
            self.env["cartera.statement"]._figures(question), question
        )
        found = {}
        for one in figures:
            found.setdefault(one.customer, []).append(one)
        allowed = self._allowed(found)
        never = allowed.filtered("statement_never")
        vals_list = []
        rates = self._rates_for(allowed)
        for customer in allowed - never:
            vals = self._wanted_vals(customer, found[customer.id], rates)
            if vals:
                vals_list.append(vals)
        self.env["cartera.statement.line"].create(vals_list)
        self.write({"state": "prepared", "left_out": self._never_text(never)})

    def _with_accounts(self, figures, question):
        """Return the figures with a credit account for every customer, made where there was none."""
        if all(one.customer for one in figures):
            return figures
        missing = (
            self.env["res.partner"]
            .browse([one.partner for one in figures if not one.customer])
            .exists()
        )
        self.env["cartera.customer"]._find_or_create(missing, question.company)
        return self.env["cartera.statement"]._figures(question)

    def _allowed(self, found):
        """Return the customers that the choice leaves of those with figures; one search."""
        domain = [
            ("id", "in", list(found)),
            ("company_id", "=", self.company_id.id),
        ]
        if self.salesperson_ids:
            domain.append(("partner_id.user_id", "in", self.salesperson_ids.ids))
        if self.collector_ids:
            domain.append(("collector_id", "in", self.collector_ids.ids))
        if self.group_ids:
            domain.append(("group_id", "in", self.group_ids.ids))
        if self.schedule:
            domain += self._scheduled_domain()
        return self.env["cartera.customer"].search(domain)

    def _line_vals(self, customer, figures):
        return {
            "run_id": self.id,
            "customer_id": customer.id,
            "account_key": customer.id,
            "period": self.period,
            **self._figure_vals(figures),
            "amount_ids": [
                Command.create(self._amount_vals(one, self.form)) for one in figures
            ],
        }

    @api.model
    def _figure_vals(self, figures):
        return {
            "balance": sum(one.residual_company for one in figures),
            "overdue": sum(one.overdue_company for one in figures),
            "item_count": sum(one.items for one in figures),
        }

    @api.model
    def _amount_vals(self, one, form):
        opening = one.residual - one.debits - one.credits if form == "movements" else 0
        return {
            "currency_id": one.currency,
            "opening": opening,
            "debits": one.debits,
            "credits": one.credits,
            "balance": one.residual,
            "overdue": one.overdue,
            "unapplied": one.credit,
        }

    # Sending

    def action_send(self):
        """Send the prepared statements in the background; nobody gets two (button)."""
        for run in self._start(("prepared", "sending")):
            if run.state == "prepared":
                if not run.line_ids:
                    raise UserError(
                        self.env._(
                            "%s has no statement to send: prepare it first.", run.name
                        )
                    )
                run.write(
                    {
                        "state": "sending",
                        "sent_by": self.env.uid,
                        "sent_at": fields.Datetime.now(),
                    }
                )
        self.env.ref("cartera_cobranza.ir_cron_statement_send").sudo()._trigger()
        return True

    def action_retry(self):
        """Try those again that could not be sent, with the addresses of now (button)."""
        for run in self._start(("sending", "sent")):
            failed = run.line_ids.filtered(
                lambda one: one.state in ("error", "no_email")
            )
            if not failed:
                raise UserError(
                    self.env._("Every statement of %s was sent already.", run.name)
                )
            failed.write({"state": "prepared", "reason": False})
            run.state = "sending"
        self.env.ref("cartera_cobranza.ir_cron_statement_send").sudo()._trigger()
        return True

    def action_cancel(self):
        """Stop: what is not sent yet will not be (button)."""
        runs = self._start(("draft", "prepared", "sending"))
        runs.line_ids.filtered(lambda one: one.state == "prepared").write(
            {"state": "cancelled", "reason": self.env._("The run was cancelled.")}
        )
        runs.write({"state": "cancelled"})
        return True

    def action_print(self):
        """Have the statements of this run printed in the background, as of its day (button)."""
        self.ensure_one()
        self.check_access("read")
        self._check_reach(self.company_id)
        lines = self.line_ids.filtered(lambda one: one.state != "cancelled")
        if not lines:
            raise UserError(
                self.env._("%s has nothing to print: prepare it first.", self.name)
            )
        return (
            self.env["cartera.statement.print"]
            ._start(lines.customer_id, self.date, self.form, self.date_from, self)
            ._open()
        )

    def action_open_lines(self):
        """Show the statements of this run (button)."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "cartera_cobranza.cartera_statement_line_action"
        )
        return action | {
            "domain": [("run_id", "=", self.id)],
            "context": self.env.context.get("filter_context") or {},
            "display_name": self.name,
        }

    def _question_for(self, lines):
        """Return the question of this run for some of its lines only."""
        partners = tuple(lines.customer_id.partner_id.ids)
        return replace(self._question(), partners=partners)
