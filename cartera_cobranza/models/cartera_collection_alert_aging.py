import logging
from datetime import timedelta

import psycopg2

from odoo import Command, api, fields, models

_logger = logging.getLogger(__name__)


class CarteraCollectionAlert(models.Model):
    """The salesperson's own aging, once a week, as a workbook."""

    _inherit = "cartera.collection.alert"

    kind = fields.Selection(
        selection_add=[("aging", "Aging of my customers")],
        ondelete={"aging": "cascade"},
    )

    @api.model
    def _cron_send_aging(self):
        """Send the aging of the week to those who did not get it yet; safe to run twice and to kill."""
        Cron = self.env["ir.cron"]
        companies = self.env["res.company"].search([], order="id")
        Cron._commit_progress(remaining=len(companies))
        for company in companies:
            sent = self._send_aging(company)
            _logger.info("Sent the aging to %s people of %s", len(sent), company.name)
            if not Cron._commit_progress(1):
                break

    @api.model
    def _send_aging(self, company, day=None):
        """Send the aging of the week of ``day``; noted on its Monday, so that it is once a week."""
        day = day or company._cartera_today()
        monday = day - timedelta(days=day.weekday())
        users = self.env["res.users"].search(
            [
                ("cartera_alert_aging", "=", "weekly"),
                ("share", "=", False),
                ("company_ids", "in", company.ids),
                ("email", "!=", False),
            ]
        )
        got = self.search(
            [
                ("company_id", "=", company.id),
                ("kind", "=", "aging"),
                ("date", "=", monday),
            ]
        ).user_id
        sent = self.browse()
        for user in (users - got).filtered(
            lambda user: user.has_group("cartera_cobranza.group_viewer")
        ):
            try:
                with self.env.cr.savepoint():
                    sent |= self._send_aging_to(user, company, day, monday)
            except psycopg2.OperationalError:
                raise  # the whole transaction is tried again
            except Exception as error:  # noqa: BLE001 whatever it is, it must not stop the others
                _logger.warning(
                    "The aging for %s of %s could not be made: %s",
                    user.login,
                    company.name,
                    error,
                )
        return sent

    @api.model
    def _send_aging_to(self, user, company, day, monday):
        """Queue one workbook, of the customers whose salesperson ``user`` is; nothing is open, nothing is sent."""
        here = self.env(user=user, su=False)["cartera.aging.report"].with_context(
            allowed_company_ids=company.ids,
            lang=user.lang or self.env.lang,
            cartera_only_salesperson_id=user.id,
        )
        question = here._question({"company_id": company.id, "as_of": day.isoformat()})
        customers = here._customers(question)
        if not customers:
            return self.browse()
        name, content = here._workbook(
            {"company_id": company.id, "as_of": day.isoformat()}
        )
        total = sum(one.total for one in customers)
        body = here.env["ir.qweb"]._render(
            "cartera_cobranza.alert_aging",
            {
                "company": company,
                "day": day,
                "count": len(customers),
                "currency": company.currency_id,
                "total": float(total),
                "buckets": here._bucket_rows(question, customers, []),
                "debtors": here._debtors(question, customers, total),
                "overdue": float(here._overdue(question, customers)),
            },
        )
        mail = (
            self.env["mail.mail"]
            .sudo()
            .create(
                {
                    "subject": here.env._("%s: aging of my customers", company.name),
                    "body_html": body,
                    "email_from": company.email_formatted
                    or self.env.user.email_formatted,
                    "recipient_ids": [Command.set(user.partner_id.ids)],
                    "attachment_ids": [Command.create({"name": name, "raw": content})],
                    "auto_delete": False,
                    "state": "outgoing",
                }
            )
        )
        return self.sudo().create(
            {
                "user_id": user.id,
                "company_id": company.id,
                "kind": "aging",
                "date": monday,
                "customer_count": len(customers),
                "mail_id": mail.id,
            }
        )


class ResUsers(models.Model):
    _inherit = "res.users"

    cartera_alert_aging = fields.Selection(
        [("never", "Never"), ("weekly", "Every week")],
        string="Aging of My Customers",
        default="never",
        help="E-mail with the aging of the customers that I sell to, as an Excel file.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "cartera_alert_aging"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, "cartera_alert_aging"]
