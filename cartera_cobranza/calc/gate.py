"""The decision of the credit gate: rules against a customer's standing and what a document adds.

Own amounts are in the currency of the pocket that the document falls into: company currency, or that of a
line which is kept for one currency alone. All else is in company currency. Boundaries are strict: an order
that uses the line to the last cent passes, one cent more does not (domain 1.1).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from .limit import Limit
from .money import ZERO

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Charge:
    """What a document adds to the debt: ``own`` in the pocket's currency, ``company`` in the company's."""

    own: Decimal
    company: Decimal

    @classmethod
    def of(cls, amount: Decimal) -> "Charge":
        """A charge in company currency, for the general pocket."""
        return cls(amount, amount)


@dataclass(frozen=True)
class Standing:
    """A customer on the day of the check, before the document.

    Own figures are those of the pocket the document falls into (its currency's own line, else the general
    one); group figures are of all members. ``line_standing``: active, suspended, expired, absent.
    ``currency`` is the pocket's, None for the company's.
    """

    own: Limit
    exposure: Decimal
    group: Limit | None = None
    group_exposure: Decimal = ZERO
    overdue_amount: Decimal = ZERO
    overdue_days: int = 0
    line_standing: str = "active"
    currency: int | None = None
    facts: dict = field(default_factory=dict)

    @property
    def bound_by_own(self) -> bool:
        """Whether the own limit binds; without one of its own, a member is bound by its group alone."""
        return not self.own.unlimited and (
            self.group is None or self.own.mandatory or bool(self.own.amount)
        )

    @property
    def bound_by_group(self) -> bool:
        """Whether the group's limit binds; a customer who is unlimited skips it."""
        return (
            not self.own.unlimited
            and self.group is not None
            and not self.group.unlimited
        )

    def after(self, charge: Charge) -> "Standing":
        """The standing once ``charge`` more is owed (both own and group)."""
        return replace(
            self,
            exposure=self.exposure + charge.own,
            group_exposure=self.group_exposure + charge.company,
        )


@dataclass(frozen=True)
class Found:
    """A condition that holds: what was measured, what is allowed, in which currency (None: company's)."""

    measured: Decimal
    threshold: Decimal
    currency: int | None = None


@dataclass(frozen=True)
class Rule:
    """One row of the rule table, plain. Thresholds are in company currency, days and percent."""

    id: int
    kind: str  # block or exempt
    condition: str
    threshold: Decimal = ZERO
    tolerance: Decimal = ZERO
    min_percent_used: Decimal = ZERO
    stop: bool = False
    grace_days: int = 0


@dataclass(frozen=True)
class Reason:
    """Why a document is stopped: what was measured and what would have been allowed."""

    rule_id: int
    code: str
    kind: str  # limit, overdue or other
    measured: Decimal
    threshold: Decimal
    currency: int | None = None


@dataclass(frozen=True)
class Condition:
    """How a condition is judged: ``measure(standing, charge, rule)`` gives what was found, or None."""

    kind: str
    measure: Callable[[Standing, Charge, Rule], Found | None]


def percent_used(standing: Standing, charge: Charge) -> Decimal | None:
    """The higher use of own and group limit in percent, with ``charge`` added; None where unlimited.

    Owing anything against a limit of zero is use without bound, given as infinity.

    >>> percent_used(Standing(Limit(Decimal(100), True, "line"), Decimal(72)), Charge.of(Decimal(22)))
    Decimal('94')
    """
    uses = []
    if standing.bound_by_own:
        uses.append(_use(standing.exposure + charge.own, standing.own.amount))
    if standing.bound_by_group:
        uses.append(
            _use(standing.group_exposure + charge.company, standing.group.amount)
        )
    return max(uses) if uses else None


def _use(exposure: Decimal, limit: Decimal) -> Decimal:
    if limit:
        return exposure * HUNDRED / limit
    return Decimal("Infinity") if exposure > 0 else ZERO


def over_limit(standing: Standing, charge: Charge, rule: Rule) -> Found | None:
    """Exposure with the document above the limit times the rule's percent (100 when left empty).

    Own and group limit must both hold; of two that are missed the own one is reported.
    """
    share = (rule.threshold or HUNDRED) / HUNDRED
    if standing.bound_by_own:
        after, limit = standing.exposure + charge.own, standing.own.amount * share
        if after > limit:
            return Found(after, limit, standing.currency)
    if standing.bound_by_group:
        after, limit = (
            standing.group_exposure + charge.company,
            standing.group.amount * share,
        )
        if after > limit:
            return Found(after, limit)
    return None


def used_percent(standing: Standing, charge: Charge, rule: Rule) -> Found | None:
    """Percent of the limit used, with the document, above the rule's threshold."""
    used = percent_used(standing, charge)
    return (
        Found(used, rule.threshold)
        if used is not None and used > rule.threshold
        else None
    )


