from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.interest import Change, Item, accrue, adjustment, within
from ..calc.interest_policy import Policy, PolicyError, Tier
from ..calc.money import round_money
from ..calc.rates import MissingRate, Rate, RateOutOfRange
from .vectors_field import VECTORS

CENT = D("0.01")
DUE = date(2026, 1, 1)


def on(days_late):
    """The day that is so many days after the due date."""
    return DUE + timedelta(days=days_late)


def cents(segments):
    return [str(round_money(segment.amount, CENT)) for segment in segments]


def paid(amount, days_late):
    return Change(on(days_late), -D(amount))


def item(amount="10000", *changes, **values):
    return Item(DUE, D(amount), changes, **values)


def yearly(percent, **values):
    return Policy((Rate(D(percent)),), **values)


class TestWorkedCases(BaseCase):
    def test_part_payment_at_3_percent_a_month(self):
        case = VECTORS["T-IN-09"]
        owed = item(case["principal"], paid(case["partial"], case["partial_day"]))
        policy = yearly(case["monthly"], method="monthly")
        charge = accrue(owed, policy, on(case["end_day"]))
        self.assertEqual(charge.amount, D(case["expected"]))
        self.assertEqual(cents(charge.segments), ["200.00", "150.00"])
        first, second = charge.segments
        # the day of the payment is charged at the old balance
        self.assertEqual((first.date_from, first.date_to), (on(1), on(20)))
        self.assertEqual((second.date_from, second.date_to), (on(21), on(45)))
        self.assertEqual((first.balance, second.balance), (10000, 6000))
        self.assertEqual((first.days, second.days), (20, 25))
        self.assertEqual((first.factor, second.factor), (D("0.02"), D("0.025")))
        self.assertEqual((first.rate, first.method), (3, "monthly"))
        self.assertEqual(charge.billed_to, on(45))
        self.assertIsNone(charge.reason)

    def test_a_month_is_30_days_whatever_the_day_count(self):
        for day_count in ("act_365", "act_360", "act_act", "30e_360"):
            policy = yearly(3, method="monthly", day_count=day_count)
            self.assertEqual(accrue(item(), policy, on(45)).amount, 450)

    def test_legal_rate(self):
        case = VECTORS["T-IN-10"]
        for day_count, expected in case["expected"].items():
            with self.subTest(day_count):
                policy = yearly(case["rate"], day_count=day_count)
                charge = accrue(item(case["principal"]), policy, on(case["days"]))
                self.assertEqual(charge.amount, D(expected))

    def test_four_day_counts(self):
        case = VECTORS["T-IN-11"]
        owed = Item(date.fromisoformat(case["start"]), D(case["principal"]))
        for day_count, expected in case["expected"].items():
            with self.subTest(day_count):
                policy = yearly(case["rate"], day_count=day_count)
                charge = accrue(owed, policy, date.fromisoformat(case["end"]))
                self.assertEqual(charge.amount, D(expected))

    def test_published_formulas_of_other_systems(self):
        for name in ("T-IN-04", "T-IN-06"):
            case = VECTORS[name]
            with self.subTest(name):
                charge = accrue(
                    item(case["amount"]), yearly(case["rate"]), on(case["days"])
                )
                self.assertEqual(charge.amount, D(case["expected"]))

    def test_tiers_by_days_late(self):
        # JD Edwards: 15 % on days 1 to 30, 18 % from day 31; 12.3288 + 7.3973
        policy = Policy((), tiers=(Tier(1, D(15)), Tier(31, D(18))))
        charge = accrue(item("1000"), policy, on(45))
        self.assertEqual(charge.amount, D("19.73"))
        self.assertEqual(cents(charge.segments), ["12.33", "7.40"])
        self.assertEqual([part.days for part in charge.segments], [30, 15])
        self.assertEqual(charge.segments[1].date_from, on(31))

    def test_colombia_by_effective_rates_of_each_month(self):
        case = VECTORS["T-CO-02b"]
        rows = tuple(
            Rate(D(percent), date.fromisoformat(day))
            for day, percent in case["caps"].items()
        )
        owed = Item(
            date.fromisoformat(case["due"]),
            D(case["principal"]),
            (Change(date.fromisoformat(case["paid"]), -D(case["principal"])),),
        )
        table = Policy(rows, "effective")
        capped = Policy((Rate(D(30)),), "effective", caps=rows)
        for name, policy in (("table", table), ("caps", capped)):
            with self.subTest(name):
                charge = accrue(owed, policy, date(2025, 12, 31))
                self.assertEqual(cents(charge.segments), list(case["expected"]))
                self.assertEqual([part.days for part in charge.segments], [16, 20])
                self.assertEqual(charge.amount, D(case["total"]))
                self.assertEqual(charge.billed_to, date(2025, 11, 20))
                self.assertEqual(
                    {part.capped for part in charge.segments}, {name == "caps"}
                )
        # the simple reading of the same rates would be more: 243,715.07
        simple = accrue(owed, Policy(rows), date(2025, 12, 31))
        self.assertEqual(simple.amount, D("243715.07"))


