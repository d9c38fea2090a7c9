from datetime import timedelta

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestKpiTours(AccountTestInvoicingCommon, HttpCase):
    """The finance director at five: one screen, drilled down; the browser's clock is the real one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.env["res.lang"]._activate_lang("en_US")
        today = cls.company._cartera_today()
        partner = cls.env["res.partner"].create(
            {"name": "Abarrotes La Central", "is_company": True}
        )
        invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": today - timedelta(days=40),
                "invoice_payment_term_id": False,
                "invoice_date_due": today - timedelta(days=10),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goods",
                            "price_unit": 600,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        invoice.action_post()
        month = today.replace(day=1)
        cls.env["cartera.kpi"].sudo()._compute_months(
            cls.company, [(month - timedelta(days=1)).replace(day=1), month]
        )
        cls.env["cartera.forecast"].sudo()._make(cls.company, today)
        for role in ("credit_manager", "collector"):
            new_test_user(
                cls.env(su=True),
                login=f"kpi_{role}",
                groups=f"cartera_cobranza.group_{role},account.group_account_readonly",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
                lang="en_US",
            )

    def test_director(self):
        self.start_tour(
            "/odoo/receivables-today",
            "cartera_director_day",
            login="kpi_credit_manager",
        )

    def test_collector(self):
        self.start_tour(
            "/odoo/key-figures", "cartera_key_figures", login="kpi_collector"
        )
