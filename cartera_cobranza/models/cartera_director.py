from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from .cartera_kpi import AT_LEAST

TREND = 13  # months, so that the month of a year ago is there
WEEKS = 9
SEES_ALL = (
    "cartera_cobranza.group_collector",
    "account.group_account_readonly",
    "account.group_account_invoice",
)
TILES = (
    ("dso", "standard"),
    ("dso", "best_possible"),
    ("cei", "single_period"),
    ("days_late", "weighted_paid"),
    ("collected_of_billed", "month"),
    ("promise_kept", "count"),
    ("dispute_rate", "amount"),
    ("overdue_share", "over_90"),
)
HOLDS = (("override", "of_released"), ("hold_cycle", "released_mean"))
LINES = (
    ("receivable", "ledger"),
    ("overdue", "past_due"),
    ("billed", "month"),
    ("collected", "month"),
)


class CarteraDirector(models.AbstractModel):
    """Puts together what the finance director looks at in the evening; nothing is computed here but sums.

    The aging comes from ``cartera.aging.report``, key figures and their history from ``cartera.kpi``, the weeks from
    the newest forecast, holds from the desk. Each figure carries its formula.
    """

    _name = "cartera.director"
    _description = "Director's Screen"

    @api.model
    def action_show(self, options=None):
        """Return what the director's screen shows of a company.

        :param options: {company_id}
        :raise AccessError: for users who see own customers only, or another company's
        """
        options = options or {}
        if not any(self.env.user.has_group(group) for group in SEES_ALL):
            raise AccessError(
                self.env._(
                    "This screen shows all customers of the company. Ask the credit manager for the role of a "
                    "collector, or look at the aging of your own customers."
                )
            )
        Report = self.env["cartera.aging.report"]
        aging = Report.action_show(
            {"company_id": options.get("company_id") or self.env.company.id}
        )
        company = self.env["res.company"].browse(aging["company_id"])
        month = company._cartera_today().replace(day=1)
        trend = self._trend(company, month)
        return {
            "aging": aging,
            "overdue_share": aging["overdue_share"],
            "month": fields.Date.to_string(month),
            "tiles": self._tiles(company, month, trend),
            "trend": self._trend_rows(month, trend),
            "formulas": self._formulas(),
            "holds": self._holds(company, month, trend),
            "forecast": self._forecast(company),
        }

    # Key figures

    def _trend(self, company, month):
        """Return {(code, variant): {month: row as a dictionary}} of all customers, in one query."""
        wanted = {*TILES, *LINES, *HOLDS}
        rows = self.env["cartera.kpi"].search_fetch(
            [
                ("company_id", "=", company.id),
                ("dimension", "=", "company"),
                ("date_from", ">=", month - relativedelta(months=TREND - 1)),
                ("code", "in", sorted({code for code, _variant in wanted})),
            ]
        )
        found = {}
        for row in rows:
            key = (row.code, row.variant.removesuffix(AT_LEAST))
            if key in wanted:
                found.setdefault(key, {})[row.date_from] = row
        return found

    def _tile(self, key, month, trend):
        history = trend.get(key, {})
        now, before = history.get(month), history.get(month - relativedelta(months=1))
        indicator = (now or before).indicator_id if now or before else None
        if not indicator:
            return None
        changed = (
            now.value - before.value
            if now and before and now.value is not False and before.value is not False
            else None
        )
        better = {"up": 1, "down": -1}.get(indicator.good, 0)
        months = [
            month - relativedelta(months=back) for back in range(TREND - 1, -1, -1)
        ]
        return {
            "indicator_id": indicator.id,
            "code": indicator.code,
            "name": indicator.name,
            "variant": indicator.variant_name,
            "formula": indicator._explanation(),
            "text": now.value_text if now else False,
            "before": before.value_text if before else False,
            "tone": "none"
            if not changed or not better
            else "good"
            if changed * better > 0
            else "bad",
            "history": [
                history[one].value
                if one in history and history[one].value is not False
                else None
                for one in months
            ],
        }

    def _tiles(self, company, month, trend):
        return [tile for key in TILES if (tile := self._tile(key, month, trend))]

    def _trend_rows(self, month, trend):
        rows = []
        for back in range(TREND - 1, -1, -1):
            day = month - relativedelta(months=back)
            values = {
                code: trend[code, variant][day].value
                if day in trend.get((code, variant), {})
                else None
                for code, variant in LINES
            }
            if any(value is not None for value in values.values()):
                rows.append({"month": fields.Date.to_string(day), **values})
        return rows

    def _formulas(self):
        """Return {code: explanation} of the amounts on the screen."""
        known = self.env["cartera.kpi.indicator"].search(
            [("code", "in", [code for code, _variant in LINES])]
        )
        return {
            one.code: {"id": one.id, "name": one.name, "text": one._explanation()}
            for one in known
        }

    # Holds

    def _holds(self, company, month, trend):
        """Return what waits in the queue, and what was released in the month; None for who sees no holds."""
        if not self.env["cartera.credit.hold"].has_access("read"):
            return None
        rows = self.env["cartera.credit.hold"]._read_group(
            [("company_id", "=", company.id), ("state", "in", ("held", "ready"))],
            [],
            ["__count", "amount:sum"],
        )
        count, amount = rows[0]
        return {
            "count": count,
            "amount": amount or 0.0,
            "override": self._tile(HOLDS[0], month, trend),
            "cycle": self._tile(HOLDS[1], month, trend),
        }

    # Forecast

    def _forecast(self, company):
        """Return the weeks of the newest forecast, what has no date, and how good it was."""
        Forecast = self.env["cartera.forecast"]
        forecast = Forecast._latest(company)
        if not forecast:
            return None
        weeks = [
            {
                "week": fields.Date.to_string(one.week),
                "low": one.low_until,
                "expected": one.expected,
                "high": one.high_until,
            }
            for one in forecast.week_ids
        ]
        shown, later = weeks[:WEEKS], weeks[WEEKS:]
        measured = Forecast.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "done"),
                ("weeks_over", ">", 0),
            ],
            order="weeks_over desc, date desc",
            limit=1,
        )
        return {
            "id": forecast.id,
            "date": fields.Date.to_string(forecast.date),
            "weeks": shown,
            "later": sum(one["expected"] for one in later),
            "undated": forecast.disputed + forecast.in_legal,
            "total": forecast.total,
            "delay": forecast.delay,
            "spread": forecast.spread,
            "measured": measured
            and {
                "id": measured.id,
                "date": fields.Date.to_string(measured.date),
                "weeks": measured.weeks_over,
                "error": measured.error,
                "bias": measured.bias,
                "share": measured.error_share,
            }
            or None,
        }
