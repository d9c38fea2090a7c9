from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.cartera_cobranza_sale.tests.common import CreditDoorsCommon

from .ship_common import ShipGateCommon


class PrepaidCommon(ShipGateCommon):
    """A customer without a line, who buys in advance."""

    transaction = CreditDoorsCommon.transaction

    def prepaid_order(self, quantity=5, **vals):
        order = self.order(
            partner=self.other_buyer,  # without a line
            lines=[(self.stored, quantity, 100)],
            payment_term_id=self.term_prepaid.id,
            **vals,
        )
        order.action_confirm()
        self.assertConfirmed(order)
        order.picking_ids.action_assign()
        return order

    def paid(self, order, amount, post=True):
        payment = self.money_in(amount, self.other_buyer, post=False)
        payment.cartera_order_id = order
        if post:
            payment.action_post()
        return payment

    def assertWaits(self, picking, paid=None):
        with self.assertRaisesRegex(UserError, "sold in advance") as caught:
            self.ship(picking.with_user(self.storekeeper))
        if paid is not None:
            self.assertIn(paid, str(caught.exception).replace(",", "."))
        self.assertNotEqual(picking.state, "done")

    def assertShips(self, picking, quantity=None):
        self.ship(picking.with_user(self.storekeeper), quantity)
        self.assertEqual(picking.state, "done")


