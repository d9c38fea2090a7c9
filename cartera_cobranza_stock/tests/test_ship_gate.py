from datetime import datetime, time, timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import CreditStockCommon


class ShipGateCommon(CreditStockCommon):
    """Confirmed and reserved orders, whose customers fall into arrears afterwards."""

    def tomorrow(self, days=1):
        day = fields.Date.add(self.company._cartera_today(), days=days)
        return datetime.combine(day, time(12))

    def late(self, amount=100, partner=None, days=60):
        """An invoice that is overdue since ``days``."""
        due = fields.Date.add(self.company._cartera_today(), days=-days)
        return self.direct_invoice(
            amount, partner, invoice_date=due, invoice_date_due=due
        )

    def pay(self, invoice):
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({})
        )
        return wizard._create_payments()

    def ship_hold(self, picking):
        return self.Hold.search(
            [
                ("res_model", "=", "stock.picking"),
                ("res_id", "=", picking.id),
                ("state", "in", ("held", "ready")),
            ]
        )

    def check_shipments(self):
        """What the job does at noon."""
        with self.enter_registry_test_mode():
            self.env.ref(
                "cartera_cobranza_stock.ir_cron_check_shipments"
            ).method_direct_trigger()

    def recheck(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "cartera_cobranza.ir_cron_recheck_holds"
            ).method_direct_trigger()

    def held_shipment(self, quantity=5, **vals):
        """A shipment of tomorrow that the job holds, for what is overdue."""
        order = self.shipped_order(quantity, **vals)
        order.picking_ids.scheduled_date = self.tomorrow()
        self.late()
        self.check_shipments()
        picking = order.picking_ids
        self.assertEqual(picking.credit_state, "held")
        return picking

    def on_day(self, days):
        """The company's day is ``days`` later."""
        day = fields.Date.add(self.company._cartera_today(), days=days)
        return patch.object(
            self.env.registry["res.company"], "_cartera_today", lambda company: day
        )


