"""Races and kills: real transactions, threads and processes against the credit gate.

Two transactions overlap for certain: each takes its snapshot, waits for the other, and only then confirms.
"""

import contextlib
import itertools
import os
import threading
import types

import pytest

ROUNDS = int(os.environ.get("CARTERA_ROUNDS", "20"))
NUMBERS = itertools.count(1)
HELD_ONE = [("draft", "held"), ("sale", "none")]


class Meeting:
    """Transactions wait for each other here, once; a second try of one goes straight through."""

    def __init__(self, count):
        self.barrier = threading.Barrier(count)
        self.seen = set()

    def wait(self):
        me = threading.get_ident()
        if me not in self.seen:
            self.seen.add(me)
            with contextlib.suppress(threading.BrokenBarrierError):
                self.barrier.wait(timeout=30)


class Shop:
    """A company whose gate is on, with one product, and verbs that commit."""

    def __init__(self, books):
        self.books = books
        with books.env() as env:
            company = env.company
            company.write(
                {
                    "cartera_gate": "block",
                    "cartera_default_mode": "none",
                    "cartera_auto_release": True,
                    "cartera_confirm_on_release": True,
                }
            )
            self.company = company.id
            self.term = (
                env["account.payment.term"].create({"name": "Races: on credit"}).id
            )
            self.product = (
                env["product.product"]
                .create({"name": "Races: goods", "type": "service", "taxes_id": []})
                .id
            )

    def customers(self, count, limit, groups=()):
        """Ids of new customers with a line of ``limit``, in the given groups by turns."""
        with self.books.env() as env:
            names = [f"Customer {next(NUMBERS)}" for _one in range(count)]
            partners = env["res.partner"].create(
                [{"name": name, "is_company": True} for name in names]
            )
            accounts = env["cartera.customer"].create(
                [
                    {
                        "partner_id": partner.id,
                        "company_id": self.company,
                        "group_id": groups[number % len(groups)] if groups else False,
                    }
                    for number, partner in enumerate(partners)
                ]
            )
            self._give_lines(env, accounts, limit)
            return partners.ids

    def _give_lines(self, env, accounts, limit):
        env["cartera.credit.line"].create(
            [{"customer_id": account.id, "amount": limit} for account in accounts]
        ).action_activate()

    def raise_limits(self, partners, limit):
        with self.books.env() as env:
            accounts = env["cartera.customer"].search([("partner_id", "in", partners)])
            self._give_lines(env, accounts, limit)

    def groups(self, count, limit):
        with self.books.env() as env:
            vals_list = [
                {"name": f"Group {os.getpid()} {next(NUMBERS)}", "amount": limit}
                for _one in range(count)
            ]
            return env["cartera.credit.group"].create(vals_list).ids

    def orders(self, partners, amount):
        """Ids of new quotations, one for each of ``partners``."""
        line = {"product_id": self.product, "price_unit": amount, "tax_ids": []}
        with self.books.env() as env:
            return (
                env["sale.order"]
                .create(
                    [
                        {
                            "partner_id": partner,
                            "payment_term_id": self.term,
                            "user_id": False,
                            "order_line": [(0, 0, line)],
                        }
                        for partner in partners
                    ]
                )
                .ids
            )

    def invoice(self, partner, amount):
        with self.books.env() as env:
            move = env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": partner,
                    "invoice_line_ids": [
                        (
                            0,
                            0,
                            {
                                "name": "x",
                                "quantity": 1,
                                "price_unit": amount,
                                "tax_ids": [],
                            },
                        )
                    ],
                }
            )
            move.action_post()
            return move.id

    def pay(self, move, meeting=None):
        def work(env):
            invoice = env["account.move"].browse(move)
            wizard = (
                env["account.payment.register"]
                .with_context(active_model="account.move", active_ids=invoice.ids)
                .create({})
            )
            if meeting:
                meeting.wait()
            wizard._create_payments()

        return lambda: self.books.retrying(work)

    def confirm(self, orders, meeting):
        def work(env):
            records = env["sale.order"].browse(orders)
            records.mapped("state")
            meeting.wait()
            records.action_confirm()

        return lambda: self.books.retrying(work)

    def states(self, orders):
        with self.books.env() as env:
            records = env["sale.order"].browse(orders)
            return [(order.state, order.credit_state) for order in records]

    def holds(self, orders):
        """For each order its holds: (state, events of its history)."""
        with self.books.env() as env:
            found = []
            for order in orders:
                holds = env["cartera.credit.hold"].search(
                    [("res_model", "=", "sale.order"), ("res_id", "=", order)],
                    order="id",
                )
                found.append(
                    [(hold.state, hold.log_ids.mapped("event")) for hold in holds]
                )
            return found

    def confirmations(self, order):
        """How often the order was confirmed, by its own messages."""
        with self.books.env() as env:
            subtype = env.ref("sale.mt_order_confirmed")
            return env["mail.message"].search_count(
                [
                    ("model", "=", "sale.order"),
                    ("res_id", "=", order),
                    ("subtype_id", "=", subtype.id),
                ]
            )

    def forget_holds(self):
        """Close what earlier tests left held, so that the job has only its own to do."""
        with self.books.env() as env:
            env["cartera.credit.hold"].search([])._cancel_for("forgotten")

    def run_jobs(self):
        """What the scheduler does within a minute: refresh who was touched, re-check if that was called for."""
        with self.books.env() as env:
            env["cartera.customer.touched"]._cron_refresh()
            env.cr.commit()
            cron = env.ref("cartera_cobranza.ir_cron_recheck_holds")
            triggers = env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
            if triggers:
                triggers.unlink()
                env.cr.commit()
                env["cartera.credit.hold"]._cron_recheck()


