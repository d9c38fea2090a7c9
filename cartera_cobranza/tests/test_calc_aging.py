import random
from datetime import date, timedelta
from decimal import Decimal as D

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.aging import (
    Bucket,
    BucketError,
    BucketHole,
    BucketOverlap,
    aged,
    bucket_of,
    days_overdue,
    ordered,
    residual,
)

USUAL = (
    Bucket("current", None, 1),
    Bucket("1-30", 1, 31),
    Bucket("31-60", 31, 61),
    Bucket("61-90", 61, 91),
    Bucket(">90", 91, None),
)
TODAY = date(2026, 3, 31)


class TestBuckets(BaseCase):
    def test_days_at_the_boundaries(self):
        for days, name in (
            (-400, "current"),
            (0, "current"),
            (1, "1-30"),
            (30, "1-30"),
            (31, "31-60"),
            (60, "31-60"),
            (61, "61-90"),
            (90, "61-90"),
            (91, ">90"),
            (4000, ">90"),
        ):
            with self.subTest(days):
                self.assertEqual(bucket_of(days, USUAL).name, name)

    def test_one_bucket_for_all(self):
        only = ordered([Bucket("all", None, None)])
        self.assertEqual(bucket_of(-9, only).name, "all")
        self.assertEqual(bucket_of(9, only).name, "all")

    def test_they_are_put_in_order(self):
        self.assertEqual(ordered(USUAL[::-1]), USUAL)
        before_due = (
            Bucket("far", None, -30),
            Bucket("near", -30, 1),
            Bucket("late", 1, None),
        )
        self.assertEqual(ordered(before_due[::-1]), before_due)

    def test_holes_are_named(self):
        for buckets, days in (
            (USUAL[:1] + USUAL[2:], (1, 30)),
            (USUAL[1:], (None, 0)),
            (USUAL[:-1], (91, None)),
            ((Bucket("a", None, 1), Bucket("b", 2, None)), (1, 1)),
        ):
            with self.subTest(str(days)):
                with self.assertRaises(BucketHole) as caught:
                    ordered(buckets)
                self.assertEqual(caught.exception.days, days)
        with self.assertRaisesRegex(BucketHole, "day 1 is in no bucket"):
            ordered((Bucket("a", None, 1), Bucket("b", 2, None)))
        with self.assertRaisesRegex(BucketHole, "days up to 0 are"):
            ordered(USUAL[1:])
        with self.assertRaisesRegex(BucketHole, "days from 91 are"):
            ordered(USUAL[:-1])
        with self.assertRaisesRegex(BucketHole, "days 1 to 30 are"):
            ordered(USUAL[:1] + USUAL[2:])

    def test_overlaps_are_named(self):
        a, b = Bucket("a", None, 31), Bucket("b", 30, None)
        for buckets, days in (
            ((a, b), (30, 30)),
            ((a, Bucket("all", None, None)), (None, 30)),
            ((Bucket("all", None, None), Bucket("too", None, None)), (None, None)),
            ((Bucket("all", None, None), Bucket("b", 30, None)), (30, None)),
            (
                (Bucket("a", None, 90), Bucket("b", 30, 60), Bucket("c", 90, None)),
                (30, 59),
            ),
        ):
            with self.subTest(str(days)):
                with self.assertRaises(BucketOverlap) as caught:
                    ordered(buckets)
                self.assertEqual(caught.exception.days, days)
        with self.assertRaisesRegex(BucketOverlap, "day 30 is in a and in b"):
            ordered((a, b))

    def test_no_bucket_and_a_bucket_turned_round(self):
        with self.assertRaisesRegex(BucketError, "needs a bucket"):
            ordered(())
        for end in (1, 5):
            with self.assertRaisesRegex(BucketError, "odd ends before it starts"):
                ordered((*USUAL, Bucket("odd", 5, end)))


class TestResidual(BaseCase):
    def test_partials_up_to_the_date(self):
        partials = ((date(2026, 2, 10), D(40)), (date(2026, 3, 5), D(60)))
        for as_of, expected in (
            (date(2025, 12, 31), 0),
            (date(2026, 1, 1), 100),
            (date(2026, 2, 9), 100),
            (date(2026, 2, 10), 60),
            (date(2026, 3, 4), 60),
            (date(2026, 3, 5), 0),
        ):
            with self.subTest(str(as_of)):
                booked = date(2026, 1, 1)
                self.assertEqual(residual(D(100), booked, partials, as_of), expected)
                self.assertEqual(residual(D(-100), booked, partials, as_of), -expected)

    def test_days_overdue(self):
        self.assertEqual(days_overdue(TODAY, TODAY), 0)
        self.assertEqual(days_overdue(TODAY, date(2026, 3, 1)), 30)
        self.assertEqual(days_overdue(TODAY, date(2026, 4, 1)), -1)


def item(days, amount):
    return TODAY - timedelta(days=days), D(amount)


class TestAged(BaseCase):
    def test_by_bucket(self):
        items = [item(0, 10), item(30, 20), item(31, 40), item(400, 80), item(-5, 1)]
        self.assertEqual(list(aged(items, USUAL, TODAY).values()), [11, 20, 40, 0, 80])

    def test_credits_apart_or_netted(self):
        items = [item(10, -100), item(35, 60), item(95, 70), item(0, 5)]
        self.assertEqual(list(aged(items, USUAL, TODAY).values()), [5, -100, 60, 0, 70])
        # the oldest debt is taken off first
        self.assertEqual(
            list(aged(items, USUAL, TODAY, netted=True).values()), [5, 0, 30, 0, 0]
        )

    def test_more_credit_than_debt_stands_in_the_first_bucket(self):
        items = [item(10, -100), item(35, 60)]
        self.assertEqual(
            list(aged(items, USUAL, TODAY, netted=True).values()), [-40, 0, 0, 0, 0]
        )

    def test_buckets_add_up_to_what_is_open(self):
        chance = random.Random(11)
        for _case in range(300):
            items = [
                item(chance.randrange(-50, 200), D(chance.randrange(-9999, 9999)) / 100)
                for _ in range(chance.randrange(9))
            ]
            total = sum(amount for _due, amount in items)
            for netted in (False, True):
                found = aged(items, USUAL, TODAY, netted)
                self.assertEqual(sum(found.values()), total)
