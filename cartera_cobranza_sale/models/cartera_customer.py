from odoo import api, models
from odoo.tools import SQL


class CarteraCustomer(models.Model):
    _inherit = "cartera.customer"

    @api.model
    def _exposure_tables(self, scope):
        tables = super()._exposure_tables(scope)
        if not scope.past:
            tables["committed"] = self._committed_sql(scope)
        return tables

    @api.model
    def _exposure_sources(self, scope):
        sources = super()._exposure_sources(scope)
        if not scope.past:
            for name, column in (
                ("delivered_not_invoiced", "delivered"),
                ("order_to_deliver", "to_deliver"),
            ):
                amount = SQL.identifier("o", column)
                sources[name] = SQL(
                    """SELECT o.partner_id, o.currency_id, %(amount)s AS amount_document,
                              %(amount)s / r.rate AS amount_company
                         FROM committed o LEFT JOIN rate r ON r.currency_id = o.currency_id
                        WHERE %(amount)s <> 0""",
                    amount=amount,
                )
        return sources

    @api.model
    def _exposure_source_labels(self):
        return {
            **super()._exposure_source_labels(),
            "delivered_not_invoiced": self.env._("Delivered, not invoiced"),
            "order_to_deliver": self.env._("Orders to deliver"),
        }

    @api.model
    def _draft_invoice_filter(self):
        return SQL(
            """%s AND NOT EXISTS (
                   SELECT 1 FROM account_move_line ml
                     JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = ml.id
                    WHERE ml.move_id = m.id)""",
            super()._draft_invoice_filter(),
        )

    @api.model
    def _committed_sql(self, scope):
        """Return the confirmed orders' amounts to come, tax included, in the order's currency.

        For each line the greater of ordered and delivered, less the quantities on posted invoices, at the
        line's price; independent of the invoicing policy. A credit note gives back no more quantity than
        its amount is worth at that price, and one at less than half the price none: it corrects the price,
        and does not revive the order. Posted down payments (lines of no ordered quantity) that no invoice has
        deducted yet are taken off, what is to deliver first. Prepaid orders and closed commitments are out,
        and beyond the horizon what is not delivered.

        Orders that Odoo counts as invoiced are skipped unless one of their invoices is a draft.
        """
        horizon = scope.company.cartera_horizon_days
        in_time = SQL("TRUE")
        if horizon:
            in_time = SQL(
                "COALESCE(o.commitment_date, o.date_order + l.customer_lead * interval '1 day')::date <= %s + %s",
                scope.day,
                horizon,
            )
        return SQL(
            """SELECT x.order_id, x.partner_id, x.currency_id,
                      GREATEST(x.delivered - GREATEST(x.down_payment - x.to_deliver, 0), 0) AS delivered,
                      GREATEST(x.to_deliver - GREATEST(x.down_payment, 0), 0) AS to_deliver
                 FROM (
          SELECT o.id AS order_id, p.commercial_partner_id AS partner_id, o.currency_id,
                 SUM(CASE WHEN a.advance THEN 0
                          ELSE u.unit * GREATEST(l.qty_delivered - COALESCE(i.quantity, 0), 0) END) AS delivered,
                 SUM(CASE WHEN a.advance OR NOT %(in_time)s THEN 0
                          ELSE u.unit * GREATEST(GREATEST(l.product_uom_qty, l.qty_delivered)
                                        - GREATEST(l.qty_delivered, COALESCE(i.quantity, 0)), 0) END) AS to_deliver,
                 SUM(CASE WHEN a.advance THEN COALESCE(i.amount, 0) ELSE 0 END) AS down_payment
            FROM sale_order o
            JOIN res_partner p ON p.id = o.partner_invoice_id
       LEFT JOIN account_payment_term t ON t.id = o.payment_term_id
            JOIN sale_order_line l ON l.order_id = o.id AND l.display_type IS NULL
      CROSS JOIN LATERAL (SELECT COALESCE(l.is_downpayment, FALSE) AND l.product_uom_qty = 0 AS advance) a
      CROSS JOIN LATERAL (
          SELECT CASE WHEN l.product_uom_qty <> 0 THEN l.price_total / l.product_uom_qty
                      ELSE l.price_unit * (1 - COALESCE(l.discount, 0) / 100.0)
                           * CASE WHEN o.amount_untaxed <> 0 THEN o.amount_total / o.amount_untaxed ELSE 1 END
                 END::numeric AS unit) u
       LEFT JOIN LATERAL (
          SELECT SUM(CASE WHEN m.move_type = 'out_invoice' THEN q.quantity
                          WHEN u.unit <= 0 THEN -q.quantity
                          WHEN ml.price_total * 2 < u.unit * q.quantity THEN 0
                          ELSE -LEAST(q.quantity, ml.price_total / u.unit) END) AS quantity,
                 SUM(CASE WHEN m.move_type = 'out_invoice' THEN ml.price_total ELSE -ml.price_total END) AS amount
            FROM sale_order_line_invoice_rel rel
            JOIN account_move_line ml ON ml.id = rel.invoice_line_id
            JOIN account_move m ON m.id = ml.move_id AND m.move_type IN ('out_invoice', 'out_refund')
                 AND (m.state = 'posted' OR m.payment_state = 'invoicing_legacy')
       LEFT JOIN uom_uom um ON um.id = ml.product_uom_id
       LEFT JOIN uom_uom ul ON ul.id = l.product_uom_id
      CROSS JOIN LATERAL (SELECT ml.quantity * COALESCE(um.factor, 1) / COALESCE(ul.factor, 1) AS quantity) q
           WHERE rel.order_line_id = l.id) i ON TRUE
           WHERE o.state = 'sale' AND o.company_id = %(company)s AND %(customers)s
             AND COALESCE(t.cartera_prepaid, FALSE) = FALSE
             AND COALESCE(o.cartera_commitment_closed, FALSE) = FALSE
             AND (o.invoice_status <> 'invoiced' OR o.id IN (
                    SELECT dl.order_id FROM account_move dm
                      JOIN account_move_line dml ON dml.move_id = dm.id
                      JOIN sale_order_line_invoice_rel drel ON drel.invoice_line_id = dml.id
                      JOIN sale_order_line dl ON dl.id = drel.order_line_id
                     WHERE dm.state = 'draft' AND dm.move_type IN ('out_invoice', 'out_refund')
                       AND dm.company_id = %(company)s))
        GROUP BY o.id, p.commercial_partner_id, o.currency_id) x""",
            company=scope.company.id,
            customers=scope.of_customers(SQL("o.partner_invoice_id")),
            in_time=in_time,
        )

    def _source_action(self, source):
        if source not in ("delivered_not_invoiced", "order_to_deliver"):
            return super()._source_action(source)
        return {
            "type": "ir.actions.act_window",
            "name": self._exposure_source_labels()[source],
            "res_model": "sale.order",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", self._committed_order_ids(source))],
            "context": {"create": False},
        }

    def _committed_order_ids(self, source):
        """Return the ids of this customer's orders behind one source, as the statement itself sees them."""
        from odoo.addons.cartera_cobranza.models.cartera_exposure_engine import (
            ExposureScope,
        )

        company = self.company_id
        scope = ExposureScope(company, company._cartera_today(), (self.partner_id.id,))
        customer = self.sudo()
        customer.env.flush_all()
        column = "delivered" if source == "delivered_not_invoiced" else "to_deliver"
        rows = self.env.execute_query(
            SQL(
                """WITH target AS (%s),
                        contact AS (SELECT p.id FROM res_partner p WHERE p.commercial_partner_id
                                     = ANY(ARRAY(SELECT partner_id FROM target WHERE asked))),
                        committed AS (%s)
                   SELECT order_id FROM committed WHERE %s <> 0 ORDER BY order_id""",
                customer._target_sql(scope),
                customer._committed_sql(scope),
                SQL.identifier(column),
            )
        )
        return [row[0] for row in rows]
