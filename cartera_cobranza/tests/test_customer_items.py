from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .desk_common import DeskCommon


@tagged("post_install", "-at_install")
class TestCustomerItems(DeskCommon):
    """One click from a customer to what it owes and why, for whoever may see it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alfa = cls.make_customer("Alfa")
        cls.alfa.partner_id.user_id = cls.salesperson
        cls.contact = cls.root["res.partner"].create(
            {"name": "Ana", "parent_id": cls.alfa.partner_id.id}
        )
        cls.make_invoice(cls.alfa.partner_id, 700, "2026-03-01", "2026-02-01")
        cls.make_invoice(cls.alfa.partner_id, 300, "2026-04-01", "2026-03-01")
        cls.make_invoice(cls.make_partner("Beta"), 50, "2026-04-01", "2026-03-01")
        cls.env.flush_all()

    def open(self, records, user, method):
        records = records.with_user(user).with_context(
            allowed_company_ids=self.company.ids
        )
        action = getattr(records, method)()
        found = records.env[action["res_model"]].search(action["domain"])
        return sum(found.mapped("residual"))

    def test_from_the_credit_account_and_from_a_contact(self):
        for user in (self.salesperson, self.collector, self.accountant, self.manager):
            for records, method in (
                (self.alfa, "action_open_items"),
                (self.alfa.partner_id, "action_cartera_items"),
                (self.contact, "action_cartera_items"),
            ):
                if user == self.accountant and records == self.alfa:
                    continue  # has no role in credit, and comes from the contact
                with self.subTest(user=user.login, method=method):
                    self.assertEqual(self.open(records, user, method), 1000)

    def test_who_may_not(self):
        stranger = new_test_user(
            self.env(su=True),
            login="items_stranger",
            groups="base.group_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.open(self.alfa, stranger, "action_open_items")
        with self.assertRaises(AccessError):
            self.open(self.contact, stranger, "action_cartera_items")
