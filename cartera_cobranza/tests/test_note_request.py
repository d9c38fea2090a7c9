from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import CarteraCommon


@tagged("post_install", "-at_install")
class TestNoteRequest(CarteraCommon):
    """Notes that are asked for, approved by another person, issued and applied."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.make_partner("Abarrotes del Centro")
        cls.company.sudo().cartera_note_reasons = True
        cls.quality = cls.env.ref("cartera_cobranza.note_reason_quality").sudo()
        cls.price = cls.env.ref("cartera_cobranza.note_reason_price").sudo()
        cls.weight = cls.env.ref("cartera_cobranza.note_reason_weight").sudo()
        cls.interest = cls.env.ref("cartera_cobranza.note_reason_interest").sudo()
        cls.biller = cls.make_user(
            "biller", None, groups="account.group_account_invoice"
        )
        cls.tax16 = cls.root["account.tax"].create(
            {
                "name": "16 %",
                "amount": 16,
                "type_tax_use": "sale",
                "company_id": cls.company.id,
            }
        )
        # domain.md 1.6: 10,000 + 16 % = 11,600
        cls.invoice = cls.taxed_invoice(10000)

    @classmethod
    def taxed_invoice(cls, price, quantity=1.0, tax=None, extra=(), **vals):
        tax = cls.tax16 if tax is None else tax
        lines = [("Flour", price, quantity, tax), *extra]
        return cls.make_invoice(
            cls.partner,
            0,
            invoice_line_ids=[
                Command.create(
                    {
                        "name": name,
                        "price_unit": unit,
                        "quantity": count,
                        "tax_ids": [Command.set(taxes.ids)],
                    }
                )
                for name, unit, count, taxes in lines
            ],
            **vals,
        )

    def request(self, amount=1160, reason=None, user=None, **vals):
        return (
            self.env["cartera.note.request"]
            .with_user(user or self.collector)
            .create(
                {
                    "move_id": self.invoice.id,
                    "reason_id": (reason or self.price).id,
                    "amount": amount,
                    "company_id": self.company.id,
                }
                | vals
            )
        )

    def approved(self, *args, **kwargs):
        request = self.request(*args, **kwargs)
        request.action_submit()
        request.with_user(self.manager).action_approve()
        return request

    def issued(self, *args, **kwargs):
        request = self.approved(*args, **kwargs)
        request.with_user(self.executive).action_issue()
        return request

    def attach(self, request):
        return self.root["ir.attachment"].create(
            {"name": "claim.pdf", "res_model": request._name, "res_id": request.id}
        )

    # The way of a note

    def test_quality_claim_of_the_field(self):
        request = self.request(1160, self.quality)
        self.assertRecordValues(
            request,
            [{"amount_untaxed": 1000, "amount_tax": 160, "amount_total": 1160}],
        )
        with self.refused(UserError, "needs a document", "Claim of the customer"):
            request.action_submit()
        self.attach(request)
        request.action_submit()
        self.assertEqual(request.state, "submitted")
        request.with_user(self.manager).action_approve()
        request.with_user(self.executive).action_issue()
        note = request.note_move_id
        self.assertRecordValues(
            note,
            [
                {
                    "state": "posted",
                    "move_type": "out_refund",
                    "amount_untaxed": 1000,
                    "amount_tax": 160,
                    "amount_total": 1160,
                    "amount_residual": 0,
                    "note_reason_id": self.quality.id,
                    "reversed_entry_id": self.invoice.id,
                }
            ],
        )
        self.assertEqual(self.invoice.amount_residual, 10440)
        self.assertEqual(request.amount_applied, 1160)
        self.assertEqual(request.approved_by, self.manager)
        self.assertEqual(note.attachment_ids.mapped("name"), ["claim.pdf"])

    def test_taxes_in_proportion_of_two_rates(self):
        # 11,600 at 16 % and 5,000 without: of 1,660 they take 1,160 and 500
        none = self.root["account.tax"]
        self.invoice = self.taxed_invoice(10000, extra=[("Eggs", 5000, 1, none)])
        note = self.issued(1660).note_move_id
        self.assertRecordValues(
            note.invoice_line_ids.sorted("price_subtotal"),
            [
                {"price_subtotal": 500, "tax_ids": []},
                {"price_subtotal": 1000, "tax_ids": self.tax16.ids},
            ],
        )
        self.assertEqual(note.amount_total, 1660)

    def test_a_total_that_no_rounded_base_and_tax_make(self):
        # 0.06 at 16 %: 0.05 + 0.01; Odoo alone makes 0.05 + 0.01 = 0.06; 0.03 -> 0.03 + 0.00
        for total in (0.01, 0.03, 0.06, 0.07, 3.33, 99.99):
            with self.subTest(total):
                note = self.issued(total).note_move_id
                self.assertEqual(note.amount_total, total)

    def test_a_debit_note_raises_the_debt_and_points_to_its_invoice(self):
        request = self.issued(350, self.interest, kind="debit")
        note = request.note_move_id
        self.assertRecordValues(
            note,
            [
                {
                    "move_type": "out_invoice",
                    "debit_origin_id": self.invoice.id,
                    "amount_total": 350,
                    "amount_residual": 350,
                }
            ],
        )
        self.assertEqual(self.invoice.amount_residual, 11600)

    def test_foreign_currency_is_that_of_the_invoice(self):
        self.invoice = self.taxed_invoice(18000, currency_id=self.mxn.id)
        request = self.issued(2088)
        note = request.note_move_id
        self.assertEqual(note.currency_id, self.mxn)
        # 2,088 MXN at 18 for a dollar
        self.assertEqual(note.amount_total_signed, -116)
        self.assertEqual(self.invoice.amount_residual, 20880 - 2088)
        with self.refused(ValidationError, "is in MXN", "not in USD"):
            self.request(10, currency_id=self.usd.id)

    def test_lines_of_the_invoice(self):
        self.invoice = self.taxed_invoice(100, quantity=10)
        request = self.request(0, kind="credit_order", reason=self.weight)
        request.action_fill_lines()
        line = request.line_ids
        self.assertRecordValues(
            line, [{"invoiced_quantity": 10, "quantity": 0, "price_unit": 100}]
        )
        self.attach(request)
        with self.refused(UserError, "has no amount"):
            request.action_submit()
        with self.refused(ValidationError, "11", "10", "were invoiced"):
            line.quantity = 11
        with self.refused(ValidationError, "cannot be negative"):
            line.quantity = -1
        line.quantity = 2.5
        self.assertEqual(request.amount_total, 290)
        request.action_submit()
        with self.refused(UserError, "no longer being analysed"):
            line.quantity = 3
        request.with_user(self.manager).action_approve()
        request.with_user(self.executive).action_issue()
        self.assertEqual(self.invoice.amount_residual, 1160 - 290)

    def test_the_reason_s_account_and_no_taxes(self):
        account = self.company_data["default_account_expense"]
        self.price.with_company(self.company).account_id = account
        self.price.tax_treatment = "none"
        note = self.issued(500).note_move_id
        self.assertRecordValues(
            note.invoice_line_ids,
            [{"account_id": account.id, "price_subtotal": 500, "tax_ids": []}],
        )

    # Not more than is open

    def test_more_than_is_open_is_refused_unless_it_stays_in_favour(self):
        self.pay(self.partner, 11000, invoices=self.invoice)
        request = self.request(601)
        with self.refused(UserError, "601.00", "600.00 are open", self.invoice.name):
            request.action_submit()
        request.rest_in_favour = True
        request.action_submit()
        request.with_user(self.manager).action_approve()
        request.with_user(self.executive).action_issue()
        self.assertEqual(self.invoice.payment_state, "paid")
        self.assertEqual(request.note_move_id.amount_residual, 1)
        self.assertEqual(request.amount_applied, 600)

    def test_two_requests_together_take_no_more_than_is_open(self):
        first = self.approved(11000)
        second = self.request(601)
        with self.refused(UserError, "600.00 are open", "Other approved requests"):
            second.action_submit()
        first.with_user(self.executive).action_issue()
        with self.refused(UserError, "600.00 are open"):
            second.action_submit()

    def test_money_that_came_after_the_approval(self):
        request = self.approved(1160)
        self.pay(self.partner, 11000, invoices=self.invoice)
        with self.refused(UserError, "600.00 are open"):
            request.with_user(self.executive).action_issue()
        self.assertEqual(request.state, "approved")
        self.assertFalse(self.invoice.reversal_move_ids)

    def test_issuing_bumps_the_customer_s_row(self):
        request = self.approved(10)
        before = request.customer_id.check_version
        request.with_user(self.executive).action_issue()
        request.customer_id.invalidate_recordset()
        self.assertGreater(request.customer_id.check_version, before)

    # Who decides

    def test_nobody_approves_an_own_request(self):
        request = self.request(10, user=self.manager)
        request.action_submit()
        with self.refused(AccessError, "requested by you"):
            request.action_approve()
        self.assertFalse(request.can_approve)
        theirs = self.request(10)
        theirs.with_user(self.manager).action_submit()
        with self.refused(AccessError, "requested by you"):
            theirs.with_user(self.manager).action_approve()

    def test_authority_over_notes(self):
        # the executive's authority is 5 % of the invoice: 580.00
        small, large = self.request(580), self.request(580.01)
        (small | large).action_submit()
        small.with_user(self.executive).action_approve()
        with self.refused(AccessError, "580.01", "above your authority"):
            large.with_user(self.executive).action_approve()
        large.with_user(self.manager).action_approve()
        self.assertEqual((small | large).mapped("state"), ["approved"] * 2)

    def test_roles(self):
        request = self.request(10)
        request.action_submit()
        for user in (self.collector, self.accountant):
            with self.refused(AccessError, "no role"):
                request.with_user(user).action_approve()
            with self.refused(AccessError, "no role"):
                request.with_user(user).action_reject("No")
        request.with_user(self.manager).action_approve()
        with self.refused(AccessError, "no role"):
            request.with_user(self.collector).action_issue()
        request.with_user(self.biller).action_issue()
        self.assertEqual(request.state, "issued")
        with self.assertRaises(AccessError):
            self.request(10, user=self.salesperson)
        other = self.request(10)
        other.action_submit()
        with self.refused(AccessError, "somebody else"):
            other.with_user(self.biller).action_cancel()

    def test_within_the_own_limit_no_approval_is_needed(self):
        group = self.env.ref("cartera_cobranza.group_collector")
        self.price.limit_ids = [
            Command.create(
                {"group_id": group.id, "amount": 100, "currency_id": self.usd.id}
            )
        ]
        small, large = self.request(100), self.request(100.01)
        (small | large).action_submit()
        self.assertEqual((small | large).mapped("state"), ["approved", "submitted"])

    def test_rejection_needs_a_reason_and_the_request_can_be_taken_back(self):
        request = self.request(10)
        request.action_submit()
        with self.refused(UserError, "Say why"):
            request.with_user(self.manager).action_reject(" ")
        request.with_user(self.manager).action_reject("The ticket is right")
        self.assertRecordValues(
            request, [{"state": "rejected", "reject_reason": "The ticket is right"}]
        )
        with self.refused(UserError, "Rejected"):
            request.with_user(self.executive).action_issue()
        request.action_draft()
        request.amount = 5
        request.action_submit()
        request.action_cancel()
        self.assertEqual(request.state, "cancelled")

    def test_an_issued_request_never_changes(self):
        request = self.issued(10)
        root = request.sudo()
        for vals in ({"amount": 11}, {"reason_id": self.weight.id}, {"kind": "debit"}):
            with self.subTest(vals), self.refused(UserError, "stays"):
                root.write(vals)
        for vals in ({"state": "draft"}, {"approved_by": False}):
            with self.subTest(vals), self.refused(UserError, "buttons only"):
                root.write(vals)
        with self.refused(UserError, "Cancel it instead"):
            root.unlink()
        for verb in ("action_submit", "action_approve", "action_issue", "action_draft"):
            with self.subTest(verb), self.refused(UserError, "Issued"):
                getattr(request.with_user(self.manager), verb)()

    def test_a_request_does_not_start_approved(self):
        with self.refused(UserError, "starts as an analysis"):
            self.request(10, state="approved")
        request = (
            self.env["cartera.note.request"]
            .with_user(self.collector)
            .with_context(default_state="approved", default_approved_by=self.manager.id)
            .create(
                {
                    "move_id": self.invoice.id,
                    "reason_id": self.price.id,
                    "amount": 10,
                    "company_id": self.company.id,
                }
            )
        )
        self.assertRecordValues(request, [{"state": "draft", "approved_by": False}])

    # Bad input

    def test_bad_requests(self):
        other = self.make_partner("Other")
        theirs = self.make_invoice(other, 100)
        draft = self.make_invoice(self.partner, 100, post=False)
        customer = self.make_customer(partner=self.partner)
        cases = [
            ({"reason_id": self.interest.id}, "is for debit notes"),
            ({"amount": -5}, "above zero"),
            ({"move_id": theirs.id, "customer_id": customer.id}, "is of Other"),
            ({"move_id": draft.id}, "not a posted invoice"),
            ({"move_id": False, "customer_id": customer.id, "mode": "lines"}, "whose"),
        ]
        for vals, text in cases:
            with self.subTest(text), self.refused(ValidationError, text):
                self.request(**({"amount": 10} | vals))
        with self.refused(UserError, "has no amount"):
            self.request(0).action_submit()
        with self.refused(UserError, "credit order: choose the invoice"):
            self.request(
                5, kind="credit_order", move_id=False, customer_id=customer.id
            ).action_submit()

    def test_locked_and_closed_periods(self):
        period = self.root["cartera.commercial.period"].create(
            {
                "name": "March",
                "company_id": self.company.id,
                "date_from": "2026-03-01",
                "date_to": "2026-03-31",
            }
        )
        request = self.approved(10, date="2026-03-10")
        period.with_user(self.manager).action_close()
        with self.refused(UserError, "March", "closed"):
            request.with_user(self.executive).action_issue()
        period.with_user(self.manager).action_open()
        self.company.sudo().fiscalyear_lock_date = "2026-03-12"
        with self.refused(UserError, "2026-03-10", "locked up to 2026-03-12"):
            request.with_user(self.executive).action_issue()
        self.assertFalse(request.note_move_id)
        self.company.sudo().fiscalyear_lock_date = "2026-03-09"
        request.with_user(self.executive).action_issue()
        self.assertEqual(request.note_move_id.date.isoformat(), "2026-03-10")

    def test_companies(self):
        request = self.request(10)
        there = request.with_user(self.everywhere).with_context(
            allowed_company_ids=self.other_company.ids
        )
        self.assertFalse(there.search([("id", "=", request.id)]))
        with self.assertRaises(AccessError):
            there.action_submit()

    # Notes that Odoo makes

    def note(self, reason, amount=100, user=None):
        return self.make_invoice(
            self.partner,
            amount,
            move_type="out_refund",
            post=False,
            note_reason_id=reason.id,
        ).with_user(user or self.biller)

    def test_a_note_above_the_limit_goes_to_approval_and_is_no_error(self):
        group = self.env.ref("account.group_account_invoice")
        self.price.limit_ids = [
            Command.create(
                {"group_id": group.id, "amount": 50, "currency_id": self.usd.id}
            )
        ]
        small, large = self.note(self.price, 50), self.note(self.price, 51)
        action = (small | large).action_post()
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual((small | large).mapped("state"), ["posted", "draft"])
        request = large.sudo().note_request_ids
        self.assertRecordValues(
            request,
            [
                {
                    "state": "submitted",
                    "requested_by": self.biller.id,
                    "amount_total": 51,
                    "mode": "document",
                }
            ],
        )
        large.action_post()
        self.assertEqual(large.sudo().note_request_ids, request)
        with self.refused(UserError, "needs an approval"):
            large._post()
        request.with_user(self.manager).action_approve()
        request.with_user(self.executive).action_issue()
        self.assertEqual(large.state, "posted")
        self.assertEqual(request.state, "issued")

    def test_a_note_that_grew_after_its_approval(self):
        other = self.env.ref("cartera_cobranza.note_reason_other_credit")
        note = self.note(other, 100)
        note.action_post()
        request = note.sudo().note_request_ids
        request.with_user(self.manager).action_approve()
        note.invoice_line_ids.price_unit = 1000
        with self.refused(UserError, "100.00", "1.000.00", "Submit it again"):
            request.with_user(self.executive).action_issue()
        self.assertEqual(note.state, "draft")

    def test_a_note_without_its_document(self):
        note = self.note(self.quality)
        with self.refused(UserError, "needs a document", "Claim of the customer"):
            note.action_post()
        self.root["ir.attachment"].create(
            {"name": "claim.pdf", "res_model": "account.move", "res_id": note.id}
        )
        note.invalidate_recordset()
        note.action_post()
        self.assertEqual(note.state, "posted")

    # Queries

    def test_the_list_reads_any_number_in_as_many_queries(self):
        for amount in range(1, 5):
            self.request(amount)
        Request = self.env["cartera.note.request"].with_user(self.collector)
        spec = {
            name: {}
            for name in ("name", "state", "amount_total", "kind", "requested_on")
        } | {
            name: {"fields": {"display_name": {}}}
            for name in ("customer_id", "move_id", "reason_id", "requested_by")
        }
        counts = []
        for limit in (1, 4):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            Request.web_search_read([], spec, limit=limit)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)
