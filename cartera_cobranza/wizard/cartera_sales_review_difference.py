from odoo import fields, models
from odoo.exceptions import UserError


class CarteraSalesReviewDifference(models.TransientModel):
    """Asks what is not right with reviewed items; a dispute follows from each."""

    _name = "cartera.sales.review.difference"
    _description = "Difference Found With Sales"

    review_ids = fields.Many2many("cartera.sales.review", string="Items", required=True)
    type_id = fields.Many2one(
        "cartera.dispute.type",
        string="What About",
        required=True,
        help="Brings the area that answers, and by when.",
    )
    currency_id = fields.Many2one(related="review_ids.currency_id")
    single = fields.Boolean(compute="_compute_single")
    amount = fields.Monetary(
        help="What is not right; empty for all that is open of the item."
    )
    note = fields.Text(
        string="Explanation",
        required=True,
        help="What the responsible area has to know.",
    )

    def _compute_single(self):
        for wizard in self:
            wizard.single = len(wizard.review_ids) == 1

    def action_confirm(self):
        """Note the difference and open the disputes."""
        self.ensure_one()
        if self.amount and not self.single:
            raise UserError(
                self.env._(
                    "An amount is entered for one item only; %s are marked. Answer them one by one.",
                    len(self.review_ids),
                )
            )
        if self.amount < 0:
            raise UserError(
                self.env._(
                    "An amount above zero is disputed (received %s).", self.amount
                )
            )
        self.review_ids._differ(self.note, self.type_id, self.amount or None)
        return {"type": "ir.actions.act_window_close"}
