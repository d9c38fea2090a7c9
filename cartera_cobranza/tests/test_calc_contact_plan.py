from datetime import date, timedelta
from decimal import Decimal as D

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.contact_plan import (
    Made,
    Open,
    PlanError,
    Step,
    checked_steps,
    due_step,
    dunning_level,
    leading_item,
    next_step,
)
from .vectors_field import VECTORS

# Dynamics 365, collections process FAQ: letters 1, 7 and 14 days after the due date,
# an activity on day 15
PLAN = checked_steps(
    (
        Step("first", 1, "letter"),
        Step("second", 7, "letter"),
        Step("third", 14, "letter"),
        Step("activity", 15, "call"),
    )
)
DUE = date(2021, 1, 15)


def jan(number):
    return date(2021, 1, 1) + timedelta(days=number - 1)


def key(step):
    return step and step.key


class TestPublishedTiming(BaseCase):
    def test_letters_on_their_days(self):
        case = VECTORS["T-CP-01"]
        due = date.fromisoformat(case["due"])
        steps, days = [], 0
        for gap in case["after_previous"]:
            days += gap
            steps.append(Step(days, days))
        for mode in ("first_pending", "nearest"):
            made, found, today = [], [], due
            while len(found) < len(case["expected"]):
                planned = next_step(steps, due, today, made, mode)
                today = planned.day
                found.append(str(today))
                made.append(Made(planned.step.key, today))
            with self.subTest(mode):
                self.assertEqual(tuple(found), case["expected"])
                self.assertIsNone(next_step(steps, due, today, made, mode))

    def test_disputed_and_resolved_on_24_january(self):
        # 9 days late: the nearest is the second notice, the first pending is the first
        self.assertEqual(key(due_step(PLAN, DUE, jan(24), mode="nearest")), "second")
        self.assertEqual(key(due_step(PLAN, DUE, jan(24))), "first")

    def test_resolved_on_2_february(self):
        today = date(2021, 2, 2)
        self.assertEqual(key(due_step(PLAN, DUE, today, mode="nearest")), "activity")
        self.assertEqual(key(due_step(PLAN, DUE, today)), "first")
        # with tracking the rest counts from the first notice: 6, 7 and 1 days on
        made = [Made("first", today)]
        for step, expected in (
            ("second", date(2021, 2, 8)),
            ("third", date(2021, 2, 15)),
            ("activity", date(2021, 2, 16)),
        ):
            planned = next_step(PLAN, DUE, today, made)
            self.assertEqual((planned.step.key, planned.day), (step, expected))
            made.append(Made(step, expected))

    def test_a_dunning_run_with_grace(self):
        case = VECTORS["T-CP-06"]
        due, issue = (date.fromisoformat(case[name]) for name in ("due", "issue"))
        for grace, expected in zip(case["grace"], case["expected"], strict=True):
            with self.subTest(grace):
                self.assertEqual(dunning_level(due, issue, grace_days=grace), expected)


