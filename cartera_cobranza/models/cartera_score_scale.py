from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..calc import money, score


class CarteraScoreScale(models.Model):
    """How an application is scored: facts, what their values are worth, and the classes of risk.

    A company's own scale takes the place of the one for all companies.
    """

    _name = "cartera.score.scale"
    _description = "Credit Score"
    _order = "company_id, id"

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Empty for every company that has no scale of its own.",
    )
    active = fields.Boolean(default=True)
    factor_ids = fields.One2many(
        "cartera.score.factor", "scale_id", string="Facts", copy=True
    )
    class_ids = fields.One2many(
        "cartera.score.class", "scale_id", string="Risk Classes", copy=True
    )
    maximum = fields.Float(
        compute="_compute_maximum",
        string="Most Points",
        help="All facts at their best.",
    )

    _company_unique = models.UniqueIndex(
        "(COALESCE(company_id, 0)) WHERE active",
        "This company has a scale already. Archive it first.",
    )

    @api.depends("factor_ids.maximum")
    def _compute_maximum(self):
        for scale in self:
            scale.maximum = sum(scale.factor_ids.mapped("maximum"))

    @api.constrains("class_ids")
    def _check_classes(self):
        for scale in self:
            names = scale.class_ids.mapped("risk_class")
            if len(names) != len(set(names)):
                raise ValidationError(
                    self.env._(
                        "Each risk class stands once in %s. Remove the second one.",
                        scale.name,
                    )
                )

    @api.model
    def _for_company(self, company):
        """Return the scale that counts in ``company``: its own, else the common one; empty without one."""
        found = self.sudo().search([("company_id", "in", (False, company.id))])
        return found.sorted(lambda scale: not scale.company_id)[:1]

    def _score(self, facts):
        """Return calc's Score for ``facts``: {fact: Decimal or None}."""
        return score.additive([factor._group() for factor in self.factor_ids], facts)

    def _class_for(self, total):
        """Return the row of the class that ``total`` reaches."""
        reached = [
            score.Class(row.id, money.to_decimal(row.least)) for row in self.class_ids
        ]
        found = score.class_of(total, reached)
        return self.env["cartera.score.class"].browse(found)
