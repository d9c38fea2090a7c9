import unittest
from datetime import date, timedelta
from decimal import Decimal as D

from hypothesis import given, settings
from hypothesis import strategies as st

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc import forecast
from ..calc.forecast import FAR, VIEWS, Habit, Open, Paid, Part, Row

CENT = D("0.01")
TODAY = date(2026, 3, 18)  # a Wednesday; its week starts on 16 March
KEY = (7, 1)


def day(text):
    return date.fromisoformat(f"2026-{text}")


class TestHabit(BaseCase):
    def test_weighted_by_amount(self):
        # 1,000 paid 10 days late, 3,000 paid 30 days late: 100,000 / 4,000 = 25; 2,800,000 / 4,000 − 625 = 75
        paid = Paid(2, D(4000), D(100000), D(2800000))
        self.assertEqual(forecast.habit(paid), Habit(25, 9, 2))

    def test_early_payers(self):
        # 100 paid 5 days early twice: no dispersion
        self.assertEqual(
            forecast.habit(Paid(2, D(200), D(-1000), D(5000))), Habit(-5, 0, 2)
        )

    def test_nothing_paid(self):
        for amount in (0, -10):
            self.assertEqual(forecast.habit(Paid(1, D(amount), D(5), D(5))), Habit())

    def test_rounding_noise_is_no_dispersion(self):
        # the variance would be −0.00…1
        paid = Paid(3, D(3), D("10.000000000001"), D("33.3333333333"))
        self.assertEqual(forecast.habit(paid).spread, 0)

    def test_few_payments_tell_nothing(self):
        everyone = Habit(12, 4, 90)
        few = Paid(2, D(100), D(5000), D(250000))
        self.assertEqual(forecast.habit_of(few, everyone), everyone)
        enough = Paid(3, D(100), D(5000), D(250000))
        self.assertEqual(forecast.habit_of(enough, everyone), Habit(50, 0, 3))
        self.assertEqual(forecast.habit_of(Paid(3), everyone), everyone)

    def test_sums(self):
        self.assertEqual(
            Paid(1, D(1), D(2), D(3)) + Paid(1, D(4), D(5), D(6)),
            Paid(2, D(5), D(7), D(9)),
        )


class TestPromises(BaseCase):
    plan = ((day("03-20"), D(60)), (day("04-20"), D(40)))

    def test_what_was_paid_took_the_first(self):
        for left, expected in (
            (100, [60, 40]),
            (70, [30, 40]),
            (40, [40]),
            (25, [25]),
            (0, []),
            (130, [60, 70]),
        ):
            with self.subTest(left):
                found = forecast.instalments_left(self.plan, D(left))
                self.assertEqual([amount for _day, amount in found], expected)
        self.assertEqual(forecast.instalments_left([], D(5)), [])

    def test_the_last_one_stays_where_it_is(self):
        self.assertEqual(
            forecast.instalments_left(self.plan, D(25)), [(day("04-20"), D(25))]
        )

    def test_shared_over_items(self):
        self.assertEqual(
            forecast.share_out({1: D(50), 2: D(50), 3: D(9)}, self.plan),
            {
                1: [(day("03-20"), D(50))],
                2: [(day("03-20"), D(10)), (day("04-20"), D(40))],
                3: [],
            },
        )


class TestSplit(BaseCase):
    def parts(self, **values):
        item = Open(
            **(
                {
                    "key": KEY,
                    "due": day("03-31"),
                    "document": D(100),
                    "company": D(1800),
                }
                | values
            )
        )
        return [
            (part.source, part.day, part.document, part.company)
            for part in forecast.split(item, CENT)
        ]

    def test_plain(self):
        self.assertEqual(self.parts(), [("due", day("03-31"), D(100), D(1800))])

    def test_disputed_promised_and_the_rest(self):
        promised = ((day("03-25"), D(30)), (day("04-25"), D(20)))
        self.assertEqual(
            self.parts(disputed=D(10), promised=promised),
            [
                ("dispute", None, D(10), D(180)),
                ("promise", day("03-25"), D(30), D(540)),
                ("promise", day("04-25"), D(20), D(360)),
                ("due", day("03-31"), D(40), D(720)),
            ],
        )

    def test_more_disputed_or_promised_than_owed(self):
        self.assertEqual(
            self.parts(disputed=D(500), promised=((day("03-25"), D(30)),)),
            [("dispute", None, D(100), D(1800))],
        )
        self.assertEqual(
            self.parts(promised=((day("03-25"), D(70)), (day("04-25"), D(70)))),
            [
                ("promise", day("03-25"), D(70), D(1260)),
                ("promise", day("04-25"), D(30), D(540)),
            ],
        )

    def test_the_last_part_takes_what_rounding_leaves(self):
        found = self.parts(
            document=D(3),
            company=D("10.00"),
            promised=((day("03-25"), D(1)), (day("03-26"), D(1))),
        )
        self.assertEqual([one[3] for one in found], [D("3.33"), D("3.33"), D("3.34")])

    def test_lawyers_and_credits(self):
        self.assertEqual(
            self.parts(legal=True, disputed=D(10)), [("legal", None, D(100), D(1800))]
        )
        self.assertEqual(
            self.parts(document=D(-5), company=D(-90)),
            [("credit", None, D(-5), D(-90))],
        )
        # an exchange difference that is open in company currency alone
        self.assertEqual(
            self.parts(document=D(0), company=D(3)), [("credit", None, D(0), D(3))]
        )


