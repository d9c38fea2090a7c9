from odoo import api, fields, models
from odoo.exceptions import UserError

CLOSED = ("approved", "rejected", "cancelled")


class CarteraCreditReference(models.Model):
    """What another supplier or the customer's bank says, asked for an application."""

    _name = "cartera.credit.reference"
    _description = "Trade Reference"
    _order = "id"

    request_id = fields.Many2one(
        "cartera.credit.request", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="request_id.currency_id")
    name = fields.Char(
        string="Who", required=True, help="The supplier or bank that was asked."
    )
    contact = fields.Char(help="With whom one spoke.")
    phone = fields.Char()
    years = fields.Float(string="Knows It For (Years)")
    limit_amount = fields.Monetary(string="Gives Credit Up To")
    term_days = fields.Integer(string="Days of Credit")
    days_late = fields.Integer(
        string="Pays Late By (Days)", help="On average, as the reference says."
    )
    rating = fields.Selection(
        [("good", "Good"), ("regular", "Regular"), ("bad", "Bad")],
        help="Empty until it has answered; only answers count in the score.",
    )
    checked_by = fields.Many2one(
        "res.users", default=lambda self: self.env.user, help="Who asked."
    )
    checked_on = fields.Date(default=fields.Date.context_today)
    note = fields.Char()

    @api.model_create_multi
    def create(self, vals_list):
        made = super().create(vals_list)
        made._check_open()
        return made

    def write(self, vals):
        self._check_open()
        result = super().write(vals)
        self._check_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_open(self):
        self._check_open()

    def _check_open(self):
        for request in self.request_id.sudo():
            if request.state in CLOSED:
                raise UserError(
                    self.env._(
                        "%s is decided, and what was found out stays as it was. Make a new application.",
                        request.name,
                    )
                )