@tagged("post_install", "-at_install")
class TestShipGate(ShipGateCommon):
    """The gate at the door of the warehouse."""

    def test_what_failed_since_the_confirmation_is_refused_with_limit_and_figures(self):
        order = self.shipped_order(5)
        self.late(100)
        picking = order.picking_ids
        with self.assertRaises(UserError) as caught:
            self.ship(picking.with_user(self.storekeeper))
        text = str(caught.exception).replace(",", ".")
        # 5 at 100 are ordered and 100 are owed: 600 of 1,000
        for word in (
            picking.name,
            order.name,
            "60 days",
            "1.000.00",
            "600.00",
            "100.00",
        ):
            self.assertIn(word, text)
        self.assertEqual(picking.state, "assigned")

    def test_no_door_leads_round_it(self):
        picking = self.shipped_order(5).picking_ids
        self.late()
        move = picking.move_ids
        move.write({"quantity": 5, "picked": True})
        doors = {
            "_action_done": picking._action_done,
            "a move": move._action_done,
            "a written state": lambda: move.write({"state": "done"}),
            "without sanity checks": picking.with_context(
                skip_sanity_check=True, skip_backorder=True, skip_immediate=True
            ).button_validate,
            "the name of an answered wizard": picking.with_context(
                button_validate_picking_ids=picking.ids, skip_backorder=True
            ).button_validate,
            "our own names": picking.with_context(
                cartera_shipments_passed=picking.ids, cartera_gate_tokens=True
            ).button_validate,
            "a move that is made done": lambda: move.copy({"state": "done"}),
        }
        for name, door in doors.items():
            with self.subTest(name), self.assertRaises(UserError):
                door()
        self.assertNotEqual(picking.state, "done")

    def test_backorder_wizard_of_a_shipment_that_failed_meanwhile(self):
        """The wizard was opened when all was well, and answered when it no longer was."""
        picking = self.shipped_order(5).picking_ids
        picking.move_ids.write({"quantity": 2, "picked": True})
        action = picking.with_context(skip_sms=True).button_validate()
        self.assertEqual(action["res_model"], "stock.backorder.confirmation")
        self.late()
        wizard = Form(
            self.env["stock.backorder.confirmation"].with_context(**action["context"])
        ).save()
        for verb in ("process", "process_cancel_backorder"):
            with self.subTest(verb), self.assertRaisesRegex(UserError, "60 days"):
                getattr(wizard, verb)()

    def test_immediate_transfer_without_typed_quantities(self):
        """Nobody typed or picked anything: what is reserved would ship."""
        picking = self.shipped_order(5).picking_ids
        self.late()
        with self.assertRaisesRegex(UserError, "60 days"):
            picking.with_context(skip_sms=True).button_validate()

    def test_within_the_limit_and_in_time_it_ships_without_a_word(self):
        picking = self.shipped_order(10).picking_ids  # all of the line of 1,000
        self.ship(picking.with_user(self.storekeeper))
        self.assertEqual(picking.state, "done")
        self.assertFalse(picking.credit_hold_ids)

    def test_more_than_was_ordered_is_new_debt(self):
        """10 at 100 fill the line; 11 would be 100 over it."""
        picking = self.shipped_order(10).picking_ids
        with self.assertRaisesRegex(UserError, "over the line by .*100.00"):
            self.ship(picking, quantity=11)
        self.ship(picking, quantity=10)
        self.assertEqual(picking.state, "done")

    def test_beyond_the_horizon_it_is_new_debt(self):
        """Ordered for later than the horizon, it was not counted; shipped now, it is."""
        self.company.cartera_horizon_days = 10
        order = self.shipped_order(8, commitment_date=self.tomorrow(30))
        self.direct_invoice(300)
        with self.assertRaisesRegex(UserError, "over the line by .*100.00"):
            self.ship(order.picking_ids)

    def test_gate_off_and_warn(self):
        for gate, messages in (("off", 0), ("warn", 1)):
            picking = self.shipped_order(1).picking_ids
            self.late()
            self.company.cartera_gate = gate
            self.ship(picking)
            self.assertEqual(picking.state, "done")
            warned = picking.message_ids.filtered(
                lambda message: "60 days" in (message.body or "")
            )
            self.assertEqual(len(warned), messages, gate)
            self.company.cartera_gate = "block"
            self.pay(
                self.env["account.move"].search(
                    [
                        ("payment_state", "=", "not_paid"),
                        ("partner_id", "=", self.buyer.id),
                        ("move_type", "=", "out_invoice"),
                    ]
                )
            )

    def test_the_company_of_the_shipment_decides(self):
        """Who looks from another company gets the same answer."""
        picking = self.shipped_order(5).picking_ids
        self.late()
        other = (
            self.company_data_2["company"]
            if hasattr(self, "company_data_2")
            else self.env["res.company"].sudo().create({"name": "Other"})
        )
        self.assertEqual(other.cartera_gate, "off")
        self.env.user.sudo().company_ids |= other
        with self.assertRaisesRegex(UserError, "60 days"):
            self.ship(picking.with_company(other))

    def test_delivered_goods_can_always_be_invoiced(self):
        self.stored.invoice_policy = "delivery"
        order = self.shipped_order(6)
        self.ship(order.picking_ids, quantity=2)
        self.late()
        rest = order.picking_ids.filtered(lambda one: one.state != "done")
        self.env["cartera.credit.hold"].with_user(self.executive).action_force(
            f"stock.picking,{rest.id}", "Looks odd"
        )
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual((invoice.state, invoice.amount_total), ("posted", 200))

    # Several at once

    def test_one_failing_shipment_of_many_is_named_and_none_leaves(self):
        good = self.shipped_order(1, partner=self.other()).picking_ids
        bad = self.shipped_order(1).picking_ids
        self.late()
        with self.assertRaisesRegex(UserError, bad.name) as caught:
            self.ship(good | bad)
        self.assertNotIn(good.name, str(caught.exception))
        self.assertEqual(good.state, "assigned")

    def other(self):
        self.credit(self.other_buyer, 1000)
        return self.other_buyer

    def test_batch_transfer(self):
        if "stock.picking.batch" not in self.env:
            self.assertNotIn("batch_id", self.env["stock.picking"]._fields)
            return
        good = self.shipped_order(1, partner=self.other()).picking_ids
        bad = self.shipped_order(1).picking_ids
        self.late()
        batch = self.env["stock.picking.batch"].create(
            {
                "picking_type_id": good.picking_type_id.id,
                "picking_ids": [Command.set((good | bad).ids)],
            }
        )
        batch.action_confirm()
        with self.assertRaisesRegex(UserError, bad.name):
            batch.action_done()
        self.assertEqual(set((good | bad).mapped("state")), {"assigned"})

    # What is never stopped

    def test_pick_step_of_a_delivery_in_two_steps_goes_and_the_truck_waits(self):
        self.warehouse.delivery_steps = "pick_ship"
        order = self.order(lines=[(self.stored, 5, 100)])
        order.action_confirm()
        pick = order.picking_ids
        pick.action_assign()
        self.late()
        self.ship(pick)
        self.assertEqual(pick.state, "done")
        out = order.picking_ids.filtered(
            lambda one: one.picking_type_code == "outgoing"
        )
        self.assertEqual(len(out), 1)
        with self.assertRaisesRegex(UserError, "60 days"):
            self.ship(out)

    def test_replacement_of_goods_that_came_back_is_never_stopped(self):
        """A return that leaves the order as it is, and what goes out again for it: no new debt."""
        order = self.shipped_order(5)
        self.ship(order.picking_ids)
        done = order.picking_ids
        wizard = self.env["stock.return.picking"].create({"picking_id": done.id})
        wizard.product_return_moves.write({"quantity": 2, "to_refund": False})
        wizard.action_create_exchanges()
        back = order.picking_ids.filtered(
            lambda one: one.picking_type_code == "incoming"
        )
        again = order.picking_ids - done - back
        self.late()
        self.ship(back)
        self.assertEqual(back.state, "done")
        again.action_assign()
        self.ship(again)
        self.assertEqual(set(again.mapped("state")), {"done"})

    def test_goods_for_nothing_are_never_stopped(self):
        gift = self.order(lines=[(self.stored, 5, 0)])
        gift.action_confirm()
        self.late()
        self.assertEqual(gift.picking_ids.credit_state, "none")
        self.ship(gift.picking_ids)
        self.assertEqual(gift.picking_ids.state, "done")

    def test_what_a_supplier_sends_to_the_customer_is_noted(self):
        """It has left already; its order met the gate before anything was bought."""
        picking = self.shipped_order(5).picking_ids
        supplier = self.env.ref("stock.stock_location_suppliers")
        picking.do_unreserve()
        picking.location_id = supplier
        picking.move_ids.location_id = supplier
        self.late()
        self.assertEqual(picking.credit_state, "none")
        self.ship(picking)
        self.assertEqual(picking.state, "done")

    # Reservations

    def test_what_is_held_keeps_its_reservation_where_the_company_wants_so(self):
        self.company.cartera_held_reserve = True
        picking = self.held_shipment(5)
        self.assertEqual(sum(picking.move_ids.mapped("quantity")), 5)
        order = self.grown_order_of(self.other())
        self.assertEqual(sum(order.picking_ids.move_ids.mapped("quantity")), 15)

    def grown_order_of(self, partner):
        order = self.shipped_order(5, partner=partner)
        order.order_line.product_uom_qty = 15
        self.assertEqual(order.credit_state, "held")
        return order

    # Roles

    def test_storekeepers_read_the_banner_and_decide_nothing(self):
        picking = self.held_shipment().with_user(self.storekeeper)
        self.assertIn("60 days", picking.credit_hold_text)
        self.assertRegex(picking.credit_figures_text, r"1[.,]000[.,]00")
        for verb in ("action_check_shipments", "_check_executive"):
            with self.assertRaises(AccessError):
                getattr(
                    self.env["cartera.credit.hold"].with_user(self.storekeeper), verb
                )()
        with self.assertRaises(AccessError):
            picking.credit_hold_ids.action_release(self.reason.id, "x")

    def test_shipments_are_found_by_what_credit_says_of_them(self):
        third = self.new_partner("Third")
        self.credit(third, 1000)
        free = self.shipped_order(1, partner=third).picking_ids
        grown = self.grown_order_of(self.other()).picking_ids
        held = self.held_shipment(1)
        Picking = self.env["stock.picking"].with_user(self.storekeeper)
        ours = [("id", "in", (free | grown | held).ids)]
        for states, found in (
            (("held", "ready", "rejected"), grown | held),
            (("released",), Picking),
            (("none",), free),
            (("none", "held"), free | grown | held),
        ):
            with self.subTest(states):
                self.assertEqual(
                    Picking.search([*ours, ("credit_state", "in", states)]), found
                )
                self.assertEqual(
                    Picking.search([*ours, ("credit_state", "not in", states)]),
                    (free | grown | held) - found,
                )

    def test_executive_reads_shipments_and_cannot_change_them(self):
        picking = self.held_shipment().with_user(self.executive)
        self.assertTrue(picking.name)
        with self.assertRaises(AccessError):
            picking.write({"note": "x"})


