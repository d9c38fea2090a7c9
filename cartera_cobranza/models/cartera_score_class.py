from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..calc import credit_analysis, money

RISK_CLASSES = [
    ("a", "A: low"),
    ("b", "B: normal"),
    ("c", "C: high"),
    ("d", "D: very high"),
]


class CarteraScoreClass(models.Model):
    """A class of risk: from how many points on, and how it turns figures into a limit."""

    _name = "cartera.score.class"
    _description = "Risk Class of a Credit Score"
    _order = "scale_id, least desc, id"

    scale_id = fields.Many2one(
        "cartera.score.scale", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="scale_id.company_id", store=True, index=True)
    risk_class = fields.Selection(RISK_CLASSES, required=True)
    least = fields.Float(string="From Points", help="This many points or more.")
    months = fields.Float(
        string="Months of Purchases",
        help="The recommended limit is this many months of average purchases, taxes included.",
    )
    equity_percent = fields.Float(
        string="Of the Equity (%)",
        help="And no more than this share of the customer's equity. Zero: not looked at.",
    )
    cap = fields.Float(
        string="At Most",
        help="In company currency: more is not recommended. Zero: no cap.",
    )
    step = fields.Float(
        string="Rounded Down To",
        default=1000.0,
        help="In company currency: recommended limits are multiples of it.",
    )
    review_months = fields.Integer(
        string="Review After (Months)",
        default=12,
        help="The line's review is proposed after so many months. Zero: none.",
    )

    @api.constrains("months", "equity_percent", "cap", "step", "review_months")
    def _check_numbers(self):
        for row in self:
            if min(row.months, row.equity_percent, row.cap, row.step) < 0:
                raise ValidationError(
                    self.env._(
                        "Months, shares, caps and steps of a risk class cannot be negative. Enter zero for none."
                    )
                )
            if row.review_months < 0:
                raise ValidationError(
                    self.env._(
                        "A review cannot be due before the decision (received %s months).",
                        row.review_months,
                    )
                )

    def _policy(self):
        self.ensure_one()
        return credit_analysis.Policy(
            months=money.to_decimal(self.months),
            equity_percent=money.to_decimal(self.equity_percent),
            cap=money.to_decimal(self.cap),
            step=money.to_decimal(self.step),
        )
