from datetime import date

from odoo.tests import tagged

from .kpi_common import KpiCommon


@tagged("post_install", "-at_install")
class TestUnmixed(KpiCommon):
    """Totals in pivots, graphs and lists: of what can be added up, or empty."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_small_book()
        cls.company_rows = [
            ("company_id", "=", cls.company.id),
            ("dimension", "=", "company"),
        ]

    def total(self, model, domain, *groupby, measures=("value:avg",)):
        """Return {group (or None of a total): total of the measure}, as pivots ask for them."""
        rows = self.root[model].formatted_read_grouping_sets(
            domain, [list(groupby), []], list(measures)
        )
        found = {
            row[groupby[0]]
            and (
                row[groupby[0]][1]
                if isinstance(row[groupby[0]], (list, tuple))
                else row[groupby[0]]
            ): row[measures[0]]
            for row in rows[0]
        }
        found[None] = rows[1][0][measures[0]]
        return found

    def test_key_figures_of_other_units_have_no_total(self):
        self.Kpi._compute_months(self.company, [date(2026, 2, 1)])
        found = self.total("cartera.kpi", self.company_rows, "indicator_id")
        self.assertEqual(found["Receivable"], 1550)
        self.assertEqual(round(found["DSO, standard (days)"], 2), 30.66)
        self.assertEqual(round(found["Not due (%)"], 2), 52.94)
        self.assertFalse(found[None])
        for measure in (
            "value:sum",
            "value:max",
            "numerator:sum",
            "denominator:avg",
        ):
            with self.subTest(measure):
                found = self.total(
                    "cartera.kpi",
                    self.company_rows,
                    "indicator_id",
                    measures=(measure,),
                )
                self.assertFalse(found[None])

    def test_a_figure_of_several_months_has_no_total(self):
        self.Kpi._compute_months(self.company, [date(2026, 1, 1), date(2026, 2, 1)])
        domain = [*self.company_rows, ("code", "=", "receivable")]
        # 3,500 at the end of January, 1,550 at the end of February
        found = self.total("cartera.kpi", domain, "date_from:month")
        self.assertEqual(
            sorted(value or 0 for value in found.values()), [0, 1550, 3500]
        )
        self.assertFalse(found[None])
        only = self.total(
            "cartera.kpi", [*domain, ("date_from", "=", "2026-02-01")], "indicator_id"
        )
        self.assertEqual(only[None], 1550)

    def test_the_mean_of_collectors_is_no_figure_of_the_company(self):
        self.Kpi._compute_months(self.company, [date(2026, 2, 1)])
        domain = [
            ("company_id", "=", self.company.id),
            ("dimension", "=", "segment"),
            ("code", "=", "receivable"),
        ]
        found = self.total("cartera.kpi", domain, "industry_id")
        # Alfa 300 of A1 less the credit note of 50; Beta 900, 300 and 200 less 100
        self.assertEqual((found["Chains"], found["Shops"]), (250, 1300))
        self.assertFalse(found[None])

    def test_a_comparison_is_of_one_figure(self):
        self.Kpi._compute_months(self.company, [date(2026, 2, 1)])
        row = self.Kpi.search(
            [
                ("company_id", "=", self.company.id),
                ("dimension", "=", "segment"),
                ("code", "=", "receivable"),
                ("industry_id", "=", self.chains.id),
            ]
        )
        self.assertEqual(row.month_name, "February 2026")
        action = row.action_open_comparison()
        compared = self.Kpi.search(action["domain"])
        self.assertEqual(compared.industry_id, self.chains | self.shops)
        self.assertEqual(compared.indicator_id, row.indicator_id)
        self.assertIn("industry_id", action["context"]["graph_groupbys"])

    def test_a_week_of_several_forecasts_is_not_counted_twice(self):
        for day in ("2026-02-02", "2026-02-09"):
            forecast = self.Forecast.create(
                {"company_id": self.company.id, "date": day}
            )
            forecast._compute_lines()
        weeks = self.root["cartera.forecast.week"]
        domain = [("company_id", "=", self.company.id)]
        found = self.total(
            "cartera.forecast.week", domain, "date:day", measures=("expected:sum",)
        )
        self.assertEqual(
            sorted(value for key, value in found.items() if key),
            sorted(
                sum(weeks.search([*domain, ("date", "=", day)]).mapped("expected"))
                for day in ("2026-02-02", "2026-02-09")
            ),
        )
        self.assertFalse(found[None])
        one_ahead = self.total(
            "cartera.forecast.week",
            [*domain, ("ahead", "=", 1)],
            "date:day",
            measures=("expected:sum",),
        )
        self.assertAlmostEqual(
            one_ahead[None],
            sum(weeks.search([*domain, ("ahead", "=", 1)]).mapped("expected")),
            2,
        )
        # the receivable of two days is no receivable either
        both = self.total(
            "cartera.forecast", domain, "date:day", measures=("total:sum",)
        )
        self.assertFalse(both[None])

    def test_unknown_amounts_stay_empty(self):
        forecast = self.Forecast.create(
            {"company_id": self.company.id, "date": "2026-03-02"}
        )
        forecast._compute_lines()
        first, second = forecast.week_ids[:2]
        self.assertEqual(str(first.week), "2026-03-02")
        self.assertIsNot(first.actual, False)  # over: 0 is known
        self.assertEqual(second.week, date(2026, 3, 9))
        later = forecast.week_ids[-1]
        self.assertIs(later.actual, False)

    def test_month_ends_are_not_added_up(self):
        snapshots = self.root["cartera.aging.snapshot"].create(
            [
                {
                    "company_id": self.company.id,
                    "date": day,
                    "profile_id": self.profile.id,
                }
                for day in ("2026-01-31", "2026-02-28")
            ]
        )
        snapshots.action_compute()
        domain = [("snapshot_id", "in", snapshots.ids)]
        found = self.total(
            "cartera.aging.snapshot.line",
            domain,
            "date:month",
            measures=("residual_company:sum",),
        )
        self.assertEqual(
            sorted(value or 0 for value in found.values()), [0, 1550, 3500]
        )
        self.assertFalse(found[None])
        self.assertEqual(
            self.total(
                "cartera.aging.snapshot.line",
                [("snapshot_id", "=", snapshots[1].id)],
                "bucket_id",
                measures=("residual_company:sum",),
            )[None],
            1550,
        )
