from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .cartera_credit_investigation import RISK_CLASSES


class CarteraCreditRevisionLine(models.Model):
    """One line of a mass revision: the limit now and the one proposed, and what became of it."""

    _name = "cartera.credit.revision.line"
    _description = "Proposal of a Mass Revision"
    _order = "revision_id, id"
    _rec_name = "line_id"

    revision_id = fields.Many2one(
        "cartera.credit.revision", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="revision_id.company_id", store=True, index=True, precompute=True
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    line_id = fields.Many2one(
        "cartera.credit.line",
        string="Credit Line",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    customer_id = fields.Many2one(
        "cartera.customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    rate = fields.Float(digits=0, readonly=True)
    current_amount = fields.Monetary(string="Now", readonly=True)
    proposed_amount = fields.Monetary(
        string="Then",
        help="The new limit; may be corrected until the batch is submitted.",
    )
    difference = fields.Monetary(compute="_compute_difference", store=True)
    current_company = fields.Monetary(
        compute="_compute_difference",
        store=True,
        currency_field="company_currency_id",
        string="Now (Company Currency)",
    )
    proposed_company = fields.Monetary(
        compute="_compute_difference",
        store=True,
        currency_field="company_currency_id",
        string="Then (Company Currency)",
    )
    purchases = fields.Monetary(
        string="Purchases of 12 Months",
        readonly=True,
        currency_field="company_currency_id",
    )
    peak_exposure = fields.Monetary(readonly=True, currency_field="company_currency_id")
    exposure = fields.Monetary(readonly=True, currency_field="company_currency_id")
    overdue_amount = fields.Monetary(
        string="Overdue", readonly=True, currency_field="company_currency_id"
    )
    overdue_days = fields.Integer(string="Days Overdue", readonly=True)
    score = fields.Float(readonly=True)
    risk_class = fields.Selection(RISK_CLASSES, readonly=True)
    include = fields.Boolean(string="Change", help="Only marked lines are changed.")
    state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("signed", "Second signature"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        default="proposed",
        required=True,
        readonly=True,
        copy=False,
    )
    message = fields.Char(string="Remark", readonly=True)
    request_id = fields.Many2one(
        "cartera.credit.request", string="Application", readonly=True, copy=False
    )

    @api.depends("current_amount", "proposed_amount", "rate", "include")
    def _compute_difference(self):
        for row in self:
            currency = row.company_id.currency_id
            row.difference = row.proposed_amount - row.current_amount
            rate = row.rate or 1.0
            row.current_company = currency.round(row.current_amount / rate)
            row.proposed_company = currency.round(row.proposed_amount / rate)

    @api.constrains("proposed_amount")
    def _check_amount(self):
        for row in self:
            if row.proposed_amount < 0:
                raise ValidationError(
                    self.env._(
                        "A limit cannot be negative (received %(amount)s for %(customer)s).",
                        amount=row.currency_id.format(row.proposed_amount),
                        customer=row.customer_id.display_name,
                    )
                )

    def write(self, vals):
        if not self.env.cr.cache.get("cartera_revision"):
            if {"state", "message", "request_id"} & set(vals):
                raise UserError(
                    self.env._("What became of a proposal is written by the approval.")
                )
            if any(row.revision_id.state not in ("draft", "proposed") for row in self):
                raise UserError(
                    self.env._("A revision that is submitted stays as it is.")
                )
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(
            [{**vals, "state": "proposed", "request_id": False} for vals in vals_list]
        )
        if any(row.revision_id.state not in ("draft", "proposed") for row in rows):
            raise UserError(self.env._("A revision that is submitted stays as it is."))
        return rows

    def _approve(self):
        """Decide on one row in a savepoint; what goes wrong is said on the row."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                request = self.request_id or self._make_request()
                request._check_complete()
                request._sign()
                vals = {
                    "request_id": request.id,
                    "state": "done" if request.state == "approved" else "signed",
                    "message": False
                    if request.state == "approved"
                    else self.env._("Another person has to sign."),
                }
        except UserError as error:
            self.env.invalidate_all(flush=False)
            vals = {"state": "failed", "message": str(error)}
        self.revision_id._write_decided(self, vals)

    def _make_request(self):
        line = self.line_id.sudo()
        if line.state != "active":
            raise UserError(
                self.env._(
                    "%(line)s is no longer active. Make a new revision.",
                    line=line.display_name,
                )
            )
        up = self.currency_id.compare_amounts(self.proposed_amount, line.amount) > 0
        revision = self.revision_id
        Request = self.env["cartera.credit.request"].sudo()
        with Request._deciding():
            request = Request.create(
                {
                    "customer_id": self.customer_id.id,
                    "kind": "increase" if up else "decrease",
                    "amount": self.proposed_amount,
                    "currency_id": self.currency_id.id,
                    "only_this_currency": line.only_this_currency,
                    "date_to": revision.date_to or line.date_to,
                    "grace_days": line.grace_days,
                    "reason": self.env._(
                        "%(revision)s: %(reason)s",
                        revision=revision.name,
                        reason=revision.reason,
                    ),
                    "revision_line_id": self.id,
                    "state": "review",
                    "requested_by": revision.requested_by.id,
                    "requested_on": revision.requested_on,
                }
            )
        return request.sudo(False)
