"""Every balance of the books against Odoo's own figures; a difference is a failure."""

from .books import DemoError

# title, statement that counts what is wrong
CHECKS = [
    (
        "entries that do not balance",
        """SELECT count(*) FROM (SELECT move_id FROM account_move_line
            WHERE parent_state = 'posted' GROUP BY move_id
           HAVING abs(sum(balance)) > 0.004) AS wrong""",
    ),
    (
        "receivable items whose residual is not the balance less its partial payments",
        """SELECT count(*) FROM account_move_line l
             JOIN account_account a ON a.id = l.account_id
                  AND a.account_type = 'asset_receivable'
        LEFT JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS company,
                                  coalesce(sum(debit_amount_currency), 0) AS document
                             FROM account_partial_reconcile
                            WHERE debit_move_id = l.id) d ON true
        LEFT JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS company,
                                  coalesce(sum(credit_amount_currency), 0) AS document
                             FROM account_partial_reconcile
                            WHERE credit_move_id = l.id) c ON true
            WHERE l.parent_state = 'posted'
              AND (abs(l.amount_residual - (l.balance - d.company + c.company)) > 0.004
                   OR abs(l.amount_residual_currency
                          - (l.amount_currency - d.document + c.document)) > 0.004
                   OR l.reconciled
                      <> (l.amount_residual = 0 AND l.amount_residual_currency = 0))""",
    ),
    (
        "documents whose residual is not that of their instalments",
        """SELECT count(*) FROM account_move m
             JOIN (SELECT move_id, sum(amount_residual_currency) AS residual
                     FROM account_move_line WHERE display_type = 'payment_term'
                    GROUP BY move_id) l ON l.move_id = m.id
            WHERE m.state = 'posted' AND m.move_type IN ('out_invoice', 'out_refund')
              AND abs(m.amount_residual - abs(l.residual)) > 0.004""",
    ),
    (
        "documents whose totals are not those of their items",
        """SELECT count(*) FROM account_move m
             JOIN (SELECT move_id,
                          sum(amount_currency)
                              FILTER (WHERE display_type = 'payment_term') AS total,
                          sum(amount_currency)
                              FILTER (WHERE display_type = 'tax') AS tax
                     FROM account_move_line GROUP BY move_id) l ON l.move_id = m.id
            WHERE m.move_type IN ('out_invoice', 'out_refund') AND m.state = 'posted'
              AND (abs(m.amount_total - abs(l.total)) > 0.004
                   OR abs(m.amount_tax - abs(coalesce(l.tax, 0))) > 0.004)""",
    ),
    (
        "partial payments between different customers",
        """SELECT count(*) FROM account_partial_reconcile r
             JOIN account_move_line d ON d.id = r.debit_move_id
             JOIN account_move_line c ON c.id = r.credit_move_id
            WHERE d.partner_id IS DISTINCT FROM c.partner_id
              AND d.partner_id IS NOT NULL AND c.partner_id IS NOT NULL""",
    ),
    (
        "numbers given twice",
        """SELECT count(*) FROM (SELECT 1 FROM account_move WHERE state = 'posted'
            GROUP BY name, journal_id HAVING count(*) > 1) AS wrong""",
    ),
]


def verify(env):
    """Check the books; raise DemoError naming what is wrong; return the balances."""
    env.flush_all()
    wrong = []
    for title, statement in CHECKS:
        env.cr.execute(statement)
        count = env.cr.fetchone()[0]
        if count:
            wrong.append(f"{count} {title}")
    checked, differing = _compare_with_credit(env)
    if differing:
        name, company, residual, credit = differing[0]
        wrong.append(
            f"{len(differing)} customers whose open items are not Odoo's credit"
            f" (first: {name} in {company}: {residual:.2f} against {credit:.2f})"
        )
    if wrong:
        raise DemoError("The demo books are wrong: " + "; ".join(wrong) + ".")
    return checked


def _compare_with_credit(env):
    """Open receivable items per customer and company against res.partner.credit."""
    env.cr.execute(
        """
        SELECT l.company_id, l.partner_id, sum(l.amount_residual)
          FROM account_move_line l
          JOIN account_account a ON a.id = l.account_id
               AND a.account_type = 'asset_receivable'
         WHERE l.parent_state = 'posted' AND l.partner_id IS NOT NULL
         GROUP BY 1, 2
        """
    )
    residuals = {
        (company, partner): float(total)
        for company, partner, total in env.cr.fetchall()
    }
    checked, differing = 0, []
    for company in env["res.company"].search([]):
        partners = env["res.partner"].with_context(
            allowed_company_ids=company.ids, active_test=False
        )
        for partner in partners.search([("parent_id", "=", False)]):
            residual = residuals.pop((company.id, partner.id), 0.0)
            checked += 1
            if abs(residual - partner.credit) > 0.004:
                differing.append((partner.name, company.name, residual, partner.credit))
    for (
        company,
        partner,
    ), residual in residuals.items():  # on contacts: should not happen
        if abs(residual) > 0.004:
            name = env["res.partner"].browse(partner).display_name
            differing.append(
                (name, env["res.company"].browse(company).name, residual, 0.0)
            )
    return checked, differing
