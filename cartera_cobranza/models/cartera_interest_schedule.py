import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

_logger = logging.getLogger(__name__)


class CarteraInterestSchedule(models.AbstractModel):
    """Counts the interest of the month that is over, in each company as it says."""

    _name = "cartera.interest.schedule"
    _description = "Interest of the Month"

    @api.model
    def _cron_month(self):
        """Count the month that is over, company by company, as each says; safe to run twice and to kill."""
        companies = (
            self.env["res.company"]
            .search([("cartera_interest_schedule", "!=", "off")], order="id")
            .sudo()
        )
        self.env["ir.cron"]._commit_progress(remaining=len(companies))
        for company in companies:
            try:
                run = self.with_company(company)._run_month(company)
                if run:
                    _logger.info(
                        "Interest of %s up to %s: %s lines, %s",
                        company.name,
                        run.date_to,
                        run.line_count,
                        run.state,
                    )
            except UserError as error:
                self.env.cr.rollback()
                _logger.warning(
                    "Interest of %s was not counted: %s", company.name, error
                )
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _run_month(self, company):
        """Make the run of the month that is over, once. Returns it, or none where nothing is to be charged."""
        end = fields.Date.subtract(company._cartera_today().replace(day=1), days=1)
        if company.cartera_interest_done_to and company.cartera_interest_done_to >= end:
            return self.browse()
        policies = (
            self.env["cartera.interest.policy"]
            .search([("company_id", "=", company.id)])
            .filtered(lambda policy: policy._is_due(end))
        )
        company.cartera_interest_done_to = end
        if not policies:
            return self.browse()
        with self._writing():
            run = self.create(
                {
                    "company_id": company.id,
                    "date_to": end,
                    "policy_ids": [fields.Command.set(policies.ids)],
                    "scheduled": True,
                }
            )
        if not run._note_date_open():
            run.note_date = company._cartera_today()
        run.action_simulate()
        if not run.line_count:
            with self._writing():
                run.scheduled = False
            run.unlink()
            return self.browse()
        if company.cartera_interest_schedule == "post":
            run.action_approve()
            run._write_state({"posting": True})
            self.env.ref("cartera_cobranza.ir_cron_interest_post")._trigger()
        else:
            run._tell_manager()
        return run

    def action_submit(self):
        """Hand simulated runs to whoever approves them: the person of the settings, else another credit manager.

        :raise UserError: when there is nothing to charge, or nobody else who may approve
        """
        people = self.env["res.users"]
        for run in self._start_verb("simulate", ("simulated",)):
            if not run.line_count:
                raise UserError(
                    self.env._(
                        "There is nothing to charge up to %(day)s.",
                        day=format_date(self.env, run.date_to),
                    )
                )
            user = run._approver()
            if not user:
                raise UserError(
                    self.env._(
                        "Nobody but those who prepared %(run)s may approve it. Give another person of %(company)s the "
                        "role of credit manager.",
                        run=run.name,
                        company=run.company_id.name,
                    )
                )
            run._tell_manager(user)
            people |= user
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Sent to %s for approval.", ", ".join(people.mapped("name"))
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _approver(self):
        """Return who is asked to approve a run: never one of those who prepared it."""
        self.ensure_one()
        prepared = self.simulated_by | self.create_uid
        named = self.company_id.cartera_interest_user_id
        managers = self.env.ref("cartera_cobranza.group_credit_manager").all_user_ids
        reachable = managers.filtered(
            lambda user: (
                user.active and not user.share and self.company_id in user.company_ids
            )
        )
        return ((named & reachable) - prepared or reachable - prepared)[:1]

    def _note_date_open(self):
        try:
            self._check_period()
        except UserError:
            return False
        return True

    def _tell_manager(self, user=None):
        for run in self:
            person = user or run.company_id.cartera_interest_user_id
            if person and person not in run.activity_ids.user_id:
                # read by that person, whoever sends it
                env = run.with_context(lang=person.lang or self.env.lang).env
                run.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=person.id,
                    summary=env._("Review and approve the interest of the month"),
                    note=env._(
                        "%(count)s items, %(amount)s to bill.",
                        count=run.line_count,
                        amount=run.currency_id.format(run.to_bill),
                    ),
                )
