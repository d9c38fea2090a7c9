from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestToursPlan(AccountTestInvoicingCommon, HttpCase):
    """A collector's three clicks, and the look ahead at what the plan will do; the clock is the real one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(su=True)
        cls.env["res.lang"]._activate_lang("en_US")
        cls.company = cls.company_data["company"]
        cls.partner = cls.env["res.partner"].create(
            {
                "name": "Abarrotes La Central",
                "is_company": True,
                "email": "abarrotes@example.com",
            }
        )
        cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.partner.id,
                "invoice_date": "2026-01-15",
                "invoice_date_due": "2026-01-15",
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goods", "price_unit": 600, "tax_ids": False}
                    )
                ],
            }
        ).action_post()
        cls.user = new_test_user(
            cls.env,
            login="tour_collector",
            groups="cartera_cobranza.group_collector",
            lang="en_US",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        found = cls.env["cartera.customer"]._find_or_create(cls.partner, cls.company)
        cls.customer = found[cls.partner]
        cls.customer.collector_id = cls.user

    def test_collector_logs_a_call(self):
        case = self.env["cartera.collection.case"]._for_customers(self.customer)[
            self.customer
        ]
        case._note_contact()
        self.start_tour(
            "/odoo/collection-worklist",
            "cartera_collector_logs_a_call",
            login="tour_collector",
        )
        action = case.action_ids
        self.assertRecordValues(
            action, [{"channel": "call", "state": "done", "user_id": self.user.id}]
        )
        self.assertTrue(action.next_date)
        self.assertEqual(case.next_contact_date, action.next_date)

    def test_simulation(self):
        self.env["cartera.collection.strategy"].search([]).active = False
        self.env["cartera.collection.strategy"].create(
            {
                "name": "Calls",
                "working_days": "all",
                "step_ids": [
                    Command.create({"name": "Call", "days": 1, "channel": "call"})
                ],
            }
        )
        self.start_tour(
            "/odoo/collection-simulation",
            "cartera_simulate_the_plan",
            login="tour_collector",
        )
        self.assertFalse(self.customer.collection_action_ids)
