from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

SUSPENSIONS = [
    ("charge", "Charge as any other"),
    ("accrue", "Count, and bill when it is over"),
    ("exclude", "No interest while it lasts"),
]


class CarteraInterestPolicy(models.Model):
    """How default interest is charged to some customers: rate, days, base, limits, and the note it ends in.

    A customer's own policy counts first, then the first segment that the customer belongs to, then the
    first policy for every customer.
    """

    _name = "cartera.interest.policy"
    _description = "Interest Policy"
    _inherit = ["mail.thread", "cartera.interest.terms"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(default=10, help="The first that fits a customer counts.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    scope = fields.Selection(
        [
            ("company", "Every customer without another policy"),
            ("segment", "Customers of a segment"),
            ("customer", "Only customers who name it"),
        ],
        string="Applies To",
        default="company",
        required=True,
        tracking=True,
        help="A customer's own policy, named in the credit account, always counts first.",
    )
    risk_class = fields.Selection(
        [("a", "A: low"), ("b", "B: normal"), ("c", "C: high"), ("d", "D: very high")],
        help="The segment: customers of this class.",
    )
    customer_domain = fields.Char(
        string="Customers",
        help="The segment: credit accounts that meet these conditions.",
    )
    customer_ids = fields.One2many(
        "cartera.customer", "interest_policy_id", string="Customers Who Name It"
    )
    # The rate
    rate_source = fields.Selection(
        [
            ("fixed_year", "Fixed rate a year"),
            ("fixed_month", "Fixed rate a month"),
            ("legal", "Legal rate"),
            ("table", "Rate table"),
            ("table_factor", "Rate table times a factor"),
        ],
        string="Rate",
        default="fixed_year",
        required=True,
        tracking=True,
        help="Legal: what the law sets where nothing was agreed; choose its table, or type the rate after having it "
        "confirmed. Nothing is filled in for you.",
    )
    rate = fields.Float(
        string="Rate (%)",
        digits=(16, 6),
        tracking=True,
        help="Percent: of a year, or of a month for a fixed rate a month. 3 for 3 %.",
    )
    is_effective = fields.Boolean(
        string="Effective Yearly Rate",
        tracking=True,
        help="The yearly rate already contains interest on interest (Colombia): days grow by the power of days / 365, "
        "the rate is never divided. A table says so itself.",
    )
    rate_table_id = fields.Many2one(
        "cartera.interest.rate.table",
        string="Rate Table",
        tracking=True,
        domain="[('company_id', 'in', (False, company_id))]",
        ondelete="restrict",
    )
    factor = fields.Float(
        digits=(16, 6),
        default=1.0,
        tracking=True,
        help="Times the table's rate, rounded to hundredths of a percent as such rates are certified. Usury in "
        "Colombia is 1.5 times the certified bank rate.",
    )
    cap_table_id = fields.Many2one(
        "cartera.interest.rate.table",
        string="Not Above",
        tracking=True,
        domain="[('company_id', 'in', (False, company_id))]",
        ondelete="restrict",
        help="Highest rate that may be charged by law, by date. A day without one stops the run, naming it.",
    )
    cap_factor = fields.Float(
        digits=(16, 6), default=1.0, help="Times the rates of the table of the cap."
    )
    method = fields.Selection(
        [("simple", "Simple"), ("effective", "Effective"), ("monthly", "Monthly")],
        compute="_compute_method",
        help="How the rate grows with the days.",
    )
    day_count = fields.Selection(
        [
            ("act_365", "Actual days / 365"),
            ("act_360", "Actual days / 360"),
            ("act_act", "Actual days / days of the year"),
            ("30_360_us", "30/360 US"),
            ("30e_360", "30E/360"),
        ],
        default="act_365",
        required=True,
        tracking=True,
        help="For simple yearly rates. Monthly rates are charged by actual days over 30, effective ones by actual "
        "days over 365.",
    )
    tier_ids = fields.One2many(
        "cartera.interest.tier",
        "policy_id",
        string="Tiers",
        copy=True,
        help="Other rates from a day late on, instead of the rate above.",
    )
    date_start = fields.Date(
        string="Charge From",
        tracking=True,
        help="No day before this one is charged. Enter the day you begin to charge interest, or the first run also "
        "charges invoices that were paid late long ago.",
    )
    # Days
    grace_days = fields.Integer(
        tracking=True, help="They count for the first charge of an invoice only."
    )
    grace_mode = fields.Selection(
        [
            ("threshold", "When over, charge from the due date"),
            ("shift", "Charge only the days after them"),
        ],
        string="After the Grace Days",
        default="threshold",
        required=True,
        tracking=True,
    )
    holiday_mode = fields.Selection(
        [
            ("none", "Stays"),
            ("next", "Moves to the next working day"),
            ("previous", "Moves to the working day before"),
        ],
        string="A Due Date on a Holiday",
        default="none",
        required=True,
        help="Saturdays, Sundays and the days in the list of holidays.",
    )
    saturday_worked = fields.Boolean(
        string="Saturdays Are Worked", help="They are no reason to move a due date."
    )
    # Base
    base = fields.Selection(
        [("total", "Amount with taxes"), ("untaxed", "Amount without taxes")],
        default="total",
        required=True,
        tracking=True,
        help="On which part of the open balance interest is charged.",
    )
    compound = fields.Boolean(
        string="Interest on Interest",
        tracking=True,
        help="Unpaid interest notes bear interest too. It must have been agreed expressly (C. Comercio 363 in "
        "Mexico): give the reference of the contract.",
    )
    contract_reference = fields.Char(
        tracking=True, help="Contract or document in which the rate was agreed."
    )
    include_entries = fields.Boolean(
        string="Other Entries Too",
        help="Also opening balances and other receivable entries that are not invoices.",
    )
    exclude_domain = fields.Char(
        string="Left Out",
        help="Receivable items that meet these conditions bear no interest.",
    )
    skip_in_credit = fields.Boolean(
        string="None for Customers in Credit",
        default=True,
        help="Customers to whom the company owes more than they owe on the run's day are not charged.",
    )
    disputed = fields.Selection(
        SUSPENSIONS,
        string="Disputed Amounts",
        default="accrue",
        required=True,
        help="Count: it is shown, and billed once the dispute is over. No interest: the days of an open dispute are "
        "given up for good.",
    )
    promised = fields.Selection(
        SUSPENSIONS, string="Promised Amounts", default="charge", required=True
    )
    # Limits
    minimum = fields.Monetary(
        string="Minimum per Invoice",
        help="Less than this is not charged yet; the days wait for the next run.",
    )
    maximum = fields.Monetary(
        string="Maximum per Invoice",
        help="Most interest that an invoice ever bears. Zero: no maximum.",
    )
    customer_minimum = fields.Monetary(
        string="Minimum per Customer",
        help="A customer who would be charged less in a run, in one currency, waits for the next one.",
    )
    customer_maximum = fields.Monetary(
        string="Maximum per Customer",
        help="Most that a customer is charged in a run, in one currency. Zero: no maximum.",
    )
    fee_ids = fields.One2many(
        "cartera.interest.fee", "policy_id", string="Fees", copy=True
    )
    # The note
    charging = fields.Selection(
        [
            ("bill", "Billed by debit notes"),
            ("memo", "Only counted and shown"),
        ],
        string="The Interest Is",
        default="bill",
        required=True,
        tracking=True,
        help="Only counted: runs, invoices and accounts show what has accrued, and no note is ever made of it.",
    )
    billing_cycle = fields.Selection(
        [
            ("month", "Every month"),
            ("bimonth", "Every two months"),
            ("quarter", "Every three months"),
            ("manual", "Only by hand"),
        ],
        default="month",
        required=True,
        help="When the scheduled run takes the policy in.",
    )
    grouping = fields.Selection(
        [
            ("invoice", "One note per invoice"),
            ("customer", "One note per customer"),
        ],
        string="Debit Notes",
        default="invoice",
        required=True,
        help="A note per invoice names it as its origin; one per customer lists all invoices.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        check_company=True,
        domain="[('type', '=', 'sale')]",
        help="Of the debit notes. Empty: the company's first sales journal.",
    )
    product_id = fields.Many2one(
        "product.product",
        check_company=True,
        domain="[('type', '=', 'service')]",
        help="Brings the account and, where chosen, the taxes of the interest.",
    )
    account_id = fields.Many2one(
        "account.account",
        string="Income Account",
        check_company=True,
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        help="Of the interest. Empty: the product's, then the journal's.",
    )
    tax_mode = fields.Selection(
        [
            ("none", "No taxes"),
            ("origin", "Taxes of the invoice"),
            ("product", "Taxes of the product"),
            ("own", "These taxes"),
        ],
        string="Taxes on Interest",
        default=lambda self: self._default_tax_mode(),
        help="Mexico: the interest carries the tax of the invoice (LIVA 12). Colombia: not settled here; choose with "
        "your tax adviser, notes are not posted before.",
    )
    tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        check_company=True,
        domain="[('type_tax_use', '=', 'sale')]",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        check_company=True,
        help="Of the debit notes. Empty: they are due on their own day.",
    )
    alarm_rate = fields.Float(
        string="Warn Above (%)",
        digits=(16, 4),
        help="Yearly rate from which the policy and its runs show a warning: courts reduce notoriously excessive "
        "rates. Zero: never. Ask counsel for the figure.",
    )
    alarm = fields.Char(compute="_compute_alarm")

    @api.model
    def _default_tax_mode(self):
        return False if self.env.company.country_id.code == "CO" else "origin"

    @api.depends("rate_source", "is_effective", "rate_table_id.kind")
    def _compute_method(self):
        for policy in self:
            policy.method = policy._get_method()

    @api.depends("rate", "method", "alarm_rate", "tier_ids.rate", "rate_source")
    def _compute_alarm(self):
        for policy in self:
            times = 12 if policy.method == "monthly" else 1
            rates = [tier.rate for tier in policy.tier_ids]
            if policy.rate_table_id and policy._uses_table():
                rates.append(policy.rate_table_id.last_rate * policy._table_factor())
            else:
                rates.append(policy.rate)
            highest = max(rates) * times
            policy.alarm = (
                self.env._(
                    "%(rate)s %% a year is above the %(alarm)s %% from which this policy warns.",
                    rate=f"{highest:g}",
                    alarm=f"{policy.alarm_rate:g}",
                )
                if policy.alarm_rate and highest > policy.alarm_rate
                else False
            )

    @api.constrains(
        "rate_source",
        "rate",
        "rate_table_id",
        "factor",
        "cap_table_id",
        "cap_factor",
        "day_count",
        "is_effective",
        "tier_ids",
    )
    def _check_rate(self):
        for policy in self:
            problem = policy._rate_problem()
            if problem:
                raise ValidationError(problem)

    @api.constrains("grace_days", "minimum", "maximum", "customer_minimum")
    def _check_not_negative(self):
        for policy in self:
            for name in (
                "grace_days",
                "minimum",
                "maximum",
                "customer_minimum",
                "customer_maximum",
                "alarm_rate",
            ):
                if policy[name] < 0:
                    raise ValidationError(
                        self.env._(
                            "%(field)s of %(policy)s cannot be negative (received %(value)s).",
                            field=self._fields[name]._description_string(self.env),
                            policy=policy.name,
                            value=policy[name],
                        )
                    )

    @api.constrains("compound", "contract_reference")
    def _check_compound(self):
        for policy in self:
            if policy.compound and not (policy.contract_reference or "").strip():
                raise ValidationError(
                    self.env._(
                        "%(policy)s charges interest on interest: enter the reference of the contract in which that "
                        "was agreed.",
                        policy=policy.name,
                    )
                )

    @api.constrains("customer_domain", "exclude_domain")
    def _check_domains(self):
        for policy in self:
            for name, model in (
                ("customer_domain", "cartera.customer"),
                ("exclude_domain", "account.move.line"),
            ):
                try:
                    self.env[model].sudo()._search(policy._domain(name), limit=1)
                except Exception as error:
                    raise ValidationError(
                        self.env._(
                            "The conditions %(domain)s of %(policy)s cannot be used: %(error)s",
                            domain=policy[name],
                            policy=policy.name,
                            error=error,
                        )
                    ) from error

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        used = (
            self.env["cartera.interest.line"]
            .sudo()
            .search([("policy_id", "in", self.ids)], limit=1)
        )
        if used:
            raise UserError(
                self.env._(
                    "%(policy)s was used in %(run)s and is kept. Archive it instead.",
                    policy=used.policy_id.name,
                    run=used.run_id.name,
                )
            )

    @api.constrains("scope", "risk_class", "customer_domain")
    def _check_segment(self):
        for policy in self:
            if policy.scope == "segment" and not (
                policy.risk_class or policy._domain("customer_domain")
            ):
                raise ValidationError(
                    self.env._(
                        "%(policy)s is for a segment: choose a risk class or conditions.",
                        policy=policy.name,
                    )
                )

    def _is_due(self, month_end):
        """Whether the scheduled run of a month that ended on this day takes the policy in."""
        self.ensure_one()
        every = {"month": 1, "bimonth": 2, "quarter": 3}.get(self.billing_cycle)
        return bool(every) and month_end.month % every == 0
