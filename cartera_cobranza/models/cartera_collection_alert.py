import logging
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .cartera_collection_step import CONTACTS

_logger = logging.getLogger(__name__)

FIELDS = {
    "due": "cartera_alert_due",
    "overdue": "cartera_alert_overdue",
    "silent": "cartera_alert_silent",
}


class CarteraCollectionAlert(models.Model):
    """A list that a colleague asked for: items due soon, overdue items, customers who stay silent.

    Written when it is sent, so that nobody gets one twice on a day.
    """

    _name = "cartera.collection.alert"
    _description = "Alert of Receivables"
    _order = "date desc, id desc"
    _rec_name = "kind"

    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [
            ("due", "Items due soon"),
            ("overdue", "Overdue items"),
            ("silent", "No answer, no payment"),
        ],
        required=True,
        readonly=True,
    )
    date = fields.Date(required=True, readonly=True)
    customer_count = fields.Integer(string="Customers", readonly=True)
    mail_id = fields.Many2one("mail.mail", readonly=True, ondelete="set null")

    _once_a_day = models.UniqueIndex(
        "(user_id, company_id, kind, date)", "This alert was sent today already."
    )

    @api.model
    def _cron_send(self):
        """Send today's alerts to those who asked for them; safe to run twice and to kill."""
        Cron = self.env["ir.cron"]
        companies = self.env["res.company"].search([], order="id")
        Cron._commit_progress(remaining=len(companies))
        for company in companies:
            sent = self._send_for(company)
            _logger.info("Sent %s alerts of %s", len(sent), company.name)
            if not Cron._commit_progress(1):
                break

    @api.model
    def _send_for(self, company, day=None):
        """Send the alerts that are due on ``day`` in a company; returns them. Never commits."""
        day = day or company._cartera_today()
        days = self._days_to_serve(company, day)
        sent = self.browse()
        for kind, field in FIELDS.items():
            users = self._receivers(company, day, kind, field, days)
            if not users:
                continue
            rows = self._gather(company, day, kind)
            for user in users:
                mine = self._of_user(rows, user, company)
                if mine:
                    sent |= self._send_one(user, company, kind, day, mine)
        company.sudo().cartera_alerts_served = max(
            day, company.sudo().cartera_alerts_served or day
        )
        return sent

    @api.model
    def _days_to_serve(self, company, day):
        """Return the days whose alerts are sent on ``day``: itself, and those since the job ran last.

        A Monday or a first of the month on which the job did not run is made up for by the next run, once.
        """
        served = company.sudo().cartera_alerts_served
        missed = (day - served).days if served else 1
        return [day - timedelta(days=back) for back in range(max(missed, 1))]

    @api.model
    def _receivers(self, company, day, kind, field, days):
        """Return the users who want this kind for one of the ``days`` that are served today, and did not get it yet."""
        wanted = ["daily"]
        if any(one.weekday() == 0 for one in days):
            wanted.append("weekly")
        if any(one.day == 1 for one in days):
            wanted.append("monthly")
        users = self.env["res.users"].search(
            [
                (field, "in", wanted),
                ("share", "=", False),
                ("company_ids", "in", company.ids),
                ("email", "!=", False),
            ]
        )
        got = self.search(
            [
                ("company_id", "=", company.id),
                ("kind", "=", kind),
                ("date", "=", day),
            ]
        ).user_id
        return (users - got).filtered(
            lambda user: user.has_group("cartera_cobranza.group_viewer")
        )

    @api.model
    def _of_user(self, rows, user, company):
        """Return the rows of the customers that ``user`` collects from or sells to.

        Operations, management and the sales manager of the company see all of them.
        """
        everything = (
            company.cartera_operations_user_id
            | company.cartera_management_user_id
            | company.cartera_sales_manager_id
        )
        if user in everything:
            return rows
        return [row for row in rows if user.id in (row["acting"], row["salesperson"])]

    @api.model
    def _gather(self, company, day, kind):
        """Return one row for each customer and currency: amount, oldest due date, last contact; one statement."""
        self.env.flush_all()
        if kind == "due":
            until = day + timedelta(days=company.cartera_due_soon_days)
            condition = SQL("x.due BETWEEN %s AND %s AND x.open > 0", day, until)
            having = SQL("TRUE")
        else:
            condition = SQL("(x.due < %s OR x.open < 0)", day)
            having = SQL("SUM(x.open) > 0")
        silent = SQL("TRUE")
        if kind == "silent":
            since = day - timedelta(days=company.cartera_silent_days)
            silent = SQL(
                """last.contact <= %(since)s
                   AND NOT EXISTS (SELECT 1 FROM cartera_collection_case k
                                    WHERE k.customer_id = c.id AND k.last_reply_date > last.contact)
                   AND NOT EXISTS (SELECT 1 FROM account_move_line paid
                                     JOIN res_partner pp ON pp.id = paid.partner_id
                                     JOIN account_account pa ON pa.id = paid.account_id
                                          AND pa.account_type = 'asset_receivable'
                                     JOIN account_move m ON m.id = paid.move_id
                                     JOIN account_journal j ON j.id = m.journal_id
                                    WHERE pp.commercial_partner_id = c.partner_id
                                      AND paid.company_id = c.company_id AND paid.parent_state = 'posted'
                                      AND paid.credit > 0 AND paid.date > last.contact AND %(money)s)""",
                since=since,
                money=self.env["cartera.payment.promise"]._money_condition(),
            )
        rows = self.env.execute_query_dict(
            SQL(
                """SELECT c.id AS customer, c.partner_id AS partner, x.currency_id AS currency, SUM(x.open) AS amount,
                          COUNT(*) FILTER (WHERE x.open > 0) AS items,
                          MIN(CASE WHEN x.open > 0 THEN x.due END) AS due, last.contact,
                          COALESCE(k.acting_id, c.collector_id) AS acting, p.user_id AS salesperson
                     FROM cartera_customer c
                     JOIN res_partner p ON p.id = c.partner_id
                     JOIN (SELECT q.commercial_partner_id AS partner, l.currency_id,
                                  COALESCE(l.date_maturity, l.date) AS due, l.amount_residual_currency AS open
                             FROM account_move_line l JOIN res_partner q ON q.id = l.partner_id
                            WHERE l.company_id = %(company)s AND l.parent_state = 'posted'
                              AND l.reconciled IS NOT TRUE AND %(trade)s) x ON x.partner = c.partner_id
                LEFT JOIN cartera_collection_case k ON k.customer_id = c.id AND k.stage <> 'closed'
                LEFT JOIN (SELECT a.customer_id, MAX(a.done_date) AS contact FROM cartera_collection_action a
                            WHERE a.state IN ('sent', 'done', 'replied') AND a.channel = ANY(%(contacts)s)
                         GROUP BY a.customer_id) last ON last.customer_id = c.id
                    WHERE c.company_id = %(company)s AND %(condition)s AND %(silent)s
                 GROUP BY c.id, c.partner_id, x.currency_id, last.contact, k.acting_id, p.user_id
                   HAVING %(having)s
                 ORDER BY MIN(CASE WHEN x.open > 0 THEN x.due END), c.id, x.currency_id""",
                company=company.id,
                trade=self.env["cartera.customer"]._trade_accounts(),
                contacts=list(CONTACTS),
                condition=condition,
                silent=silent,
                having=having,
            )
        )
        partners = self.env["res.partner"].browse({row["partner"] for row in rows})
        partners.fetch(["display_name"])
        return rows

    @api.model
    def _send_one(self, user, company, kind, day, rows):
        lang = user.lang or self.env.lang
        here = self.with_context(lang=lang)
        totals = defaultdict(float)
        for row in rows:
            totals[row["currency"]] += float(row["amount"])
        currency = self.env["res.currency"].browse
        label = dict(here._fields["kind"]._description_selection(here.env))[kind]
        body = here.env["ir.qweb"]._render(
            "cartera_cobranza.collection_alert",
            {
                "label": label,
                "kind": kind,
                "company": company,
                "day": day,
                "rows": [
                    {
                        **row,
                        "partner": self.env["res.partner"].browse(row["partner"]),
                        "currency": currency(row["currency"]),
                        "days": max((day - row["due"]).days, 0) if row["due"] else 0,
                    }
                    for row in rows
                ],
                "totals": [
                    (currency(one), amount) for one, amount in sorted(totals.items())
                ],
            },
        )
        mail = self.env["mail.mail"]._cartera_make_internal(
            user, company, f"{company.name}: {label}", body
        )
        return self.sudo().create(
            {
                "user_id": user.id,
                "company_id": company.id,
                "kind": kind,
                "date": day,
                "customer_count": len({row["customer"] for row in rows}),
                "mail_id": mail.id,
            }
        )
