"""Quotations and confirmed orders in every state between a promise and an invoice.

They are confirmed while the credit gate is still off, as orders of the time before it.
"""

from datetime import timedelta

from odoo import Command

from . import words
from .catalogue import TAXES, chart_ref, price_in
from .customers import currency_in
from .documents import Planned
from .invoices import draw_lines

# state: how many per 150 customers
QUOTATIONS = {"draft": 15, "sent": 10}
CONFIRMED = {
    "nothing delivered": 11,
    "partly delivered": 8,
    "partly invoiced": 6,
    "delivered": 5,
    "draft invoice": 3,
    "down payment": 3,
    "far future": 3,
    "prepaid": 2,
}
PREPAID_QUOTATIONS = 2
COLOMBIAN = 0.15


class OrderMaker:
    """Makes orders of one company the way its salespeople do."""

    def __init__(self, books, key):
        self.books = books
        self.key = key
        self.env = books.company_env(key)
        self.customers = books.customer_ids()
        self.stores = books.ids("store")
        self.products = self.env["product.product"].browse(
            [res_id for _name, res_id in sorted(books.ids("product").items())]
        )
        self.taxes = {
            rate: chart_ref(books, key, name).id
            for rate, name in zip((False, True), TAXES[key], strict=True)
        }

    def values(self, planned, **extra):
        """The values of sale.order for a planned document."""
        profile = self.books.profiles[planned.customer]
        currency = currency_in(profile, self.key)
        partner = self.env["res.partner"].browse(self.customers[planned.customer])
        vals = {
            "partner_id": partner.id,
            "company_id": self.env.company.id,
            "user_id": partner.user_id.id,
            "pricelist_id": self.books.get(f"pricelist.{currency}").id,
            "payment_term_id": self.books.get(f"term.{profile.term}").id,
            "date_order": planned.day,
            "order_line": [
                Command.create(self._line(profile, currency, number, quantity))
                for number, quantity in planned.lines
            ],
        }
        if planned.branch >= 0:
            store = self.stores[f"{planned.customer:04}.{planned.branch}"]
            vals["partner_shipping_id"] = store
        if profile.trade == "chain":
            vals["client_order_ref"] = f"OC-{planned.day:%y%m%d}-{planned.customer + 1}"
        return vals | extra

    def _line(self, profile, currency, number, quantity):
        _name, price, taxed = words.PRODUCTS[number]
        taxed = taxed and profile.kind != "export"
        return {
            "product_id": self.products[number].id,
            "product_uom_qty": quantity,
            "price_unit": price_in(currency, price),
            "tax_ids": [Command.set([self.taxes[taxed]])],
        }

    def plan(self, rng, days, factor=1.0, keep=None):
        """A document of a customer who still buys, some days ago."""
        buyers = [
            profile
            for profile in self.books.profiles
            if self.key in profile.companies
            and profile.habit != "broken"
            and (keep is None or keep(profile))
        ]
        profile = rng.choice(buyers)
        branch = rng.randrange(len(profile.branches)) if profile.branches else -1
        lines = draw_lines(profile, rng, factor)
        return Planned(self.books.ago(days), profile.index, branch, lines)


def make_orders(books, key):
    """All quotations and orders of a company."""
    share = (1 - COLOMBIAN if key == "mx" else COLOMBIAN) * books.size / 150
    rng = books.rng("orders", key)
    maker = OrderMaker(books, key)
    _make_quotations(books, maker, rng, share)
    states = [
        state for state, count in CONFIRMED.items() for _ in range(_count(count, share))
    ]
    values = [_order_values(books, maker, rng, state) for state in states]
    orders = maker.env["sale.order"].create(values)
    dates = orders.mapped("date_order")
    orders.action_confirm()
    for order, day in zip(orders, dates, strict=True):
        order.date_order = day  # confirming makes it today
    by_state = {}
    for order, state in zip(orders, states, strict=True):
        by_state[state] = by_state.get(state, orders.browse()) | order
    for state, part in by_state.items():
        _follow_up(books, state, part, rng)
    books.tell(f"{len(orders)} confirmed orders")


def _count(per_150, share):
    return max(1, round(per_150 * share))


def _make_quotations(books, maker, rng, share):
    values, sent = [], 0
    for state, count in QUOTATIONS.items():
        for _ in range(_count(count, share)):
            planned = maker.plan(rng, rng.randint(0, 20))
            values.append(maker.values(planned, validity_date=books.ago(-15)))
            sent += state == "sent"
    prepaid = books.get("term.prepaid").id
    for _ in range(_count(PREPAID_QUOTATIONS, share)):
        planned = maker.plan(rng, rng.randint(0, 6))
        values.append(maker.values(planned, payment_term_id=prepaid))
    quotations = maker.env["sale.order"].create(values)
    quotations[:sent].action_quotation_sent()
    books.tell(f"{len(quotations)} quotations")


def _order_values(books, maker, rng, state):
    planned = maker.plan(rng, rng.randint(1, 25))
    extra = {"commitment_date": planned.day + timedelta(days=rng.randint(5, 30))}
    if state == "far future":
        extra["commitment_date"] = books.today + timedelta(days=rng.randint(80, 200))
    if state == "prepaid":
        extra["payment_term_id"] = books.get("term.prepaid").id
    return maker.values(planned, **extra)


def _follow_up(books, state, orders, rng):
    """What happened to the orders after they were confirmed."""
    if state in ("partly delivered", "partly invoiced"):
        for order in orders:
            deliver(order, rng.uniform(0.3, 0.7))
    if state in ("delivered", "draft invoice"):
        for order in orders:
            deliver(order, 1.0)
    if state in ("partly invoiced", "draft invoice"):
        invoices = orders._create_invoices()
        invoices.invoice_date = books.ago(rng.randint(0, 3))
        if state == "partly invoiced":
            invoices.action_post()
    if state == "down payment":
        wizard = orders.env["sale.advance.payment.inv"]
        for order in orders:
            wizard.create(
                {
                    "sale_order_ids": order.ids,
                    "advance_payment_method": "percentage",
                    "amount": 30,
                }
            ).create_invoices()
        orders.invoice_ids.invoice_date = books.ago(2)
        orders.invoice_ids.action_post()


def deliver(order, share):
    """Deliver a share of every line, by its shipment or, without stock, by hand."""
    goods = order.order_line.filtered(lambda line: not line.display_type)
    if "picking_ids" not in order._fields:
        for line in goods:
            line.qty_delivered = max(1, round(line.product_uom_qty * share))
        return
    for picking in order.picking_ids:
        for move in picking.move_ids:
            move.quantity = max(1, round(move.product_uom_qty * share))
            move.picked = True
        picking._action_done()
