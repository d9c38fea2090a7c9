from io import BytesIO
from unittest.mock import patch

from openpyxl import load_workbook
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY
from .common_interest import InterestCommon


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestInterestMore(InterestCommon):
    """Bad input, what is disputed or promised, the scheduled run, annex, quotes and the order of application."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.policy = cls.make_policy()
        cls.invoice = cls.make_invoice(cls.partner, 10000, due="2026-01-01")

    def item(self, move):
        return move.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    # Bad input

    def test_rates_and_policies_that_cannot_be(self):
        table = self.root["cartera.interest.rate.table"].create({"name": "Table"})
        monthly = self.root["cartera.interest.rate.table"].create(
            {"name": "Monthly", "kind": "month"}
        )
        policies = self.Policy.with_user(self.manager).sudo(False)
        base = {"name": "Bad", "company_id": self.company.id, "rate": 10}
        for vals, text in (
            ({"rate": -1}, "below zero"),
            ({"rate": 120}, "10.00 % a month"),
            ({"rate": 0}, "Enter the rate"),
            ({"rate_source": "legal", "rate": 0}, "legal rate"),
            ({"rate_source": "table"}, "Choose the rate table"),
            ({"factor": 0}, "above zero"),
            ({"grace_days": -1}, "negative"),
            ({"maximum": -1}, "negative"),
            ({"compound": True}, "contract"),
            ({"compound": True, "contract_reference": "  "}, "contract"),
            ({"cap_table_id": monthly.id}, "not of one kind"),
            ({"scope": "segment"}, "risk class"),
            ({"exclude_domain": "[('nothing', '=', 1)]"}, "cannot be used"),
            ({"exclude_domain": "not a domain"}, "cannot be used"),
            ({"tier_ids": [Command.create({"days_from": 0, "rate": 5})]}, "day 1"),
            ({"tier_ids": [Command.create({"days_from": 1, "rate": 101})]}, "100"),
        ):
            with (
                self.subTest(vals),
                self.refused(ValidationError, text),
                mute_logger("odoo.sql_db"),
            ):
                policies.with_context(lang="en_US").create({**base, **vals})
        rates = self.root["cartera.interest.rate"].with_context(lang="en_US")
        rates.create({"table_id": table.id, "date_from": "2026-01-01", "rate": 5})
        for vals, text in (
            ({"date_from": "2026-02-01", "rate": 101}, "8.42 % a month"),
            ({"date_from": "2026-02-01", "rate": -0.1}, "below zero"),
            ({"date_from": "2026-01-01", "rate": 7}, "5 %.*7 %|7 %.*5 %"),
            (
                {"date_from": "2026-02-01", "date_to": "2026-01-31", "rate": 7},
                "before it starts",
            ),
        ):
            with self.subTest(vals), self.refused(ValidationError, text):
                rates.create({"table_id": table.id, **vals})

    def test_a_missing_rate_names_the_days_and_writes_nothing(self):
        table = self.root["cartera.interest.rate.table"].create(
            {
                "name": "Certified",
                "rate_ids": [
                    Command.create(
                        {
                            "date_from": "2026-01-01",
                            "date_to": "2026-01-20",
                            "rate": 5,
                        }
                    )
                ],
            }
        )
        self.policy.write({"rate_source": "table", "rate_table_id": table.id})
        run = self.make_run("2026-01-31")
        with self.refused(UserError, "Certified", "2026-01-21", "2026-01-31"):
            run.with_context(lang="en_US").action_simulate()
        self.assertEqual((run.state, run.line_ids.ids), ("draft", []))

    def test_a_locked_period_names_the_lock(self):
        run = self.make_run("2026-01-31")
        self.company.sudo().fiscalyear_lock_date = "2026-02-28"
        with self.refused(UserError, "2026"):
            run.action_simulate()
        run.note_date = "2026-03-02"
        run.action_simulate()
        self.assertEqual(self.amounts(run), {self.invoice: 300.0})

    def test_a_missing_account_or_choice_of_taxes_is_refused_before_posting(self):
        run = self.simulate("2026-01-31", user=self.executive)
        self.policy.tax_mode = False
        with self.refused(RedirectWarning):
            run.with_user(self.manager).sudo(False).action_approve()
        self.policy.tax_mode = "none"
        journal = self.root["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company.id)], limit=1
        )
        journal.default_account_id = False
        with self.refused(RedirectWarning, journal.name):
            run.with_user(self.manager).sudo(False).action_approve()
        self.assertEqual(run.state, "simulated")

    def test_days_to_come_are_shown_but_not_posted(self):
        run = self.simulate("2026-03-31", user=self.executive)
        self.assertEqual(self.amounts(run), {self.invoice: 890.0})
        with self.refused(UserError):
            self.post(run)

    def test_another_company_is_out_of_reach(self):
        other = self.make_run("2026-01-31", company=self.other_company)
        for verb in ("action_simulate", "action_approve", "action_post"):
            with self.subTest(verb), self.refused(AccessError):
                getattr(other.with_user(self.manager).sudo(False), verb)()
        with self.refused(AccessError):
            self.make_run("2026-01-31", user=self.executive).write(
                {"company_id": self.other_company.id}
            )

    def test_only_the_manager_gives_a_customer_a_policy(self):
        mine = self.customer.with_user(self.executive).sudo(False)
        with self.refused(UserError):
            mine.interest_exempt = True
        self.customer.with_user(self.manager).sudo(False).interest_exempt = True
        self.assertFalse(self.simulate("2026-01-31").line_ids)

    def test_the_same_days_are_not_live_twice_whoever_writes(self):
        run = self.charge("2026-01-31")
        line = run.line_ids
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                """INSERT INTO cartera_interest_line
                       (run_id, company_id, customer_id, partner_id, policy_id, kind, move_line_id, move_id,
                        currency_id, date_from, charged_to, state, live)
                       SELECT run_id, company_id, customer_id, partner_id, policy_id, kind, move_line_id, move_id,
                        currency_id, date_from, charged_to, state, live
                         FROM cartera_interest_line WHERE id = %s""",
                [line.id],
            )

    # Disputed and promised

    def dispute(self, amount):
        return self.root["cartera.dispute"].create(
            {
                "move_id": self.invoice.id,
                "type_id": self.root["cartera.dispute.type"].search([], limit=1).id,
                "disputed_amount": amount,
                "description": "Wrong price",
            }
        )

    def test_disputed_amounts_wait_and_are_billed_when_lost(self):
        dispute = self.dispute(4000)
        run = self.charge("2026-03-12")  # 70 days of 6.00
        self.assertEqual(self.amounts(run), {self.invoice: 420.0})
        self.assertEqual(self.amounts(run, "accrued"), {self.invoice: 280.0})
        self.assertEqual(run.line_ids.note_move_id.amount_total, 420.0)
        self.assertEqual((run.amount, run.accrued), (420.0, 280.0))
        # still disputed: nothing to correct
        again = self.simulate("2026-03-12")
        self.assertFalse(again.line_ids.filtered(lambda one: one.kind != "accrued"))
        dispute.with_user(self.collector).action_reject("The price was agreed")
        later = self.charge("2026-03-12")
        self.assertEqual(self.amounts(later, "adjustment"), {self.invoice: 280.0})
        self.assertFalse(self.simulate("2026-03-12").line_ids)

    def test_disputed_amounts_can_be_let_off_or_charged(self):
        self.dispute(4000)
        self.policy.disputed = "exclude"
        run = self.simulate("2026-03-12")
        self.assertRecordValues(
            run.line_ids, [{"amount": 700.0, "waived_amount": 280.0}]
        )
        self.policy.disputed = "charge"
        run = self.simulate("2026-03-12")
        self.assertRecordValues(run.line_ids, [{"amount": 700.0, "waived_amount": 0}])

    def test_a_promise_that_stops_the_interest(self):
        promise = self.root["cartera.payment.promise"].create(
            {
                "customer_id": self.customer.id,
                "line_ids": [
                    Command.create({"move_id": self.invoice.id, "amount": 10000})
                ],
                "instalment_ids": [
                    Command.create({"date": "2026-03-20", "amount": 10000})
                ],
            }
        )
        promise.with_user(self.collector).action_open()
        self.assertEqual(self.simulate("2026-03-12").line_ids.net_amount, 700.0)
        self.policy.promised = "accrue"
        run = self.simulate("2026-03-12")
        self.assertEqual(run.line_ids.mapped("kind"), ["accrued"])
        self.assertEqual(run.to_bill, 0)
        self.policy.promised = "charge"
        promise.interest_stops = True
        self.assertEqual(self.simulate("2026-03-12").line_ids.net_amount, 0)

    # Scheduled

    def test_the_scheduled_run_once_a_month_and_the_manager_is_told(self):
        self.company.sudo().write(
            {
                "cartera_interest_schedule": "simulate",
                "cartera_interest_user_id": self.manager.id,
            }
        )
        with self.commits_allowed():
            self.Run._cron_month()
            self.Run._cron_month()
        run = self.Run.search([("company_id", "=", self.company.id)])
        self.assertRecordValues(
            run,
            [
                {
                    "date_to": self.day("2026-02-28"),
                    "state": "simulated",
                    "scheduled": True,
                    "to_bill": 580.0,
                }
            ],
        )
        self.assertEqual(run.activity_ids.user_id, self.manager)
        run.with_user(self.manager).sudo(False).action_approve()
        self.assertFalse(run.line_ids.note_move_id)

    def test_the_scheduled_run_posts_where_the_company_says_so(self):
        self.company.sudo().cartera_interest_schedule = "post"
        with (
            self.commits_allowed(),
            patch.object(type(self.env["ir.cron"]), "_trigger"),
        ):
            self.Run._cron_month()
            self.Run._cron_post()
            self.Run._cron_post()
        run = self.Run.search([("company_id", "=", self.company.id)])
        self.assertEqual((run.state, run.posting), ("posted", False))
        self.assertEqual(run.line_ids.note_move_id.amount_total, 580.0)

    def test_a_large_run_is_posted_in_the_background_batch_by_batch(self):
        other = self.make_customer("Tienda Sur").partner_id
        self.make_invoice(other, 10000, due="2026-01-01")
        self.make_invoice(other, 10000, due="2026-01-11")
        run = self.simulate("2026-01-31", user=self.executive)
        module = "odoo.addons.cartera_cobranza.models.cartera_interest_posting"
        with (
            self.commits_allowed(),
            patch(f"{module}.AT_ONCE", 1),
            patch(f"{module}.BATCH", 1),
            patch.object(type(self.env["ir.cron"]), "_trigger"),
        ):
            self.post(run)
            self.assertEqual((run.state, run.posting), ("approved", True))
            # killed after the first customer: what is posted stays, the rest goes on
            lines = run.sudo()._next_batch()
            self.assertEqual(len(lines.partner_id), 1)
            run.sudo()._post_lines(lines)
            self.assertLess(len(run.line_ids.note_move_id), 3)
            self.Run._cron_post()
        self.assertEqual((run.state, run.posted_by), ("posted", self.accountant))
        self.assertEqual(len(run.line_ids.note_move_id), 3)

    def test_the_last_batch_ends_the_posting_though_no_time_is_left(self):
        run = self.simulate("2026-01-31", user=self.executive)
        module = "odoo.addons.cartera_cobranza.models.cartera_interest_posting"
        cron = type(self.env["ir.cron"])
        with (
            self.commits_allowed(),
            patch(f"{module}.AT_ONCE", 0),
            patch.object(cron, "_trigger"),
            patch.object(cron, "_commit_progress", return_value=0),
        ):
            self.post(run)
            self.assertEqual((run.state, run.posting), ("approved", True))
            self.Run._cron_post()
        self.assertEqual((run.state, run.posting), ("posted", False))
        self.assertEqual(run.posted_by, self.accountant)

    # Looking

    def test_the_annex_has_every_segment_and_no_formulas(self):
        self.partner.name = "=cmd|' /C calc'!A0"
        self.pay(self.partner, 4000, date="2026-01-21", invoices=self.invoice)
        run = self.charge("2026-01-31")
        sheet = load_workbook(BytesIO(run.line_ids._annex_xlsx())).active
        rows = list(sheet.iter_rows(min_row=2, values_only=True))
        self.assertEqual([row[10] for row in rows], [20, 10])
        self.assertEqual([round(row[14], 2) for row in rows], [200.0, 60.0])
        self.assertEqual(rows[0][5], 260.0)
        self.assertEqual(sheet["A2"].data_type, "s")
        html = str(
            self.env["ir.actions.report"]
            .sudo()
            ._render_qweb_html("cartera_cobranza.interest_run_document", run.ids)[0],
            "utf-8",
        )
        self.assertIn(self.invoice.name, html)
        self.assertRegex(html, "200[.,]0000")
        note = run.line_ids.note_move_id
        html = str(
            self.env["ir.actions.report"]
            .sudo()
            ._render_qweb_html("account.report_invoice", note.ids)[0],
            "utf-8",
        )
        self.assertRegex(html, "60[.,]0000")

    def test_the_quote_counts_up_to_any_day_and_writes_nothing(self):
        quotes = self.root["cartera.interest.quote"].with_user(self.collector)
        quote = quotes.sudo(False).create(
            {"move_id": self.invoice.id, "date": "2026-12-31"}
        )
        self.assertRecordValues(quote.line_ids, [{"amount": 3640.0, "days": 364}])
        quote = quotes.sudo(False).create(
            {"customer_id": self.customer.id, "date": "2026-01-11"}
        )
        self.assertEqual(quote.line_ids.amount, 100.0)
        self.assertIn("10 / 365", quote.line_ids.explanation)
        self.assertEqual(self.invoice.interest_accrued, 740.0)
        self.assertEqual(self.customer.interest_accrued, 740.0)
        self.assertFalse(self.Line.search([]))
        self.charge("2026-01-31")
        self.invoice.invalidate_recordset()
        self.customer.invalidate_recordset()
        self.assertEqual(self.invoice.interest_billed, 300.0)
        self.assertEqual(self.customer.interest_billed, 300.0)
        self.assertEqual(self.invoice.interest_accrued, 440.0)

    def test_the_policy_explains_itself(self):
        self.policy.write({"rate_source": "fixed_month", "rate": 3})
        # 10,000 × 3 % × 45/30
        example = self.policy.with_context(lang="en_US").example
        self.assertIn("450.00", example)
        self.policy.write({"alarm_rate": 35})
        self.assertIn("36 %", self.policy.with_context(lang="en_US").alarm)

    # The order of application

    def test_a_receipt_pays_interest_before_capital(self):
        # capital 100, interest 30, payment 50: 30 to interest, 20 to capital [L14]
        self.policy.rate = 100
        capital = self.make_invoice(self.partner, 100, due="2025-09-01")
        self.invoice.sudo().button_draft()
        run = self.charge("2025-12-20")  # 110 days of 100/365
        note = run.line_ids.note_move_id
        self.assertEqual(note.amount_total, 30.14)
        items = self.item(capital) | self.item(note)
        impute = self.root["cartera.imputation"]._impute
        self.company.sudo().cartera_allocation_order = "costs_first"
        parts, rest = impute(self.company, 50, items)
        self.assertEqual(
            [(item, float(part)) for item, part in parts],
            [(self.item(note), 30.14), (self.item(capital), 19.86)],
        )
        self.assertFalse(rest)
        for order in ("principal_first", "fifo"):
            parts, rest = impute(self.company, 50, items, order)
            self.assertEqual(parts[0][0], self.item(capital))
        parts, rest = impute(self.company, 500, items, "invoice_first")
        self.assertEqual(float(rest), 369.86)
