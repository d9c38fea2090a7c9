import random
from datetime import date
from decimal import Decimal as D

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.promise import (
    Instalment,
    Payment,
    Promise,
    PromiseError,
    evaluate,
    lowered,
    needs_supervisor,
    next_level,
)


def june(number):
    return date(2026, 6, number)


def promised(*parts, **values):
    instalments = tuple(Instalment(june(day), D(amount)) for day, amount in parts)
    return Promise(june(1), instalments, **values)


def paid(day, amount, back=None):
    return Payment(june(day), D(amount), back)


def state(promise, payments, day):
    return evaluate(promise, payments, june(day)).state


class TestOneDate(BaseCase):
    # 5,000 for 10 June, 2 days tolerated
    promise = promised((10, 5000), tolerance_days=2)

    def test_worked_case(self):
        first, second = paid(11, 3000), paid(12, 2000)
        self.assertEqual(state(self.promise, [first], 11), "partial")
        found = evaluate(self.promise, [first, second], june(12))
        self.assertEqual((found.state, found.kept_on), ("kept", june(12)))
        self.assertEqual((found.paid, found.late, found.closed), (5000, 0, False))

    def test_what_comes_late_is_recorded_and_mends_nothing(self):
        found = evaluate(self.promise, [paid(11, 3000), paid(13, 2000)], june(13))
        self.assertEqual((found.state, found.paid, found.late), ("partial", 3000, 2000))
        self.assertTrue(found.closed)
        found = evaluate(self.promise, [paid(13, 5000)], june(13))
        self.assertEqual((found.state, found.late), ("broken", 5000))
        self.assertIsNone(found.kept_on)

    def test_before_and_after_the_window(self):
        for day, expected in ((1, "open"), (10, "open"), (12, "open"), (13, "broken")):
            with self.subTest(day):
                self.assertEqual(state(self.promise, [], day), expected)

    def test_payments_before_the_promise_do_not_count(self):
        early = Payment(date(2026, 5, 31), D(5000))
        self.assertEqual(state(self.promise, [early], 13), "broken")
        self.assertEqual(state(self.promise, [paid(1, 5000)], 1), "kept")

    def test_payments_to_come_do_not_count(self):
        self.assertEqual(state(self.promise, [paid(12, 5000)], 11), "open")

    def test_tolerated_amount(self):
        promise = promised((10, 5000), tolerance_amount=D(5))
        self.assertEqual(state(promise, [paid(10, "4995")], 10), "kept")
        self.assertEqual(state(promise, [paid(10, "4994.99")], 11), "partial")

    def test_more_than_promised(self):
        found = evaluate(self.promise, [paid(5, 6000)], june(5))
        self.assertEqual((found.state, found.paid, found.surplus), ("kept", 5000, 1000))
        found = evaluate(self.promise, [paid(5, 5000), paid(6, 1)], june(6))
        self.assertEqual((found.kept_on, found.surplus), (june(5), 1))


class TestReversal(BaseCase):
    promise = promised((10, 5000), tolerance_days=2, freeze_days=5)  # until 17 June

    def test_a_reversed_payment_never_came(self):
        payments = [paid(11, 3000), paid(12, 2000, back=june(16))]
        self.assertEqual(state(self.promise, payments, 15), "kept")
        self.assertEqual(state(self.promise, payments, 16), "partial")
        self.assertEqual(state(self.promise, [paid(11, 5000, june(16))], 16), "broken")

    def test_the_worked_case_without_a_freeze(self):
        promise = promised((10, 5000), tolerance_days=2)
        payments = [paid(11, 3000), paid(12, 2000, back=june(20))]
        self.assertEqual(state(promise, payments, 20), "partial")
        self.assertFalse(evaluate(promise, payments, june(30)).frozen)

    def test_frozen_promises_do_not_change(self):
        for back, expected in ((17, "partial"), (18, "kept")):
            payments = [paid(11, 3000), paid(12, 2000, back=june(back))]
            with self.subTest(back):
                self.assertEqual(state(self.promise, payments, 30), expected)
        for day, frozen in ((17, False), (18, True)):
            self.assertEqual(evaluate(self.promise, [], june(day)).frozen, frozen)


