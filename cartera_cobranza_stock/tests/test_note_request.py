from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import CreditStockCommon


@tagged("post_install", "-at_install")
class TestCreditOrder(CreditStockCommon):
    """Credit orders: what was invoiced and did not arrive, or came back."""

    def setUp(self):
        super().setUp()
        self.weight = self.env.ref("cartera_cobranza.note_reason_weight").sudo()

    def invoiced(self, order):
        invoice = order._create_invoices(final=True)
        invoice.sudo().action_post()
        return invoice

    def credit_order(self, invoice, **vals):
        request = (
            self.env["cartera.note.request"]
            .sudo()
            .create(
                {
                    "kind": "credit_order",
                    "move_id": invoice.id,
                    "reason_id": self.weight.id,
                    "company_id": invoice.company_id.id,
                }
                | vals
            )
        )
        request.action_fill_lines()
        return request

    def give_back(self, picking, quantity):
        wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
        wizard.product_return_moves.quantity = quantity
        back = self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )
        back.move_ids.write({"quantity": quantity, "picked": True})
        back.sudo()._action_done()
        return back

    def test_short_delivery_and_return(self):
        self.stored.invoice_policy = "order"
        order = self.shipped_order(5)
        invoice = self.invoiced(order)
        self.ship(order.picking_ids, 4)
        delivery = order.picking_ids.filtered(lambda one: one.state == "done")
        request = self.credit_order(invoice)
        self.assertEqual(request.line_ids.quantity, 1)
        back = self.give_back(delivery, 2)
        # 5 invoiced, 4 delivered, 2 back: 3 did not stay with the customer
        self.assertEqual(self.credit_order(invoice).line_ids.quantity, 3)
        only = self.credit_order(invoice, picking_id=back.id)
        self.assertEqual(only.line_ids.quantity, 2)
        self.env["ir.attachment"].sudo().create(
            {"name": "slip.pdf", "res_model": only._name, "res_id": only.id}
        )
        only.action_submit()
        self.assertEqual(self.credit_order(invoice).line_ids.quantity, 1)

    def test_shipments_of_other_orders_are_refused(self):
        order = self.shipped_order(2)
        invoice = self.make_direct_invoice()
        self.ship(order.picking_ids)
        with self.assertRaisesRegex(ValidationError, order.picking_ids.name):
            self.env["cartera.note.request"].sudo().create(
                {
                    "kind": "credit_order",
                    "move_id": invoice.id,
                    "reason_id": self.weight.id,
                    "picking_id": order.picking_ids.id,
                    "company_id": invoice.company_id.id,
                }
            )

    def make_direct_invoice(self):
        invoice = (
            self.env["account.move"]
            .sudo()
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.shipped_order(1).partner_id.id,
                    "invoice_line_ids": [
                        Command.create({"name": "Flour", "price_unit": 5})
                    ],
                }
            )
        )
        invoice.action_post()
        return invoice
