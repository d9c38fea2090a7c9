from datetime import date, timedelta
from decimal import Decimal

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .desk_common import month_ends
from .kpi_common import FEBRUARY, KpiCommon


@tagged("post_install", "-at_install")
class TestKpi(KpiCommon):
    """Key figures through the model; the book and what February says of it were worked out by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_small_book()

    def test_february(self):
        self.compute()
        rows = self.rows()
        self.assertFigures(
            rows,
            {
                # 300 + 900 + 300 + 200 − 150
                ("receivable", "ledger"): "1550.00",
                ("overdue", "past_due"): "800.00",
                ("billed", "month"): "1050.00",
                ("collected", "month"): "2900.00",
                ("current", "not_due"): "52.94",  # 900 / 1,700
                ("overdue_share", "past_due"): "47.06",
                ("overdue_share", "over_90"): "0.00",
                # sales of three months 4,550 in 31 + 31 + 28 = 90 days
                ("dso", "standard"): "30.66",
                ("dso", "best_possible"): "17.80",
                ("add", "dso_less_best"): "12.86",
                # 1,050 of February, 500 of the 2,500 of January: 28 + 500 / 2,500 × 31
                ("dso", "countback"): "34.20",
                # (3,500 + 1,050 − 1,550) / (3,500 + 1,050 − 900)
                ("cei", "single_period"): "82.19",
                # (0 + 4,550 / 3 − 1,550) / (0 + 4,550 / 3 − 900)
                ("cei", "3_months"): "-5.41",
                ("collected_of_billed", "month"): "276.19",
                ("recovery", "of_assigned"): "60.00",  # 600 / 1,000
                # (600 × 32 − 2,000 + 200 × 6) / 2,800
                ("days_late", "weighted_paid"): "6.57",
                ("roll_rate", "from_0"): "20.00",  # 500 / 2,500
                ("roll_rate", "from_30"): "30.00",  # 300 / 1,000
                ("roll_rate", "from_60"): None,
                ("on_time_collection", "amount"): "74.07",  # 2,000 / 2,700
                ("on_time_collection", "count"): "33.33",
                ("bad_debt", "net_of_recoveries"): "9.52",  # 100 / 1,050
                ("minor_write_off", "of_collections"): "0.00",
                ("promise_kept", "count"): "100.00",
                ("promise_kept", "amount"): "100.00",
                ("dispute_rate", "amount"): "5.29",  # 90 / 1,700
                ("dispute_rate", "count"): "50.00",  # 1 / 2
                ("dispute_days", "open_age"): "8.00",
                ("dispute_days", "closed_mean"): None,
                ("hold_cycle", "released_mean"): None,
                ("on_time_invoicing", "agreed_days"): None,
                ("reply_rate", "of_delivered"): None,
            },
        )
        self.assertEqual(len(rows), 41)
        dso = rows["dso", "standard"]
        self.assertEqual((dso.numerator, dso.denominator), (1550.0, 4550.0))
        self.assertEqual((dso.date_from, dso.date_to), (FEBRUARY, date(2026, 2, 28)))
        self.assertEqual(dso.value_text, "30.7 days")
        self.assertEqual(rows["cei", "single_period"].value_text, "82.2 %")
        self.assertEqual(rows["receivable", "ledger"].value_text, "$\xa01,550.00")
        self.assertIn("Receivable / sales of three months", dso.explanation)
        self.assertIn("standard, window of three months", dso.explanation)

    def test_not_applicable_is_empty(self):
        self.compute()
        row = self.rows()["dispute_days", "closed_mean"]
        self.assertIs(row.value, False)
        self.assertIs(row.value_text, False)
        self.assertFalse(row.applies)
        self.assertIs(row.read(["value"])[0]["value"], False)
        self.env.cr.execute("SELECT value FROM cartera_kpi WHERE id = %s", (row.id,))
        self.assertIsNone(self.env.cr.fetchone()[0])
        # what is zero is zero
        zero = self.rows()["minor_write_off", "of_collections"]
        self.assertEqual(
            (zero.value, zero.applies, zero.value_text), (0.0, True, "0.0 %")
        )
        # a mean leaves the empty ones out
        [(average,)] = self.Kpi._read_group(
            [("id", "in", (row | zero).ids)], [], ["value:avg"]
        )
        self.assertEqual(average, 0.0)

    def test_parts_add_up_to_the_whole(self):
        self.compute()
        whole = self.rows()["receivable", "ledger"].value
        chains = self.rows(dimension="segment", industry_id=self.chains)
        shops = self.rows(dimension="segment", industry_id=self.shops)
        mine = self.rows(dimension="collector", collector_id=self.collector)
        # Alfa 300 − 50, Beta 900 + 300 + 200 − 100
        self.assertEqual(chains["receivable", "ledger"].value, 250.0)
        self.assertEqual(shops["receivable", "ledger"].value, 1300.0)
        self.assertEqual(mine["receivable", "ledger"].value, 250.0)
        self.assertEqual(250.0 + 1300.0, whole)
        self.assertFigures(
            mine,
            {
                ("promise_kept", "count"): "100.00",
                ("recovery", "of_assigned"): "60.00",
                ("on_time_collection", "count"): "100.00",
            },
        )
        self.assertNotIn(("dispute_rate", "count"), mine)

    def test_computing_twice_changes_nothing(self):
        self.compute()
        before = {
            row.id: (row.indicator_id, row.dimension, row.value)
            for row in self.Kpi.search([("company_id", "=", self.company.id)])
        }
        self.compute()
        after = {
            row.id: (row.indicator_id, row.dimension, row.value)
            for row in self.Kpi.search([("company_id", "=", self.company.id)])
        }
        self.assertEqual(before, after)

    def test_rows_of_nobody_any_more_go_away(self):
        self.compute()
        self.assertTrue(self.rows(dimension="collector", collector_id=self.collector))
        self.alfa.collector_id = self.manager
        self.compute()
        self.assertFalse(self.rows(dimension="collector", collector_id=self.collector))
        self.assertTrue(self.rows(dimension="collector", collector_id=self.manager))

    def test_back_dated_entries_are_found_when_computed_again(self):
        self.compute()
        self.make_invoice(self.beta.partner_id, 70, "2026-02-20", "2026-02-11")
        self.assertEqual(self.rows()["receivable", "ledger"].value, 1550.0)
        self.compute()
        self.assertEqual(self.rows()["receivable", "ledger"].value, 1620.0)
        self.assertEqual(self.rows()["overdue", "past_due"].value, 870.0)

    def test_every_month_end_is_the_ledger(self):
        for day in month_ends((2025, 11), 5)[:-1]:
            with self.subTest(day):
                month = day.replace(day=1)
                self.compute(month)
                ledger = (
                    self.Item.with_context(cartera_as_of=day)
                    .sudo()
                    ._ledger_balance(self.company)
                )
                value = self.rows(month)["receivable", "ledger"].value
                self.assertEqual(Decimal(f"{value:.2f}"), ledger)

    def test_the_month_that_goes_on(self):
        """March until the 16th: 16 days, and the window is 31 + 28 + 16."""
        march = date(2026, 3, 1)
        self.compute(march)
        rows = self.rows(march)
        self.assertEqual(rows["dso", "standard"].date_to, self.today)
        # nothing was sold in March: 1,550 / 3,550 × 75
        self.assertFigures(
            rows,
            {
                ("dso", "standard"): "32.75",
                ("billed", "month"): "0.00",
                ("collected_of_billed", "month"): None,
                ("overdue", "past_due"): "1700.00",
            },
        )

    def test_points_are_no_money(self):
        non_trade = self.receivable.copy(
            {"name": "Points", "code": "121778", "non_trade": True}
        )
        self.make_entry(non_trade, 999, "2026-02-03", self.alfa.partner_id)
        self.compute()
        self.assertEqual(self.rows()["receivable", "ledger"].value, 1550.0)
        self.assertEqual(self.rows()["billed", "month"].value, 1050.0)

    def test_interest_is_billed_and_not_sold(self):
        reason = self.root.ref("cartera_cobranza.note_reason_interest")
        self.assertEqual(reason.counts_as, "charge")
        self.make_invoice(
            self.alfa.partner_id,
            30,
            "2026-02-28",
            "2026-02-28",
            note_reason_id=reason.id,
        )
        self.compute()
        rows = self.rows()
        self.assertEqual(rows["billed", "month"].value, 1080.0)
        self.assertEqual(rows["dso", "standard"].denominator, 4550.0)
        self.assertEqual(rows["dso", "standard"].numerator, 1580.0)

    def test_minor_write_offs_stand_apart(self):
        reason = self.bad_debt.copy(
            {
                "code": "T-MINOR",
                "class_id": self.root.ref(
                    "cartera_cobranza.note_class_minor_balance"
                ).id,
                "counts_as": "minor_write_off",
            }
        )
        self.make_invoice(
            self.alfa.partner_id,
            2.9,
            date="2026-02-27",
            move_type="out_refund",
            note_reason_id=reason.id,
        )
        # a debt that was written off and came after all: 40
        recovered = self.bad_debt.copy({"code": "T-BACK", "direction": "debit"})
        self.make_invoice(
            self.alfa.partner_id,
            40,
            "2026-02-27",
            "2026-02-27",
            note_reason_id=recovered.id,
        )
        self.compute()
        self.assertFigures(
            self.rows(),
            {
                ("minor_write_off", "of_collections"): "0.10",  # 2.90 / 2,900
                ("bad_debt", "net_of_recoveries"): "5.71",  # (100 − 40) / 1,050
                ("billed", "month"): "1050.00",
            },
        )

    def test_contacts(self):
        """Two messages answered of those that arrived; one of two calls reached; automatic ones are no answers."""
        cases = self.root["cartera.collection.case"]._for_customers(self.alfa)
        case = cases[self.alfa]
        reached = self.root.ref("cartera_cobranza.outcome_reached")
        message = self.root.ref("cartera_cobranza.outcome_message")
        day = date(2026, 2, 5)
        rows = [("email", "replied", None), ("email", "replied", None), ("email", "sent", None),
                ("sms", "sent", None), ("email", "bounced", None), ("email", "skipped", None),
                ("call", "done", reached), ("call", "done", message), ("email", "cancelled", None)]  # fmt: skip
        actions = self.root["cartera.collection.action"].create(
            [
                {
                    "customer_id": self.alfa.id,
                    "case_id": case.id,
                    "channel": channel,
                    "state": state,
                    "planned_date": day + timedelta(days=number),
                    "done_date": False
                    if state in ("skipped", "cancelled")
                    else day + timedelta(days=number),
                    "outcome_id": outcome.id if outcome else False,
                }
                for number, (channel, state, outcome) in enumerate(rows)
                if channel != "sms" or self._has_channel("sms")
            ]
        )
        sms = 1 if self._has_channel("sms") else 0
        self.compute()
        found = self.rows()
        self.assertEqual(
            (
                found["reply_rate", "of_delivered"].numerator,
                found["reply_rate", "of_delivered"].denominator,
            ),
            (2.0, 3.0 + sms),
        )
        self.assertFigures(found, {("right_party", "of_attempts"): "50.00"})
        self.assertEqual(
            (
                found["actions", "made_of_planned"].numerator,
                found["actions", "made_of_planned"].denominator,
            ),
            (6.0 + sms, 7.0 + sms),
        )
        self.assertTrue(actions)

    def _has_channel(self, channel):
        return channel in dict(
            self.root["cartera.collection.action"]._selection_channel()
        )

    def test_overdue_that_came_after_a_contact(self):
        """1,000 of A1 asked for on 6 February, 600 came four days later; asked again on the 9th counts once."""
        case = self.root["cartera.collection.case"]._for_customers(self.alfa)[self.alfa]
        item = self.a1.line_ids.filtered("date_maturity")
        for day in ("2026-02-06", "2026-02-09"):
            self.root["cartera.collection.action"].create(
                {
                    "customer_id": self.alfa.id,
                    "case_id": case.id,
                    "channel": "email",
                    "state": "sent",
                    "planned_date": day,
                    "done_date": day,
                    "item_ids": [
                        Command.create(
                            {
                                "move_line_id": item.id,
                                "document": "A1",
                                "date_maturity": "2026-01-09",
                                "days_overdue": 28,
                                "currency_id": self.usd.id,
                                "residual": 1000,
                                "demanded": 1000,
                            }
                        ),
                        # not due yet: no overdue debt
                        Command.create(
                            {
                                "move_line_id": self.b1.line_ids.filtered(
                                    "date_maturity"
                                ).id,
                                "document": "B1",
                                "days_overdue": -3,
                                "currency_id": self.usd.id,
                                "residual": 900,
                                "demanded": 900,
                            }
                        ),
                    ],
                }
            )
        self.compute()
        self.assertFigures(
            self.rows(),
            {
                ("converted", "within_7_days"): "60.00",
                ("paid_after_contact", "within_7_days"): "0.00",
            },
        )

    def test_invoices_in_time(self):
        """Three days are agreed: B1 was sent after one, C1 after five; what is not known is not counted."""
        Delivery = self.root["cartera.invoice.delivery"]
        Delivery.create(
            {"move_id": self.b1.id, "state": "sent", "sent_date": "2026-02-06"}
        )
        Delivery.create(
            {"move_id": self.c1.id, "state": "sent", "sent_date": "2026-02-15"}
        )
        third = self.make_invoice(self.beta.partner_id, 1, "2026-03-30", "2026-02-14")
        self.compute()
        self.assertFigures(self.rows(), {("on_time_invoicing", "agreed_days"): "50.00"})
        self.company.cartera_invoicing_days = 5
        # delivered on the 11th, invoiced on the 14th
        third.delivery_date = "2026-02-11"
        self.compute()
        self.assertFigures(
            self.rows(), {("on_time_invoicing", "agreed_days"): "100.00"}
        )
        self.assertEqual(self.rows()["on_time_invoicing", "agreed_days"].denominator, 3)
        # made ready and never sent: late as soon as the days are over
        Delivery.create(
            {
                "move_id": self.make_invoice(
                    self.beta.partner_id, 1, "2026-03-30", "2026-02-15"
                ).id
            }
        )
        self.compute()
        self.assertFigures(self.rows(), {("on_time_invoicing", "agreed_days"): "75.00"})

    def test_punctual_customers(self):
        """Gama and Delta paid in time until November; of the three months to February Gama does again, Delta not."""
        gama, delta, epsilon = (
            self.make_partner(name) for name in ("Gama", "Delta", "Epsilon")
        )
        for partner in (gama, delta, epsilon):
            self.pay(
                partner,
                10,
                "2025-11-05",
                self.make_invoice(partner, 10, "2025-11-05", "2025-10-05"),
            )
        self.pay(
            gama,
            10,
            "2026-01-31",
            self.make_invoice(gama, 10, "2026-02-01", "2026-01-02"),
        )
        self.pay(
            delta,
            10,
            "2026-02-02",
            self.make_invoice(delta, 10, "2026-02-01", "2026-01-02"),
        )
        self.compute()
        row = self.rows()["punctual", "retained"]
        self.assertEqual((row.numerator, row.denominator, row.value), (1.0, 2.0, 50.0))

    def test_holds(self):
        """One released by authority after two days, one by itself after half a day."""
        self.root["cartera.credit.hold"].search([]).write({"state": "cancelled"})
        base = {
            "name": "X",
            "res_model": "account.move",
            "customer_id": self.alfa.id,
            "document_currency_id": self.usd.id,
            "checkpoint": "invoice",
        }
        holds = self.root["cartera.credit.hold"].create(
            [
                {**base, "res_id": self.a1.id, "state": "released", "released_by": self.executive.id,
                 "closed_at": "2026-02-12 12:00:00"},
                {**base, "res_id": self.a2.id, "state": "released", "closed_at": "2026-02-20 12:00:00"},
                {**base, "res_id": self.b1.id, "state": "rejected", "released_by": self.executive.id,
                 "closed_at": "2026-02-20 12:00:00"},
            ]
        )  # fmt: skip
        for hold, start in zip(
            holds,
            ("2026-02-10 12:00:00", "2026-02-20 00:00:00", "2026-02-01 00:00:00"),
            strict=True,
        ):
            self.env.cr.execute(
                "UPDATE cartera_credit_hold SET create_date = %s WHERE id = %s",
                (start, hold.id),
            )
        self.compute()
        self.assertFigures(
            self.rows(),
            {
                ("hold_cycle", "released_mean"): "1.25",
                ("override", "of_released"): "50.00",
            },
        )


@tagged("post_install", "-at_install")
class TestKpiRun(KpiCommon):
    """Who computes and sees what, two companies, the jobs, and how many queries it takes."""

    def test_roles(self):
        self.make_small_book()
        with self.refused(AccessError, "computed by credit executives and accountants"):
            self.env["cartera.kpi"].with_user(self.collector).action_compute(
                self.company.id, "2026-02-01"
            )
        for user in (self.executive, self.accountant):
            self.assertTrue(
                self.env["cartera.kpi"]
                .with_user(user)
                .action_compute(self.company.id, "2026-02-01", "2026-02-28")
            )
        with self.refused(AccessError, "not working in that company"):
            self.env["cartera.kpi"].with_user(self.executive).action_compute(
                self.other_company.id, "2026-02-01"
            )
        rows = self.rows()
        with self.refused(AccessError):
            self.env["cartera.kpi"].with_user(self.salesperson).search([])
        with self.refused(AccessError):
            self.env["cartera.kpi"].with_user(self.portal).search([])
        one = rows["dso", "standard"]
        for user in (self.manager, self.accountant, self.collector):
            for verb in (lambda row: row.write({"value": 1}), lambda row: row.unlink()):
                with self.subTest(user.login), self.refused(AccessError):
                    verb(one.with_user(user))
        with self.refused(AccessError):
            self.env["cartera.kpi"].with_user(self.manager).create(
                {
                    "company_id": self.company.id,
                    "date_from": FEBRUARY,
                    "date_to": FEBRUARY,
                }
            )

    def test_collectors_see_the_whole_and_their_own(self):
        self.beta.collector_id = self.manager
        self.make_small_book()
        self.compute()

        def collectors(user):
            rows = (
                self.env["cartera.kpi"]
                .with_user(user)
                .search([("dimension", "=", "collector")])
            )
            return rows.collector_id

        self.assertEqual(collectors(self.collector), self.collector)
        self.assertEqual(collectors(self.executive), self.collector | self.manager)
        self.assertEqual(collectors(self.accountant), self.collector | self.manager)
        self.assertTrue(
            self.env["cartera.kpi"]
            .with_user(self.collector)
            .search_count([("dimension", "=", "company")])
        )

    def test_two_companies(self):
        """200 dollars of February are 4,000 pesos at 20 there; nobody mixes them."""
        self.make_small_book()
        rate = self.root["res.currency.rate"].search(
            [("company_id", "=", self.other_company.id)]
        )
        self.assertEqual(rate.rate, 0.05)
        self.make_invoice(
            self.alfa.partner_id,
            200,
            "2026-03-01",
            "2026-02-03",
            company=self.other_company,
            currency_id=self.usd.id,
        )
        self.compute()
        self.compute(company=self.other_company)
        self.assertEqual(self.rows()["receivable", "ledger"].value, 1550.0)
        other = self.rows(company=self.other_company)
        self.assertEqual(other["receivable", "ledger"].value, 4000.0)
        self.assertEqual(other["receivable", "ledger"].currency_id, self.mxn)
        visible = self.env["cartera.kpi"].with_user(self.manager).search([])
        self.assertEqual(visible.company_id, self.company)

    def test_months_that_cannot_be(self):
        Kpi = self.env["cartera.kpi"].with_user(self.manager)
        for first, last, text in (
            ("2026-04-01", None, "cannot be known.*3/16/2026|cannot be known"),
            ("2026-02-01", "2026-04-01", "cannot be known"),
            ("2026-03-01", "2026-02-01", "cannot be known"),
            ("yesterday", None, "must be days"),
        ):
            with self.subTest(first), self.refused(UserError, text):
                Kpi.action_compute(self.company.id, first, last)

    def test_computing_the_rows_again(self):
        self.make_small_book()
        self.compute()
        row = self.rows()["receivable", "ledger"]
        self.make_invoice(self.beta.partner_id, 70, "2026-02-20", "2026-02-11")
        row.with_user(self.executive).action_compute()
        self.assertEqual(self.rows()["receivable", "ledger"], row)
        self.assertEqual(row.value, 1620.0)

    def test_the_daily_job(self):
        """The first time from the first entry on, then the present month and what was not over; twice is once."""
        self.make_small_book()
        with self.commits_allowed():
            self.Kpi._cron_refresh()
        months = sorted(
            set(
                self.Kpi.search([("company_id", "=", self.company.id)]).mapped(
                    "date_from"
                )
            )
        )
        self.assertEqual(
            months, [date(2025, 12, 1), date(2026, 1, 1), FEBRUARY, date(2026, 3, 1)]
        )
        self.assertEqual(self.Kpi._due_months(self.company), [date(2026, 3, 1)])
        count = self.Kpi.search_count([])
        with self.commits_allowed():
            self.Kpi._cron_refresh()
        self.assertEqual(self.Kpi.search_count([]), count)
        with self.at("2026-04-02"):
            # March was computed before it ended
            self.assertEqual(
                self.Kpi._due_months(self.company), [date(2026, 3, 1), date(2026, 4, 1)]
            )
            self.assertEqual(len(self.Kpi._due_months(self.company, again=3)), 4)
        self.assertEqual(self.Kpi._due_months(self.other_company), [])

    def test_the_monthly_job_finds_late_entries(self):
        self.make_small_book()
        with self.commits_allowed():
            self.Kpi._cron_refresh()
        self.make_invoice(self.beta.partner_id, 70, "2026-02-20", "2026-02-11")
        with self.commits_allowed():
            self.Kpi._cron_refresh()
        self.assertEqual(self.rows()["receivable", "ledger"].value, 1550.0)
        with self.commits_allowed():
            self.Kpi._cron_close()
        self.assertEqual(self.rows()["receivable", "ledger"].value, 1620.0)

    def test_a_company_that_fails_does_not_stop_the_others(self):
        self.make_small_book()
        self.make_invoice(
            self.alfa.partner_id,
            9,
            "2026-03-01",
            "2026-03-01",
            company=self.other_company,
        )
        broken = self.company
        original = type(self.Kpi)._gather

        def gather(model, company, *args):
            if company == broken:
                raise UserError(model.env._("No date"))
            return original(model, company, *args)

        self.patch(type(self.Kpi), "_gather", gather)
        with (
            self.commits_allowed(),
            self.assertLogs(
                "odoo.addons.cartera_cobranza.models.cartera_kpi", "WARNING"
            ) as logs,
        ):
            self.Kpi._cron_refresh()
        self.assertIn("were not computed: No date", logs.output[0])
        self.assertFalse(self.Kpi.search_count([("company_id", "=", broken.id)]))
        self.assertTrue(
            self.Kpi.search_count([("company_id", "=", self.other_company.id)])
        )

    @mute_logger("odoo.models.unlink")
    def test_queries_do_not_grow(self):
        def books(count):
            for number in range(count):
                customer = self.make_customer(f"Customer {number}")
                invoice = self.make_invoice(
                    customer.partner_id, 100, "2026-02-10", "2026-01-10"
                )
                if number % 10 == 0:
                    self.pay(customer.partner_id, 40, "2026-02-12", invoice)

        self.compute()
        books(10)
        few = self.queries(self.compute)
        books(90)
        many = self.queries(self.compute)
        self.assertEqual(few, many)
        self.assertLess(few, 32)

    def test_formulas_are_complete(self):
        """Every figure that is computed has its indicator with formula and variant, and every indicator is computed."""
        self.make_small_book()
        self.compute()
        indicators = self.root["cartera.kpi.indicator"].search([])
        rows = self.Kpi.search(
            [("dimension", "=", "company"), ("company_id", "=", self.company.id)]
        )
        self.assertEqual(rows.indicator_id, indicators)
        for one in indicators:
            self.assertTrue(one.formula and one.variant_name and one.name, one.code)

    def test_history_opens(self):
        self.make_small_book()
        self.compute()
        action = (
            self.rows()["dso", "standard"]
            .with_user(self.collector)
            .action_open_history()
        )
        found = self.Kpi.search(action["domain"])
        self.assertEqual(found, self.rows()["dso", "standard"])