class TestInstalments(BaseCase):
    promise = promised((10, 1000), (20, 1000), tolerance_days=1)

    def states(self, payments, day):
        found = evaluate(self.promise, payments, june(day))
        return found.state, [part.state for part in found.instalments]

    def test_kept_only_when_all_are(self):
        first, second = paid(10, 1000), paid(21, 1000)
        self.assertEqual(self.states([first], 12), ("open", ["kept", "open"]))
        self.assertEqual(self.states([first, second], 21), ("kept", ["kept", "kept"]))
        self.assertEqual(self.states([first], 22), ("partial", ["kept", "broken"]))

    def test_one_that_failed_cannot_be_mended(self):
        self.assertEqual(self.states([], 12), ("broken", ["broken", "open"]))
        late = [paid(12, 1000)]
        self.assertEqual(self.states(late, 12), ("partial", ["broken", "kept"]))
        self.assertEqual(
            self.states([*late, paid(20, 1000)], 25), ("partial", ["broken", "kept"])
        )
        found = evaluate(self.promise, [*late, paid(20, 900), paid(25, 50)], june(25))
        self.assertEqual((found.paid, found.surplus, found.late), (1000, 900, 50))

    def test_paid_ahead(self):
        self.assertEqual(self.states([paid(5, 2000)], 5), ("kept", ["kept", "kept"]))
        self.assertEqual(
            self.states([paid(5, 1500)], 5), ("partial", ["kept", "partial"])
        )

    def test_order_of_payments_and_instalments_changes_nothing(self):
        chance = random.Random(3)
        for _case in range(300):
            parts = [
                (chance.randrange(2, 28), chance.randrange(1, 900)) for _ in range(3)
            ]
            payments = [
                paid(chance.randrange(1, 30), chance.randrange(1, 900))
                for _ in range(4)
            ]
            promise = promised(*parts, tolerance_days=chance.randrange(3))
            turned = promised(*parts[::-1], tolerance_days=promise.tolerance_days)
            found = evaluate(promise, payments, june(30))
            other = evaluate(turned, chance.sample(payments, 4), june(30))
            self.assertEqual((found.state, found.paid), (other.state, other.paid))
            self.assertEqual(
                found.paid + found.late + found.surplus,
                sum(payment.amount for payment in payments),
            )


class TestPromise(BaseCase):
    def test_lowered_by_a_credit_note(self):
        promise = promised((20, 600), (10, 400))
        for amount, expected in (
            (2000, [400, 600]),
            (700, [400, 300]),
            (400, [400]),
            (100, [100]),
        ):
            with self.subTest(amount):
                found = lowered(promise, D(amount)).instalments
                self.assertEqual([part.amount for part in found], expected)
        with self.assertRaises(PromiseError):
            lowered(promise, D(0))

    def test_refused(self):
        for parts, message in (
            ((), "a date and an amount"),
            (((10, 0),), "above zero"),
            (((10, -5),), "above zero"),
        ):
            with self.assertRaisesRegex(PromiseError, message):
                promised(*parts)
        with self.assertRaisesRegex(PromiseError, "2026-05-31 is before"):
            Promise(june(1), (Instalment(date(2026, 5, 31), D(1)),))

    def test_levels_as_published(self):
        # SAP: example 1 open, partial or broken; example 2 withdrawn; example 3 kept
        for before in ("open", "partial", "broken", "withdrawn", "replaced"):
            self.assertEqual(next_level(before, 1), 2)
        self.assertEqual(next_level("kept", 1), 1)
        self.assertEqual(next_level("kept", 3), 1)
        self.assertEqual(next_level(None), 1)
        self.assertEqual(next_level("cancelled", 2), 2)
        self.assertEqual(next_level("cancelled"), 1)
        self.assertEqual(next_level("broken", 2), 3)

    def test_a_supervisor_from_the_third_on(self):
        self.assertFalse(needs_supervisor(2))
        self.assertTrue(needs_supervisor(3))
        self.assertTrue(needs_supervisor(2, threshold=2))
