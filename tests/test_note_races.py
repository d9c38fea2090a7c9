"""Credit notes of the same moment on one invoice: real transactions that overlap for certain."""

import os

import pytest

from .test_interest_races import quiet, together  # noqa: F401, the fixture

ROUNDS = int(os.environ.get("CARTERA_ROUNDS", "3"))


@pytest.fixture
def open_invoice(books):
    """An invoice of 1,000.00 that is open."""
    with books.env() as env:
        partner = env["res.partner"].create({"name": "Races: notes"})
        move = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": env.company._cartera_today(),
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    (0, 0, {"name": "x", "price_unit": 1000, "tax_ids": []})
                ],
            }
        )
        move.action_post()
        return move.id


def request(books, move, amount, approved=False):
    with books.env() as env:
        reason = env.ref("cartera_cobranza.note_reason_price")
        # asked for by somebody else than who approves
        Request = env["cartera.note.request"].with_user(env.ref("base.user_admin"))
        one = Request.sudo().create(
            {"move_id": move, "reason_id": reason.id, "amount": amount}
        )
        one.action_submit()
        if approved:
            one._write_decided({"state": "approved"})
        return one.id


def verb(name, one):
    return lambda env: getattr(env["cartera.note.request"].browse(one), name)()


def outcome(books, move, results):
    """(how many were refused, what is open on the invoice, what the customer has in favour)."""
    from odoo.exceptions import UserError

    refused = [one for one in results if isinstance(one, UserError)]
    others = [one for one in results if isinstance(one, Exception)]
    assert others == refused, others
    with books.env() as env:
        invoice = env["account.move"].browse(move)
        notes = invoice.reversal_move_ids
        return (
            len(refused),
            invoice.amount_residual,
            -sum(notes.mapped("amount_residual")),
        )


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_requests_approved_at_once_take_no_more_than_is_open(
    books, open_invoice, _round
):
    """600 and 600 of 1,000: one is approved, the other one is refused and says what is open."""
    first, second = (request(books, open_invoice, 600) for _one in range(2))
    results = together(
        books, verb("action_approve", first), verb("action_approve", second)
    )
    assert outcome(books, open_invoice, results) == (1, 1000, 0)
    with books.env() as env:
        both = env["cartera.note.request"].browse([first, second])
        assert sorted(both.mapped("state")) == ["approved", "submitted"]


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_request_issued_twice_makes_one_note(books, open_invoice, _round):
    one = request(books, open_invoice, 600, approved=True)
    results = together(books, verb("action_issue", one), verb("action_issue", one))
    assert outcome(books, open_invoice, results) == (1, 400, 0)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_request_issued_while_odoo_s_own_note_is_posted(books, open_invoice, _round):
    """Whoever comes second: the request is refused, or the other note leaves its rest in favour; nothing is lost."""
    one = request(books, open_invoice, 600, approved=True)
    with books.env() as env:
        invoice = env["account.move"].browse(open_invoice)
        reason = env.ref("cartera_cobranza.note_reason_price")
        note = env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": invoice.partner_id.id,
                "invoice_date": invoice.invoice_date,
                "reversed_entry_id": invoice.id,
                "note_reason_id": reason.id,
                "invoice_line_ids": [
                    (0, 0, {"name": "x", "price_unit": 600, "tax_ids": []})
                ],
            }
        )
        own = note.id
    results = together(
        books,
        verb("action_issue", one),
        lambda env: env["account.move"].browse(own).action_post(),
    )
    assert outcome(books, open_invoice, results) in ((1, 400, 0), (0, 0, -200))
