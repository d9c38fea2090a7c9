import logging

from odoo.tests import tagged

from .ship_common import ShipGateCommon

_logger = logging.getLogger(__name__)


@tagged("post_install", "-at_install")
class TestShipQueries(ShipGateCommon):
    """What the gate costs at the door of the warehouse, in statements, with warm caches."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["stock.quant"]._update_available_quantity(
            cls.stored, cls.warehouse.lot_stock_id, 1000
        )
        cls.buyers = cls.env["res.partner"].create(
            [{"name": f"Buyer {number}", "is_company": True} for number in range(20)]
        )
        for buyer in cls.buyers:
            cls.credit(buyer, 1000000)

    def pickings(self, count, **vals):
        orders = self.env["sale.order"]
        for number in range(count):
            orders |= self.order(
                partner=self.buyers[number % 20], lines=[(self.stored, 1, 100)], **vals
            )
        orders.action_confirm()
        orders.picking_ids.action_assign()
        orders.picking_ids.move_ids.picked = True
        return orders.picking_ids

    def cost(self, pickings, gate):
        self.company.cartera_gate = gate
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        pickings._credit_check_shipments()
        return self.env.cr.sql_log_count - before

    def test_check_of_a_batch_is_flat(self):
        for vals in ({}, {"payment_term_id": self.term_prepaid.id}):
            with self.subTest(vals):
                few, many = self.pickings(10, **vals), self.pickings(40, **vals)
                if vals:
                    for order in (few | many).sale_id:
                        payment = self.money_in(100, order.partner_id, post=False)
                        payment.cartera_order_id = order
                        payment.action_post()
                self.cost(few[:1], "block")
                costs = [self.cost(some, "block") for some in (few, many)]
                _logger.info("Statements of 10 shipments %s, of 40 %s", *costs)
                self.assertLessEqual(costs[1] - costs[0], 5, costs)
                self.assertLessEqual(costs[1], 60, costs)

    def test_gate_that_is_off_costs_next_to_nothing(self):
        pickings = self.pickings(10)
        self.cost(pickings[:1], "off")
        self.assertLessEqual(self.cost(pickings, "off"), 20)

    def test_job_holds_forty_at_the_price_of_ten(self):
        for buyer in self.buyers:
            self.late(5, buyer)
        costs = []
        for count in (10, 40):
            pickings = self.pickings_held_later(count)
            self.env.flush_all()
            self.env.cr.precommit.run()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            held = self.Hold._check_shipments(pickings)
            costs.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(held), count)
        _logger.info("Statements of the job for 10 holds %s, for 40 %s", *costs)
        # giving reserved goods back is Odoo's, shipment by shipment
        self.assertLessEqual((costs[1] - costs[0]) / 30, 20, costs)

    def pickings_held_later(self, count):
        self.company.cartera_gate = "off"
        pickings = self.pickings(count)
        self.company.cartera_gate = "block"
        return pickings
