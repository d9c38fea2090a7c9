from odoo import api, fields, models
from odoo.tools import SQL


class CarteraCustomerSnapshot(models.Model):
    """A customer's figures as of the last refresh, for lists, filters and sorting.

    A copy that can be thrown away and rebuilt: the gate never reads it, and nothing but the refresh
    writes it.
    """

    _name = "cartera.customer.snapshot"
    _description = "Credit Account Figures"
    _order = "id"
    _log_access = False

    customer_id = fields.Many2one(
        "cartera.customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one("res.currency", required=True, ondelete="restrict")
    exposure = fields.Monetary(
        help="All that is owed and will be owed, in company currency."
    )
    exposure_breakdown = fields.Json(
        help="The exposure by source, in company currency."
    )
    limit_amount = fields.Monetary(
        string="Limit", help="Effective limit; empty for unlimited customers."
    )
    limit_source = fields.Selection(
        [
            ("line", "Credit line"),
            ("temporary", "Temporary limit"),
            ("group", "Group limit"),
            ("default", "Company default"),
            ("none", "No line"),
            ("suspended", "Suspended"),
            ("expired", "Expired line"),
        ],
        help="Where the effective limit comes from.",
    )
    unlimited = fields.Boolean()
    available = fields.Monetary(
        help="What is left: the lower of the own room and the group's."
    )
    percent_used = fields.Float(string="% Used", aggregator="avg")
    overdue_amount = fields.Monetary(
        string="Overdue",
        help="Instalments past their due date, less what was paid on account.",
    )
    overdue_days = fields.Integer(
        string="Days Overdue",
        aggregator="max",
        help="Age of the oldest overdue item that money on account does not cover.",
    )
    held_amount = fields.Monetary(
        string="Held", help="Held documents that are not in the exposure."
    )
    problem = fields.Char(
        help="Why the figures could not be told, for example a missing exchange rate."
    )
    refreshed_at = fields.Datetime()

    _customer_unique = models.UniqueIndex(
        "(customer_id)", "There is one set of figures for a customer."
    )
    _company_available_idx = models.Index("(company_id, available)")
    _company_overdue_idx = models.Index("(company_id, overdue_amount)")

    @api.model
    def _rebuild(self, scope):
        """Write the figures of all customers of the scope in one statement; returns how many.

        For all customers of a company that makes the accounts that are missing as well.

        The same common table expressions as the gate's, with the resolution of limits of
        ``calc.position`` written in SQL, because a hundred thousand customers do not travel to Python and
        back. A test holds both against each other on random books.
        """
        Customer = self.env["cartera.customer"]
        company = scope.company
        digits = company.currency_id.decimal_places
        terms = Customer._terms(company)
        self.env.cr.execute(
            SQL(
                """
    WITH %(ctes)s,
    account AS (%(accounts)s),
    owed AS (
        SELECT s.partner_id, ROUND(SUM(s.amount), %(digits)s) AS exposure,
               jsonb_object_agg(s.source, ROUND(s.amount, %(digits)s)) AS breakdown,
               array_remove(array_agg(DISTINCT s.missing), NULL) AS missing
          FROM (SELECT partner_id, source, SUM(amount_company) AS amount,
                       MAX(CASE WHEN missing THEN currency_id END) AS missing
                  FROM part GROUP BY partner_id, source) s
      GROUP BY s.partner_id),
    own AS (
        SELECT p.customer_id,
               bool_or(p.standing = 'active' AND p.mode = 'unlimited') AS unlimited,
               bool_or(p.scope IS NULL) AS has_general,
               bool_or(p.standing IN ('suspended', 'expired') OR p.mode IN ('none', 'amount')) AS mandatory,
               SUM(CASE WHEN p.standing = 'active' AND p.mode = 'amount'
                        THEN ROUND((COALESCE(p.temporary, p.amount) + p.guarantee + p.coverage) / p.rate, %(digits)s)
                        ELSE 0 END) AS amount,
               bool_or(p.gives OR p.standing = 'active' AND p.mode = 'unlimited') AS gives,
               (array_agg(CASE WHEN p.standing <> 'active' THEN p.standing
                               WHEN p.temporary IS NOT NULL AND p.mode = 'amount' THEN 'temporary'
                               ELSE 'line' END
                          ORDER BY (p.standing = 'active' AND p.mode = 'unlimited') DESC, p.gives DESC,
                                   p.scope IS NOT NULL, p.scope))[1] AS source,
               MAX(CASE WHEN p.rate IS NULL AND p.mode = 'amount' OR p.missing IS NOT NULL THEN p.id END)
                   AS without_rate
          FROM (SELECT pocket.*, standing = 'active' AND mode = 'amount'
                       AND COALESCE(temporary, amount) + guarantee + coverage > 0 AS gives FROM pocket) p
         WHERE p.standing <> 'absent'
      GROUP BY p.customer_id),
    grouped AS (
        SELECT g.id, g.mode, ROUND(COALESCE(g.amount, 0) / r.rate, %(digits)s) AS amount, m.exposure
          FROM (SELECT t.group_id, COALESCE(SUM(o.exposure), 0) AS exposure
                  FROM target t LEFT JOIN owed o ON o.partner_id = t.partner_id
                 WHERE t.group_id IS NOT NULL GROUP BY t.group_id) m
          JOIN cartera_credit_group g ON g.id = m.group_id AND g.company_id = %(company)s
     LEFT JOIN rate r ON r.currency_id = g.currency_id),
    figure AS (
        SELECT t.customer_id, COALESCE(o.exposure, 0) AS exposure,
               COALESCE(o.breakdown, '{}'::jsonb) AS breakdown,
               COALESCE(w.unlimited, FALSE) OR (NOT COALESCE(w.has_general, FALSE) AND g.id IS NULL
                    AND %(default_mode)s = 'unlimited') AS own_unlimited,
               COALESCE(w.amount, 0) + CASE WHEN NOT COALESCE(w.has_general, FALSE) AND g.id IS NULL
                    AND %(default_mode)s = 'amount' THEN %(default_amount)s ELSE 0 END AS own,
               COALESCE(w.mandatory, FALSE) OR (NOT COALESCE(w.has_general, FALSE) AND g.id IS NULL
                    AND %(default_mode)s = 'amount') AS mandatory,
               CASE WHEN COALESCE(w.has_general, FALSE) THEN w.source
                    WHEN g.id IS NULL AND (%(default_mode)s = 'unlimited' OR (%(default_mode)s = 'amount'
                         AND %(default_amount)s > 0 AND NOT COALESCE(w.unlimited, FALSE))) THEN 'default'
                    WHEN w.gives THEN w.source
                    WHEN g.id IS NOT NULL THEN 'group'
                    WHEN %(default_mode)s <> 'none' THEN 'default'
                    ELSE 'none' END AS source,
               g.id AS group_id, g.mode AS group_mode, CASE WHEN g.mode = 'amount' THEN g.amount ELSE 0 END
                    AS group_amount, g.exposure AS group_exposure,
               COALESCE(d.amount, 0) AS overdue, COALESCE(d.days, 0) AS days, COALESCE(h.amount, 0) AS held,
               CASE WHEN o.missing <> '{}' OR w.without_rate IS NOT NULL
                         OR (g.mode = 'amount' AND g.amount IS NULL) THEN 'rate' END AS problem
          FROM account t
     LEFT JOIN owed o ON o.partner_id = t.partner_id
     LEFT JOIN own w ON w.customer_id = t.customer_id
     LEFT JOIN grouped g ON g.id = t.group_id
     LEFT JOIN overdue d ON d.partner_id = t.partner_id
     LEFT JOIN (%(held)s) h ON h.customer_id = t.customer_id
         WHERE t.asked AND t.customer_id IS NOT NULL),
    resolved AS (
        SELECT f.*,
               f.own_unlimited OR (NOT f.mandatory AND f.own = 0
                    AND COALESCE(f.group_mode = 'unlimited', FALSE)) AS no_limit,
               CASE WHEN f.group_id IS NULL OR f.group_mode = 'unlimited' OR (f.own = 0 AND f.mandatory)
                    THEN f.own
                    WHEN f.own = 0 THEN f.group_amount
                    ELSE LEAST(f.own, f.group_amount) END AS effective,
               LEAST(CASE WHEN f.group_id IS NULL OR f.mandatory OR f.own <> 0 THEN f.own - f.exposure END,
                     CASE WHEN f.group_mode <> 'unlimited' THEN f.group_amount - f.group_exposure END) AS room
          FROM figure f)
    INSERT INTO cartera_customer_snapshot
           (customer_id, company_id, currency_id, exposure, exposure_breakdown, limit_amount, limit_source,
            unlimited, available, percent_used, overdue_amount, overdue_days, held_amount, problem, refreshed_at)
    SELECT r.customer_id, %(company)s, %(currency)s, CASE WHEN r.problem IS NULL THEN r.exposure END,
           r.breakdown, CASE WHEN r.problem IS NULL AND NOT r.no_limit THEN r.effective END,
           CASE WHEN NOT r.own_unlimited AND r.group_id IS NOT NULL AND r.group_mode <> 'unlimited'
                     AND NOT (r.own = 0 AND r.mandatory) AND (r.own = 0 OR r.own > r.group_amount)
                THEN 'group' ELSE r.source END,
           r.no_limit, CASE WHEN r.problem IS NULL AND NOT r.no_limit THEN r.room END,
           CASE WHEN r.problem IS NOT NULL OR r.no_limit THEN NULL
                WHEN r.effective <> 0 THEN ROUND(r.exposure * 100 / r.effective, 2)
                WHEN r.exposure > 0 THEN 100 ELSE 0 END,
           r.overdue, r.days, r.held, r.problem, now() at time zone 'utc'
      FROM resolved r
     ORDER BY r.customer_id
    ON CONFLICT (customer_id) DO UPDATE SET
           exposure = EXCLUDED.exposure, exposure_breakdown = EXCLUDED.exposure_breakdown,
           limit_amount = EXCLUDED.limit_amount, limit_source = EXCLUDED.limit_source,
           unlimited = EXCLUDED.unlimited, available = EXCLUDED.available,
           percent_used = EXCLUDED.percent_used, overdue_amount = EXCLUDED.overdue_amount,
           overdue_days = EXCLUDED.overdue_days, held_amount = EXCLUDED.held_amount,
           problem = EXCLUDED.problem, currency_id = EXCLUDED.currency_id,
           refreshed_at = EXCLUDED.refreshed_at""",
                ctes=self._rebuild_ctes(scope),
                accounts=SQL("SELECT * FROM target")
                if scope.partner_ids is not None
                else SQL(
                    "SELECT * FROM target UNION ALL"
                    " SELECT partner_id, id, NULL, NULL, TRUE FROM made"
                ),
                held=Customer._held_sql(),
                digits=digits,
                company=company.id,
                currency=company.currency_id.id,
                default_mode=terms.default_mode,
                default_amount=terms.default_amount,
            )
        )
        return self.env.cr.rowcount

    @api.model
    def _rebuild_ctes(self, scope):
        Customer = self.env["cartera.customer"]
        ctes = Customer._position_ctes(scope)
        if scope.partner_ids is not None:
            return ctes
        owing = SQL("SELECT partner_id FROM part")
        return SQL(
            "%s, made AS (%s RETURNING id, partner_id)",
            ctes,
            Customer._missing_sql(scope.company, owing),
        )
