"""Aging: buckets of days, and what was open on a date.

Days overdue = date − due date; 0 or less is current. Buckets are half-open, so that day
30 is in 1–30 and day 31 in 31–60, and together they hold every number of days.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .money import ZERO


@dataclass(frozen=True)
class Bucket:
    """Days from ``start`` up to, and without, ``end``; None is open.

    31–60 days is ``Bucket("31-60", 31, 61)``, current is ``Bucket("current", None,
    1)``.
    """

    name: str
    start: int | None
    end: int | None


class BucketError(ValueError):
    """Buckets that do not hold every number of days exactly once."""


class BucketHole(BucketError):
    """Days that are in no bucket; ``days`` are the first and the last of them."""

    def __init__(self, first: int | None, last: int | None):
        self.days = (first, last)
        super().__init__(f"{_span(first, last)} in no bucket")


class BucketOverlap(BucketError):
    """Days that are in two buckets."""

    def __init__(self, one: Bucket, other: Bucket, first: int | None, last: int | None):
        self.days = (first, last)
        super().__init__(f"{_span(first, last)} in {one.name} and in {other.name}")


def _span(first: int | None, last: int | None) -> str:
    if first is None:
        return f"days up to {last} are"
    if last is None:
        return f"days from {first} are"
    return f"day {first} is" if first == last else f"days {first} to {last} are"


def ordered(buckets: Iterable[Bucket]) -> tuple[Bucket, ...]:
    """Check buckets and put them in order; holes and overlaps are named by their days.

    The first is open below and the last above, else something would not be counted.

    >>> ordered([Bucket("late", 1, None), Bucket("current", None, 1)])[0].name
    'current'
    """
    found = sorted(
        buckets, key=lambda bucket: (bucket.start is not None, bucket.start or 0)
    )
    if not found:
        raise BucketError("a profile needs a bucket")
    for bucket in found:
        whole = bucket.start is not None and bucket.end is not None
        if whole and bucket.start >= bucket.end:
            raise BucketError(f"{bucket.name} ends before it starts")
    if found[0].start is not None:
        raise BucketHole(None, found[0].start - 1)
    for one, other in zip(found, found[1:], strict=False):
        if other.start is None or one.end is None or one.end > other.start:
            ends = [end for end in (one.end, other.end) if end is not None]
            last = min(ends) - 1 if ends else None
            raise BucketOverlap(one, other, other.start, last)
        if one.end < other.start:
            raise BucketHole(one.end, other.start - 1)
    if found[-1].end is not None:
        raise BucketHole(found[-1].end, None)
    return tuple(found)


def bucket_of(days: int, buckets: Sequence[Bucket]) -> Bucket:
    """The bucket of a number of days overdue; ``buckets`` as ``ordered`` returns them.

    >>> usual = ordered([Bucket("current", None, 1), Bucket("1-30", 1, 31), Bucket(">30", 31, None)])
    >>> bucket_of(30, usual).name, bucket_of(31, usual).name
    ('1-30', '>30')
    """
    return buckets[bisect_right([bucket.start for bucket in buckets[1:]], days)]


def days_overdue(as_of: date, due: date) -> int:
    """Days past due on ``as_of``; 0 or less is current.

    >>> days_overdue(date(2026, 3, 31), date(2026, 3, 1))
    30
    """
    return (as_of - due).days


def residual(
    amount: Decimal,
    booked: date,
    partials: Iterable[tuple[date, Decimal]],
    as_of: date,
) -> Decimal:
    """What was open of an item on ``as_of``: its amount less the partials dated up to
    then.

    ``amount`` has the ledger's sign (a credit is negative), partials are positive and
    have the later date of the two items they join. An item booked later was not there
    yet.

    >>> paid = [(date(2026, 2, 10), Decimal(40)), (date(2026, 3, 5), Decimal(60))]
    >>> residual(Decimal(100), date(2026, 1, 1), paid, date(2026, 2, 28))
    Decimal('60')
    """
    if booked > as_of:
        return ZERO
    matched = sum((part for day, part in partials if day <= as_of), ZERO)
    return amount - matched if amount > 0 else amount + matched


def aged(
    items: Iterable[tuple[date, Decimal]],
    buckets: Sequence[Bucket],
    as_of: date,
    netted: bool = False,
) -> Mapping[str, Decimal]:
    """The open amounts of one customer by bucket; they add up to what is open.

    Items are (due date, open amount). With ``netted`` credits are taken off the oldest
    debt first; what is left of them stands in the first bucket.
    """
    totals = {bucket.name: ZERO for bucket in buckets}
    credit = ZERO
    for due, amount in items:
        if netted and amount < 0:
            credit -= amount
        else:
            totals[bucket_of(days_overdue(as_of, due), buckets).name] += amount
    return net_of(totals, credit, buckets)


def net_of(
    totals: Mapping[str, Decimal], credit: Decimal, buckets: Sequence[Bucket]
) -> Mapping[str, Decimal]:
    """Take ``credit``, which is positive, off the oldest debt first; the rest stands in the first bucket.

    >>> two = ordered([Bucket("current", None, 1), Bucket("late", 1, None)])
    >>> net_of({"current": Decimal(50), "late": Decimal(30)}, Decimal(40), two)
    {'current': Decimal('40'), 'late': Decimal('0')}
    """
    left = dict(totals)
    for bucket in reversed(buckets):
        used = min(credit, max(left[bucket.name], ZERO))
        left[bucket.name] -= used
        credit -= used
    left[buckets[0].name] -= credit
    return left
