from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import CarteraCommon


@tagged("post_install", "-at_install")
class TestDispute(CarteraCommon):
    """Disputes beside the ledger; 1,200 of an invoice of 5,800 are disputed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.operator = cls.make_user("operator", "operations")
        cls.stranger = cls.make_user("stranger", "operations")
        cls.area = cls.root["cartera.dispute.area"].create(
            {
                "name": "Warehouse",
                "user_id": cls.operator.id,
                "member_ids": [Command.set(cls.operator.ids)],
            }
        )
        cls.kind = cls.root["cartera.dispute.type"].create(
            {
                "name": "Missing goods",
                "code": "T1",
                "area_id": cls.area.id,
                "sla_days": 3,
            }
        )
        cls.customer = cls.make_customer("Abarrotes La Central")
        cls.partner = cls.customer.partner_id
        cls.Dispute = cls.env["cartera.dispute"].with_user(cls.collector)

    def setUp(self):
        super().setUp()
        self.invoice = self.make_invoice(
            self.partner, 5800, due="2026-03-01", date="2026-02-01"
        )
        self.item = self.invoice.line_ids.filtered("date_maturity")

    def dispute(self, amount=1200, invoice=None, user=None, **vals):
        return (
            self.Dispute.with_user(user or self.collector)
            .create(
                {
                    "move_id": (invoice or self.invoice).id,
                    "type_id": self.kind.id,
                    "disputed_amount": amount,
                }
                | vals
            )
            .sudo()
        )

    def disputed(self, day="2026-03-16"):
        self.env.flush_all()
        rows = self.env.execute_query(
            self.root["cartera.dispute"]._disputed_sql(
                self.company, date.fromisoformat(day)
            )
        )
        return {row[0]: float(row[1]) for row in rows}

    def credit(self, amount, dispute=None, day="2026-03-17", apply=True):
        note = self.make_invoice(
            self.partner,
            amount,
            date=day,
            move_type="out_refund",
            cartera_dispute_id=dispute.id if dispute else False,
        )
        if apply:
            (note | self.invoice).line_ids.filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
                and not line.reconciled
            ).reconcile()
        return note

    def settle(self, *disputes):
        for dispute in disputes:
            dispute._settle()

    def test_a_new_dispute_goes_to_its_area_with_a_deadline(self):
        dispute = self.dispute()
        self.assertRecordValues(
            dispute,
            [
                {
                    "state": "open",
                    "customer_id": self.customer.id,
                    "area_id": self.area.id,
                    "user_id": self.operator.id,
                    "opened_on": date(2026, 3, 16),
                    "deadline": date(2026, 3, 19),
                    "remaining_amount": 1200,
                    "invoice_amount": 5800,
                }
            ],
        )
        self.assertEqual(dispute.activity_ids.user_id, self.operator)
        self.assertEqual(self.disputed(), {self.item.id: 1200})

    def test_without_an_amount_all_that_is_open_is_disputed(self):
        self.pay(self.partner, 800, invoices=self.invoice)
        dispute = self.Dispute.create(
            {"move_id": self.invoice.id, "type_id": self.kind.id}
        )
        self.assertEqual(dispute.disputed_amount, 5000)

    def test_what_is_refused(self):
        note = self.make_invoice(self.partner, 5, move_type="out_refund")
        draft = self.make_invoice(self.partner, 5, post=False)
        for amount, invoice, text in (
            (5800.01, self.invoice, "5.800.00"),
            (1, note, "not a posted"),
            (1, draft, "not a posted"),
        ):
            with self.subTest(text), self.refused(ValidationError, text):
                self.dispute(amount, invoice)
        with self.refused(ValidationError, "received -5"):
            self.dispute(-5)

    def test_portions_add_up_to_the_residual_at_most(self):
        self.dispute(4000)
        self.dispute(1800)
        with self.refused(ValidationError, "0.00"):
            self.dispute(0.01)

    def test_two_in_one_call_see_each_other(self):
        vals = {
            "move_id": self.invoice.id,
            "type_id": self.kind.id,
            "disputed_amount": 3000,
        }
        with self.refused(ValidationError, "2.800.00"):
            self.Dispute.create([vals, dict(vals)])

    def test_payments_go_to_the_undisputed_part_first(self):
        dispute = self.dispute()
        self.pay(self.partner, 4600, "2026-03-16", self.invoice)
        self.settle(dispute)
        self.assertRecordValues(
            dispute, [{"paid_amount": 0, "remaining_amount": 1200, "state": "open"}]
        )
        self.pay(self.partner, 500, "2026-03-16", self.invoice)
        self.settle(dispute)
        self.assertRecordValues(
            dispute, [{"paid_amount": 500, "remaining_amount": 700, "state": "open"}]
        )
        self.assertEqual(self.disputed(), {self.item.id: 700})
        self.pay(self.partner, 700, "2026-03-16", self.invoice)
        self.settle(dispute)
        self.assertRecordValues(
            dispute,
            [
                {
                    "paid_amount": 1200,
                    "remaining_amount": 0,
                    "state": "resolved",
                    "resolution": "payment",
                    "closed_on": date(2026, 3, 16),
                }
            ],
        )

    def test_its_credit_note_resolves_it(self):
        dispute = self.dispute()
        dispute.with_user(self.operator).action_accept()
        self.assertEqual(dispute.state, "accepted")
        self.assertEqual(self.disputed(), {self.item.id: 1200})
        with self.at("2026-03-20"):
            self.credit(1200, dispute)
            self.settle(dispute)
        self.assertRecordValues(
            dispute,
            [
                {
                    "credited_amount": 1200,
                    "remaining_amount": 0,
                    "state": "resolved",
                    "resolution": "credit_note",
                    "resolution_days": 4,
                }
            ],
        )
        # on the days in between it was disputed
        self.assertEqual(self.disputed("2026-03-16"), {self.item.id: 1200})
        self.assertEqual(self.disputed("2026-03-20"), {})
        self.assertEqual(self.disputed("2026-03-15"), {})

    def test_another_credit_note_goes_to_the_undisputed_part(self):
        dispute = self.dispute()
        self.credit(1000)
        self.settle(dispute)
        self.assertEqual(dispute.remaining_amount, 1200)

    def test_accepted_in_part_the_rest_is_collected(self):
        dispute = self.dispute()
        with self.refused(UserError, "1.200.00"):
            dispute.with_user(self.operator).action_accept(1200.01)
        with self.refused(UserError, "0.00"):
            dispute.with_user(self.operator).action_accept(0)
        dispute.with_user(self.operator).action_accept(300)
        self.assertEqual(self.disputed(), {self.item.id: 300})
        self.credit(300, dispute)
        self.settle(dispute)
        self.assertEqual(dispute.state, "resolved")

    def test_the_reversal_gets_the_accepted_amount(self):
        dispute = self.dispute()
        dispute.with_user(self.operator).action_accept()
        action = dispute.with_user(self.manager).action_credit_note()
        wizard = (
            self.root["account.move.reversal"]
            .with_context(**action["context"])
            .create({"journal_id": self.invoice.journal_id.id})
        )
        wizard.reverse_moves()
        note = wizard.new_move_ids
        self.assertRecordValues(
            note,
            [
                {
                    "amount_total": 1200,
                    "cartera_dispute_id": dispute.id,
                    "state": "draft",
                }
            ],
        )

    def test_rejected_it_is_collected_again(self):
        dispute = self.dispute()
        with self.refused(UserError, "answer"):
            dispute.with_user(self.operator).action_reject(" ")
        dispute.with_user(self.operator).action_reject("Signed delivery slip found")
        self.assertRecordValues(
            dispute,
            [
                {
                    "state": "rejected",
                    "resolution": "rejected",
                    "answer": "Signed delivery slip found",
                    "remaining_amount": 0,
                }
            ],
        )
        self.assertEqual(self.disputed(), {})
        for vals in ({"findings": "x"}, {"state": "resolved"}, {"disputed_amount": 5}):
            with self.subTest(vals), self.assertRaises(UserError):
                dispute.write(vals)
        dispute.with_user(self.collector).action_open()
        self.assertEqual((dispute.state, dispute.closed_on), ("open", False))
        self.assertEqual(self.disputed(), {self.item.id: 1200})

    def test_resolved_and_cancelled_ones_stay_closed(self):
        resolved, cancelled = self.dispute(100), self.dispute(200)
        resolved.with_user(self.operator).action_resolve("Papers sent")
        cancelled.with_user(self.collector).action_cancel("Wrong invoice")
        self.assertEqual(resolved.resolution, "explained")
        for dispute in resolved | cancelled:
            for verb in ("action_open", "action_accept", "action_analyse"):
                with self.subTest(verb), self.assertRaises(UserError):
                    getattr(dispute.with_user(self.manager), verb)()
        with self.assertRaises(UserError):
            resolved.unlink()

    def test_evidence_is_asked_for(self):
        self.kind.needs_evidence = True
        dispute = self.dispute()
        with self.refused(UserError, "evidence"):
            dispute.with_user(self.operator).action_accept()

    def test_disputes_fall_on_the_oldest_instalments_before_promises(self):
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
            self.partner, 1000, date="2026-03-01", invoice_payment_term_id=term.id
        )
        first, second = invoice.line_ids.filtered("date_maturity").sorted(
            "date_maturity"
        )
        self.dispute(400, invoice)
        promise = (
            self.env["cartera.payment.promise"]
            .with_user(self.collector)
            .create(
                {
                    "customer_id": self.customer.id,
                    "line_ids": [Command.create({"move_id": invoice.id})],
                    "instalment_ids": [
                        Command.create({"date": "2026-03-20", "amount": 600})
                    ],
                }
            )
        )
        self.assertEqual(promise.line_ids.amount, 600)
        promise.action_open()
        self.env.flush_all()
        rows = self.env.execute_query(
            promise.sudo()._promised_sql(self.company, date(2026, 3, 16))
        )
        self.assertEqual(
            {row[0]: float(row[1]) for row in rows}, {first.id: 100, second.id: 500}
        )
        self.assertEqual(self.disputed(), {first.id: 400})

    def test_a_disputed_amount_is_not_promised(self):
        self.dispute()
        with self.refused(ValidationError, "4.600.00"):
            self.env["cartera.payment.promise"].with_user(self.collector).create(
                {
                    "customer_id": self.customer.id,
                    "line_ids": [
                        Command.create({"move_id": self.invoice.id, "amount": 4600.01})
                    ],
                }
            )

    # People

    def test_operations_see_their_area_without_accounting(self):
        dispute = self.dispute()
        mine = dispute.with_user(self.operator)
        self.env.invalidate_all()
        self.assertFalse(
            self.env["account.move"].with_user(self.operator).has_access("read")
        )
        seen = mine.read(["invoice_name", "invoice_amount", "remaining_amount"])[0]
        self.assertEqual(seen["invoice_name"], self.invoice.name)
        self.assertEqual(seen["invoice_amount"], 5800)
        mine.write({"findings": "Two boxes were missing"})
        mine.action_analyse()
        self.assertEqual(dispute.state, "analysis")
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            dispute.with_user(self.stranger).read(["state"])
        with self.assertRaises(AccessError):
            dispute.with_user(self.stranger).action_accept()
        with self.assertRaises(AccessError):
            self.dispute(user=self.operator)
        with self.assertRaises(AccessError):
            mine.action_cancel("no")

    def test_nobody_forges_amounts_or_states(self):
        dispute = self.dispute()
        for vals in (
            {"state": "resolved"},
            {"credited_amount": 5},
            {"remaining_amount": 0},
            {"disputed_amount": 5},
            {"closed_on": "2026-01-01"},
        ):
            for user in (self.operator, self.manager):
                with self.subTest(vals), self.assertRaises(UserError):
                    dispute.with_user(user).write(vals)
        with self.assertRaises(AccessError):
            self.dispute(state="accepted")

    def test_verbs_ask_for_the_role(self):
        dispute = self.dispute()
        for user in (self.viewer, self.accountant, self.portal):
            for verb in ("action_open", "action_accept", "action_reject"):
                with (
                    self.subTest(user.login, verb=verb),
                    self.assertRaises(AccessError),
                ):
                    getattr(dispute.with_user(user), verb)()

    def test_nobody_sees_another_company(self):
        there = self.make_invoice(self.partner, 100, company=self.other_company)
        dispute = self.root["cartera.dispute"].create(
            {"move_id": there.id, "type_id": self.kind.id}
        )
        self.assertEqual(dispute.company_id, self.other_company)
        self.env.invalidate_all()
        for user in (self.manager, self.operator):
            found = self.Dispute.with_user(user).search([("id", "=", dispute.id)])
            self.assertFalse(found)
        self.assertEqual(self.disputed(), {})

    # The job

    def test_late_answers_are_told_once(self):
        dispute = self.dispute()
        self.customer.collector_id = self.collector
        for day in ("2026-03-19", "2026-03-20", "2026-03-21"):
            with self.at(day), self.commits_allowed():
                self.root["cartera.dispute"]._cron_follow()
        with self.at("2026-03-21"):
            dispute.invalidate_recordset(["days_late"])
            self.assertEqual(dispute.days_late, 2)
            found = self.Dispute.search([("days_late", ">", 1)])
            self.assertEqual(found, dispute)
        late = dispute.activity_ids.filtered(
            lambda one: one.date_deadline == date(2026, 3, 20)
        )
        self.assertEqual(late.user_id, self.operator | self.collector)
        self.assertEqual(len(late), 2)

    def test_broken_promises_hold_where_a_rule_says_so(self):
        rule = self.env.ref("cartera_cobranza.credit_rule_broken_promise").sudo()
        (self.root["cartera.credit.rule"].search([])).active = False
        rule.active = True
        promise = (
            self.env["cartera.payment.promise"]
            .with_user(self.collector)
            .create(
                {
                    "customer_id": self.customer.id,
                    "line_ids": [
                        Command.create({"move_id": self.invoice.id, "amount": 1000})
                    ],
                    "instalment_ids": [
                        Command.create({"date": "2026-03-16", "amount": 1000})
                    ],
                }
            )
        )
        promise.action_open()
        self.turn_gate_on()
        self.assertEqual(self.make_invoice(self.partner, 10).state, "posted")
        with self.at("2026-03-25"):
            promise.sudo()._evaluate(self.company, date(2026, 3, 25))
            self.assertEqual(promise.state, "broken")
            hold = self.hold_invoice(self.partner, 10)
            self.assertRecordValues(
                hold.reason_ids,
                [{"code": "broken_promise", "kind": "overdue", "measured": 1000}],
            )
            self.pay(self.partner, 1000, "2026-03-25", self.invoice)
            self.run_precommit()
            promise.sudo()._evaluate(self.company, date(2026, 3, 25))
            hold.with_user(self.manager).action_recheck()
            self.assertEqual(hold.state, "released")
