"""What can be collected of a customer's open items: net of disputes, promises and credits.

Amounts are signed as in the ledger: a credit is negative. ``residual`` is in the item's
currency, ``residual_company`` in the company's, as the ledger holds it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .contact_plan import Made, Open, Planned, Step, leading_item, next_step
from .money import ZERO, round_money


@dataclass(frozen=True)
class Item:
    """An open item; ``chased`` is false for what is never demanded by a plan.

    ``disputed`` and ``promised`` are the parts of the residual, in the item's currency,
    that a dispute or a promise keeps from being demanded.
    """

    key: int
    move: int
    due: date
    currency: int
    residual: Decimal
    residual_company: Decimal
    chased: bool = True
    disputed: Decimal = ZERO
    promised: Decimal = ZERO

    @property
    def free(self) -> Decimal:
        """What can be demanded, in the item's currency; credits as they are."""
        if self.residual <= 0:
            return self.residual
        if not self.chased:
            return ZERO
        return max(self.residual - self.disputed - self.promised, ZERO)

    def free_company(self, rounding: Decimal) -> Decimal:
        """What can be demanded, in the company's currency.

        >>> item = Item(1, 1, date(2026, 1, 1), 2, Decimal(100), Decimal(50), disputed=Decimal(40))
        >>> item.free_company(Decimal("0.01"))
        Decimal('30.00')
        """
        if self.free == self.residual:
            return self.residual_company
        return round_money(self.residual_company * self.free / self.residual, rounding)


@dataclass(frozen=True)
class Plan:
    """The settings of a strategy: its steps as ``checked_steps`` returns them."""

    steps: Sequence[Step]
    mode: str = "first_pending"
    quiet_days: int = 0
    min_balance: Decimal = ZERO
    min_item: Decimal = ZERO


@dataclass(frozen=True)
class Due:
    """What is to be done for a customer: the step, the item it is for, and all items it is
    about."""

    planned: Planned
    leading: int
    items: tuple[Item, ...]
    net: Decimal


def due_contact(
    plan: Plan,
    items: Sequence[Item],
    today: date,
    made: Mapping[int, Sequence[Made]],
    announced: frozenset[int] = frozenset(),
    last_contact: date | None = None,
    rounding: Decimal = Decimal("0.01"),
) -> Due | None:
    """The contact that a customer is due today, or None.

    The overdue items come first: the oldest that can be collected carries the step, all
    of them are listed, with the credits. Only when they ask for nothing today the step
    before the due date is looked at, which acts once for each item not ``announced``
    yet. ``made`` are the steps already made, by leading item.
    """
    late = [step for step in plan.steps if step.days >= 0]
    early = [step for step in plan.steps if step.days < 0]
    if late:
        first = min(late[0].days, 1)
        reached = [item for item in items if (today - item.due).days >= first]
        found = _overdue(
            plan, late, items, reached, today, made, last_contact, rounding
        )
        if found:
            return found
    for step in early:
        return _upcoming(plan, step, items, today, announced, last_contact, rounding)
    return None


def demanded(
    items: Sequence[Item],
    today: date,
    leading: int,
    rounding: Decimal,
    horizon: int | None = None,
) -> tuple[Item, ...]:
    """What is asked for when the message goes out: the items of the contact as they are now.

    Empty when the leading item can no longer be collected, or credits cover what can. With
    a ``horizon`` of days it is the notice before the due date, of what comes due in them.
    """
    debts = [item for item in items if item.free > 0]
    if leading not in {item.key for item in debts}:
        return ()
    credits = _credits(items)
    if horizon is None:
        late = [item for item in debts if item.due <= today]
        if leading_item(_opens([*late, *credits], rounding)) is None:
            return ()
        return (*late, *credits)
    if leading_item(_opens([*debts, *credits], rounding)) is None:
        return ()
    return tuple(item for item in debts if 0 <= (item.due - today).days <= horizon)


def _opens(items: Iterable[Item], rounding: Decimal) -> list[Open]:
    return [Open(item.key, item.due, item.free_company(rounding)) for item in items]


def _credits(items: Iterable[Item]) -> list[Item]:
    return [item for item in items if item.residual < 0]


def _overdue(plan, steps, items, reached, today, made, last_contact, rounding):
    debts = [item for item in reached if item.free > 0]
    credits = _credits(items)
    opens = _opens([*debts, *credits], rounding)
    net = sum((one.residual for one in opens), ZERO)
    if net < plan.min_balance:
        return None
    leading = leading_item(opens, plan.min_item)
    if leading is None:
        return None
    planned = next_step(
        steps,
        leading.due,
        today,
        made.get(leading.key, ()),
        plan.mode,
        last_contact,
        plan.quiet_days,
    )
    if planned is None or planned.day > today:
        return None
    return Due(planned, leading.key, (*debts, *credits), net)


def _upcoming(plan, step, items, today, announced, last_contact, rounding):
    debts = [item for item in items if item.free > 0]
    credits = _credits(items)
    if leading_item(_opens([*debts, *credits], rounding), plan.min_item) is None:
        return None
    coming = [
        item
        for item in debts
        if item.due >= today
        and (today - item.due).days >= step.days
        and item.key not in announced
        and item.free_company(rounding) > plan.min_item
    ]
    if not coming:
        return None
    first = min(coming, key=lambda item: (item.due, item.key))
    planned = next_step(
        [step], first.due, today, (), plan.mode, last_contact, plan.quiet_days
    )
    if planned is None or planned.day > today:
        return None
    net = sum((item.free_company(rounding) for item in coming), ZERO)
    return Due(planned, first.key, tuple(coming), net)
