from datetime import date, timedelta
from decimal import Decimal as D

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.aging import Bucket, ordered
from ..calc.provision import (
    Exposure,
    ProvisionError,
    check_rates,
    expected_loss,
    flow_rate,
    loss_factors,
    movement,
    provide,
)
from ..calc.provision_co import add_months, general_percent, individual_amount
from .vectors_field import VECTORS

TODAY = date(2026, 3, 31)
BUCKETS = ordered(
    (
        Bucket("current", None, 1),
        Bucket("1-30", 1, 31),
        Bucket("31-60", 31, 61),
        Bucket("61-90", 61, 91),
        Bucket(">90", 91, None),
    )
)
NAMES = [bucket.name for bucket in BUCKETS]
RATES = dict(zip(NAMES, map(D, ("1", "5", "10", "20", "50")), strict=True))


def owed(key, days, gross, partner=1, **values):
    return Exposure(key, partner, TODAY - timedelta(days=days), D(gross), **values)


class TestMatrix(BaseCase):
    def amounts(self, *exposures, rates=None, **values):
        lines = provide(exposures, BUCKETS, rates or RATES, TODAY, **values)
        return [line.amount for line in lines]

    def test_published_matrix(self):
        case = VECTORS["T-IF-01"]
        rates = dict(zip(NAMES, map(D, case["rates"]), strict=True))
        exposures = [
            owed(days, days, gross)
            for days, gross in zip((0, 30, 60, 90, 91), case["gross"], strict=True)
        ]
        found = self.amounts(*exposures, rates=rates)
        self.assertEqual(found, [D(amount) for amount in case["expected"]])
        self.assertEqual(sum(found), D(case["total"]))

    def test_boundaries_of_the_buckets(self):
        days = (-10, 0, 1, 30, 31, 60, 61, 90, 91)
        lines = provide([owed(n, n, 100) for n in days], BUCKETS, RATES, TODAY)
        self.assertEqual(
            [line.amount for line in lines], [1, 1, 5, 5, 10, 10, 20, 20, 50]
        )
        self.assertEqual([line.days for line in lines], list(days))

    def test_forward_factor(self):
        self.assertEqual(self.amounts(owed(1, 5, 1000), forward=D("1.2")), [60])
        self.assertEqual(self.amounts(owed(1, 99, 1000), forward=D(3)), [1000])
        with self.assertRaises(ProvisionError):
            self.amounts(forward=D("-0.1"))

    def test_the_covered_part_bears_nothing(self):
        self.assertEqual(self.amounts(owed(1, 99, 1000, excluded=D(400))), [300])
        self.assertEqual(self.amounts(owed(1, 99, 1000, excluded=D(1400))), [0])

    def test_a_specific_provision_takes_the_place_of_the_matrix(self):
        lines = provide([owed(1, 5, 1000, specific=D(900))], BUCKETS, RATES, TODAY)
        self.assertEqual(lines[0].amount, 900)
        self.assertTrue(lines[0].is_specific)
        plain = provide([owed(1, 5, 1000)], BUCKETS, RATES, TODAY)
        self.assertFalse(plain[0].is_specific)

    def test_credits_apart(self):
        found = self.amounts(owed(1, 99, 1000), owed(2, 5, -600))
        self.assertEqual(found, [500, 0])

    def test_credits_netted_per_partner(self):
        exposures = (
            owed("new", 5, 400),
            owed("old", 99, 500),
            owed("credit", 10, -600),
            owed("other", 99, 100, partner=2),
        )
        lines = provide(exposures, BUCKETS, RATES, TODAY, netted=True)
        # 500 off the oldest, 100 off the other: 300 at 5 % is left
        self.assertEqual([line.amount for line in lines], [15, 0, 0, 50])
        self.assertEqual([line.exposed for line in lines], [300, 0, 0, 100])
        self.assertEqual([line.gross for line in lines], [400, 500, -600, 100])
        more = self.amounts(owed(1, 99, 100), owed(2, 5, -600), netted=True)
        self.assertEqual(more, [0, 0])

    def test_rounded_once_per_line(self):
        found = self.amounts(owed(1, 0, "0.50"), owed(2, 0, "0.49"))
        self.assertEqual(found, [D("0.01"), D("0.00")])
        self.assertEqual(self.amounts(owed(1, 5, 1010), rounding=D(1)), [51])

    def test_rates(self):
        self.assertEqual(check_rates(BUCKETS, RATES), [])
        found = check_rates(BUCKETS, RATES | {"31-60": D(4)})
        self.assertEqual(found, ["31-60 has 4 %, less than 5 % of 1-30 before it"])
        self.assertEqual(check_rates(BUCKETS, RATES | {">90": D(100)}), [])
        for rate in ("-0.01", "100.01"):
            with self.assertRaisesRegex(ProvisionError, f">90: {rate} % is not"):
                check_rates(BUCKETS, RATES | {">90": D(rate)})
        with self.assertRaisesRegex(ProvisionError, "current has no rate"):
            check_rates(BUCKETS, {})


