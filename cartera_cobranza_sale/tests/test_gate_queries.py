import logging

from odoo import Command
from odoo.tests import tagged

from .common import CreditSaleCommon

_logger = logging.getLogger(__name__)


@tagged("post_install", "-at_install")
class TestGateQueries(CreditSaleCommon):
    """What the gate costs beyond plain Odoo, in statements, with warm caches."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyers = cls.env["res.partner"].create(
            [{"name": f"Buyer {number}", "is_company": True} for number in range(20)]
        )
        for buyer in cls.buyers:
            cls.credit(buyer, 1000000)

    def make_orders(self, count, amount=10):
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": self.buyers[number % len(self.buyers)].id,
                    "payment_term_id": self.term30.id,
                    "user_id": self.salesman.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.goods.id,
                                "product_uom_qty": 1,
                                "price_unit": amount,
                            }
                        )
                    ],
                }
                for number in range(count)
            ]
        )
        self.env.flush_all()
        return orders

    def commit_is_near(self):
        self.env.flush_all()
        self.env.cr.precommit.run()

    def count(self, gate, batches):
        """The statements of confirming ``batches`` (lists of orders) one after the other, each to its commit."""
        self.company.cartera_gate = gate
        self.commit_is_near()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        for orders in batches:
            orders.action_confirm()
            self.commit_is_near()
        return self.env.cr.sql_log_count - before

    def beyond_plain(self, make):
        for gate in ("off", "block"):
            self.count(gate, make())
        plain, gated = self.count("off", make()), self.count("block", make())
        _logger.info("Statements without the gate %s, with it %s", plain, gated)
        return plain, gated

    def test_one_by_one_at_most_six_statements(self):
        plain, gated = self.beyond_plain(lambda: list(self.make_orders(10)))
        self.assertLessEqual(
            (gated - plain) / 10,
            6,
            f"{plain} without the gate, {gated} with it, for 10 orders",
        )

    def test_batch_of_a_hundred_at_most_ten_statements(self):
        plain, gated = self.beyond_plain(lambda: [self.make_orders(100)])
        self.assertLessEqual(
            gated - plain,
            10,
            f"{plain} without the gate, {gated} with it, for 100 orders",
        )

    def test_held_orders_cost_the_same_for_ten_and_for_forty(self):
        self.count("block", [self.make_orders(10, 10**8)])
        few, many = self.make_orders(10, 10**8), self.make_orders(40, 10**8)
        costs = [self.count("block", [orders]) for orders in (few, many)]
        _logger.info("Statements of 10 held orders %s, of 40 %s", *costs)
        self.assertEqual(set((few | many).mapped("credit_state")), {"held"})
        self.assertLessEqual(
            costs[1] - costs[0],
            10,
            f"10 held orders cost {costs[0]} statements, 40 cost {costs[1]}",
        )

    def test_growth_of_a_confirmed_order(self):
        """A raised quantity: not more than the check itself."""

        def run(gate, order):
            self.company.cartera_gate = gate
            self.commit_is_near()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            order.order_line.product_uom_qty += 1
            self.commit_is_near()
            return self.env.cr.sql_log_count - before

        orders = self.make_orders(4)
        orders.action_confirm()
        run("off", orders[0]), run("block", orders[1])
        plain, gated = run("off", orders[2]), run("block", orders[3])
        _logger.info(
            "Statements of a growth without the gate %s, with it %s", plain, gated
        )
        self.assertLessEqual(
            gated - plain, 15, f"{plain} without the gate, {gated} with it"
        )
