from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    cartera_review_ahead_days = fields.Integer(
        string="Remind Ahead",
        default=15,
        help="Days before a review, an expiry or the end of a line on which the credit executive is reminded.",
    )
    cartera_dormant_months = fields.Integer(
        string="Dormant After",
        default=6,
        help="Months without an invoice after which an active line is dormant. Zero: never.",
    )

    _cartera_review_not_negative = models.Constraint(
        "CHECK(COALESCE(cartera_review_ahead_days, 0) >= 0 AND COALESCE(cartera_dormant_months, 0) >= 0)",
        "Days and months of reviews cannot be negative. Enter zero for none.",
    )

    @api.model
    def _typed_minimums(self):
        return {
            **super()._typed_minimums(),
            "cartera_review_ahead_days": 0,
            "cartera_dormant_months": 0,
        }
