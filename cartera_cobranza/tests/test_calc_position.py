from decimal import Decimal as D

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.limit import Limit
from ..calc.position import (
    Amount,
    Figures,
    Held,
    Line,
    Terms,
    breakdown,
    exposure,
    held_amount,
    held_in_pocket,
    own_limit,
    pocket_exposure,
    position,
    standing_for,
)

CENT = D("0.01")
MXN, USD, EUR = 1, 2, 3  # the company keeps its books in MXN
TERMS = Terms("none", D(0), CENT)


def line(amount=0, scope=None, mode="amount", standing="active", rate=1, **kwargs):
    vals = {"temporary": None, "guarantee": D(0), "days_expired": 0} | kwargs
    return Line(
        id=kwargs.pop("id", 1),
        scope=scope,
        standing=standing,
        mode=mode,
        amount=D(amount),
        temporary=None if vals["temporary"] is None else D(vals["temporary"]),
        guarantee=D(vals["guarantee"]),
        rate=D(rate),
        days_expired=vals["days_expired"],
    )


def owes(company, source="receivable", currency=MXN, document=None):
    return Amount(
        source, currency, D(company if document is None else document), D(company)
    )


def figures(*amounts, lines=(), **kwargs):
    return Figures(partner=1, amounts=tuple(amounts), lines=tuple(lines), **kwargs)


class TestExposure(BaseCase):
    def test_the_worked_example_of_the_field(self):
        """45,000 + 10,000 + 20,000 - 3,000 = 72,000; 28,000 are left of 100,000."""
        one = figures(
            owes(45000),
            owes(10000, "delivered_not_invoiced"),
            owes(20000, "order_to_deliver"),
            owes(-3000),
            lines=[line(100000)],
        )
        whole = position(one, TERMS)
        self.assertEqual(whole.exposure, D(72000))
        self.assertEqual(
            whole.breakdown,
            {
                "receivable": D(42000),
                "delivered_not_invoiced": D(10000),
                "order_to_deliver": D(20000),
            },
        )
        self.assertEqual(whole.available, D(28000))
        self.assertEqual(whole.limit, Limit(D(100000), True, "line"))

    def test_nothing_known_is_nothing_owed(self):
        self.assertEqual(exposure(figures(), CENT), D(0))
        self.assertEqual(breakdown(figures(), CENT), {})

    def test_rounded_once_at_the_end(self):
        """Three times 0.005 is 0.015, so 0.02; rounded each it would be 0.03."""
        one = figures(*[owes("0.005", source) for source in "abc"])
        self.assertEqual(exposure(one, CENT), D("0.02"))

    def test_the_cent_left_over_goes_to_the_largest_part(self):
        """Parts 10.004, 5.004 and 0.004: rounded 10.00, 5.00, 0.00; whole 15.01."""
        one = figures(owes("10.004", "a"), owes("5.004", "b"), owes("0.004", "c"))
        self.assertEqual(
            breakdown(one, CENT), {"a": D("10.01"), "b": D("5.00"), "c": D("0.00")}
        )

    def test_the_largest_part_may_be_negative(self):
        """-20.004 and 5.007: rounded -20.00 and 5.01, whole -15.00 (-14.997)."""
        one = figures(owes("-20.004", "a"), owes("5.007", "b"))
        self.assertEqual(breakdown(one, CENT), {"a": D("-20.01"), "b": D("5.01")})

    def test_negative_exposure_makes_more_available_than_the_limit(self):
        whole = position(figures(owes(-300), lines=[line(1000)]), TERMS)
        self.assertEqual((whole.exposure, whole.available), (D(-300), D(1300)))


