"""F, what one unit of balance grows by from an anchor to a day.

F is kept to 40 places: differences of F, their products with a balance and the sums of
those are exact from there on, so the parts of a period add up to the whole.
"""

from datetime import date
from decimal import Context, Decimal, localcontext
from functools import lru_cache

from .daycount import BANK_YEAR, COMMON_YEAR, count_days, year_parts
from .rates import HUNDRED

EXACT = Context(prec=90)
PLACES = Decimal("1E-40")
METHODS = ("simple", "effective", "monthly")


@lru_cache(maxsize=65536)
def _compound(percent: Decimal, days: int) -> Decimal:
    with localcontext(EXACT):
        exponent = Decimal(days) / COMMON_YEAR
        return ((1 + percent / HUNDRED) ** exponent - 1).quantize(PLACES)


@lru_cache(maxsize=65536)
def _linear(percent: Decimal, numerator: int, denominator: int) -> Decimal:
    with localcontext(EXACT):
        return (percent * numerator / (HUNDRED * denominator)).quantize(PLACES)


def growth(
    method: str, day_count: str, percent: Decimal, anchor: date, last: date
) -> Decimal:
    """F(anchor → last), to 40 places; the rate is percent, of a month for ``monthly``.

        simple:     r × n / D              n and D by the day count
        monthly:    12 × r × n / 360       actual days, whatever the day count
        effective:  (1 + r)^(n / 365) − 1  actual days, whatever the day count

    3 % a month for 45 days is 4.5 %:

    >>> start, end = date(2026, 1, 1), date(2026, 2, 15)
    >>> round(growth("monthly", "act_365", Decimal(3), start, end), 6)
    Decimal('0.045000')
    """
    if method == "effective":
        return _compound(percent, (last - anchor).days)
    if method == "monthly":
        return _linear(percent * 12, (last - anchor).days, BANK_YEAR)
    return _linear(percent, *year_parts(day_count, anchor, last))


@lru_cache(maxsize=65536)
def between(
    method: str,
    day_count: str,
    percent: Decimal,
    anchor: date,
    before: date,
    last: date,
) -> tuple[int, Decimal]:
    """The days of (before, last] and their factor F(anchor → last) − F(anchor →
    before).

    Days are by the day count where the method uses it. Invoices share due dates and
    runs, so what was computed is kept.

    >>> start, end = date(2026, 1, 15), date(2026, 3, 31)
    >>> between("simple", "30_360_us", Decimal(36), start, date(2026, 2, 28), end)
    (33, Decimal('0.0330000000000000000000000000000000000000'))
    """
    counted = day_count if method == "simple" else "act_365"
    days = count_days(counted, anchor, last) - count_days(counted, anchor, before)
    with localcontext(EXACT):
        factor = growth(method, day_count, percent, anchor, last)
        factor -= growth(method, day_count, percent, anchor, before)
    return days, factor
