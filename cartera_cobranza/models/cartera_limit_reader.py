from odoo import api, models
from odoo.tools import SQL


class CarteraLimitReader(models.AbstractModel):
    """Reads which line counts for a customer on a day, and what guarantees and insurers add to it.

    Queries of common table expressions for the gate and the refresh alike.
    """

    _name = "cartera.limit.reader"
    _description = "Credit Limits of a Day"

    @api.model
    def _pocket_sql(self, scope):
        """Return the line that counts for each pocket of a customer on the day, one row a pocket."""
        if scope.past:
            in_force = SQL(
                "l.activated_on <= %(day)s AND (l.closed_on IS NULL OR l.closed_on > %(day)s OR l.state = 'expired')",
                day=scope.day,
            )
            state = SQL(
                "CASE WHEN l.closed_on <= %(day)s THEN 'expired' ELSE 'active' END",
                day=scope.day,
            )
            live = SQL("(l.closed_on IS NULL OR l.closed_on > %s)", scope.day)
            temporary = SQL(
                "t.activated_on <= %(day)s AND (t.closed_on IS NULL OR t.closed_on > %(day)s)",
                day=scope.day,
            )
        else:
            in_force = SQL("l.state IN ('active', 'suspended', 'expired')")
            state = SQL("l.state")
            live = SQL("(l.state IN ('active', 'suspended'))")
            temporary = SQL("t.state = 'active'")
        return SQL(
            """SELECT DISTINCT ON (l.customer_id, CASE WHEN l.only_this_currency THEN l.currency_id END)
                      l.customer_id, l.id, l.mode, COALESCE(l.amount, 0) AS amount, rate.rate, l.currency_id,
                      CASE WHEN l.only_this_currency THEN l.currency_id END AS scope,
                      t.amount AS temporary,
                      CASE WHEN l.guarantee_amount > 0 AND (l.guarantee_date_to IS NULL
                                OR l.guarantee_date_to >= %(day)s)
                           THEN l.guarantee_amount ELSE 0 END AS guarantee,
                      CASE WHEN %(state)s = 'suspended' THEN 'suspended'
                           WHEN %(state)s = 'expired' OR l.date_to + COALESCE(l.grace_days, 0) < %(day)s
                           THEN 'expired'
                           WHEN l.date_from > %(day)s THEN 'absent'
                           ELSE 'active' END AS standing,
                      GREATEST(%(day)s - l.date_to, 0) AS days_expired
                 FROM cartera_credit_line l
                 JOIN target ON target.customer_id = l.customer_id
            LEFT JOIN rate ON rate.currency_id = l.currency_id
            LEFT JOIN cartera_credit_temporary t ON t.line_id = l.id AND %(temporary)s
                      AND %(day)s BETWEEN t.date_from AND t.date_to
                WHERE %(in_force)s
             ORDER BY l.customer_id, CASE WHEN l.only_this_currency THEN l.currency_id END,
                      %(live)s DESC, l.id DESC""",
            day=scope.day,
            state=state,
            in_force=in_force,
            live=live,
            temporary=temporary,
        )

    @api.model
    def _secured_sql(self, scope):
        """Return what guarantees and insurers' coverage add to lines on the day, in the lines' currencies.

        A row a line that has any: (line_id, guarantee, coverage, missing). As debts do, a guarantee belongs to
        the pocket of its currency where there is one, else to the general line; one without a rate is missing.
        The amount of each is that of ``calc.limit.counted_guarantee``.
        """
        return SQL(
            """SELECT pocket.id AS line_id,
                      SUM(CASE WHEN g.kind <> 'insurance' THEN x.amount ELSE 0 END) AS guarantee,
                      SUM(CASE WHEN g.kind = 'insurance' THEN x.amount ELSE 0 END) AS coverage,
                      MAX(CASE WHEN x.amount IS NULL THEN g.currency_id END) AS missing
                 FROM cartera_credit_guarantee g
                 JOIN bare_pocket pocket ON pocket.customer_id = g.customer_id
                      AND (pocket.scope = g.currency_id OR pocket.scope IS NULL AND NOT EXISTS (
                          SELECT 1 FROM bare_pocket own
                           WHERE own.customer_id = g.customer_id AND own.scope = g.currency_id
                             AND own.standing <> 'absent'))
                 JOIN res_currency gc ON gc.id = g.currency_id
                 JOIN res_currency lc ON lc.id = pocket.currency_id
            LEFT JOIN rate gr ON gr.currency_id = g.currency_id
            LEFT JOIN LATERAL (SELECT ROUND((CASE WHEN g.ceiling > 0 THEN LEAST(g.amount, g.ceiling) ELSE g.amount END)
                               * g.percent::numeric / 100 / gc.rounding) * gc.rounding AS counted) c ON TRUE
            LEFT JOIN LATERAL (SELECT CASE WHEN g.currency_id = pocket.currency_id THEN c.counted
                               ELSE ROUND(c.counted / gr.rate * pocket.rate / lc.rounding) * lc.rounding END
                               AS amount) x ON TRUE
                WHERE g.accepted_on <= %(day)s AND (g.closed_on IS NULL OR g.closed_on > %(day)s)
                  AND g.date_from <= %(day)s AND (g.date_to IS NULL OR g.date_to >= %(day)s)
             GROUP BY pocket.id""",
            day=scope.day,
        )
