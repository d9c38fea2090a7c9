from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CarteraNoteReasonLimit(models.Model):
    """Up to how much the members of a role issue notes of one reason by themselves.

    Above it a note goes to approval. A reason without limits restricts nobody; one with limits sends the notes
    of everybody else to approval.
    """

    _name = "cartera.note.reason.limit"
    _description = "Limit of a Note Reason"
    _order = "reason_id, amount, id"

    reason_id = fields.Many2one(
        "cartera.note.reason", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="reason_id.company_id", store=True, index=True)
    group_id = fields.Many2one(
        "res.groups", string="Role", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Currency of the amount.",
    )
    amount = fields.Monetary(
        help="Highest total of a note, taxes included. Zero does not restrict."
    )
    percent = fields.Float(
        help="Highest share of the invoice's total. Zero does not restrict."
    )

    @api.constrains("group_id", "amount", "percent")
    def _check_filled(self):
        for limit in self:
            if limit.amount < 0 or limit.percent < 0 or limit.percent > 100:
                raise ValidationError(
                    self.env._(
                        "The limit of %(reason)s must be an amount of zero or more and a share of 0 to 100 %% "
                        "(received %(amount)s and %(percent)s %%).",
                        reason=limit.reason_id.name,
                        amount=limit.amount,
                        percent=limit.percent,
                    )
                )
            if not limit.amount and not limit.percent:
                raise ValidationError(
                    self.env._(
                        "Fill in an amount or a percentage for the role %(role)s of %(reason)s, or delete the row.",
                        role=limit.group_id.name,
                        reason=limit.reason_id.name,
                    )
                )