@pytest.fixture(scope="module")
def shop(books):
    shop = Shop(books)
    yield shop
    with books.env() as env:
        env["res.company"].browse(shop.company).cartera_gate = "off"


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """A lost race is logged as a bad query by Odoo's cursor, which is what is wanted here.

    What lost is run again after a moment, not after seconds.
    """
    pytest.importorskip("odoo")
    from odoo.service import model
    from odoo.tools import mute_logger

    soon = types.SimpleNamespace(uniform=lambda _low, _high: 0.02)
    monkeypatch.setattr(model, "random", soon)
    with mute_logger("odoo.sql_db", "odoo.service.model"):
        yield


def no_errors(results):
    assert not [result for result in results if isinstance(result, Exception)], results


def race(shop, *batches):
    """Confirm batches of orders at the same moment."""
    meeting = Meeting(len(batches))
    no_errors(shop.books.together(*(shop.confirm(batch, meeting) for batch in batches)))


def test_two_orders_that_fit_alone_never_both_pass(shop):
    """Of 60 and 60 on a limit of 100 exactly one is confirmed, and the other is held, in every round."""
    partners = shop.customers(ROUNDS, 100)
    for pair in zip(shop.orders(partners, 60), shop.orders(partners, 60), strict=True):
        race(shop, pair[:1], pair[1:])
        assert sorted(shop.states(pair)) == HELD_ONE


def test_two_orders_that_fit_together_both_pass(shop):
    """The loser of the race is tried again and not held for nothing: 50 and 50 fill the line of 100."""
    partners = shop.customers(5, 100)
    for pair in zip(shop.orders(partners, 50), shop.orders(partners, 50), strict=True):
        race(shop, pair[:1], pair[1:])
        assert shop.states(pair) == [("sale", "none"), ("sale", "none")]


def test_first_orders_of_a_new_customer_race_too(shop):
    """The customer has no row of its own yet: making it is the race."""
    with shop.books.env() as env:
        env["res.company"].browse(shop.company).write(
            {"cartera_default_mode": "amount", "cartera_default_amount": 100}
        )
        partners = (
            env["res.partner"]
            .create(
                [{"name": f"New {number}", "is_company": True} for number in range(5)]
            )
            .ids
        )
    try:
        first, second = shop.orders(partners, 60), shop.orders(partners, 60)
        for pair in zip(first, second, strict=True):
            race(shop, pair[:1], pair[1:])
            assert sorted(shop.states(pair)) == HELD_ONE
    finally:
        with shop.books.env() as env:
            env["res.company"].browse(shop.company).cartera_default_mode = "none"


