from ast import literal_eval

from odoo.tests import tagged

from .test_forecast import ForecastCommon


@tagged("post_install", "-at_install")
class TestForecastLatest(ForecastCommon):
    """The expected receipts are never empty because of the clock: between midnight and the daily job, too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_small_book()

    def shown(self, user=None):
        """The lines behind the menu "Expected Receipts", as the user sees them."""
        action = self.root.ref("cartera_cobranza.cartera_forecast_line_action")
        Line = self.root["cartera.forecast.line"].with_user(user or self.manager)
        return Line.with_context(allowed_company_ids=self.company.ids).search(
            literal_eval(action.domain)
        )

    def test_after_midnight_and_before_the_job_it_is_yesterdays(self):
        with self.at("2026-03-15"):
            older = self.make("2026-03-15")
        yesterday = self.make()
        self.assertTrue(yesterday.line_ids)
        self.assertEqual(self.shown(), yesterday.line_ids)
        with self.at("2026-03-17"):
            self.env.invalidate_all()
            self.assertEqual(self.shown(), yesterday.line_ids)
            self.assertEqual(self.shown(self.collector), yesterday.line_ids)
            with self.commits_allowed():
                self.Forecast._cron_make()
            today = self.Forecast.search(
                [("company_id", "=", self.company.id), ("date", "=", "2026-03-17")]
            )
            self.assertTrue(today.line_ids)
            self.assertEqual(self.shown(), today.line_ids)
            self.env.invalidate_all()
            self.assertEqual(
                [one.latest for one in (older, yesterday, today)], [False, False, True]
            )

    def test_one_that_is_not_computed_yet_hides_nothing(self):
        yesterday = self.make()
        with self.at("2026-03-17"):
            draft = self.Forecast.create(
                {"company_id": self.company.id, "date": "2026-03-17"}
            )
            self.assertEqual(self.shown(), yesterday.line_ids)
            self.assertFalse(draft.latest)

    def test_each_company_has_its_own(self):
        self.make_invoice(
            self.make_partner("Elsewhere"),
            900,
            "2026-04-10",
            "2026-03-10",
            company=self.other_company,
        )
        mine = self.make()
        with self.at("2026-03-17"):
            other = self.make("2026-03-17", self.other_company)
            found = self.Forecast.search(
                [
                    ("latest", "=", True),
                    ("company_id", "in", (self.company | self.other_company).ids),
                ]
            )
            self.assertEqual(found, mine | other)
            rest = self.Forecast.search(
                [("latest", "=", False), ("id", "in", found.ids)]
            )
            self.assertFalse(rest)
