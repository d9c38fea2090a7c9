"""Promises to pay: kept, partial or broken, by the payments inside their windows.

An instalment's window is open from the day the promise was made to the end of its date
plus the tolerance days (SAP Collections Management). What comes later is recorded and
does not mend a broken promise. A payment that is reversed never came, unless the
promise was frozen before.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from .money import ZERO

SUPERVISED_LEVEL = 3


class PromiseError(ValueError):
    """A promise that cannot be evaluated."""


@dataclass(frozen=True)
class Instalment:
    """An amount that is promised for a date."""

    day: date
    amount: Decimal


@dataclass(frozen=True)
class Promise:
    """What was promised, when, and what is tolerated.

    ``freeze_days`` after the last window's end reversals no longer change the result;
    None never freezes. Tolerances are per instalment.
    """

    made: date
    instalments: tuple[Instalment, ...]
    tolerance_days: int = 0
    tolerance_amount: Decimal = ZERO
    freeze_days: int | None = None

    def __post_init__(self):
        if not self.instalments:
            raise PromiseError("a promise needs a date and an amount")
        for part in self.instalments:
            if part.amount <= 0:
                raise PromiseError(
                    f"an amount above zero is promised, not {part.amount}"
                )
            if part.day < self.made:
                raise PromiseError(f"{part.day} is before the promise, {self.made}")

    @property
    def ends(self) -> date:
        """The last day of the last window."""
        return self.window_end(max(part.day for part in self.instalments))

    def window_end(self, day: date) -> date:
        """The last day on which a payment for ``day`` counts."""
        return day + timedelta(days=self.tolerance_days)


@dataclass(frozen=True)
class Payment:
    """Money allocated to the promised invoices, by value date; ``reversed_on`` if it was."""

    day: date
    amount: Decimal
    reversed_on: date | None = None


@dataclass(frozen=True)
class Kept:
    """One instalment, evaluated; ``kept_on`` is the day its promise was fulfilled."""

    instalment: Instalment
    state: str
    paid: Decimal
    kept_on: date | None


@dataclass(frozen=True)
class Evaluation:
    """A promise on a day.

    ``state``: open, kept, partial or broken. ``closed``: every window is over.
    ``paid`` came inside a window, ``late`` after the last one, ``surplus`` inside and
    above what was promised.
    """

    state: str
    closed: bool
    frozen: bool
    paid: Decimal
    late: Decimal
    surplus: Decimal
    kept_on: date | None
    instalments: tuple[Kept, ...]


def evaluate(promise: Promise, payments: Iterable[Payment], as_of: date) -> Evaluation:
    """Evaluate a promise at the end of the day ``as_of``.

    5,000 for 10 June, 2 days tolerated: 3,000 on the 11th make it partial, 2,000 more
    on the 12th keep it; on the 13th they would be late.

    >>> promised = Instalment(date(2026, 6, 10), Decimal(5000))
    >>> promise = Promise(date(2026, 6, 1), (promised,), tolerance_days=2)
    >>> first = Payment(date(2026, 6, 11), Decimal(3000))
    >>> evaluate(promise, [first], date(2026, 6, 11)).state
    'partial'
    >>> evaluate(promise, [first, Payment(date(2026, 6, 12), Decimal(2000))], date(2026, 6, 12)).state
    'kept'

    A payment fills the instalments whose window is open, by their dates. The promise is
    kept when every instalment is; once one has failed it is partial or broken, by
    whether anything was paid; while none has failed and some are still to come it is
    open.
    """
    frozen_after = _frozen_after(promise)
    parts = sorted(promise.instalments, key=lambda part: (part.day, part.amount))
    paid = [ZERO] * len(parts)
    kept_on: list[date | None] = [None] * len(parts)
    late = surplus = ZERO
    for payment in sorted(payments, key=lambda payment: payment.day):
        if not _counts(payment, promise, as_of, frozen_after):
            continue
        left = payment.amount
        for place, part in enumerate(parts):
            if payment.day <= promise.window_end(part.day):
                used = min(left, part.amount - paid[place])
                paid[place] += used
                left -= used
                enough = paid[place] >= part.amount - promise.tolerance_amount
                if used and enough and kept_on[place] is None:
                    kept_on[place] = payment.day
        if payment.day > promise.ends:
            late += left
        else:
            surplus += left
    found = tuple(
        Kept(part, _state(promise, part, amount, day, as_of), amount, day)
        for part, amount, day in zip(parts, paid, kept_on, strict=True)
    )
    total = sum(paid, ZERO)
    state = _whole({part.state for part in found}, total)
    return Evaluation(
        state=state,
        closed=as_of > promise.ends,
        frozen=frozen_after is not None and as_of > frozen_after,
        paid=total,
        late=late,
        surplus=surplus,
        kept_on=max(day for day in kept_on if day) if state == "kept" else None,
        instalments=found,
    )


def _frozen_after(promise: Promise) -> date | None:
    if promise.freeze_days is None:
        return None
    return promise.ends + timedelta(days=promise.freeze_days)


def _counts(
    payment: Payment, promise: Promise, as_of: date, frozen_after: date | None
) -> bool:
    """Whether a payment came after the promise and was not taken back in time."""
    if not promise.made <= payment.day <= as_of:
        return False
    back = payment.reversed_on
    if back is None or back > as_of:
        return True
    return frozen_after is not None and back > frozen_after


def _state(
    promise: Promise, part: Instalment, paid: Decimal, kept_on: date | None, as_of: date
) -> str:
    if kept_on is not None:
        return "kept"
    if paid > 0:
        return "partial"
    return "broken" if as_of > promise.window_end(part.day) else "open"


def _whole(states: set[str], paid: Decimal) -> str:
    if states == {"kept"}:
        return "kept"
    if "partial" in states or "broken" in states:
        return "partial" if paid > 0 else "broken"
    return "open"


def lowered(promise: Promise, amount: Decimal) -> Promise:
    """The promise brought down to ``amount``, when a credit note leaves less to pay.

    The last instalments give way first. Never raises an amount.

    >>> day = date(2026, 6, 10)
    >>> lowered(Promise(day, (Instalment(day, Decimal(500)),)), Decimal(300)).instalments
    (Instalment(day=datetime.date(2026, 6, 10), amount=Decimal('300')),)
    """
    if amount <= 0:
        raise PromiseError(f"nothing is left to promise: {amount}")
    left = amount
    parts = []
    for part in sorted(promise.instalments, key=lambda part: part.day):
        share = min(part.amount, left)
        left -= share
        if share:
            parts.append(replace(part, amount=share))
    return replace(promise, instalments=tuple(parts))


def next_level(previous_state: str | None, previous_level: int = 0) -> int:
    """The level of a new promise for an invoice (SAP, promises to pay).

    An open, partial, broken or withdrawn promise before it raises the level by one; a
    kept one starts again at 1; one that was cancelled as an error leaves the level as
    it was.

    >>> next_level("broken", 1), next_level("withdrawn", 1), next_level("kept", 2)
    (2, 2, 1)
    """
    if previous_state in (None, "kept"):
        return 1
    if previous_state == "cancelled":
        return max(previous_level, 1)
    return previous_level + 1


def needs_supervisor(level: int, threshold: int = SUPERVISED_LEVEL) -> bool:
    """Whether a promise of this level needs a supervisor's consent.

    >>> needs_supervisor(2), needs_supervisor(3)
    (False, True)
    """
    return level >= threshold
