from odoo import fields, models
from odoo.tools import SQL


class CarteraAgingSnapshotLine(models.Model):
    """What a customer owed in a bucket and a currency on the date of a snapshot; written by its computation only."""

    _name = "cartera.aging.snapshot.line"
    _description = "Aging Snapshot Line"
    _inherit = ["cartera.unmixed"]
    _order = "date desc, residual_company desc, id"
    _rec_name = "partner_id"
    _log_access = False

    snapshot_id = fields.Many2one(
        "cartera.aging.snapshot",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    date = fields.Date(required=True, readonly=True, index=True)
    profile_id = fields.Many2one(
        "cartera.aging.profile", required=True, readonly=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Empty on items that were booked without a partner.",
    )
    customer_id = fields.Many2one(
        "cartera.customer",
        string="Credit Account",
        readonly=True,
        ondelete="set null",
    )
    group_id = fields.Many2one(
        "cartera.credit.group",
        string="Credit Group",
        readonly=True,
        ondelete="set null",
    )
    collector_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    risk_class = fields.Selection(
        lambda self: self.env["cartera.customer"]._fields["risk_class"].selection,
        readonly=True,
    )
    bucket_id = fields.Many2one(
        "cartera.aging.bucket", required=True, readonly=True, ondelete="restrict"
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, readonly=True, ondelete="restrict"
    )
    company_currency_id = fields.Many2one(
        "res.currency", required=True, readonly=True, ondelete="restrict"
    )
    residual = fields.Monetary(
        string="Open", readonly=True, help="In the currency of the documents."
    )
    residual_company = fields.Monetary(
        string="Open, Ledger Value",
        currency_field="company_currency_id",
        readonly=True,
        help="In company currency: the sum is the balance of the receivable accounts.",
    )
    debt_company = fields.Monetary(
        string="Owed",
        currency_field="company_currency_id",
        readonly=True,
        help="Without unapplied credits, in company currency.",
    )
    credit_company = fields.Monetary(
        string="Unapplied Credits",
        currency_field="company_currency_id",
        readonly=True,
        help="Negative, in company currency.",
    )
    overdue_company = fields.Monetary(
        string="Overdue",
        currency_field="company_currency_id",
        readonly=True,
        help="Of what is owed, past its due date, in company currency.",
    )
    item_count = fields.Integer(string="Open Items", readonly=True)
    oldest_days = fields.Integer(
        string="Oldest, Days Overdue", readonly=True, aggregator="max"
    )

    _snapshot_bucket_idx = models.Index("(snapshot_id, bucket_id)")

    def _adds_up(self):
        """Balances of one day are added up, each company's once: the next month's hold the same invoices again."""
        return SQL(
            "COUNT(DISTINCT %s) = 1 AND COUNT(DISTINCT %s) = COUNT(DISTINCT %s)",
            self._column("date"),
            self._column("snapshot_id"),
            self._column("company_id"),
        )
