from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..calc import forecast as calc
from ..calc.money import ZERO, to_decimal
from .figure import Figure, MoneyFigure

COMPARED_WEEKS = 13


class CarteraForecastWeek(models.Model):
    """A week of a forecast beside what came in: the error is told once the week is over."""

    _name = "cartera.forecast.week"
    _description = "Week of a Forecast"
    _inherit = ["cartera.unmixed"]
    _order = "week, id"
    _log_access = False
    _rec_name = "week"

    forecast_id = fields.Many2one(
        "cartera.forecast", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(string="As Known On", readonly=True)
    week = fields.Date(readonly=True, required=True, help="Monday of the week.")
    ahead = fields.Integer(
        string="Weeks Ahead",
        readonly=True,
        aggregator=None,
        help="0 is the week of the forecast itself.",
    )
    expected = fields.Monetary(
        readonly=True,
        help="In this week: due date plus the customer's usual delay, or the day promised.",
    )
    low = fields.Monetary(
        string="If Late",
        readonly=True,
        help="In this week, if customers pay later than usual by their usual variation.",
    )
    high = fields.Monetary(
        string="If Early",
        readonly=True,
        help="In this week, if customers pay earlier than usual by their usual variation.",
    )
    low_until = fields.Monetary(
        string="Low, Cumulative",
        readonly=True,
        aggregator="max",
        help="What will have come by the end of the week if customers pay late.",
    )
    expected_until = fields.Monetary(
        string="Expected, Cumulative",
        readonly=True,
        aggregator="max",
        help="What will have come by the end of the week as expected.",
    )
    high_until = fields.Monetary(
        string="High, Cumulative",
        readonly=True,
        aggregator="max",
        help="What will have come by the end of the week if customers pay early.",
    )
    due = fields.Monetary(string="By Due Date", readonly=True)
    over = fields.Boolean(string="Is Over", readonly=True)
    actual = MoneyFigure(
        string="Came In",
        readonly=True,
        help="Money applied to what was open on the day of the forecast. Empty until the week is over.",
    )
    received = MoneyFigure(
        string="All Receipts",
        readonly=True,
        help="All the money of customers of the week, for later invoices and on account too.",
    )
    difference = MoneyFigure(
        readonly=True,
        help="What came in less what was expected: below zero, too much was expected.",
    )

    _week_unique = models.UniqueIndex("(forecast_id, week)")

    def _adds_up(self):
        """Several forecasts of the same week expect the same money: it counts once."""
        return SQL(
            "COUNT(*) = COUNT(DISTINCT (%s, %s))",
            self._column("company_id"),
            self._column("week"),
        )


class CarteraForecastAccuracy(models.AbstractModel):
    """Compares forecasts with what came in."""

    _name = "cartera.forecast.accuracy"
    _description = "Accuracy of Forecasts"

    currency_id = fields.Many2one("res.currency")
    weeks_over = fields.Integer(
        string="Weeks Compared", readonly=True, copy=False, aggregator="max"
    )
    error = MoneyFigure(
        string="Mean Error",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Mean absolute error: mean of the absolute differences of the weeks that are over.",
    )
    bias = MoneyFigure(
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Mean of (came in − expected): below zero, too much was expected.",
    )
    error_share = Figure(
        string="Error %",
        digits=(20, 2),
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Sum of the absolute differences / what came in × 100.",
    )
    error_due = MoneyFigure(
        string="Error by Due Dates",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Mean error of a forecast by due dates alone, for comparison.",
    )

    def _compare(self):
        """Write the weeks of these forecasts with what came in, and their errors; a few statements for all."""
        done = self.filtered(lambda one: one.state == "done")
        if not done:
            return
        self.env.flush_all()
        expected = done._expected_weeks()
        actual = done._actual_weeks()
        received = {
            company: self._received_weeks(company, min(mine.mapped("date")))
            for company, mine in done.grouped("company_id").items()
        }
        rows = []
        for forecast in done:
            today = forecast.company_id._cartera_today()
            first = calc.week_of(forecast.date)
            weeks = {first + timedelta(weeks=one) for one in range(COMPARED_WEEKS)}
            figures = expected.get(forecast.id, {})
            came = actual.get(forecast.id, {})
            compared, until = [], dict.fromkeys(calc.VIEWS, ZERO)
            for week in sorted(weeks | set(figures)):
                sums = figures.get(week) or dict.fromkeys(calc.VIEWS, ZERO)
                until = {view: until[view] + sums[view] for view in calc.VIEWS}
                over = week + timedelta(days=7) <= today
                row = dict.fromkeys(("actual", "received", "difference"))
                if over:
                    paid = came.get(week, ZERO)
                    row["actual"] = paid
                    row["received"] = received[forecast.company_id].get(week, ZERO)
                    row["difference"] = paid - sums["expected"]
                    if week < first + timedelta(weeks=COMPARED_WEEKS):
                        compared.append((sums["expected"], sums["due"], paid))
                rows.append((forecast, week, over, sums, until, row))
            forecast._write_errors(compared)
        done._write_weeks(rows)

    def _write_errors(self, compared):
        found = calc.accuracy(compared)

        def value(kpi):
            return None if kpi.value is None else float(kpi.value)

        self.write(
            {
                "weeks_over": len(compared),
                "error": value(found.error),
                "bias": value(found.bias),
                "error_share": value(found.share),
                "error_due": value(found.baseline),
            }
        )

    def _write_weeks(self, rows):
        self.env.cr.execute(
            SQL(
                "DELETE FROM cartera_forecast_week WHERE forecast_id = ANY(%s)",
                list(self.ids),
            )
        )
        columns = list(
            zip(
                *(
                    (
                        forecast.id,
                        forecast.company_id.id,
                        forecast.date,
                        week,
                        (week - calc.week_of(forecast.date)).days // 7,
                        over,
                        sums["low"],
                        sums["expected"],
                        sums["high"],
                        sums["due"],
                        until["low"],
                        until["expected"],
                        until["high"],
                        row["actual"],
                        row["received"],
                        row["difference"],
                    )
                    for forecast, week, over, sums, until, row in rows
                ),
                strict=True,
            )
        )
        names = (
            "forecast_id", "company_id", "date", "week", "ahead", "over", "low", "expected", "high", "due",
            "low_until", "expected_until", "high_until", "actual", "received", "difference",
        )  # fmt: skip
        types = ("int", "int", "date", "date", "int", "bool") + ("numeric",) * 10
        arrays = [
            SQL("%s" + f"::{kind}[]", list(column))
            for kind, column in zip(types, columns, strict=True)
        ]
        self.env.cr.execute(
            SQL(
                "INSERT INTO cartera_forecast_week (%(names)s) SELECT * FROM unnest(%(arrays)s)",
                names=SQL(", ").join(SQL.identifier(name) for name in names),
                arrays=SQL(", ").join(arrays),
            )
        )
        self.env["cartera.forecast.week"].invalidate_model(flush=False)
        self.invalidate_recordset(["week_ids"])

    def _expected_weeks(self):
        """Return {forecast id: {week: {view: amount}}}, orders left out: they were no receivable yet."""
        rows = self.env.execute_query(
            SQL(
                """SELECT forecast_id, week, SUM(expected_company), SUM(high_company), SUM(low_company),
                          SUM(due_company)
                     FROM cartera_forecast_line
                    WHERE forecast_id = ANY(%s) AND week IS NOT NULL AND source <> 'order'
                 GROUP BY 1, 2""",
                list(self.ids),
            )
        )
        weeks = defaultdict(dict)
        for forecast, week, *sums in rows:
            weeks[forecast][week] = dict(
                zip(calc.VIEWS, map(to_decimal, sums), strict=True)
            )
        return weeks

    def _actual_weeks(self):
        """Return {forecast id: {week: amount}}: money applied after the day to what had been posted by then."""
        rows = self.env.execute_query(
            SQL(
                """SELECT f.id, date_trunc('week', p.max_date)::date, SUM(p.amount)
                     FROM cartera_forecast f
                     JOIN (%s) AS p ON p.company_id = f.company_id AND p.date <= f.date AND p.max_date > f.date
                      AND p.max_date < f.date + %s
                    WHERE f.id = ANY(%s)
                 GROUP BY 1, 2""",
                SQL(" UNION ALL ").join(
                    SQL(
                        "SELECT %s AS company_id, a.date, a.max_date, a.amount FROM (%s) AS a",
                        company.id,
                        self.env["cartera.kpi.gather"]._applied_sql(
                            company, SQL("r.max_date > %s", min(mine.mapped("date")))
                        ),
                    )
                    for company, mine in self.grouped("company_id").items()
                ),
                (COMPARED_WEEKS + 1) * 7,
                list(self.ids),
            )
        )
        weeks = defaultdict(dict)
        for forecast, week, amount in rows:
            weeks[forecast][week] = to_decimal(amount)
        return weeks

    @api.model
    def _received_weeks(self, company, since):
        """Return {week: all money of customers}."""
        Kpi = self.env["cartera.kpi.gather"]
        rows = self.env.execute_query(
            SQL(
                """SELECT date_trunc('week', l.date)::date, -SUM(l.balance)
                     FROM account_move_line l
                     JOIN account_move m ON m.id = l.move_id
                     JOIN account_journal j ON j.id = m.journal_id
                    WHERE l.parent_state = 'posted' AND l.company_id = %s AND l.date >= %s AND %s AND %s
                 GROUP BY 1""",
                company.id,
                calc.week_of(since),
                Kpi._trade(),
                Kpi._money(),
            )
        )
        return {week: to_decimal(amount) for week, amount in rows}
