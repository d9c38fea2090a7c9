import base64
import logging
from datetime import timedelta
from functools import partial

import psycopg2

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, formatLang
from odoo.tools.pdf import merge_pdf

from .cartera_statement import FORMS

_logger = logging.getLogger(__name__)

BATCH = 20  # customers between two commits
PART = 200  # customers in a file, and no more than what opens and travels well; some engines write big pages
PART_BYTES = 20 * 1024 * 1024
KEEP_DAYS = 30


class CarteraStatementPrint(models.Model):
    """The PDF of many statements, made in the background for the person who asked for it.

    Each customer's pages are kept with its line as they are made, and put together when all are there: after a kill it
    goes on where it was. Who fails is listed with the reason, and is in no file.
    """

    _name = "cartera.statement.print"
    _description = "Printing of Statements of Account"
    _inherit = ["mail.thread", "cartera.guarded"]
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users", string="Asked For By", required=True, readonly=True, index=True
    )
    run_id = fields.Many2one(
        "cartera.statement.run",
        string="Statements Run",
        readonly=True,
        ondelete="set null",
    )
    date = fields.Date(required=True, readonly=True)
    form = fields.Selection(FORMS, required=True, readonly=True)
    date_from = fields.Date(string="Movements From", readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Printing"),
            ("done", "Files ready"),
            ("cancelled", "Cancelled"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        index=True,
    )
    line_ids = fields.One2many(
        "cartera.statement.print.line", "print_id", string="Customers", readonly=True
    )
    file_ids = fields.Many2many("ir.attachment", string="Files", readonly=True)
    line_count = fields.Integer(string="Number of Customers", compute="_compute_counts")
    made_count = fields.Integer(string="Printed", compute="_compute_counts")
    failed_count = fields.Integer(string="Not Printed", compute="_compute_counts")
    progress = fields.Char(compute="_compute_counts")
    progress_share = fields.Float(
        string="Done", compute="_compute_counts", help="Percent of the customers."
    )
    ready_at = fields.Datetime(readonly=True)

    @api.depends("date", "form")
    @api.depends_context("lang")
    def _compute_name(self):
        labels = dict(self._fields["form"]._description_selection(self.env))
        for job in self:
            job.name = self.env._(
                "%(form)s on %(day)s, PDF",
                form=labels.get(job.form, ""),
                day=format_date(self.env, job.date),
            )

    @api.depends("line_ids.state", "state")
    @api.depends_context("lang")
    def _compute_counts(self):
        counts = {
            (job.id, state): number
            for job, state, number in self.env[
                "cartera.statement.print.line"
            ]._read_group(
                [("print_id", "in", self.ids)], ["print_id", "state"], ["__count"]
            )
        }
        for job in self:
            key = job._origin.id
            made, failed = counts.get((key, "made"), 0), counts.get((key, "error"), 0)
            job.line_count = made + failed + counts.get((key, "waiting"), 0)
            job.made_count, job.failed_count = made, failed
            done = made + failed
            job.progress_share = 100 * done / job.line_count if job.line_count else 0
            job.progress = self.env._(
                "%(done)s of %(all)s printed. You are told when it is ready.",
                done=formatLang(self.env, done, digits=0),
                all=formatLang(self.env, job.line_count, digits=0),
            )

    # Doors

    @api.model
    def _start(self, customers, day, form, date_from=None, run=None):
        """Have the statements of these customers printed in the background; returns the job.

        The caller has looked at the right to see the customers.

        :raise UserError: for a bad day, or where no PDF can be made
        """
        customers = customers.sudo()
        company = customers.company_id
        Statement = self.env["cartera.statement"].sudo()
        question = Statement._question(
            company, day, form, date_from, customers.partner_id
        )
        Statement._check_engine()
        job = self.sudo().create(
            {
                "company_id": company.id,
                "user_id": self.env.uid,
                "run_id": run.id if run else False,
                "date": question.day,
                "form": question.form,
                "date_from": question.date_from,
                "line_ids": [
                    Command.create({"customer_id": customer.id, "sequence": number})
                    for number, customer in enumerate(
                        customers.sorted(
                            lambda one: ((one.partner_id.name or "").lower(), one.id)
                        )
                    )
                ],
            }
        )
        self._call_job()
        return job.sudo(self.env.su)

    @api.model
    def _call_job(self):
        self.env.ref("cartera_cobranza.ir_cron_statement_print").sudo()._trigger()

    def _open(self):
        """Return the action that shows this job."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Printing of Statements"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def _checked(self):
        """Return these jobs as superuser, after looking at who asks."""
        self.check_access("read")
        if not self.env.su and (self.user_id - self.env.user):
            raise AccessError(
                self.env._(
                    "%(user)s asked for %(job)s: only that person can change it.",
                    user=(self.user_id - self.env.user)[:1].sudo().name,
                    job=self[:1].name,
                )
            )
        return self.sudo()

    def action_cancel(self):
        """Stop; what was made is thrown away (button)."""
        for job in self._checked():
            if job.state != "waiting":
                raise UserError(
                    self.env._("%s is over already and cannot be cancelled.", job.name)
                )
            job.line_ids.content = False
            job.state = "cancelled"
        return True

    def action_retry(self):
        """Print those again that failed; they come in a file of their own (button)."""
        for job in self._checked():
            failed = job.line_ids.filtered(lambda one: one.state == "error")
            if job.state != "done" or not failed:
                raise UserError(
                    self.env._("There is nothing in %s to print again.", job.name)
                )
            failed.write({"state": "waiting", "reason": False})
            job.state = "waiting"
        self._call_job()
        return True

    def action_open_lines(self):
        """Show the customers that could not be printed (button)."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "cartera.statement.print.line",
            "views": [(False, "list")],
            "domain": [("print_id", "=", self.id), ("state", "=", "error")],
        }

    # The job

    @api.model
    def _cron_print(self):
        """Print what is asked for, batch by batch; safe to run twice, to kill, and beside another worker."""
        Cron = self.env["ir.cron"]
        jobs = self.search([("state", "=", "waiting")], order="id")
        waiting = jobs.line_ids.filtered(lambda one: one.state == "waiting")
        left = len(waiting) + len(jobs)
        Cron._commit_progress(remaining=left)
        for job in jobs:
            lines = waiting.filtered(lambda one, job=job: one.print_id == job)
            for start in range(0, len(lines), BATCH):
                batch = lines[start : start + BATCH]
                job._print_lines(batch)
                left -= len(batch)
                if not Cron._commit_progress(len(batch), remaining=left):
                    return
            job._finish()
            left -= 1
            if not Cron._commit_progress(1, remaining=left):
                return

    def _print_lines(self, lines):
        """Make the pages of some customers; never commits."""
        lines = lines.try_lock_for_update()
        lines.invalidate_recordset(["state"])
        lines = lines.filtered(
            lambda one: one.state == "waiting" and one.print_id.state == "waiting"
        )
        Statement = self.env["cartera.statement"]
        partners = lines.customer_id.partner_id
        try:
            with self.env.cr.savepoint():
                question = Statement._question(
                    self.company_id, self.date, self.form, self.date_from, partners
                )
                statements = Statement._statements(question)
        except psycopg2.OperationalError:
            raise  # the whole transaction is tried again
        except Exception as error:  # noqa: BLE001 what cannot be gathered is told on the lines
            _logger.warning("The statements of %s could not be made: %s", self, error)
            self.env.invalidate_all(flush=False)
            lines.write({"state": "error", "reason": str(error) or repr(error)})
            return
        for line in lines:
            line._isolated(partial(line._print, question, statements))

    def _finish(self):
        """Put the pages together in files once no customer waits, and tell who asked. Never commits."""
        self.env.flush_all()
        self.invalidate_recordset()
        if self.state != "waiting" or any(
            one.state == "waiting" for one in self.line_ids
        ):
            return
        loose = self.line_ids.filtered(lambda one: one.state == "made" and not one.part)
        last = max(self.line_ids.mapped("part"), default=0)
        parts = list(enumerate(loose._in_parts(), last + 1))
        # the newest attachment is shown first
        for number, lines in reversed(parts):
            pages = [base64.b64decode(line.content) for line in lines]
            self._attach(number, lines, pages)
        self.write({"state": "done", "ready_at": fields.Datetime.now()})
        self._tell()

    def _attach(self, number, lines, pages):
        here = self.with_context(lang=self.user_id.lang)
        attachment = self.env["ir.attachment"].create(
            {
                "name": here.env._(
                    "Statements %(day)s, %(number)s, %(first)s to %(last)s.pdf",
                    day=self.date,
                    number=number,
                    first=(lines[0].partner_id.name or "")[:20].strip(),
                    last=(lines[-1].partner_id.name or "")[:20].strip(),
                ).replace("/", "-"),
                "raw": pages[0] if len(pages) == 1 else merge_pdf(pages),
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        self.file_ids = [Command.link(attachment.id)]
        lines.write({"part": number, "content": False})

    def _tell(self):
        """Tell who asked, with the link: in the inbox or by e-mail, and on the screen."""
        here = self.with_context(lang=self.user_id.lang)
        env = here.env
        text = env._(
            "The statements are ready: %(made)s customers in %(files)s files.",
            made=here.made_count,
            files=len(here.file_ids),
        )
        if here.failed_count:
            text = env._(
                "%(text)s %(failed)s could not be printed: the list says why.",
                text=text,
                failed=here.failed_count,
            )
        here.message_notify(
            partner_ids=here.user_id.partner_id.ids,
            subject=here.name,
            body=here._get_html_link(here.name) + " " + text,
        )
        here.user_id._bus_send(
            "simple_notification",
            {"type": "success", "title": here.name, "message": text},
        )

    @api.autovacuum
    def _gc_prints(self):
        """The files can be made again at any time: they go after a month."""
        old = self.search(
            [
                (
                    "create_date",
                    "<",
                    fields.Datetime.now() - timedelta(days=KEEP_DAYS),
                ),
                ("state", "!=", "waiting"),
            ]
        )
        old.file_ids.unlink()
        old.unlink()


class CarteraStatementPrintLine(models.Model):
    """One customer of a printing job: its pages until they are put together, or why there are none."""

    _name = "cartera.statement.print.line"
    _description = "Printed Statement of Account"
    _inherit = ["cartera.guarded"]
    _order = "sequence, id"
    _rec_name = "partner_id"

    print_id = fields.Many2one(
        "cartera.statement.print",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="print_id.company_id", store=True)
    sequence = fields.Integer(readonly=True)
    customer_id = fields.Many2one(
        "cartera.customer",
        string="Credit Account",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(
        related="customer_id.partner_id", string="Customer", store=True
    )
    state = fields.Selection(
        [("waiting", "Waiting"), ("made", "Printed"), ("error", "Error")],
        default="waiting",
        required=True,
        readonly=True,
    )
    reason = fields.Text(string="Why Not", readonly=True)
    part = fields.Integer(string="File", readonly=True)
    content = fields.Binary(readonly=True, attachment=True)

    def _print(self, question, statements):
        Statement = self.env["cartera.statement"]
        lang = Statement._language_for(self.customer_id)
        content = Statement.with_context(lang=lang)._pdf(
            question, self.customer_id.with_context(lang=lang), statements
        )
        self.write(
            {
                "content": base64.b64encode(content),
                "state": "made",
                "reason": False,
            }
        )
        self.env.flush_all()

    def _in_parts(self):
        """Return these lines cut into files: by number and by size; one query."""
        sizes = dict(
            self.env["ir.attachment"]
            .sudo()
            ._read_group(
                [
                    ("res_model", "=", self._name),
                    ("res_field", "=", "content"),
                    ("res_id", "in", self.ids),
                ],
                ["res_id"],
                ["file_size:sum"],
            )
        )
        parts, total = [], 0
        for line in self:
            size = sizes.get(line.id, 0)
            if not parts or len(parts[-1]) >= PART or total + size > PART_BYTES:
                parts.append(self.browse())
                total = 0
            parts[-1] |= line
            total += size
        return parts

    def _isolated(self, work):
        """Do ``work``; when it fails, note why on the line: the others go on."""
        try:
            with self.env.cr.savepoint():
                work()
        except psycopg2.OperationalError:
            raise  # the whole transaction is tried again
        except Exception as error:  # noqa: BLE001 whatever it is, it must not stop the others
            _logger.warning(
                "The statement of %s could not be printed: %s",
                self.partner_id.display_name,
                error,
            )
            self.invalidate_recordset()
            self.write({"state": "error", "reason": str(error) or repr(error)})
