"""Shipments whose customers fall into arrears after the order was confirmed."""

from datetime import datetime, time
from unittest.mock import patch

from odoo import fields

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