class TestOwnLimit(BaseCase):
    def test_the_general_line_is_converted_once(self):
        """18 MXN for a dollar: rate is dollars for a peso, 100 USD are 1,800 MXN."""
        one = figures(lines=[line(100, rate=D(1) / D(18))])
        self.assertEqual(own_limit(one, None, TERMS).amount, D("1800.00"))

    def test_a_line_for_one_currency_stays_in_it(self):
        one = figures(lines=[line(100, scope=USD, rate=D(1) / D(18))])
        self.assertEqual(own_limit(one, USD, TERMS), Limit(D(100), True, "line"))

    def test_suspended_and_expired_give_no_credit_at_all(self):
        for state in ("suspended", "expired"):
            for mode in ("amount", "unlimited", "none"):
                with self.subTest(state=state, mode=mode):
                    one = figures(lines=[line(500, mode=mode, standing=state)])
                    found = own_limit(one, None, TERMS)
                    self.assertEqual(found, Limit(D(0), True, state))

    def test_absent_lines_do_not_count(self):
        one = figures(lines=[line(500, standing="absent")])
        self.assertEqual(own_limit(one, None, TERMS), Limit(D(0), False, "none"))
        scoped = figures(lines=[line(500, scope=USD, standing="absent")])
        self.assertEqual(scoped.scopes, frozenset())

    def test_company_default(self):
        terms = Terms("amount", D(250), CENT)
        self.assertEqual(
            own_limit(figures(), None, terms), Limit(D(250), True, "default")
        )
        member = figures(group=5)
        self.assertEqual(own_limit(member, None, terms), Limit(D(0), False, "group"))

    def test_temporary_and_guarantee_are_in_the_line_s_currency(self):
        """(150 + 20) USD at 18 are 3,060 MXN."""
        usd = line(100, rate=D(1) / D(18), temporary=150, guarantee=20)
        found = own_limit(figures(lines=[usd]), None, TERMS)
        self.assertEqual(found, Limit(D("3060.00"), True, "temporary"))

    def test_unlimited_and_no_credit_need_no_rate(self):
        for mode, amount in (("unlimited", None), ("none", D(0))):
            with self.subTest(mode):
                found = own_limit(figures(lines=[line(9, mode=mode)]), None, TERMS)
                self.assertEqual(found.amount, amount)


class TestPockets(BaseCase):
    def one(self):
        """Owes 1,000 MXN, 50 USD (900 MXN) and 10 EUR (200 MXN); a line for USD."""
        return figures(
            owes(1000),
            owes(900, currency=USD, document=50),
            owes(200, currency=EUR, document=10),
            lines=[line(5000), line(80, scope=USD, rate=D(1) / D(18))],
            overdue_amount=D(70),
            overdue_days=4,
        )

    def test_each_pocket_guards_its_own(self):
        self.assertEqual(pocket_exposure(self.one(), USD, TERMS), D(50))
        self.assertEqual(pocket_exposure(self.one(), None, TERMS), D(1200))

    def test_a_document_falls_into_the_pocket_of_its_currency(self):
        dollars = standing_for(self.one(), USD, TERMS)
        self.assertEqual(
            (dollars.own.amount, dollars.exposure, dollars.currency),
            (D(80), D(50), USD),
        )
        for currency in (MXN, EUR):
            with self.subTest(currency=currency):
                rest = standing_for(self.one(), currency, TERMS)
                self.assertEqual(
                    (rest.own.amount, rest.exposure, rest.currency),
                    (D(5000), D(1200), None),
                )
                self.assertEqual((rest.overdue_amount, rest.overdue_days), (70, 4))

    def test_without_a_line_for_it_a_currency_is_general(self):
        one = figures(owes(900, currency=USD, document=50), lines=[line(5000)])
        found = standing_for(one, USD, TERMS)
        self.assertEqual((found.exposure, found.currency), (D(900), None))

    def test_line_standing_of_the_pocket(self):
        expired = line(80, scope=USD, standing="expired", days_expired=9)
        one = figures(lines=[line(5000), expired])
        dollars, pesos = standing_for(one, USD, TERMS), standing_for(one, MXN, TERMS)
        self.assertEqual(dollars.line_standing, "expired")
        self.assertEqual(dollars.facts, {"days_expired": 9})
        self.assertEqual(pesos.line_standing, "active")
        self.assertEqual(standing_for(figures(), MXN, TERMS).line_standing, "absent")

    def test_the_whole_adds_the_pockets(self):
        """5,000 MXN and 80 USD (1,440 MXN); owed 2,100; 4,340 left."""
        whole = position(self.one(), TERMS)
        self.assertEqual(whole.limit.amount, D("6440.00"))
        self.assertEqual(whole.exposure, D(2100))
        self.assertEqual(whole.available, D("4340.00"))

    def test_one_unlimited_pocket_makes_the_whole_unlimited(self):
        for lines in (
            [line(5000), line(scope=USD, mode="unlimited")],
            [line(mode="unlimited"), line(80, scope=USD)],
        ):
            with self.subTest(lines=[(one.scope, one.mode) for one in lines]):
                whole = position(figures(owes(9), lines=lines), TERMS)
                self.assertTrue(whole.limit.unlimited)
                self.assertIsNone(whole.available)

    def test_the_source_of_a_whole_that_is_only_a_currency_line(self):
        whole = position(figures(lines=[line(80, scope=USD)]), TERMS)
        self.assertEqual(whole.limit, Limit(D("80.00"), True, "line"))

    def test_no_credit_in_one_currency_keeps_the_rest(self):
        lines = [line(5000), line(scope=USD, mode="none")]
        whole = position(figures(lines=lines), TERMS)
        self.assertEqual(whole.limit, Limit(D("5000.00"), True, "line"))


