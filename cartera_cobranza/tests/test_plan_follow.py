"""What happens to contacts and cases when life goes on: money, answers, merged customers, people who leave."""

import io
import json
import zipfile
from datetime import date
from unittest.mock import patch

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY
from .plan_common import PlanCommon
from .test_plan_mail import RAW


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestPlanFollow(PlanCommon):
    def setUp(self):
        super().setUp()
        self.customer.collector_id = self.collector
        self.invoice = self.make_invoice(self.partner, 100, due="2026-03-01")

    def new_day(self):
        """The run of today as the scheduled action does it."""
        self.root["cartera.collection.action"]._cancel_settled(self.company)
        self.Case._refresh_cases(self.company)

    # Nobody is asked for what is settled

    def test_who_paid_is_not_called(self):
        self.make_strategy((1, "call"))
        call = self.run_on(TODAY)
        self.assertEqual(call.state, "ready")
        self.pay(self.partner, 100, invoices=self.invoice)
        self.new_day()
        self.assertEqual(call.state, "cancelled")
        self.assertRegex(call.skip_reason, "Paid")
        self.assertFalse(call.case_id.activity_ids)
        self.assertEqual(call.case_id.stage, "closed")

    def test_an_escalated_debt_that_was_paid_is_closed_one_with_the_lawyer_is_not(self):
        case = self.Case._for_customers(self.customer)[self.customer]
        self.pay(self.partner, 100, invoices=self.invoice)
        for stage, wanted in (("legal", "legal"), ("escalated", "closed")):
            case.stage = stage
            self.new_day()
            self.assertEqual(case.stage, wanted)

    def test_a_call_that_is_still_due_waits_on(self):
        self.make_strategy((1, "call"))
        call = self.run_on(TODAY)
        self.pay(self.partner, 40, invoices=self.invoice)
        self.new_day()
        self.assertEqual(call.state, "ready")
        self.assertEqual(call.case_id.todo, "step")

    def test_credit_notes_cancel_what_waits_as_well(self):
        self.make_strategy((1, "visit"))
        visit = self.run_on(TODAY)
        self.invoice._reverse_moves(
            [{"date": date(2026, 3, 16), "invoice_date": date(2026, 3, 16)}],
            cancel=True,
        )
        self.new_day()
        self.assertEqual(visit.state, "cancelled")

    def test_the_smallest_balance_counts_when_the_message_goes_out(self):
        self.make_strategy((1, "email"), min_balance=50)
        planned = self.run_only(TODAY)
        self.pay(self.partner, 60, invoices=self.invoice)
        planned._send_queued()
        self.assertEqual(planned.state, "cancelled")
        self.assertFalse(planned.message_id)

    def test_a_failed_message_gives_way_to_the_next_one(self):
        self.make_strategy((1, "email"))
        action = self.run_only(TODAY)
        with (
            patch.object(type(action), "_render_texts", side_effect=ValueError("no")),
            mute_logger(
                "odoo.addons.cartera_cobranza.models.cartera_collection_sender"
            ),
        ):
            action._send_queued()
        self.assertEqual(action.state, "error")
        again = self.run_on("2026-03-17")
        self.assertEqual((action.state, again.state), ("cancelled", "sent"))
        with self.refused(UserError, "nothing left to send"):
            action.action_send()

    def test_a_skipped_step_is_behind_us(self):
        self.make_strategy((1, "call"), (5, "email"))
        call = self.run_on(TODAY)
        self.assertFalse(self.run_on("2026-03-17"))
        call.with_user(self.collector).action_skip("They asked for a week")
        # the second step counts from the day of the skipped one, as from one that was made
        self.assertEqual(
            self.steps_made(["2026-03-18", "2026-03-19", "2026-03-20", "2026-03-21"]),
            {"2026-03-20": "Day 5"},
        )

    # How contacts end

    def test_a_call_prints_no_letter_and_hands_nothing_over(self):
        self.make_strategy((1, "letter"))
        letter = self.run_on(TODAY)
        case = letter.case_id.with_user(self.collector)
        call = case.action_log_contact("call", self.outcome.id, "", "2026-03-20")
        self.assertNotEqual(call, letter)
        self.assertEqual((letter.state, call.state), ("ready", "done"))

    def test_what_was_said_ends_with_the_next_date(self):
        self.make_strategy((1, "whatsapp"))
        action = self.run_on(TODAY).with_user(self.collector)
        with self.refused(UserError, "missing"):
            action.action_mark_done()
        with self.refused(UserError, "past"):
            action.action_mark_done("2026-03-15")
        wizard = action.action_log()
        self.assertEqual(wizard["res_model"], "cartera.log.contact")
        self.assertEqual(wizard["context"]["default_channel"], "whatsapp")
        action.action_mark_done("2026-03-20")
        self.assertEqual(action.state, "done")
        self.assertEqual(action.case_id.next_contact_date, date(2026, 3, 20))

    def test_whatsapp_gets_the_number_with_its_country(self):
        self.make_strategy((1, "whatsapp"))
        action = self.run_on(TODAY).with_user(self.collector)
        mexico = self.root.ref("base.mx")
        self.partner.country_id = mexico
        for phone, wanted in (
            ("55 1234 5678", "525512345678"),
            ("+52 55 1234 5678", "525512345678"),
            ("0052 55 1234 5678", "525512345678"),
            ("52 55 1234 5678", "525512345678"),
            ("+57 310 123 4567", "573101234567"),
        ):
            self.partner.phone = phone
            with self.subTest(phone):
                url = action.action_open_whatsapp()["url"]
                self.assertTrue(url.startswith(f"https://wa.me/{wanted}?text="), url)
                self.assertIn("You%20owe", url)
        contact = self.make_partner(
            "Ana",
            parent_id=self.partner.id,
            is_company=False,
            cartera_collections=True,
            email="ana@example.com",
            phone="+52 81 8765 4321",
        )
        self.assertIn("wa.me/528187654321", action.action_open_whatsapp()["url"])
        contact.phone = self.partner.phone = False
        with self.refused(UserError, "no phone number"):
            action.action_open_whatsapp()
        self.partner.phone = "+525512345678"
        self.customer.refuses_phone = True
        with self.refused(UserError, "does not want"):
            action.action_open_whatsapp()

    def test_the_case_does_the_step_that_waits(self):
        self.make_strategy((1, "whatsapp"))
        action = self.run_on(TODAY)
        self.partner.phone = "+525512345678"
        case = action.case_id.with_user(self.collector)
        self.assertIn("wa.me", case.action_do_step()["url"])
        action.with_user(self.collector).action_mark_done("2026-03-20")
        self.strategy = self.make_strategy((1, "visit"), sequence=1)
        self.run_on("2026-03-21")
        case.invalidate_recordset()
        self.assertEqual(case.action_do_step()["res_model"], "cartera.log.contact")

    def test_reminders_to_read_an_answer_outlive_other_contacts(self):
        self.make_strategy((1, "call"))
        call = self.run_on(TODAY)
        case = call.case_id
        case._note_answer(self.company._cartera_today(), "Re: balance")
        call.with_user(self.collector).action_skip("he wrote")
        kinds = case.activity_ids.activity_type_id
        self.assertEqual(kinds, self.root.ref("cartera_cobranza.mail_activity_reply"))

    # People

    def test_work_of_a_collector_who_left_goes_to_the_companys_choice(self):
        self.make_strategy((1, "call"))
        self.company.cartera_collection_user_id = self.executive
        self.collector.active = False
        call = self.run_on(TODAY)
        self.assertEqual(call.case_id.activity_ids.user_id, self.executive)

    def test_only_an_executive_hands_over_and_takes_back(self):
        case = self.Case._for_customers(self.customer)[self.customer]
        mine = case.with_user(self.collector)
        with self.refused(AccessError, "executives"):
            mine.action_hand_over()
        with self.refused(UserError, "Hand Over"):
            mine.stage = "legal"
        with self.refused(UserError, "no lawyer"):
            case.with_user(self.executive).action_hand_over()
        case.stage = "legal"
        with self.refused(AccessError, "with the lawyer"):
            mine.stage = "contacted"
        case.with_user(self.executive).stage = "contacted"
        self.assertEqual(case.stage, "contacted")

    # Answers

    def mail(self, sender, subject="Balance", to="cobranza@example.com", parent=""):
        self.root["mail.thread"].message_process(
            "cartera.collection.case",
            RAW.format(
                id=subject.replace(" ", ""),
                sender=sender,
                to=to,
                subject=subject,
                parent=parent,
                headers="",
                body="Pagamos el viernes",
            ),
        )

    def test_an_answer_to_an_old_case_pauses_the_open_one(self):
        self.make_strategy((1, "email"))
        action = self.run_on(TODAY)
        old = action.case_id
        old._close("Nothing more to do")
        new = self.Case._for_customers(self.customer)[self.customer]
        self.mail(
            "abarrotes@example.com", "Re: old", parent=action.message_id.message_id
        )
        self.assertEqual(action.state, "replied")
        self.assertTrue(new.reply_unread)
        self.assertEqual(new.paused_until, date(2026, 3, 21))
        self.assertFalse(old.reply_unread)

    def test_a_strangers_mail_is_passed_on_and_makes_no_case(self):
        self.company.cartera_collection_user_id = self.collector
        self.collector.email = "collector@example.com"
        before = self.Case.search_count([])
        self.mail("somebody@unknown.example.com", "Where is my order")
        self.assertEqual(self.Case.search_count([]), before)
        told = self.root["mail.message"].search(
            [("partner_ids", "in", self.collector.partner_id.ids)], limit=1
        )
        self.assertIn("Where is my order", told.subject)
        self.assertIn("Pagamos", told.body)

    # Stages

    def test_a_case_leaves_the_stages_of_promise_and_dispute(self):
        case = self.Case._for_customers(self.customer)[self.customer]
        kind = self.root["cartera.dispute.type"].search([], limit=1)
        dispute = (
            self.root["cartera.dispute"]
            .with_user(self.collector)
            .create(
                {
                    "move_id": self.invoice.id,
                    "type_id": kind.id,
                    "disputed_amount": 30,
                }
            )
        )
        self.assertEqual(case.stage, "disputed")
        dispute.action_reject("It was all delivered")
        self.Case._refresh_cases(self.company)
        self.assertEqual(case.stage, "contacted")
        promise = (
            self.root["cartera.payment.promise"]
            .with_user(self.collector)
            .create(
                {
                    "customer_id": self.customer.id,
                    "line_ids": [
                        Command.create({"move_id": self.invoice.id, "amount": 100})
                    ],
                    "instalment_ids": [
                        Command.create({"date": "2026-03-20", "amount": 100})
                    ],
                }
            )
        )
        promise.action_open()
        self.assertEqual(case.stage, "promised")
        self.pay(self.partner, 100, invoices=self.invoice)
        promise.sudo()._evaluate(self.company, self.company._cartera_today())
        self.Case._refresh_cases(self.company)
        self.assertEqual((promise.state, case.stage), ("kept", "closed"))

    def test_a_promised_balance_leaves_out_what_is_disputed(self):
        other = self.make_invoice(self.partner, 200, due="2026-03-05")
        kind = self.root["cartera.dispute.type"].search([], limit=1)
        self.root["cartera.dispute"].create(
            {"move_id": self.invoice.id, "type_id": kind.id, "disputed_amount": 100}
        )

        def promise(amount):
            found = (
                self.root["cartera.payment.promise"]
                .with_user(self.collector)
                .create(
                    {
                        "customer_id": self.customer.id,
                        "instalment_ids": [
                            Command.create({"date": "2026-03-20", "amount": amount})
                        ],
                    }
                )
            )
            found.action_open()
            return found

        with self.refused(UserError, "250.00", "200.00"):
            promise(250)
        self.assertEqual(promise(200).line_ids.move_id, other)

    # Merged customers

    def test_merged_customers_keep_one_account_with_the_history_of_both(self):
        self.make_strategy((1, "email"))
        twin = self.make_debtor("Abarrotes del Centro SA")
        self.make_invoice(twin.partner_id, 70, due="2026-02-20")
        contacts = self.run_on(TODAY)
        self.assertEqual(len(contacts), 2)
        gone = twin.id
        self.root["base.partner.merge.automatic.wizard"]._merge(
            (self.partner | twin.partner_id).ids, self.partner, extra_checks=False
        )
        self.root.invalidate_all()
        self.assertFalse(self.root["cartera.customer"].browse(gone).exists())
        self.assertEqual(contacts.customer_id, self.customer)
        self.assertEqual(contacts.partner_id, self.partner)
        cases = self.customer.case_ids
        self.assertEqual(sorted(cases.mapped("stage")), ["closed", "new"])
        # and the plan goes on with both debts
        due = self.Strategy._gather_items(self.company, self.customer)
        self.assertEqual(
            sorted(float(item.residual) for item in due[self.customer.id]),
            [70.0, 100.0],
        )

    def test_archived_customers_are_still_asked_for_their_debt(self):
        self.make_strategy((1, "email"))
        self.partner.active = False
        action = self.run_on(TODAY)
        self.assertEqual((action.state, action.amount), ("sent", 100.0))

    def test_weekdays_and_holidays_are_those_of_the_customer(self):
        """On Friday 20 March at 12:30 in London it is Saturday in Auckland."""
        self.make_strategy((1, "email"), working_days="mon_fri")
        there = self.make_debtor("Kiwi SA", tz="Pacific/Auckland")
        self.partner.tz = "Europe/London"
        self.make_invoice(there.partner_id, 50, due="2026-03-01")
        with freeze_time("2026-03-20 12:30:00"):
            planned = self.run_only("2026-03-20")
            self.assertEqual(planned.customer_id, self.customer | there)
            self.Action._queued()._send_queued()
        states = {action.customer_id: action.state for action in planned}
        self.assertEqual(states, {self.customer: "sent", there: "planned"})
        # Monday in Auckland begins on Sunday in London
        with freeze_time("2026-03-22 12:30:00"):
            self.Action._queued()._send_queued()
        self.assertEqual(
            planned.filtered(lambda one: one.customer_id == there).state, "sent"
        )

    # The run asks the calendar once

    def test_hours_and_holidays_are_asked_once_for_many_customers(self):
        calendar = self.root["resource.calendar"].create({"name": "Holidays"})
        strategy = self.make_strategy((1, "email"), calendar_id=calendar.id)
        counts = []
        for number in (5, 25):
            for place in range(number):
                debtor = self.make_debtor(f"Debtor{number}x{place} SA")
                self.make_invoice(debtor.partner_id, 10, due="2026-03-01")
            self.run_only(TODAY, strategy)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            queued = self.Action._queued()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(len(queued), 31)
        self.assertLessEqual(counts[1], counts[0] + 1)

    # The file for the lawyer

    def test_the_legal_file_holds_contract_invoices_acknowledgements_and_history(self):
        self.make_strategy((1, "email"))
        action = self.run_on(TODAY)
        case = action.case_id

        def attach(record, name, **vals):
            return self.root["ir.attachment"].create(
                {
                    "name": name,
                    "raw": b"x",
                    "res_model": record._name,
                    "res_id": record.id,
                }
                | vals
            )

        attach(self.customer, "contract.pdf")
        attach(self.partner, "deed.pdf")
        attach(self.invoice, "INV.pdf", res_field="invoice_pdf_report_file")
        attach(self.invoice, "INV.xml")
        delivery = self.root["cartera.invoice.delivery"].create(
            {"move_id": self.invoice.id, "channel": "physical"}
        )
        delivery.attachment_ids = [
            Command.link(attach(delivery, "acknowledgement.jpg").id)
        ]
        paid = self.make_invoice(self.partner, 5, due="2026-03-01")
        attach(paid, "paid.pdf")
        self.pay(self.partner, 5, invoices=paid)
        attach(case, "photo.jpg")
        report = self.root["ir.actions.report"]
        with patch.object(
            type(report), "_render_qweb_pdf", lambda *a, **k: (b"%PDF", "pdf")
        ):
            case.action_legal_file()
            again = case._make_legal_file()
        names = zipfile.ZipFile(io.BytesIO(again.raw)).namelist()
        number = self.invoice.name.replace("/", "_")
        self.assertEqual(
            names,
            [
                "0 Cover and history.pdf",
                "1 Contract and credit/contract.pdf",
                "1 Contract and credit/deed.pdf",
                f"2 Invoices/{number}/INV.pdf",
                f"2 Invoices/{number}/INV.xml",
                f"3 Acknowledgements/{number}/acknowledgement.jpg",
                "6 Case/photo.jpg",
            ],
        )
        html = report._render_qweb_html(
            "cartera_cobranza.report_collection_file", case.ids
        )[0].decode()
        for text in ("Day 1", self.invoice.name, "Balance of Abarrotes"):
            self.assertIn(text, html)

    def test_the_lawyer_gets_the_file_and_the_plan_stops(self):
        self.make_strategy((1, "email"), (2, "legal"))
        self.run_on(TODAY)
        report = self.root["ir.actions.report"]
        lawyer = self.make_partner("Lawyers", email="law@example.com")
        self.company.cartera_legal_partner_id = lawyer
        with patch.object(
            type(report), "_render_qweb_pdf", lambda *a, **k: (b"%PDF", "pdf")
        ):
            waiting = self.run_on("2026-03-17")
            self.assertEqual((waiting.channel, waiting.state), ("legal", "ready"))
            case = waiting.case_id
            case.with_user(self.executive).action_hand_over()
        self.assertEqual((waiting.state, case.stage), ("done", "legal"))
        message = case.message_ids.filtered(
            lambda one: lawyer in one.notified_partner_ids
        )
        self.assertRegex(message.attachment_ids.name, r"^Legal file .*\.zip$")
        self.assertFalse(self.run_on("2026-03-30"))

    def test_letters_are_printed_together_and_paid_ones_left_out(self):
        self.make_strategy((1, "letter"))
        other = self.make_debtor("Second SA")
        third = self.make_debtor("Third SA")
        self.make_invoice(other.partner_id, 70, due="2026-03-01")
        paid = self.make_invoice(third.partner_id, 30, due="2026-03-01")
        letters = self.run_on(TODAY)
        self.assertEqual(set(letters.mapped("state")), {"ready"})
        self.pay(third.partner_id, 30, invoices=paid)
        printed = []

        def merge(_self, actions):
            printed.append(actions.customer_id)
            return b"%PDF"

        with patch.object(type(letters), "_merge_letters", merge):
            letters.with_user(self.collector).action_print_letters()
        self.assertEqual(printed, [self.customer | other])
        states = {letter.customer_id: letter.state for letter in letters}
        self.assertEqual(
            states, {self.customer: "done", other: "done", third: "cancelled"}
        )
        html = (
            self.root["ir.actions.report"]
            ._render_qweb_html(
                "cartera_cobranza.report_collection_letter", letters[:1].ids
            )[0]
            .decode()
        )
        self.assertIn(letters[:1].partner_id.name, html)
        self.assertIn("Subject: Balance of", html)

    # Views that break only in the browser

    def test_progress_bars_have_colours_that_the_browser_can_read(self):
        views = self.root["ir.ui.view"].search(
            [("type", "=", "kanban"), ("model", "=like", "cartera.%")]
        )
        self.assertTrue(views)
        for view in views:
            for bar in etree.fromstring(view.arch_db).iter("progressbar"):
                with self.subTest(view.name):
                    self.assertTrue(json.loads(bar.get("colors")))
