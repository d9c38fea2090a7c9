"""Disputes: what became of a disputed amount, by the entries applied to its invoice since.

Credit notes made for a dispute lower it first. All other money and notes go to the part of the invoice that nobody
disputes, and reach the disputed part only when nothing else is left: the newest of them are what paid it (SAP Dispute
Management: original, credited, paid, written off, remaining).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from .money import ZERO

CREDIT, PAYMENT, WRITE_OFF = "credit", "payment", "write_off"


@dataclass(frozen=True)
class Case:
    """An open dispute of an invoice: the amount that is disputed, and the last entry before it was opened."""

    id: int
    amount: Decimal
    since: int = 0


@dataclass(frozen=True)
class Applied:
    """An amount applied to the invoice: in order of ``number``; ``case`` is the dispute it was made for."""

    number: int
    amount: Decimal
    kind: str
    case: int | None = None


@dataclass(frozen=True)
class Share:
    """What became of a disputed amount; the parts add up to it."""

    credited: Decimal
    paid: Decimal
    written_off: Decimal
    remaining: Decimal


def split(
    cases: Iterable[Case], applied: Iterable[Applied], residual: Decimal
) -> dict[int, Share]:
    """What became of each dispute of one invoice of which ``residual`` is still open.

    1,200 of 5,800 are disputed and 5,000 are paid: 4,600 went to the rest, 400 to the disputed part.

    >>> share = split(
    ...     [Case(1, Decimal(1200))], [Applied(1, Decimal(5000), PAYMENT)], Decimal(800)
    ... )[1]
    >>> share.paid, share.remaining
    (Decimal('400'), Decimal('800'))

    Of several disputes the oldest keeps what is left of the invoice.
    """
    applied = sorted(applied, key=lambda entry: -entry.number)
    free = {entry.number: entry.amount for entry in applied if entry.case is None}
    found = {}
    left = max(residual, ZERO)
    for case in sorted(cases, key=lambda case: case.id):
        parts = {CREDIT: ZERO, PAYMENT: ZERO, WRITE_OFF: ZERO}
        rest = case.amount
        for entry in applied:
            if entry.case == case.id:
                used = min(entry.amount, rest)
                parts[entry.kind] += used
                rest -= used
        remaining = min(rest, left)
        left -= remaining
        rest -= remaining
        for entry in applied:
            if entry.case is None and entry.number > case.since:
                used = min(free[entry.number], rest)
                free[entry.number] -= used
                parts[entry.kind] += used
                rest -= used
        # what no entry explains was cancelled with the invoice
        parts[WRITE_OFF] += rest
        found[case.id] = Share(
            parts[CREDIT], parts[PAYMENT], parts[WRITE_OFF], remaining
        )
    return found
