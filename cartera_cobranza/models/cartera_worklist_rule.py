from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models

from ..calc import money


class CarteraWorklistRule(models.Model):
    """A condition that makes a customer more urgent, and its points."""

    _name = "cartera.worklist.rule"
    _description = "Worklist Rule"
    _inherit = ["cartera.typed"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Empty for every company."
    )
    condition = fields.Selection(
        [
            ("overdue_amount", "Overdue amount from"),
            ("overdue_days", "Oldest item late, days from"),
            ("promise_broken", "Promise broken in the last days"),
            ("promise_today", "Promise due today"),
            ("no_contact", "No contact for days"),
            ("dispute_rejected", "Dispute turned down in the last days"),
            ("line_used", "Credit line used, percent from"),
            ("reply", "Answer to read"),
            ("risk", "Risk class high or very high"),
        ],
        required=True,
    )
    threshold = fields.Float(
        digits=(16, 2),
        help="Amounts in company currency, days, or percent, as the condition says.",
    )
    points = fields.Float(required=True, default=10, digits=(16, 2))
    exclusive = fields.Boolean(
        string="Only the Highest Counts",
        help="Among rules of the same condition the points of the highest that holds count, for bands of amounts "
        "or days.",
    )

    _points_not_negative = models.Constraint(
        "CHECK(points >= 0 AND COALESCE(threshold, 0) >= 0)",
        "Points and thresholds cannot be negative. Enter zero or more.",
    )

    @api.model
    def _typed_minimums(self):
        return {"points": 0, "threshold": 0}

    @api.model
    def _in_force(self, company):
        """Return the rules of a company."""
        return self.sudo().search([("company_id", "in", (company.id, False))])

    def _points(self):
        self.ensure_one()
        return money.to_decimal(self.points)

    def _maximum(self):
        """Return the points that a customer can reach: of bands only one can hold, the one worth most."""
        if not self:
            return None
        total = Decimal(0)
        for _condition, rules in self.grouped("condition").items():
            bands = rules.filtered("exclusive")
            total += sum(rule._points() for rule in rules - bands)
            total += max((rule._points() for rule in bands), default=Decimal(0))
        return total or None

    def _met(self, fact, day):
        """Return the rules that hold; of bands only the highest threshold."""
        holding = self.filtered(lambda rule: rule._holds(fact, day))
        bands = holding.filtered("exclusive")
        for _condition, rules in bands.grouped("condition").items():
            holding -= rules.sorted("threshold")[:-1]
        return holding

    def _holds(self, fact, day):
        """Whether the condition holds for the facts of a case."""
        self.ensure_one()
        limit = self.threshold
        since = {
            "promise_broken": fact["promise_broken_days"],
            "dispute_rejected": fact["dispute_rejected_days"],
        }
        if self.condition == "overdue_amount":
            return float(fact["overdue"]) > 0 and float(fact["overdue"]) >= limit
        if self.condition == "overdue_days":
            return fact["days"] > 0 and fact["days"] >= limit
        if self.condition in since:
            days = since[self.condition]
            return days is not None and days <= limit
        if self.condition == "promise_today":
            return fact["promise_today"]
        if self.condition == "no_contact":
            last = fact["last_contact"] or fact["opened_on"]
            return bool(last) and day - last >= timedelta(days=limit)
        if self.condition == "line_used":
            return (fact["used"] or 0) >= limit
        if self.condition == "reply":
            return bool(fact["reply"])
        return fact["risk"] in ("c", "d")
