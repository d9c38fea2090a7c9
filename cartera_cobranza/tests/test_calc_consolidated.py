from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

try:
    from odoo.tests import BaseCase
except ImportError:  # plain pytest, no Odoo
    from unittest import TestCase as BaseCase

from ..calc.consolidated import Period, Segment, chain, segments

DAYS = st.dates(date(2023, 1, 1), date(2027, 12, 31))


class TestCalcConsolidated(BaseCase):
    def test_without_periods_the_months_are_taken_leap_year_too(self):
        self.assertEqual(
            segments(date(2024, 1, 15), date(2024, 3, 1), []),
            [
                Segment(date(2024, 1, 15), date(2024, 1, 31)),
                Segment(date(2024, 2, 1), date(2024, 2, 29)),
                Segment(date(2024, 3, 1), date(2024, 3, 1)),
            ],
        )

    def test_periods_and_what_lies_between_them(self):
        found = segments(
            date(2025, 12, 10),
            date(2026, 3, 31),
            [
                Period(2, date(2026, 1, 20), date(2026, 2, 16)),
                Period(1, date(2025, 11, 1), date(2025, 12, 28)),
                Period(3, date(2026, 4, 1), date(2026, 4, 28)),
            ],
        )
        self.assertEqual(
            found,
            [
                Segment(date(2025, 12, 10), date(2025, 12, 28), 1),
                Segment(date(2025, 12, 29), date(2025, 12, 31)),
                Segment(date(2026, 1, 1), date(2026, 1, 19)),
                Segment(date(2026, 1, 20), date(2026, 2, 16), 2),
                Segment(date(2026, 2, 17), date(2026, 2, 28)),
                Segment(date(2026, 3, 1), date(2026, 3, 31)),
            ],
        )
        self.assertEqual([one.year for one in found[:3]], [2025, 2025, 2026])

    def test_what_cannot_be_cut_is_refused(self):
        with self.assertRaisesRegex(ValueError, "2026-01-01 is before 2026-01-02"):
            segments(date(2026, 1, 2), date(2026, 1, 1), [])
        twice = [
            Period(1, date(2026, 1, 1), date(2026, 1, 31)),
            Period(2, date(2026, 1, 31), date(2026, 2, 28)),
        ]
        with self.assertRaisesRegex(ValueError, "overlap on 2026-01-31"):
            segments(date(2026, 1, 1), date(2026, 3, 1), twice)

    def test_a_chain_of_balances(self):
        # 500 at first; 300 invoiced and 200 paid; nothing; 700 paid, 100 too much
        self.assertEqual(
            chain(Decimal(500), [Decimal(100), Decimal(0), Decimal(-700)]),
            [
                (Decimal(500), Decimal(600)),
                (Decimal(600), Decimal(600)),
                (Decimal(600), Decimal(-100)),
            ],
        )
        self.assertEqual(chain(Decimal(5), []), [])

    @given(DAYS, st.integers(0, 900), st.lists(st.integers(1, 120), max_size=8))
    def test_segments_cover_every_day_once(self, start, length, cuts):
        end = start + timedelta(days=length)
        periods, day = [], start - timedelta(days=30)
        for number, width in enumerate(cuts):
            last = day + timedelta(days=width)
            periods.append(Period(number, day, last))
            day = last + timedelta(days=1 + width % 3 * 20)
        found = segments(start, end, periods)
        self.assertEqual((found[0].date_from, found[-1].date_to), (start, end))
        for before, after in zip(found, found[1:], strict=False):
            self.assertEqual(after.date_from - before.date_to, timedelta(days=1))
        for one in found:
            self.assertLessEqual(one.date_from, one.date_to)
            if one.period is None:
                self.assertEqual(
                    (one.date_from.year, one.date_from.month),
                    (one.date_to.year, one.date_to.month),
                )

    @given(
        st.decimals(-(10**9), 10**9, places=2),
        st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=30),
    )
    def test_the_last_closing_is_the_opening_and_all_that_moved(self, opening, moved):
        found = chain(opening, moved)
        self.assertEqual(found[-1][1], opening + sum(moved))
        for before, after in zip(found, found[1:], strict=False):
            self.assertEqual(before[1], after[0])
