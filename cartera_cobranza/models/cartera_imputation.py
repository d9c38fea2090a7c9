from odoo import api, models
from odoo.tools import SQL

from ..calc import allocation, money

ORDERS = {
    "costs_first": (("costs", "interest", "principal"), False),
    "principal_first": (("principal", "interest", "costs"), False),
    "invoice_first": (("costs", "interest", "principal"), True),
}


class CarteraImputation(models.AbstractModel):
    """Which open items a receipt pays first, as the company has it: costs, interest and capital."""

    _name = "cartera.imputation"
    _description = "Order of Application"

    @api.model
    def _kinds(self, items):
        """Return {item id: (kind, invoice id it belongs to)}: costs, interest or principal; one query."""
        kinds = {item.id: ("principal", item.move_id.id) for item in items}
        if not kinds:
            return kinds
        self.env["cartera.interest.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT l.id, bool_and(n.kind = 'fee'), MIN(n.move_id)
                     FROM account_move_line l JOIN cartera_interest_line n ON n.note_move_id = l.move_id
                    WHERE l.id = ANY(%s) GROUP BY l.id""",
                list(kinds),
            )
        )
        for item, only_fees, invoice in rows:
            kinds[item] = ("costs" if only_fees else "interest", invoice)
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