def test_two_customers_on_one_group_limit_never_both_pass(shop):
    """Each has 100 of its own, the group has 100 for both."""
    groups = shop.groups(ROUNDS, 100)
    first = shop.orders(shop.customers(ROUNDS, 100, groups), 60)
    second = shop.orders(shop.customers(ROUNDS, 100, groups), 60)
    for pair in zip(first, second, strict=True):
        race(shop, pair[:1], pair[1:])
        assert sorted(shop.states(pair)) == HELD_ONE


def test_batches_in_opposite_order_neither_wait_for_ever_nor_lose_an_order(shop):
    """Three customers in two groups, two batches that name them in opposite order.

    Each customer's line takes one of its two orders: one is confirmed, one is held, none is forgotten.
    """
    groups = shop.groups(2, 100000)
    for _round in range(ROUNDS):
        partners = shop.customers(3, 100, groups)
        first, second = shop.orders(partners, 60), shop.orders(partners, 60)
        race(shop, first, second[::-1])
        for pair in zip(first, second, strict=True):
            assert sorted(shop.states(pair)) == HELD_ONE


def test_batches_in_opposite_order_that_fit_are_all_confirmed(shop):
    partners = shop.customers(4, 1000)
    for _round in range(5):
        first, second = shop.orders(partners, 60), shop.orders(partners, 60)
        race(shop, first, second[::-1])
        assert set(shop.states(first + second)) == {("sale", "none")}


def test_payment_posted_while_the_order_is_confirmed(shop):
    """80 of 100 are owed, the order is 60: held or not by then, the payment lets it go within a minute.

    Neither waits for the other: the hold is made on the old figures, and the payment sees no hold yet.
    """
    shop.forget_holds()
    partners = shop.customers(ROUNDS, 100)
    for partner, order in zip(partners, shop.orders(partners, 60), strict=True):
        move = shop.invoice(partner, 80)
        meeting = Meeting(2)
        no_errors(
            shop.books.together(shop.confirm([order], meeting), shop.pay(move, meeting))
        )
        shop.run_jobs()
        assert [state for state, _credit_state in shop.states([order])] == ["sale"]
        assert shop.confirmations(order) == 1


def test_confirmed_orders_that_grow_at_once(shop):
    """Both writes succeed; the two together are above the line, so that one of them at least is held."""

    def grow(order, meeting):
        def work(env):
            line = env["sale.order"].browse(order).order_line
            line.mapped("price_unit")
            meeting.wait()
            line.price_unit = 55

        return lambda: shop.books.retrying(work)

    partners = shop.customers(5, 100)
    for pair in zip(shop.orders(partners, 40), shop.orders(partners, 40), strict=True):
        race(shop, pair)
        assert set(shop.states(pair)) == {("sale", "none")}
        meeting = Meeting(2)
        no_errors(shop.books.together(*(grow(order, meeting) for order in pair)))
        assert ("sale", "held") in shop.states(pair)
        with shop.books.env() as env:
            assert env["sale.order"].browse(pair).mapped("amount_total") == [55, 55]


def test_released_by_two_people_at_once(shop):
    """One releases, the other reads that it is closed; the order is confirmed once."""
    from odoo.exceptions import UserError

    def release(order, meeting):
        def work(env):
            reason = env.ref("cartera_cobranza.release_reason_payment_proof").id
            hold = env["cartera.credit.hold"].search(
                [("res_model", "=", "sale.order"), ("res_id", "=", order)]
            )
            meeting.wait()
            hold.action_release(reason, "seen")

        return lambda: shop.books.retrying(work)

    for order in shop.orders(shop.customers(5, 100), 160):
        race(shop, [order])
        meeting = Meeting(2)
        results = shop.books.together(release(order, meeting), release(order, meeting))
        assert sorted(map(type, results), key=str) == [type(None), UserError], results
        assert shop.states([order]) == [("sale", "released")]
        assert shop.holds([order]) == [[("released", ["held", "released"])]]
        assert shop.confirmations(order) == 1


# Kills


