from collections import defaultdict
from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..calc import gate, money
from ..calc import position as calc_position
from ..models.cartera_exposure_engine import ExposureScope

LONGEST_LIST = 200


class CarteraSetup(models.TransientModel):
    """Turns the credit gate on, after showing whose next order it would stop."""

    _name = "cartera.setup"
    _description = "Turn the Credit Gate On"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    gate = fields.Selection(
        [("off", "Off"), ("warn", "Warn only"), ("block", "Hold")],
        required=True,
        default="block",
        help="Hold keeps orders that fail unconfirmed; warn only notes it.",
    )
    default_mode = fields.Selection(
        [
            ("none", "No credit"),
            ("amount", "Up to an amount"),
            ("unlimited", "Unlimited"),
        ],
        string="Customers Without a Line",
        required=True,
        default=lambda self: self.env.company.cartera_default_mode,
    )
    default_amount = fields.Monetary(
        default=lambda self: self.env.company.cartera_default_amount
    )
    customer_count = fields.Integer(compute="_compute_line_ids")
    held_count = fields.Integer(compute="_compute_line_ids")
    without_line_count = fields.Integer(
        string="Customers Without Line", compute="_compute_line_ids"
    )
    line_ids = fields.One2many(
        "cartera.setup.line", "setup_id", compute="_compute_line_ids", store=False
    )

    @api.depends("company_id", "default_mode", "default_amount")
    def _compute_line_ids(self):
        for wizard in self:
            found, counts = wizard._who_would_be_held()
            wizard.customer_count, wizard.without_line_count = counts
            wizard.held_count = len(found)
            wizard.line_ids = [fields.Command.clear()] + [
                fields.Command.create(vals) for vals in found[:LONGEST_LIST]
            ]

    def _who_would_be_held(self):
        """Return (values of the customers whose next order would be held, the largest first; counts)."""
        company = self.company_id.sudo()
        Customer = self.env["cartera.customer"].sudo()
        day = company._cartera_today()
        Customer._make_missing(company)
        figures, _asked = Customer._gather_figures(ExposureScope(company, day))
        terms = replace(
            Customer._terms(company),
            default_mode=self.default_mode,
            default_amount=money.to_decimal(self.default_amount),
        )
        limits = Customer._group_limits(
            company, {one.group for one in figures.values()}, day
        )
        members = defaultdict(list)
        for one in figures.values():
            members[one.group].append(one)
        rules = self.env["cartera.credit.rule"]._rules(company, "confirm", day)
        conditions = self.env["cartera.credit.rule"]._conditions()
        Reason = self.env["cartera.credit.hold.reason"]
        smallest = gate.Charge.of(terms.rounding)
        found, without_line = [], 0
        for one in figures.values():
            group = limits.get(one.group)
            together = members[one.group] if one.group else ()
            standing = calc_position.standing_for(
                one, company.currency_id.id, terms, group, together
            )
            without_line += not one.lines
            chosen = [rule.calc for rule in rules if rule.applies_to(one)]
            reasons = gate.decide(chosen, standing, smallest, conditions)
            if reasons:
                facts = {"overdue_amount": float(one.overdue_amount)}
                found.append(
                    {
                        "customer_id": one.customer,
                        "exposure": float(calc_position.exposure(one, terms.rounding)),
                        "overdue_amount": float(one.overdue_amount),
                        "why": "; ".join(
                            Reason._text(reason, company, facts) for reason in reasons
                        ),
                    }
                )
        found.sort(key=lambda vals: (-vals["exposure"], vals["customer_id"]))
        return found, (len(figures), without_line)

    def action_apply(self):
        """Write the settings and refresh the figures."""
        self.ensure_one()
        if not self.env.su and not self.env.user.has_group(
            "cartera_cobranza.group_credit_manager"
        ):
            raise AccessError(
                self.env._("Only a credit manager turns the credit gate on or off.")
            )
        self.company_id.sudo().write(
            {
                "cartera_gate": self.gate,
                "cartera_default_mode": self.default_mode,
                "cartera_default_amount": self.default_amount,
            }
        )
        self.env["cartera.customer"].sudo()._refresh(self.company_id)
        return {"type": "ir.actions.act_window_close"}


class CarteraSetupLine(models.TransientModel):
    """A customer whose next order the gate would stop."""

    _name = "cartera.setup.line"
    _description = "Customer That Would Be Held"

    setup_id = fields.Many2one("cartera.setup", ondelete="cascade")
    customer_id = fields.Many2one("cartera.customer")
    currency_id = fields.Many2one(related="customer_id.currency_id")
    exposure = fields.Monetary()
    overdue_amount = fields.Monetary(string="Overdue")
    why = fields.Char()
