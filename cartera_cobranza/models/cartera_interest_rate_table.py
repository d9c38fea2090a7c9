from odoo import api, fields, models

from ..calc import money
from ..calc.rates import HUNDRED


class CarteraInterestRateTable(models.Model):
    """A published or agreed rate of interest over time: a legal rate, TIIE, certified usury.

    Its rows are typed or imported by people, each with the document it was read in.
    """

    _name = "cartera.interest.rate.table"
    _description = "Interest Rate Table"
    _inherit = ["mail.thread"]
    _order = "name, id"
    _rec_names_search = ["name"]

    name = fields.Char(required=True, translate=True, tracking=True)
    kind = fields.Selection(
        [
            ("year", "Percent a year, simple"),
            ("effective", "Percent a year, effective"),
            ("month", "Percent a month"),
        ],
        string="The Rates Are",
        default="year",
        required=True,
        tracking=True,
        help="Simple rates are charged by days. Effective rates already contain interest on interest: they grow as "
        "(1 + rate) to the power of days / 365 and are never divided. Monthly rates are charged by 30ths of a month.",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Empty: every company may use it.",
    )
    country_id = fields.Many2one("res.country", help="Where the rate is published.")
    source = fields.Char(
        string="Published By", help="Law, central bank or authority that sets it."
    )
    note = fields.Html(help="How to keep the table up to date.")
    active = fields.Boolean(default=True)
    rate_ids = fields.One2many("cartera.interest.rate", "table_id", string="Rates")
    rate_count = fields.Integer(compute="_compute_last")
    last_rate = fields.Float(
        compute="_compute_last", digits=(16, 6), string="Latest Rate (%)"
    )
    last_date = fields.Date(compute="_compute_last", string="Valid From")
    known_to = fields.Date(
        compute="_compute_last",
        help="Last day with a rate. Empty: the latest one is valid until another is entered.",
    )

    @api.depends("rate_ids.rate", "rate_ids.date_from", "rate_ids.date_to")
    def _compute_last(self):
        for table in self:
            last = table.rate_ids.sorted("date_from")[-1:]
            table.rate_count = len(table.rate_ids)
            table.last_rate = last.rate
            table.last_date = last.date_from
            table.known_to = last.date_to

    def _rows(self):
        """Return the rows as plain values, oldest first: [[percent text, from, to or None, source]]."""
        self.ensure_one()
        return [
            [
                str(money.to_decimal(rate.rate)),
                fields.Date.to_string(rate.date_from),
                fields.Date.to_string(rate.date_to) or None,
                rate.source or "",
            ]
            for rate in self.sudo().rate_ids.sorted("date_from")
        ]

    @api.model
    def _check_percent(self, percent):
        """Return why ``percent`` cannot be a rate, with a hint at the unit, or False."""
        if 0 <= percent <= HUNDRED:
            return False
        if percent < 0:
            return self.env._(
                "A rate of %(rate)s %% is below zero. Enter the percentage as it is published, for example 6 for 6 %%.",
                rate=f"{percent:g}",
            )
        return self.env._(
            "A rate of %(rate)s %% is above 100 %%. Did you mean %(month).2f %% a month? A monthly rate belongs in a "
            "table or policy of monthly rates.",
            rate=f"{percent:g}",
            month=percent / 12,
        )
