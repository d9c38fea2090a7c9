import logging
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount, format_date, formatLang

from ..calc import kpi_month
from ..calc.forecast import week_of
from ..calc.kpi_month import Figures
from .cartera_director import SEES_ALL
from .cartera_kpi import AT_LEAST

_logger = logging.getLogger(__name__)

WEEK = timedelta(days=7)
# figures of the seven days, not of the month so far
OF_WEEK = ("billed", "collected")
LINKS = (
    ("cartera_cobranza.cartera_director_action", "receivables-today"),
    ("cartera_cobranza.cartera_kpi_action", "key-figures"),
    ("cartera_cobranza.cartera_forecast_action", "receipts-forecast"),
)


class CarteraDigest(models.Model):
    """The weekly e-mail with key figures that a user asked for; written when it is sent, once for a week."""

    _name = "cartera.digest"
    _description = "Weekly Key Figures"
    _order = "week desc, id desc"
    _rec_name = "week"

    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    week = fields.Date(required=True, readonly=True, help="Monday of the week.")
    mail_id = fields.Many2one("mail.mail", readonly=True, ondelete="set null")

    _once_a_week = models.UniqueIndex(
        "(user_id, company_id, week)", "This week's e-mail was sent already."
    )

    @api.model
    def _cron_send(self):
        """Send this week's figures to those who asked for them; safe to run twice and to kill."""
        companies = self.env["res.company"].search([], order="id")
        Cron = self.env["ir.cron"]
        Cron._commit_progress(remaining=len(companies))
        for company in companies:
            try:
                sent = self._send_for(company)
                if sent:
                    _logger.info(
                        "Sent %s weekly figures of %s", len(sent), company.name
                    )
            except UserError as error:
                self.env.cr.rollback()
                _logger.warning(
                    "Weekly figures of %s were not sent: %s", company.name, error
                )
            if not Cron._commit_progress(1):
                break

    @api.model
    def _send_for(self, company, day=None):
        """Send the figures of a company to those who want them and did not get this week's yet. Never commits."""
        day = day or company._cartera_today()
        users = self._receivers(company, week_of(day))
        if not users:
            return self.browse()
        figures = self._figures(company, day)
        sent = self.browse()
        for user in users:
            sent |= self._send_one(user, company, day, figures)
        return sent

    @api.model
    def _receivers(self, company, week):
        users = self.env["res.users"].search(
            [
                ("cartera_digest", "=", True),
                ("share", "=", False),
                ("company_ids", "in", company.ids),
                ("email", "!=", False),
            ],
            order="id",
        )
        got = self.search(
            [("company_id", "=", company.id), ("week", "=", week)]
        ).user_id
        return (users - got).filtered(
            lambda user: any(user.has_group(group) for group in SEES_ALL)
        )

    # Gather and calc

    @api.model
    def _figures(self, company, day):
        """Return [(indicator, now, a week ago)] with values as Decimal or None; the same statements for both."""
        self.env.flush_all()
        indicators = self.env["cartera.kpi.indicator"].search([("weekly", "=", True)])
        now, before = (self._figures_on(company, one) for one in (day, day - WEEK))
        return [
            (one, now.get((one.code, one.variant)), before.get((one.code, one.variant)))
            for one in indicators
        ]

    @api.model
    def _figures_on(self, company, day):
        """Return {(code, variant): value} of the month so far on a day; what is billed and collected of its week."""
        Kpi = self.env["cartera.kpi"]
        first = day.replace(day=1)
        counted = kpi_month.total(Kpi._gather(company, first, day).values())
        found = {
            (one.code, one.variant.removesuffix(AT_LEAST)): one.value
            for one in kpi_month.key_figures(counted, Kpi._month_days(first, day))
        }
        week = defaultdict(Figures)
        for source in ("_count_sales", "_count_collected"):
            getattr(Kpi, source)(week, company, day - WEEK + timedelta(days=1), day)
        whole = kpi_month.total(week.values())
        for code in OF_WEEK:
            found[code, "month"] = getattr(whole, code)
        return found

    # Show

    @api.model
    def _format(self, indicator, value, company, signed=False):
        if value is None:
            return ""
        sign = "+" if signed and value > 0 else ""
        if indicator.unit == "amount":
            return sign + format_amount(self.env, float(value), company.currency_id)
        number = sign + formatLang(self.env, float(value), digits=1)
        if signed:
            return number
        return (
            self.env._("%s %%", number)
            if indicator.unit == "percent"
            else self.env._("%s days", number)
        )

    @api.model
    def _rows(self, company, figures):
        rows = []
        for indicator, now, before in figures:
            indicator = indicator.with_env(self.env)
            changed = None if now is None or before is None else now - before
            if changed is not None:
                changed = round(changed, 2 if indicator.unit == "amount" else 1)
            better = {"up": 1, "down": -1}.get(indicator.good, 0)
            name = indicator.name
            if indicator.code in OF_WEEK:
                name = self.env._("%s, last seven days", name)
            rows.append(
                {
                    "name": name,
                    "variant": indicator.variant_name
                    if indicator.code not in OF_WEEK
                    else self.env._("of the week"),
                    "formula": indicator.formula,
                    "now": self._format(indicator, now, company),
                    "before": self._format(indicator, before, company),
                    "change": self._format(indicator, changed, company, signed=True)
                    if changed
                    else "",
                    "color": "#6c757d"
                    if not changed or not better
                    else "#198754"
                    if changed * better > 0
                    else "#dc3545",
                }
            )
        return rows

    @api.model
    def _expected(self, company, day):
        """Return the receipts that the newest forecast expects in this week and the next."""
        forecast = self.env["cartera.forecast"].sudo()._latest(company, day)
        week = week_of(day)
        rows = self.env.execute_query(
            SQL(
                """SELECT week, SUM(expected_company) FROM cartera_forecast_line
                    WHERE forecast_id = %s AND source <> 'order' AND week = ANY(%s) GROUP BY week ORDER BY week""",
                forecast.id or None,
                [week, week + WEEK],
            )
        )
        return [
            (
                format_date(self.env, start),
                format_amount(self.env, float(amount), company.currency_id),
            )
            for start, amount in rows
        ]

    @api.model
    def _links(self, company):
        """Return [(label, address)] of the screens behind the figures."""
        base = self.get_base_url()
        return [
            (
                self.env.ref(xml_id).with_env(self.env).sudo().name,
                f"{base}/odoo/{path}?cids={company.id}",
            )
            for xml_id, path in LINKS
        ]

    @api.model
    def _send_one(self, user, company, day, figures):
        here = self.with_context(lang=user.lang or self.env.lang, tz=user.tz)
        subject = here.env._(
            "%(company)s: receivables of the week to %(day)s",
            company=company.name,
            day=format_date(here.env, day),
        )
        body = here.env["ir.qweb"]._render(
            "cartera_cobranza.kpi_digest",
            {
                "company": company,
                "day": format_date(here.env, day),
                "last": format_date(here.env, day - WEEK),
                "rows": here._rows(company, figures),
                "weeks": here._expected(company, day),
                "links": here._links(company),
            },
        )
        mail = self.env["mail.mail"]._cartera_make_internal(
            user, company, subject, body
        )
        return self.sudo().create(
            {
                "user_id": user.id,
                "company_id": company.id,
                "week": week_of(day),
                "mail_id": mail.id,
            }
        )
