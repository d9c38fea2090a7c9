from odoo import fields, models
from odoo.tools import SQL

from .cartera_note_class import COUNTS_AS
from .res_currency import KINDS


class CarteraNoteStatistic(models.Model):
    """Posted credit and debit notes, one row each, by reason, class, period, customer and salesperson.

    Amounts of money are in the company's currency without taxes; points and commissions stand in a column of
    their own and are never part of them.
    """

    _name = "cartera.note.statistic"
    _description = "Note Statistics"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "move_id"

    move_id = fields.Many2one("account.move", string="Note", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    date = fields.Date(readonly=True)
    direction = fields.Selection(
        [("credit", "Credit"), ("debit", "Debit")], readonly=True
    )
    party = fields.Selection(
        [("customer", "Customer"), ("supplier", "Supplier")],
        string="Note of",
        readonly=True,
    )
    reason_id = fields.Many2one("cartera.note.reason", readonly=True)
    class_id = fields.Many2one("cartera.note.class", string="Class", readonly=True)
    counts_as = fields.Selection(COUNTS_AS, readonly=True)
    period_id = fields.Many2one(
        "cartera.commercial.period", string="Commercial Period", readonly=True
    )
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    kind = fields.Selection(KINDS, string="Kind of Currency", readonly=True)
    note_count = fields.Integer(string="Notes", readonly=True)
    amount = fields.Monetary(
        readonly=True,
        currency_field="company_currency_id",
        help="Without taxes, in company currency; credit notes lower it.",
    )
    amount_total = fields.Monetary(
        string="With Taxes", readonly=True, currency_field="company_currency_id"
    )
    amount_kind = fields.Float(
        string="Points and Commissions",
        readonly=True,
        help="Notes in points or commissions, in their own units.",
    )
    share_of_sales = fields.Float(
        string="% of Sales",
        readonly=True,
        help="Share of what the company invoiced without taxes in the months in which it has these notes.",
    )
    month_key = fields.Char(readonly=True)
    month_sales = fields.Float(readonly=True, aggregator=None)

    def _read_group_select(self, aggregate_spec, query):
        """Shares do not add up over months: the notes of a group are divided by the sales of its months."""
        if aggregate_spec not in ("share_of_sales:sum", "share_of_sales:avg"):
            return super()._read_group_select(aggregate_spec, query)
        key, sales, amount, kind, party = (
            self._field_to_sql(self._table, name, query)
            for name in ("month_key", "month_sales", "amount", "kind", "party")
        )
        return SQL(
            """100 * SUM(%(amount)s) FILTER (WHERE %(mine)s)
               / NULLIF((SELECT SUM(value::numeric) FROM jsonb_each_text(
                     jsonb_object_agg(%(key)s, %(sales)s) FILTER (WHERE %(mine)s))), 0)""",
            amount=amount,
            mine=SQL("%s = 'money' AND %s = 'customer'", kind, party),
            key=key,
            sales=sales,
        )

    @property
    def _table_query(self):
        return SQL(
            """WITH note AS (
                 SELECT m.id, m.company_id, COALESCE(m.invoice_date, m.date) AS date, m.move_type,
                        m.note_reason_id, m.commercial_period_id, m.commercial_partner_id,
                        m.invoice_user_id, m.currency_id, c.cartera_kind,
                        CASE WHEN m.move_type IN ('in_invoice', 'out_invoice') THEN 'debit' ELSE 'credit' END
                            AS direction,
                        CASE WHEN m.move_type IN ('in_refund', 'out_refund') THEN -1 ELSE 1 END AS sign,
                        abs(m.amount_untaxed_signed) AS untaxed, abs(m.amount_total_signed) AS total,
                        m.amount_untaxed AS untaxed_kind
                   FROM account_move m
                   JOIN res_currency c ON c.id = m.currency_id
                  WHERE m.state = 'posted'
                    AND (m.move_type IN ('out_refund', 'in_refund')
                         OR m.move_type IN ('out_invoice', 'in_invoice')
                            AND (m.debit_origin_id IS NOT NULL OR m.reversed_entry_id IS NOT NULL
                                 OR m.note_reason_id IS NOT NULL))),
               sales AS (
                 SELECT m.company_id, date_trunc('month', COALESCE(m.invoice_date, m.date)) AS month,
                        SUM(m.amount_untaxed_signed) AS amount
                   FROM account_move m
                   JOIN res_currency c ON c.id = m.currency_id AND c.cartera_kind = 'money'
                  WHERE m.state = 'posted' AND m.move_type = 'out_invoice' AND m.debit_origin_id IS NULL
                    AND m.reversed_entry_id IS NULL AND m.note_reason_id IS NULL
               GROUP BY 1, 2)
               SELECT n.id, n.id AS move_id, n.company_id, n.date, n.direction,
                      CASE WHEN n.move_type LIKE 'in%%' THEN 'supplier' ELSE 'customer' END AS party,
                      n.note_reason_id AS reason_id, r.class_id, r.counts_as,
                      n.commercial_period_id AS period_id, n.commercial_partner_id AS partner_id,
                      n.invoice_user_id AS user_id, n.currency_id, co.currency_id AS company_currency_id,
                      n.cartera_kind AS kind, 1 AS note_count,
                      CASE WHEN n.cartera_kind = 'money' THEN n.sign * n.untaxed ELSE 0 END AS amount,
                      CASE WHEN n.cartera_kind = 'money' THEN n.sign * n.total ELSE 0 END AS amount_total,
                      CASE WHEN n.cartera_kind <> 'money' THEN n.sign * n.untaxed_kind ELSE 0 END AS amount_kind,
                      CASE WHEN n.cartera_kind = 'money' AND n.move_type LIKE 'out%%'
                           THEN 100 * n.sign * n.untaxed / NULLIF(s.amount, 0) END AS share_of_sales,
                      n.company_id || ' ' || to_char(n.date, 'YYYY-MM') AS month_key, s.amount AS month_sales
                 FROM note n
                 JOIN res_company co ON co.id = n.company_id
            LEFT JOIN cartera_note_reason r ON r.id = n.note_reason_id
            LEFT JOIN sales s ON s.company_id = n.company_id AND s.month = date_trunc('month', n.date)"""
        )
