"""Laws that hold for any books, tried on many of them."""

from decimal import Decimal as D

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.gate import Charge, Rule, Standing, covered, decide
from ..calc.limit import Limit, available, effective_limit
from ..calc.money import convert, round_money, to_decimal
from ..calc.position import (
    Amount,
    Figures,
    Line,
    Terms,
    breakdown,
    exposure,
    pocket_exposure,
    position,
)

# a busy machine is no reason to fail, and nothing is written beside the tests
settings.register_profile(
    "cartera",
    deadline=None,
    database=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("cartera")

CENT = D("0.01")
SOURCES = ("receivable", "draft_invoice", "uncleared_payment", "order_to_deliver")


def decimals(low, high, places):
    """Exact decimals, made from whole numbers: far quicker than ``st.decimals``."""
    step = D(1).scaleb(-places)
    return st.integers(int(low / step), int(high / step)).map(lambda n: n * step)


money = decimals(D(-1000000), D(1000000), 2)
fine = decimals(D(-1000000), D(1000000), 5)
positive = decimals(CENT, D(1000000), 2)
roundings = st.sampled_from([D("0.01"), D("1"), D("0.05")])
limits = st.builds(
    Limit,
    st.one_of(st.none(), st.just(D(0)), positive),
    st.booleans(),
    st.just("line"),
)
amounts = st.lists(
    st.builds(Amount, st.sampled_from(SOURCES), st.sampled_from([1, 2, 3]), fine, fine),
    max_size=12,
)
standings = st.builds(
    Standing,
    limits,
    money,
    group=st.one_of(st.none(), limits),
    group_exposure=money,
    overdue_amount=decimals(D(0), D(10000), 2),
    overdue_days=st.integers(0, 400),
    line_standing=st.sampled_from(["active", "suspended", "expired", "absent"]),
)
thresholds = decimals(D(0), D(500), 1)
rules = st.lists(
    st.builds(
        Rule,
        st.integers(1, 99),
        st.just("block"),
        st.sampled_from(
            [
                "over_limit",
                "percent_used",
                "no_line",
                "line_expired",
                "suspended",
                "overdue_days",
                "overdue_amount",
                "order_amount",
                "always",
            ]
        ),
        thresholds,
        thresholds,
        st.one_of(st.just(D(0)), thresholds),
    ),
    max_size=5,
)


class TestLaws(BaseCase):
    @given(amounts, roundings)
    def test_the_parts_of_an_exposure_add_up_to_it(self, parts, rounding):
        one = Figures(partner=1, amounts=tuple(parts))
        whole = breakdown(one, rounding)
        self.assertEqual(sum(whole.values(), D(0)), exposure(one, rounding))
        self.assertEqual(set(whole), {part.source for part in parts})

    @given(st.data(), amounts)
    def test_the_order_of_amounts_changes_nothing(self, data, parts):
        other = data.draw(st.permutations(parts))
        first = Figures(partner=1, amounts=tuple(parts))
        second = Figures(partner=1, amounts=tuple(other))
        self.assertEqual(breakdown(first, CENT), breakdown(second, CENT))
        terms = Terms("none", D(0), CENT)
        self.assertEqual(position(first, terms), position(second, terms))

    @given(amounts)
    def test_pockets_add_up_to_the_whole(self, parts):
        """In a company whose currencies are all worth one, nothing is lost."""
        same = tuple(
            Amount(part.source, part.currency, part.company, part.company)
            for part in parts
        )
        line = Line(1, 2, "active", "amount", D(9), None, D(0), D(1))
        one = Figures(partner=1, amounts=same, lines=(line,))
        terms = Terms("none", D(0), D("0.00001"))
        pockets = pocket_exposure(one, 2, terms) + pocket_exposure(one, None, terms)
        self.assertEqual(pockets, exposure(one, terms.rounding))

    @given(limits, money, st.one_of(st.none(), limits), money)
    def test_available_is_the_lower_room_of_what_binds(self, own, owed, group, ours):
        found = available(own, owed, group, ours)
        if own.unlimited:
            self.assertIsNone(found)
            return
        rooms = []
        if group is None or own.amount != 0 or own.mandatory:
            rooms.append(own.amount - owed)
        if group is not None and not group.unlimited:
            rooms.append(group.amount - ours)
        self.assertEqual(found, min(rooms) if rooms else None)

    @given(limits, st.one_of(st.none(), limits))
    def test_the_effective_limit_is_never_above_a_limit_that_binds(self, own, group):
        found = effective_limit(own, group)
        if own.unlimited:
            self.assertTrue(found.unlimited)
        elif own.amount or own.mandatory or group is None:
            self.assertLessEqual(found.amount, own.amount)
            if group and not group.unlimited:
                self.assertLessEqual(found.amount, max(own.amount, group.amount))
                if own.amount:
                    self.assertLessEqual(found.amount, group.amount)
        else:
            self.assertEqual(found.amount, group.amount)

    @settings(max_examples=150)
    @given(rules, standings, positive, positive)
    def test_more_is_never_let_pass_where_less_is_held(self, table, one, less, more):
        less, more = sorted((less, more))
        held_less = {r.code for r in decide(table, one, Charge.of(less))}
        held_more = {r.code for r in decide(table, one, Charge.of(more))}
        self.assertLessEqual(held_less, held_more)

    @given(standings, positive)
    def test_over_the_limit_is_more_than_what_is_available(self, one, amount):
        table = [Rule(1, "block", "over_limit")]
        free = available(one.own, one.exposure, one.group, one.group_exposure)
        held = bool(decide(table, one, Charge.of(amount)))
        self.assertEqual(held, free is not None and amount > free)

    @given(standings, positive, positive)
    def test_two_documents_are_one_of_their_sum(self, one, first, second):
        table = [
            Rule(1, "block", "over_limit"),
            Rule(2, "block", "percent_used", D(90)),
        ]
        together = decide(table, one, Charge.of(first + second))
        after = decide(table, one.after(Charge.of(first)), Charge.of(second))
        self.assertEqual(together, after)

    @given(positive, money, money, positive, positive)
    def test_a_higher_authority_covers_what_a_lower_one_does(
        self, amount, base, more, limit, percent
    ):
        if covered(amount, base, limit, percent):
            self.assertLessEqual(amount, limit)
            self.assertTrue(covered(amount, base, limit + abs(more), percent))
            self.assertTrue(covered(amount, base + abs(more), limit, percent))
            self.assertTrue(covered(amount, base, D(0), percent))

    @given(fine, roundings)
    def test_rounding_moves_by_half_a_step_at_most(self, amount, rounding):
        found = round_money(amount, rounding)
        self.assertLessEqual(abs(found - amount) * 2, rounding)
        self.assertEqual(found % rounding, 0)
        self.assertEqual(round_money(-amount, rounding), -found)
        self.assertEqual(round_money(found, rounding), found)

    @given(money)
    def test_amounts_survive_the_way_through_a_float(self, amount):
        self.assertEqual(to_decimal(float(amount)), amount)

    @given(positive, decimals(CENT, D(100), 4))
    def test_there_and_back_again(self, amount, rate):
        there = convert(amount, D(1), rate, D("1E-12"))
        self.assertEqual(convert(there, rate, D(1), CENT), amount)
