"""Interest: a month counted beside the SQL that reads the same, and 200 notes beside plain Odoo's batch."""

from datetime import timedelta

from odoo.tools import SQL

from .measure import Contestant, Row, race

SIMULATE_TARGET = 3.0
POST_TARGET = 1.25
NOTES = 200


def month(books, runs):
    """Simulate a month over all invoices, beside reading its items and partials by hand."""
    ours = Contestant(
        "suite, action_simulate", books.suite, _simulate, _make_run, answer=_counted
    )
    bare = Contestant("bare SQL, read only", books.suite, _read, _month)
    race([ours, bare], runs)
    lines, amount = ours.result
    print(f"  {lines:,} items charged, {amount:,.2f}")
    rows = [_row("interest of a month", books, one, bare) for one in (ours, bare)]
    rows[0].target = f"<= x{SIMULATE_TARGET} of SQL"
    rows[0].met = rows[0].ratio <= SIMULATE_TARGET
    return rows


def notes(books, runs):
    """Post 200 debit notes of interest, beside the plain batch of as many notes."""
    ours = Contestant("suite, action_post", books.suite, _post, _approved_lines)
    plain = Contestant("plain ORM batch", books.plain, _plain_batch, _plain_values)
    race([ours, plain], min(runs, 5))
    rows = [_row(f"{NOTES} interest notes", books, one, plain) for one in (ours, plain)]
    rows[0].target = f"<= x{POST_TARGET} of plain Odoo"
    rows[0].met = rows[0].ratio <= POST_TARGET
    return rows


def _month(env):
    today = env.company._cartera_today()
    end = today.replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end


def _make_policy(env):
    start, end = _month(env)
    env["cartera.interest.policy"].search([]).active = False
    env["cartera.interest.policy"].create(
        {
            "name": "Bench",
            "rate_source": "fixed_month",
            "rate": 3,
            "date_start": start,
            "tax_mode": "none",
        }
    )
    return end


def _make_run(env):
    end = _make_policy(env)
    return env["cartera.interest.run"].sudo().create({"date_to": end})


def _simulate(env, run):
    run.action_simulate()


def _counted(env):
    run = env["cartera.interest.run"].search([], order="id desc", limit=1)
    return run.line_count, run.amount


def _read(env, context):
    """Read the items that were open in the month, whose they are, and what lowered their balances from which day.

    By hand and no more than that: each item once, each partial once.
    """
    start, end = context
    env.cr.execute(
        SQL(
            """SELECT l.id, l.move_id, p.commercial_partner_id, l.currency_id, l.date_maturity, l.amount_currency,
                      m.amount_untaxed, m.amount_total
                 FROM account_move_line l
                 JOIN account_move m ON m.id = l.move_id
                 JOIN res_partner p ON p.id = l.partner_id
            LEFT JOIN (SELECT debit_move_id, MAX(max_date) AS day FROM account_partial_reconcile
                        WHERE max_date >= %(start)s GROUP BY debit_move_id) s ON s.debit_move_id = l.id
                WHERE l.parent_state = 'posted' AND l.company_id = %(company)s AND l.amount_currency > 0
                  AND l.account_id IN (SELECT id FROM account_account
                                        WHERE account_type = 'asset_receivable' AND non_trade IS NOT TRUE)
                  AND m.move_type = 'out_invoice' AND l.date_maturity < %(end)s
                  AND (l.reconciled IS NOT TRUE OR s.day > l.date_maturity)""",
            start=start,
            end=end,
            company=env.company.id,
        )
    )
    items = [row[0] for row in env.cr.fetchall()]
    env.cr.execute(
        SQL(
            """SELECT r.debit_move_id,
                      CASE WHEN cm.move_type = 'out_refund' THEN COALESCE(cm.invoice_date, c.date)
                           ELSE c.date END AS day,
                      SUM(r.debit_amount_currency)
                 FROM account_partial_reconcile r
                 JOIN account_move_line c ON c.id = r.credit_move_id
                 JOIN account_move cm ON cm.id = c.move_id
                WHERE r.debit_move_id = ANY(%s) GROUP BY 1, 2""",
            items,
        )
    )
    env.cr.fetchall()


def _approved_lines(env):
    run = _make_run(env)
    run.action_simulate()
    run._write_state({"state": "approved"})
    chosen, moves = run.line_ids.browse(), set()
    for lines in run._open_lines().grouped("partner_id").values():
        more = moves | set(lines.move_id.ids)
        if len(more) <= NOTES:  # exactly as many notes as the plain batch
            chosen, moves = chosen | lines, more
        if len(moves) == NOTES:
            break
    return run, chosen


def _post(env, context):
    run, lines = context
    run._post_lines(lines)


def _plain_values(env):
    journal = env["account.journal"].search([("type", "=", "sale")], limit=1)
    invoices = env["account.move"].search(
        [("move_type", "=", "out_invoice"), ("state", "=", "posted")],
        order="id",
        limit=NOTES,
    )
    return [
        {
            "move_type": "out_invoice",
            "partner_id": invoice.partner_id.id,
            "journal_id": journal.id,
            "invoice_date": invoice.invoice_date,
            "debit_origin_id": invoice.id,
            "invoice_line_ids": [
                (0, 0, {"name": "Interest", "price_unit": 100, "tax_ids": [(5,)]})
            ],
        }
        for invoice in invoices
    ]


def _plain_batch(env, values):
    env["account.move"].create(values)._post(soft=False)


def _row(work, books, one, bare):
    row = Row(
        work,
        books.size,
        one.who,
        1000 * one.median,
        1000 * one.clock_median,
        one.queries,
    )
    row.sql_ms = 1000 * bare.median
    row.ratio = one.ratio(bare) if one is not bare else None
    return row
