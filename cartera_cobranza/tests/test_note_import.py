import base64
import io
import zipfile
from unittest.mock import patch

import openpyxl
import psycopg2

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools import note_file
from .common import CarteraCommon

HEADER = "Referencia,Fecha,Cliente,Factura,Motivo,Importe"


@tagged("post_install", "-at_install")
class TestNoteImport(CarteraCommon):
    """Files of notes: good ones, twice, cut off, stopped half way; and bad ones, with row and cell."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.make_partner("Abarrotes del Centro", ref="C-1")
        cls.other = cls.make_partner("Tienda Sol", ref="C-2")
        cls.price = cls.env.ref("cartera_cobranza.note_reason_price").sudo()
        cls.interest = cls.env.ref("cartera_cobranza.note_reason_interest").sudo()
        cls.company.sudo().cartera_note_reasons = True
        cls.biller = cls.make_user(
            "biller", None, groups="account.group_account_invoice"
        )
        cls.first = cls.make_invoice(cls.partner, 1000)
        cls.second = cls.make_invoice(cls.other, 500)
        cls.Import = cls.env["cartera.note.import"].with_user(cls.biller)

    def rows(self, *rows):
        return "\n".join([HEADER, *rows]).encode()

    def two(self):
        return self.rows(
            f"A1,2026-03-10,C-1,{self.first.name},PRC,100",
            f"A2,2026-03-11,,{self.second.name},PRC,50.25",
        )

    def upload(self, content, name="notas.csv", **vals):
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

    def problems(self, content, **vals):
        one = self.checked(content, **vals)
        return [
            (row.number, row.cell, row.error)
            for row in one.row_ids
            if row.state == "error"
        ]

    def xlsx(self, *rows):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        buffer = io.BytesIO()
        book.save(buffer)
        return buffer.getvalue()

    def notes(self):
        return self.root["account.move"].search(
            [
                ("move_type", "=", "out_refund"),
                ("partner_id", "in", (self.partner | self.other).ids),
            ]
        )

    # Good files

    def test_a_csv_becomes_posted_notes(self):
        one = self.checked(self.two())
        self.assertFalse(self.notes(), "a check makes nothing")
        self.assertEqual(
            (one.state, one.row_count, one.error_count), ("submitted", 2, 0)
        )
        one.action_import()
        self.assertEqual((one.state, one.done_count, one.progress), ("issued", 2, 100))
        notes = one.row_ids.note_move_id
        self.assertRecordValues(
            notes.sorted("amount_total"),
            [
                {
                    "state": "posted",
                    "amount_total": 50.25,
                    "note_reason_id": self.price.id,
                    "reversed_entry_id": self.second.id,
                },
                {
                    "state": "posted",
                    "amount_total": 100,
                    "note_reason_id": self.price.id,
                    "reversed_entry_id": self.first.id,
                },
            ],
        )
        self.assertEqual(self.first.amount_residual, 900)
        self.assertEqual(one.row_ids[0].note_move_id.date.isoformat(), "2026-03-10")
        self.assertIn("A1", one.row_ids[0].note_move_id.ref)

    def test_an_xlsx_with_dates_and_numbers(self):
        content = self.xlsx(
            HEADER.split(","),
            ["X1", self.today, "C-1", self.first.name, "PRC", 12.5],
            [],
            ["X2", self.today, "Tienda Sol", None, "INT", 7],
        )
        one = self.checked(content, file_name="notas.xlsx")
        self.assertEqual(one.row_ids.mapped("number"), [2, 4])
        one.action_import()
        credit, debit = one.row_ids.note_move_id.sorted("move_type", reverse=True)
        self.assertEqual((credit.amount_total, debit.amount_total), (12.5, 7))
        self.assertEqual(debit.move_type, "out_invoice")
        self.assertEqual(debit.partner_id, self.other)

    def test_commas_as_decimals_and_days_first(self):
        content = b"Motivo;Importe;Cliente;Fecha\nPRC;1.234,50;C-1;05/03/2026"
        one = self.checked(content, decimal_separator=",", date_format="%d/%m/%Y")
        self.assertRecordValues(
            one.row_ids,
            [{"amount": 1234.5, "state": "pending", "partner_id": self.partner.id}],
        )
        self.assertEqual(one.row_ids.date.isoformat(), "2026-03-05")

    def test_accents_of_old_excel(self):
        self.partner.name = "Panadería Ñandú"
        content = "Cliente,Motivo,Importe\nPanadería Ñandú,PRC,5".encode("cp1252")
        with self.refused(ValidationError, "encoding utf-8", "A2", "row 2"):
            self.upload(content)
        one = self.checked(content, encoding="cp1252")
        self.assertEqual(one.row_ids.partner_id, self.partner)

    def test_the_mapping_is_remembered(self):
        content = f"Papel,Cosa,Dinero\n{self.first.name},PRC,1".encode()
        one = self.upload(content)
        self.assertFalse(any(one.column_ids.mapped("target")))
        with self.refused(ValidationError, "Row 1", "does not name", "Papel"):
            one.action_check()
        for column, target in zip(
            one.column_ids, ("invoice", "reason", "amount"), strict=True
        ):
            column.target = target
        one.action_check()
        self.assertEqual(one.pending_count, 1)
        again = self.upload(content.replace(b",1", b",2"))
        self.assertEqual(
            again.column_ids.mapped("target"), ["invoice", "reason", "amount"]
        )
        with self.refused(ValidationError, "Two columns mean the same"):
            again.column_ids[0].target = "amount"

    def test_the_template(self):
        action = self.Import.action_download_template()
        attachment = self.root["ir.attachment"].browse(
            int(action["url"].split("/")[3].split("?")[0])
        )
        book = openpyxl.load_workbook(io.BytesIO(attachment.raw))
        header = [cell.value for cell in book.worksheets[0][1]]
        self.assertEqual(len(header), 9)
        codes = [row[0].value for row in book.worksheets[1].iter_rows(min_row=2)]
        self.assertIn("PRC", codes)
        row = [None] * 9
        row[3], row[4], row[5] = self.first.name, "PRC", 3
        one = self.checked(self.xlsx(header, row), file_name="t.xlsx")
        self.assertEqual(one.pending_count, 1)

    # Twice, and half way

    def test_a_second_upload_makes_no_second_notes(self):
        self.checked(self.two()).action_import()
        again = self.checked(self.two())
        self.assertEqual(again.row_ids.mapped("state"), ["skipped"] * 2)
        with self.refused(UserError, "No row", "imported before"):
            again.action_import()
        # the same reference in another file as well; without references the file itself is known
        other = self.checked(self.rows(f"A1,,C-1,{self.first.name},PRC,9"))
        self.assertEqual(other.row_ids.state, "skipped")
        bare = f"Factura,Motivo,Importe\n{self.first.name},PRC,9".encode()
        self.checked(bare).action_import()
        self.assertEqual(self.checked(bare).row_ids.state, "skipped")
        self.assertEqual(len(self.notes()), 3)

    def test_two_uploads_that_were_both_checked_before(self):
        one, again = self.checked(self.two()), self.checked(self.two())
        one.action_import()
        refused = self.assertRaises(psycopg2.errors.UniqueViolation)
        with mute_logger("odoo.sql_db"), refused as caught:
            again.action_import()
            self.env.flush_all()
        self.assertIn("once", str(caught.exception))

    def test_an_import_that_was_killed_goes_on(self):
        content = self.rows(
            *(f"K{i},,C-1,{self.first.name},PRC,{i}" for i in range(1, 6))
        )
        one = self.checked(content, mode="valid")
        one._internal_write({"state": "approved", "imported_by": self.biller.id})
        model = type(one)
        original = model._make_notes
        calls = []

        def killed(self, rows):
            calls.append(len(rows))
            if len(calls) == 2:
                raise KeyboardInterrupt
            return original(self, rows)

        path = "odoo.addons.cartera_cobranza.models.cartera_note_import_work.BATCH"
        Root = self.root["cartera.note.import"]
        with patch(path, 2), self.commits_allowed():
            killed_at = None
            with patch.object(model, "_make_notes", killed):
                try:  # assertRaises would open a savepoint, which the job's commits end
                    Root._cron_import()
                except KeyboardInterrupt:
                    killed_at = len(calls)
            self.assertEqual(killed_at, 2)
            self.env.cr.rollback()
            self.env.invalidate_all()
            self.assertEqual(one.done_count, 2)
            Root._cron_import()
            Root._cron_import()
        self.assertEqual((one.state, one.done_count), ("issued", 5))
        self.assertEqual(len(self.notes()), 5)
        self.env.flush_all()
        self.env.invalidate_all()
        partials = self.first.line_ids.matched_credit_ids
        self.assertEqual(sorted(partials.mapped("amount")), [1, 2, 3, 4, 5])
        self.assertEqual(self.first.amount_residual, 1000 - 15)

    def test_many_rows_go_on_in_the_background(self):
        one = self.checked(self.two())
        path = "odoo.addons.cartera_cobranza.models.cartera_note_import.AT_ONCE"
        with patch(path, 1):
            one.action_import()
        self.assertEqual((one.state, one.done_count), ("approved", 0))
        with self.commits_allowed():
            self.root["cartera.note.import"]._cron_import()
        self.assertEqual((one.state, one.done_count), ("issued", 2))

    # All or none

    def test_all_or_none_and_the_valid_rows(self):
        content = self.two() + b"\nA3,,C-9,,PRC,1"
        one = self.checked(content)
        with self.refused(UserError, "1 rows", "row 4", "no customer C-9"):
            one.action_import()
        self.assertFalse(self.notes())
        one.mode = "valid"
        one.action_import()
        self.assertEqual(one.row_ids.mapped("state"), ["done", "done", "error"])

    def test_what_changed_since_the_check(self):
        one = self.checked(self.two())
        self.pay(self.partner, 950, invoices=self.first)
        with self.refused(UserError, "Row 2", "50.00", "Nothing was imported"):
            one.action_import()
        self.assertFalse(self.notes())
        one.mode = "valid"
        one.action_import()
        self.assertEqual(one.row_ids.mapped("state"), ["error", "done"])
        self.assertEqual(one.row_ids.mapped("cell"), ["F2", False])

    def test_rows_above_the_limit_become_requests(self):
        group = self.env.ref("account.group_account_invoice")
        self.price.limit_ids = [
            Command.create(
                {"group_id": group.id, "amount": 60, "currency_id": self.usd.id}
            )
        ]
        one = self.checked(self.two())
        one.action_import()
        self.assertEqual(one.row_ids.mapped("state"), ["request", "done"])
        request = one.row_ids[0].request_id
        self.assertEqual((request.state, request.amount_total), ("submitted", 100))
        self.assertEqual(request.requested_by, self.biller)

    # Rows with mistakes

    def test_every_mistake_names_its_cell(self):
        self.pay(self.other, 100, invoices=self.second)
        name = self.first.name
        cases = [
            (f"1,,C-2,{name},PRC,1", "D2", "is of Abarrotes"),
            ("2,,C-1,INV/NONE,PRC,1", "D3", "no posted invoice INV/NONE"),
            ("3,,C-1,,NOPE,1", "E4", "no reason NOPE"),
            ("4,,C-1,,PRC,many", "F5", "'many' is no amount"),
            ("5,,C-1,,PRC,-5", "F6", "not above zero"),
            ("6,,C-1,,PRC,", "F7", "no amount|cut off"),
            ("7,16/03/2026,C-1,,PRC,1", "B8", "no date like"),
            ("8,,,,PRC,1", "C9", "neither a customer nor an invoice"),
            ("9,,C-1,,PRC,=1+1", "F10", "formula"),
            ("10,,C-1,,PRC,1.005", "F11", "too many decimals"),
            (f"11,,,{self.second.name},PRC,400.01", "F12", "400.00"),
            ("1,,C-1,,PRC,1", "A13", "in row 2 already"),
            ("12,,C-1,,PRC,1,2,3", "G14", "names 6"),
            ("13,,C-1", "D15", "cut off"),
        ]
        found = self.problems(self.rows(*(row for row, _cell, _text in cases)))
        self.assertEqual(len(found), len(cases), found)
        for (number, cell, error), (_row, wanted, text) in zip(
            found, cases, strict=True
        ):
            with self.subTest(number):
                self.assertEqual(cell, wanted)
                self.assertRegex(error, text)
        self.assertFalse(self.notes())

    def test_rows_together_take_no_more_than_is_open(self):
        found = self.problems(
            self.rows(
                f"1,,,{self.second.name},PRC,300", f"2,,,{self.second.name},PRC,201"
            )
        )
        self.assertEqual([(row, cell) for row, cell, _error in found], [(3, "F3")])
        self.assertRegex(found[0][2], "200.00")

    def test_locked_and_closed_periods(self):
        self.company.sudo().fiscalyear_lock_date = "2026-01-31"
        self.root["cartera.commercial.period"].create(
            {
                "name": "February",
                "company_id": self.company.id,
                "date_from": "2026-02-01",
                "date_to": "2026-02-28",
            }
        ).with_user(self.manager).action_close()
        found = self.problems(
            self.rows("1,2026-01-15,C-1,,PRC,1", "2,2026-02-15,C-1,,PRC,1")
        )
        self.assertEqual([cell for _row, cell, _error in found], ["B2", "B3"])
        self.assertIn("locked period", found[0][2])
        self.assertIn("February is closed", found[1][2])

    def test_formulas_of_a_sheet_are_not_evaluated(self):
        content = self.xlsx(
            HEADER.split(","), ["1", None, "C-1", None, "PRC", "=SUM(1,2)"]
        )
        found = self.problems(content, file_name="f.xlsx")
        self.assertEqual(found[0][:2], (2, "F2"))
        self.assertIn("=SUM(1,2)", found[0][2])

    # Files that are none

    def test_bad_files_are_refused_whole(self):
        good = self.xlsx(HEADER.split(","), *([["1", None, "C-1", None, "PRC", 1]] * 9))
        cases = [
            (b"", "empty"),
            (b"  \n \n", "empty"),
            (good[: len(good) // 2], "damaged or cut off"),
            (b"PK\x03\x04 no archive at all", "damaged or cut off"),
            (self.two().decode().encode("utf-16"), "A1"),
            (b'Cliente,Motivo,Importe\nC-1,"PRC,1', "cut off at row"),
            (b"\x89PNG\r\n\x1a\n\x00\x00", "encoding"),
        ]
        for content, text in cases:
            with self.subTest(text), self.refused(ValidationError, text):
                self.upload(content)
        with self.refused(ValidationError, "does not name", "Customer|Cliente"):
            self.checked(b"Foo,Bar\n1,2")
        with self.refused(ValidationError, "a header and no rows"):
            self.checked(HEADER.encode())
        self.assertFalse(self.root["cartera.note.import.row"].search_count([]))

    def test_a_huge_file_is_refused_before_it_is_read(self):
        class Huge(bytes):
            def __len__(self):
                return 200 * 1024 * 1024 * 4 // 3

        with (
            patch.object(note_file, "read", side_effect=AssertionError("read")),
            self.refused(ValidationError, "200 MB", "10 MB", "Split"),
        ):
            self.Import.create({"file": Huge(b"x"), "file_name": "huge.csv"})

    def test_a_zip_bomb_and_too_many_rows(self):
        content = self.xlsx(["a"], ["b"])
        with (
            patch.object(note_file, "MAX_UNPACKED", 10),
            self.refused(ValidationError, "larger than"),
        ):
            self.upload(content)
        with (
            patch.object(note_file, "MAX_ROWS", 1),
            self.refused(ValidationError, "more than 1 rows", "row 3"),
        ):
            self.upload(self.two())

    def test_a_real_bomb_is_not_unpacked(self):
        buffer = io.BytesIO(self.xlsx(["a"], ["b"]))
        with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/bomb.bin", bytes(note_file.MAX_UNPACKED))
        content = buffer.getvalue()
        self.assertLess(len(content), 1024 * 1024)
        with self.refused(ValidationError, "100 MB unpacked", "Split"):
            self.upload(content, "bomb.xlsx")

    def test_entities_are_not_expanded(self):
        bomb = b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>"
        for name, before in zip("bcdefghi", "abcdefgh", strict=True):
            bomb += f"<!ENTITY {name} '{10 * f'&{before};'}'>".encode()
        bomb += (
            b"]><worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData><row r='1'>"
            b"<c r='A1' t='inlineStr'><is><t>&i;</t></is></c></row></sheetData></worksheet>"
        )
        source = zipfile.ZipFile(io.BytesIO(self.xlsx(["a"], ["b"])))
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for info in source.infolist():
                is_sheet = info.filename == "xl/worksheets/sheet1.xml"
                archive.writestr(info, bomb if is_sheet else source.read(info))
        with self.refused(ValidationError, "damaged"):
            self.upload(buffer.getvalue(), "entities.xlsx")

    def test_a_sheet_with_a_cell_at_its_very_end(self):
        book = openpyxl.Workbook()
        book.active["A1"] = "Cliente"
        book.active["A1048576"] = "x"
        buffer = io.BytesIO()
        book.save(buffer)
        with self.refused(ValidationError, "rows", "row 100001"):
            self.upload(buffer.getvalue(), "end.xlsx")

    def test_a_header_that_is_there_twice(self):
        one = self.upload(
            b"Cliente,Motivo,Importe,Importe\nC-1,PRC,100,200\n", "twice.csv"
        )
        with self.refused(ValidationError, "Importe more than once", "C1, D1"):
            one.action_check()
        self.assertFalse(one.row_ids)
        one.column_ids[3].target = "amount"
        one.action_check()
        self.assertEqual(one.row_ids.mapped("amount"), [200.0])

    # Who

    def test_roles(self):
        for user in (self.viewer, self.collector, self.portal):
            with self.assertRaises(AccessError):
                self.upload(self.two()).with_user(user).action_check()
        one = self.checked(self.two())
        with self.refused(AccessError, "accountant or a credit manager"):
            one.with_user(self.executive).action_import()
        with self.refused(UserError, "buttons only"):
            one.state = "issued"
        one.action_import()
        with self.refused(UserError, "begun"):
            one.mode = "valid"
        with self.refused(UserError, "kept"):
            one.sudo().unlink()
        with self.refused(UserError, "kept"):
            one.row_ids.sudo().unlink()

    # Queries

    def test_checking_more_rows_takes_hardly_more_queries(self):
        counts = []
        for size in (5, 50):
            content = self.rows(
                *(f"Q{size}-{i},,C-1,{self.first.name},PRC,1" for i in range(size))
            )
            one = self.upload(content)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            one.action_check()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 3)
