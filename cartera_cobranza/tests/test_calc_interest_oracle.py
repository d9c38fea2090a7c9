"""Interest once more, day by day, by code that shares nothing with calc/.

Each charged day is F(anchor → day) − F(anchor → the day before) times the balance that
the day started with. F is computed here anew, by logarithms for effective
rates; the day counts are written anew. Thousands of random items must agree to 22
places, and to the cent.
"""

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, localcontext
from decimal import Decimal as D
from fractions import Fraction
from functools import cache

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.interest import Change, Item, accrue
from ..calc.interest_policy import Policy, Tier
from ..calc.rates import Rate

DAY = timedelta(days=1)
EPOCH = date(2023, 1, 1)
NOISE = D("1E-22")
CASES = 2000
CUT_CASES = 300
CAPPED_CASES = 700


def leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def last_of_february(day):
    return (day + DAY).month == 3 and day.month == 2


def years_30(first, last):
    """Years between two (year, month, day) of months with 30 days."""
    (y1, m1, d1), (y2, m2, d2) = first, last
    return Fraction(360 * (y2 - y1) + 30 * (m2 - m1) + d2 - d1, 360)


def years(day_count, anchor, day):
    actual = day.toordinal() - anchor.toordinal()
    if day_count == "act_365":
        return Fraction(actual, 365)
    if day_count == "act_360":
        return Fraction(actual, 360)
    if day_count == "act_act":
        months = range(anchor.year, day.year + 1)
        total = Fraction(0)
        for year in months:
            start = max(anchor.toordinal(), date(year, 1, 1).toordinal() - 1)
            stop = min(day.toordinal(), date(year, 12, 31).toordinal())
            total += Fraction(stop - start, 366 if leap(year) else 365)
        return total
    d1, d2 = anchor.day, day.day
    if day_count == "30e_360":
        d1, d2 = (30 if d1 == 31 else d1), (30 if d2 == 31 else d2)
    else:
        both = last_of_february(anchor) and last_of_february(day)
        d2 = 30 if both else d2
        d1 = 30 if last_of_february(anchor) or d1 == 31 else d1
        d2 = 30 if d2 == 31 and d1 == 30 else d2
    return years_30((anchor.year, anchor.month, d1), (day.year, day.month, d2))


@cache
def logarithm(percent):
    return (1 + percent / 100).ln()


@cache
def grown(method, day_count, percent, anchor, day):
    if method == "effective":
        return (logarithm(percent) * (day - anchor).days / 365).exp() - 1
    if method == "monthly":
        return percent / 100 * 12 * (day - anchor).days / 360
    share = years(day_count, anchor, day)
    return percent / 100 * share.numerator / share.denominator


def row_of(rows, day):
    """The last row that has started, if it has not ended."""
    started = [row for row in rows if row.date_from <= day]
    row = max(started, key=lambda row: row.date_from, default=None)
    return row if row and (row.date_to or day) >= day else None


@cache
def reached_in_a_year(policy, percent):
    if policy.method == "effective":
        return percent
    times = 12 if policy.method == "monthly" else 1
    banker = policy.method == "monthly" or policy.day_count == "act_360"
    daily = percent * times / 100 / (360 if banker else 365)
    return (365 * (1 + daily).ln()).exp() * 100 - 100


def owed_on(item, day):
    return item.amount + sum(move.amount for move in item.changes if move.day < day)


def interest_of_day(item, policy, anchor, day):
    owed = owed_on(item, day)
    if owed <= 0:
        return D(0)
    row = row_of(policy.rates, day)
    percent = row.percent
    for tier in policy.tiers:
        if (day - item.due).days >= tier.days_from:
            percent = tier.percent
    starts = [row.date_from]
    method = policy.method
    if policy.caps:
        cap = row_of(policy.caps, day)
        starts.append(cap.date_from)
        if policy.effective_caps:
            # what (1 + r/D) a day makes of a year is held against an effective cap
            if reached_in_a_year(policy, percent) > cap.percent:
                percent, method = cap.percent, "effective"
        else:
            percent = min(percent, cap.percent)
    for start in starts:
        if start > anchor:
            anchor = start - DAY
    factor = grown(method, policy.day_count, percent, anchor, day)
    factor -= grown(method, policy.day_count, percent, anchor, day - DAY)
    if item.base is not None:
        factor = factor * item.base / item.amount
    return owed * factor


