"""Figures of a credit analysis: ratios, and the recommended limit with the way it was found."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from .money import ZERO, round_money

HUNDRED = Decimal(100)
YEAR = Decimal(12)


@dataclass(frozen=True)
class Statement:
    """Figures of a customer's financial statements, in one currency; None is not known."""

    revenue: Decimal | None = None
    net_income: Decimal | None = None
    current_assets: Decimal | None = None
    current_liabilities: Decimal | None = None
    total_assets: Decimal | None = None
    total_liabilities: Decimal | None = None


@dataclass(frozen=True)
class Ratios:
    """What the statements say; None where a figure is missing or a division makes no sense."""

    current: Decimal | None
    debt_percent: Decimal | None
    margin_percent: Decimal | None
    working_capital: Decimal | None
    equity: Decimal | None


def ratios(statement: Statement) -> Ratios:
    """Liquidity (times), debt and margin (percent), working capital and equity (amounts).

    >>> ratios(Statement(current_assets=Decimal(300), current_liabilities=Decimal(200))).current
    Decimal('1.50')
    """
    one = statement
    return Ratios(
        current=_divided(one.current_assets, one.current_liabilities, Decimal(1)),
        debt_percent=_divided(one.total_liabilities, one.total_assets, HUNDRED),
        margin_percent=_divided(one.net_income, one.revenue, HUNDRED),
        working_capital=_less(one.current_assets, one.current_liabilities),
        equity=_less(one.total_assets, one.total_liabilities),
    )


def _divided(
    part: Decimal | None, whole: Decimal | None, factor: Decimal
) -> Decimal | None:
    if part is None or whole is None or whole <= 0:
        return None
    return round_money(part * factor / whole, Decimal("0.01"))


def _less(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    return None if first is None or second is None else first - second


@dataclass(frozen=True)
class Policy:
    """How a risk class turns figures into a limit.

    ``months`` of average purchases; ``equity_percent`` of the customer's equity (0: not looked at);
    ``cap`` the most that the class gets (0: no cap); ``step`` the limit is rounded down to.
    """

    months: Decimal
    equity_percent: Decimal = ZERO
    cap: Decimal = ZERO
    step: Decimal = Decimal(1)


@dataclass(frozen=True)
class Reason:
    """One figure that the recommendation was held against: purchases, equity or cap."""

    key: str
    base: Decimal
    factor: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Recommendation:
    """The limit that the figures speak for; ``amount`` None where nothing is known.

    The lowest of ``reasons`` decides, rounded down to the step.
    """

    amount: Decimal | None
    reasons: tuple[Reason, ...]

    @property
    def decisive(self) -> Reason | None:
        """The figure that decided."""
        return min(self.reasons, key=lambda one: one.amount) if self.reasons else None


def recommend(
    policy: Policy, purchases: Decimal | None, equity: Decimal | None
) -> Recommendation:
    """The lowest of months of purchases, a share of the equity, and the class's cap.

    A figure that is not known, or purchases of zero (a new customer), is left out; the cap alone
    recommends nothing.

    >>> recommend(Policy(Decimal(2), Decimal(20), step=Decimal(1000)), Decimal(1230000), None).amount
    Decimal('205000')
    """
    reasons = []
    if purchases is not None and purchases > 0:
        reasons.append(
            Reason(
                "purchases", purchases, policy.months, purchases / YEAR * policy.months
            )
        )
    if equity is not None and policy.equity_percent > 0:
        reasons.append(
            Reason(
                "equity",
                equity,
                policy.equity_percent,
                max(equity, ZERO) * policy.equity_percent / HUNDRED,
            )
        )
    if not reasons:
        return Recommendation(None, ())
    if policy.cap > 0:
        reasons.append(Reason("cap", policy.cap, Decimal(1), policy.cap))
    lowest = min(one.amount for one in reasons)
    return Recommendation(rounded_to_step(lowest, policy.step, "down"), tuple(reasons))


def rounded_to_step(amount: Decimal, step: Decimal, direction: str) -> Decimal:
    """``amount`` to a multiple of ``step``, up, down or to the nearest (half up); no step leaves it.

    >>> [rounded_to_step(Decimal(1250), Decimal(500), one) for one in ("down", "nearest", "up")]
    [Decimal('1000'), Decimal('1500'), Decimal('1500')]
    """
    if step <= 0:
        return amount
    if direction == "nearest":
        return round_money(amount, step)
    rounding = ROUND_CEILING if direction == "up" else ROUND_FLOOR
    return (amount / step).to_integral_value(rounding=rounding) * step


@dataclass(frozen=True)
class Change:
    """How a mass revision proposes limits.

    ``method``: fixed (``value`` is added), percent (``value`` percent are added), purchases (``value``
    months of average purchases become the limit), recommended (what the class's policy gives).
    ``cap`` and ``floor`` 0 do not restrict; they are looked at after rounding, and never turn a raise into a
    cut or a cut into a raise: who is above the cap already stays there.
    """

    method: str
    value: Decimal = ZERO
    step: Decimal = ZERO
    direction: str = "nearest"
    cap: Decimal = ZERO
    floor: Decimal = ZERO


def proposed(
    change: Change,
    current: Decimal,
    purchases: Decimal | None = None,
    recommended: Decimal | None = None,
) -> Decimal | None:
    """The new limit, never below zero; None where the figure it needs is not known.

    >>> proposed(Change("percent", Decimal(10), Decimal(1000), "up"), Decimal(51500))
    Decimal('57000')
    """
    if change.method == "fixed":
        amount = current + change.value
    elif change.method == "percent":
        amount = current * (HUNDRED + change.value) / HUNDRED
    elif change.method == "purchases":
        if purchases is None:
            return None
        amount = purchases / YEAR * change.value
    elif recommended is None:
        return None
    else:
        amount = recommended
    amount = rounded_to_step(max(amount, ZERO), change.step, change.direction)
    relative = change.method in ("fixed", "percent")
    if change.floor > 0 and amount < change.floor:
        amount = min(change.floor, current) if relative else change.floor
    if change.cap > 0 and amount > change.cap:
        amount = max(change.cap, current) if relative else change.cap
    return amount
