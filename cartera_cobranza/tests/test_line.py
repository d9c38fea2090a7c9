from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import CarteraCommon


@tagged("post_install", "-at_install")
class TestLine(CarteraCommon):
    """Credit lines: versions that are activated, suspended, expire and stay as they were."""

    def setUp(self):
        super().setUp()
        self.customer = self.make_customer("Abarrotes del Centro")
        self.partner = self.customer.partner_id
        self.Line = self.root["cartera.credit.line"]

    def draft(self, **vals):
        return self.make_line(self.customer, activate=False, **vals)

    # Bad input

    def test_a_negative_limit_is_refused_with_its_amount(self):
        """domain 1.1: … received -5,000.00 … use the mode 'No credit'."""
        with self.assertRaises(ValidationError) as caught:
            self.draft(amount=-5000)
        self.assertIn(self.usd.format(-5000), str(caught.exception))
        self.assertIn("No credit", str(caught.exception))

    def test_a_negative_guarantee_is_refused_with_its_amount(self):
        with self.assertRaises(ValidationError) as caught:
            self.draft(amount=1, guarantee_amount=-20)
        self.assertIn(self.usd.format(-20), str(caught.exception))

    def test_negative_grace_days_are_refused_with_their_number(self):
        with self.refused(ValidationError, "-3"):
            self.draft(amount=1, grace_days=-3)

    def test_an_end_before_the_start_is_refused_with_both_dates(self):
        with self.refused(ValidationError, "2026-03-15.*2026-03-16"):
            self.draft(amount=1, date_to="2026-03-15")
        self.assertTrue(self.draft(amount=1, date_to="2026-03-16"))

    def test_a_currency_without_rate_is_refused_naming_it_and_the_day(self):
        """Never one to one; a currency with a rate for later only has none today."""
        for rates in ([], [("2026-03-17", 0.9)]):
            chf = self.setup_other_currency("CHF", rates=rates)
            with (
                self.subTest(rates=rates),
                self.refused(UserError, "CHF.*2026-03-16"),
            ):
                self.draft(amount=100, currency_id=chf.id)

    def test_a_line_is_not_born_active(self):
        """Not by a value, nor by a default that somebody's context brings along."""
        for state in ("active", "suspended", "expired", "replaced"):
            with self.subTest(state), self.assertRaises(UserError):
                self.draft(amount=1, state=state)
        line = self.Line.with_context(default_state="active").create(
            {"customer_id": self.customer.id, "amount": 10**6}
        )
        self.assertEqual(line.state, "draft")
        self.assertEqual(
            line.with_context(default_state="active").copy().state, "draft"
        )

    def test_a_line_is_not_backdated(self):
        line = self.draft(amount=1, activated_on="2020-01-01", closed_on="2099-01-01")
        line.action_activate()
        self.assertRecordValues(
            line, [{"activated_on": self.today, "closed_on": False}]
        )

    def test_a_start_to_come_and_an_end_that_is_past_cannot_be_activated(self):
        with self.refused(UserError, "2026-03-17"):
            self.draft(amount=1, date_from="2026-03-17").action_activate()
        ended = self.draft(amount=1, date_from="2026-03-01", date_to="2026-03-15")
        with self.refused(UserError, "2026-03-15"):
            ended.action_activate()
        self.draft(amount=1, date_to="2026-03-16").action_activate()

    # Versions

    def test_a_new_version_replaces_the_active_one(self):
        first = self.make_line(self.customer, 500)
        self.assertRecordValues(
            first,
            [
                {
                    "state": "active",
                    "activated_on": self.today,
                    "closed_on": False,
                    "amount": 500,
                }
            ],
        )
        second = self.make_line(self.customer, 800)
        self.assertRecordValues(
            first | second,
            [
                {"state": "replaced", "closed_on": self.today, "amount": 500},
                {"state": "active", "closed_on": False, "amount": 800},
            ],
        )
        self.assertEqual(self.customer.line_id, second)

    def test_new_version_is_a_draft_copy_from_today(self):
        with freeze_time("2026-02-01 12:00:00"):
            first = self.make_line(
                self.customer, 500, date_from="2026-02-01", guarantee_amount=7
            )
        action = first.with_user(self.manager).action_new_version()
        copy = self.Line.browse(action["res_id"])
        self.assertRecordValues(
            copy,
            [
                {
                    "state": "draft",
                    "amount": 500,
                    "guarantee_amount": 7,
                    "date_from": self.today,
                    "activated_on": False,
                    "activated_by": False,
                }
            ],
        )

    def test_there_is_one_active_line_for_a_customer_and_scope(self):
        """General, pesos only and euros only stand side by side; each replaces its own."""
        lines = [
            self.make_line(self.customer, 100),
            self.make_line(
                self.customer, 200, currency_id=self.mxn.id, only_this_currency=True
            ),
            self.make_line(
                self.customer, 300, currency_id=self.eur.id, only_this_currency=True
            ),
        ]
        self.assertEqual({line.state for line in lines}, {"active"})
        again = self.make_line(
            self.customer, 250, currency_id=self.mxn.id, only_this_currency=True
        )
        self.assertEqual(
            [line.state for line in (*lines, again)],
            ["active", "replaced", "active", "active"],
        )

    def test_a_suspended_line_cannot_come_back_beside_an_active_one(self):
        """The refusal names the line that is active."""
        other = self.make_customer("Other")
        first = self.make_line(self.customer, 500)
        first.action_suspend()
        second = self.make_line(self.customer, 800)
        self.assertEqual(first.state, "replaced")
        with self.refused(UserError, "replaced"):
            first.action_activate()
        lone = self.make_line(other, 300)
        lone.action_suspend()
        lone.action_activate()
        self.assertEqual((lone.state, second.state), ("active", "active"))

    def test_the_database_keeps_a_second_active_line_out(self):
        """The partial unique index stands behind the verbs."""
        self.make_line(self.customer, 500)
        second = self.draft(amount=800)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self.env.cr.execute(
                "UPDATE cartera_credit_line SET state = 'active' WHERE id = %s",
                [second.id],
            )
        scoped = self.draft(amount=1, currency_id=self.mxn.id, only_this_currency=True)
        self.env.cr.execute(
            "UPDATE cartera_credit_line SET state = 'active' WHERE id = %s", [scoped.id]
        )

    # Protection

    def test_active_and_past_versions_are_never_edited_not_even_by_the_system(self):
        active = self.make_line(self.customer, 500)
        replaced, active = active, self.make_line(self.customer, 800)
        expired = self.make_line(self.make_customer("Other"), 5)
        expired.action_expire()
        suspended = self.make_line(self.make_customer("Third"), 5)
        suspended.action_suspend()
        changes = [
            {"amount": 10**6},
            {"mode": "unlimited"},
            {"currency_id": self.mxn.id},
            {"only_this_currency": True},
            {"date_from": "2020-01-01"},
            {"date_to": "2099-01-01"},
            {"grace_days": 99},
            {"guarantee_amount": 10**6},
            {"guarantee_date_to": "2099-01-01"},
            {"customer_id": self.make_customer("Fourth").id},
            {"activated_on": "2020-01-01"},
            {"activated_by": self.executive.id},
            {"closed_on": "2099-01-01"},
            {"company_id": self.other_company.id},
            {"state": "active"},
            {"state": "draft"},
        ]
        for line in (active, replaced, expired, suspended):
            for vals in changes:
                for user in (self.manager, self.env.ref("base.user_root")):
                    with (
                        self.subTest(state=line.state, vals=vals, user=user.login),
                        self.assertRaises(UserError),
                    ):
                        line.with_user(user).write(vals)
            with self.subTest(state=line.state), self.assertRaises(UserError):
                line.unlink()
        self.assertEqual(active.amount, 800)

    def test_drafts_may_be_changed_and_deleted(self):
        line = self.draft(amount=5)
        line.with_user(self.manager).write({"amount": 6, "date_to": "2026-12-31"})
        line.with_user(self.manager).unlink()

    def test_notes_on_an_active_line_stay_open(self):
        line = self.make_line(self.customer, 500)
        line.with_user(self.manager).write({"review_date": "2026-09-30"})
        line.with_user(self.manager).message_post(body="seen")
        self.assertEqual(str(line.review_date), "2026-09-30")

    def test_the_form_makes_a_line(self):
        Line = self.Line.with_user(self.manager)
        with Form(Line) as form:
            form.customer_id = self.customer
            form.amount = 1500
        line = form.record
        self.assertEqual((line.currency_id, line.state), (self.usd, "draft"))
        self.assertEqual(line.date_from, self.today)

    # Verbs and roles

    def test_only_managers_decide_on_lines(self):
        line = self.draft(amount=500)
        for user in (self.viewer, self.collector, self.executive):
            for verb in ("action_activate", "action_suspend", "action_expire"):
                with self.subTest(user.login, verb=verb), self.assertRaises(UserError):
                    getattr(line.with_user(user), verb)()
        self.assertEqual(line.state, "draft")
        line.with_user(self.manager).action_activate()
        self.assertEqual(line.activated_by, self.manager)
        line.with_user(self.manager).action_suspend("Does not answer")
        self.assertRecordValues(
            line, [{"state": "suspended", "reason": "Does not answer"}]
        )
        line.with_user(self.manager).action_expire()
        self.assertRecordValues(line, [{"state": "expired", "closed_on": self.today}])

    def test_verbs_are_refused_in_the_wrong_state_naming_it(self):
        draft = self.draft(amount=1)
        with self.refused(UserError, "draft"):
            draft.action_suspend()
        with self.refused(UserError, "draft"):
            draft.action_expire()
        draft.action_activate()
        with self.refused(UserError, "active"):
            draft.action_activate()
        draft.action_expire()
        for verb in ("action_activate", "action_suspend", "action_expire"):
            with self.subTest(verb), self.refused(UserError, "expired"):
                getattr(draft, verb)()

    def test_a_change_of_the_line_bumps_the_gate_s_row(self):
        """A check that runs at the same time is then retried on the new limit."""
        line = self.draft(amount=500)
        version = self.customer.check_version
        for verb in ("action_activate", "action_suspend", "action_expire"):
            getattr(line, verb)()
            with self.subTest(verb):
                self.assertGreater(self.customer.check_version, version)
            version = self.customer.check_version

    def test_figures_follow_at_once(self):
        self.make_invoice(self.partner, 100)
        line = self.make_line(self.customer, 500)
        self.assertEqual(self.customer.available, 400)
        line.action_suspend()
        self.assertEqual(
            (self.customer.available, self.customer.limit_source), (-100, "suspended")
        )

    # Odoo's own limit

    def core_limit(self, company=None):
        partner = self.partner.with_company(company or self.company)
        return partner.credit_limit, partner.use_partner_credit_limit

    def test_odoos_own_limit_follows_the_active_line(self):
        """design 4: written only when an own amount line changes, else zero."""
        self.partner.with_company(self.company).credit_limit = 77
        cases = [
            ({"amount": 500}, 500),
            ({"amount": 9000, "currency_id": self.mxn.id}, 500),  # 9,000 / 18
            ({"mode": "unlimited"}, 0),
            ({"amount": 800}, 800),
            ({"mode": "none"}, 0),
        ]
        for vals, expected in cases:
            self.make_line(self.customer, **vals)
            with self.subTest(vals):
                self.assertEqual(self.core_limit()[0], expected)
        line = self.make_line(self.customer, 800)
        line.action_suspend()
        self.assertEqual(self.core_limit()[0], 0)
        line.action_activate()
        self.assertEqual(self.core_limit()[0], 800)
        line.action_expire()
        self.assertEqual(self.core_limit()[0], 0)

    def test_odoos_own_limit_of_another_company_stays(self):
        self.partner.with_company(self.other_company).credit_limit = 77
        self.make_line(self.customer, 500)
        self.assertEqual(self.core_limit()[0], 500)
        self.assertEqual(self.core_limit(self.other_company)[0], 77)

    def test_a_line_for_one_currency_leaves_odoos_own_limit(self):
        self.make_line(self.customer, 500)
        self.make_line(
            self.customer, 900, currency_id=self.mxn.id, only_this_currency=True
        )
        self.assertEqual(self.core_limit()[0], 500)

    def test_the_gate_does_not_read_odoos_own_limit(self):
        self.make_line(self.customer, 500)
        self.partner.with_company(self.company).credit_limit = 10**6
        self.assertEqual(self.position(self.partner)["limit"], 500)

    def test_odoos_own_banner_tells_our_position(self):
        company = self.company.sudo()
        company.account_use_credit_limit = True
        self.make_line(self.customer, 500)
        self.make_invoice(self.partner, 450)
        self.turn_gate_on(cartera_invoice_gate=False)
        fits = self.make_invoice(self.partner, 50, post=False)
        over = self.make_invoice(self.partner, 60, post=False)
        self.assertFalse(fits.partner_credit_warning)
        for amount in (500, 450, 10):  # 450 + 60 is 10 too much
            self.assertIn(self.usd.format(amount), over.partner_credit_warning)

    # Expiry

    def test_the_job_expires_what_is_past_its_grace_days(self):
        """Last day 20 March and 5 days of grace: counts on the 25th, ends on the 26th."""
        line = self.make_line(self.customer, 500, date_to="2026-03-20", grace_days=5)
        endless = self.make_line(self.make_customer("Endless"), 500)
        for day, state, limit in (
            ("2026-03-20", "active", 500),
            ("2026-03-25", "active", 500),
            ("2026-03-26", "expired", 0),
        ):
            with self.subTest(day), freeze_time(f"{day} 12:00:00"):
                with self.commits_allowed():
                    self.Line._cron_expire()
                self.assertEqual(line.state, state)
                self.assertEqual(self.position(self.partner)["limit"], limit)
                self.assertEqual(endless.state, "active")
        self.assertEqual(self.core_limit()[0], 0)

    def test_an_expired_line_gives_nothing_even_before_the_job_runs(self):
        self.make_line(self.customer, 500, date_to="2026-03-20")
        with freeze_time("2026-03-21 12:00:00"):
            found = self.position(self.partner)
            self.assertEqual((found["limit"], found["limit_source"]), (0, "expired"))

    def test_the_job_twice_does_nothing_twice(self):
        line = self.make_line(self.customer, 500, date_to="2026-03-20")
        with freeze_time("2026-04-01 12:00:00"), self.commits_allowed():
            self.Line._cron_expire()
            messages = len(line.message_ids)
            self.Line._cron_expire()
        self.assertEqual(len(line.message_ids), messages)
        self.assertEqual(str(line.closed_on), "2026-04-01")

    def test_a_line_made_with_the_least_values_counts_and_expires(self):
        """By import or RPC amount and grace days are empty: that is zero, not unknown."""
        bare = self.Line.create({"customer_id": self.customer.id})
        bare.action_activate()
        found = self.position(self.partner)
        self.assertEqual((found["limit"], found["limit_source"]), (0, "line"))
        self.assertEqual(self.customer.limit_amount, 0)
        line = self.Line.create(
            {"customer_id": self.customer.id, "amount": 500, "date_to": "2026-03-20"}
        )
        line.action_activate()
        with freeze_time("2026-03-21 12:00:00"):
            found = self.position(self.partner)
            self.assertEqual((found["limit"], found["limit_source"]), (0, "expired"))
            self.snapshot(self.customer)
            self.assertEqual(self.customer.limit_source, "expired")

    # Accounts

    def test_an_account_is_for_the_commercial_entity(self):
        child = self.root["res.partner"].create(
            {"name": "Buyer", "parent_id": self.partner.id}
        )
        with self.refused(ValidationError, self.partner.name):
            self.Customer.create(
                {"partner_id": child.id, "company_id": self.company.id}
            )
        found = self.Customer._find_or_create(child, self.company)
        self.assertEqual(found, {self.partner: self.customer})

    def test_an_account_keeps_its_history(self):
        with self.assertRaises(UserError):
            self.customer.unlink()
