from odoo import api, models
from odoo.tools import SQL


class CarteraCustomer(models.Model):
    _inherit = "cartera.customer"

    @api.model
    def _exposure_tables(self, scope):
        tables = super()._exposure_tables(scope)
        if not scope.past:
            tables |= self._committed_tables(scope)
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
    def _position_notes(self, company, partner_ids):
        """Tell what of the exposure is lowered by money for orders that are sold in advance.

        Such orders are no part of the exposure, and what was paid for them is taken off it like all money on
        account (domain rule: less unapplied receipts). So it gives room to other orders until it is applied.
        """
        notes = super()._position_notes(company, partner_ids)
        if not company.sudo().cartera_net_unapplied:
            return notes
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT p.commercial_partner_id, SUM(-l.amount_residual)
                     FROM account_payment pay
                     JOIN account_move_line l ON l.move_id = pay.move_id AND l.parent_state = 'posted'
                     JOIN res_partner p ON p.id = l.partner_id
                    WHERE l.company_id = %(company)s AND p.commercial_partner_id = ANY(%(partners)s)
                      AND pay.state IN ('in_process', 'paid') AND l.amount_residual < 0 AND %(trade)s
                      AND EXISTS (SELECT 1 FROM sale_order o
                                    JOIN account_payment_term t ON t.id = o.payment_term_id AND t.cartera_prepaid
                                   WHERE o.state <> 'cancel'
                                     AND (o.id = pay.cartera_order_id
                                          OR o.id IN (SELECT rel.sale_order_id
                                                        FROM sale_order_transaction_rel rel
                                                        JOIN payment_transaction tx ON tx.id = rel.transaction_id
                                                       WHERE tx.payment_id = pay.id)))
                 GROUP BY p.commercial_partner_id""",
                company=company.id,
                partners=list(partner_ids),
                trade=self._trade_accounts(),
            )
        )
        for partner, amount in rows:
            notes.setdefault(partner, []).append(
                {
                    "key": "prepaid_on_account",
                    "label": self.env._("On account for orders sold in advance"),
                    "amount": float(amount),
                    "help": self.env._(
                        "Taken off the exposure like all money on account: it gives room to other orders until it is "
                        "applied to the invoices of these."
                    ),
                }
            )
        return notes

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
    def _committed_tables(self, scope):
        """Return {name: query} that end in ``committed``: what confirmed orders still add, tax included.

        For each line the greater of ordered and delivered, less the quantities on posted invoices, at the
        line's price; independent of the invoicing policy. A credit note gives back no more quantity than
        its amount is worth at that price, and one at less than half the price none: it corrects the price,
        and does not revive the order. Posted down payments (lines of no ordered quantity) that no invoice has
        deducted yet are taken off, what is to deliver first. Prepaid orders and closed commitments are out,
        and beyond the horizon what is not delivered.

        One step, one table: planned apart, each is a join of few tables. As one query with lateral joins
        its planning took longer than the rest of the gate.
        """
        return {
            "open_order": self._open_order_sql(scope),
            "open_line": self._open_line_sql(scope),
            "invoiced": self._invoiced_sql(),
            "committed": self._committed_sql(),
        }

    @api.model
    def _open_order_sql(self, scope):
        """Return the orders that may have something to come.

        Orders that Odoo counts as invoiced are skipped unless one of their invoices is a draft.
        """
        return SQL(
            """SELECT o.id, p.commercial_partner_id AS partner_id, o.currency_id, o.amount_untaxed,
                      o.amount_total, o.date_order, o.commitment_date
                 FROM sale_order o
                 JOIN %(contacts)s p ON p.id = o.partner_invoice_id
                WHERE o.state = 'sale' AND o.company_id = %(company)s AND %(customers)s
                  AND o.cartera_commitment_closed IS NOT TRUE
                  AND COALESCE(o.payment_term_id, 0) <> ALL(ARRAY(
                          SELECT id FROM account_payment_term WHERE cartera_prepaid))
                  AND (o.invoice_status <> 'invoiced' OR %(has_draft)s)""",
            contacts=scope.contacts,
            company=scope.company.id,
            customers=scope.of_customers(SQL("o.partner_invoice_id")),
            has_draft=self._has_draft_invoice_sql(scope),
        )

    @api.model
    def _has_draft_invoice_sql(self, scope):
        """Return the condition that order ``o`` has a draft invoice.

        For some customers it is looked up order by order: their orders are few, a company's drafts many.
        """
        if scope.partner_ids is None:
            return SQL(
                """o.id IN (SELECT l.order_id FROM account_move m
                              JOIN account_move_line ml ON ml.move_id = m.id
                              JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = ml.id
                              JOIN sale_order_line l ON l.id = rel.order_line_id
                             WHERE m.state = 'draft' AND m.move_type IN ('out_invoice', 'out_refund')
                               AND m.company_id = %s)""",
                scope.company.id,
            )
        return SQL(
            """EXISTS (SELECT 1 FROM sale_order_line l
                         JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = l.id
                         JOIN account_move_line ml ON ml.id = rel.invoice_line_id
                              AND ml.parent_state = 'draft'
                        WHERE l.order_id = o.id)"""
        )

    @api.model
    def _open_line_sql(self, scope):
        """Return these orders' lines with the price of a unit and what is ordered and delivered."""
        horizon = scope.company.cartera_horizon_days
        in_time = SQL("TRUE")
        if horizon:
            in_time = SQL(
                "COALESCE(o.commitment_date, o.date_order + l.customer_lead * interval '1 day')::date <= %s + %s",
                scope.day,
                horizon,
            )
        return SQL(
            """SELECT l.id, l.order_id, l.qty_delivered AS delivered, u.factor, %(in_time)s AS in_time,
                      GREATEST(l.product_uom_qty, l.qty_delivered) AS wanted,
                      COALESCE(l.is_downpayment, FALSE) AND l.product_uom_qty = 0 AS advance,
                      CASE WHEN l.product_uom_qty <> 0 THEN l.price_total / l.product_uom_qty
                           ELSE l.price_unit * (1 - COALESCE(l.discount, 0) / 100.0)
                                * CASE WHEN o.amount_untaxed <> 0 THEN o.amount_total / o.amount_untaxed
                                       ELSE 1 END
                      END::numeric AS unit
                 FROM open_order o
                 JOIN sale_order_line l ON l.order_id = o.id AND l.display_type IS NULL
            LEFT JOIN uom_uom u ON u.id = l.product_uom_id""",
            in_time=in_time,
        )

    @api.model
    def _invoiced_sql(self):
        """Return the quantity, in the order's unit, and the amount of each line on posted invoices.

        The invoice lines are looked up one by one (OFFSET 0 keeps them apart): what is open on orders is
        little beside the ledger, all of which would be read to join it otherwise.
        """
        return SQL(
            """SELECT l.id,
                      SUM(CASE WHEN q.move_type = 'out_invoice' THEN q.quantity
                               WHEN l.unit <= 0 THEN -q.quantity
                               WHEN q.price_total * 2 < l.unit * q.quantity THEN 0
                               ELSE -LEAST(q.quantity, q.price_total / l.unit) END) AS quantity,
                      SUM(CASE WHEN q.move_type = 'out_invoice' THEN q.price_total
                               ELSE -q.price_total END) AS amount
                 FROM open_line l
                 JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = l.id
           CROSS JOIN LATERAL (
                      SELECT m.move_type, ml.price_total,
                             ml.quantity * COALESCE(u.factor, 1) / COALESCE(l.factor, 1) AS quantity
                        FROM account_move_line ml
                        JOIN account_move m ON m.id = ml.move_id AND m.move_type IN ('out_invoice', 'out_refund')
                             AND (m.state = 'posted' OR m.payment_state = 'invoicing_legacy')
                   LEFT JOIN uom_uom u ON u.id = ml.product_uom_id
                       WHERE ml.id = rel.invoice_line_id OFFSET 0) q
             GROUP BY l.id"""
        )

    @api.model
    def _committed_sql(self):
        """Return what each order still adds, delivered and to deliver, in the order's currency."""
        return SQL(
            """SELECT x.order_id, x.partner_id, x.currency_id,
                      GREATEST(x.delivered - GREATEST(x.down_payment - x.to_deliver, 0), 0) AS delivered,
                      GREATEST(x.to_deliver - GREATEST(x.down_payment, 0), 0) AS to_deliver
                 FROM (SELECT o.id AS order_id, o.partner_id, o.currency_id,
                              SUM(CASE WHEN l.advance THEN 0
                                       ELSE l.unit * GREATEST(l.delivered - COALESCE(i.quantity, 0), 0)
                                  END) AS delivered,
                              SUM(CASE WHEN l.advance OR NOT l.in_time THEN 0
                                       ELSE l.unit * GREATEST(l.wanted - GREATEST(
                                            l.delivered, COALESCE(i.quantity, 0)), 0)
                                  END) AS to_deliver,
                              SUM(CASE WHEN l.advance THEN COALESCE(i.amount, 0) ELSE 0 END) AS down_payment
                         FROM open_order o
                         JOIN open_line l ON l.order_id = o.id
                    LEFT JOIN invoiced i ON i.id = l.id
                     GROUP BY o.id, o.partner_id, o.currency_id) x"""
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
                """WITH contact AS (SELECT p.id, p.commercial_partner_id FROM res_partner p
                                     WHERE p.commercial_partner_id = %s),
                        %s
                        wanted AS (SELECT order_id FROM committed WHERE %s <> 0)
                   SELECT order_id FROM wanted ORDER BY order_id""",
                self.partner_id.id,
                customer._tables_sql(scope),
                SQL.identifier(column),
            )
        )
        return [row[0] for row in rows]
