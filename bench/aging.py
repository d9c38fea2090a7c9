"""The aged balance of all customers, as of today and of a year ago (d1, d2)."""

from datetime import timedelta

from odoo.tools import SQL

from . import oca_reports
from .measure import Contestant, race
from .positions import _row

TARGET = 2.0
CENT = 0.005
BUCKETS = 6
# what the contestant that ran last has found
_LAST = {}


def aged(books, runs):
    """Age every open item, beside the same by hand."""
    rows = []
    for work, days in (("aging today", 0), ("aging a year ago", 365)):
        ours = Contestant(
            "suite, _customers", books.suite, _suite, _ago(days), answer=_suite_told
        )
        data = Contestant("suite, rows", books.suite, _suite_rows, _ago(days))
        bare = Contestant("bare SQL", books.suite, _bare, _ago(days), answer=_bare_told)
        contestants = [ours, data, bare]
        if books.oca:
            contestants.append(oca_reports.aged(books, days))
        race(contestants, runs)
        _compare(work, ours.result, bare.result)
        if books.oca:
            _compare_total(work, bare.result, contestants[-1].result)
        rows += [_row(work, books, one, bare, TARGET) for one in contestants]
    return rows


def _ago(days):
    return lambda env: env.company._cartera_today() - timedelta(days=days)


def _question(env, day):
    return env["cartera.aging.report"]._question({"as_of": day.isoformat()})


def _suite(env, day):
    question = _question(env, day)
    _LAST["found"] = question, env["cartera.aging.report"]._customers(question)


def _suite_told(_env):
    question, found = _LAST.pop("found")
    buckets = question.profile._sorted_buckets().ids
    return [
        float(sum(one.buckets.get(bucket, 0) for one in found)) for bucket in buckets
    ] + [float(sum(one.credit for one in found))]


def _suite_rows(env, day):
    env["cartera.aging.report"]._rows(_question(env, day))


def _bare(env, day):
    _LAST["found"] = env.execute_query(_aged_sql(env, day))


def _bare_told(_env):
    rows = _LAST.pop("found")
    return [
        float(sum(row[column] or 0 for row in rows)) for column in range(1, BUCKETS + 2)
    ]


def _compare(work, suite, bare):
    wrong = [
        (mine, theirs)
        for mine, theirs in zip(suite, bare, strict=True)
        if abs(mine - theirs) >= CENT
    ]
    if wrong or not any(suite):
        raise SystemExit(f"NOT EQUAL: {work}: {wrong[:3]}")
    print(f"  {work}: equal to the cent, {sum(suite):,.2f} open")


def _compare_total(work, bare, oca):
    """OCA's report sorts credits by age too: only what is open in all can be compared."""
    if abs(sum(bare) - oca) >= CENT:
        print(f"  ! {work}: OCA has {oca:,.2f} open, not {sum(bare):,.2f}")


def _aged_sql(env, day):
    """Return a query of one row a customer: its buckets, and its credits.

    The generated books have no entry with a date to come and none back in draft, so what is open today is the
    stored residual; on a past day it is the balance less the reconciliations up to then.
    """
    trade = SQL(
        "l.parent_state = 'posted' AND l.company_id = %s AND l.account_id = ANY(ARRAY(SELECT id FROM account_account"
        " WHERE account_type = 'asset_receivable' AND non_trade IS NOT TRUE))",
        env.company.id,
    )
    if day >= env.company._cartera_today():
        source = SQL(
            "SELECT l.partner_id, l.date_maturity AS due, l.amount_residual AS open FROM account_move_line l"
            " WHERE l.reconciled IS NOT TRUE AND %s",
            trade,
        )
    else:
        source = SQL(
            """SELECT l.partner_id, l.date_maturity AS due,
                      l.balance - COALESCE(d.amount, 0) + COALESCE(c.amount, 0) AS open
                 FROM account_move_line l
            LEFT JOIN (SELECT debit_move_id AS id, SUM(amount) AS amount FROM account_partial_reconcile
                        WHERE max_date <= %(day)s GROUP BY debit_move_id) d ON d.id = l.id
            LEFT JOIN (SELECT credit_move_id AS id, SUM(amount) AS amount FROM account_partial_reconcile
                        WHERE max_date <= %(day)s GROUP BY credit_move_id) c ON c.id = l.id
                WHERE l.date <= %(day)s AND %(trade)s""",
            day=day,
            trade=trade,
        )
    late = SQL("%s - i.due", day)
    return SQL(
        """SELECT i.partner_id,
                  SUM(i.open) FILTER (WHERE i.open > 0 AND %(late)s <= 0),
                  SUM(i.open) FILTER (WHERE i.open > 0 AND %(late)s BETWEEN 1 AND 30),
                  SUM(i.open) FILTER (WHERE i.open > 0 AND %(late)s BETWEEN 31 AND 60),
                  SUM(i.open) FILTER (WHERE i.open > 0 AND %(late)s BETWEEN 61 AND 90),
                  SUM(i.open) FILTER (WHERE i.open > 0 AND %(late)s BETWEEN 91 AND 120),
                  SUM(i.open) FILTER (WHERE i.open > 0 AND %(late)s > 120),
                  SUM(i.open) FILTER (WHERE i.open < 0)
             FROM (%(source)s) AS i WHERE i.open <> 0 GROUP BY i.partner_id""",
        late=late,
        source=source,
    )
