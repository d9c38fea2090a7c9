from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError


class CarteraCollectionActionItem(models.Model):
    """An item as it stood when the customer was asked for it; written once, when the contact is made."""

    _name = "cartera.collection.action.item"
    _description = "Item of a Contact"
    _order = "action_id, currency_id, date_maturity, id"
    _log_access = False

    action_id = fields.Many2one(
        "cartera.collection.action", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="action_id.company_id", store=True, index=True, precompute=True
    )
    move_line_id = fields.Many2one(
        "account.move.line", string="Item", index="btree_not_null", ondelete="set null"
    )
    document = fields.Char(required=True, help="Number of the invoice or the payment.")
    reference = fields.Char(help="The customer's reference.")
    date = fields.Date(help="Date of the document.")
    date_maturity = fields.Date(string="Due Date")
    days_overdue = fields.Integer(aggregator="max")
    currency_id = fields.Many2one("res.currency", required=True, ondelete="restrict")
    amount_original = fields.Monetary(string="Original")
    residual = fields.Monetary(
        string="Open", help="What was open of it; a credit is negative."
    )
    disputed = fields.Monetary(help="Not demanded: in dispute.")
    promised = fields.Monetary(help="Not demanded: promised for a day to come.")
    demanded = fields.Monetary(help="What the customer was asked for.")

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(
            self.env._("What a customer was asked for stays written as it was.")
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("What a customer was asked for stays written as it was.")
        )

    def _totals(self):
        """Return {currency: demanded amount}, the net of each currency."""
        totals = defaultdict(float)
        for item in self:
            totals[item.currency_id] += item.demanded
        return {currency: currency.round(amount) for currency, amount in totals.items()}

    def _blocks(self):
        """Return the items currency by currency with their totals, for tables."""
        totals = self._totals()
        return [
            {
                "currency": currency,
                "items": items.sorted(
                    lambda one: (one.demanded < 0, one.date_maturity, one.id)
                ),
                "residual": currency.round(sum(items.mapped("residual"))),
                "total": totals[currency],
                "reduced": any(one.disputed or one.promised for one in items),
            }
            for currency, items in self.grouped("currency_id").items()
        ]
