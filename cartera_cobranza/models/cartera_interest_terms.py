import ast
from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..calc import interest_policy as calc_policy
from ..calc import money
from ..calc.interest import Item, accrue
from ..calc.rates import CENTESIMAL, MissingRate, Rate, RateError, factor_rate

TABLE_SOURCES = ("table", "table_factor")
KIND_METHODS = {"year": "simple", "effective": "effective", "month": "monthly"}
EXAMPLE_AMOUNT = Decimal(10000)
EXAMPLE_DAYS = 45


class CarteraInterestTerms(models.AbstractModel):
    """What a policy comes to: plain values for ``calc``, whose customers, and an example for people."""

    _name = "cartera.interest.terms"
    _description = "Interest Terms"

    example = fields.Text(
        compute="_compute_example",
        help="What the policy charges on an invoice that is late now.",
    )

    @api.depends(
        "rate_source",
        "rate",
        "is_effective",
        "rate_table_id",
        "factor",
        "cap_table_id",
        "cap_factor",
        "day_count",
        "tier_ids.rate",
        "tier_ids.days_from",
        "grace_days",
        "grace_mode",
        "base",
        "company_id",
    )
    @api.depends_context("lang")
    def _compute_example(self):
        for policy in self:
            policy.example = policy._explain_example()

    def _explain_example(self):
        """Return the arithmetic of 10,000.00, late for 45 days as of today, in words."""
        company = self.company_id or self.env.company
        currency = company.currency_id
        end = company._cartera_today()
        due = end - timedelta(days=EXAMPLE_DAYS)
        try:
            policy = self._calc_policy(self._terms(), _rounding(currency))
            charge = accrue(Item(due, EXAMPLE_AMOUNT), policy, end)
        except MissingRate as error:
            return self.env._(
                "There is no rate for some of the last %(days)s days: %(error)s. Enter it in the table.",
                days=EXAMPLE_DAYS,
                error=error,
            )
        except (RateError, calc_policy.PolicyError, ValueError, TypeError) as error:
            return self.env._("No example yet: %(error)s", error=error)
        head = self.env._(
            "%(amount)s due on %(due)s and open on %(end)s, %(days)s days late:",
            amount=currency.format(float(EXAMPLE_AMOUNT)),
            due=format_date(self.env, due),
            end=format_date(self.env, end),
            days=EXAMPLE_DAYS,
        )
        rows = [
            f"{format_date(self.env, part.date_from)} – {format_date(self.env, part.date_to)}: "
            + self.env["cartera.interest.segment"]._formula(
                part._asdict(), self.day_count, currency
            )
            for part in charge.segments
        ]
        total = (
            self.env._(
                "Interest: %(amount)s", amount=currency.format(float(charge.amount))
            )
            if charge.segments
            else self.env._("No interest: still within the grace days.")
        )
        return "\n".join([head, *rows, total])

    def _domain(self, name):
        """Return the conditions in a field as a list; an empty field gives none."""
        value = self[name]
        return ast.literal_eval(value) if value else []

    def _uses_table(self):
        return self.rate_source in TABLE_SOURCES or (
            self.rate_source == "legal" and bool(self.rate_table_id)
        )

    def _table_factor(self):
        return self.factor if self.rate_source == "table_factor" else 1.0

    def _get_method(self):
        if self.rate_source == "fixed_month":
            return "monthly"
        if self._uses_table():
            return KIND_METHODS.get(self.rate_table_id.kind, "simple")
        return "effective" if self.is_effective else "simple"

    def _rate_problem(self):
        """Return why the policy's rates cannot be used, or False."""
        self.ensure_one()
        tables = self.env["cartera.interest.rate.table"]
        if self._uses_table():
            if not self.rate_table_id:
                return self.env._(
                    "Choose the rate table of %(policy)s.", policy=self.name
                )
        elif self.rate_source == "legal" and not self.rate:
            return self.env._(
                "Choose the table of the legal rate of %(policy)s, or type the rate after having it confirmed.",
                policy=self.name,
            )
        elif not self.rate and not self.tier_ids:
            return self.env._("Enter the rate of %(policy)s.", policy=self.name)
        problem = tables._check_percent(self.rate)
        if problem:
            return problem
        if self.factor <= 0 or self.cap_factor <= 0:
            return self.env._(
                "The factor of %(policy)s must be above zero (received %(factor)s).",
                policy=self.name,
                factor=f"{min(self.factor, self.cap_factor):g}",
            )
        cap = self.cap_table_id
        if (
            cap
            and cap.kind != "effective"
            and KIND_METHODS[cap.kind] != self._get_method()
        ):
            return self.env._(
                "The cap %(cap)s and the rate of %(policy)s are not of one kind: compare yearly rates with yearly "
                "ones and monthly with monthly ones, or choose a table of effective rates.",
                cap=cap.name,
                policy=self.name,
            )
        try:
            self._calc_policy(self._terms())
        except calc_policy.PolicyError as error:
            return self.env._(
                "%(policy)s contradicts itself: %(error)s",
                policy=self.name,
                error=error,
            )
        except RateError as error:
            return self.env._(
                "The rates of %(policy)s cannot be used: %(error)s",
                policy=self.name,
                error=error,
            )
        return False

    # Plain values

    def _terms(self):
        """Return the policy as plain values: what a run freezes, so that it can be computed again."""
        self.ensure_one()
        return {
            "method": self._get_method(),
            "day_count": self.day_count,
            "grace_days": self.grace_days,
            "grace_mode": self.grace_mode,
            "since": fields.Date.to_string(self.date_start) or None,
            "tiers": [
                [tier.days_from, str(money.to_decimal(tier.rate))]
                for tier in self.tier_ids.sorted("days_from")
            ],
            "rates": self._rate_rows(),
            "caps": self._scaled(self.cap_table_id, self.cap_factor)
            if self.cap_table_id
            else [],
            "effective_caps": self.cap_table_id.kind == "effective",
            "base": self.base,
            "holiday_mode": self.holiday_mode,
            "saturday_worked": self.saturday_worked,
        }

    def _rate_rows(self):
        if self._uses_table():
            if self.rate_source == "table_factor":
                return self._scaled(self.rate_table_id, self.factor)
            return self.rate_table_id._rows()
        if not self.rate:
            return []
        return [
            [
                str(money.to_decimal(self.rate)),
                None,
                None,
                self.contract_reference or "",
            ]
        ]

    def _scaled(self, table, factor):
        times = money.to_decimal(factor)
        return [
            [
                percent
                if times == 1
                else str(factor_rate(money.to_decimal(percent), times, CENTESIMAL)),
                *rest,
            ]
            for percent, *rest in table._rows()
        ]

    @api.model
    def _calc_policy(self, terms, rounding=CENTESIMAL):
        """Return the ``calc`` policy of frozen terms, for amounts with ``rounding``."""
        day = fields.Date.to_date
        return calc_policy.Policy(
            rates=tuple(_rate(row) for row in terms["rates"]),
            method=terms["method"],
            day_count=terms["day_count"],
            rounding=rounding,
            grace_days=terms["grace_days"],
            grace_mode=terms["grace_mode"],
            tiers=tuple(
                calc_policy.Tier(days, money.to_decimal(percent))
                for days, percent in terms["tiers"]
            ),
            caps=tuple(_rate(row) for row in terms["caps"]),
            effective_caps=terms["effective_caps"],
            since=day(terms["since"]) if terms["since"] else None,
        )

    # Whose policy

    @api.model
    def _assignment(self, company, preferred=None):
        """Return (default policy, {commercial partner id: policy or none}) of a company's customers.

        The dictionary has those who name a policy, belong to a segment or are exempt (an empty policy);
        all others have the default one. One query and one for each segment.

        :param preferred: policies of which one is the default, where it is for every customer
        """
        policies = self.sudo().search([("company_id", "=", company.id)])
        general = policies.filtered(lambda policy: policy.scope == "company")
        default = (general & preferred if preferred else general)[:1] or general[:1]
        found = {}
        customers = self.env["cartera.customer"].sudo()
        for segment in policies.filtered(lambda policy: policy.scope == "segment"):
            domain = Domain("company_id", "=", company.id)
            if segment.risk_class:
                domain &= Domain("risk_class", "=", segment.risk_class)
            domain &= Domain(segment._domain("customer_domain"))
            for customer in customers.search_fetch(domain, ["partner_id"]):
                found.setdefault(customer.partner_id.id, segment)
        self.env["cartera.customer"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT partner_id, interest_policy_id, interest_exempt FROM cartera_customer"
                " WHERE company_id = %s AND (interest_policy_id IS NOT NULL OR interest_exempt)",
                company.id,
            )
        )
        known = {policy.id: policy for policy in policies}
        for partner, policy, exempt in rows:
            if exempt:
                found[partner] = self.browse()
            elif policy in known:
                found[partner] = known[policy]
        return default, found


def _rate(row):
    percent, start, end, source = row
    dates = {}
    if start:
        dates["date_from"] = fields.Date.to_date(start)
    if end:
        dates["date_to"] = fields.Date.to_date(end)
    return Rate(money.to_decimal(percent), source=source, **dates)


def _rounding(currency):
    return money.to_decimal(currency.rounding)
