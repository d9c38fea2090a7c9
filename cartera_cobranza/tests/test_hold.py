from html import unescape

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import CarteraCommon


@tagged("post_install", "-at_install")
class TestHold(CarteraCommon):
    """Which documents the gate stops, what it notes, and that nothing goes round it."""

    def setUp(self):
        super().setUp()
        self.customer = self.make_customer("Abarrotes del Centro")
        self.partner = self.customer.partner_id
        self.line = self.make_line(self.customer, 1000)
        self.turn_gate_on()

    def invoice(self, amount, **vals):
        return self.make_invoice(self.partner, amount, post=False, **vals)

    def texts(self, messages):
        return unescape(" ".join(map(str, messages.mapped("body"))))

    # Block, warn, off

    def test_the_boundary_is_strict(self):
        """domain 1.1: the line used to the last cent passes, one cent more is held."""
        self.make_invoice(self.partner, 400)
        exact, over = self.invoice(600), self.invoice(0.01)
        exact.action_post()
        self.assertEqual((exact.state, exact.credit_state), ("posted", "none"))
        over.action_post()
        self.assertEqual((over.state, over.credit_state), ("draft", "held"))

    def test_off_and_without_the_invoice_gate_all_passes(self):
        for vals in ({"cartera_gate": "off"}, {"cartera_invoice_gate": False}):
            self.turn_gate_on(**vals)
            move = self.invoice(5000)
            move.action_post()
            with self.subTest(vals):
                self.assertEqual(move.state, "posted")
                self.assertFalse(move.credit_hold_ids)

    def test_warn_notes_the_warning_and_lets_it_pass(self):
        self.turn_gate_on(cartera_gate="warn")
        move = self.invoice(1200)
        move.action_post()
        self.assertEqual(move.state, "posted")
        self.assertFalse(move.credit_hold_ids)
        self.assertIn(self.usd.format(200), self.texts(move.message_ids))

    def test_the_document_s_company_decides(self):
        """peers 3: not the user's current company; the other one's gate is off."""
        both = (self.company | self.other_company).ids
        here, there = (
            self.make_invoice(self.partner, 5000, post=False, company=company)
            for company in (self.company, self.other_company)
        )
        for order in (both, both[::-1]):
            moves = (here | there).with_context(allowed_company_ids=order)
            moves.filtered(lambda one: one.state == "draft").action_post()
            self.assertEqual((here.state, there.state), ("draft", "posted"))

    # What is never stopped

    def test_what_lowers_the_debt_or_is_no_new_debt_is_never_stopped(self):
        """peers 27: credit notes, debit notes, entries, receipts and payments."""
        first = self.make_invoice(self.partner, 1000)
        refund = self.make_invoice(
            self.partner, 5000, post=False, move_type="out_refund"
        )
        receipt = self.make_invoice(
            self.partner, 5000, post=False, move_type="out_receipt"
        )
        bill = self.make_invoice(self.partner, 5000, post=False, move_type="in_invoice")
        debit = self.invoice(5000, debit_origin_id=first.id)
        account = self.company_data["default_account_receivable"]
        entry = self.root["account.move"].create(
            {
                "move_type": "entry",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.partner.id,
                            "balance": balance,
                        }
                    )
                    for balance in (5000, -5000)
                ],
            }
        )
        moves = debit | receipt | bill | entry | refund
        for move in moves:
            move.action_post()
            with self.subTest(move.move_type, debit=bool(move.debit_origin_id)):
                self.assertEqual(move.state, "posted")
        self.pay(self.partner, 50)
        self.assertFalse(moves.credit_hold_ids)

    def test_the_debit_note_of_the_button_passes(self):
        first = self.make_invoice(self.partner, 1000)
        self.make_line(self.customer, mode="none")
        wizard = (
            self.root["account.debit.note"]
            .with_context(active_model="account.move", active_ids=first.ids)
            .create({"copy_lines": True})
        )
        debit = self.root["account.move"].browse(wizard.create_debit()["res_id"])
        debit.action_post()
        self.assertEqual(debit.state, "posted")

    def test_invoices_of_nothing_and_paid_in_advance_pass(self):
        self.make_line(self.customer, mode="none")
        self.net30.cartera_prepaid = True
        for move in (
            self.invoice(0),
            self.invoice(70, invoice_payment_term_id=self.net30.id),
        ):
            move.action_post()
            with self.subTest(move.amount_total):
                self.assertEqual(move.credit_state, "none")

    # Batches

    def test_a_batch_posts_the_rest(self):
        """peers 20 and 4.7: one held document does not stop the others."""
        other = self.make_customer("Other")
        self.make_line(other, 50)
        good = self.make_invoice(other.partner_id, 50, post=False)
        moves = self.invoice(900) | self.invoice(101) | good | self.invoice(100)
        moves.action_post()
        self.assertEqual(moves.mapped("state"), ["posted", "draft", "posted", "posted"])

    def test_two_that_fit_alone_but_not_together_never_both_pass_in_a_batch(self):
        moves = self.invoice(600) | self.invoice(600)
        moves.action_post()
        self.assertEqual(moves.mapped("state"), ["posted", "draft"])

    def test_nor_by_a_shared_limit(self):
        fellow = self.make_customer("Fellow")
        self.make_line(fellow, 1000)
        self.make_group("Holding", 1000, self.customer, fellow)
        moves = self.invoice(600) | self.make_invoice(
            fellow.partner_id, 600, post=False
        )
        moves.action_post()
        self.assertEqual(moves.mapped("state"), ["posted", "draft"])

    def test_a_button_tells_what_was_held(self):
        result = self.invoice(1200).action_post()
        self.assertEqual(result["tag"], "display_notification")
        self.assertIn(self.usd.format(200), result["params"]["message"])

    def test_invoices_of_a_later_day_are_checked_on_that_day(self):
        move = self.invoice(1200, date="2026-04-01", auto_post="at_date")
        move._post(soft=True)
        self.assertEqual((move.state, move.credit_state), ("draft", "none"))
        with freeze_time("2026-04-01 12:00:00"):
            move._post(soft=True)
            self.assertEqual((move.state, move.credit_state), ("draft", "held"))

    # What a hold tells

    def test_all_reasons_and_the_frozen_position_are_kept(self):
        """Owes 700 (300 overdue since 44 days); 1,200 more is 900 too much."""
        self.make_invoice(self.partner, 400)
        self.make_invoice(self.partner, 300, due="2026-01-31")
        hold = self.hold_invoice(
            self.partner, 1200, invoice_user_id=self.salesperson.id
        )
        self.assertRecordValues(
            hold,
            [
                {
                    "state": "held",
                    "checkpoint": "invoice",
                    "res_model": "account.move",
                    "customer_id": self.customer.id,
                    "company_id": self.company.id,
                    "amount": 1200,
                    "excess_amount": 900,
                    "overdue_amount": 300,
                    "overdue_days": 44,
                    "forced": False,
                    "adds_exposure": True,
                    "salesperson_id": self.salesperson.id,
                    "reason_kind": "both",
                }
            ],
        )
        self.assertRecordValues(
            hold.reason_ids.sorted("code"),
            [
                {
                    "code": "over_limit",
                    "kind": "limit",
                    "measured": 1900,
                    "threshold": 1000,
                    "is_open": True,
                },
                {
                    "code": "overdue_days",
                    "kind": "overdue",
                    "measured": 44,
                    "threshold": 30,
                    "is_open": True,
                },
            ],
        )
        frozen = dict(hold.snapshot)
        self.assertEqual(frozen["exposure"], 700)
        self.assertEqual(frozen["limit"], 1000)
        self.assertEqual(frozen["exposure_breakdown"], {"receivable": 700})
        self.assertEqual(frozen["as_of"], "2026-03-16")
        self.pay(self.partner, 50)
        self.assertEqual(hold.snapshot, frozen)
        self.assertEqual(hold.log_ids.mapped("event"), ["held"])

    def test_the_team_and_the_salesperson_are_told(self):
        hold = self.hold_invoice(
            self.partner, 1200, invoice_user_id=self.salesperson.id
        )
        self.assertEqual(hold.activity_ids.user_id, self.executive)
        told = self.root["mail.message"].search(
            [("partner_ids", "in", self.salesperson.partner_id.ids)]
        )
        self.assertIn(self.usd.format(200), self.texts(told))
        self.customer.credit_user_id = self.manager
        other = self.hold_invoice(self.partner, 1300)
        self.assertEqual(other.activity_ids.user_id, self.manager)

    def test_whoever_causes_a_hold_its_reader_reads_their_own_language(self):
        self.env["res.lang"]._activate_lang("en_US")
        self.executive.lang = "es_419"
        self.salesperson.lang = "en_US"
        for language in ("en_US", "es_419"):
            move = self.invoice(1200, invoice_user_id=self.salesperson.id)
            move.with_context(lang=language).action_post()
            hold = move.credit_hold_ids
            self.assertIn("excede la línea", str(hold.activity_ids.note))
            self.assertIn("Retenido", hold.activity_ids.summary)
            told = self.root["mail.message"].search(
                [("partner_ids", "in", self.salesperson.partner_id.ids)],
                order="id desc",
                limit=1,
            )
            self.assertIn("over the line by", self.texts(told))
            hold.action_reject("The next round makes its own")

    def test_posting_again_makes_no_second_hold(self):
        move = self.invoice(1200)
        for _time in range(3):
            move.action_post()
        self.assertEqual(len(move.credit_hold_ids), 1)
        self.assertEqual(len(move.credit_hold_ids.activity_ids), 1)

    def test_a_foreign_invoice_is_judged_in_company_currency(self):
        """peers 1: 18,000 pesos are 1,000 dollars and pass, 18,018 are 1,001."""
        fits = self.invoice(18000, currency_id=self.mxn.id)
        over = self.invoice(18018, currency_id=self.mxn.id)
        over.action_post()
        self.assertEqual(over.credit_state, "held")
        self.assertRecordValues(
            over.credit_hold_ids,
            [{"amount": 1001, "amount_document": 18018, "excess_amount": 1}],
        )
        fits.action_post()
        self.assertEqual(fits.state, "posted")

    def test_an_invoice_without_a_rate_is_refused_naming_currency_and_day(self):
        chf = self.setup_other_currency("CHF", rates=[])
        move = self.invoice(10, currency_id=chf.id)
        with self.refused(UserError, "CHF.*2026-03-16"):
            move.action_post()
        self.assertEqual(move.state, "draft")

    def test_a_pocket_guards_its_own_currency_in_it(self):
        """A line of 1,800 pesos for pesos only: dollars have the general 1,000."""
        self.make_line(
            self.customer, 1800, currency_id=self.mxn.id, only_this_currency=True
        )
        cases = [
            (self.mxn, 1800, "posted"),
            (self.mxn, 0.01, "draft"),
            (self.usd, 1000, "posted"),
            (self.usd, 0.01, "draft"),
        ]
        for currency, amount, state in cases:
            move = self.invoice(amount, currency_id=currency.id)
            move.action_post()
            with self.subTest(currency=currency.name, amount=amount):
                self.assertEqual(move.state, state)
        reason = move.credit_hold_ids.reason_ids
        self.assertEqual((reason.measured, reason.threshold), (1000.01, 1000))

    def test_the_excess_of_a_pocket_is_in_company_currency(self):
        """360 pesos above a line of 1,800 are 20 dollars, at the check and after."""
        self.make_line(
            self.customer, 1800, currency_id=self.mxn.id, only_this_currency=True
        )
        move = self.invoice(2160, currency_id=self.mxn.id)
        move.action_post()
        hold = move.credit_hold_ids
        self.assertEqual(hold.excess_amount, 20)
        hold.action_recheck()
        self.assertEqual(hold.excess_amount, 20)

    def test_a_draft_that_is_checked_is_not_counted_twice(self):
        """peers 31: with drafts counted, the document itself stays out of its base."""
        self.turn_gate_on(cartera_count_drafts=True)
        move = self.invoice(600)
        move.action_post()
        self.assertEqual(move.state, "posted")
        self.invoice(300)
        over = self.invoice(101)
        over.action_post()
        self.assertEqual(over.credit_state, "held")
        self.assertEqual(over.credit_hold_ids.reason_ids.measured, 1001)

    def test_a_held_draft_is_not_in_the_exposure_and_beside_it(self):
        """Drafts and held ones counted: 700 posted, 400 held, 1,100 and not 1,500."""
        self.turn_gate_on(cartera_count_drafts=True, cartera_count_held=True)
        self.make_invoice(self.partner, 700)
        self.hold_invoice(self.partner, 400)
        found = self.position(self.partner)
        self.assertEqual((found["exposure"], found["held_amount"]), (700, 400))
        over = self.hold_invoice(self.partner, 10)
        self.assertEqual(over.reason_ids.measured, 700 + 400 + 10)

    # Nothing goes round the gate

    def accountant_move(self, amount=1200, **vals):
        move = self.invoice(amount, **vals)
        return move.with_user(self.accountant).with_context(allowed_company_ids=[])

    def test_accountants_are_held_too(self):
        move = self.accountant_move()
        move.action_post()
        self.assertEqual(move.sudo().credit_state, "held")

    def test_a_direct_write_of_the_state_is_refused(self):
        for amount in (1200, 10):  # even one that would pass: it was not checked
            move = self.accountant_move(amount)
            with self.subTest(amount), self.refused(UserError, "credit check"):
                move.write({"state": "posted"})
            self.assertEqual(move.state, "draft")

    def test_an_invoice_is_not_born_posted(self):
        vals = {
            "move_type": "out_invoice",
            "partner_id": self.partner.id,
            "invoice_line_ids": [
                Command.create({"name": "x", "price_unit": 5000, "tax_ids": False})
            ],
        }
        Move = self.env["account.move"].with_user(self.accountant)
        with self.assertRaises(UserError):
            Move.create(vals | {"state": "posted"})
        with self.assertRaises(UserError):
            Move.with_context(default_state="posted").create(vals)

    def test_context_keys_open_nothing(self):
        """peers 4.3: keys of other addons, of ours and of Odoo."""
        for key in (
            "bypass_risk",
            "skip_credit",
            "cartera_skip",
            "cartera_gate_tokens",
            "cartera_credit_state",
            "force_post",
            "install_mode",
            "tracking_disable",
            "default_state",
            "cartera_line_state",
        ):
            move = self.accountant_move().with_context(**{key: True})
            move.action_post()
            with self.subTest(key):
                self.assertEqual(move.sudo().credit_state, "held")
                with self.assertRaises(UserError):
                    move.write({"state": "posted"})

    def test_a_pass_serves_once_and_for_that_amount(self):
        def passes(move):
            return self.Customer._check_credit(move, checkpoint="invoice").passes

        move = self.invoice(500)
        self.assertTrue(passes(move))
        move.invoice_line_ids.price_unit = 1100
        with self.assertRaises(UserError):
            move.write({"state": "posted"})
        move.invoice_line_ids.price_unit = 500
        self.assertTrue(passes(move))
        move.write({"state": "posted"})
        move.button_draft()
        with self.assertRaises(UserError):
            move.write({"state": "posted"})

    def test_back_to_draft_larger_and_posted_again_is_checked_again(self):
        """peers 29: re-opening does not keep the pass."""
        move = self.make_invoice(self.partner, 900)
        move.button_draft()
        move.invoice_line_ids.price_unit = 1100
        move.action_post()
        self.assertEqual((move.state, move.credit_state), ("draft", "held"))

    def test_a_form_posts_nothing_either(self):
        move = self.invoice(1200)
        with Form(move) as form:
            form.ref = "touched"
        move.action_post()
        self.assertEqual(move.credit_state, "held")

    # What happens to the document

    def test_cancelling_or_deleting_the_invoice_closes_the_hold(self):
        first, second = self.invoice(1200), self.invoice(1300)
        (first | second).action_post()
        holds = first.credit_hold_ids | second.credit_hold_ids
        first.button_cancel()
        second.unlink()
        self.assertEqual(holds.mapped("state"), ["cancelled"] * 2)
        self.assertFalse(holds.activity_ids)
        self.assertEqual(first.credit_state, "none")

    def test_queries_of_the_gate_do_not_grow_with_the_documents(self):
        def spent(count, amount):
            moves = self.root["account.move"].union(
                *(self.invoice(amount) for _n in range(count))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Customer._check_credit_batch(moves, "invoice")
            return self.env.cr.sql_log_count - before

        for name, amount in (("passed", 1), ("held", 2000)):
            spent(2, amount)
            few, many = spent(5, amount), spent(25, amount)
            with self.subTest(name, few=few, many=many):
                self.assertLessEqual(many, few + 2)

    def test_the_verbs_are_for_users_of_the_company(self):
        hold = self.hold_invoice(self.partner, 1200)
        elsewhere = self.make_user(
            "elsewhere",
            "credit_manager",
            company_id=self.other_company.id,
            company_ids=[Command.set(self.other_company.ids)],
        )
        theirs = hold.with_user(elsewhere).with_context(
            allowed_company_ids=self.other_company.ids
        )
        self.env.invalidate_all()
        for verb, arguments in (
            ("action_release", [self.reason_any.id]),
            ("action_reject", ["No"]),
            ("action_recheck", []),
        ):
            with self.subTest(verb), self.assertRaises(AccessError):
                getattr(theirs, verb)(*arguments)
        self.assertEqual(hold.state, "held")
