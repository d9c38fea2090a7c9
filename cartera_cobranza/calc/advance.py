"""One payment over several orders: who gets how much of it. Amounts are in the payment's currency."""

from collections.abc import Sequence
from decimal import Decimal

from .money import ZERO


def share(amount: Decimal, needs: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Return what each order gets of a payment: in turn, as much as it still needs.

    ``needs`` are what the orders ask for beyond other payments, the order that the payment names
    first, then the older before the newer. What no order needs stays with the last, and a payment that goes
    back (a negative one) is taken from the last. The shares always add up to the payment.

    >>> share(Decimal(400), [Decimal(100), Decimal(500)])
    (Decimal('100'), Decimal('300'))
    >>> share(Decimal(700), [Decimal(100), Decimal(500)])
    (Decimal('100'), Decimal('600'))
    """
    left = amount
    shares = []
    for need in needs:
        part = max(min(left, need), ZERO)
        shares.append(part)
        left -= part
    if shares:
        shares[-1] += left
    return tuple(shares)
