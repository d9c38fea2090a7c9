from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .ship_common import ShipGateCommon


@tagged("post_install", "-at_install")
class TestShipRelease(ShipGateCommon):
    """From the hold to the truck: money, people with authority, days of grace."""

    # Money, without a human

    def test_receipt_of_the_overdue_items_frees_it(self):
        order = self.shipped_order(5)
        order.picking_ids.scheduled_date = self.tomorrow()
        invoice = self.late()
        self.check_shipments()
        self.recheck_wanted()
        self.pay(invoice)
        self.assertTrue(self.recheck_wanted())
        self.recheck()
        self.assertFreed(order.picking_ids, 5)

    def test_advance_for_the_order_frees_it(self):
        """The arrears stay; the goods are paid."""
        # otherwise money on account would lower the arrears themselves
        self.company.cartera_net_unapplied = False
        picking = self.held_shipment(5)
        self.recheck_wanted()
        self.advance(picking.sale_id, 499.99)
        self.assertTrue(self.recheck_wanted())
        self.recheck()
        self.assertEqual(picking.credit_state, "held")
        self.advance(picking.sale_id, 0.01)
        self.assertTrue(self.recheck_wanted())
        self.recheck()
        self.assertFreed(picking, 5)

    def advance(self, order, amount):
        payment = self.money_in(amount, post=False)
        payment.cartera_order_id = order
        payment.action_post()
        return payment

    def assertFreed(self, picking, quantity):
        self.assertEqual(picking.credit_state, "released")
        hold = picking.sudo().credit_hold_ids
        self.assertFalse(hold.released_by)
        self.assertIn("cleared", hold.log_ids.mapped("event"))
        self.assertEqual(sum(picking.move_ids.mapped("quantity")), quantity)
        self.ship(picking)
        self.assertEqual(picking.state, "done")

    def test_without_automatic_release_it_waits_for_a_click(self):
        self.company.cartera_auto_release = False
        order = self.shipped_order(5)
        picking = order.picking_ids
        picking.scheduled_date = self.tomorrow()
        invoice = self.late()
        self.check_shipments()
        self.pay(invoice)
        self.recheck()
        self.assertEqual(picking.credit_state, "ready")
        with self.assertRaises(UserError):
            self.ship(picking.with_user(self.storekeeper))
        self.ship_hold(picking).with_user(self.executive).action_release(
            self.reason.id, "paid"
        )
        self.ship(picking.with_user(self.storekeeper))
        self.assertEqual(picking.state, "done")

    # People

    def test_release_by_overdue_and_by_line_are_two_acts_of_two_authorities(self):
        order = self.shipped_order(5)
        picking = order.picking_ids
        picking.scheduled_date = self.tomorrow()
        self.late(600)
        self.check_shipments()
        hold = self.ship_hold(picking)
        self.assertEqual(
            sorted(hold.reason_ids.mapped("code")), ["over_limit", "overdue_days"]
        )
        # 100 over the line, 600 overdue
        self.assertEqual((hold.excess_amount, hold.overdue_amount), (100, 600))
        self.set_authority("release_limit", 100)
        self.set_authority("release_overdue", 599)
        clerk = hold.with_user(self.executive)
        with self.assertRaises(AccessError):
            clerk.action_release(
                self.env.ref("cartera_cobranza.release_reason_promise").id, "x"
            )
        clerk.action_release(
            self.env.ref("cartera_cobranza.release_reason_increase").id, "under way"
        )
        self.assertEqual(picking.credit_state, "held")
        with self.assertRaisesRegex(UserError, "60 days"):
            self.ship(picking.with_user(self.storekeeper))
        self.set_authority("release_overdue", 600)
        clerk.action_release(
            self.env.ref("cartera_cobranza.release_reason_promise").id, "promised"
        )
        self.assertEqual(picking.credit_state, "released")
        self.assertEqual(sum(picking.move_ids.mapped("quantity")), 5)
        self.ship(picking.with_user(self.storekeeper))
        self.assertEqual(picking.state, "done")

    def set_authority(self, kind, amount):
        Authority = self.env["cartera.authority"].sudo()
        executives = self.env.ref("cartera_cobranza.group_credit_executive")
        Authority.search(
            [("kind", "=", kind), ("group_id", "=", executives.id)]
        ).unlink()
        Authority.create(
            {
                "kind": kind,
                "group_id": executives.id,
                "company_id": self.company.id,
                "amount": amount,
            }
        )

    def test_bad_input_of_a_release_is_refused(self):
        picking = self.held_shipment()
        hold = self.ship_hold(picking).with_user(self.credit_manager)
        yesterday = fields.Date.add(self.company._cartera_today(), days=-1)
        with self.assertRaisesRegex(UserError, "reason"):
            hold.action_release(False, "x")
        with self.assertRaisesRegex(UserError, str(yesterday)):
            hold.action_release(self.reason.id, "x", yesterday)
        picking.sale_id.sudo().user_id = self.credit_manager
        with self.assertRaisesRegex(AccessError, "own order"):
            hold.action_release(self.reason.id, "x")
        with self.assertRaisesRegex(UserError, "needs a text"):
            self.env["cartera.credit.hold"].with_user(self.executive).action_force(
                picking, " "
            )

    def test_release_of_a_shipped_document_is_refused(self):
        picking = self.held_shipment()
        hold = self.ship_hold(picking)
        self.company.cartera_gate = "off"  # the hold is not by hand: the goods leave
        self.ship(picking)
        self.assertEqual((hold.state, picking.state), ("released", "done"))
        with self.assertRaisesRegex(UserError, "closed already"):
            hold.with_user(self.credit_manager).action_release(self.reason.id, "x")
        with self.assertRaisesRegex(UserError, "nothing left"):
            self.env["cartera.credit.hold"].with_user(self.executive).action_force(
                picking, "too late"
            )

    def test_held_by_hand_it_never_clears(self):
        picking = self.shipped_order(5).picking_ids
        Hold = self.env["cartera.credit.hold"].with_user(self.executive)
        hold = Hold.browse(Hold.action_force(picking, "Address looks odd")).sudo()
        self.assertEqual((hold.checkpoint, hold.forced), ("ship", True))
        self.recheck()
        self.company.cartera_gate = "off"
        with self.assertRaisesRegex(UserError, "held by hand"):
            self.ship(picking)
        self.company.cartera_gate = "block"
        with self.assertRaisesRegex(UserError, "evidence"):
            hold.with_user(self.credit_manager).action_release(self.reason.id, "ok")
        evidence = (
            self.env["ir.attachment"]
            .with_user(self.credit_manager)
            .create({"name": "call.txt", "raw": b"ok"})
        )
        hold.with_user(self.credit_manager).action_release(
            self.reason.id, "ok", evidence_ids=evidence.ids
        )
        self.ship(picking)
        self.assertEqual(picking.state, "done")

    def test_rejected_it_stays(self):
        picking = self.held_shipment()
        self.ship_hold(picking).with_user(self.executive).action_reject("No more")
        self.assertEqual(picking.credit_state, "rejected")
        self.assertEqual(picking.credit_hold_text, "No more")
        self.pay(
            self.env["account.move"].search(
                [("partner_id", "=", self.buyer.id), ("move_type", "=", "out_invoice")]
            )
        )
        with self.assertRaisesRegex(UserError, "No more"):
            self.ship(picking)
        picking.action_cancel()
        self.assertEqual(picking.credit_state, "none")

    # Days of grace

    def test_released_on_day_1_with_two_days_of_grace_it_is_asked_again_on_day_4(self):
        """domain 1.2, D365: confirmed and released on day 1; days 2 and 3 ship, day 4 is checked."""
        self.env["cartera.credit.rule"].sudo().search([]).grace_days = 2
        self.late(100)
        order = self.order(lines=[(self.stored, 5, 100)])
        order.action_confirm()
        hold = self.assertHeld(order, "overdue_days")
        today = self.company._cartera_today()
        hold.with_user(self.credit_manager).action_release(
            self.reason.id, "agreed", today + timedelta(days=30)
        )
        self.assertEqual(hold.next_check_date, today + timedelta(days=3))
        picking = order.picking_ids
        picking.action_assign()
        Gate = self.env["cartera.customer"].sudo()
        for day, passes in ((0, True), (1, True), (2, True), (3, False)):
            with self.on_day(day), self.subTest(day=day + 1):
                decision = Gate._judge(self.company, picking, "ship", {})[picking.id]
                self.assertEqual(decision.passes, passes)
        with self.on_day(3), self.assertRaisesRegex(UserError, "days"):
            self.ship(picking)
        with self.on_day(2):
            self.ship(picking)
        self.assertEqual(picking.state, "done")

    def test_grace_of_the_shortest_rule_counts(self):
        rules = self.env["cartera.credit.rule"].sudo()
        rules.search([]).grace_days = 9
        rules.search([("condition", "=", "over_limit")]).grace_days = 0
        self.late(600)
        order = self.order(lines=[(self.stored, 5, 100)])
        order.action_confirm()
        hold = self.assertHeld(order, "over_limit", "overdue_days")
        hold.with_user(self.credit_manager).action_release(self.reason.id, "x")
        today = self.company._cartera_today()
        self.assertEqual(hold.next_check_date, today + timedelta(days=1))

    def test_grace_covers_what_was_released_and_nothing_else(self):
        """Released for the line; what is overdue since then is a reason of its own."""
        order = self.order(lines=[(self.stored, 11, 100)])
        order.action_confirm()
        self.assertHeld(order, "over_limit").with_user(
            self.credit_manager
        ).action_release(self.reason.id, "agreed")
        self.late(50)
        with self.assertRaisesRegex(UserError, "60 days") as caught:
            self.ship(order.picking_ids)
        self.assertNotIn("over the line", str(caught.exception))

    def test_own_release_counts_until_its_review_date(self):
        picking = self.held_shipment()
        today = self.company._cartera_today()
        self.ship_hold(picking).with_user(self.credit_manager).action_release(
            self.reason.id, "agreed", today + timedelta(days=3)
        )
        with self.on_day(4), self.assertRaisesRegex(UserError, "days"):
            self.ship(picking)
        with self.on_day(3):
            self.ship(picking)
        self.assertEqual(picking.state, "done")

    def test_each_shipment_of_an_order_is_tested_once(self):
        """Two deliveries: the release of one is not that of the other."""
        order = self.shipped_order(4)
        first = order.picking_ids
        order.order_line.product_uom_qty = 6
        first.move_ids.product_uom_qty = 4
        second = first.copy({"move_ids": []})
        first.move_ids.copy({"picking_id": second.id, "product_uom_qty": 2})
        second.action_confirm()
        (first | second).scheduled_date = self.tomorrow()
        self.late()
        self.check_shipments()
        self.assertEqual(set((first | second).mapped("credit_state")), {"held"})
        self.ship_hold(first).with_user(self.credit_manager).action_release(
            self.reason.id, "agreed"
        )
        self.assertEqual(
            (first.credit_state, second.credit_state), ("released", "held")
        )
        self.ship(first)
        with self.assertRaises(UserError):
            self.ship(second)

    # What is left of a shipment

    def test_backorder_of_a_released_shipment_is_not_asked_again(self):
        picking = self.held_shipment(6)
        self.ship_hold(picking).with_user(self.credit_manager).action_release(
            self.reason.id, "agreed"
        )
        self.ship(picking, quantity=2)
        rest = picking.backorder_ids
        self.assertEqual(len(rest), 1)
        self.check_shipments()
        self.assertNotEqual(rest.credit_state, "held")
        self.ship(rest)
        self.assertEqual(rest.state, "done")

    def test_backorder_of_a_held_shipment_is_held(self):
        """Split by hand while it is held: both parts wait, and a hold by hand stays one."""
        by_hand = self.shipped_order(2).picking_ids
        late = self.held_shipment(2)
        self.env["cartera.credit.hold"].with_user(self.executive).action_force(
            by_hand, "odd"
        )
        for picking, forced in ((late, False), (by_hand, True)):
            with self.subTest(forced=forced):
                picking.move_ids.quantity = 1
                picking.action_split_transfer()
                rest = picking.backorder_ids
                self.assertEqual(len(rest), 1)
                hold = self.ship_hold(rest)
                self.assertEqual(len(hold), 1)
                self.assertEqual(hold.forced, forced)
                self.assertEqual(
                    hold.reason_ids.mapped("code"),
                    self.ship_hold(picking).reason_ids.mapped("code"),
                )
                with self.assertRaises(UserError):
                    self.ship(rest)

    # What ends with the document

    def test_cancelled_and_deleted_shipments_leave_no_hold(self):
        second = self.shipped_order(1).picking_ids
        second.scheduled_date = self.tomorrow()
        picking = self.held_shipment(1)
        for one, cancel in (
            (picking, picking.action_cancel),
            (second, second.sale_id._action_cancel),
        ):
            hold = self.ship_hold(one)
            self.assertEqual(hold.state, "held")
            cancel()
            self.assertEqual((hold.state, one.credit_state), ("cancelled", "none"))

    def test_hold_of_the_order_comes_before_that_of_the_shipment(self):
        """An order that grows while its shipment is held: both must be released."""
        picking = self.held_shipment(5)
        order = picking.sale_id
        order.order_line.product_uom_qty = 15
        self.assertEqual(order.credit_state, "held")
        self.ship_hold(picking).with_user(self.credit_manager).action_release(
            self.reason.id, "agreed"
        )
        self.assertEqual(picking.credit_state, "held")
        with self.assertRaisesRegex(UserError, "over the line"):
            self.ship(picking)
