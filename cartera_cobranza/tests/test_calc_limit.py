from datetime import date
from decimal import Decimal as D

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.limit import (
    Limit,
    available,
    default_limit,
    effective_limit,
    line_limit,
    line_standing,
    next_check_date,
    overlaps,
)
from .vectors import EFFECTIVE_LIMIT, NEXT_CHECK


def own(amount, mandatory=True, source="line"):
    return Limit(None if amount is None else D(amount), mandatory, source)


def group(amount):
    return Limit(None if amount is None else D(amount), True, "group")


class TestEffectiveLimit(BaseCase):
    def test_the_five_published_cases(self):
        for case, (of_own, of_group, mandatory, unlimited, expected) in sorted(
            EFFECTIVE_LIMIT.items()
        ):
            with self.subTest(case):
                mine = own(None if unlimited else of_own, mandatory)
                found = effective_limit(mine, group(of_group))
                self.assertEqual(
                    found.amount, None if expected == "inf" else D(expected)
                )
                self.assertEqual(found.unlimited, expected == "inf")

    def test_the_source_is_the_limit_that_decides(self):
        cases = [
            # own, group, expected amount, expected source
            (own(100), None, 100, "line"),
            (own(100), group(100), 100, "line"),
            (own(101), group(100), 100, "group"),
            (own(99), group(100), 99, "line"),
            (own(100), group(None), 100, "line"),
            (own(0, True), group(100), 0, "line"),
            (own(0, False, "none"), group(100), 100, "group"),
            (own(0, False, "none"), group(None), None, "group"),
            (own(0, False, "none"), None, 0, "none"),
            (own(None, False), group(100), None, "line"),
            (own(0, True, "suspended"), group(100), 0, "suspended"),
        ]
        for mine, ours, amount, source in cases:
            with self.subTest(mine=mine, ours=ours):
                found = effective_limit(mine, ours)
                self.assertEqual(found.amount, None if amount is None else D(amount))
                self.assertEqual(found.source, source)


class TestOwnLimit(BaseCase):
    def test_line(self):
        cases = [
            # mode, amount, temporary, guarantee, expected limit
            ("amount", 100, None, 0, Limit(D(100), True, "line")),
            ("amount", 100, None, 20, Limit(D(120), True, "line")),
            # a temporary is the total while in force, not 100 + 150
            ("amount", 100, 150, 0, Limit(D(150), True, "temporary")),
            ("amount", 100, 150, 20, Limit(D(170), True, "temporary")),
            # a temporary of zero stops the credit for those days
            ("amount", 100, 0, 0, Limit(D(0), True, "temporary")),
            ("none", 100, 150, 20, Limit(D(0), True, "line")),
            ("unlimited", 100, 150, 20, Limit(None, False, "line")),
        ]
        for mode, amount, temporary, guarantee, expected in cases:
            with self.subTest(mode=mode, temporary=temporary, guarantee=guarantee):
                brief = None if temporary is None else D(temporary)
                self.assertEqual(
                    line_limit(mode, D(amount), brief, D(guarantee)), expected
                )

    def test_customers_without_a_line(self):
        cases = [
            ("none", 500, False, Limit(D(0), False, "none")),
            ("amount", 500, False, Limit(D(500), True, "default")),
            ("unlimited", 500, False, Limit(None, False, "default")),
            # members of a group have the group's limit, whatever the default is
            ("none", 500, True, Limit(D(0), False, "group")),
            ("amount", 500, True, Limit(D(0), False, "group")),
            ("unlimited", 500, True, Limit(D(0), False, "group")),
        ]
        for mode, amount, in_group, expected in cases:
            with self.subTest(mode=mode, in_group=in_group):
                self.assertEqual(default_limit(mode, D(amount), in_group), expected)


class TestLineStanding(BaseCase):
    def test_first_and_last_day_are_inclusive_and_grace_follows(self):
        first, last = date(2026, 1, 10), date(2026, 1, 20)
        cases = [
            # day of January, grace days, expected
            (9, 0, "absent"),
            (10, 0, "active"),
            (20, 0, "active"),
            (21, 0, "expired"),
            (23, 3, "active"),
            (24, 3, "expired"),
        ]
        for day, grace, expected in cases:
            with self.subTest(day=day, grace=grace):
                found = line_standing("active", first, last, grace, date(2026, 1, day))
                self.assertEqual(found, expected)

    def test_states(self):
        day = date(2026, 1, 15)
        cases = [
            ("draft", "absent"),
            ("replaced", "absent"),
            ("suspended", "suspended"),
            ("expired", "expired"),
            ("active", "active"),
        ]
        for state, expected in cases:
            with self.subTest(state):
                self.assertEqual(line_standing(state, None, None, 0, day), expected)

    def test_a_line_without_a_last_day_does_not_expire(self):
        found = line_standing("active", date(2020, 1, 1), None, 0, date(2099, 1, 1))
        self.assertEqual(found, "active")


class TestAvailable(BaseCase):
    def test_available_is_the_lower_room(self):
        cases = [
            # own, own exposure, group, group exposure, expected
            (own(100), 72, None, 0, 28),
            (own(100), 130, None, 0, -30),
            # a customer in credit may owe more than the limit: not capped
            (own(100), -30, None, 0, 130),
            (own(100), 40, group(200), 190, 10),
            (own(100), 95, group(200), 40, 5),
            (own(None, False), 500, group(10), 900, None),
            # without a limit of its own only the group binds
            (own(0, False, "none"), 40, group(200), 40, 160),
            (own(0, True, "line"), 40, group(200), 40, -40),
            (own(0, False, "none"), 40, None, 0, -40),
            (own(0, False, "none"), 40, group(None), 40, None),
            (own(100), 40, group(None), 900, 60),
        ]
        for mine, owed, ours, owed_by_group, expected in cases:
            with self.subTest(mine=mine, ours=ours, owed=owed):
                found = available(mine, D(owed), ours, D(owed_by_group))
                self.assertEqual(found, None if expected is None else D(expected))


class TestDates(BaseCase):
    def test_next_check_of_the_field(self):
        for case, (day, grace, expected) in NEXT_CHECK.items():
            with self.subTest(case):
                self.assertEqual(
                    next_check_date(date(2026, 3, day), grace),
                    date(2026, 3, expected),
                )

    def test_without_grace_the_next_check_is_tomorrow(self):
        self.assertEqual(next_check_date(date(2026, 2, 28), 0), date(2026, 3, 1))

    def test_overlaps_share_a_day(self):
        base = (date(2026, 1, 10), date(2026, 1, 20))
        cases = [
            ((1, 9), False),
            ((1, 10), True),
            ((12, 14), True),
            ((1, 31), True),
            ((20, 25), True),
            ((21, 25), False),
        ]
        for (first, last), expected in cases:
            other = (date(2026, 1, first), date(2026, 1, last))
            with self.subTest(first=first, last=last):
                self.assertIs(overlaps(base, other), expected)
                self.assertIs(overlaps(other, base), expected)
