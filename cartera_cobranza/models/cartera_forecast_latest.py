from odoo import api, fields, models
from odoo.tools import SQL


class CarteraForecast(models.Model):
    _inherit = "cartera.forecast"

    latest = fields.Boolean(
        compute="_compute_latest",
        search="_search_latest",
        help="The newest computed forecast of its company: today's once the daily job ran, until then yesterday's.",
    )

    @api.depends("state", "date", "company_id")
    def _compute_latest(self):
        newest = set(self._latest_ids())
        for forecast in self:
            forecast.latest = forecast.id in newest

    def _search_latest(self, operator, _value):
        # Odoo hands over "in" with the wanted values
        if operator != "in":
            return NotImplemented
        return [("id", "in", self._latest_ids())]

    @api.model
    def _latest_ids(self):
        """Return the ids of the newest computed forecast of each company; one statement."""
        self.flush_model(["company_id", "date", "state"])
        return [
            number
            for (number,) in self.env.execute_query(
                SQL(
                    """SELECT DISTINCT ON (company_id) id FROM cartera_forecast
                        WHERE state = 'done' ORDER BY company_id, date DESC, id DESC"""
                )
            )
        ]
