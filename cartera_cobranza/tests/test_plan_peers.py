"""What users of other systems complain of when their customers are reminded; each must not happen here."""

from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY
from .plan_common import PlanCommon


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestPlanPeers(PlanCommon):
    def setUp(self):
        super().setUp()
        self.strategy = self.make_strategy((1, "email"), (8, "email"))
        self.invoice = self.make_invoice(self.partner, 100, due="2026-03-01")

    def mail_of(self, action):
        return self.root["mail.mail"].search(
            [("mail_message_id", "=", action.message_id.id)]
        )

    def test_every_invoice_shows_its_own_balance(self):
        """ERPNext copied the last outstanding amount to all rows."""
        second = self.make_invoice(self.partner, 250, due="2026-03-02")
        self.pay(self.partner, 40, invoices=self.invoice)
        action = self.run_on(TODAY)
        found = {
            item.move_line_id.move_id: (item.amount_original, item.residual)
            for item in action.item_ids
        }
        self.assertEqual(found, {self.invoice: (100, 60), second: (250, 250)})
        self.assertEqual(action.amount, 310)

    def test_the_message_shows_what_was_billed_and_what_is_left(self):
        """A letter showed the total of the invoice instead of its balance."""
        self.partner.lang = "en_US"
        self.pay(self.partner, 40, invoices=self.invoice)
        body = self.mail_of(self.run_on(TODAY)).body_html
        self.assertIn("100.00", body)
        self.assertIn("60.00", body)

    def test_amounts_carry_the_currency_of_their_document(self):
        """Reminders mixed the company's amount with the document's symbol: 1,800 pesos are 100 dollars."""
        pesos = self.make_invoice(
            self.partner, 1800, due="2026-03-02", currency_id=self.mxn.id
        )
        action = self.run_on(TODAY)
        by_currency = {
            item.currency_id: item.demanded
            for item in action.item_ids.filtered(lambda one: one.demanded > 0)
        }
        self.assertEqual(by_currency, {self.usd: 100, self.mxn: 1800})
        self.assertEqual(action.amount, 200)
        self.assertTrue(pesos)

    def test_a_later_invoice_has_its_own_first_reminder(self):
        """A message about one invoice hid the customer's others, for good."""
        later = self.make_invoice(self.partner, 70, due="2026-03-20")
        first = self.run_on(TODAY)
        self.assertEqual(first.leading_line_id.move_id, self.invoice)
        self.pay(self.partner, 100, "2026-03-17", self.invoice)
        second = self.run_on("2026-03-21")
        self.assertEqual(second.leading_line_id.move_id, later)
        self.assertEqual(second.step_id.name, "Day 1")
        self.assertEqual(second.amount, 70)

    def test_an_overdue_invoice_is_listed_though_another_carries_the_step(self):
        later = self.make_invoice(self.partner, 70, due="2026-03-20")
        self.run_on(TODAY)
        second = self.run_on("2026-03-23")
        self.assertEqual(second.step_id.name, "Day 8")
        self.assertEqual(second.item_ids.move_line_id.move_id, self.invoice | later)
        self.assertEqual(second.amount, 170)

    def test_drafts_neither_ask_nor_credit(self):
        """Draft and cancelled credit notes counted, and cancelled invoices were chased."""
        self.make_invoice(self.partner, 500, due="2026-03-01", post=False)
        self.make_invoice(
            self.partner, 100, due="2026-03-01", move_type="out_refund", post=False
        )
        cancelled = self.make_invoice(self.partner, 900, due="2026-02-01")
        cancelled.button_draft()
        cancelled.button_cancel()
        action = self.run_on(TODAY)
        self.assertEqual(action.amount, 100)
        self.assertEqual(action.item_ids.move_line_id.move_id, self.invoice)

    def test_open_credit_notes_are_listed_with_their_sign(self):
        note = self.make_invoice(
            self.partner, 30, date="2026-03-05", move_type="out_refund"
        )
        action = self.run_on(TODAY)
        listed = action.item_ids.filtered(lambda one: one.residual < 0)
        self.assertEqual(listed.move_line_id.move_id, note)
        self.assertEqual((listed.demanded, action.amount), (-30, 70))

    def test_an_invoice_credited_in_full_leaves_the_word_to_the_next(self):
        """A reminder stayed unresolved after its invoice was credited."""
        second = self.make_invoice(self.partner, 250, due="2026-03-05")
        planned = self.run_only(TODAY)
        self.invoice._reverse_moves(
            [{"date": self.today, "invoice_date": self.today}], cancel=True
        )
        planned._send_queued()
        self.assertEqual(planned.state, "cancelled")
        again = self.run_on("2026-03-17")
        self.assertEqual(again.leading_line_id.move_id, second)

    def test_final_notices_go_to_who_decides(self):
        """Invoices, reminders and escalations have addresses of their own."""
        self.strategy.step_ids[:1].recipient_role = "escalation"
        clerk, director = (
            self.make_partner(
                name,
                is_company=False,
                parent_id=self.partner.id,
                email=f"{name.lower()}@example.com",
            )
            for name in ("Clerk", "Director")
        )
        clerk.cartera_collections = True
        director.cartera_escalation = True
        action = self.run_on(TODAY)
        self.assertEqual(action.contact_ids, director)
        director.cartera_escalation = False
        self.invoice = self.make_invoice(
            self.make_debtor("Second SA").partner_id, 5, due="2026-03-01"
        )
        other = self.run_on(TODAY)
        self.assertEqual(other.contact_ids, self.invoice.partner_id)

    def test_exclusions_have_a_reason_and_end_by_themselves(self):
        """What was left out of the reminders never came back."""
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.customer.write({"no_plan": True})
            self.env.flush_all()
        self.customer.write(
            {
                "no_plan": True,
                "no_plan_reason": "The director promised",
                "no_plan_until": "2026-03-18",
            }
        )
        self.assertEqual(
            self.steps_made([TODAY, "2026-03-18", "2026-03-19"]),
            {"2026-03-19": "Day 1"},
        )

    def test_the_company_of_the_debt_decides_whoever_runs_it(self):
        """Reminders went out with the sender and the values of the main company."""
        there = self.make_customer("Abarrotes del Centro", self.other_company)
        there.partner_id.email = "there@example.com"
        self.strategy.company_id = False
        self.other_company.write(
            {
                "email": "pesos@example.com",
                "cartera_payment_instructions": "<p>Cuenta en pesos</p>",
            }
        )
        self.make_invoice(
            there.partner_id, 900, due="2026-03-01", company=self.other_company
        )
        # from the company in dollars
        planned = self.Strategy.with_context(
            allowed_company_ids=(self.company | self.other_company).ids
        )._run(TODAY, customers=there)
        planned.with_company(self.company)._send_queued()
        self.assertEqual(planned.company_id, self.other_company)
        self.assertEqual(planned.currency_id, self.other_company.currency_id)
        self.assertEqual((planned.state, planned.amount), ("sent", 900))
        mail = self.mail_of(planned)
        self.assertIn("pesos@example.com", mail.email_from)
        self.assertEqual(mail.record_company_id, self.other_company)
        self.assertEqual(planned.case_id.company_id, self.other_company)

    def test_two_customers_of_two_collectors_get_two_messages(self):
        other = self.make_debtor("Second SA")
        other.collector_id = self.executive
        self.customer.collector_id = self.collector
        self.executive.email, self.collector.email = "b@example.com", "a@example.com"
        self.make_invoice(other.partner_id, 5, due="2026-03-01")
        senders = {
            action.customer_id: self.mail_of(action).email_from
            for action in self.run_on(TODAY)
        }
        self.assertIn("a@example.com", senders[self.customer])
        self.assertIn("b@example.com", senders[other])

    def test_what_was_typed_wrong_is_refused_with_its_value(self):
        with self.refused(ValidationError, "short text"):
            self.make_strategy((3, "whatsapp", {"short_text": False}))
        with self.refused(ValidationError, "somebody to ask"):
            self.make_strategy((3, "escalate", {"escalate_to": False}))
        template = self.template.copy(
            {
                "model_id": self.root["ir.model"]._get_id("res.partner"),
                "subject": "x",
                "body_html": "<p>x</p>",
            }
        )
        with self.refused(ValidationError, "another kind"):
            self.make_strategy((3, "email", {"template_id": template.id}))
