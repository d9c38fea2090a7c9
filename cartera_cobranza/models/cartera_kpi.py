import logging
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_amount, format_date, formatLang

from ..calc import kpi_month
from .figure import Figure

_logger = logging.getLogger(__name__)

MAKERS = ("cartera_cobranza.group_credit_executive", "account.group_account_user")
HISTORY = 24  # months that are computed when a company has none
AGAIN = 3  # closed months that are computed again each month: entries are dated back
AT_LEAST = "_at_least"


class CarteraKpi(models.Model):
    """A key figure of a company in a month: of all customers, of a collector's, or of a segment's.

    A copy of what the ledger and the desk's own documents say, rebuilt at any time. Gather, calc
    (``calc.kpi_month``), persist; computed again it replaces itself.
    """

    _name = "cartera.kpi"
    _description = "Key Figure of a Month"
    _inherit = ["cartera.kpi.gather.work", "cartera.unmixed"]
    _order = "date_from desc, sequence, dimension, id"
    _rec_name = "indicator_id"
    _log_access = False

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(string="Month", required=True, readonly=True, index=True)
    month_name = fields.Char(string="In the Month", compute="_compute_month_name")
    date_to = fields.Date(
        string="Until",
        required=True,
        readonly=True,
        help="The last day that counts: the end of the month, or the day of computing.",
    )
    indicator_id = fields.Many2one(
        "cartera.kpi.indicator",
        string="Key Figure",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    code = fields.Char(required=True, readonly=True, index=True)
    variant = fields.Char(
        string="Variant Code",
        required=True,
        readonly=True,
        help="Which of the formulas in use it was computed by.",
    )
    sequence = fields.Integer(readonly=True, aggregator=None)
    indicator_name = fields.Char(related="indicator_id.name", string="Name")
    unit = fields.Selection(related="indicator_id.unit")
    topic = fields.Selection(related="indicator_id.topic", store=True)
    variant_name = fields.Char(related="indicator_id.variant_name")
    formula = fields.Text(related="indicator_id.formula")
    note = fields.Text(related="indicator_id.note")
    explanation = fields.Text(compute="_compute_explanation")
    dimension = fields.Selection(
        [
            ("company", "All customers"),
            ("collector", "By collector"),
            ("segment", "By segment"),
        ],
        string="Of",
        required=True,
        readonly=True,
        index=True,
    )
    collector_id = fields.Many2one(
        "res.users", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    industry_id = fields.Many2one(
        "res.partner.industry",
        string="Segment",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="The industry of the customers.",
    )
    value = Figure(
        digits=(20, 2),
        readonly=True,
        aggregator="avg",
        help="Empty when the figure does not apply: nothing was sold, nothing came due.",
    )
    numerator = fields.Float(
        digits=(20, 2), readonly=True, help="What is divided, in company currency."
    )
    denominator = fields.Float(
        digits=(20, 2), readonly=True, help="What it is divided by."
    )
    applies = fields.Boolean(
        readonly=True, help="There is a figure: nothing is divided by zero."
    )
    value_text = fields.Char(string="Figure", compute="_compute_value_text")
    computed_at = fields.Datetime(string="Computed On", readonly=True)

    _row_unique = models.UniqueIndex(
        "(company_id, date_from, indicator_id, dimension, COALESCE(collector_id, 0), COALESCE(industry_id, 0))"
    )

    @api.depends("indicator_id")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for row in self:
            row.explanation = row.indicator_id._explanation()

    @api.depends("date_from")
    @api.depends_context("lang")
    def _compute_month_name(self):
        for row in self:
            row.month_name = format_date(
                self.env, row.date_from, date_format="MMMM yyyy"
            )

    @api.depends("value", "unit", "variant", "currency_id")
    @api.depends_context("lang")
    def _compute_value_text(self):
        for row in self:
            row.value_text = row._format(row.value)

    def _format(self, value):
        """Return a value of this figure as people read it; nothing when it does not apply."""
        self.ensure_one()
        if value is None or value is False:
            return False
        if self.unit == "amount":
            return format_amount(self.env, value, self.currency_id)
        number = formatLang(self.env, value, digits=1)
        text = (
            self.env._("%s %%", number)
            if self.unit == "percent"
            else self.env._("%s days", number)
        )
        return f"≥ {text}" if self.variant.endswith(AT_LEAST) else text

    def _adds_up(self):
        """Figures of other kinds, months, collectors or companies are never added up, nor is their mean a figure."""
        return SQL("COUNT(*) = 1")

    # Computing

    def action_compute(self, company_id=None, date_from=None, date_to=None):
        """Compute figures again from the ledger, month by month (button, RPC).

        :param company_id: the company; without one, those and the months of these rows
        :param date_from: a day in the first month; the present month by default
        :param date_to: a day in the last month; the first month by default
        :return: True
        :raise AccessError: for who is neither a credit executive nor an accountant, or not of the company
        """
        if not self.env.su and not any(self.env.user.has_group(one) for one in MAKERS):
            raise AccessError(
                self.env._(
                    "Key figures are computed by credit executives and accountants. Ask one of them."
                )
            )
        if company_id or not self:
            company = (
                self.env["res.company"].browse(company_id).exists()
                if company_id
                else self.env.company
            )
            if not self.env.su and company not in self.env.companies:
                raise AccessError(
                    self.env._(
                        "You are not working in that company. Choose it at the top right and try again."
                    )
                )
            wanted = {company: self._months_between(company, date_from, date_to)}
        else:
            self.check_access("read")
            wanted = {
                company: sorted(set(rows.mapped("date_from")))
                for company, rows in self.grouped("company_id").items()
            }
        for company, months in wanted.items():
            self.sudo()._compute_months(company, months)
        return True

    @api.model
    def _months_between(self, company, date_from, date_to):
        today = company._cartera_today()
        try:
            first = fields.Date.to_date(date_from) or today
            last = fields.Date.to_date(date_to) or first
        except (TypeError, ValueError) as error:
            raise UserError(
                self.env._(
                    "%(first)s and %(last)s must be days. Enter them as 2026-03-31.",
                    first=date_from,
                    last=date_to,
                )
            ) from error
        if last.replace(day=1) > today or first > last:
            raise UserError(
                self.env._(
                    "Key figures from %(first)s to %(last)s cannot be known. Choose months until today, %(today)s, "
                    "the first one first.",
                    first=format_date(self.env, first),
                    last=format_date(self.env, last),
                    today=format_date(self.env, today),
                )
            )
        first, months = first.replace(day=1), []
        while first <= last:
            months.append(first)
            first += relativedelta(months=1)
        return months

    @api.model
    def _compute_months(self, company, months):
        """Compute months of a company; queries flat in the number of customers. Never commits."""
        self.env.flush_all()
        balances = {}
        for first in months:
            last = self._last_day(company, first)
            counted = self._gather(company, first, last, balances)
            days = self._month_days(first, last)
            self._persist(company, first, last, counted, days)
        self.invalidate_model(flush=False)

    @api.model
    def _last_day(self, company, first):
        return min(first + relativedelta(day=31), company._cartera_today())

    @api.model
    def _month_days(self, first, last):
        """Return the days of the month and of those before it, the latest first."""
        days = [(last - first).days + 1]
        for _number in range(HISTORY - 1):
            before = first - timedelta(days=1)
            first = before.replace(day=1)
            days.append(before.day)
        return days

    @api.model
    def _scopes(self, counted):
        """Return [(dimension, collector id, industry id, figures)] from figures by (collector, industry)."""
        scopes = [("company", None, None, kpi_month.total(counted.values()))]
        collectors = sorted({one for one, _industry in counted if one})
        industries = sorted({one for _collector, one in counted if one})
        scopes += [
            (
                "collector",
                one,
                None,
                kpi_month.total(it for key, it in counted.items() if key[0] == one),
            )
            for one in collectors
        ]
        scopes += [
            (
                "segment",
                None,
                one,
                kpi_month.total(it for key, it in counted.items() if key[1] == one),
            )
            for one in industries
        ]
        return scopes

    @api.model
    def _persist(self, company, first, last, counted, days):
        """Write the rows of a month in one statement, and take away those that are no more."""
        known = self.env["cartera.kpi.indicator"]._by_formula()
        now = fields.Datetime.now()
        rows = []
        for dimension, collector, industry, figures in self._scopes(counted):
            for found in kpi_month.key_figures(figures, days):
                indicator = known.get(
                    (found.code, found.variant.removesuffix(AT_LEAST))
                )
                nothing = found.value is None and not found.numerator
                if not indicator or (nothing and dimension != "company"):
                    continue
                rows.append(
                    (
                        indicator,
                        found.code,
                        found.variant,
                        dimension,
                        collector,
                        industry,
                        found.value,
                        found.numerator,
                        found.denominator,
                    )
                )
        columns = list(zip(*rows, strict=True))
        self.env.cr.execute(
            SQL(
                """INSERT INTO cartera_kpi (company_id, date_from, date_to, computed_at, indicator_id, code, variant,
                          dimension, collector_id, industry_id, value, numerator, denominator, topic, sequence,
                          applies)
                   SELECT %(company)s, %(first)s, %(last)s, %(now)s, n.indicator, n.code, n.variant, n.dimension,
                          n.collector, n.industry, ROUND(n.value, 6), ROUND(n.numerator, 6),
                          ROUND(n.denominator, 6), x.topic, x.sequence, n.value IS NOT NULL
                     FROM unnest(%(indicator)s::int[], %(code)s::text[], %(variant)s::text[], %(dimension)s::text[],
                                 %(collector)s::int[], %(industry)s::int[], %(value)s::numeric[],
                                 %(numerator)s::numeric[], %(denominator)s::numeric[])
                          AS n(indicator, code, variant, dimension, collector, industry, value, numerator,
                               denominator)
                     JOIN cartera_kpi_indicator x ON x.id = n.indicator
                 ORDER BY x.sequence, n.dimension, n.collector, n.industry
                   ON CONFLICT (company_id, date_from, indicator_id, dimension, COALESCE(collector_id, 0),
                                COALESCE(industry_id, 0))
                   DO UPDATE SET date_to = EXCLUDED.date_to, computed_at = EXCLUDED.computed_at,
                             code = EXCLUDED.code, variant = EXCLUDED.variant, value = EXCLUDED.value,
                             numerator = EXCLUDED.numerator, denominator = EXCLUDED.denominator,
                             topic = EXCLUDED.topic, sequence = EXCLUDED.sequence,
                             applies = EXCLUDED.applies
                RETURNING id""",
                company=company.id,
                first=first,
                last=last,
                now=now,
                **dict(
                    zip(
                        (
                            "indicator", "code", "variant", "dimension", "collector", "industry", "value",
                            "numerator", "denominator",
                        ),
                        map(list, columns),
                        strict=True,
                    )
                ),
            )
        )  # fmt: skip
        written = [row[0] for row in self.env.cr.fetchall()]
        self.env.cr.execute(
            SQL(
                "DELETE FROM cartera_kpi WHERE company_id = %s AND date_from = %s AND id <> ALL(%s)",
                company.id,
                first,
                written,
            )
        )

    # Jobs

    @api.model
    def _first_entry(self, company):
        rows = self.env.execute_query(
            SQL(
                """SELECT MIN(l.date) FROM account_move_line l
                    WHERE l.company_id = %s AND l.parent_state = 'posted' AND %s""",
                company.id,
                self.env["cartera.customer"]._trade_accounts(),
            )
        )
        return rows[0][0]

    @api.model
    def _due_months(self, company, again=0):
        """Return the months to be computed: the present one, what is missing or was computed before it ended.

        :param again: so many closed months are computed again
        """
        entry = self._first_entry(company)
        if not entry:
            return []
        today = company._cartera_today()
        present = today.replace(day=1)
        months = [present - relativedelta(months=back) for back in range(HISTORY)]
        done = dict(
            self.env.execute_query(
                SQL(
                    """SELECT date_from, MAX(date_to) FROM cartera_kpi
                        WHERE company_id = %s AND dimension = 'company' GROUP BY date_from""",
                    company.id,
                )
            )
        )
        return sorted(
            month
            for back, month in enumerate(months)
            if month >= entry.replace(day=1)
            and (
                back <= again
                or month not in done
                or done[month] < month + relativedelta(day=31)
            )
        )

    @api.model
    def _cron_refresh(self):
        """Compute the present month, and months that are missing; safe to run twice and to kill."""
        self._run()

    @api.model
    def _cron_close(self):
        """Compute the last closed months again, for entries are dated back; safe to run twice and to kill."""
        self._run(AGAIN)

    @api.model
    def _run(self, again=0):
        companies = self.env["res.company"].search([], order="id")
        self.env.flush_all()
        todo = [
            (company, month)
            for company in companies
            for month in self._due_months(company, again)
        ]
        Cron = self.env["ir.cron"]
        Cron._commit_progress(remaining=len(todo))
        for company, month in todo:
            try:
                self._compute_months(company, [month])
                _logger.info("Key figures of %s in %s", company.name, month)
            except UserError as error:
                self.env.cr.rollback()
                _logger.warning(
                    "Key figures of %s in %s were not computed: %s",
                    company.name,
                    month,
                    error,
                )
            if not Cron._commit_progress(1):
                break

    # For screens

    @api.model
    def _of_month(self, company, month):
        """Return {(code, variant as of the indicator): row} of all customers in a month."""
        rows = self.search(
            [
                ("company_id", "=", company.id),
                ("date_from", "=", month),
                ("dimension", "=", "company"),
            ]
        )
        return {(row.code, row.variant.removesuffix(AT_LEAST)): row for row in rows}

    def action_open_history(self):
        """Open the history of this figure as a graph (button)."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.indicator_id.name,
            "res_model": "cartera.kpi",
            "views": [(False, "graph"), (False, "list"), (False, "pivot")],
            "domain": [
                ("company_id", "=", self.company_id.id),
                ("indicator_id", "=", self.indicator_id.id),
                ("dimension", "=", self.dimension),
                ("collector_id", "=", self.collector_id.id),
                ("industry_id", "=", self.industry_id.id),
                ("applies", "=", True),
            ],
        }

    def action_open_comparison(self):
        """Open this figure of all collectors or segments beside each other (button)."""
        self.ensure_one()
        self.check_access("read")
        name = "industry_id" if self.dimension == "segment" else "collector_id"
        return {
            "type": "ir.actions.act_window",
            "name": self.indicator_id.name,
            "res_model": "cartera.kpi",
            "views": [(False, "graph"), (False, "list"), (False, "pivot")],
            "domain": [
                ("company_id", "=", self.company_id.id),
                ("indicator_id", "=", self.indicator_id.id),
                ("dimension", "=", self.dimension),
                ("applies", "=", True),
            ],
            "context": {
                "graph_groupbys": ["date_from:month", name],
                "pivot_row_groupby": ["date_from:month"],
                "pivot_column_groupby": [name],
            },
        }
