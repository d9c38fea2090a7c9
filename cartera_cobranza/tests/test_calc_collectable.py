from datetime import date, timedelta
from decimal import Decimal as D

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.collectable import Item, Plan, demanded, due_contact
from ..calc.contact_plan import Made, Step, checked_steps

TODAY = date(2026, 3, 16)
CENT = D("0.01")
EARLY = Step("soon", -5, "email")
FIRST = Step("first", 1, "email")
SECOND = Step("second", 10, "email")


def item(key, late, residual, **vals):
    """An item in company currency that is ``late`` days late (negative: still to come)."""
    vals.setdefault("residual_company", D(residual))
    return Item(key, key, TODAY - timedelta(days=late), 1, D(residual), **vals)


def plan(*steps, **vals):
    return Plan(checked_steps(steps or [EARLY, FIRST, SECOND]), **vals)


def due(items, steps=(), made=None, announced=(), last=None, **vals):
    return due_contact(
        plan(*steps, **vals), items, TODAY, made or {}, frozenset(announced), last
    )


class TestFree(BaseCase):
    def test_disputed_and_promised_parts_are_not_demanded(self):
        cases = [
            # residual, disputed, promised, chased, free
            (100, 0, 0, True, 100),
            (100, 30, 20, True, 50),
            (100, 80, 50, True, 0),
            (100, 0, 0, False, 0),
            (-40, 0, 0, False, -40),
        ]
        for residual, disputed, promised, chased, free in cases:
            with self.subTest(residual=residual, disputed=disputed, promised=promised):
                one = item(
                    1,
                    5,
                    residual,
                    chased=chased,
                    disputed=D(disputed),
                    promised=D(promised),
                )
                self.assertEqual(one.free, D(free))

    def test_in_company_currency_the_share_is_rounded_once(self):
        """100 dollars are 1,750.55; a third disputed leaves 66.67 of 100: 1,167.09."""
        one = item(1, 5, 100, residual_company=D("1750.55"), disputed=D("33.33"))
        self.assertEqual(one.free_company(CENT), D("1167.09"))
        whole = item(1, 5, 100, residual_company=D("1750.55"))
        self.assertEqual(whole.free_company(CENT), D("1750.55"))


class TestDueContact(BaseCase):
    def test_the_oldest_carries_the_step_and_all_are_listed(self):
        found = due([item(1, 3, 100), item(2, 12, 50), item(3, -2, 70)])
        self.assertEqual(found.leading, 2)
        self.assertEqual({one.key for one in found.items}, {1, 2})
        self.assertEqual(found.net, D(150))
        self.assertEqual(found.planned.step.key, "first")

    def test_credits_are_listed_and_lower_what_is_demanded(self):
        found = due([item(1, 3, 100), item(2, 1, -30)])
        self.assertEqual(found.net, D(70))
        self.assertEqual([one.key for one in found.items], [1, 2])

    def test_a_customer_in_credit_is_never_chased(self):
        self.assertIsNone(due([item(1, 3, 100), item(2, 1, -100)]))
        self.assertIsNone(due([item(1, 3, 100), item(2, 1, -500)]))

    def test_what_is_disputed_or_too_small_starts_nothing(self):
        self.assertIsNone(due([item(1, 3, 100, disputed=D(100))]))
        self.assertIsNone(due([item(1, 3, 100)], min_balance=D("100.01")))
        self.assertIsNotNone(due([item(1, 3, 100)], min_balance=D(100)))
        self.assertIsNone(due([item(1, 3, 5)], min_item=D(5)))

    def test_quiet_days_make_the_step_wait(self):
        yesterday = TODAY - timedelta(days=1)
        self.assertIsNone(due([item(1, 3, 100)], last=yesterday, quiet_days=3))
        self.assertIsNotNone(due([item(1, 3, 100)], last=yesterday, quiet_days=1))

    def test_all_steps_made_ask_for_nothing(self):
        made = {1: [Made("first", TODAY), Made("second", TODAY)]}
        self.assertIsNone(due([item(1, 20, 100)], made=made))

    def test_before_the_due_date_each_item_is_announced_once(self):
        coming = [item(1, -5, 100), item(2, -3, 50), item(3, -9, 70)]
        found = due(coming)
        self.assertEqual(found.planned.step.key, "soon")
        self.assertEqual({one.key for one in found.items}, {1, 2})
        self.assertEqual((found.leading, found.net), (2, D(150)))
        again = due(coming, announced=[2])
        self.assertEqual([one.key for one in again.items], [1])
        self.assertIsNone(due(coming, announced=[1, 2]))

    def test_nothing_is_announced_to_whom_credits_cover(self):
        self.assertIsNone(due([item(1, -5, 100), item(2, 1, -100)]))

    def test_the_announcement_waits_for_the_quiet_days(self):
        self.assertIsNone(due([item(1, -4, 100)], last=TODAY, quiet_days=3))

    def test_without_such_steps_nothing_is_due(self):
        self.assertIsNone(due([item(1, -4, 100)], steps=[FIRST]))
        self.assertIsNone(due([item(1, 4, 100)], steps=[EARLY]))
        self.assertIsNone(due([]))


class TestDemanded(BaseCase):
    def ask(self, items, leading, **vals):
        return [one.key for one in demanded(items, TODAY, leading, CENT, **vals)]

    def test_what_is_late_now_with_the_credits(self):
        items = [item(1, 3, 100), item(2, 0, 40), item(3, -1, 70), item(4, 2, -10)]
        self.assertEqual(self.ask(items, 1), [1, 2, 4])

    def test_nothing_when_the_leading_item_is_settled_disputed_or_covered(self):
        self.assertEqual(self.ask([item(2, 3, 100)], 1), [])
        self.assertEqual(self.ask([item(1, 3, 100, promised=D(100))], 1), [])
        self.assertEqual(self.ask([item(1, 3, 100), item(2, 1, -100)], 1), [])

    def test_before_the_due_date_only_what_comes_due_within_the_days(self):
        items = [item(1, -2, 100), item(2, -5, 50), item(3, -6, 70), item(4, 3, 10)]
        self.assertEqual(self.ask(items, 1, horizon=5), [1, 2])
        covered = [item(1, -2, 100), item(2, 0, -100)]
        self.assertEqual(self.ask(covered, 1, horizon=5), [])
