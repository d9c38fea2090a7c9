from odoo import api, fields, models
from odoo.exceptions import AccessError

from .decided import deciding


class CarteraCreditRequestScore(models.Model):
    """One part of an application's score: the fact, its value, its points. Written by the analysis only."""

    _name = "cartera.credit.request.score"
    _description = "Part of a Credit Score"
    _order = "request_id, sequence, id"

    request_id = fields.Many2one(
        "cartera.credit.request", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, index=True, precompute=True
    )
    sequence = fields.Integer()
    fact = fields.Selection(
        selection=lambda self: self.env["cartera.score.factor"]
        ._fields["fact"]
        ._description_selection(self.env),
        required=True,
    )
    is_known = fields.Boolean(string="Known")
    value = fields.Float(digits=(16, 2))
    points = fields.Float()
    maximum = fields.Float(string="Of")
    bands = fields.Char(string="From: Points", help="What the values are worth.")

    @api.model
    def _make(self, vals_list):
        return self._inside(
            lambda: super(CarteraCreditRequestScore, self).create(vals_list)
        )

    def _remove(self):
        return self._inside(self.unlink)

    def _inside(self, function):
        with deciding(self.env, "cartera_score"):
            return function()

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse()
        return super().create(vals_list)

    def write(self, vals):
        self._refuse()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_refused(self):
        self._refuse()

    def _refuse(self):
        if not self.env.cr.cache.get("cartera_score"):
            raise AccessError(
                self.env._(
                    "A score is counted and never entered. Correct the figures it is made of and analyse again."
                )
            )
