from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestToursRequests(AccountTestInvoicingCommon, HttpCase):
    """From the application to the line in the browser: the executive asks, the manager grants."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.root = cls.env(su=True)
        cls.root["res.lang"]._activate_lang("en_US")
        partner = cls.root["res.partner"].create(
            {"name": "Abarrotes La Central", "is_company": True, "company_id": False}
        )
        cls.customer = cls.root["cartera.customer"]._find_or_create(
            partner, cls.company
        )[partner]
        kind = cls.root["cartera.document.type"].create({"name": "Tax certificate"})
        cls.root["cartera.request.requirement"].create(
            {"type_id": kind.id, "kind": "opening", "company_id": cls.company.id}
        )

    def make_user(self, login, role):
        return new_test_user(
            self.root,
            login=login,
            groups=f"cartera_cobranza.group_credit_{role}",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
            lang="en_US",
        )

    def test_executive_asks_and_manager_grants(self):
        executive = self.make_user("tour_request_executive", "executive")
        manager = self.make_user("tour_request_manager", "manager")
        self.start_tour(
            "/odoo/credit-customers",
            "cartera_ask_for_a_line",
            login=executive.login,
            timeout=180,
        )
        request = self.customer.request_ids
        self.assertRecordValues(
            request,
            [
                {
                    "state": "submitted",
                    "kind": "opening",
                    "amount": 50000,
                    "missing_count": 0,
                    "requested_by": executive.id,
                    "debt_percent": 40,
                }
            ],
        )
        self.assertEqual(request.document_ids.file_name, "certificate.pdf")
        self.assertFalse(self.customer.line_ids)
        self.start_tour(
            "/odoo/credit-applications",
            "cartera_approve_a_line",
            login=manager.login,
            timeout=180,
        )
        self.assertEqual(request.state, "approved")
        self.assertRecordValues(
            self.customer.line_id,
            [{"state": "active", "amount": 30000, "activated_by": manager.id}],
        )
