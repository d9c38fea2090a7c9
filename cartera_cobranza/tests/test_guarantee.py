from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .requests_common import PDF, RequestCommon


@tagged("post_install", "-at_install")
class TestGuarantee(RequestCommon):
    """Guarantees, promissory notes and insurers' coverage: what adds to the limit, and for how long."""

    def setUp(self):
        super().setUp()
        self.line = self.make_line(self.customer, 1000)

    def limit(self, at=None):
        return self.position(self.partner, at=at)["limit"]

    def assert_limit(self, expected):
        """The gate's position and the refresh in SQL say the same."""
        self.assertEqual(self.limit(), expected)
        self.assertEqual(self.snapshot(self.customer).limit_amount, expected)

    # What counts

    def test_it_adds_from_its_acceptance_on_until_its_last_day(self):
        guarantee = self.make_guarantee(500, date_to="2026-03-20")
        self.assert_limit(1000)
        guarantee.with_user(self.manager).action_accept()
        self.assert_limit(1500)
        self.assertEqual(self.customer.limit_amount, 1500, "figures follow at once")
        with self.at("2026-03-20"):
            self.assert_limit(1500)
        with self.at("2026-03-21"):
            self.assert_limit(1000)
            self.assertTrue(guarantee.is_expired)
            self.assertEqual(guarantee.counted_amount, 0)

    def test_it_adds_to_the_line_s_own_and_to_temporaries_alike(self):
        line = self.make_line(self.customer, 1000, guarantee_amount=100)
        self.make_guarantee(500, accept=True)
        self.assert_limit(1600)
        self.make_temporary(line, 2000, "2026-03-16", "2026-03-20")
        self.assert_limit(2600)

    def test_it_gives_no_credit_to_whom_has_none(self):
        self.make_guarantee(500, accept=True)
        self.line.action_suspend()
        self.assert_limit(0)
        self.make_line(self.customer, mode="none")
        self.assert_limit(0)
        lone = self.make_customer("Without a line")
        self.make_guarantee(500, customer=lone, accept=True)
        self.assertEqual(self.position(lone.partner_id)["limit"], 0)
        self.assertEqual(self.snapshot(lone).limit_amount, 0)

    def test_another_currency_counts_at_today_s_rate(self):
        """900 pesos are 50 dollars, 100 euros are 200."""
        self.make_guarantee(900, currency_id=self.mxn.id, accept=True)
        self.assert_limit(1050)
        self.make_guarantee(100, currency_id=self.eur.id, accept=True)
        self.assert_limit(1250)

    def test_it_belongs_to_the_pocket_of_its_currency(self):
        """A line for pesos guards pesos: the guarantee in pesos adds to it, not to the general line."""
        self.make_line(
            self.customer, 9000, currency_id=self.mxn.id, only_this_currency=True
        )
        self.make_guarantee(1800, currency_id=self.mxn.id, accept=True)
        self.make_guarantee(500, accept=True)
        # the general line has 1,500, that for pesos 10,800 at 18 for a dollar
        self.assert_limit(1500 + 600)

    def test_a_currency_that_lost_its_rate_is_an_error_and_never_one(self):
        chf = self.setup_other_currency("CHF", rates=[("2026-01-01", 0.8)])
        self.make_guarantee(80, currency_id=chf.id, accept=True)
        self.assert_limit(1100)
        chf.rate_ids.unlink()
        with self.refused(UserError, "CHF.*2026-03-16"):
            self.limit()
        self.assertEqual(self.snapshot(self.customer).problem, "rate")

    def test_the_limit_of_a_past_day_has_the_guarantees_of_that_day(self):
        with self.at("2026-03-10"):
            # a line of before, so that there is a limit on that day
            other = self.make_customer("Old")
            self.make_line(other, 1000, date_from="2026-03-10")
            guarantee = self.make_guarantee(
                500, customer=other, date_from="2026-03-10", accept=True
            )
        guarantee.with_user(self.manager).action_release("Paid everything")
        for day, expected in (("2026-03-10", 1500), ("2026-03-15", 1500), (None, 1000)):
            with self.subTest(day):
                self.assertEqual(
                    self.position(other.partner_id, at=day)["limit"], expected
                )

    # Insurance

    def test_an_insurer_covers_what_it_grants_and_its_share(self):
        """Insured 800, granted 600, 90 % covered: 540. What is over the insurer's limit does not count."""
        coverage = self.make_guarantee(
            800,
            kind="insurance",
            ceiling=600,
            percent=90,
            date_to="2026-03-31",
            accept=True,
        )
        self.assert_limit(1540)
        self.assertEqual(coverage.counted_amount, 540)
        with self.at("2026-04-01"):
            self.assert_limit(1000)

    def test_group_and_coverage(self):
        """The group's limit still holds: 1,000 + 540 own, 1,200 together."""
        self.make_guarantee(800, kind="insurance", ceiling=600, percent=90, accept=True)
        self.make_group("Holding", 1200, self.customer)
        self.assert_limit(1200)

    # Refusals

    def test_bad_input(self):
        cases = [
            ({"amount": 0}, "above zero"),
            ({"amount": -5}, "above zero"),
            ({"percent": 0}, "between 0 and 100"),
            ({"percent": 101}, "between 0 and 100.*101"),
            ({"ceiling": -1}, "negative"),
            ({"date_to": "2026-03-15"}, "2026-03-15.*2026-03-16"),
        ]
        for vals, text in cases:
            with self.subTest(vals), self.refused(ValidationError, text):
                self.make_guarantee(**{"amount": 500, **vals})
        chf = self.setup_other_currency("CHF", rates=[])
        with self.refused(UserError, "CHF.*2026-03-16"):
            self.make_guarantee(currency_id=chf.id)
        other = self.make_request("increase", 5, customer=self.make_customer("Other"))
        with self.refused(ValidationError, "same customer"):
            self.make_guarantee(request_id=other.id)

    def test_an_expired_one_is_not_accepted(self):
        guarantee = self.make_guarantee(
            500, date_from="2026-01-01", date_to="2026-03-15"
        )
        with self.refused(UserError, "expired on 2026-03-15"):
            guarantee.with_user(self.manager).action_accept()
        request = self.make_request("increase", 2000)
        guarantee.request_id = request
        request.action_submit()
        with self.refused(UserError, "expired on 2026-03-15"):
            request.with_user(self.manager).action_approve()
        self.assertEqual(self.customer.line_id, self.line)

    def test_a_promissory_note_needs_its_paper(self):
        guarantee = self.make_guarantee(500, kind="promissory_note")
        with self.refused(UserError, "signed promissory note"):
            guarantee.with_user(self.manager).action_accept()
        guarantee.write(
            {
                "document_ids": [
                    (
                        0,
                        0,
                        {
                            "type_id": self.root.ref(
                                "cartera_cobranza.document_type_pagare"
                            ).id,
                            "file": PDF,
                            "file_name": "pagare.pdf",
                        },
                    )
                ]
            }
        )
        guarantee.with_user(self.manager).action_accept()
        self.assertEqual(guarantee.state, "accepted")
        with self.refused(UserError, "accepted"):
            guarantee.document_ids.write({"file": False})

    def test_who_entered_it_does_not_accept_it(self):
        guarantee = self.make_guarantee(500, user=self.manager)
        with self.refused(AccessError, "own guarantee"):
            guarantee.action_accept()
        guarantee.with_user(self.second).action_accept()

    def test_accepting_is_within_authority(self):
        self.set_authority(("manager", 499, "1"))
        guarantee = self.make_guarantee(500)
        with self.refused(AccessError, "above your authority"):
            guarantee.with_user(self.manager).action_accept()
        self.set_authority(("manager", 500, "1"))
        guarantee.with_user(self.manager).action_accept()

    def test_roles(self):
        with self.assertRaises(AccessError):
            self.make_guarantee(user=self.collector)
        guarantee = self.make_guarantee()
        for user in (self.viewer, self.collector, self.portal):
            with self.subTest(user.login), self.assertRaises(UserError):
                guarantee.with_user(user).action_accept()

    def test_accepted_terms_are_kept_by_everybody(self):
        guarantee = self.make_guarantee(500, accept=True)
        for vals in (
            {"amount": 10**6},
            {"percent": 1},
            {"ceiling": 5},
            {"date_to": "2099-01-01"},
            {"currency_id": self.mxn.id},
            {"customer_id": self.make_customer("Other").id},
            {"state": "draft"},
            {"accepted_by": self.executive.id},
        ):
            with self.subTest(vals), self.assertRaises(UserError):
                guarantee.sudo().write(vals)
        with self.refused(UserError, "kept"):
            guarantee.sudo().unlink()
        guarantee.with_user(self.executive).action_release("Debt paid")
        self.assertRecordValues(
            guarantee,
            [
                {
                    "state": "released",
                    "closed_on": self.today,
                    "close_reason": "Debt paid",
                }
            ],
        )
        self.assert_limit(1000)
        with self.refused(UserError, "Given back"):
            guarantee.with_user(self.executive).action_execute()

    def test_a_change_bumps_the_gate_s_row(self):
        version = self.customer.check_version
        guarantee = self.make_guarantee(500, accept=True)
        self.assertGreater(self.customer.check_version, version)
        version = self.customer.check_version
        guarantee.sudo().action_release()
        self.assertGreater(self.customer.check_version, version)

    def test_a_rejected_application_discards_its_guarantees(self):
        request = self.make_request("increase", 2000)
        guarantee = self.make_guarantee(500, request_id=request.id)
        request.action_submit()
        request.with_user(self.manager).action_reject("No")
        self.assertEqual(guarantee.state, "cancelled")
        self.assert_limit(1000)
