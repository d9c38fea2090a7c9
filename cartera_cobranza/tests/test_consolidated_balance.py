import io

from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import TODAY
from .desk_common import DeskCommon, money

COLUMNS = (
    "opening",
    "invoiced",
    "debit_notes",
    "credit_notes",
    "payments",
    "other",
    "closing",
)


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestConsolidatedBalance(DeskCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_books()

    def balance(self, first, last, user=None, **vals):
        balance = (
            self.root["cartera.consolidated.balance"]
            .with_user(user or self.collector)
            .with_context(allowed_company_ids=self.company.ids)
            .create(
                {
                    "company_id": self.company.id,
                    "year_from": first,
                    "year_to": last,
                    "only_open": False,
                }
                | vals
            )
        )
        balance.action_show()
        return balance

    def of(self, balance, partner):
        row = balance.line_ids.filtered(lambda one: one.partner_id == partner)
        return [row[name] for name in COLUMNS]

    def ledger(self, day):
        Item = self.Item.with_context(
            cartera_as_of=day, allowed_company_ids=self.company.ids
        )
        return money(float(Item._ledger_balance(self.company)))

    def test_a_customer_from_opening_to_closing(self):
        """Alfa on 1 January 2025 owes 600 of the 1,000; 600 paid in January 2025, 600 invoiced in 2026, 120 paid."""
        self.assertEqual(
            self.of(self.balance(2025, 2025), self.alfa), [600, 0, 0, 0, -600, 0, 0]
        )
        self.assertEqual(
            self.of(self.balance(2025, 2026), self.alfa),
            [600, 600, 0, 0, -720, 0, 480],
        )
        self.assertEqual(
            self.of(self.balance(2024, 2024), self.alfa),
            [0, 1000, 0, 0, -400, 0, 600],
        )

    def test_what_exchange_differences_do_is_said_apart(self):
        """18,000 pesos are 900, paid by 360 (at 20) and 600 (at 18): 60 of exchange; 3,600 more pesos are 180."""
        found = self.of(self.balance(2025, 2026), self.gama)
        self.assertEqual(found, [0, 1080, 0, 0, -960, 60, 180])

    def test_customers_and_periods_add_up_to_the_ledger(self):
        for first, last in ((2024, 2024), (2024, 2025), (2025, 2026), (2026, 2026)):
            balance = self.balance(first, last)
            with self.subTest(first=first, last=last):
                closing = self.ledger(f"{last}-12-31")
                opening = self.ledger(f"{first - 1}-12-31")
                self.assertEqual(
                    money(sum(balance.line_ids.mapped("closing"))), closing
                )
                self.assertEqual(
                    money(sum(balance.line_ids.mapped("opening"))), opening
                )
                periods = balance.period_line_ids
                self.assertEqual(money(periods[0].opening), opening)
                self.assertEqual(money(periods[-1].closing), closing)
                self.assertEqual(len(periods), 12 * (last - first + 1))
                for name in COLUMNS[1:-1]:
                    self.assertEqual(
                        money(sum(periods.mapped(name))),
                        money(sum(balance.line_ids.mapped(name))),
                    )

    def test_the_total_is_that_of_all_rows(self):
        balance = self.balance(2026, 2026)
        self.assertEqual(
            money(balance.closing_total), self.ledger("2026-12-31"), balance.line_ids
        )
        self.assertEqual(money(balance.opening_total), self.ledger("2025-12-31"))

    def test_items_without_a_customer_are_there(self):
        row = self.balance(2025, 2025).line_ids.filtered(lambda one: not one.partner_id)
        self.assertEqual((row.other, row.closing), (55, 55))

    def test_commercial_periods_cut_the_year(self):
        period = self.root["cartera.commercial.period"].create(
            {
                "name": "Cycle 13",
                "company_id": self.company.id,
                "date_from": "2025-12-15",
                "date_to": "2026-01-18",
            }
        )
        balance = self.balance(2025, 2026)
        row = balance.period_line_ids.filtered(lambda one: one.period_id == period)
        self.assertEqual((row.name, row.year), ("Cycle 13", "2025"))
        # the 600 of 15 January; the 3,600 pesos are of 1 December, before it
        self.assertEqual((row.invoiced, row.payments), (600, 0))
        only = self.balance(2020, 2020, period_id=period.id)
        self.assertEqual(only.period_line_ids.period_id, period)
        self.assertEqual(only.period_line_ids.closing, row.closing)
        self.assertEqual(self.of(only, self.alfa), [0, 600, 0, 0, 0, 0, 600])

    def test_only_with_a_balance(self):
        names = self.balance(2025, 2025, only_open=True).line_ids.partner_id
        self.assertNotIn(self.alfa, names)
        self.assertIn(self.gama, names)

    def test_one_customer_by_period(self):
        row = self.balance(2025, 2026).line_ids.filtered(
            lambda one: one.partner_id == self.alfa
        )
        action = row.action_by_period()
        own = self.root["cartera.consolidated.balance"].browse(action["res_id"])
        self.assertEqual(own.line_ids.partner_id, self.alfa)
        january = own.period_line_ids.filtered(lambda one: one.name == "2026-01")
        self.assertEqual((january.opening, january.closing), (0, 600))
        items = self.root["account.move.line"].search(row.action_open_items()["domain"])
        self.assertEqual(money(sum(items.mapped("balance"))), money(480))

    def test_the_other_company_is_another_book(self):
        self.make_invoice(self.alfa, 7000, "2026-02-01", company=self.other_company)
        self.assertEqual(self.of(self.balance(2026, 2026), self.alfa)[-1], 480)
        with self.refused(AccessError, self.other_company.name):
            self.balance(2026, 2026, company_id=self.other_company.id)

    def test_bad_input_says_what_to_correct(self):
        with self.refused(UserError, "2024", "2026"):
            self.balance(2026, 2024)
        with self.refused(UserError, "99999"):
            self.balance(2026, 99999)
        with self.refused(AccessError, "collectors and accountants"):
            self.balance(2026, 2026).with_user(self.viewer)._check_reader()

    def test_years_before_the_first_entry_are_empty(self):
        balance = self.balance(1995, 1995)
        self.assertFalse(balance.line_ids)

    def test_the_workbook_holds_the_same(self):
        balance = self.balance(2025, 2026)
        book = load_workbook(io.BytesIO(balance._workbook()[1]))
        customers, periods, years = book.worksheets
        rows = list(customers.iter_rows(min_row=5, values_only=True))
        self.assertEqual(
            money(sum(row[-1] or 0 for row in rows)), self.ledger("2026-12-31")
        )
        self.assertEqual(periods.max_row, 4 + 24)
        rows = list(years.iter_rows(min_row=5, values_only=True))
        self.assertEqual([row[0] for row in rows], ["2025", "2026"])
        self.assertEqual(money(rows[0][-1]), money(rows[1][2]))

    def test_queries_do_not_grow_with_the_customers(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            balance = self.root["cartera.consolidated.balance"].create(
                {"company_id": self.company.id, "year_from": 2024, "year_to": 2026}
            )
            before = self.env.cr.sql_log_count
            balance.action_show()
            return self.env.cr.sql_log_count - before

        few = count()
        for number in range(30):
            self.make_invoice(self.make_partner(f"Customer {number}"), 10, "2026-01-31")
        # lines are written in batches; the reading is two statements
        self.assertLessEqual(count() - few, 1)
