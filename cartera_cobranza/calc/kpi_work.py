"""Key figures of the work itself: promises, disputes, contacts, matching, holds, people.

As in ``kpi``: percentages as 65.00, unrounded, None where a figure does not apply.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .kpi import Kpi, mean, ratio
from .money import ZERO

TWO = Decimal(2)


# Promises and disputes


def promises_kept(
    kept: int, partial: int, broken: int, with_partial: bool = False
) -> Kpi:
    """Promises kept / evaluated (kept, partial, broken); open and withdrawn ones are out.

    26 / (26 + 6 + 8) = 65 %; counting the partial ones as kept, 32 / 40 = 80 %.

    >>> promises_kept(26, 6, 8).value
    Decimal('65')
    """
    reached = kept + partial if with_partial else kept
    variant = "count_with_partial" if with_partial else "count"
    return ratio("promise_kept", variant, reached, kept + partial + broken)


def promises_kept_amount(paid: Decimal, promised: Decimal) -> Kpi:
    """Paid inside the window / promised, of evaluated promises.

    >>> promises_kept_amount(Decimal(390000), Decimal(500000)).value
    Decimal('78')
    """
    return ratio("promise_kept", "amount", paid, promised)


def dispute_rate(disputed: Decimal, receivable: Decimal) -> Kpi:
    """Open amount in dispute / open receivables: 120 of 2,000 is 6 %.

    >>> dispute_rate(Decimal(120), Decimal(2000)).value
    Decimal('6')
    """
    return ratio("dispute_rate", "amount", disputed, receivable)


def dispute_rate_count(opened: int, invoices: int) -> Kpi:
    """Disputes opened / invoices issued, in the period.

    >>> dispute_rate_count(3, 200).value
    Decimal('1.5')
    """
    return ratio("dispute_rate", "count", opened, invoices)


def dispute_days(days: Sequence[int]) -> Kpi:
    """Mean of (closing − opening) of the disputes closed in the period.

    >>> dispute_days([2, 3, 16]).value
    Decimal('7')
    """
    return mean("dispute_days", "closed_mean", days)


def dispute_days_median(days: Sequence[int]) -> Kpi:
    """Median of (closing − opening): half of the disputes took no longer.

    >>> dispute_days_median([2, 3, 16]).value
    Decimal('3')
    """
    ranked = sorted(days)
    middle = len(ranked) // 2
    if not ranked:
        return Kpi("dispute_days", "closed_median", None, ZERO, ZERO)
    pair = ranked[middle] + ranked[middle if len(ranked) % 2 else middle - 1]
    return ratio("dispute_days", "closed_median", pair, TWO, 1)


def dispute_age(days: Sequence[int]) -> Kpi:
    """Mean age of the disputes that are open.

    >>> dispute_age([10, 20]).value
    Decimal('15')
    """
    return mean("dispute_days", "open_age", days)


# Contacts


def right_party_contacts(right: int, base: int, of: str = "attempts") -> Kpi:
    """Contacts with the right person / attempts, or / people reached: the base is named.

    120 of 400 attempts is 30 %; 25 of 50 reached is 50 %.

    >>> right_party_contacts(25, 50, of="reached").value
    Decimal('50')
    """
    return ratio("right_party", f"of_{of}", right, base)


def connect_rate(connected: int, dials: int) -> Kpi:
    """Calls that were answered / calls dialled.

    >>> connect_rate(30, 120).value
    Decimal('25')
    """
    return ratio("connect_rate", "of_dials", connected, dials)


def reply_rate(replied: int, sent: int, bounced: int) -> Kpi:
    """Threads with an answer / threads delivered; automatic answers do not count.

    160 sent, 10 bounced, 45 answered: 45 / 150 = 30 %.

    >>> reply_rate(45, 160, 10).value
    Decimal('30')
    """
    return ratio("reply_rate", "of_delivered", replied, sent - bounced)


def paid_after_contact(paid: int, invoices: int, days: int) -> Kpi:
    """Invoices paid up to ``days`` after an action / invoices in actions; not a cause.

    >>> paid_after_contact(40, 100, 7).value
    Decimal('40')
    """
    return ratio("paid_after_contact", f"within_{days}_days", paid, invoices)


def converted_after_contact(paid: Decimal, demanded: Decimal, days: int) -> Kpi:
    """Overdue amount paid up to ``days`` after the first contact about it / demanded in it.

    Of 1,000 asked for 400 came within a week: 40 %. It does not say why they came.

    >>> converted_after_contact(Decimal(400), Decimal(1000), 7).value
    Decimal('40')
    """
    return ratio("converted", f"within_{days}_days", paid, demanded)


def on_time_invoicing(on_time: int, invoices: int) -> Kpi:
    """Invoices that reached the customer inside the agreed days / invoices whose days are known.

    >>> on_time_invoicing(45, 50).value
    Decimal('90')
    """
    return ratio("on_time_invoicing", "agreed_days", on_time, invoices)


def punctual_retained(still: int, before: int) -> Kpi:
    """Customers who paid all in time before and do so again / those who did before.

    Who had nothing to pay this time is in neither. 18 of 20: 90 %.

    >>> punctual_retained(18, 20).value
    Decimal('90')
    """
    return ratio("punctual", "retained", still, before)


# Matching and holds


def auto_match_receipts(automatic: int, receipts: int) -> Kpi:
    """Receipts applied without a hand / receipts: 80 of 100.

    >>> auto_match_receipts(80, 100).value
    Decimal('80')
    """
    return ratio("auto_match", "receipts", automatic, receipts)


def auto_match_lines(automatic: int, lines: int) -> Kpi:
    """Lines applied without a hand / lines: 250 and 90 of 400 is 85 %.

    >>> auto_match_lines(340, 400).value
    Decimal('85')
    """
    return ratio("auto_match", "lines", automatic, lines)


def hold_cycle(days: Sequence[Decimal]) -> Kpi:
    """Mean of (release − hold), in days, of the holds released in the period.

    >>> hold_cycle([Decimal("0.5"), Decimal("2")]).value
    Decimal('1.25')
    """
    return mean("hold_cycle", "released_mean", days)


def override_share(overridden: int, released: int) -> Kpi:
    """Holds released by authority / holds released: the figure that controls the desk.

    >>> override_share(3, 12).value
    Decimal('25')
    """
    return ratio("override", "of_released", overridden, released)


# Forecast and people


@dataclass(frozen=True)
class Accuracy:
    """A prediction's mean error in days, beside that of due date + usual delay."""

    predicted: Kpi
    baseline: Kpi


