from odoo import api, fields, models
from odoo.exceptions import UserError


class CarteraCreditHoldLog(models.Model):
    """What happened to a hold, line by line; only ever added to, by the hold's own verbs."""

    _name = "cartera.credit.hold.log"
    _description = "History of a Credit Hold"
    _order = "id"

    hold_id = fields.Many2one(
        "cartera.credit.hold",
        string="Credit Hold",
        required=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        related="hold_id.company_id", store=True, index=True, precompute=True
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users",
        required=True,
        default=lambda self: self.env.uid,
        ondelete="restrict",
    )
    event = fields.Selection(
        [
            ("held", "Held"),
            ("rechecked", "Checked again"),
            ("ready", "Ready to release"),
            ("released_part", "Part of the reasons released"),
            ("released", "Released"),
            ("cleared", "Released by itself"),
            ("rejected", "Rejected"),
            ("cancelled", "Cancelled"),
            ("error", "Could not be confirmed"),
        ],
        required=True,
    )
    note = fields.Text()
    figures = fields.Json(help="The position at that moment.")

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(
            self.env._(
                "The history of a hold cannot be changed. What happens next is added to it by its buttons."
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The history of a hold cannot be deleted."))
