"""When open receivables will be paid: due dates, promises, and each customer's habit.

Every open amount is put on days, in four views: as expected, early, late, and by its due
date only (against which the forecast is measured). In each view the amounts are the same and
only the days differ: nothing is lost and nothing is counted twice. What is disputed or with the
lawyers has no day.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from .kpi import Kpi, mean, ratio
from .money import ZERO, round_money

VIEWS = ("expected", "high", "low", "due")
DATED = ("due", "promise", "credit", "order")
UNDATED = ("dispute", "legal")
OWN_PAYMENTS = 3  # from so many payments on a customer has a habit of its own
STEP = 7  # days after which what did not come is looked for again, at least
FAR = date.max


@dataclass(frozen=True)
class Habit:
    """By how many days a customer pays late, and how much that varies; from what was paid."""

    delay: int = 0
    spread: int = 0
    payments: int = 0


@dataclass(frozen=True)
class Paid:
    """Sums over payments: how many, Σ amount, Σ amount × days, Σ amount × days²."""

    count: int = 0
    amount: Decimal = ZERO
    days: Decimal = ZERO
    squares: Decimal = ZERO

    def __add__(self, other: "Paid") -> "Paid":
        return Paid(
            self.count + other.count,
            self.amount + other.amount,
            self.days + other.days,
            self.squares + other.squares,
        )


@dataclass(frozen=True)
class Part:
    """A part of an open item with the day on which it is due or promised.

    :param key: what the forecast is told by, for example (customer, currency)
    :param source: due, promise, dispute, legal, credit or order
    :param document: the amount in the currency of the document
    :param company: the same in company currency
    """

    key: tuple
    source: str
    day: date | None
    document: Decimal
    company: Decimal


@dataclass(frozen=True)
class Open:
    """An open item: what of it is disputed and promised, and when that was promised for.

    :param promised: [(day, amount)] in the currency of the document
    :param legal: it is with the lawyers
    """

    key: tuple
    due: date
    document: Decimal
    company: Decimal
    disputed: Decimal = ZERO
    promised: Sequence[tuple[date, Decimal]] = ()
    legal: bool = False


def habit(paid: Paid) -> Habit:
    """Return the mean delay weighted by amount, and its standard deviation, in whole days.

    1,000 paid 10 days late and 3,000 paid 30 days late: 25 days, give or take 9.

    >>> habit(Paid(2, Decimal(4000), Decimal(100000), Decimal(2800000)))
    Habit(delay=25, spread=9, payments=2)
    """
    if paid.amount <= 0:
        return Habit()
    average = paid.days / paid.amount
    variance = max(paid.squares / paid.amount - average * average, ZERO)
    one = Decimal(1)
    return Habit(
        int(round_money(average, one)),
        int(round_money(variance.sqrt(), one)),
        paid.count,
    )


def habit_of(own: Paid, everyone: Habit) -> Habit:
    """Return a customer's habit, or that of all customers when too little was paid to tell."""
    return habit(own) if own.count >= OWN_PAYMENTS and own.amount > 0 else everyone


def instalments_left(
    schedule: Iterable[tuple[date, Decimal]], left: Decimal
) -> list[tuple[date, Decimal]]:
    """Return what of a promise's instalments is still to come, of which ``left`` is unpaid.

    What was paid took the first ones. More than was promised comes with the last.

    >>> instalments_left([(date(2026, 3, 1), Decimal(60)), (date(2026, 4, 1), Decimal(40))], Decimal(70))
    [(datetime.date(2026, 3, 1), Decimal('30')), (datetime.date(2026, 4, 1), Decimal('40'))]
    """
    parts = []
    for day, amount in sorted(schedule, reverse=True):
        part = min(amount, left)
        if part > 0:
            parts.append((day, part))
            left -= part
    parts.reverse()
    if left > 0 and parts:
        day, amount = parts[-1]
        parts[-1] = (day, amount + left)
    return parts


def share_out(
    amounts: Mapping[int, Decimal], parts: Iterable[tuple[date, Decimal]]
) -> dict[int, list[tuple[date, Decimal]]]:
    """Return which item a promise's instalments pay: the first instalment the first item.

    >>> share_out({7: Decimal(50), 8: Decimal(20)}, [(date(2026, 3, 1), Decimal(60))])
    {7: [(datetime.date(2026, 3, 1), Decimal('50'))], 8: [(datetime.date(2026, 3, 1), Decimal('10'))]}
    """
    shares = {item: [] for item in amounts}
    waiting = list(parts)
    for item, amount in amounts.items():
        while amount > 0 and waiting:
            day, there = waiting[0]
            part = min(there, amount)
            shares[item].append((day, part))
            amount -= part
            if there > part:
                waiting[0] = (day, there - part)
            else:
                waiting.pop(0)
    return shares


