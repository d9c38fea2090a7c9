"""Where a payment goes: imputation, first in first out, and small differences.

Amounts are positive and in one currency. Parts and rest always add up to the payment.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .money import ZERO

HUNDRED = Decimal(100)
COSTS_FIRST = ("costs", "interest", "principal")


class AllocationError(ValueError):
    """A payment cannot be applied as asked."""


class OverApplication(AllocationError):
    """More would be applied than is open."""

    def __init__(self, amount: Decimal, open_amount: Decimal):
        self.amount, self.open_amount = amount, open_amount
        super().__init__(f"{amount} cannot be applied: {open_amount} is open")


class NoTolerance(AllocationError):
    """No limit of a tolerance is filled."""


@dataclass(frozen=True)
class Debt:
    """What can be paid: ``key`` names it, ``kind`` is costs, interest or principal.

    ``item`` groups what belongs to one invoice. A negative amount is a credit note that
    the customer takes off.
    """

    key: int | str
    due: date
    amount: Decimal
    kind: str = "principal"
    item: int | str = ""


@dataclass(frozen=True)
class Allocation:
    """``parts`` in the order they were paid, ``rest`` of the payment stays on account."""

    parts: tuple[tuple[int | str, Decimal], ...]
    rest: Decimal

    @property
    def applied(self) -> Decimal:
        """What was applied, less the credits that were used."""
        return sum((amount for _key, amount in self.parts), ZERO)


def impute(
    payment: Decimal,
    debts: Iterable[Debt],
    order: Sequence[str] = COSTS_FIRST,
    by_item: bool = False,
) -> Allocation:
    """Apply a payment by kind in ``order``, inside a kind by due date.

    Interest is paid before capital unless something else is agreed (C. Comercio 364 in
    Mexico, C. Civil 1653 in Colombia). Capital 100, interest 30, payment 50: 30 to
    interest, 20 to capital.

    >>> day = date(2026, 1, 1)
    >>> owed = [Debt("c", day, Decimal(100)), Debt("i", day, Decimal(30), "interest")]
    >>> impute(Decimal(50), owed).parts
    (('i', Decimal('30')), ('c', Decimal('20')))

    With ``by_item`` the oldest invoice is paid whole, its kinds in order, before the
    next. Credits are used first, oldest first, and no further than there is debt.
    """
    debts = list(debts)
    ranks = {kind: rank for rank, kind in enumerate(order)}
    for debt in debts:
        if debt.kind not in ranks:
            raise AllocationError(f"{debt.key}: {debt.kind!r} is not in {list(order)}")
    first_due: dict[int | str, date] = {}
    for debt in debts:
        first_due[debt.item] = min(debt.due, first_due.get(debt.item, debt.due))

    def place(debt: Debt) -> tuple:
        rank = ranks[debt.kind]
        behind = (debt.due, str(debt.item), str(debt.key))
        if by_item:
            return (first_due[debt.item], str(debt.item), rank, *behind)
        return (rank, *behind)

    return _apply(payment, sorted(debts, key=place))


def fifo(payment: Decimal, debts: Iterable[Debt]) -> Allocation:
    """Apply a payment to the oldest due date first, whatever the kind.

    >>> owed = [Debt(7, date(2026, 2, 1), Decimal(80)), Debt(3, date(2026, 1, 1), Decimal(50))]
    >>> fifo(Decimal(60), owed).parts
    ((3, Decimal('50')), (7, Decimal('10')))
    """
    return _apply(payment, sorted(debts, key=lambda debt: (debt.due, str(debt.key))))


def _apply(payment: Decimal, debts: Sequence[Debt]) -> Allocation:
    """Pay in the order given; what neither payment nor credits cover stays open."""
    if payment < 0:
        raise AllocationError(f"a payment of {payment} is not a payment")
    wanted = sum((debt.amount for debt in debts if debt.amount > 0), ZERO)
    parts = []
    funds = payment
    for credit in sorted(debts, key=lambda debt: debt.due):
        used = min(-credit.amount, wanted + payment - funds)
        if used > 0:
            parts.append((credit.key, -used))
            funds += used
    for debt in debts:
        paid = min(debt.amount, funds)
        if paid > 0:
            parts.append((debt.key, paid))
            funds -= paid
    return Allocation(tuple(parts), funds)


def checked(amount: Decimal, open_amount: Decimal) -> Decimal:
    """``amount``, if it can be applied to an item of which ``open_amount`` is open.

    >>> checked(Decimal(100), Decimal(100))
    Decimal('100')
    """
    if amount <= 0:
        raise AllocationError(f"an amount above zero is applied, not {amount}")
    if amount > open_amount:
        raise OverApplication(amount, open_amount)
    return amount


def allowed_difference(
    open_amount: Decimal,
    amounts: Iterable[Decimal | None] = (),
    percents: Iterable[Decimal | None] = (),
) -> Decimal:
    """The difference that may be written off: the lowest of the limits that are filled.

    A blank limit (None) does not restrict, and one at least must be filled; in SAP a
    blank percent silently allows nothing. Open 300.00 with 5.00 and 1 % allows 3.00:

    >>> allowed_difference(Decimal(300), [Decimal(5), None], [Decimal(1)])
    Decimal('3')
    """
    limits = [limit for limit in amounts if limit is not None]
    limits += [
        abs(open_amount) * percent / HUNDRED
        for percent in percents
        if percent is not None
    ]
    if not limits:
        raise NoTolerance("a tolerance needs an amount or a percent")
    return min(limits)


def difference_to_write_off(
    open_amount: Decimal, received: Decimal, allowed: Decimal, before: Decimal = ZERO
) -> Decimal | None:
    """What a receipt leaves to be written off: above zero when it is short.

    None when the difference, with what was written off on the item ``before``, is above
    what is allowed in its life. Invoice 97,346.50 and receipt 97,346.42 leave 0.08:

    >>> difference_to_write_off(Decimal("97346.50"), Decimal("97346.42"), Decimal(1))
    Decimal('0.08')
    """
    difference = open_amount - received
    if abs(difference) + abs(before) > allowed:
        return None
    return difference
