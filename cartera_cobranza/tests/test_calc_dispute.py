"""What became of disputed amounts: worked by hand, and that the parts add up."""

import random
from decimal import Decimal

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.dispute import CREDIT, PAYMENT, WRITE_OFF, Applied, Case, split


def d(value):
    return Decimal(str(value))


def parts(share):
    return tuple(
        float(one)
        for one in (share.credited, share.paid, share.written_off, share.remaining)
    )


# 1,200 are disputed: what was applied, what is open of the invoice, (credited, paid, written off, remaining)
ONE = (
    ([], 5800, (0, 0, 0, 1200)),
    ([Applied(1, d(4600), PAYMENT)], 1200, (0, 0, 0, 1200)),
    ([Applied(1, d(5000), PAYMENT)], 800, (0, 400, 0, 800)),
    ([Applied(1, d(1200), CREDIT, 1)], 4600, (1200, 0, 0, 0)),
    ([Applied(1, d(700), CREDIT, 1)], 5100, (700, 0, 0, 500)),
    # a note for nothing in particular goes to the rest
    ([Applied(1, d(1000), CREDIT)], 4800, (0, 0, 0, 1200)),
    # the newest entry is what reached the disputed part
    (
        [Applied(1, d(5000), PAYMENT), Applied(2, d(800), WRITE_OFF)],
        0,
        (0, 400, 800, 0),
    ),
    # a note larger than the dispute pays the rest of the invoice as well
    ([Applied(1, d(2000), CREDIT, 1)], 3800, (1200, 0, 0, 0)),
    # cancelled with its invoice
    ([], 0, (0, 0, 1200, 0)),
)


class TestDispute(BaseCase):
    def test_one_dispute(self):
        for applied, residual, expected in ONE:
            with self.subTest(applied=applied, residual=residual):
                found = split([Case(1, d(1200))], applied, d(residual))
                self.assertEqual(parts(found[1]), expected)

    def test_entries_from_before_do_not_explain_it(self):
        case = Case(1, d(1000), since=5)
        found = split([case], [Applied(5, d(900), PAYMENT)], d(400))
        self.assertEqual(parts(found[1]), (0, 0, 600, 400))

    def test_the_oldest_dispute_keeps_what_is_left(self):
        found = split(
            [Case(2, d(300)), Case(1, d(500))], [Applied(1, d(400), PAYMENT)], d(600)
        )
        self.assertEqual(parts(found[1]), (0, 0, 0, 500))
        self.assertEqual(parts(found[2]), (0, 200, 0, 100))

    def test_parts_add_up_to_the_whole(self):
        draw = random.Random(3)

        def amount():
            return Decimal(draw.randint(1, 100_000)) / 100

        for _round in range(500):
            cases = [Case(number, amount()) for number in range(1, draw.randint(2, 5))]
            applied = [
                Applied(
                    number,
                    amount(),
                    draw.choice([CREDIT, PAYMENT, WRITE_OFF]),
                    draw.choice([None, 1, 2]),
                )
                for number in range(draw.randint(0, 5))
            ]
            left = Decimal(draw.randint(0, 200_000)) / 100
            found = split(cases, applied, left)
            for case in cases:
                share = found[case.id]
                each = (
                    share.credited,
                    share.paid,
                    share.written_off,
                    share.remaining,
                )
                self.assertEqual(sum(each), case.amount)
                self.assertGreaterEqual(min(each), 0)
            self.assertLessEqual(sum(one.remaining for one in found.values()), left)
