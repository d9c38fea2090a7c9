from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CarteraInterestFee(models.Model):
    """A fixed charge beside the interest: the cost of collecting, a returned cheque."""

    _name = "cartera.interest.fee"
    _description = "Collection Fee"
    _order = "policy_id, sequence, id"

    policy_id = fields.Many2one(
        "cartera.interest.policy", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="policy_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="policy_id.currency_id")
    sequence = fields.Integer(default=10)
    name = fields.Char(
        required=True, translate=True, help="What the customer reads on the note."
    )
    kind = fields.Selection(
        [
            ("late", "Once, when an invoice is late"),
            ("manual", "By hand: returned cheque and the like"),
        ],
        default="late",
        required=True,
        help="Late: charged once for each invoice, by the first run after so many days. By hand: added to a run with "
        "its button.",
    )
    days = fields.Integer(
        string="Days Late", default=1, help="From which day late it is charged."
    )
    amount = fields.Monetary(
        help="Fixed amount in company currency, converted for invoices in other currencies."
    )
    percent = fields.Float(
        digits=(16, 4),
        help="Instead of an amount or on top of it: share of the open balance, or of the amount of a cheque.",
    )
    active = fields.Boolean(default=True)

    @api.constrains("amount", "percent", "days")
    def _check_values(self):
        for fee in self:
            if fee.amount < 0 or fee.percent < 0 or fee.percent > 100:
                raise ValidationError(
                    self.env._(
                        "The fee %(fee)s cannot be negative nor above 100 %% (received %(amount)s and %(percent)s %%).",
                        fee=fee.name,
                        amount=fee.amount,
                        percent=fee.percent,
                    )
                )
            if not fee.amount and not fee.percent:
                raise ValidationError(
                    self.env._(
                        "Enter an amount or a percentage for the fee %(fee)s.",
                        fee=fee.name,
                    )
                )
            if fee.kind == "late" and fee.days < 1:
                raise ValidationError(
                    self.env._(
                        "The fee %(fee)s is charged from day 1 late or later (received %(days)s).",
                        fee=fee.name,
                        days=fee.days,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        """What was charged says by which fee."""
        line = (
            self.env["cartera.interest.line"]
            .sudo()
            .search([("fee_id", "in", self.ids)], limit=1)
        )
        if line:
            raise UserError(
                self.env._(
                    "The fee %(fee)s was charged in %(run)s and stays. Archive it instead.",
                    fee=line.fee_id.name,
                    run=line.run_id.name,
                )
            )
