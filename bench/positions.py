"""The position of customers: of all, written by the refresh, and of one, read."""

from . import baresql
from .measure import Contestant, Row, race

ALL_TARGET = 1.5
ONE_TARGET = 3.0
CENT = 0.005


def every(books, runs):
    """Refresh the snapshot of every customer, beside the same by hand."""
    ours = Contestant("suite, _refresh", books.suite, _refresh, answer=_snapshots)
    bare = Contestant(
        "bare SQL, written", books.suite, baresql.write_positions, answer=_snapshots
    )
    reading = Contestant("bare SQL, read only", books.suite, baresql.read_positions)
    contestants = [ours, bare, reading]
    if books.oca:
        contestants.append(
            Contestant("OCA risk_total", books.oca, _oca_all, _customers, runs=1)
        )
    race(contestants, runs)
    _compare(ours, bare)
    return [
        _row("position of all", books, one, bare, ALL_TARGET) for one in contestants
    ]


def single(books, runs):
    """Read the position of one customer: a middling one, and the largest."""
    rows = []
    for work, prepare in (
        ("position of one", _middling),
        ("position of the largest", _largest),
    ):
        ours = Contestant("suite, _positions", books.suite, _position, prepare)
        bare = Contestant("bare SQL", books.suite, baresql.read_position, prepare)
        contestants = [ours, bare]
        if books.oca:
            contestants.append(
                Contestant("OCA risk_total", books.oca, _oca_one, prepare)
            )
        race(contestants, 3 * runs)
        rows += [_row(work, books, one, bare, ONE_TARGET) for one in contestants]
    return rows


def _refresh(env, _context):
    env["cartera.customer"].sudo()._refresh(env.company)


def _position(env, partner):
    env["cartera.customer"].sudo()._positions(env.company, [partner])


def _oca_all(env, ids):
    return sum(env["res.partner"].browse(ids).mapped("risk_total"))


def _oca_one(env, partner):
    return env["res.partner"].browse(partner).risk_total


def _customers(env):
    return env["res.partner"].search([("customer_rank", ">", 0)]).ids


def _middling(env):
    customers = _by_items(env)
    return customers[len(customers) // 2]


def _largest(env):
    return _by_items(env)[-1]


def _by_items(env):
    env.cr.execute(
        """SELECT l.partner_id FROM account_move_line l
             JOIN account_account a ON a.id = l.account_id
            WHERE a.account_type = 'asset_receivable' AND l.parent_state = 'posted'
              AND NOT l.reconciled
         GROUP BY l.partner_id ORDER BY COUNT(*), l.partner_id"""
    )
    return [row[0] for row in env.cr.fetchall()]


FIGURES = (
    "exposure",
    "limit_amount",
    "available",
    "overdue_amount",
    "overdue_days",
    "unlimited",
)


def _snapshots(env):
    """Return {customer id: figures} as they are stored at the end."""
    env.cr.execute(
        "SELECT customer_id, exposure, limit_amount, available, overdue_amount,"
        " overdue_days, unlimited FROM cartera_customer_snapshot"
    )
    return {row[0]: row[1:] for row in env.cr.fetchall()}


def _compare(ours, bare):
    """Say where the two answers differ by a cent, and stop then."""
    mine, theirs = ours.result, bare.result
    wrong = [
        customer
        for customer in mine.keys() | theirs.keys()
        if not _alike(mine.get(customer), theirs.get(customer))
    ]
    total = sum(figures[0] or 0 for figures in mine.values())
    if wrong or not mine:
        for customer in sorted(wrong)[:5]:
            print(f"  account {customer}:")
            for name, figures in (("suite", mine), ("SQL", theirs)):
                known = figures.get(customer) or [None] * len(FIGURES)
                print(f"    {name}: {dict(zip(FIGURES, known, strict=True))}")
        raise SystemExit(f"NOT EQUAL: {len(wrong)} of {len(mine)} customers differ")
    print(f"  equal to the cent: {len(mine):,} customers, exposure {total:,.2f}")


def _alike(mine, theirs):
    if mine is None or theirs is None:
        return False
    return all(
        one == other
        or (one is not None and other is not None and abs(one - other) < CENT)
        for one, other in zip(mine, theirs, strict=True)
    )


def _row(work, books, one, bare, target):
    row = Row(
        work,
        books.size,
        one.who,
        1000 * one.median,
        1000 * one.clock_median,
        one.queries,
    )
    row.sql_ms = 1000 * bare.median
    row.ratio = one.ratio(bare) if one is not bare else None
    if one.who.startswith("suite"):
        row.target = f"<= x{target} of SQL"
        row.met = row.ratio <= target
    return row
