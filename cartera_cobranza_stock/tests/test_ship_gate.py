from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .ship_common import ShipGateCommon


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
