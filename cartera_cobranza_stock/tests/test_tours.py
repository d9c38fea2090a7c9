from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import CreditStockCommon


@tagged("post_install", "-at_install")
class TestStockTours(CreditStockCommon, HttpCase):
    """The warehouse's path in the browser: what must wait says so before anybody picks it."""

    def test_storekeeper_reads_why_a_shipment_must_wait(self):
        self.env["res.lang"]._activate_lang("en_US")
        order = self.grown_order()
        with mute_logger("odoo.http"):  # the refusal is the point
            self.start_tour(
                f"/odoo/deliveries/{order.picking_ids.id}",
                "cartera_stock_shipment_held",
                login="store.keeper",
            )
        order.picking_ids.invalidate_recordset()
        self.assertNotEqual(order.picking_ids.state, "done")
