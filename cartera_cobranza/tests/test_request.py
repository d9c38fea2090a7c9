import re
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .requests_common import RequestCommon

VERBS = ("action_submit", "action_review", "action_approve", "action_cancel")


@tagged("post_install", "-at_install")
class TestRequest(RequestCommon):
    """Applications: what they make, what is refused, what is kept."""

    # The way

    def test_a_limit_does_not_exist_until_it_is_approved(self):
        request = self.make_request(amount=5000, reason="Two new branches")
        for verb, user in (
            ("action_submit", self.executive),
            ("action_review", self.executive),
        ):
            getattr(request.with_user(user), verb)()
            self.assertFalse(self.customer.line_ids)
            self.assertEqual(self.position(self.partner)["limit"], 0)
        request.with_user(self.manager).action_approve()
        self.assertRecordValues(
            request,
            [
                {
                    "state": "approved",
                    "requested_by": self.executive.id,
                    "reviewed_by": self.executive.id,
                    "decided_by": self.manager.id,
                }
            ],
        )
        line = self.customer.line_id
        self.assertRecordValues(
            line,
            [
                {
                    "state": "active",
                    "amount": 5000,
                    "activated_by": self.manager.id,
                    "requested_by": self.executive.id,
                    "request_id": request.id,
                    "reason": f"Opening {request.name}: Two new branches",
                    "date_from": self.today,
                }
            ],
        )
        self.assertEqual(request.made_line_id, line)
        self.assertEqual(self.position(self.partner)["limit"], 5000)

    def test_submitted_applications_can_be_approved_at_once(self):
        request = self.make_request(submit=True)
        request.with_user(self.manager).action_approve()
        self.assertEqual(
            (request.state, request.reviewed_by), ("approved", self.manager)
        )

    def test_increase_and_decrease_make_new_versions(self):
        first = self.make_line(
            self.customer,
            1000,
            date_to="2026-12-31",
            guarantee_amount=50,
            guarantee_date_to="2026-12-31",
            grace_days=5,
        )
        up = self.make_request("increase", 1500, submit=True)
        up.with_user(self.manager).action_approve()
        second = self.customer.line_id
        self.assertRecordValues(
            first | second,
            [
                {"state": "replaced", "amount": 1000, "guarantee_amount": 50},
                {"state": "active", "amount": 1500, "guarantee_amount": 50},
            ],
        )
        self.assertEqual((str(second.date_to), second.grace_days), ("2026-12-31", 5))
        down = self.make_request("decrease", 700, submit=True)
        down.with_user(self.manager).action_approve()
        self.assertEqual(self.customer.line_id.amount, 700)
        self.assertEqual(down.line_id, second, "the line that was changed stays named")

    def test_a_guarantee_of_the_line_that_expired_is_not_carried_on(self):
        with self.at("2026-03-01"):
            self.make_line(
                self.customer,
                1000,
                date_from="2026-03-01",
                guarantee_amount=50,
                guarantee_date_to="2026-03-15",
            )
        self.make_request("increase", 1500, submit=True).with_user(
            self.manager
        ).action_approve()
        self.assertEqual(self.customer.line_id.guarantee_amount, 0)

    def test_renewal_of_an_expired_line_in_a_leap_year(self):
        """A line to 29 February 2024 renewed a year on ends on 28 February 2025."""
        with self.at("2024-01-10"):
            self.make_line(
                self.customer, 1000, date_from="2024-01-01", date_to="2024-02-29"
            )
        with self.at("2024-02-20"):
            request = self.make_request("renewal", 1000)
            self.assertEqual(str(request.date_to), "2025-02-28")
        with self.at("2024-03-05"):
            with self.commits_allowed():
                self.root["cartera.credit.line"]._cron_expire()
            self.assertEqual(self.position(self.partner)["limit_source"], "expired")
            request = self.make_request("renewal", 1200, submit=True)
            self.assertEqual(str(request.date_to), "2025-03-05")
            request.with_user(self.manager).action_approve()
            self.assertEqual(self.position(self.partner)["limit"], 1200)

    def test_temporary(self):
        line = self.make_line(self.customer, 1000)
        request = self.make_request(
            "temporary",
            1800,
            date_from="2026-03-16",
            date_to="2026-03-31",
            reason="Season",
            submit=True,
        )
        request.with_user(self.manager).action_approve()
        self.assertEqual(self.position(self.partner)["limit"], 1800)
        self.assertRecordValues(
            line.temporary_ids,
            [
                {
                    "amount": 1800,
                    "state": "active",
                    "approved_by": self.manager.id,
                    "requested_by": self.executive.id,
                    "reason": f"Temporary {request.name}: Season",
                }
            ],
        )
        with self.at("2026-04-01"):
            self.assertEqual(self.position(self.partner)["limit"], 1000)

    def test_suspension(self):
        line = self.make_line(self.customer, 1000)
        request = self.make_request("suspension", 0, reason="Returned cheques")
        request.action_submit()
        request.with_user(self.manager).action_approve()
        self.assertEqual(line.state, "suspended")
        self.assertIn("Returned cheques", line.reason)
        self.assertEqual(self.position(self.partner)["limit"], 0)

    def test_unlimited_and_no_credit(self):
        request = self.make_request("opening", 0, mode="unlimited", submit=True)
        request.with_user(self.manager).action_approve()
        self.assertIsNone(self.position(self.partner)["limit"])
        request = self.make_request("decrease", 0, mode="none", submit=True)
        request.with_user(self.manager).action_approve()
        self.assertEqual(self.position(self.partner)["limit"], 0)

    def test_a_line_for_one_currency_stands_beside_the_general_one(self):
        general = self.make_line(self.customer, 1000)
        request = self.make_request(
            "opening", 9000, currency_id=self.mxn.id, only_this_currency=True
        )
        request.action_submit()
        request.with_user(self.manager).action_approve()
        self.assertEqual(general.state, "active")
        self.assertEqual(request.made_line_id.only_this_currency, True)
        again = self.make_request(
            "opening", 9000, currency_id=self.mxn.id, only_this_currency=True
        )
        with self.refused(UserError, "has the line"):
            again.action_submit()

    def test_less_is_granted_than_was_asked_for(self):
        request = self.make_request(amount=5000, submit=True)
        request.action_review()
        request.with_user(self.executive).amount_granted = 3000
        request.with_user(self.manager).action_approve()
        self.assertEqual((request.amount, self.customer.line_id.amount), (5000, 3000))
        self.assertEqual(request.decision_ids.amount, 3000)

    def test_the_approval_undoes_everything_when_one_part_fails(self):
        request = self.make_request(submit=True)
        Line = self.env.registry["cartera.credit.line"]
        with (
            self.assertRaises(UserError),
            patch.object(Line, "_after_change", side_effect=UserError("no")),
            self.env.cr.savepoint(),
        ):
            request.with_user(self.manager).action_approve()
        request.invalidate_recordset()
        self.assertEqual(request.state, "submitted")
        self.assertFalse(request.decision_ids)
        self.assertFalse(self.customer.line_ids)

    def test_the_gate_sees_the_new_limit(self):
        self.turn_gate_on()
        hold = self.hold_invoice(self.partner, 800)
        version = self.customer.check_version
        request = self.make_request(amount=900, submit=True)
        request.with_user(self.manager).action_approve()
        self.assertGreater(self.customer.check_version, version)
        with self.commits_allowed():
            self.run_precommit()
            self.root["cartera.credit.hold"]._cron_recheck()
        self.assertEqual(hold.state, "released")

    def test_the_form_proposes(self):
        line = self.make_line(
            self.customer, 9000, currency_id=self.mxn.id, date_to="2026-06-30"
        )
        with Form(self.Request.with_user(self.executive)) as form:
            form.customer_id = self.customer
            form.kind = "increase"
            form.amount = 10000
        request = form.record
        self.assertRecordValues(
            request,
            [
                {
                    "line_id": line.id,
                    "currency_id": self.mxn.id,
                    "date_to": line.date_to,
                    "amount_granted": 10000,
                }
            ],
        )

    # Bad input of domain 1.1, by the ORM and as a program would send it

    def test_a_negative_limit_is_refused_with_its_amount(self):
        with self.refused(
            ValidationError, re.escape(self.usd.format(-5000)), "No credit"
        ):
            self.make_request(amount=-5000)
        request = self.make_request()
        for field in ("amount", "amount_granted"):
            with self.refused(ValidationError, re.escape(self.usd.format(-5000))):
                request.write({field: -5000})

    def test_an_end_before_the_start_is_refused_with_both_dates(self):
        self.make_line(self.customer, 1000)
        with self.refused(ValidationError, "2026-03-15.*2026-03-16"):
            self.make_request(
                "temporary", 10, date_from="2026-03-16", date_to="2026-03-15"
            )

    def test_an_end_that_has_passed_is_refused(self):
        request = self.make_request(date_to="2026-03-15")
        with self.refused(UserError, "2026-03-15"):
            request.action_submit()

    def test_a_second_line_is_refused_naming_the_first(self):
        line = self.make_line(self.customer, 1000)
        request = self.make_request("opening", 2000)
        with self.refused(UserError, line.display_name.replace("$", r"\$")):
            request.action_submit()

    def test_a_line_that_came_meanwhile_is_seen_at_the_approval(self):
        request = self.make_request("opening", 2000, submit=True)
        self.make_line(self.customer, 1000)
        with self.refused(UserError, "has the line"):
            request.with_user(self.manager).action_approve()

    def test_changes_need_a_line(self):
        for kind in ("increase", "decrease", "renewal", "temporary", "suspension"):
            request = self.make_request(kind, 10)
            with self.subTest(kind), self.refused(UserError, "opening"):
                request.action_submit()

    def test_an_increase_raises_and_a_decrease_lowers_across_currencies(self):
        """18,000 pesos are 1,000 dollars."""
        self.make_line(self.customer, 1000)
        for kind, amount, fine in (
            ("increase", 18000, False),
            ("increase", 18018, True),
            ("decrease", 18000, False),
            ("decrease", 17982, True),
        ):
            request = self.make_request(kind, amount, currency_id=self.mxn.id)
            with self.subTest(kind, amount=amount):
                if fine:
                    request.action_submit()
                else:
                    with self.refused(UserError, "present"):
                        request.action_submit()

    def test_a_limit_of_zero_is_refused(self):
        with self.refused(UserError, "no limit"):
            self.make_request(amount=0, submit=True)

    def test_overlapping_temporaries_are_refused_with_their_dates(self):
        line = self.make_line(self.customer, 1000)
        self.make_temporary(line, 1500, "2026-03-10", "2026-03-20")
        request = self.make_request(
            "temporary", 1800, date_from="2026-03-20", date_to="2026-03-31"
        )
        with self.refused(
            UserError, "2026-03-20", "2026-03-31", "2026-03-10", "2026-03-20"
        ):
            request.action_submit()

    def test_a_temporary_limit_has_days_and_a_line_with_an_amount(self):
        line = self.make_line(self.customer, mode="unlimited")
        request = self.make_request("temporary", 1800)
        with self.refused(UserError, "first and a last day"):
            request.action_submit()
        request.write({"date_from": "2026-03-16", "date_to": "2026-03-17"})
        with self.refused(UserError, "needs a line with an amount"):
            request.action_submit()
        self.assertEqual(line.state, "active")

    def test_a_currency_without_rate_is_refused_naming_it_and_the_day(self):
        chf = self.setup_other_currency("CHF", rates=[("2026-03-17", 0.9)])
        with self.refused(UserError, "CHF.*2026-03-16"):
            self.make_request(currency_id=chf.id)

    # The own application

    def test_nobody_approves_an_own_application(self):
        made = self.make_request(user=self.manager)
        made.with_user(self.executive).action_submit()
        sent = self.make_request()
        sent.with_user(self.manager).action_submit()
        for request in (made, sent):
            with self.refused(AccessError, "own application", request.name):
                request.with_user(self.manager).action_approve()
            self.assertFalse(request.with_user(self.manager).can_approve)
            self.assertTrue(request.with_user(self.director).can_approve)
            self.assertFalse(request.decision_ids)

    # Roles

    def test_only_executives_review_and_decide(self):
        for verb in ("action_review", "action_approve"):
            request = self.make_request(submit=True)
            for user in (self.viewer, self.collector, self.accountant, self.portal):
                with self.subTest(verb, user=user.login), self.assertRaises(UserError):
                    getattr(request.with_user(user), verb)()
        request = self.make_request(submit=True)
        for user in (self.viewer, self.collector, self.portal):
            with self.assertRaises(UserError):
                request.with_user(user).action_reject("no")
            with self.assertRaises(UserError):
                request.with_user(user).action_request_info("papers")

    def test_sales_asks_for_own_customers_only(self):
        self.partner.user_id = self.salesperson
        request = self.make_request(user=self.salesperson, submit=True)
        self.assertEqual(request.requested_by, self.salesperson)
        other = self.make_customer("Of somebody else")
        other.partner_id.user_id = self.manager
        with self.assertRaises(AccessError):
            self.make_request(user=self.salesperson, customer=other)
        foreign = self.make_request(customer=other)
        with self.assertRaises(AccessError):
            foreign.with_user(self.salesperson).read(["amount"])
        with self.assertRaises(UserError):
            foreign.with_user(self.salesperson).action_submit()

    def test_another_company_is_another_company(self):
        theirs = self.make_customer("Abarrotes", company=self.other_company)
        request = (
            self.Request.with_user(self.everywhere)
            .with_context(allowed_company_ids=self.other_company.ids)
            .create({"customer_id": theirs.id, "kind": "opening", "amount": 10})
        )
        self.assertEqual(request.company_id, self.other_company)
        self.assertEqual(request.currency_id, self.mxn)
        request.action_submit()
        with self.assertRaises(AccessError):
            request.with_user(self.manager).with_context(
                allowed_company_ids=self.company.ids
            ).action_approve()
        with self.assertRaises(AccessError):
            request.with_user(self.everywhere).with_context(
                allowed_company_ids=self.company.ids
            ).action_review()

    def test_salespeople_cancel_what_they_asked_for(self):
        self.partner.user_id = self.salesperson
        mine = self.make_request(user=self.salesperson, submit=True)
        others = self.make_request(submit=True)
        with self.refused(AccessError, "somebody else"):
            others.with_user(self.salesperson).action_cancel()
        mine.with_user(self.salesperson).action_cancel("Bought elsewhere")
        others.with_user(self.executive).action_cancel()
        self.assertEqual({mine.state, others.state}, {"cancelled"})

    # What is kept

    def test_the_state_is_never_written_by_hand(self):
        with self.assertRaises(UserError):
            self.make_request(state="approved")
        context = {"default_state": "approved", "default_requested_by": 1}
        request = self.Request.with_context(**context).create(
            {"customer_id": self.customer.id, "amount": 5}
        )
        self.assertEqual((request.state, request.requested_by.id), ("draft", False))
        for user in (self.executive, self.manager):
            for vals in (
                {"state": "approved"},
                {"requested_by": self.director.id},
                {"decided_by": self.manager.id},
                {"round": 7},
                {"made_line_id": 1},
                {"info_from": "review"},
            ):
                with self.subTest(vals, user=user.login), self.assertRaises(UserError):
                    request.with_user(user).write(vals)

    def test_what_is_asked_for_stays_once_it_is_submitted(self):
        request = self.make_request(submit=True)
        for vals in (
            {"amount": 10**6},
            {"customer_id": self.make_customer("Other").id},
            {"kind": "renewal"},
            {"mode": "unlimited"},
            {"currency_id": self.mxn.id},
            {"date_to": "2030-01-01"},
        ):
            for user in (self.executive, self.manager):
                with self.subTest(vals), self.assertRaises(UserError):
                    request.with_user(user).write(vals)
        request.with_user(self.collector)
        with self.assertRaises(UserError):
            request.with_user(self.collector).write({"amount_granted": 10**6})

    def test_decided_applications_are_closed_to_everybody(self):
        approved = self.make_request(submit=True)
        approved.with_user(self.manager).action_approve()
        rejected = self.make_request("increase", 5000, submit=True)
        rejected.with_user(self.manager).action_reject("No")
        cancelled = self.make_request("increase", 5000)
        cancelled.action_cancel()
        root = self.env.ref("base.user_root")
        for request in (approved, rejected, cancelled):
            for vals in (
                {"amount_granted": 1},
                {"conclusion": "x"},
                {"revenue": 5},
                {"state": "draft"},
                {"reference_ids": [(0, 0, {"name": "x"})]},
            ):
                for user in (self.manager, root):
                    with (
                        self.subTest(state=request.state, vals=vals),
                        self.assertRaises(UserError),
                    ):
                        request.with_user(user).sudo().write(vals)
            with self.assertRaises(UserError):
                request.sudo().unlink()
            for verb in VERBS:
                with self.subTest(verb), self.assertRaises(UserError):
                    getattr(request.with_user(self.manager), verb)()

    def test_decisions_are_records_that_nobody_makes_edits_or_deletes(self):
        request = self.make_request(submit=True)
        request.with_user(self.manager).action_approve()
        decision = request.decision_ids
        self.assertRecordValues(
            decision,
            [
                {
                    "verdict": "approved",
                    "user_id": self.manager.id,
                    "principal_id": self.manager.id,
                    "strength": "1",
                    "amount": 1000,
                    "currency_id": self.usd.id,
                }
            ],
        )
        for user in (self.manager, self.env.ref("base.user_root")):
            mine = decision.with_user(user).sudo()
            with self.assertRaises(AccessError):
                mine.write({"amount": 1})
            with self.assertRaises(AccessError):
                mine.unlink()
            with self.assertRaises(AccessError):
                mine.create(decision.copy_data()[0])
            with self.assertRaises(AccessError):
                request.with_user(user).sudo().write(
                    {"decision_ids": [(2, decision.id, 0)]}
                )
        with self.assertRaises(AccessError):
            request.score_ids[:1].sudo().write({"points": 99})

    def test_a_rejection_says_why(self):
        request = self.make_request(submit=True)
        for reason in (None, "", "   "):
            with self.refused(UserError, "why"):
                request.with_user(self.manager).action_reject(reason)
        request.with_user(self.manager).action_reject("Too much debt")
        self.assertRecordValues(
            request,
            [
                {
                    "state": "rejected",
                    "reject_reason": "Too much debt",
                    "decided_by": self.manager.id,
                }
            ],
        )
        self.assertEqual(request.decision_ids.note, "Too much debt")
        self.assertFalse(self.customer.line_ids)

    def test_drafts_may_be_deleted_and_submitted_ones_not(self):
        self.make_request().unlink()
        request = self.make_request(submit=True)
        with self.refused(UserError, "kept"):
            request.unlink()