class TestGroups(BaseCase):
    def test_members_exposures_count_together(self):
        """Own 100 - 30 = 70; group 150 - (30 + 90) = 30: the lower is left."""
        me = figures(owes(30), lines=[line(100)], group=1)
        fellow = Figures(partner=2, amounts=(owes(90),), group=1)
        group = Limit(D(150), True, "group")
        whole = position(me, TERMS, group, [me, fellow])
        self.assertEqual(whole.group_exposure, D(120))
        self.assertEqual(whole.available, D(30))
        self.assertEqual(whole.limit.amount, D(100))
        self.assertEqual(whole.group_limit, group)
        stand = standing_for(me, MXN, TERMS, group, [me, fellow])
        self.assertEqual((stand.exposure, stand.group_exposure), (D(30), D(120)))


class TestHeld(BaseCase):
    terms = Terms("none", D(0), CENT, count_held=True)

    def one(self):
        """Held: 50 MXN (hold 4), 2 USD (hold 7, 36 MXN), 10 MXN (hold 9)."""
        held = (
            Held(4, MXN, D(50), D(50)),
            Held(7, USD, D(2), D(36)),
            Held(9, MXN, D(10), D(10)),
        )
        return figures(
            owes(100), lines=[line(500), line(80, scope=USD, rate=D(1) / 18)], held=held
        )

    def test_amounts(self):
        one = self.one()
        self.assertEqual(held_amount(one), D(96))
        self.assertEqual(held_amount(one, before=9), D(86))
        self.assertEqual(held_amount(one, before=4), D(0))
        self.assertEqual(held_in_pocket(one, None), D(60))
        self.assertEqual(held_in_pocket(one, None, before=9), D(50))
        self.assertEqual(held_in_pocket(one, USD), D(2))
        self.assertEqual(held_in_pocket(one, USD, before=7), D(0))

    def test_shown_beside_the_exposure(self):
        whole = position(self.one(), self.terms)
        self.assertEqual((whole.exposure, whole.held), (D(100), D(96)))

    def test_counted_only_where_the_company_says_so(self):
        self.assertEqual(standing_for(self.one(), MXN, TERMS).exposure, D(100))
        self.assertEqual(standing_for(self.one(), MXN, self.terms).exposure, D(160))
        self.assertEqual(standing_for(self.one(), USD, self.terms).exposure, D(2))

    def test_a_held_document_counts_only_older_ones_and_never_itself(self):
        for hold, expected in ((4, 100), (7, 150), (9, 150), (10, 160)):
            with self.subTest(hold=hold):
                found = standing_for(self.one(), MXN, self.terms, before=hold)
                self.assertEqual(found.exposure, D(expected))

    def test_held_documents_of_all_members_count_for_the_group(self):
        me = self.one()
        fellow = Figures(partner=2, held=(Held(5, MXN, D(7), D(7)),), group=1)
        group = Limit(D(1000), True, "group")
        found = standing_for(me, MXN, self.terms, group, [me, fellow])
        self.assertEqual(found.group_exposure, D(100 + 96 + 7))
        older = standing_for(me, MXN, self.terms, group, [me, fellow], before=7)
        self.assertEqual(older.group_exposure, D(100 + 50 + 7))