class TestDays(BaseCase):
    def test_the_first_day_is_the_one_after_the_due_date(self):
        policy = yearly("36.5")  # 10 a day
        self.assertEqual(accrue(item(), policy, on(0)).reason, "not_due")
        self.assertEqual(accrue(item(), policy, on(-5)).reason, "not_due")
        charge = accrue(item(), policy, on(1))
        self.assertEqual(charge.amount, 10)
        self.assertEqual(charge.segments[0].date_from, on(1))
        self.assertEqual(charge.segments[0].date_to, on(1))

    def test_leap_years(self):
        owed = Item(date(2023, 12, 31), D(36500))
        end = date(2024, 12, 31)
        self.assertEqual(accrue(owed, yearly(10), end).amount, 3660)
        charge = accrue(owed, yearly(10, day_count="act_act"), end)
        self.assertEqual(charge.amount, 3650)
        self.assertEqual(charge.segments[0].days, 366)
        effective = accrue(owed, yearly(10, method="effective"), date(2024, 12, 30))
        self.assertEqual(effective.amount, 3650)

    def test_a_rate_valid_from_a_day_applies_to_that_day(self):
        rates = (
            Rate(D("36.5"), date_to=on(10)),
            Rate(D("73"), on(11)),
        )
        charge = accrue(item(), Policy(rates), on(12))
        self.assertEqual(cents(charge.segments), ["100.00", "40.00"])
        self.assertEqual(charge.segments[1].date_from, on(11))
        self.assertEqual(charge.segments[1].anchor, on(10))

    def test_a_rate_that_starts_on_the_due_date_counts_from_it(self):
        for starts in (0, 1):
            policy = Policy((Rate(D(24), on(starts)),), "effective")
            part = accrue(item(), policy, on(10)).segments[0]
            self.assertEqual(part.anchor, DUE)

    def test_30_360_counts_from_the_anchor_of_the_rate_period(self):
        # due on the 15th: one piece or two by a payment on 28 February, 76 days in all
        owed = Item(date(2026, 1, 15), D(3600), (Change(date(2026, 2, 28), D(-1800)),))
        charge = accrue(owed, yearly(10, day_count="30_360_us"), date(2026, 3, 31))
        # 28 February is day 43 from the anchor, 31 March day 76
        self.assertEqual([part.days for part in charge.segments], [43, 33])
        self.assertEqual(charge.amount, D("43") + D("16.5"))


class TestBalances(BaseCase):
    policy = yearly("36.5")

    def test_payment_before_the_due_date(self):
        self.assertEqual(
            accrue(item("10000", paid(9000, -3)), self.policy, on(1)).amount, 1
        )
        self.assertEqual(
            accrue(item("10000", paid(9000, 0)), self.policy, on(1)).amount, 1
        )

    def test_payment_on_the_last_day_is_too_late_for_it(self):
        owed = item("10000", paid(10000, 5))
        self.assertEqual(accrue(owed, self.policy, on(5)).amount, 50)
        self.assertEqual(accrue(owed, self.policy, on(90)).amount, 50)

    def test_nothing_for_a_balance_of_zero_or_below(self):
        charge = accrue(item("10000", paid(10000, -1)), self.policy, on(30))
        self.assertEqual((charge.amount, charge.reason), (0, "paid"))
        charge = accrue(item("10000", paid(10000, 0)), self.policy, on(30))
        self.assertEqual((charge.amount, charge.reason), (0, "paid"))
        charge = accrue(item("10000", paid(12000, -1)), self.policy, on(30))
        self.assertEqual((charge.amount, charge.segments), (0, ()))
        self.assertEqual(accrue(item("-500"), self.policy, on(30)).amount, 0)

    def test_a_reversed_payment_opens_the_item_again(self):
        back = Change(on(20), D(10000))
        charge = accrue(item("10000", paid(10000, 5), back), self.policy, on(30))
        # days 1 to 5 and 21 to 30
        self.assertEqual([part.days for part in charge.segments], [5, 10])
        self.assertEqual(charge.amount, 150)

    def test_a_payment_reversed_at_its_own_date_was_never_there(self):
        owed = item("10000", paid(4000, 5), Change(on(5), D(4000)))
        charge = accrue(owed, self.policy, on(30))
        self.assertEqual(charge.segments, accrue(item(), self.policy, on(30)).segments)

    def test_order_of_the_changes_does_not_matter(self):
        changes = (paid(1000, 3), paid(500, 3), Change(on(9), D(700)), paid(2000, 1))
        forward = accrue(item("10000", *changes), self.policy, on(30))
        back = accrue(item("10000", *changes[::-1]), self.policy, on(30))
        self.assertEqual(forward, back)

    def test_only_the_base_bears_interest(self):
        # 11,600 with 16 % tax, half of it paid on day 10
        owed = item("11600", paid(5800, 10), base=D(10000))
        charge = accrue(owed, self.policy, on(20))
        self.assertEqual([part.balance for part in charge.segments], [10000, 5000])
        self.assertEqual(charge.amount, 150)
        self.assertEqual(accrue(item(base=D(0)), self.policy, on(9)).reason, "zero")
        for amount, base in (("100", 101), ("100", -1), ("0", 0), ("-5", 0)):
            with self.subTest(f"{base} of {amount}"), self.assertRaises(ValueError):
                item(amount, base=D(base))


