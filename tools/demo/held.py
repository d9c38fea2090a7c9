"""Orders that the credit gate holds, confirmed by the salespeople as it happens."""

import math
from datetime import timedelta

from . import words
from .books import DemoError
from .credit import CreditDesk, is_installed
from .documents import Planned
from .invoices import draw_lines
from .orders import OrderMaker

HELD = {  # reason: how many orders to confirm that will stop for it
    "over": 4,
    "overdue": 3,
    "without": 2,
    "expired": 1,
    "suspended": 1,
    "fits": 2,
}
AGES = (9, 6, 4, 3, 3, 2, 1, 1, 1, 0, 0, 0, 0)  # days the orders have been held


def with_orders(env):
    return is_installed(env) and "credit_state" in env["sale.order"]._fields


def hold_orders(books):
    """Salespeople confirm a dozen quotations; most of them stop, each for a reason."""
    if not with_orders(books.env):
        books.tell("the suite's orders are not installed: no held orders")
        return
    desk = CreditDesk(books, "mx")
    kinds = dict(part.split(":") for part in books.parameter("kinds.mx").split(","))
    maker = OrderMaker(books, "mx")
    rng = books.rng("held orders")
    chosen = []
    for reason, count in HELD.items():
        candidates = [
            profile
            for profile in desk.profiles
            if profile not in [one for one, _reason in chosen]
            and _stops(desk, profile, kinds[str(profile.index)], reason)
        ]
        chosen += [
            (p, reason) for p in rng.sample(candidates, min(count, len(candidates)))
        ]
    values = [
        maker.values(
            _order_plan(desk, profile, reason, age, rng),
            commitment_date=books.today + timedelta(days=rng.randint(1, 6)),
        )
        for (profile, reason), age in zip(chosen, AGES, strict=False)
    ]
    orders = maker.env["sale.order"].create(values)
    dates = orders.mapped("date_order")
    for order in orders:  # one by one, by the salesperson, as it happens
        _as_salesperson(order).action_confirm()
    for order, day in zip(orders, dates, strict=True):
        order.date_order = day
    holds = orders.credit_hold_ids
    if not holds:
        raise DemoError(
            "The credit gate held none of the demo's orders; it should hold a dozen."
        )
    _age_holds(books, orders)
    _decide_some(books, desk, maker, rng, kinds)
    books.tell(f"{len(holds)} of {len(orders)} orders held")


def _stops(desk, profile, kind, reason):
    """Whether an order of the customer will stop for the reason, and only for it."""
    position = desk.positions[profile.index]
    late = position["overdue_days"] > 30 and position["overdue_amount"] > 1
    room = position["available"]
    if reason == "over":
        return (
            kind in ("over", "tight")
            and not late
            and position["limit"]
            and not profile.group
        )
    if reason == "overdue":
        roomy = (
            kind == "comfortable"
            and room is not None
            and room > position["exposure"] * 0.3
        )
        return late and roomy and profile.currency == "MXN" and position["exposure"] > 0
    if reason == "fits":
        return (
            kind == "comfortable"
            and not late
            and not profile.group
            and profile.currency == "MXN"
        )
    return kind == reason


def _order_plan(desk, profile, reason, age, rng):
    """An order of a usual size, or one that the rest of the line cannot take."""
    factor = {"overdue": 0.4, "fits": 0.25}.get(reason, 1.0)
    lines = draw_lines(profile, rng, factor)
    if reason == "over":
        room = max(desk.positions[profile.index]["available"] or 0, 0)
        worth = sum(words.PRODUCTS[number][1] * quantity for number, quantity in lines)
        if worth < room * 1.1:
            more = room * 1.2 / worth
            lines = tuple(
                (number, math.ceil(quantity * more)) for number, quantity in lines
            )
    return Planned(desk.books.ago(age + 1), profile.index, -1, lines)


def _age_holds(books, orders):
    """Holds of different ages: Odoo dates them all with the minute of the build."""
    books.env.flush_all()
    for order, age in zip(orders, AGES, strict=False):
        for table, key in (
            ("cartera_credit_hold", "id"),
            ("cartera_credit_hold_log", "hold_id"),
        ):
            books.env.cr.execute(
                f"UPDATE {table}"
                "   SET create_date = create_date - make_interval(days => %s)"
                f" WHERE {key} = ANY(%s)",
                (age, order.credit_hold_ids.ids),
            )
    books.env.invalidate_all()


def _decide_some(books, desk, maker, rng, kinds):
    """Two orders on which the department has decided: one released, one rejected."""
    candidates = [
        p for p in desk.profiles if kinds[str(p.index)] in ("over", "without")
    ]
    plans = [
        maker.values(_order_plan(desk, profile, "over", 7, rng))
        for profile in rng.sample(candidates, min(2, len(candidates)))
    ]
    orders = maker.env["sale.order"].create(plans)
    for order in orders:
        _as_salesperson(order).action_confirm()
    manager = desk.manager
    holds = orders.credit_hold_ids.with_user(manager)
    if holds:
        reason = books.env.ref("cartera_cobranza.release_reason_strategic")
        holds[:1].action_release(reason.id, "Cliente nuevo con anticipo en camino")
    if holds[1:]:
        holds[1:].action_reject("Sin línea y sin anticipo")


def _as_salesperson(order):
    user = order.user_id
    return order.with_user(user).with_context(lang=user.lang)
