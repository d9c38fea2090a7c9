from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    cartera_sales_review = fields.Boolean(
        string="Review With Sales",
        help="Every Monday salespeople are asked about the items of their customers that are overdue or come due, "
        "before collection goes on.",
    )
    cartera_sales_review_days = fields.Integer(
        string="Due Within",
        default=7,
        help="Items that come due within this many days are asked about as well.",
    )
    cartera_sales_review_again = fields.Integer(
        string="Ask Again After",
        default=30,
        help="Days after which an item that both sides agreed on is asked about again, if it is still open.",
    )

    _cartera_sales_review_positive = models.Constraint(
        "CHECK (cartera_sales_review_days >= 0 AND cartera_sales_review_again >= 1)",
        "Days of the review with sales cannot be negative, and items are asked about again after one day at least.",
    )

    @api.model
    def _typed_minimums(self):
        return {
            **super()._typed_minimums(),
            "cartera_sales_review_days": 0,
            "cartera_sales_review_again": 1,
        }


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    cartera_sales_review = fields.Boolean(
        related="company_id.cartera_sales_review", readonly=False
    )
    cartera_sales_review_days = fields.Integer(
        related="company_id.cartera_sales_review_days", readonly=False
    )
    cartera_sales_review_again = fields.Integer(
        related="company_id.cartera_sales_review_again", readonly=False
    )
