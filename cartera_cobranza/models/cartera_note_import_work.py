import logging

from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from ..tools import note_file
from .cartera_credit_hold_release import RETRIED, TRIES

_logger = logging.getLogger(__name__)

BATCH = 50  # a job runs ten batches at least, which its time limit must not cut off


class CarteraNoteImportWork(models.AbstractModel):
    """The work of a note import: batches of checked rows become posted notes, or requests."""

    _name = "cartera.note.import.work"
    _description = "Work of Note Imports"

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
            # what is wrong with a row is read by who imports
            lang = one.imported_by.lang or self.env.lang
            if not one.with_context(lang=lang)._import_batches():
                break

    def _import_batches(self):
        """Import one file; returns whether there is time for more.

        A batch that loses a race with somebody who posts or pays at the same moment starts again.
        """
        self.ensure_one()
        for attempt in range(1, TRIES + 1):
            try:
                return self._import_while_time()
            except RETRIED:
                self.env.cr.rollback()
                _logger.info(
                    "Note import %s lost a race, try %s of %s", self.id, attempt, TRIES
                )
                if not self.try_lock_for_update():
                    return True
        # the next run of the job goes on
        self.env.ref("cartera_cobranza.ir_cron_import_notes")._trigger()
        return True

    def _import_while_time(self):
        cron = self.env["ir.cron"]
        name = self.name
        try:
            if self.mode == "all":
                count = self.pending_count
                self._import_now()
                return bool(cron._commit_progress(count))
            while rows := self._next_rows():
                self._import_rows(rows)
                if not self._next_rows():
                    # with the last rows: a job that has no time left is not called again when nothing remains
                    self._finish()
                if not cron._commit_progress(len(rows)):
                    return False
                if not self.try_lock_for_update():
                    return True
            if self.state != "issued":
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
                self._row_error(row, error, self._cell_of(row, "amount"))
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

    def _cell_of(self, row, target):
        column = self.column_ids.filtered(lambda one: one.target == target)
        return note_file.cell_name(column.position, row.number) if column else False

    def _guarded(self, row, function):
        try:
            with self.env.cr.savepoint():
                function(row)
        except (UserError, ValidationError) as error:
            self._row_error(row, str(error))

    def _row_error(self, row, error, cell=False):
        if self.mode == "all":
            raise UserError(
                self.env._(
                    "Row %(row)s: %(error)s Nothing was imported.",
                    row=row.number,
                    error=error,
                )
            )
        row.write({"state": "error", "error": error, "cell": cell})

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
