from decimal import Decimal as D

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.money import ZERO, convert, round_money, to_decimal


class TestMoney(BaseCase):
    def test_a_float_becomes_the_amount_that_was_meant(self):
        cases = [
            (1160.1, "1160.1"),
            (0.1 + 0.2, "0.30000000000000004"),  # what the float's own text says
            (0.29, "0.29"),
            (-5000.0, "-5000.0"),
            (7, "7"),
            ("12.345", "12.345"),
            (0, "0"),
        ]
        for value, text in cases:
            with self.subTest(value=value):
                self.assertEqual(to_decimal(value), D(text))

    def test_a_decimal_is_handed_back_as_it_is(self):
        amount = D("1.10")
        self.assertIs(to_decimal(amount), amount)

    def test_an_unknown_amount_is_not_zero(self):
        with self.assertRaisesRegex(ValueError, "not known"):
            to_decimal(None)

    def test_rounding_is_half_up_away_from_zero(self):
        cases = [
            # amount, rounding of the currency, expected
            ("2.345", "0.01", "2.35"),
            ("-2.345", "0.01", "-2.35"),
            ("2.3449999", "0.01", "2.34"),
            ("1234.5", "1", "1235"),  # COP
            ("-1234.5", "1", "-1235"),
            ("1234.49", "1", "1234"),
            ("2.325", "0.05", "2.35"),  # 46.5 steps of five cents are 47
            ("2.32", "0.05", "2.30"),  # 46.4 steps are 46
            ("0", "0.01", "0"),
        ]
        for amount, rounding, expected in cases:
            with self.subTest(amount=amount, rounding=rounding):
                self.assertEqual(round_money(D(amount), D(rounding)), D(expected))

    def test_conversion(self):
        cent = D("0.01")
        cases = [
            # amount, rate from, rate to, expected
            ("100", "0.05", "1", "2000.00"),  # 100 USD, 20 MXN each
            ("1800", "18", "1", "100.00"),  # 1,800 MXN at 18 for a dollar
            ("100", "18", "10", "55.56"),  # 100 / 18 * 10 = 55.5555…
            ("100", "1", "1", "100"),
            ("-90", "18", "1", "-5"),
        ]
        for amount, rate_from, rate_to, expected in cases:
            with self.subTest(amount=amount, rate_from=rate_from):
                found = convert(D(amount), D(rate_from), D(rate_to), cent)
                self.assertEqual(found, D(expected))

    def test_a_rate_that_is_not_positive_is_refused(self):
        for rate_from, rate_to in [(0, 1), (1, 0), (-1, 1), (1, -1)]:
            with (
                self.subTest(rate_from=rate_from, rate_to=rate_to),
                self.assertRaisesRegex(ValueError, "above zero"),
            ):
                convert(D(100), D(rate_from), D(rate_to), D("0.01"))

    def test_zero_is_exact(self):
        self.assertEqual(ZERO, D(0))
