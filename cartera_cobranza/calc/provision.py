"""Provision for bad debts: expected loss by matrix, its movement, Colombia's tax rules.

Rates are percent. Amounts are in company currency and rounded once per line, so that the
lines add up to what is posted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from .aging import Bucket, bucket_of, days_overdue
from .money import ZERO, round_money

HUNDRED = Decimal(100)
ONE = Decimal(1)
CENT = Decimal("0.01")


class ProvisionError(ValueError):
    """Rates or amounts that give no provision."""


@dataclass(frozen=True)
class Exposure:
    """An open item: ``gross`` is what is open, a credit is negative.

    ``excluded`` is what a guarantee or an insurance covers. ``specific`` is a provision
    made for this very item; it takes the place of the matrix.
    """

    key: int | str
    partner: int
    due: date
    gross: Decimal
    excluded: Decimal = ZERO
    specific: Decimal | None = None


@dataclass(frozen=True)
class Line:
    """What is provided for an item, and how."""

    key: int | str
    partner: int
    days: int
    bucket: str
    gross: Decimal
    exposed: Decimal
    rate: Decimal | None
    amount: Decimal

    @property
    def is_specific(self) -> bool:
        """Whether the amount was set for the item itself."""
        return self.rate is None


def check_rates(buckets: Sequence[Bucket], rates: Mapping[str, Decimal]) -> list[str]:
    """Refuse rates that are missing or not between 0 and 100; return warnings.

    A rate that falls with age is no error, and hardly ever meant.

    >>> late = (Bucket("current", None, 1), Bucket("late", 1, None))
    >>> check_rates(late, {"current": Decimal(5), "late": Decimal(3)})
    ['late has 3 %, less than 5 % of current before it']
    """
    warnings = []
    before = None
    for bucket in buckets:
        rate = rates.get(bucket.name)
        if rate is None:
            raise ProvisionError(f"{bucket.name} has no rate")
        if not 0 <= rate <= HUNDRED:
            raise ProvisionError(f"{bucket.name}: {rate} % is not between 0 and 100")
        if before is not None and rate < rates[before.name]:
            warnings.append(
                f"{bucket.name} has {rate} %, less than {rates[before.name]} % "
                f"of {before.name} before it"
            )
        before = bucket
    return warnings


def provide(
    exposures: Iterable[Exposure],
    buckets: Sequence[Bucket],
    rates: Mapping[str, Decimal],
    as_of: date,
    forward: Decimal = ONE,
    netted: bool = False,
    rounding: Decimal = CENT,
) -> list[Line]:
    """The expected loss by a matrix: Σ gross of the bucket × loss rate × forward factor.

    IFRS 9, simplified approach: 15,000,000 at 0.3 % gives 45,000. The excluded part bears
    nothing, nor does a credit; with ``netted`` the credits of a partner first lower that
    partner's debts, the oldest first. The forward factor cannot lift a rate above 100 %.

    >>> matrix = (Bucket("all", None, None),)
    >>> day = date(2026, 3, 31)
    >>> owed = [Exposure(1, 7, day, Decimal(15000000))]
    >>> provide(owed, matrix, {"all": Decimal("0.3")}, day)[0].amount
    Decimal('45000.00')
    """
    check_rates(buckets, rates)
    if forward < 0:
        raise ProvisionError(f"a forward factor of {forward} is below zero")
    exposures = list(exposures)
    bearing = _netted(exposures) if netted else exposures
    lines = []
    for owed, left in zip(exposures, bearing, strict=True):
        days = days_overdue(as_of, owed.due)
        bucket = bucket_of(days, buckets)
        exposed = max(left.gross - owed.excluded, ZERO)
        if owed.specific is None:
            rate = min(rates[bucket.name] * forward, HUNDRED)
            amount = round_money(exposed * rate / HUNDRED, rounding)
        else:
            rate, amount = None, owed.specific
        lines.append(
            Line(
                owed.key,
                owed.partner,
                days,
                bucket.name,
                owed.gross,
                exposed,
                rate,
                amount,
            )
        )
    return lines


def _netted(exposures: Sequence[Exposure]) -> list[Exposure]:
    """The exposures once each partner's credits have lowered the oldest debts."""
    credit: dict[int, Decimal] = {}
    for owed in exposures:
        if owed.gross < 0:
            credit[owed.partner] = credit.get(owed.partner, ZERO) - owed.gross
    left = list(exposures)
    oldest = sorted(
        range(len(left)), key=lambda place: (left[place].due, str(left[place].key))
    )
    for place in oldest:
        owed = left[place]
        used = min(credit.get(owed.partner, ZERO), max(owed.gross, ZERO))
        if used:
            credit[owed.partner] -= used
            left[place] = replace(owed, gross=owed.gross - used)
    return left


def flow_rate(lost: Decimal, entered: Decimal) -> Decimal | None:
    """The loss rate of a bucket: what was finally lost / what entered it; percent.

    2,000 of 50,000 is 4 %; None when nothing entered.

    >>> flow_rate(Decimal(2000), Decimal(50000))
    Decimal('4')
    """
    return lost * HUNDRED / entered if entered > 0 else None


def loss_factors(roll_rates: Sequence[Decimal | None]) -> list[Decimal | None]:
    """The loss rate of every bucket: the product of the roll rates from it to write-off.

    ``roll_rates`` are percent, from the youngest bucket to the last; the last one rolls to
    write-off. Without a roll rate (no history) the buckets before it have none either.

    >>> loss_factors([Decimal(10), Decimal(50), Decimal(80)])
    [Decimal('4'), Decimal('40'), Decimal('80')]
    """
    factor: Decimal | None = HUNDRED
    found = []
    for rate in reversed(roll_rates):
        factor = None if factor is None or rate is None else factor * rate / HUNDRED
        found.append(factor)
    return found[::-1]


def expected_loss(exposure: Decimal, default: Decimal, severity: Decimal) -> Decimal:
    """Exposure × probability of default × severity of loss, both percent (NIF C-16).

    >>> expected_loss(Decimal(100000), Decimal(5), Decimal(40))
    Decimal('2000')
    """
    for name, rate in (("probability of default", default), ("severity", severity)):
        if not 0 <= rate <= HUNDRED:
            raise ProvisionError(f"the {name} of {rate} % is not between 0 and 100")
    return exposure * default * severity / (HUNDRED * HUNDRED)


def movement(
    required: Decimal,
    previous: Decimal,
    used: Decimal = ZERO,
    recovered: Decimal = ZERO,
) -> Decimal:
    """What is posted: required − previous allowance + write-offs used − recoveries.

    An allowance of 100 of which 30 was used stands at 70; to reach 120, 50 are posted.

    >>> movement(Decimal(120), Decimal(100), used=Decimal(30))
    Decimal('50')
    """
    return required - previous + used - recovered
