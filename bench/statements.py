"""The data of 1,000 statements of account: open items (e1), and the movements of two months (e2)."""

from datetime import timedelta

from odoo.tools import SQL

from . import oca_reports
from .measure import Contestant, race
from .positions import _row

TARGET = 2.0
COUNT = 1_000
SPAN = 61  # days of movements
CENT = 0.005
# what the contestant that ran last has found
_LAST = {}


def statements(books, runs):
    """Gather 1,000 statements, beside the same by hand."""
    rows = []
    for form, suite, suite_told, sql, sql_told in (
        ("open", _suite_open, _suite_open_told, _bare_open, _bare_open_told),
        ("movements", _suite_moved, _suite_moved_told, _bare_moved, _bare_moved_told),
    ):
        work = f"data of {COUNT:,} statements, {form}"
        ours = Contestant(
            "suite, _statements", books.suite, suite, _question(form), suite_told
        )
        bare = Contestant("bare SQL", books.suite, sql, _question(form), sql_told)
        contestants = [ours, bare]
        if books.oca:
            contestants.append(oca_reports.statements(books, form, _customers, SPAN))
        race(contestants, runs)
        _compare(work, ours.result, bare.result)
        if form == "open":
            owed = ours.result[0]
        if books.oca and abs(contestants[-1].result - owed) >= CENT:
            print(
                f"  ! {work}: OCA has {contestants[-1].result:,.2f} owed, not {owed:,.2f}"
            )
        rows += [_row(work, books, one, bare, TARGET) for one in contestants]
    return rows


def _customers(env):
    """Return the first thousand customers (ids) with something open."""
    found = env.execute_query(
        SQL(
            """SELECT DISTINCT p.commercial_partner_id FROM account_move_line l
                 JOIN res_partner p ON p.id = l.partner_id
                WHERE l.company_id = %s AND l.reconciled IS NOT TRUE AND l.parent_state = 'posted'
                  AND l.account_id IN (SELECT id FROM account_account WHERE account_type = 'asset_receivable')
             ORDER BY 1 LIMIT %s""",
            env.company.id,
            COUNT,
        )
    )
    return [row[0] for row in found]


def _question(form):
    def prepare(env):
        day = env.company._cartera_today()
        return env["cartera.statement"]._question(
            env.company,
            day,
            form,
            day - timedelta(days=SPAN),
            env["res.partner"].browse(_customers(env)),
        )

    return prepare


def _suite_open(env, question):
    _LAST["found"] = env["cartera.statement"]._statements(question)


def _suite_open_told(_env):
    found = _LAST.pop("found")
    accounts = [account for one in found.values() for account in one.accounts]
    return (
        float(sum(one.open.total for one in accounts)),
        sum(len(one.open.items) for one in accounts),
    )


def _bare_open(env, question):
    _LAST["found"] = env.execute_query(
        SQL(
            """SELECT p.commercial_partner_id, l.currency_id, m.name, m.ref, m.move_type, m.invoice_date,
                      l.date_maturity, l.amount_currency, l.amount_residual_currency
                 FROM account_move_line l JOIN res_partner p ON p.id = l.partner_id
                 JOIN account_move m ON m.id = l.move_id
                WHERE %s AND l.reconciled IS NOT TRUE AND l.date <= %s AND l.amount_residual_currency <> 0
             ORDER BY 1, 2, l.date_maturity, l.id""",
            _of(question),
            question.day,
        )
    )


def _bare_open_told(_env):
    rows = _LAST.pop("found")
    return sum(row[-1] for row in rows), len(rows)


def _suite_moved(env, question):
    _LAST["found"] = env["cartera.statement"]._statements(question)


def _suite_moved_told(_env):
    found = _LAST.pop("found")
    accounts = [account for one in found.values() for account in one.accounts]
    return (
        float(sum(one.running.opening for one in accounts)),
        sum(len(one.running.lines) for one in accounts),
    )


def _bare_moved(env, question):
    """The opening balances, every movement with its running balance, and the aging: as the suite shows them."""
    opening = env.execute_query(
        SQL(
            """SELECT p.commercial_partner_id, l.currency_id, SUM(l.amount_currency)
                 FROM account_move_line l JOIN res_partner p ON p.id = l.partner_id
                WHERE %s AND l.date < %s GROUP BY 1, 2""",
            _of(question),
            question.date_from,
        )
    )
    rows = env.execute_query(
        SQL(
            """SELECT p.commercial_partner_id, l.currency_id, m.name, m.ref, m.move_type, l.date,
                      SUM(l.amount_currency),
                      SUM(SUM(l.amount_currency)) OVER (PARTITION BY p.commercial_partner_id, l.currency_id
                                                        ORDER BY l.date, m.id)
                 FROM account_move_line l JOIN res_partner p ON p.id = l.partner_id
                 JOIN account_move m ON m.id = l.move_id
                WHERE %s AND l.date BETWEEN %s AND %s
             GROUP BY 1, 2, m.id, l.date""",
            _of(question),
            question.date_from,
            question.day,
        )
    )
    late = SQL("%s - l.date_maturity", question.day)
    env.execute_query(
        SQL(
            """SELECT p.commercial_partner_id, l.currency_id,
                      SUM(l.amount_residual_currency) FILTER (WHERE %(late)s <= 0),
                      SUM(l.amount_residual_currency) FILTER (WHERE %(late)s BETWEEN 1 AND 30),
                      SUM(l.amount_residual_currency) FILTER (WHERE %(late)s BETWEEN 31 AND 60),
                      SUM(l.amount_residual_currency) FILTER (WHERE %(late)s > 60)
                 FROM account_move_line l JOIN res_partner p ON p.id = l.partner_id
                WHERE %(of)s AND l.reconciled IS NOT TRUE GROUP BY 1, 2""",
            late=late,
            of=_of(question),
        )
    )
    _LAST["found"] = opening, rows


def _bare_moved_told(_env):
    opening, rows = _LAST.pop("found")
    return sum(row[2] for row in opening), len(rows)


def _of(question):
    return SQL(
        """l.parent_state = 'posted' AND l.company_id = %s
           AND l.partner_id = ANY(ARRAY(SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s)))
           AND l.account_id = ANY(ARRAY(SELECT id FROM account_account
                                         WHERE account_type = 'asset_receivable' AND non_trade IS NOT TRUE))""",
        question.company.id,
        list(question.partners),
    )


def _compare(work, suite, bare):
    if not suite[1] or suite[1] != bare[1] or abs(suite[0] - bare[0]) >= CENT:
        raise SystemExit(f"NOT EQUAL: {work}: {suite} and {bare}")
    print(f"  {work}: equal to the cent, {suite[1]:,} rows, {suite[0]:,.2f}")
