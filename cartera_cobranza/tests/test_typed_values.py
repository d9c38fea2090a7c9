from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .common import TODAY
from .plan_common import PlanCommon


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestTypedValues(PlanCommon):
    """What people type out of range is refused with its label, the value and what to do."""

    def assertRefused(self, words, function, *args, **kwargs):
        for word in words:
            with self.refused(ValidationError, word):
                function(*args, **kwargs)

    def test_strategies(self):
        strategy = self.make_strategy((1, "email"))
        for name, label in (
            ("quiet_days", "Quiet Days"),
            ("min_balance", "Smallest Balance"),
            ("min_item", "Smallest Item"),
        ):
            with self.subTest(name):
                words = (label, "received -3", "Enter 0 or more")
                self.assertRefused(words, strategy.write, {name: -3})
                self.assertRefused(
                    words, self.make_strategy, (1, "email"), **{name: -3}
                )
        for first, last, word in (
            (20, 8, "20:00 to 08:00"),
            (9, 9, "09:00 to 09:00"),
            (-1, 8, "to 08:00"),
            (7, 25, "25:00"),
        ):
            with self.subTest(word):
                hours = {"hour_from": first, "hour_to": last}
                self.assertRefused((word, "7:00"), strategy.write, hours)
        with self.refused(ValidationError, "23:00 to 20:00"):
            self.make_strategy((1, "email"), hour_from=23, hour_to=20)

    def test_settings_of_the_company(self):
        company = self.company.sudo()
        least = company._typed_minimums()
        self.assertGreater(len(least), 14)
        for name, value in least.items():
            with self.subTest(name):
                label = company._fields[name]._description_string(self.env)
                words = (label, f"received {value - 2}", f"Enter {value} or more")
                self.assertRefused(words, company.write, {name: value - 2})
                company.write({name: value})
        with self.refused(ValidationError, "Due Soon .* .received -7"):
            self.root["res.config.settings"].create(
                {"company_id": company.id, "cartera_due_soon_days": -7}
            ).execute()

    def test_other_figures(self):
        outcome = self.outcome
        self.assertRefused(
            ("received -1", "0 or more"), outcome.write, {"next_days": -1}
        )
        rule = self.root["cartera.worklist.rule"].with_context(active_test=False)
        rule = rule.search([], limit=1)
        for name in ("points", "threshold"):
            self.assertRefused(("received -2", "0 or more"), rule.write, {name: -2})
        kind = self.root["cartera.document.type"].search([], limit=1)
        self.assertRefused(("received -4",), kind.write, {"valid_months": -4})
        self.assertRefused(
            ("above 0", "received 0", "higher"), kind.write, {"max_megabytes": 0}
        )
        Run = self.root["cartera.statement.run"]
        with self.refused(ValidationError, "received -0.5"):
            Run.create({"company_id": self.company.id, "minimum_balance": -0.5})

    def test_absences_end_after_they_begin(self):
        Absence = self.root["cartera.collector.absence"]
        values = {
            "user_id": self.collector.id,
            "substitute_id": self.executive.id,
            "date_from": "2026-03-20",
            "date_to": "2026-03-19",
        }
        self.assertRefused(
            ("03/19/2026", "03/20/2026", "later"), Absence.create, values
        )
        absence = Absence.create(values | {"date_to": "2026-03-20"})
        with self.refused(ValidationError, "03/18/2026"):
            absence.date_to = "2026-03-18"
        with self.refused(ValidationError, "03/21/2026"):
            absence.date_from = "2026-03-21"
        absence.write({"date_from": "2026-03-21", "date_to": "2026-03-21"})