class TestNextStep(BaseCase):
    def test_nothing_before_its_day(self):
        for mode in ("first_pending", "nearest"):
            self.assertIsNone(due_step(PLAN, DUE, jan(15), mode=mode))
            self.assertEqual(key(due_step(PLAN, DUE, jan(16), mode=mode)), "first")

    def test_a_step_made_late_moves_those_after_it(self):
        made = [Made("first", jan(18))]
        self.assertEqual(next_step(PLAN, DUE, jan(18), made).day, jan(24))
        nearest = next_step(PLAN, DUE, jan(18), made, "nearest")
        self.assertEqual((nearest.step.key, nearest.day), ("second", jan(22)))

    def test_a_step_made_early_does_not_hurry_the_next(self):
        made = [Made("first", jan(10))]
        self.assertEqual(next_step(PLAN, DUE, jan(10), made).day, jan(22))

    def test_a_step_that_was_left_out_stays_out(self):
        made = [Made("second", jan(24))]
        for mode in ("first_pending", "nearest"):
            self.assertIsNone(due_step(PLAN, DUE, jan(25), made, mode))
        made = [Made("activity", jan(31))]
        self.assertIsNone(next_step(PLAN, DUE, jan(40), made, "nearest"))

    def test_steps_before_the_due_date(self):
        plan = checked_steps((Step("soon", -5), Step("late", 3)))
        self.assertEqual(key(due_step(plan, DUE, jan(10))), "soon")
        self.assertIsNone(due_step(plan, DUE, jan(9)))
        made = [Made("soon", jan(10))]
        self.assertEqual(next_step(plan, DUE, jan(10), made).day, jan(18))

    def test_quiet_days(self):
        # Upflow: a step on day 3 and a minimum delay of 5 days act on day 5
        steps = (Step("call", 3),)
        planned = next_step(steps, DUE, DUE, last_contact=DUE, quiet_days=5)
        self.assertEqual(planned.day, jan(20))
        for today, expected in ((jan(19), None), (jan(20), "call")):
            found = due_step(steps, DUE, today, last_contact=DUE, quiet_days=5)
            self.assertEqual(key(found), expected)
        early = next_step(steps, DUE, DUE, last_contact=jan(1), quiet_days=5)
        self.assertEqual(early.day, jan(18))

    def test_an_unknown_mode(self):
        with self.assertRaisesRegex(PlanError, "first_pending, nearest"):
            next_step(PLAN, DUE, DUE, mode="any")


class TestPlan(BaseCase):
    def test_refused(self):
        for steps, quiet, message in (
            ((), 0, "needs a step"),
            ((Step(1, 3), Step(2, 3)), 0, "1 and 2 are both on day 3 by email"),
            ((Step(1, 3),), -1, "-1 quiet days"),
        ):
            with self.assertRaisesRegex(PlanError, message):
                checked_steps(steps, quiet)
        both = checked_steps((Step(2, 3, "email"), Step(1, 3, "call")))
        self.assertEqual([step.key for step in both], [1, 2])


class TestLeadingItem(BaseCase):
    def item(self, number, amount, **flags):
        return Open(f"INV/{number}", jan(number), D(amount), **flags)

    def leading(self, *items, **values):
        found = leading_item(items, **values)
        return found and found.key

    def test_the_oldest_that_can_be_collected(self):
        items = (self.item(9, 100), self.item(3, 50), self.item(1, 70, disputed=True))
        self.assertEqual(self.leading(*items), "INV/3")
        promised = self.item(2, 80, promised=True)
        self.assertEqual(self.leading(*items, promised), "INV/3")
        self.assertEqual(self.leading(*items, minimum=D(50)), "INV/9")
        self.assertIsNone(self.leading(*items, minimum=D(100)))
        self.assertIsNone(self.leading())
        self.assertIsNone(self.leading(self.item(1, 0)))

    def test_a_customer_in_credit_is_not_chased(self):
        self.assertIsNone(self.leading(self.item(3, 100), self.item(5, -100)))
        self.assertEqual(self.leading(self.item(3, 101), self.item(5, -100)), "INV/3")


class TestDunningLevel(BaseCase):
    def test_it_rises_by_one(self):
        self.assertEqual(dunning_level(jan(1), jan(1)), 0)
        self.assertEqual(dunning_level(jan(1), jan(2)), 1)
        self.assertEqual(dunning_level(jan(1), jan(20), level=1), 2)
        self.assertEqual(dunning_level(jan(1), jan(20), level=9), 9)
        self.assertEqual(dunning_level(jan(1), jan(20), level=2, highest=2), 2)
        self.assertEqual(dunning_level(jan(1), jan(20), level=3, highest=2), 3)

    def test_grace_is_for_the_first_notice(self):
        self.assertEqual(dunning_level(jan(1), jan(4), grace_days=3), 0)
        self.assertEqual(dunning_level(jan(1), jan(5), grace_days=3), 1)
        self.assertEqual(dunning_level(jan(1), jan(4), level=1, grace_days=3), 2)

    def test_days_between_notices(self):
        for day, expected in ((11, 1), (12, 2)):
            found = dunning_level(
                jan(1), jan(day), level=1, last_issue=jan(5), interval=7
            )
            self.assertEqual(found, expected)
