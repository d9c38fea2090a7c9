from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount, format_date


class CarteraPaymentPromiseInstalment(models.Model):
    """An amount promised for a date; evaluated on its own."""

    _name = "cartera.payment.promise.instalment"
    _description = "Promised Instalment"
    _inherit = ["cartera.guarded"]
    _order = "promise_id, date, id"

    promise_id = fields.Many2one(
        "cartera.payment.promise", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="promise_id.company_id", store=True, index=True, precompute=True
    )
    customer_id = fields.Many2one(
        related="promise_id.customer_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="promise_id.currency_id")
    date = fields.Date(
        required=True, index=True, help="When the customer promised to pay."
    )
    amount = fields.Monetary(string="Promised", required=True)
    paid_amount = fields.Monetary(string="Paid", readonly=True, copy=False)
    state = fields.Selection(
        [
            ("open", "Open"),
            ("kept", "Kept"),
            ("partial", "Partly kept"),
            ("broken", "Broken"),
        ],
        default="open",
        readonly=True,
        required=True,
        copy=False,
    )
    kept_date = fields.Date(string="Kept On", readonly=True, copy=False)

    @api.constrains("amount")
    def _check_amount(self):
        for part in self:
            if (
                part.promise_id.state == "draft"
                and part.currency_id.compare_amounts(part.amount, 0) <= 0
            ):
                raise ValidationError(
                    self.env._(
                        "An amount above zero is promised for %(day)s, not %(amount)s.",
                        day=format_date(self.env, part.date),
                        amount=format_amount(self.env, part.amount, part.currency_id),
                    )
                )

    @api.constrains("date")
    def _check_date(self):
        for part in self.filtered(lambda part: part.promise_id.state == "draft"):
            today = part.company_id._cartera_today()
            if part.date < today:
                raise ValidationError(
                    self.env._(
                        "Nobody can promise to pay on %(day)s: today is %(today)s. Enter today or a later day.",
                        day=format_date(self.env, part.date),
                        today=format_date(self.env, today),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts.promise_id._check_content_changeable()
        return parts

    def write(self, vals):
        self.promise_id._check_content_changeable()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts_only(self):
        self.promise_id._unlink_drafts_only()
