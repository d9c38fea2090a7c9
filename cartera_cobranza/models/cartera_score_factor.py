from odoo import api, fields, models

from ..calc import money, score


class CarteraScoreFactor(models.Model):
    """A fact of the customer and what its values are worth."""

    _name = "cartera.score.factor"
    _description = "Fact of a Credit Score"
    _order = "sequence, id"

    scale_id = fields.Many2one(
        "cartera.score.scale", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="scale_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    fact = fields.Selection(
        [
            ("days_late", "Days late, weighted by amount"),
            ("oldest_days", "Oldest open item, days late"),
            ("broken_promises", "Broken promises in 12 months"),
            ("returned_payments", "Returned payments in 12 months"),
            ("years", "Years as a customer"),
            ("current_ratio", "Current assets to current liabilities"),
            ("debt_percent", "Debt, percent of assets"),
            ("margin_percent", "Net margin, percent"),
            ("references_good", "Good trade references, percent"),
            ("bureau_score", "Credit bureau's score"),
            ("secured_percent", "Guarantees, percent of the limit"),
        ],
        required=True,
        help="Read from the ledger or entered with the application.",
    )
    band_ids = fields.One2many(
        "cartera.score.band", "factor_id", string="Points", copy=True
    )
    unknown_points = fields.Float(
        string="Not Known", help="Points where the fact is not known."
    )
    maximum = fields.Float(compute="_compute_maximum", string="Most Points")
    summary = fields.Char(compute="_compute_maximum", string="From: Points")

    _fact_unique = models.UniqueIndex(
        "(scale_id, fact)", "A fact is scored once. Change the row that is there."
    )

    @api.depends("band_ids.points", "band_ids.least", "unknown_points")
    def _compute_maximum(self):
        for factor in self:
            points = factor.band_ids.mapped("points")
            factor.maximum = max([*points, factor.unknown_points, 0.0])
            factor.summary = " · ".join(
                f"≥ {band.least:g}: {band.points:g}"
                for band in factor.band_ids.sorted("least")
            )

    @api.depends("fact")
    def _compute_display_name(self):
        facts = dict(self._fields["fact"]._description_selection(self.env))
        for factor in self:
            factor.display_name = facts.get(factor.fact, "")

    def _group(self):
        """Return calc's Group: each band goes up to where the next one starts."""
        self.ensure_one()
        bands = self.band_ids.sorted("least")
        starts = [money.to_decimal(band.least) for band in bands]
        return score.Group(
            self.fact,
            tuple(
                score.Band(money.to_decimal(band.points), start, end)
                for band, start, end in zip(
                    bands, starts, [*starts[1:], None], strict=True
                )
            ),
            money.to_decimal(self.unknown_points),
        )
