from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    cartera_interest_schedule = fields.Selection(
        related="company_id.cartera_interest_schedule", readonly=False
    )
    cartera_interest_user_id = fields.Many2one(
        related="company_id.cartera_interest_user_id", readonly=False
    )
    cartera_allocation_order = fields.Selection(
        related="company_id.cartera_allocation_order", readonly=False
    )