class TestDays(BaseCase):
    def days(self, due, delay=0, spread=0, source="due"):
        part = Part(KEY, source, due, D(1), D(1))
        return forecast.days_of(part, Habit(delay, spread, 9), TODAY)

    def test_due_date_and_habit(self):
        self.assertEqual(
            self.days(day("03-31"), delay=10, spread=4),
            {
                "expected": day("04-10"),
                "high": day("04-06"),
                "low": day("04-14"),
                "due": day("03-31"),
            },
        )

    def test_never_before_today(self):
        found = self.days(day("03-20"), delay=1, spread=20)
        self.assertEqual(found["high"], TODAY)
        self.assertEqual(found["low"], day("04-10"))
        self.assertEqual(self.days(day("01-05"))["due"], TODAY)

    def test_later_than_the_habit(self):
        # expected on 1 March, 17 days ago: by spreads of 10 days, the second one, 21 March
        self.assertEqual(
            self.days(day("02-20"), delay=9, spread=10)["expected"], day("03-21")
        )
        # without dispersion week by week: 4 + 14 days
        self.assertEqual(self.days(day("03-04"))["expected"], day("03-18"))
        self.assertEqual(self.days(day("03-03"))["expected"], day("03-24"))

    def test_a_promise_needs_no_habit(self):
        found = self.days(day("03-25"), delay=30, spread=5, source="promise")
        self.assertEqual(found["expected"], day("03-25"))
        self.assertEqual(found["low"], day("03-30"))
        # promised for yesterday, and still inside its tolerance
        found = self.days(day("03-17"), delay=30, spread=5, source="promise")
        self.assertEqual(found["expected"], TODAY)

    def test_weeks_start_on_monday(self):
        for text, monday in (
            ("03-16", "03-16"),
            ("03-22", "03-16"),
            ("03-23", "03-23"),
        ):
            self.assertEqual(forecast.week_of(day(text)), day(monday))


class TestSchedule(BaseCase):
    def rows(self, *parts, habits=None):
        return {
            (row.week, row.source): (row.document["expected"], row.company["expected"])
            for row in forecast.schedule(parts, habits or {}, TODAY)
        }

    def test_weeks(self):
        found = self.rows(
            Part(KEY, "due", day("03-20"), D(100), D(1800)),
            Part(KEY, "due", day("03-22"), D(50), D(900)),
            Part(KEY, "due", day("03-23"), D(7), D(126)),
            Part(KEY, "dispute", None, D(3), D(54)),
            Part(KEY, "legal", None, D(2), D(36)),
        )
        self.assertEqual(
            found,
            {
                (day("03-16"), "due"): (D(150), D(2700)),
                (day("03-23"), "due"): (D(7), D(126)),
                (None, "dispute"): (D(3), D(54)),
                (None, "legal"): (D(2), D(36)),
            },
        )

    def test_a_credit_comes_with_the_first_debt(self):
        found = self.rows(
            Part(KEY, "due", day("04-20"), D(100), D(100)),
            Part(KEY, "due", day("04-10"), D(100), D(100)),
            Part(KEY, "credit", None, D(-30), D(-30)),
            Part((8, 1), "credit", None, D(-9), D(-9)),
            Part((8, 1), "order", day("04-01"), D(40), D(40)),
        )
        self.assertEqual(found[day("04-06"), "credit"], (D(-30), D(-30)))
        # an order is no debt yet
        self.assertEqual(found[day("03-16"), "credit"], (D(-9), D(-9)))
        self.assertEqual(found[day("03-30"), "order"], (D(40), D(40)))

    def test_views_have_their_own_weeks(self):
        rows = forecast.schedule(
            [Part(KEY, "due", day("03-23"), D(10), D(10))],
            {KEY: Habit(14, 7, 5)},
            TODAY,
        )
        self.assertEqual(
            {view: row.week for row in rows for view in VIEWS if row.document[view]},
            {
                "due": day("03-23"),
                "high": day("03-30"),
                "expected": day("04-06"),
                "low": day("04-13"),
            },
        )


