from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CreditSaleCommon


@tagged("post_install", "-at_install")
class TestGateGrowth(CreditSaleCommon):
    """Item 19: confirmed orders that ask for more are checked again; the write itself always succeeds."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credit(cls.buyer, 1000)

    def setUp(self):
        super().setUp()
        self.growing = self.order(lines=[(self.goods, 10, 100)])
        self.growing.action_confirm()
        self.assertConfirmed(self.growing)

    def assertStopped(self, order, *codes):
        """The order is confirmed and held; the hold adds nothing, for the order is in the exposure."""
        self.assertEqual((order.state, order.credit_state), ("sale", "held"))
        hold = self.open_hold(order)
        self.assertEqual(len(hold), 1)
        self.assertFalse(hold.adds_exposure)
        if codes:
            self.assertEqual(sorted(hold.reason_ids.mapped("code")), sorted(codes))
        self.assertEqual(self.position()["held_amount"], 0)
        return hold

    def use_up(self):
        """The customer owes more than the line by now, so that whatever is checked is stopped."""
        self.direct_invoice(10000)

    def test_quantity(self):
        self.growing.order_line.product_uom_qty = 11
        self.assertEqual(self.growing.amount_total, 1100)
        hold = self.assertStopped(self.growing, "over_limit")
        self.assertEqual((hold.reason_ids.measured, hold.excess_amount), (1100, 100))

    def test_price(self):
        self.growing.order_line.price_unit = 100.01
        self.assertStopped(self.growing, "over_limit")

    def test_discount_taken_away(self):
        self.growing.order_line.discount = 50
        self.direct_invoice(500)
        self.growing.order_line.discount = 0
        self.assertStopped(self.growing, "over_limit")

    def test_tax_added(self):
        self.growing.order_line.tax_ids = self.tax16
        self.assertStopped(self.growing, "over_limit")

    def test_new_line(self):
        self.growing.order_line = [
            Command.create({"product_id": self.goods.id, "price_unit": 1})
        ]
        self.assertStopped(self.growing, "over_limit")

    def test_new_line_created_by_itself(self):
        self.env["sale.order.line"].create(
            {"order_id": self.growing.id, "product_id": self.goods.id, "price_unit": 1}
        )
        self.assertStopped(self.growing, "over_limit")

    def test_new_line_instead_of_an_old_one(self):
        """The total falls, but a line was added: a release or a pass was not given for it."""
        self.use_up()
        self.growing.order_line = [
            Command.update(self.growing.order_line.id, {"product_uom_qty": 5}),
            Command.create({"product_id": self.goods.id, "price_unit": 1}),
        ]
        self.assertStopped(self.growing, "over_limit")

    def test_note_is_no_new_line(self):
        self.use_up()
        self.growing.order_line = [
            Command.create({"display_type": "line_note", "name": "hello"})
        ]
        self.assertEqual(self.growing.credit_state, "none")

    def test_growth_that_fits_passes(self):
        self.credit(self.buyer, 1100)
        self.growing.order_line.product_uom_qty = 11
        self.assertEqual(self.growing.credit_state, "none")
        self.assertEqual(self.position()["exposure"], 1100)

    def test_worse_term(self):
        """From 30 to 60 days with the same amount."""
        self.use_up()
        self.growing.payment_term_id = self.term60
        self.assertStopped(self.growing, "over_limit")

    def test_better_term_is_not_checked(self):
        """Item 21: terms may change where nothing gets worse."""
        self.growing.payment_term_id = self.term60
        self.use_up()
        self.growing.payment_term_id = self.term30
        self.assertEqual(self.growing.credit_state, "none")

    def test_prepaid_order_turned_into_credit(self):
        order = self.order(5000, payment_term_id=self.term_prepaid.id)
        order.action_confirm()
        self.assertEqual(self.position()["exposure"], 1000)
        order.payment_term_id = self.term30
        self.assertStopped(order, "over_limit")

    def test_unlocking(self):
        """Item 29: a locked order that is opened again is looked at again."""
        self.growing.action_lock()
        self.use_up()
        self.assertEqual(self.growing.credit_state, "none")
        self.growing.action_unlock()
        self.assertStopped(self.growing, "over_limit")

    def test_cancelled_and_confirmed_again(self):
        """Item 29: the credit was given to another order meanwhile."""
        self.growing._action_cancel()
        other = self.order(1000)
        other.action_confirm()
        self.assertConfirmed(other)
        self.growing.action_draft()
        self.growing.action_confirm()
        self.assertHeld(self.growing, "over_limit")

    def test_reopened_commitment(self):
        """Item 29: closed, the credit given to another, then re-opened."""
        self.growing.action_close_commitment()
        other = self.order(1000)
        other.action_confirm()
        self.assertConfirmed(other)
        self.growing.action_reopen_commitment()
        self.assertStopped(self.growing, "over_limit")

    def test_commitment_is_not_closed_by_a_write(self):
        """Item 29, defect 4.3: what takes an order out of the exposure is a verb with a role."""
        salesman = self.growing.with_user(self.salesman)
        for attempt in (
            lambda: salesman.write({"cartera_commitment_closed": True}),
            lambda: self.growing.write({"cartera_commitment_closed": True}),
            salesman.action_close_commitment,
            lambda: self.env["sale.order"].create(
                {"partner_id": self.buyer.id, "cartera_commitment_closed": True}
            ),
        ):
            with self.assertRaises(UserError):
                attempt()
        self.assertFalse(self.growing.cartera_commitment_closed)
        self.growing.with_user(self.executive).action_close_commitment()
        self.assertTrue(self.growing.cartera_commitment_closed)

    def test_another_invoice_address(self):
        """The debt moves to a customer without credit."""
        self.growing.partner_invoice_id = self.other_buyer
        hold = self.open_hold(self.growing)
        self.assertEqual(
            (self.growing.credit_state, hold.partner_id), ("held", self.other_buyer)
        )

    def test_address_of_the_same_debtor_is_not_checked(self):
        self.use_up()
        address = self.env["res.partner"].create(
            {"name": "Payables", "parent_id": self.buyer.id, "type": "invoice"}
        )
        self.growing.partner_invoice_id = address
        self.assertEqual(self.growing.credit_state, "none")

    def test_commitment_date_brought_into_the_horizon(self):
        self.company.cartera_horizon_days = 30
        now = fields.Datetime.now()
        order = self.order(500, commitment_date=fields.Datetime.add(now, days=90))
        order.action_confirm()
        self.assertConfirmed(order)
        self.assertEqual(self.position()["exposure"], 1000)
        order.commitment_date = fields.Datetime.add(now, days=80)
        self.assertEqual(order.credit_state, "none")
        order.commitment_date = fields.Datetime.add(now, days=30)
        self.assertStopped(order, "over_limit")

    def test_order_date_brought_into_the_horizon(self):
        """Without a promised date the order's own date and the lead time say when it ships."""
        self.company.cartera_horizon_days = 30
        order = self.order(lines=[(self.goods, 1, 500, {"customer_lead": 60})])
        order.action_confirm()
        self.assertConfirmed(order)
        order.date_order = fields.Datetime.subtract(order.date_order, days=40)
        self.assertStopped(order, "over_limit")

    def test_lowering_is_never_checked(self):
        """Less quantity, less price, a line less, a discount more: whatever the customer owes."""
        self.growing.order_line = [
            Command.create({"product_id": self.goods.id, "price_unit": 0})
        ]
        self.use_up()
        line = self.growing.order_line[0]
        line.product_uom_qty = 9
        line.price_unit = 90
        line.discount = 10
        self.growing.order_line[1].product_uom_qty = 0
        self.assertEqual(self.growing.credit_state, "none")
        self.assertFalse(self.growing.credit_hold_ids)

    def test_raised_and_lowered_in_one_write_is_not_growth(self):
        """Only the end of the write counts: one line up, another down by more."""
        order = self.order(lines=[(self.goods, 1, 0.1), (self.goods, 1, 0.2)])
        self.credit(self.buyer, 1000.3)
        order.action_confirm()
        self.use_up()
        first, second = order.order_line
        order.write(
            {
                "order_line": [
                    Command.update(first.id, {"price_unit": 0.2}),
                    Command.update(second.id, {"price_unit": 0.1}),
                ]
            }
        )
        self.assertEqual(order.credit_state, "none")

    def test_several_changes_of_one_write_make_one_hold(self):
        """Nested writes are one: a hold, a line of history, a message."""
        self.growing.write(
            {
                "payment_term_id": self.term60.id,
                "order_line": [
                    Command.update(self.growing.order_line.id, {"product_uom_qty": 20}),
                    Command.create({"product_id": self.goods.id, "price_unit": 100}),
                    Command.create({"product_id": self.goods.id, "price_unit": 100}),
                ],
            }
        )
        hold = self.assertStopped(self.growing, "over_limit")
        self.assertEqual(hold.log_ids.mapped("event"), ["held"])
        self.assertEqual(hold.reason_ids.measured, 2200)

    def test_grown_order_that_shrinks_is_free_again(self):
        self.growing.order_line.product_uom_qty = 11
        hold = self.assertStopped(self.growing)
        self.growing.order_line.product_uom_qty = 10
        self.assertTrue(self.recheck_wanted())
        hold.action_recheck()
        self.assertEqual(
            (hold.state, self.growing.credit_state), ("released", "released")
        )

    def test_growth_in_warn_mode_is_written_down(self):
        self.company.cartera_gate = "warn"
        self.growing.order_line.product_uom_qty = 11
        self.assertEqual(self.growing.credit_state, "none")
        self.assertWritten(self.growing, 1100)

    def test_release_of_a_grown_order_lets_it_ship_without_confirming_again(self):
        self.growing.order_line.product_uom_qty = 11
        hold = self.assertStopped(self.growing)
        date = self.growing.date_order
        hold.with_user(self.credit_manager).action_release(self.reason.id, "agreed")
        self.assertEqual(
            (self.growing.state, self.growing.credit_state), ("sale", "released")
        )
        self.assertEqual(self.growing.date_order, date)
        self.growing.order_line.product_uom_qty = 10.5
        self.assertEqual(self.growing.credit_state, "released")

    def test_release_is_lost_when_the_order_grows_again(self):
        self.growing.order_line.product_uom_qty = 11
        self.assertStopped(self.growing).with_user(self.credit_manager).action_release(
            self.reason.id
        )
        self.growing.order_line.product_uom_qty = 12
        self.assertStopped(self.growing, "over_limit")
        self.assertEqual(len(self.growing.credit_hold_ids), 2)

    def test_growth_of_several_orders_at_once(self):
        """Each is checked by itself, with all of them in the exposure."""
        self.credit(self.buyer, 1200)
        second = self.order(lines=[(self.goods, 2, 100)])
        second.action_confirm()
        self.assertConfirmed(second)
        (self.growing | second).write({"payment_term_id": self.term60.id})
        self.assertEqual(
            (self.growing | second).mapped("credit_state"), ["none", "none"]
        )
        self.use_up()
        (self.growing | second).order_line.write({"price_unit": 101})
        self.assertStopped(self.growing)
        self.assertStopped(second)
