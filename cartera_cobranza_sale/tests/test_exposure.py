from odoo import Command, fields
from odoo.tests import tagged

from .common import CreditSaleCommon


@tagged("post_install", "-at_install")
class TestOrderCommitment(CreditSaleCommon):
    """What a confirmed order adds to the exposure: ordered, delivered and invoiced quantities."""

    def down_payment(self, order, percent, post=True):
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=order.ids)
            .create(
                {
                    "advance_payment_method": "percentage",
                    "amount": percent,
                    "sale_order_ids": order.ids,
                }
            )
        )
        invoice = wizard._create_invoices(order)
        invoice.invoice_date = fields.Date.today()
        if post:
            invoice.action_post()
        return invoice

    def test_order_counts_whatever_the_invoicing_policy(self):
        """Item 4: goods invoiced on delivery count from the confirmation on, like the others."""
        self.confirmed(lines=[(self.goods_on_delivery, 10, 100)])
        self.assertCommitted(0, 1000)
        self.confirmed(lines=[(self.goods, 10, 100)])
        self.assertCommitted(0, 2000)

    def test_quotations_do_not_count(self):
        order = self.order(1000)
        self.assertCommitted(0, 0)
        order.action_quotation_sent()
        self.assertCommitted(0, 0)

    def test_taxes_are_included(self):
        self.confirmed(
            lines=[(self.goods, 10, 100, {"tax_ids": [Command.set(self.tax16.ids)]})]
        )
        self.assertCommitted(0, 1160)

    def test_discount_of_the_line_is_taken_off(self):
        self.confirmed(lines=[(self.goods, 10, 100, {"discount": 25})])
        self.assertCommitted(0, 750)

    def test_partial_delivery_splits_by_stage(self):
        for product in (self.goods, self.goods_on_delivery):
            with self.subTest(policy=product.invoice_policy):
                buyer = self.new_partner(product.name)
                order = self.confirmed(partner=buyer, lines=[(product, 10, 100)])
                order.order_line.qty_delivered = 4
                self.assertCommitted(400, 600, buyer)

    def test_posted_invoice_takes_its_quantities_out(self):
        """Ordered 10, invoiced 3: the receivable has 300, the order the other 700."""
        order = self.confirmed(lines=[(self.goods, 10, 100)])
        self.invoice(order, quantity=3)
        self.assertCommitted(0, 700)
        self.assertEqual(self.position()["exposure_breakdown"]["receivable"], 300)
        self.assertEqual(self.position()["exposure"], 1000)

    def test_delivered_and_partly_invoiced(self):
        """Delivered 4, invoiced 3: 1 delivered and not invoiced, 6 to deliver."""
        order = self.confirmed(lines=[(self.goods, 10, 100)])
        order.order_line.qty_delivered = 4
        self.invoice(order, quantity=3)
        self.assertCommitted(100, 600)

    def test_invoiced_before_delivery(self):
        """Delivered 2, invoiced 3: nothing delivered waits for an invoice, 7 are to deliver and invoice."""
        order = self.confirmed(lines=[(self.goods, 10, 100)])
        order.order_line.qty_delivered = 2
        self.invoice(order, quantity=3)
        self.assertCommitted(0, 700)

    def test_draft_invoice_does_not_lower(self):
        """Odoo counts drafts as invoiced; the debt is not in the ledger before they are posted."""
        order = self.confirmed(lines=[(self.goods, 10, 100)])
        invoice = self.invoice(order, post=False)
        self.assertEqual(order.invoice_status, "invoiced")
        self.assertCommitted(0, 1000)
        self.company.cartera_count_drafts = True
        self.assertEqual(
            self.position()["exposure"],
            1000,
            "the draft is not counted beside its order",
        )
        invoice.action_post()
        self.assertCommitted(0, 0)
        self.assertEqual(self.position()["exposure"], 1000)

    def test_cancelled_draft_invoice_leaves_the_order_as_it_was(self):
        order = self.confirmed(lines=[(self.goods, 10, 100)])
        self.invoice(order, post=False).button_cancel()
        self.assertCommitted(0, 1000)

    def test_units_of_measure_are_converted(self):
        """2 dozen at 120 = 240; 6 units on the posted invoice are half a dozen, 60."""
        dozen = self.env.ref("uom.product_uom_dozen")
        product = self.new_product("By the dozen", "order", uom_id=dozen.id)
        order = self.confirmed(lines=[(product, 2, 120, {"product_uom_id": dozen.id})])
        self.assertCommitted(0, 240)
        invoice = self.invoice(order, post=False)
        invoice.invoice_line_ids.write(
            {
                "product_uom_id": self.env.ref("uom.product_uom_unit").id,
                "quantity": 6,
                "price_unit": 10,
            }
        )
        invoice.action_post()
        self.assertCommitted(0, 180)
        self.assertEqual(self.position()["exposure"], 240)

    def test_price_correction_does_not_revive_the_order(self):
        """10 units at 100 invoiced, 5 a unit credited: 950 are owed and nothing more is to come."""
        for product in (self.goods, self.goods_on_delivery):
            with self.subTest(policy=product.invoice_policy):
                buyer = self.new_partner(product.name)
                order = self.confirmed(partner=buyer, lines=[(product, 10, 100)])
                order.order_line.qty_delivered = 10
                self.credit_note(self.invoice(order), price_unit=5)
                self.assertCommitted(0, 0, buyer)
                self.assertEqual(self.position(buyer)["exposure"], 950)

    def test_cancelled_invoice_brings_the_order_back(self):
        """An invoice credited in full, goods still with the customer: they will be invoiced again."""
        order = self.confirmed(lines=[(self.goods_on_delivery, 10, 100)])
        order.order_line.qty_delivered = 10
        self.credit_note(self.invoice(order))
        self.assertCommitted(1000, 0)
        self.assertEqual(self.position()["exposure"], 1000)

    def test_full_return_closes_the_commitment(self):
        """Item 5: delivered, invoiced, taken back and credited; the order is not debt for ever."""
        order = self.confirmed(lines=[(self.goods_on_delivery, 10, 100)])
        order.order_line.qty_delivered = 10
        invoice = self.invoice(order)
        order.order_line.qty_delivered = 0
        self.credit_note(invoice)
        self.assertTrue(order.cartera_commitment_closed)
        self.assertCommitted(0, 0)
        self.assertEqual(self.position()["exposure"], 0)

    def test_partial_return_leaves_the_rest_open(self):
        """3 of 10 come back and are credited: they can be delivered again."""
        order = self.confirmed(lines=[(self.goods_on_delivery, 10, 100)])
        order.order_line.qty_delivered = 10
        invoice = self.invoice(order)
        order.order_line.qty_delivered = 7
        self.credit_note(invoice, quantity=3)
        self.assertFalse(order.cartera_commitment_closed)
        self.assertCommitted(0, 300)

    def test_commitment_closed_by_hand_and_reopened(self):
        """Items 5 and 29: nothing more will come; taken up again it counts again."""
        self.credit(self.buyer, 5000)
        order = self.confirmed(lines=[(self.goods, 10, 100)])
        order.order_line.qty_delivered = 4
        self.invoice(order, quantity=4)
        order.action_close_commitment()
        self.assertCommitted(0, 0)
        order.action_reopen_commitment()
        self.assertCommitted(0, 600)

    def test_posted_down_payment_lowers_until_the_final_invoice(self):
        """30 % of 1,000: 300 in the receivable and 700 to come, then 1,000 and nothing."""
        order = self.confirmed(lines=[(self.goods, 10, 100)])
        advance = self.down_payment(order, 30, post=False)
        self.assertCommitted(0, 1000)
        advance.action_post()
        self.assertCommitted(0, 700)
        self.assertEqual(self.position()["exposure"], 1000)
        final = order._create_invoices(final=True)
        self.assertCommitted(0, 700)
        final.invoice_date = fields.Date.today()
        final.action_post()
        self.assertEqual(final.amount_total, 700)
        self.assertCommitted(0, 0)
        self.assertEqual(self.position()["exposure"], 1000)

    def test_down_payment_is_taken_from_what_is_to_deliver_first(self):
        """8 of 10 delivered, 300 paid in advance: 200 to deliver are covered, of 800 delivered 100."""
        order = self.confirmed(lines=[(self.goods, 10, 100)])
        self.down_payment(order, 30)
        order.order_line.qty_delivered = 8
        self.assertCommitted(700, 0)

    def test_credited_down_payment_lowers_no_more(self):
        order = self.confirmed(lines=[(self.goods, 10, 100)])
        advance = self.down_payment(order, 30)
        self.credit_note(advance)
        self.assertCommitted(0, 1000)

    def test_ordinary_line_does_not_pass_as_a_down_payment(self):
        """A line marked as a down payment over RPC keeps counting as what it is: goods to deliver."""
        order = self.order(lines=[(self.goods, 10, 100)])
        order.order_line.is_downpayment = True
        self.confirmed_as_is(order)
        self.assertCommitted(0, 1000)

    def confirmed_as_is(self, order):
        self.company.cartera_gate = "off"
        order.action_confirm()
        self.company.cartera_gate = "block"

    def test_never_below_zero_a_line(self):
        """12 of 10 invoiced: the line is done, and takes nothing from the line beside it."""
        order = self.confirmed(
            lines=[(self.goods, 10, 100), (self.goods_on_delivery, 5, 100)]
        )
        self.invoice(order, quantity=12)
        self.assertCommitted(0, 500)

    def test_discount_line_lowers_the_order(self):
        discount = self.new_product("Discount", "order")
        order = self.confirmed(lines=[(self.goods, 10, 100), (discount, 1, -100)])
        self.assertCommitted(0, 900)
        order.order_line[0].qty_delivered = 4
        self.assertCommitted(400, 500)
        order.order_line[0].qty_delivered = 10
        self.assertCommitted(900, 0)

    def test_more_delivered_than_ordered(self):
        """Item 4: the greater of ordered and delivered counts."""
        order = self.confirmed(lines=[(self.goods_on_delivery, 10, 100)])
        order.order_line.qty_delivered = 12
        self.assertCommitted(1200, 0)

    def test_extra_line_delivered_without_order(self):
        """A line of nothing ordered and 2 delivered at 50, with 16 % tax as the rest of the order: 116."""
        taxed = {"tax_ids": [Command.set(self.tax16.ids)]}
        order = self.confirmed(
            lines=[(self.goods, 10, 100, taxed), (self.goods_on_delivery, 0, 50, taxed)]
        )
        order.order_line[1].qty_delivered = 2
        self.assertCommitted(116, 1160)

    def test_locked_orders_count(self):
        """Item 18, defect 4.10: locking is no state, quantities decide."""
        order = self.confirmed(lines=[(self.goods, 10, 100)])
        order.action_lock()
        self.assertCommitted(0, 1000)

    def test_cancelled_order_leaves_at_once(self):
        order = self.confirmed(1000)
        order._action_cancel()
        self.assertCommitted(0, 0)
        self.assertEqual(self.position()["exposure"], 0)

    def test_prepaid_orders_are_out(self):
        self.confirmed(1000, payment_term_id=self.term_prepaid.id)
        self.assertCommitted(0, 0)
        self.confirmed(500)
        self.assertCommitted(0, 500)

    def test_horizon_leaves_out_what_ships_later(self):
        """30 days: day 30 is inside, day 31 is not; what was delivered counts whenever it was promised."""
        self.company.cartera_horizon_days = 30
        near = self.confirmed(100, lines=[(self.goods, 1, 40, {"customer_lead": 31})])
        near.order_line[0].customer_lead = 30
        self.assertCommitted(0, 100)
        far = self.confirmed(
            1000, commitment_date=fields.Datetime.add(fields.Datetime.now(), days=60)
        )
        self.assertCommitted(0, 100)
        far.order_line.qty_delivered = 0.5
        self.assertCommitted(500, 100)
        far.commitment_date = fields.Datetime.add(fields.Datetime.now(), days=20)
        self.assertCommitted(500, 600)
        self.company.cartera_horizon_days = 0
        self.assertCommitted(500, 640)

    def test_order_does_not_count_beside_its_own_check(self):
        """Item 31: 60 of a limit of 60 pass; confirmed and looked at again it is 60, not 120."""
        self.credit(self.buyer, 60)
        order = self.order(60)
        order.action_confirm()
        self.assertConfirmed(order)
        self.assertEqual(self.position()["exposure"], 60)
        order.action_lock()
        order.action_unlock()
        self.assertEqual(order.credit_state, "none")
        self.assertFalse(order.credit_hold_ids)

    def test_worked_example_of_the_field(self):
        """45,000 owed, 10,000 delivered, 20,000 within 30 days, 15,000 in 60, 3,000 received: 72,000.

        An order of 22,000 makes 94 %: it passes at 100 % and is held at 90 %. 28,000 fill the line of
        100,000 to the last cent and pass; 28,000.01 do not.
        """
        self.company.cartera_horizon_days = 30
        self.credit(self.buyer, 100000)
        self.direct_invoice(45000)
        delivered = self.confirmed(10000)
        delivered.order_line.qty_delivered = 1
        now = fields.Datetime.now()
        self.confirmed(20000, commitment_date=fields.Datetime.add(now, days=30))
        self.confirmed(15000, commitment_date=fields.Datetime.add(now, days=60))
        self.money_in(3000)
        position = self.position()
        self.assertEqual(position["exposure"], 72000)
        self.assertEqual(position["percent_used"], 72)
        self.assertCommitted(10000, 20000)
        rule = self.env.ref("cartera_cobranza.credit_rule_over_limit").sudo()
        check = self.Customer._preview
        self.assertFalse(check(self.order(22000)).reasons)
        rule.threshold_percent = 90
        self.assertEqual(
            [one.code for one in check(self.order(22000)).reasons], ["over_limit"]
        )
        rule.threshold_percent = 100
        exact, above = self.order(28000), self.order(28000.01)
        above.action_confirm()
        hold = self.assertHeld(above, "over_limit")
        self.assertEqual(hold.excess_amount, 0.01)
        exact.action_confirm()
        self.assertConfirmed(exact)
