from odoo.tests import HttpCase, tagged

from .common import CreditSaleCommon


@tagged("post_install", "-at_install")
class TestSaleTours(CreditSaleCommon, HttpCase):
    """The salesperson's path in the browser: a quotation that does not fit is held, in words."""

    def test_salesperson_sees_why_the_order_is_held(self):
        self.env["res.lang"]._activate_lang("en_US")
        self.salesman.lang = "en_US"
        self.credit(self.buyer, 1000)
        order = self.order(1500, user_id=self.salesman.id)
        self.start_tour(
            f"/odoo/sales/{order.id}", "cartera_sale_order_held", login="salesman.own"
        )
        order.invalidate_recordset()
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.credit_state, "held")
        self.assertEqual(order.credit_open_hold_id.salesperson_id, self.salesman)