def overdue_days(standing: Standing, charge: Charge, rule: Rule) -> Found | None:
    """The oldest overdue item is older than the threshold, and more is overdue than the tolerance."""
    days = Decimal(standing.overdue_days)
    if days > rule.threshold and standing.overdue_amount > rule.tolerance:
        return Found(days, rule.threshold)
    return None


def overdue_amount(standing: Standing, charge: Charge, rule: Rule) -> Found | None:
    """More is overdue than the threshold and than the tolerance."""
    allowed = max(rule.threshold, rule.tolerance)
    return (
        Found(standing.overdue_amount, allowed)
        if standing.overdue_amount > allowed
        else None
    )


def no_line(standing: Standing, charge: Charge, rule: Rule) -> Found | None:
    """No line of the customer's own, no group and no default of the company."""
    if standing.line_standing == "absent" and standing.own.source == "none":
        return Found(standing.exposure + charge.own, ZERO, standing.currency)
    return None


def line_expired(standing: Standing, charge: Charge, rule: Rule) -> Found | None:
    """The line's last day and its grace days have passed; measured in days."""
    if standing.line_standing == "expired":
        return Found(Decimal(standing.facts.get("days_expired", 0)), ZERO)
    return None


def suspended(standing: Standing, charge: Charge, rule: Rule) -> Found | None:
    """The customer's credit is suspended."""
    if standing.line_standing == "suspended":
        return Found(standing.exposure + charge.own, ZERO, standing.currency)
    return None


def order_amount(standing: Standing, charge: Charge, rule: Rule) -> Found | None:
    """The document itself is above the threshold; for an exemption, up to it."""
    total = standing.facts.get("document_amount", charge.company)
    applies = (
        total <= rule.threshold if rule.kind == "exempt" else total > rule.threshold
    )
    return Found(total, rule.threshold) if applies else None


def broken_promise(standing: Standing, charge: Charge, rule: Rule) -> Found | None:
    """More than the threshold is unpaid of promises that were not kept nor replaced."""
    broken = standing.facts.get("broken_promises", ZERO)
    return Found(broken, rule.threshold) if broken > rule.threshold else None


def unapproved(standing: Standing, charge: Charge, rule: Rule) -> Found | None:
    """The customer has not been approved, in companies that approve their customers."""
    if standing.facts.get("unapproved"):
        return Found(standing.facts.get("document_amount", charge.company), ZERO)
    return None


def always(standing: Standing, charge: Charge, rule: Rule) -> Found:
    """Every document in the rule's scope."""
    return Found(standing.facts.get("document_amount", charge.company), ZERO)


CONDITIONS: dict[str, Condition] = {
    "over_limit": Condition("limit", over_limit),
    "percent_used": Condition("limit", used_percent),
    "no_line": Condition("limit", no_line),
    "line_expired": Condition("limit", line_expired),
    "suspended": Condition("other", suspended),
    "overdue_days": Condition("overdue", overdue_days),
    "overdue_amount": Condition("overdue", overdue_amount),
    "order_amount": Condition("other", order_amount),
    "broken_promise": Condition("overdue", broken_promise),
    "unapproved": Condition("other", unapproved),
    "always": Condition("other", always),
}


def decide(
    rules: Iterable[Rule],
    standing: Standing,
    charge: Charge,
    conditions: dict[str, Condition] | None = None,
) -> list[Reason]:
    """All reasons that stop a document; an empty list lets it pass.

    ``conditions`` is the registry of conditions, by default that of this module.

    Rules are taken in their order. An exemption that applies ends the check: what comes after it does not
    count, what was found before it stays. A block with ``stop`` that applies ends it too.
    """
    registry = CONDITIONS if conditions is None else conditions
    reasons: list[Reason] = []
    for rule in rules:
        condition = registry[rule.condition]
        found = condition.measure(standing, charge, rule)
        if found is None:
            continue
        if rule.min_percent_used:
            used = percent_used(standing, charge)
            if used is None or used <= rule.min_percent_used:
                continue
        if rule.kind == "exempt":
            break
        reasons.append(
            Reason(
                rule.id,
                rule.condition,
                condition.kind,
                found.measured,
                found.threshold,
                found.currency,
            )
        )
        if rule.stop:
            break
    return reasons


def covered(
    amount: Decimal, base: Decimal, limit_amount: Decimal, limit_percent: Decimal
) -> bool:
    """Whether an authority up to ``limit_amount`` and ``limit_percent`` of ``base`` covers ``amount``.

    A limit left at zero does not restrict; one of the two must be filled. A percentage of a base that is
    zero or below covers nothing.

    >>> covered(Decimal(900), Decimal(10000), Decimal(1000), Decimal(10))
    True
    """
    if not limit_amount and not limit_percent:
        return False
    if limit_amount and amount > limit_amount:
        return False
    return not limit_percent or (base > 0 and amount * HUNDRED <= limit_percent * base)
