from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import CarteraCommon
from .vectors import EFFECTIVE_LIMIT


@tagged("post_install", "-at_install")
class TestPositionLimits(CarteraCommon):
    """What a customer may owe: line, temporary, guarantee, group, default."""

    def setUp(self):
        super().setUp()
        self.customer = self.make_customer("Abarrotes del Centro")
        self.partner = self.customer.partner_id

    def limit(self, **kwargs):
        found = self.position(self.partner, **kwargs)
        return found["limit"], found["limit_source"]

    # Modes

    def test_modes_of_a_line(self):
        for mode, expected in (
            ("none", (0, "line")),
            ("amount", (700, "line")),
            ("unlimited", (None, "line")),
        ):
            with self.subTest(mode):
                self.make_line(self.customer, 700, mode=mode)
                self.assertEqual(self.limit(), expected)

    def test_customers_without_a_line_have_the_company_s_default(self):
        """peers 24: not set and zero are different things."""
        company = self.company.sudo()
        for mode, expected in (
            ("none", (0, "none")),
            ("amount", (250, "default")),
            ("unlimited", (None, "default")),
        ):
            company.write({"cartera_default_mode": mode, "cartera_default_amount": 250})
            with self.subTest(mode):
                self.assertEqual(self.limit(), expected)
        self.make_line(self.customer, 0)
        self.assertEqual(self.limit(), (0, "line"))

    def test_suspended_and_expired_lines_give_nothing_not_the_default(self):
        self.company.sudo().write(
            {"cartera_default_mode": "amount", "cartera_default_amount": 250}
        )
        line = self.make_line(self.customer, 700)
        line.action_suspend()
        self.assertEqual(self.limit(), (0, "suspended"))
        line.action_expire()
        self.assertEqual(self.limit(), (0, "expired"))

    # Guarantee and temporary

    def test_a_guarantee_adds_until_its_last_day(self):
        line = self.make_line(
            self.customer, 700, guarantee_amount=50, guarantee_date_to="2026-03-20"
        )
        cases = [("2026-03-20", 750), ("2026-03-21", 700)]
        for day, expected in cases:
            with self.subTest(day), freeze_time(f"{day} 12:00:00"):
                self.assertEqual(self.limit()[0], expected)
        self.assertEqual(line.guarantee_amount, 50)

    def test_a_guarantee_without_end_always_adds(self):
        self.make_line(self.customer, 700, guarantee_amount=50)
        with freeze_time("2030-01-01"):
            self.assertEqual(self.limit()[0], 750)

    def test_a_temporary_is_the_total_from_first_to_last_day(self):
        line = self.make_line(self.customer, 700, guarantee_amount=50)
        self.make_temporary(line, 1000, "2026-03-18", "2026-03-20")
        cases = [
            # not 700 + 1000: a temporary is no increment; the guarantee adds to both
            ("2026-03-17", (750, "line")),
            ("2026-03-18", (1050, "temporary")),
            ("2026-03-20", (1050, "temporary")),
            ("2026-03-21", (750, "line")),
        ]
        for day, expected in cases:
            with self.subTest(day), freeze_time(f"{day} 12:00:00"):
                self.assertEqual(self.limit(), expected)

    def test_a_temporary_may_be_lower_than_the_line(self):
        line = self.make_line(self.customer, 700)
        self.make_temporary(line, 0, "2026-03-16", "2026-03-16")
        self.assertEqual(self.limit(), (0, "temporary"))

    def test_draft_and_cancelled_temporaries_do_not_count(self):
        line = self.make_line(self.customer, 700)
        draft = self.make_temporary(
            line, 1000, "2026-03-16", "2026-03-20", activate=False
        )
        self.assertEqual(self.limit()[0], 700)
        draft.action_activate()
        self.assertEqual(self.limit()[0], 1000)
        draft.action_cancel()
        self.assertEqual(self.limit()[0], 700)

    # Lines kept for one currency

    def test_a_line_for_one_currency_adds_to_the_whole(self):
        """5,000 USD and 3,600 MXN (200 USD); owed 1,800 MXN and 30 USD (130)."""
        self.make_line(self.customer, 5000)
        self.make_line(
            self.customer, 3600, currency_id=self.mxn.id, only_this_currency=True
        )
        self.make_invoice(self.partner, 1800, currency_id=self.mxn.id)
        self.make_invoice(self.partner, 30)
        found = self.position(self.partner)
        self.assertEqual(
            (found["limit"], found["exposure"], found["available"]), (5200, 130, 5070)
        )

    # Groups

    def test_the_published_cases_by_the_records(self):
        """T-CR-01 to T-CR-05 with a real line and a real group."""
        for case, (own, group, mandatory, unlimited, expected) in sorted(
            EFFECTIVE_LIMIT.items()
        ):
            with self.subTest(case):
                customer = self.make_customer(case)
                self.make_group(case, group, customer)
                if unlimited:
                    self.make_line(customer, mode="unlimited")
                elif mandatory and not own:
                    self.make_line(customer, mode="none")
                elif own:
                    self.make_line(customer, own)
                found = self.position(customer.partner_id)["limit"]
                self.assertEqual(found, None if expected == "inf" else expected)

    def test_group_room_counts_all_members(self):
        """Own 1,000 - 100; group 1,500 - (100 + 700): 700 are left."""
        fellow = self.make_customer("Fellow")
        self.make_line(self.customer, 1000)
        self.make_group("Holding", 1500, self.customer, fellow)
        self.make_invoice(self.partner, 100)
        self.make_invoice(fellow.partner_id, 700)
        found = self.position(self.partner)
        self.assertEqual(found["available"], 700)
        self.assertEqual(
            found["group"], {"limit": 1500, "exposure": 800, "available": 700}
        )
        self.assertEqual((found["limit"], found["exposure"]), (1000, 100))

    def test_unlimited_members_skip_the_group_and_count_for_the_others(self):
        fellow = self.make_customer("Fellow")
        self.make_line(fellow, mode="unlimited")
        self.make_group("Holding", 1500, self.customer, fellow)
        self.make_invoice(fellow.partner_id, 2000)
        self.assertIsNone(self.position(fellow.partner_id)["available"])
        self.assertEqual(self.position(self.partner)["available"], -500)

    def test_groups_without_credit_and_without_limit(self):
        self.make_line(self.customer, 1000)
        group = self.make_group("Holding", 0, self.customer, mode="none")
        self.assertEqual(self.limit(), (0, "group"))
        group.mode = "unlimited"
        self.assertEqual(self.limit(), (1000, "line"))
        self.assertIsNone(self.position(self.partner)["group"]["limit"])

    def test_a_group_in_a_foreign_currency(self):
        """27,000 pesos at 18 are 1,500 dollars."""
        self.make_group("Holding", 27000, self.customer, currency_id=self.mxn.id)
        self.assertEqual(self.limit(), (1500, "group"))

    def test_a_group_without_a_rate_is_refused_naming_currency_and_day(self):
        chf = self.setup_other_currency("CHF", rates=[("2026-01-01", 0.9)])
        self.make_group("Holding", 900, self.customer, currency_id=chf.id)
        chf.sudo().rate_ids.unlink()
        with self.refused(UserError, "CHF.*2026-03-16"):
            self.position(self.partner)

    def test_members_do_not_get_the_company_s_default(self):
        self.company.sudo().cartera_default_mode = "unlimited"
        self.make_group("Holding", 300, self.customer)
        self.assertEqual(self.limit(), (300, "group"))

    # Versions: the limit of a past day

    def test_the_limit_of_a_past_day_is_the_version_of_that_day(self):
        with freeze_time("2026-02-01 12:00:00"):
            self.make_line(self.customer, 500, date_from="2026-02-01")
        with freeze_time("2026-03-01 12:00:00"):
            self.make_line(self.customer, 800, date_from="2026-03-01")
        self.make_line(self.customer, 900)
        cases = [
            ("2026-01-31", (0, "none")),
            ("2026-02-01", (500, "line")),
            ("2026-02-28", (500, "line")),
            ("2026-03-01", (800, "line")),
            ("2026-03-15", (800, "line")),
            ("2026-03-16", (900, "line")),
        ]
        for day, expected in cases:
            with self.subTest(day):
                self.assertEqual(self.limit(at=day), expected)

    def test_a_line_that_has_expired_since_counts_on_its_days(self):
        """Last day 20 Feb, 5 days of grace, closed by the job on 1 March."""
        self.company.sudo().write(
            {"cartera_default_mode": "amount", "cartera_default_amount": 250}
        )
        with freeze_time("2026-02-01 12:00:00"):
            line = self.make_line(
                self.customer,
                500,
                date_from="2026-02-01",
                date_to="2026-02-20",
                grace_days=5,
            )
        with freeze_time("2026-03-01 12:00:00"):
            line._expire()
        cases = [
            ("2026-01-31", (250, "default")),
            ("2026-02-20", (500, "line")),
            ("2026-02-25", (500, "line")),
            ("2026-02-26", (0, "expired")),
            ("2026-03-05", (0, "expired")),
            ("2026-03-16", (0, "expired")),
        ]
        for day, expected in cases:
            with self.subTest(day):
                self.assertEqual(self.limit(at=day), expected)

    def test_a_temporary_that_has_ended_since_counts_on_its_days(self):
        """Approved on 2 Feb for 1 to 10 Feb; another taken back on 20 Feb."""
        with freeze_time("2026-02-01 12:00:00"):
            line = self.make_line(self.customer, 500, date_from="2026-02-01")
        with freeze_time("2026-02-02 12:00:00"):
            self.make_temporary(line, 900, "2026-02-01", "2026-02-10")
            self.make_temporary(line, 950, "2026-03-01", "2026-03-02", activate=False)
        with freeze_time("2026-02-18 12:00:00"):
            second = self.make_temporary(line, 700, "2026-02-18", "2026-02-28")
        with freeze_time("2026-02-20 12:00:00"):
            second.action_cancel()
        self.root["cartera.credit.temporary"]._expire_due()
        cases = [
            ("2026-02-01", (500, "line")),
            ("2026-02-02", (900, "temporary")),
            ("2026-02-10", (900, "temporary")),
            ("2026-02-11", (500, "line")),
            ("2026-02-18", (700, "temporary")),
            ("2026-02-19", (700, "temporary")),
            ("2026-02-20", (500, "line")),
            ("2026-03-01", (500, "line")),  # never approved
        ]
        for day, expected in cases:
            with self.subTest(day):
                self.assertEqual(self.limit(at=day), expected)

    def test_a_past_day_uses_the_rate_of_that_day(self):
        """3,600 pesos: 180 dollars in December (20), 200 today (18)."""
        with freeze_time("2025-12-01 12:00:00"):
            self.make_line(
                self.customer, 3600, currency_id=self.mxn.id, date_from="2025-12-01"
            )
        self.assertEqual(self.limit(at="2025-12-31")[0], 180)
        self.assertEqual(self.limit()[0], 200)

    def test_a_rate_missing_on_a_past_day_is_refused_naming_it(self):
        with freeze_time("2024-06-01 12:00:00"):
            self.root["res.currency.rate"].create(
                {"currency_id": self.mxn.id, "name": "2024-06-01", "rate": 17}
            )
            self.make_line(
                self.customer, 3600, currency_id=self.mxn.id, date_from="2024-06-01"
            )
        self.mxn.sudo().rate_ids.filtered(lambda one: one.rate == 17).unlink()
        with self.refused(UserError, "MXN.*2024-07-01"):
            self.position(self.partner, at="2024-07-01")
