"""Day counts: how many days of a year lie between two dates.

All count from an anchor: the charged days are (anchor, last], the first is the day
after the anchor. A fraction is given as a whole number over the count's own fixed
denominator, so that differences and sums of fractions are exact.
"""

from calendar import isleap
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

COMMON_YEAR = 365
LEAP_YEAR = 366
BANK_YEAR = 360


class UnknownDayCount(ValueError):
    """The day count is not one of the five."""


class NoWorkingDay(ValueError):
    """A calendar in which no day is worked."""


def _actual(anchor: date, last: date) -> int:
    return (last - anchor).days


def _leap_days(anchor: date, last: date) -> int:
    """The charged days in leap years; each belongs to its own calendar year."""
    total = 0
    for year in range(anchor.year, last.year + 1):
        if isleap(year):
            before = max(anchor, date(year - 1, 12, 31))
            total += (min(last, date(year, 12, 31)) - before).days
    return total


def _act_act(anchor: date, last: date) -> int:
    """Days of common years / 365 + days of leap years / 366, over 365 × 366."""
    leap = _leap_days(anchor, last)
    return (_actual(anchor, last) - leap) * LEAP_YEAR + leap * COMMON_YEAR


def _ends_february(day: date) -> bool:
    return day.month == 2 and day.day == (29 if isleap(day.year) else 28)


def _months_of_30(anchor: date, first: int, last: date, end: int) -> int:
    months = (last.year - anchor.year) * 12 + last.month - anchor.month
    return months * 30 + end - first


def _us_30_360(anchor: date, last: date) -> int:
    """The end of February counts as the 30th, a 31st only after a start before the
    30th.
    """
    first, end = anchor.day, last.day
    if _ends_february(anchor):
        if _ends_february(last):
            end = 30
        first = 30
    first = min(first, 30)
    if end == 31 and first == 30:
        end = 30
    return _months_of_30(anchor, first, last, end)


def _european_30_360(anchor: date, last: date) -> int:
    """Every 31st counts as the 30th, February as it is."""
    return _months_of_30(anchor, min(anchor.day, 30), last, min(last.day, 30))


@dataclass(frozen=True)
class DayCount:
    """``days`` are those a person would read, ``numerator`` / ``denominator`` the
    years.
    """

    days: Callable[[date, date], int]
    numerator: Callable[[date, date], int]
    denominator: int


DAY_COUNTS: dict[str, DayCount] = {
    "act_365": DayCount(_actual, _actual, COMMON_YEAR),
    "act_360": DayCount(_actual, _actual, BANK_YEAR),
    "act_act": DayCount(_actual, _act_act, COMMON_YEAR * LEAP_YEAR),
    "30_360_us": DayCount(_us_30_360, _us_30_360, BANK_YEAR),
    "30e_360": DayCount(_european_30_360, _european_30_360, BANK_YEAR),
}


def _count(name: str, anchor: date, last: date) -> DayCount:
    if name not in DAY_COUNTS:
        known = ", ".join(DAY_COUNTS)
        raise UnknownDayCount(f"the day count {name!r} is not known; use {known}")
    if last < anchor:
        raise ValueError(f"days are counted forward: {last} is before {anchor}")
    return DAY_COUNTS[name]


def count_days(name: str, anchor: date, last: date) -> int:
    """The days of (anchor, last] by the day count ``name``.

    15 January to 31 March 2026 is 75 days, 76 by 30/360 US, 75 by 30E/360.

    >>> count_days("30_360_us", date(2026, 1, 15), date(2026, 3, 31))
    76
    """
    return _count(name, anchor, last).days(anchor, last)


def year_parts(name: str, anchor: date, last: date) -> tuple[int, int]:
    """The years of (anchor, last] as numerator and denominator, exact.

    The denominator is 365 (act_365), 360 (act_360 and both 30/360) or 365 × 366
    (act_act, where each charged day counts one over the length of its own calendar
    year).

    >>> year_parts("act_365", date(2026, 1, 15), date(2026, 3, 31))
    (75, 365)
    """
    count = _count(name, anchor, last)
    return count.numerator(anchor, last), count.denominator


def year_fraction(name: str, anchor: date, last: date) -> Decimal:
    """The years of (anchor, last] as a Decimal, for people to read; compute with the
    parts.

    >>> year_fraction("30e_360", date(2026, 1, 15), date(2026, 4, 15))
    Decimal('0.25')
    """
    numerator, denominator = year_parts(name, anchor, last)
    return Decimal(numerator) / Decimal(denominator)


def open_day(
    day: date,
    weekdays: Collection[int],
    holidays: Collection[date] = (),
    back: bool = False,
) -> date:
    """``day``, or the next one that is worked, or with ``back`` the one before.

    For steps of a plan, which wait and are not lost, and for due dates on a holiday.
    ``weekdays`` are those worked, Monday is 0. 15 August 2026 is a Saturday:

    >>> open_day(date(2026, 8, 15), range(5))
    datetime.date(2026, 8, 17)
    """
    found = day
    for _step in range(LEAP_YEAR):
        if found.weekday() in weekdays and found not in holidays:
            return found
        found += timedelta(days=-1 if back else 1)
    raise NoWorkingDay(f"no day is worked in a year from {day}")
