"""Statements of account: what is open, and how the balance came about, in each currency.

Amounts have the ledger's sign: what the customer owes is positive, payments and credit notes are negative. Nothing
is converted; each currency is an account of its own.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Any, NamedTuple

from .aging import Bucket
from .money import ZERO

BY_DUE = itemgetter(2, 0)  # of an OpenItem: due date, key


class OpenItem(NamedTuple):
    """An item that is open on the day of the statement; ``document`` is what is shown of it."""

    key: int
    currency: int
    due: date
    residual: Decimal
    disputed: Decimal = ZERO
    promised: Decimal = ZERO
    document: Any = None


class Movement(NamedTuple):
    """Something that changed the balance on a day; ``document`` is what is shown of it."""

    key: tuple
    currency: int
    day: date
    amount: Decimal
    document: Any = None


class Line(NamedTuple):
    """A movement and the balance after it."""

    movement: Movement
    balance: Decimal


@dataclass(slots=True)
class OpenAccount:
    """What is open in one currency: debts by bucket, unapplied credits apart."""

    items: list[OpenItem] = field(default_factory=list)
    buckets: dict[str, Decimal] = field(default_factory=dict)
    debt: Decimal = ZERO
    credit: Decimal = ZERO
    overdue: Decimal = ZERO
    disputed: Decimal = ZERO
    promised: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.debt + self.credit


@dataclass(slots=True)
class RunningAccount:
    """The movements of a period in one currency, between an opening and a closing balance."""

    opening: Decimal
    lines: list[Line]
    debits: Decimal
    credits: Decimal
    closing: Decimal


def open_accounts(
    items: Iterable[OpenItem], buckets: Sequence[Bucket], as_of: date
) -> dict[int, OpenAccount]:
    """The open items of one customer by currency, oldest due date first; buckets as ``aging.ordered`` returns them.

    >>> one = OpenItem(1, 7, date(2026, 3, 1), Decimal(100))
    >>> found = open_accounts([one], [Bucket("all", None, None)], date(2026, 3, 31))
    >>> found[7].overdue, found[7].buckets
    (Decimal('100'), {'all': Decimal('100')})
    """
    accounts: dict[int, OpenAccount] = {}
    starts = [bucket.start for bucket in buckets[1:]]
    names = [bucket.name for bucket in buckets]
    for item in sorted(items, key=BY_DUE):
        _key, currency, due, residual, disputed, promised, _document = item
        account = accounts.get(currency)
        if account is None:
            account = accounts[currency] = OpenAccount(
                buckets=dict.fromkeys(names, ZERO)
            )
        account.items.append(item)
        if disputed:
            account.disputed += disputed
        if promised:
            account.promised += promised
        if residual < 0:
            account.credit += residual
            continue
        days = (as_of - due).days
        account.debt += residual
        # as ``aging.bucket_of``, whose bounds are the same for thousands of items
        account.buckets[names[bisect_right(starts, days)]] += residual
        if days > 0:
            account.overdue += residual
    return accounts


def running(opening: Decimal, movements: Iterable[Movement]) -> RunningAccount:
    """The balance after each movement of one currency, by day.

    >>> account = running(Decimal(100), [Movement((1,), 7, date(2026, 3, 1), Decimal(-40))])
    >>> account.closing, account.lines[0].balance, account.credits
    (Decimal('60'), Decimal('60'), Decimal('-40'))
    """
    lines, balance, debits, credits = [], opening, ZERO, ZERO
    for movement in sorted(movements, key=lambda one: (one.day, one.key)):
        balance += movement.amount
        if movement.amount > 0:
            debits += movement.amount
        else:
            credits += movement.amount
        lines.append(Line(movement, balance))
    return RunningAccount(opening, lines, debits, credits, balance)


def running_accounts(
    closings: Mapping[int, Decimal], movements: Iterable[Movement]
) -> dict[int, RunningAccount]:
    """The accounts of one customer that end with what is open: the opening is what the movements leave of it.

    :param closings: what is open at the end by currency; none is zero
    """
    by_currency = defaultdict(list)
    for movement in movements:
        by_currency[movement.currency].append(movement)
    result = {}
    for currency in {**closings, **by_currency}:
        found = by_currency.get(currency, ())
        closing = closings.get(currency, ZERO)
        opening = closing - sum((one.amount for one in found), ZERO)
        if found or opening:
            result[currency] = running(opening, found)
    return result
