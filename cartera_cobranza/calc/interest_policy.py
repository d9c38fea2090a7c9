"""What a policy of moratory interest sets, and its checks."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from .daycount import BANK_YEAR, COMMON_YEAR, DAY_COUNTS
from .growth import METHODS
from .money import ZERO
from .rates import Rate, Table, daily_effective, table

GRACE_MODES = ("threshold", "shift")


class PolicyError(ValueError):
    """A policy that contradicts itself."""


@dataclass(frozen=True)
class Tier:
    """From this day late on (1 is the day after the due date) the rate of the item."""

    days_from: int
    percent: Decimal


@dataclass(frozen=True)
class Policy:
    """How default interest is charged.

    ``rates`` and tiers are percent by the year, by the month for ``monthly``. ``caps``
    are of the same kind as the rates, or effective yearly rates with
    ``effective_caps``. ``maximum`` is for the life of an item. Amounts are in the
    item's currency, and so is ``rounding``. No day before ``since`` is charged.
    """

    rates: tuple[Rate, ...]
    method: str = "simple"
    day_count: str = "act_365"
    rounding: Decimal = Decimal("0.01")
    grace_days: int = 0
    grace_mode: str = "threshold"
    tiers: tuple[Tier, ...] = ()
    caps: tuple[Rate, ...] = ()
    effective_caps: bool = False
    minimum: Decimal = ZERO
    maximum: Decimal | None = None
    since: date | None = None

    def __post_init__(self):
        for value, known in (
            (self.method, METHODS),
            (self.grace_mode, GRACE_MODES),
            (self.day_count, tuple(DAY_COUNTS)),
        ):
            if value not in known:
                raise PolicyError(f"{value!r} is not one of {', '.join(known)}")
        if self.grace_days < 0:
            raise PolicyError(f"{self.grace_days} grace days: they cannot be negative")
        days = [tier.days_from for tier in self.tiers]
        if days and (days[0] < 1 or sorted(set(days)) != days):
            raise PolicyError(f"tiers start on days 1 and later, rising: {days}")
        counted_by_30 = self.method == "simple" and self.day_count.startswith("30")
        if self.effective_caps and counted_by_30:
            raise PolicyError("an effective cap needs a count of actual days")
        for rows in (self.rates, self.caps, *([Rate(t.percent)] for t in self.tiers)):
            table(rows)

    @cached_property
    def rate_table(self) -> Table:
        return table(self.rates)

    @cached_property
    def cap_table(self) -> Table:
        return table(self.caps)

    @cached_property
    def frames(self) -> dict:
        """What was worked out for spans of days; items share due dates and runs."""
        return {}

    def tier_percent(self, days_late: int) -> Decimal | None:
        """The tier's rate on a day that is ``days_late`` days after the due date."""
        place = bisect_right([tier.days_from for tier in self.tiers], days_late)
        return self.tiers[place - 1].percent if place else None

    def yardstick(self, percent: Decimal) -> Decimal:
        """The rate as it is held against a cap: effective, where the cap is."""
        if not self.effective_caps or self.method == "effective":
            return percent
        if self.method == "monthly":
            return daily_effective(percent * 12, BANK_YEAR)
        year = BANK_YEAR if self.day_count == "act_360" else COMMON_YEAR
        return daily_effective(percent, year)
