from datetime import date

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CarteraInterestRate(models.Model):
    """A rate and the days on which it is valid, both ends included."""

    _name = "cartera.interest.rate"
    _description = "Interest Rate"
    _order = "date_from desc, id desc"

    table_id = fields.Many2one(
        "cartera.interest.rate.table", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="table_id.company_id", store=True, index=True, precompute=True
    )
    kind = fields.Selection(related="table_id.kind")
    date_from = fields.Date(
        string="From", required=True, help="First day on which it is valid."
    )
    date_to = fields.Date(
        string="Until",
        help="Last day on which it is valid. Empty: until the next rate starts.",
    )
    rate = fields.Float(
        string="Rate (%)",
        digits=(16, 6),
        required=True,
        aggregator="avg",
        help="Percent, as it is published: 6 for 6 %.",
    )
    source = fields.Char(
        string="Source Document",
        help="Resolution, gazette or contract in which the rate was read.",
    )
    url = fields.Char(string="Link", help="Where the document can be looked up.")

    @api.depends("rate", "date_from")
    def _compute_display_name(self):
        for rate in self:
            rate.display_name = f"{rate.rate:g} % ({rate.date_from})"

    @api.constrains("rate")
    def _check_rate(self):
        for rate in self:
            problem = rate.table_id._check_percent(rate.rate)
            if problem:
                raise ValidationError(problem)

    @api.constrains("date_from", "date_to", "table_id")
    def _check_dates(self):
        for rate in self:
            if rate.date_to and rate.date_to < rate.date_from:
                raise ValidationError(
                    self.env._(
                        "The rate of %(rate)s %% would end on %(end)s, before it starts on %(start)s. Correct one of "
                        "the dates.",
                        rate=f"{rate.rate:g}",
                        end=rate.date_to,
                        start=rate.date_from,
                    )
                )
        for table in self.table_id:
            rows = table.rate_ids.sorted("date_from")
            for first, second in zip(rows, rows[1:], strict=False):
                open_end = not first.date_to and first.date_from < second.date_from
                if not open_end and (first.date_to or date.max) >= second.date_from:
                    raise ValidationError(
                        self.env._(
                            "In %(table)s the rates of %(first)s %% (%(first_from)s to %(first_to)s) and %(second)s %% "
                            "(from %(second_from)s) are valid on the same day. Change the dates of one of them.",
                            table=table.name,
                            first=f"{first.rate:g}",
                            first_from=first.date_from,
                            first_to=first.date_to or "…",
                            second=f"{second.rate:g}",
                            second_from=second.date_from,
                        )
                    )
