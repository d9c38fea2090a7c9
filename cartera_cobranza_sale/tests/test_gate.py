from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CreditSaleCommon


@tagged("post_install", "-at_install")
class TestGate(CreditSaleCommon):
    """Confirming: who passes, who is held, and what a hold says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credit(cls.buyer, 1000)

    def test_order_that_fits_is_confirmed(self):
        order = self.order(1000)
        self.assertIs(order.action_confirm(), True)
        self.assertConfirmed(order)
        self.assertEqual(order.credit_state, "none")
        self.assertFalse(order.credit_hold_ids)

    def test_one_cent_above_is_held_with_its_reason_and_position(self):
        """Items 10 and 11: a hold with figures, an activity for credit, a message to the salesperson."""
        self.direct_invoice(400)
        order = self.order(600.01)
        result = order.with_user(self.salesman).action_confirm()
        hold = self.assertHeld(order, "over_limit")
        self.assertEqual(result["tag"], "display_notification")
        self.assertEqual(
            (hold.amount, hold.excess_amount, hold.adds_exposure), (600.01, 0.01, True)
        )
        self.assertEqual(
            (hold.reason_ids.measured, hold.reason_ids.threshold), (1000.01, 1000)
        )
        self.assertEqual(hold.snapshot["exposure"], 400)
        self.assertEqual(hold.snapshot["limit"], 1000)
        self.assertEqual(hold.snapshot["available"], 600)
        self.assertEqual(
            (hold.salesperson_id, hold.requested_by), (self.salesman, self.salesman)
        )
        self.assertEqual(hold.activity_ids.user_id, self.executive)
        told = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.salesman.partner_id.id)]
        )
        self.assertTrue(
            any(order.name in (mail.subject or "") for mail in told.mail_message_id)
        )
        self.assertWritten(order, 1000.01)
        self.assertEqual(hold.log_ids.mapped("event"), ["held"])

    def test_frozen_position_stays_as_it_was(self):
        """Defect 4.11: the hold tells the position of the moment, refreshed by the next check only."""
        order = self.order(1200)
        order.action_confirm()
        hold = self.open_hold(order)
        self.direct_invoice(300)
        self.assertEqual(hold.snapshot["exposure"], 0)
        hold.action_recheck()
        self.assertEqual(hold.snapshot["exposure"], 300)
        self.assertEqual(hold.excess_amount, 500)

    def test_all_reasons_are_named(self):
        """Over the line and overdue at once: two reasons, and the queue knows it is both."""
        invoice = self.direct_invoice(
            900, invoice_date="2020-01-01", invoice_date_due="2020-01-01"
        )
        self.assertLess(str(invoice.invoice_date_due), "2020-02-01")
        order = self.order(200)
        order.action_confirm()
        hold = self.assertHeld(order, "over_limit", "overdue_days")
        self.assertEqual(hold.reason_kind, "both")
        self.assertEqual(hold.overdue_amount, 900)

    def test_batch_confirms_those_that_pass(self):
        """Item 20, defect 4.7: of five orders the good ones are confirmed, the others held; nothing is raised."""
        self.credit(self.other_buyer, 50)
        first, big, second = self.order(400), self.order(2000), self.order(600)
        theirs, too_much = (
            self.order(50, self.other_buyer),
            self.order(51, self.other_buyer),
        )
        result = (first | big | second | theirs | too_much).action_confirm()
        self.assertConfirmed(first | second | theirs)
        self.assertHeld(big, "over_limit")
        self.assertHeld(too_much, "over_limit")
        self.assertIs(result, True)

    def test_two_orders_of_one_batch_share_the_free_credit(self):
        """Each fits alone, both do not: the first passes, the second is held for what is left."""
        first, second = self.order(600), self.order(600)
        (first | second).action_confirm()
        self.assertConfirmed(first)
        hold = self.assertHeld(second, "over_limit")
        self.assertEqual(hold.reason_ids.measured, 1200)

    def test_group_limit_is_shared_by_customers_of_one_batch(self):
        self.credit(self.other_buyer, 1000)
        self.group(1000, self.buyer, self.other_buyer)
        first, second = self.order(600), self.order(600, self.other_buyer)
        (first | second).action_confirm()
        self.assertConfirmed(first)
        hold = self.assertHeld(second, "over_limit")
        self.assertEqual(
            (hold.reason_ids.measured, hold.reason_ids.threshold), (1200, 1000)
        )

    def test_group_example_of_the_field(self):
        """A owes 4,000 overdue, the group has 10,000, held orders count.

        A's 2,000 pass (60 %), A's 4,000 more do not with the rule at 80 % and use of 100 %; then of B's
        orders 1,999 and 2,000 the strict rule lets the latter use the line to the last cent.
        """
        self.company.cartera_count_held = True
        a, b = self.new_partner("A"), self.new_partner("B")
        self.group(10000, a, b)
        self.direct_invoice(
            4000, a, invoice_date="2020-01-01", invoice_date_due="2020-01-01"
        )
        self.env["cartera.credit.rule"].sudo().search(
            [("condition", "=", "overdue_days")]
        ).active = False
        rule = (
            self.env["cartera.credit.rule"]
            .sudo()
            .create(
                {
                    "name": "Overdue and much used",
                    "condition": "overdue_amount",
                    "threshold_amount": 3000,
                    "min_percent_used": 70,
                }
            )
        )
        small, large = self.order(2000, a), self.order(4000, a)
        self.assertFalse(self.Customer._preview(small).reasons)
        large.action_confirm()
        self.assertEqual(
            self.assertHeld(large, "overdue_amount").reason_ids.rule_id, rule
        )
        more = self.order(2000.01, b)
        more.action_confirm()
        self.assertHeld(more, "over_limit")
        self.open_hold(more)._cancel_for()
        for amount in (1999, 2000):
            self.assertFalse(
                self.Customer._preview(self.order(amount, b)).reasons, amount
            )

    def test_held_orders_take_up_the_line_where_the_company_wants_so(self):
        """Off: shown beside the exposure; on: a new order counts them, a held one only older ones."""
        held = self.order(1500)
        held.action_confirm()
        self.assertHeld(held, "over_limit")
        self.assertEqual(
            (self.position()["exposure"], self.position()["held_amount"]), (0, 1500)
        )
        free = self.order(100)
        free.action_confirm()
        self.assertConfirmed(free)
        self.company.cartera_count_held = True
        stopped = self.order(100)
        stopped.action_confirm()
        self.assertHeld(stopped, "over_limit")
        self.credit(self.buyer, 1600)
        self.open_hold(held).action_recheck()
        self.assertConfirmed(held)
        self.open_hold(stopped).action_recheck()
        self.assertHeld(stopped, "over_limit")

    def test_sent_quotation_meets_the_gate_too(self):
        """Item 26."""
        order = self.order(1001)
        order.action_quotation_sent()
        order.action_confirm()
        self.assertHeld(order, "over_limit")
        self.assertEqual(order.state, "sent")

    def test_prepaid_order_passes(self):
        """Item 30: who pays in advance needs no credit."""
        order = self.order(5000, self.other_buyer, payment_term_id=self.term_prepaid.id)
        order.action_confirm()
        self.assertConfirmed(order)
        self.assertEqual(self.position(self.other_buyer)["exposure"], 0)

    def test_zero_and_negative_orders_pass(self):
        """What lowers the debt, or is free, is never stopped."""
        self.direct_invoice(5000)
        orders = self.order(0) | self.order(-100)
        orders.action_confirm()
        self.assertConfirmed(orders)

    def test_unlimited_line_passes_anything(self):
        self.credit(self.buyer, mode="unlimited")
        order = self.order(10**9)
        order.action_confirm()
        self.assertConfirmed(order)

    def test_limit_of_odoo_itself_is_read_by_nothing_of_ours(self):
        """Defect 4.5: a credit_limit of zero in Odoo's own field blocks nobody, and frees nobody."""
        self.buyer.with_company(self.company).sudo().credit_limit = 0
        fits, above = self.order(1000), self.order(1001)
        above.action_confirm()
        self.buyer.with_company(self.company).sudo().credit_limit = 10**9
        above.action_confirm()
        self.assertHeld(above, "over_limit")
        fits.action_confirm()
        self.assertConfirmed(fits)

    def test_suspended_and_expired_lines_hold(self):
        line = self.account(self.buyer).line_id
        line.sudo().action_suspend("late")
        order = self.order(1)
        order.action_confirm()
        self.assertHeld(order, "suspended", "over_limit")
        other = self.credit(self.other_buyer, 100)
        other.action_expire()
        order = self.order(1, self.other_buyer)
        order.action_confirm()
        self.assertHeld(order, "line_expired", "over_limit")

    def test_warn_mode_confirms_and_writes_it_down(self):
        """Item 8."""
        self.company.cartera_gate = "warn"
        order = self.order(1200)
        order.action_confirm()
        self.assertConfirmed(order)
        self.assertFalse(order.credit_hold_ids)
        self.assertWritten(order, 1200)

    def test_gate_off_confirms_everything_in_silence(self):
        self.company.cartera_gate = "off"
        order = self.order(10**6)
        order.action_confirm()
        self.assertConfirmed(order)
        self.assertFalse(order.credit_hold_ids)
        self.assertFalse(order.credit_banner)

    def test_gate_off_does_not_open_what_somebody_holds_by_hand(self):
        order = self.order(10)
        self.Hold.with_user(self.executive).action_force(order, "suspicious address")
        self.company.cartera_gate = "off"
        order.action_confirm()
        self.assertEqual((order.state, order.credit_state), ("draft", "held"))

    def test_confirming_again_updates_the_same_hold(self):
        order = self.order(1200)
        order.action_confirm()
        hold = self.assertHeld(order, "over_limit")
        self.direct_invoice(100)
        order.action_confirm()
        self.assertEqual(self.assertHeld(order, "over_limit"), hold)
        self.assertEqual(hold.excess_amount, 300)
        order.order_line.price_unit = 1500
        order.action_confirm()
        self.assertEqual(self.assertHeld(order, "over_limit"), hold)
        self.assertEqual((hold.excess_amount, hold.amount), (600, 1500))
        self.assertEqual(len(order.credit_hold_ids), 1)

    def test_confirming_again_once_it_fits_closes_the_hold(self):
        order = self.order(1200)
        order.action_confirm()
        hold = self.open_hold(order)
        order.order_line.price_unit = 1000
        order.action_confirm()
        self.assertConfirmed(order)
        self.assertEqual((hold.state, order.credit_state), ("released", "released"))

    def test_deleted_and_cancelled_quotations_close_their_holds(self):
        first, second = self.order(1200), self.order(1300)
        (first | second).action_confirm()
        holds = self.open_hold(first) | self.open_hold(second)
        first._action_cancel()
        second.unlink()
        self.assertEqual(holds.mapped("state"), ["cancelled", "cancelled"])
        self.assertEqual(first.credit_state, "none")

    def test_order_that_cannot_be_confirmed_leaves_no_hold(self):
        """Odoo's own refusal of one order of the batch undoes the whole step, holds included."""
        done = self.order(1)
        done.action_confirm()
        held = self.order(2000)
        with self.assertRaises(UserError):
            (done | held).action_confirm()
        self.assertEqual(held.credit_state, "none")
        self.assertFalse(self.open_hold(held))

    # Only what raises the debt (item 27), and never delivered goods (item 30)

    def test_payments_and_credit_notes_are_never_stopped(self):
        """Item 27: of a customer far over the line."""
        self.company.cartera_invoice_gate = True
        self.account(self.buyer).line_id.sudo().action_suspend()
        order = self.confirmed(5000)
        invoice = self.invoice(order)
        self.assertEqual(invoice.state, "posted")
        note = self.credit_note(invoice)
        self.assertEqual(note.state, "posted")
        self.assertIn(self.money_in(100).state, ("in_process", "paid"))

    def test_delivered_goods_can_always_be_invoiced(self):
        """Item 30: the gate stands before the goods leave, never after."""
        self.company.cartera_invoice_gate = True
        order = self.confirmed(lines=[(self.goods_on_delivery, 10, 1000)])
        order.order_line.qty_delivered = 12
        self.assertEqual(self.invoice(order).state, "posted")
        direct = self.direct_invoice(10000, post=False)
        direct.action_post()
        self.assertEqual(direct.state, "draft")
        self.assertEqual(direct.credit_state, "held")

    # Rights

    def test_roles_are_apart(self):
        """Item 22: seeing, changing limits, and releasing are different roles; the manager of books is none."""
        order = self.order(1050)
        order.action_confirm()
        hold = self.open_hold(order)
        accountant = self.new_user(
            "books.manager",
            "account.group_account_manager,sales_team.group_sale_manager",
        )
        for user in (self.salesman, self.salesman_all, accountant):
            with (
                self.assertRaises(AccessError, msg=user.login),
                self.env.cr.savepoint(),
            ):
                hold.with_user(user).action_release(self.reason.id)
        with self.assertRaises(UserError):
            self.account(self.buyer).line_id.with_user(self.executive).action_suspend()
        hold.with_user(self.executive).action_release(self.reason.id)
        self.assertConfirmed(order)

    def test_salesperson_does_not_release_an_own_order(self):
        """Not even with the role for it."""
        self.salesman.group_ids += self.env.ref("cartera_cobranza.group_credit_manager")
        order = self.order(1001)
        order.action_confirm()
        hold = self.open_hold(order)
        with self.assertRaises(AccessError):
            hold.with_user(self.salesman).action_release(self.reason.id)
        order.user_id = self.salesman_all
        with self.assertRaises(AccessError):
            hold.with_user(self.salesman).action_release(self.reason.id)
        self.assertEqual(hold.state, "held")
