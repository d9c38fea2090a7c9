"""Races and refusals of shipments: real transactions, threads and commits."""

import itertools

import pytest

from .test_races import Meeting, no_errors, quiet  # noqa: F401 (a fixture)

NUMBERS = itertools.count(1)


class Store:
    """A company whose gate is on, goods in stock, and verbs that commit."""

    def __init__(self, books):
        self.books = books
        with books.env() as env:
            company = env.company
            company.write({"cartera_gate": "block", "cartera_default_mode": "none"})
            company.stock_text_confirmation = False
            self.company = company.id
            self.term = (
                env["account.payment.term"]
                .create({"name": "Races: in advance", "cartera_prepaid": True})
                .id
            )
            self.credit_term = (
                env["account.payment.term"].create({"name": "Races: on credit"}).id
            )
            self.product = (
                env["product.product"]
                .create({"name": "Races: boxes", "type": "consu", "taxes_id": []})
                .id
            )

    def customer(self, limit=None):
        with self.books.env() as env:
            partner = env["res.partner"].create(
                {"name": f"Store customer {next(NUMBERS)}", "is_company": True}
            )
            if limit:
                account = env["cartera.customer"]._find_or_create(
                    partner, env["res.company"].browse(self.company)
                )[partner]
                env["cartera.credit.line"].create(
                    {"customer_id": account.id, "amount": limit}
                ).action_activate()
            return partner.id

    def shipments(self, partner, term, count=2, amount=100):
        """Ids of the order and of as many shipments of one piece each."""
        with self.books.env() as env:
            order = env["sale.order"].create(
                {
                    "partner_id": partner,
                    "payment_term_id": term,
                    "order_line": [
                        (
                            0,
                            0,
                            {
                                "product_id": self.product,
                                "product_uom_qty": count,
                                "price_unit": amount,
                                "tax_ids": [],
                            },
                        )
                    ],
                }
            )
            order.action_confirm()
            first = order.picking_ids
            first.move_ids.product_uom_qty = 1
            pickings = first
            for _more in range(count - 1):
                other = first.copy({"move_ids": []})
                first.move_ids.copy({"picking_id": other.id})
                other.action_confirm()
                pickings |= other
            pickings.action_assign()
            pickings.move_ids.write({"quantity": 1, "picked": True})
            return order.id, pickings.ids

    def pay(self, order, amount):
        with self.books.env() as env:
            order = env["sale.order"].browse(order)
            journal = env["account.journal"].search(
                [("type", "=", "bank"), ("company_id", "=", self.company)], limit=1
            )
            env["account.payment"].create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": order.partner_id.id,
                    "amount": amount,
                    "currency_id": order.currency_id.id,
                    "journal_id": journal.id,
                    "cartera_order_id": order.id,
                }
            ).action_post()

    def invoice_late(self, partner, amount):
        with self.books.env() as env:
            day = "2025-01-15"
            env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": partner,
                    "invoice_date": day,
                    "invoice_date_due": day,
                    "invoice_line_ids": [
                        (
                            0,
                            0,
                            {"name": "x", "price_unit": amount, "tax_ids": []},
                        )
                    ],
                }
            ).action_post()

    def validate(self, picking, meeting):
        def work(env):
            record = env["stock.picking"].browse(picking)
            record.mapped("state")
            meeting.wait()
            record.with_context(skip_sms=True, skip_backorder=True).button_validate()

        return lambda: self.books.retrying(work)

    def states(self, pickings):
        with self.books.env() as env:
            return env["stock.picking"].browse(pickings).mapped("state")

    def holds(self, picking):
        with self.books.env() as env:
            holds = env["cartera.credit.hold"].search(
                [("res_model", "=", "stock.picking"), ("res_id", "=", picking)]
            )
            return [(hold.state, hold.reason_ids.mapped("code")) for hold in holds]


@pytest.fixture(scope="module")
def store(books):
    with books.env() as env:
        if "stock.picking" not in env:
            pytest.skip("there is no stock")
    store = Store(books)
    yield store
    with books.env() as env:
        env["res.company"].browse(store.company).cartera_gate = "off"


def test_two_shipments_never_leave_on_the_money_for_one(store):
    """100 are paid, two shipments of 100 are validated at the same moment: one leaves, in every round."""
    for _round in range(5):
        order, pickings = store.shipments(store.customer(), store.term)
        store.pay(order, 100)
        meeting = Meeting(2)
        results = store.books.together(
            *(store.validate(picking, meeting) for picking in pickings)
        )
        assert sorted(store.states(pickings)) == ["assigned", "done"] or sorted(
            store.states(pickings)
        ) == ["confirmed", "done"]
        refused = [one for one in results if isinstance(one, Exception)]
        assert len(refused) == 1
        assert "sold in advance" in str(refused[0])


def test_two_shipments_that_are_paid_both_leave(store):
    order, pickings = store.shipments(store.customer(), store.term)
    store.pay(order, 200)
    meeting = Meeting(2)
    no_errors(
        store.books.together(
            *(store.validate(picking, meeting) for picking in pickings)
        )
    )
    assert store.states(pickings) == ["done", "done"]


def test_refusal_leaves_its_hold_on_the_queue(store):
    """The refusal undoes the transaction; the hold is made in one of its own when that is over."""
    partner = store.customer(1000)
    _order, pickings = store.shipments(partner, store.credit_term, count=1)
    store.invoice_late(partner, 50)
    meeting = Meeting(1)
    (result,) = store.books.together(store.validate(pickings[0], meeting))
    assert isinstance(result, Exception)
    assert "overdue" in str(result)
    assert store.holds(pickings[0]) == [("held", ["overdue_days"])]
    # once more: no second one
    store.books.together(store.validate(pickings[0], Meeting(1)))
    assert store.holds(pickings[0]) == [("held", ["overdue_days"])]