class TestRuns(BaseCase):
    policy = yearly("36.5")

    def test_a_second_run_charges_nothing(self):
        first = accrue(item(), self.policy, on(30))
        again = accrue(item(billed_to=first.billed_to), self.policy, on(30))
        self.assertEqual((again.amount, again.segments), (0, ()))
        self.assertEqual(again.billed_to, on(30))

    def test_the_next_run_starts_behind_the_watermark(self):
        charge = accrue(item(billed_to=on(30)), self.policy, on(40))
        self.assertEqual(charge.segments[0].date_from, on(31))
        self.assertEqual(charge.amount, 100)

    def test_no_day_is_lost_between_the_last_run_and_the_payment(self):
        owed = item("10000", paid(10000, 42))
        first = accrue(owed, self.policy, on(30))
        second = accrue(replace(owed, billed_to=first.billed_to), self.policy, on(60))
        self.assertEqual((first.amount, second.amount), (300, 120))
        self.assertEqual(second.billed_to, on(42))

    def test_a_watermark_before_the_due_date_charges_nothing_earlier(self):
        owed = item(billed_to=on(-20))
        self.assertEqual(accrue(owed, self.policy, on(3)).amount, 30)

    def test_half_a_cent_is_rounded_up_however_it_is_cut(self):
        # 1,000 at 0.1825 % for a year is 1.825; no day of it is a round number
        policy = yearly("0.1825")
        owed = item("1000")
        whole = accrue(owed, policy, on(365))
        self.assertEqual(whole.amount, D("1.83"))
        cut = [paid(1, day) for day in (17, 101, 303)]
        back = [Change(on(day), D(1)) for day in (18, 102, 304)]
        parts = accrue(item("1000", *cut, *back), policy, on(365))
        # three days at 999: 3 × 1 × 0.001825 / 365 less
        self.assertEqual(whole.exact - parts.exact, parts.segments[1].factor * 3)
        tiers = tuple(Tier(day, D("0.1825")) for day in (1, 18, 102, 304))
        tiered = accrue(owed, replace(policy, tiers=tiers), on(365))
        self.assertEqual(len(tiered.segments), 4)
        self.assertEqual((tiered.exact, tiered.amount), (whole.exact, D("1.83")))

    def test_half_a_cent_made_of_endless_fractions(self):
        # at 1 %: 10 × 7 days + 12.50 × 9 days, and 1 × 1 + 181.50 × 1, are 182.5 each,
        # and 182.5 / 36,500 is half a cent exactly
        for first, days, second in (("10", 7, "12.5"), ("1", 1, "181.5")):
            owed = item(first, Change(on(days), D(second) - D(first)))
            with self.subTest(first):
                end = on(16 if days == 7 else 2)
                self.assertEqual(accrue(owed, yearly(1), end).amount, D("0.01"))


