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
