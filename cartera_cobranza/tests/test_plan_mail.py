from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from ..calc import kpi_work
from .common import TODAY
from .plan_common import PlanCommon

RAW = """Message-ID: <{id}@example.com>
Date: Tue, 17 Mar 2026 09:00:00 -0600
From: {sender}
To: {to}
Subject: {subject}
In-Reply-To: {parent}
References: {parent}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
{headers}
{body}
"""


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestPlanMail(PlanCommon):
    """What goes out to whom, what becomes a task instead, and what an answer does."""

    def setUp(self):
        super().setUp()
        self.strategy = self.make_strategy((1, "email"))
        self.invoice = self.make_invoice(self.partner, 100, due="2026-03-01")
        self.customer.collector_id = self.collector
        self.collector.email = "collector@example.com"

    def send(self):
        action = self.run_on(TODAY)
        mail = self.root["mail.mail"].search(
            [("mail_message_id", "=", action.message_id.id)]
        )
        return action, mail

    def answer(
        self, action, subject="Re: Balance", headers="", sender="abarrotes@example.com"
    ):
        raw = RAW.format(
            id=f"{subject}-{action.id}".replace(" ", ""),
            sender=sender,
            to="cobranza@example.com",
            subject=subject,
            parent=action.message_id.message_id,
            headers=headers,
            body="Pagamos el viernes",
        )
        self.root["mail.thread"].message_process(
            "cartera.collection.case", raw.replace("\n\n", "\n", 0)
        )

    # To whom

    def test_one_message_with_recipient_text_and_tracking(self):
        action, mail = self.send()
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.recipient_ids, self.partner)
        self.assertEqual(mail.state, "outgoing")
        self.assertIn("Abarrotes", mail.subject)
        self.assertIn(self.invoice.name, mail.body_html)
        self.assertEqual(mail.email_from, self.collector.email_formatted)
        self.assertEqual(
            (mail.model, mail.res_id), ("cartera.collection.case", action.case_id.id)
        )
        notification = self.root["mail.notification"].search(
            [("mail_mail_id", "=", mail.id)]
        )
        self.assertEqual(notification.notification_status, "ready")
        self.assertEqual((action.state, action.delivered), ("sent", 1))

    def test_collections_contact_comes_before_the_invoice_address(self):
        child = {"parent_id": self.partner.id}
        self.make_partner(
            "Invoices",
            email="inv@example.com",
            type="invoice",
            is_company=False,
            **child,
        )
        action, mail = self.send()
        self.assertEqual(mail.recipient_ids.email, "inv@example.com")
        wanted = self.make_partner(
            "Treasury",
            email="pay@example.com",
            is_company=False,
            cartera_collections=True,
            **child,
        )
        action._cancel("again")
        self.assertEqual(action._recipients()[action], wanted)

    def test_copies_follow_the_step(self):
        self.strategy.step_ids.copy_sales_manager = True
        self.company.cartera_sales_manager_id = self.manager
        self.manager.email = "boss@example.com"
        action, mail = self.send()
        self.assertIn("boss@example.com", mail.email_cc)
        self.assertIn("boss@example.com", action.copied_to)

    def test_stored_invoices_go_along(self):
        pdf = self.root["ir.attachment"].create(
            {
                "name": "INV.pdf",
                "raw": b"%PDF-1.4 stored",
                "res_model": "account.move",
                "res_id": self.invoice.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        _action, mail = self.send()
        self.assertEqual(mail.attachment_ids, pdf)

    # What becomes a task

    def assert_waits(self, action, text):
        self.assertEqual(action.state, "ready")
        self.assertRegex(action.skip_reason, text)
        self.assertFalse(action.message_id)
        task = action.case_id.activity_ids
        self.assertEqual(task.user_id, self.collector)
        # The plan does not go on silently, nor make a task every day.
        self.assertFalse(self.run_on("2026-03-17"))
        self.assertEqual(len(action.case_id.activity_ids), 1)

    def test_no_address_makes_a_task(self):
        self.partner.email = False
        action, _mail = self.send()
        self.assert_waits(action, "no contact")
        self.partner.email = "new@example.com"
        action.with_user(self.collector).action_send()
        self.assertEqual(action.state, "sent")
        self.assertFalse(action.case_id.activity_ids)

    def test_a_blacklisted_address_makes_a_task(self):
        self.root["mail.blacklist"].create({"email": self.partner.email})
        action, _mail = self.send()
        self.assert_waits(action, "abarrotes@example.com")

    def test_opted_out_customers_are_not_written_to(self):
        self.customer.refuses_email = True
        action, _mail = self.send()
        self.assert_waits(action, "does not want")

    # What comes back

    def test_an_answer_lands_on_its_case_pauses_and_makes_a_task(self):
        action, _mail = self.send()
        case = action.case_id
        self.answer(action)
        self.assertEqual(action.state, "replied")
        self.assertTrue(case.reply_unread)
        self.assertEqual(case.paused_until.isoformat(), "2026-03-21")  # 5 days
        self.assertEqual(case.todo, "reply")
        self.assertEqual(case.activity_ids.user_id, self.collector)
        incoming = case.message_ids.filtered(lambda one: one.message_type == "email")
        self.assertEqual(incoming.author_id, self.partner)
        self.assertIn("Pagamos", incoming.body)
        self.assertEqual((action.delivered, action.replied), (1, 1))
        self.assertEqual(kpi_work.reply_rate(action.replied, 1, 0).value, 100)
        case.with_user(self.collector).action_answer_read()
        self.assertFalse(case.reply_unread)
        self.assertFalse(case.activity_ids)

    def test_automatic_answers_change_nothing(self):
        action, _mail = self.send()
        case = action.case_id
        self.answer(action, headers="Auto-Submitted: auto-replied\n")
        self.answer(action, subject="Respuesta automática: Balance")
        self.assertEqual(action.state, "sent")
        self.assertFalse(case.paused_until or case.reply_unread or case.activity_ids)
        incoming = case.message_ids.filtered(lambda one: one.message_type == "email")
        self.assertEqual(len(incoming), 2)

    def test_a_bounce_is_no_contact_and_makes_a_task(self):
        action, _mail = self.send()
        action._note_bounce("Abarrotes@Example.com", "550 no such user")
        self.assertEqual((action.state, action.delivered), ("bounced", 0))
        self.assertEqual(action.bounced_email, "abarrotes@example.com")
        self.assertEqual(action.case_id.activity_ids.user_id, self.collector)
        self.assertFalse(action.case_id.last_contact_date)
        # The same address is not used again: the step waits for a person.
        again = self.run_on("2026-03-17")
        self.assertEqual(again.state, "ready")
        self.assertRegex(again.skip_reason, "came back")

    # Texts

    def test_unknown_variables_are_refused_with_their_name(self):
        for body, name in (
            ('<p t-out="object.partner_id.nombre"/>', "object.partner_id.nombre"),
            ('<p t-out="saldo"/>', "saldo"),
        ):
            with self.subTest(body), self.refused(ValidationError, name):
                self.template.body_html = body
        with self.refused(ValidationError, "object.partner"):
            self.template.subject = "{{ object.partner.name }}"
        self.template.body_html = (
            '<t t-foreach="object.item_ids" t-as="item"><p t-out="item.document"/></t>'
        )
