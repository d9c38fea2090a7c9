from datetime import date, timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import TODAY
from .plan_common import PlanCommon

ON_DAYS = (
    (1, "email", {"name": "first"}),
    (7, "email", {"name": "second"}),
    (14, "email", {"name": "third"}),
    (15, "call", {"name": "call"}),
)


def days(first, count):
    start = date.fromisoformat(first)
    return [(start + timedelta(days=number)).isoformat() for number in range(count)]


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestPlanRun(PlanCommon):
    """Whom the run contacts, when, and with what; the timing cases are those of domain.md 1.3."""

    # Timing: due on 15 January, letters 1, 7 and 14 days later

    def test_letters_follow_the_due_date(self):
        self.make_strategy(*ON_DAYS)
        self.make_invoice(self.partner, 100, due="2026-01-15")
        made = self.steps_made(days("2026-01-14", 20))
        self.assertEqual(
            made,
            {
                "2026-01-16": "first",
                "2026-01-22": "second",
                "2026-01-29": "third",
                "2026-01-30": "call",
            },
        )

    def test_nearest_step_after_a_dispute_of_nine_days(self):
        self.make_strategy(*ON_DAYS, restart_mode="nearest")
        self.make_invoice(self.partner, 100, due="2026-01-15")
        self.assertEqual(self.run_on("2026-01-24").step_id.name, "second")

    def test_nearest_step_on_2_february_is_the_activity_only(self):
        self.make_strategy(*ON_DAYS, restart_mode="nearest")
        self.make_invoice(self.partner, 100, due="2026-01-15")
        made = self.steps_made(days("2026-02-02", 5))
        self.assertEqual(made, {"2026-02-02": "call"})

    def test_without_skipping_2_february_starts_with_the_first(self):
        self.make_strategy(*ON_DAYS)
        self.make_invoice(self.partner, 100, due="2026-01-15")
        made = self.steps_made(days("2026-02-02", 15))
        # The second is 6 days after the first was made, the third 7 after that, the call 1 after that.
        self.assertEqual(
            made,
            {
                "2026-02-02": "first",
                "2026-02-08": "second",
                "2026-02-15": "third",
                "2026-02-16": "call",
            },
        )

    def test_quiet_days_count_calls_by_hand(self):
        self.make_strategy((1, "email"), quiet_days=5)
        self.make_invoice(self.partner, 100, due="2026-03-15")
        case = self.Case._for_customers(self.customer)[self.customer]
        case.action_log_contact("call", self.outcome.id, "spoke", "2026-03-20")
        self.assertEqual(
            self.steps_made(days("2026-03-16", 8)), {"2026-03-21": "Day 1"}
        )

    def test_weekends_and_holidays_make_the_step_wait(self):
        calendar = self.root["resource.calendar"].create(
            {"name": "Holidays", "tz": "UTC", "company_id": self.company.id}
        )
        self.root["resource.calendar.leaves"].create(
            {
                "name": "Birthday of a president",
                "calendar_id": calendar.id,
                "company_id": self.company.id,
                "date_from": "2026-03-16 00:00:00",
                "date_to": "2026-03-16 23:59:59",
            }
        )
        self.make_strategy(
            (1, "email"), working_days="mon_fri", calendar_id=calendar.id
        )
        self.make_invoice(self.partner, 100, due="2026-03-13")
        # Saturday, Sunday, holiday
        self.assertEqual(
            self.steps_made(days("2026-03-14", 5)), {"2026-03-17": "Day 1"}
        )

    def test_before_the_due_date_each_invoice_is_announced_once(self):
        self.make_strategy(
            (-3, "email", {"name": "soon"}), (5, "email", {"name": "late"})
        )
        self.make_invoice(self.partner, 100, date="2026-02-01", due="2026-03-10")
        self.make_invoice(self.partner, 50, date="2026-02-01", due="2026-03-12")
        made = self.steps_made(days("2026-03-05", 12))
        self.assertEqual(
            made, {"2026-03-07": "soon", "2026-03-09": "soon", "2026-03-15": "late"}
        )

    # Amounts

    def test_the_message_lists_all_items_net_of_credits_by_currency(self):
        self.make_strategy((1, "email"))
        self.make_invoice(self.partner, 100, due="2026-03-01")
        self.make_invoice(self.partner, 40, due="2026-03-10")
        self.make_invoice(self.partner, 900, due="2026-03-02", currency_id=self.mxn.id)
        self.make_invoice(self.partner, 500, date="2026-03-01", due="2026-04-30")
        self.pay(self.partner, 30)
        action = self.run_on(TODAY)
        totals = {
            currency.name: amount
            for currency, amount in action.item_ids._totals().items()
        }
        self.assertEqual(totals, {"USD": 110.0, "MXN": 900.0})
        self.assertEqual(action.amount, 160.0)  # 100 + 40 + 900/18 - 30
        self.assertEqual(action.days_overdue, 15)
        self.assertEqual(action.state, "sent")

    def test_instalments_are_chased_one_by_one(self):
        term = self.root["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": 0}
                    ),
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": 60}
                    ),
                ],
            }
        )
        self.make_strategy((1, "email"))
        self.make_invoice(
            self.partner,
            100,
            date="2026-03-01",
            invoice_payment_term_id=term.id,
            invoice_date_due=False,
        )
        action = self.run_on(TODAY)
        self.assertEqual(action.item_ids.mapped("demanded"), [50.0])

    def test_who_is_in_credit_is_not_chased(self):
        self.make_strategy((1, "email"))
        self.make_invoice(self.partner, 100, due="2026-03-01")
        self.pay(self.partner, 100)
        self.assertFalse(self.run_on(TODAY))

    def test_minimums(self):
        strategy = self.make_strategy((1, "email"), min_balance=100, min_item=60)
        self.make_invoice(self.partner, 59, due="2026-02-01")
        self.assertFalse(self.run_on(TODAY))
        self.make_invoice(self.partner, 61, due="2026-03-10")
        action = self.run_on(TODAY)
        # 120 in all; the small item is listed, but the other one carries the step
        self.assertEqual(action.leading_line_id.date_maturity, date(2026, 3, 10))
        self.assertEqual(sum(action.item_ids.mapped("demanded")), 120.0)
        self.assertEqual(strategy.min_item, 60)

    def test_excluded_items_and_customers(self):
        self.make_strategy((1, "email"))
        invoice = self.make_invoice(self.partner, 100, due="2026-03-01")
        invoice.no_followup = True
        self.assertFalse(self.run_on(TODAY))
        invoice.no_followup = False
        self.customer.write(
            {
                "no_plan": True,
                "no_plan_reason": "New owner",
                "no_plan_until": "2026-03-17",
            }
        )
        self.assertEqual(self.steps_made(days(TODAY, 4)), {"2026-03-18": "Day 1"})

    # Which strategy

    def test_manual_assignment_wins_over_rank_and_filter(self):
        domain = f"[('partner_id', '=', {self.partner.id})]"
        last = self.make_strategy((1, "email", {"name": "last"}), sequence=30)
        self.make_strategy(
            (1, "email", {"name": "others"}),
            sequence=10,
            domain="[('risk_class', '=', 'd')]",
        )
        self.make_strategy((1, "email", {"name": "ranked"}), sequence=20, domain=domain)
        self.make_invoice(self.partner, 100, due="2026-03-01")
        with self.at(TODAY):
            self.assertEqual(self.Strategy.action_simulate(TODAY)[0]["step"], "ranked")
            self.customer.strategy_id = last
            self.assertEqual(self.Strategy.action_simulate(TODAY)[0]["step"], "last")

    # Simulation, idempotence, resuming

    def test_simulation_tells_what_the_run_does_and_writes_nothing(self):
        self.make_strategy((1, "email"))
        other = self.make_debtor("Botica San Juan")
        self.make_invoice(self.partner, 100, due="2026-03-01")
        self.make_invoice(other.partner_id, 70, due="2026-03-02")
        self.env.flush_all()
        plan = self.Strategy.with_context(allowed_company_ids=self.company.ids)
        told = plan.action_simulate(TODAY)
        self.assertFalse(self.Action.search([("company_id", "=", self.company.id)]))
        self.assertFalse(self.Case.search([("company_id", "=", self.company.id)]))
        actions = self.run_only(TODAY)
        self.assertEqual(
            [
                (
                    row["customer_id"],
                    row["step_id"],
                    row["leading_line_id"],
                    row["amount_company"],
                )
                for row in told
            ],
            [
                (one.customer_id.id, one.step_id.id, one.leading_line_id.id, one.amount)
                for one in actions
            ],
        )
        self.assertEqual(
            [row["amounts"] for row in told], [{"USD": 100.0}, {"USD": 70.0}]
        )

    def test_a_second_run_plans_nothing_and_sends_nothing(self):
        self.make_strategy((1, "email"), (1, "call"))
        self.make_invoice(self.partner, 100, due="2026-03-01")
        first = self.run_only(TODAY)
        self.assertEqual(len(first), 1)
        self.assertFalse(self.run_only(TODAY))
        first._send_queued()
        self.assertFalse(self.run_only(TODAY))
        first._send_queued()
        mails = self.root["mail.mail"].search(
            [("model", "=", "cartera.collection.case")]
        )
        self.assertEqual(len(mails), 1)

    def test_one_automatic_contact_a_day_by_constraint(self):
        self.make_strategy((1, "email"))
        self.make_invoice(self.partner, 100, due="2026-03-01")
        plans = self.Strategy._plan_all(self.today, customers=self.customer)
        self.assertEqual(len(self.Strategy._persist(plans)), 1)
        self.assertFalse(self.Strategy._persist(plans))
        self.assertEqual(len(self.customer.case_ids), 1)

    def test_paid_between_planning_and_sending_is_cancelled(self):
        self.make_strategy((1, "email"))
        invoice = self.make_invoice(self.partner, 100, due="2026-03-01")
        action = self.run_only(TODAY)
        self.pay(self.partner, 100, invoices=invoice)
        action._send_queued()
        self.assertEqual(action.state, "cancelled")
        self.assertFalse(
            self.root["mail.mail"].search([("model", "=", "cartera.collection.case")])
        )

    def test_part_payment_between_planning_and_sending_lowers_the_demand(self):
        self.make_strategy((1, "email"))
        invoice = self.make_invoice(self.partner, 100, due="2026-03-01")
        action = self.run_only(TODAY)
        self.pay(self.partner, 75.5, invoices=invoice)
        action._send_queued()
        self.assertEqual(action.item_ids.mapped("demanded"), [24.5])
        self.assertEqual(action.amount, 24.5)
        self.assertRegex(action.body, "24[.,]50")

    def test_a_failing_customer_is_logged_and_the_others_are_sent(self):
        self.make_strategy((1, "email"))
        bad = self.make_debtor("Botica San Juan")
        self.make_invoice(self.partner, 100, due="2026-03-01")
        self.make_invoice(bad.partner_id, 70, due="2026-03-02")
        actions = self.run_only(TODAY)
        # A text that cannot be rendered for one of them
        self.env.cr.execute(
            "UPDATE mail_template SET body_html = jsonb_build_object('en_US', %s::text) WHERE id = %s",
            ('<p t-out="1 / (object.amount - 70)"/>', self.template.id),
        )
        self.template.invalidate_recordset()
        with self.assertLogs(
            "odoo.addons.cartera_cobranza.models.cartera_collection_sender"
        ):
            actions._send_queued()
        by_customer = {one.customer_id: one for one in actions}
        self.assertEqual(by_customer[self.customer].state, "sent")
        self.assertEqual(by_customer[bad].state, "error")
        self.assertTrue(by_customer[bad].error_text)

    def test_hours_of_the_customer_hold_messages_back(self):
        self.make_strategy((1, "email"), hour_from=9, hour_to=18)
        self.partner.tz = "America/Mexico_City"  # UTC-6
        self.make_invoice(self.partner, 100, due="2026-03-01")
        self.run_only(TODAY)
        with freeze_time("2026-03-16 14:30:00"):
            self.assertFalse(self.Action._queued())
        with freeze_time("2026-03-16 15:00:00"):
            self.assertEqual(len(self.Action._queued()), 1)

    # Queries: at most 1 for 50 customers in the planning

    def test_planning_takes_few_queries(self):
        self.make_strategy((-3, "email"), (1, "email"))
        partners = self.root["res.partner"].create(
            [
                {
                    "name": f"Customer {n}",
                    "is_company": True,
                    "email": f"c{n}@example.com",
                }
                for n in range(100)
            ]
        )
        self.Customer._find_or_create(partners, self.company)
        line = {"name": "Goods", "price_unit": 10, "tax_ids": False}
        moves = (
            self.root["account.move"]
            .with_company(self.company)
            .create(
                [
                    {
                        "move_type": "out_invoice",
                        "partner_id": partner.id,
                        "invoice_date": "2026-03-01",
                        "invoice_payment_term_id": False,
                        "invoice_line_ids": [Command.create(line)],
                    }
                    for partner in partners
                ]
            )
        )
        moves.action_post()
        self.env.flush_all()
        counts = []
        for count in (10, 90):
            customers = self.Customer.search(
                [
                    ("partner_id", "in", partners.ids),
                    ("collection_action_ids", "=", False),
                ],
                limit=count,
            )
            self.env.invalidate_all()
            start = self.root.cr.sql_log_count
            done = self.Strategy.with_context(
                allowed_company_ids=self.company.ids
            )._run(TODAY, customers=customers)
            counts.append(self.root.cr.sql_log_count - start)
            self.assertEqual(len(done), count)
        # The first one warms caches up; nine times as many customers take no more.
        self.assertLessEqual(counts[1], counts[0])
        self.assertLessEqual(counts[1], 20)

    def test_no_such_day(self):
        with self.refused(UserError, "no date"):
            self.Strategy.action_simulate("tomorrow")
