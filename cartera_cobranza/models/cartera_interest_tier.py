from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CarteraInterestTier(models.Model):
    """A rate of a policy for items that are so many days late or more."""

    _name = "cartera.interest.tier"
    _description = "Interest Tier"
    _order = "policy_id, days_from"

    policy_id = fields.Many2one(
        "cartera.interest.policy", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="policy_id.company_id", store=True, index=True, precompute=True
    )
    days_from = fields.Integer(
        string="From Day",
        required=True,
        default=1,
        help="Days late from which the rate counts: 1 is the day after the due date.",
    )
    rate = fields.Float(
        string="Rate (%)",
        digits=(16, 6),
        required=True,
        help="Percent, of a year or of a month as in the policy.",
    )

    _days_unique = models.UniqueIndex(
        "(policy_id, days_from)", "Two tiers of a policy cannot start on the same day."
    )

    @api.constrains("days_from", "rate")
    def _check_tier(self):
        tables = self.env["cartera.interest.rate.table"]
        for tier in self:
            if tier.days_from < 1:
                raise ValidationError(
                    self.env._(
                        "A tier starts on day 1, the day after the due date, or later (received %(day)s).",
                        day=tier.days_from,
                    )
                )
            problem = tables._check_percent(tier.rate)
            if problem:
                raise ValidationError(problem)
