from decimal import Decimal as D

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.gate import (
    CONDITIONS,
    Charge,
    Condition,
    Found,
    Reason,
    Rule,
    Standing,
    covered,
    decide,
    percent_used,
)
from ..calc.limit import Limit


def line(amount, source="line", mandatory=True):
    return Limit(None if amount is None else D(amount), mandatory, source)


def standing(limit, exposure=0, **kwargs):
    return Standing(
        limit if isinstance(limit, Limit) else line(limit), D(exposure), **kwargs
    )


def grouped(limit, exposure, group, group_exposure, **kwargs):
    return standing(
        limit,
        exposure,
        group=Limit(None if group is None else D(group), True, "group"),
        group_exposure=D(group_exposure),
        **kwargs,
    )


def rule(condition="over_limit", threshold=0, kind="block", number=1, **kwargs):
    amounts = {
        key: D(value) if key in ("tolerance", "min_percent_used") else value
        for key, value in kwargs.items()
    }
    return Rule(number, kind, condition, D(threshold), **amounts)


def codes(rules, stand, amount):
    return [one.code for one in decide(rules, stand, Charge.of(D(amount)))]


class TestWorkedExamples(BaseCase):
    def test_limit_of_100000_of_the_field(self):
        """Limit 100,000 and exposure 72,000 (45,000 + 10,000 + 20,000 - 3,000)."""
        before = standing(100000, 72000)
        cases = [
            # order, threshold in percent, held
            ("22000", 100, False),  # 94,000
            ("22000", 90, True),  # 94 % is above 90 %
            ("28000", 100, False),  # exactly 100,000 passes
            ("28000.01", 100, True),
            ("18000", 90, False),  # exactly 90 % passes as well
            ("18000.01", 90, True),
        ]
        for order, threshold, held in cases:
            for condition in ("over_limit", "percent_used"):
                with self.subTest(order=order, threshold=threshold, by=condition):
                    found = codes([rule(condition, threshold)], before, order)
                    self.assertEqual(found, [condition] if held else [])

    def test_group_of_10000_with_two_rules_held_orders_counted(self):
        """Published walk-through D16; the source holds the 2,000, we let it pass.

        Rule 1: overdue above 3,000 and use above 70 %; rule 2: use above 100 %.
        """
        rules = [
            rule("overdue_amount", 3000, number=1, min_percent_used=70),
            rule("percent_used", 100, number=2),
        ]
        none = Limit(D(0), False, "group")
        a = grouped(none, 4000, 10000, 4000, overdue_amount=D(4000), overdue_days=20)
        self.assertEqual(decide(rules, a, Charge.of(D(2000))), [])  # 60 %
        held = decide(rules, a, Charge.of(D(4000)))  # 80 %
        self.assertEqual([one.rule_id for one in held], [1])
        # A's held 4,000 count: the group stands at 8,000, B owes nothing itself
        b = grouped(none, 0, 10000, 8000)
        self.assertEqual(decide(rules, b, Charge.of(D(1999))), [])
        self.assertEqual(decide(rules, b, Charge.of(D(2000))), [])  # exactly 100 %
        over = decide(rules, b, Charge.of(D("2000.01")))
        self.assertEqual([one.rule_id for one in over], [2])


