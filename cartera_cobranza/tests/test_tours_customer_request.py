from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestCustomerRequestTours(AccountTestInvoicingCommon, HttpCase):
    """A salesperson proposes a customer, an executive approves it; the browser's clock is the real one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.env["res.lang"]._activate_lang("en_US")
        cls.company.sudo().write(
            {
                "country_id": cls.env.ref("base.mx").id,
                "cartera_prepaid_term_id": cls.env["account.payment.term"]
                .sudo()
                .create(
                    {
                        "name": "In advance",
                        "cartera_prepaid": True,
                        "line_ids": [
                            Command.create(
                                {
                                    "value": "percent",
                                    "value_amount": 100,
                                    "nb_days": 0,
                                }
                            )
                        ],
                    }
                )
                .id,
            }
        )
        for login, role in (
            ("request.seller", "group_viewer"),
            ("request.executive", "group_credit_executive"),
        ):
            new_test_user(
                cls.env(su=True),
                login=login,
                groups=f"cartera_cobranza.{role}",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
                lang="en_US",
            )

    def test_from_the_proposal_to_the_customer(self):
        self.start_tour(
            "/odoo/customer-requests/new",
            "cartera_customer_request_propose",
            login="request.seller",
        )
        request = self.env["cartera.customer.request"].sudo().search([], limit=1)
        self.assertEqual(
            (request.state, request.requested_by.login), ("submitted", "request.seller")
        )
        self.start_tour(
            f"/odoo/customer-requests/{request.id}",
            "cartera_customer_request_approve",
            login="request.executive",
        )
        request.invalidate_recordset()
        self.assertEqual(request.state, "approved")
        self.assertEqual(request.partner_id.vat, "GODE561231GR8")
