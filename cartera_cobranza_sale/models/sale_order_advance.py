from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.cartera_cobranza.calc import advance, money

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
    cartera_has_payments = fields.Boolean(
        string="Has Payments of Its Own", compute="_compute_cartera_has_payments"
    )

    @api.depends("transaction_ids", "cartera_payment_ids")
    def _compute_cartera_has_payments(self):
        """Most orders have none: one statement for all of them, where reading both relations takes two."""
        self.env["account.payment"].flush_model(["cartera_order_id"])
        found = {
            row[0]
            for row in self.env.execute_query(
                SQL(
                    "SELECT sale_order_id FROM sale_order_transaction_rel WHERE sale_order_id = ANY(%(ids)s)"
                    " UNION SELECT cartera_order_id FROM account_payment WHERE cartera_order_id = ANY(%(ids)s)",
                    ids=self._origin.ids,
                )
            )
        }
        for order in self:
            order.cartera_has_payments = order._origin.id in found

    def _compute_cartera_paid_amount(self):
        for order in self:
            order.cartera_paid_amount = 0.0
        saved = self.filtered("id")
        try:
            paid = saved._credit_advances()
        except UserError:  # no rate: the gate says so, a screen opens all the same
            return
        for order in saved:
            order.cartera_paid_amount = paid[order._origin.id]

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

        Payments recorded for the order count as far as they are not applied to something else; what was paid
        on the order's posted invoices counts, by the order's share in them; and so do done online payments, as
        ``_advance_online`` shares them. Each payment counts once. A payment that counts as debt until it has
        cleared frees nothing before that.
        """
        return {
            order_id: sum(parts.values(), named)
            for order_id, (named, parts) in self._advance_parts().items()
        }

    def _credit_paid_beside_ledger(self):
        """Return what was paid for this order and no posted payment shows yet, in its currency.

        What is posted lowers the exposure already, unless the company nets no unapplied payments.
        """
        self.ensure_one()
        own = self.sudo()
        if not own.cartera_has_payments:
            return 0.0  # read for all orders at once, as most have none
        netted = self.company_id.sudo().cartera_net_unapplied
        _named, parts = self._advance_parts()[self._origin.id]
        paid = sum(
            amount
            for tx, amount in parts.items()
            if not netted or tx.payment_id.move_id.state != "posted"
        )
        for row in self.env.execute_query(self._origin._advance_on_account_sql()):
            _order_id, currency_id, amount, day, posted = row
            if not (netted and posted):
                paid += self._advance_in_order_currency(float(amount), currency_id, day)
        return self.currency_id.round(paid)

    def _advance_parts(self):
        """Return {order id: (paid by what names it, {online payment: its part for it})} of these orders."""
        if not self:
            return {}
        self.env.flush_all()
        asked = {order._origin.id: order.amount_total for order in self}
        circle = self._origin._advance_circle()
        named = circle._advance_named()
        online = circle._advance_online(named, asked)
        return {
            order.id: (named[order.id], online[order.id])
            for order in circle
            if order.id in asked
        }

    def _advance_circle(self):
        """Return these orders with all that share an online payment with one of them."""
        circle, new = self, self
        while new:
            new = new.sudo().transaction_ids.sale_order_ids - circle.sudo()
            circle |= new.sudo(self.env.su)
        return circle

    def _advance_named(self):
        """Return {order id: amount} of payments that name one order, by themselves or by its invoice."""
        found = dict.fromkeys(self.ids, 0.0)
        for statement in (self._advance_on_account_sql(), self._advance_applied_sql()):
            for order_id, currency_id, amount, day, *_posted in self.env.execute_query(
                statement
            ):
                order = self.browse(order_id)
                found[order_id] += order._advance_in_order_currency(
                    float(amount), currency_id, day
                )
        return {order.id: order.currency_id.round(found[order.id]) for order in self}

    def _advance_online(self, named, asked):
        """Return {order id: {done online payment: its part in the order's currency}}, refunds taken off.

        The one rule for money over several orders: payments for one order are its own. A shared one
        first pays the order that it names, then the older orders before the newer, each as far as other
        payments leave something to pay; what is over stays with the last. Cancelled orders and those of another
        company get nothing of what is shared.

        :param named: what other payments than online ones paid, from ``_advance_named``
        :param asked: {order id: total} where it is not the stored one
        """
        found = {order.id: {} for order in self}
        needs = {
            order.id: asked.get(order.id, order.amount_total) - named[order.id]
            for order in self
        }
        done = self.sudo().transaction_ids.filtered(lambda tx: tx.state == "done")
        for tx in done.sorted(lambda tx: (len(tx.sale_order_ids) > 1, tx.id)):
            sharing = tx._credit_sharing() & self.sudo()
            day = tx._credit_day()
            wanted = [
                money.to_decimal(
                    order._advance_convert(
                        needs[order.id], order.currency_id, tx.currency_id, day
                    )
                )
                for order in sharing
            ]
            shares = advance.share(money.to_decimal(tx._credit_net_amount()), wanted)
            for order, want, part in zip(sharing, wanted, shares, strict=True):
                if want > 0 and part == want:
                    amount = needs[order.id]  # nothing is lost in converting twice
                else:
                    amount = order._advance_in_order_currency(
                        float(part), tx.currency_id.id, day
                    )
                needs[order.id] = order.currency_id.round(needs[order.id] - amount)
                found[order.id][tx] = order.currency_id.round(amount)
        return found

    def _advance_in_order_currency(self, amount, currency_id, day):
        currency = self.env["res.currency"].browse(currency_id)
        return self._advance_convert(amount, currency, self.currency_id, day)

    def _advance_convert(self, amount, currency, into, day):
        """Return ``amount`` in another currency at the rate of ``day``; without a rate it is refused."""
        if currency == into:
            return amount
        Money, company = self.env["cartera.money"], self.company_id
        rates = Money._rates(company, day)
        missing = (currency | into).filtered(lambda one: not rates.get(one.id))
        if missing:
            raise UserError(Money._missing_rate_message(missing, company, day))
        return float(
            money.convert(
                money.to_decimal(amount),
                rates[currency.id],
                rates[into.id],
                money.to_decimal(into.rounding),
            )
        )

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
        """Return (order, currency, amount, day, posted) of payments for orders, as far as they are applied to nothing.

        A payment without an entry counts whole.
        """
        return SQL(
            """SELECT pay.cartera_order_id, pay.currency_id,
                      COALESCE(CASE WHEN l.currency_id = pay.currency_id
                                    THEN -l.amount_residual_currency
                                    ELSE -l.amount_residual * pay.amount / NULLIF(-l.balance, 0) END,
                               pay.amount),
                      pay.date, l.id IS NOT NULL
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
