from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestTours(AccountTestInvoicingCommon, HttpCase):
    """What an executive and a manager do every day, in the browser; the browser's clock is the real one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.env["res.lang"]._activate_lang("en_US")
        cls.customer_partner = cls.env["res.partner"].create(
            {"name": "Abarrotes La Central", "is_company": True}
        )
        cls.invoice = cls._post_invoice(600)
        cls.customer = (
            cls.env["cartera.customer"]
            .sudo()
            ._find_or_create(cls.customer_partner, cls.company)[cls.customer_partner]
        )

    @classmethod
    def _post_invoice(cls, amount):
        invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.customer_partner.id,
                "invoice_date": "2026-01-15",
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

    @classmethod
    def _make_user(cls, login, role):
        return new_test_user(
            cls.env(su=True),
            login=login,
            groups=f"cartera_cobranza.{role},account.group_account_readonly",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            lang="en_US",
        )

    def _turn_gate_on(self):
        self.env["cartera.authority"].sudo().create(
            {
                "kind": "release_limit",
                "group_id": self.env.ref("cartera_cobranza.group_credit_executive").id,
                "company_id": self.company.id,
                "unlimited": True,
            }
        )
        overdue = (
            self.env["cartera.credit.rule"]
            .sudo()
            .search([("condition", "=", "overdue_days")])
        )
        overdue.active = False
        self.company.sudo().write(
            {"cartera_gate": "block", "cartera_invoice_gate": True}
        )

    def test_executive_releases_a_held_invoice(self):
        line = (
            self.env["cartera.credit.line"]
            .sudo()
            .create({"customer_id": self.customer.id, "amount": 1000})
        )
        line.action_activate()
        self._turn_gate_on()
        held = self._post_invoice(700)
        self.assertEqual(held.state, "draft")
        self.assertEqual(held.credit_state, "held")
        executive = self._make_user("tour_executive", "group_credit_executive")
        self.start_tour("/odoo", "cartera_release_held_invoice", login="tour_executive")
        hold = held.sudo().credit_hold_ids
        self.assertEqual(hold.state, "released")
        self.assertEqual(hold.released_by, executive)
        self.assertEqual(hold.release_note, "Transfer of this morning")
        self.assertEqual(held.state, "posted")

    def test_manager_gives_a_line(self):
        self.customer.sudo()._refresh(self.company, self.customer_partner.ids)
        colleague = self._make_user("tour_colleague", "group_credit_manager")
        self.env["cartera.credit.line"].with_user(colleague).create(
            {"customer_id": self.customer.id, "amount": 5000}
        )
        self._make_user("tour_manager", "group_credit_manager")
        self.start_tour(
            "/odoo/credit-customers", "cartera_give_a_line", login="tour_manager"
        )
        line = self.customer.sudo().line_ids
        self.assertRecordValues(
            line, [{"state": "active", "amount": 5000.0, "mode": "amount"}]
        )
        self.assertEqual(self.customer.sudo().line_id, line)
