from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .kpi_common import FEBRUARY, KpiCommon


@tagged("post_install", "-at_install")
class TestDirector(KpiCommon):
    """The director's screen puts together what others computed; each figure with its formula."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_small_book()
        cls.Kpi._compute_months(
            cls.company,
            [date(2025, 12, 1), date(2026, 1, 1), FEBRUARY, date(2026, 3, 1)],
        )
        cls.Forecast._make(cls.company, cls.today)
        cls.Forecast._make(cls.company, date(2026, 3, 2))

    def show(self, user, **options):
        return (
            self.env["cartera.director"]
            .with_user(user)
            .with_context(lang="en_US", allowed_company_ids=self.company.ids)
            .action_show(options)
        )

    def test_one_screen(self):
        shown = self.show(self.manager)
        self.assertEqual(shown["aging"]["total"], 1550.0)
        # all that is owed is due by 16 March: 300 + 900 + 300 + 200
        self.assertEqual(shown["aging"]["overdue"], 1700.0)
        tiles = {(tile["code"], tile["variant"]): tile for tile in shown["tiles"]}
        dso = tiles["dso", "standard, window of three months"]
        self.assertEqual((dso["text"], dso["before"]), ("32.7 days", "30.7 days"))
        self.assertEqual(dso["tone"], "bad")
        self.assertIn("Receivable / sales of three months", dso["formula"])
        # the months of a year without a figure stay empty
        self.assertEqual(dso["history"][:9], [None] * 9)
        self.assertEqual(len(dso["history"]), 13)
        kept = tiles["promise_kept", "by count"]
        self.assertEqual(
            (kept["text"], kept["before"], kept["tone"]), (False, "100.0 %", "none")
        )
        self.assertEqual(len(shown["tiles"]), 8)
        self.assertEqual(
            [(row["month"], row["receivable"]) for row in shown["trend"]],
            [
                ("2025-12-01", 1000.0),
                ("2026-01-01", 3500.0),
                ("2026-02-01", 1550.0),
                ("2026-03-01", 1550.0),
            ],
        )
        self.assertEqual(
            set(shown["formulas"]), {"receivable", "overdue", "billed", "collected"}
        )
        forecast = shown["forecast"]
        self.assertEqual(forecast["date"], "2026-03-16")
        self.assertEqual(forecast["undated"], 90.0)
        self.assertEqual(
            round(
                sum(week["expected"] for week in forecast["weeks"])
                + forecast["later"]
                + 90.0,
                2,
            ),
            forecast["total"],
        )
        self.assertEqual(forecast["measured"]["date"], "2026-03-02")
        self.assertEqual(forecast["measured"]["weeks"], 2)
        self.assertEqual(shown["holds"]["count"], 0)

    def test_held_documents(self):
        self.turn_gate_on()
        hold = self.hold_invoice(self.make_partner("Zeta"), 400)
        self.assertTrue(hold)
        shown = self.show(self.manager)
        self.assertEqual(
            (shown["holds"]["count"], shown["holds"]["amount"]), (1, 400.0)
        )

    def test_without_history(self):
        self.Kpi.search([]).unlink()
        self.Forecast.search([]).unlink()
        shown = self.show(self.manager)
        self.assertEqual(
            (shown["tiles"], shown["trend"], shown["forecast"]), ([], [], None)
        )
        self.assertTrue(shown["formulas"])

    def test_who_sees_it(self):
        for user in (self.collector, self.executive, self.accountant):
            self.assertEqual(self.show(user)["aging"]["total"], 1550.0)
        with self.refused(AccessError, "shows all customers of the company"):
            self.show(self.salesperson)
        with self.refused(AccessError):
            self.show(self.portal)
        with self.refused(AccessError, "not working in that company"):
            self.show(self.manager, company_id=self.other_company.id)

    def test_queries_do_not_grow(self):
        self.show(self.manager)
        few = self.queries(lambda: self.show(self.manager))
        for number in range(30):
            self.make_invoice(
                self.make_partner(f"Customer {number}"), 10, "2026-03-01", "2026-02-28"
            )
        self.Forecast._make(self.company, self.today)
        self.Kpi._compute_months(self.company, [date(2026, 3, 1)])
        many = self.queries(lambda: self.show(self.manager))
        self.assertEqual(few, many)
