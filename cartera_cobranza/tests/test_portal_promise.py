from odoo import Command, http
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestPortalPromise(AccountTestInvoicingCommon, HttpCase):
    """What a customer sees and does on the page of an own invoice, and nobody on another's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        company = cls.company_data["company"]
        cls.own, cls.other = cls.env["res.partner"].create(
            [
                {"name": "Abarrotes La Central", "is_company": True},
                {"name": "Somebody else", "is_company": True},
            ]
        )
        cls.mine, cls.theirs = (cls._invoice(one) for one in (cls.own, cls.other))
        new_test_user(
            cls.env(su=True),
            login="cartera_buyer",
            groups="base.group_portal",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
            lang="en_US",
        ).partner_id.parent_id = cls.own
        cls.kind = cls.env.ref("cartera_cobranza.dispute_type_quantity").sudo()

    @classmethod
    def _invoice(cls, partner):
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": "2026-01-15",
                "invoice_line_ids": [
                    Command.create(
                        {"name": "x", "price_unit": 600, "tax_ids": [Command.clear()]}
                    )
                ],
            }
        )
        move.action_post()
        return move

    def post(self, invoice, what, **data):
        return self.url_open(
            f"/my/invoices/{invoice.id}/{what}",
            data=data | {"csrf_token": http.Request.csrf_token(self)},
            timeout=60,
        )

    def test_the_customer_disputes_and_promises_on_an_own_invoice(self):
        self.authenticate("cartera_buyer", "cartera_buyer")
        page = self.post(
            self.mine,
            "dispute",
            type_id=self.kind.id,
            amount="600.01",
            description="Six boxes are missing",
        )
        self.assertIn("alert-danger", page.text)
        self.assertFalse(self.mine.sudo().cartera_dispute_ids)
        page = self.post(
            self.mine,
            "dispute",
            type_id=self.kind.id,
            amount="200",
            description="Six boxes are missing",
        )
        dispute = self.mine.sudo().cartera_dispute_ids
        self.assertRecordValues(
            dispute,
            [{"disputed_amount": 200, "source": "portal", "state": "open"}],
        )
        self.assertIn(dispute.name, page.text)
        page = self.post(self.mine, "promise", date="2099-01-01", amount="400")
        promise = self.mine.sudo().cartera_promise_line_ids.promise_id
        self.assertRecordValues(
            promise,
            [{"state": "draft", "live": False, "amount": 400, "source": "portal"}],
        )
        self.assertRegex(page.text, "To be confirmed|Por confirmar")
        self.post(self.mine, "promise", date="2099-01-02", amount="10")
        self.assertEqual(self.mine.sudo().cartera_promise_line_ids.promise_id, promise)

    def test_bad_input_and_other_customers_change_nothing(self):
        self.authenticate("cartera_buyer", "cartera_buyer")
        good = {"type_id": self.kind.id, "amount": "5", "description": "no"}
        for bad in (
            {"type_id": "x"},
            {"type_id": "999999"},
            {"amount": "nan"},
            {"amount": "-5"},
            {"amount": "inf"},
            {"description": " "},
        ):
            with self.subTest(bad):
                self.post(self.mine, "dispute", **(good | bad))
                self.assertFalse(self.mine.sudo().cartera_dispute_ids)
        self.post(self.theirs, "dispute", **good)
        self.post(self.theirs, "promise", date="2099-01-01", amount="5")
        self.assertFalse(self.theirs.sudo().cartera_dispute_ids)
        self.assertFalse(self.theirs.sudo().cartera_promise_line_ids)
