import base64
import hashlib
import io
from collections import defaultdict
from datetime import datetime, time

import xlsxwriter

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools import note_file
from .cartera_note_import_column import TARGETS
from .cartera_note_import_row import DONE

AT_ONCE = 200  # rows that are imported while the user waits
ALL_AT_ONCE = 1000  # rows of all or none: one transaction, which a job's time limit must not cut off


class CarteraNoteImport(models.Model):
    """A file of credit and debit notes: its columns, a dry run with the errors of every row, and its import.

    Made by whoever has the file; ends when all its valid rows are notes. A row is never imported twice: it is
    known by its reference, else by the file and its number.
    """

    _name = "cartera.note.import"
    _description = "Note Import"
    _inherit = [
        "mail.thread",
        "cartera.note.import.check",
        "cartera.note.import.work",
    ]
    _order = "id desc"

    name = fields.Char(compute="_compute_name", store=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    file = fields.Binary(
        required=True,
        attachment=True,
        help="CSV or XLSX, up to 10 MB and 10,000 rows; the first row names the columns.",
    )
    file_name = fields.Char()
    file_hash = fields.Char(readonly=True, copy=False)
    encoding = fields.Selection(
        [
            ("utf-8", "UTF-8"),
            ("cp1252", "Windows (Western European)"),
            ("latin-1", "ISO 8859-1"),
        ],
        required=True,
        default="utf-8",
        help="Of a CSV file. Older Excel versions save CSV files in the Windows encoding.",
    )
    decimal_separator = fields.Selection(
        [(".", "Point: 1,234.50"), (",", "Comma: 1.234,50")],
        string="Decimals",
        required=True,
        default=".",
    )
    date_format = fields.Selection(
        [
            ("%Y-%m-%d", "2026-12-31"),
            ("%d/%m/%Y", "31/12/2026"),
            ("%m/%d/%Y", "12/31/2026"),
        ],
        required=True,
        default="%Y-%m-%d",
        help="Of dates that are written as text.",
    )
    mode = fields.Selection(
        [("all", "All rows or none"), ("valid", "The valid rows")],
        string="Import",
        required=True,
        default="all",
        help="All or none is done in one go; valid rows go in batches, and an import that stopped goes on where it "
        "was.",
    )
    state = fields.Selection(
        [
            ("draft", "Uploaded"),
            ("submitted", "Checked"),
            ("approved", "Running"),
            ("issued", "Imported"),
            ("rejected", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    problem = fields.Char(readonly=True, copy=False)
    imported_by = fields.Many2one("res.users", readonly=True, copy=False)
    column_ids = fields.One2many(
        "cartera.note.import.column", "import_id", string="Columns"
    )
    row_ids = fields.One2many(
        "cartera.note.import.row", "import_id", string="Rows", readonly=True
    )
    error_row_ids = fields.One2many(
        "cartera.note.import.row",
        "import_id",
        string="Rows with Errors",
        domain=[("state", "=", "error")],
        readonly=True,
    )
    row_count = fields.Integer(compute="_compute_counts", string="Rows in the File")
    error_count = fields.Integer(compute="_compute_counts", string="Errors")
    done_count = fields.Integer(compute="_compute_counts", string="Imported Rows")
    pending_count = fields.Integer(compute="_compute_counts", string="Ready")
    todo_count = fields.Integer(compute="_compute_counts", string="Rows to Import")
    progress = fields.Float(compute="_compute_counts")
    summary = fields.Text(compute="_compute_summary")

    @api.depends("file_name")
    def _compute_name(self):
        for one in self:
            one.name = one.file_name or self.env._("Notes")

    @api.depends("row_ids.state")
    def _compute_counts(self):
        rows = self.env["cartera.note.import.row"]._read_group(
            [("import_id", "in", self.ids)], ["import_id", "state"], ["__count"]
        )
        counts = defaultdict(dict)
        for one, state, count in rows:
            counts[one.id][state] = count
        for one in self:
            mine = counts[one.id]
            one.row_count = sum(mine.values())
            one.error_count = mine.get("error", 0)
            one.pending_count = mine.get("pending", 0)
            one.done_count = sum(mine.get(state, 0) for state in DONE)
            todo = one.todo_count = one.done_count + one.pending_count
            one.progress = 100 * one.done_count / todo if todo else 0.0

    @api.depends("row_ids.state")
    @api.depends_context("lang")
    def _compute_summary(self):
        """Say in words what the check found and how far the import is."""
        groups = self.env["cartera.note.import.row"]._read_group(
            [("import_id", "in", self.ids), ("state", "in", ("pending", *DONE))],
            ["import_id", "reason_id.direction", "currency_id"],
            ["__count", "amount:sum"],
        )
        totals = defaultdict(list)
        for one, direction, currency, count, amount in groups:
            text = (
                self.env._("Credit notes: %(count)s over %(amount)s")
                if direction == "credit"
                else self.env._("Debit notes: %(count)s over %(amount)s")
            )
            totals[one.id].append(
                text
                % {
                    "count": f"{count:,}",
                    # pesos and dollars have the same sign
                    "amount": f"{currency.format(amount)} {currency.name}",
                }
            )
        for one in self:
            one.summary = one._summary_lines(totals[one.id])

    def _summary_lines(self, totals):
        if not self.row_count:
            return False
        counts = [
            (self.env._("Ready: %s."), self.pending_count),
            (self.env._("Imported: %s."), self.done_count),
            (self.env._("With errors: %s."), self.error_count),
            (
                self.env._("Imported before and left out: %s."),
                self.row_count
                - self.pending_count
                - self.done_count
                - self.error_count,
            ),
        ]
        lines = [" ".join(text % f"{count:,}" for text, count in counts if count)]
        return "\n".join(lines + totals)

    # The file

    @api.model_create_multi
    def create(self, vals_list):
        made = []
        for vals in vals_list:
            self._check_size(vals.get("file"))
            vals = {
                **vals,
                "state": "draft",
                "imported_by": False,
                "file_hash": False,
                "problem": False,
            }
            made.append(vals)
        imports = super().create(made)
        for one in imports:
            one._read_columns()
        return imports

    def write(self, vals):
        guarded = {"state", "imported_by", "file_hash", "problem"} & set(vals)
        if guarded and not self.env.cr.cache.get("cartera_note_import"):
            raise UserError(
                self.env._("The state of an import changes by its buttons only.")
            )
        terms = {"file", "company_id", "encoding", "mode", "decimal_separator"} | {
            "date_format"
        }
        if terms & set(vals) and any(
            one.state not in ("draft", "submitted", "rejected") for one in self
        ):
            raise UserError(
                self.env._(
                    "An import that has begun stays as it is. Upload another file."
                )
            )
        self._check_size(vals.get("file"))
        result = super().write(vals)
        if {"file", "encoding"} & set(vals):
            for one in self:
                one._read_columns()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        for one in self:
            if one.sudo().row_ids.filtered(lambda row: row.state in DONE):
                raise UserError(
                    self.env._(
                        "Notes came of %s, and it is kept so that it is not imported twice.",
                        one.name,
                    )
                )

    @api.model
    def _check_size(self, encoded):
        """Refuse a file that is too big before anything of it is decoded or stored."""
        size = len(encoded or b"") * 3 // 4
        if size > note_file.MAX_BYTES + 3:
            raise ValidationError(
                self.env._(
                    "The file has %(size)s MB, and up to %(limit)s MB are read. Split it and upload the parts one by "
                    "one.",
                    size=f"{size / 1024 / 1024:.0f}",
                    limit=note_file.MAX_BYTES // 1024 // 1024,
                )
            )

    def _internal_write(self, vals):
        cache = self.env.cr.cache
        cache["cartera_note_import"] = True
        try:
            self.sudo().write(vals)
            self.env.flush_all()
        finally:
            cache["cartera_note_import"] = None

    def _content(self):
        self.ensure_one()
        try:
            return base64.b64decode(self.with_context(bin_size=False).file or b"")
        except ValueError as error:
            raise ValidationError(
                self.env._("%s did not arrive whole. Upload it again.", self.name)
            ) from error

    def _read_rows(self):
        """Return [(row number, values)] of the file, its header first; a file that cannot be read is refused."""
        self.ensure_one()
        try:
            return note_file.read(self._content(), self.encoding)
        except note_file.FileProblem as problem:
            raise ValidationError(self._file_message(problem)) from problem

    def _file_message(self, problem):
        name = self.name
        if problem.kind == "empty":
            return self.env._("%s is empty. Upload a file with rows.", name)
        if problem.kind == "too_big":
            return self.env._(
                "%(file)s is larger than the %(limit)s MB (%(unpacked)s MB unpacked) that are read. Split it.",
                file=name,
                limit=note_file.MAX_BYTES // 1024 // 1024,
                unpacked=note_file.MAX_UNPACKED // 1024 // 1024,
            )
        if problem.kind == "encoding":
            return self.env._(
                "%(file)s is not in the encoding %(encoding)s: cell %(cell)s (row %(row)s) has something else. Choose "
                "its encoding, or save it as UTF-8.",
                file=name,
                encoding=self.encoding,
                cell=problem.cell,
                row=problem.row,
            )
        if problem.kind == "too_many":
            return self.env._(
                "%(file)s has more than %(limit)s rows: row %(row)s is one too many. Split it.",
                file=name,
                limit=note_file.MAX_ROWS,
                row=problem.row,
            )
        if problem.kind == "merged":
            return self.env._(
                "Cells %(cells)s of %(file)s (row %(row)s) are merged, so that only the first of them has a value. "
                "Split them and give every row its own.",
                cells=problem.cell,
                file=name,
                row=problem.row,
            )
        if problem.kind == "hidden":
            return self.env._(
                "All sheets of %s are hidden. Show the one with the notes, and save it again.",
                name,
            )
        if problem.kind == "too_wide":
            return self.env._(
                "%(file)s has %(count)s columns; its first row should name nine at most.",
                file=name,
                count=problem.detail,
            )
        return self.env._(
            "%(file)s is damaged or cut off at row %(row)s, or it is no CSV or XLSX file. Save it again and upload it.",
            file=name,
            row=problem.row or 1,
        )

    def _read_columns(self):
        """Make the columns of the file anew, with what they mean as far as that is known."""
        self.ensure_one()
        rows = self._read_rows()
        header = [self._plain(value) for value in rows[0][1]]
        sample = rows[1][1] if len(rows) > 1 else []
        guess = self.env["cartera.note.import.column"]._guess(self.company_id, header)
        self.write(
            {
                "column_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "position": position,
                            "header": name or note_file.cell_name(position, 1),
                            "sample": self._plain(sample[position])
                            if position < len(sample)
                            else False,
                            # of two columns with one name a person says which counts
                            "target": guess.get(name)
                            if header.count(name) == 1
                            else False,
                        }
                    )
                    for position, name in enumerate(header)
                ]
            }
        )
        content = hashlib.sha256(self._content()).hexdigest()
        self._internal_write({"state": "draft", "file_hash": content, "problem": False})

    @api.model
    def _plain(self, value):
        if value is None:
            return ""
        if isinstance(value, note_file.Formula):
            return value.text
        if isinstance(value, datetime) and value.time() == time.min:
            value = value.date()
        return str(value)

    # Verbs

    def _check_role(self, *groups):
        if not self.env.su and not any(map(self.env.user.has_group, groups)):
            raise AccessError(
                self.env._(
                    "You have no role that does this with note imports. Ask an accountant or a credit manager."
                )
            )
        self.check_access("write")

    def action_check(self):
        """Dry run: read all rows and say what is wrong with each; no note is made."""
        self._check_role(
            "cartera_cobranza.group_credit_executive", "account.group_account_invoice"
        )
        for one in self:
            if one.state not in ("draft", "submitted", "rejected"):
                raise UserError(
                    self.env._("%s has been imported or cancelled already.", one.name)
                )
            one.sudo()._check_rows()
            one._internal_write({"state": "submitted", "problem": False})
        return True

    def action_import(self):
        """Make and post the notes of the valid rows; many rows go on in the background.

        :raise UserError: for rows with errors where all or none are to be imported
        """
        self._check_role(
            "cartera_cobranza.group_credit_manager", "account.group_account_invoice"
        )
        for one in self:
            if one.state not in ("submitted", "rejected"):
                raise UserError(
                    self.env._("Check %s first; then it is imported.", one.name)
                )
            if one.mode == "all" and one.error_count:
                first = one.sudo().row_ids.filtered(lambda row: row.state == "error")
                raise UserError(
                    self.env._(
                        "%(count)s rows of %(file)s have errors, and all or none are imported. The first is row "
                        "%(row)s: %(error)s Correct the file, or import the valid rows only.",
                        count=one.error_count,
                        file=one.name,
                        row=first[0].number,
                        error=first[0].error,
                    )
                )
            if one.mode == "all" and one.pending_count > ALL_AT_ONCE:
                raise UserError(
                    self.env._(
                        "%(file)s has %(count)s rows to import. All or none is done in one go, up to %(limit)s rows. "
                        "All of them are valid by the check: choose 'The valid rows', which goes on in the background, "
                        "or split the file.",
                        file=one.name,
                        count=one.pending_count,
                        limit=ALL_AT_ONCE,
                    )
                )
            if not one.pending_count:
                raise UserError(
                    self.env._(
                        "No row of %s is left to import: they have errors or were imported before.",
                        one.name,
                    )
                )
            one._internal_write({"state": "approved", "imported_by": self.env.uid})
            if one.pending_count <= AT_ONCE:
                one.sudo()._import_now()
            else:
                self.env.ref("cartera_cobranza.ir_cron_import_notes").sudo()._trigger()
        return True

    def action_cancel(self):
        """Give up imports of which no note came yet."""
        self._check_role(
            "cartera_cobranza.group_credit_executive", "account.group_account_invoice"
        )
        for one in self:
            if one.state in ("approved", "issued"):
                raise UserError(
                    self.env._("%s has been imported, or is being imported.", one.name)
                )
            one._internal_write({"state": "cancelled"})
        return True

    def action_open_rows(self):
        """Open the rows of the file (button)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "cartera.note.import.row",
            "view_mode": "list",
            "domain": [("import_id", "=", self.id)],
            "context": {"search_default_errors": bool(self.error_count)},
        }

    @api.model
    def action_download_template(self):
        """Return an XLSX file with the columns, an example and the reasons that exist."""
        self._check_role(
            "cartera_cobranza.group_collector", "account.group_account_invoice"
        )
        buffer = io.BytesIO()
        book = xlsxwriter.Workbook(buffer, {"in_memory": True})
        bold = book.add_format({"bold": True, "bottom": 1})
        sheet = book.add_worksheet(self.env._("Notes"))
        labels = dict(
            self.env["cartera.note.import.column"]
            ._fields["target"]
            ._description_selection(self.env)
        )
        for column, (target, _label) in enumerate(TARGETS):
            sheet.write(0, column, labels[target], bold)
        sheet.set_column(0, len(TARGETS) - 1, 18)
        reasons = book.add_worksheet(self.env._("Reasons"))
        heads = (
            self.env._("Code"),
            self.env._("Reason"),
            self.env._("Direction"),
            self.env._("Document"),
        )
        for column, text in enumerate(heads):
            reasons.write(0, column, text, bold)
        reasons.set_column(0, 3, 28)
        known = self.env["cartera.note.reason"].search(
            [("party", "in", ("customer", "both"))]
        )
        directions = dict(known._fields["direction"]._description_selection(self.env))
        for row, reason in enumerate(known, 1):
            values = (
                reason.code,
                reason.name,
                directions[reason.direction],
                reason.document_name or "",
            )
            for column, text in enumerate(values):
                reasons.write_string(row, column, text)
        book.close()
        attachment = self.env["ir.attachment"].create(
            {"name": self.env._("Notes.xlsx"), "raw": buffer.getvalue()}
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "download",
        }
