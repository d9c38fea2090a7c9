from decimal import Decimal

try:
    from odoo.tests import BaseCase
except ImportError:  # plain pytest, no Odoo
    from unittest import TestCase as BaseCase

from hypothesis import given
from hypothesis import strategies as st

from ..calc.notes import Part, Share, proportional, split_total

CENT = Decimal("0.01")
PESO = Decimal(1)
amounts = st.decimals(min_value="0.01", max_value="9999999", places=2)


def part(base, percent, included=False):
    base = Decimal(base)
    total = base + base * Decimal(percent) / 100
    return Part(total, base, total if included else base)


class TestCalcNotes(BaseCase):
    """Amounts of notes in proportion to their invoice."""

    def test_quality_claim_of_the_field(self):
        # domain.md 1.6: invoice 11,600, claim 1,160 = 1,000 + 160
        shares = proportional(Decimal(1160), [part(10000, 16)], CENT)
        self.assertEqual(
            shares, [Share(Decimal(1160), Decimal(1000), Decimal(160), Decimal(1000))]
        )

    def test_two_rates_share_the_note(self):
        # 10,000 + 16 % = 11,600 and 5,000 at 0 %: of 1,660 they take 1,160 and 500
        shares = proportional(Decimal(1660), [part(10000, 16), part(5000, 0)], CENT)
        self.assertEqual(
            [(one.base, one.tax) for one in shares],
            [(Decimal(1000), Decimal(160)), (Decimal(500), Decimal(0))],
        )

    def test_prices_that_include_their_tax(self):
        share = proportional(Decimal(116), [part(1000, 16, True)], CENT)[0]
        self.assertEqual((share.base, share.price), (Decimal(100), Decimal(116)))

    def test_half_a_cent_goes_up_once(self):
        # 0.29 at 16 %: 0.25 and 0.04; 0.30: 0.2586 -> 0.26 and 0.04
        for total, base, tax in (("0.29", "0.25", "0.04"), ("0.30", "0.26", "0.04")):
            share = proportional(Decimal(total), [part(100, 16)], CENT)[0]
            self.assertEqual((share.base, share.tax), (Decimal(base), Decimal(tax)))

    def test_currency_without_cents(self):
        # 119,000 COP of which 19 % tax; a note over 1,000: 840.34 -> 840 and 160
        share = proportional(Decimal(1000), [part(100000, 19)], PESO)[0]
        self.assertEqual((share.base, share.tax), (Decimal(840), Decimal(160)))

    def test_parts_without_an_amount_take_nothing(self):
        shares = proportional(Decimal(50), [part(0, 16), part(100, 0)], CENT)
        self.assertEqual([one.total for one in shares], [Decimal(50)])

    def test_nothing_to_divide_by(self):
        with self.assertRaises(ValueError):
            split_total(Decimal(1), [Decimal(0)], CENT)

    @given(amounts, st.lists(amounts, min_size=1, max_size=8))
    def test_shares_add_up(self, total, weights):
        shares = split_total(total, weights, CENT)
        self.assertEqual(sum(shares), total)
        whole = sum(weights)
        for share, weight in zip(shares, weights, strict=True):
            self.assertLessEqual(abs(share - total * weight / whole), CENT)

    @given(amounts, st.lists(st.tuples(amounts, st.sampled_from((0, 8, 16, 19)))))
    def test_base_and_tax_make_the_total(self, total, rates):
        parts = [part(base, rate) for base, rate in rates] or [part(1, 16)]
        shares = proportional(total, parts, CENT)
        self.assertEqual(sum(one.base + one.tax for one in shares), total)
