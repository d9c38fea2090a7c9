import io
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ..calc.forecast import VIEWS
from .kpi_common import KpiCommon

MONDAY = date(2026, 3, 16)  # today


class ForecastCommon(KpiCommon):
    def make(self, day=None, company=None, **vals):
        forecast = self.Forecast.create(
            {"company_id": (company or self.company).id, "date": day or self.today}
            | vals
        )
        forecast._compute_lines()
        return forecast

    def weeks(self, forecast, view="expected", **found):
        """{(week, source): amount in company currency}."""
        sums = {}
        for line in forecast.line_ids:
            key = (line.week or None, line.source)
            amount = line[f"{view}_company"]
            if amount:
                sums[key] = round(sums.get(key, 0.0) + amount, 2)
        return sums

    def assertReconciled(self, forecast):
        """By currency the lines of every view are the ledger's balance of the day, to the cent."""
        self.root.flush_all()
        self.env.cr.execute(
            """SELECT l.currency_id, SUM(l.amount_currency)
                 FROM account_move_line l
                 JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                  AND a.non_trade IS NOT TRUE
                WHERE l.parent_state = 'posted' AND l.company_id = %s AND l.date <= %s
             GROUP BY 1 HAVING SUM(l.amount_currency) <> 0""",
            (forecast.company_id.id, forecast.date),
        )
        ledger = dict(self.env.cr.fetchall())
        items = self.Item.with_context(
            cartera_as_of=forecast.date, cartera_company_id=forecast.company_id.id
        )
        items.invalidate_model(flush=False)
        revalued = sum(
            (
                Decimal(f"{one.residual_revalued:.2f}")
                for one in items.search([("company_id", "=", forecast.company_id.id)])
            ),
            Decimal(0),
        )
        for view in VIEWS:
            found, company = {}, Decimal(0)
            for line in forecast.line_ids.filtered(lambda one: one.source != "order"):
                amount = Decimal(f"{line[f'{view}_document']:.2f}")
                found[line.currency_id.id] = (
                    found.get(line.currency_id.id, Decimal(0)) + amount
                )
                company += Decimal(f"{line[f'{view}_company']:.2f}")
            self.assertEqual(
                {one: amount for one, amount in found.items() if amount}, ledger
            )
            self.assertEqual(company, revalued)
        self.assertEqual(Decimal(f"{forecast.total:.2f}"), revalued)


@tagged("post_install", "-at_install")
class TestForecastLedger(ForecastCommon):
    """The forecast of a book with everything that makes the past hard is the ledger of the day."""

    def test_it_is_the_ledger_on_any_day(self):
        """With partial, back-dated, reversed and cancelled entries, instalments, pesos and credits."""
        self.make_books()
        for day in (
            "2024-05-31",
            "2024-08-31",
            "2025-03-31",
            "2025-11-30",
            "2026-02-28",
            "2026-03-16",
        ):
            with self.subTest(day):
                self.assertReconciled(self.make(date.fromisoformat(day)))


