from datetime import date
from decimal import Decimal as D

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.rates import (
    Gap,
    MissingRate,
    OverlappingRates,
    Rate,
    RateError,
    RateOutOfRange,
    daily_effective,
    factor_rate,
    table,
)
from .vectors_field import VECTORS


def day(number):
    return date(2026, 1, number)


class TestTables(BaseCase):
    def test_the_row_of_a_day(self):
        rows = table(
            (Rate(D(9), day(10), day(20)), Rate(D(6), day(1)), Rate(D(7), day(25)))
        )
        for number, expected in ((1, 6), (9, 6), (10, 9), (20, 9), (25, 7), (31, 7)):
            with self.subTest(number):
                self.assertEqual(rows.on(day(number)).percent, expected)
        for missing in (date(2025, 12, 31), day(21), day(24)):
            self.assertIsNone(rows.on(missing))
        self.assertIsNone(table(()).on(day(1)))

    def test_the_days_on_which_something_changes(self):
        rows = table((Rate(D(9), day(10), day(20)), Rate(D(7), day(25), day(30))))
        self.assertEqual(
            rows.turns(day(1), day(31)), [day(10), day(21), day(25), day(31)]
        )
        self.assertEqual(rows.turns(day(10), day(20)), [])
        self.assertEqual(rows.turns(day(20), day(21)), [day(21)])
        self.assertEqual(rows.turns(day(21), day(24)), [])
        self.assertEqual(rows.turns(day(9), day(25)), [day(10), day(21), day(25)])

    def test_overlaps_name_both_rows(self):
        for first, second in (
            (Rate(D(9), day(1), day(10)), Rate(D(7), day(10))),
            (Rate(D(9), day(1)), Rate(D(7), day(1))),
            (Rate(D(9)), Rate(D(7))),
        ):
            with self.assertRaisesRegex(OverlappingRates, "9 %.*7 %") as caught:
                table((first, second))
            self.assertEqual(caught.exception.first, first)
            self.assertEqual(caught.exception.second, second)

    def test_rates_out_of_range(self):
        with self.assertRaisesRegex(RateOutOfRange, "did you mean 30.00 % a month"):
            table((Rate(D(360)),))
        with self.assertRaisesRegex(RateOutOfRange, "between 0 and 100$"):
            table((Rate(D("-0.01")),))
        self.assertEqual(table((Rate(D(0)),)).on(day(1)).percent, 0)
        self.assertEqual(table((Rate(D(100)),)).on(day(1)).percent, 100)

    def test_a_row_that_ends_before_it_starts(self):
        with self.assertRaisesRegex(RateError, "ends before it starts"):
            table((Rate(D(6), day(9), day(8)),))

    def test_gaps_that_touch_are_named_as_one(self):
        error = MissingRate(
            (
                Gap("rate", day(4), day(6)),
                Gap("cap", day(7), day(7)),
                Gap("rate", day(1), day(3)),
                Gap("rate", day(9), day(9)),
            )
        )
        self.assertEqual(
            str(error),
            "there is no cap for 2026-01-07, "
            "no rate from 2026-01-01 to 2026-01-06, no rate for 2026-01-09",
        )


class TestPublishedRates(BaseCase):
    def test_usury_is_the_bank_rate_times_a_factor(self):
        case = VECTORS["T-CO-01"]
        for bank_rate, expected in case["expected"].items():
            with self.subTest(bank_rate):
                found = factor_rate(D(bank_rate), D(case["factor"]))
                self.assertEqual(str(found), expected)

    def test_what_a_simple_rate_reaches_day_by_day(self):
        # 1.001^365 = 1.4402…, and 36 % over 360 or 36.5 % over 365 are the same
        self.assertEqual(round(daily_effective(D(36)), 2), D("44.03"))
        self.assertEqual(daily_effective(D(36)), daily_effective(D("36.5"), 365))
        self.assertEqual(daily_effective(D(0)), 0)
