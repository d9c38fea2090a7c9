from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    cartera_held_reserve = fields.Boolean(
        related="company_id.cartera_held_reserve", readonly=False
    )
