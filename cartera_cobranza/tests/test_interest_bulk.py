"""Steady items are charged by the database, all others by the engine: to the same cent, with the same arithmetic."""

import random
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .common_interest import InterestCommon

COLUMNS = (
    "customer_id, partner_id, policy_id, kind, fee_id, move_line_id, move_id, currency_id, date_maturity, date_from,"
    " charged_to, watermark, days, balance, amount, amount_company, waived_amount, waived_company, net_amount,"
    " computed_amount, excluded_balance, before_amount, note, fingerprint, state, live, manual"
)
PARTS = (
    "l.move_line_id, s.date_from, s.date_to, s.anchor, s.days, s.balance, s.rate, s.method, s.capped, s.factor,"
    " s.amount"
)


@tagged("post_install", "-at_install")
class TestInterestBulk(InterestCommon):
    def written(self, run):
        """Return the lines and segments of a run as the database has them, numbers as exact texts."""
        self.env.flush_all()
        found = []
        for columns, tables, order in (
            (COLUMNS, "cartera_interest_line l", "move_line_id, date_from, kind"),
            (
                PARTS,
                "cartera_interest_segment s JOIN cartera_interest_line l ON l.id = s.line_id",
                "l.move_line_id, s.date_from, s.date_to",
            ),
        ):
            rows = self.env.execute_query(
                SQL(
                    f"SELECT ROW_TO_JSON(x)::jsonb FROM (SELECT {columns} FROM {tables}"
                    f" WHERE l.run_id = %s ORDER BY {order}) x",
                    run.id,
                )
            )
            found.append([row[0] for row in rows])
        return found

    def both_ways(self, day):
        """Simulate with and without the database's help; return the lines of steady items and the run."""
        run = self.make_run(day)
        steady = []
        original = type(run)._write_steady

        def counted(self):
            original(self)
            steady.append(len(self.line_ids))

        with patch.object(type(run), "_write_steady", counted):
            run.action_simulate()
        ours = self.written(run)
        none = self.Policy.browse()
        with patch.object(type(run), "_steady_policies", lambda *_args: none):
            run.action_simulate()
        self.assertEqual(ours, self.written(run))
        run.action_simulate()
        self.assertEqual(ours, self.written(run))
        return sum(steady), run

    def make_policies(self):
        table = self.root["cartera.interest.rate.table"].create(
            {
                "name": "By month",
                "kind": "effective",
                "rate_ids": [
                    (0, 0, {"date_from": start, "date_to": end, "rate": rate})
                    for start, end, rate in (
                        ("2025-11-01", "2025-12-31", 24.36),
                        ("2026-01-01", "2026-01-31", 25.52),
                        ("2026-02-01", "2026-12-31", 26.04),
                    )
                ],
            }
        )
        return [
            self.make_policy(rate=31.7, grace_days=3),
            self.make_policy(
                name="Monthly",
                scope="customer",
                rate_source="fixed_month",
                rate=3,
                grace_days=7,
                grace_mode="shift",
                holiday_mode="next",
            ),
            self.make_policy(
                name="Effective",
                scope="customer",
                rate_source="table",
                rate_table_id=table.id,
                rate=0,
                date_start="2025-12-10",
            ),
            self.make_policy(
                name="Tiers",
                scope="customer",
                rate=12,
                day_count="30e_360",
                tier_ids=[(0, 0, {"days_from": 21, "rate": 18})],
                include_entries=True,
            ),
            self.make_policy(name="Limits", scope="customer", rate=20, minimum=30),
            self.make_policy(name="Memo", scope="customer", rate=20, charging="memo"),
            self.make_policy(
                name="Fees",
                scope="customer",
                rate=20,
                fee_ids=[(0, 0, {"name": "Late", "amount": 5, "days": 10})],
            ),
        ]

    def test_random_books_to_the_last_place(self):
        chance = random.Random(20260131)
        policies = self.make_policies()
        first = self.day("2025-11-20")
        for number in range(12):
            customer = self.make_customer(f"Customer {number}")
            customer.interest_policy_id = (
                policies[number % len(policies)].id if number % len(policies) else False
            )
            customer.interest_exempt = number == 11
            partner = customer.partner_id
            for _one in range(4):
                due = first + timedelta(days=chance.randrange(70))
                amount = chance.randrange(100, 999999) / 100
                invoice = self.make_invoice(
                    partner,
                    amount,
                    due=str(due),
                    currency_id=(
                        self.mxn
                        if chance.random() < 0.2
                        else self.env.company.currency_id
                    ).id,
                )
                fate = chance.random()
                when = str(due + timedelta(days=chance.randrange(-5, 40)))
                if fate < 0.25:
                    part = round(invoice.amount_total * chance.choice((0.3, 0.5, 1)), 2)
                    self.pay(partner, part, date=when, invoices=invoice)
                elif fate < 0.35:
                    self.make_invoice(
                        partner,
                        invoice.amount_total,
                        date=when,
                        move_type="out_refund",
                        reversed_entry_id=invoice.id,
                        currency_id=invoice.currency_id.id,
                    )
        steady, run = self.both_ways("2026-01-31")
        self.assertGreater(steady, 10)
        self.assertGreater(len(run.line_ids), steady)
        # with watermarks the second time, in a leap of two months
        run.unlink()
        self.charge("2026-01-10")
        steady, run = self.both_ways("2026-03-05")
        self.assertGreater(steady, 10)
        self.assertIn(self.day("2026-01-10"), run.line_ids.mapped("watermark"))

    def test_the_worked_case_goes_through_the_database(self):
        # 10,000 at 3 % a month: 0.36 / 360 × 45 days = 450.00, in one segment
        self.make_policy(rate_source="fixed_month", rate=3)
        invoice = self.make_invoice(self.partner, 10000, due="2026-01-01")
        steady, run = self.both_ways("2026-02-15")
        self.assertEqual(steady, 1)
        self.assertEqual(self.amounts(run), {invoice: 450.0})
        self.assertEqual(
            self.segments(run),
            [("2026-01-02", "2026-02-15", 45, 10000.0, 3.0, 450.0)],
        )

    def test_exactly_half_a_cent_is_rounded_away_from_zero(self):
        # 0.1 % a month is 1/30000 a day: 150.00 × 1/30000 = 0.005
        self.make_policy(rate_source="fixed_month", rate=0.1)
        invoice = self.make_invoice(self.partner, 150, due="2026-01-01")
        steady, run = self.both_ways("2026-01-02")
        self.assertEqual((steady, self.amounts(run)), (1, {invoice: 0.01}))

    def test_a_missing_rate_is_only_missed_by_who_owes_for_its_days(self):
        self.make_policies()
        effective = self.Policy.search([("name", "=", "Effective")])
        self.customer.interest_policy_id = effective
        effective.date_start = "2025-09-01"
        paid = self.make_invoice(self.partner, 1000, due="2025-09-15")
        self.pay(self.partner, 1000, date="2025-09-10", invoices=paid)
        invoice = self.make_invoice(self.partner, 1000, due="2025-12-31")
        _steady, run = self.both_ways("2026-01-31")
        self.assertEqual(run.line_ids.move_id, invoice)
        late = self.make_invoice(self.partner, 1000, due="2025-09-15")
        with self.refused(UserError, "By month", "2025-09-16", "2025-10-31"):
            run.action_simulate()
        self.assertEqual(run.line_ids.move_id, invoice)
        self.assertNotIn(late, run.line_ids.move_id)

    def test_credit_on_the_day_counts_though_it_was_used_since(self):
        self.make_policy()
        self.make_invoice(self.partner, 1000, due="2026-01-01")
        self.pay(
            self.partner, 5000, date="2026-01-20", invoices=self.env["account.move"]
        )
        self.assertFalse(self.both_ways("2026-01-31")[1].line_ids)
        later = self.make_invoice(
            self.partner, 6000, date="2026-02-03", due="2026-02-28"
        )
        credit = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.partner.id),
                ("account_type", "=", "asset_receivable"),
                ("amount_residual", "<", 0),
            ]
        )
        (
            credit
            | later.line_ids.filtered(
                lambda one: one.account_type == "asset_receivable"
            )
        ).reconcile()
        self.assertFalse(credit.amount_residual)
        self.assertFalse(self.both_ways("2026-01-31")[1].line_ids)
        self.assertTrue(self.both_ways("2026-02-10")[1].line_ids)

    def test_customers_without_an_account_get_one(self):
        self.make_policy()
        partner = self.make_partner("Newcomer")
        self.make_invoice(partner, 1000, due="2026-01-01")
        self.assertFalse(self.Customer.search([("partner_id", "=", partner.id)]))
        steady, run = self.both_ways("2026-01-31")
        self.assertEqual(steady, 1)
        self.assertEqual(run.line_ids.customer_id.partner_id, partner)

    # Links without foreign keys

    def test_merged_contacts_take_their_interest_along(self):
        self.make_policy()
        self.make_invoice(self.partner, 1000, due="2026-01-01")
        run = self.charge("2026-01-31")
        kept = self.make_customer("The one that stays")
        self.root["base.partner.merge.automatic.wizard"]._merge(
            (self.partner | kept.partner_id).ids, kept.partner_id
        )
        self.assertRecordValues(
            run.line_ids,
            [{"partner_id": kept.partner_id.id, "customer_id": kept.id}],
        )

    def test_items_with_interest_are_not_deleted(self):
        self.make_policy()
        invoice = self.make_invoice(self.partner, 1000, due="2026-01-01")
        run = self.charge("2026-01-31")
        with self.refused(UserError, invoice.name, run.name):
            invoice.with_context(
                dynamic_unlink=True, force_delete=True
            ).line_ids.unlink()
        self.assertTrue(run.line_ids.move_line_id.exists())

    def test_what_was_only_counted_goes_with_its_item(self):
        self.make_policy(charging="memo")
        invoice = self.make_invoice(self.partner, 1000, due="2026-01-01")
        run = self.simulate("2026-01-31")
        self.assertEqual(run.line_ids.mapped("kind"), ["accrued"])
        invoice.button_draft()
        invoice.unlink()
        self.assertFalse(run.line_ids)
        self.env.cr.execute(
            "SELECT COUNT(*) FROM cartera_interest_segment s"
            " LEFT JOIN cartera_interest_line l ON l.id = s.line_id WHERE l.id IS NULL"
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_deleting_a_simulation_leaves_no_arithmetic_behind(self):
        self.make_policy()
        self.make_invoice(self.partner, 1000, due="2026-01-01")
        run = self.simulate("2026-01-31")
        parts = run.line_ids.segment_ids
        self.assertTrue(parts)
        run.unlink()
        self.assertFalse(parts.exists())

    def test_a_fee_that_was_charged_stays(self):
        policy = self.make_policy(
            fee_ids=[(0, 0, {"name": "Late", "amount": 5, "days": 1})]
        )
        self.make_invoice(self.partner, 1000, due="2026-01-01")
        run = self.charge("2026-01-31")
        with self.refused(UserError, "Late", run.name, "Archive"):
            policy.fee_ids.unlink()
