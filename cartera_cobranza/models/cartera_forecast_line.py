from odoo import fields, models

from .implied_many2one import ImpliedMany2one, lighten

# a forecast of a hundred thousand lines is written each day: its company is the forecast's, whose currency is no
# more deleted than those of the journal items
IMPLIED = ("company_id", "company_currency_id", "currency_id")


class CarteraForecastLine(models.Model):
    """What is expected of a customer in a currency in one week, from one source; written by its forecast.

    Each view (expected, early, late, by due date) has the whole amount, in its own week: read down a column the sums
    of all weeks are the same.
    """

    _name = "cartera.forecast.line"
    _description = "Expected Receipts"
    _order = "week, partner_id, id"
    _log_access = False

    forecast_id = fields.Many2one(
        "cartera.forecast", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = ImpliedMany2one("res.company", required=True, readonly=True)
    company_currency_id = ImpliedMany2one("res.currency", readonly=True)
    date = fields.Date(string="As Known On", readonly=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index=True, ondelete="cascade"
    )
    customer_id = fields.Many2one(
        "cartera.customer", string="Credit Account", readonly=True, ondelete="cascade"
    )
    collector_id = fields.Many2one("res.users", readonly=True)
    currency_id = ImpliedMany2one("res.currency", readonly=True)
    week = fields.Date(
        readonly=True,
        index=True,
        help="Monday of the week; empty where no date can be told.",
    )
    source = fields.Selection(
        [
            ("due", "Due date and habit"),
            ("promise", "Promise"),
            ("credit", "Unapplied credit"),
            ("order", "Order to be invoiced"),
            ("dispute", "In dispute, no date"),
            ("legal", "With the lawyers, no date"),
        ],
        readonly=True,
        help="From what the week is told.",
    )
    expected_company = fields.Monetary(
        string="Expected",
        currency_field="company_currency_id",
        readonly=True,
        help="By due date plus the customer's usual delay, or by the promise; in company currency at the rate of the "
        "day.",
    )
    low_company = fields.Monetary(
        string="Low",
        currency_field="company_currency_id",
        readonly=True,
        help="If customers pay later than usual by their usual variation: what will have come by then at least.",
    )
    high_company = fields.Monetary(
        string="High",
        currency_field="company_currency_id",
        readonly=True,
        help="If customers pay earlier than usual by their usual variation.",
    )
    due_company = fields.Monetary(
        string="By Due Date",
        currency_field="company_currency_id",
        readonly=True,
        help="By due dates and promises alone: what the forecast is measured against.",
    )
    expected_document = fields.Monetary(
        string="Expected, Document Currency",
        readonly=True,
        help="In the currency of the invoices.",
    )
    low_document = fields.Monetary(string="Low, Document Currency", readonly=True)
    high_document = fields.Monetary(string="High, Document Currency", readonly=True)
    due_document = fields.Monetary(
        string="By Due Date, Document Currency", readonly=True
    )

    def init(self):
        """Take off the keys and the index that an earlier version made."""
        lighten(self, IMPLIED, ("company_id",))
