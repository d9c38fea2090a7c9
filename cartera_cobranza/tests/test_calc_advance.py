from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.advance import share

CENTS = st.integers(-10_000, 10_000_000).map(lambda cents: D(cents) / 100)
NEEDS = st.lists(CENTS, min_size=1, max_size=8)


class TestShare(BaseCase):
    def test_older_orders_first(self):
        for why, amount, needs, expected in (
            ("just enough for both", "400", ["100", "300"], ["100", "300"]),
            ("not enough for the older", "250", ["300", "200"], ["250", "0"]),
            ("a part for the newer", "350.01", ["300", "200"], ["300", "50.01"]),
            ("the last keeps what is over", "600", ["300", "200"], ["300", "300"]),
            ("the older was paid otherwise", "200", ["0", "200"], ["0", "200"]),
            ("… with more than it asked", "200", ["-50", "200"], ["0", "200"]),
            ("given back, by the newer first", "-5", ["100", "50"], ["0", "-5"]),
            ("one order keeps it all", "100", ["0"], ["100"]),
            ("nobody to share with", "100", [], []),
        ):
            with self.subTest(why):
                found = share(D(amount), [D(need) for need in needs])
                self.assertEqual(found, tuple(D(part) for part in expected))

    @given(CENTS, NEEDS)
    def test_shares_add_up_and_nobody_is_passed_over(self, amount, needs):
        shares = share(amount, needs)
        self.assertEqual(sum(shares), amount)
        self.assertGreaterEqual(min(shares), min(amount, 0))
        for number, part in enumerate(shares[:-1]):
            need = max(needs[number], D(0))
            self.assertLessEqual(part, need)
            if part < need:
                self.assertLessEqual(max(shares[number + 1 :]), 0)

    @given(CENTS.map(abs), CENTS.map(abs), NEEDS)
    def test_two_payments_are_worth_their_sum(self, first, second, needs):
        once = share(first + second, needs)
        before = share(first, needs)
        rest = [need - part for need, part in zip(needs, before, strict=True)]
        after = share(second, rest)
        both = tuple(a + b for a, b in zip(before, after, strict=True))
        self.assertEqual(once, both)
