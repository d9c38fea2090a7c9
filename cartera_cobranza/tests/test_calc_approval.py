"""Who may sign, and when signatures are enough."""

from hypothesis import given
from hypothesis import strategies as st

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.approval import Signature, choose, is_enough

ANA, BEA, CARL, DAN = 1, 2, 3, 4


class TestChoose(BaseCase):
    def test_the_own_authority_before_a_lent_one(self):
        found = choose(BEA, {CARL: 1, BEA: 1}, [], {ANA}).signature
        self.assertEqual(found, Signature(BEA, BEA, 1))

    def test_the_strongest_first(self):
        found = choose(BEA, {BEA: 2, CARL: 1}, [], {ANA}).signature
        self.assertEqual(found, Signature(BEA, CARL, 1))

    def test_problems(self):
        signed = [Signature(CARL, CARL, 2)]
        cases = [
            ("own", BEA, {BEA: 1}, [], {BEA}),
            ("twice", CARL, {CARL: 2, DAN: 2}, signed, {ANA}),
            ("none", BEA, {}, [], {ANA}),
            # the lender is who asked for it
            ("lent", BEA, {ANA: 1}, [], {ANA}),
            # the lender has signed
            ("lent", BEA, {CARL: 2}, signed, {ANA}),
            # somebody signed on the lender's authority already
            ("lent", BEA, {DAN: 2}, [Signature(CARL, DAN, 2)], {ANA}),
            # whoever signs on a lent authority does not lend the own for the second signature
            ("lent", BEA, {CARL: 2}, [Signature(CARL, DAN, 2)], {ANA}),
        ]
        for problem, user, authority, given_, requesters in cases:
            with self.subTest(problem, user=user, given=given_):
                found = choose(user, authority, given_, requesters)
                self.assertEqual((found.problem, found.signature), (problem, None))


class TestIsEnough(BaseCase):
    def test_one_alone_or_two_people(self):
        cases = [
            ([], False),
            ([Signature(ANA, ANA, 1)], True),
            ([Signature(ANA, ANA, 2)], False),
            ([Signature(ANA, ANA, 2), Signature(BEA, BEA, 2)], True),
            ([Signature(ANA, ANA, 2), Signature(BEA, ANA, 2)], False),
            ([Signature(ANA, ANA, 2), Signature(ANA, BEA, 2)], False),
        ]
        for signatures, expected in cases:
            with self.subTest(signatures):
                self.assertEqual(is_enough(signatures), expected)

    people = st.integers(1, 4)

    @given(
        st.lists(st.tuples(people, st.dictionaries(people, st.sampled_from([1, 2])))),
        st.sets(people, min_size=1),
    )
    def test_what_was_chosen_never_breaks_the_rules(self, attempts, requesters):
        """Nobody twice, no requester, no authority twice; two shared ones are always enough."""
        signatures = []
        for user, authority in attempts:
            found = choose(user, authority, signatures, requesters)
            self.assertNotEqual(found.signature is None, found.problem is None)
            if found.signature:
                signatures.append(found.signature)
        users = [one.user for one in signatures]
        principals = [one.principal for one in signatures]
        self.assertEqual(len(users), len(set(users)))
        self.assertEqual(len(principals), len(set(principals)))
        self.assertFalse({*users, *principals} & requesters)
        self.assertTrue(len(signatures) < 2 or is_enough(signatures))
