from odoo import api, fields, models


class CarteraCollectionOutcome(models.Model):
    """How a contact ended; kept by the credit manager."""

    _name = "cartera.collection.outcome"
    _description = "Outcome of a Contact"
    _inherit = ["cartera.typed"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    reached = fields.Boolean(
        string="Right Person Reached",
        help="Counts as a contact with the person who decides on payments.",
    )
    follow_up = fields.Selection(
        [("promise", "Promise to pay"), ("dispute", "Dispute")],
        string="Leads To",
        help="What is written down next.",
    )
    next_days = fields.Integer(
        string="Next Contact In",
        default=3,
        help="Days after which the next contact is proposed.",
    )

    _next_days_positive = models.Constraint(
        "CHECK(next_days >= 0)",
        "The next contact is today or later: enter zero or more days.",
    )

    @api.model
    def _typed_minimums(self):
        return {"next_days": 0}
