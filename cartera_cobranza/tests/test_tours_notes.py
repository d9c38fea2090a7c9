from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestToursNotes(AccountTestInvoicingCommon, HttpCase):
    """An accountant reverses an invoice with a reason; a manager approves and issues a note."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.env["res.lang"]._activate_lang("en_US")
        cls.company.sudo().cartera_note_reasons = True
        cls.customer_partner = cls.env["res.partner"].create(
            {"name": "Abarrotes La Central", "is_company": True}
        )
        cls.reason = cls.env.ref("cartera_cobranza.note_reason_billing_error")
        cls.invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.customer_partner.id,
                "invoice_date": "2026-01-15",
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goods", "price_unit": 1000, "tax_ids": False}
                    )
                ],
            }
        )
        cls.invoice.action_post()

    @classmethod
    def _make_user(cls, login, groups):
        return new_test_user(
            cls.env(su=True),
            login=login,
            groups=groups,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            lang="en_US",
        )

    def test_accountant_makes_a_credit_note_with_a_reason(self):
        self._make_user("tour_accountant", "account.group_account_invoice")
        self.start_tour(
            f"/odoo/customer-invoices/{self.invoice.id}",
            "cartera_credit_note_with_reason",
            login="tour_accountant",
        )
        self.assertRecordValues(
            self.invoice.reversal_move_ids,
            [{"state": "posted", "note_reason_id": self.reason.id}],
        )

    def test_manager_approves_a_request(self):
        collector = self._make_user(
            "tour_collector", "cartera_cobranza.group_collector"
        )
        self._make_user("tour_note_manager", "cartera_cobranza.group_credit_manager")
        request = (
            self.env["cartera.note.request"]
            .with_user(collector)
            .create(
                {
                    "move_id": self.invoice.id,
                    "reason_id": self.reason.id,
                    "amount": 116,
                    "company_id": self.company.id,
                }
            )
        )
        request.action_submit()
        self.start_tour(
            "/odoo/note-requests",
            "cartera_approve_note_request",
            login="tour_note_manager",
        )
        self.assertEqual(request.sudo().state, "issued")
        self.assertEqual(self.invoice.amount_residual, 884)