class TestOverLimit(BaseCase):
    def measure(self, stand, amount, threshold=0):
        condition = CONDITIONS["over_limit"]
        return condition.measure(stand, Charge.of(D(amount)), rule(threshold=threshold))

    def test_says_what_was_measured_and_allowed(self):
        found = self.measure(standing(100, 60), 50)
        self.assertEqual(found, Found(D(110), D(100), None))

    def test_an_empty_threshold_is_100_percent(self):
        self.assertIsNone(self.measure(standing(100, 60), 40))
        self.assertIsNotNone(self.measure(standing(100, 60), "40.01"))

    def test_percent_scales_the_limit(self):
        self.assertIsNone(self.measure(standing(100, 60), 50, threshold=110))
        found = self.measure(standing(100, 60), 51, threshold=110)
        self.assertEqual(found, Found(D(111), D(110), None))

    def test_the_pocket_has_its_own_currency(self):
        stand = standing(100, 60, currency=7)
        charge = Charge(own=D(50), company=D(900))
        found = CONDITIONS["over_limit"].measure(stand, charge, rule())
        self.assertEqual(found, Found(D(110), D(100), 7))

    def test_own_and_group_must_both_hold(self):
        cases = [
            # own limit, own exposure, group limit, group exposure, charge, expected
            (100, 50, 500, 100, 50, None),
            (100, 50, 500, 100, 51, (101, 100)),
            (100, 10, 500, 490, 10, None),
            (100, 10, 500, 490, 11, (501, 500)),
            (100, 95, 500, 495, 6, (101, 100)),  # both missed: the own one is told
            (100, 50, None, 9999, 50, None),
        ]
        for *state, charge, expected in cases:
            with self.subTest(state=state, charge=charge):
                found = self.measure(grouped(*state), charge)
                wanted = expected and Found(D(expected[0]), D(expected[1]), None)
                self.assertEqual(found, wanted)

    def test_unlimited_skips_the_group_too(self):
        stand = grouped(line(None, mandatory=False), 10**9, 100, 10**9)
        self.assertIsNone(self.measure(stand, 10**9))

    def test_a_member_without_own_limit_is_bound_by_the_group_alone(self):
        stand = grouped(line(0, "group", False), 50, 100, 50)
        self.assertIsNone(self.measure(stand, 50))
        self.assertEqual(self.measure(stand, 51), Found(D(101), D(100), None))

    def test_no_credit_inside_a_group_with_room(self):
        stand = grouped(line(0, "line", True), 0, 1000, 0)
        self.assertEqual(self.measure(stand, "0.01"), Found(D("0.01"), D(0), None))

    def test_a_customer_in_credit_may_buy_for_it(self):
        stand = standing(line(0, "none", False), -300)
        self.assertIsNone(self.measure(stand, 300))
        self.assertIsNotNone(self.measure(stand, "300.01"))


class TestPercentUsed(BaseCase):
    def test_the_higher_of_own_and_group(self):
        cases = [
            # standing, charge, expected percent
            (standing(100, 72), 22, 94),
            (grouped(100, 40, 1000, 900), 10, 91),  # own 50 %, group 91 %
            (grouped(100, 80, 1000, 100), 10, 90),  # own 90 %, group 11 %
            (grouped(100, 40, None, 900), 10, 50),
            (grouped(line(0, "group", False), 40, 200, 40), 10, 25),
            (standing(line(None, mandatory=False), 40), 10, None),
            (standing(line(0, "none", False), 0), 0, 0),
            (standing(line(0, "none", False), -50), 10, 0),
            (standing(200, -50), 10, -20),
        ]
        for stand, charge, expected in cases:
            with self.subTest(stand=stand, charge=charge):
                found = percent_used(stand, Charge.of(D(charge)))
                self.assertEqual(found, None if expected is None else D(expected))

    def test_owing_against_nothing_is_without_bound(self):
        found = percent_used(standing(line(0, "none", False), 0), Charge.of(D(1)))
        self.assertEqual(found, D("Infinity"))
        self.assertEqual(
            codes([rule("percent_used", 90)], standing(line(0, "none", False)), 1),
            ["percent_used"],
        )

    def test_unlimited_is_never_used_up(self):
        stand = standing(line(None, mandatory=False), 10**9)
        self.assertEqual(codes([rule("percent_used", 1)], stand, 10**9), [])

    def test_after_adds_to_own_and_group(self):
        after = grouped(100, 40, 1000, 900).after(Charge(D(2), D(30)))
        self.assertEqual((after.exposure, after.group_exposure), (D(42), D(930)))


