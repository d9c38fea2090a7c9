"""Receivable items as plain rows, and how each is charged: what the interest engine reads and asks ``calc``."""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError

from ..calc import money
from ..calc.daycount import open_day
from ..calc.interest import Change, Charge, Item, accrue

ZERO = money.ZERO
ONE = Decimal(1)


@dataclass(frozen=True)
class InterestScope:
    """What interest is counted of: one company, up to a day; some customers, items or policies, or all.

    :param preferred: policies of which one is taken for customers without another
    :param only: charge only customers of these policies
    """

    company: models.BaseModel
    end: date
    partner_ids: tuple | None = None
    item_ids: tuple | None = None
    preferred: models.BaseModel | None = None
    only: models.BaseModel | None = None


@dataclass(frozen=True)
class Circumstances:
    """What holds in a scope, whatever the item.

    :param default: the policy of customers without another
    :param assigned: {commercial partner id: policy} of those with another; an empty one for the exempt
    :param in_credit: ids of the commercial partners to whom the company owes on balance
    :param suspended: {"disputed", "promised" or "stopped": {item id: amount}}
    """

    default: models.BaseModel
    assigned: dict
    in_credit: set
    suspended: dict


@dataclass(slots=True)
class Owed:
    """A receivable item as it was read: instalment of an invoice, or another entry."""

    id: int
    move_id: int
    partner_id: int
    currency_id: int
    due: date
    amount: Decimal
    untaxed: Decimal | None
    total: Decimal | None
    compounded: bool
    is_entry: bool
    billed_to: date | None
    billed: Decimal
    changes: list = field(default_factory=list)
    partials: list = field(default_factory=list)  # (day, ids) of what changed it

    def fingerprint(self, until):
        """Return what identifies the partials before a day: others later on mean a correction.

        The same as ``cartera.interest.correction._fingerprint_sql``.
        """
        ids = sorted(
            number for day, some in self.partials if day < until for number in some
        )
        if not ids:
            return ""
        text = ",".join(map(str, ids))
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@dataclass(slots=True)
class Proposal:
    """A charge that a run proposes: what becomes a line with its segments."""

    owed: Owed
    policy: models.BaseModel
    kind: str
    charge: Charge
    amount: Decimal
    computed: Decimal
    waived: Decimal = ZERO
    excluded: Decimal = ZERO
    note: str | None = None
    fee: models.BaseModel | None = None
    origin: int | None = None
    before: Decimal = ZERO
    date_from: date | None = None
    charged_to: date | None = None


class InterestCalculator:
    """Asks ``calc`` for the charge of one item after the other, with each policy made only once."""

    def __init__(self, engine, scope, policies):
        self.env, self.scope = engine.env, scope
        self.terms = {policy.id: policy._terms() for policy in policies}
        self.memo = {policy.id for policy in policies if policy.charging == "memo"}
        self.made = {}
        self.rounding = {
            currency.id: money.to_decimal(currency.rounding)
            for currency in engine.env["res.currency"]
            .sudo()
            .with_context(active_test=False)
            .search_fetch([], ["rounding"])
        }
        self.holidays = (
            engine.env["cartera.holiday"]._days(scope.company)
            if any(terms["holiday_mode"] != "none" for terms in self.terms.values())
            else frozenset()
        )

    def policy(self, policy, currency):
        key = (policy.id, currency)
        made = self.made.get(key)
        if made is None:
            made = self.made[key] = policy._calc_policy(
                self.terms[policy.id], self.rounding[currency]
            )
        return made

    def charge(self, row, policy, suspended):
        """Return the proposals for one item: what is charged, and what only accrues."""
        made = self.policy(policy, row.currency_id)
        item = as_item(row, self.terms[policy.id], self.scope.company, self.holidays)
        full = accrue(item, made, self.scope.end)
        if policy.id in self.memo:
            if not full.segments or not full.amount:
                return []
            return [Proposal(row, policy, "accrued", full, full.amount, full.amount)]
        accrued, given_up = self._waiting(row, policy, suspended)
        if not accrued and not given_up:
            if not full.segments or not full.amount:
                return []
            return [Proposal(row, policy, "interest", full, full.amount, full.amount)]
        return self._suspended(row, policy, item, made, full, accrued, given_up)

    def unit(self, policy, currency, due, billed_to):
        """Return what one unit of a balance that does not move is charged, for its due date and watermark."""
        made = self.policy(policy, currency)
        row = Owed(
            0, 0, 0, currency, due, ONE, None, None, False, False, billed_to, ZERO
        )
        item = as_item(row, self.terms[policy.id], self.scope.company, self.holidays)
        return accrue(item, made, self.scope.end)

    def _waiting(self, row, policy, suspended):
        """Return (what is counted until its dispute or promise is over, what bears none while it lasts)."""
        accrued, given_up = ZERO, ZERO
        for name, amounts in suspended.items():
            amount = amounts.get(row.id)
            if not amount:
                continue
            treatment = "exclude" if name == "stopped" else policy[name]
            if treatment == "accrue":
                accrued += amount
            elif treatment == "exclude":
                given_up += amount
        return accrued, given_up

    def _suspended(self, row, policy, item, made, full, accrued, given_up):
        billed = accrue(reduced(item, accrued), made, self.scope.end)
        left = accrue(reduced(item, accrued + given_up), made, self.scope.end)
        proposals = []
        if billed.amount:
            proposals.append(
                Proposal(
                    row,
                    policy,
                    "interest",
                    billed,
                    billed.amount,
                    billed.amount,
                    waived=billed.amount - left.amount,
                    excluded=min(accrued, row.amount),
                    note="suspended" if given_up else None,
                )
            )
        if full.amount > billed.amount:
            proposals.append(
                Proposal(
                    row,
                    policy,
                    "accrued",
                    full,
                    full.amount - billed.amount,
                    full.amount,
                    excluded=min(accrued, row.amount),
                    before=billed.amount,
                )
            )
        return proposals


