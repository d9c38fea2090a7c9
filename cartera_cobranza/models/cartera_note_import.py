import base64
import hashlib
import io
import logging
from collections import defaultdict

import xlsxwriter

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools import note_file
from .cartera_note_import_column import TARGETS

_logger = logging.getLogger(__name__)

BATCH = 100
AT_ONCE = 200  # rows that are imported while the user waits
DONE = ("done", "request")


class CarteraNoteImport(models.Model):
    """A file of credit and debit notes: its columns, a dry run with the errors of every row, and its import.

    Made by whoever has the file; ends when all its valid rows are notes. A row is never imported twice: it is
    known by its reference, else by the file and its number.
    """

    _name = "cartera.note.import"
    _description = "Note Import"
    _inherit = ["mail.thread", "cartera.note.import.check"]
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
    row_count = fields.Integer(compute="_compute_counts", string="Rows in the File")
    error_count = fields.Integer(compute="_compute_counts", string="Errors")
    done_count = fields.Integer(compute="_compute_counts", string="Imported Rows")
    pending_count = fields.Integer(compute="_compute_counts", string="Ready")
    progress = fields.Float(compute="_compute_counts")

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
            todo = one.done_count + one.pending_count
            one.progress = 100 * one.done_count / todo if todo else 0.0

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

    # Import

    def _import_now(self):
        """Import all pending rows in this transaction."""
        self.ensure_one()
        while rows := self._next_rows():
            self._import_rows(rows)
        self._finish()

    def _next_rows(self):
        return self.env["cartera.note.import.row"].search(
            [("import_id", "=", self.id), ("state", "=", "pending")],
            order="number",
            limit=BATCH,
        )

    def _finish(self):
        self.ensure_one()
        self._internal_write({"state": "issued"})
        _logger.info("Imported %s notes of %s", self.done_count, self.name)

    @api.model
    def _cron_import(self):
        """Import what is running, batch by batch; safe to run twice and to kill."""
        todo = self.search([("state", "=", "approved")], order="id")
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=sum(todo.mapped("pending_count")))
        for one in todo:
            if not one.try_lock_for_update():
                continue
            if not one._import_batches():
                break

    def _import_batches(self):
        """Import one file; returns whether there is time for more."""
        self.ensure_one()
        cron = self.env["ir.cron"]
        name = self.name
        try:
            if self.mode == "all":
                count = self.pending_count
                self._import_now()
                return bool(cron._commit_progress(count))
            while rows := self._next_rows():
                self._import_rows(rows)
                if not cron._commit_progress(len(rows)):
                    return False
                if not self.try_lock_for_update():
                    return True
            self._finish()
            cron._commit_progress()
        except UserError as error:
            self.env.cr.rollback()
            _logger.info("Notes of %s were not imported: %s", name, error)
            self._internal_write({"state": "rejected", "problem": str(error)})
            cron._commit_progress()
        return True

    def _import_rows(self, rows):
        """Make and post the notes of rows; one that cannot be made is an error of its own, or of all."""
        self.ensure_one()
        partners = rows.partner_id.commercial_partner_id
        self.env["cartera.customer"].sudo()._bump(self.company_id, partners.ids)
        rows.move_id.invalidate_recordset(["amount_residual"])
        good = rows.browse()
        left = {move: move.amount_residual for move in rows.move_id}
        for row in rows:
            error = self._taken_since(row, left)
            if error:
                self._row_error(row, error)
            else:
                good |= row
        asking = good.filtered(lambda row: not self._may_issue(row))
        for row in asking:
            self._guarded(row, self._make_request)
        making = good - asking
        try:
            with self.env.cr.savepoint():
                self._make_notes(making)
        except (UserError, ValidationError):
            for row in making:
                self._guarded(row, self._make_notes)

    def _guarded(self, row, function):
        try:
            with self.env.cr.savepoint():
                function(row)
        except (UserError, ValidationError) as error:
            self._row_error(row, str(error))

    def _row_error(self, row, error):
        if self.mode == "all":
            raise UserError(
                self.env._(
                    "Row %(row)s: %(error)s Nothing was imported.",
                    row=row.number,
                    error=error,
                )
            )
        row.write({"state": "error", "error": error})

    def _may_issue(self, row):
        reason = row.reason_id
        if not (reason.needs_approval or reason.limit_ids or reason.needs_document):
            return True
        if reason.needs_document:
            return False
        day = self.company_id._cartera_today()
        Money = self.env["cartera.money"]
        return reason._within_limit(
            self.imported_by,
            self.company_id,
            Money._convert(row.amount, row.currency_id, self.company_id, day),
            Money._convert(
                row.move_id.amount_total, row.currency_id, self.company_id, day
            ),
        )

    def _request_vals(self, row):
        customers = self.env["cartera.customer"]._find_or_create(
            row.partner_id, self.company_id
        )
        return {
            "kind": row.reason_id.direction,
            "mode": "amount",
            "company_id": self.company_id.id,
            "customer_id": customers[row.partner_id.commercial_partner_id].id,
            "move_id": row.move_id.id,
            "reason_id": row.reason_id.id,
            "commercial_period_id": row.period_id.id,
            "currency_id": row.currency_id.id,
            "amount": row.amount,
            "date": row.date,
            "description": row.label,
        }

    def _make_request(self, row):
        """A note that its importer may not issue alone is asked for; without its document it waits as analysis."""
        request = (
            self.env["cartera.note.request"]
            .with_user(self.imported_by)
            .sudo()
            .create(self._request_vals(row))
        )
        if not row.reason_id.needs_document:
            request.action_submit()
        row.write({"state": "request", "request_id": request.id})

    def _make_notes(self, rows):
        if not rows:
            return
        Request = self.env["cartera.note.request"]
        values = []
        for row in rows:
            request = Request.new(self._request_vals(row))
            vals = request._prepare_note_vals()
            vals["ref"] = " ".join(
                filter(None, [row.reference or row.import_id.name, row.label])
            )
            values.append(vals)
        notes = self.env["account.move"].with_company(self.company_id).create(values)
        for note, row in zip(notes, rows, strict=True):
            note._note_match_total(row.amount)
        notes._post(soft=False)
        for note, row in zip(notes, rows, strict=True):
            if note.state != "posted":
                raise UserError(
                    self.env._(
                        "The note of row %(row)s is held by credit and was not posted.",
                        row=row.number,
                    )
                )
            row.write({"state": "done", "note_move_id": note.id})
