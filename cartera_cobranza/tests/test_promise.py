from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import CarteraCommon


class PromiseCommon(CarteraCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.Promise = cls.env["cartera.payment.promise"].with_user(cls.collector)
        cls.company.write(
            {
                "cartera_promise_tolerance_days": 2,
                "cartera_promise_tolerance_amount": 0,
                "cartera_promise_max_days": 30,
                "cartera_promise_freeze_days": 30,
                "cartera_promise_fifo": False,
            }
        )
        cls.customer = cls.make_customer("Abarrotes La Central")
        cls.partner = cls.customer.partner_id

    def make_promise(self, lines, parts, user=None, open_it=True, **vals):
        """A promise of {invoice: amount} on [(day, amount)]."""
        promise = self.Promise.with_user(user or self.collector).create(
            {
                "customer_id": self.customer.id,
                "line_ids": [
                    Command.create({"move_id": move.id, "amount": amount})
                    for move, amount in lines.items()
                ],
                "instalment_ids": [
                    Command.create({"date": day, "amount": amount})
                    for day, amount in parts
                ],
            }
            | vals
        )
        if open_it:
            promise.action_open()
        return promise.sudo()

    def evaluate(self, promise, day):
        with self.at(day):
            promise._evaluate(promise.company_id, date.fromisoformat(day))
        return promise[:1].state

    def promised(self, day, company=None):
        """{journal item id: amount} of what promises keep out of collection."""
        company = company or self.company
        self.env.flush_all()
        rows = self.env.execute_query(
            self.root["cartera.payment.promise"]._promised_sql(
                company, date.fromisoformat(day)
            )
        )
        return {row[0]: float(row[1]) for row in rows}


@tagged("post_install", "-at_install")
class TestPromise(PromiseCommon):
    """Promises beside the ledger: the worked example of the rules, dated in March 2026."""

    def setUp(self):
        super().setUp()
        self.invoice = self.make_invoice(
            self.partner, 8000, due="2026-03-01", date="2026-02-01"
        )
        self.item = self.invoice.line_ids.filtered("date_maturity")

    def worked_example(self):
        """5,000 for the 20th, two days tolerated."""
        return self.make_promise({self.invoice: 5000}, [("2026-03-20", 5000)])

    def test_opening_freezes_what_was_promised(self):
        promise = self.worked_example()
        self.assertRecordValues(
            promise,
            [
                {
                    "state": "open",
                    "live": True,
                    "level": 1,
                    "made_date": date(2026, 3, 16),
                    "next_date": date(2026, 3, 20),
                    "window_end": date(2026, 3, 22),
                    "amount": 5000,
                    "paid_amount": 0,
                }
            ],
        )
        self.assertTrue(promise.name.startswith("PP"))

    def test_the_worked_example(self):
        promise = self.worked_example()
        self.pay(self.partner, 3000, "2026-03-21", self.invoice)
        self.assertEqual(self.evaluate(promise, "2026-03-21"), "partial")
        self.assertTrue(promise.live)
        last = self.pay(self.partner, 2000, "2026-03-22", self.invoice)
        self.assertEqual(self.evaluate(promise, "2026-03-22"), "kept")
        self.assertEqual(promise.kept_date, date(2026, 3, 22))
        self.assertFalse(promise.live)
        # taken back before it is final
        last.action_draft()
        self.assertEqual(self.evaluate(promise, "2026-03-30"), "partial")
        self.assertRecordValues(
            promise,
            [
                {
                    "paid_amount": 3000,
                    "open_amount": 2000,
                    "kept_date": False,
                    "live": False,
                }
            ],
        )

    def test_money_after_the_window_is_late(self):
        promise = self.worked_example()
        self.pay(self.partner, 3000, "2026-03-21", self.invoice)
        self.pay(self.partner, 2000, "2026-03-23", self.invoice)
        self.assertEqual(self.evaluate(promise, "2026-03-23"), "partial")
        self.assertRecordValues(
            promise,
            [
                {
                    "paid_amount": 3000,
                    "late_amount": 2000,
                    "failed_on": date(2026, 3, 23),
                    "live": False,
                }
            ],
        )

    def test_nothing_paid_is_broken_and_stays_it(self):
        promise = self.worked_example()
        self.assertEqual(self.evaluate(promise, "2026-03-22"), "open")
        self.assertEqual(self.evaluate(promise, "2026-03-23"), "broken")
        self.pay(self.partner, 5000, "2026-03-24", self.invoice)
        self.assertEqual(self.evaluate(promise, "2026-03-24"), "broken")
        self.assertEqual(promise.late_amount, 5000)

    def test_taken_back_after_it_is_final_changes_nothing(self):
        promise = self.worked_example()
        payment = self.pay(self.partner, 5000, "2026-03-20", self.invoice)
        self.assertEqual(self.evaluate(promise, "2026-03-23"), "kept")
        payment.action_draft()
        # final after 22 March + 30 days
        self.assertEqual(self.evaluate(promise, "2026-04-22"), "kept")
        self.assertTrue(promise.frozen)
        with self.refused(UserError, "Kept"):
            promise.write({"state": "broken"})

    def test_taken_back_before_it_is_final_breaks_it(self):
        promise = self.worked_example()
        payment = self.pay(self.partner, 5000, "2026-03-20", self.invoice)
        self.evaluate(promise, "2026-03-23")
        payment.action_draft()
        self.assertEqual(self.evaluate(promise, "2026-04-21"), "broken")

    def test_money_from_before_the_promise_does_not_keep_it(self):
        old = self.pay(self.partner, 2000, "2026-03-16", self.invoice)
        promise = self.worked_example()
        self.assertEqual(self.evaluate(promise, "2026-03-16"), "open")
        self.assertEqual(promise.paid_amount, 0)
        self.assertTrue(old)

    def test_tolerated_amount(self):
        self.company.cartera_promise_tolerance_amount = 10
        promise = self.worked_example()
        self.pay(self.partner, 4990, "2026-03-20", self.invoice)
        self.assertEqual(self.evaluate(promise, "2026-03-20"), "kept")
        other = self.make_invoice(self.partner, 100)
        second = self.make_promise({other: 100}, [("2026-03-20", 100)])
        self.pay(self.partner, 89.99, "2026-03-20", other)
        self.assertEqual(self.evaluate(second, "2026-03-23"), "partial")

    def test_instalments_are_kept_each(self):
        promise = self.make_promise(
            {self.invoice: 5000}, [("2026-03-20", 2000), ("2026-04-10", 3000)]
        )
        self.pay(self.partner, 2000, "2026-03-21", self.invoice)
        self.assertEqual(self.evaluate(promise, "2026-03-25"), "open")
        self.assertEqual(promise.instalment_ids.mapped("state"), ["kept", "open"])
        self.assertEqual(promise.next_date, date(2026, 4, 10))
        self.assertTrue(promise.live)
        self.pay(self.partner, 3000, "2026-04-12", self.invoice)
        self.assertEqual(self.evaluate(promise, "2026-04-12"), "kept")

    def test_one_missed_instalment_breaks_it_and_collection_goes_on(self):
        promise = self.make_promise(
            {self.invoice: 5000}, [("2026-03-20", 2000), ("2026-04-10", 3000)]
        )
        self.assertEqual(self.evaluate(promise, "2026-03-23"), "broken")
        self.assertFalse(promise.live)
        self.assertEqual(promise.instalment_ids.mapped("state"), ["broken", "open"])
        self.pay(self.partner, 3000, "2026-04-01", self.invoice)
        self.assertEqual(self.evaluate(promise, "2026-04-13"), "partial")

    # Credit notes and other credits

    def credit(self, amount, day="2026-03-17"):
        note = self.make_invoice(self.partner, amount, date=day, move_type="out_refund")
        (note | self.invoice).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        return note

    def test_a_credit_note_lowers_what_was_promised(self):
        promise = self.worked_example()
        with self.at("2026-03-17"):
            self.credit(4000)
        self.assertEqual(self.evaluate(promise, "2026-03-17"), "open")
        self.assertEqual(promise.amount, 4000)
        self.assertEqual(promise.instalment_ids.amount, 4000)
        self.assertRecordValues(
            promise.line_ids, [{"amount": 4000, "original_amount": 5000}]
        )
        self.assertRegex(str(promise.message_ids[0].body), "4.000.00")
        self.pay(self.partner, 4000, "2026-03-20", self.invoice)
        self.assertEqual(self.evaluate(promise, "2026-03-20"), "kept")

    def test_a_credit_note_that_leaves_enough_changes_nothing(self):
        promise = self.worked_example()
        with self.at("2026-03-17"):
            self.credit(3000)
        self.evaluate(promise, "2026-03-17")
        self.assertEqual(promise.amount, 5000)

    def test_the_last_instalment_gives_way_first(self):
        promise = self.make_promise(
            {self.invoice: 5000}, [("2026-03-20", 2000), ("2026-04-10", 3000)]
        )
        with self.at("2026-03-17"):
            self.credit(6500)
        self.evaluate(promise, "2026-03-17")
        self.assertEqual(promise.instalment_ids.mapped("amount"), [1500, 0])
        self.pay(self.partner, 1500, "2026-03-20", self.invoice)
        self.assertEqual(self.evaluate(promise, "2026-03-21"), "kept")

    def test_an_invoice_credited_in_full_ends_its_promise(self):
        promise = self.worked_example()
        with self.at("2026-03-17"):
            self.credit(8000)
        self.assertEqual(self.evaluate(promise, "2026-03-17"), "cancelled")
        self.assertFalse(promise.live)
        self.assertFalse(promise.line_ids.live)

    # Levels, replacing, withdrawing

    def test_level_rises_after_an_open_partial_or_broken_one(self):
        promise = self.worked_example()
        self.evaluate(promise, "2026-03-23")
        with self.at("2026-03-24"):
            second = self.make_promise({self.invoice: 5000}, [("2026-03-25", 5000)])
        self.assertEqual(second.level, 2)
        self.assertEqual(promise.state, "broken")

    def test_level_after_a_withdrawn_one(self):
        promise = self.worked_example()
        promise.with_user(self.collector).action_withdraw("changed their mind")
        self.assertEqual(promise.state, "withdrawn")
        self.assertFalse(promise.live)
        self.assertEqual(self.worked_example().level, 2)

    def test_level_after_a_kept_one(self):
        promise = self.worked_example()
        self.pay(self.partner, 5000, "2026-03-16", self.invoice)
        self.evaluate(promise, "2026-03-16")
        self.assertEqual(promise.state, "kept")
        rest = self.make_promise({self.invoice: 3000}, [("2026-03-25", 3000)])
        self.assertEqual(rest.level, 1)

    def test_level_after_an_error(self):
        promise = self.worked_example()
        with self.refused(UserError, "reason"):
            promise.with_user(self.collector).action_cancel(" ")
        promise.with_user(self.collector).action_cancel("wrong customer")
        self.assertEqual(promise.state, "cancelled")
        self.assertEqual(self.worked_example().level, 1)

    def test_a_replacement_takes_the_place_when_it_is_opened(self):
        promise = self.worked_example()
        self.pay(self.partner, 1000, "2026-03-16", self.invoice)
        self.evaluate(promise, "2026-03-16")
        action = promise.with_user(self.collector).action_replace()
        new = self.Promise.browse(action["res_id"])
        self.assertEqual(new.amount, 4000)
        self.assertEqual((promise.state, promise.live), ("partial", True))
        new.action_open()
        self.assertEqual(promise.state, "replaced")
        self.assertEqual(promise.replaced_by_id, new)
        self.assertEqual(new.level, 2)
        self.assertEqual(new.state, "open")

    def test_a_second_open_promise_is_refused(self):
        promise = self.worked_example()
        with self.refused(UserError, promise.name, "Replace"):
            self.make_promise({self.invoice: 1000}, [("2026-03-18", 1000)])

    def test_the_form_says_that_a_third_one_needs_a_supervisor(self):
        self.worked_example().with_user(self.collector).action_withdraw()
        self.worked_example().with_user(self.collector).action_withdraw()
        with Form(self.Promise) as form:
            form.customer_id = self.customer.with_user(self.collector)
            with form.instalment_ids.new() as part:
                part.date = date(2026, 3, 20)
                part.amount = 100
            with form.line_ids.new() as line:
                line.move_id = self.invoice.with_user(self.collector)
                line.amount = 100
            self.assertIn("number 3", form.approval_text)
        self.assertEqual(form.record.amount, 100)

    def test_the_third_needs_a_supervisor_who_did_not_ask(self):
        self.worked_example().with_user(self.collector).action_withdraw()
        self.worked_example().with_user(self.collector).action_withdraw()
        third = self.worked_example()
        self.assertEqual((third.state, third.approval_requested), ("draft", True))
        self.assertIn("number 3", third.with_user(self.collector).approval_text)
        third.with_user(self.collector).action_open()
        self.assertEqual(third.state, "draft")
        third.with_user(self.executive).action_open()
        self.assertRecordValues(
            third,
            [{"state": "open", "level": 3, "approved_by_id": self.executive.id}],
        )

    def test_a_far_date_needs_a_supervisor_who_did_not_ask(self):
        far = self.make_promise(
            {self.invoice: 100}, [("2026-04-16", 100)], user=self.executive
        )
        self.assertEqual(far.state, "draft")
        far.with_user(self.manager).action_open()
        self.assertEqual(far.state, "open")
        near = self.make_promise(
            {self.make_invoice(self.partner, 100): 100}, [("2026-04-15", 100)]
        )
        self.assertEqual(near.state, "open")

    # Balance and money on account

    def test_a_balance_is_promised_without_invoices(self):
        newer = self.make_invoice(self.partner, 1000, due="2026-03-10")
        promise = self.make_promise({}, [("2026-03-20", 8500)])
        self.assertEqual(promise.scope, "balance")
        self.assertEqual(
            {line.move_id: line.amount for line in promise.line_ids},
            {self.invoice: 8000, newer: 500},
        )
        self.pay(self.partner, 1000, "2026-03-18", newer)
        self.pay(self.partner, 7500, "2026-03-19", self.invoice)
        self.assertEqual(self.evaluate(promise, "2026-03-19"), "kept")

    def test_money_for_later_invoices_does_not_keep_a_promised_balance(self):
        promise = self.make_promise({}, [("2026-03-20", 8000)])
        later = self.make_invoice(self.partner, 8000, date="2026-03-18")
        self.pay(self.partner, 8000, "2026-03-19", later)
        self.assertEqual(self.evaluate(promise, "2026-03-23"), "broken")

    def test_more_than_the_balance_is_refused(self):
        with self.refused(UserError, "8.000.00"):
            self.make_promise({}, [("2026-03-20", 8000.01)])

    def test_money_on_account_counts_where_the_company_wants_it(self):
        promise = self.worked_example()
        self.pay(self.partner, 6000, "2026-03-20")
        self.assertEqual(self.evaluate(promise, "2026-03-20"), "open")
        self.company.cartera_promise_fifo = True
        self.assertEqual(self.evaluate(promise, "2026-03-20"), "kept")
        self.assertEqual(promise.paid_amount, 5000)

    def test_money_on_account_goes_to_promises_by_date_once(self):
        self.company.cartera_promise_fifo = True
        other = self.make_invoice(self.partner, 4000)
        late = self.make_promise({other: 4000}, [("2026-03-25", 4000)])
        first = self.worked_example()
        self.pay(self.partner, 6000, "2026-03-19")
        both = first | late
        with self.at("2026-03-19"):
            both._evaluate(self.company, date(2026, 3, 19))
        self.assertEqual((first.state, first.paid_amount), ("kept", 5000))
        self.assertEqual((late.state, late.paid_amount), ("partial", 1000))

    # Currencies

    def test_a_payment_in_another_currency_counts_at_its_own_rate(self):
        invoice = self.make_invoice(
            self.partner, 1800, due="2026-03-01", currency_id=self.mxn.id
        )
        promise = self.make_promise({invoice: 1800}, [("2026-03-20", 1800)])
        self.assertEqual(promise.currency_id, self.mxn)
        # 50 dollars of 18 pesos
        self.pay(self.partner, 50, "2026-03-18", invoice)
        self.assertEqual(self.evaluate(promise, "2026-03-18"), "partial")
        self.assertEqual(promise.paid_amount, 900)

    def test_tolerance_is_converted_at_the_day_of_the_promise(self):
        self.company.cartera_promise_tolerance_amount = 1
        invoice = self.make_invoice(self.partner, 1800, currency_id=self.mxn.id)
        promise = self.make_promise({invoice: 1800}, [("2026-03-20", 1800)])
        self.assertEqual(promise.tolerance_amount, 18)

    def test_one_currency_a_promise(self):
        pesos = self.make_invoice(self.partner, 1800, currency_id=self.mxn.id)
        with self.refused(ValidationError, "MXN"):
            self.make_promise(
                {self.invoice: 100, pesos: 100}, [("2026-03-20", 200)], open_it=False
            )

    # Bad input

    def test_what_is_refused(self):
        stranger = self.make_partner("Somebody else")
        cases = (
            ({self.invoice: 8000.01}, "2026-03-20", "8.000.00"),
            ({self.invoice: 0}, "2026-03-20", "above zero"),
            ({self.invoice: -5}, "2026-03-20", "above zero"),
            ({self.invoice: 100}, "2026-03-15", "2026|15"),
            ({self.make_invoice(stranger, 100): 100}, "2026-03-20", "Somebody else"),
            (
                {self.make_invoice(self.partner, 100, post=False): 100},
                "2026-03-20",
                "not a posted",
            ),
            (
                {self.make_invoice(self.partner, 100, move_type="out_refund"): 100},
                "2026-03-20",
                "not a posted",
            ),
        )
        for lines, day, text in cases:
            amount = sum(lines.values())
            with self.subTest(text), self.refused(UserError, text):
                self.make_promise(lines, [(day, amount)], open_it=False)

    def test_sums_that_differ_are_refused(self):
        with self.refused(UserError, "5.000.00", "4.000.00"):
            self.make_promise({self.invoice: 5000}, [("2026-03-20", 4000)])
        with self.refused(UserError, "date and amount"):
            self.make_promise({self.invoice: 5000}, [])

    def test_an_invoice_of_another_company_is_refused(self):
        there = self.make_invoice(self.partner, 100, company=self.other_company)
        with self.refused(UserError, "."):
            self.make_promise({there: 100}, [("2026-03-20", 100)], open_it=False)

    def test_nobody_forges_a_promise(self):
        forged = {"state": "kept", "live": True, "requested_by_id": self.manager.id}
        for name, value in forged.items():
            with self.subTest(name), self.assertRaises(AccessError):
                self.make_promise(
                    {self.invoice: 5},
                    [("2026-03-20", 5)],
                    open_it=False,
                    **{name: value},
                )
        by_default = self.Promise.with_context(
            default_state="kept", default_live=True
        ).create({"customer_id": self.customer.id})
        self.assertRecordValues(by_default, [{"state": "draft", "live": False}])

    def test_what_was_promised_stays(self):
        promise = self.worked_example().with_user(self.manager)
        for record, vals in (
            (promise, {"customer_id": self.make_customer("Other").id}),
            (promise, {"state": "kept"}),
            (promise.line_ids, {"amount": 1}),
            (promise.instalment_ids, {"date": "2027-01-01"}),
            (promise.instalment_ids, {"paid_amount": 5000}),
        ):
            with self.subTest(vals), self.assertRaises(UserError):
                record.write(vals)
        for record in (promise, promise.line_ids, promise.instalment_ids):
            with self.assertRaises(UserError):
                record.unlink()
            with self.assertRaises(UserError):
                record.sudo().unlink()
        promise.write({"note": "they called"})

    def test_verbs_ask_for_the_role(self):
        promise = self.make_promise(
            {self.invoice: 5}, [("2026-03-20", 5)], open_it=False
        )
        for user in (self.viewer, self.accountant, self.portal):
            for verb in ("action_open", "action_withdraw", "action_replace"):
                with (
                    self.subTest(user.login, verb=verb),
                    self.assertRaises(AccessError),
                ):
                    getattr(promise.with_user(user), verb)()

    # What others use

    def test_promised_amounts_leave_collection(self):
        promise = self.worked_example()
        self.assertEqual(self.promised("2026-03-16"), {self.item.id: 5000})
        self.pay(self.partner, 3000, "2026-03-17", self.invoice)
        self.assertEqual(self.promised("2026-03-17"), {self.item.id: 2000})
        self.assertEqual(self.promised("2026-03-22"), {self.item.id: 2000})
        self.assertEqual(self.promised("2026-03-23"), {})
        self.assertEqual(self.promised("2026-03-15"), {})
        promise.with_user(self.collector).action_withdraw()
        self.assertEqual(self.promised("2026-03-16"), {})

    def test_promises_fall_on_the_oldest_instalments(self):
        term = self.root["account.payment.term"].create(
            {
                "name": "Two",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (0, 30)
                ],
            }
        )
        invoice = self.make_invoice(
            self.partner,
            1000,
            date="2026-03-01",
            invoice_payment_term_id=term.id,
        )
        first, second = invoice.line_ids.filtered("date_maturity").sorted(
            "date_maturity"
        )
        self.make_promise({invoice: 700}, [("2026-03-20", 700)])
        self.assertEqual(self.promised("2026-03-16"), {first.id: 500, second.id: 200})

    # The job

    def test_the_job_looks_once_a_day_and_tells_the_collector_once(self):
        promise = self.worked_example()
        self.customer.collector_id = self.collector
        for _run in range(2):
            with self.at("2026-03-23"), self.commits_allowed():
                self.root["cartera.payment.promise"]._cron_evaluate()
        self.assertEqual(promise.state, "broken")
        self.assertEqual(promise.evaluated_on, date(2026, 3, 23))
        task = promise.activity_ids
        self.assertEqual(len(task), 1)
        self.assertEqual(task.user_id, self.collector)

    def test_queries_do_not_grow_with_promises(self):
        def measure(count):
            promises = self.root["cartera.payment.promise"]
            for _number in range(count):
                invoice = self.make_invoice(self.partner, 100)
                promises |= self.make_promise({invoice: 100}, [("2026-03-20", 100)])
                self.pay(self.partner, 40, "2026-03-18", invoice)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.evaluate(promises, "2026-03-23")
            self.env.flush_all()
            self.assertEqual(set(promises.mapped("state")), {"partial"})
            return self.env.cr.sql_log_count - before

        measure(1)
        few, many = measure(2), measure(8)
        self.assertLessEqual(many, few + 2)
