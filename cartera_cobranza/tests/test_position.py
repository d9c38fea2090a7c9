import json

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import CarteraCommon


@tagged("post_install", "-at_install")
class TestPosition(CarteraCommon):
    """What a customer owes, by component, currency, company and day."""

    def setUp(self):
        super().setUp()
        self.customer = self.make_customer("Abarrotes del Centro")
        self.partner = self.customer.partner_id

    def exposure(self, **kwargs):
        return self.position(self.partner, **kwargs)["exposure"]

    def make_uncounted_currency(self):
        """A currency in use that has no rate at all."""
        return self.setup_other_currency("CHF", rates=[])

    # Receivables

    def test_open_receivables_count_by_what_is_left_of_them(self):
        """1,000 less 300 paid, and 250: 950."""
        paid = self.make_invoice(self.partner, 1000)
        self.make_invoice(self.partner, 250)
        self.pay(self.partner, 300, invoices=paid)
        self.assertEqual(self.exposure(), 950)

    def test_drafts_and_cancelled_invoices_do_not_count(self):
        self.make_invoice(self.partner, 100, post=False)
        self.make_invoice(self.partner, 200, post=False).button_cancel()
        self.make_invoice(self.partner, 400).button_draft()
        self.assertEqual(self.exposure(), 0)

    def test_contacts_and_addresses_roll_up_to_the_commercial_entity(self):
        """peers 6: what a contact is invoiced counts for the company it works for."""
        child, address = self.root["res.partner"].create(
            [
                {"name": "Buyer", "parent_id": self.partner.id},
                {"name": "Ship", "parent_id": self.partner.id, "type": "invoice"},
            ]
        )
        self.make_invoice(child, 100)
        self.make_invoice(address, 20)
        self.make_invoice(self.partner, 3)
        self.assertEqual(self.exposure(), 123)
        self.assertEqual(self.position(child), self.position(self.partner))

    def test_other_customers_do_not_count(self):
        self.make_invoice(self.make_partner("Other"), 100)
        self.assertEqual(self.exposure(), 0)

    def test_non_trade_receivables_stay_out(self):
        """Employee loans and the like are no trade debt (``non_trade``)."""
        account = self.company_data["default_account_receivable"]
        other = self.copy_account(account.sudo(), {"non_trade": True})
        entry = self.root["account.move"].create(
            {
                "move_type": "entry",
                "date": self.today,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": receivable.id,
                            "partner_id": self.partner.id,
                            "debit": amount,
                        }
                    )
                    for receivable, amount in ((account, 70), (other, 900))
                ]
                + [
                    Command.create(
                        {
                            "account_id": self.company_data[
                                "default_account_revenue"
                            ].id,
                            "credit": 970,
                        }
                    )
                ],
            }
        )
        entry.action_post()
        self.assertEqual(self.exposure(), 70)

    def test_money_on_account_lowers_the_exposure(self):
        self.make_invoice(self.partner, 1000)
        self.pay(self.partner, 150)
        self.make_invoice(self.partner, 50, move_type="out_refund")
        self.assertEqual(self.exposure(), 800)
        self.company.sudo().cartera_net_unapplied = False
        self.assertEqual(self.exposure(), 1000)

    def test_negative_exposure_is_shown_and_not_capped(self):
        self.make_line(self.customer, 500)
        self.pay(self.partner, 200)
        found = self.position(self.partner)
        self.assertEqual(
            (found["exposure"], found["available"], found["percent_used"]),
            (-200, 700, -40),
        )

    def test_the_ledger_agrees_with_odoos_own_balance(self):
        invoice = self.make_invoice(self.partner, 1000)
        self.make_invoice(self.partner, 3600, currency_id=self.mxn.id)  # 200 USD
        self.pay(self.partner, 100, invoices=invoice)
        self.pay(self.partner, 30)
        self.partner.invalidate_recordset(["credit"])
        self.assertEqual(self.partner.with_company(self.company).credit, 1070)
        self.assertEqual(self.exposure(), 1070)

    # Other components

    def test_draft_invoices_count_where_the_company_says_so(self):
        self.make_invoice(self.partner, 100)
        self.make_invoice(self.partner, 40, post=False)
        self.make_invoice(self.partner, 7, post=False, move_type="out_refund")
        self.company.sudo().cartera_count_drafts = True
        found = self.position(self.partner)
        self.assertEqual(
            found["exposure_breakdown"], {"receivable": 100, "draft_invoice": 40}
        )
        self.assertEqual(found["exposure"], 140)

    def test_payments_not_yet_cleared_stay_debt_by_their_method(self):
        """A post-dated cheque pays the invoice, but takes up credit until it clears."""
        self.inbound_payment_method_line.sudo().cartera_count_uncleared = True
        invoice = self.make_invoice(self.partner, 1000)
        payment = self.pay(
            self.partner,
            600,
            invoices=invoice,
            payment_method_line_id=self.inbound_payment_method_line.id,
        )
        found = self.position(self.partner)
        self.assertEqual(
            found["exposure_breakdown"], {"receivable": 400, "uncleared_payment": 600}
        )
        self.assertEqual(found["exposure"], 1000)
        statement = self.root["account.bank.statement.line"].create(
            {
                "payment_ref": "cheque",
                "journal_id": payment.journal_id.id,
                "amount": 600,
                "date": self.today,
                "partner_id": self.partner.id,
            }
        )
        outstanding = payment.outstanding_account_id
        suspense = statement._seek_for_lines()[1]
        suspense.with_context(
            skip_account_move_synchronization=True
        ).account_id = outstanding
        (
            suspense
            | payment.move_id.line_ids.filtered(
                lambda line: line.account_id == outstanding
            )
        ).reconcile()
        self.assertTrue(payment.is_matched)
        self.assertEqual(self.position(self.partner)["exposure"], 400)

    def test_payments_by_other_methods_count_as_paid(self):
        invoice = self.make_invoice(self.partner, 1000)
        self.pay(self.partner, 600, invoices=invoice)
        self.assertEqual(
            self.position(self.partner)["exposure_breakdown"], {"receivable": 400}
        )

    # Currencies: peers 4.1 and 4.4, amounts converted twice or in the wrong direction

    def test_weak_currency_is_converted_once(self):
        """peers 1 and 4.1: 1,800 pesos are 100 dollars, a limit of 9,000 is 500."""
        self.make_line(self.customer, 9000, currency_id=self.mxn.id)
        self.make_invoice(self.partner, 1800, currency_id=self.mxn.id)
        found = self.position(self.partner)
        self.assertEqual(
            (found["limit"], found["exposure"], found["available"]), (500, 100, 400)
        )

    def test_strong_currency_is_converted_once(self):
        """peers 13 and 4.4: 50 euros are 100 dollars, a limit of 100 euros is 200."""
        self.make_line(self.customer, 100, currency_id=self.eur.id)
        self.make_invoice(self.partner, 50, currency_id=self.eur.id)
        found = self.position(self.partner)
        self.assertEqual(
            (found["limit"], found["exposure"], found["available"]), (200, 100, 100)
        )

    def test_dollar_invoice_of_a_peso_company_with_a_peso_limit(self):
        """peers 4.1, word for word: the exposure came out 18 times too high."""
        customer = self.make_customer(partner=self.partner, company=self.other_company)
        self.make_line(customer, 5000, currency_id=self.mxn.id)
        self.make_invoice(
            self.partner, 100, company=self.other_company, currency_id=self.usd.id
        )
        found = self.position(self.partner, company=self.other_company)
        self.assertEqual(
            (found["currency"], found["limit"], found["exposure"], found["available"]),
            ("MXN", 5000, 2000, 3000),
        )

    def test_posted_debt_keeps_the_ledger_s_rate(self):
        """2,000 pesos of 2025 were booked at 20: 100 dollars, not 111.11."""
        self.make_invoice(
            self.partner, 2000, date="2025-06-01", currency_id=self.mxn.id
        )
        self.assertEqual(self.exposure(), 100)

    def test_missing_rate_of_a_line_is_refused_naming_currency_and_day(self):
        chf = self.setup_other_currency("CHF", rates=[("2026-01-01", 0.9)])
        self.make_line(self.customer, 900, currency_id=chf.id)
        self.assertEqual(self.position(self.partner)["limit"], 1000)
        chf.sudo().rate_ids.unlink()
        with self.refused(UserError, "CHF.*2026-03-16"):
            self.position(self.partner)

    def test_missing_rate_of_a_draft_is_refused_naming_currency_and_day(self):
        """Odoo counts a draft without a rate as one to one; the gate must not."""
        chf = self.make_uncounted_currency()
        self.company.sudo().cartera_count_drafts = True
        self.make_invoice(self.partner, 100, post=False, currency_id=chf.id)
        with self.refused(UserError, "CHF.*2026-03-16"):
            self.position(self.partner)

    def test_a_later_rate_does_not_stand_in_for_a_missing_one(self):
        chf = self.setup_other_currency("CHF", rates=[("2026-03-17", 0.9)])
        with self.refused(UserError, "CHF.*2026-03-16"):
            self.make_line(self.customer, 900, currency_id=chf.id)

    # Companies

    def test_each_company_has_its_own_position(self):
        """peers 2 and 8: neither limit nor debt of another company counts."""
        self.make_line(self.customer, 1000)
        self.make_invoice(self.partner, 100)
        self.make_invoice(self.partner, 3000, company=self.other_company)
        found = self.position(self.partner)
        self.assertEqual((found["exposure"], found["available"]), (100, 900))
        there = self.position(self.partner, company=self.other_company)
        self.assertEqual((there["exposure"], there["limit"]), (3000, 0))

    def test_the_asked_company_decides_and_not_the_user_s_current_one(self):
        """peers 3: the answer does not depend on the company that is switched on."""
        self.make_line(self.customer, 1000)
        self.make_invoice(self.partner, 100)
        Customer = self.root(user=self.everywhere, su=False)["cartera.customer"]
        both = (self.company | self.other_company).ids
        answers = [
            Customer.with_context(allowed_company_ids=order).get_position(
                self.partner.ids, self.company.id
            )
            for order in (both, both[::-1])
        ]
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(answers[0][str(self.partner.id)]["available"], 900)

    def test_today_is_the_company_s_day(self):
        """At noon UTC it is 17 March in Auckland: what was due on the 16th is late."""
        self.make_invoice(self.partner, 100)
        found = self.position(self.partner)
        self.assertEqual((found["as_of"], found["overdue_days"]), ("2026-03-16", 0))
        self.company.sudo().partner_id.tz = "Pacific/Auckland"
        found = self.position(self.partner)
        self.assertEqual((found["as_of"], found["overdue_days"]), ("2026-03-17", 1))

    # Overdue

    def test_overdue_is_net_of_money_on_account_oldest_first(self):
        """Due: 500 since 40 days (4 Feb), 300 since 10 days (6 Mar), 200 today."""
        self.make_invoice(self.partner, 500, due="2026-02-04")
        self.make_invoice(self.partner, 300, due="2026-03-06")
        self.make_invoice(self.partner, 200, due="2026-03-16")
        cases = [
            # on account in all, overdue amount, age of the oldest not covered
            (0, 800, 40),
            (499, 301, 40),
            (500, 300, 10),
            (600, 200, 10),
            (800, 0, 0),
            (900, 0, 0),
        ]
        before = 0
        for total, amount, days in cases:
            if total > before:
                self.pay(self.partner, total - before)
            before = total
            found = self.position(self.partner)
            with self.subTest(on_account=total):
                self.assertEqual(
                    (found["overdue_amount"], found["overdue_days"]), (amount, days)
                )
        self.company.sudo().cartera_net_unapplied = False
        found = self.position(self.partner)
        self.assertEqual((found["overdue_amount"], found["overdue_days"]), (800, 40))

    def test_instalments_fall_due_one_by_one(self):
        """peers 53: half of 1,000 was due on 6 March, half is due on 5 April."""
        term = self.root["account.payment.term"].create(
            {
                "name": "Two halves",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (0, 30)
                ],
            }
        )
        self.make_invoice(
            self.partner,
            1000,
            date="2026-03-06",
            invoice_payment_term_id=term.id,
            invoice_date_due=False,
        )
        found = self.position(self.partner)
        self.assertEqual(
            (found["exposure"], found["overdue_amount"], found["overdue_days"]),
            (1000, 500, 10),
        )

    # The contract of get_position

    def test_contract(self):
        self.make_line(self.customer, 1000)
        self.make_invoice(self.partner, 250, due="2026-03-10")
        found = self.position(self.partner)
        self.assertEqual(
            found,
            {
                "currency": "USD",
                "limit": 1000.0,
                "limit_source": "line",
                "exposure": 250.0,
                "exposure_breakdown": {"receivable": 250.0},
                "available": 750.0,
                "percent_used": 25.0,
                "overdue_amount": 250.0,
                "overdue_days": 6,
                "held_amount": 0.0,
                "group": None,
                "as_of": "2026-03-16",
            },
        )
        self.assertEqual(json.loads(json.dumps(found)), found)

    def test_unlimited_is_null(self):
        self.make_line(self.customer, mode="unlimited")
        self.make_invoice(self.partner, 250)
        found = self.position(self.partner)
        self.assertEqual(
            (found["limit"], found["available"], found["percent_used"]),
            (None, None, None),
        )

    def test_every_id_asked_for_is_answered(self):
        child = self.root["res.partner"].create(
            {"name": "Buyer", "parent_id": self.partner.id}
        )
        new = self.make_partner("Never seen")
        Customer = self.Customer.with_user(self.everywhere)
        ids = [child.id, new.id, self.partner.id, child.id]
        found = Customer.get_position(ids, self.company.id)
        self.assertEqual(set(found), {str(child.id), str(new.id), str(self.partner.id)})
        self.assertEqual(found[str(new.id)]["limit_source"], "none")
        self.assertEqual(
            list(Customer.get_position(new.id, self.company.id)), [str(new.id)]
        )
        self.assertEqual(Customer.get_position([], self.company.id), {})

    def test_unknown_partner_is_refused_naming_the_id(self):
        gone = self.make_partner("Gone")
        number = gone.id
        gone.unlink()
        with self.refused(UserError, str(number)):
            self.Customer.with_user(self.manager).get_position(
                [self.partner.id, number], self.company.id
            )

    def test_a_day_to_come_is_refused_naming_it(self):
        with self.refused(UserError, "2026-03-17"):
            self.position(self.partner, at="2026-03-17")
        self.assertEqual(self.position(self.partner, at="2026-03-16")["exposure"], 0)

    def test_a_day_that_is_none_is_refused(self):
        for text in ("16/03/2026", "2026-02-30", "yesterday"):
            with self.subTest(text), self.refused(UserError, text):
                self.position(self.partner, at=text)

    def test_a_company_that_is_not_the_user_s_is_refused(self):
        Customer = self.Customer.with_user(self.manager)
        for number in (self.other_company.id, 999999):
            with self.subTest(number), self.refused(AccessError, str(number)):
                Customer.get_position(self.partner.ids, number)

    def test_only_the_roles_of_credit_may_ask(self):
        for user in (self.viewer, self.collector, self.executive, self.manager):
            with self.subTest(user.login):
                self.assertEqual(self.position(self.partner, user=user)["exposure"], 0)
        for user in (self.accountant, self.portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.position(self.partner, user=user)

    def test_record_rules_do_not_shrink_the_exposure(self):
        """peers 14 and 15: totals for a salesperson without accounting rights."""
        self.partner.user_id = self.salesperson
        self.make_invoice(self.partner, 100, invoice_user_id=self.manager.id)
        self.make_invoice(self.partner, 20, invoice_user_id=self.salesperson.id)
        with self.assertRaises(AccessError):
            self.env["account.move.line"].with_user(self.salesperson).search_count([])
        found = self.position(self.partner, user=self.salesperson)
        self.assertEqual(found["exposure"], 120)

    # The past

    def test_the_ledger_of_a_past_day(self):
        """1,000 on 1 Feb, 400 paid on 1 Mar, 70 on account on 10 Mar."""
        invoice = self.make_invoice(
            self.partner, 1000, date="2026-02-01", due="2026-02-11"
        )
        self.pay(self.partner, 400, date="2026-03-01", invoices=invoice)
        self.pay(self.partner, 70, date="2026-03-10")
        cases = [
            # day, exposure, overdue amount and days
            ("2026-01-31", 0, 0, 0),
            ("2026-02-01", 1000, 0, 0),
            ("2026-02-11", 1000, 0, 0),
            ("2026-02-28", 1000, 1000, 17),
            ("2026-03-01", 600, 600, 18),
            ("2026-03-10", 530, 530, 27),
        ]
        for day, exposure, overdue, days in cases:
            found = self.position(self.partner, at=day)
            with self.subTest(day):
                self.assertEqual(
                    (found["exposure"], found["overdue_amount"], found["overdue_days"]),
                    (exposure, overdue, days),
                )
                self.assertEqual(found["as_of"], day)

    def test_the_past_of_a_foreign_invoice(self):
        """3,600 pesos in Feb at 18 (200 USD), half of it paid on 1 March."""
        invoice = self.make_invoice(
            self.partner, 3600, date="2026-02-01", currency_id=self.mxn.id
        )
        self.pay(
            self.partner,
            1800,
            date="2026-03-01",
            invoices=invoice,
            currency_id=self.mxn.id,
        )
        self.assertEqual(self.exposure(at="2026-02-28"), 200)
        self.assertEqual(self.exposure(at="2026-03-01"), 100)

    def test_what_is_not_dated_is_unknown_in_the_past(self):
        self.company.sudo().cartera_count_drafts = True
        self.make_invoice(self.partner, 100, post=False, date="2026-02-01")
        found = self.position(self.partner, at="2026-03-01")
        self.assertEqual(found["exposure_breakdown"]["receivable"], 0)
        unknown = set(found["exposure_breakdown"].values()) - {0}
        self.assertEqual(unknown, {None})
        self.assertIsNone(found["exposure_breakdown"]["draft_invoice"])
        self.assertIsNone(found["held_amount"])

    def test_a_past_month_end_is_the_same_whenever_it_is_asked(self):
        invoice = self.make_invoice(self.partner, 1000, date="2026-01-10")
        with freeze_time("2026-01-31 12:00:00"):
            self.assertEqual(self.exposure(), 1000)
        self.pay(self.partner, 1000, date="2026-02-05", invoices=invoice)
        self.assertEqual(self.exposure(at="2026-01-31"), 1000)
        self.assertEqual(self.exposure(), 0)