def killed_at(shop, script, lines):
    """Kill a process that runs ``script`` once it has said so many lines."""
    process = shop.books.process(script)
    try:
        said = [process.stdout.readline().strip() for _line in range(lines)]
    finally:
        process.kill()
        process.wait(timeout=30)
        process.stdout.close()
    return said


def test_recheck_killed_half_way_releases_every_hold_once(shop):
    """Eight holds; killed in the fourth, after its release and before its commit; run again."""
    shop.forget_holds()
    partners = shop.customers(8, 100)
    orders = shop.orders(partners, 150)
    race(shop, orders)
    assert set(shop.states(orders)) == {("draft", "held")}
    shop.raise_limits(partners, 200)
    script = """
import time
Hold = env.registry["cartera.credit.hold"]
alone = Hold._recheck_alone
done = []
def slowly(self, hold):
    alone(self, hold)
    done.append(hold.id)
    print("hold", len(done), hold.state, flush=True)
    if len(done) == 4:
        time.sleep(600)
Hold._recheck_alone = slowly
env["cartera.credit.hold"]._cron_recheck()
"""
    assert killed_at(shop, script, 4) == [
        f"hold {number} released" for number in range(1, 5)
    ]
    states = [state for state, _credit_state in shop.states(orders)]
    assert states == ["sale"] * 3 + ["draft"] * 5
    for _again in range(2):
        with shop.books.env() as env:
            env["cartera.credit.hold"]._cron_recheck()
    assert set(shop.states(orders)) == {("sale", "released")}
    for holds in shop.holds(orders):
        assert [state for state, _events in holds] == ["released"]
        assert holds[0][1].count("cleared") == 1
        assert holds[0][1].count("held") == 1
    assert [shop.confirmations(order) for order in orders] == [1] * 8


def test_rechecks_side_by_side_release_every_hold_once(shop):
    """The job and a person who presses the button, on the same holds at the same time."""
    partners = shop.customers(4, 100)
    orders = shop.orders(partners, 150)
    race(shop, orders)
    shop.raise_limits(partners, 200)
    meeting = Meeting(2)

    def job():
        with shop.books.env() as env:
            env["cartera.credit.hold"].search_count([])
            meeting.wait()
            env["cartera.credit.hold"]._cron_recheck()

    no_errors(shop.books.together(job, job))
    assert set(shop.states(orders)) == {("sale", "released")}
    for holds in shop.holds(orders):
        assert [(state, events.count("cleared")) for state, events in holds] == [
            ("released", 1)
        ]
    assert [shop.confirmations(order) for order in orders] == [1] * 4


def test_refresh_killed_half_way_is_whole_after_the_next_run(shop):
    """Killed before its commit: nothing of it is seen; the next run leaves one row a customer, and right."""
    (partner,) = shop.customers(1, 1000)
    race(shop, shop.orders([partner], 300))

    def snapshots():
        with shop.books.env() as env:
            customer = env["cartera.customer"].search([("partner_id", "=", partner)])
            found = env["cartera.customer.snapshot"].search(
                [("customer_id", "=", customer.id)]
            )
            notes = env["cartera.customer.touched"].search_count(
                [("partner_id", "=", partner)]
            )
            return [(one.exposure, one.available) for one in found], notes

    before, notes = snapshots()
    assert before == [(0, 1000)]
    assert notes >= 1
    for model in ("cartera.customer", "cartera.customer.touched"):
        script = f"""
import time
Snapshot = env.registry["cartera.customer.snapshot"]
rebuild = Snapshot._rebuild
def slowly(self, scope):
    count = rebuild(self, scope)
    print("rebuilt", flush=True)
    time.sleep(600)
    return count
Snapshot._rebuild = slowly
env["{model}"]._cron_refresh()
"""
        assert killed_at(shop, script, 1) == ["rebuilt"]
        assert snapshots() == (before, notes)
    for _again in range(2):
        with shop.books.env() as env:
            env["cartera.customer.touched"]._cron_refresh()
        assert snapshots() == ([(300, 700)], 0)
        with shop.books.env() as env:
            env["cartera.customer"]._cron_refresh()
        assert snapshots() == ([(300, 700)], 0)
