"""A customer's position: limits and exposures of the pockets, own and group.

A pocket is what one line guards: a line kept for one currency guards the debt in that currency, in that
currency; the general line (or the group, or the company's default) guards the rest, in company currency.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from .gate import Standing
from .limit import Limit, available, default_limit, effective_limit, line_limit
from .money import ZERO, round_money


@dataclass(frozen=True)
class Line:
    """The line in force for one pocket on the day, amounts in the line's currency and in the company's.

    ``scope`` is the currency it is kept for, None for the general line. ``rate`` is units of its currency
    for one of the company's. ``guarantee`` and ``coverage`` (an insurer's) are what of them counts today.
    """

    id: int
    scope: int | None
    standing: str
    mode: str
    amount: Decimal
    temporary: Decimal | None
    guarantee: Decimal
    rate: Decimal
    days_expired: int = 0
    coverage: Decimal = ZERO

    def limit(self) -> Limit:
        """The own limit in the line's currency; a suspended or expired line gives no credit at all."""
        if self.standing in ("suspended", "expired"):
            return Limit(ZERO, True, self.standing)
        return line_limit(
            self.mode, self.amount, self.temporary, self.guarantee + self.coverage
        )


@dataclass(frozen=True)
class Amount:
    """One part of the exposure, in its own currency and in the company's (None: no rate is known)."""

    source: str
    currency: int
    document: Decimal
    company: Decimal | None


@dataclass(frozen=True)
class Held:
    """A held document that is not in the exposure yet."""

    hold: int
    currency: int
    document: Decimal
    company: Decimal


@dataclass(frozen=True)
class Figures:
    """All that is known of a customer on a day, as gathered."""

    partner: int
    customer: int | None = None
    group: int | None = None
    lines: tuple[Line, ...] = ()
    amounts: tuple[Amount, ...] = ()
    held: tuple[Held, ...] = ()
    overdue_amount: Decimal = ZERO
    overdue_days: int = 0
    risk_class: str | None = None

    @property
    def scopes(self) -> frozenset[int]:
        """The currencies that have a line of their own."""
        return frozenset(
            line.scope
            for line in self.lines
            if line.scope and line.standing != "absent"
        )

    def line(self, scope: int | None) -> Line | None:
        """The line that guards a pocket, None where there is none in force."""
        for line in self.lines:
            if line.scope == scope and line.standing != "absent":
                return line
        return None


@dataclass(frozen=True)
class Terms:
    """What the company sets: its default for customers without a line, its rounding, whether held count."""

    default_mode: str
    default_amount: Decimal
    rounding: Decimal
    count_held: bool = False


@dataclass(frozen=True)
class Position:
    """The whole customer in company currency, for people and programs to read."""

    limit: Limit
    exposure: Decimal
    breakdown: dict[str, Decimal]
    available: Decimal | None
    held: Decimal
    group_limit: Limit | None
    group_exposure: Decimal


def exposure(figures: Figures, rounding: Decimal) -> Decimal:
    """All that the customer owes or will owe, in company currency, rounded once."""
    return round_money(sum((part.company for part in figures.amounts), ZERO), rounding)


def breakdown(figures: Figures, rounding: Decimal) -> dict[str, Decimal]:
    """Exposure by source in company currency; the parts add up to the whole.

    Rounding the parts can leave a cent; it goes to the part with the largest amount.
    """
    parts: dict[str, Decimal] = {}
    for part in figures.amounts:
        parts[part.source] = parts.get(part.source, ZERO) + part.company
    rounded = {
        source: round_money(amount, rounding) for source, amount in parts.items()
    }
    rest = exposure(figures, rounding) - sum(rounded.values(), ZERO)
    if rest:
        largest = max(rounded, key=lambda source: (abs(rounded[source]), source))
        rounded[largest] += rest
    return rounded


def own_limit(figures: Figures, scope: int | None, terms: Terms) -> Limit:
    """The own limit of a pocket in the pocket's currency (company currency for the general one)."""
    line = figures.line(scope)
    if line is None:
        return default_limit(
            terms.default_mode, terms.default_amount, figures.group is not None
        )
    limit = line.limit()
    if scope is None and limit.amount:
        return Limit(
            round_money(limit.amount / line.rate, terms.rounding),
            limit.mandatory,
            limit.source,
        )
    return limit


def pocket_exposure(figures: Figures, scope: int | None, terms: Terms) -> Decimal:
    """What is owed in a pocket: in its own currency, or all other currencies in company currency."""
    if scope is not None:
        return sum(
            (part.document for part in figures.amounts if part.currency == scope), ZERO
        )
    rest = sum(
        (
            part.company
            for part in figures.amounts
            if part.currency not in figures.scopes
        ),
        ZERO,
    )
    return round_money(rest, terms.rounding)


def held_amount(figures: Figures, before: int | None = None) -> Decimal:
    """Held documents in company currency; with ``before``, only holds older than that one."""
    return sum(
        (held.company for held in figures.held if before is None or held.hold < before),
        ZERO,
    )


def held_in_pocket(
    figures: Figures, scope: int | None, before: int | None = None
) -> Decimal:
    """Held documents of a pocket, in the pocket's currency."""
    chosen = [held for held in figures.held if before is None or held.hold < before]
    if scope is not None:
        return sum((held.document for held in chosen if held.currency == scope), ZERO)
    return sum(
        (held.company for held in chosen if held.currency not in figures.scopes), ZERO
    )


def standing_for(
    figures: Figures,
    currency: int,
    terms: Terms,
    group: Limit | None = None,
    members: Iterable[Figures] = (),
    before: int | None = None,
) -> Standing:
    """The standing a document in ``currency`` is checked against.

    :param group: the group's limit in company currency
    :param members: all members of the group, the customer included
    :param before: the document's own hold, when it has one: only older held documents are counted
    """
    scope = currency if currency in figures.scopes else None
    line = figures.line(scope)
    owed = pocket_exposure(figures, scope, terms)
    owed_by_group = sum((exposure(member, terms.rounding) for member in members), ZERO)
    if terms.count_held:
        owed += held_in_pocket(figures, scope, before)
        owed_by_group += sum((held_amount(member, before) for member in members), ZERO)
    return Standing(
        own=own_limit(figures, scope, terms),
        exposure=owed,
        group=group,
        group_exposure=owed_by_group,
        overdue_amount=figures.overdue_amount,
        overdue_days=figures.overdue_days,
        line_standing=line.standing if line else "absent",
        currency=scope,
        facts={"days_expired": line.days_expired if line else 0},
    )


def position(
    figures: Figures,
    terms: Terms,
    group: Limit | None = None,
    members: Iterable[Figures] = (),
) -> Position:
    """The customer as a whole in company currency: all pockets together, and the group's room."""
    own = own_limit(figures, None, terms)
    for scope in sorted(figures.scopes):
        line = figures.line(scope)
        more = line.limit()
        if own.unlimited or more.unlimited:
            own = Limit(None, False, own.source if own.unlimited else more.source)
            continue
        amount = own.amount + round_money(more.amount / line.rate, terms.rounding)
        source = own.source if own.amount or not more.amount else more.source
        own = Limit(amount, own.mandatory or more.mandatory, source)
    owed = exposure(figures, terms.rounding)
    owed_by_group = sum((exposure(member, terms.rounding) for member in members), ZERO)
    return Position(
        limit=effective_limit(own, group),
        exposure=owed,
        breakdown=breakdown(figures, terms.rounding),
        available=available(own, owed, group, owed_by_group),
        held=held_amount(figures),
        group_limit=group,
        group_exposure=owed_by_group,
    )
