from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..models.interest_items import InterestScope


class CarteraInterestQuote(models.TransientModel):
    """What a customer or an invoice would be charged up to a day: counted while one looks, nothing is written."""

    _name = "cartera.interest.quote"
    _description = "Interest up to a Day"

    company_id = fields.Many2one(
        "res.company", compute="_compute_company", store=True, precompute=True
    )
    customer_id = fields.Many2one("cartera.customer", readonly=True)
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    date = fields.Date(
        string="Up To",
        required=True,
        default=lambda self: self.env.company._cartera_today(),
        help="Last day that is counted; a later day than today tells what will be owed then.",
    )
    line_ids = fields.One2many(
        "cartera.interest.quote.line",
        "quote_id",
        compute="_compute_line_ids",
        store=True,
    )
    problem = fields.Text(compute="_compute_line_ids", store=True)

    @api.model
    def _open(self, context):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Interest up to a Day"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": context,
        }

    @api.depends("customer_id", "move_id")
    def _compute_company(self):
        for quote in self:
            quote.company_id = (
                quote.customer_id.company_id
                or quote.move_id.company_id
                or self.env.company
            )

    @api.depends("date", "customer_id", "move_id")
    def _compute_line_ids(self):
        for quote in self:
            quote.problem = False
            try:
                values = quote._prepare_lines()
            except UserError as error:
                values, quote.problem = [], str(error)
            quote.line_ids = [Command.clear(), *map(Command.create, values)]

    def _prepare_lines(self):
        self.ensure_one()
        if not self.date or not (self.customer_id or self.move_id):
            return []
        (self.customer_id or self.move_id).check_access("read")
        scope = InterestScope(
            self.company_id,
            self.date,
            partner_ids=tuple(self.customer_id.partner_id.ids)
            if self.customer_id
            else None,
            item_ids=None if self.customer_id else tuple(self.move_id.line_ids.ids),
        )
        run = self.env["cartera.interest.run"].sudo()
        segments = self.env["cartera.interest.segment"]
        currencies = self.env["res.currency"]
        moves = self.env["account.move"]
        values = []
        for one in sorted(run._propose(scope), key=lambda one: one.owed.due):
            currency = currencies.browse(one.owed.currency_id)
            parts = one.charge.segments
            rows = [
                f"{format_date(self.env, part.date_from)} – {format_date(self.env, part.date_to)}: "
                + segments._formula(part._asdict(), one.policy.day_count, currency)
                for part in parts
            ]
            values.append(
                {
                    "move_id": moves.browse(one.owed.move_id).id,
                    "kind": one.kind,
                    "policy_id": one.policy.id,
                    "currency_id": currency.id,
                    "date_maturity": one.owed.due,
                    "date_from": one.date_from or parts[0].date_from,
                    "charged_to": one.charged_to or parts[-1].date_to,
                    "days": sum(part.days for part in parts),
                    "balance": float(parts[-1].balance) if parts else 0,
                    "amount": float(one.amount - one.waived),
                    "explanation": "\n".join(rows) or one.fee.name,
                }
            )
        return values


class CarteraInterestQuoteLine(models.TransientModel):
    """An item of a quote, with its arithmetic."""

    _name = "cartera.interest.quote.line"
    _description = "Item of an Interest Quote"
    _order = "date_maturity, id"

    quote_id = fields.Many2one(
        "cartera.interest.quote", required=True, index=True, ondelete="cascade"
    )
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    policy_id = fields.Many2one("cartera.interest.policy", readonly=True)
    kind = fields.Selection(
        [("interest", "Interest"), ("fee", "Fee"), ("accrued", "Only counted")],
        readonly=True,
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    date_maturity = fields.Date(string="Due Date", readonly=True)
    date_from = fields.Date(string="From", readonly=True)
    charged_to = fields.Date(string="To", readonly=True)
    days = fields.Integer(readonly=True)
    balance = fields.Monetary(readonly=True)
    amount = fields.Monetary(string="Interest", readonly=True)
    explanation = fields.Text(string="Arithmetic", readonly=True)
