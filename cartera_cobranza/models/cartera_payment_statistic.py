from odoo import api, fields, models
from odoo.tools import SQL


class CarteraPaymentStatistic(models.Model):
    """Money that customers paid, as the ledger has it: one row for each receivable item of a bank or cash entry.

    Payments and bank transactions alike; what was taken back stands with a minus sign. Points and commissions
    are left out.
    """

    _name = "cartera.payment.statistic"
    _description = "Payments Received"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "document"
    _depends = {
        "account.move.line": [
            "account_id", "amount_currency", "amount_residual", "amount_residual_currency", "balance", "company_id",
            "currency_id", "date", "journal_id", "move_id", "parent_state", "partner_id",
        ],
        "account.move": ["name", "origin_payment_id", "ref", "reversed_entry_id", "statement_line_id"],
        "account.payment": ["cartera_center_id", "memo", "payment_method_line_id", "payment_reference"],
        "account.journal": ["type"],
        "cartera.customer": ["collector_id", "company_id", "partner_id"],
        "res.partner": ["commercial_partner_id", "user_id"],
    }  # fmt: skip

    move_id = fields.Many2one("account.move", string="Entry", readonly=True)
    move_line_id = fields.Many2one(
        "account.move.line", string="Journal Item", readonly=True
    )
    payment_id = fields.Many2one("account.payment", readonly=True)
    document = fields.Char(readonly=True)
    ref = fields.Char(string="Reference", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    date = fields.Date(readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    customer_id = fields.Many2one(
        "cartera.customer", string="Credit Account", readonly=True
    )
    journal_id = fields.Many2one("account.journal", readonly=True)
    payment_method_line_id = fields.Many2one(
        "account.payment.method.line",
        string="Payment Method",
        readonly=True,
        help="Empty where the money came straight from a bank transaction.",
    )
    center_id = fields.Many2one(
        "cartera.collection.center", string="Collection Center", readonly=True
    )
    salesperson_id = fields.Many2one("res.users", readonly=True)
    collector_id = fields.Many2one("res.users", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(
        readonly=True,
        help="In the currency of the payment; minus where it was taken back.",
    )
    amount_company = fields.Monetary(
        string="Received",
        currency_field="company_currency_id",
        readonly=True,
        help="In company currency at the value of the ledger; minus where it was taken back.",
    )
    unapplied_company = fields.Monetary(
        string="Not Applied",
        currency_field="company_currency_id",
        readonly=True,
        help="What of it is on account now, in company currency.",
    )
    returned = fields.Boolean(
        string="Taken Back", readonly=True, help="A bounced or reversed payment."
    )
    payment_count = fields.Integer(string="Payments", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """SELECT l.id, l.id AS move_line_id, l.move_id, p.id AS payment_id, m.name AS document,
                      COALESCE(NULLIF(p.payment_reference, ''), NULLIF(p.memo, ''), m.ref) AS ref,
                      l.company_id, l.company_currency_id, l.date, contact.commercial_partner_id AS partner_id,
                      c.id AS customer_id, l.journal_id, p.payment_method_line_id, p.cartera_center_id AS center_id,
                      partner.user_id AS salesperson_id, c.collector_id, l.currency_id,
                      -l.amount_currency AS amount, -l.balance AS amount_company,
                      CASE WHEN l.balance < 0 THEN -l.amount_residual ELSE 0 END AS unapplied_company,
                      l.balance > 0 AS returned, 1 AS payment_count
                 FROM account_move_line l
                 JOIN account_journal j ON j.id = l.journal_id AND j.type IN ('bank', 'cash', 'credit')
                 JOIN account_move m ON m.id = l.move_id
            LEFT JOIN account_move undone ON undone.id = m.reversed_entry_id
            LEFT JOIN account_payment p ON p.id = COALESCE(m.origin_payment_id, undone.origin_payment_id)
            LEFT JOIN res_partner contact ON contact.id = l.partner_id
            LEFT JOIN res_partner partner ON partner.id = contact.commercial_partner_id
            LEFT JOIN cartera_customer c ON c.partner_id = contact.commercial_partner_id
                                        AND c.company_id = l.company_id
                WHERE l.parent_state = 'posted' AND l.company_id = ANY(%(companies)s) AND %(trade)s
                  AND (l.balance <> 0 OR l.amount_currency <> 0)""",
            companies=self._companies().ids,
            trade=self.env["cartera.customer"]._trade_accounts(),
        )

    @api.model
    def _companies(self):
        return self.env["cartera.receivable.item"]._companies()

    def action_open_payment(self):
        """Open the payment, or the entry of the bank transaction (button)."""
        self.ensure_one()
        record = self.payment_id or self.move_id
        record.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
            "context": {"create": False},
        }
