from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_interest import InterestCommon


@tagged("post_install", "-at_install")
class TestInterestGuard(InterestCommon):
    """What accountants run into: locks, secured journals, taxes that are due when paid, notes that are opened again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.make_policy()
        # ten a day
        cls.invoice = cls.make_invoice(cls.partner, 10000, due="2026-01-01")

    def as_(self, user, run):
        return run.with_user(user).sudo(False)

    def notes(self):
        return self.root["account.move"].search(
            [
                ("partner_id", "=", self.partner.id),
                ("id", "!=", self.invoice.id),
            ]
        )

    # Waivers and amounts

    def test_totals_of_waivers_survive_a_new_simulation(self):
        run = self.simulate("2026-01-31", user=self.executive)
        self.as_(self.executive, run).action_waive(run.line_ids.ids, "New here", 30)
        self.assertEqual((run.amount, run.waived, run.to_bill), (300.0, 30.0, 270.0))
        run.action_simulate()
        run.invalidate_recordset()
        self.assertEqual((run.amount, run.waived, run.to_bill), (300.0, 30.0, 270.0))
        self.assertEqual(run.line_ids.net_company, 270.0)

    def test_another_day_of_the_notes_is_another_rate(self):
        self.make_invoice(
            self.partner, 36000, due="2026-01-01", currency_id=self.mxn.id
        )
        self.mxn.sudo().rate_ids.filtered(
            lambda rate: str(rate.name) == "2026-01-01"
        ).rate = 18
        self.env["res.currency.rate"].sudo().create(
            {
                "currency_id": self.mxn.id,
                "name": "2026-03-01",
                "rate": 20,
                "company_id": self.company.id,
            }
        )
        run = self.simulate("2026-01-31", user=self.executive)
        line = run.line_ids.filtered(lambda one: one.currency_id == self.mxn)
        self.assertEqual((line.amount, line.amount_company), (1080.0, 60.0))
        self.as_(self.executive, run).note_date = "2026-03-10"
        self.assertEqual((line.amount, line.amount_company), (1080.0, 54.0))
        self.assertEqual(run.amount, 354.0)

    # Locks

    def test_what_is_decided_later_is_not_dated_into_a_locked_period(self):
        run = self.charge("2026-01-31")
        before = self.notes()
        self.company.sudo().fiscalyear_lock_date = "2026-03-31"
        lines = run.line_ids.ids
        for verb in (
            lambda: self.as_(self.manager, run).action_waive(lines, "Settled", 100),
            lambda: self.as_(self.manager, run).action_reverse(),
        ):
            with self.refused(
                UserError, "(03/16|16/03)/2026", "locked up to (03/31|31/03)/2026"
            ):
                verb()
        self.assertEqual(self.notes(), before, "nothing was written")
        self.assertTrue(run.line_ids.live)

    def test_the_lock_of_sales_alone_counts_too(self):
        run = self.simulate("2026-01-31", user=self.executive)
        run.with_user(self.manager).sudo(False).action_approve()
        self.company.sudo().sale_lock_date = "2026-01-31"
        with self.refused(UserError, "(01/31|31/01)/2026", "locked"):
            run.with_user(self.accountant).sudo(False).action_post()
        self.assertFalse(self.notes())
        self.assertEqual((run.state, run.line_ids.state), ("approved", "proposed"))

    # Secured journals

    def test_a_journal_whose_entries_are_secured(self):
        journal = self.root["account.journal"].create(
            {
                "name": "Interest",
                "code": "MORA",
                "type": "sale",
                "company_id": self.company.id,
                "restrict_mode_hash_table": True,
                "default_account_id": self.company_data["default_account_revenue"].id,
            }
        )
        self.policy.journal_id = journal
        run = self.charge("2026-01-31")
        note = run.line_ids.note_move_id
        self.assertEqual((note.journal_id, note.state), (journal, "posted"))
        self.assertTrue(note.inalterable_hash)
        self.as_(self.manager, run).action_waive(run.line_ids.ids, "Settled", 100)
        self.assertEqual(note.amount_residual, 200.0)
        self.as_(self.manager, run).action_reverse()
        self.assertEqual((note.amount_residual, run.state), (0.0, "reversed"))
        self.assertEqual(self.simulate("2026-01-31").line_ids.amount, 300.0)

    # Taxes that are due when they are paid

    def test_taxes_of_the_invoice_wait_for_the_payment(self):
        # LIVA 12: the tax on moratory interest is due when the interest is paid
        self.company.sudo().tax_exigibility = True
        account = self.root["account.account"].create(
            {
                "name": "Tax not yet due",
                "code": "209999",
                "account_type": "liability_current",
                "reconcile": True,
                "company_ids": [Command.set(self.company.ids)],
            }
        )
        tax = self.root["account.tax"].create(
            {
                "name": "IVA 16 % when paid",
                "amount": 16,
                "type_tax_use": "sale",
                "company_id": self.company.id,
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": account.id,
            }
        )
        self.policy.tax_mode = "origin"
        invoice = self.make_invoice(
            self.make_partner("Paid tax"),
            0,
            due="2026-01-01",
            invoice_line_ids=[
                Command.create(
                    {
                        "name": "Goods",
                        "price_unit": 10000,
                        "tax_ids": [Command.set(tax.ids)],
                    }
                )
            ],
        )
        run = self.charge("2026-01-31")
        line = run.line_ids.filtered(lambda one: one.move_id == invoice)
        note = line.note_move_id
        # 11,600 × 36.5 % × 30 / 365
        self.assertEqual((note.amount_untaxed, note.amount_tax), (348.0, 55.68))
        waiting = note.line_ids.filtered("tax_line_id")
        self.assertEqual(waiting.account_id, account)
        self.pay(
            invoice.partner_id, note.amount_total, date="2026-02-10", invoices=note
        )
        self.assertEqual(note.amount_residual, 0)
        self.assertTrue(note.tax_cash_basis_created_move_ids)
        # the entries of the tax change no balance that bears interest
        later = self.simulate("2026-02-28")
        theirs = later.line_ids.filtered(lambda one: one.move_id == invoice)
        self.assertEqual(theirs.segment_ids.mapped("balance"), [11600.0])
        self.assertFalse(later.line_ids.filtered(lambda one: one.kind == "adjustment"))

    # Notes that take interest back

    def test_a_reversal_is_not_taken_back_behind_the_run(self):
        run = self.charge("2026-01-31")
        self.as_(self.manager, run).action_reverse()
        credit = run.line_ids.reversal_move_id
        for verb in (credit.button_draft, credit.button_cancel, credit._reverse_moves):
            with self.refused(UserError, credit.name, "decision on the interest"):
                verb()
        self.assertEqual(credit.state, "posted")

    def test_a_waiver_is_not_taken_back_behind_the_run(self):
        run = self.charge("2026-01-31")
        self.as_(self.manager, run).action_waive(run.line_ids.ids, "Settled", 100)
        credit = run.waiver_ids.move_id
        with self.refused(UserError, credit.name, "charged again in the run"):
            credit.button_draft()
        self.as_(self.manager, run).action_reinstate(run.line_ids.ids, "Did not pay")
        self.assertEqual(run.line_ids.net_amount, 300.0)

    def test_notes_for_customers_with_several_waived_invoices(self):
        self.policy.grouping = "customer"
        self.make_invoice(self.partner, 20000, due="2026-01-11")
        run = self.charge("2026-01-31")  # 300 + 400 in one note
        note = run.line_ids.note_move_id
        self.assertEqual(len(note), 1)
        self.as_(self.manager, run).action_waive(run.line_ids.ids, "Settled", 100)
        self.assertEqual(len(run.waiver_ids.move_id), 2)
        self.assertEqual(note.amount_residual, 500.0)
        self.as_(self.manager, run).action_reverse()
        self.assertEqual(note.amount_residual, 0.0)

    # Fees

    def test_a_fee_waits_for_the_moved_due_date_and_for_disputes(self):
        self.policy.write(
            {
                "holiday_mode": "next",
                "fee_ids": [
                    Command.create({"name": "Collection", "days": 1, "amount": 25})
                ],
            }
        )
        # the 10th of January 2026 is a Saturday, so that it is due on Monday the 12th
        late = self.make_invoice(self.partner, 500, due="2026-01-10")
        self.assertNotIn(late, self.amounts(self.simulate("2026-01-12"), "fee"))
        self.assertIn(late, self.amounts(self.simulate("2026-01-13"), "fee"))
        self.env["cartera.dispute"].with_user(self.collector).create(
            {
                "move_id": late.id,
                "type_id": self.env.ref("cartera_cobranza.dispute_type_price").id,
                "disputed_amount": 500,
            }
        )
        self.assertNotIn(late, self.amounts(self.simulate("2026-01-13"), "fee"))
        self.policy.disputed = "charge"
        self.assertIn(late, self.amounts(self.simulate("2026-01-13"), "fee"))

    # What users of other systems complain of

    def test_paying_the_principal_forgets_no_interest(self):
        # erpnext 58220: the interest was gone when the customer paid the invoice
        self.pay(self.partner, 10000, date="2026-01-21", invoices=self.invoice)
        self.assertEqual(self.invoice.payment_state, "paid")
        run = self.charge("2026-01-31")
        note = run.line_ids.note_move_id
        self.assertEqual((run.line_ids.days, note.amount_total), (20, 200.0))
        self.assertEqual(note.amount_residual, 200.0)
        self.assertEqual(self.position(self.partner)["exposure"], 200.0)

    def test_nothing_is_charged_twice_however_often_it_runs(self):
        # each reminder charged the whole span from the due date, on the balance of that day
        self.pay(self.partner, 4000, date="2026-01-11", invoices=self.invoice)
        for day, amount in (
            ("2026-01-21", 100 + 60),
            ("2026-01-26", 30),
            ("2026-02-05", 60),
        ):
            run = self.charge(day)
            self.assertEqual(self.amounts(run), {self.invoice: amount})
            self.assertEqual(run.line_ids.note_move_id.amount_total, amount)
        self.assertEqual(self.invoice.amount_residual, 6000)

    def test_a_fee_is_a_document_and_not_only_a_figure_in_a_letter(self):
        self.policy.fee_ids = [
            Command.create({"name": "Collection", "days": 1, "amount": 25})
        ]
        run = self.charge("2026-01-31")
        note = run.line_ids.note_move_id
        self.assertEqual(
            sorted(note.invoice_line_ids.mapped("price_subtotal")), [25, 300]
        )
        self.assertEqual(self.position(self.partner)["exposure"], 10325.0)

    def test_interest_that_is_only_counted(self):
        # erpnext 36279: some only remind
        self.policy.write(
            {
                "charging": "memo",
                "fee_ids": [
                    Command.create({"name": "Collection", "days": 1, "amount": 25})
                ],
            }
        )
        run = self.simulate("2026-01-31", user=self.executive)
        self.assertRecordValues(run.line_ids, [{"kind": "accrued", "amount": 300.0}])
        self.assertEqual((run.amount, run.accrued, run.line_count), (0, 300.0, 0))
        with self.refused(UserError, "nothing to charge"):
            run.with_user(self.manager).sudo(False).action_approve()
        self.assertEqual(self.invoice.interest_accrued, 740.0)  # 74 days to today

    # What was used is kept

    def test_a_policy_that_was_used_is_kept(self):
        run = self.charge("2026-01-31")
        with self.refused(UserError, self.policy.name, "Archive it"):
            self.policy.with_user(self.manager).sudo(False).unlink()
        unused = self.make_policy(name="Never used")
        unused.unlink()
        self.assertEqual(run.line_ids.policy_id, self.policy)

    def test_runs_are_found_by_their_day(self):
        run = self.simulate("2026-01-31", user=self.executive)
        later = self.simulate("2026-02-28", user=self.executive)
        for text, found in (
            ("2026-01", run),
            (run.name, run),
            ("28", later),
            ("1999", run.browse()),
        ):
            named = self.Run.name_search(text)
            self.assertEqual([one[0] for one in named], found.ids, text)

    def test_invoices_of_charged_interest_are_kept(self):
        # the line's only foreign key to the books is its item
        run = self.charge("2026-01-31")
        with self.refused(UserError, self.invoice.name):
            self.invoice.button_draft()
        self.assertTrue(run.line_ids.move_id)

    # Sent for approval

    def test_a_run_is_sent_to_another_person(self):
        run = self.simulate("2026-01-31", user=self.executive)
        mine = self.as_(self.executive, run)
        self.company.sudo().cartera_interest_user_id = self.manager
        mine.action_submit()
        mine.action_submit()
        self.assertRecordValues(run.activity_ids, [{"user_id": self.manager.id}])
        self.post(run)
        self.assertFalse(run.activity_ids)
        empty = self.simulate("2026-01-31", user=self.executive)
        with self.refused(UserError, "nothing to charge"):
            self.as_(self.executive, empty).action_submit()

    def test_a_manager_does_not_send_an_own_run_to_the_own_desk(self):
        run = self.simulate("2026-01-31", user=self.manager)
        self.company.sudo().cartera_interest_user_id = self.manager
        self.as_(self.manager, run).action_submit()
        self.assertNotEqual(run.activity_ids.user_id, self.manager)
        (self.everywhere | run.activity_ids.user_id).sudo().active = False
        run.activity_ids.unlink()
        with self.refused(UserError, "role of credit manager"):
            while True:
                self.as_(self.manager, run).action_submit()
                run.activity_ids.user_id.sudo().active = False
                run.activity_ids.unlink()
