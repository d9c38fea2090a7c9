from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY
from .plan_common import PlanCommon


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestPlanCase(PlanCommon):
    """Cases, the worklist's order, logging, pausing, rights, and what a plan refuses."""

    def setUp(self):
        super().setUp()
        self.invoice = self.make_invoice(self.partner, 100, due="2026-03-01")
        self.case = self.Case._for_customers(self.customer)[self.customer]

    def test_one_open_case_a_customer(self):
        self.assertEqual(
            self.Case._for_customers(self.customer)[self.customer], self.case
        )
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.Case.create({"customer_id": self.customer.id})
            self.env.flush_all()
        self.case.action_close("Agreed")
        again = self.Case._for_customers(self.customer)[self.customer]
        self.assertNotEqual(again, self.case)

    def test_a_contact_ends_with_the_next_date(self):
        case = self.case.with_user(self.collector)
        for day, text in (
            (None, "missing"),
            ("2026-03-15", "past"),
            ("soon", "no date"),
        ):
            with self.subTest(day), self.refused(UserError, text):
                case.action_log_contact("call", self.outcome.id, "", day)
        with self.refused(UserError, "no channel"):
            case.action_log_contact("pigeon", self.outcome.id, "", "2026-03-20")
        with self.refused(UserError, "outcome"):
            case.action_log_contact("call", False, "", "2026-03-20")
        action = case.action_log_contact("call", self.outcome.id, "spoke", "2026-03-20")
        self.assertRecordValues(
            action.sudo(),
            [
                {
                    "state": "done",
                    "channel": "call",
                    "note": "spoke",
                    "amount": 0.0 + action.sudo().amount,
                }
            ],
        )
        self.assertEqual(str(self.case.next_contact_date), "2026-03-20")
        self.assertEqual((self.case.stage, self.case.todo), ("contacted", "later"))

    def test_a_waiting_step_is_done_by_the_contact(self):
        self.make_strategy((1, "call"), (5, "call", {"name": "again"}))
        action = self.run_on(TODAY)
        self.assertEqual((action.state, self.case.waiting_action_id), ("ready", action))
        self.case.with_user(self.collector).action_log_contact(
            "visit", self.outcome.id, "", "2026-03-18"
        )
        self.assertRecordValues(action, [{"state": "done", "channel": "visit"}])
        self.assertEqual(str(action.done_date), TODAY)

    def test_history_stays_as_it_was(self):
        action = self.case.action_log_contact("call", self.outcome.id, "", "2026-03-20")
        with self.refused(UserError, "stays as it was"):
            action.write({"note": "other"})
        with self.refused(UserError, "cannot be deleted"):
            action.unlink()
        with self.refused(UserError, "cannot be deleted"):
            self.case.unlink()

    def test_rights(self):
        for user in (self.viewer, self.accountant):
            case = self.case.with_user(user)
            with self.subTest(user.login), self.assertRaises(AccessError):
                case.action_log_contact("call", self.outcome.id, "", "2026-03-20")
            with self.assertRaises(AccessError):
                case.action_close("x")
        collector = self.case.with_user(self.collector)
        collector.write({"note": "Calls back on Mondays"})
        for vals in ({"score": 100}, {"stage": "closed"}, {"overdue_amount": 0}):
            with self.subTest(vals), self.assertRaises(AccessError):
                collector.write(vals)
        with self.assertRaises(AccessError):
            self.Strategy.with_user(self.viewer).action_simulate(TODAY)

    def test_a_pause_stops_the_plan_up_to_its_day(self):
        self.make_strategy((1, "email"))
        with self.refused(UserError, "past"):
            self.case.action_pause("2026-03-10", "x")
        with self.refused(UserError, "why"):
            self.case.action_pause("2026-03-18", " ")
        self.case.action_pause("2026-03-18", "Director travels")
        made = self.steps_made([TODAY, "2026-03-18", "2026-03-19"])
        self.assertEqual(made, {"2026-03-19": "Day 1"})

    def test_the_score_shows_its_parts(self):
        rules = self.root["cartera.worklist.rule"]
        rules.create(
            {"name": "Late", "condition": "overdue_days", "threshold": 3, "points": 60}
        )
        rules.create(
            {
                "name": "Much",
                "condition": "overdue_amount",
                "threshold": 1000,
                "points": 60,
            }
        )
        self.case._note_contact()
        # 60 of 120 points, as in the published example
        self.assertEqual((self.case.score, self.case.score_class), (50.0, "high"))
        self.assertEqual([part["met"] for part in self.case.score_parts], [True, False])
        self.assertEqual(
            (self.case.overdue_amount, self.case.overdue_days), (100.0, 15)
        )

    def test_a_paid_case_closes_by_itself(self):
        self.pay(self.partner, 100, invoices=self.invoice)
        self.Case._refresh_cases(self.company)
        self.assertEqual(self.case.stage, "closed")

    def test_absent_collectors_hand_over(self):
        self.customer.collector_id = self.collector
        absence = self.root["cartera.collector.absence"].create(
            {
                "user_id": self.collector.id,
                "substitute_id": self.executive.id,
                "company_id": self.company.id,
                "date_from": TODAY,
                "date_to": "2026-03-20",
            }
        )
        self.assertEqual(self.case.acting_id, self.executive)
        absence.unlink()
        self.assertEqual(self.case.acting_id, self.collector)

    def test_disputed_and_promised_parts_are_left_alone(self):
        self.make_strategy((1, "email"))
        dispute = (
            self.env["cartera.dispute"]
            .with_user(self.collector)
            .create(
                {
                    "move_id": self.invoice.id,
                    "type_id": self.root["cartera.dispute.type"].search([], limit=1).id,
                    "disputed_amount": 60,
                    "description": "Wrong price",
                }
            )
        )
        dispute.action_open()
        action = self.run_on(TODAY)
        self.assertEqual(action.amount, 40.0)
        item = action.item_ids
        self.assertEqual(
            (item.residual, item.disputed, item.demanded), (100.0, 60.0, 40.0)
        )

    # Bad input

    def test_what_a_strategy_refuses(self):
        with self.refused(ValidationError, "no steps"):
            self.Strategy.create({"name": "Empty", "active": True})
        with self.refused(ValidationError, "both on day 1"):
            self.make_strategy((1, "email", {"name": "a"}), (1, "email", {"name": "b"}))
        with self.refused(ValidationError, "before the due date"):
            self.make_strategy((-1, "email"), (-3, "email"))
        with self.refused(ValidationError, "recipient"):
            self.make_strategy((1, "email", {"recipient_role": False}))
        with self.refused(ValidationError, "template"):
            self.make_strategy((1, "email", {"template_id": False}))
        with self.refused(ValidationError, "Quiet Days .* below 0 .received -1"):
            self.make_strategy((1, "email"), quiet_days=-1)
        with self.refused(ValidationError, "cannot be used on customers"):
            self.make_strategy((1, "email"), domain="[('no_such_field', '=', 1)]")
