from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .requests_common import RequestCommon


@tagged("post_install", "-at_install")
class TestRequestAuthority(RequestCommon):
    """Who decides up to how much, with how many signatures, and what was lent for the holidays."""

    def approve(self, request, user, note=None):
        request.with_user(user).action_approve(note)
        request.invalidate_recordset()
        return request.state

    # Amounts

    def test_up_to_which_amount(self):
        self.set_authority(("manager", 1000, "1"))
        for amount, currency, fine in (
            (1000, self.usd, True),
            (1000.01, self.usd, False),
            (18000, self.mxn, True),  # at 18 for a dollar
            (18001, self.mxn, False),
        ):
            customer = self.make_customer(f"Customer {amount}")
            request = self.make_request(
                amount=amount, currency_id=currency.id, customer=customer, submit=True
            )
            with self.subTest(amount=amount, currency=currency.name):
                if fine:
                    self.assertEqual(self.approve(request, self.manager), "approved")
                else:
                    with self.refused(AccessError, "above your authority"):
                        self.approve(request, self.manager)
                    self.assertFalse(customer.line_ids)
                    self.assertFalse(request.decision_ids)

    def test_executives_decide_where_a_row_says_so(self):
        other = self.make_user("other_executive", "credit_executive")
        request = self.make_request(submit=True)
        with self.refused(AccessError, "above your authority"):
            self.approve(request, other)
        self.set_authority(("executive", 1000, "1"))
        self.assertEqual(self.approve(request, other), "approved")

    def test_unlimited_credit_needs_a_row_without_bound(self):
        row = self.set_authority(("manager", 10**9, "1"))
        request = self.make_request(amount=0, mode="unlimited", submit=True)
        with self.refused(AccessError, "unlimited credit"):
            self.approve(request, self.manager)
        row.unlimited = True
        self.assertEqual(self.approve(request, self.manager), "approved")

    def test_a_percentage_is_of_the_present_limit(self):
        """110 percent of 1,000 is 1,100."""
        self.root["cartera.authority"].create(
            {
                "kind": "request",
                "group_id": self.manager_group.id,
                "company_id": self.company.id,
                "percent": 110,
            }
        )
        self.make_line(self.customer, 1000)
        over = self.make_request("increase", 1100.01, submit=True)
        with self.refused(AccessError, "above"):
            self.approve(over, self.manager)
        within = self.make_request("increase", 1100, submit=True)
        self.assertEqual(self.approve(within, self.manager), "approved")

    def test_what_takes_credit_away_needs_no_authority_over_its_amount(self):
        self.set_authority(("manager", 10, "1"))
        self.make_line(self.customer, 1000)
        down = self.make_request("decrease", 900, submit=True)
        self.assertEqual(self.approve(down, self.manager), "approved")
        stop = self.make_request("suspension", 0, submit=True)
        self.assertEqual(self.approve(stop, self.manager), "approved")

    def test_guarantees_that_come_along_count_in_the_amount(self):
        self.set_authority(("manager", 1400, "1"))
        request = self.make_request(amount=1000)
        guarantee = self.make_guarantee(500, request_id=request.id)
        request.action_submit()
        with self.refused(AccessError, "above"):
            self.approve(request, self.manager)
        self.assertEqual(guarantee.state, "draft")
        self.set_authority(("manager", 1500, "1"))
        self.assertEqual(self.approve(request, self.manager), "approved")
        self.assertEqual(guarantee.state, "accepted")
        self.assertEqual(self.position(self.partner)["limit"], 1500)

    # Signatures

    def test_two_signatures_of_different_people(self):
        self.set_authority(("manager", 1000, "1"), ("manager", 5000, "2"))
        request = self.make_request(amount=3000, submit=True)
        self.assertEqual(self.approve(request, self.manager), "review")
        self.assertFalse(self.customer.line_ids, "one signature gives no limit")
        self.assertEqual(request.signature_note, self.manager.name)
        with self.refused(AccessError, "signed.*already"):
            self.approve(request, self.manager)
        with self.refused(AccessError, "own application"):
            self.approve(request, self.executive)
        self.assertEqual(self.approve(request, self.second, "Fine"), "approved")
        self.assertEqual(self.customer.line_id.amount, 3000)
        self.assertEqual(
            request.decision_ids.sorted("id").mapped("user_id"),
            self.manager | self.second,
        )
        small = self.make_request("increase", 3500, submit=True)
        self.assertEqual(self.approve(small, self.manager), "review")

    def test_one_that_decides_alone_may_be_the_second(self):
        self.set_authority(("executive", 5000, "2"), ("manager", 5000, "1"))
        other = self.make_user("other_executive", "credit_executive")
        request = self.make_request(amount=3000, submit=True)
        self.assertEqual(self.approve(request, other), "review")
        self.assertEqual(self.approve(request, self.manager), "approved")

    def test_what_is_signed_is_not_changed_under_the_signature(self):
        self.set_authority(("manager", 5000, "2"))
        request = self.make_request(amount=3000, submit=True)
        self.approve(request, self.manager)
        for vals in ({"amount_granted": 4999}, {"grace_days": 90}):
            for user in (self.executive, self.second):
                with self.subTest(vals), self.refused(UserError, "signed by"):
                    request.with_user(user).write(vals)
        request.with_user(self.second).action_request_info("A balance")
        request.with_user(self.executive).write({"amount": 4000})
        request.action_submit()
        self.assertFalse(request.is_signed, "signatures were for another limit")
        self.assertEqual(self.approve(request, self.second), "review")
        self.assertEqual(self.approve(request, self.manager), "approved")
        self.assertEqual(self.customer.line_id.amount, 4000)

    def test_rows_of_another_company_say_nothing_here(self):
        self.set_authority(("manager", 5, "1"))
        self.set_authority(("manager", None, "1"), company=self.other_company)
        request = self.make_request(submit=True)
        with self.refused(AccessError, "above"):
            self.approve(request, self.manager)

    # Delegation

    def test_a_delegate_decides_in_the_lenders_place(self):
        other = self.make_user("other_executive", "credit_executive")
        self.lend(self.manager, other)
        request = self.make_request(submit=True)
        self.assertEqual(self.approve(request, other), "approved")
        self.assertRecordValues(
            request.decision_ids,
            [{"user_id": other.id, "principal_id": self.manager.id}],
        )

    def test_a_delegation_that_ends_while_a_request_waits_no_longer_counts(self):
        """In force to 20 March: the 20th counts, the 21st does not."""
        other = self.make_user("other_executive", "credit_executive")
        self.lend(self.manager, other)
        request = self.make_request(submit=True)
        with self.at("2026-03-21"), self.refused(AccessError, "own or lent"):
            self.approve(request, other)
        with self.at("2026-03-20"):
            self.assertEqual(self.approve(request, other), "approved")

    def test_one_to_come_or_taken_back_does_not_count(self):
        other = self.make_user("other_executive", "credit_executive")
        self.lend(self.manager, other, date_from="2026-03-17")
        request = self.make_request(submit=True)
        with self.refused(AccessError, "above your authority"):
            self.approve(request, other)
        lent = self.lend(self.manager, other)
        lent.with_user(self.manager).action_revoke()
        with self.refused(AccessError, "above your authority"):
            self.approve(request, other)

    def test_a_delegate_signs_neither_twice_nor_an_own_application(self):
        self.set_authority(("manager", 5000, "2"))
        self.lend(self.manager, self.second)
        request = self.make_request(amount=3000, submit=True)
        self.assertEqual(self.approve(request, self.second), "review")
        with self.refused(AccessError, "signed.*already"):
            self.approve(request, self.second)
        own = self.make_request("opening", 3000, user=self.second, submit=True)
        with self.refused(AccessError, "own application"):
            self.approve(own, self.second)

    def test_an_authority_signs_once_whoever_holds_the_pen(self):
        """The manager signs, and then the delegate would sign for the manager."""
        self.set_authority(("manager", 5000, "2"))
        other = self.make_user("other_executive", "credit_executive")
        self.lend(self.manager, other)
        request = self.make_request(amount=3000, submit=True)
        self.approve(request, self.manager)
        with self.refused(AccessError, "has signed"):
            self.approve(request, other)

    def test_the_requesters_authority_is_not_lent_for_the_own_application(self):
        other = self.make_user("other_executive", "credit_executive")
        self.lend(self.manager, other)
        request = self.make_request(user=self.manager, submit=True)
        with self.refused(AccessError, "that of the requester"):
            self.approve(request, other)

    def test_what_was_lent_is_not_lent_on(self):
        one = self.make_user("one", "credit_executive")
        other = self.make_user("other_executive", "credit_executive")
        self.lend(self.manager, one)
        self.lend(one, other)
        request = self.make_request(submit=True)
        with self.refused(AccessError, "above your authority"):
            self.approve(request, other)

    def test_lending_is_for_ones_own_authority_and_managers(self):
        other = self.make_user("other_executive", "credit_executive")
        vals = {
            "user_id": self.manager.id,
            "date_from": "2026-03-16",
            "date_to": "2026-03-20",
            "company_id": self.company.id,
        }
        Delegation = self.Delegation
        with self.refused(AccessError, "lent by that person"):
            Delegation.with_user(self.executive).create(
                vals | {"delegate_id": other.id}
            )
        with self.refused(AccessError, "takes the authority"):
            Delegation.with_user(self.second).create(
                vals | {"delegate_id": self.second.id}
            )
        with self.assertRaises(AccessError):
            Delegation.with_user(self.collector).create(
                vals | {"user_id": self.collector.id, "delegate_id": other.id}
            )
        lent = Delegation.with_user(self.second).create(
            vals | {"delegate_id": other.id}
        )
        with self.refused(AccessError, "takes this back"):
            lent.with_user(self.executive).action_revoke()
        lent.with_user(self.second).action_revoke()
        with self.refused(UserError, "over already"):
            lent.with_user(self.second).action_revoke()

    def test_bad_delegations_are_refused(self):
        with self.refused(ValidationError, "2026-03-15.*2026-03-16"):
            self.lend(self.manager, self.executive, date_to="2026-03-15")
        with self.refused(ValidationError, "own authority"):
            self.lend(self.manager, self.manager)
        with self.refused(ValidationError, "cartera_collector.*no credit executive"):
            self.lend(self.manager, self.collector)
        lent = self.lend(self.manager, self.executive)
        for vals in ({"date_to": "2099-01-01"}, {"revoked_on": False}):
            with self.assertRaises(UserError):
                lent.with_user(self.manager).write(vals)
        with self.refused(UserError, "kept"):
            lent.unlink()

    def test_lending_covers_releases_too(self):
        """The same table decides on holds."""
        self.assertFalse(
            self.root["cartera.authority"]._covers(
                self.executive, "release_limit", self.company, 1000, 100
            )
        )
        self.lend(self.manager, self.executive, kind="release_limit")
        self.assertTrue(
            self.root["cartera.authority"]._covers(
                self.executive, "release_limit", self.company, 1000, 100
            )
        )

    # Round the application

    def test_a_manager_does_not_activate_an_own_line(self):
        line = (
            self.root["cartera.credit.line"]
            .with_user(self.manager)
            .create({"customer_id": self.customer.id, "amount": 10**6})
        )
        with self.refused(AccessError, "proposed by you"):
            line.action_activate()
        self.assertEqual(line.state, "draft")
        line.with_user(self.second).action_activate()
        self.assertEqual(
            (line.state, line.requested_by, line.activated_by),
            ("active", self.manager, self.second),
        )

    def test_who_changes_a_draft_proposes_it(self):
        line = self.make_line(self.customer, 100, activate=False)
        line.with_user(self.manager).amount = 10**6
        with self.refused(AccessError, "proposed by you"):
            line.with_user(self.manager).action_activate()
        with self.assertRaises(UserError):
            line.with_user(self.manager).write({"requested_by": self.second.id})

    def test_lines_need_authority_alone(self):
        self.set_authority(("manager", 1000, "1"), ("manager", 5000, "2"))
        for amount, guarantee, fine in (
            (1000, 0, True),
            (1001, 0, False),
            (900, 101, False),
        ):
            customer = self.make_customer(f"Customer {amount}")
            line = self.make_line(
                customer, amount, guarantee_amount=guarantee, activate=False
            )
            with self.subTest(amount=amount, guarantee=guarantee):
                if fine:
                    line.with_user(self.manager).action_activate()
                else:
                    with self.refused(AccessError, "Send an application"):
                        line.with_user(self.manager).action_activate()

    def test_suspended_lines_come_back_within_authority(self):
        line = self.make_line(self.customer, 5000)
        self.set_authority(("manager", 1000, "1"))
        line.with_user(self.manager).action_suspend("late")
        with self.refused(AccessError, "Send an application"):
            line.with_user(self.manager).action_activate()

    def test_temporary_limits_likewise(self):
        line = self.make_line(self.customer, 500)
        Temporary = self.root["cartera.credit.temporary"]
        vals = {
            "line_id": line.id,
            "amount": 900,
            "date_from": "2026-03-16",
            "date_to": "2026-03-20",
        }
        own = Temporary.with_user(self.manager).create(vals)
        with self.refused(AccessError, "proposed by you"):
            own.action_activate()
        self.set_authority(("manager", 800, "1"))
        with self.refused(AccessError, "Send an application"):
            own.with_user(self.second).action_activate()
        self.set_authority(("manager", 900, "1"))
        own.with_user(self.second).action_activate()
        self.assertEqual(own.state, "active")

    def test_a_shared_limit_is_within_the_authority_of_who_sets_it(self):
        self.set_authority(("manager", 1000, "1"))
        Group = self.root["cartera.credit.group"].with_user(self.manager)
        group = Group.create(
            {"name": "Holding", "amount": 1000, "company_id": self.company.id}
        )
        with self.refused(AccessError, "Holding"):
            group.amount = 1001
        with self.refused(AccessError, "Other"):
            Group.create(
                {"name": "Other", "amount": 1001, "company_id": self.company.id}
            )
        with self.refused(AccessError, "Holding"):
            group.mode = "unlimited"
        group.mode = "none"
