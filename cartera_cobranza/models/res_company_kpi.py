from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    cartera_invoicing_days = fields.Integer(
        string="Invoices Reach the Customer Within",
        default=3,
        help="Days from the delivery of the goods, or from the date of the invoice, in which an invoice should be with "
        "the customer: the key figure of invoicing on time counts by it.",
    )

    _cartera_invoicing_days_positive = models.Constraint(
        "CHECK(COALESCE(cartera_invoicing_days, 0) >= 0)",
        "The days in which invoices reach the customer cannot be negative. Enter zero or more.",
    )

    @api.model
    def _typed_minimums(self):
        return {**super()._typed_minimums(), "cartera_invoicing_days": 0}


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    cartera_invoicing_days = fields.Integer(
        related="company_id.cartera_invoicing_days", readonly=False
    )
