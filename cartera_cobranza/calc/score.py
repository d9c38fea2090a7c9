"""Scores: the order of the worklist, and additive scores that show their parts."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .money import ZERO

HUNDRED = Decimal(100)


class ScoreError(ValueError):
    """Rules or bands that give no score."""


@dataclass(frozen=True)
class Points:
    """A rule of the worklist and what it is worth."""

    key: str
    points: Decimal


@dataclass(frozen=True)
class Class:
    """A class holds scores from ``least`` up."""

    name: str
    least: Decimal


CLASSES = (
    Class("very_high", Decimal(70)),
    Class("high", Decimal(45)),
    Class("medium", Decimal(20)),
    Class("low", ZERO),
)


def worklist_score(
    rules: Iterable[Points], met: Collection[str], maximum: Decimal | None = None
) -> Decimal | None:
    """Points of the rules met, in percent of the maximum (SAP's collection strategy).

    The maximum is the sum of all points; it is given where rules exclude each other.
    None without rules. 60 points of 120:

    >>> rules = [Points("overdue 3 days", Decimal(60)), Points("others", Decimal(60))]
    >>> worklist_score(rules, {"overdue 3 days"})
    Decimal('50')
    """
    rules = list(rules)
    for rule in rules:
        if rule.points < 0:
            raise ScoreError(f"{rule.key} has {rule.points} points: below zero")
    whole = sum((rule.points for rule in rules), ZERO) if maximum is None else maximum
    if whole <= 0:
        return None
    reached = sum((rule.points for rule in rules if rule.key in met), ZERO)
    return reached * HUNDRED / whole


def class_of(score: Decimal | None, classes: Sequence[Class] = CLASSES) -> str | None:
    """The class with the highest bound that the score reaches; None below all of them.

    >>> class_of(Decimal(70)), class_of(Decimal("69.99"))
    ('very_high', 'high')
    """
    if score is None:
        return None
    reached = [one for one in classes if score >= one.least]
    return max(reached, key=lambda one: one.least).name if reached else None


@dataclass(frozen=True)
class Row:
    """A customer in the worklist."""

    partner: int
    score: Decimal | None
    overdue_amount: Decimal = ZERO
    overdue_days: int = 0


def ranked(rows: Iterable[Row]) -> list[Row]:
    """The worklist: by score, then overdue amount, then oldest day, then the partner's id.

    The last makes the order the same every time. No score stands last.

    >>> [row.partner for row in ranked([Row(2, Decimal(50)), Row(1, Decimal(50))])]
    [1, 2]
    """

    def place(row: Row) -> tuple:
        score = -row.score if row.score is not None else ZERO
        return (
            row.score is None,
            score,
            -row.overdue_amount,
            -row.overdue_days,
            row.partner,
        )

    return sorted(rows, key=place)


@dataclass(frozen=True)
class Band:
    """Values from ``start`` up to, and without, ``end`` are worth ``points``."""

    points: Decimal
    start: Decimal | None = None
    end: Decimal | None = None

    def holds(self, value: Decimal) -> bool:
        """Whether the value is in the band; None is open."""
        if self.start is not None and value < self.start:
            return False
        return self.end is None or value < self.end


@dataclass(frozen=True)
class Listed:
    """One of these values is worth ``points``."""

    points: Decimal
    values: frozenset[Hashable]

    def holds(self, value: Hashable) -> bool:
        """Whether the value is listed."""
        return value in self.values


@dataclass(frozen=True)
class Group:
    """A fact of the customer and what its values are worth; the first that holds counts.

    ``unknown`` is what a fact that is not known is worth; None is nothing.
    """

    key: str
    choices: tuple[Band | Listed, ...]
    unknown: Decimal | None = None


@dataclass(frozen=True)
class Part:
    """What a group gave: ``value`` None is not known, ``points`` None is worth nothing."""

    key: str
    value: object
    points: Decimal | None


@dataclass(frozen=True)
class Score:
    """A total and the parts that make it up."""

    total: Decimal
    parts: tuple[Part, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """The groups whose fact is not known."""
        return tuple(part.key for part in self.parts if part.value is None)


def additive(groups: Iterable[Group], facts: Mapping[str, object]) -> Score:
    """The sum of the points of all groups, each shown (Dynamics 365's scoring groups).

    >>> years = Group("years", (Band(Decimal(5), None, Decimal(2)), Band(Decimal(20), Decimal(2))))
    >>> country = Group("country", (Listed(Decimal(10), frozenset({"MX", "CO"})),))
    >>> additive([years, country], {"years": Decimal(3), "country": "MX"}).total
    Decimal('30')
    """
    parts = []
    for group in groups:
        value = facts.get(group.key)
        parts.append(Part(group.key, value, _points(group, value)))
    known = (part.points for part in parts if part.points is not None)
    return Score(sum(known, ZERO), tuple(parts))


def _points(group: Group, value: object) -> Decimal | None:
    if value is None:
        return group.unknown
    for choice in group.choices:
        holds: Callable[..., bool] = choice.holds
        if holds(value):
            return choice.points
    return None