class TestOtherConditions(BaseCase):
    def found(self, condition, stand, amount=1, **kwargs):
        measure = CONDITIONS[condition].measure
        return measure(stand, Charge.of(D(amount)), rule(condition, **kwargs))

    def test_overdue_days_need_days_and_more_than_the_tolerance(self):
        cases = [
            # days, amount, threshold, tolerance, expected days
            (31, 500, 30, 1, 31),
            (30, 500, 30, 1, None),
            (31, 1, 30, 1, None),
            (31, "1.01", 30, 1, 31),
            (1, 500, 0, 0, 1),
            (0, 0, 0, 0, None),
        ]
        for days, amount, threshold, tolerance, expected in cases:
            stand = standing(100, overdue_days=days, overdue_amount=D(amount))
            with self.subTest(days=days, amount=amount):
                found = self.found(
                    "overdue_days", stand, threshold=threshold, tolerance=tolerance
                )
                wanted = expected and Found(D(expected), D(threshold))
                self.assertEqual(found, wanted)

    def test_overdue_amount_is_strictly_above_threshold_and_tolerance(self):
        cases = [
            # overdue, threshold, tolerance, allowed (None: passes)
            (3000, 3000, 0, None),
            ("3000.01", 3000, 0, 3000),
            (50, 0, 100, None),
            (101, 0, 100, 100),
            (101, 90, 100, 100),
            (0, 0, 0, None),
        ]
        for overdue, threshold, tolerance, allowed in cases:
            stand = standing(100, overdue_amount=D(overdue))
            with self.subTest(overdue=overdue, tolerance=tolerance):
                found = self.found(
                    "overdue_amount", stand, threshold=threshold, tolerance=tolerance
                )
                wanted = None if allowed is None else Found(D(overdue), D(allowed))
                self.assertEqual(found, wanted)

    def test_no_line(self):
        none = line(0, "none", False)
        absent = standing(none, 5, line_standing="absent")
        self.assertEqual(self.found("no_line", absent, 10), Found(D(15), D(0), None))
        with_default = standing(line(9, "default"), 5, line_standing="absent")
        self.assertIsNone(self.found("no_line", with_default))
        in_group = grouped(line(0, "group", False), 5, 9, 5, line_standing="absent")
        self.assertIsNone(self.found("no_line", in_group))
        self.assertIsNone(self.found("no_line", standing(100, 5)))

    def test_line_expired_is_measured_in_days(self):
        stand = standing(0, line_standing="expired", facts={"days_expired": 12})
        self.assertEqual(self.found("line_expired", stand), Found(D(12), D(0)))
        bare = standing(0, line_standing="expired")
        self.assertEqual(self.found("line_expired", bare), Found(D(0), D(0)))
        self.assertIsNone(self.found("line_expired", standing(100)))

    def test_suspended(self):
        stand = standing(0, 40, line_standing="suspended", currency=3)
        self.assertEqual(self.found("suspended", stand, 2), Found(D(42), D(0), 3))
        self.assertIsNone(self.found("suspended", standing(100)))

    def test_order_amount_looks_at_the_whole_document(self):
        """A document of 900 of which 100 are still to be charged."""
        stand = standing(100, facts={"document_amount": D(900)})
        self.assertEqual(
            self.found("order_amount", stand, 100, threshold=800), Found(D(900), D(800))
        )
        self.assertIsNone(self.found("order_amount", stand, 100, threshold=900))
        bare = standing(100)
        self.assertEqual(
            self.found("order_amount", bare, 900, threshold=800), Found(D(900), D(800))
        )

    def test_order_amount_exempts_up_to_its_threshold(self):
        stand = standing(100)
        for amount, applies in ((499, True), (500, True), ("500.01", False)):
            with self.subTest(amount=amount):
                found = self.found(
                    "order_amount", stand, amount, threshold=500, kind="exempt"
                )
                self.assertEqual(found is not None, applies)

    def test_always(self):
        self.assertEqual(self.found("always", standing(100), 5), Found(D(5), D(0)))

    def test_broken_promises_count_above_the_threshold(self):
        check = CONDITIONS["broken_promise"].measure
        allowed = rule("broken_promise", threshold=D(100))
        for broken, found in ((None, None), (D(100), None), (D("100.01"), D("100.01"))):
            facts = {} if broken is None else {"broken_promises": broken}
            result = check(standing(100, 90, facts=facts), Charge.of(D(10)), allowed)
            self.assertEqual(result and result.measured, found)

    def test_unapproved_is_told_by_the_facts_alone(self):
        check = CONDITIONS["unapproved"].measure
        for facts, found in (({}, None), ({"unapproved": D(1)}, D(10))):
            result = check(
                standing(100, 0, facts=facts), Charge.of(D(10)), rule("unapproved")
            )
            self.assertEqual(result and result.measured, found)

    def test_kinds_say_whose_authority_is_needed(self):
        kinds = {code: condition.kind for code, condition in CONDITIONS.items()}
        self.assertEqual(
            kinds,
            {
                "over_limit": "limit",
                "percent_used": "limit",
                "no_line": "limit",
                "line_expired": "limit",
                "suspended": "other",
                "overdue_days": "overdue",
                "overdue_amount": "overdue",
                "order_amount": "other",
                "broken_promise": "overdue",
                "unapproved": "other",
                "always": "other",
            },
        )


