"""Two disputes, or two promises, of one invoice at the same moment: real transactions that overlap."""

import contextlib
import os
import threading

import pytest

ROUNDS = int(os.environ.get("CARTERA_ROUNDS", "5"))


@pytest.fixture(autouse=True)
def quiet():
    """A lost race is logged as a bad query by Odoo's cursor, which is what is wanted here."""
    pytest.importorskip("odoo")
    from odoo.tools import mute_logger

    with mute_logger("odoo.sql_db", "odoo.service.model"):
        yield


@pytest.fixture
def invoice(books):
    with books.env() as env:
        partner = env["res.partner"].create({"name": "Races: disputes"})
        move = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_line_ids": [
                    (0, 0, {"name": "x", "price_unit": 100, "tax_ids": []})
                ],
            }
        )
        move.action_post()
        return move.id


def twice(books, work):
    """Do ``work(env, number)`` in two transactions that have both begun."""
    barrier, seen = threading.Barrier(2), set()

    def wait():
        me = threading.get_ident()
        if me not in seen:
            seen.add(me)
            with contextlib.suppress(threading.BrokenBarrierError):
                barrier.wait(timeout=30)

    def one(number):
        def act(env):
            env["account.move"].search_count([], limit=1)  # takes the snapshot
            wait()
            return work(env, number)

        return lambda: books.retrying(act)

    return books.together(one(1), one(2))


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_disputes_never_exceed_the_invoice(books, invoice, _round):
    """Of 60 and 60 on an invoice of 100 exactly one is recorded, the other is refused."""

    def record(env, _number):
        kind = env.ref("cartera_cobranza.dispute_type_price")
        env["cartera.dispute"].create(
            {"move_id": invoice, "type_id": kind.id, "disputed_amount": 60}
        )

    results = twice(books, record)
    refused = [one for one in results if isinstance(one, Exception)]
    assert len(refused) == 1, results
    assert "40" in str(refused[0])
    with books.env() as env:
        disputes = env["cartera.dispute"].search([("move_id", "=", invoice)])
        assert disputes.mapped("disputed_amount") == [60]


def test_two_promises_never_cover_one_invoice(books, invoice):
    with books.env() as env:
        move = env["account.move"].browse(invoice)
        partner, company = move.commercial_partner_id, move.company_id
        customer = env["cartera.customer"]._find_or_create(partner, company)[partner]
        drafts = env["cartera.payment.promise"].create(
            [
                {
                    "customer_id": customer.id,
                    "line_ids": [(0, 0, {"move_id": invoice, "amount": 50})],
                    "instalment_ids": [
                        (0, 0, {"date": company._cartera_today(), "amount": 50})
                    ],
                }
                for _number in range(2)
            ]
        )
        ids = drafts.ids

    def open_one(env, number):
        env["cartera.payment.promise"].browse(ids[number - 1]).action_open()

    results = twice(books, open_one)
    assert sum(isinstance(one, Exception) for one in results) == 1, results
    with books.env() as env:
        states = env["cartera.payment.promise"].browse(ids).mapped("state")
        assert sorted(states) == ["draft", "open"]