class Thresholds:
    """Amounts of policies, in company currency, in other currencies at the rate of the scope's day."""

    def __init__(self, env, scope):
        self.env, self.scope = env, scope
        self.rates = None
        self.known = {}

    def of(self, policy, name, currency):
        """Return a limit in the currency with this id; None where it is not set."""
        amount = policy[name]
        if not amount:
            return None
        key = (policy, name, currency)
        if key not in self.known:
            self.known[key] = self.convert(amount, currency)
        return self.known[key]

    def convert(self, amount, currency):
        company, day = self.scope.company, self.scope.end
        amount = money.to_decimal(amount)
        if currency == company.currency_id.id or not amount:
            return amount
        helper = self.env["cartera.money"]
        if self.rates is None:
            self.rates = helper._rates(company, day)
        record = self.env["res.currency"].browse(currency)
        rate = self.rates.get(currency)
        if not rate:
            raise UserError(helper._missing_rate_message(record, company, day))
        return money.convert(
            amount, money.to_decimal(1), rate, money.to_decimal(record.rounding)
        )


def as_owed(rows):
    """Return {id: Owed} of rows as they were read."""
    return {
        row[0]: Owed(
            *row[:5],
            money.to_decimal(row[5]),
            *row[6:11],
            ZERO if row[11] is None else money.to_decimal(row[11]),
        )
        for row in rows
    }


def as_item(row, terms, company, holidays=None):
    """Return the ``calc`` item of a row, its due date moved off holidays where the terms say so."""
    due = row.due
    mode = terms["holiday_mode"]
    if mode != "none":
        if holidays is None:
            holidays = company.env["cartera.holiday"]._days(company)
        weekdays = range(6 if terms["saturday_worked"] else 5)
        due = open_day(due, weekdays, holidays, back=mode == "previous")
    base = None
    if terms["base"] == "untaxed" and row.total and not row.is_entry:
        untaxed = money.to_decimal(row.untaxed)
        total = money.to_decimal(row.total)
        if 0 <= untaxed <= total:
            base = row.amount * untaxed / total
    return Item(due, row.amount, tuple(row.changes), row.billed_to, row.billed, base)


def read_item(item, billed_to=None):
    """Return a journal item as a row, without what changed its balance."""
    move = item.move_id
    is_invoice = move.is_invoice(include_receipts=True)
    return Owed(
        item.id,
        move.id,
        item.partner_id.commercial_partner_id.id,
        item.currency_id.id,
        item.date_maturity or item.date,
        money.to_decimal(item.amount_currency),
        move.amount_untaxed if is_invoice else None,
        move.amount_total if is_invoice else None,
        False,
        not is_invoice,
        billed_to or None,
        ZERO,
    )


def reduced(item, amount):
    """Return the item without an amount that is in suspense, from its due date."""
    if not amount:
        return item
    change = Change(date.min, -amount)
    return Item(
        item.due,
        item.amount,
        (*item.changes, change),
        item.billed_to,
        item.billed,
        item.base,
    )
