from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import CarteraCommon


@tagged("post_install", "-at_install")
class TestRelease(CarteraCommon):
    """Releasing, rejecting and holding by hand: authority, reasons, history."""

    def setUp(self):
        super().setUp()
        self.customer = self.make_customer("Abarrotes del Centro")
        self.partner = self.customer.partner_id
        self.make_line(self.customer, 1000)
        self.turn_gate_on()

    def overdue(self, amount, days=44):
        """Something overdue since more than the 30 days of the rule."""
        self.turn_gate_on(cartera_gate="off")
        self.make_invoice(self.partner, amount, due="2026-01-31")
        self.turn_gate_on()

    def held(self, amount, **vals):
        return self.hold_invoice(self.partner, amount, **vals)

    def document(self, hold):
        return self.root["account.move"].browse(hold.res_id)

    def release(self, hold, user=None, reason=None, note=None, **kwargs):
        return hold.with_user(user or self.manager).action_release(
            (reason or self.reason_any).id, note, **kwargs
        )

    # Release

    def test_a_release_posts_the_invoice_and_is_signed(self):
        hold = self.held(1050)
        self.release(hold, self.executive, note="Spoke to the owner")
        move = self.document(hold)
        self.assertEqual((move.state, move.credit_state), ("posted", "released"))
        self.assertRecordValues(
            hold,
            [
                {
                    "state": "released",
                    "released_by": self.executive.id,
                    "release_note": "Spoke to the owner",
                }
            ],
        )
        # seven days, as the company says
        self.assertEqual(str(hold.review_date), "2026-03-23")
        self.assertTrue(hold.released_at and hold.closed_at)
        self.assertRecordValues(
            hold.reason_ids,
            [
                {
                    "released_by": self.executive.id,
                    "release_reason_id": self.reason_any.id,
                    "is_open": False,
                }
            ],
        )
        self.assertEqual(hold.log_ids.mapped("event"), ["held", "released"])
        self.assertEqual(hold.log_ids[-1].user_id, self.executive)
        self.assertFalse(hold.activity_ids)

    def test_where_the_company_wants_a_person_to_post(self):
        self.turn_gate_on(cartera_confirm_on_release=False)
        hold = self.held(1050)
        self.release(hold)
        move = self.document(hold)
        self.assertEqual((move.state, move.credit_state), ("draft", "released"))
        move.with_user(self.accountant).action_post()
        self.assertEqual(move.state, "posted")

    def test_a_release_is_lost_when_the_invoice_grows(self):
        self.turn_gate_on(cartera_confirm_on_release=False)
        hold = self.held(1050)
        self.release(hold)
        move = self.document(hold)
        move.invoice_line_ids.price_unit = 1060
        move.action_post()
        self.assertEqual((move.state, move.credit_state), ("draft", "held"))
        self.assertEqual(len(move.credit_hold_ids), 2)

    def test_a_release_is_kept_when_the_invoice_shrinks(self):
        self.turn_gate_on(cartera_confirm_on_release=False)
        hold = self.held(1050)
        self.release(hold)
        move = self.document(hold)
        move.invoice_line_ids.price_unit = 1040
        move.action_post()
        self.assertEqual(move.state, "posted")

    def test_a_release_ends_after_its_review_date(self):
        self.turn_gate_on(cartera_confirm_on_release=False)
        first, second = self.held(1050), self.held(1050)
        self.release(first | second, review_date="2026-03-18")
        for day, hold, state in (
            ("2026-03-18", first, "posted"),
            ("2026-03-19", second, "draft"),
        ):
            move = self.document(hold)
            with self.subTest(day), self.at(day):
                if state == "draft":
                    self.document(first).button_draft()
                move.action_post()
                self.assertEqual(move.state, state)

    def test_a_new_reason_is_not_covered_by_an_old_release(self):
        self.turn_gate_on(cartera_confirm_on_release=False)
        hold = self.held(1050)
        self.release(hold)
        self.overdue(10)
        move = self.document(hold)
        move.action_post()
        self.assertEqual(move.credit_state, "held")
        last = move.credit_hold_ids.sorted("id")[-1]
        self.assertEqual(last.reason_ids.mapped("code"), ["overdue_days"])

    # Bad input

    def test_a_release_without_a_reason_is_refused(self):
        hold = self.held(1050)
        gone = self.root["cartera.release.reason"].create({"name": "Gone"})
        number = gone.id
        gone.unlink()
        for reason in (None, False, 0, number):
            with self.subTest(reason), self.refused(UserError, "reason"):
                hold.with_user(self.manager).action_release(reason)
        self.assertEqual(hold.state, "held")

    def test_a_reason_may_need_a_note(self):
        hold = self.held(1050)
        for note in (None, "", "   "):
            with self.subTest(note), self.refused(UserError, "Decision"):
                self.release(hold, reason=self.reason_note, note=note)
        self.release(hold, reason=self.reason_note, note="The board said so")
        self.assertEqual(hold.state, "released")

    def test_a_review_date_in_the_past_is_refused_with_it(self):
        hold = self.held(1050)
        with self.refused(UserError, "2026-03-15", "2026-03-16"):
            self.release(hold, review_date="2026-03-15")
        self.release(hold, review_date="2026-03-16")
        self.assertEqual(str(hold.review_date), "2026-03-16")

    def test_a_reason_for_another_kind_is_refused_naming_both(self):
        hold = self.held(1050)
        with self.refused(UserError, "Disputed", "over the line"):
            self.release(hold, reason=self.reason_overdue)

    def test_a_closed_hold_is_refused_naming_its_state(self):
        hold = self.held(1050)
        self.release(hold)
        with self.refused(UserError, "closed", "released"):
            self.release(hold)
        with self.refused(UserError, "closed"):
            hold.with_user(self.manager).action_reject("No")

    def test_a_document_that_is_done_is_refused(self):
        """Posted by other means meanwhile: there is nothing left to decide."""
        hold = self.held(1050)
        self.turn_gate_on(cartera_gate="off")
        self.document(hold).action_post()
        self.turn_gate_on()
        with self.assertRaises(UserError):
            self.release(hold)

    # Who may

    def test_only_credit_executives_decide(self):
        hold = self.held(1050)
        for user in (self.viewer, self.collector, self.accountant, self.portal):
            for verb, arguments in (
                ("action_release", [self.reason_any.id]),
                ("action_reject", ["No"]),
                ("action_recheck", []),
            ):
                with (
                    self.subTest(user.login, verb=verb),
                    self.assertRaises(AccessError),
                ):
                    getattr(hold.with_user(user), verb)(*arguments)
        self.assertEqual(hold.state, "held")

    def test_nobody_decides_on_an_own_document(self):
        """Salesperson and approver are different people, whatever roles they have."""
        hold = self.held(1050, invoice_user_id=self.manager.id)
        with self.refused(AccessError, "own"):
            self.release(hold)
        with self.refused(AccessError, "own"):
            hold.with_user(self.manager).action_reject("No")
        self.assertFalse(hold.with_user(self.manager).user_can_release)
        # giving it away after it was held does not help
        self.document(hold).invoice_user_id = self.salesperson
        with self.refused(AccessError, "own"):
            self.release(hold)
        self.release(hold, self.everywhere)
        self.assertEqual(hold.state, "released")

    def test_authority_by_percent_of_the_line(self):
        """Executives release up to 10 % of the line: 100 above 1,000, not 100.01."""
        fits, over = self.held(1100), self.held(1100.01)
        with self.refused(AccessError, "above your authority"):
            self.release(over, self.executive)
        self.release(fits, self.executive)
        self.assertEqual((fits.state, over.state), ("released", "held"))
        self.release(over, self.manager)
        self.assertEqual(over.state, "released")

    def test_authority_by_amount_of_the_company_s_own_row(self):
        self.root["cartera.authority"].create(
            {
                "kind": "release_limit",
                "group_id": self.env.ref("cartera_cobranza.group_credit_executive").id,
                "company_id": self.company.id,
                "currency_id": self.usd.id,
                "amount": 40,
            }
        )
        fits, over = self.held(1040), self.held(1040.01)
        with self.refused(AccessError, "above your authority"):
            self.release(over, self.executive)
        self.release(fits, self.executive)
        self.assertEqual(fits.state, "released")

    def test_limit_and_overdue_may_belong_to_different_people(self):
        """Executives: 10 % of the line, 25 % of the balance when it is overdue.

        Owes 800, 300 of it overdue (37.5 %: above the executive), 250 more are 50 too
        much (5 % of the line: within). The executive releases a part, the manager the rest.
        """
        self.turn_gate_on(cartera_gate="off")
        self.make_invoice(self.partner, 500)
        self.overdue(300)
        hold = self.held(250)
        self.assertEqual(hold.reason_kind, "both")
        self.release(hold, self.executive)
        state = {reason.code: reason.is_open for reason in hold.reason_ids}
        self.assertEqual(state, {"over_limit": False, "overdue_days": True})
        self.assertEqual((hold.state, self.document(hold).state), ("held", "draft"))
        self.assertEqual(hold.log_ids[-1].event, "released_part")
        self.assertEqual(hold.reason_kind, "overdue")
        with self.refused(AccessError, "above your authority"):
            self.release(hold, self.executive)
        # a new check does not open again what was released
        hold.action_recheck()
        self.assertEqual(
            {reason.code: reason.is_open for reason in hold.reason_ids}, state
        )
        self.release(hold, self.manager, reason=self.reason_overdue)
        self.assertEqual(
            (hold.state, self.document(hold).state), ("released", "posted")
        )
        by = {reason.code: reason.released_by for reason in hold.reason_ids}
        self.assertEqual(
            by, {"over_limit": self.executive, "overdue_days": self.manager}
        )

    def test_release_reasons_of_one_kind_release_that_kind_only(self):
        self.overdue(300)
        hold = self.held(1000)
        self.release(hold, reason=self.reason_limit)
        open_ones = hold.reason_ids.filtered("is_open")
        self.assertEqual(open_ones.mapped("kind"), ["overdue"])

    def test_of_several_holds_those_that_can_be_are_released(self):
        fits, over = self.held(1100), self.held(2000)
        result = self.release(fits | over, self.executive)
        self.assertEqual((fits.state, over.state), ("released", "held"))
        self.assertIn(over.name, result["params"]["message"])
        with self.assertRaises(UserError):
            self.release(over | self.held(3000), self.executive)

    def test_the_wizard_releases(self):
        hold = self.held(1050)
        Wizard = self.root["cartera.hold.release"].with_user(self.executive)
        with Form(
            Wizard.with_context(active_model="cartera.credit.hold", active_ids=hold.ids)
        ) as form:
            form.reason_id = self.reason_any
            form.note = "Agreed by phone"
        wizard = form.record
        self.assertEqual((wizard.excess_amount, wizard.hold_count), (50, 1))
        self.assertEqual(str(wizard.review_date), "2026-03-23")
        wizard.action_release()
        self.assertEqual(hold.state, "released")

    # Reject

    def test_a_rejection_needs_a_reason_and_cancels(self):
        hold = self.held(1050)
        for reason in (None, "", "  "):
            with self.subTest(reason), self.refused(UserError, "why"):
                hold.with_user(self.executive).action_reject(reason)
        hold.with_user(self.executive).action_reject("Customer is in court")
        move = self.document(hold)
        self.assertRecordValues(
            hold,
            [
                {
                    "state": "rejected",
                    "released_by": self.executive.id,
                    "release_note": "Customer is in court",
                }
            ],
        )
        self.assertEqual((move.state, move.credit_state), ("cancel", "rejected"))
        self.assertEqual(hold.log_ids[-1].note, "Customer is in court")
        self.assertFalse(hold.activity_ids)

    def test_a_rejected_invoice_that_comes_back_is_checked_anew(self):
        hold = self.held(1050)
        hold.with_user(self.executive).action_reject("No")
        move = self.document(hold)
        move.button_draft()
        move.action_post()
        self.assertEqual((move.state, len(move.credit_hold_ids)), ("draft", 2))

    # By hand

    def force(self, move, note="Bad news from the trade press", user=None):
        number = (
            self.root["cartera.credit.hold"]
            .with_user(user or self.executive)
            .action_force(f"account.move,{move.id}", note)
        )
        return self.Hold.browse(number)

    def test_a_hold_by_hand_needs_a_text(self):
        move = self.make_invoice(self.partner, 10, post=False)
        for note in (None, "", "  "):
            with self.subTest(note), self.refused(UserError, "why|text"):
                self.force(move, note)
        hold = self.force(move)
        self.assertRecordValues(
            hold, [{"forced": True, "state": "held", "amount": 10, "excess_amount": 0}]
        )
        self.assertEqual(hold.log_ids[-1].note, "Bad news from the trade press")
        move.action_post()
        self.assertEqual((move.state, move.credit_state), ("draft", "held"))

    def test_a_hold_by_hand_is_released_with_evidence_only(self):
        hold = self.force(self.make_invoice(self.partner, 10, post=False))
        evidence = (
            self.root["ir.attachment"]
            .with_user(self.manager)
            .create({"name": "letter.txt", "raw": b"x"})
        )
        for ids in (None, []):
            with self.subTest(ids), self.refused(UserError, "evidence"):
                self.release(hold, evidence_ids=ids)
        with self.assertRaises(UserError):
            self.release(hold, evidence_ids=[10**8])
        self.release(hold, evidence_ids=evidence.ids)
        self.assertEqual((hold.state, hold.evidence_ids), ("released", evidence))
        self.assertEqual(self.document(hold).state, "posted")

    def test_a_hold_by_hand_never_clears_by_itself(self):
        move = self.make_invoice(self.partner, 10, post=False)
        hold = self.force(move)
        hold.action_recheck()
        with self.commits_allowed():
            self.Hold._cron_recheck()
        move.action_post()
        self.assertEqual((hold.state, move.state), ("held", "draft"))

    def test_a_hold_by_hand_joins_the_one_that_is_there(self):
        hold = self.held(1050)
        self.assertEqual(self.force(self.document(hold)), hold)
        self.assertEqual(
            sorted(hold.reason_ids.mapped("code")), ["forced", "over_limit"]
        )
        self.force(self.document(hold), "Again")
        self.assertEqual(len(hold.reason_ids), 2)
        self.turn_gate_on(cartera_gate="warn")
        self.document(hold).action_post()
        self.assertEqual(self.document(hold).state, "draft")

    def test_only_executives_hold_by_hand(self):
        move = self.make_invoice(self.partner, 10, post=False)
        for user in (self.viewer, self.collector, self.accountant):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.force(move, user=user)

    def test_what_cannot_be_held_by_hand_is_refused(self):
        posted = self.make_invoice(self.partner, 10)
        refund = self.make_invoice(self.partner, 10, post=False, move_type="out_refund")
        bill = self.make_invoice(self.partner, 10, post=False, move_type="in_invoice")
        for move in (posted, refund, bill):
            with (
                self.subTest(move.move_type, state=move.state),
                self.refused(UserError),
            ):
                self.force(move)
        for text in ("account.move", "account.move,x", "no.model,1", "res.partner,1"):
            with self.subTest(text), self.assertRaises(UserError):
                self.Hold.with_user(self.executive).action_force(text, "why")

    # History

    def test_holds_their_reasons_and_their_log_are_history_even_for_the_system(self):
        hold, still = self.held(1050), self.held(1060)
        self.release(hold)
        root = self.env.ref("base.user_root")
        for record, vals in (
            (hold, {"state": "held"}),
            (hold, {"release_note": "other"}),
            (hold, {"amount": 1}),
            (hold, {"snapshot": {}}),
            (hold, {"reason_ids": [(5, 0, 0)]}),
            (hold.reason_ids, {"released_by": self.manager.id}),
            (hold.reason_ids, {"measured": 1}),
            (hold.log_ids[0], {"note": "other"}),
            (still.log_ids[0], {"note": "other"}),
        ):
            with self.subTest(record=record, vals=vals), self.assertRaises(UserError):
                record.with_user(root).write(vals)
        for record in (hold, still, hold.reason_ids, still.reason_ids, hold.log_ids):
            with self.subTest(record=record), self.assertRaises(UserError):
                record.with_user(root).unlink()

    def test_people_may_still_talk_about_a_closed_hold(self):
        hold = self.held(1050)
        self.release(hold)
        hold.with_user(self.executive).message_post(body="Paid the next day")
        self.assertIn("Paid the next day", str(hold.message_ids[0].body))