def oracle(item, policy, end):
    """The whole interest of an item, day by day, unrounded."""
    shifted = policy.grace_mode == "shift"
    origin = item.due + timedelta(days=policy.grace_days if shifted else 0)
    first = max(item.billed_to or origin, item.due) + DAY
    days = [first + timedelta(days=n) for n in range((end - first).days + 1)]
    if not shifted and item.billed_to is None:
        unpaid = [day for day in days if owed_on(item, day) > 0]
        if not unpaid or (unpaid[-1] - item.due).days <= policy.grace_days:
            return D(0)
    return sum((interest_of_day(item, policy, origin, day) for day in days), D(0))


def to_the_cent(amount):
    return amount.quantize(NOISE).quantize(D("0.01"), rounding=ROUND_HALF_UP)


def random_rates(chance, low, high):
    """Rows that cover 2022 to 2026 without a gap, in any order."""
    rows, start = [], date(2022, 1, 1)
    while start < date(2027, 1, 1):
        after = start + timedelta(days=chance.choice((30, 31, 90, 365, 2000)))
        end = after - DAY if chance.random() < 0.5 else None
        percent = D(chance.randrange(low * 100, high * 100)) / 100
        rows.append(Rate(percent, start, end))
        start = after
    chance.shuffle(rows)
    return tuple(rows)


def random_policy(chance):
    method = chance.choice(("simple", "simple", "effective", "monthly"))
    top = 8 if method == "monthly" else 90
    tiers = sorted(chance.sample(range(1, 90), chance.choice((0, 0, 1, 2))))
    return Policy(
        random_rates(chance, 1, top),
        method,
        chance.choice(("act_365", "act_360", "act_act", "30_360_us", "30e_360")),
        grace_days=chance.choice((0, 0, 3, 10)),
        grace_mode=chance.choice(("threshold", "shift")),
        tiers=tuple(
            Tier(day, D(chance.randrange(100, top * 100)) / 100) for day in tiers
        ),
        caps=random_rates(chance, 1, top) if chance.random() < 0.3 else (),
    )


def random_capped_policy(chance):
    """Any rate under caps that are effective yearly rates, as usury is certified in Colombia."""
    return replace(
        random_policy(chance),
        day_count=chance.choice(("act_365", "act_360", "act_act")),
        caps=random_rates(chance, 10, 80),
        effective_caps=True,
    )


def random_item(chance):
    due = EPOCH + timedelta(days=chance.randrange(900))
    amount = D(chance.randrange(100, 10**9)) / 100
    changes = []
    for _number in range(chance.choice((0, 1, 1, 2, 5))):
        part = amount * chance.choice((-1, -1, -1, 1)) * chance.randrange(1, 80) / 100
        day = due + timedelta(days=chance.randrange(-20, 110))
        changes.append(Change(day, part.quantize(D("0.01"))))
    base = (amount / D("1.16")).quantize(D("0.01")) if chance.random() < 0.2 else None
    return Item(due, amount, tuple(changes), base=base)


