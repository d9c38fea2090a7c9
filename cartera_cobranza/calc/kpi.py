"""Key figures of credit and collections, each with the variant that was computed.

Amounts are in company currency, receivables are trade only, disputed ones included.
Percentages are given as 79.63, not as 0.7963. Values are unrounded; ``None`` stands where
a figure does not apply (nothing sold, nothing due), which is not the same as 0.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .money import ZERO

HUNDRED = Decimal(100)
MONTH = Decimal(30)


@dataclass(frozen=True)
class Kpi:
    """A figure: value = numerator / denominator × scale, and the variant of its formula."""

    code: str
    variant: str
    value: Decimal | None
    numerator: Decimal
    denominator: Decimal


def ratio(
    code: str,
    variant: str,
    numerator: Decimal | int,
    denominator: Decimal | int,
    scale: Decimal | int = HUNDRED,
) -> Kpi:
    """A ratio that does not apply when the denominator is zero or below."""
    numerator, denominator = Decimal(numerator), Decimal(denominator)
    value = numerator * scale / denominator if denominator > 0 else None
    return Kpi(code, variant, value, numerator, denominator)


def amount(code: str, variant: str, value: Decimal) -> Kpi:
    """A sum of money that stands for itself.

    >>> amount("receivable", "ledger", Decimal(5)).value
    Decimal('5')
    """
    return Kpi(code, variant, value, value, Decimal(1))


def mean(code: str, variant: str, values: Sequence[Decimal | int]) -> Kpi:
    return ratio(code, variant, sum(values, ZERO), len(values), 1)


# Days sales outstanding


def window_days(start: date, end: date, customer_since: date | None = None) -> int:
    """Days of a window, counted as a difference, shorter for a customer who came later.

    Dynamics 365 shortens it too; its example of 2 January to 11 October counts both ends.

    >>> window_days(date(2025, 1, 1), date(2025, 10, 11), date(2025, 1, 2))
    282
    """
    return (end - max(start, customer_since or start)).days


def dso(receivable: Decimal, sales: Decimal, days: int) -> Kpi:
    """Receivables at the end / credit sales of the window × its days.

    1,200,000 / 10,000,000 × 365 = 43.80 days.

    >>> dso(Decimal(1200000), Decimal(10000000), 365).value
    Decimal('43.8')
    """
    return ratio("dso", "standard", receivable, sales, days)


def dso_conventional(receivable: Decimal, prior_sales: Decimal) -> Kpi:
    """Receivables × 30 / sales of the period before (Oracle).

    >>> dso_conventional(Decimal(500), Decimal(300)).value
    Decimal('50')
    """
    return ratio("dso", "conventional", receivable, prior_sales, MONTH)


def dso_best(current: Decimal, sales: Decimal, days: int) -> Kpi:
    """Receivables not yet due / credit sales × days: what is left if all paid in time.

    800,000 / 10,000,000 × 365 = 29.20 days.

    >>> dso_best(Decimal(800000), Decimal(10000000), 365).value
    Decimal('29.2')
    """
    return ratio("dso", "best_possible", current, sales, days)


def average_days_delinquent(
    receivable: Decimal, current: Decimal, sales: Decimal, days: int
) -> Kpi:
    """DSO less best possible DSO: 43.80 − 29.20 = 14.60 days.

    >>> average_days_delinquent(Decimal(1200000), Decimal(800000), Decimal(10000000), 365).value
    Decimal('14.6')
    """
    return ratio("add", "dso_less_best", receivable - current, sales, days)


@dataclass(frozen=True)
class Countback:
    """DSO by counting back; not ``complete``: sales known do not reach, read "at least"."""

    days: Decimal
    complete: bool


def dso_countback(
    receivable: Decimal,
    periods: Iterable[tuple[Decimal, int]],
    stop_without_sales: bool = False,
) -> Countback:
    """Take the sales of the periods off the receivables, the latest first (JD Edwards).

    A period whose sales the balance covers counts with all its days, the last in
    proportion. 212,000 on sales of 100,000, 80,000, 70,000: 30 + 30 + 32/70 × 30 = 73.71.

    >>> sales = [(Decimal(100000), 30), (Decimal(80000), 30), (Decimal(70000), 30)]
    >>> round(dso_countback(Decimal(212000), sales).days, 2)
    Decimal('73.71')

    A period without sales, or with more returned than sold, counts whole as in JD Edwards;
    with ``stop_without_sales`` the count ends there as in Oracle.
    """
    balance, total = receivable, ZERO
    for sales, days in periods:
        if balance <= 0:
            break
        if sales <= 0 and stop_without_sales:
            return Countback(total, False)
        if balance < sales:
            return Countback(total + balance * days / sales, True)
        balance -= sales
        total += days
    return Countback(total, balance <= 0)


def dso_true(items: Iterable[tuple[int, Decimal, Decimal]]) -> Kpi:
    """Σ age in days × open amount / sales of its month, for one customer (Oracle).

    50 days × 30/100 + 20 days × 60/120 = 25 days; items are (age, amount, sales of month).

    >>> dso_true([(50, Decimal(30), Decimal(100)), (20, Decimal(60), Decimal(120))]).value
    Decimal('25')
    """
    items = list(items)
    if not items or any(sales <= 0 for _age, _amount, sales in items):
        return Kpi("dso", "true", None, ZERO, ZERO)
    total = sum((age * amount / sales for age, amount, sales in items), ZERO)
    return Kpi("dso", "true", total, total, Decimal(1))


def weighted_days_late(receipts: Iterable[tuple[Decimal, int]]) -> Kpi:
    """Σ (paid × days late) / Σ paid, of paid items: (amount, days late).

    Flatters who does not pay: shown beside the overdue amount, always.

    >>> round(weighted_days_late([(Decimal(100000), 1), (Decimal(1000), 30)]).value, 2)
    Decimal('1.29')
    """
    receipts = list(receipts)
    weighted = sum((amount * days for amount, days in receipts), ZERO)
    paid = sum((amount for amount, _days in receipts), ZERO)
    return ratio("days_late", "weighted_paid", weighted, paid, 1)


# Collection


def cei(
    begin: Decimal,
    sales: Decimal,
    end_total: Decimal,
    end_current: Decimal,
    months: int | None = None,
) -> Kpi:
    """Collection effectiveness: (begin + sales − end) / (begin + sales − end current).

    Without ``months`` the sales are taken whole; with them, sales / months in both, as
    Oracle does; the two are far apart. (6,200 + 10,890 − 6,340) / (6,200 + 10,890 − 3,590)
    = 79.63 %, with 3 months 3,490 / 6,240 = 55.93 %.

    >>> round(cei(Decimal(6200), Decimal(10890), Decimal(6340), Decimal(3590)).value, 2)
    Decimal('79.63')
    """
    share = sales / months if months else sales
    variant = f"{months}_months" if months else "single_period"
    opening = begin + share
    return ratio("cei", variant, opening - end_total, opening - end_current)


def collected_of_billed(collected: Decimal, billed: Decimal) -> Kpi:
    """Money that came in a month / what was billed in it; above 100 the debt falls.

    >>> collected_of_billed(Decimal(900), Decimal(1200)).value
    Decimal('75')
    """
    return ratio("collected_of_billed", "month", collected, billed)


def on_time_collection(paid: Decimal, due: Decimal) -> Kpi:
    """Of what came due in the month, what was paid by its due date; credit notes are off.

    >>> on_time_collection(Decimal(600), Decimal(800)).value
    Decimal('75')
    """
    return ratio("on_time_collection", "amount", paid, due)


def on_time_collection_count(paid: int, due: int) -> Kpi:
    """Of the instalments that came due in the month, how many were settled by then.

    >>> on_time_collection_count(3, 4).value
    Decimal('75')
    """
    return ratio("on_time_collection", "count", paid, due)


def percent_current(current: Decimal, receivable: Decimal) -> Kpi:
    """Receivables not yet due / receivables.

    >>> round(percent_current(Decimal(3590), Decimal(6340)).value, 2)
    Decimal('56.62')
    """
    return ratio("current", "not_due", current, receivable)


def percent_over(overdue: Decimal, receivable: Decimal, days: int = 90) -> Kpi:
    """Receivables overdue by more than ``days`` / receivables: day 90 is not in, 91 is.

    >>> percent_over(Decimal(50), Decimal(1000)).value
    Decimal('5')
    """
    return ratio("overdue_share", f"over_{days}", overdue, receivable)


def percent_overdue(overdue: Decimal, receivable: Decimal) -> Kpi:
    """Receivables past their due date / receivables: with ``percent_current`` it is 100.

    >>> percent_overdue(Decimal(2750), Decimal(5500)).value
    Decimal('50')
    """
    return ratio("overdue_share", "past_due", overdue, receivable)


def at_risk_rate(unpaid: Decimal, billed: Decimal, days: int = 90) -> Kpi:
    """Of what was billed in a month, what is unpaid more than ``days`` past due (Upflow).

    A cohort, not a balance. 30 of 1,000: 3 %.

    >>> at_risk_rate(Decimal(30), Decimal(1000)).value
    Decimal('3')
    """
    return ratio("at_risk", f"billed_over_{days}", unpaid, billed)


def roll_rate(now: Decimal, before: Decimal) -> Kpi:
    """The balance of a bucket now / the balance of the one before it a month ago.

    >>> roll_rate(Decimal(34), Decimal(1000)).value
    Decimal('3.4')
    """
    return ratio("roll_rate", "month", now, before)


def bad_debt(written_off: Decimal, recovered: Decimal, sales: Decimal) -> Kpi:
    """Bad debts written off, less recoveries / credit sales; small balances are apart.

    >>> bad_debt(Decimal(20000), Decimal(2000), Decimal(3600000)).value
    Decimal('0.5')
    """
    return ratio("bad_debt", "net_of_recoveries", written_off - recovered, sales)


def minor_write_off(written_off: Decimal, collected: Decimal) -> Kpi:
    """Small balances written off / what was collected.

    >>> minor_write_off(Decimal(5), Decimal(10000)).value
    Decimal('0.05')
    """
    return ratio("minor_write_off", "of_collections", written_off, collected)
