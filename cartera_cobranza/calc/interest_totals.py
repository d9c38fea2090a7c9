"""Limits over several charges of interest, and the correction of one made before."""

from collections.abc import Sequence
from decimal import Decimal

from .interest import within
from .money import ZERO


def limit_parts(
    amounts: Sequence[Decimal],
    minimum: Decimal = ZERO,
    maximum: Decimal | None = None,
    billed: Decimal = ZERO,
) -> tuple[list[Decimal], str | None]:
    """What is charged of each rounded amount, so that their sum keeps to the limits.

    The amounts of an invoice's instalments, or of a customer's invoices, oldest first.
    Below ``minimum`` none is charged; what ``maximum`` cuts is taken from the last
    ones. The second value says why less is charged: minimum, maximum or None.

    >>> limit_parts([Decimal(30), Decimal(50)], maximum=Decimal(60))
    ([Decimal('30'), Decimal('30')], 'maximum')
    """
    allowed, reason = within(sum(amounts, ZERO), minimum, maximum, billed)
    if reason == "zero":
        reason = None
    left, parts = allowed, []
    for amount in amounts:
        part = min(amount, left)
        parts.append(part)
        left -= part
    return parts, reason


def correction(
    right: Decimal,
    computed: Decimal,
    charged: Decimal,
    waived: Decimal = ZERO,
    corrected: Decimal = ZERO,
) -> Decimal:
    """What must be added to a charge made before, below zero credited, to be right.

    ``right`` is what its days cost as is known now, ``computed`` what they cost as was
    known then, ``charged`` what was charged of that before anything was ``waived``,
    ``corrected`` the sum of earlier corrections. Charged 450.00 where 350.00 is right:

    >>> correction(Decimal(350), Decimal(450), Decimal(450))
    Decimal('-100')

    What a maximum had cut stays cut, and what was waived is not given back twice.

    >>> correction(Decimal(350), Decimal(450), Decimal(450), waived=Decimal(450))
    Decimal('0')
    """
    if charged < computed:
        right = min(right, charged)
    return max(right - waived, ZERO) - (charged - waived) - corrected
