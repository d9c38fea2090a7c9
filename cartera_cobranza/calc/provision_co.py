"""The tax provision of Colombia (art. 145 ET; DUR 1625 of 2016, arts. 1.2.1.18.19 to 22).

One method a year. Both look at the debts at the year's end, less what is not deductible
(related parties, no income declared before): that is for the caller to leave out.
"""

from calendar import monthrange
from datetime import date
from decimal import Decimal

from .money import ZERO

HUNDRED = Decimal(100)
# more than so many months past due: percent
GENERAL = ((12, Decimal(15)), (6, Decimal(10)), (3, Decimal(5)))
INDIVIDUAL_MONTHS = 12
INDIVIDUAL_PERCENT = Decimal(33)


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month.

    >>> add_months(date(2025, 11, 30), 3)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def general_percent(due: date, year_end: date) -> Decimal:
    """General provision: 5 % past 3 months, 10 % past 6, 15 % past 12 months overdue.

    A boundary belongs to the lower rate: a debt exactly 6 months past due has 5 %, one day
    later 10 %. The copies of the decree say "de 3 a 6", "de 6 a 12", "más de 12 meses".

    >>> general_percent(date(2025, 6, 30), date(2025, 12, 31))
    Decimal('10')
    """
    for months, percent in GENERAL:
        if year_end > add_months(due, months):
            return percent
    return ZERO


def individual_amount(
    nominal: Decimal,
    due: date,
    year_end: date,
    before: Decimal = ZERO,
    percent: Decimal = INDIVIDUAL_PERCENT,
) -> Decimal:
    """Individual provision: up to 33 % a year of the nominal of a debt over a year overdue.

    Exactly one year is not over. With what was deducted ``before`` it never passes the
    nominal: 33, 33, 33 and 1 % in four years. Unrounded.

    >>> individual_amount(Decimal(1000), date(2021, 5, 1), date(2025, 12, 31), Decimal(990))
    Decimal('10')
    """
    if not 0 <= percent <= INDIVIDUAL_PERCENT:
        raise ValueError(
            f"{percent} % a year is not between 0 and {INDIVIDUAL_PERCENT}"
        )
    if year_end <= add_months(due, INDIVIDUAL_MONTHS):
        return ZERO
    return max(min(nominal * percent / HUNDRED, nominal - before), ZERO)
