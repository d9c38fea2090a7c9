import logging
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, format_date

from ..calc import forecast as calc
from ..calc.money import ZERO, to_decimal

_logger = logging.getLogger(__name__)

MAKERS = ("cartera_cobranza.group_credit_executive", "account.group_account_user")
HABIT_DAYS = 365
KEEP_DAYS = 7  # forecasts of every day are kept so long, then the first of each week
WEEKS_BACK = 13  # how many past weeks a company without forecasts gets at once


class CarteraForecast(models.Model):
    """What is expected to come in, week by week, as it was known on a date.

    Made each day and by hand, kept for comparison, and rebuilt from the ledger at any time. Without the orders
    the expected receipts of all weeks, and what has no date, are the open receivable.
    """

    _name = "cartera.forecast"
    _description = "Forecast of Receipts"
    _inherit = ["cartera.guarded", "cartera.forecast.accuracy", "cartera.unmixed"]
    _order = "date desc, company_id, id desc"
    _unmixed_functions = ("sum", "min", "max", "sum_currency")
    _rec_name = "date"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        string="As Known On",
        required=True,
        index=True,
        default=lambda self: self.env.company._cartera_today(),
        help="What was posted, promised and disputed until this day.",
    )
    with_orders = fields.Boolean(
        help="Adds confirmed orders that are still to be invoiced. They are not part of the receivable.",
    )
    state = fields.Selection(
        [("draft", "To compute"), ("done", "Computed")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    computed_at = fields.Datetime(string="Computed On", readonly=True, copy=False)
    total = fields.Monetary(
        string="Open Receivable",
        readonly=True,
        copy=False,
        help="At the exchange rate of the day: the sum of all lines but orders.",
    )
    dated = fields.Monetary(
        string="Expected",
        readonly=True,
        copy=False,
        help="What of it has a week.",
    )
    disputed = fields.Monetary(
        string="In Dispute",
        readonly=True,
        copy=False,
        help="Without a date until the dispute is settled.",
    )
    in_legal = fields.Monetary(
        string="With the Lawyers", readonly=True, copy=False, help="Without a date."
    )
    orders = fields.Monetary(
        readonly=True, copy=False, help="Confirmed, to be invoiced."
    )
    delay = fields.Integer(
        string="Usual Delay",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Days after the due date at which customers pay, weighted by amount, of the last 12 months. Customers "
        "with fewer than three payments are taken to pay like this.",
    )
    spread = fields.Integer(
        string="Give or Take",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Standard deviation of the delay, in days.",
    )
    line_ids = fields.One2many("cartera.forecast.line", "forecast_id", readonly=True)
    week_ids = fields.One2many(
        "cartera.forecast.week", "forecast_id", readonly=True, string="Weeks"
    )

    _day_unique = models.UniqueIndex(
        "(company_id, date)",
        "There is a forecast of that company and day already: compute it again instead.",
    )

    def _adds_up(self):
        """Balances of one day are added up, each company's once; the mean of errors is a figure."""
        return SQL(
            "COUNT(DISTINCT %s) = 1 AND COUNT(*) = COUNT(DISTINCT %s)",
            self._column("date"),
            self._column("company_id"),
        )

    @api.depends("date", "company_id")
    def _compute_display_name(self):
        for forecast in self:
            forecast.display_name = (
                self.env._(
                    "Receipts as known on %s", format_date(self.env, forecast.date)
                )
                if forecast.date
                else False
            )

    @api.constrains("date", "company_id")
    def _check_date(self):
        for forecast in self:
            today = forecast.company_id._cartera_today()
            if forecast.date > today:
                raise ValidationError(
                    self.env._(
                        "What will be known on %(day)s is not known yet: choose a day until today, %(today)s.",
                        day=format_date(self.env, forecast.date),
                        today=format_date(self.env, today),
                    )
                )

    def write(self, vals):
        if {"company_id", "date"} & set(vals) and any(
            one.state == "done" for one in self
        ):
            raise UserError(
                self.env._(
                    "A computed forecast keeps its company and day. Make another one for another day."
                )
            )
        return super().write(vals)

    # Computing

    def action_compute(self):
        """Compute these forecasts as of their days, and compare the weeks that are over (button).

        :raise AccessError: for who is neither a credit executive nor an accountant
        """
        self.check_access("read")
        if not self.env.su and not any(self.env.user.has_group(one) for one in MAKERS):
            raise AccessError(
                self.env._(
                    "Forecasts are computed by credit executives and accountants. Ask one of them."
                )
            )
        self.sudo()._compute_lines()
        return True

    def _compute_lines(self):
        """Gather, calc and write the lines of each forecast; queries flat in the number of customers."""
        self.env.flush_all()
        for forecast in self:
            # a second rebuild at the same time waits here
            self.env.cr.execute(
                SQL(
                    "SELECT id FROM cartera_forecast WHERE id = %s FOR UPDATE",
                    forecast.id,
                )
            )
            parts, habits, everyone = forecast._gather()
            rows = calc.schedule(parts, habits, forecast.date)
            forecast._persist(rows, everyone)
        self._compare()

    def _gather(self):
        """Return (parts, {key: habit}, habit of all); the key is (customer id or 0, currency id)."""
        company, day = self.company_id, self.date
        rounding = to_decimal(company.currency_id.rounding)
        parts = [
            part for item in self._open_items() for part in calc.split(item, rounding)
        ]
        if self.with_orders and day >= company._cartera_today():
            parts += self._order_parts()
        paid = self._paid(company, day)
        everyone = calc.habit(sum(paid.values(), calc.Paid()))
        nothing = calc.Paid()
        habits = {
            key: calc.habit_of(paid.get(key[0], nothing), everyone)
            for key in {part.key for part in parts}
        }
        return parts, habits, everyone

    def _items(self):
        return (
            self.env["cartera.receivable.item"]
            .sudo()
            .with_context(
                cartera_as_of=self.date, cartera_company_id=self.company_id.id
            )
        )

    def _open_items(self):
        """Return the open items of the day as ``calc.Open``, company amounts at the rate of the day."""
        Item = self._items()
        query = Item._search([("company_id", "=", self.company_id.id)])
        names = (
            "id",
            "partner_id",
            "currency_id",
            "date_maturity",
            "residual",
            "residual_revalued",
            "disputed",
            "in_legal",
        )
        columns = [Item._field_to_sql(Item._table, name, query) for name in names]
        query.order = SQL("%s, %s", columns[3], columns[0])
        rows = self.env.execute_query(query.select(*columns))
        residuals = {row[0]: to_decimal(row[4]) for row in rows}
        promised = self._promised(residuals)
        return [
            calc.Open(
                key=(partner or 0, currency),
                due=due,
                document=residuals[item],
                company=to_decimal(revalued),
                disputed=to_decimal(disputed),
                promised=promised.get(item, ()),
                legal=bool(legal),
            )
            for item, partner, currency, due, _residual, revalued, disputed, legal in rows
        ]

    def _promised(self, residuals):
        """Return {item id: [(day, amount)]}: what promises say of the open items, in two statements."""
        Promise = self.env["cartera.payment.promise"]
        rows = self.env.execute_query(
            SQL(
                """SELECT k.promise_id, k.move_line_id, SUM(k.amount)
                     FROM (%s) AS k
                     JOIN account_move_line l ON l.id = k.move_line_id
                 GROUP BY k.promise_id, k.move_line_id, l.date_maturity
                 ORDER BY k.promise_id, l.date_maturity, k.move_line_id""",
                Promise._promised_sql(self.company_id, self.date),
            )
        )
        amounts = defaultdict(dict)
        for promise, item, amount in rows:
            if item in residuals:
                amounts[promise][item] = to_decimal(amount)
        instalments = defaultdict(list)
        for promise, day, amount in self.env.execute_query(
            SQL(
                """SELECT promise_id, date, amount FROM cartera_payment_promise_instalment
                    WHERE promise_id = ANY(%s)""",
                list(amounts),
            )
        ):
            instalments[promise].append((day, to_decimal(amount)))
        promised = defaultdict(list)
        for promise, items in amounts.items():
            left = calc.instalments_left(
                instalments[promise], sum(items.values(), ZERO)
            )
            for item, shares in calc.share_out(items, left).items():
                promised[item] += shares
        return promised

    @api.model
    def _paid(self, company, day):
        """Return {customer id: calc.Paid} of the money that came in the year before ``day``; one statement."""
        Kpi = self.env["cartera.kpi.gather"]
        rows = self.env.execute_query(
            SQL(
                """SELECT COALESCE(contact.commercial_partner_id, 0), COUNT(*), SUM(p.amount),
                          SUM(p.amount * p.days_late), SUM(p.amount * p.days_late * p.days_late)
                     FROM (%s) AS p
                LEFT JOIN res_partner contact ON contact.id = p.partner_id
                 GROUP BY 1""",
                Kpi._applied_sql(
                    company,
                    SQL(
                        "r.max_date > %s AND r.max_date <= %s",
                        day - timedelta(days=HABIT_DAYS),
                        day,
                    ),
                ),
            )
        )
        return {
            partner: calc.Paid(
                count, to_decimal(amount), to_decimal(days), to_decimal(squares)
            )
            for partner, count, amount, days, squares in rows
        }

    def _order_parts(self):
        """Return the orders to be invoiced as parts, in company currency at the rate of the day."""
        company = self.company_id
        rates = self.env["cartera.money"]._rates(company, self.date)
        currency_of = self.env["res.currency"].browse
        return [
            calc.Part(
                key=(partner, currency),
                source="order",
                day=due,
                document=to_decimal(amount),
                company=self.env["cartera.money"]._convert(
                    amount, currency_of(currency), company, self.date, rates
                ),
            )
            for partner, currency, due, amount in self._orders_to_invoice()
        ]

    def _orders_to_invoice(self):
        """Return [(commercial partner id, currency id, day on which it would be due, amount in that currency)].

        A hook: nothing here; the addon of sales adds what confirmed orders will be invoiced for.
        """
        return []

    def _persist(self, rows, everyone):
        """Write the lines in one statement, then the totals."""
        columns = list(
            zip(
                *(
                    (
                        row.key[0] or None,
                        row.key[1],
                        row.week,
                        row.source,
                        *(row.document[view] for view in calc.VIEWS),
                        *(row.company[view] for view in calc.VIEWS),
                    )
                    for row in rows
                ),
                strict=True,
            )
        )
        self.env.cr.execute(
            SQL("DELETE FROM cartera_forecast_line WHERE forecast_id = %s", self.id)
        )
        if columns:
            names = ("partner", "currency", "week", "source")
            measures = [
                f"{view}_{kind}"
                for kind in ("document", "company")
                for view in calc.VIEWS
            ]
            values = dict(zip((*names, *measures), map(list, columns), strict=True))
            self.env.cr.execute(
                SQL(
                    """INSERT INTO cartera_forecast_line
                              (forecast_id, company_id, company_currency_id, date, partner_id, customer_id,
                               collector_id, currency_id, week, source, %(columns)s)
                       SELECT %(forecast)s, %(company)s, %(own)s, %(day)s, n.partner, c.id, c.collector_id, n.currency,
                              n.week, n.source, %(measures)s
                         FROM unnest(%(partner)s::int[], %(currency)s::int[], %(week)s::date[], %(source)s::text[],
                                     %(arrays)s) AS n(partner, currency, week, source, %(columns)s)
                    LEFT JOIN cartera_customer c ON c.partner_id = n.partner AND c.company_id = %(company)s
                     ORDER BY n.week NULLS LAST, n.partner, n.currency, n.source""",
                    columns=SQL(", ").join(SQL.identifier(one) for one in measures),
                    measures=SQL(", ").join(
                        SQL.identifier("n", one) for one in measures
                    ),
                    arrays=SQL(", ").join(
                        SQL("%s::numeric[]", values[one]) for one in measures
                    ),
                    forecast=self.id,
                    company=self.company_id.id,
                    own=self.company_id.currency_id.id,
                    day=self.date,
                    partner=values["partner"],
                    currency=values["currency"],
                    week=values["week"],
                    source=values["source"],
                )
            )
        self.env["cartera.forecast.line"].invalidate_model(flush=False)
        sums = defaultdict(lambda: ZERO)
        for row in rows:
            sums[row.source] += row.company["expected"]
        apart = sums["dispute"] + sums["legal"]
        total = sum(sums.values(), ZERO) - sums["order"]
        self.write(
            {
                "state": "done",
                "computed_at": fields.Datetime.now(),
                "total": float(total),
                "dated": float(total - apart),
                "disputed": float(sums["dispute"]),
                "in_legal": float(sums["legal"]),
                "orders": float(sums["order"]),
                "delay": everyone.delay,
                "spread": everyone.spread,
            }
        )
        self.invalidate_recordset(["line_ids"])

    # Jobs

    @api.model
    def _make(self, company, day):
        """Make or compute again the forecast of a day; the same call twice makes it once."""
        forecast = self.search([("company_id", "=", company.id), ("date", "=", day)])
        if not forecast:
            forecast = self.create({"company_id": company.id, "date": day})
        forecast._compute_lines()
        return forecast

    @api.model
    def _due_days(self, company):
        """Return the days whose forecast is missing: today, and the weeks before when there is none at all."""
        today = company._cartera_today()
        days = [today]
        if not self.search_count([("company_id", "=", company.id)], limit=1):
            entry = self.env["cartera.kpi"]._first_entry(company)
            if not entry:
                return []
            monday = calc.week_of(today)
            days = [
                day
                for back in range(WEEKS_BACK, 0, -1)
                if (day := monday - timedelta(weeks=back)) >= entry
            ] + days
        return days

    @api.model
    def _forget(self, company):
        """Delete forecasts of single days that are older than a week; the first of each week stays."""
        today = company._cartera_today()
        old = self.search(
            [
                ("company_id", "=", company.id),
                ("date", "<", today - timedelta(days=KEEP_DAYS)),
            ],
            order="date",
        )
        kept = set()
        gone = self.browse()
        for forecast in old:
            week = calc.week_of(forecast.date)
            if week in kept:
                gone |= forecast
            kept.add(week)
        gone.unlink()

    @api.model
    def _cron_make(self):
        """Make today's forecasts and compare the past ones; safe to run twice and to kill."""
        companies = self.env["res.company"].search([], order="id")
        self.env.flush_all()
        todo = [
            (company, day) for company in companies for day in self._due_days(company)
        ]
        Cron = self.env["ir.cron"]
        Cron._commit_progress(remaining=len(todo))
        for company, day in todo:
            try:
                forecast = self._make(company, day)
                if day == company._cartera_today():
                    self.search([("company_id", "=", company.id)])._compare()
                    self._forget(company)
                _logger.info(
                    "Forecast of %s on %s: %s", company.name, day, forecast.total
                )
            except (UserError, ValidationError) as error:
                self.env.cr.rollback()
                _logger.warning(
                    "Forecast of %s on %s was not computed: %s",
                    company.name,
                    day,
                    error,
                )
            if not Cron._commit_progress(1):
                break

    # Doors

    @api.model
    def action_today(self):
        """Compute today's forecast of the company and open it (button, menu)."""
        company = self.env.company
        self.check_access("read")
        day = company._cartera_today()
        forecast = self.search([("company_id", "=", company.id), ("date", "=", day)])
        if not forecast and any(self.env.user.has_group(one) for one in MAKERS):
            forecast = self.sudo()._make(company, day).sudo(False)
        if not forecast:
            forecast = self.search([("company_id", "=", company.id)], limit=1)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Forecast of Receipts"),
            "res_model": self._name,
            "res_id": forecast.id,
            "views": [(False, "form")],
        }

    def action_open_lines(self):
        """Open the lines of these forecasts (button)."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Expected Receipts"),
            "res_model": "cartera.forecast.line",
            "views": [(False, "pivot"), (False, "graph"), (False, "list")],
            "domain": [("forecast_id", "in", self.ids)],
        }

    def action_open_items(self):
        """Open the open items as of the day of this forecast (button)."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open items on %s", format_date(self.env, self.date)),
            "res_model": "cartera.receivable.item",
            "views": [(False, "list"), (False, "pivot")],
            "domain": [("company_id", "=", self.company_id.id)],
            "context": {"cartera_as_of": fields.Date.to_string(self.date)},
        }

    def action_export(self):
        """Download the workbook for the cash-flow plan (button)."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/cartera/forecast.xlsx?forecast_id={self.id}",
            "target": "download",
        }

    @api.model
    def _latest(self, company, day=None):
        """Return the newest computed forecast of a company, until a day."""
        domain = [("company_id", "=", company.id), ("state", "=", "done")]
        if day:
            domain.append(("date", "<=", day))
        return self.search(domain, order="date desc", limit=1)
