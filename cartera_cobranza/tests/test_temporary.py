from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import CarteraCommon


@tagged("post_install", "-at_install")
class TestTemporary(CarteraCommon):
    """Limits for some days: approved, taken back, ended, never edited."""

    def setUp(self):
        super().setUp()
        self.customer = self.make_customer("Abarrotes del Centro")
        self.line = self.make_line(self.customer, 500)
        self.Temporary = self.root["cartera.credit.temporary"]

    def draft(self, first="2026-03-16", last="2026-03-20", amount=900, line=None):
        return self.make_temporary(
            line or self.line, amount, first, last, activate=False
        )

    def limit(self):
        return self.position(self.customer.partner_id)["limit"]

    # Bad input

    def test_a_negative_amount_is_refused_with_it(self):
        with self.assertRaises(ValidationError) as caught:
            self.draft(amount=-30)
        self.assertIn(self.usd.format(-30), str(caught.exception))

    def test_an_end_before_the_start_is_refused_with_both_dates(self):
        with self.refused(ValidationError, "2026-03-19.*2026-03-20"):
            self.draft("2026-03-20", "2026-03-19")
        self.assertTrue(self.draft("2026-03-20", "2026-03-20"))

    def test_overlaps_are_refused_with_the_dates_in_conflict(self):
        self.draft("2026-03-16", "2026-03-20")
        for first, last in (
            ("2026-03-20", "2026-03-25"),
            ("2026-03-10", "2026-03-16"),
            ("2026-03-17", "2026-03-18"),
            ("2026-03-01", "2026-04-01"),
        ):
            with (
                self.subTest(first=first),
                self.refused(
                    ValidationError, f"{first} to {last}.*2026-03-16 to 2026-03-20"
                ),
            ):
                self.draft(first, last)
        self.draft("2026-03-21", "2026-03-25")
        self.draft("2026-03-01", "2026-03-15")

    def test_what_was_taken_back_and_other_customers_do_not_overlap(self):
        self.draft().action_cancel()
        self.draft()
        other = self.make_line(self.make_customer("Other"), 5)
        self.draft(line=other)

    def test_moving_a_draft_onto_another_is_refused(self):
        self.draft("2026-03-16", "2026-03-20")
        later = self.draft("2026-03-25", "2026-03-28")
        with self.refused(ValidationError, "2026-03-20"):
            later.date_from = "2026-03-20"

    def test_it_needs_an_active_line_with_an_amount(self):
        new = self.make_line(self.make_customer("New"), 5, activate=False)
        with self.refused(UserError, "not active"):
            self.draft(line=new).action_activate()
        free = self.make_line(self.make_customer("Free"), mode="unlimited")
        with self.refused(UserError, "Free"):
            self.draft(line=free).action_activate()

    def test_one_that_is_past_cannot_be_activated(self):
        past = self.draft("2026-03-01", "2026-03-15")
        with self.refused(UserError, "2026-03-15"):
            past.action_activate()

    def test_it_is_not_born_active(self):
        with self.assertRaises(UserError):
            self.Temporary.create(
                {
                    "line_id": self.line.id,
                    "amount": 9,
                    "date_from": "2026-03-16",
                    "date_to": "2026-03-16",
                    "state": "active",
                }
            )
        born = self.Temporary.with_context(default_state="active").create(
            {
                "line_id": self.line.id,
                "amount": 9,
                "date_from": "2026-03-16",
                "date_to": "2026-03-16",
            }
        )
        self.assertEqual(born.state, "draft")
        self.assertEqual(self.limit(), 500)

    # States

    def test_approval_is_signed_and_dated(self):
        temporary = self.draft()
        version = self.customer.check_version
        temporary.with_user(self.manager).action_activate()
        self.assertRecordValues(
            temporary,
            [
                {
                    "state": "active",
                    "approved_by": self.manager.id,
                    "activated_on": self.today,
                    "closed_on": False,
                }
            ],
        )
        self.assertGreater(self.customer.check_version, version)
        self.assertEqual(self.customer.limit_amount, 900)
        with self.refused(UserError, "not a draft"):
            temporary.action_activate()

    def test_taken_back_the_line_s_amount_counts_at_once(self):
        temporary = self.draft()
        temporary.action_activate()
        self.assertEqual(self.limit(), 900)
        temporary.with_user(self.manager).action_cancel()
        self.assertEqual((temporary.state, self.limit()), ("cancelled", 500))
        with self.refused(UserError, "ended"):
            temporary.action_cancel()

    def test_only_managers_decide(self):
        temporary = self.draft()
        for user in (self.viewer, self.collector, self.executive):
            for verb in ("action_activate", "action_cancel"):
                with self.subTest(user.login, verb=verb), self.assertRaises(UserError):
                    getattr(temporary.with_user(user), verb)()
        self.assertEqual(temporary.state, "draft")

    def test_approved_ones_are_never_edited_not_even_by_the_system(self):
        active, ended = self.draft(), self.draft("2026-03-21", "2026-03-25")
        active.action_activate()
        ended.action_activate()
        ended.action_cancel()
        for one in (active, ended):
            for vals in (
                {"amount": 10**6},
                {"date_from": "2020-01-01"},
                {"date_to": "2099-01-01"},
                {"line_id": self.make_line(self.make_customer("Other"), 1).id},
                {"reason": "other"},
                {"approved_by": self.executive.id},
                {"state": "draft"},
            ):
                for user in (self.manager, self.env.ref("base.user_root")):
                    with (
                        self.subTest(state=one.state, vals=vals, user=user.login),
                        self.assertRaises(UserError),
                    ):
                        one.with_user(user).write(vals)
            with self.assertRaises(UserError):
                one.unlink()
        self.draft("2026-05-01", "2026-05-02").with_user(self.manager).unlink()

    def test_a_new_version_of_the_line_takes_it_back(self):
        """It was granted on top of the version that is replaced."""
        temporary = self.draft()
        temporary.action_activate()
        self.make_line(self.customer, 600)
        self.assertEqual(temporary.state, "cancelled")
        self.assertEqual(self.limit(), 600)

    def test_the_end_of_the_line_ends_it(self):
        temporary = self.draft()
        temporary.action_activate()
        self.line.action_expire()
        self.assertRecordValues(
            temporary, [{"state": "expired", "closed_on": self.today}]
        )
        self.assertEqual(self.limit(), 0)

    def test_the_job_ends_what_is_over_and_refreshes(self):
        temporary = self.draft()
        temporary.action_activate()
        later = self.draft("2026-04-01", "2026-04-05")
        later.action_activate()
        with freeze_time("2026-03-20 12:00:00"), self.commits_allowed():
            self.root["cartera.credit.line"]._cron_expire()
            self.assertEqual(temporary.state, "active")
        with freeze_time("2026-03-21 12:00:00"), self.commits_allowed():
            self.root["cartera.credit.line"]._cron_expire()
            self.assertEqual((temporary.state, later.state), ("expired", "active"))
            self.assertEqual(self.customer.limit_amount, 500)