class TestAdjustment(BaseCase):
    policy = yearly("36.5", grace_days=5, minimum=D(60))

    def billed(self, *changes):
        return item("10000", *changes, billed_to=on(30), billed=D(300))

    def test_nothing_changed(self):
        self.assertEqual(adjustment(self.billed(), self.policy), 0)
        self.assertEqual(adjustment(item(), self.policy), 0)

    def test_a_payment_dated_back(self):
        # days 11 to 30 at 4,000 less: 20 × 4; paid in grace: all of it
        self.assertEqual(adjustment(self.billed(paid(4000, 10)), self.policy), -80)
        self.assertEqual(adjustment(self.billed(paid(10000, 5)), self.policy), -300)

    def test_what_is_left_may_be_below_the_minimum(self):
        credit = paid(9000, -1)
        self.assertEqual(adjustment(self.billed(credit), self.policy), -270)

    def test_a_payment_reversed(self):
        owed = item("10000", paid(10000, 10), Change(on(10), D(10000)))
        charged = replace(owed, billed_to=on(10), billed=D(100))
        # behind the watermark the next run charges the rest
        self.assertEqual(adjustment(charged, self.policy), 0)
        self.assertEqual(accrue(charged, self.policy, on(30)).amount, 200)
        late = replace(charged, billed_to=on(30))
        self.assertEqual(adjustment(late, self.policy), 200)


class TestGrace(BaseCase):
    def test_threshold(self):
        policy = yearly("36.5", grace_days=5)
        for end, expected in ((5, 0), (6, 60)):
            charge = accrue(item(), policy, on(end))
            self.assertEqual(charge.amount, expected)
        self.assertEqual(accrue(item(), policy, on(5)).reason, "grace")
        self.assertIsNone(accrue(item(), policy, on(5)).billed_to)

    def test_threshold_looks_at_the_payment_not_at_the_run(self):
        policy = yearly("36.5", grace_days=5)
        in_time = accrue(item("10000", paid(10000, 5)), policy, on(60))
        self.assertEqual((in_time.amount, in_time.reason), (0, "grace"))
        late = accrue(item("10000", paid(10000, 6)), policy, on(60))
        self.assertEqual(late.amount, 60)

    def test_shift(self):
        policy = yearly("36.5", grace_days=5, grace_mode="shift")
        for end, expected in ((5, 0), (6, 10), (30, 250)):
            self.assertEqual(accrue(item(), policy, on(end)).amount, expected)
        charge = accrue(item(), policy, on(30))
        self.assertEqual(charge.segments[0].date_from, on(6))
        self.assertEqual(charge.segments[0].anchor, on(5))

    def test_grace_is_for_the_first_charge_only(self):
        for mode in ("threshold", "shift"):
            policy = yearly("36.5", grace_days=10, grace_mode=mode)
            charge = accrue(item(billed_to=on(12)), policy, on(15))
            self.assertEqual(charge.amount, 30)
        # charged before its shift by another policy: goes on from there
        charge = accrue(item(billed_to=on(3)), policy, on(15))
        self.assertEqual(charge.amount, 120)


class TestAmounts(BaseCase):
    def test_below_the_minimum_the_days_wait(self):
        policy = yearly("36.5", minimum=D(100))
        charge = accrue(item(), policy, on(9))
        self.assertEqual((charge.amount, charge.reason), (0, "minimum"))
        self.assertEqual((charge.exact, charge.billed_to), (90, None))
        self.assertEqual(accrue(item(), policy, on(10)).amount, 100)

    def test_no_more_than_the_maximum_of_an_item(self):
        policy = yearly("36.5", maximum=D(100))
        charge = accrue(item(), policy, on(30))
        self.assertEqual((charge.amount, charge.reason), (100, "maximum"))
        self.assertEqual(charge.billed_to, on(30))
        owed = item(billed_to=on(30), billed=D(100))
        self.assertEqual(accrue(owed, policy, on(60)).amount, 0)
        self.assertEqual(accrue(item(), policy, on(10)).reason, None)

    def test_less_than_half_a_cent_waits_too(self):
        charge = accrue(item("0.40"), yearly("3.65"), on(30))
        self.assertEqual((charge.amount, charge.reason), (0, "zero"))
        self.assertIsNone(charge.billed_to)

    def test_rounding_of_the_currency(self):
        charge = accrue(item("12345"), yearly("36.5", rounding=D(1)), on(1))
        self.assertEqual(charge.amount, 12)  # 12.345

    def test_within(self):
        for arguments, expected in (
            ((D(80),), (80, None)),
            ((D(80), D(80), D(80)), (80, None)),
            ((D(80), D(81)), (0, "minimum")),
            ((D(80), D(0), D(50), D(60)), (0, "maximum")),
            ((D(0), D(5)), (0, "zero")),
        ):
            with self.subTest(str(arguments)):
                self.assertEqual(within(*arguments), expected)


