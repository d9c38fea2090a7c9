from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .ship_common import ShipGateCommon


@tagged("post_install", "-at_install")
class TestStockTours(ShipGateCommon, HttpCase):
    """From the hold to the truck in the browser: the warehouse reads, credit releases, the warehouse ships."""

    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("en_US")
        self.credit_manager.lang = "en_US"
        self.company.stock_text_confirmation = False

    def check_shipments(self):
        self.Hold._check_shipments(self.Hold._shipments_due(self.company))

    def test_storekeeper_reads_why_a_shipment_must_wait(self):
        order = self.grown_order()
        with mute_logger("odoo.http"):  # the refusal is the point
            self.start_tour(
                f"/odoo/deliveries/{order.picking_ids.id}",
                "cartera_stock_shipment_held",
                login="store.keeper",
            )
        order.picking_ids.invalidate_recordset()
        self.assertNotEqual(order.picking_ids.state, "done")

    def test_executive_releases_and_the_warehouse_ships(self):
        picking = self.held_shipment(5)
        hold = self.ship_hold(picking)
        action = self.env.ref("cartera_cobranza.cartera_credit_hold_action")
        self.start_tour(
            f"/odoo/action-{action.id}/{hold.id}",
            "cartera_stock_shipment_release",
            login="credit.manager",
        )
        self.assertEqual(hold.released_by, self.credit_manager)
        self.assertEqual(picking.credit_state, "released")
        self.start_tour(
            f"/odoo/deliveries/{picking.id}",
            "cartera_stock_shipment_ships",
            login="store.keeper",
        )
        picking.invalidate_recordset()
        self.assertEqual(picking.state, "done")
