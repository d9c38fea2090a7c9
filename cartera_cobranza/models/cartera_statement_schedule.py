import logging
from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError

from .cartera_statement import FORMS

_logger = logging.getLogger(__name__)

# how late the statements of a period may still go out by themselves
CATCH_UP = {"weekly": 3, "monthly": 7}


class CarteraStatementSchedule(models.AbstractModel):
    """Statements that customers get by themselves, by week or month; once for a period."""

    _name = "cartera.statement.schedule"
    _description = "Schedule of Statements"

    @api.model
    def _cron_scheduled(self):
        """Make and send the statements of the last week and month; safe to run twice and to kill."""
        Cron = self.env["ir.cron"]
        companies = self.env["res.company"].search([], order="id")
        Cron._commit_progress(remaining=len(companies))
        for company in companies:
            try:
                runs = self._make_scheduled(company, company._cartera_today())
                if runs:
                    _logger.info(
                        "Scheduled statements of %s: %s", company.name, len(runs)
                    )
            except UserError as error:
                self.env.cr.rollback()
                _logger.warning(
                    "Scheduled statements of %s were not made: %s", company.name, error
                )
            if not Cron._commit_progress(1):
                break

    @api.model
    def _make_scheduled(self, company, day):
        """Make the runs that are due on ``day`` and start their sending; returns them. Never commits."""
        runs = self.browse()
        for schedule in CATCH_UP:
            period, first, last = self._period(schedule, day)
            if (day - last).days > CATCH_UP[schedule]:
                continue
            for form, _label in FORMS:
                domain = [
                    ("company_id", "=", company.id),
                    ("form", "=", form),
                    ("schedule", "=", schedule),
                    ("period", "=", period),
                ]
                wanted = [
                    ("company_id", "=", company.id),
                    ("statement_schedule", "=", schedule),
                    ("statement_never", "=", False),
                    self._form_condition(form),
                ]
                if self.search_count(domain, limit=1) or not self.env[
                    "cartera.customer"
                ].search_count(wanted, limit=1):
                    continue
                run = self.create(
                    {
                        "company_id": company.id,
                        "form": form,
                        "date": last,
                        "date_from": first,
                        "schedule": schedule,
                        "period": period,
                    }
                )
                run._prepare()
                run.state = "sending"
                runs |= run
        if runs:
            self._close_finished()
            self.env.ref("cartera_cobranza.ir_cron_statement_send")._trigger()
        return runs

    @api.model
    def _period(self, schedule, day):
        """Return (name, first day, last day) of the last whole week or month before ``day``."""
        if schedule == "weekly":
            last = day - timedelta(days=day.isoweekday())
            year, week, _weekday = last.isocalendar()
            return f"{year}-W{week:02}", last - timedelta(days=6), last
        last = day.replace(day=1) - timedelta(days=1)
        return f"{last:%Y-%m}", last.replace(day=1), last

    @api.model
    def _form_condition(self, form):
        """Return the condition of the customers who want this form; those who did not say get the open items."""
        return ("statement_form", "in", ["open", False] if form == "open" else [form])

    def _scheduled_domain(self):
        """Return the condition of the customers of a scheduled run who had none for its period."""
        had = self.env["cartera.statement.line"].search([("period", "=", self.period)])
        return [
            ("statement_schedule", "=", self.schedule),
            ("statement_never", "=", False),
            self._form_condition(self.form),
            ("id", "not in", had.mapped("account_key")),
        ]
