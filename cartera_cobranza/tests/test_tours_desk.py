from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestToursDesk(AccountTestInvoicingCommon, HttpCase):
    """The accountant's aging in the browser, whose clock is the real one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.env["res.lang"]._activate_lang("en_US")
        cls.partner = cls.env["res.partner"].create(
            {"name": "Abarrotes La Central", "is_company": True}
        )
        cls._post_invoice(1000, "2026-01-15")
        paid = cls._post_invoice(600, "2026-01-20")
        cls.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=paid.ids
        ).create({"payment_date": "2026-02-15"})._create_payments()

    @classmethod
    def _post_invoice(cls, amount, due):
        invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.partner.id,
                "invoice_date": "2026-01-05",
                "invoice_payment_term_id": False,
                "invoice_date_due": due,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goods",
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        invoice.action_post()
        return invoice

    def test_accountant_looks_at_a_day(self):
        new_test_user(
            self.env(su=True),
            login="tour_accountant",
            groups="cartera_cobranza.group_collector,account.group_account_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
            lang="en_US",
        )
        self.start_tour(
            "/odoo/aging", "cartera_aging_of_a_day", login="tour_accountant"
        )
