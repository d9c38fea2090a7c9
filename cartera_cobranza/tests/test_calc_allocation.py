import random
from datetime import date
from decimal import Decimal as D

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.allocation import (
    AllocationError,
    Debt,
    NoTolerance,
    OverApplication,
    allowed_difference,
    checked,
    difference_to_write_off,
    fifo,
    impute,
)
from .vectors_field import VECTORS


def day(number):
    return date(2026, 1, number)


def debt(key, number, amount, kind="principal", item=""):
    return Debt(key, day(number), D(amount), kind, item)


def parts(allocation):
    return dict(allocation.parts)


class TestImputation(BaseCase):
    owed = (
        debt("capital 1", 1, 100, item="INV/1"),
        debt("interest 1", 20, 30, "interest", "INV/1"),
        debt("capital 2", 5, 200, item="INV/2"),
        debt("interest 2", 10, 40, "interest", "INV/2"),
        debt("costs 2", 25, 15, "costs", "INV/2"),
    )

    def test_published_case(self):
        owed = (debt("capital", 1, 100), debt("interest", 1, 30, "interest"))
        found = impute(D(50), owed)
        self.assertEqual(parts(found), {"interest": 30, "capital": 20})
        self.assertEqual((found.rest, found.applied), (0, 50))

    def test_costs_then_interest_by_due_date_then_capital(self):
        found = impute(D(100), self.owed)
        self.assertEqual(
            found.parts,
            (
                ("costs 2", 15),
                ("interest 2", 40),
                ("interest 1", 30),
                ("capital 1", 15),
            ),
        )

    def test_another_order_if_it_was_agreed(self):
        found = impute(D(310), self.owed, order=("principal", "interest", "costs"))
        self.assertEqual(
            parts(found), {"capital 1": 100, "capital 2": 200, "interest 2": 10}
        )

    def test_invoice_by_invoice(self):
        found = impute(D(150), self.owed, by_item=True)
        self.assertEqual(
            found.parts,
            (
                ("interest 1", 30),
                ("capital 1", 100),
                ("costs 2", 15),
                ("interest 2", 5),
            ),
        )

    def test_the_rest_stays_on_account(self):
        found = impute(D(400), self.owed)
        self.assertEqual((found.applied, found.rest), (385, 15))
        self.assertEqual(impute(D(0), self.owed).parts, ())
        self.assertEqual(impute(D(7), ()).rest, 7)

    def test_an_unknown_kind_is_refused(self):
        with self.assertRaisesRegex(AllocationError, "freight: 'freight'"):
            impute(D(1), [debt("freight", 1, 5, "freight")])

    def test_a_negative_payment_is_refused(self):
        with self.assertRaises(AllocationError):
            fifo(D(-1), ())


class TestFifo(BaseCase):
    def test_the_oldest_first(self):
        owed = (debt("b", 9, 50), debt("a", 3, 30), debt("c", 9, 20))
        found = fifo(D(90), owed)
        self.assertEqual(found.parts, (("a", 30), ("b", 50), ("c", 10)))
        self.assertEqual(fifo(D(90), owed[::-1]), found)

    def test_credits_of_the_customer_are_used_first(self):
        owed = (debt("a", 3, 100), debt("new", 9, -20), debt("old", 1, -30))
        found = fifo(D(40), owed)
        self.assertEqual(found.parts, (("old", -30), ("new", -20), ("a", 90)))
        self.assertEqual((found.applied, found.rest), (40, 0))

    def test_credits_go_no_further_than_the_debt(self):
        owed = (debt("a", 3, 40), debt("new", 9, -20), debt("old", 1, -30))
        found = fifo(D(10), owed)
        self.assertEqual(parts(found), {"old": -30, "new": -10, "a": 40})
        self.assertEqual(found.rest, 10)

    def test_parts_and_rest_add_up_whatever_the_order(self):
        chance = random.Random(7)
        kinds = ("costs", "interest", "principal")
        for _case in range(500):
            owed = [
                debt(
                    key,
                    chance.randrange(1, 29),
                    chance.randrange(-50, 200),
                    chance.choice(kinds),
                    chance.randrange(3),
                )
                for key in range(chance.randrange(8))
            ]
            payment = D(chance.randrange(0, 60000)) / 100
            turned = chance.sample(owed, len(owed))
            by_key = {one.key: one.amount for one in owed}
            for by_item in (False, True):
                found = impute(payment, owed, by_item=by_item)
                self.assertEqual(found, impute(payment, turned, by_item=by_item))
                self.assertEqual(found.applied + found.rest, payment)
                self.assertGreaterEqual(found.rest, 0)
                for key, amount in found.parts:
                    self.assertLessEqual(abs(amount), abs(by_key[key]))
                    self.assertGreater(amount * by_key[key], 0)


class TestTolerance(BaseCase):
    def test_the_lowest_limit_that_is_filled(self):
        for amounts, percents, expected in (
            ((D(5),), (D(1),), "3"),
            ((D(5),), (None,), "5"),
            ((None,), (D(1),), "3"),
            # of a user's 3.00 and a customer's 2.00 the lower one
            ((D(3), D(2)), (), "2"),
            ((D(3), None, D(2)), (None, D("0.5")), "1.5"),
            ((D(0),), (D(1),), "0"),
        ):
            with self.subTest(f"{amounts} {percents}"):
                found = allowed_difference(D(300), amounts, percents)
                self.assertEqual(found, D(expected))
        self.assertEqual(allowed_difference(D(-300), (), (D(1),)), 3)

    def test_one_limit_must_be_filled(self):
        for limits in ((), ([None], [None])):
            with self.assertRaises(NoTolerance):
                allowed_difference(D(300), *limits)

    def test_small_differences(self):
        case = VECTORS["T-CA-01"]
        invoice, receipt = D(case["invoice"]), D(case["receipt"])
        for allowed, before, expected in (
            ("1", "0", D(case["expected"])),
            ("0.08", "0", D(case["expected"])),
            ("0.07", "0", None),
            # cents that come again and again count together
            ("0.10", "0.02", D(case["expected"])),
            ("0.10", "0.03", None),
            ("0.10", "-0.03", None),
        ):
            with self.subTest(f"{allowed} after {before}"):
                found = difference_to_write_off(invoice, receipt, D(allowed), D(before))
                self.assertEqual(found, expected)
        self.assertEqual(difference_to_write_off(D(10), D("10.05"), D(1)), D("-0.05"))
        self.assertEqual(difference_to_write_off(D(10), D(10), D(0)), 0)

    def test_no_more_than_is_open(self):
        self.assertEqual(checked(D("9.99"), D(10)), D("9.99"))
        with self.assertRaisesRegex(OverApplication, "10.01.*: 10 is open") as caught:
            checked(D("10.01"), D(10))
        self.assertEqual(caught.exception.open_amount, 10)
        for amount in (0, -1):
            with self.assertRaises(AllocationError):
                checked(D(amount), D(10))
