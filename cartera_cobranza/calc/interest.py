"""Moratory interest of one receivable item, segment by segment.

Charged days are (due, end]: the first is the day after the due date, the day of a
payment is charged at the old balance, a rate valid from D applies to day D. A segment's
factor is F(anchor → its last day) − F(anchor → the day before its first); the anchor is
fixed for each rate period of an item, so that runs, payments and tiers may cut anywhere
and the parts still add up to the whole:

    simple:     F(n) = r × n / D              n and D by the day count, from the anchor
    monthly:    simple with r = 12 × monthly rate, D = 360, actual days
    effective:  F(n) = (1 + r)^(n / 365) − 1  actual days (Colombia: SFC 2009046566-001)

Sums stay unrounded; money is rounded once per item and run.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import NamedTuple

from .growth import EXACT, PLACES, between
from .interest_policy import Policy
from .money import ZERO, round_money
from .rates import ONE_DAY, Gap, MissingRate

# Below this all is noise of the last place of F; cut before rounding, so that a sum
# that is exactly half a cent is rounded as such.
NOISE = Decimal("1E-22")


@dataclass(frozen=True)
class Change:
    """The item's balance moves by ``amount`` after ``day``, its value date.

    Negative for payments and credit notes, positive for their reversal.
    """

    day: date
    amount: Decimal


@dataclass(frozen=True)
class Item:
    """A receivable item (an invoice's instalment): due date, original amount, changes.

    ``billed_to`` is the last day that was charged before (the watermark), ``billed``
    what was charged up to it. ``base`` is the part of ``amount`` that bears interest
    (the amount without tax, say); None is all of it.
    """

    due: date
    amount: Decimal
    changes: tuple[Change, ...] = ()
    billed_to: date | None = None
    billed: Decimal = ZERO
    base: Decimal | None = None

    def __post_init__(self):
        if self.base is not None and not 0 <= self.base <= self.amount > 0:
            raise ValueError(f"a base of {self.base} is no part of {self.amount}")

    def bearing(self, balance: Decimal) -> Decimal:
        """The part of a balance that bears interest."""
        if self.base is None:
            return balance
        return (balance * self.base / self.amount).quantize(PLACES)


class Segment(NamedTuple):
    """Days with one balance and one rate, both dates inclusive, nothing rounded.

    ``days`` are by the day count; ``rate`` is percent as stated, a month's for monthly.
    A named tuple, since a run makes a hundred thousand of them.
    """

    date_from: date
    date_to: date
    days: int
    balance: Decimal
    rate: Decimal
    method: str
    capped: bool
    anchor: date
    factor: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Charge:
    """The interest of an item in a run.

    ``exact`` is the sum of the segments, ``amount`` what is charged: rounded once,
    nothing below the minimum, no more than the maximum. ``billed_to`` is the watermark
    afterwards; it stays where it was when nothing is charged, so that no day is lost.
    ``reason`` says why nothing is: not_due, paid, grace, minimum, zero, maximum.
    """

    segments: tuple[Segment, ...]
    exact: Decimal
    amount: Decimal
    billed_to: date | None
    reason: str | None = None


class _Terms(NamedTuple):
    """What is in force on a day of an item: the rate, its method and its anchor."""

    percent: Decimal
    method: str
    capped: bool
    anchor: date


def accrue(item: Item, policy: Policy, end: date) -> Charge:
    """The interest of ``item`` from its due date, or the watermark, to ``end``.

    10,000 at 3 % a month, 4,000 paid on day 20, the rest open on day 45:
    10,000 × 0.36/360 × 20 + 6,000 × 0.36/360 × 25 = 350.00.

    >>> from .rates import Rate
    >>> paid = (Change(date(2026, 1, 21), Decimal(-4000)),)
    >>> item = Item(date(2026, 1, 1), Decimal(10000), paid)
    >>> policy = Policy((Rate(Decimal(3)),), "monthly")
    >>> accrue(item, policy, date(2026, 2, 15)).amount
    Decimal('350.00')

    Grace touches the first charge only. As a threshold: no interest if the last unpaid
    day is not later than the grace days, else from the day after the due date (JDE's
    retroactive fee). As a shift: interest counts from the due date plus the grace days.
    Raises MissingRate, naming every day with a balance and no rate or cap.
    """
    start = _start(item, policy)
    if end <= start:
        return _nothing(item, "not_due")
    spans = _balances(item, start, end)
    if not spans:
        return _nothing(item, "paid")
    if policy.grace_mode == "threshold" and item.billed_to is None:
        late = (spans[-1][1] - item.due).days
        if late <= policy.grace_days:
            return _nothing(item, "grace")
    with localcontext(EXACT):
        segments = _segments(item, policy, spans)
        exact = sum((segment.amount for segment in segments), ZERO)
        rounded = round_money(exact.quantize(NOISE), policy.rounding)
    amount, reason = within(rounded, policy.minimum, policy.maximum, item.billed)
    billed_to = (
        item.billed_to if reason in ("zero", "minimum") else segments[-1].date_to
    )
    return Charge(segments, exact, amount, billed_to, reason)


def adjustment(item: Item, policy: Policy) -> Decimal:
    """What the days up to the watermark should have cost, less what was billed for
    them.

    For changes that came to light after the run, a payment dated back or reversed, a
    credit note from an earlier day: below zero is to be credited, above to be charged.
    Runs were rounded one by one, so cents may stand here without any change.

    >>> from .rates import Rate
    >>> paid = (Change(date(2026, 1, 21), Decimal(-4000)),)
    >>> billed_to = date(2026, 2, 15)
    >>> item = Item(date(2026, 1, 1), Decimal(10000), paid, billed_to, Decimal(450))
    >>> adjustment(item, Policy((Rate(Decimal(3)),), "monthly"))
    Decimal('-100.00')
    """
    if item.billed_to is None:
        return ZERO
    again = replace(item, billed_to=None, billed=ZERO)
    right = accrue(again, replace(policy, minimum=ZERO), item.billed_to)
    return right.amount - item.billed


def within(
    amount: Decimal,
    minimum: Decimal = ZERO,
    maximum: Decimal | None = None,
    billed: Decimal = ZERO,
) -> tuple[Decimal, str | None]:
    """What is charged of a rounded amount, and why it is less; for items and customers.

    Below ``minimum`` nothing is charged yet, it waits for the next run. Together with
    what was ``billed`` before it never passes ``maximum``; what is above is given up.

    >>> within(Decimal(80), Decimal(5), Decimal(100), billed=Decimal(30))
    (Decimal('70'), 'maximum')
    """
    if not amount:
        return ZERO, "zero"
    if amount < minimum:
        return ZERO, "minimum"
    if maximum is not None and amount > maximum - billed:
        return max(maximum - billed, ZERO), "maximum"
    return amount, None


def _nothing(item: Item, reason: str) -> Charge:
    return Charge((), ZERO, ZERO, item.billed_to, reason)


def _origin(item: Item, policy: Policy) -> date:
    """The day interest counts from: the due date, or later where grace shifts it.

    An item that was charged inside its grace days (by another policy) is not shifted.
    """
    if policy.grace_mode == "shift":
        shifted = item.due + timedelta(days=policy.grace_days)
        if item.billed_to is None or item.billed_to >= shifted:
            return shifted
    return item.due


def _start(item: Item, policy: Policy) -> date:
    """The day before the first charged one."""
    first = item.billed_to is None
    start = _origin(item, policy) if first else max(item.billed_to, item.due)
    return start if policy.since is None else max(start, policy.since - ONE_DAY)


def _balances(item: Item, start: date, end: date) -> list[tuple[date, date, Decimal]]:
    """The days of (start, end] with a balance above zero: (from, to, balance)."""
    moves: dict[date, Decimal] = {}
    balance = item.amount
    for change in item.changes:
        if change.day <= start:
            balance += change.amount
        elif change.day < end:
            moves[change.day] = moves.get(change.day, ZERO) + change.amount
    spans = []
    last = start
    for day in [*sorted(day for day, amount in moves.items() if amount), end]:
        if balance > 0:
            spans.append((last + ONE_DAY, day, balance))
        balance += moves.get(day, ZERO)
        last = day
    return spans


def _segments(
    item: Item, policy: Policy, spans: Iterable[tuple[date, date, Decimal]]
) -> tuple[Segment, ...]:
    """Charge each span, cut where rate, cap or tier change."""
    segments: list[Segment] = []
    gaps: list[Gap] = []
    origin = _origin(item, policy)
    for first, last, balance in spans:
        key = (item.due, origin, first, last)
        frame = policy.frames.get(key)
        if frame is None:
            frame = policy.frames[key] = _frame(item, policy, first, last)
        bearing = item.bearing(balance)
        for part in frame:
            if isinstance(part, Gap):
                gaps.append(part)
                continue
            start, end, days, terms, factor = part
            segments.append(
                Segment(
                    start,
                    end,
                    days,
                    bearing,
                    terms.percent,
                    terms.method,
                    terms.capped,
                    terms.anchor,
                    factor,
                    bearing * factor,
                )
            )
    if gaps:
        raise MissingRate(gaps)
    return tuple(segments)


def _frame(item: Item, policy: Policy, first: date, last: date) -> list:
    """What [first, last] costs, whatever the balance: (from, to, days, terms, factor)
    of each piece, or the gap that it is.
    """
    frame: list = []
    for start, end in _pieces(item, policy, first, last):
        terms = _terms(item, policy, start)
        if isinstance(terms, str):
            frame.append(Gap(terms, start, end))
            continue
        days, factor = between(
            terms.method,
            policy.day_count,
            terms.percent,
            terms.anchor,
            start - ONE_DAY,
            end,
        )
        frame.append((start, end, days, terms, factor))
    return frame


def _pieces(
    item: Item, policy: Policy, first: date, last: date
) -> list[tuple[date, date]]:
    """Cut [first, last] before each day on which a rate, cap or tier changes."""
    cuts = {first, last + ONE_DAY}
    cuts.update(policy.rate_table.turns(first, last))
    cuts.update(policy.cap_table.turns(first, last))
    for tier in policy.tiers:
        day = item.due + timedelta(days=tier.days_from)
        if first < day <= last:
            cuts.add(day)
    return [(day, after - ONE_DAY) for day, after in pairwise(sorted(cuts))]


def _terms(item: Item, policy: Policy, day: date) -> _Terms | str:
    """What is in force on ``day``, or the name of what is missing.

    A rate period is the time with the same row of the rates and of the caps; it starts
    with the later of the two. Tiers take the place of the row's percent: they cut
    segments and start no period.
    """
    row = policy.rate_table.on(day)
    percent = policy.tier_percent((day - item.due).days)
    if percent is None:
        if row is None:
            return "rate"
        percent = row.percent
    starts = [row.date_from] if row else []
    method, capped = policy.method, False
    if policy.caps:
        cap = policy.cap_table.on(day)
        if cap is None:
            return "cap"
        starts.append(cap.date_from)
        if policy.yardstick(percent) > cap.percent:
            percent, capped = cap.percent, True
            method = "effective" if policy.effective_caps else method
    anchor = _origin(item, policy)
    later = max(starts, default=anchor)
    if later > anchor:
        anchor = later - ONE_DAY
    return _Terms(percent, method, capped, anchor)