@tagged("post_install", "-at_install")
class TestShipJob(ShipGateCommon):
    """At noon the shipments of tomorrow are looked at, so that nobody loads a truck for nothing."""

    def test_problems_of_tomorrow_are_on_the_queue_today(self):
        picking = self.held_shipment(5)
        hold = self.ship_hold(picking)
        self.assertEqual(
            (hold.checkpoint, hold.reason_ids.code, hold.customer_id.partner_id),
            ("ship", "overdue_days", self.buyer),
        )
        self.assertEqual(
            (hold.amount, hold.amount_document, hold.adds_exposure), (500, 500, False)
        )
        self.assertEqual(hold.promised_date, self.tomorrow().date())
        self.assertEqual(hold.salesperson_id, self.salesman)
        self.assertIn(picking.name, hold.name)
        self.assertEqual(hold.activity_ids.user_id, self.executive)
        # held goods reserve nothing
        self.assertEqual(sum(picking.move_ids.mapped("quantity")), 0)
        picking.action_assign()
        self.assertEqual(sum(picking.move_ids.mapped("quantity")), 0)
        # and are not what the customer owes twice
        self.assertEqual(self.position()["held_amount"], 0)

    def test_it_looks_at_tomorrow_and_at_what_is_late_and_no_further(self):
        days = {-3: "held", 0: "held", 1: "held", 2: "none"}
        pickings = {}
        for day in days:
            picking = self.shipped_order(1).picking_ids
            picking.scheduled_date = self.tomorrow(day)
            pickings[day] = picking
        self.late()
        self.check_shipments()
        found = {day: picking.credit_state for day, picking in pickings.items()}
        self.assertEqual(found, days)

    def test_tomorrow_ends_at_the_companys_midnight(self):
        """In Mexico City (UTC-6) tomorrow lasts until six in the morning of the day after, in UTC."""
        self.company.partner_id.tz = "America/Mexico_City"
        end = self.company._cartera_day_end(fields.Date.to_date("2026-01-20"))
        self.assertEqual(str(end), "2026-01-21 06:00:00")

    def test_twice_does_nothing_twice(self):
        picking = self.held_shipment()
        self.check_shipments()
        self.assertEqual(
            len(
                self.Hold.search(
                    [("res_id", "=", picking.id), ("res_model", "=", "stock.picking")]
                )
            ),
            1,
        )

    def test_what_is_fine_is_left_alone(self):
        picking = self.shipped_order(1).picking_ids
        picking.scheduled_date = self.tomorrow()
        self.check_shipments()
        self.assertEqual(picking.credit_state, "none")
        self.assertEqual(picking.state, "assigned")

    def test_one_that_cannot_be_checked_does_not_stop_the_others(self):
        bad = self.shipped_order(1).picking_ids
        good = self.shipped_order(1).picking_ids
        (bad | good).scheduled_date = self.tomorrow()
        self.late()
        Picking = self.env.registry["stock.picking"]
        honest = Picking._credit_stake
        problem = "no rate of that day"

        def amount(picking):
            if picking.id == bad.id:
                raise UserError(problem)
            return honest(picking)

        with (
            patch.object(Picking, "_credit_stake", amount),
            mute_logger(
                "odoo.addons.cartera_cobranza_stock.models.cartera_credit_hold"
            ),
        ):
            self.check_shipments()
        self.assertEqual((bad.credit_state, good.credit_state), ("none", "held"))

    def test_by_hand(self):
        picking = self.shipped_order(1).picking_ids
        picking.scheduled_date = self.tomorrow()
        self.late()
        Hold = self.env["cartera.credit.hold"].with_user(self.executive)
        action = Hold.action_check_shipments()
        self.assertEqual(action["params"]["type"], "warning")
        self.assertEqual(picking.credit_state, "held")
        self.assertEqual(Hold.action_check_shipments()["params"]["type"], "success")
        for login in (self.salesman, self.storekeeper):
            with self.assertRaises(AccessError):
                Hold.with_user(login).action_check_shipments()


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
