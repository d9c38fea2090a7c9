"""What a customer owes by age, for the page of its case."""

from decimal import Decimal

from ..calc import aging

BUCKETS = aging.ordered(
    [
        aging.Bucket("current", None, 1),
        aging.Bucket("d30", 1, 31),
        aging.Bucket("d60", 31, 61),
        aging.Bucket("d90", 61, 91),
        aging.Bucket("over", 91, None),
    ]
)
COLUMNS = (
    *(bucket.name for bucket in BUCKETS),
    "disputed",
    "promised",
    "left_out",
    "credit",
    "total",
)


def aging_blocks(items, today, env):
    """Return open items by age, one block a currency, for a customer's page.

    What is disputed, promised or left out of the plan stands apart; the columns add up to the balance.
    """
    blocks = {}
    for item in items:
        block = blocks.setdefault(item.currency, dict.fromkeys(COLUMNS, Decimal(0)))
        block["total"] += item.residual
        if item.residual < 0:
            block["credit"] += item.residual
            continue
        block["disputed"] += item.disputed
        block["promised"] += item.promised
        rest = item.residual - item.disputed - item.promised
        if not item.chased:
            block["left_out"] += rest
            continue
        days = aging.days_overdue(today, item.due)
        block[aging.bucket_of(days, BUCKETS).name] += rest
    return [
        {"currency": env["res.currency"].browse(currency)}
        | {name: float(amount) for name, amount in block.items()}
        for currency, block in sorted(blocks.items())
    ]
