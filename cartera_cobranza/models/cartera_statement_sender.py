import logging
from functools import partial

import psycopg2

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

_logger = logging.getLogger(__name__)

BATCH = 20


class CarteraStatementSender(models.AbstractModel):
    """Sends the statements of runs: batch by batch, each of them committed, by Odoo's mail queue, no faster than the
    company says.

    A line is locked, its message made and the line noted as sent in one transaction: after a kill it is either both
    or neither, so nobody gets two.
    """

    _name = "cartera.statement.sender"
    _description = "Sending of Statements"

    @api.model
    def _cron_send(self):
        """Send what runs wait for; safe to run twice, to kill, and beside another worker."""
        Cron = self.env["ir.cron"]
        lines = (
            self.env["cartera.statement.line"]
            .search(
                [("run_id.state", "=", "sending"), ("state", "=", "prepared")],
            )
            .sorted(lambda one: (one.run_id.id, one.id))
        )
        left = len(lines)
        Cron._commit_progress(remaining=left)
        for company, waiting in lines.grouped("company_id").items():
            while waiting:
                room = self._room(company)
                if room == 0:
                    # the job is done for now: it is not to be called again at once for what has to wait
                    left -= len(waiting)
                    self._wake(self._next_batch(company, len(waiting)))
                    Cron._commit_progress(remaining=left)
                    break
                size = min(BATCH, len(waiting) if room is None else room)
                batch, waiting = waiting[:size], waiting[size:]
                self._send_batch(batch)
                left -= len(batch)
                if not Cron._commit_progress(len(batch), remaining=left):
                    return
        self._close_finished()

    @api.model
    def _batch_size(self):
        return BATCH

    @api.model
    def _send_batch(self, lines):
        """Send these lines; rows that another worker has are left to it. Never commits."""
        lines = lines.try_lock_for_update()
        lines.invalidate_recordset(["state"])
        lines = lines.filtered(
            lambda one: one.state == "prepared" and one.run_id.state == "sending"
        )
        for run, some in lines.grouped("run_id").items():
            run._send_isolated(some)
        self._close_finished()

    def _send_isolated(self, lines):
        """Send the lines of one run; when they cannot even be gathered, say so on them: other runs go on."""
        try:
            with self.env.cr.savepoint():
                self._send_lines(lines)
        except psycopg2.OperationalError:
            raise  # the whole transaction is tried again
        except Exception as error:  # noqa: BLE001 whatever it is, it must not stop the other runs
            _logger.warning("The statements of %s could not be made: %s", self, error)
            self.env.invalidate_all(flush=False)
            lines.write({"state": "error", "reason": str(error) or repr(error)})

    @api.model
    def _close_finished(self):
        """Runs with nothing left to send are sent."""
        running = self.search([("state", "=", "sending")])
        waiting = (
            self.env["cartera.statement.line"]
            .search([("run_id", "in", running.ids), ("state", "=", "prepared")])
            .run_id
        )
        for run in running - waiting:
            run.write({"state": "sent"})
            if run.failed_count:
                run._tell_failures()

    def _tell_failures(self):
        user = self.sent_by if self.sent_by.active and not self.sent_by.share else False
        user = user or self.company_id.cartera_collection_user_id
        if user:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                self.company_id._cartera_today(),
                user_id=user.id,
                summary=self.env._(
                    "%s statements were not sent: see why", self.failed_count
                ),
            )

    # One batch of one run: gather, make the documents, queue the messages

    def _send_lines(self, lines):
        self.ensure_one()
        Statement = self.env["cartera.statement"]
        question = self._question_for(lines)
        statements = Statement._statements(question)
        figures = self._refresh_figures(lines, question)
        Action = self.env["cartera.collection.action"]
        marked = Action._marked_contacts(lines.partner_id)
        contacts = {
            line: Action._contacts_of_role(
                marked,
                line.partner_id,
                line.customer_id.statement_role or self.recipient_role,
            )
            for line in lines
        }
        refused = Action._refused_addresses(contacts)
        messages, unreachable = {}, self.env["cartera.statement.line"]
        with_pdf = Statement._has_engine()
        rates = self._rates_for(lines.customer_id)
        for line in lines:
            if line.partner_id.id not in statements:
                line.write(
                    {
                        "state": "cancelled",
                        "reason": self.env._("Nothing is left to show on that day."),
                    }
                )
                continue
            if self._left_out_meanwhile(
                line, figures.get(line.customer_id.id, []), rates
            ):
                continue
            reason = Action._unreachable(line.customer_id, contacts[line], refused)
            if reason:
                line.write({"state": "no_email", "reason": reason})
                unreachable |= line
                continue
            to = contacts[line].filtered(
                lambda one: (
                    (address := email_normalize(one.email)) and address not in refused
                )
            )
            message = self._isolated(
                line,
                partial(self._message, line, to, question, statements, with_pdf),
            )
            if message:
                messages[line] = message
        self._ask_for_addresses(unreachable)
        self._queue(messages)

    def _isolated(self, line, work):
        """Return what ``work`` makes for a line; when that fails, note why on it and return nothing."""
        try:
            with self.env.cr.savepoint():
                return work()
        except psycopg2.OperationalError:
            raise  # the whole transaction is tried again
        except Exception as error:  # noqa: BLE001 whatever it is, it must not stop the others
            _logger.warning(
                "The statement of %s could not be made: %s",
                line.partner_id.display_name,
                error,
            )
            line.invalidate_recordset()
            line.write({"state": "error", "reason": str(error) or repr(error)})
            return None

    def _refresh_figures(self, lines, question):
        """Documents may have been booked since it was prepared: the lines tell what is sent."""
        found = {}
        for one in self.env["cartera.statement"]._figures(question):
            found.setdefault(one.customer, []).append(one)
        for line in lines:
            figures = found.get(line.customer_id.id, [])
            values = {
                one["currency_id"]: one
                for one in (self._amount_vals(figure, self.form) for figure in figures)
            }
            if set(values) != set(line.amount_ids.currency_id.ids):
                line.amount_ids.unlink()
                line.amount_ids = [Command.create(one) for one in values.values()]
            else:
                for amount in line.amount_ids:
                    amount._update(
                        {
                            name: value
                            for name, value in values[amount.currency_id.id].items()
                            if name != "currency_id"
                        }
                    )
            line._update(self._figure_vals(figures))
        return found

    def _left_out_meanwhile(self, line, figures, rates):
        """Note on a line why it is not sent after all: what was paid since, or what the customer wants now."""
        try:
            reason = self._why_not(line.customer_id, figures, rates)
        except UserError as error:
            line.write({"state": "error", "reason": str(error)})
            return True
        if reason:
            line.write({"state": "cancelled", "reason": reason})
        return bool(reason)

    def _message(self, line, to, question, statements, with_pdf):
        """Return subject, body and files for one line, in the language of its customer."""
        Statement = self.env["cartera.statement"]
        customer = line.customer_id
        lang = Statement._language_for(customer, to[:1])
        here = Statement.with_context(lang=lang)
        name = line.partner_id.name or ""
        files = []
        wanted = customer.statement_files or ("both" if self.with_xlsx else "pdf")
        carried = wanted
        if wanted != "xlsx" and not with_pdf:
            carried = "missing"
        if carried in ("pdf", "both"):
            files.append(
                (
                    here._file_name(question, name, "pdf"),
                    here._pdf(question, customer.with_context(lang=lang), statements),
                )
            )
        if carried != "pdf":
            files.append(
                (
                    here._file_name(question, name, "xlsx"),
                    here._xlsx(question, customer.with_context(lang=lang), statements),
                )
            )
        template = self.env.ref(
            "cartera_cobranza.mail_template_statement"
        ).with_context(statement_files=carried)
        subject = template._render_field("subject", line.ids, set_lang=lang)[line.id]
        body = template._render_field(
            "body_html",
            line.ids,
            engine="qweb",
            set_lang=lang,
            options={"post_process": True},
        )[line.id]
        return {"to": to, "subject": subject, "body": body, "files": files}

    def _queue(self, messages):
        """Put the messages into Odoo's mail queue and note the lines as sent, all at once, else one by one."""
        if not messages:
            return
        try:
            with self.env.cr.savepoint():
                self._queue_all(messages)
        except psycopg2.OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 found out which one below
            _logger.info("Queueing statements one by one: %s", error)
            for line, message in messages.items():
                line.invalidate_recordset()
                self._isolated(
                    line,
                    partial(self._queue_all, {line: message}),
                )
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def _queue_all(self, messages):
        subtype = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")
        company = self.company_id
        author = self.sent_by if self.sent_by.email else self.env["res.users"]
        sender = author.email_formatted or company.email_formatted
        sender = sender or self.env.user.email_formatted
        vals_list = []
        for line, message in messages.items():
            customer = line.customer_id
            vals_list.append(
                {
                    "model": customer._name,
                    "res_id": customer.id,
                    "record_name": line.partner_id.display_name,
                    "message_type": "auto_comment",
                    "subtype_id": subtype,
                    "author_id": author.partner_id.id or company.partner_id.id,
                    "email_from": sender,
                    "reply_to": customer.collector_id.email_formatted or sender,
                    "subject": message["subject"],
                    "body": message["body"],
                    "body_html": message["body"],
                    "recipient_ids": [Command.set(message["to"].ids)],
                    "partner_ids": [Command.set(message["to"].ids)],
                    "attachment_ids": [
                        Command.create(
                            {
                                "name": name,
                                "raw": content,
                                "res_model": customer._name,
                                "res_id": customer.id,
                            }
                        )
                        for name, content in message["files"]
                    ],
                    "record_company_id": company.id,
                    "record_alias_domain_id": company.alias_domain_id.id,
                    "is_notification": True,
                    "auto_delete": False,
                    "state": "outgoing",
                }
            )
        mails = self.env["mail.mail"]._cartera_make(vals_list)
        now = fields.Datetime.now()
        for (line, message), mail in zip(messages.items(), mails, strict=True):
            line.write(
                {
                    "state": "sent",
                    "reason": False,
                    "sent_at": now,
                    "sent_to": ", ".join(message["to"].mapped("email_formatted")),
                    "contact_ids": [Command.set(message["to"].ids)],
                    "message_id": mail.mail_message_id.id,
                }
            )
        self.env.flush_all()

    # Who could not be written to

    def _ask_for_addresses(self, lines):
        """Give the collector of each customer one task to find an address, however often it is missing."""
        summary = self.env._("No address for the statement of account")
        customers = lines.customer_id
        known = self.env["mail.activity"].search(
            [
                ("res_model", "=", customers._name),
                ("res_id", "in", customers.ids),
                ("summary", "=", summary),
            ]
        )
        asked = set(known.mapped("res_id"))
        for line in lines:
            customer = line.customer_id
            user = (
                customer.collector_id
                or self.company_id.cartera_collection_user_id
                or self.sent_by
            )
            if customer.id in asked or not user:
                continue
            customer.activity_schedule(
                "mail.mail_activity_data_todo",
                self.company_id._cartera_today(),
                user_id=user.id,
                summary=summary,
                note=line.reason,
            )
