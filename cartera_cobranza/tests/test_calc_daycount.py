from datetime import date, timedelta
from decimal import Decimal as D
from fractions import Fraction

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.daycount import (
    DAY_COUNTS,
    NoWorkingDay,
    UnknownDayCount,
    count_days,
    open_day,
    year_fraction,
    year_parts,
)


def years(name, anchor, last):
    return Fraction(*year_parts(name, date(*anchor), date(*last)))


class TestDayCounts(BaseCase):
    def test_the_same_dates_by_four_counts(self):
        start, end = date(2026, 1, 15), date(2026, 3, 31)
        for name, days, denominator in (
            ("act_365", 75, 365),
            ("act_360", 75, 360),
            ("30_360_us", 76, 360),
            ("30e_360", 75, 360),
        ):
            with self.subTest(name):
                self.assertEqual(count_days(name, start, end), days)
                self.assertEqual(year_parts(name, start, end), (days, denominator))

    def test_30_360_at_the_ends_of_months(self):
        for anchor, last, american, european in (
            # a 31st at the start is the 30th in both
            ((2026, 1, 31), (2026, 3, 31), 60, 60),
            ((2026, 1, 30), (2026, 3, 31), 60, 60),
            # a 31st at the end: only in the European count always
            ((2026, 1, 29), (2026, 3, 31), 62, 61),
            # the end of February: the 30th in the American count when it is the start
            ((2026, 2, 28), (2026, 3, 31), 30, 32),
            ((2026, 2, 27), (2026, 3, 31), 34, 33),
            ((2024, 2, 29), (2025, 2, 28), 360, 359),
            ((2024, 2, 28), (2025, 2, 28), 360, 360),
            ((2023, 2, 28), (2024, 2, 29), 360, 361),
            # a February end alone is as it is
            ((2025, 12, 31), (2026, 2, 28), 58, 58),
            ((2026, 1, 15), (2026, 1, 15), 0, 0),
        ):
            with self.subTest(f"{anchor} to {last}"):
                first, end = date(*anchor), date(*last)
                self.assertEqual(count_days("30_360_us", first, end), american)
                self.assertEqual(count_days("30e_360", first, end), european)

    def test_actual_over_actual_by_the_calendar_year_of_each_day(self):
        # 16 to 31 December 2023 are 16 days of 365, 1 to 15 January 2024 15 of 366
        self.assertEqual(
            years("act_act", (2023, 12, 15), (2024, 1, 15)),
            Fraction(16, 365) + Fraction(15, 366),
        )
        # the day after the last of the year belongs to the new year
        self.assertEqual(
            years("act_act", (2023, 12, 31), (2024, 1, 1)), Fraction(1, 366)
        )
        self.assertEqual(years("act_act", (2023, 12, 31), (2024, 12, 31)), 1)
        self.assertEqual(years("act_act", (2022, 12, 31), (2023, 12, 31)), 1)
        self.assertEqual(
            years("act_act", (2023, 6, 30), (2025, 6, 30)),
            Fraction(184, 365) + 1 + Fraction(181, 365),
        )

    def test_a_leap_day_is_a_day(self):
        for name, days in (("act_365", 366), ("act_360", 366), ("act_act", 366)):
            with self.subTest(name):
                found = count_days(name, date(2023, 12, 31), date(2024, 12, 31))
                self.assertEqual(found, days)

    def test_counts_go_on_without_a_jump_back(self):
        for name in DAY_COUNTS:
            for anchor in (date(2023, 1, 31), date(2024, 2, 29), date(2023, 2, 28)):
                before = 0
                for step in range(800):
                    parts = year_parts(name, anchor, anchor + timedelta(days=step))
                    self.assertGreaterEqual(parts[0], before, (name, anchor, step))
                    before = parts[0]

    def test_fraction_to_read(self):
        found = year_fraction("act_365", date(2025, 12, 31), date(2026, 3, 14))
        self.assertEqual(found, D("0.2"))

    def test_refused(self):
        day = date(2026, 1, 1)
        with self.assertRaisesRegex(UnknownDayCount, "act_364.*act_365"):
            count_days("act_364", day, day)
        with self.assertRaisesRegex(ValueError, "before 2026-01-01"):
            year_parts("act_365", day, date(2025, 12, 31))


class TestWorkingDays(BaseCase):
    week = range(5)

    def test_next_and_previous(self):
        friday, monday = date(2026, 8, 14), date(2026, 8, 17)
        self.assertEqual(open_day(friday, self.week), friday)
        for weekend in (date(2026, 8, 15), date(2026, 8, 16)):
            self.assertEqual(open_day(weekend, self.week), monday)
            self.assertEqual(open_day(weekend, self.week, back=True), friday)

    def test_holidays(self):
        closed = {date(2026, 8, 17), date(2026, 8, 14)}
        saturday = date(2026, 8, 15)
        self.assertEqual(open_day(saturday, self.week, closed), date(2026, 8, 18))
        self.assertEqual(
            open_day(saturday, self.week, closed, back=True), date(2026, 8, 13)
        )

    def test_a_calendar_without_days(self):
        with self.assertRaisesRegex(NoWorkingDay, "from 2026-08-15"):
            open_day(date(2026, 8, 15), ())
