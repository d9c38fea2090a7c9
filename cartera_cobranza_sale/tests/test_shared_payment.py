from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CreditDoorsCommon


@tagged("post_install", "-at_install")
class TestSharedPayment(CreditDoorsCommon):
    """One payment over several orders pays the older ones first, everywhere by the same rule."""

    def shared(self, amount, orders, state="done", **vals):
        tx = self.transaction(orders[0], amount, state)
        tx.write({"sale_order_ids": [Command.set(orders.ids)], **vals})
        return tx

    def assertPaid(self, orders, *expected):
        orders.invalidate_recordset(["cartera_paid_amount"])
        self.assertEqual(tuple(orders.mapped("cartera_paid_amount")), expected)

    def euro(self, rate=2.0):
        """A foreign currency: ``rate`` units of it for one of the company's."""
        euro = self.env.ref("base.EUR")
        self.assertNotEqual(self.company.currency_id, euro)
        euro.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        if rate:
            self.env["res.currency.rate"].create(
                {
                    "currency_id": euro.id,
                    "rate": rate,
                    "name": "2020-01-01",
                    "company_id": self.company.id,
                }
            )
        return euro

    def in_currency(self, currency, amount, **vals):
        pricelist = self.env["product.pricelist"].create(
            {"name": currency.name, "currency_id": currency.id}
        )
        order = self.order(amount, pricelist_id=pricelist.id, **vals)
        self.assertEqual(order.currency_id, currency)
        return order

    def test_older_first_whatever_order_asks(self):
        """400 for orders of 300 and 500: 300 and 100, and not 150 and 250."""
        older, newer = self.order(300), self.order(500)
        self.shared(400, newer | older)
        self.assertPaid(older | newer, 300, 100)
        self.assertPaid(newer | older, 100, 300)
        for one, amount in ((newer, 100), (older, 300)):
            self.assertEqual(one._credit_advances(), {one.id: amount})
            self.assertEqual(one._credit_paid_beside_ledger(), amount)

    def test_partial_payment_does_not_reach_the_newer(self):
        older, newer = self.order(1500), self.order(1500)
        self.shared(600, older | newer)
        self.assertPaid(older | newer, 600, 0)
        newer.action_confirm()
        self.assertEqual(self.assertHeld(newer, "over_limit").amount, 1500)
        older.action_confirm()  # 900 of it are asked of a line of 1,000
        self.assertConfirmed(older)

    def test_second_payment_goes_on_where_the_first_ended(self):
        """300 and 200 over orders of 400 and 100: everything is paid, nothing twice."""
        older, newer = self.order(400), self.order(100)
        self.shared(300, older | newer)
        self.shared(200, older | newer)
        self.assertPaid(older | newer, 400, 100)

    def test_own_payments_come_before_shared_ones(self):
        """The older order was paid by a deposit and a transaction of its own; the shared money is the newer's."""
        older, newer = self.order(400), self.order(500)
        self.shared(450, older | newer)
        self.assertPaid(older | newer, 400, 50)
        self.transaction(older, 150)
        self.assertPaid(older | newer, 400, 200)
        payment = self.money_in(100, self.buyer, post=False)
        payment.cartera_order_id = older
        payment.action_post()
        self.assertPaid(older | newer, 400, 300)

    def test_payment_that_names_an_order_pays_it_first(self):
        older, newer = self.order(300), self.order(500)
        payment = self.money_in(600, self.buyer, post=False)
        payment.cartera_order_id = newer
        tx = self.shared(600, older | newer)
        tx.payment_id = payment
        payment.action_post()
        self.assertPaid(older | newer, 100, 500)

    def test_cancelled_orders_get_nothing_of_it(self):
        older, newer = self.order(300), self.order(500)
        self.shared(400, older | newer)
        older._action_cancel()
        self.assertPaid(older | newer, 0, 400)

    def test_refund_is_taken_from_the_newer(self):
        older, newer = self.order(300), self.order(500)
        tx = self.shared(800, older | newer)
        self.assertPaid(older | newer, 300, 500)
        refund = tx.copy(
            {
                "amount": -350,
                "operation": "refund",
                "source_transaction_id": tx.id,
                "reference": "back",
            }
        )
        refund.write({"state": "done", "sale_order_ids": [Command.clear()]})
        self.assertPaid(older | newer, 300, 150)

    def test_negative_payment_is_taken_from_the_newer(self):
        older, newer = self.order(300), self.order(500)
        self.shared(800, older | newer)
        self.shared(-350, older | newer)
        self.assertPaid(older | newer, 300, 150)

    def test_older_order_that_grows_takes_more(self):
        older, newer = self.order(300), self.order(500)
        self.shared(800, older | newer)
        older.order_line.price_unit = 400
        self.assertPaid(older | newer, 400, 400)

    def test_chain_of_shared_payments(self):
        """Payments over 1+2 and 2+3: what the first pays of 2 the other does not pay again."""
        orders = self.order(100) | self.order(100) | self.order(100)
        self.shared(150, orders[:2])
        self.shared(120, orders[1:])
        self.assertPaid(orders, 100, 100, 70)
        self.assertEqual(orders[2]._credit_advances(), {orders[2].id: 70})

    def test_other_currency_at_the_rate_of_the_day_of_the_payment(self):
        """2 EUR for 1: 900 EUR pay an order of 300 (600 EUR), and 300 EUR of the one of 500 EUR."""
        euro = self.euro()
        older, newer = self.order(300), self.in_currency(euro, 500)
        self.shared(900, older | newer, currency_id=euro.id)
        self.assertPaid(older | newer, 300, 300)
        newest = self.order(100)  # 300 EUR more: 200 for the 500 EUR, 100 EUR = 50
        self.shared(300, newer | newest, currency_id=euro.id)
        self.assertPaid(older | newer | newest, 300, 500, 50)

    def test_converting_there_and_back_loses_no_cent(self):
        """33.35 at 0.3333 are 11.12 EUR, which would be 33.36 on the way back."""
        euro = self.euro(0.3333)
        older, newer = self.order(33.35), self.order(10)
        # 33.35 × 0.3333 = 11.115… → 11.12; 14.44 − 11.12 = 3.32 → 9.96
        tx = self.shared(14.44, older | newer, currency_id=euro.id)
        self.assertPaid(older | newer, 33.35, 9.96)
        tx.amount = 14.45  # 3.33 is all that 10 is in EUR
        self.assertPaid(older | newer, 33.35, 10)

    def test_missing_rate_is_refused_at_the_gate_and_the_form_opens(self):
        euro = self.euro(rate=None)
        older, newer = self.order(300), self.order(500)
        self.shared(900, older | newer, currency_id=euro.id)
        with self.assertRaisesRegex(UserError, "EUR"):
            newer.action_confirm()
        self.assertPaid(older | newer, 0, 0)

    def test_orders_of_another_company_get_nothing_of_it(self):
        """The money came to the one company: it pays no debt to the other, and is not shared with it."""
        other = self.setup_other_company(name="Sister")["company"]
        self.env.user.company_ids |= other
        foreign = (
            self.env["sale.order"]
            .with_company(other)
            .create(
                {
                    "partner_id": self.buyer.id,
                    "company_id": other.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.goods.id,
                                "product_uom_qty": 1,
                                "price_unit": 300,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
            )
        )
        own = self.order(500)
        self.shared(400, foreign | own)
        self.assertLess(foreign.id, own.id)
        self.assertPaid(foreign | own, 0, 400)

    def test_posted_payment_that_was_applied_elsewhere_counts_once(self):
        """A payment for the order was used for an old invoice: it lowered the debt there, and pays nothing here."""
        self.company.cartera_net_unapplied = False
        old = self.direct_invoice(400)
        order = self.order(1100)
        payment = self.money_in(400, self.buyer, post=False)
        payment.cartera_order_id = order
        payment.action_post()
        self.assertEqual(order._credit_paid_beside_ledger(), 400)
        (payment.move_id | old).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        self.assertEqual(order._credit_paid_beside_ledger(), 0)
        self.assertPaid(order, 0)
        order.action_confirm()
        self.assertEqual(self.assertHeld(order, "over_limit").amount, 1100)

    def test_number_of_statements_does_not_grow(self):
        def orders(count):
            found = self.env["sale.order"]
            for number in range(count):
                pair = self.order(100) | self.order(200)
                self.shared(150 + number, pair)
                found |= pair
            self.env.flush_all()
            self.env.invalidate_all()
            return found

        few, many = orders(2), orders(20)
        counts = []
        for some in (few, many):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.sudo()._credit_advances()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
