from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

PAYMENT_STATES = ("in_process", "paid")


class SaleOrderAdvance(models.AbstractModel):
    """What was paid for an order: online, on account for it, or on its own invoices."""

    _name = "sale.order.advance"
    _description = "Payments of an Order"

    cartera_payment_ids = fields.One2many(
        "account.payment",
        "cartera_order_id",
        string="Payments Received for It",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )

    def _compute_cartera_paid_amount(self):
        paid = self.filtered("id")._credit_advances()
        for order in self:
            order.cartera_paid_amount = paid.get(order._origin.id, 0.0)

    def action_register_advance(self):
        """Open a new payment for what is not paid of the order yet (button)."""
        self.ensure_one()
        if self.state == "cancel":
            raise UserError(
                self.env._(
                    "%(order)s is cancelled: take it up again before you record a payment for it.",
                    order=self.name,
                )
            )
        rest = max(self.amount_total - self.cartera_paid_amount, 0.0)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Advance for %s", self.name),
            "res_model": "account.payment",
            "views": [(False, "form")],
            "target": "current",
            "context": {
                "default_payment_type": "inbound",
                "default_partner_type": "customer",
                "default_partner_id": self._credit_partner().id,
                "default_amount": rest,
                "default_currency_id": self.currency_id.id,
                "default_company_id": self.company_id.id,
                "default_memo": self.name,
                "default_cartera_order_id": self.id,
            },
        }

    # Gathering

    def _credit_advances(self):
        """Return {order id: what was paid for it in its currency}, in a fixed number of statements.

        Done transactions count whole (shared by the orders they are for); payments recorded for the order
        count as far as they are not applied to something else; and what was paid on the order's posted
        invoices counts, by the order's share in them. Each payment counts once. A payment that counts as
        debt until it has cleared frees nothing before that.
        """
        if not self:
            return {}
        self.env.flush_all()
        found = {order.id: 0.0 for order in self}
        online = self._advance_transactions()
        for order in self:
            found[order.id] += online.get(order.id, 0.0)
        for statement in (self._advance_on_account_sql(), self._advance_applied_sql()):
            for order_id, currency_id, amount, day in self.env.execute_query(statement):
                order = self.browse(order_id)
                found[order_id] += order._advance_in_order_currency(
                    float(amount), currency_id, day
                )
        return {order.id: order.currency_id.round(found[order.id]) for order in self}

    def _advance_in_order_currency(self, amount, currency_id, day):
        if currency_id == self.currency_id.id:
            return amount
        currency = self.env["res.currency"].browse(currency_id)
        return currency._convert(amount, self.currency_id, self.company_id, day)

    def _advance_transactions(self):
        """Return {order id: amount} of done online payments, refunds taken off.

        A transaction for several orders is shared by their totals.
        """
        found = {}
        for order in self:
            for tx in order.sudo().transaction_ids:
                if tx.state != "done":
                    continue
                whole = sum(tx.sale_order_ids.mapped("amount_total"))
                share = (
                    order.amount_total / whole
                    if len(tx.sale_order_ids) > 1 and whole
                    else 1.0
                )
                found[order.id] = found.get(
                    order.id, 0.0
                ) + order._advance_in_order_currency(
                    tx._credit_net_amount() * share,
                    tx.currency_id.id,
                    fields.Date.to_date(tx.last_state_change or tx.create_date),
                )
        return found

    @api.model
    def _advance_counts_sql(self):
        """Return the condition that payment ``pay`` counts: in force, cleared where it must, not online."""
        return SQL(
            """pay.state IN %(states)s AND pay.payment_type = 'inbound'
               AND (pml.cartera_count_uncleared IS NOT TRUE OR pay.is_matched)
               AND NOT EXISTS (SELECT 1 FROM payment_transaction tx
                                WHERE tx.payment_id = pay.id AND tx.state = 'done'
                                  AND tx.id IN (SELECT transaction_id FROM sale_order_transaction_rel))""",
            states=PAYMENT_STATES,
        )

    def _advance_on_account_sql(self):
        """Return (order, currency, amount, day) of payments for orders, as far as they are applied to nothing.

        A payment without an entry counts whole.
        """
        return SQL(
            """SELECT pay.cartera_order_id, pay.currency_id,
                      COALESCE(CASE WHEN l.currency_id = pay.currency_id
                                    THEN -l.amount_residual_currency
                                    ELSE -l.amount_residual * pay.amount / NULLIF(-l.balance, 0) END,
                               pay.amount),
                      pay.date
                 FROM account_payment pay
            LEFT JOIN account_payment_method_line pml ON pml.id = pay.payment_method_line_id
            LEFT JOIN (account_move_line l
                       JOIN account_account a ON a.id = l.account_id
                            AND a.account_type = 'asset_receivable')
                   ON l.move_id = pay.move_id AND l.parent_state = 'posted'
                WHERE pay.cartera_order_id IN %(orders)s AND %(counts)s""",
            orders=tuple(self.ids),
            counts=self._advance_counts_sql(),
        )

    def _advance_applied_sql(self):
        """Return (order, currency, amount, day) of what was paid on the orders' posted invoices.

        Credit notes of the same order are no payment: they lower what was delivered. Online payments are
        counted as such.
        """
        return SQL(
            """WITH invoice AS (
                   SELECT sol.order_id, ml.move_id, SUM(ml.price_total) AS part
                     FROM sale_order_line sol
                     JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sol.id
                     JOIN account_move_line ml ON ml.id = rel.invoice_line_id
                    WHERE sol.order_id IN %(orders)s AND ml.parent_state = 'posted'
                 GROUP BY sol.order_id, ml.move_id)
               SELECT i.order_id, debit.currency_id,
                      r.debit_amount_currency * CASE WHEN m.amount_total <> 0
                          THEN LEAST(i.part / m.amount_total, 1) ELSE 1 END,
                      r.max_date
                 FROM invoice i
                 JOIN account_move m ON m.id = i.move_id AND m.move_type = 'out_invoice'
                 JOIN account_move_line debit ON debit.move_id = m.id
                 JOIN account_account a ON a.id = debit.account_id
                      AND a.account_type = 'asset_receivable'
                 JOIN account_partial_reconcile r ON r.debit_move_id = debit.id
                 JOIN account_move_line credit ON credit.id = r.credit_move_id
                 JOIN account_move cm ON cm.id = credit.move_id
            LEFT JOIN account_payment pay ON pay.move_id = cm.id
            LEFT JOIN account_payment_method_line pml ON pml.id = pay.payment_method_line_id
                WHERE cm.id NOT IN (SELECT n.id FROM invoice own
                                      JOIN account_move n ON n.id = own.move_id
                                     WHERE n.move_type = 'out_refund' AND own.order_id = i.order_id)
                  AND (pay.id IS NULL OR (%(counts)s))""",
            orders=tuple(self.ids),
            counts=self._advance_counts_sql(),
        )