@tagged("post_install", "-at_install")
class TestPrepaidShipment(PrepaidCommon):
    """Goods sold in advance ship once the order's own payments cover them."""

    def test_confirmed_it_takes_up_no_credit_and_waits_for_the_money(self):
        order = self.prepaid_order()
        self.assertCommitted(0, 0, self.other_buyer)
        self.assertWaits(order.picking_ids)
        self.paid(order, 499.99)
        self.assertWaits(order.picking_ids, "499.99")
        self.paid(order, 0.01)
        self.assertShips(order.picking_ids)

    def test_draft_and_cancelled_payments_are_none(self):
        order = self.prepaid_order()
        payment = self.paid(order, 500, post=False)
        self.assertWaits(order.picking_ids)
        payment.action_post()
        payment.action_draft()
        payment.action_cancel()
        self.assertWaits(order.picking_ids)

    def test_money_of_the_customer_that_is_not_for_the_order_does_not_count(self):
        order = self.prepaid_order()
        self.money_in(500, self.other_buyer)
        self.assertWaits(order.picking_ids)

    def test_money_that_was_applied_to_something_else_does_not_count(self):
        """500 came for the order; 200 of it then paid an old invoice."""
        order = self.prepaid_order()
        payment = self.paid(order, 500)
        old = self.direct_invoice(200, self.other_buyer)
        lines = (payment.move_id | old).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        lines.reconcile()
        self.assertWaits(order.picking_ids, "300.00")

    def test_part_payment_ships_its_part(self):
        """300 are paid: 3 of 5 leave, the rest waits; what is paid counts once."""
        order = self.prepaid_order()
        self.paid(order, 300)
        picking = order.picking_ids
        picking.move_ids.write({"quantity": 4, "picked": True})
        with self.assertRaisesRegex(UserError, "sold in advance"):
            picking.with_context(skip_backorder=True, skip_sms=True).button_validate()
        picking.move_ids.quantity = 3
        picking.with_context(skip_backorder=True, skip_sms=True).button_validate()
        self.assertEqual(picking.state, "done")
        rest = picking.backorder_ids
        self.assertWaits(rest, "300.00")
        self.paid(order, 200)
        self.assertShips(rest)

    def test_two_shipments_at_once_do_not_use_the_same_money(self):
        order = self.prepaid_order(4)
        first = order.picking_ids
        order.order_line.product_uom_qty = 6
        first.move_ids.product_uom_qty = 3
        second = first.copy({"move_ids": []})
        first.move_ids.copy({"picking_id": second.id})
        second.action_confirm()
        second.action_assign()
        self.paid(order, 400)
        with self.assertRaises(UserError) as caught:
            self.ship(first | second)
        self.assertIn(second.name, str(caught.exception))
        self.assertNotIn(first.name + " ", str(caught.exception))
        self.paid(order, 200)
        self.ship(first | second)
        self.assertEqual(set((first | second).mapped("state")), {"done"})

    def test_down_payment_invoice_that_is_paid_counts(self):
        order = self.prepaid_order()
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": order.ids,
                "advance_payment_method": "percentage",
                "amount": 100,
            }
        )
        wizard.create_invoices()
        invoice = order.invoice_ids
        invoice.action_post()
        self.assertWaits(order.picking_ids, "0.00")
        self.pay(invoice)
        self.assertEqual(order.cartera_paid_amount, 500)
        self.assertShips(order.picking_ids)

    def test_payment_recorded_for_the_order_and_applied_to_its_invoice_counts_once(
        self,
    ):
        self.stored.invoice_policy = "order"
        order = self.prepaid_order()
        payment = self.paid(order, 250)
        invoice = order._create_invoices()
        invoice.action_post()
        (payment.move_id | invoice).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        self.assertEqual(order.cartera_paid_amount, 250)
        self.assertWaits(order.picking_ids, "250.00")

    def test_credit_note_of_the_order_is_no_payment(self):
        self.stored.invoice_policy = "order"
        order = self.prepaid_order()
        invoice = order._create_invoices()
        invoice.action_post()
        self.credit_note(invoice)
        (invoice.reversal_move_ids | invoice).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
            and not line.reconciled
        ).reconcile()
        self.assertEqual(order.cartera_paid_amount, 0)

    def test_online_payment_counts_when_it_is_done(self):
        order = self.prepaid_order()
        for state in ("pending", "cancel"):
            self.transaction(order, 500, state)
            self.assertWaits(order.picking_ids)
        self.transaction(order, 500, "done")
        self.assertShips(order.picking_ids)

    def test_refund_of_an_online_payment_takes_it_back(self):
        order = self.prepaid_order()
        paid = self.transaction(order, 500, "done")
        refund = paid.copy({"reference": "back", "amount": -100})
        refund.write({"state": "done", "sale_order_ids": [Command.set(order.ids)]})
        self.assertWaits(order.picking_ids, "400.00")

    def test_one_online_payment_for_two_orders_is_shared(self):
        first, second = self.prepaid_order(1), self.prepaid_order(3)
        paid = self.transaction(first, 400, "done")
        paid.sale_order_ids = first | second
        self.assertEqual(
            (first.cartera_paid_amount, second.cartera_paid_amount), (100, 300)
        )

    def test_cheque_counts_when_it_has_cleared(self):
        order = self.prepaid_order()
        payment = self.paid(order, 500, post=False)
        payment.payment_method_line_id.cartera_count_uncleared = True
        payment.action_post()
        self.assertWaits(order.picking_ids)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_payment SET is_matched = true WHERE id = %s", [payment.id]
        )
        self.env.invalidate_all()
        self.assertShips(order.picking_ids)

    def test_payment_in_another_currency_counts_at_the_rate_of_its_day(self):
        """2 units of the foreign currency for one of ours: 1,000 of it pay 500."""
        euro = self.env.ref("base.EUR")
        self.assertNotEqual(self.company.currency_id, euro)
        euro.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        self.env["res.currency.rate"].create(
            {
                "currency_id": euro.id,
                "rate": 2.0,
                "name": "2020-01-01",
                "company_id": self.company.id,
            }
        )
        order = self.prepaid_order()
        payment = self.paid(order, 999.98, post=False)
        payment.currency_id = euro
        payment.action_post()
        self.assertWaits(order.picking_ids, "499.99")
        more = self.paid(order, 0.02, post=False)
        more.currency_id = euro
        more.action_post()
        self.assertShips(order.picking_ids)

    def test_taxes_are_to_be_paid_too(self):
        order = self.order(
            partner=self.other_buyer,
            lines=[(self.stored, 1, 100, {"tax_ids": [Command.set(self.tax16.ids)]})],
            payment_term_id=self.term_prepaid.id,
        )
        order.action_confirm()
        order.picking_ids.action_assign()
        self.paid(order, 115.99)
        self.assertWaits(order.picking_ids, "116.00")
        self.paid(order, 0.01)
        self.assertShips(order.picking_ids)

    def test_arrears_do_not_stop_what_is_paid(self):
        self.late(300, self.other_buyer)
        order = self.prepaid_order()
        self.paid(order, 500)
        self.assertShips(order.picking_ids)

    def test_noon_puts_it_on_the_queue_and_the_money_frees_it(self):
        order = self.prepaid_order()
        order.picking_ids.scheduled_date = self.tomorrow()
        self.check_shipments()
        hold = self.ship_hold(order.picking_ids)
        self.assertEqual(hold.reason_ids.mapped("code"), ["prepaid_unpaid"])
        self.assertRegex(hold.reason_text, "sold in advance.*0[.,]00 of .*500[.,]00")
        self.recheck_wanted()
        payment = self.money_in(500, self.other_buyer)
        payment.cartera_order_id = (
            order  # recorded first, and said later what it is for
        )
        self.assertTrue(self.recheck_wanted())
        self.recheck()
        self.assertEqual(order.picking_ids.credit_state, "released")
        self.assertEqual(sum(order.picking_ids.move_ids.mapped("quantity")), 5)
        self.assertShips(order.picking_ids)

    def test_somebody_with_authority_lets_it_go_unpaid(self):
        order = self.prepaid_order()
        order.picking_ids.scheduled_date = self.tomorrow()
        self.check_shipments()
        self.ship_hold(order.picking_ids).with_user(self.credit_manager).action_release(
            self.reason.id, "transfer seen"
        )
        self.assertShips(order.picking_ids)

    def test_payment_is_for_an_order_of_its_payer(self):
        order = self.prepaid_order()
        payment = self.money_in(500, self.buyer, post=False)
        with self.assertRaisesRegex(ValidationError, order.name):
            payment.cartera_order_id = order
        out = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "customer",
                "partner_id": self.other_buyer.id,
                "amount": 5,
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        with self.assertRaisesRegex(ValidationError, order.name):
            out.cartera_order_id = order

    def test_advance_of_an_order_is_prefilled(self):
        order = self.prepaid_order()
        self.paid(order, 120)
        context = order.action_register_advance()["context"]
        self.assertEqual(
            (context["default_amount"], context["default_cartera_order_id"]),
            (380, order.id),
        )
        order._action_cancel()
        with self.assertRaisesRegex(UserError, order.name):
            order.action_register_advance()

    def test_paid_in_advance_an_order_of_any_term_passes(self):
        """peers 30: the customer has no line, and pays first."""
        order = self.order(partner=self.other_buyer, lines=[(self.stored, 5, 100)])
        self.paid(order, 500)
        order.action_confirm()
        self.assertConfirmed(order)
        self.assertShips(order.picking_ids)