@tagged("post_install", "-at_install")
class TestForecast(ForecastCommon):
    """The forecast beside the ledger: nothing lost, nothing doubled; and what it says of the small book."""

    def test_the_small_book(self):
        """On 28 February: habits of a book whose five payments are 0 to 32 days late."""
        self.make_small_book()
        forecast = self.make(date(2026, 2, 28))
        self.assertReconciled(forecast)
        # payments of Alfa 600 × 32, 2,000 × −1, of Beta 200 × 6: 18,400 / 2,800 = 6.6; variance
        # (600 × 1,024 + 2,000 + 200 × 36) / 2,800 − 43.2 = 179.5: 13 days
        self.assertEqual((forecast.delay, forecast.spread), (7, 13))
        self.assertEqual(forecast.disputed, 90.0)
        # 3,600 pesos are 200 at 18, the rate of the day too
        self.assertEqual(forecast.total, 1550.0)
        self.assertEqual(forecast.dated, 1460.0)
        # B1: 7 March + 7 = 14 March, 810 undisputed. A1: 9 January + 7, then by steps of 13 days: 9 March
        # B2: 19 February + 7 = 26 February, + 13 = 11 March. C1: 12 February + 7, + 13 = 4 March
        self.assertEqual(
            self.weeks(forecast),
            {
                (date(2026, 3, 9), "due"): 810.0 + 300.0 + 300.0,
                (date(2026, 3, 2), "due"): 200.0,
                # with the first debt of the customer and currency
                (date(2026, 3, 9), "credit"): -150.0,
                (None, "dispute"): 90.0,
            },
        )
        self.assertEqual(
            self.weeks(forecast, "due"),
            {
                (date(2026, 2, 23), "due"): 800.0,
                (date(2026, 3, 2), "due"): 810.0,
                (date(2026, 2, 23), "credit"): -150.0,
                (None, "dispute"): 90.0,
            },
        )

    def test_promises_take_the_place_of_the_due_date(self):
        invoice = self.make_invoice(
            self.alfa.partner_id, 1000, "2026-02-14", "2026-01-15"
        )
        self.make_promise(self.alfa, invoice, 300, "2026-03-20", "2026-03-30")
        forecast = self.make()
        self.assertReconciled(forecast)
        self.assertEqual(
            self.weeks(forecast),
            {
                (date(2026, 3, 16), "promise"): 300.0,
                (date(2026, 3, 30), "promise"): 300.0,
                # the rest: nobody's habit is known, the next seventh day after 14 February + 4 × 7
                (date(2026, 3, 16), "due"): 400.0,
            },
        )
        # 200 of the first instalment came: 100 of it is still to come
        self.pay(self.alfa.partner_id, 200, "2026-03-16", invoice)
        forecast._compute_lines()
        self.assertReconciled(forecast)
        self.assertEqual(self.weeks(forecast)[date(2026, 3, 16), "promise"], 100.0)
        self.assertEqual(self.weeks(forecast)[date(2026, 3, 16), "due"], 400.0)

    def test_disputed_and_legal_amounts_have_no_date(self):
        disputed = self.make_invoice(
            self.alfa.partner_id, 500, "2026-03-30", "2026-03-01"
        )
        self.make_dispute(disputed, 120)
        sued = self.make_invoice(self.beta.partner_id, 80, "2026-03-30", "2026-03-01")
        case = self.root["cartera.collection.case"]._for_customers(self.beta)[self.beta]
        case.write({"stage": "legal"})
        forecast = self.make()
        self.assertReconciled(forecast)
        self.assertEqual(
            self.weeks(forecast),
            {
                (date(2026, 3, 30), "due"): 380.0,
                (None, "dispute"): 120.0,
                (None, "legal"): 80.0,
            },
        )
        self.assertEqual(
            (forecast.disputed, forecast.in_legal, forecast.dated), (120.0, 80.0, 380.0)
        )
        self.assertTrue(sued)

    def test_each_customer_has_a_habit(self):
        """Alfa pays 20 days late, Beta in time: two invoices of one day come in different weeks."""
        for month in ("2025-10", "2025-11", "2025-12"):
            for customer, late in ((self.alfa, 20), (self.beta, 0)):
                due = date.fromisoformat(f"{month}-05")
                invoice = self.make_invoice(
                    customer.partner_id, 100, due, due - timedelta(days=30)
                )
                self.pay(customer.partner_id, 100, due + timedelta(days=late), invoice)
        for customer in (self.alfa, self.beta):
            self.make_invoice(customer.partner_id, 70, "2026-04-01", "2026-03-01")
        forecast = self.make()
        found = {
            line.partner_id: line.week
            for line in forecast.line_ids
            if line.expected_company
        }
        self.assertEqual(found[self.beta.partner_id], date(2026, 3, 30))
        self.assertEqual(found[self.alfa.partner_id], date(2026, 4, 20))
        # older than a year it is forgotten
        with self.at("2027-03-16"):
            later = self.make(date(2027, 3, 15))
        self.assertEqual((later.delay, later.spread), (0, 0))

    def test_pesos_at_the_rate_of_the_day(self):
        """18,000 pesos booked at 18 are 1,000; at 15 they will bring 1,200."""
        self.make_invoice(
            self.alfa.partner_id,
            18000,
            "2026-04-15",
            "2026-03-01",
            currency_id=self.mxn.id,
        )
        self.root["res.currency.rate"].create(
            {
                "currency_id": self.mxn.id,
                "company_id": self.company.id,
                "name": "2026-03-10",
                "rate": 15,
            }
        )
        forecast = self.make()
        self.assertReconciled(forecast)
        [line] = forecast.line_ids
        self.assertEqual(
            (line.expected_document, line.expected_company), (18000.0, 1200.0)
        )
        self.assertEqual(line.currency_id, self.mxn)

    def test_a_currency_without_a_rate_is_named(self):
        other = self.setup_other_currency("GBP", rates=[("2026-03-05", 0.8)])
        self.make_invoice(
            self.alfa.partner_id, 80, "2026-03-31", "2026-03-06", currency_id=other.id
        )
        self.make(date(2026, 3, 10))
        other.rate_ids.unlink()
        self.root.invalidate_all()
        with self.refused(UserError, "no exchange rate for GBP.*2026-03-16"):
            self.make()

    def test_the_other_company_is_not_in_it(self):
        self.make_invoice(self.alfa.partner_id, 100, "2026-03-31", "2026-03-01")
        self.make_invoice(
            self.alfa.partner_id,
            4000,
            "2026-03-31",
            "2026-03-01",
            company=self.other_company,
        )
        mine, other = self.make(), self.make(company=self.other_company)
        self.assertEqual((mine.total, other.total), (100.0, 4000.0))
        self.assertReconciled(other)
        self.assertEqual(other.line_ids.company_currency_id, self.mxn)
        self.assertEqual(
            self.env["cartera.forecast"].with_user(self.manager).search([]), mine
        )
        self.assertEqual(
            self.env["cartera.forecast.line"]
            .with_user(self.manager)
            .search([])
            .company_id,
            self.company,
        )

    def test_what_came_in(self):
        """Of 2 March: 400 expected in its week and 100 in the next; 250 came, and 60 for a later invoice."""
        first = self.make_invoice(self.alfa.partner_id, 400, "2026-03-04", "2026-02-01")
        self.make_invoice(self.alfa.partner_id, 100, "2026-03-12", "2026-02-01")
        later = self.make_invoice(self.alfa.partner_id, 60, "2026-03-05", "2026-03-03")
        self.pay(self.alfa.partner_id, 250, "2026-03-05", first)
        self.pay(self.alfa.partner_id, 60, "2026-03-06", later)
        self.pay(self.alfa.partner_id, 30, "2026-03-11", first)
        forecast = self.make(date(2026, 3, 2))
        weeks = {week.week: week for week in forecast.week_ids}
        one, two, three = (weeks[date(2026, 3, day)] for day in (2, 9, 16))
        self.assertEqual(
            (one.expected, one.actual, one.difference, one.received),
            (400.0, 250.0, -150.0, 310.0),
        )
        self.assertEqual(
            (two.expected, two.actual, two.difference, two.received),
            (100.0, 30.0, -70.0, 30.0),
        )
        self.assertIs(three.actual, False)
        self.assertFalse(three.over)
        self.assertEqual(forecast.weeks_over, 2)
        self.assertEqual((forecast.error, forecast.bias), (110.0, -110.0))
        self.assertEqual(forecast.error_share, 78.57)  # 220 / 280
        self.assertEqual((one.ahead, two.ahead), (0, 1))
        self.assertEqual(
            (two.low_until, two.expected_until, two.high_until), (500.0, 500.0, 500.0)
        )
        # nothing is over yet
        fresh = self.make()
        self.assertEqual((fresh.weeks_over, fresh.error, fresh.bias), (0, False, False))

    def test_the_past_can_be_built_again(self):
        self.make_small_book()
        forecast = self.make(date(2026, 2, 28))

        def lines():
            return sorted(
                (
                    str(one.week),
                    one.source,
                    one.partner_id.id,
                    one.expected_company,
                    one.low_company,
                )
                for one in forecast.line_ids
            )

        before = lines()
        # what happened since changes nothing of what was known then
        self.pay(self.beta.partner_id, 900, "2026-03-10", self.b1)
        self.make_invoice(self.beta.partner_id, 50, "2026-04-10", "2026-03-10")
        forecast._compute_lines()
        self.assertEqual(lines(), before)
        self.assertReconciled(forecast)

    def test_days_to_come(self):
        with self.refused(
            ValidationError, "is not known yet.*03/16/2026|is not known yet"
        ):
            self.make(date(2026, 3, 17))
        forecast = self.make()
        with self.refused(UserError, "keeps its company and day"):
            forecast.date = "2026-03-01"
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self.make()

    def test_a_day_before_the_first_entry(self):
        self.make_small_book()
        forecast = self.make(date(2020, 1, 1))
        self.assertEqual(forecast.total, 0.0)
        self.assertFalse(forecast.line_ids)

    def test_roles(self):
        self.make_invoice(self.alfa.partner_id, 100, "2026-03-31", "2026-03-01")
        Forecast = self.env["cartera.forecast"]
        forecast = Forecast.with_user(self.executive).create({"date": "2026-03-10"})
        self.assertEqual(forecast.company_id, self.company)
        self.assertTrue(forecast.action_compute())
        self.assertEqual(forecast.total, 100.0)
        with self.refused(AccessError, "computed by credit executives"):
            forecast.with_user(self.collector).action_compute()
        with self.refused(AccessError, "cannot be entered"):
            forecast.with_user(self.manager).write({"total": 5})
        for verb in (
            lambda one: one.line_ids[0].write({"expected_company": 1}),
            lambda one: one.week_ids[0].write({"expected": 1}),
            lambda one: one.line_ids.unlink(),
        ):
            with self.refused(AccessError):
                verb(forecast.with_user(self.manager))
        for user in (self.salesperson, self.portal):
            with self.refused(AccessError):
                Forecast.with_user(user).search([])
            with self.refused(AccessError):
                Forecast.with_user(user).action_today()
        action = Forecast.with_user(self.executive).action_today()
        today = Forecast.browse(action["res_id"])
        self.assertEqual(today.date, self.today)
        # a collector who may not compute sees the newest one
        self.assertEqual(
            Forecast.with_user(self.collector).action_today()["res_id"], today.id
        )
        lines = (
            self.env["cartera.forecast.line"]
            .with_user(self.collector)
            .search(today.action_open_lines()["domain"])
        )
        self.assertEqual(lines, today.line_ids)
        self.assertEqual(
            today.action_open_items()["context"], {"cartera_as_of": "2026-03-16"}
        )
        self.assertIn(f"forecast_id={today.id}", today.action_export()["url"])

    def test_the_daily_job(self):
        """The first time thirteen weeks back, then a day at a time; of old ones the first of each week stays."""
        self.make_invoice(self.alfa.partner_id, 100, "2026-03-31", "2026-02-20")
        with self.commits_allowed():
            self.Forecast._cron_make()
        mine = [("company_id", "=", self.company.id)]
        days = self.Forecast.search(mine, order="date").mapped("date")
        self.assertEqual(
            days, [date(2026, 2, 23), date(2026, 3, 2), date(2026, 3, 9), MONDAY]
        )
        with self.commits_allowed():
            self.Forecast._cron_make()
        self.assertEqual(self.Forecast.search_count(mine), 4)
        for day in ("2026-03-18", "2026-03-24", "2026-03-26"):
            with self.at(day), self.commits_allowed():
                self.Forecast._cron_make()
        days = self.Forecast.search(mine, order="date").mapped("date")
        self.assertEqual(
            [day for day in days if day >= MONDAY],
            [MONDAY, date(2026, 3, 24), date(2026, 3, 26)],
        )
        # the weeks that are over were compared
        old = self.Forecast.search([*mine, ("date", "=", MONDAY)])
        self.assertEqual(old.weeks_over, 1)

    def test_a_company_that_fails_does_not_stop_the_others(self):
        self.make_invoice(self.alfa.partner_id, 100, "2026-03-31", "2026-03-16")
        self.make_invoice(
            self.alfa.partner_id,
            9,
            "2026-03-31",
            "2026-03-16",
            company=self.other_company,
        )
        broken = self.company
        original = type(self.Forecast)._gather

        def gather(forecast):
            if forecast.company_id == broken:
                raise UserError(forecast.env._("No date"))
            return original(forecast)

        self.patch(type(self.Forecast), "_gather", gather)
        with (
            self.commits_allowed(),
            self.assertLogs(
                "odoo.addons.cartera_cobranza.models.cartera_forecast", "WARNING"
            ) as logs,
        ):
            self.Forecast._cron_make()
        self.assertIn("was not computed: No date", logs.output[0])
        self.assertEqual(self.Forecast.search([]).company_id, self.other_company)

    def test_queries_do_not_grow(self):
        def books(count):
            for number in range(count):
                customer = self.make_customer(f"Customer {number}")
                invoice = self.make_invoice(
                    customer.partner_id, 100, "2026-03-10", "2026-02-10"
                )
                if number % 10 == 0:
                    self.pay(customer.partner_id, 40, "2026-03-12", invoice)

        forecast = self.make()
        books(10)
        few = self.queries(forecast._compute_lines)
        books(90)
        many = self.queries(forecast._compute_lines)
        self.assertEqual(few, many)
        self.assertLess(few, 32)
        self.assertReconciled(forecast)

    def test_the_workbook(self):
        self.make_small_book()
        forecast = self.make(date(2026, 2, 28))
        name, content = (
            self.env["cartera.forecast.workbook"]
            .with_user(self.collector)
            .with_context(lang="en_US")
            ._workbook(forecast.with_user(self.collector))
        )
        self.assertEqual(name, f"Receipts {self.company.name} 2026-02-28.xlsx")
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        self.assertEqual(
            book.sheetnames, ["Weeks", "Currencies", "Customers", "Comparison"]
        )
        weeks = list(book["Weeks"].iter_rows(min_row=5, values_only=True))
        total = weeks[-1]
        self.assertEqual(total[0], "Total")
        # every view has the whole receivable
        self.assertEqual([round(one, 2) for one in total[2:6]], [1550.0] * 4)
        for column in range(2, 6):
            self.assertAlmostEqual(sum(row[column] for row in weeks[:-1]), 1550.0, 2)
        self.assertIn("No date", [row[0] for row in weeks])
        currencies = {
            row[0]: row[1:3]
            for row in book["Currencies"].iter_rows(min_row=5, values_only=True)
        }
        self.assertEqual(currencies, {"USD": (1350, 1350), "MXN": (3600, 200)})
        customers = {
            row[0]: row
            for row in book["Customers"].iter_rows(min_row=5, values_only=True)
        }
        self.assertEqual(customers["Alfa"][-1], 250)
        self.assertEqual(customers["Beta"][-1], 1300)
        self.assertEqual(customers["Beta"][-2], 90)  # no date
        self.assertEqual(customers["Total"][-1], 1550)
        head = [cell.value for cell in book["Customers"][4]]
        self.assertEqual(head[1].date(), date(2026, 2, 23))
        self.assertEqual(len(head), 1 + 13 + 3)
        rows = list(book["Comparison"].iter_rows(min_row=5, values_only=True))
        self.assertEqual(len(rows), len(forecast.week_ids))
        with self.refused(AccessError):
            self.env["cartera.forecast.workbook"].with_user(self.salesperson)._workbook(
                forecast.with_user(self.salesperson)
            )

    def test_nobodys_items_are_in_it(self):
        self.make_entry(self.receivable, 55, "2026-03-01")
        forecast = self.make()
        self.assertReconciled(forecast)
        self.assertEqual(forecast.total, 55.0)
        self.assertFalse(forecast.line_ids.partner_id)


