"""The demo books: what is drawn, and (with a database) what is made of it."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from tools.demo import calendar, profiles

ROOT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 3, 18)
SIZE = 10


def draw(size=150, seed=7):
    return profiles.make_profiles(size, random.Random(seed))


def test_the_same_seed_draws_the_same_customers():
    assert draw() == draw()
    assert draw() != draw(seed=8)


@pytest.mark.parametrize("size", [10, 30, 150, 600])
def test_customers_of_every_kind_and_each_with_its_own_name(size):
    made = draw(size)
    assert abs(len(made) - size) <= 3
    assert {profile.kind for profile in made} == set(profiles.KINDS)
    assert max(Counter(profile.name for profile in made).values()) == 1
    assert max(Counter(profile.slug for profile in made).values()) == 1
    assert all(profile.slug.isascii() for profile in made)


def test_full_size_has_two_holdings_and_shared_customers():
    made = draw()
    assert len({profile.group for profile in made} - {""}) == 2
    assert 4 <= sum(len(profile.companies) == 2 for profile in made) <= 16
    assert {profile.habit for profile in made} == {
        "early",
        "on_time",
        "late",
        "erratic",
        "broken",
    }


def test_sales_are_within_the_period_and_never_on_sundays():
    days = calendar.SellingDays(TODAY)
    rng = random.Random(1)
    drawn = [days.draw(rng, 0.0, 1.0) for _ in range(3000)]
    assert min(drawn) >= TODAY - timedelta(days=calendar.DAYS)
    assert max(drawn) < TODAY
    assert not [day for day in drawn if day.weekday() == 6]
    half = TODAY - timedelta(days=calendar.DAYS // 2)
    assert sum(day >= half for day in drawn) > 1500, "sales should grow"


def test_nobody_pays_before_the_invoice_and_broken_customers_stop():
    rng = random.Random(2)
    for profile in draw():
        for age in range(0, 400, 9):
            invoiced = TODAY - timedelta(days=age)
            due = invoiced + timedelta(days=30)
            day = calendar.pay_day(profile, invoiced, due, TODAY, rng)
            if day is None:
                assert profile.habit == "broken"
                assert due > TODAY - timedelta(days=profile.broke)
            else:
                assert day >= invoiced
                assert day.weekday() != 6 or profile.trade == "wholesaler"


def test_habits_are_what_they_are_called():
    rng = random.Random(3)
    late = Counter()
    for profile in draw():
        for age in range(250, 400, 3):
            invoiced = TODAY - timedelta(days=age)
            due = invoiced + timedelta(days=30)
            day = calendar.pay_day(profile, invoiced, due, TODAY, rng)
            if day is not None and profile.trade == "shop":
                late[profile.habit, day > due] += 1
    assert not late["early", True] or late["early", True] < late["early", False] / 4
    assert not late["late", False]
    assert late["erratic", True] and late["erratic", False]


# With a database


class Made:
    """A database of its own, with the suite and books of a small size."""

    def __init__(self, name):
        self.name = name
        self.command = [sys.executable, "-m", "tools.demo"]

    def start(self):
        command = [*self.command, "build", "--database", self.name, "--size", str(SIZE)]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=dict(os.environ, PYTHONUNBUFFERED="1"),
            start_new_session=True,
        )

    def finish(self, process):
        text = process.communicate(timeout=900)[0]
        assert process.returncode == 0, text
        return text

    def summary(self):
        command = [*self.command, "summary", "--database", self.name]
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout

    def call(self, function):
        """``function(env)`` in a transaction that is rolled back."""
        from odoo.api import SUPERUSER_ID, Environment
        from odoo.modules.registry import Registry
        from odoo.sql_db import close_db

        try:
            with Registry(self.name).cursor() as cr:
                found = function(Environment(cr, SUPERUSER_ID, {}))
                cr.rollback()
                return found
        finally:
            close_db(self.name)


@pytest.fixture(scope="module")
def made(books):
    """The books, built with a kill on the way."""
    from psycopg2 import sql

    from odoo.sql_db import db_connect

    name = f"{books.name}_demo"

    def administer(*queries):
        with db_connect("postgres").cursor() as cr:
            cr._cnx.autocommit = True
            for query, *names in queries:
                cr.execute(sql.SQL(query).format(*map(sql.Identifier, names)))

    drop = ("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    create = ("CREATE DATABASE {} TEMPLATE {}", name, "cartera_tmpl_suite")
    administer(drop, create)
    found = Made(name)
    try:
        _kill_half_way(found)
        found.text = found.finish(found.start())
        yield found
    finally:
        administer(drop)


def _kill_half_way(found):
    """Kill the whole group of processes while it posts invoices."""
    process = found.start()
    for line in process.stdout:
        if "of " in line and "invoices" in line:
            break
    else:
        pytest.fail("the build ended before it posted an invoice")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    time.sleep(1)


def test_a_killed_build_goes_on(made):
    assert "Going on:" in made.text
    assert "verification" in made.text


def test_a_complete_build_does_nothing(made):
    assert "nothing to do" in made.finish(made.start())


def test_no_step_was_done_twice(made):
    def count(env):
        domain = [("move_type", "=", "out_invoice"), ("name", "like", "INV/")]
        return env["account.move"].search_count([*domain, ("ref", "not like", "S%")])

    # 16.7 invoices a customer, and those of the orders
    assert 0.98 * SIZE * 2500 / 150 <= made.call(count) <= 1.2 * SIZE * 2500 / 150


def test_balances_agree_with_odoo(made):
    from tools.demo.verify import verify

    assert made.call(verify) >= SIZE


def test_verification_sees_a_wrong_residual(made):
    from tools.demo.books import DemoError
    from tools.demo.verify import verify

    def break_and_verify(env):
        env.cr.execute(
            "UPDATE account_move_line SET amount_residual = amount_residual + 1"
            " WHERE id = (SELECT min(id) FROM account_move_line"
            " WHERE display_type = 'payment_term' AND amount_residual > 5)"
        )
        with pytest.raises(DemoError, match="residual"):
            verify(env)

    made.call(break_and_verify)


def test_documents_are_as_odoo_would_complete_them(made):
    """The same lines, left to Odoo to add taxes and instalments, make the same items."""
    from odoo import Command

    def compare(env):
        moves = env["account.move"].search(
            [
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("note_reason_id", "=", False),
                ("invoice_payment_term_id", "!=", False),
            ],
            limit=40,
        )
        moves = moves.filtered(lambda move: not move.line_ids.sale_line_ids)
        assert moves
        for move in moves:
            lines = move.invoice_line_ids.filtered(
                lambda line: line.display_type == "product"
            )
            again = (
                env["account.move"]
                .with_context(allowed_company_ids=move.company_id.ids)
                .create(
                    {
                        "move_type": "out_invoice",
                        "journal_id": move.journal_id.id,
                        "partner_id": move.partner_id.id,
                        "currency_id": move.currency_id.id,
                        "invoice_date": move.invoice_date,
                        "date": move.date,
                        "invoice_payment_term_id": move.invoice_payment_term_id.id,
                        "invoice_line_ids": [
                            Command.create(
                                {
                                    "product_id": line.product_id.id,
                                    "quantity": line.quantity,
                                    "price_unit": line.price_unit,
                                    "tax_ids": [Command.set(line.tax_ids.ids)],
                                }
                            )
                            for line in lines
                        ],
                    }
                )
            )
            assert _items(move) == _items(again), move.name

    made.call(compare)


def _items(move):
    return sorted(
        (
            line.display_type,
            line.account_id.id,
            str(line.date_maturity) if line.display_type == "payment_term" else "",
            round(line.balance, 2),
            round(line.amount_currency, 2),
            line.currency_id.name,
            line.partner_id.id,
            tuple(line.tax_ids.ids),
            line.tax_repartition_line_id.id,
            tuple(sorted(line.tax_tag_ids.ids)),
            round(line.tax_base_amount, 2),
            line.product_uom_id.id,
        )
        for line in move.line_ids
    )


def test_rates_move_and_are_never_one(made):
    def check(env):
        for key in ("mx", "co"):
            company = env.ref(f"cartera_demo.company.{key}")
            rates = env["res.currency.rate"].search([("company_id", "=", company.id)])
            assert len(set(rates.mapped("rate"))) > 150
            assert 1.0 not in rates.mapped("rate")

    made.call(check)


def test_summary_is_short_and_names_users(made):
    text = made.summary()
    assert len(text.splitlines()) <= 60
    for word in ("receivable", "overdue", "gerente", "almacen", "password"):
        assert word in text
