from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_interest import InterestCommon


@tagged("post_install", "-at_install")
class TestReceiptApply(InterestCommon):
    """A receipt is proposed to costs, interest and capital in the company's order, and applied like that."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # 100 % a year: capital 100 for 110 days bears 30.14
        cls.policy = cls.make_policy(rate=100)
        cls.capital = cls.make_invoice(cls.partner, 100, due="2025-09-01")
        cls.interest = cls.charge("2025-12-20")
        cls.note = cls.interest.line_ids.note_move_id
        cls.company.sudo().cartera_allocation_order = "costs_first"

    def item(self, move):
        return move.sudo().line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    def receive(self, amount, user=None, **vals):
        payment = self.root["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner.id,
                "amount": amount,
                "date": "2026-01-05",
                "company_id": self.company.id,
            }
            | vals
        )
        payment.action_post()
        return payment

    def wizard(self, payment, user=None, **vals):
        wizards = self.env["cartera.receipt.apply"].with_user(user or self.accountant)
        return wizards.create({"payment_id": payment.id} | vals)

    def open_amounts(self, *moves):
        return [move.sudo().amount_residual for move in moves]

    def test_interest_before_capital(self):
        # capital 100, interest 30.14, payment 50: 30.14 to interest, 19.86 to capital
        payment = self.receive(50)
        self.assertEqual(payment.cartera_open_amount, 50)
        wizard = self.wizard(payment)
        self.assertRecordValues(
            wizard.line_ids.sorted("date_maturity"),
            [
                {"kind": "principal", "open_amount": 100.0, "applied": 19.86},
                {"kind": "interest", "open_amount": 30.14, "applied": 30.14},
            ],
        )
        self.assertEqual((wizard.applied, wizard.rest), (50.0, 0.0))
        wizard.action_apply()
        self.assertEqual(self.open_amounts(self.capital, self.note), [80.14, 0.0])
        self.assertEqual(payment.cartera_open_amount, 0)

    def test_another_order_and_what_the_customer_says(self):
        payment = self.receive(50)
        self.wizard(payment, order="principal_first").action_apply()
        self.assertEqual(self.open_amounts(self.capital, self.note), [50.0, 30.14])
        payment = self.receive(200)
        wizard = self.wizard(payment)
        wizard.line_ids.filtered(lambda line: line.kind == "interest").take = False
        self.assertEqual((wizard.applied, wizard.rest), (50.0, 150.0))
        wizard.action_apply()
        self.assertEqual(self.open_amounts(self.capital, self.note), [0.0, 30.14])
        self.assertEqual(payment.cartera_open_amount, 150)

    def test_costs_come_first(self):
        reason = self.env.ref("cartera_cobranza.note_reason_returned_cheque")
        costs = self.root["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "company_id": self.company.id,
                "invoice_date": "2026-01-02",
                "invoice_date_due": "2026-01-02",
                "invoice_payment_term_id": False,
                "note_reason_id": reason.id,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Cheque", "price_unit": 20, "tax_ids": False}
                    )
                ],
            }
        )
        costs.action_post()
        wizard = self.wizard(self.receive(40))
        self.assertEqual(
            {line.kind: line.applied for line in wizard.line_ids},
            {"costs": 20.0, "interest": 20.0, "principal": 0.0},
        )
        wizard.action_apply()
        self.assertEqual(
            self.open_amounts(costs, self.note, self.capital), [0.0, 10.14, 100.0]
        )

    def test_odoo_s_own_register_wizard_keeps_to_the_order(self):
        register = (
            self.root["account.payment.register"]
            .with_context(
                active_model="account.move.line",
                active_ids=(self.item(self.capital) | self.item(self.note)).ids,
            )
            .create({"amount": 50, "group_payment": True})
        )
        register._create_payments()
        self.assertEqual(self.open_amounts(self.capital, self.note), [80.14, 0.0])

    def test_by_due_date_where_the_company_has_it_so(self):
        self.company.sudo().cartera_allocation_order = "fifo"
        self.wizard(self.receive(50)).action_apply()
        self.assertEqual(self.open_amounts(self.capital, self.note), [50.0, 30.14])

    def test_other_currencies_are_named_and_not_proposed(self):
        foreign = self.make_invoice(
            self.partner, 70, due="2026-01-01", currency_id=self.mxn.id
        )
        wizard = self.wizard(self.receive(10))
        self.assertEqual(wizard.other_currencies, "MXN")
        self.assertNotIn(foreign, wizard.line_ids.move_id)

    def test_the_order_is_that_of_the_country_s_law(self):
        # C. Comercio 364 and C. Civil 1653: interest before capital, unless something else was agreed
        company = self.root["res.company"].create({"name": "Another"})
        self.assertEqual(company.cartera_allocation_order, "fifo")
        company.country_id = self.env.ref("base.mx")
        self.assertEqual(company.cartera_allocation_order, "costs_first")
        company.cartera_allocation_order = "principal_first"
        self.assertEqual(company.cartera_allocation_order, "principal_first")

    def test_refusals(self):
        payment = self.receive(500)
        self.wizard(payment).action_apply()
        self.assertEqual(payment.cartera_open_amount, 369.86)
        with self.assertRaisesRegex(UserError, "369.86 are left of it, and 0 items"):
            self.wizard(payment).action_apply()
        done = self.receive(0.5)
        done.action_draft()
        with self.assertRaisesRegex(UserError, "Nothing is left"):
            done.with_user(self.accountant).action_cartera_apply()
        with self.assertRaises(AccessError):
            self.wizard(payment, user=self.collector)
        stranger = self.wizard(payment, user=self.everywhere).with_context(
            allowed_company_ids=self.other_company.ids
        )
        with self.assertRaises(AccessError):
            stranger.action_apply()

    def test_money_that_went_elsewhere_meanwhile(self):
        payment = self.receive(50)
        wizard = self.wizard(payment)
        (self.item(self.capital) | payment._cartera_open_line()).reconcile()
        wizard.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "0.00 are left"):
            wizard.action_apply()

    def test_the_list_of_receipts_reads_any_number_in_as_many_queries(self):
        few = self.receive(1) | self.receive(2)
        many = few.browse()
        for number in range(20):
            many |= self.receive(1 + number)
        self.env.flush_all()

        def count(payments):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            payments.mapped("cartera_open_amount")
            return self.env.cr.sql_log_count - before

        self.assertLessEqual(count(many), count(few) + 1)
