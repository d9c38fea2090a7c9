from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CarteraScoreBand(models.Model):
    """From which value on a fact is worth how many points; up to the next row."""

    _name = "cartera.score.band"
    _description = "Points of a Fact"
    _order = "factor_id, least, id"

    factor_id = fields.Many2one(
        "cartera.score.factor", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="factor_id.company_id", store=True, index=True)
    least = fields.Float(string="From", help="This value or more, up to the next row.")
    points = fields.Float(required=True)

    _least_unique = models.UniqueIndex(
        "(factor_id, least)", "Two rows of a fact start at the same value."
    )

    @api.constrains("points")
    def _check_points(self):
        for band in self:
            if band.points < 0:
                raise ValidationError(
                    self.env._(
                        "Points cannot be negative (received %s). Give zero, and the other rows more.",
                        band.points,
                    )
                )
