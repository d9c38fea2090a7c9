from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestToursCollections(AccountTestInvoicingCommon, HttpCase):
    """The days of collector, operations, manager and customer, in the browser; its clock is the real one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.root = cls.env(su=True)
        cls.env["res.lang"]._activate_lang("en_US")
        cls.customer_partner = cls.env["res.partner"].create(
            {
                "name": "Abarrotes La Central",
                "is_company": True,
                "email": "pagos@abarrotes.example.com",
                "phone": "+52 55 1234 5678",
                "lang": "en_US",
            }
        )
        cls.invoices = cls.env["account.move"].create(
            [cls._prepare_invoice(day) for day in ("2026-01-15", "2026-02-15")]
        )
        cls.invoices.action_post()
        cls.customer = cls.root["cartera.customer"]._find_or_create(
            cls.customer_partner, cls.company
        )[cls.customer_partner]
        cls.collector = cls._make_user(
            "tour_collector",
            "cartera_cobranza.group_collector,account.group_account_readonly",
        )
        cls.customer.collector_id = cls.collector
        cls.root["cartera.collection.strategy"].search([]).write({"active": False})
        cls.case = cls.root["cartera.collection.case"]._for_customers(cls.customer)[
            cls.customer
        ]
        cls.case._note_contact()

    @classmethod
    def _prepare_invoice(cls, day):
        return {
            "move_type": "out_invoice",
            "partner_id": cls.customer_partner.id,
            "invoice_date": day,
            "invoice_date_due": day,
            "invoice_payment_term_id": False,
            "invoice_line_ids": [
                Command.create(
                    {"name": "Goods", "price_unit": 600, "tax_ids": [Command.clear()]}
                )
            ],
        }

    @classmethod
    def _make_user(cls, login, groups, **vals):
        return new_test_user(
            cls.env(su=True),
            login=login,
            groups=groups,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            lang="en_US",
            **vals,
        )

    def _tour(self, url, name, login):
        self.start_tour(url, name, login=login, timeout=240)
        self.env.invalidate_all()

    def test_collector_logs_in_three_clicks_and_takes_a_promise(self):
        self._tour(
            "/odoo/collection-worklist", "cartera_collector_day", "tour_collector"
        )
        contacts = self.case.action_ids.sorted("id")
        self.assertEqual(
            [
                (one.channel, one.state, one.outcome_id.name, bool(one.next_date))
                for one in contacts
            ],
            [
                ("call", "done", "Left a message", True),
                ("call", "done", "Will pay on a day agreed", True),
            ],
        )
        promise = self.case.promise_ids
        self.assertEqual((promise.state, promise.amount), ("open", 1200))
        self.assertEqual(promise.instalment_ids.mapped("amount"), [600, 600])
        self.assertEqual(self.case.stage, "promised")

    def test_collector_writes_down_a_dispute(self):
        self._tour(
            "/odoo/collection-worklist", "cartera_collector_dispute", "tour_collector"
        )
        dispute = self.case.dispute_ids
        self.assertEqual((dispute.disputed_amount, dispute.state), (150, "open"))
        self.assertEqual(dispute.description, "Two pallets came wet")

    def test_operations_answer_without_accounting(self):
        operator = self._make_user(
            "tour_operations", "cartera_cobranza.group_operations"
        )
        area = self.root.ref("cartera_cobranza.dispute_area_quality")
        area.write({"user_id": operator.id, "member_ids": [Command.set(operator.ids)]})
        dispute = self.root["cartera.dispute"].create(
            {
                "move_id": self.invoices[0].id,
                "type_id": self.root.ref("cartera_cobranza.dispute_type_damage").id,
                "disputed_amount": 150,
            }
        )
        # this type asks for a proof
        dispute.evidence_ids = [
            Command.create(
                {"name": "pallet.jpg", "raw": b"photo", "res_model": dispute._name}
            )
        ]
        self._tour("/odoo/disputes", "cartera_operations_day", "tour_operations")
        self.assertEqual(dispute.state, "accepted")
        self.assertEqual((dispute.accepted_amount, dispute.remaining_amount), (75, 75))
        self.assertEqual(dispute.findings, "One of the two pallets was wet")
        self.assertEqual(dispute.answer, "We credit one pallet")

    def test_manager_simulates_a_strategy(self):
        self._make_user(
            "tour_plan_manager",
            "cartera_cobranza.group_credit_manager,account.group_account_readonly",
        )
        self.root["cartera.collection.strategy"].create(
            {
                "name": "Tour plan",
                "company_id": self.company.id,
                "working_days": "all",
                "step_ids": [
                    Command.create(
                        {"name": "Friendly call", "days": 3, "channel": "call"}
                    )
                ],
            }
        )
        self._tour(
            "/odoo/collection-strategies",
            "cartera_manager_simulation",
            "tour_plan_manager",
        )
        self.assertFalse(self.customer.collection_action_ids)

    def test_customer_promises_and_disputes_with_a_photo(self):
        self._make_user(
            "tour_buyer", "base.group_portal"
        ).partner_id.parent_id = self.customer_partner
        invoice = self.invoices[0]
        self._tour(
            f"/my/invoices/{invoice.id}",
            "cartera_portal_promise_and_dispute",
            "tour_buyer",
        )
        promise = self.case.promise_ids
        self.assertEqual(
            (promise.state, promise.source, promise.amount), ("draft", "portal", 200)
        )
        dispute = self.case.dispute_ids
        self.assertEqual((dispute.source, dispute.disputed_amount), ("portal", 120))
        self.assertEqual(dispute.evidence_ids.mapped("name"), ["boxes.png"])