class TestAccuracy(BaseCase):
    def test_errors(self):
        found = forecast.accuracy([(D(100), D(90), D(120)), (D(200), D(260), D(150))])
        self.assertEqual(found.error.value, D(35))
        self.assertEqual(found.bias.value, D(-15))
        self.assertEqual(found.baseline.value, D(70))
        self.assertEqual(found.share.value.quantize(CENT), D("25.93"))  # 70 / 270
        self.assertEqual(found.error.variant, "mean_absolute")

    def test_nothing_is_over(self):
        found = forecast.accuracy([])
        for one in (found.error, found.bias, found.share, found.baseline):
            self.assertIsNone(one.value)


amounts = st.decimals("0.01", "99999.99", places=2)
days_ahead = st.integers(-400, 400).map(lambda days: TODAY + timedelta(days=days))
opens = st.builds(
    Open,
    key=st.tuples(st.integers(0, 3), st.integers(1, 2)),
    due=days_ahead,
    document=st.decimals("-9999.99", "99999.99", places=2),
    company=st.decimals("-9999.99", "99999.99", places=2),
    disputed=st.one_of(st.just(D(0)), amounts),
    promised=st.lists(st.tuples(days_ahead, amounts), max_size=3),
    legal=st.booleans(),
)
habits = st.dictionaries(
    st.tuples(st.integers(0, 3), st.integers(1, 2)),
    st.builds(Habit, st.integers(-40, 120), st.integers(0, 60), st.integers(0, 9)),
)


def sums(rows, view, kind="document"):
    found = {}
    for row in rows:
        currency = row.key[1]
        found[currency] = found.get(currency, D(0)) + getattr(row, kind)[view]
    return {currency: amount for currency, amount in found.items() if amount}


class TestProperties(unittest.TestCase):
    """Nothing is lost and nothing is counted twice, whatever the books."""

    def rows(self, items, known):
        parts = [part for item in items for part in forecast.split(item, CENT)]
        return forecast.schedule(parts, known, TODAY)

    @settings(max_examples=120, deadline=None)
    @given(st.lists(opens, max_size=12), habits)
    def test_all_weeks_are_the_receivable(self, items, known):
        rows = self.rows(items, known)
        for kind in ("document", "company"):
            expected = {}
            for item in items:
                currency = item.key[1]
                expected[currency] = expected.get(currency, D(0)) + getattr(item, kind)
            expected = {one: amount for one, amount in expected.items() if amount}
            for view in VIEWS:
                self.assertEqual(sums(rows, view, kind), expected)

    @settings(max_examples=80, deadline=None)
    @given(st.lists(opens, max_size=8), habits)
    def test_low_is_never_before_high(self, items, known):
        rows = [
            row
            for row in self.rows(items, known)
            if row.week and row.source != "credit"
        ]
        weeks = sorted({row.week for row in rows})
        until = dict.fromkeys(("low", "expected", "high"), D(0))
        for week in weeks:
            for row in rows:
                if row.week == week:
                    for view in until:
                        until[view] += row.document[view]
            self.assertLessEqual(until["low"], until["expected"])
            self.assertLessEqual(until["expected"], until["high"])

    @settings(max_examples=60, deadline=None)
    @given(st.lists(opens, max_size=8), habits)
    def test_the_order_of_items_changes_nothing(self, items, known):
        def as_set(rows: list[Row]):
            return {
                (
                    row.key,
                    row.week,
                    row.source,
                    tuple(row.document.items()),
                    tuple(row.company.items()),
                )
                for row in rows
            }

        self.assertEqual(
            as_set(self.rows(items, known)), as_set(self.rows(items[::-1], known))
        )

    @settings(max_examples=60, deadline=None)
    @given(st.lists(opens, max_size=8), habits)
    def test_no_week_before_this_one(self, items, known):
        first = forecast.week_of(TODAY)
        for row in self.rows(items, known):
            self.assertTrue(row.week is None or first <= row.week < FAR)

    @settings(max_examples=60, deadline=None)
    @given(
        st.dictionaries(st.integers(1, 5), amounts, max_size=4),
        st.lists(st.tuples(days_ahead, amounts), min_size=1, max_size=4),
    )
    def test_promises_are_shared_to_the_cent(self, items, plan):
        left = sum(items.values(), D(0))
        parts = forecast.instalments_left(plan, left)
        self.assertEqual(sum((amount for _day, amount in parts), D(0)), left)
        shares = forecast.share_out(items, parts)
        self.assertEqual(
            {
                item: sum((amount for _day, amount in one), D(0))
                for item, one in shares.items()
            },
            items,
        )
