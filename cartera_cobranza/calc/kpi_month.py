"""The key figures of one month: what was gathered in, the whole set of figures out.

``Figures`` holds what was counted for a company, a collector or a segment; those of a company are
the sum of those of its parts, so that a figure of the whole is never a mean of means.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal

from . import kpi, kpi_work
from .kpi import Kpi
from .money import ZERO

WINDOW = 3  # months of sales in the DSO, and N of the CEI with N
LATE = (0, 30, 60, 90, 120)  # the last day of each class of age; the last class is open
CONTACT_DAYS = 7  # how soon after a contact money counts as coming after it


@dataclass(frozen=True)
class Balance:
    """What was open at the end of a day, in company currency.

    :param receivable: the balance of the trade receivable accounts, unapplied credits taken off
    :param owed: what is owed by class of age (not due, 1-30, 31-60, 61-90, 91-120, above),
        unapplied credits left apart
    :param disputed: what of it was disputed
    """

    receivable: Decimal = ZERO
    owed: tuple[Decimal, ...] = (ZERO,) * (len(LATE) + 1)
    disputed: Decimal = ZERO

    def __add__(self, other: "Balance") -> "Balance":
        return Balance(
            self.receivable + other.receivable,
            tuple(mine + its for mine, its in zip(self.owed, other.owed, strict=True)),
            self.disputed + other.disputed,
        )

    @property
    def debt(self) -> Decimal:
        return sum(self.owed, ZERO)

    @property
    def current(self) -> Decimal:
        return self.owed[0]

    @property
    def overdue(self) -> Decimal:
        return self.debt - self.current

    @property
    def over_90(self) -> Decimal:
        return sum(self.owed[4:], ZERO)


@dataclass
class Figures:
    """What was counted for a month, in company currency; all of it can be added up."""

    end: Balance = field(default_factory=Balance)
    begin: Balance = field(default_factory=Balance)
    window_begin: Balance = field(default_factory=Balance)
    # invoices and debit notes less credit notes, month by month, the latest first
    sales: list[Decimal] = field(default_factory=list)
    # the same with interest and charges, of the month and of the window
    billed: Decimal = ZERO
    billed_window: Decimal = ZERO
    collected: Decimal = ZERO
    # amounts paid by days late
    paid: dict[int, Decimal] = field(default_factory=dict)
    due_amount: Decimal = ZERO
    due_paid_amount: Decimal = ZERO
    due_count: int = 0
    due_paid_count: int = 0
    recovered: Decimal = ZERO
    invoices: int = 0
    invoices_timed: int = 0
    invoices_on_time: int = 0
    written_off: Decimal = ZERO
    written_off_recovered: Decimal = ZERO
    minor: Decimal = ZERO
    punctual_before: int = 0
    punctual_still: int = 0
    messages: int = 0
    messages_back: int = 0
    messages_answered: int = 0
    attempts: int = 0
    reached: int = 0
    contacts_planned: int = 0
    contacts_made: int = 0
    demanded: Decimal = ZERO
    demanded_paid: Decimal = ZERO
    demanded_items: int = 0
    demanded_items_paid: int = 0
    promises_kept: int = 0
    promises_partial: int = 0
    promises_broken: int = 0
    promised: Decimal = ZERO
    promised_paid: Decimal = ZERO
    disputes_opened: int = 0
    dispute_days: list[int] = field(default_factory=list)
    dispute_ages: list[int] = field(default_factory=list)
    hold_days: list[Decimal] = field(default_factory=list)
    holds_overridden: int = 0

    def add(self, other: "Figures") -> None:
        """Add what was counted for another part."""
        for each in fields(self):
            mine, its = getattr(self, each.name), getattr(other, each.name)
            setattr(self, each.name, _added(each.name, mine, its))


def _added(name, mine, its):
    if name == "sales":
        longer, shorter = sorted((mine, its), key=len, reverse=True)
        padded = shorter + [ZERO] * (len(longer) - len(shorter))
        return [one + two for one, two in zip(longer, padded, strict=True)]
    if name == "paid":
        days = {*mine, *its}
        return {day: mine.get(day, ZERO) + its.get(day, ZERO) for day in days}
    return mine + its


def total(parts: Iterable[Figures]) -> Figures:
    """Return the figures of a whole from those of its parts."""
    whole = Figures()
    for part in parts:
        whole.add(part)
    return whole


def key_figures(counted: Figures, month_days: Sequence[int]) -> list[Kpi]:
    """Return every key figure of a month, the variant of its formula named in it.

    :param month_days: the days of each month of ``counted.sales``, the latest first; the
        first is shorter while the month goes on
    """
    return [
        *_balances(counted),
        *_sales_outstanding(counted, month_days),
        *_collection(counted),
        *_roll_rates(counted),
        *_punctuality(counted),
        *_write_offs(counted),
        *_contacts(counted),
        *_promises_and_disputes(counted),
        *_holds(counted),
    ]


def _balances(counted):
    end = counted.end
    return [
        kpi.amount("receivable", "ledger", end.receivable),
        kpi.amount("overdue", "past_due", end.overdue),
        kpi.amount("billed", "month", counted.billed),
        kpi.amount("collected", "month", counted.collected),
        kpi.percent_current(end.current, end.debt),
        kpi.percent_overdue(end.overdue, end.debt),
        kpi.percent_over(end.over_90, end.debt),
        kpi_work.dispute_rate(end.disputed, end.debt),
    ]


def _sales_outstanding(counted, month_days):
    end, sales = counted.end, sum(counted.sales[:WINDOW], ZERO)
    days = sum(month_days[:WINDOW])
    return [
        kpi.dso(end.receivable, sales, days),
        _countback(counted, month_days),
        kpi.dso_best(end.current, sales, days),
        kpi.average_days_delinquent(end.receivable, end.current, sales, days),
    ]


def _countback(counted, month_days):
    receivable, sales = counted.end.receivable, counted.sales
    known = sum(sales, ZERO)
    found = kpi.dso_countback(receivable, zip(sales, month_days, strict=False))
    if not any(sales):
        return Kpi("dso", "countback", None, receivable, known)
    variant = "countback" if found.complete else "countback_at_least"
    return Kpi("dso", variant, found.days, receivable, known)


def _collection(counted):
    end = counted.end
    return [
        kpi.cei(counted.begin.receivable, counted.billed, end.receivable, end.current),
        kpi.cei(
            counted.window_begin.receivable,
            counted.billed_window,
            end.receivable,
            end.current,
            WINDOW,
        ),
        kpi.collected_of_billed(counted.collected, counted.billed),
        kpi_work.recovery(counted.recovered, counted.begin.overdue),
        kpi.weighted_days_late((amount, days) for days, amount in counted.paid.items()),
    ]


def _roll_rates(counted):
    """Classes by the last day of where it came from: 0 (not due) to 1-30, and so on."""
    now, before = counted.end.owed, counted.begin.owed
    found = []
    for place, last_day in enumerate(LATE[:-1]):
        rate = kpi.roll_rate(now[place + 1], before[place])
        found.append(
            Kpi(
                rate.code,
                f"from_{last_day}",
                rate.value,
                rate.numerator,
                rate.denominator,
            )
        )
    return found


def _punctuality(counted):
    return [
        kpi.on_time_collection(counted.due_paid_amount, counted.due_amount),
        kpi.on_time_collection_count(counted.due_paid_count, counted.due_count),
        kpi_work.on_time_invoicing(counted.invoices_on_time, counted.invoices_timed),
        kpi_work.punctual_retained(counted.punctual_still, counted.punctual_before),
    ]


def _write_offs(counted):
    sales = counted.sales[0] if counted.sales else ZERO
    return [
        kpi.bad_debt(counted.written_off, counted.written_off_recovered, sales),
        kpi.minor_write_off(counted.minor, counted.collected),
    ]


def _contacts(counted):
    return [
        kpi_work.reply_rate(
            counted.messages_answered, counted.messages, counted.messages_back
        ),
        kpi_work.right_party_contacts(counted.reached, counted.attempts),
        kpi_work.actions_made(counted.contacts_made, counted.contacts_planned),
        kpi_work.converted_after_contact(
            counted.demanded_paid, counted.demanded, CONTACT_DAYS
        ),
        kpi_work.paid_after_contact(
            counted.demanded_items_paid, counted.demanded_items, CONTACT_DAYS
        ),
    ]


def _promises_and_disputes(counted):
    ended = (counted.promises_kept, counted.promises_partial, counted.promises_broken)
    return [
        kpi_work.promises_kept(*ended),
        kpi_work.promises_kept(*ended, with_partial=True),
        kpi_work.promises_kept_amount(counted.promised_paid, counted.promised),
        kpi_work.dispute_rate_count(counted.disputes_opened, counted.invoices),
        kpi_work.dispute_days(counted.dispute_days),
        kpi_work.dispute_days_median(counted.dispute_days),
        kpi_work.dispute_age(counted.dispute_ages),
    ]


def _holds(counted):
    return [
        kpi_work.hold_cycle(counted.hold_days),
        kpi_work.override_share(counted.holds_overridden, len(counted.hold_days)),
    ]
