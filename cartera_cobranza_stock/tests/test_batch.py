from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .ship_common import ShipGateCommon


@tagged("post_install", "-at_install")
class TestBatchTransfer(ShipGateCommon):
    """Shipments that are validated together by a batch transfer meet the gate as well."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ensure_installed("stock_picking_batch")
        cls.credit(cls.other_buyer, 1000)

    def batch(self, *orders, ready=True):
        """A batch transfer in progress; ``ready``: everything of it has been picked."""
        pickings = self.env["stock.picking"].union(
            *(order.picking_ids for order in orders)
        )
        batch = (
            self.env["stock.picking.batch"]
            .with_user(self.storekeeper)
            .create(
                {
                    "company_id": self.company.id,
                    "picking_type_id": pickings.picking_type_id.id,
                    "picking_ids": [Command.set(pickings.ids)],
                }
            )
        )
        batch.action_confirm()
        if ready:
            for move in pickings.move_ids:
                move.quantity = move.product_uom_qty
                move.picked = True
        return batch.with_context(skip_backorder=True, skip_sms=True)

    def assertUntouched(self, batch, *orders):
        """Nothing of it has left, and nothing was taken off it."""
        pickings = self.env["stock.picking"].union(
            *(order.picking_ids for order in orders)
        )
        self.assertEqual(set(pickings.mapped("state")), {"assigned"})
        self.assertEqual(batch.picking_ids, pickings)
        self.assertEqual(batch.state, "in_progress")
        self.assertFalse(
            pickings.message_ids.filtered(lambda one: "Transferred by" in one.body)
        )

    def test_batch_that_fits_leaves(self):
        mine = self.shipped_order(5)
        theirs = self.shipped_order(2, partner=self.other_buyer)
        batch = self.batch(mine, theirs)
        batch.action_done()
        self.assertEqual(batch.state, "done")
        self.assertEqual(set((mine | theirs).picking_ids.mapped("state")), {"done"})

    def test_one_that_may_not_ship_stops_the_batch_by_name(self):
        """The refused shipment is named with its reason, the other is not; nothing is half done."""
        mine = self.shipped_order(5)
        theirs = self.shipped_order(2, partner=self.other_buyer)
        batch = self.batch(theirs, mine)
        late = self.late(100)
        with self.assertRaises(UserError) as caught:
            batch.action_done()
        text = str(caught.exception)
        for word in (mine.picking_ids.name, mine.name, "60 days"):
            self.assertIn(word, text)
        self.assertNotIn(theirs.picking_ids.name, text)
        self.assertUntouched(batch, theirs, mine)
        self.pay(late)
        batch.action_done()
        self.assertEqual(batch.state, "done")

    def test_shipments_of_one_customer_are_named_together(self):
        first, second = self.shipped_order(1), self.shipped_order(2)
        batch = self.batch(first, second)
        self.late(100)
        with self.assertRaises(UserError) as caught:
            batch.action_done()
        for order in (first, second):
            self.assertIn(order.picking_ids.name, str(caught.exception))
        self.assertUntouched(batch, first, second)

    def test_released_ones_leave_with_the_batch(self):
        held = self.held_shipment(5)
        theirs = self.shipped_order(2, partner=self.other_buyer)
        self.ship_hold(held).with_user(self.credit_manager).action_release(
            self.reason.id, "agreed by phone"
        )
        held.action_assign()
        batch = self.batch(held.sale_id, theirs)
        batch.action_done()
        self.assertEqual(batch.state, "done")

    def test_taken_off_the_batch_the_others_leave(self):
        mine = self.shipped_order(5)
        theirs = self.shipped_order(2, partner=self.other_buyer)
        batch = self.batch(mine, theirs)
        self.late(100)
        mine.picking_ids.batch_id = False
        batch.action_done()
        self.assertEqual(batch.state, "done")
        self.assertEqual(theirs.picking_ids.state, "done")
        self.assertEqual(mine.picking_ids.state, "assigned")

    def test_held_goods_are_not_reserved_so_that_the_batch_leaves_without_them(self):
        """An order that grew beyond its line: its shipment has no goods, Odoo takes it off the batch and says so."""
        grown = self.grown_order()
        grown.picking_ids.do_unreserve()
        theirs = self.shipped_order(2, partner=self.other_buyer)
        batch = self.batch(grown, theirs, ready=False)
        batch.action_assign()
        self.assertEqual(sum(grown.picking_ids.move_ids.mapped("quantity")), 0)
        for move in theirs.picking_ids.move_ids:
            move.picked = True
        batch.action_done()
        self.assertEqual(theirs.picking_ids.state, "done")
        self.assertNotIn(grown.picking_ids.state, ("done", "cancel"))
        self.assertFalse(grown.picking_ids.batch_id)
        self.assertIn(
            grown.picking_ids.name, " ".join(batch.message_ids.mapped("body"))
        )
        self.assertEqual(grown.credit_state, "held")

    def test_goods_typed_in_by_hand_do_not_pass_either(self):
        """Quantities of a held shipment can be typed; the batch with them is refused all the same."""
        grown = self.grown_order()
        batch = self.batch(grown)
        with self.assertRaisesRegex(UserError, grown.picking_ids.name):
            batch.action_done()
        self.assertNotEqual(grown.picking_ids.state, "done")

    def test_two_of_one_line_never_leave_on_the_room_of_one(self):
        """Orders in advance of 500 and 300, of which one is paid: the batch waits for both."""
        first, second = (
            self.order(
                partner=self.other_buyer,
                lines=[(self.stored, quantity, 100)],
                payment_term_id=self.term_prepaid.id,
            )
            for quantity in (5, 3)
        )
        for order in (first, second):
            order.action_confirm()
            order.picking_ids.action_assign()
        payment = self.money_in(500, self.other_buyer, post=False)
        payment.cartera_order_id = first
        payment.action_post()
        batch = self.batch(first, second)
        with self.assertRaises(UserError) as caught:
            batch.action_done()
        self.assertIn(second.picking_ids.name, str(caught.exception))
        self.assertNotIn(first.picking_ids.name, str(caught.exception))
        self.assertUntouched(batch, first, second)
