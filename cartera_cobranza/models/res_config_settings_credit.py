from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    cartera_review_ahead_days = fields.Integer(
        related="company_id.cartera_review_ahead_days", readonly=False
    )
    cartera_dormant_months = fields.Integer(
        related="company_id.cartera_dormant_months", readonly=False
    )
