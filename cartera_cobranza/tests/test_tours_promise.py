from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestPromiseTours(AccountTestInvoicingCommon, HttpCase):
    """A collector's promise and the warehouse's answer, in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.env["res.lang"]._activate_lang("en_US")
        cls.customer_partner = cls.env["res.partner"].create(
            {"name": "Abarrotes La Central", "is_company": True}
        )
        cls.invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.customer_partner.id,
                "invoice_date": "2026-01-15",
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
        cls.invoice.action_post()

    def _make_user(self, login, groups):
        return new_test_user(
            self.env(su=True),
            login=login,
            groups=groups,
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
            lang="en_US",
        )

    def test_collector_records_a_promise_from_the_invoice(self):
        self._make_user(
            "tour_collector",
            "cartera_cobranza.group_collector,account.group_account_invoice",
        )
        self.start_tour(
            f"/odoo/customer-invoices/{self.invoice.id}",
            "cartera_promise_from_invoice",
            login="tour_collector",
        )
        promise = self.invoice.sudo().cartera_promise_line_ids.promise_id
        self.assertRecordValues(
            promise, [{"state": "open", "amount": 400, "live": True, "level": 1}]
        )

    def test_operations_answer_a_dispute(self):
        operator = self._make_user(
            "tour_operations", "cartera_cobranza.group_operations"
        )
        area = (
            self.env["cartera.dispute.area"]
            .sudo()
            .create({"name": "Warehouse", "member_ids": [Command.set(operator.ids)]})
        )
        kind = (
            self.env["cartera.dispute.type"]
            .sudo()
            .create({"name": "Missing goods", "code": "TOUR", "area_id": area.id})
        )
        dispute = (
            self.env["cartera.dispute"]
            .sudo()
            .create(
                {
                    "move_id": self.invoice.id,
                    "type_id": kind.id,
                    "disputed_amount": 200,
                }
            )
        )
        self.start_tour(
            "/odoo/disputes",
            "cartera_operations_answers_dispute",
            login="tour_operations",
        )
        self.assertRecordValues(
            dispute,
            [
                {
                    "state": "accepted",
                    "accepted_amount": 100,
                    "remaining_amount": 100,
                    "findings": "Two boxes were missing",
                    "answer": "You get a credit note",
                }
            ],
        )