class TestRates(BaseCase):
    def test_historical_flow(self):
        self.assertEqual(flow_rate(D(2000), D(50000)), 4)
        self.assertIsNone(flow_rate(D(0), D(0)))

    def test_roll_rates_of_the_occ(self):
        rolls = [D("3.40"), D("42.56"), D("67.13"), D("72.10")]
        found = loss_factors(rolls)
        # 0.6713 × 0.7210 = 0.48400730, × 0.4256 = 0.2059935…, × 0.034 = 0.0070037…
        self.assertEqual(
            [str(round(factor, 4)) for factor in found],
            ["0.7004", "20.5994", "48.4007", "72.1000"],
        )

    def test_no_history_no_factor(self):
        self.assertEqual(
            loss_factors([D(10), None, D(50), D(80)]), [None, None, D(40), D(80)]
        )
        self.assertEqual(loss_factors([]), [])

    def test_probability_and_severity(self):
        self.assertEqual(expected_loss(D(200000), D("2.5"), D(60)), 3000)
        for default, severity in ((D(101), D(1)), (D(1), D(-1))):
            with self.assertRaises(ProvisionError):
                expected_loss(D(1), default, severity)

    def test_movement(self):
        for figures, expected in (
            ((120, 100), 20),
            ((80, 100), -20),
            ((120, 100, 30), 50),
            ((120, 100, 30, 10), 40),
            ((0, 100, 100), 0),
        ):
            with self.subTest(str(figures)):
                self.assertEqual(movement(*map(D, figures)), expected)


class TestColombia(BaseCase):
    year_end = date(2025, 12, 31)

    def test_general_at_the_boundaries(self):
        for due, expected in (
            (date(2026, 1, 15), 0),
            (date(2025, 10, 1), 0),
            # 30 September and three months is 30 December
            (date(2025, 9, 30), 5),
            (date(2025, 7, 1), 5),
            (date(2025, 6, 30), 10),
            # exactly twelve months are not more than twelve
            (date(2024, 12, 31), 10),
            (date(2024, 12, 30), 15),
            (date(2020, 1, 1), 15),
        ):
            with self.subTest(str(due)):
                self.assertEqual(general_percent(due, self.year_end), expected)
        exactly = date(2025, 3, 30)
        self.assertEqual(general_percent(exactly, date(2025, 6, 30)), 0)
        self.assertEqual(general_percent(exactly, date(2025, 7, 1)), 5)
        self.assertEqual(general_percent(exactly, date(2025, 9, 30)), 5)
        self.assertEqual(general_percent(exactly, date(2025, 10, 1)), 10)

    def test_months_end_in_february(self):
        self.assertEqual(add_months(date(2025, 11, 30), 3), date(2026, 2, 28))
        self.assertEqual(add_months(date(2023, 11, 30), 3), date(2024, 2, 29))
        self.assertEqual(add_months(date(2024, 2, 29), 12), date(2025, 2, 28))
        self.assertEqual(add_months(date(2025, 1, 31), 1), date(2025, 2, 28))
        self.assertEqual(add_months(date(2025, 12, 1), 1), date(2026, 1, 1))

    def test_individual_over_one_year(self):
        for due, expected in (
            (date(2025, 6, 1), 0),
            (date(2024, 12, 31), 0),
            (date(2024, 12, 30), 330),
        ):
            with self.subTest(str(due)):
                found = individual_amount(D(1000), due, self.year_end)
                self.assertEqual(found, expected)

    def test_individual_adds_up_to_the_nominal(self):
        due, total, yearly = date(2020, 6, 1), D(0), []
        for year in range(2020, 2027):
            amount = individual_amount(D(1000), due, date(year, 12, 31), total)
            yearly.append(amount)
            total += amount
        self.assertEqual(yearly, [0, 330, 330, 330, 10, 0, 0])
        # partly paid since: nothing is taken back here
        self.assertEqual(individual_amount(D(200), due, self.year_end, D(330)), 0)

    def test_individual_percent(self):
        due = date(2020, 6, 1)
        self.assertEqual(
            individual_amount(D(1000), due, self.year_end, percent=D(20)), 200
        )
        for percent in (D("33.01"), D(-1)):
            with self.assertRaises(ValueError):
                individual_amount(D(1000), due, self.year_end, percent=percent)
