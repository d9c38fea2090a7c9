from datetime import date, timedelta
from decimal import Decimal as D

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.interest import Change, Item, accrue
from ..calc.interest_policy import Policy
from ..calc.interest_totals import correction, limit_parts
from ..calc.rates import Rate

DUE = date(2026, 1, 1)
TEN_A_DAY = Rate(D("36.5"))


def on(days_late):
    return DUE + timedelta(days=days_late)


class TestSince(BaseCase):
    def test_no_day_before_the_first_is_charged(self):
        policy = Policy((TEN_A_DAY,), since=on(11))
        charge = accrue(Item(DUE, D(10000)), policy, on(20))
        self.assertEqual(charge.amount, 100)
        self.assertEqual(charge.segments[0].date_from, on(11))
        self.assertEqual(charge.segments[0].anchor, DUE)

    def test_a_first_day_before_the_due_date_changes_nothing(self):
        policy = Policy((TEN_A_DAY,), since=on(-30))
        self.assertEqual(accrue(Item(DUE, D(10000)), policy, on(20)).amount, 200)

    def test_grace_still_counts_from_the_due_date(self):
        policy = Policy((TEN_A_DAY,), grace_days=15, since=on(6))
        paid = (Change(on(15), D(-10000)),)
        charge = accrue(Item(DUE, D(10000), paid), policy, on(20))
        self.assertEqual(charge.reason, "grace")
        paid = (Change(on(16), D(-10000)),)
        self.assertEqual(accrue(Item(DUE, D(10000), paid), policy, on(20)).amount, 110)

    def test_the_watermark_wins_when_it_is_later(self):
        policy = Policy((TEN_A_DAY,), since=on(6))
        owed = Item(DUE, D(10000), billed_to=on(10))
        self.assertEqual(accrue(owed, policy, on(20)).amount, 100)

    def test_paid_before_the_first_day(self):
        policy = Policy((TEN_A_DAY,), since=on(6))
        owed = Item(DUE, D(10000), (Change(on(5), D(-10000)),))
        self.assertEqual(accrue(owed, policy, on(20)).reason, "paid")


class TestLimits(BaseCase):
    def test_no_limits(self):
        self.assertEqual(limit_parts([D(3), D(4)]), ([3, 4], None))

    def test_nothing(self):
        self.assertEqual(limit_parts([]), ([], None))
        self.assertEqual(limit_parts([D(0)]), ([0], None))

    def test_minimum_is_of_the_sum(self):
        self.assertEqual(limit_parts([D(3), D(4)], D(7)), ([3, 4], None))
        self.assertEqual(limit_parts([D(3), D(4)], D("7.01")), ([0, 0], "minimum"))

    def test_maximum_cuts_the_last_ones(self):
        parts = [D(10), D(20), D(30)]
        self.assertEqual(limit_parts(parts, maximum=D(15)), ([10, 5, 0], "maximum"))
        self.assertEqual(limit_parts(parts, maximum=D(60)), ([10, 20, 30], None))

    def test_what_was_billed_before_counts_against_the_maximum(self):
        self.assertEqual(
            limit_parts([D(10), D(20)], maximum=D(50), billed=D(35)),
            ([10, 5], "maximum"),
        )
        self.assertEqual(
            limit_parts([D(10)], maximum=D(50), billed=D(60)), ([0], "maximum")
        )


class TestCorrection(BaseCase):
    def test_right_already(self):
        self.assertEqual(correction(D(350), D(350), D(350)), 0)

    def test_up_and_down(self):
        self.assertEqual(correction(D(450), D(350), D(350)), 100)
        self.assertEqual(correction(D(0), D(350), D(350)), -350)

    def test_an_earlier_correction_counts(self):
        self.assertEqual(correction(D(350), D(450), D(450), corrected=D(-100)), 0)
        self.assertEqual(correction(D(400), D(450), D(450), corrected=D(-100)), 50)

    def test_what_the_maximum_cut_stays_cut(self):
        # 450 computed, 300 charged: a later payment makes it 350, still 300
        self.assertEqual(correction(D(350), D(450), D(300)), 0)
        self.assertEqual(correction(D(500), D(450), D(300)), 0)
        self.assertEqual(correction(D(250), D(450), D(300)), -50)

    def test_waived_amounts_are_not_given_back(self):
        # 100 charged, 30 waived, 70 paid for; 40 would have been right: 10 are left
        self.assertEqual(correction(D(40), D(100), D(100), waived=D(30)), -60)
        self.assertEqual(correction(D(40), D(100), D(100), waived=D(100)), 0)
        self.assertEqual(correction(D(120), D(100), D(100), waived=D(100)), 20)