def prediction_error(errors: Sequence[int], baseline: Sequence[int]) -> Accuracy:
    """Mean absolute difference, in days, of the day paid and the day predicted.

    Both are (actual − predicted) in days, of the same payments.

    >>> prediction_error([-2, 4], [5, 7]).predicted.value
    Decimal('3')
    """
    if len(errors) != len(baseline):
        raise ValueError(
            f"{len(errors)} predictions and {len(baseline)} of the baseline"
        )
    return Accuracy(
        mean("prediction_error", "model", [abs(error) for error in errors]),
        mean("prediction_error", "due_plus_delay", [abs(error) for error in baseline]),
    )


def recovery(collected: Decimal, assigned: Decimal) -> Kpi:
    """Collected by a collector / overdue assigned; cash is theirs who held it when paid.

    >>> recovery(Decimal(250), Decimal(1000)).value
    Decimal('25')
    """
    return ratio("recovery", "of_assigned", collected, assigned)


def target_reached(collected: Decimal, target: Decimal) -> Kpi:
    """Collected by a collector / the target of the period.

    >>> target_reached(Decimal(90), Decimal(120)).value
    Decimal('75')
    """
    return ratio("recovery", "of_target", collected, target)


def actions_made(made: int, planned: int) -> Kpi:
    """Actions made / actions planned; those ignored are the rest.

    >>> actions_made(18, 20).value
    Decimal('90')
    """
    return ratio("actions", "made_of_planned", made, planned)
