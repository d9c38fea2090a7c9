"""The balance of customers over years and commercial periods: cutting the time, and chaining opening to closing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Segment:
    """A piece of time, both days inside; ``period`` is a commercial period's number, or None between periods."""

    date_from: date
    date_to: date
    period: int | None = None

    @property
    def year(self) -> int:
        """The year to which the segment counts: that of its first day."""
        return self.date_from.year


@dataclass(frozen=True)
class Period:
    """A commercial period, both days inside."""

    number: int
    date_from: date
    date_to: date


def _month_end(day: date) -> date:
    following = day.replace(day=28) + timedelta(days=4)
    return following.replace(day=1) - DAY


def segments(start: date, end: date, periods: Iterable[Period]) -> list[Segment]:
    """Cut ``start`` to ``end`` (both inside) into periods, and what lies between them into calendar months.

    The segments follow each other without hole or overlap. Periods must not overlap; what of them lies outside
    is cut off.

    >>> segments(date(2026, 1, 1), date(2026, 2, 10), [Period(7, date(2026, 1, 20), date(2026, 2, 5))])[1].period
    7
    """
    if end < start:
        raise ValueError(f"{end} is before {start}")
    found, day = [], start
    for period in sorted(periods, key=lambda one: one.date_from):
        first, last = max(period.date_from, start), min(period.date_to, end)
        if last < first:
            continue
        if first < day:
            raise ValueError(f"periods overlap on {first}")
        found += _months(day, first - DAY)
        found.append(Segment(first, last, period.number))
        day = last + DAY
    return found + _months(day, end)


def _months(start: date, end: date) -> list[Segment]:
    found = []
    while start <= end:
        last = min(_month_end(start), end)
        found.append(Segment(start, last))
        start = last + DAY
    return found


def chain(
    opening: Decimal, movements: Sequence[Decimal]
) -> list[tuple[Decimal, Decimal]]:
    """Return (opening, closing) of pieces of time that follow each other, from what moved in each.

    >>> chain(Decimal(100), [Decimal(20), Decimal(-50)])[-1]
    (Decimal('120'), Decimal('70'))
    """
    found = []
    for moved in movements:
        found.append((opening, opening + moved))
        opening += moved
    return found
