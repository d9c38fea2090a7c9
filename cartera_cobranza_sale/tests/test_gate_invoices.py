from odoo import Command
from odoo.tests import tagged

from .common import CreditDoorsCommon


@tagged("post_install", "-at_install")
class TestGateInvoices(CreditDoorsCommon):
    """Invoices where the company checks direct ones: free is what their orders are worth, and nothing beyond.

    The customer's line is 1,000.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.cartera_invoice_gate = True

    def test_total_of_a_direct_invoice_is_counted_not_told(self):
        for lie in (
            {"amount_total": 1},
            {"amount_total": 0, "amount_residual": 0},
        ):
            invoice = self.direct_invoice(5000, post=False)
            invoice.write(lie)
            invoice.action_post()
            self.assertEqual((invoice.state, invoice.credit_state), ("draft", "held"))

    def test_direct_line_on_the_invoice_of_an_order(self):
        """The goods of the order may be invoiced; what is added by hand is a direct invoice."""
        order = self.order(1000)
        order.action_confirm()
        invoice = self.invoice(order, post=False)
        invoice.invoice_line_ids = [
            Command.create(
                {"name": "More", "quantity": 1, "price_unit": 500, "tax_ids": False}
            )
        ]
        invoice.action_post()
        self.assertEqual((invoice.state, invoice.credit_state), ("draft", "held"))

    def test_invoice_of_another_order_s_worth(self):
        """More of the goods, dearer ones, without the discount line: only what the order is worth is free."""
        for change in (
            lambda lines: lines[0].write({"quantity": 3}),
            lambda lines: lines[0].write({"price_unit": 9000}),
            lambda lines: lines[1].unlink(),
        ):
            order = self.confirmed(
                lines=[(self.goods, 1, 3000), (self.goods, 1, -2000)]
            )
            invoice = self.invoice(order, post=False)
            change(invoice.invoice_line_ids)
            invoice.action_post()
            self.assertEqual((invoice.state, invoice.credit_state), ("draft", "held"))
            invoice.button_cancel()
            order._action_cancel()

    def test_invoice_twice(self):
        """What was invoiced already is not worth anything a second time."""
        order = self.order(1000)
        order.action_confirm()
        first = self.invoice(order)
        again = first.copy({"invoice_date": first.invoice_date})
        again.invoice_line_ids.sale_line_ids = order.order_line
        again.action_post()
        self.assertEqual((again.state, again.credit_state), ("draft", "held"))

    def test_invoice_to_somebody_else(self):
        """The order passed for its customer, not for the one who is invoiced."""
        order = self.order(1000)
        order.action_confirm()
        invoice = self.invoice(order, post=False)
        invoice.partner_id = self.other_buyer
        invoice.action_post()
        self.assertEqual((invoice.state, invoice.credit_state), ("draft", "held"))

    def test_ordered_and_delivered_goods_are_always_invoiced(self):
        """In parts, with a down payment, after a credit note, with taxes that round: whatever is owed."""
        product = self.goods_on_delivery
        order = self.confirmed(
            lines=[(product, 3, 33.33, {"tax_ids": [Command.set(self.tax16.ids)]})]
        )
        self.direct_invoice(50000, post=False)._post(soft=False)
        for _part in range(3):
            order.order_line.qty_delivered += 1
            self.assertEqual(self.invoice(order).state, "posted")
        order.order_line.qty_delivered = 5
        last = self.invoice(order)
        self.assertEqual(last.state, "posted")
        self.credit_note(last)
        self.assertEqual(self.invoice(order).state, "posted")
        paid_before = self.confirmed(1000)
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=paid_before.ids)
            .create({"advance_payment_method": "percentage", "amount": 40})
        )
        wizard._create_invoices(paid_before).action_post()
        self.assertEqual(self.invoice(paid_before).state, "posted")
        self.assertEqual(set(paid_before.invoice_ids.mapped("state")), {"posted"})

    def test_down_payment_beyond_the_order(self):
        order = self.order(1000)
        order.action_confirm()
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=order.ids)
            .create({"advance_payment_method": "fixed", "fixed_amount": 5000})
        )
        invoice = wizard._create_invoices(order)
        invoice.action_post()
        self.assertEqual((invoice.state, invoice.credit_state), ("draft", "held"))

    def test_queries_do_not_grow_with_the_invoices(self):
        """What the gate adds to posting invoices of orders: the same for 4 and for 16."""

        def spent(number, gate):
            self.company.cartera_invoice_gate = gate
            orders = self.env["sale.order"]
            for _one in range(number):
                orders |= self.confirmed(10)
            invoices = orders._create_invoices(grouped=True)
            invoices.invoice_date = self.company._cartera_today()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            invoices.action_post()
            self.env.flush_all()
            self.assertEqual(set(invoices.mapped("state")), {"posted"})
            return self.env.cr.sql_log_count - before

        spent(4, True)
        few = spent(4, True) - spent(4, False)
        many = spent(16, True) - spent(16, False)
        self.assertLessEqual(many, few + 4)
