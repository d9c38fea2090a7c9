"""Exact amounts: the border between Odoo's floats and Decimals."""

from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)


def to_decimal(value: float | int | str | Decimal | None) -> Decimal:
    """Return ``value`` as an exact Decimal, by its shortest decimal text.

    Odoo hands amounts over as floats whose shortest text is the amount that was meant
    (``1160.1`` and not ``1160.09999999999990905…``). ``None`` is refused: no data is not zero.

    >>> to_decimal(1160.1)
    Decimal('1160.1')
    """
    if value is None:
        raise ValueError("an amount that is not known cannot be turned into a number")
    return value if isinstance(value, Decimal) else Decimal(str(value))


def round_money(amount: Decimal, rounding: Decimal) -> Decimal:
    """Round ``amount`` half up, away from zero, to a multiple of ``rounding`` (0.01 for MXN, 1 for COP).

    Rounding happens once, at the end of a computation.

    >>> round_money(Decimal("-2.345"), Decimal("0.01"))
    Decimal('-2.35')
    """
    steps = (amount / rounding).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return steps * rounding


def convert(
    amount: Decimal, rate_from: Decimal, rate_to: Decimal, rounding: Decimal
) -> Decimal:
    """Convert ``amount`` between currencies; rates are units of the currency for one unit of a common base.

    A rate must be known and positive; there is no default of one.

    >>> convert(Decimal(100), Decimal("0.05"), Decimal(1), Decimal("0.01"))  # 100 USD at 20 MXN
    Decimal('2000.00')
    """
    if rate_from <= 0 or rate_to <= 0:
        raise ValueError("an exchange rate must be above zero")
    return round_money(amount * rate_to / rate_from, rounding)
