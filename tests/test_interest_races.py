"""Interest posted at the same moment by two people: real transactions that overlap for certain."""

import contextlib
import os
import threading

import pytest

ROUNDS = int(os.environ.get("CARTERA_ROUNDS", "3"))


@pytest.fixture(autouse=True)
def quiet():
    """A lost race is logged as a bad query by Odoo's cursor, which is what is wanted here."""
    pytest.importorskip("odoo")
    from odoo.tools import mute_logger

    with mute_logger("odoo.sql_db", "odoo.service.model"):
        yield


@pytest.fixture
def late(books):
    """An invoice of 10,000.00, late for 30 days, and the policy that only its customer has."""
    with books.env() as env:
        company = env.company
        partner = env["res.partner"].create({"name": "Races: interest"})
        today = company._cartera_today()
        due = today.replace(day=1)
        due = due.replace(year=due.year - 1)
        move = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": due,
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    (0, 0, {"name": "x", "price_unit": 10000, "tax_ids": []})
                ],
            }
        )
        move.action_post()
        policy = env["cartera.interest.policy"].create(
            {
                "name": "Races",
                "company_id": company.id,
                "scope": "customer",
                "rate_source": "fixed_month",
                "rate": 3,
                "tax_mode": "none",
            }
        )
        customer = env["cartera.customer"]._find_or_create(partner, company)[partner]
        customer.interest_policy_id = policy
        return {"move": move.id, "customer": customer.id, "today": today}


def approved(books, late):
    with books.env() as env:
        run = env["cartera.interest.run"].create(
            {"date_to": late["today"], "customer_ids": [(6, 0, [late["customer"]])]}
        )
        run.action_simulate()
        run._write_state({"state": "approved"})
        return run.id


def together(books, *verbs):
    """Call verbs(env) in transactions that have all begun before any goes on."""
    barrier, seen = threading.Barrier(len(verbs)), set()

    def wait():
        me = threading.get_ident()
        if me not in seen:
            seen.add(me)
            with contextlib.suppress(threading.BrokenBarrierError):
                barrier.wait(timeout=30)

    def one(verb):
        def act(env):
            env["account.move"].search_count([], limit=1)  # takes the snapshot
            wait()
            return verb(env)

        return lambda: books.retrying(act)

    return books.together(*map(one, verbs))


def post(run):
    return lambda env: env["cartera.interest.run"].browse(run).action_post()


def outcome(books, late, results):
    """(how many verbs were refused, the live lines, the notes on the invoice)."""
    from odoo.exceptions import UserError

    refused = [one for one in results if isinstance(one, UserError)]
    others = [one for one in results if isinstance(one, Exception)]
    assert others == refused, others
    with books.env() as env:
        invoice = env["account.move"].browse(late["move"])
        lines = env["cartera.interest.line"].search(
            [("move_id", "=", invoice.id), ("live", "=", True)]
        )
        notes = env["account.move"].search(
            [("debit_origin_id", "=", invoice.id), ("state", "=", "posted")]
        )
        return (
            len(refused),
            len(lines),
            notes.mapped("amount_total") == lines.mapped("net_amount"),
        )


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_run_posted_twice_makes_its_notes_once(books, late, _round):
    run = approved(books, late)
    results = together(books, post(run), post(run))
    assert outcome(books, late, results) == (1, 1, True)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_runs_of_the_same_days_charge_them_once(books, late, _round):
    first, second = approved(books, late), approved(books, late)
    results = together(books, post(first), post(second))
    assert outcome(books, late, results) == (1, 1, True)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_reversed_twice_is_credited_once(books, late, _round):
    run = approved(books, late)
    with books.env() as env:
        env["cartera.interest.run"].browse(run).action_post()

    def reverse(env):
        return env["cartera.interest.run"].browse(run).action_reverse()

    results = together(books, reverse, reverse)
    refused, live, _notes = outcome(books, late, results)
    assert (refused, live) == (1, 0)
    with books.env() as env:
        note = env["cartera.interest.run"].browse(run).line_ids.note_move_id
        assert note.amount_residual == 0
        assert len(note.reversal_move_ids) == 1
