from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import TODAY
from .common_interest import InterestCommon


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestInterestDecide(InterestCommon):
    """Waiving, approving, reversing, and putting right what came to light later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.make_policy()
        cls.invoice = cls.make_invoice(cls.partner, 10000, due="2026-01-01")
        cls.root["cartera.authority"].search([("kind", "=", "waive")]).unlink()
        cls.root["cartera.authority"].create(
            [
                {
                    "kind": "waive",
                    "group_id": cls.root.ref(f"cartera_cobranza.group_{role}").id,
                    "company_id": cls.company.id,
                    **limit,
                }
                for role, limit in (
                    ("credit_executive", {"percent": 10}),
                    ("credit_manager", {"unlimited": True}),
                )
            ]
        )

    def as_(self, user, run):
        return run.with_user(user).sudo(False)

    def residual(self, move):
        return move.amount_residual

    # Waiving

    def test_waive_before_posting_within_the_authority(self):
        run = self.simulate("2026-01-31", user=self.executive)  # 300.00
        line = run.line_ids
        with self.refused(AccessError, "30.01"):
            self.as_(self.executive, run).action_waive(line.ids, "Good customer", 30.01)
        self.as_(self.executive, run).action_waive(line.ids, "Good customer", 20)
        with self.refused(AccessError):  # not in small steps either
            self.as_(self.executive, run).action_waive(line.ids, "And again", 10.01)
        self.as_(self.executive, run).action_waive(line.ids, "And again", 10)
        self.assertRecordValues(
            line, [{"amount": 300, "waived_amount": 30, "net_amount": 270}]
        )
        self.assertEqual(
            run.waiver_ids.mapped(lambda one: (one.kind, one.amount, one.reason)),
            [("waive", 10.0, "And again"), ("waive", 20.0, "Good customer")],
        )
        self.assertEqual(run.waiver_ids.user_id, self.executive)
        self.as_(self.manager, run).action_waive(line.ids, "The director agreed")
        self.assertEqual((line.net_amount, run.to_bill), (0.0, 0.0))
        self.as_(self.manager, run).action_reinstate(line.ids[:1], "He did not")
        self.assertEqual((line.waived_amount, line.net_amount), (0.0, 300.0))

    def test_waivers_outlive_a_new_simulation(self):
        run = self.simulate("2026-01-31", user=self.executive)
        self.as_(self.executive, run).action_waive(run.line_ids.ids, "Agreed", 30)
        self.as_(self.executive, run).action_simulate()
        self.assertEqual(run.line_ids.waived_amount, 30)
        self.assertEqual(run.waiver_ids.line_id, run.line_ids)
        # what changed is decided anew
        self.pay(self.partner, 5000, date="2026-01-11", invoices=self.invoice)
        self.as_(self.executive, run).action_simulate()
        self.assertEqual(run.line_ids.amount, 200)
        self.assertEqual(run.line_ids.waived_amount, 0)

    def test_waived_interest_moves_the_watermark_and_is_not_proposed_again(self):
        run = self.simulate("2026-01-31", user=self.executive)
        self.as_(self.manager, run).action_waive(run.line_ids.ids, "Flood", 300)
        self.post(run)
        self.assertFalse(run.line_ids.note_move_id)
        self.assertTrue(run.line_ids.live)
        self.assertFalse(self.simulate("2026-01-31").line_ids)

    def test_waive_after_posting_by_a_credit_note_and_reinstate_by_a_debit_note(self):
        run = self.charge("2026-01-31")
        line, note = run.line_ids, run.line_ids.note_move_id
        self.as_(self.manager, run).action_waive(line.ids, "Settled", 100)
        credit = run.waiver_ids.move_id
        self.assertRecordValues(
            credit,
            [
                {
                    "move_type": "out_refund",
                    "state": "posted",
                    "amount_total": 100.0,
                    "reversed_entry_id": note.id,
                }
            ],
        )
        self.assertEqual(note.amount_residual, 200.0)
        self.assertEqual(line.net_amount, 200.0)
        self.as_(self.manager, run).action_reinstate(line.ids, "Did not pay")
        debit = run.waiver_ids.filtered(lambda one: one.kind == "reinstate").move_id
        self.assertEqual(
            (debit.move_type, debit.amount_total, debit.debit_origin_id),
            ("out_invoice", 100.0, self.invoice),
        )
        self.assertFalse(self.simulate("2026-01-31").line_ids)

    def test_bad_waivers_are_refused(self):
        run = self.simulate("2026-01-31", user=self.executive)
        line = run.line_ids
        manager = self.as_(self.manager, run)
        for reason, amount in (
            ("", 10),
            ("  ", 10),
            ("More than there is", 300.01),
            ("Below zero", -5),
            ("Parts of a cent", 1.001),
            ("Nothing", 0),
        ):
            with self.subTest(reason), self.refused(UserError):
                manager.action_waive(line.ids, reason, amount)
        for ids in ([], [0], [line.id, 999999999]):
            with self.subTest(ids), self.refused(UserError):
                manager.action_waive(ids, "Why")
        other = self.simulate("2026-01-15")
        with self.refused(UserError):
            manager.action_waive(other.line_ids.ids, "Of another run")
        with self.refused(UserError):
            manager.action_reinstate(line.ids, "Nothing was waived")
        self.as_(self.manager, run).action_approve()
        with self.refused(UserError):
            manager.action_waive(line.ids, "Too late", 10)
        self.assertFalse(run.waiver_ids)

    # Approving

    def test_who_may_do_what(self):
        run = self.simulate("2026-01-31", user=self.executive)
        line = run.line_ids
        verbs = {
            "action_simulate": ((), ("accountant", "executive", "manager")),
            "action_waive": ((line.ids, "x", 1), ("executive", "manager")),
            "action_approve": ((), ("manager",)),
            "action_post": ((), ("accountant", "manager")),
            "action_reverse": ((), ("manager",)),
        }
        roles = ("portal", "viewer", "collector", "accountant", "executive", "manager")
        for verb, (arguments, allowed) in verbs.items():
            for role in roles:
                if role in allowed:
                    continue
                mine = self.as_(getattr(self, role), run)
                with self.subTest(verb, role=role), self.refused(AccessError):
                    getattr(mine, verb)(*arguments)
        self.assertEqual(run.state, "simulated")

    def test_another_person_approves(self):
        run = self.simulate("2026-01-31", user=self.manager)
        with self.refused(UserError):
            self.as_(self.manager, run).action_approve()
        self.as_(self.everywhere, run).action_approve()
        self.assertEqual(run.approved_by, self.everywhere)
        self.as_(self.manager, run).action_back()
        self.assertEqual((run.state, run.approved_by.id), ("simulated", False))

    def test_what_changed_after_the_approval_is_not_posted(self):
        run = self.simulate("2026-01-31", user=self.executive)
        self.as_(self.manager, run).action_approve()
        self.pay(self.partner, 5000, date="2026-01-11", invoices=self.invoice)
        with self.refused(UserError, self.invoice.name):
            self.as_(self.accountant, run).action_post()
        self.assertFalse(run.line_ids.note_move_id)
        self.as_(self.manager, run).action_back()
        self.as_(self.executive, run).action_simulate()
        self.post(run)
        self.assertEqual(run.line_ids.note_move_id.amount_total, 200)

    def test_no_state_is_written_from_outside(self):
        run = self.simulate("2026-01-31", user=self.executive)
        for user in (self.executive, self.manager):
            mine = self.as_(user, run)
            for vals in (
                {"state": "approved"},
                {"approved_by": user.id},
                {"terms": {}},
                {"scheduled": True},
            ):
                with self.subTest(vals), self.refused(UserError):
                    mine.write(vals)
        with self.refused(UserError):
            self.make_run("2026-01-31", user=self.manager, state="posted")
        run = (
            self.Run.with_user(self.manager)
            .sudo(False)
            .with_context(default_state="approved", default_scheduled=True)
            .create({"company_id": self.company.id, "date_to": "2026-01-31"})
        )
        self.assertEqual((run.state, run.scheduled), ("draft", False))

    def test_posted_interest_is_history_even_for_the_system(self):
        run = self.charge("2026-01-31")
        line = run.line_ids
        self.as_(self.manager, run).action_waive(line.ids, "Half", 150)
        for record, vals in (
            (line, {"amount": 1}),
            (line, {"live": False}),
            (line.segment_ids, {"amount": 1}),
            (run.waiver_ids, {"reason": "Another"}),
            (run, {"date_to": "2026-02-28"}),
        ):
            with self.subTest(record._name), self.refused(UserError):
                record.sudo().write(vals)
            with self.subTest(record._name), self.refused(UserError):
                record.sudo().unlink()
        for record in (line, line.segment_ids):
            with self.refused(UserError):
                record.sudo().create({})
        for move in (self.invoice, line.note_move_id):
            with self.refused(UserError, run.name):
                move.button_draft()
        with self.refused(UserError):
            line.note_move_id.button_cancel()

    # Reversing

    def test_reversal_of_a_run_brings_the_watermark_back(self):
        self.charge("2026-01-31")
        run = self.charge("2026-02-10")
        note = run.line_ids.note_move_id
        self.as_(self.manager, run).action_reverse()
        self.assertEqual(run.state, "reversed")
        self.assertRecordValues(
            run.line_ids.reversal_move_id,
            [
                {
                    "move_type": "out_refund",
                    "amount_total": 100.0,
                    "reversed_entry_id": note.id,
                    "state": "posted",
                }
            ],
        )
        self.assertEqual((note.amount_residual, note.payment_state), (0, "reversed"))
        again = self.charge("2026-02-10")
        self.assertEqual(again.line_ids.amount, 100.0)
        self.assertEqual(again.line_ids.date_from, self.day("2026-02-01"))

    def test_reversal_of_one_line_of_a_note_for_a_customer(self):
        self.policy.grouping = "customer"
        second = self.make_invoice(self.partner, 20000, due="2026-01-11")
        run = self.charge("2026-01-31")  # 300 + 400
        note = run.line_ids.note_move_id
        line = run.line_ids.filtered(lambda one: one.move_id == second)
        self.as_(self.manager, run).action_reverse(line.ids)
        self.assertEqual(run.state, "posted")
        run.invalidate_recordset()
        self.assertEqual(
            (run.amount, run.reversed_amount, run.to_bill), (700.0, 400.0, 300.0)
        )
        self.assertEqual(note.amount_residual, 300.0)
        self.assertEqual(self.amounts(self.simulate("2026-01-31")), {second: 400.0})
        with self.refused(UserError):
            self.as_(self.manager, run).action_reverse(line.ids)

    def test_reversal_of_what_was_waived_in_part_credits_the_rest(self):
        run = self.charge("2026-01-31")
        self.as_(self.manager, run).action_waive(run.line_ids.ids, "Half", 100)
        self.as_(self.manager, run).action_reverse()
        self.assertEqual(run.line_ids.reversal_move_id.amount_total, 200.0)
        run.invalidate_recordset()
        self.assertEqual(
            (run.waived, run.reversed_amount, run.to_bill), (100.0, 200.0, 0.0)
        )
        self.assertEqual(run.line_ids.note_move_id.amount_residual, 0)

    def test_earlier_days_are_not_reversed_before_later_ones(self):
        first = self.charge("2026-01-31")
        second = self.charge("2026-02-10")
        with self.refused(UserError, second.name):
            self.as_(self.manager, first).action_reverse()
        self.as_(self.manager, second).action_reverse()
        self.as_(self.manager, first).action_reverse()
        self.assertEqual(self.simulate("2026-01-31").line_ids.amount, 300)

    # Corrections

    def test_payment_dated_back_after_the_run_is_credited(self):
        run = self.charge("2026-01-31")
        note = run.line_ids.note_move_id
        self.pay(self.partner, 10000, date="2026-01-11", invoices=self.invoice)
        later = self.simulate("2026-02-28", user=self.executive)
        # 10 days were right, 30 were charged
        self.assertEqual(self.amounts(later, "adjustment"), {self.invoice: -200.0})
        line = later.line_ids
        self.assertEqual((line.computed_amount, line.before_amount), (100.0, 300.0))
        self.assertEqual(line.origin_line_id, run.line_ids)
        self.post(later)
        self.assertRecordValues(
            line.note_move_id,
            [
                {
                    "move_type": "out_refund",
                    "amount_total": 200.0,
                    "reversed_entry_id": note.id,
                }
            ],
        )
        self.assertEqual(note.amount_residual, 100.0)
        self.assertFalse(self.simulate("2026-02-28").line_ids)

    def test_a_payment_whose_day_is_changed_in_its_place_is_a_correction(self):
        """Set back to draft, another day, confirmed: it stays applied to the invoice all the while."""
        payment = self.pay(self.partner, 4000, date="2026-01-21", invoices=self.invoice)
        run = self.charge("2026-01-31")
        # 20 days of 10,000 and 10 of 6,000
        self.assertEqual(run.line_ids.amount, 260.0)
        self.assertFalse(self.simulate("2026-01-31").line_ids)
        partials = self.invoice.line_ids.matched_credit_ids
        payment.action_draft()
        payment.date = "2026-01-11"
        payment.action_post()
        if not self.invoice.line_ids.matched_credit_ids:
            (payment.move_id | self.invoice).line_ids.filtered(
                lambda line: line.account_type == "asset_receivable"
            ).reconcile()
        else:
            self.assertEqual(self.invoice.line_ids.matched_credit_ids, partials)
        self.env.flush_all()
        # a later transaction, which a test cannot have
        self.env.cr.execute(
            "UPDATE account_move SET write_date = %s WHERE id = %s",
            [self.today + timedelta(days=1), payment.move_id.id],
        )
        self.env.invalidate_all()
        later = self.simulate("2026-01-31", user=self.executive)
        # 10 days of 10,000 and 20 of 6,000: 220.00
        self.assertEqual(self.amounts(later, "adjustment"), {self.invoice: -40.0})
        self.post(later)
        self.assertFalse(self.simulate("2026-01-31").line_ids)

    def test_payment_undone_after_the_run_is_charged(self):
        payment = self.pay(
            self.partner, 10000, date="2026-01-11", invoices=self.invoice
        )
        self.charge("2026-01-31")
        payment.action_draft()
        payment.action_cancel()
        later = self.simulate("2026-01-31", user=self.executive)
        # the payment bounced: the days after it were never charged, and are now
        self.assertEqual(self.amounts(later), {self.invoice: 200.0})
        self.assertFalse(self.amounts(later, "adjustment"))

    def test_part_payment_undone_after_the_run_is_a_correction(self):
        payment = self.pay(self.partner, 4000, date="2026-01-11", invoices=self.invoice)
        run = self.charge("2026-01-31")  # 100 + 20 × 6
        self.assertEqual(run.line_ids.amount, 220)
        payment.action_draft()
        payment.action_cancel()
        later = self.charge("2026-01-31")
        self.assertEqual(self.amounts(later, "adjustment"), {self.invoice: 80.0})
        self.assertEqual(later.line_ids.note_move_id.amount_total, 80.0)
        self.assertFalse(self.simulate("2026-01-31").line_ids)
        with self.refused(UserError, later.name):
            self.as_(self.manager, run).action_reverse()

    def test_another_rate_later_corrects_nothing(self):
        self.charge("2026-01-31")
        self.policy.rate = 73
        self.pay(self.partner, 1000, date="2026-02-05", invoices=self.invoice)
        later = self.simulate("2026-02-10")
        self.assertFalse(self.amounts(later, "adjustment"))
        # 5 days of 20.00 and 5 of 18.00
        self.assertEqual(self.amounts(later), {self.invoice: 190.0})

    def test_correction_of_what_was_waived_gives_nothing_back(self):
        run = self.simulate("2026-01-31", user=self.executive)
        self.as_(self.manager, run).action_waive(run.line_ids.ids, "Flood")
        self.post(run)
        self.pay(self.partner, 10000, date="2026-01-11", invoices=self.invoice)
        self.assertFalse(self.simulate("2026-02-28").line_ids)