class TestDecide(BaseCase):
    over = rule("over_limit", number=1)
    late = rule("overdue_amount", number=2)

    def bad(self):
        return standing(100, 90, overdue_amount=D(10), overdue_days=3)

    def test_all_reasons_are_told(self):
        reasons = decide([self.over, self.late], self.bad(), Charge.of(D(20)))
        self.assertEqual(
            reasons,
            [
                Reason(1, "over_limit", "limit", D(110), D(100)),
                Reason(2, "overdue_amount", "overdue", D(10), D(0)),
            ],
        )

    def test_without_rules_all_passes(self):
        self.assertEqual(decide([], self.bad(), Charge.of(D(20))), [])

    def test_an_exemption_ends_the_check_and_keeps_what_came_before(self):
        exempt = rule("order_amount", 50, kind="exempt", number=9)
        cases = [
            ([exempt, self.over, self.late], []),
            ([self.over, exempt, self.late], ["over_limit"]),
            ([self.over, self.late, exempt], ["over_limit", "overdue_amount"]),
        ]
        for rules, expected in cases:
            with self.subTest(rules=[one.condition for one in rules]):
                self.assertEqual(codes(rules, self.bad(), 20), expected)

    def test_an_exemption_that_does_not_apply_changes_nothing(self):
        exempt = rule("order_amount", 5, kind="exempt", number=9)
        found = codes([exempt, self.over, self.late], self.bad(), 20)
        self.assertEqual(found, ["over_limit", "overdue_amount"])

    def test_stop_ends_the_check_when_it_blocks(self):
        stop = rule("over_limit", number=1, stop=True)
        self.assertEqual(codes([stop, self.late], self.bad(), 20), ["over_limit"])
        self.assertEqual(codes([stop, self.late], self.bad(), 5), ["overdue_amount"])

    def test_and_use_above_a_percentage(self):
        late = rule("overdue_amount", min_percent_used=70)
        cases = [
            # exposure before, order, held
            (40, 30, False),  # exactly 70 %
            (40, "30.01", True),
            (0, 1, False),
        ]
        for exposure, order, held in cases:
            stand = standing(100, exposure, overdue_amount=D(10))
            with self.subTest(exposure=exposure, order=order):
                found = codes([late], stand, order)
                self.assertEqual(found, ["overdue_amount"] if held else [])

    def test_and_use_above_never_holds_an_unlimited_customer(self):
        stand = standing(line(None, mandatory=False), 40, overdue_amount=D(10))
        self.assertEqual(
            codes([rule("overdue_amount", min_percent_used=1)], stand, 1), []
        )

    def test_conditions_of_other_addons(self):
        broken = Condition("overdue", lambda stand, charge, one: Found(D(2), D(0)))
        reasons = decide(
            [rule("promise_broken")],
            standing(100),
            Charge.of(D(1)),
            {"promise_broken": broken},
        )
        self.assertEqual(
            reasons, [Reason(1, "promise_broken", "overdue", D(2), D(0), None)]
        )


class TestCovered(BaseCase):
    def test_amount_and_percent_must_both_cover(self):
        cases = [
            # amount, base, up to amount, up to percent, covered
            (900, 10000, 1000, 10, True),
            (1000, 10000, 1000, 10, True),  # both to the last cent
            ("1000.01", 10000, 1000, 0, False),
            ("1000.01", 10000, 0, 10, False),
            ("1000.01", 10000, 2000, 10, False),
            (1000, 10000, 999, 10, False),
            (5000, 0, 5000, 0, True),
            (1, 0, 0, 10, False),  # a percentage of nothing covers nothing
            (1, -5, 0, 10, False),
            (1, 10000, 0, 0, False),  # an empty authority authorises nothing
            (0, 10000, 0, 10, True),
        ]
        for amount, base, up_to, percent, expected in cases:
            with self.subTest(amount=amount, up_to=up_to, percent=percent):
                found = covered(D(amount), D(base), D(up_to), D(percent))
                self.assertIs(found, expected)
