"""Checks that generated books are consistent: ledger, matching, names, Odoo's sums."""

from odoo.tools import SQL

CENT = 0.005
CHECKS = {
    "entries that do not balance": """
        SELECT COUNT(*) FROM (SELECT 1 FROM account_move_line GROUP BY move_id
                              HAVING ABS(SUM(balance)) > 0.004) x""",
    "trial balance": """
        SELECT COALESCE(SUM(balance), 0) FROM account_move_line
         WHERE parent_state = 'posted'""",
    "residuals that differ from balance and matching": """
        SELECT COUNT(*) FROM account_move_line l
          JOIN account_account a ON a.id = l.account_id
               AND a.account_type = 'asset_receivable'
     LEFT JOIN (SELECT debit_move_id AS id, SUM(amount) AS company,
                       SUM(debit_amount_currency) AS document
                  FROM account_partial_reconcile GROUP BY 1) d ON d.id = l.id
     LEFT JOIN (SELECT credit_move_id AS id, SUM(amount) AS company,
                       SUM(credit_amount_currency) AS document
                  FROM account_partial_reconcile GROUP BY 1) c ON c.id = l.id
         WHERE l.parent_state = 'posted'
           AND (ABS(l.amount_residual - l.balance + COALESCE(d.company, 0)
                    - COALESCE(c.company, 0)) > 0.004
            OR ABS(l.amount_residual_currency - l.amount_currency
                   + COALESCE(d.document, 0) - COALESCE(c.document, 0)) > 0.004
            OR l.reconciled <> (l.amount_residual = 0
                                AND l.amount_residual_currency = 0))""",
    "invoices that differ from their instalments": """
        SELECT COUNT(*) FROM account_move m
          JOIN (SELECT move_id, SUM(amount_residual_currency) AS document,
                       SUM(amount_residual) AS company
                  FROM account_move_line WHERE display_type = 'payment_term'
              GROUP BY 1) x ON x.move_id = m.id
         WHERE m.move_type IN ('out_invoice', 'out_refund') AND m.state = 'posted'
           AND (ABS(m.amount_residual - ABS(x.document)) > 0.004
                OR ABS(m.amount_residual_signed - x.company) > 0.004)""",
    "payment states that contradict the residual": """
        SELECT COUNT(*) FROM account_move
         WHERE move_type IN ('out_invoice', 'out_refund') AND state = 'posted'
           AND payment_state <> CASE WHEN amount_residual = amount_total THEN 'not_paid'
                                     WHEN amount_residual = 0 THEN payment_state
                                     ELSE 'partial' END""",
    "orders that differ from their lines": """
        SELECT COUNT(*) FROM sale_order o
          JOIN (SELECT order_id, SUM(price_total) AS total FROM sale_order_line
              GROUP BY 1) x ON x.order_id = o.id
         WHERE ABS(o.amount_total - x.total) > 0.004""",
    "stale names on items": """
        SELECT COUNT(*) FROM account_move_line l JOIN account_move m ON m.id = l.move_id
         WHERE l.move_name <> m.name""",
    "double names": """
        SELECT COUNT(*) FROM (SELECT 1 FROM account_move WHERE state = 'posted'
                          GROUP BY name, journal_id HAVING COUNT(*) > 1) x""",
    "references into nowhere": """
        SELECT (SELECT COUNT(*) FROM account_move_line l
             LEFT JOIN account_move m ON m.id = l.move_id WHERE m.id IS NULL)
             + (SELECT COUNT(*) FROM account_partial_reconcile r
             LEFT JOIN account_move_line d ON d.id = r.debit_move_id
             LEFT JOIN account_move_line c ON c.id = r.credit_move_id
                 WHERE d.id IS NULL OR c.id IS NULL OR d.partner_id <> c.partner_id)
             + (SELECT COUNT(*) FROM account_payment p
             LEFT JOIN account_move m ON m.id = p.move_id
                 WHERE m.id IS NULL OR m.partner_id <> p.partner_id)
             + (SELECT COUNT(*) FROM sale_order_line l
             LEFT JOIN sale_order o ON o.id = l.order_id
                 WHERE o.id IS NULL OR o.partner_id <> l.order_partner_id)
             + (SELECT COUNT(*) FROM sale_order_line_invoice_rel r
             LEFT JOIN sale_order_line s ON s.id = r.order_line_id
             LEFT JOIN account_move_line l ON l.id = r.invoice_line_id
                 WHERE s.id IS NULL OR l.id IS NULL
                    OR l.partner_id <> s.order_partner_id)""",
}
MOVE_FIELDS = (
    "payment_state",
    "amount_residual",
    "amount_total",
    "amount_tax",
    "amount_total_signed",
    "amount_residual_signed",
    "invoice_date_due",
)
LINE_FIELDS = ("amount_residual", "amount_residual_currency", "reconciled")


def check(env, progress, customers=500, invoices=20):
    """Run all checks; exit with the first that fails. Changes records: roll it back."""
    for name, query in CHECKS.items():
        env.cr.execute(query)
        found = env.cr.fetchone()[0]
        if abs(found) > CENT:
            raise SystemExit(f"The books are NOT CONSISTENT: {name}: {found}")
    progress("checks of the ledger", len(CHECKS))
    _check_sum_of_credit(env, customers)
    progress("customers that owe what Odoo says", customers)
    _check_recomputed(env, invoices)
    progress("invoices that Odoo computes alike", invoices)


def _check_sum_of_credit(env, sample):
    """Odoo's own ``credit`` of some customers is what the ledger has open for them."""
    env.cr.execute(
        """SELECT l.partner_id, SUM(l.amount_residual) FROM account_move_line l
             JOIN account_account a ON a.id = l.account_id
            WHERE a.account_type = 'asset_receivable' AND l.parent_state = 'posted'
              AND l.partner_id IS NOT NULL AND NOT l.reconciled
         GROUP BY l.partner_id ORDER BY md5(l.partner_id::text) LIMIT %s""",
        [sample],
    )
    ledger = dict(env.cr.fetchall())
    for partner in env["res.partner"].browse(ledger):
        if abs(partner.credit - float(ledger[partner.id])) > CENT:
            raise SystemExit(
                f"NOT CONSISTENT: {partner.display_name} owes {ledger[partner.id]},"
                f" for Odoo {partner.credit}"
            )


def _check_recomputed(env, sample):
    """What Odoo computes for cloned invoices is what was stored."""
    query = SQL(
        "SELECT id FROM account_move WHERE move_type IN ('out_invoice', 'out_refund')"
        " AND state = 'posted' ORDER BY md5(id::text) LIMIT %s",
        sample,
    )
    moves = env["account.move"].browse([row[0] for row in env.execute_query(query)])
    lines = moves.line_ids
    before = _values(moves, MOVE_FIELDS), _values(lines, LINE_FIELDS)
    lines._compute_amount_residual()
    moves._compute_amount()
    moves._compute_payment_state()
    moves._compute_invoice_date_due()
    after = _values(moves, MOVE_FIELDS), _values(lines, LINE_FIELDS)
    for old, new in zip(before, after, strict=True):
        differ = [key for key in old if not _alike(old[key], new[key])]
        if differ:
            key = differ[0]
            raise SystemExit(f"NOT CONSISTENT: {key}: {old[key]} is {new[key]} in Odoo")


def _values(records, names):
    return {str(one): [one[name] for name in names] for one in records}


def _alike(old, new):
    return all(
        abs(x - y) < CENT if isinstance(x, float) else x == y
        for x, y in zip(old, new, strict=True)
    )
