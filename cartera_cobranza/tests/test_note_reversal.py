from odoo import Command
from odoo.tests import tagged

from .common import CarteraCommon


@tagged("post_install", "-at_install")
class TestNoteReversal(CarteraCommon):
    """Credit notes that are posted together are applied each to its own invoice, as if they came one by one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.make_partner("Mayoreo")
        cls.other = cls.make_partner("Menudeo")

    def note(self, invoice, amount, date=None, **line):
        return self.make_invoice(
            invoice.partner_id,
            amount,
            date=date,
            post=False,
            move_type="out_refund",
            reversed_entry_id=invoice.id,
            currency_id=invoice.currency_id.id,
            invoice_line_ids=[
                Command.create(
                    {"name": "Price", "price_unit": amount, "tax_ids": False} | line
                )
            ],
        )

    def applied(self, note):
        """{invoice: amount} of what a note was applied to."""
        return {
            partial.debit_move_id.move_id: partial.credit_amount_currency
            for partial in note.line_ids.matched_debit_ids
        }

    def test_several_notes_of_several_invoices_in_one_call(self):
        first = self.make_invoice(self.partner, 1000)
        second = self.make_invoice(self.other, 500)
        notes = (
            self.note(first, 100)
            + self.note(first, 200)
            + self.note(second, 50)
            + self.note(first, 300)
        )
        notes._post(soft=False)
        self.assertEqual(
            [self.applied(note) for note in notes],
            [{first: 100}, {first: 200}, {second: 50}, {first: 300}],
        )
        self.assertEqual((first.amount_residual, second.amount_residual), (400, 450))

    def test_what_exceeds_the_invoice_stays_in_favour(self):
        first = self.make_invoice(self.partner, 100)
        second = self.make_invoice(self.other, 100)
        notes = self.note(first, 70) + self.note(first, 50) + self.note(first, 10)
        (notes + self.note(second, 20))._post(soft=False)
        self.assertEqual(
            [self.applied(note) for note in notes], [{first: 70}, {first: 30}, {}]
        )
        self.assertEqual(notes.mapped("amount_residual"), [0, 20, 10])
        self.assertEqual(first.payment_state, "reversed")
        self.assertEqual(second.amount_residual, 80)
        self.assertTrue(first.line_ids.full_reconcile_id or first.amount_residual == 0)

    def test_the_exchange_difference_of_an_invoice_in_pesos(self):
        # 2000 pesos are 100.00 dollars at 20; the notes of 900 and 1100 are 50.00 and 61.11 dollars at 18
        invoice = self.make_invoice(
            self.partner, 2000, date="2025-06-01", currency_id=self.mxn.id
        )
        notes = self.note(invoice, 900) + self.note(invoice, 1100)
        notes._post(soft=False)
        self.assertEqual(invoice.amount_residual, 0)
        receivable = (invoice + notes).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        self.assertEqual(set(receivable.mapped("amount_residual")), {0.0})
        moves = (
            receivable.matched_debit_ids | receivable.matched_credit_ids
        ).exchange_move_id
        # 100.00 were booked and 50.00 + 61.11 credited: the peso gained 11.11 while the invoice was open
        gain = moves.line_ids.filtered(
            lambda line: line.account_type != "asset_receivable"
        )
        self.assertAlmostEqual(sum(gain.mapped("balance")), -11.11, 2)

    def test_taxes_that_are_due_on_payment(self):
        company = self.company.sudo()
        company.tax_exigibility = True
        Account = self.root["account.account"].with_company(company)
        transition, due = (
            Account.create(
                {
                    "name": name,
                    "code": code,
                    "account_type": "liability_current",
                    "reconcile": True,
                    "company_ids": [Command.set(company.ids)],
                }
            )
            for name, code in (("Tax not due", "2181990"), ("Tax due", "2181991"))
        )
        tax = self.root["account.tax"].create(
            {
                "name": "IVA 16 %",
                "amount": 16,
                "company_id": company.id,
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": transition.id,
                "invoice_repartition_line_ids": [
                    Command.create({"repartition_type": "base"}),
                    Command.create({"repartition_type": "tax", "account_id": due.id}),
                ],
                "refund_repartition_line_ids": [
                    Command.create({"repartition_type": "base"}),
                    Command.create({"repartition_type": "tax", "account_id": due.id}),
                ],
            }
        )
        taxed = {"tax_ids": [Command.set(tax.ids)]}

        def billed():
            return self.make_invoice(
                self.partner,
                0,
                invoice_line_ids=[
                    Command.create({"name": "Goods", "price_unit": 1000} | taxed)
                ],
            )

        def books(moves):
            moves |= moves.line_ids.matched_debit_ids.debit_move_id.move_id
            moves |= moves.tax_cash_basis_created_move_ids
            return [
                round(
                    sum(
                        moves.line_ids.filtered(
                            lambda line, account=account: line.account_id == account
                        ).mapped("balance")
                    ),
                    2,
                )
                for account in (transition, due)
            ]

        together, apart = billed(), billed()
        notes = self.note(together, 100, **taxed) + self.note(together, 200, **taxed)
        notes._post(soft=False)
        one_by_one = self.note(apart, 100, **taxed) + self.note(apart, 200, **taxed)
        for note in one_by_one:
            note._post(soft=False)
        for invoice, theirs in ((together, notes), (apart, one_by_one)):
            self.assertEqual(invoice.amount_residual, 812)  # 1160 - 116 - 232
            # 160 of tax that is not due, less 16 and 32 of the notes; what fell due of both cancels out
            self.assertEqual(books(invoice | theirs), [-112.0, 0.0])
            tax_line = invoice.line_ids.filtered("tax_line_id")
            self.assertEqual(tax_line.amount_residual, -112)

    def test_odoos_own_wizard_still_cancels_an_invoice(self):
        invoices = self.make_invoice(self.partner, 100) + self.make_invoice(
            self.other, 200
        )
        wizard = (
            self.root["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoices.ids)
            .create({"journal_id": invoices.journal_id.id})
        )
        wizard.reverse_moves(is_modify=True)
        self.assertEqual(set(invoices.mapped("payment_state")), {"reversed"})
        self.assertEqual(
            [note.amount_total for note in invoices.reversal_move_ids], [100, 200]
        )

    def test_more_notes_take_few_more_queries(self):
        counts = []
        for size in (5, 50):
            invoices = [self.make_invoice(self.partner, 100) for _one in range(size)]
            notes = self.root["account.move"].browse()
            for invoice in invoices:
                notes += self.note(invoice, 10)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            notes._post(soft=False)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess((counts[1] - counts[0]) / 45, 10, counts)
