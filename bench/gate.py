"""What the credit gate costs: orders confirmed one by one, in a batch, and held."""

from . import baresql
from .measure import Contestant, Row, race
from .populate import FAILING, PASSING

ONE_BY_ONE = {"queries": 6, "ms": 4.0}
BATCH = {"queries": 10, "ms": 0.5}
SHARE = 0.25
MOST_HELD = 90  # of the 100 quotations over the line; some customers have paid ahead


def one_by_one(books, runs):
    """Confirm orders that pass, each in a call of its own."""
    contestants = _contestants(books, _confirm_each, baresql.confirm_each)
    race(contestants.values(), runs)
    _check_all_confirmed(contestants)
    plain = contestants["plain"]
    return [
        _row("confirm, one call each", books, one, contestants, plain, ONE_BY_ONE, True)
        for one in contestants.values()
        if one.who != "bare SQL"
    ]


def batch(books, runs):
    """Confirm orders that pass, all in one call."""
    contestants = _contestants(books, _confirm_batch, baresql.confirm_batch)
    race(contestants.values(), runs)
    _check_all_confirmed(contestants)
    plain = contestants["plain"]
    return [
        _row("confirm, one batch", books, one, contestants, plain, BATCH, False)
        for one in contestants.values()
        if one.who != "bare SQL"
    ]


def held(books, runs):
    """Confirm orders that the gate holds, in small and large batches."""
    counts = (10, 20, min(books.orders, MOST_HELD))
    contestants = [
        Contestant(
            f"suite, batch of {count}",
            books.suite,
            _confirm_batch,
            _chosen(FAILING, "block", count),
            _count_held,
        )
        for count in counts
    ]
    race(contestants, runs)
    small = contestants[0]
    rows = []
    for one, count in zip(contestants, counts, strict=True):
        if one.result != count:
            raise SystemExit(f"{one.who}: {one.result} orders held, not {count}")
        # Odoo inserts at most 100 rows a statement, so that is no growth.
        flat = one.queries <= small.queries + 2
        rows.append(
            Row(
                "hold, one batch",
                books.size,
                one.who,
                1000 * one.median,
                1000 * one.clock_median,
                one.queries,
                target="queries flat" if one is not small else "",
                met=flat if one is not small else None,
                note=f"({1000 * one.median / count:.2f} ms an order)",
            )
        )
    return rows


def _contestants(books, confirm, bare):
    found = {
        "plain": Contestant(
            "plain Odoo", books.plain, confirm, _chosen(PASSING, None, books.orders)
        ),
        "off": Contestant(
            "suite, gate off",
            books.suite,
            confirm,
            _chosen(PASSING, "off", books.orders),
        ),
        "on": Contestant(
            "suite, gate on",
            books.suite,
            confirm,
            _chosen(PASSING, "block", books.orders),
        ),
        "sql": Contestant(
            "bare SQL", books.suite, bare, _chosen(PASSING, "block", books.orders)
        ),
    }
    if books.oca:
        found["oca"] = Contestant(
            "OCA", books.oca, confirm, _chosen(PASSING, None, books.orders), runs=3
        )
    for one in found.values():
        one.answer = _count_confirmed
    return found


def _chosen(reference, gate, count):
    def prepare(env):
        if gate:
            env.company.sudo().cartera_gate = gate
        orders = env["sale.order"].search(
            [("client_order_ref", "=", reference)], order="id"
        )
        if reference == FAILING:
            # Who has paid ahead has room for an order, whatever the line.
            orders = orders.filtered(lambda order: order.partner_id.credit > 0)
        return orders[:count].ids

    return prepare


def _confirm_each(env, ids):
    for order in ids:
        env.invalidate_all()
        env["sale.order"].browse(order).action_confirm()
        env.cr.flush()


def _confirm_batch(env, ids):
    env["sale.order"].browse(ids).action_confirm()


def _count_confirmed(env):
    domain = [("client_order_ref", "=", PASSING), ("state", "=", "sale")]
    return env["sale.order"].search_count(domain)


def _count_held(env):
    domain = [("client_order_ref", "=", FAILING), ("credit_state", "=", "held")]
    return env["sale.order"].search_count(domain)


def _check_all_confirmed(contestants):
    for one in contestants.values():
        expected = contestants["plain"].result
        if one.result != expected or not expected:
            raise SystemExit(
                f"{one.who}: {one.result} orders confirmed, plain Odoo {expected}"
            )


def _row(work, books, one, contestants, plain, budget, each):
    count = plain.result
    per = count if each else 1
    row = Row(
        work,
        books.size,
        one.who,
        1000 * one.median,
        1000 * one.clock_median,
        one.queries,
        sql_ms=1000 * contestants["sql"].median,
    )
    if one is plain:
        return row
    beyond = 1000 * one.beyond(plain) / count
    queries = (one.queries - plain.queries) / per
    allowed = max(SHARE * 1000 * plain.median / count, budget["ms"])
    row.ratio = one.ratio(plain)
    unit = "an order" if each else "in all"
    row.note = f"({queries:+.1f} queries {unit}, {beyond:+.2f} ms an order)"
    if one.who.startswith("suite"):
        row.target = f"<= {budget['queries']} queries, {allowed:.2f} ms"
        row.met = queries <= budget["queries"] and beyond <= allowed
    return row
