from odoo import fields, models


class CarteraReleaseReason(models.Model):
    """Why somebody let a held document go on; chosen at every release, counted in the statistics."""

    _name = "cartera.release.reason"
    _description = "Release Reason"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="Short code for reports.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("all", "Any reason"), ("limit", "Line"), ("overdue", "Overdue")],
        required=True,
        default="all",
        help="Which reasons of a hold it may release.",
    )
    needs_note = fields.Boolean(help="Whoever uses it must explain.")
