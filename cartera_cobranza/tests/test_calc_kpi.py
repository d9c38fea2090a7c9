from datetime import date
from decimal import Decimal as D

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc import kpi, kpi_work
from ..calc.money import round_money
from .vectors_field import VECTORS

CENT = D("0.01")


class KpiCase(BaseCase):
    def assertKpi(self, found, expected, variant=None):
        value = found.value
        if expected is None:
            self.assertIsNone(value)
        else:
            self.assertEqual(round_money(value, CENT), D(expected))
        if variant:
            self.assertEqual(found.variant, variant)


class TestSalesOutstanding(KpiCase):
    def test_standard(self):
        case = VECTORS["T-KP-01"]
        for days, expected in case["expected"].items():
            with self.subTest(days):
                found = kpi.dso(D(case["balance"]), D(case["sales"]), days)
                self.assertKpi(found, expected, "standard")

    def test_standard_best_possible_and_delinquent(self):
        case = VECTORS["T-KP-02"]
        ar, current, sales = (D(case[name]) for name in ("ar", "current", "sales"))
        standard, best, delinquent = case["expected"]
        self.assertKpi(kpi.dso(ar, sales, 365), standard)
        self.assertKpi(kpi.dso_best(current, sales, 365), best, "best_possible")
        self.assertKpi(kpi.average_days_delinquent(ar, current, sales, 365), delinquent)

    def test_a_new_customer_has_a_shorter_window(self):
        start, end = date(2025, 1, 1), date(2025, 10, 11)
        self.assertEqual(kpi.window_days(start, end), 283)
        self.assertEqual(kpi.window_days(start, end, date(2025, 1, 2)), 282)
        self.assertEqual(kpi.window_days(start, end, date(2020, 1, 2)), 283)

    def test_nothing_sold(self):
        for sales in (0, -5):
            for found in (
                kpi.dso(D(5), D(sales), 365),
                kpi.dso_best(D(5), D(sales), 365),
                kpi.dso_conventional(D(5), D(sales)),
                kpi.average_days_delinquent(D(5), D(5), D(sales), 365),
            ):
                self.assertKpi(found, None)

    def test_conventional_and_true(self):
        self.assertKpi(kpi.dso_conventional(D(900), D(600)), "45.00", "conventional")
        items = [(50, D(30000), D(100000)), (20, D(60000), D(120000))]
        self.assertKpi(kpi.dso_true(items), "25.00", "true")
        self.assertKpi(kpi.dso_true([*items, (9, D(5), D(0))]), None)
        self.assertKpi(kpi.dso_true([]), None)

    def test_parts_of_the_fraction_are_told(self):
        found = kpi.dso(D(50000), D(150000), 365)
        self.assertEqual((found.numerator, found.denominator), (50000, 150000))


class TestCountback(KpiCase):
    def back(self, balance, *sales, **values):
        periods = [(D(amount), 30) for amount in sales]
        found = kpi.dso_countback(D(balance), periods, **values)
        return str(round_money(found.days, CENT)), found.complete

    def test_published_case(self):
        case = VECTORS["T-KP-03"]
        periods = [(D(sales), days) for sales, days in case["periods"]]
        found = kpi.dso_countback(D(case["ar"]), periods)
        self.assertEqual(round_money(found.days, CENT), D(case["expected"]))
        self.assertTrue(found.complete)

    def test_ends(self):
        self.assertEqual(self.back(180, 100, 80, 70), ("60.00", True))
        self.assertEqual(self.back(180, 100, 80), ("60.00", True))
        self.assertEqual(self.back(50, 100), ("15.00", True))
        # history does not reach: at least 60 days
        self.assertEqual(self.back(200, 100, 80), ("60.00", False))
        self.assertEqual(self.back(200), ("0.00", False))
        for balance in (0, -40):
            self.assertEqual(self.back(balance, 100), ("0.00", True))

    def test_months_without_sales(self):
        # JD Edwards counts the month, Oracle ends the count
        self.assertEqual(self.back(150, 100, 0, 100), ("75.00", True))
        self.assertEqual(self.back(150, 100, -10, 100), ("78.00", True))
        found = self.back(100, 100, 0, stop_without_sales=True)
        self.assertEqual(found, ("30.00", True))
        for sales in (0, -10):
            found = self.back(150, 100, sales, 100, stop_without_sales=True)
            self.assertEqual(found, ("30.00", False))


