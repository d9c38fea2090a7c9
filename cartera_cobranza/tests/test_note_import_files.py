import base64
import io
import zipfile
from datetime import date, datetime
from unittest.mock import patch

import openpyxl
from psycopg2.errors import SerializationFailure

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..tools import note_file
from .common import CarteraCommon

HEADER = ["Referencia", "Fecha", "Cliente", "Factura", "Motivo", "Importe"]


@tagged("post_install", "-at_install")
class TestNoteImportFiles(CarteraCommon):
    """What people do in spreadsheets: hidden sheets, merged cells, days as numbers, thousands; and many rows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.make_partner("Abarrotes del Centro", ref="C-1")
        cls.company.sudo().cartera_note_reasons = True
        cls.biller = cls.make_user(
            "biller", None, groups="account.group_account_invoice"
        )
        cls.first = cls.make_invoice(cls.partner, 1000)
        cls.Import = cls.env["cartera.note.import"].with_user(cls.biller)

    def book(self, *rows):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        return book

    def saved(self, book):
        buffer = io.BytesIO()
        book.save(buffer)
        return buffer.getvalue()

    def upload(self, content, name="notas.xlsx", **vals):
        return self.Import.create(
            {
                "file": base64.b64encode(content),
                "file_name": name,
                "company_id": self.company.id,
            }
            | vals
        )

    def checked(self, content, **vals):
        one = self.upload(content, **vals)
        one.action_check()
        return one

    def row(self, ref, amount=1, day=None, reason="PRC"):
        return [ref, day, "C-1", None, reason, amount]

    # Sheets

    def test_a_hidden_sheet_before_the_notes_is_passed_over(self):
        book = self.book(HEADER, self.row("H1", 7))
        hidden = book.create_sheet("Listas", 0)
        hidden.append(["Motivo", "Importe"])
        hidden.sheet_state = "hidden"
        one = self.checked(self.saved(book))
        self.assertEqual(
            [(row.reference, row.amount) for row in one.row_ids], [("H1", 7.0)]
        )

    def test_a_book_whose_sheets_are_all_hidden(self):
        source = zipfile.ZipFile(
            io.BytesIO(self.saved(self.book(HEADER, self.row("H2"))))
        )
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for info in source.infolist():
                content = source.read(info)
                if info.filename == "xl/workbook.xml":
                    content = content.replace(b'state="visible"', b'state="hidden"')
                archive.writestr(info, content)
        with self.refused(ValidationError, "hidden", "Show the one"):
            self.upload(buffer.getvalue())

    def test_merged_cells_are_refused_with_their_names(self):
        book = self.book(
            HEADER,
            self.row("M1", 1, date(2026, 3, 2)),
            self.row("M2", 2),
            self.row("M3", 3),
        )
        book.active.merge_cells("B2:B4")
        with self.refused(ValidationError, "B2:B4", r"row 2", "Split them"):
            self.upload(self.saved(book))
        self.assertFalse(self.root["cartera.note.import.row"].search_count([]))

    # Cells

    def test_the_number_of_a_day_is_no_date(self):
        # 46097 is 16 March 2026 in a spreadsheet
        one = self.checked(self.saved(self.book(HEADER, self.row("D1", 1, 46097))))
        self.assertEqual((one.row_ids.state, one.row_ids.cell), ("error", "B2"))
        self.assertIn("2026-03-16", one.row_ids.error)
        self.assertIn("date format", one.row_ids.error)

    def test_a_date_of_a_sheet_is_shown_without_its_hour(self):
        midnight = datetime(2026, 3, 2)  # noqa: DTZ001, a sheet knows no time zone
        one = self.upload(self.saved(self.book(HEADER, self.row("D2", 1, midnight))))
        self.assertEqual(one.column_ids[1].sample, "2026-03-02")

    def test_thousands_and_decimals_are_never_mixed_up(self):
        # text, decimal mark, what it is: None where it is refused
        cases = [
            ("1,234.50", ".", 1234.5),
            ("1.234,50", ",", 1234.5),
            ("1234.5", ".", 1234.5),
            ("12,34.5", ".", None),
            ("1.234,50", ".", None),
            ("1,234.50", ",", None),
            ("1,23", ".", None),
            # three decimals are too many for the currency, so that no thousand becomes one
            ("1.234", ".", None),
            ("1,234", ",", None),
            ("1 234.50", ".", None),
            ("$5", ".", None),
        ]
        for text, mark, wanted in cases:
            with self.subTest(text=text, mark=mark):
                content = self.saved(self.book(HEADER, self.row("T", text)))
                row = self.checked(content, decimal_separator=mark).row_ids
                if wanted is None:
                    self.assertEqual((row.state, row.cell), ("error", "F2"))
                else:
                    self.assertEqual((row.state, row.amount), ("pending", wanted))

    # Screen

    def test_the_summary_counts_and_adds_by_kind_and_currency(self):
        rows = [
            self.row("S1", 100),
            self.row("S2", 50.25),
            self.row("S3", 7, reason="INT"),
            self.row("S4", "many"),
        ]
        one = self.checked(self.saved(self.book(HEADER, *rows)), mode="valid")
        first, *totals = one.summary.split("\n")
        self.assertEqual(first, "Ready: 3. With errors: 1.")
        self.assertEqual(len(totals), 2)
        self.assertRegex(totals[0], r"Credit notes: 2 over .*150[.,]25 USD")
        self.assertRegex(totals[1], r"Debit notes: 1 over .*7[.,]00")
        self.assertEqual(one.error_row_ids.mapped("number"), [5])
        one.action_import()
        self.assertTrue(one.summary.startswith("Imported: 3. With errors: 1."))

    # Many

    def test_all_or_none_has_an_end(self):
        path = "odoo.addons.cartera_cobranza.models.cartera_note_import.ALL_AT_ONCE"
        one = self.checked(
            self.saved(self.book(HEADER, self.row("L1"), self.row("L2")))
        )
        with (
            patch(path, 1),
            self.refused(UserError, "2 rows", "up to 1 rows", "The valid rows"),
        ):
            one.action_import()
        self.assertEqual(one.state, "submitted")
        one.action_import()
        self.assertEqual(one.done_count, 2)

    def test_many_rows_killed_between_and_within_batches(self):
        """240 rows of four batches on twelve invoices: killed twice, resumed, each row one note and no more."""
        invoices = self.first
        for _number in range(11):
            invoices += self.make_invoice(self.partner, 1000)
        rows = [
            [f"B{i}", None, None, invoices[i % 12].name, "PRC", 1] for i in range(240)
        ]
        content = self.saved(self.book(HEADER, *rows))
        one = self.checked(content, mode="valid")
        one.action_import()
        self.assertEqual(one.state, "approved", "more than is done at once")
        Root = self.root["cartera.note.import"]
        model = type(one)
        original = model._make_notes
        calls = []

        def killed(self, rows):
            calls.append(len(rows))
            if len(calls) == 2:  # a batch is done, the next has not begun
                raise KeyboardInterrupt
            original(self, rows)
            if len(calls) == 4:  # the notes are posted, and nothing is committed
                raise KeyboardInterrupt

        path = "odoo.addons.cartera_cobranza.models.cartera_note_import_work.BATCH"
        done = []
        with patch(path, 64), self.commits_allowed():
            for _round in range(2):
                with patch.object(model, "_make_notes", killed):
                    try:  # assertRaises would open a savepoint, which the job's commits end
                        Root._cron_import()
                    except KeyboardInterrupt:
                        self.env.cr.rollback()
                        self.env.invalidate_all()
                done.append(one.done_count)
            for _round in range(5):
                Root._cron_import()
        self.assertEqual(done, [64, 128])
        self.assertEqual((one.state, one.done_count), ("issued", 240))
        notes = one.row_ids.note_move_id
        self.assertEqual(len(notes), 240)
        self.assertEqual(set(notes.mapped("state")), {"posted"})
        self.assertEqual(
            self.root["account.move"].search_count(
                [("move_type", "=", "out_refund"), ("partner_id", "=", self.partner.id)]
            ),
            240,
        )
        self.assertEqual(invoices.mapped("amount_residual"), [980.0] * 12)
        again = self.checked(content)
        self.assertEqual(set(again.row_ids.mapped("state")), {"skipped"})

    def test_a_batch_that_loses_a_race_starts_again(self):
        rows = [self.row(f"R{i}") for i in range(4)]
        one = self.checked(self.saved(self.book(HEADER, *rows)), mode="valid")
        one._internal_write({"state": "approved", "imported_by": self.biller.id})
        model = type(one)
        original = model._import_rows
        calls = []

        def racing(self, rows):
            calls.append(len(rows))
            original(self, rows)
            if len(calls) == 2:  # as late as can be: the notes are posted
                raise SerializationFailure

        path = "odoo.addons.cartera_cobranza.models.cartera_note_import_work.BATCH"
        with (
            patch(path, 2),
            self.commits_allowed(),
            patch.object(model, "_import_rows", racing),
        ):
            for _round in range(4):
                self.root["cartera.note.import"]._cron_import()
        self.assertEqual(calls, [2, 2, 2])
        self.assertEqual((one.state, one.done_count), ("issued", 4))
        self.assertEqual(len(one.row_ids.note_move_id), 4)

    def test_a_batch_that_always_loses_is_left_to_the_next_run(self):
        rows = [self.row(f"R{i}") for i in range(4)]
        one = self.checked(self.saved(self.book(HEADER, *rows)), mode="valid")
        one._internal_write({"state": "approved", "imported_by": self.biller.id})
        cron = self.env.ref("cartera_cobranza.ir_cron_import_notes").sudo()
        with (
            self.commits_allowed(),
            patch.object(type(one), "_import_rows", side_effect=SerializationFailure),
            patch.object(type(cron), "_trigger", autospec=True) as trigger,
        ):
            self.root["cartera.note.import"]._cron_import()
        self.assertIn(cron, [call.args[0] for call in trigger.call_args_list])
        self.assertEqual((one.state, one.done_count), ("approved", 0))

    def test_the_last_batch_ends_the_import_though_no_time_is_left(self):
        rows = [self.row(f"E{i}") for i in range(4)]
        one = self.checked(self.saved(self.book(HEADER, *rows)), mode="valid")
        one._internal_write({"state": "approved", "imported_by": self.biller.id})
        path = "odoo.addons.cartera_cobranza.models.cartera_note_import_work.BATCH"
        cron = type(self.env["ir.cron"])
        with (
            patch(path, 2),
            self.commits_allowed(),
            patch.object(cron, "_commit_progress", return_value=0),
        ):
            Root = self.root["cartera.note.import"]
            Root._cron_import()
            self.assertEqual((one.state, one.done_count), ("approved", 2))
            Root._cron_import()
        self.assertEqual((one.state, one.done_count), ("issued", 4))

    def test_the_job_speaks_the_language_of_who_imports(self):
        one = self.checked(self.saved(self.book(HEADER, self.row("I1"))), mode="valid")
        one._internal_write({"state": "approved", "imported_by": self.biller.id})
        self.env["res.lang"]._activate_lang("es_419")
        self.biller.sudo().lang = "es_419"
        langs = []

        def look(self, rows):
            langs.append(self.env.lang)
            rows.write({"state": "error"})

        with self.commits_allowed(), patch.object(type(one), "_import_rows", look):
            self.root["cartera.note.import"]._cron_import()
        self.assertEqual(langs, ["es_419"])

    def test_the_reader_walks_sheets_without_limits_of_its_own(self):
        with self.assertRaises(note_file.FileProblem) as caught:
            note_file.read(b"x" * (note_file.MAX_BYTES + 1))
        self.assertEqual(caught.exception.kind, "too_big")
