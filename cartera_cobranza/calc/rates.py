"""Interest rates by date: their checks, their gaps, and the rate a table gives.

Rates are percent: of a year, or of a month for the monthly method. A rate valid from D
applies to day D; both ends are inclusive (design section 3, principle 7).
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from functools import lru_cache

from .daycount import BANK_YEAR, COMMON_YEAR
from .money import round_money

HUNDRED = Decimal(100)
ONE_DAY = timedelta(days=1)
CENTESIMAL = Decimal("0.01")


@dataclass(frozen=True)
class Rate:
    """A row of a table: ``percent`` from ``date_from`` to ``date_to``, both inclusive.

    Without ``date_to`` it is valid until the next row starts. ``source`` names the law,
    the resolution or the contract.
    """

    percent: Decimal
    date_from: date = date.min
    date_to: date | None = None
    source: str = ""


class RateError(ValueError):
    """A table of rates that cannot be used."""


class RateOutOfRange(RateError):
    """A rate below 0 or above 100 percent."""

    def __init__(self, rate: Rate):
        self.rate = rate
        hint = (
            f"; did you mean {rate.percent / 12:.2f} % a month?"
            if rate.percent > 0
            else ""
        )
        super().__init__(f"the rate of {rate.percent} % is not between 0 and 100{hint}")


class OverlappingRates(RateError):
    """Two rows of a table are valid on the same day."""

    def __init__(self, first: Rate, second: Rate):
        self.first, self.second = first, second
        super().__init__(
            f"{first.percent} % from {first.date_from} to {first.date_to or '…'} and "
            f"{second.percent} % from {second.date_from} are valid on the same day"
        )


@dataclass(frozen=True)
class Gap:
    """Days without a row in the table named, both dates inclusive."""

    table: str
    date_from: date
    date_to: date

    def __str__(self) -> str:
        if self.date_from == self.date_to:
            return f"{self.table} for {self.date_from}"
        return f"{self.table} from {self.date_from} to {self.date_to}"


class MissingRate(RateError):
    """Days that must be charged have no rate or no cap; ``gaps`` names them all."""

    def __init__(self, gaps: Iterable[Gap]):
        joined: list[Gap] = []
        for gap in sorted(gaps, key=lambda gap: (gap.table, gap.date_from)):
            before = joined[-1] if joined else None
            if (
                before
                and before.table == gap.table
                and before.date_to + ONE_DAY == gap.date_from
            ):
                joined[-1] = Gap(gap.table, before.date_from, gap.date_to)
            else:
                joined.append(gap)
        self.gaps = tuple(joined)
        super().__init__("there is no " + ", no ".join(str(gap) for gap in joined))


@dataclass(frozen=True)
class Table:
    """Rows in order of date, none of them overlapping; made by ``table``."""

    rows: tuple[Rate, ...]
    starts: tuple[date, ...]

    def on(self, day: date) -> Rate | None:
        """The row valid on ``day``; None in a gap."""
        place = bisect_right(self.starts, day)
        row = self.rows[place - 1] if place else None
        return row if row and (row.date_to is None or day <= row.date_to) else None

    def turns(self, first: date, last: date) -> list[date]:
        """The days after ``first``, up to ``last``, where a row starts or is over."""
        found = []
        for row in self.rows[max(bisect_right(self.starts, first) - 1, 0) :]:
            if row.date_from > last:
                break
            if row.date_from > first:
                found.append(row.date_from)
            if row.date_to is not None and first <= row.date_to < last:
                found.append(row.date_to + ONE_DAY)
        return found


def table(rows: Iterable[Rate]) -> Table:
    """Check rows and put them in order: 0 to 100 percent, no day with two rates.

    >>> rows = [Rate(Decimal(9), date(2026, 1, 1)), Rate(Decimal(6))]
    >>> table(rows).on(date(2025, 12, 31)).percent
    Decimal('6')
    """
    ordered = tuple(sorted(rows, key=lambda row: row.date_from))
    for row in ordered:
        if not 0 <= row.percent <= HUNDRED:
            raise RateOutOfRange(row)
        if row.date_to is not None and row.date_to < row.date_from:
            raise RateError(f"{row.percent} % ends before it starts, on {row.date_to}")
    for first, second in zip(ordered, ordered[1:], strict=False):
        open_end = first.date_to is None and first.date_from < second.date_from
        if not open_end and (first.date_to or date.max) >= second.date_from:
            raise OverlappingRates(first, second)
    return Table(ordered, tuple(row.date_from for row in ordered))


def factor_rate(
    percent: Decimal, factor: Decimal, rounding: Decimal = CENTESIMAL
) -> Decimal:
    """A published rate times a factor, rounded half up as it is certified.

    Usury in Colombia is 1.5 times the current bank rate (C. Comercio 884;
    Superfinanciera).

    >>> factor_rate(Decimal("18.91"), Decimal("1.5"))
    Decimal('28.37')
    """
    return round_money(percent * factor, rounding)


@lru_cache(maxsize=4096)
def daily_effective(percent: Decimal, year: int = BANK_YEAR) -> Decimal:
    """The effective yearly percent that a simple rate of ``year`` days reaches day by
    day.

    (1 + r/year)^365 − 1. No number of days charged simply at r comes out above the
    effective rate given here, since n·x ≤ (1+x)^n − 1: this is how a simple rate is
    held against an effective cap.

    >>> round(daily_effective(Decimal(36)), 2)
    Decimal('44.03')
    """
    with localcontext() as context:
        context.prec = 50
        base = 1 + percent / HUNDRED / year
        return (base**COMMON_YEAR - 1) * HUNDRED
