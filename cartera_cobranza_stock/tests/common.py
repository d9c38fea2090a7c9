from odoo import Command, fields
from odoo.tests import new_test_user

from odoo.addons.cartera_cobranza_sale.tests.common import CreditSaleCommon


class CreditStockCommon(CreditSaleCommon):
    """A customer with a line of 1,000 and 100 pieces of stored goods at 100 each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credit(cls.buyer, 1000)
        cls.stored = cls.new_product("Stored goods", "delivery", is_storable=True)
        cls.stored.type = "consu"
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        cls.env["stock.quant"]._update_available_quantity(
            cls.stored, cls.warehouse.lot_stock_id, 100
        )
        cls.storekeeper = new_test_user(
            cls.env,
            login="store.keeper",
            lang="en_US",
            groups="stock.group_stock_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def shipped_order(self, quantity=5, **vals):
        """A confirmed order of ``quantity`` pieces, and its reserved shipment."""
        order = self.order(lines=[(self.stored, quantity, 100)], **vals)
        order.action_confirm()
        self.assertConfirmed(order)
        order.picking_ids.action_assign()
        self.assertEqual(order.picking_ids.state, "assigned")
        return order

    def grown_order(self):
        """An order that fitted, and asks for more than the line since."""
        order = self.shipped_order(5)
        order.order_line.product_uom_qty = 15
        self.assertEqual((order.state, order.credit_state), ("sale", "held"))
        return order

    def ship(self, pickings, quantity=None):
        for move in pickings.move_ids:
            move.quantity = move.product_uom_qty if quantity is None else quantity
            move.picked = True
        return pickings.with_context(
            skip_backorder=True, skip_sms=True
        ).button_validate()

    def today(self):
        return fields.Date.today()
