from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CarteraCommon


@tagged("post_install", "-at_install")
class TestGroup(CarteraCommon):
    """Groups of customers that share a limit, authorities and who may decide."""

    def setUp(self):
        super().setUp()
        self.one, self.two = self.make_customer("One"), self.make_customer("Two")
        self.Authority = self.root["cartera.authority"]

    # Groups

    def test_a_negative_limit_is_refused_with_its_amount(self):
        with self.assertRaises(ValidationError) as caught:
            self.make_group("Holding", -5)
        self.assertIn(self.usd.format(-5), str(caught.exception))

    def test_a_currency_without_rate_is_refused_naming_it_and_the_day(self):
        chf = self.setup_other_currency("CHF", rates=[])
        with self.refused(UserError, "CHF.*2026-03-16"):
            self.make_group("Holding", 5, currency_id=chf.id)

    def test_a_member_of_another_company_is_refused(self):
        there = self.make_customer(
            partner=self.one.partner_id, company=self.other_company
        )
        with self.assertRaises(UserError):
            self.make_group("Holding", 5, there)

    def test_names_are_unique_in_a_company(self):
        self.make_group("Holding", 5)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self.make_group("Holding", 6)
        self.make_group("Holding", 6, company_id=self.other_company.id)

    def test_a_new_limit_refreshes_all_members(self):
        group = self.make_group("Holding", 1000, self.one, self.two)
        self.make_invoice(self.one.partner_id, 100)
        group.with_user(self.manager).amount = 600
        self.assertEqual((self.one.available, self.two.available), (500, 500))
        self.assertEqual(group.member_count, 2)

    def test_only_managers_decide_who_shares_a_limit(self):
        """Leaving a group with no room left would free a customer of its limit."""
        group = self.make_group("Holding", 0, self.one, mode="none")
        with self.assertRaises(AccessError):
            self.one.with_user(self.executive).group_id = False
        with self.assertRaises(AccessError):
            self.Customer.with_user(self.executive).create(
                {
                    "partner_id": self.make_partner("New").id,
                    "company_id": self.company.id,
                    "group_id": group.id,
                }
            )
        self.one.with_user(self.executive).note = "what executives may write"
        self.one.with_user(self.manager).group_id = False
        self.assertFalse(self.one.group_id)

    def test_a_group_made_with_the_least_values_has_a_limit_of_zero(self):
        """By import or RPC the amount is empty: that is zero and not unknown."""
        group = self.root["cartera.credit.group"].create(
            {"name": "Bare", "company_id": self.company.id}
        )
        self.one.group_id = group
        self.assertEqual(self.position(self.one.partner_id)["limit"], 0)
        stored = self.snapshot(self.one)
        self.assertFalse(stored.problem)
        self.assertEqual((stored.limit_amount, stored.limit_source), (0, "group"))

    # Authority

    def covers(self, user, amount, base=10000, kind="release_limit", company=None):
        company = company or self.company
        return self.Authority._covers(user, kind, company, amount, base)

    def make_authority(self, role="credit_executive", **vals):
        return self.Authority.create(
            {
                "kind": "release_limit",
                "group_id": self.env.ref(f"cartera_cobranza.group_{role}").id,
                "company_id": self.company.id,
                "currency_id": self.usd.id,
            }
            | vals
        )

    def test_defaults_after_installation(self):
        """Executives: 10 % of the line or of the interest, 25 % of an overdue balance; managers: all."""
        cases = [
            # user, kind, amount of 10,000, covered
            (self.executive, "release_limit", 1000, True),
            (self.executive, "release_limit", 1001, False),
            (self.executive, "release_overdue", 2500, True),
            (self.executive, "release_overdue", 2501, False),
            (self.executive, "waive", 1000, True),
            (self.executive, "waive", 1001, False),
            (self.manager, "release_limit", 10**9, True),
            (self.manager, "release_overdue", 10**9, True),
            (self.collector, "release_limit", 1, False),
            (self.viewer, "release_overdue", 1, False),
        ]
        for user, kind, amount, expected in cases:
            with self.subTest(user.login, kind=kind, amount=amount):
                self.assertIs(self.covers(user, amount, kind=kind), expected)

    def test_rows_of_a_company_take_the_place_of_the_global_ones(self):
        """Kind by kind and role by role, and in that company only."""
        self.make_authority(amount=50)
        cases = [
            (self.executive, "release_limit", 50, self.company, True),
            (self.executive, "release_limit", 51, self.company, False),
            (self.executive, "release_limit", 51, self.other_company, True),
            (self.executive, "release_overdue", 2500, self.company, True),
            (self.manager, "release_limit", 51, self.company, True),
        ]
        for user, kind, amount, company, expected in cases:
            with self.subTest(user.login, kind=kind, company=company.name):
                found = self.covers(user, amount, kind=kind, company=company)
                self.assertIs(found, expected)

    def test_amount_and_percent_of_one_row_must_both_cover(self):
        self.make_authority(amount=500, percent=2)
        for amount, base, expected in (
            (200, 10000, True),
            (201, 10000, False),
            (500, 100000, True),
            (501, 100000, False),
        ):
            with self.subTest(amount=amount, base=base):
                self.assertIs(self.covers(self.executive, amount, base), expected)

    def test_of_several_rows_the_widest_counts(self):
        self.make_authority(amount=50)
        self.make_authority(amount=80)
        self.assertTrue(self.covers(self.executive, 80))
        self.assertFalse(self.covers(self.executive, 81))

    def test_an_amount_in_another_currency_is_converted(self):
        """1,800 pesos at 18 are 100 dollars."""
        self.make_authority(amount=1800, currency_id=self.mxn.id)
        self.assertTrue(self.covers(self.executive, 100))
        self.assertFalse(self.covers(self.executive, 101))

    def test_a_percentage_needs_no_rate(self):
        """Rows for all companies carry some currency, whatever a company has rates for."""
        chf = self.setup_other_currency("CHF", rates=[])
        self.make_authority(percent=10, currency_id=chf.id)
        self.assertTrue(self.covers(self.executive, 1000))
        self.make_authority(amount=10, currency_id=chf.id)
        with self.refused(UserError, "CHF.*2026-03-16"):
            self.covers(self.executive, 1001)

    def test_bad_rows_are_refused(self):
        with self.refused(ValidationError, "-4"):
            self.make_authority(amount=-4)
        with self.refused(ValidationError, "-7"):
            self.make_authority(percent=-7)
        with self.refused(ValidationError, "Release by credit line"):
            self.make_authority()
        self.assertTrue(self.covers(self.executive, 1))

    def test_archived_rows_give_nothing(self):
        row = self.make_authority(role="collector", amount=50)
        self.assertTrue(self.covers(self.collector, 50))
        row.active = False
        self.assertFalse(self.covers(self.collector, 50))
