"""The contact plan: which step is due for a customer, and when.

Steps are days from the due date of the leading item, the oldest that can be collected.
``first_pending`` skips no step: the first one that was not made comes next, those after
it count from the day it was made (Dynamics 365's "track step"). ``nearest`` takes the
last step whose day has come and leaves out the earlier ones (Dynamics 365's default).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .money import ZERO

MODES = ("first_pending", "nearest")
HIGHEST_LEVEL = 9


class PlanError(ValueError):
    """A plan that cannot be followed."""


@dataclass(frozen=True)
class Step:
    """A contact ``days`` after the due date (before it, if negative)."""

    key: int | str
    days: int
    channel: str = "email"


@dataclass(frozen=True)
class Made:
    """A step of the plan that was made for the leading item."""

    key: int | str
    day: date


@dataclass(frozen=True)
class Planned:
    """The next step and the first day on which it may be made."""

    step: Step
    day: date


@dataclass(frozen=True)
class Open:
    """An open item, and whether a dispute or a promise keeps it from being collected."""

    key: int | str
    due: date
    residual: Decimal
    disputed: bool = False
    promised: bool = False


def checked_steps(steps: Iterable[Step], quiet_days: int = 0) -> tuple[Step, ...]:
    """The steps in order; refused when there is none, or one day and channel come
    twice.

    >>> [step.days for step in checked_steps([Step("b", 7), Step("a", 1)])]
    [1, 7]
    """
    found = sorted(steps, key=lambda step: (step.days, str(step.key)))
    if not found:
        raise PlanError("a plan needs a step")
    if quiet_days < 0:
        raise PlanError(f"{quiet_days} quiet days: they cannot be negative")
    seen: dict[tuple[int, str], Step] = {}
    for step in found:
        other = seen.setdefault((step.days, step.channel), step)
        if other is not step:
            raise PlanError(
                f"{other.key} and {step.key} are both on day {step.days} by {step.channel}"
            )
    return tuple(found)


def leading_item(items: Iterable[Open], minimum: Decimal = ZERO) -> Open | None:
    """The oldest item that can be collected: not disputed, not promised, above
    ``minimum``.

    It carries the step, the message lists every overdue item. None when the customer's
    credits are as much as what can be collected: who is in credit is not chased.

    >>> day = date(2026, 1, 15)
    >>> leading_item([Open(1, day, Decimal(50), disputed=True), Open(2, day, Decimal(9))]).key
    2
    """
    items = list(items)
    credit = -sum((item.residual for item in items if item.residual < 0), ZERO)
    found = [
        item
        for item in items
        if item.residual > 0 and not item.disputed and not item.promised
    ]
    if sum((item.residual for item in found), ZERO) <= credit:
        return None
    found = [item for item in found if item.residual > minimum]
    return min(found, key=lambda item: (item.due, str(item.key)), default=None)


def next_step(
    steps: Sequence[Step],
    due: date,
    today: date,
    made: Collection[Made] = (),
    mode: str = "first_pending",
    last_contact: date | None = None,
    quiet_days: int = 0,
) -> Planned | None:
    """The next step of the plan for an item due on ``due``; None when the plan is
    through.

    Its day is the later of the step's own day and the last contact plus the quiet days;
    it is due once that day has come. Letters 1, 7 and 14 days after 15 January are due
    on 16, 22 and 29 January (Dynamics 365):

    >>> letters = [Step(1, 1), Step(2, 7), Step(3, 14)]
    >>> next_step(letters, date(2021, 1, 15), date(2021, 1, 15)).day
    datetime.date(2021, 1, 16)

    A step behind the last one that was made is never taken up again. ``steps`` as
    ``checked_steps`` returns them; ``last_contact`` is any contact of the customer, by
    the plan or by hand.
    """
    if mode not in MODES:
        raise PlanError(f"{mode!r} is not one of {', '.join(MODES)}")
    days_made = {one.key: one.day for one in made}
    places = [place for place, step in enumerate(steps) if step.key in days_made]
    start = places[-1] + 1 if places else 0
    pending = steps[start:]
    if not pending:
        return None
    step = pending[0]
    day = due + timedelta(days=step.days)
    if mode == "nearest":
        for later in pending[1:]:
            if due + timedelta(days=later.days) <= today:
                step = later
        day = due + timedelta(days=step.days)
    elif places:
        before = steps[start - 1]
        gap = timedelta(days=step.days - before.days)
        day = max(day, days_made[before.key] + gap)
    if last_contact is not None:
        day = max(day, last_contact + timedelta(days=quiet_days))
    return Planned(step, day)


def due_step(
    steps: Sequence[Step],
    due: date,
    today: date,
    made: Collection[Made] = (),
    mode: str = "first_pending",
    last_contact: date | None = None,
    quiet_days: int = 0,
) -> Step | None:
    """The step to be made today, if there is one; arguments as for ``next_step``.

    >>> letters = [Step("first", 1), Step("second", 7), Step("third", 14)]
    >>> due_step(letters, date(2021, 1, 15), date(2021, 1, 24), mode="nearest").key
    'second'
    """
    found = next_step(steps, due, today, made, mode, last_contact, quiet_days)
    return found.step if found and found.day <= today else None


def dunning_level(
    due: date,
    issue: date,
    level: int = 0,
    grace_days: int = 0,
    last_issue: date | None = None,
    interval: int = 0,
    highest: int = HIGHEST_LEVEL,
) -> int:
    """The dunning level of an item after the run of ``issue``, given its level before.

    It rises by one when the item is overdue by more than the grace days (they count for
    the first notice only) and ``interval`` days have passed since the last notice. Due
    on 12 March and a run on the 13th: level 1 without grace, 0 with 3 days of it (SAP).

    >>> dunning_level(date(1997, 3, 12), date(1997, 3, 13))
    1
    """
    late = (issue - due).days
    if late <= (0 if level else grace_days):
        return level
    if last_issue is not None and (issue - last_issue).days < interval:
        return level
    return min(level + 1, max(highest, level))