def split(item: Open, rounding: Decimal) -> list[Part]:
    """Cut an open item into its parts: disputed, promised by day, and the rest by its due date.

    The parts add up to the item in both currencies; the last takes what rounding leaves.
    """
    if item.document <= 0:
        # a credit, or a difference in company currency alone
        return [Part(item.key, "credit", None, item.document, item.company)]
    if item.legal:
        return [Part(item.key, "legal", None, item.document, item.company)]
    left = item.document
    cut = []
    if item.disputed > 0:
        cut.append(("dispute", None, min(item.disputed, left)))
        left -= cut[-1][2]
    for day, amount in item.promised:
        part = min(amount, left)
        if part > 0:
            cut.append(("promise", day, part))
            left -= part
    if left > 0:
        cut.append(("due", item.due, left))
    parts, company = [], ZERO
    for place, (source, day, amount) in enumerate(cut, 1):
        value = (
            item.company - company
            if place == len(cut)
            else round_money(item.company * amount / item.document, rounding)
        )
        company += value
        parts.append(Part(item.key, source, day, amount, value))
    return parts


def days_of(part: Part, own: Habit, today: date) -> dict[str, date]:
    """Return the day of a dated part in each view; never before today, early ≤ expected ≤ late.

    What is later than the customer's habit is looked for again each spread, at least each week.
    """
    delay = 0 if part.source == "promise" else own.delay
    day = part.day + timedelta(days=delay)
    if day < today:
        step = max(own.spread, STEP) if part.source != "promise" else 1
        missed = (today - day).days
        day += timedelta(days=-(-missed // step) * step)
    spread = timedelta(days=own.spread)
    return {
        "expected": day,
        "high": max(day - spread, today),
        "low": day + spread,
        "due": max(part.day, today),
    }


@lru_cache(maxsize=5000)
def week_of(day: date) -> date:
    """Return the Monday of the week; the same few thousand days come up for every item.

    >>> week_of(date(2026, 3, 19))
    datetime.date(2026, 3, 16)
    """
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True)
class Row:
    """What is expected of a key in a week, from one source, by view; ``week`` is None without a day."""

    key: tuple
    week: date | None
    source: str
    document: dict[str, Decimal]
    company: dict[str, Decimal]


def schedule(
    parts: Iterable[Part], habits: Mapping[tuple, Habit], today: date
) -> list[Row]:
    """Return the rows of a forecast: each part in its week, view by view.

    Credits come with the first debt of their key, for they lower what it brings; those of keys
    without a debt with a day come this week.

    :param habits: the habit by key
    """
    dated, credits, sums = [], [], defaultdict(lambda: (_zeros(), _zeros()))
    for part in parts:
        if part.source in UNDATED:
            document, company = sums[part.key, None, part.source]
            for view in VIEWS:
                document[view] += part.document
                company[view] += part.company
        elif part.source == "credit":
            credits.append(part)
        else:
            dated.append(part)
    first = {}
    for part in dated:
        days = days_of(part, habits.get(part.key, Habit()), today)
        _put(sums, part, days)
        if part.source != "order":
            known = first.setdefault(part.key, dict.fromkeys(VIEWS, FAR))
            for view in VIEWS:
                known[view] = min(known[view], days[view])
    for part in credits:
        _put(sums, part, first.get(part.key) or dict.fromkeys(VIEWS, today))
    return [
        Row(key, week, source, document, company)
        for (key, week, source), (document, company) in sums.items()
    ]


def _zeros():
    return dict.fromkeys(VIEWS, ZERO)


def _put(sums, part, days):
    for view, day in days.items():
        document, company = sums[part.key, week_of(day), part.source]
        document[view] += part.document
        company[view] += part.company


# Compared with what came in


@dataclass(frozen=True)
class Accuracy:
    """How far a forecast was from what came in, week by week, beside one by due dates only.

    :param error: mean of the absolute differences
    :param bias: mean of (came in − expected): below zero, too much was expected
    :param share: Σ absolute differences / Σ came in, as 12.5
    :param baseline: ``error`` of a forecast by due dates only
    """

    error: Kpi
    bias: Kpi
    share: Kpi
    baseline: Kpi


def accuracy(weeks: Sequence[tuple[Decimal, Decimal, Decimal]]) -> Accuracy:
    """Return the errors of [(expected, by due date, came in)] of weeks that are over.

    Expected 100 and 200, came in 120 and 150: 20 too little and 50 too much, 35 on average.

    >>> found = accuracy([(Decimal(100), Decimal(90), Decimal(120)), (Decimal(200), Decimal(260), Decimal(150))])
    >>> found.error.value, found.bias.value
    (Decimal('35'), Decimal('-15'))
    """
    errors = [actual - expected for expected, _due, actual in weeks]
    came = sum((actual for _expected, _due, actual in weeks), ZERO)
    absolute = [abs(one) for one in errors]
    return Accuracy(
        mean("forecast_error", "mean_absolute", absolute),
        mean("forecast_error", "bias", errors),
        ratio("forecast_error", "of_receipts", sum(absolute, ZERO), came),
        mean(
            "forecast_error",
            "due_dates",
            [abs(actual - due) for _expected, due, actual in weeks],
        ),
    )
