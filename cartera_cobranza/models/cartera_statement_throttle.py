from odoo import api, fields, models
from odoo.tools import SQL, format_datetime, format_time, formatLang

from ..calc import throttle


class CarteraStatementThrottle(models.AbstractModel):
    """How fast statements go out: so many an hour for each company, counted from what was sent.

    What is counted is stored with each statement, so a kill, another worker or another run changes nothing.
    """

    _name = "cartera.statement.throttle"
    _description = "Throttling of Statements"

    progress = fields.Char(
        compute="_compute_progress",
        help="How many are sent, and when the next batch goes out.",
    )
    progress_share = fields.Float(
        string="Done", compute="_compute_progress", help="Percent of the customers."
    )

    @api.depends_context("lang", "tz")
    def _compute_progress(self):
        ahead = self._ahead()
        for run in self:
            count, waiting = run.line_count, run.waiting_count
            run.progress_share = 100 * (count - waiting) / count if count else 0
            run.progress = run.state == "sending" and run._progress_text(
                ahead.get(run._origin.id, 0)
            )

    def _ahead(self):
        """Return {run id: statements of earlier runs that wait in the same queue}; one statement."""
        if not self.ids:
            return {}
        self.env["cartera.statement.line"].flush_model()
        self.env["cartera.statement.run"].flush_model(["state", "company_id"])
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT r.id, COUNT(*)
                         FROM cartera_statement_run r
                         JOIN cartera_statement_run e ON e.company_id = r.company_id AND e.id < r.id
                          AND e.state = 'sending'
                         JOIN cartera_statement_line l ON l.run_id = e.id AND l.state = 'prepared'
                        WHERE r.id = ANY(%s) GROUP BY r.id""",
                    self.ids,
                )
            )
        )

    def _progress_text(self, ahead):
        """Return "320 of 1,000 sent; next batch at 10:40, the last at about 12:40."."""
        done = self.env._(
            "%(sent)s of %(all)s sent",
            sent=formatLang(self.env, self.sent_count, digits=0),
            all=formatLang(self.env, self.line_count, digits=0),
        )
        if self.failed_count:
            done = self.env._(
                "%(done)s, %(failed)s could not be sent",
                done=done,
                failed=formatLang(self.env, self.failed_count, digits=0),
            )
        company, now = self.company_id, fields.Datetime.now()
        following = self._next_batch(company, self.waiting_count, ahead)
        if not self.waiting_count or following <= now:
            return self.env._("%s; the others are on their way.", done)
        last = throttle.turn(
            company.cartera_statement_hourly,
            self._sent_lately(company),
            now,
            ahead + self.waiting_count - 1,
        )
        if last <= following:
            return self.env._(
                "%(done)s; the last ones go out at %(time)s.",
                done=done,
                time=self._clock(following),
            )
        return self.env._(
            "%(done)s; next batch at %(time)s, the last at about %(end)s.",
            done=done,
            time=self._clock(following),
            end=self._clock(last),
        )

    def _clock(self, moment):
        """Return the time of day as the reader has it; with the day when that is not today."""
        zone = (
            self.env.context.get("tz")
            or self.env.user.tz
            or self.company_id._cartera_timezone()
            or "UTC"
        )
        here = self.with_context(tz=zone)
        day = fields.Datetime.context_timestamp(here, moment).date()
        today = fields.Datetime.context_timestamp(here, fields.Datetime.now()).date()
        if day == today:
            return format_time(here.env, moment, tz=zone, time_format="short")
        return format_datetime(here.env, moment, tz=zone, dt_format="short")

    # What the job asks

    @api.model
    def _sent_lately(self, company):
        """Return when the statements of a company went out that were sent within the hour."""
        self.env["cartera.statement.line"].flush_model(["sent_at", "company_id"])
        return [
            at
            for (at,) in self.env.execute_query(
                SQL(
                    "SELECT sent_at FROM cartera_statement_line WHERE company_id = %s AND sent_at > %s",
                    company.id,
                    fields.Datetime.now() - throttle.HOUR,
                )
            )
        ]

    @api.model
    def _room(self, company):
        """Return how many statements a company may send now; None: as many as there are."""
        limit = company.cartera_statement_hourly
        if not limit:
            return None
        return throttle.room(limit, self._sent_lately(company), fields.Datetime.now())

    @api.model
    def _next_batch(self, company, waiting, ahead=0):
        """Return when the next batch may go out: as soon as there is room for a whole one."""
        limit, now = company.cartera_statement_hourly, fields.Datetime.now()
        if not limit:
            return now
        sent = self._sent_lately(company)
        if not ahead and throttle.room(limit, sent, now):
            return now
        size = min(self._batch_size(), limit, max(waiting, 1))
        return throttle.turn(limit, sent, now, ahead + size - 1)

    @api.model
    def _wake(self, moment):
        """Have the job run again at a moment; once, however often it is asked for."""
        cron = self.env.ref("cartera_cobranza.ir_cron_statement_send").sudo()
        known = (
            self.env["ir.cron.trigger"]
            .sudo()
            .search_count(
                [
                    ("cron_id", "=", cron.id),
                    ("call_at", "=", moment),
                ],
                limit=1,
            )
        )
        if not known:
            cron._trigger(moment)
