from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import CreditStockCommon


@tagged("post_install", "-at_install")
class TestShipment(CreditStockCommon):
    """What credit holds neither takes stock nor leaves; what comes back is never stopped."""

    def test_a_held_quotation_makes_no_shipment(self):
        order = self.order(lines=[(self.stored, 11, 100)])
        order.action_confirm()
        self.assertHeld(order, "over_limit")
        self.assertFalse(order.picking_ids)

    def test_a_held_order_gives_its_stock_back(self):
        order = self.grown_order()
        self.assertEqual(set(order.picking_ids.mapped("credit_state")), {"held"})
        self.assertNotIn("assigned", order.picking_ids.mapped("state"))
        self.assertEqual(sum(order.picking_ids.move_ids.mapped("quantity")), 0)
        order.picking_ids.action_assign()
        self.assertEqual(sum(order.picking_ids.move_ids.mapped("quantity")), 0)

    def test_a_held_shipment_is_refused_with_the_reason(self):
        order = self.grown_order()
        picking = order.picking_ids
        with self.assertRaisesRegex(UserError, "must not ship.*over the line"):
            self.ship(picking.with_user(self.storekeeper))
        with self.assertRaisesRegex(UserError, order.name):
            picking._action_done()
        for trick in ({"skip_credit_check": True}, {"cartera_gate": "off"}):
            with self.assertRaises(UserError):
                self.ship(picking.with_context(**trick))
        self.assertNotEqual(picking.state, "done")

    def test_one_held_shipment_stops_the_batch_before_anything_leaves(self):
        free = self.shipped_order(2)
        held = self.grown_order()
        with self.assertRaisesRegex(UserError, held.picking_ids.name):
            self.ship(free.picking_ids | held.picking_ids)
        self.assertEqual(free.picking_ids.state, "assigned")

    def test_a_release_reserves_again_and_the_goods_leave(self):
        order = self.grown_order()
        hold = self.open_hold(order)
        hold.with_user(self.credit_manager).action_release(
            self.reason.id, "agreed", self.today()
        )
        self.assertEqual(order.credit_state, "released")
        self.assertEqual(sum(order.picking_ids.move_ids.mapped("quantity")), 15)
        self.ship(order.picking_ids)
        self.assertEqual(set(order.picking_ids.mapped("state")), {"done"})

    def test_money_that_arrives_frees_the_shipment(self):
        order = self.grown_order()
        self.money_in(500)
        self.open_hold(order).action_recheck()
        self.assertEqual(order.credit_state, "released")
        self.assertEqual(sum(order.picking_ids.move_ids.mapped("quantity")), 15)

    def test_a_return_is_never_stopped(self):
        order = self.shipped_order(5)
        self.ship(order.picking_ids)
        self.direct_invoice(5000)
        order.order_line.product_uom_qty = 6
        self.assertEqual(order.credit_state, "held")
        done = order.picking_ids.filtered(lambda picking: picking.state == "done")
        wizard = Form(
            self.env["stock.return.picking"].with_context(
                active_ids=done.ids, active_id=done.id, active_model="stock.picking"
            )
        ).save()
        wizard.product_return_moves.quantity = 5
        back = self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )
        self.assertEqual(back.credit_state, "none")
        self.ship(back)
        self.assertEqual(back.state, "done")

    def test_receipts_and_internal_transfers_are_never_stopped(self):
        self.grown_order()
        internal = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.int_type_id.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": self.warehouse.wh_output_stock_loc_id.id,
                "partner_id": self.buyer.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.stored.id,
                            "product_uom_qty": 1,
                            "location_id": self.warehouse.lot_stock_id.id,
                            "location_dest_id": self.warehouse.wh_output_stock_loc_id.id,
                        }
                    )
                ],
            }
        )
        internal.action_confirm()
        self.ship(internal)
        self.assertEqual(internal.state, "done")

    def test_what_is_left_of_a_held_order_waits_as_well(self):
        """A backorder belongs to the same order, and so to its hold."""
        order = self.shipped_order(6)
        self.ship(order.picking_ids, quantity=2)
        rest = order.picking_ids.filtered(lambda picking: picking.state != "done")
        self.assertEqual(len(rest), 1)
        self.direct_invoice(5000)
        order.order_line.price_unit = 101
        self.assertEqual(order.credit_state, "held")
        self.assertEqual(rest.credit_state, "held")
        with self.assertRaises(UserError):
            self.ship(rest)
