from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import CreditSaleCommon


@tagged("post_install", "-at_install")
class TestPrepaidTerms(CreditSaleCommon):
    """Customers without a line are sold to in advance or for cash, and the quotation says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.cartera_prepaid_term_id = cls.term_prepaid
        (cls.buyer | cls.other_buyer).with_company(
            cls.company
        ).property_payment_term_id = cls.term30

    def quotation(self, partner):
        return self.env["sale.order"].create({"partner_id": partner.id})

    def test_terms_follow_the_credit(self):
        self.credit(self.buyer, 1000)
        self.assertEqual(self.quotation(self.buyer).payment_term_id, self.term30)
        self.assertEqual(
            self.quotation(self.other_buyer).payment_term_id, self.term_prepaid
        )

    def test_lines_that_give_nothing_are_none(self):
        line = self.credit(self.buyer, 1000)
        line.action_suspend("Late")
        self.assertEqual(self.quotation(self.buyer).payment_term_id, self.term_prepaid)
        self.credit(self.other_buyer, mode="none")
        self.assertEqual(
            self.quotation(self.other_buyer).payment_term_id, self.term_prepaid
        )

    def test_groups_defaults_and_unlimited_lines_are_credit(self):
        self.group(500, self.buyer)
        self.assertEqual(self.quotation(self.buyer).payment_term_id, self.term30)
        self.credit(self.other_buyer, mode="unlimited")
        self.assertEqual(self.quotation(self.other_buyer).payment_term_id, self.term30)
        third = self.new_partner("Third")
        third.property_payment_term_id = self.term60
        self.company.write(
            {"cartera_default_mode": "amount", "cartera_default_amount": 10}
        )
        self.assertEqual(self.quotation(third).payment_term_id, self.term60)

    def test_own_terms_that_are_paid_at_once_stay(self):
        cash = self.new_term("Cash", 0)
        self.other_buyer.property_payment_term_id = cash
        self.assertEqual(self.quotation(self.other_buyer).payment_term_id, cash)

    def test_gate_off_or_no_setting_changes_nothing(self):
        self.company.cartera_gate = "off"
        self.assertEqual(self.quotation(self.other_buyer).payment_term_id, self.term30)
        self.company.write({"cartera_gate": "block", "cartera_prepaid_term_id": False})
        self.assertEqual(self.quotation(self.other_buyer).payment_term_id, self.term30)

    def test_who_is_not_approved_buys_in_advance(self):
        self.credit(self.buyer, 1000)
        self.company.cartera_customer_approval = True
        new = self.new_partner("Newcomer")
        new.property_payment_term_id = self.term30
        self.credit(new, 1000)
        self.assertEqual(self.quotation(new).payment_term_id, self.term_prepaid)
        self.assertEqual(self.quotation(self.buyer).payment_term_id, self.term30)

    def test_confirmed_orders_keep_their_terms(self):
        self.credit(self.buyer, 1000)
        order = self.order(100)
        order.action_confirm()
        self.assertEqual(order.payment_term_id, self.term30)

    def test_the_quotation_says_so(self):
        with Form(self.env["sale.order"].with_user(self.salesman_all)) as form:
            form.partner_id = self.other_buyer
            self.assertEqual(form.credit_banner_level, "success")
            self.assertIn("No approved credit line", form.credit_banner)
        order = self.order(100, self.other_buyer)
        self.assertEqual(order.credit_banner_level, "danger")
        self.assertIn("sold in advance or for cash only", order.credit_banner)

    def test_it_passes_and_says_what_is_to_be_paid(self):
        order = self.order(100, self.other_buyer, payment_term_id=self.term_prepaid.id)
        order.action_confirm()
        self.assertConfirmed(order)
        self.assertRegex(order.credit_prepaid_text, "0[.,]00 of .*100[.,]00")
        payment = self.money_in(40, self.other_buyer, post=False)
        payment.cartera_order_id = order
        payment.action_post()
        order.invalidate_recordset()
        self.assertRegex(
            order.credit_prepaid_text, "40[.,]00 of .*100[.,]00 .*60[.,]00"
        )

    def notes(self, partner):
        account = self.credit_account(partner)
        account.invalidate_recordset(["position_data"])
        return [
            (note["key"], note["amount"])
            for note in account.position_data.get("notes", [])
        ]

    def credit_account(self, partner):
        accounts = self.env["cartera.customer"]._find_or_create(partner, self.company)
        return accounts[partner].sudo()

    def test_money_for_it_lowers_the_exposure_and_the_position_says_so(self):
        """300 are owed, 120 are on account for an order in advance: 180 count, as the formula says."""
        self.credit(self.other_buyer, 1000)
        self.direct_invoice(300, self.other_buyer)
        order = self.order(200, self.other_buyer, payment_term_id=self.term_prepaid.id)
        order.action_confirm()
        self.money_in(50, self.other_buyer)  # on account for nothing in particular
        self.assertEqual(self.notes(self.other_buyer), [])
        payment = self.money_in(120, self.other_buyer, post=False)
        payment.cartera_order_id = order
        payment.action_post()
        self.assertEqual(self.notes(self.other_buyer), [("prepaid_on_account", 120.0)])
        position = self.credit_account(self.other_buyer).position_data
        self.assertEqual(position["exposure"], 130)
        self.assertEqual(position["available"], 870)
        self.assertIn("other orders", position["notes"][0]["help"])
        # what is applied to the order's own invoice lends nothing any more
        invoice = self.invoice(order)
        (payment.move_id | invoice).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        self.assertEqual(self.notes(self.other_buyer), [])
        self.assertEqual(self.notes(self.buyer), [])

    def test_where_money_on_account_is_not_netted_nothing_is_said(self):
        order = self.order(200, self.other_buyer, payment_term_id=self.term_prepaid.id)
        order.action_confirm()
        payment = self.money_in(120, self.other_buyer, post=False)
        payment.cartera_order_id = order
        payment.action_post()
        self.assertTrue(self.notes(self.other_buyer))
        self.company.cartera_net_unapplied = False
        self.assertEqual(self.notes(self.other_buyer), [])

    def test_delivered_goods_of_who_is_not_approved_can_be_invoiced(self):
        self.company.cartera_customer_approval = True
        new = self.new_partner("Newcomer")
        order = self.confirmed(partner=new, lines=[(self.goods_on_delivery, 2, 50)])
        ordered = self.confirmed(100, partner=new)
        with self.assertRaisesRegex(UserError, "Newcomer"):
            self.invoice(ordered)
        order.order_line.qty_delivered = 2
        self.assertEqual(self.invoice(order).state, "posted")
