from odoo import api, fields, models

from ..calc import credit_analysis, money
from .cartera_score_class import RISK_CLASSES

# entered by people; frozen with the decision
ENTERED = (
    "statement_date",
    "statement_currency_id",
    "revenue",
    "net_income",
    "current_assets",
    "current_liabilities",
    "total_assets",
    "total_liabilities",
    "bureau_name",
    "bureau_score",
    "bureau_date",
    "bureau_note",
    "insurer_id",
    "insurer_answer",
    "insurer_amount",
    "insurer_date_to",
    "insurer_note",
    "visit_note",
    "conclusion",
)
# read and counted by the analysis, never entered
COUNTED = (
    "analysed_on",
    "first_invoice",
    "days_late",
    "days_late_known",
    "oldest_days",
    "broken_promises",
    "returned_payments",
    "purchases",
    "peak_exposure",
    "score",
    "score_maximum",
    "risk_class",
    "recommended_amount",
    "recommended_known",
    "recommendation",
)
FIGURES = (
    "revenue",
    "net_income",
    "current_assets",
    "current_liabilities",
    "total_assets",
    "total_liabilities",
)


class CarteraCreditInvestigation(models.AbstractModel):
    """What is found out about a customer: statements, references, bureau, insurer, behaviour, score.

    People enter what others say; how the customer pays is read from the ledger. Both make the score and the
    recommended limit, whose parts are kept with the application.
    """

    _name = "cartera.credit.investigation"
    _description = "Credit Investigation"

    # The application says which
    customer_id = fields.Many2one("cartera.customer")
    company_id = fields.Many2one("res.company")
    currency_id = fields.Many2one("res.currency")

    # Entered
    statement_date = fields.Date(
        string="Statements As Of", help="Last day of the customer's statements."
    )
    statement_currency_id = fields.Many2one(
        "res.currency",
        string="Currency of the Statements",
        compute="_compute_statement_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Currency in which the customer's statements are entered.",
    )
    revenue = fields.Monetary(
        currency_field="statement_currency_id", help="Net sales of the year."
    )
    net_income = fields.Monetary(
        currency_field="statement_currency_id", help="Net result of the year."
    )
    current_assets = fields.Monetary(
        currency_field="statement_currency_id",
        help="Cash, receivables, stock: what becomes money within a year.",
    )
    current_liabilities = fields.Monetary(
        currency_field="statement_currency_id", help="Debts due within a year."
    )
    total_assets = fields.Monetary(
        currency_field="statement_currency_id", help="All that the customer owns."
    )
    total_liabilities = fields.Monetary(
        currency_field="statement_currency_id", help="All that the customer owes."
    )
    bureau_name = fields.Char(string="Credit Bureau", help="Who was asked.")
    bureau_score = fields.Integer(help="The bureau's score, as reported; zero: none.")
    bureau_date = fields.Date(string="Reported On", help="Day of the report.")
    bureau_note = fields.Text(
        string="Bureau's Report", help="Late accounts, lawsuits, other creditors…"
    )
    insurer_id = fields.Many2one(
        "res.partner", string="Insurer", help="The credit insurer that was asked."
    )
    insurer_answer = fields.Selection(
        [
            ("full", "Covered in full"),
            ("part", "Covered in part"),
            ("refused", "Refused"),
        ],
        string="Insurer's Answer",
        help="What the insurer decided. Enter the coverage itself under the guarantees.",
    )
    insurer_amount = fields.Monetary(
        string="Insurer Covers", help="What the insurer grants for this customer."
    )
    insurer_date_to = fields.Date(string="Covered Until", help="Last day covered.")
    insurer_note = fields.Text(help="Conditions of the insurer.")
    visit_note = fields.Text(
        string="Visit", help="What was seen at the customer's premises, and by whom."
    )
    conclusion = fields.Text(help="What the analyst proposes, and why.")
    reference_ids = fields.One2many(
        "cartera.credit.reference", "request_id", string="Trade References"
    )

    # Computed from what was entered
    current_ratio = fields.Float(compute="_compute_ratios")
    debt_percent = fields.Float(string="Debt (%)", compute="_compute_ratios")
    margin_percent = fields.Float(string="Net Margin (%)", compute="_compute_ratios")
    working_capital = fields.Monetary(
        compute="_compute_ratios", currency_field="statement_currency_id"
    )
    equity = fields.Monetary(
        compute="_compute_ratios", currency_field="statement_currency_id"
    )

    # Read from the ledger when the analysis was made
    analysed_on = fields.Datetime(readonly=True, copy=False)
    first_invoice = fields.Date(
        string="Customer Since",
        readonly=True,
        copy=False,
        help="Day of the first invoice.",
    )
    days_late = fields.Float(
        string="Days Late, Weighted",
        readonly=True,
        copy=False,
        digits=(16, 2),
        help="Σ (paid × days late) / Σ paid of the last twelve months. It flatters who does not pay: look at the "
        "oldest open item as well.",
    )
    days_late_known = fields.Boolean(readonly=True, copy=False)
    oldest_days = fields.Integer(
        string="Oldest Open Item, Days Late", readonly=True, copy=False
    )
    broken_promises = fields.Integer(
        readonly=True, copy=False, help="In the last twelve months."
    )
    returned_payments = fields.Integer(
        readonly=True, copy=False, help="In the last twelve months."
    )
    purchases = fields.Monetary(
        string="Purchases of 12 Months",
        readonly=True,
        copy=False,
        currency_field="company_currency_id",
        help="Invoices less credit notes, taxes included, without interest.",
    )
    peak_exposure = fields.Monetary(
        readonly=True,
        copy=False,
        currency_field="company_currency_id",
        help="The most that was owed at the end of a day of the last twelve months.",
    )
    score = fields.Float(
        readonly=True, copy=False, help="Sum of the points below.", digits=(16, 2)
    )
    score_maximum = fields.Float(string="Of", readonly=True, copy=False)
    risk_class = fields.Selection(RISK_CLASSES, readonly=True, copy=False)
    recommended_amount = fields.Monetary(
        string="Recommended Limit",
        readonly=True,
        copy=False,
        currency_field="company_currency_id",
    )
    recommended_known = fields.Boolean(readonly=True, copy=False)
    recommendation = fields.Text(string="How It Was Found", readonly=True, copy=False)
    score_ids = fields.One2many(
        "cartera.credit.request.score",
        "request_id",
        string="Parts of the Score",
        readonly=True,
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )

    @api.depends("company_id")
    def _compute_statement_currency_id(self):
        for one in self:
            one.statement_currency_id = (
                one.statement_currency_id or one.company_id.currency_id
            )

    @api.depends(*FIGURES)
    def _compute_ratios(self):
        for one in self:
            found = one._ratios()
            for name in ("current_ratio", "debt_percent", "margin_percent"):
                value = getattr(found, name.replace("_ratio", ""))
                one[name] = float(value or 0)
            one.working_capital = float(found.working_capital or 0)
            one.equity = float(found.equity or 0)

    def _ratios(self):
        """Return calc's Ratios; what was left at zero is not known, except a result of zero."""
        self.ensure_one()
        known = {
            name: money.to_decimal(self[name]) if self[name] else None
            for name in FIGURES
        }
        if known["revenue"] is not None:
            known["net_income"] = money.to_decimal(self.net_income)
        for whole, part in (
            ("total_assets", "total_liabilities"),
            ("current_assets", "current_liabilities"),
        ):
            if known[whole] is not None:
                known[part] = money.to_decimal(self[part])
        return credit_analysis.ratios(credit_analysis.Statement(**known))

    # The analysis

    def _analyse(self):
        """Read behaviour, count the score and recommend a limit, for any number of applications.

        Gathers in a few statements by company, computes plain values, and writes once.
        """
        lines = []
        for company, theirs in self.sudo().grouped("company_id").items():
            behaviours = self.env["cartera.credit.behaviour"]._gather_behaviour(
                company, theirs.customer_id.partner_id.ids
            )
            scale = self.env["cartera.score.scale"]._for_company(company)
            rates = self.env["cartera.money"]._rates(company, company._cartera_today())
            for one in theirs:
                behaviour = behaviours[one.customer_id.partner_id.id]
                vals, parts = one._analysis_values(behaviour, scale, rates)
                one._write_decided(vals)
                lines += parts
        Line = self.env["cartera.credit.request.score"].sudo()
        Line.search([("request_id", "in", self.ids)])._remove()
        Line._make(lines)

    def _analysis_values(self, behaviour, scale, rates):
        """Return (values of the application, values of the lines of its score)."""
        self.ensure_one()
        company = self.company_id
        day = company._cartera_today()
        ratios = self._ratios()
        found = scale._score(self._facts(behaviour, ratios, day, rates))
        row = scale._class_for(found.total)
        equity = ratios.equity
        if equity is not None:
            equity = self.env["cartera.money"]._convert(
                float(equity), self.statement_currency_id, company, day, rates
            )
        policy = row._policy() if row else credit_analysis.Policy(money.ZERO)
        advice = credit_analysis.recommend(policy, behaviour.purchases, equity)
        vals = {
            "analysed_on": fields.Datetime.now(),
            "first_invoice": behaviour.first_invoice or False,
            "days_late": float(behaviour.days_late or 0),
            "days_late_known": behaviour.days_late is not None,
            "oldest_days": behaviour.oldest_days or 0,
            "broken_promises": behaviour.broken_promises or 0,
            "returned_payments": behaviour.returned_payments or 0,
            "purchases": float(behaviour.purchases or 0),
            "peak_exposure": float(behaviour.peak or 0),
            "score": float(found.total),
            "score_maximum": scale.maximum,
            "risk_class": row.risk_class or False,
            "recommended_amount": float(advice.amount or 0),
            "recommended_known": advice.amount is not None,
            "recommendation": self._explain(advice, policy, row, company),
        }
        factors = {factor.fact: factor for factor in scale.factor_ids}
        parts = [
            {
                "request_id": self.id,
                "sequence": number,
                "fact": part.key,
                "is_known": part.value is not None,
                "value": float(part.value or 0),
                "points": float(part.points or 0),
                "maximum": factors[part.key].maximum,
                "bands": factors[part.key].summary,
            }
            for number, part in enumerate(found.parts)
        ]
        return vals, parts

    def _facts(self, behaviour, ratios, day, rates):
        """Return {fact of a scale: Decimal, or None where it is not known}."""
        self.ensure_one()
        rated = self.reference_ids.filtered("rating")
        return {
            "days_late": behaviour.days_late,
            "oldest_days": _count(behaviour.oldest_days),
            "broken_promises": _count(behaviour.broken_promises),
            "returned_payments": _count(behaviour.returned_payments),
            "years": behaviour.years(day),
            "current_ratio": ratios.current,
            "debt_percent": ratios.debt_percent,
            "margin_percent": ratios.margin_percent,
            "references_good": (
                money.to_decimal(
                    100 * len(rated.filtered(lambda one: one.rating == "good"))
                )
                / len(rated)
                if rated
                else None
            ),
            "bureau_score": _count(self.bureau_score or None),
            "secured_percent": self._secured_percent(day, rates),
        }

    def _explain(self, advice, policy, row, company):
        """Return in words how the recommended limit was found."""

        def text(amount):
            return company.currency_id.format(float(amount))

        if advice.amount is None:
            return self.env._(
                "No recommendation: there are no purchases of the last twelve months and no equity to go by."
            )
        parts = []
        for one in advice.reasons:
            if one.key == "purchases":
                parts.append(
                    self.env._(
                        "Purchases of 12 months %(base)s ÷ 12 × %(months)s months (class %(risk)s) = %(amount)s",
                        base=text(one.base),
                        months=_plain(one.factor),
                        risk=(row.risk_class or "?").upper(),
                        amount=text(one.amount),
                    )
                )
            elif one.key == "equity":
                parts.append(
                    self.env._(
                        "Equity %(base)s × %(percent)s %% (class %(risk)s) = %(amount)s",
                        base=text(one.base),
                        percent=_plain(one.factor),
                        risk=(row.risk_class or "?").upper(),
                        amount=text(one.amount),
                    )
                )
            else:
                parts.append(
                    self.env._(
                        "Most that class %(risk)s gets: %(amount)s",
                        risk=(row.risk_class or "?").upper(),
                        amount=text(one.amount),
                    )
                )
        parts.append(
            self.env._(
                "The lowest counts, rounded down to %(step)s: %(amount)s",
                step=text(policy.step),
                amount=text(advice.amount),
            )
            if len(parts) > 1
            else self.env._(
                "Rounded down to %(step)s: %(amount)s",
                step=text(policy.step),
                amount=text(advice.amount),
            )
        )
        return "\n".join(parts)


def _plain(value):
    """Return a number without idle decimals."""
    return f"{float(value):g}"


def _count(value):
    return None if value is None else money.to_decimal(value)
