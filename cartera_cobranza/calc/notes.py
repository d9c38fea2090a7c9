"""Credit and debit notes: a total split over the parts of its invoice, taxes in proportion."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .money import ZERO, round_money


@dataclass(frozen=True)
class Part:
    """Lines of an invoice with the same account and taxes.

    :param total: with taxes
    :param base: without taxes
    :param price: what their prices add up to: the base, or the total where prices include the taxes
    """

    total: Decimal
    base: Decimal
    price: Decimal


@dataclass(frozen=True)
class Share:
    """What a note takes of one part: ``total`` is ``base`` and ``tax``; ``price`` is for its line."""

    total: Decimal
    base: Decimal
    tax: Decimal
    price: Decimal


def split_total(
    total: Decimal, weights: Sequence[Decimal], rounding: Decimal
) -> list[Decimal]:
    """Divide ``total`` in proportion to ``weights``; the shares are rounded and add up to it exactly.

    Running totals are rounded, so that no share is off by more than one unit.

    >>> split_total(Decimal(10), [Decimal(1)] * 3, Decimal("0.01"))
    [Decimal('3.33'), Decimal('3.34'), Decimal('3.33')]
    """
    whole = sum(weights, ZERO)
    if not whole:
        raise ValueError("there is nothing in proportion to which to divide")
    shares, before, weight_before = [], ZERO, ZERO
    for weight in weights:
        weight_before += weight
        upto = round_money(total * weight_before / whole, rounding)
        shares.append(upto - before)
        before = upto
    return shares


def proportional(
    total: Decimal, parts: Sequence[Part], rounding: Decimal
) -> list[Share]:
    """Return what a note over ``total`` takes of each part of its invoice.

    A quality claim of 1,160 on an invoice of 10,000 and 16 % is 1,000 and 160 (domain.md 1.6):

    >>> part = Part(Decimal(11600), Decimal(10000), Decimal(10000))
    >>> proportional(Decimal(1160), [part], Decimal("0.01"))[0].tax
    Decimal('160.00')
    """
    shares = []
    for share, part in zip(
        split_total(total, [part.total for part in parts], rounding),
        parts,
        strict=True,
    ):
        if not part.total:
            continue
        base = round_money(share * part.base / part.total, rounding)
        price = round_money(share * part.price / part.total, rounding)
        shares.append(Share(share, base, share - base, price))
    return shares
