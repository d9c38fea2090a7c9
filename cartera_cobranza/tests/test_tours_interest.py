from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestToursInterest(AccountTestInvoicingCommon, HttpCase):
    """A month's interest in the browser: the accountant prepares it, the manager decides, posts and prints."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.env["res.lang"]._activate_lang("en_US")
        root = cls.env(su=True)
        root["cartera.interest.policy"].create(
            {
                "name": "3 % a month",
                "company_id": cls.company.id,
                "rate_source": "fixed_month",
                "rate": 3,
                "tax_mode": "none",
            }
        )
        # due on 17 December; 4,000 are paid on day 20, the rest is open on day 45
        cls.invoice = cls._post_invoice("Abarrotes La Central", 10000, "2025-12-17")
        cls._pay(cls.invoice, 4000, "2026-01-06")
        cls.other = cls._post_invoice("Ferretería del Norte", 20000, "2026-01-01")

    @classmethod
    def _post_invoice(cls, name, amount, day):
        partner = cls.env(su=True)["res.partner"].create(
            {"name": name, "is_company": True}
        )
        invoice = cls.env(su=True)["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": day,
                "invoice_payment_term_id": False,
                "invoice_date_due": day,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goods", "price_unit": amount, "tax_ids": False}
                    )
                ],
            }
        )
        invoice.action_post()
        return invoice

    @classmethod
    def _pay(cls, invoice, amount, day):
        payment = cls.env(su=True)["account.payment"].create(
            {
                "amount": amount,
                "date": day,
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": invoice.partner_id.id,
            }
        )
        payment.action_post()
        (payment.move_id | invoice).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()

    def _make_user(self, login, *groups):
        return new_test_user(
            self.env(su=True),
            login=login,
            name=login,
            groups=",".join(groups),
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
            lang="en_US",
        )

    def test_the_accountant_prepares_and_the_manager_decides(self):
        accountant = self._make_user(
            "tour_interest_accountant",
            "account.group_account_user",
            "cartera_cobranza.group_credit_executive",
        )
        manager = self._make_user(
            "tour_interest_manager",
            "cartera_cobranza.group_credit_manager",
            "account.group_account_readonly",
        )
        self.company.sudo().cartera_interest_user_id = manager
        url = "/odoo/interest-runs"
        self.start_tour(
            url, "cartera_interest_prepare", login=accountant.login, timeout=240
        )
        run = self.env["cartera.interest.run"].sudo().search([])
        # 10,000 × 3 % × 20/30 + 6,000 × 3 % × 25/30; 20,000 × 3 % × 30/30
        self.assertRecordValues(
            run,
            [{"state": "simulated", "amount": 950.0, "waived": 30.0, "line_count": 2}],
        )
        self.assertRecordValues(
            run.waiver_ids,
            [
                {
                    "invoice_id": self.invoice.id,
                    "amount": 30.0,
                    "reason": "First time late",
                    "user_id": accountant.id,
                }
            ],
        )
        self.assertEqual(run.activity_ids.user_id, manager)
        self.start_tour(
            url, "cartera_interest_decide", login=manager.login, timeout=240
        )
        self.assertEqual((run.state, run.approved_by), ("posted", manager))
        self.assertFalse(run.activity_ids)
        self.assertRecordValues(
            run.line_ids.note_move_id.sorted("amount_total"),
            [
                {"amount_total": 320.0, "debit_origin_id": self.invoice.id},
                {"amount_total": 600.0, "debit_origin_id": self.other.id},
            ],
        )
