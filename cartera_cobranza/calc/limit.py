"""Credit limits: own, temporary, guarantee and group (design section 4; D365 credit limit scenarios)."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .money import ZERO


@dataclass(frozen=True)
class Limit:
    """What a customer may owe, in company currency.

    ``amount`` None is unlimited. ``mandatory`` zero means "no credit" even inside a group with room.
    ``source`` says where it comes from: line, temporary, default, none, suspended, expired, group.
    """

    amount: Decimal | None
    mandatory: bool
    source: str

    @property
    def unlimited(self) -> bool:
        return self.amount is None


def counted_guarantee(
    amount: Decimal,
    percent: Decimal,
    ceiling: Decimal,
    date_from: date,
    date_to: date | None,
    day: date,
) -> Decimal:
    """What a guarantee or an insurer's coverage adds to a limit on ``day``, both ends inclusive.

    No more than the ``ceiling`` (what the insurer grants; zero: none), and of that the percentage
    that is covered. Before its first and after its last day it adds nothing.

    >>> counted_guarantee(Decimal(500), Decimal(90), Decimal(300), date(2026, 1, 1), None, date(2026, 1, 1))
    Decimal('270')
    """
    if day < date_from or (date_to and day > date_to):
        return ZERO
    counted = min(amount, ceiling) if ceiling > 0 else amount
    return counted * percent / Decimal(100)


def line_limit(
    mode: str,
    amount: Decimal,
    temporary: Decimal | None = None,
    guarantee: Decimal = ZERO,
) -> Limit:
    """The own limit of an active line.

    A temporary is the total limit while in force, not an increment; a valid guarantee adds to line and
    temporary alike (domain 1.1).

    >>> line_limit("amount", Decimal(100), Decimal(150), Decimal(20)).amount
    Decimal('170')
    """
    if mode == "unlimited":
        return Limit(None, False, "line")
    if mode == "none":
        return Limit(ZERO, True, "line")
    if temporary is not None:
        return Limit(temporary + guarantee, True, "temporary")
    return Limit(amount + guarantee, True, "line")


def default_limit(mode: str, amount: Decimal, in_group: bool) -> Limit:
    """The limit of a customer without a line: the group's if there is one, else the company's default.

    >>> default_limit("none", Decimal(0), in_group=False)
    Limit(amount=Decimal('0'), mandatory=False, source='none')
    """
    if in_group:
        return Limit(ZERO, False, "group")
    if mode == "unlimited":
        return Limit(None, False, "default")
    if mode == "amount":
        return Limit(amount, True, "default")
    return Limit(ZERO, False, "none")


def effective_limit(own: Limit, group: Limit | None) -> Limit:
    """Resolve own and group limit by the five published cases (D365 Credit-limit-scenarios).

    Own unlimited wins; a mandatory zero stays zero; no own limit takes the group's; otherwise the lower.

    >>> effective_limit(Limit(Decimal(20000), True, "line"), Limit(Decimal(15000), True, "group")).amount
    Decimal('15000')
    """
    if own.unlimited:
        return own
    if group is None:
        return own
    if own.amount == 0 and own.mandatory:
        return own
    if own.amount == 0:
        return Limit(group.amount, group.mandatory, "group")
    if group.unlimited or own.amount <= group.amount:
        return own
    return Limit(group.amount, group.mandatory, "group")


def line_standing(
    state: str, date_from: date | None, date_to: date | None, grace_days: int, day: date
) -> str:
    """Whether a line counts on ``day``: active, suspended, expired or absent.

    ``date_from`` and ``date_to`` are inclusive; grace days are added after ``date_to``. A line without
    ``date_to`` does not expire.
    """
    if state == "suspended":
        return "suspended"
    if state == "expired":
        return "expired"
    if state != "active" or (date_from and day < date_from):
        return "absent"
    if date_to and day > date_to + timedelta(days=grace_days):
        return "expired"
    return "active"


def available(
    own: Limit,
    exposure: Decimal,
    group: Limit | None = None,
    group_exposure: Decimal = ZERO,
) -> Decimal | None:
    """What may still be owed: the lower of own and group room; None is unlimited. May be negative.

    Own unlimited skips the group's check. A customer without an own limit is bound by the group alone.

    >>> available(Limit(Decimal(100), True, "line"), Decimal(-30))
    Decimal('130')
    """
    if own.unlimited:
        return None
    rooms = []
    if group is None or own.mandatory or own.amount:
        rooms.append(own.amount - exposure)
    if group is not None and not group.unlimited:
        rooms.append(group.amount - group_exposure)
    return min(rooms) if rooms else None


def overlaps(first: tuple[date, date], second: tuple[date, date]) -> bool:
    """Whether two date ranges, both ends inclusive, share a day."""
    return first[0] <= second[1] and second[0] <= first[1]


def next_check_date(release: date, grace_days: int) -> date:
    """The first day on which a released document is checked again (D365: day 1 + 2 grace days → day 4)."""
    return release + timedelta(days=grace_days + 1)
