from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from operator import attrgetter

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from ..calc import aging
from ..calc.money import ZERO
from .cartera_receivable_item import BASES

TOP = 10
VALUES = {"ledger": "residual_company", "revalued": "residual_revalued"}


@dataclass(frozen=True)
class AgingQuestion:
    """What an aging is asked for: a company, a day, and how to sort and value the items.

    :param netted: unapplied credits are taken off the oldest debt of their customer and currency; else they
        stand apart from the buckets
    :param measure: the field that is added up, in company currency
    """

    company: models.BaseModel
    day: date
    profile: models.BaseModel
    basis: str
    netted: bool
    value: str

    @property
    def measure(self):
        return VALUES[self.value]


@dataclass(slots=True)
class AgedCustomer:
    """What a commercial entity owes by bucket id, in company currency; ``partner`` 0 is nobody."""

    partner: int
    buckets: dict
    debt: Decimal
    credit: Decimal
    late: Decimal
    days: int
    items: int
    name: str = ""

    @property
    def total(self):
        return self.debt + self.credit


class CarteraAgingReport(models.AbstractModel):
    """Adds open items up for the aging screen and its workbook: gather, calc, show."""

    _name = "cartera.aging.report"
    _description = "Aging"

    @api.model
    def action_show(self, options=None):
        """Return what the aging screen shows, with the items that the user may see.

        :param options: {as_of, company_id, profile_id, basis: due/invoice/acknowledged, netted: bool,
            value: ledger/revalued}, each of them optional
        :return: totals, buckets, currencies and debtors as numbers in company currency
        :raise AccessError: for users who may not see receivables, or another company's
        :raise UserError: for a future day, an unknown profile or a missing rate
        """
        question = self._question(options or {})
        before = self._before(question)
        now = self._customers(question)
        then = self._customers(before)
        company, profile = question.company, question.profile
        total = sum((one.total for one in now), ZERO)
        buckets = self._bucket_rows(question, now, then)
        overdue = self._overdue(question, now)
        # of what is owed, as the key figure: unapplied credits are apart, or taken off where they are netted
        owed = sum((sum(one.buckets.values(), ZERO) for one in now), ZERO)
        return {
            "company_id": company.id,
            "companies": [
                {"id": one.id, "name": one.name} for one in self.env.companies
            ],
            "currency_id": company.currency_id.id,
            "as_of": fields.Date.to_string(question.day),
            "today": fields.Date.to_string(company._cartera_today()),
            "profile_id": profile.id,
            "profiles": [
                {"id": one.id, "name": one.name} for one in self._profiles(company)
            ],
            "basis": question.basis,
            "netted": question.netted,
            "value": question.value,
            "total": float(total),
            "overdue": float(overdue),
            "overdue_share": self._share(overdue, owed),
            "credit": float(sum((one.credit for one in now), ZERO)),
            "customers": sum(1 for one in now if one.partner and one.debt),
            "items": sum(one.items for one in now),
            "oldest": max((one.days for one in now), default=0),
            "nobody": float(sum((one.total for one in now if not one.partner), ZERO)),
            "buckets": buckets,
            "debtors": self._debtors(question, now, total),
            "currencies": self._currencies(question),
            "before": {
                "as_of": fields.Date.to_string(before.day),
                "total": float(sum((one.total for one in then), ZERO)),
                "overdue": float(self._overdue(before, then)),
                "credit": float(sum((one.credit for one in then), ZERO)),
            },
            "ledger": self._ledger(question, total),
        }

    # The question

    @api.model
    def _question(self, options):
        """Return what is asked for, checked; texts are taken as a URL has them."""
        self.env["cartera.receivable.item"].check_access("read")
        company = self.env.company
        if options.get("company_id"):
            company = self.env["res.company"].browse(int(options["company_id"]))
            if company not in self.env.companies:
                raise AccessError(
                    self.env._(
                        "You are not working in that company. Choose it at the top right and try again."
                    )
                )
        Item = self.env["cartera.receivable.item"].with_context(
            cartera_as_of=options.get("as_of") or False,
            cartera_profile_id=int(options.get("profile_id") or 0),
            cartera_basis=options.get("basis") or BASES[0],
        )
        value = options.get("value") or "ledger"
        if value not in VALUES:
            raise UserError(
                self.env._(
                    "Items are not valued at %(value)s. Choose one of %(values)s.",
                    value=value,
                    values=", ".join(VALUES),
                )
            )
        profile = Item._profile(company) or self.env[
            "cartera.aging.profile"
        ]._default_for(company)
        day, today = Item._as_of(company), company._cartera_today()
        if day > today:
            raise UserError(
                self.env._(
                    "What will be open on %(day)s is not known yet: choose a day until today, %(today)s.",
                    day=format_date(self.env, day),
                    today=format_date(self.env, today),
                )
            )
        return AgingQuestion(
            company=company,
            day=day,
            profile=profile.sudo(),
            basis=Item._basis(),
            netted=options.get("netted") in (True, "1", "true"),
            value=value,
        )

    @api.model
    def _before(self, question):
        """Return the same question for the end of the month before."""
        day = question.day.replace(day=1) - timedelta(days=1)
        return AgingQuestion(**(question.__dict__ | {"day": day}))

    @api.model
    def _profiles(self, company):
        return (
            self.env["cartera.aging.profile"]
            .sudo()
            .search([("company_id", "in", (company.id, False))])
        )

    def _items(self, question):
        return self.env["cartera.receivable.item"].with_context(
            cartera_as_of=question.day,
            cartera_profile_id=question.profile.id,
            cartera_basis=question.basis,
            allowed_company_ids=question.company.ids,
        )

    def _domain(self, question):
        """Return which items are asked for; the context may narrow them to one salesperson's customers."""
        domain = [("company_id", "=", question.company.id)]
        user = self.env.context.get("cartera_only_salesperson_id")
        return [*domain, ("partner_id.user_id", "=", user)] if user else domain

    # Gather

    def _rows(self, question):
        """Return [(partner, currency, {bucket id: debt}, credit, late, days, items)] of what the user may see.

        A row for each customer, and for each currency where credits are netted; its buckets are added up by the
        database, so that no more rows travel than the answer has. Sums come as texts, from which Decimals are exact.
        """
        Item = self._items(question)
        query = Item._search(self._domain(question))
        table = Item._table

        def column(name):
            return Item._field_to_sql(table, name, query)

        # OFFSET 0: each item's columns are counted once, and not once for each sum
        items = SQL(
            "%s OFFSET 0",
            query.select(
                SQL("%s AS partner_id", column("partner_id")),
                SQL("%s AS currency_id", column("currency_id")),
                SQL("%s AS amount", column(question.measure)),
                SQL("%s = 'debt' AS debt", column("side")),
                SQL("%s AS days", column("days")),
                SQL("%s AS days_overdue", column("days_overdue")),
            ),
        )
        buckets = question.profile._sorted_buckets()
        # nobody's money does not pay nobody's debt: netted, it stays in the bucket of its age
        sorted_in = (
            SQL("(i.debt OR i.partner_id IS NULL)")
            if question.netted
            else SQL("i.debt")
        )
        # late by the bucket, where one ends on the due date: PostgreSQL has a sum less
        after = self._late_buckets(question)
        late_sql = SQL(
            "(SUM(i.amount) FILTER (WHERE i.debt AND i.days_overdue > 0))::text"
        )
        rows = self.env.execute_query(
            SQL(
                """SELECT i.partner_id, %(currency)s, %(buckets)s,
                          (SUM(i.amount) FILTER (WHERE NOT i.debt))::text,
                          %(late)s,
                          GREATEST(MAX(i.days_overdue) FILTER (WHERE i.debt), 0), COUNT(*)
                     FROM (%(items)s) AS i
                 GROUP BY %(keys)s""",
                currency=SQL("i.currency_id") if question.netted else SQL("NULL"),
                keys=SQL("1, 2") if question.netted else SQL("1"),
                buckets=SQL(", ").join(
                    SQL(
                        "(SUM(i.amount) FILTER (WHERE %s AND %s))::text",
                        sorted_in,
                        self._inside(bucket, before),
                    )
                    for before, bucket in zip(
                        (None, *buckets[:-1]), buckets, strict=True
                    )
                ),
                late=SQL("NULL") if after else late_sql,
                items=items,
            )
        )
        ids, result = buckets.ids, []
        for partner, currency, *amounts, credit, late, days, items in rows:
            debts, late = {}, ZERO if late is None else Decimal(late)
            for bucket, amount in zip(ids, amounts, strict=True):
                if amount is not None:
                    debts[bucket] = amount = Decimal(amount)
                    if bucket in after:
                        late += amount
            credit = ZERO if credit is None else Decimal(credit)
            result.append((partner, currency, debts, credit, late, days, items))
        return result

    def _late_buckets(self, question):
        """Return the buckets (ids) that hold the overdue debt and no other; none if the profile does not tell."""
        if question.netted or question.basis != "due":
            return frozenset()
        buckets = question.profile._sorted_buckets()
        late = buckets.filtered(lambda one: not one.open_start and one.day_from > 0)
        if any(one.open_end or one.day_to > 0 for one in buckets - late):
            return frozenset()
        return frozenset(late.ids)

    def _inside(self, bucket, before):
        """Return whether an item's days are in a bucket, as ``bucket_id`` of the items says it."""
        after = SQL("i.days > %s", before.day_to) if before else SQL("TRUE")
        if bucket.open_end:
            return after
        return SQL("%s AND i.days <= %s", after, bucket.day_to)

    # Calc

    def _customers(self, question):
        """Return the customers with open items, the largest debt first."""
        buckets = aging.ordered(question.profile._calc_buckets())
        customers = {}
        for partner, _currency, debts, credit, late, days, items in self._rows(
            question
        ):
            key, debt = partner or 0, sum(debts.values(), ZERO)
            if question.netted:
                debts = self._netted(debts, credit, buckets) if key else debts
                debt -= ZERO if key else credit
            if key not in customers:
                customers[key] = AgedCustomer(
                    key, debts, debt, credit, late, days, items
                )
                continue
            one = customers[key]
            one.debt += debt
            one.credit += credit
            one.late += late
            one.days = max(one.days, days)
            one.items += items
            for bucket, amount in debts.items():
                one.buckets[bucket] = one.buckets.get(bucket, ZERO) + amount
        found = sorted(customers.values(), key=attrgetter("partner"))
        found.sort(key=attrgetter("total"), reverse=True)
        return found

    def _netted(self, debts, credit, buckets):
        """Return what is left in each bucket of a currency once the customer's credits are taken off."""
        by_name = {bucket.name: debts.get(int(bucket.name), ZERO) for bucket in buckets}
        left = aging.net_of(by_name, -credit, buckets)
        return {int(name): amount for name, amount in left.items()}

    @api.model
    def _overdue(self, question, customers):
        """Return what is past its due date; netted, less the customer's own credits, and never below zero."""
        if not question.netted:
            return sum((one.late for one in customers), ZERO)
        return sum(
            (
                max(one.late + (one.credit if one.partner else ZERO), ZERO)
                for one in customers
            ),
            ZERO,
        )

    @api.model
    def _share(self, part, whole):
        return float(round(part * 100 / whole, 1)) if whole > 0 else None

    def _bucket_rows(self, question, now, then):
        def totals(customers):
            summed = defaultdict(Decimal)
            for one in customers:
                for bucket, amount in one.buckets.items():
                    summed[bucket] += amount
            return summed

        current, before = totals(now), totals(then)
        whole = sum(current.values(), ZERO)
        return [
            {
                "id": bucket.id,
                "name": bucket.with_env(self.env).sudo().display_name,
                "late": not bucket.open_start and bucket.day_from > 0,
                "amount": float(current[bucket.id]),
                "share": self._share(current[bucket.id], whole),
                "before": float(before[bucket.id]),
                "customers": sum(1 for one in now if one.buckets.get(bucket.id)),
            }
            for bucket in question.profile._sorted_buckets()
        ]

    # Show

    def _with_names(self, customers):
        partners = (
            self.env["res.partner"]
            .sudo()
            .browse(one.partner for one in customers if one.partner)
        )
        partners.fetch(["name"])
        names = {partner.id: partner.name or "" for partner in partners}
        for one in customers:
            one.name = names.get(one.partner) or self.env._("Without a customer")
        return customers

    def _debtors(self, question, customers, total):
        return [
            {
                "partner_id": one.partner or False,
                "name": one.name,
                "total": float(one.total),
                "share": self._share(one.total, total),
                "overdue": float(self._overdue(question, [one])),
                "credit": float(one.credit),
                "days": one.days,
                "buckets": {
                    str(bucket): float(amount) for bucket, amount in one.buckets.items()
                },
            }
            for one in self._with_names(customers[:TOP])
            if one.total > 0
        ]

    def _currencies(self, question):
        """Return what is open in each currency of the documents, in that currency."""
        groups = self._items(question)._read_group(
            self._domain(question),
            ["currency_id"],
            ["residual:sum", "residual_company:sum", "__count"],
            order="currency_id",
        )
        return [
            {
                "currency_id": currency.id,
                "name": currency.name,
                "residual": amount,
                "residual_company": in_company,
                "items": count,
            }
            for currency, amount, in_company, count in groups
        ]

    def _ledger(self, question, total):
        """Return the ledger's balance for those who see all customers, to be compared with the items."""
        if question.value != "ledger" or not (
            self.env.user.has_group("account.group_account_readonly")
            or self.env.user.has_group("account.group_account_invoice")
        ):
            return None
        balance = self._items(question).sudo()._ledger_balance(question.company)
        return {"balance": float(balance), "difference": float(total - balance)}
