from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CreditSaleCommon


@tagged("post_install", "-at_install")
class TestGateRelease(CreditSaleCommon):
    """From held to confirmed: released by people, cleared by money, rejected, forced, forgotten."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line = cls.credit(cls.buyer, 1000)

    def held_order(self, amount=1050, **vals):
        order = self.order(amount, **vals)
        order.action_confirm()
        self.assertEqual(order.credit_state, "held")
        return order, self.open_hold(order)

    def run_recheck(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "cartera_cobranza.ir_cron_recheck_holds"
            ).method_direct_trigger()

    # Release

    def test_release_confirms_the_order(self):
        order, hold = self.held_order()
        hold.with_user(self.executive).action_release(
            self.reason.id, "paid at the bank"
        )
        self.assertConfirmed(order)
        self.assertEqual((hold.state, order.credit_state), ("released", "released"))
        self.assertEqual(
            (hold.released_by, hold.reason_ids.released_by),
            (self.executive, self.executive),
        )
        self.assertEqual(hold.reason_ids.release_reason_id, self.reason)
        self.assertFalse(hold.activity_ids)
        self.assertEqual(self.position()["exposure"], 1050)

    def test_release_leaves_the_confirmation_to_people_where_the_company_wants_so(self):
        self.company.cartera_confirm_on_release = False
        order, hold = self.held_order()
        hold.with_user(self.executive).action_release(self.reason.id)
        self.assertEqual((order.state, order.credit_state), ("draft", "released"))
        order.with_user(self.salesman).action_confirm()
        self.assertConfirmed(order)
        self.assertEqual(len(order.credit_hold_ids), 1)

    def test_release_is_lost_when_the_quotation_rises(self):
        self.company.cartera_confirm_on_release = False
        order, hold = self.held_order()
        hold.with_user(self.executive).action_release(self.reason.id)
        order.order_line.price_unit = 1050.01
        order.action_confirm()
        self.assertNotEqual(self.assertHeld(order, "over_limit"), hold)

    def test_release_is_lost_by_worse_terms_and_by_a_new_line(self):
        self.company.cartera_confirm_on_release = False
        for change in (
            {"payment_term_id": self.term60.id},
            {
                "order_line": [
                    Command.create({"product_id": self.goods.id, "price_unit": 1})
                ]
            },
        ):
            order, hold = self.held_order()
            hold.with_user(self.credit_manager).action_release(self.reason.id)
            order.order_line.price_unit = 1040
            order.write(change)
            order.action_confirm()
            self.assertHeld(order, "over_limit")
            order._action_cancel()

    def test_release_ends_after_its_review_date(self):
        self.company.cartera_confirm_on_release = False
        order, hold = self.held_order()
        hold.with_user(self.executive).action_release(
            self.reason.id, review_date=fields.Date.today()
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE cartera_credit_hold SET review_date = review_date - 1 WHERE id = %s",
            [hold.id],
        )
        hold.invalidate_recordset()
        order.action_confirm()
        self.assertHeld(order, "over_limit")

    def test_hold_cleared_by_money_is_no_licence_for_later(self):
        """A clear says that the order fitted then; confirmed later it is checked like any other."""
        self.company.cartera_confirm_on_release = False
        order, hold = self.held_order(1050)
        money = self.money_in(100)
        hold.action_recheck()
        self.assertEqual((hold.state, order.state), ("released", "draft"))
        money.action_draft()
        order.action_confirm()
        self.assertNotEqual(self.assertHeld(order, "over_limit"), hold)

    def test_partial_release_is_lost_when_the_quotation_rises(self):
        """The line was released at 200; the overdue balance is still open; then the order becomes 5,000."""
        invoice = self.direct_invoice(
            900, invoice_date="2020-01-01", invoice_date_due="2020-01-01"
        )
        order, hold = self.held_order(200)
        line_reason = self.env.ref("cartera_cobranza.release_reason_increase")
        hold.with_user(self.credit_manager).action_release(line_reason.id)
        self.assertEqual(hold.state, "held")
        self.assertEqual(hold.reason_ids.filtered("is_open").code, "overdue_days")
        order.order_line.price_unit = 5000
        self._register_payment(invoice)
        hold.action_recheck()
        self.assertHeld(order, "over_limit")

    def test_one_release_for_the_line_and_one_for_the_overdue_balance(self):
        """They may belong to different people; the last one confirms the order."""
        self.direct_invoice(
            900, invoice_date="2020-01-01", invoice_date_due="2020-01-01"
        )
        order, hold = self.held_order(200)
        hold.with_user(self.credit_manager).action_release(
            self.env.ref("cartera_cobranza.release_reason_promise").id
        )
        self.assertEqual(order.state, "draft")
        hold.with_user(self.credit_manager).action_release(
            self.env.ref("cartera_cobranza.release_reason_increase").id
        )
        self.assertConfirmed(order)

    def test_release_within_authority_only(self):
        """10 % of a line of 1,000: 100 over pass, 100.01 do not."""
        order, hold = self.held_order(1100.01)
        with self.assertRaises(AccessError):
            hold.with_user(self.executive).action_release(self.reason.id)
        order.order_line.price_unit = 1100
        order.action_confirm()
        hold.with_user(self.executive).action_release(self.reason.id)
        self.assertConfirmed(order)

    def test_mass_release_goes_on_past_those_that_cannot(self):
        """Item 20: a report of those that were not, and the others go on."""
        small, small_hold = self.held_order(1010)
        big, big_hold = self.held_order(9000)
        own, own_hold = self.held_order(1020, user_id=self.executive.id)
        result = (
            (small_hold | big_hold | own_hold)
            .with_user(self.executive)
            .action_release(self.reason.id)
        )
        self.assertConfirmed(small)
        self.assertEqual((big | own).mapped("state"), ["draft", "draft"])
        self.assertIn(big.name, result["params"]["message"])
        self.assertIn(own.name, result["params"]["message"])

    def test_release_refuses_bad_input(self):
        order, hold = self.held_order()
        hold = hold.with_user(self.executive)
        note_reason = self.env.ref("cartera_cobranza.release_reason_other")
        yesterday = fields.Date.subtract(fields.Date.today(), days=1)
        for arguments in (
            (False,),
            (10**9,),
            (note_reason.id, "  "),
            (self.reason.id, "note", yesterday),
            (self.env.ref("cartera_cobranza.release_reason_promise").id,),
        ):
            with (
                self.subTest(arguments=arguments),
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                hold.action_release(*arguments)
        hold.action_release(self.reason.id, "note", fields.Date.today())
        with self.assertRaises(UserError):
            hold.action_release(self.reason.id)
        self.assertConfirmed(order)

    def test_order_released_but_refused_by_odoo_stays_released(self):
        """What Odoo refuses for its own reasons is written down; the release stands."""
        order, hold = self.held_order()
        self.env.flush_all()
        self.assertTrue(order.order_line.product_id)
        self.env.cr.execute(
            "UPDATE sale_order_line SET product_id = NULL WHERE order_id = %s",
            [order.id],
        )
        self.env.invalidate_all()
        hold.with_user(self.executive).action_release(self.reason.id)
        self.assertEqual((order.state, hold.state), ("draft", "released"))
        self.assertIn("error", hold.log_ids.mapped("event"))

    # Reject

    def test_reject_cancels_the_quotation(self):
        order, hold = self.held_order()
        with self.assertRaises(UserError):
            hold.with_user(self.executive).action_reject(" ")
        hold.with_user(self.executive).action_reject("no more credit")
        self.assertEqual(
            (order.state, order.credit_state, hold.state),
            ("cancel", "rejected", "rejected"),
        )
        order.action_draft()
        self.assertEqual(order.credit_state, "none")
        order.action_confirm()
        self.assertHeld(order, "over_limit")

    def test_reject_of_a_grown_order_keeps_it_stopped(self):
        order = self.order(1000)
        order.action_confirm()
        order.order_line.price_unit = 2000
        self.open_hold(order).with_user(self.executive).action_reject("too much")
        self.assertEqual((order.state, order.credit_state), ("sale", "rejected"))
        order.order_line.price_unit = 1000
        self.assertEqual(order.credit_state, "none")

    # Clearing by itself

    def test_money_arriving_confirms_by_the_triggered_job(self):
        order, hold = self.held_order(1050)
        self.recheck_wanted()
        self.money_in(49)
        self.run_recheck()
        self.assertHeld(order, "over_limit")
        self.money_in(1)
        self.assertTrue(self.recheck_wanted())
        self.run_recheck()
        self.assertConfirmed(order)
        self.assertEqual((hold.state, order.credit_state), ("released", "released"))
        self.assertEqual(hold.log_ids.mapped("event").count("cleared"), 1)

    def test_everything_that_frees_credit_calls_for_the_job(self):
        """Item 10: payment, credit note, a cancelled order, a higher limit, a temporary one, the group's."""
        invoice = self.direct_invoice(500)
        other = self.order(100)
        other.action_confirm()
        _order, _hold = self.held_order(1000)
        self.recheck_wanted()

        def temporary():
            line = self.account(self.buyer).line_id
            today = fields.Date.today()
            self.env["cartera.credit.temporary"].sudo().create(
                {
                    "line_id": line.id,
                    "amount": 1500,
                    "date_from": today,
                    "date_to": today,
                }
            ).action_activate()

        for name, act in {
            "payment": lambda: self.money_in(1),
            "credit note": lambda: self.credit_note(invoice, price_unit=1),
            "cancelled order": other._action_cancel,
            "limit": lambda: self.credit(self.buyer, 1010),
            "temporary": temporary,
            "settings": lambda: self.company.write({"cartera_default_amount": 1}),
        }.items():
            with self.subTest(name):
                act()
                self.assertTrue(self.recheck_wanted())
        self.direct_invoice(10, self.other_buyer)
        self.assertFalse(
            self.recheck_wanted(), "what happens to another customer calls for nothing"
        )

    def test_limit_raised_confirms(self):
        order, _hold = self.held_order(1050)
        self.credit(self.buyer, 1050)
        self.run_recheck()
        self.assertConfirmed(order)

    def test_fellow_members_payment_clears(self):
        self.group(1000, self.buyer, self.other_buyer)
        self.direct_invoice(400, self.other_buyer)
        order, _hold = self.held_order(700)
        self.recheck_wanted()
        self.money_in(100, self.other_buyer)
        self.assertTrue(self.recheck_wanted())
        self.run_recheck()
        self.assertConfirmed(order)

    def test_older_hold_is_served_first(self):
        """Two held orders, free credit for one of them."""
        first, _one = self.held_order(1050)
        second, _two = self.held_order(1060)
        self.credit(self.buyer, 1100)
        self.run_recheck()
        self.assertConfirmed(first)
        self.assertHeld(second, "over_limit")

    def test_place_in_the_queue_is_kept_when_held_orders_count(self):
        """The first fits, though the second, held after it, is not yet decided."""
        self.company.cartera_count_held = True
        first, _one = self.held_order(1050)
        second, _two = self.held_order(1060)
        self.credit(self.buyer, 1100)
        self.run_recheck()
        self.assertConfirmed(first)
        self.assertHeld(second, "over_limit")

    def test_without_auto_release_a_cleared_hold_waits_for_a_click(self):
        self.company.cartera_auto_release = False
        order, hold = self.held_order(1050)
        self.money_in(50)
        self.run_recheck()
        self.assertEqual(
            (hold.state, order.credit_state, order.state), ("ready", "ready", "draft")
        )
        order.with_user(self.salesman).action_confirm()
        self.assertEqual(order.state, "draft")
        hold.with_user(self.executive).action_release(self.reason.id)
        self.assertConfirmed(order)

    def test_ready_hold_goes_back_when_the_credit_is_used_up(self):
        self.company.cartera_auto_release = False
        order, hold = self.held_order(1050)
        self.money_in(50)
        self.run_recheck()
        self.direct_invoice(500)
        self.run_recheck()
        self.assertEqual((hold.state, order.credit_state), ("held", "held"))
        self.assertTrue(hold.reason_ids.is_open)

    def test_forced_hold_never_clears(self):
        order = self.order(10)
        with self.assertRaises(UserError):
            self.Hold.with_user(self.executive).action_force(order, "")
        with self.assertRaises(AccessError):
            self.Hold.with_user(self.salesman).action_force(order, "me")
        self.Hold.with_user(self.executive).action_force(order, "stolen papers?")
        hold = self.open_hold(order)
        self.assertTrue(hold.forced)
        self.run_recheck()
        hold.action_recheck()
        order.action_confirm()
        self.assertEqual(
            (order.state, order.credit_state, hold.state), ("draft", "held", "held")
        )
        with self.assertRaises(UserError):
            hold.with_user(self.executive).action_release(self.reason.id, "fine")
        proof = (
            self.env["ir.attachment"]
            .with_user(self.executive)
            .create({"name": "papers", "raw": b"x"})
        )
        hold.with_user(self.executive).action_release(
            self.reason.id, "fine", evidence_ids=proof.ids
        )
        self.assertConfirmed(order)

    def test_recheck_of_a_gone_order_closes_its_hold(self):
        order, hold = self.held_order()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET state = 'cancel' WHERE id = %s", [order.id]
        )
        self.env.invalidate_all()
        hold.action_recheck()
        self.assertEqual(hold.state, "cancelled")

    def test_one_bad_customer_does_not_stop_the_others(self):
        """A hold that cannot be checked is logged with its reason; the next ones are served."""
        bad, bad_hold = self.held_order(1050)
        self.credit(self.other_buyer, 100)
        good, _hold = self.held_order(150, partner=self.other_buyer)
        self.credit(self.buyer, 2000)
        self.credit(self.other_buyer, 200)
        lost = self.env["res.currency"].create({"name": "ZZR", "symbol": "Z"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET currency_id = %s WHERE id = %s", [lost.id, bad.id]
        )
        self.env.invalidate_all()
        with self.assertLogs("odoo.addons.cartera_cobranza", "WARNING") as caught:
            self.run_recheck()
        self.assertIn("ZZR", "".join(caught.output))
        self.assertConfirmed(good)
        self.assertEqual((bad.state, bad_hold.state), ("draft", "held"))

    # History

    def test_history_cannot_be_edited_or_deleted(self):
        """Not by managers, not in sudo; neither reasons nor log lines nor the state of an order."""
        order, hold = self.held_order()
        manager = hold.with_user(self.credit_manager)
        for attempt in (
            lambda: manager.write({"state": "released"}),
            manager.unlink,
            lambda: manager.reason_ids.write({"measured": 0}),
            manager.reason_ids.unlink,
            manager.log_ids.unlink,
            lambda: manager.log_ids.write({"note": "x"}),
            hold.unlink,
            hold.log_ids.unlink,
            lambda: hold.log_ids.write({"note": "x"}),
            lambda: order.write({"credit_state": "released"}),
            lambda: order.with_user(self.salesman).write(
                {"credit_hold_ids": [Command.delete(hold.id)]}
            ),
            lambda: self.env["sale.order"].create(
                {"partner_id": self.buyer.id, "credit_state": "released"}
            ),
        ):
            with self.assertRaises(UserError):
                attempt()
        hold.with_user(self.executive).action_release(self.reason.id)
        for attempt in (
            lambda: hold.write({"release_note": "x"}),
            lambda: hold.reason_ids.write({"measured": 0}),
        ):
            with self.assertRaises(UserError):
                attempt()
