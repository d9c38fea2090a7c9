from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .ship_common import ShipGateCommon


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
