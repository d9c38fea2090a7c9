from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang

from ..calc.daycount import DAY_COUNTS
from ..calc.rates import ONE_DAY
from .implied_many2one import ImpliedMany2one, lighten

DROPPED = ("line_id", "company_id", "create_uid", "write_uid")


class CarteraInterestSegment(models.Model):
    """Days of an interest line with one balance and one rate: the arithmetic an accountant can show."""

    _name = "cartera.interest.segment"
    _description = "Interest Segment"
    _log_access = False
    _order = "line_id, date_from, id"

    line_id = ImpliedMany2one(
        "cartera.interest.line", required=True, index=True, readonly=True
    )
    company_id = ImpliedMany2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="line_id.currency_id")
    date_from = fields.Date(
        string="From", required=True, readonly=True, help="First day."
    )
    date_to = fields.Date(string="To", required=True, readonly=True, help="Last day.")
    anchor = fields.Date(
        string="Counted From",
        readonly=True,
        help="The day before the rate period began: days of the period are counted from it.",
    )
    days = fields.Integer(readonly=True, help="By the day count of the policy.")
    balance = fields.Monetary(readonly=True, aggregator=None)
    rate = fields.Float(
        string="Rate (%)",
        digits=(16, 6),
        readonly=True,
        aggregator=None,
        help="Of a year, or of a month for monthly rates.",
    )
    method = fields.Selection(
        [("simple", "Simple"), ("effective", "Effective"), ("monthly", "Monthly")],
        readonly=True,
    )
    capped = fields.Boolean(
        readonly=True, help="The rate of the policy was above the legal maximum."
    )
    factor = fields.Float(
        digits=(48, 40),
        readonly=True,
        aggregator=None,
        help="Interest on one unit of balance.",
    )
    amount = fields.Float(
        digits=(40, 12),
        readonly=True,
        help="Balance times factor, not rounded: the sum of the line is.",
    )
    formula = fields.Char(compute="_compute_formula", string="Arithmetic")

    def init(self):
        """Rows are made by the hundred thousand: no more keys and indexes than are used."""
        lighten(self, DROPPED, ("company_id",))

    @api.depends("line_id")
    @api.depends_context("lang")
    def _compute_formula(self):
        for part in self:
            terms = part.line_id.sudo()._frozen_terms()
            part.formula = self._formula(
                {
                    "balance": part.balance,
                    "rate": part.rate,
                    "days": part.days,
                    "method": part.method,
                    "anchor": part.anchor,
                    "date_from": part.date_from,
                    "date_to": part.date_to,
                    "amount": part.amount,
                    "capped": part.capped,
                },
                terms["day_count"],
                part.currency_id,
            )

    @api.model
    def _formula(self, part, day_count, currency):
        """Return the arithmetic of a segment (a dictionary of its values) as people write it."""
        rate = f"{float(part['rate']):g}"
        balance = currency.format(float(part["balance"]))
        amount = formatLang(self.env, float(part["amount"]), digits=4)
        if part["method"] == "monthly":
            text = self.env._(
                "%(balance)s × %(rate)s %% a month × %(days)s / 30 = %(amount)s",
                balance=balance,
                rate=rate,
                days=part["days"],
                amount=amount,
            )
        elif part["method"] == "effective":
            before = (part["date_from"] - ONE_DAY - part["anchor"]).days
            until = (part["date_to"] - part["anchor"]).days
            grown = f"(1 + {rate} %)^({until}/365) − " + (
                f"(1 + {rate} %)^({before}/365)" if before else "1"
            )
            text = f"{balance} × [{grown}] = {amount}"
        else:
            year = (
                self.env._("days of the year")
                if day_count == "act_act"
                else DAY_COUNTS[day_count].denominator
            )
            text = f"{balance} × {rate} % × {part['days']} / {year} = {amount}"
        if part["capped"]:
            text += self.env._(" (legal maximum)")
        return text

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self.env._("The arithmetic of interest is made by a run."))

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("The arithmetic of interest cannot be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The arithmetic of interest cannot be deleted."))