@tagged("post_install", "-at_install")
class TestForecastDownload(AccountTestInvoicingCommon, HttpCase):
    """The address of the workbook, as the browser asks for it."""

    def test_rights_and_bad_addresses(self):
        forecast = (
            self.env["cartera.forecast"]
            .sudo()
            .create({"company_id": self.company_data["company"].id})
        )
        forecast._compute_lines()
        company = self.company_data["company"]
        for login, groups in (
            ("download_collector", "cartera_cobranza.group_collector"),
            ("download_nobody", "base.group_user"),
        ):
            new_test_user(
                self.env(su=True), login=login, groups=groups, company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )  # fmt: skip
        address = f"/cartera/forecast.xlsx?forecast_id={forecast.id}"
        self.authenticate("download_collector", "download_collector")
        found = self.url_open(address)
        self.assertEqual(found.status_code, 200)
        self.assertIn("spreadsheetml", found.headers["Content-Type"])
        self.assertEqual(
            len(openpyxl.load_workbook(io.BytesIO(found.content)).sheetnames), 4
        )
        self.assertEqual(
            self.url_open("/cartera/forecast.xlsx?forecast_id=x").status_code, 400
        )
        self.authenticate("download_nobody", "download_nobody")
        self.assertEqual(self.url_open(address).status_code, 403)
