from odoo import api, models
from odoo.tools import SQL

from ..calc import allocation, money

ORDERS = {
    "costs_first": (("costs", "interest", "principal"), False),
    "principal_first": (("principal", "interest", "costs"), False),
    "invoice_first": (("costs", "interest", "principal"), True),
}


KINDS = [("costs", "Costs"), ("interest", "Interest"), ("principal", "Capital")]
COSTS = ("CHQ", "COL")  # classes of notes: returned cheques, collection costs


class CarteraImputation(models.AbstractModel):
    """Which open items a receipt pays first, as the company has it: costs, interest and capital."""

    _name = "cartera.imputation"
    _description = "Order of Application"

    @api.model
    def _kinds(self, items):
        """Return {item id: (kind, invoice id it belongs to)}: costs, interest or principal; one query.

        Notes of a run are what their lines are; notes made otherwise are what the class of their reason says.
        """
        kinds = {item.id: ("principal", item.move_id.id) for item in items}
        if not kinds:
            return kinds
        self.env["cartera.interest.line"].flush_model()
        items.move_id.flush_recordset(["note_reason_id", "debit_origin_id"])
        rows = self.env.execute_query(
            SQL(
                """SELECT l.id, n.only_fees, c.code, COALESCE(n.move_id, m.debit_origin_id, m.id)
                     FROM account_move_line l JOIN account_move m ON m.id = l.move_id
                LEFT JOIN LATERAL (SELECT bool_and(kind = 'fee') AS only_fees, MIN(move_id) AS move_id
                                     FROM cartera_interest_line WHERE note_move_id = m.id) n ON TRUE
                LEFT JOIN cartera_note_reason r ON r.id = m.note_reason_id
                LEFT JOIN cartera_note_class c ON c.id = r.class_id AND c.counts_as = 'charge'
                    WHERE l.id = ANY(%s) AND (n.only_fees IS NOT NULL OR c.id IS NOT NULL)""",
                list(kinds),
            )
        )
        for item, only_fees, code, invoice in rows:
            costs = code in COSTS if only_fees is None else only_fees
            kinds[item] = ("costs" if costs else "interest", invoice)
        return kinds

    @api.model
    def _impute(self, company, amount, items, order=None):
        """Return ([(item, part)], rest) of a receipt in the items' currency, in the company's order.

        Negative residuals (credit notes the customer takes off) are used first.

        :param amount: in the currency of the items, which all have the same
        :param items: open receivable items of one customer
        :param order: another order than the company's, where the payer or a contract says so
        """
        kinds = self._kinds(items)
        debts = [
            allocation.Debt(
                item.id,
                item.date_maturity or item.date,
                money.to_decimal(item.amount_residual_currency),
                *kinds[item.id],
            )
            for item in items
        ]
        order = order or company.cartera_allocation_order
        payment = money.to_decimal(amount)
        if order == "fifo":
            done = allocation.fifo(payment, debts)
        else:
            kinds_first, by_item = ORDERS[order]
            done = allocation.impute(payment, debts, kinds_first, by_item)
        lines = self.env["account.move.line"]
        return [(lines.browse(key), part) for key, part in done.parts], done.rest
