from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CarteraHoliday(models.Model):
    """A day on which nobody pays: due dates that fall on it can move, by the policy's choice."""

    _name = "cartera.holiday"
    _description = "Holiday"
    _order = "date desc, id"

    name = fields.Char(required=True, translate=True)
    date = fields.Date(required=True, index=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Empty for all companies.",
    )

    @api.constrains("date", "company_id")
    def _check_unique(self):
        for day in self:
            twin = self.search(
                [
                    ("date", "=", day.date),
                    ("company_id", "=", day.company_id.id),
                    ("id", "!=", day.id),
                ],
                limit=1,
            )
            if twin:
                raise ValidationError(
                    self.env._(
                        "%(day)s is in the list already, as %(name)s.",
                        day=day.date,
                        name=twin.name,
                    )
                )

    @api.model
    def _days(self, company):
        """Return the dates of a company's holidays."""
        return frozenset(
            self.sudo()
            .search([("company_id", "in", (False, company.id))])
            .mapped("date")
        )
