from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import TODAY
from .common_interest import InterestCommon


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestInterestRun(InterestCommon):
    """From invoices, payments and rates to lines and segments, and on to notes."""

    def test_part_payment_at_3_percent_a_month_down_to_the_segments(self):
        # 10,000 × 3 % × 20/30 = 200; 6,000 × 3 % × 25/30 = 150; in all 350.00
        self.make_policy(rate_source="fixed_month", rate=3)
        invoice = self.make_invoice(self.partner, 10000, due="2026-01-01")
        self.pay(self.partner, 4000, date="2026-01-21", invoices=invoice)
        entries = self.root["account.move"].search_count([])
        run = self.simulate("2026-02-15", user=self.executive)
        self.assertEqual(self.root["account.move"].search_count([]), entries)
        self.assertRecordValues(
            run.line_ids,
            [
                {
                    "move_id": invoice.id,
                    "amount": 350.0,
                    "waived_amount": 0.0,
                    "net_amount": 350.0,
                    "date_from": self.day("2026-01-02"),
                    "charged_to": self.day("2026-02-15"),
                    "days": 45,
                    "state": "proposed",
                    "live": False,
                }
            ],
        )
        self.assertEqual(
            self.segments(run),
            [
                ("2026-01-02", "2026-01-21", 20, 10000.0, 3.0, 200.0),
                ("2026-01-22", "2026-02-15", 25, 6000.0, 3.0, 150.0),
            ],
        )
        self.assertEqual(
            [round(part.factor, 6) for part in run.line_ids.segment_ids], [0.02, 0.025]
        )
        self.assertEqual((run.amount, run.to_bill, run.line_count), (350, 350, 1))
        self.post(run)
        note = run.line_ids.note_move_id
        self.assertRecordValues(
            note,
            [
                {
                    "move_type": "out_invoice",
                    "state": "posted",
                    "debit_origin_id": invoice.id,
                    "amount_untaxed": 350.0,
                    "amount_total": 350.0,
                    "invoice_date": self.day("2026-02-15"),
                    "invoice_date_due": self.day("2026-02-15"),
                    "partner_id": self.partner.id,
                }
            ],
        )
        self.assertEqual(run.state, "posted")
        self.assertTrue(run.line_ids.live)

    def test_colombia_by_effective_rates_of_each_month(self):
        # (1.2436^(16/365) − 1) and (1.2499^(20/365) − 1) of 10,000,000; domain.md 1.5
        table = self.root["cartera.interest.rate.table"].create(
            {
                "name": "Usury",
                "kind": "effective",
                "rate_ids": [
                    (0, 0, {"date_from": "2025-10-01", "rate": 24.36}),
                    (0, 0, {"date_from": "2025-11-01", "rate": 24.99}),
                ],
            }
        )
        self.make_policy(rate_source="table", rate=0, rate_table_id=table.id)
        invoice = self.make_invoice(self.partner, 10000000, due="2025-10-15")
        self.pay(self.partner, 10000000, date="2025-11-20", invoices=invoice)
        run = self.simulate("2025-12-31")
        self.assertEqual(self.amounts(run), {invoice: 219000.93})
        self.assertEqual(
            self.segments(run),
            [
                ("2025-10-16", "2025-10-31", 16, 10000000.0, 24.36, 96024.31),
                ("2025-11-01", "2025-11-20", 20, 10000000.0, 24.99, 122976.62),
            ],
        )
        self.assertEqual(run.line_ids.charged_to, self.day("2025-11-20"))

    def test_a_cap_lowers_the_agreed_rate_and_says_so(self):
        cap = self.root["cartera.interest.rate.table"].create(
            {
                "name": "Cap",
                "kind": "effective",
                "rate_ids": [(0, 0, {"date_from": "2025-01-01", "rate": 24.36})],
            }
        )
        self.make_policy(rate=30, is_effective=True, cap_table_id=cap.id)
        self.make_invoice(self.partner, 10000000, due="2025-10-15")
        run = self.simulate("2025-10-31")
        part = run.line_ids.segment_ids
        self.assertEqual((part.rate, part.capped), (24.36, True))
        self.assertEqual(run.line_ids.amount, 96024.31)
        self.assertIn("legal maximum", part.with_context(lang="en_US").formula)

    def test_table_times_factor_is_rounded_as_certified(self):
        # 18.91 × 1.5 = 28.365, certified as 28.37
        table = self.root["cartera.interest.rate.table"].create(
            {
                "name": "Bank rate",
                "rate_ids": [(0, 0, {"date_from": "2025-01-01", "rate": 18.91})],
            }
        )
        self.make_policy(
            rate_source="table_factor", rate_table_id=table.id, factor=1.5, rate=0
        )
        self.make_invoice(self.partner, 36500, due="2026-01-01")
        run = self.simulate("2026-01-11")
        self.assertEqual(run.line_ids.segment_ids.rate, 28.37)
        self.assertEqual(run.line_ids.amount, 283.70)  # 28.37 a day

    def test_tiers_by_days_late(self):
        # JD Edwards: 15 % on days 1 to 30, 18 % from day 31: 12.3288 + 7.3973
        self.make_policy(
            rate=0,
            tier_ids=[
                (0, 0, {"days_from": 1, "rate": 15}),
                (0, 0, {"days_from": 31, "rate": 18}),
            ],
        )
        invoice = self.make_invoice(self.partner, 1000, due="2026-01-01")
        run = self.simulate("2026-02-15")
        self.assertEqual(self.amounts(run), {invoice: 19.73})
        self.assertEqual([row[2] for row in self.segments(run)], [30, 15])

    def test_leap_year_and_day_counts(self):
        # 29 February counts: 45 days from 2024-01-31; 36,500 × 10 % / 365 = 10 a day
        policy = self.make_policy(rate=10)
        self.make_invoice(self.partner, 36500, due="2024-01-31")
        self.assertEqual(self.simulate("2024-03-16").line_ids.amount, 450.0)
        policy.day_count = "act_360"
        # 36,500 × 0.1 × 45 / 360 = 456.25
        self.assertEqual(self.simulate("2024-03-16").line_ids.amount, 456.25)
        policy.day_count = "act_act"
        # 36,500 × 0.1 × 45 / 366 = 448.7705
        self.assertEqual(self.simulate("2024-03-16").line_ids.amount, 448.77)

    def test_instalments_each_on_their_own(self):
        self.make_policy()
        term = self.root["account.payment.term"].create(
            {
                "name": "Two halves",
                "line_ids": [
                    (0, 0, {"value": "percent", "value_amount": 50, "nb_days": 10}),
                    (0, 0, {"value": "percent", "value_amount": 50, "nb_days": 20}),
                ],
            }
        )
        self.make_invoice(
            self.partner,
            20000,
            date="2026-01-01",
            invoice_payment_term_id=term.id,
            invoice_date_due=False,
        )
        run = self.simulate("2026-01-31")
        # due on the 11th and the 21st: 20 and 10 days of 10.00
        self.assertEqual(run.line_ids.mapped("amount"), [200.0, 100.0])
        note = self.post(run).line_ids.note_move_id
        self.assertEqual(len(note), 1)
        self.assertEqual(note.amount_total, 300.0)
        self.assertEqual(len(note.invoice_line_ids), 2)

    def test_second_run_has_nothing_to_charge_and_the_next_goes_on(self):
        self.make_policy()
        invoice = self.make_invoice(self.partner, 10000, due="2026-01-01")
        self.charge("2026-01-31")
        again = self.simulate("2026-01-31", user=self.executive)
        self.assertFalse(again.line_ids)
        with self.refused(UserError):
            again.with_user(self.manager).sudo(False).action_approve()
        later = self.charge("2026-02-15")
        self.assertEqual(self.amounts(later), {invoice: 150.0})
        self.assertEqual(later.line_ids.date_from, self.day("2026-02-01"))

    def test_two_simulations_of_the_same_days_are_not_both_posted(self):
        self.make_policy()
        self.make_invoice(self.partner, 10000, due="2026-01-01")
        first = self.simulate("2026-01-31", user=self.executive)
        second = self.simulate("2026-01-31", user=self.executive)
        self.post(first)
        with self.refused(UserError):
            self.post(second)
        self.assertFalse(second.line_ids.note_move_id)

    def test_runs_in_parts_add_up_to_the_whole(self):
        self.make_policy(rate=24, day_count="30e_360")
        invoice = self.make_invoice(self.partner, 100000, due="2026-01-15")
        amounts = [
            self.amounts(self.charge(day))[invoice]
            for day in ("2026-01-31", "2026-02-20", "2026-03-15")
        ]
        # 30E/360: 60 days, 100,000 × 0.24 × 60/360 = 4,000.00
        self.assertAlmostEqual(sum(amounts), 4000.0, places=2)

    def test_invoice_paid_late_since_the_last_run(self):
        self.make_policy()
        invoice = self.make_invoice(self.partner, 10000, due="2026-01-01")
        self.pay(self.partner, 10000, date="2026-01-11", invoices=invoice)
        run = self.charge("2026-02-28")
        self.assertEqual(self.amounts(run), {invoice: 100.0})
        self.assertFalse(self.simulate("2026-03-15").line_ids)

    def test_no_day_before_charging_began(self):
        self.make_policy(date_start="2026-02-01")
        old = self.make_invoice(self.partner, 10000, due="2025-11-01")
        self.pay(self.partner, 10000, date="2025-12-01", invoices=old)
        invoice = self.make_invoice(self.partner, 10000, due="2026-01-01")
        run = self.simulate("2026-02-10")
        self.assertEqual(self.amounts(run), {invoice: 100.0})

    def test_credit_note_counts_from_its_own_date(self):
        self.make_policy()
        invoice = self.make_invoice(self.partner, 10000, due="2026-01-01")
        self.make_invoice(
            self.partner,
            10000,
            date="2026-01-06",
            move_type="out_refund",
            reversed_entry_id=invoice.id,
        )
        self.assertEqual(invoice.payment_state, "reversed")
        run = self.simulate("2026-02-28")
        self.assertEqual(self.amounts(run), {invoice: 50.0})

    def test_grace_as_threshold_and_as_shift(self):
        policy = self.make_policy(grace_days=10)
        invoice = self.make_invoice(self.partner, 10000, due="2026-01-01")
        self.assertFalse(self.simulate("2026-01-11").line_ids)
        self.assertEqual(self.amounts(self.simulate("2026-01-12")), {invoice: 110.0})
        policy.grace_mode = "shift"
        self.assertEqual(self.amounts(self.simulate("2026-01-12")), {invoice: 10.0})

    def test_due_date_on_a_holiday(self):
        policy = self.make_policy()
        invoice = self.make_invoice(self.partner, 10000, due="2026-02-01")  # Sunday
        self.root["cartera.holiday"].create(
            {"name": "Constitution", "date": "2026-02-02"}
        )
        self.assertEqual(self.amounts(self.simulate("2026-02-10")), {invoice: 90.0})
        policy.holiday_mode = "next"
        self.assertEqual(self.amounts(self.simulate("2026-02-10")), {invoice: 70.0})
        policy.holiday_mode = "previous"
        self.assertEqual(self.amounts(self.simulate("2026-02-10")), {invoice: 110.0})

    def test_minimum_waits_and_maximum_ends(self):
        policy = self.make_policy(minimum=100)
        invoice = self.make_invoice(self.partner, 10000, due="2026-01-01")
        self.assertFalse(self.simulate("2026-01-10").line_ids)
        self.charge("2026-01-11")
        policy.write({"minimum": 0, "maximum": 250})
        run = self.charge("2026-01-31")
        self.assertEqual(self.amounts(run), {invoice: 150.0})
        self.assertEqual(run.line_ids.note, "maximum")
        self.assertEqual(run.line_ids.computed_amount, 200.0)

    def test_minimum_per_customer(self):
        policy = self.make_policy(customer_minimum=150)
        self.make_invoice(self.partner, 10000, due="2026-01-01")
        self.assertFalse(self.simulate("2026-01-11").line_ids)
        self.make_invoice(self.partner, 5000, due="2026-01-01")
        run = self.simulate("2026-01-11")
        self.assertEqual(sum(run.line_ids.mapped("amount")), 150.0)
        policy.customer_maximum = 120
        policy.customer_minimum = 0
        run = self.simulate("2026-01-11")
        self.assertEqual(run.line_ids.mapped("amount"), [100.0, 20.0])

    def test_foreign_currency_in_its_own_currency(self):
        self.make_policy(minimum=1)
        invoice = self.make_invoice(
            self.partner, 10000, due="2026-01-01", currency_id=self.mxn.id
        )
        run = self.charge("2026-01-31")
        line = run.line_ids
        self.assertEqual((line.currency_id, line.amount), (self.mxn, 300.0))
        self.assertEqual(line.amount_company, 16.67)  # 300 / 18
        self.assertEqual(line.note_move_id.currency_id, self.mxn)
        self.assertEqual(line.note_move_id.amount_total, 300.0)
        self.assertEqual(line.move_id, invoice)

    def test_base_without_taxes_and_taxes_of_the_invoice(self):
        # the worked case's IVA: 16 % of 350.00 is 56.00
        tax = self.root["account.tax"].create(
            {
                "name": "IVA 16 %",
                "amount": 16,
                "type_tax_use": "sale",
                "company_id": self.company.id,
            }
        )
        self.make_policy(
            rate_source="fixed_month", rate=3, base="untaxed", tax_mode="origin"
        )
        invoice = self.make_invoice(
            self.partner,
            0,
            due="2026-01-01",
            invoice_line_ids=[
                (
                    0,
                    0,
                    {
                        "name": "Goods",
                        "price_unit": 10000,
                        "tax_ids": [(6, 0, tax.ids)],
                    },
                )
            ],
        )
        self.assertEqual(invoice.amount_total, 11600)
        self.pay(self.partner, 4640, date="2026-01-21", invoices=invoice)
        run = self.charge("2026-02-15")
        self.assertEqual(self.amounts(run), {invoice: 350.0})
        note = run.line_ids.note_move_id
        self.assertEqual((note.amount_untaxed, note.amount_tax), (350.0, 56.0))

    def test_one_note_per_customer(self):
        self.make_policy(grouping="customer")
        self.make_invoice(self.partner, 10000, due="2026-01-01")
        self.make_invoice(self.partner, 20000, due="2026-01-11")
        other = self.make_customer("Tienda Sur").partner_id
        self.make_invoice(other, 10000, due="2026-01-01")
        run = self.charge("2026-01-31")
        notes = run.line_ids.note_move_id
        self.assertEqual(
            {note.partner_id: note.amount_total for note in notes},
            {self.partner: 700.0, other: 300.0},
        )
        self.assertFalse(notes.debit_origin_id)

    def test_the_gate_never_stops_interest_and_exposure_counts_it(self):
        self.make_policy(grouping="customer")
        self.make_invoice(self.partner, 10000, due="2026-01-01")
        self.make_line(self.customer, 1)
        self.turn_gate_on()
        run = self.charge("2026-01-31")
        self.assertEqual(run.line_ids.note_move_id.state, "posted")
        self.assertEqual(self.position(self.partner)["exposure"], 10300.0)

    def test_interest_bears_none_unless_agreed(self):
        policy = self.make_policy()
        invoice = self.make_invoice(self.partner, 10000, due="2026-01-01")
        note = self.charge("2026-01-31").line_ids.note_move_id
        run = self.simulate("2026-03-02")
        self.assertEqual(self.amounts(run), {invoice: 300.0})
        policy.write({"compound": True, "contract_reference": "Contract 7, clause 4"})
        run = self.simulate("2026-03-02")
        # 300.00 × 36.5 % × 30/365 = 9.00
        self.assertEqual(self.amounts(run), {invoice: 300.0, note: 9.0})

    def test_customer_in_credit_is_not_charged(self):
        policy = self.make_policy()
        invoice = self.make_invoice(self.partner, 10000, due="2026-01-01")
        self.pay(self.partner, 15000, date="2026-01-20")
        self.assertFalse(self.simulate("2026-01-31").line_ids)
        # on the 10th they still owed
        self.assertEqual(self.amounts(self.simulate("2026-01-10")), {invoice: 90.0})
        policy.skip_in_credit = False
        self.assertEqual(self.amounts(self.simulate("2026-01-31")), {invoice: 300.0})

    def test_whose_policy(self):
        general = self.make_policy(sequence=5)
        segment = self.make_policy(name="C", scope="segment", risk_class="c", rate=73)
        own = self.make_policy(name="Own", scope="customer", rate=3.65)
        other = self.make_customer("Tienda Sur", risk_class="c")
        third = self.make_customer("Mercado", interest_policy_id=own.id, risk_class="c")
        exempt = self.make_customer("Gobierno", interest_exempt=True)
        for customer in (self.customer, other, third, exempt):
            self.make_invoice(customer.partner_id, 10000, due="2026-01-01")
        run = self.simulate("2026-01-31")
        self.assertEqual(
            {line.customer_id: (line.policy_id, line.amount) for line in run.line_ids},
            {
                self.customer: (general, 300.0),
                other: (segment, 600.0),
                third: (own, 30.0),
            },
        )
        run = self.simulate("2026-01-31", policy_ids=[(6, 0, segment.ids)])
        self.assertEqual(run.line_ids.customer_id, other)
        run = self.simulate("2026-01-31", customer_ids=[(6, 0, third.ids)])
        self.assertEqual(run.line_ids.customer_id, third)

    def test_items_left_out_by_conditions_and_other_entries(self):
        policy = self.make_policy(
            exclude_domain="[('move_id.ref', '=', 'no interest')]"
        )
        self.make_invoice(self.partner, 10000, due="2026-01-01", ref="no interest")
        invoice = self.make_invoice(self.partner, 10000, due="2026-01-01")
        account = invoice.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).account_id
        entry = self.root["account.move"].create(
            {
                "journal_id": self.company_data["default_journal_misc"].id,
                "date": "2026-01-01",
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "account_id": account.id,
                            "partner_id": self.partner.id,
                            "debit": 1000,
                            "date_maturity": "2026-01-01",
                        },
                    ),
                    (
                        0,
                        0,
                        {
                            "account_id": self.company_data[
                                "default_account_revenue"
                            ].id,
                            "credit": 1000,
                        },
                    ),
                ],
            }
        )
        entry.action_post()
        self.assertEqual(self.amounts(self.simulate("2026-01-31")), {invoice: 300.0})
        policy.include_entries = True
        self.assertEqual(
            self.amounts(self.simulate("2026-01-31")), {invoice: 300.0, entry: 30.0}
        )

    def test_two_companies_each_with_its_own(self):
        self.make_policy()
        theirs = self.make_policy(company=self.other_company, rate=73)
        self.make_invoice(self.partner, 10000, due="2026-01-01")
        other = self.make_invoice(
            self.partner, 10000, due="2026-01-01", company=self.other_company
        )
        run = self.simulate("2026-01-31", company=self.other_company)
        self.assertEqual(run.line_ids.policy_id, theirs)
        self.assertEqual(self.amounts(run), {other: 600.0})
        self.assertEqual(run.line_ids.customer_id.company_id, self.other_company)
        self.post(run)
        self.assertEqual(run.line_ids.note_move_id.company_id, self.other_company)

    def test_fees_once_for_each_invoice_and_by_hand(self):
        policy = self.make_policy(
            fee_ids=[
                (0, 0, {"name": "Collection cost", "days": 20, "amount": 25}),
                (0, 0, {"name": "Returned cheque", "kind": "manual", "percent": 20}),
            ]
        )
        invoice = self.make_invoice(self.partner, 10000, due="2026-01-01")
        self.assertFalse(self.amounts(self.simulate("2026-01-20"), "fee"))
        run = self.simulate("2026-01-31", user=self.executive)
        self.assertEqual(self.amounts(run, "fee"), {invoice: 25.0})
        item = run.line_ids.move_line_id[:1]
        cheque = policy.fee_ids.filtered(lambda fee: fee.kind == "manual")
        run.with_user(self.executive).sudo(False).action_add_fee(cheque.id, item.ids)
        run.action_simulate()
        fees = run.line_ids.filtered(lambda line: line.kind == "fee")
        self.assertEqual(sorted(fees.mapped("amount")), [25.0, 2000.0])
        self.post(run)
        note = run.line_ids.note_move_id
        self.assertEqual(note.amount_total, 2325.0)
        self.assertEqual(note.debit_origin_id, invoice)
        self.assertFalse(self.amounts(self.simulate("2026-02-28"), "fee"))

    def test_simulation_costs_the_same_queries_for_any_number(self):
        self.make_policy()
        for _number in range(2):
            self.make_invoice(self.partner, 10000, due="2026-01-01")
        self.simulate("2026-01-31")
        counts = []
        for more in (0, 10):
            for number in range(more):
                partner = self.make_customer(f"Customer {number}").partner_id
                self.make_invoice(partner, 10000, due="2026-01-01")
            run = self.make_run("2026-01-31")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run.action_simulate()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(len(run.line_ids), 12)
        self.assertLessEqual(counts[1], counts[0] + 2)
        self.assertLess(counts[1], 60)