class TestDayByDay(BaseCase):
    def check(self, item, policy, end):
        charge = accrue(item, policy, end)
        told = (item, policy, end)
        with localcontext(Context(prec=60)):
            expected = oracle(item, policy, end)
            self.assertLess(abs(charge.exact - expected), NOISE, told)
            self.assertEqual(charge.amount, to_the_cent(expected), told)
        return charge

    def test_segments_and_days_agree(self):
        chance = random.Random(150)
        charged = 0
        for _case in range(CASES):
            item, policy = random_item(chance), random_policy(chance)
            end = item.due + timedelta(days=chance.choice((1, 7, 15, 30, 60)))
            charged += bool(self.check(item, policy, end).amount)
        self.assertGreater(charged, CASES // 2, "most cases should charge something")

    def test_segments_and_days_agree_under_effective_caps(self):
        chance = random.Random(155)
        capped = 0
        for _case in range(CAPPED_CASES):
            item, policy = random_item(chance), random_capped_policy(chance)
            end = item.due + timedelta(days=chance.choice((7, 30, 60)))
            charge = self.check(item, policy, end)
            capped += any(part.capped for part in charge.segments)
        self.assertGreater(capped, CAPPED_CASES // 5, "many should be cut by the cap")

    def test_the_cases_have_leap_days_and_the_ends_of_months(self):
        chance = random.Random(150)
        leap_days, ends, thirty = 0, 0, 0
        for _case in range(CASES):
            item, policy = random_item(chance), random_policy(chance)
            end = item.due + timedelta(days=chance.choice((1, 7, 15, 30, 60)))
            leap_days += item.due < date(2024, 2, 29) <= end
            at_the_end = (item.due + DAY).day == 1
            ends += at_the_end
            thirty += at_the_end and policy.day_count.startswith("30")
        self.assertGreater(leap_days, 20)
        self.assertGreater(ends, 40)
        self.assertGreater(thirty, 10)

    def test_cutting_a_period_changes_nothing(self):
        chance = random.Random(151)
        for _case in range(CUT_CASES):
            item, policy = random_item(chance), random_policy(chance)
            whole = accrue(item, policy, item.due + timedelta(days=100))
            total, rounded, left, run_item = Fraction(0), D(0), Fraction(0), item
            for days in [*sorted(chance.sample(range(11, 100), 3)), 100]:
                part = accrue(run_item, policy, item.due + timedelta(days=days))
                ran = run_item
                rounded += part.amount
                if part.billed_to == run_item.billed_to:
                    left = Fraction(part.exact)
                else:
                    total, left = total + Fraction(part.exact), Fraction(0)
                run_item = replace(run_item, billed_to=part.billed_to)
            self.check(ran, policy, item.due + timedelta(days=100))
            self.assertEqual(total + left, Fraction(whole.exact), (item, policy))
            self.assertLessEqual(abs(rounded - whole.amount), D("0.025"))

    def test_cutting_by_tiers_of_the_same_rate_changes_nothing(self):
        chance = random.Random(154)
        for _case in range(CUT_CASES):
            item = random_item(chance)
            percent = D(chance.randrange(100, 9000)) / 100
            policy = replace(
                random_policy(chance), rates=(Rate(percent),), tiers=(), caps=()
            )
            days = sorted(chance.sample(range(1, 100), 3))
            tiers = tuple(Tier(day, percent) for day in days)
            end = item.due + timedelta(days=100)
            whole = accrue(item, policy, end)
            cut = accrue(item, replace(policy, tiers=tiers), end)
            self.assertEqual((whole.exact, whole.amount), (cut.exact, cut.amount))

    def test_order_changes_nothing(self):
        chance = random.Random(152)
        for _case in range(CUT_CASES):
            item, policy = random_item(chance), random_policy(chance)
            turned = [list(item.changes), list(policy.rates), list(policy.caps)]
            for values in turned:
                chance.shuffle(values)
            changes, rates, caps = map(tuple, turned)
            end = item.due + timedelta(days=100)
            self.assertEqual(
                accrue(item, policy, end),
                accrue(
                    replace(item, changes=changes),
                    replace(policy, rates=rates, caps=caps),
                    end,
                ),
            )

    def test_segments_are_in_order_and_have_a_balance(self):
        chance = random.Random(153)
        for _case in range(CUT_CASES):
            item, policy = random_item(chance), random_policy(chance)
            charge = accrue(item, policy, item.due + timedelta(days=100))
            last = item.due
            for part in charge.segments:
                self.assertGreater(part.date_from, last)
                self.assertLessEqual(part.date_from, part.date_to)
                self.assertGreater(part.balance, 0)
                self.assertGreaterEqual(part.date_from, part.anchor + DAY)
                last = part.date_to
