"""The key figures of a month and the forecast of receipts, beside the same counting in bare SQL."""

from datetime import timedelta

from odoo.tools import SQL

from .aging import CENT, _aged_sql
from .measure import Contestant, race
from .positions import _row

TARGET = 4.0
# amounts are put on days one by one, exactly, in four views, and the lines are written; bare SQL writes nothing
FORECAST_TARGET = 20.0
_LAST = {}


def month(books, runs):
    """Compute and write all key figures of the last month, beside its balances and sums alone."""
    ours = Contestant(
        "suite, _compute_months", books.suite, _suite, _month, answer=_told
    )
    bare = Contestant("bare SQL", books.suite, _bare, _month, answer=_told)
    race([ours, bare], runs)
    if abs(ours.result - bare.result) >= CENT or not ours.result:
        raise SystemExit(f"NOT EQUAL: receivable {ours.result} {bare.result}")
    print(f"  key figures: receivable equal to the cent, {ours.result:,.2f}")
    return [_row("key figures", books, one, bare, TARGET) for one in (ours, bare)]


def receipts(books, runs):
    """Compute and write the forecast of today, beside the open items by week of their due date."""
    ours = Contestant("suite, _make", books.suite, _forecast, _today, answer=_told)
    bare = Contestant("bare SQL", books.suite, _bare_weeks, _today, answer=_told)
    race([ours, bare], runs)
    if abs(ours.result - bare.result) >= CENT or not ours.result:
        raise SystemExit(f"NOT EQUAL: open {ours.result} {bare.result}")
    print(f"  forecast: the sum is the receivable to the cent, {ours.result:,.2f}")
    return [_row("forecast", books, one, bare, FORECAST_TARGET) for one in (ours, bare)]


def _today(env):
    return env.company._cartera_today()


def _month(env):
    return (_today(env).replace(day=1) - timedelta(days=1)).replace(day=1)


def _told(_env):
    return _LAST["answer"]


def _suite(env, first):
    figures = env["cartera.kpi"].sudo()
    figures._compute_months(env.company, [first])
    _LAST["answer"] = figures._of_month(env.company, first)[
        "receivable", "ledger"
    ].value


def _bare(env, first):
    """The three balances of the month by age, its sales, its receipts and what came due: without the desk's work."""
    last = figures_end(env, first)
    window = (first - timedelta(days=40)).replace(day=1) - timedelta(days=1)
    total = 0.0
    for day in (window, first - timedelta(days=1), last):
        rows = env.execute_query(_aged_sql(env, day))
        total = sum(float(sum(amount or 0 for amount in row[1:])) for row in rows)
    env.execute_query(
        SQL(
            """SELECT date_trunc('month', l.date), m.move_type, SUM(l.balance)
                 FROM account_move_line l
                 JOIN account_move m ON m.id = l.move_id
                 JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                WHERE l.company_id = %s AND l.parent_state = 'posted' AND l.date BETWEEN %s AND %s
             GROUP BY 1, 2""",
            env.company.id,
            first - timedelta(days=700),
            last,
        )
    )
    env.execute_query(
        SQL(
            """SELECT l.partner_id, SUM(r.amount), SUM(r.amount * (r.max_date - l.date_maturity))
                 FROM account_partial_reconcile r
                 JOIN account_move_line l ON l.id = r.debit_move_id
                WHERE l.company_id = %s AND r.max_date BETWEEN %s AND %s
             GROUP BY 1""",
            env.company.id,
            first,
            last,
        )
    )
    _LAST["answer"] = total


def figures_end(env, first):
    return env["cartera.kpi"]._last_day(env.company, first)


def _forecast(env, day):
    forecast = env["cartera.forecast"].sudo()._make(env.company, day)
    _LAST["answer"] = forecast.total


def _bare_weeks(env, day):
    """Open items by customer and week of the due date, and the delays of a year by customer."""
    rows = env.execute_query(
        SQL(
            """SELECT l.partner_id, l.currency_id, date_trunc('week', GREATEST(l.date_maturity, %s)),
                      SUM(l.amount_residual)
                 FROM account_move_line l
                 JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                  AND a.non_trade IS NOT TRUE
                WHERE l.company_id = %s AND l.parent_state = 'posted' AND l.reconciled IS NOT TRUE
             GROUP BY 1, 2, 3""",
            day,
            env.company.id,
        )
    )
    env.execute_query(
        SQL(
            """SELECT l.partner_id, SUM(r.amount), SUM(r.amount * (r.max_date - l.date_maturity)),
                      SUM(r.amount * (r.max_date - l.date_maturity) ^ 2)
                 FROM account_partial_reconcile r
                 JOIN account_move_line l ON l.id = r.debit_move_id
                WHERE l.company_id = %s AND r.max_date > %s
             GROUP BY 1""",
            env.company.id,
            day - timedelta(days=365),
        )
    )
    _LAST["answer"] = float(sum(row[3] or 0 for row in rows))
