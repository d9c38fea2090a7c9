from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import TODAY
from .plan_common import PlanCommon


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestPlanAlerts(PlanCommon):
    """Lists by the frequency that each colleague chose. 16 March 2026 is a Monday."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Alert = cls.root["cartera.collection.alert"]
        cls.other = cls.make_debtor("Botica San Juan")
        cls.customer.collector_id = cls.collector
        cls.make_invoice(cls.partner, 100, due="2026-03-01")
        cls.make_invoice(cls.partner, 40, date="2026-03-01", due="2026-03-20")
        cls.make_invoice(cls.other.partner_id, 70, due="2026-03-02")
        for user in (cls.collector, cls.manager):
            user.write({"email": f"{user.login}@example.com"})

    def amounts(self, kind):
        return {
            row["customer"]: float(row["amount"])
            for row in self.Alert._gather(self.company, self.today, kind)
        }

    def test_due_soon_and_overdue_are_told_apart(self):
        self.assertEqual(self.amounts("due"), {self.customer.id: 40.0})
        self.assertEqual(
            self.amounts("overdue"), {self.customer.id: 100.0, self.other.id: 70.0}
        )

    def test_each_gets_the_own_customers_and_operations_get_all_once_a_day(self):
        self.collector.cartera_alert_overdue = "daily"
        self.manager.cartera_alert_overdue = "weekly"
        self.company.cartera_operations_user_id = self.manager
        sent = self.Alert._send_for(self.company)
        counts = {alert.user_id: alert.customer_count for alert in sent}
        self.assertEqual(counts, {self.collector: 1, self.manager: 2})
        mine = sent.filtered(lambda one: one.user_id == self.collector).mail_id
        self.assertIn("Abarrotes", mine.body_html)
        self.assertNotIn("Botica", mine.body_html)
        self.assertFalse(self.Alert._send_for(self.company))
        with self.at("2026-03-17"):  # a Tuesday: the weekly one rests
            self.assertEqual(self.Alert._send_for(self.company).user_id, self.collector)

    def send_on(self, day):
        with self.at(day):
            return self.Alert._send_for(self.company)

    def test_a_missed_monday_is_made_up_for_once(self):
        """The job ran on Friday the 13th, not on Monday the 16th: on Tuesday the weekly list goes out, once."""
        self.collector.cartera_alert_overdue = "weekly"
        self.assertFalse(self.send_on("2026-03-13"))
        self.assertEqual(self.send_on("2026-03-17").user_id, self.collector)
        for day in ("2026-03-17", "2026-03-18", "2026-03-22"):
            with self.subTest(day):
                self.assertFalse(self.send_on(day))
        self.assertEqual(self.send_on("2026-03-23").user_id, self.collector)

    def test_several_missed_mondays_are_one_list(self):
        self.collector.cartera_alert_overdue = "weekly"
        self.assertFalse(self.send_on("2026-03-13"))
        self.assertEqual(len(self.send_on("2026-04-03")), 1)
        self.assertFalse(self.send_on("2026-04-04"))

    def test_a_missed_first_of_the_month_is_made_up_for(self):
        self.collector.cartera_alert_overdue = "monthly"
        self.assertFalse(self.send_on("2026-03-30"))
        self.assertEqual(len(self.send_on("2026-04-02")), 1)
        self.assertFalse(self.send_on("2026-04-03"))

    def test_a_monday_on_which_there_was_nothing_to_tell_is_not_made_up_for(self):
        self.collector.cartera_alert_due = "weekly"
        self.customer.collector_id = False
        self.assertFalse(self.send_on("2026-03-16"))
        self.customer.collector_id = self.collector
        self.assertFalse(self.send_on("2026-03-17"))

    def test_who_wants_it_weekly_from_tuesday_on_waits_for_monday(self):
        self.send_on("2026-03-17")
        self.collector.cartera_alert_overdue = "weekly"
        self.assertFalse(self.send_on("2026-03-18"))

    def test_companies_are_served_apart(self):
        self.everywhere.email = "everywhere@example.com"
        self.everywhere.cartera_alert_overdue = "weekly"
        both = self.company | self.other_company
        both.cartera_operations_user_id = self.everywhere
        theirs = self.make_customer("Elsewhere", self.other_company).partner_id
        self.make_invoice(theirs, 9, due="2026-03-01", company=self.other_company)
        with self.at("2026-03-13"):
            self.Alert._send_for(self.company)
            self.Alert._send_for(self.other_company)
        with self.at("2026-03-16"):
            self.assertTrue(self.Alert._send_for(self.company))
        with self.at("2026-03-17"):
            self.assertFalse(self.Alert._send_for(self.company))
            self.assertTrue(self.Alert._send_for(self.other_company))

    def test_silent_customers_neither_answered_nor_paid(self):
        self.assertFalse(self.amounts("silent"))
        self.make_strategy((1, "email"))
        self.run_on("2026-03-05")
        self.assertEqual(
            self.amounts("silent"), {self.customer.id: 100.0, self.other.id: 70.0}
        )
        self.pay(self.partner, 10, date="2026-03-10")
        self.assertEqual(self.amounts("silent"), {self.other.id: 70.0})
        self.other.case_ids.write({"last_reply_date": "2026-03-09"})
        self.assertFalse(self.amounts("silent"))

    def test_money_from_the_bank_statement_ends_the_silence(self):
        self.make_strategy((1, "email"))
        self.run_on("2026-03-05")
        bank = self.company_data["default_journal_bank"]
        receivable = self.company_data["default_account_receivable"]
        self.root["account.move"].create(
            {
                "journal_id": bank.id,
                "company_id": self.company.id,
                "date": "2026-03-10",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": bank.default_account_id.id,
                            "debit": 10,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": receivable.id,
                            "partner_id": self.partner.id,
                            "credit": 10,
                        }
                    ),
                ],
            }
        ).action_post()
        self.assertEqual(self.amounts("silent"), {self.other.id: 70.0})
