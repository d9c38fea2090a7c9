from odoo import Command
from odoo.tests import tagged

from .test_prepaid import PrepaidCommon


@tagged("post_install", "-at_install")
class TestSharedPaymentShips(PrepaidCommon):
    """Orders and their shipments read one payment over several orders by the same rule."""

    def shared(self, amount, orders):
        tx = self.transaction(orders[0], amount, "done")
        tx.sale_order_ids = [Command.set(orders.ids)]
        return tx

    def test_older_order_ships_and_the_newer_waits(self):
        """600 for orders of 500 and 300, taken by totals would ship neither."""
        older, newer = self.prepaid_order(5), self.prepaid_order(3)
        self.shared(600, newer | older)
        self.assertWaits(newer.picking_ids, "100.00")
        self.assertShips(older.picking_ids)
        self.assertWaits(newer.picking_ids, "100.00")
        self.paid(newer, 199.99)
        self.assertWaits(newer.picking_ids, "299.99")
        self.paid(newer, 0.01)
        self.assertShips(newer.picking_ids)

    def test_older_order_that_is_not_covered_keeps_it_all(self):
        older, newer = self.prepaid_order(5), self.prepaid_order(3)
        self.shared(300, older | newer)
        self.assertWaits(older.picking_ids, "300.00")
        self.assertWaits(newer.picking_ids, "0.00")

    def test_order_and_shipment_say_the_same(self):
        """What lets the order on credit pass is what lets its goods out."""
        older = self.prepaid_order(5)
        newer = self.order(partner=self.other_buyer, lines=[(self.stored, 3, 100)])
        self.shared(800, older | newer)
        newer.action_confirm()
        self.assertConfirmed(newer)
        self.assertShips(newer.picking_ids)
        self.assertShips(older.picking_ids)