class TestRatesInForce(BaseCase):
    def test_missing_days_are_named(self):
        rates = (Rate(D(10), on(3), on(5)), Rate(D(10), on(8), on(10)))
        owed = item("10000", paid(100, 1))
        with self.assertRaises(MissingRate) as caught:
            accrue(owed, Policy(rates), on(12))
        found = [(gap.date_from, gap.date_to) for gap in caught.exception.gaps]
        self.assertEqual(found, [(on(1), on(2)), (on(6), on(7)), (on(11), on(12))])
        self.assertIn("rate from 2026-01-02 to 2026-01-03", str(caught.exception))

    def test_days_without_a_balance_need_no_rate(self):
        rates = (Rate(D("36.5"), on(1), on(5)),)
        charge = accrue(item("10000", paid(10000, 5)), Policy(rates), on(90))
        self.assertEqual(charge.amount, 50)

    def test_a_month_without_its_cap_is_refused(self):
        caps = (Rate(D(24), date_to=on(20)), Rate(D(25), on(22)))
        with self.assertRaisesRegex(MissingRate, "no cap for 2026-01-22$"):
            accrue(item(), yearly(20, caps=caps), on(40))

    def test_the_lower_of_rate_and_cap(self):
        caps = (Rate(D("18.25"), date_to=on(10)), Rate(D(73), on(11)))
        charge = accrue(item(), yearly("36.5", caps=caps), on(20))
        self.assertEqual(cents(charge.segments), ["50.00", "100.00"])
        self.assertEqual([part.capped for part in charge.segments], [True, False])
        self.assertEqual(
            [part.rate for part in charge.segments], [D("18.25"), D("36.5")]
        )
        equal = accrue(item(), yearly("36.5", caps=(Rate(D("36.5")),)), on(20))
        self.assertFalse(equal.segments[0].capped)

    def test_a_simple_rate_under_an_effective_cap(self):
        # 3 % a month reaches 1.001^365 − 1 = 44.03 % day by day
        for method, percent, day_count in (
            ("monthly", "3", "30e_360"),
            ("simple", "36", "act_360"),
        ):
            for cap, capped in (("44.02", True), ("44.03", False)):
                policy = yearly(
                    percent,
                    method=method,
                    day_count=day_count,
                    caps=(Rate(D(cap)),),
                    effective_caps=True,
                )
                part = accrue(item(), policy, on(45)).segments[0]
                with self.subTest(f"{method} under {cap}"):
                    self.assertEqual(part.capped, capped)
                    self.assertEqual(part.method, "effective" if capped else method)
        # 36.5 % over 365 days is the same thousandth a day
        policy = yearly("36.5", caps=(Rate(D("44.02")),), effective_caps=True)
        self.assertTrue(accrue(item(), policy, on(45)).segments[0].capped)

    def test_no_number_of_days_comes_out_above_the_effective_cap(self):
        cap = (Rate(D("24.36")),)
        for percent in ("18", "21", "21.8", "21.9", "24.36", "60"):
            policy = yearly(percent, caps=cap, effective_caps=True)
            for days in (1, 2, 7, 30, 180, 365, 400):
                charge = accrue(item(), policy, on(days))
                most = accrue(item(), Policy(cap, "effective"), on(days))
                self.assertLessEqual(charge.exact, most.exact, (percent, days))

    def test_tiers_over_a_table(self):
        # the table until day 30, then the tier; days before the first tier need a rate
        policy = yearly("36.5", tiers=(Tier(31, D(73)),))
        charge = accrue(item(), policy, on(40))
        self.assertEqual(cents(charge.segments), ["300.00", "200.00"])
        with self.assertRaises(MissingRate):
            accrue(item(), replace(policy, rates=()), on(40))

    def test_refused_policies(self):
        for values, message in (
            ({"method": "daily"}, "simple, effective, monthly"),
            ({"grace_mode": "wait"}, "threshold, shift"),
            ({"day_count": "act_364"}, "act_365"),
            ({"grace_days": -1}, "-1 grace days"),
            ({"tiers": (Tier(0, D(1)),)}, "rising"),
            ({"tiers": (Tier(9, D(1)), Tier(9, D(2)))}, "rising"),
            ({"tiers": (Tier(9, D(1)), Tier(3, D(2)))}, "rising"),
            ({"day_count": "30e_360", "effective_caps": True}, "actual days"),
        ):
            with (
                self.subTest(str(values)),
                self.assertRaisesRegex(PolicyError, message),
            ):
                yearly(6, **values)
        for values in ({"tiers": (Tier(1, D(101)),)}, {"caps": (Rate(D(-1)),)}):
            with self.subTest(str(values)), self.assertRaises(RateOutOfRange):
                yearly(6, **values)
