from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

ADDRESS_FAILURES = ("mail_email_invalid", "mail_email_missing", "mail_bounce")
# what may still change of a statement that went out: what the mail server says of it
AFTER = {"state", "reason", "message_id", "partner_id", "customer_id"}


class CarteraStatementLine(models.Model):
    """One customer's statement of a run: its figures, and what became of the message."""

    _name = "cartera.statement.line"
    _description = "Statement of Account of a Customer"
    _inherit = ["cartera.guarded"]
    _order = "balance desc, id"
    _rec_name = "partner_id"

    run_id = fields.Many2one(
        "cartera.statement.run",
        string="Run",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    customer_id = fields.Many2one(
        "cartera.customer",
        string="Credit Account",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        related="customer_id.partner_id", string="Customer", store=True, index=True
    )
    account_key = fields.Integer(
        readonly=True,
        help="The number of the credit account when it was prepared: stays when accounts become one.",
    )
    date = fields.Date(related="run_id.date", store=True)
    form = fields.Selection(related="run_id.form")
    period = fields.Char(readonly=True)
    balance = fields.Monetary(
        readonly=True, help="In company currency at the value of the ledger."
    )
    overdue = fields.Monetary(
        readonly=True, help="In company currency at the value of the ledger."
    )
    item_count = fields.Integer(string="Open Items", readonly=True)
    amount_ids = fields.One2many(
        "cartera.statement.amount", "line_id", string="Currencies", readonly=True
    )
    state = fields.Selection(
        [
            ("prepared", "To send"),
            ("sent", "Sent"),
            ("no_email", "No address"),
            ("error", "Error"),
            ("cancelled", "Cancelled"),
        ],
        default="prepared",
        required=True,
        readonly=True,
        index=True,
    )
    reason = fields.Text(
        string="Why Not", readonly=True, help="Why it was not sent, or came back."
    )
    contact_ids = fields.Many2many("res.partner", string="Recipients", readonly=True)
    sent_to = fields.Char(readonly=True)
    # how many went out within the hour is asked before every batch
    sent_at = fields.Datetime(readonly=True, index="btree_not_null")
    message_id = fields.Many2one(
        "mail.message", readonly=True, index="btree_not_null", ondelete="set null"
    )
    portal_url = fields.Char(compute="_compute_portal_url")
    payment_html = fields.Html(
        related="company_id.cartera_payment_instructions", string="How to Pay"
    )

    _once = models.UniqueIndex(
        "(run_id, account_key)", "This customer has a statement in this run already."
    )
    _once_a_period = models.UniqueIndex(
        "(account_key, period) WHERE period IS NOT NULL",
        "This customer has its statement of this period already.",
    )

    def _compute_portal_url(self):
        for line in self:
            line.portal_url = self.env["cartera.statement"]._portal_url(line.company_id)

    def write(self, vals):
        if set(vals) - AFTER and any(line.state == "sent" for line in self):
            raise UserError(
                self.env._(
                    "A statement that was sent is history and cannot be changed. Send a new one."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never_sent(self):
        if any(line.state == "sent" for line in self):
            raise UserError(
                self.env._(
                    "A statement that was sent is history and cannot be deleted."
                )
            )

    def _note_undelivered(self, reason, failure_type="mail_bounce", delivered=None):
        """The message came back, or the mail server did not take it.

        Where the address is to blame the line says so and somebody gets a task. Otherwise the message stays in
        the mail queue, from where it is sent again: the line stays sent, so that nobody gets two.
        """
        for line in self.filtered(lambda one: one.state == "sent"):
            if line.contact_ids & (delivered or self.env["res.partner"]):
                continue
            if failure_type not in ADDRESS_FAILURES:
                line.write({"reason": reason})
                continue
            line.write({"state": "error", "reason": reason})
            line.run_id._ask_for_addresses(line)

    # Looking at it

    def _check_reader(self):
        self.check_access("read")
        if not self.env.su and self.company_id - self.env.companies:
            raise AccessError(
                self.env._(
                    "You are not working in that company. Choose it at the top right and try again."
                )
            )

    def action_open_customer(self):
        """Open the credit account (button)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "cartera.customer",
            "res_id": self.customer_id.id,
            "views": [(False, "form")],
        }

    def action_pdf(self):
        """Download the PDF of this statement (button)."""
        return self._download("pdf")

    def action_xlsx(self):
        """Download the workbook of this statement (button)."""
        return self._download("xlsx")

    def _download(self, kind):
        self.ensure_one()
        self._check_reader()
        run = self.run_id
        return self.customer_id._statement_url(kind, run.date, run.form, run.date_from)


class CarteraStatementAmount(models.Model):
    """What a statement says in one currency."""

    _name = "cartera.statement.amount"
    _description = "Statement of Account in a Currency"
    _inherit = ["cartera.guarded"]
    _order = "currency_id, id"

    line_id = fields.Many2one(
        "cartera.statement.line",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="line_id.company_id", store=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    opening = fields.Monetary(string="Opening balance", readonly=True)
    debits = fields.Monetary(string="Charges", readonly=True)
    credits = fields.Monetary(readonly=True)
    balance = fields.Monetary(readonly=True)
    overdue = fields.Monetary(readonly=True)
    unapplied = fields.Monetary(string="Unapplied Credits", readonly=True)

    def write(self, vals):
        if any(one.line_id.state == "sent" for one in self):
            raise UserError(
                self.env._(
                    "A statement that was sent is history and cannot be changed. Send a new one."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never_sent(self):
        if any(one.line_id.state == "sent" for one in self):
            raise UserError(
                self.env._(
                    "A statement that was sent is history and cannot be deleted."
                )
            )
