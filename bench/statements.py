"""The data of 1,000 statements of account: open items (e1), and the movements of two months (e2)."""

from datetime import timedelta

from odoo.tools import SQL

from .measure import Contestant, race
from .positions import _row

TARGET = 2.0
COUNT = 1_000
SPAN = 61  # days of movements
CENT = 0.005
# totals of the contestant that ran last: adding up some thousand rows does not count for much
_LAST = {}


def statements(books, runs):
    """Gather 1,000 statements, beside the same by hand."""
    rows = []
    for form, suite, sql in (
        ("open", _suite_open, _bare_open),
        ("movements", _suite_moved, _bare_moved),
    ):
        work = f"data of {COUNT:,} statements, {form}"
        ours = Contestant(
            "suite, _statements", books.suite, suite, _question(form), answer=_told
        )
        bare = Contestant("bare SQL", books.suite, sql, _question(form), answer=_told)
        race([ours, bare], runs)
        _compare(work, ours.result, bare.result)
        rows += [_row(work, books, one, bare, TARGET) for one in (ours, bare)]
    return rows


def _question(form):
    def prepare(env):
        partners = env.execute_query(
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
        day = env.company._cartera_today()
        return env["cartera.statement"]._question(
            env.company,
            day,
            form,
            day - timedelta(days=SPAN),
            env["res.partner"].browse(row[0] for row in partners),
        )

    return prepare


def _suite_open(env, question):
    found = env["cartera.statement"]._statements(question)
    accounts = [account for one in found.values() for account in one.accounts]
    _LAST["answer"] = (
        float(sum(one.open.total for one in accounts)),
        sum(len(one.open.items) for one in accounts),
    )


def _bare_open(env, question):
    rows = env.execute_query(
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
    _LAST["answer"] = (sum(row[-1] for row in rows), len(rows))


def _suite_moved(env, question):
    found = env["cartera.statement"]._statements(question)
    accounts = [account for one in found.values() for account in one.accounts]
    _LAST["answer"] = (
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
    _LAST["answer"] = (sum(row[2] for row in opening), len(rows))


def _of(question):
    return SQL(
        """l.parent_state = 'posted' AND l.company_id = %s
           AND l.partner_id = ANY(ARRAY(SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s)))
           AND l.account_id = ANY(ARRAY(SELECT id FROM account_account
                                         WHERE account_type = 'asset_receivable' AND non_trade IS NOT TRUE))""",
        question.company.id,
        list(question.partners),
    )


def _told(_env):
    return _LAST["answer"]


def _compare(work, suite, bare):
    if not suite[1] or suite[1] != bare[1] or abs(suite[0] - bare[0]) >= CENT:
        raise SystemExit(f"NOT EQUAL: {work}: {suite} and {bare}")
    print(f"  {work}: equal to the cent, {suite[1]:,} rows, {suite[0]:,.2f}")
