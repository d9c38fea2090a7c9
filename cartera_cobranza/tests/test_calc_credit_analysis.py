"""Ratios, recommended limits and proposals of a mass revision, worked out by hand."""

from datetime import date
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.credit_analysis import (
    Change,
    Policy,
    Statement,
    proposed,
    ratios,
    recommend,
    rounded_to_step,
)
from ..calc.limit import counted_guarantee
from ..calc.score import Band, Group, additive

amounts = st.decimals(0, 10**9, places=2, allow_nan=False)


class TestRatios(BaseCase):
    def test_figures_of_a_balance_sheet(self):
        """300/200 = 1.50; 650/1,000 = 65 %; 60/1,200 = 5 %."""
        found = ratios(
            Statement(D(1200), D(60), D(300), D(200), D(1000), D(650)),
        )
        self.assertEqual(
            (found.current, found.debt_percent, found.margin_percent),
            (D("1.50"), D("65.00"), D("5.00")),
        )
        self.assertEqual((found.working_capital, found.equity), (D(100), D(350)))

    def test_what_is_not_known_is_none_and_not_zero(self):
        found = ratios(Statement(revenue=D(0), net_income=D(5), total_assets=D(1)))
        self.assertEqual(
            (
                found.current,
                found.debt_percent,
                found.margin_percent,
                found.working_capital,
                found.equity,
            ),
            (None,) * 5,
        )


class TestRecommendation(BaseCase):
    policy = Policy(D(2), D(20), step=D(1000))

    def test_purchases_alone(self):
        """1,230,000 / 12 × 2 = 205,000."""
        found = recommend(self.policy, D(1230000), None)
        self.assertEqual(found.amount, D(205000))
        self.assertEqual([one.key for one in found.reasons], ["purchases"])

    def test_the_lower_of_purchases_and_equity(self):
        """20 % of 700,000 = 140,000 is lower than 205,000."""
        found = recommend(self.policy, D(1230000), D(700000))
        self.assertEqual((found.amount, found.decisive.key), (D(140000), "equity"))

    def test_the_cap_counts_and_never_recommends_alone(self):
        capped = Policy(D(2), D(20), D(99500), D(1000))
        self.assertEqual(recommend(capped, D(1230000), None).amount, D(99000))
        self.assertIsNone(recommend(capped, None, None).amount)
        self.assertIsNone(recommend(capped, None, None).decisive)

    def test_a_new_customer_goes_by_equity(self):
        found = recommend(self.policy, D(0), D(55555))
        self.assertEqual((found.amount, found.decisive.key), (D(11000), "equity"))

    def test_negative_equity_recommends_nothing_to_lend(self):
        self.assertEqual(recommend(self.policy, D(120000), D(-5)).amount, 0)

    def test_equity_is_left_out_where_the_class_does_not_look_at_it(self):
        self.assertEqual(recommend(Policy(D(1)), D(1200), D(1)).amount, 100)

    @given(amounts, amounts, st.decimals(0, 24, places=1))
    def test_never_above_any_reason(self, purchases, equity, months):
        found = recommend(Policy(months, D(20), step=D(1000)), purchases, equity)
        if found.amount is not None:
            for one in found.reasons:
                self.assertLessEqual(found.amount, one.amount)
            self.assertEqual(found.amount % 1000, 0)


class TestProposals(BaseCase):
    def test_methods(self):
        cases = [
            (Change("fixed", D(5000)), 20000, 25000),
            (Change("fixed", D(-25000)), 20000, 0),
            (Change("percent", D(10)), 51500, D("56650")),
            (Change("percent", D(10), D(1000), "nearest"), 51500, 57000),
            (Change("percent", D(10), D(1000), "down"), 51500, 56000),
            (Change("percent", D(10), D(1000), "up"), 51500, 57000),
            (Change("percent", D(-100)), 51500, 0),
            (Change("purchases", D(2), D(1000), "down"), 1, 205000),
            (Change("recommended", step=D(500), direction="down"), 1, 88500),
            (Change("percent", D(100), cap=D(90000)), 51500, 90000),
            (Change("percent", D(-50), floor=D(40000)), 51500, 40000),
        ]
        for change, current, expected in cases:
            with self.subTest(change):
                self.assertEqual(
                    proposed(change, D(current), D(1230000), D(88888)), expected
                )

    def test_cap_and_floor_do_not_turn_a_raise_into_a_cut(self):
        cases = [
            (Change("percent", D(10), cap=D(90000)), 95000, 95000),
            (Change("percent", D(10), cap=D(90000)), 85000, 90000),
            (Change("fixed", D(-5000), floor=D(40000)), 30000, 30000),
            (Change("fixed", D(-5000), floor=D(40000)), 42000, 40000),
            # what is counted anew obeys them
            (Change("purchases", D(2), cap=D(90000)), 95000, 90000),
            (Change("purchases", D(0), floor=D(500)), 100, 500),
        ]
        for change, current, expected in cases:
            with self.subTest(change, current=current):
                self.assertEqual(proposed(change, D(current), D(1230000)), expected)

    def test_a_figure_that_is_not_known_proposes_nothing(self):
        self.assertIsNone(proposed(Change("purchases", D(2)), D(1)))
        self.assertIsNone(proposed(Change("recommended"), D(1)))

    @given(amounts, st.sampled_from([D(0), D(1), D(250), D(1000)]))
    def test_rounding_stays_within_a_step(self, amount, step):
        for direction in ("up", "down", "nearest"):
            found = rounded_to_step(amount, step, direction)
            self.assertLessEqual(abs(found - amount), step)
            if step:
                self.assertEqual(found % step, 0)
        self.assertLessEqual(rounded_to_step(amount, step, "down"), amount)
        self.assertGreaterEqual(rounded_to_step(amount, step, "up"), amount)


class TestCountedGuarantee(BaseCase):
    def counted(self, day="2026-03-16", ceiling=0, percent=100, date_to="2026-03-20"):
        return counted_guarantee(
            D(500),
            D(percent),
            D(ceiling),
            date(2026, 3, 16),
            date_to and date.fromisoformat(date_to),
            date.fromisoformat(day),
        )

    def test_days_are_inclusive(self):
        for day, expected in (
            ("2026-03-15", 0),
            ("2026-03-16", 500),
            ("2026-03-20", 500),
            ("2026-03-21", 0),
        ):
            with self.subTest(day):
                self.assertEqual(self.counted(day), expected)
        self.assertEqual(self.counted("2099-01-01", date_to=None), 500)

    def test_no_more_than_the_insurer_grants_and_only_its_share(self):
        self.assertEqual(self.counted(ceiling=300, percent=90), 270)
        self.assertEqual(self.counted(ceiling=800, percent=90), 450)


class TestUnknownPoints(BaseCase):
    def test_a_fact_that_is_not_known_has_points_of_its_own(self):
        group = Group("late", (Band(D(25), D(0), D(6)),), D(8))
        found = additive([group], {"late": None})
        self.assertEqual((found.total, found.unknown), (D(8), ("late",)))
        self.assertEqual(additive([group], {"late": D(6)}).total, 0)
