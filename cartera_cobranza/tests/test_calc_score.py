import random
from decimal import Decimal as D

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.score import (
    Band,
    Class,
    Group,
    Listed,
    Part,
    Points,
    Row,
    ScoreError,
    additive,
    class_of,
    ranked,
    worklist_score,
)


class TestWorklistScore(BaseCase):
    rules = (
        Points("overdue since 3 days", D(60)),
        Points("broken promise", D(40)),
        Points("no contact in 10 days", D(20)),
    )

    def test_published_case(self):
        # SAP: the rules are 120 together, the customer meets the one of 60
        self.assertEqual(worklist_score(self.rules, {"overdue since 3 days"}), 50)

    def test_all_none_and_others(self):
        everything = {rule.key for rule in self.rules}
        self.assertEqual(worklist_score(self.rules, everything), 100)
        self.assertEqual(worklist_score(self.rules, ()), 0)
        self.assertEqual(worklist_score(self.rules, {"of another strategy"}), 0)

    def test_a_typed_maximum(self):
        found = worklist_score(self.rules, {"overdue since 3 days"}, maximum=D(80))
        self.assertEqual(found, 75)

    def test_no_rules_no_score(self):
        self.assertIsNone(worklist_score((), ()))
        self.assertIsNone(worklist_score(self.rules, (), maximum=D(0)))

    def test_points_below_zero_are_refused(self):
        with self.assertRaisesRegex(ScoreError, "odd has -1 points"):
            worklist_score([Points("odd", D(-1))], ())

    def test_classes(self):
        for score, expected in (
            ("100", "very_high"),
            ("70", "very_high"),
            ("69.99", "high"),
            ("45", "high"),
            ("44.99", "medium"),
            ("20", "medium"),
            ("19.99", "low"),
            ("0", "low"),
        ):
            with self.subTest(score):
                self.assertEqual(class_of(D(score)), expected)
        self.assertIsNone(class_of(None))
        self.assertIsNone(class_of(D(5), (Class("some", D(10)),)))


class TestOrder(BaseCase):
    def test_ties(self):
        rows = [
            Row(1, None, D(999)),
            Row(9, D(50), D(100), 5),
            Row(4, D(50), D(100), 5),
            Row(5, D(50), D(100), 9),
            Row(6, D(50), D(200), 1),
            Row(7, D(51)),
            Row(2, D(0)),
        ]
        expected = [7, 6, 5, 4, 9, 2, 1]
        chance = random.Random(5)
        for _case in range(20):
            chance.shuffle(rows)
            self.assertEqual([row.partner for row in ranked(rows)], expected)


class TestAdditive(BaseCase):
    groups = (
        Group(
            "days late",
            (Band(D(30), None, D(0)), Band(D(20), D(0), D(15)), Band(D(0), D(15))),
        ),
        Group("country", (Listed(D(10), frozenset({"MX", "CO"})),)),
        Group("years", (Band(D(15), D(2)),)),
    )

    def test_the_sum_with_its_parts(self):
        found = additive(
            self.groups, {"days late": D(15), "country": "CO", "years": D(2)}
        )
        self.assertEqual(found.total, 25)
        self.assertEqual(
            found.parts,
            (
                Part("days late", 15, D(0)),
                Part("country", "CO", D(10)),
                Part("years", 2, D(15)),
            ),
        )
        self.assertEqual(found.unknown, ())

    def test_bands_are_half_open(self):
        for value, expected in (("-0.01", 30), ("0", 20), ("14.99", 20), ("15", 0)):
            with self.subTest(value):
                found = additive(self.groups[:1], {"days late": D(value)})
                self.assertEqual(found.total, expected)

    def test_what_is_not_known_is_not_zero(self):
        found = additive(self.groups, {"country": "BR", "years": D(1)})
        self.assertEqual(found.total, 0)
        self.assertEqual([part.points for part in found.parts], [None, None, None])
        self.assertEqual(found.unknown, ("days late",))
