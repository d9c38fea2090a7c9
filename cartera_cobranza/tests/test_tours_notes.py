from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestToursNotes(AccountTestInvoicingCommon, HttpCase):
    """A manager approves and issues a note in the browser."""

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
            timeout=180,
        )
        self.assertEqual(request.sudo().state, "issued")
        self.assertEqual(self.invoice.amount_residual, 884)

    def test_the_executive_asks_for_a_note(self):
        user = self._make_user(
            "tour_note_executive", "cartera_cobranza.group_credit_executive"
        )
        self.env["cartera.customer"].sudo()._find_or_create(
            self.customer_partner, self.company
        )
        with mute_logger("odoo.http"):  # what is refused on the way
            self.start_tour(
                "/odoo/note-requests",
                "cartera_ask_for_a_note",
                login=user.login,
                timeout=180,
            )
        request = self.env["cartera.note.request"].sudo().search([])
        self.assertRecordValues(
            request,
            [
                {
                    "state": "submitted",
                    "amount_total": 80.0,
                    "move_id": self.invoice.id,
                    "requested_by": user.id,
                }
            ],
        )
        self.assertEqual(self.invoice.amount_residual, 1000)

    def test_accountant_reverses_with_a_reason(self):
        accountant = self._make_user(
            "tour_note_accountant",
            "account.group_account_user,cartera_cobranza.group_collector",
        )
        self.start_tour(
            f"/odoo/customer-invoices/{self.invoice.id}",
            "cartera_reverse_with_reason",
            login=accountant.login,
            timeout=180,
        )
        note = self.invoice.reversal_move_ids
        self.assertRecordValues(
            note,
            [
                {
                    "state": "posted",
                    "amount_total": 1000.0,
                    "note_reason_id": self.env.ref(
                        "cartera_cobranza.note_reason_price"
                    ).id,
                }
            ],
        )
        self.assertEqual(self.invoice.payment_state, "reversed")

    def test_accountant_imports_a_file(self):
        accountant = self._make_user(
            "tour_note_accountant",
            "account.group_account_user,cartera_cobranza.group_collector",
        )
        self.start_tour(
            "/odoo/note-imports",
            "cartera_import_notes",
            login=accountant.login,
            timeout=180,
        )
        upload = self.env["cartera.note.import"].sudo().search([])
        self.assertRecordValues(
            upload.row_ids.sorted("number"),
            [
                {"reference": "T1", "state": "done", "cell": False, "amount": 100.0},
                {"reference": "T2", "state": "done", "cell": False, "amount": 50.25},
                {"reference": "T3", "state": "error", "cell": "E4", "amount": 10.0},
            ],
        )
        self.assertEqual(upload.imported_by, accountant)