class TestCollection(KpiCase):
    def test_effectiveness(self):
        case = VECTORS["T-KP-05"]
        figures = [
            D(case[name]) for name in ("begin", "sales", "end_total", "end_current")
        ]
        self.assertKpi(kpi.cei(*figures), case["expected"], "single_period")
        self.assertKpi(kpi.cei(*figures, months=3), "55.93", "3_months")
        self.assertKpi(kpi.cei(D(0), D(100), D(100), D(100)), None)
        self.assertKpi(kpi.cei(D(0), D(100), D(120), D(130)), None)
        # overdue in net credit: above 100
        self.assertKpi(kpi.cei(D(100), D(100), D(40), D(60)), "114.29")

    def test_shares(self):
        self.assertKpi(kpi.percent_current(D(3590), D(6340)), "56.62")
        self.assertKpi(kpi.percent_current(D(800), D(1200)), "66.67")
        self.assertKpi(kpi.percent_current(D(0), D(0)), None)
        self.assertKpi(kpi.percent_over(D(30), D(1200)), "2.50", "over_90")
        self.assertKpi(kpi.percent_over(D(30), D(1200), 60), "2.50", "over_60")
        self.assertKpi(kpi.at_risk_rate(D(30), D(1000)), "3.00", "billed_over_90")

    def test_roll_rates_of_the_occ(self):
        # OCC: 1,000,000 current rolls to 34,000, to 14,470, to 9,714, to 7,004
        balances = [D(1000000), D(34000), D(14470), D(9714), D(7004)]
        for before, now, expected in zip(
            balances, balances[1:], ("3.40", "42.56", "67.13", "72.10"), strict=False
        ):
            with self.subTest(expected):
                self.assertKpi(kpi.roll_rate(now, before), expected)
        self.assertKpi(kpi.roll_rate(D(5), D(0)), None)

    def test_days_late(self):
        case = VECTORS["T-KP-07"]
        receipts = [(D(amount), days) for amount, days in case["receipts"]]
        self.assertKpi(kpi.weighted_days_late(receipts), case["expected"])
        self.assertKpi(kpi.weighted_days_late([(D(100), -4), (D(300), 0)]), "-1.00")
        self.assertKpi(kpi.weighted_days_late([]), None)

    def test_write_offs(self):
        self.assertKpi(kpi.bad_debt(D(18000), D(0), D(3600000)), "0.50")
        self.assertKpi(kpi.bad_debt(D(18000), D(9000), D(3600000)), "0.25")
        self.assertKpi(kpi.minor_write_off(D(12), D(4800)), "0.25")
        self.assertKpi(kpi.minor_write_off(D(12), D(0)), None)


class TestWork(KpiCase):
    def test_promises(self):
        case = VECTORS["T-KP-08"]
        counts = [case[name] for name in ("kept", "partial", "broken")]
        by_count, by_amount = case["expected"]
        self.assertKpi(kpi_work.promises_kept(*counts), by_count, "count")
        self.assertKpi(
            kpi_work.promises_kept(*counts, with_partial=True),
            "80.00",
            "count_with_partial",
        )
        self.assertKpi(
            kpi_work.promises_kept_amount(D(case["paid"]), D(case["promised"])),
            by_amount,
            "amount",
        )
        self.assertKpi(kpi_work.promises_kept(0, 0, 0), None)

    def test_disputes(self):
        self.assertKpi(kpi_work.dispute_rate(D(120000), D(2000000)), "6.00", "amount")
        self.assertKpi(kpi_work.dispute_rate_count(5, 400), "1.25", "count")
        self.assertKpi(kpi_work.dispute_days([1, 2, 9]), "4.00", "closed_mean")
        self.assertKpi(kpi_work.dispute_days([]), None)
        self.assertKpi(kpi_work.dispute_days_median([9, 1, 2]), "2.00")
        self.assertKpi(kpi_work.dispute_days_median([9, 1, 2, 4]), "3.00")
        self.assertKpi(kpi_work.dispute_days_median([7]), "7.00")
        self.assertKpi(kpi_work.dispute_days_median([]), None)
        self.assertKpi(kpi_work.dispute_age([3, 4]), "3.50", "open_age")

    def test_contacts(self):
        self.assertKpi(kpi_work.right_party_contacts(120, 400), "30.00", "of_attempts")
        self.assertKpi(
            kpi_work.right_party_contacts(25, 50, of="reached"), "50.00", "of_reached"
        )
        self.assertKpi(kpi_work.connect_rate(90, 400), "22.50")
        self.assertKpi(kpi_work.reply_rate(45, 160, 10), "30.00", "of_delivered")
        self.assertKpi(kpi_work.reply_rate(0, 10, 10), None)
        self.assertKpi(kpi_work.paid_after_contact(30, 80, 7), "37.50", "within_7_days")

    def test_matching_by_receipt_and_by_line(self):
        # 100 receipts of 400 lines; 80 without a hand with 250 lines, 90 lines of the rest
        self.assertKpi(kpi_work.auto_match_receipts(80, 100), "80.00", "receipts")
        self.assertKpi(kpi_work.auto_match_lines(250 + 90, 400), "85.00", "lines")

    def test_holds(self):
        self.assertKpi(kpi_work.hold_cycle([D(1), D("0.25"), D(4)]), "1.75")
        self.assertKpi(kpi_work.hold_cycle([]), None)
        self.assertKpi(kpi_work.override_share(1, 8), "12.50")

    def test_predictions_beside_the_baseline(self):
        found = kpi_work.prediction_error([-3, 1, 2], [6, 0, -3])
        self.assertKpi(found.predicted, "2.00", "model")
        self.assertKpi(found.baseline, "3.00", "due_plus_delay")
        with self.assertRaises(ValueError):
            kpi_work.prediction_error([1], [])

    def test_people(self):
        self.assertKpi(kpi_work.recovery(D(300), D(1200)), "25.00", "of_assigned")
        self.assertKpi(kpi_work.target_reached(D(300), D(250)), "120.00", "of_target")
        self.assertKpi(kpi_work.actions_made(45, 60), "75.00")
        self.assertKpi(kpi_work.actions_made(0, 0), None)
