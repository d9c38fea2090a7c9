from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CarteraCommon


@tagged("post_install", "-at_install")
class TestNoteDoors(CarteraCommon):
    """No door leads round the reason, the document, the approval and the period of a note: not even a bare write."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.make_partner("Abarrotes del Centro")
        company = cls.company.sudo()
        company.cartera_note_reasons = company.cartera_note_reasons_supplier = True
        cls.price = cls.env.ref("cartera_cobranza.note_reason_price").sudo()
        cls.other = cls.env.ref("cartera_cobranza.note_reason_other_credit").sudo()
        cls.quality = cls.env.ref("cartera_cobranza.note_reason_quality").sudo()
        cls.freight = cls.env.ref("cartera_cobranza.note_reason_freight").sudo()
        cls.biller = cls.make_user(
            "biller", None, groups="account.group_account_invoice"
        )
        cls.invoice = cls.make_invoice(cls.partner, 1000)

    def note(self, reason, amount=100, **vals):
        return self.make_invoice(
            self.partner,
            amount,
            post=False,
            note_reason_id=reason.id if reason else False,
            **{"move_type": "out_refund"} | vals,
        ).with_user(self.biller)

    # A written state

    def test_a_written_state_needs_the_approval_as_the_button_does(self):
        note = self.note(self.other, reversed_entry_id=self.invoice.id)
        with self.refused(UserError, "needs an approval"):
            note.write({"state": "posted"})
        note.action_post()
        with self.refused(UserError, "needs an approval"):
            note.write({"state": "posted"})
        self.assertEqual(note.state, "draft")
        self.assertEqual(self.invoice.amount_residual, 1000)

    def test_a_written_state_needs_the_document(self):
        note = self.note(self.quality)
        with self.refused(UserError, "needs a document", "Claim of the customer"):
            note.write({"state": "posted"})

    def test_a_written_state_needs_an_open_period(self):
        period = self.root["cartera.commercial.period"].create(
            {
                "name": "March",
                "company_id": self.company.id,
                "date_from": "2026-03-01",
                "date_to": "2026-03-31",
            }
        )
        period.with_user(self.manager).action_close()
        with self.refused(UserError, "March", "closed"):
            self.note(self.price).write({"state": "posted"})

    def test_a_written_state_keeps_points_off_the_accounts_of_money(self):
        points = self.root["res.currency"].create(
            {
                "name": "XPT",
                "symbol": "pts",
                "cartera_kind": "points",
                "rate_ids": [
                    Command.create(
                        {
                            "name": "2025-01-01",
                            "rate": 100,
                            "company_id": self.company.id,
                        }
                    )
                ],
            }
        )
        note = self.note(self.price, currency_id=points.id)
        with self.refused(UserError, "no account for the kind", "XPT"):
            note.write({"state": "posted"})

    def test_what_needs_nothing_may_be_written(self):
        note = self.note(self.price)
        note.write({"state": "posted"})
        self.assertEqual(note.state, "posted")

    # Odoo's own import

    def load(self, *rows, user=None):
        fields = [
            "move_type",
            "partner_id/.id",
            "invoice_date",
            "note_reason_id/.id",
            "invoice_line_ids/name",
            "invoice_line_ids/price_unit",
            "state",
        ]
        return (
            self.env["account.move"].with_user(user or self.biller).load(fields, rows)
        )

    def row(self, reason="", state="draft", move_type="out_refund"):
        reason = str(reason.id) if reason else ""
        partner = str(self.partner.id)
        return [move_type, partner, "2026-03-10", reason, "Imported", "5", state]

    def test_an_import_makes_drafts_that_are_asked_for_their_reason(self):
        result = self.load(self.row())
        self.assertFalse(result["messages"])
        note = self.env["account.move"].browse(result["ids"]).with_user(self.biller)
        for confirm in (note.action_post, lambda: note.write({"state": "posted"})):
            with self.refused(UserError, "have none", "Choose the reason"):
                confirm()
        result = self.load(self.row(self.price))
        note = self.env["account.move"].browse(result["ids"]).with_user(self.biller)
        note.action_post()
        self.assertEqual(note.state, "posted")

    def test_an_import_of_posted_notes_is_refused(self):
        result = self.load(self.row(self.price, state="posted"))
        self.assertFalse(result["ids"])
        self.assertTrue(result["messages"])

    def test_an_import_with_a_reason_of_the_other_direction(self):
        debit = self.env.ref("cartera_cobranza.note_reason_interest")
        result = self.load(self.row(debit))
        self.assertFalse(result["ids"])
        self.assertIn("credit notes", result["messages"][0]["message"])

    def test_an_import_of_suppliers_notes(self):
        result = self.load(self.row(move_type="in_refund"))
        note = self.env["account.move"].browse(result["ids"]).with_user(self.biller)
        with self.refused(UserError, "have none"):
            note.action_post()
        note.note_reason_id = self.freight
        note.action_post()
        self.assertEqual(note.state, "posted")

    # Roles

    def test_who_makes_no_entries_makes_no_notes(self):
        for user in (self.viewer, self.collector, self.executive, self.salesperson):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.note(self.price).with_user(user).copy()
                result = self.load(self.row(self.price), user=user)
                self.assertFalse(result["ids"])
                with self.assertRaises(AccessError):
                    self.note(self.price).with_user(user).write({"state": "posted"})
                wizard = self.env["account.move.reversal"].with_user(user)
                with self.assertRaises(AccessError):
                    wizard.with_context(
                        active_model="account.move", active_ids=self.invoice.ids
                    ).create({"journal_id": self.invoice.journal_id.id})
