from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestToursInterest(AccountTestInvoicingCommon, HttpCase):
    """A month's interest in the browser: the accountant prepares and posts, the manager decides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.env["res.lang"]._activate_lang("en_US")
        root = cls.env(su=True)
        partner = root["res.partner"].create(
            {"name": "Abarrotes La Central", "is_company": True}
        )
        root["cartera.interest.policy"].create(
            {
                "name": "3 % a month",
                "company_id": cls.company.id,
                "rate_source": "fixed_month",
                "rate": 3,
                "tax_mode": "none",
            }
        )
        invoice = root["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": "2025-12-17",
                "invoice_payment_term_id": False,
                "invoice_date_due": "2025-12-17",
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goods", "price_unit": 10000, "tax_ids": False}
                    )
                ],
            }
        )
        invoice.action_post()
        payment = root["account.payment"].create(
            {
                "amount": 4000,
                "date": "2026-01-06",
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": partner.id,
            }
        )
        payment.action_post()
        (payment.move_id | invoice).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        cls.invoice = invoice

    def _make_user(self, login, *groups):
        return new_test_user(
            self.env(su=True),
            login=login,
            groups=",".join(groups),
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
            lang="en_US",
        )

    def test_the_accountant_prepares_the_manager_decides_the_accountant_posts(self):
        self._make_user(
            "tour_accountant",
            "account.group_account_user",
            "cartera_cobranza.group_collector",
        )
        manager = self._make_user(
            "tour_manager", "cartera_cobranza.group_credit_manager"
        )
        url = "/odoo/interest-runs"
        self.start_tour(url, "cartera_interest_prepare", login="tour_accountant")
        run = self.env["cartera.interest.run"].sudo().search([])
        # 10,000 × 3 % × 20/30 + 6,000 × 3 % × 25/30
        self.assertRecordValues(
            run, [{"state": "simulated", "amount": 350.0, "line_count": 1}]
        )
        self.start_tour(url, "cartera_interest_decide", login="tour_manager")
        self.assertEqual((run.state, run.approved_by), ("approved", manager))
        self.assertEqual(run.waiver_ids.reason, "First time late")
        self.start_tour(url, "cartera_interest_post", login="tour_accountant")
        self.assertEqual(run.state, "posted")
        note = run.line_ids.note_move_id
        self.assertEqual(
            (note.amount_total, note.debit_origin_id), (300.0, self.invoice)
        )
