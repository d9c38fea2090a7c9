from dataclasses import dataclass

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..calc import gate, money

CHECKPOINTS = ("confirm", "ship", "invoice")
PARTY_SCOPES = ("customer", "group", "risk_class")


@dataclass(frozen=True)
class ScopedRule:
    """A rule with the customers it is for, plain enough to be kept between checks."""

    calc: gate.Rule
    customers: frozenset = frozenset()
    groups: frozenset = frozenset()
    risk_class: str | None = None

    def applies_to(self, figures):
        """Whether the rule is for this customer."""
        if self.customers:
            return figures.customer in self.customers
        if self.groups:
            return figures.group in self.groups
        return self.risk_class is None or figures.risk_class == self.risk_class


class CarteraCreditRule(models.Model):
    """One row of the credit check: when a document is stopped, or exempt from being stopped.

    Rows are taken by sequence. A block that applies adds a reason; an exemption that applies ends the
    check, so put exemptions before what they exempt from.
    """

    _name = "cartera.credit.rule"
    _description = "Credit Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty for all companies."
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    kind = fields.Selection(
        [("block", "Block"), ("exempt", "Exempt")],
        required=True,
        default="block",
        help="Block stops the document; exempt ends the check, later rows do not count.",
    )
    condition = fields.Selection(
        selection="_selection_condition", required=True, default="over_limit"
    )
    threshold_percent = fields.Float(
        string="Percent",
        help="Share of the limit. 'Over the limit' takes an empty one for 100.",
    )
    threshold_amount = fields.Monetary(
        string="Amount", help="In the document's company currency."
    )
    threshold_days = fields.Integer(
        string="Days", help="The condition holds from the day after these days."
    )
    tolerance_amount = fields.Monetary(
        string="Tolerance",
        help="Overdue amounts up to this do not count, in the company's currency.",
    )
    min_percent_used = fields.Float(
        string="And Use Over %",
        help="Only when more than this share of the limit would be used as well.",
    )
    scope = fields.Selection(
        [
            ("all", "All customers"),
            ("customer", "Some customers"),
            ("group", "Credit groups"),
            ("risk_class", "Risk class"),
        ],
        required=True,
        default="all",
    )
    customer_ids = fields.Many2many("cartera.customer", string="Customers")
    group_ids = fields.Many2many("cartera.credit.group", string="Groups")
    risk_class = fields.Selection(
        [("a", "A: low"), ("b", "B: normal"), ("c", "C: high"), ("d", "D: very high")]
    )
    check_confirm = fields.Boolean(string="At Confirmation", default=True)
    check_ship = fields.Boolean(string="At Shipment", default=True)
    check_invoice = fields.Boolean(
        string="At Invoicing", default=True, help="Direct invoices only."
    )
    grace_days = fields.Integer(
        help="Days after a release on which later checkpoints do not stop the document for this again."
    )
    stop = fields.Boolean(help="When this row blocks, later rows are not looked at.")
    date_from = fields.Date(string="From", help="First day; empty for always.")
    date_to = fields.Date(string="Until", help="Last day; empty for always.")
    reason = fields.Char(
        help="Why the exemption was granted; obligatory for exemptions of some customers."
    )

    @api.model
    def _conditions(self):
        """Return {code: calc.gate.Condition}: the registry of conditions, for other addons to add to.

        A condition needs a label in ``_condition_labels`` too. ``measure`` is plain: it gets the standing,
        the charge and the rule, and returns what was found or None.
        """
        return dict(gate.CONDITIONS)

    @api.model
    def _condition_labels(self):
        return {
            "over_limit": self.env._("Over the limit"),
            "percent_used": self.env._("Percent of the limit used"),
            "overdue_days": self.env._("Days overdue"),
            "overdue_amount": self.env._("Overdue amount"),
            "no_line": self.env._("No credit line"),
            "line_expired": self.env._("Credit line expired"),
            "suspended": self.env._("Credit suspended"),
            "order_amount": self.env._("Amount of the document"),
            "broken_promise": self.env._("Broken promises"),
            "unapproved": self.env._("Customer not approved"),
            "always": self.env._("Always"),
        }

    @api.model
    def _selection_condition(self):
        return list(self._condition_labels().items())

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for rule in self:
            rule.currency_id = (rule.company_id or self.env.company).currency_id

    @api.constrains(
        "threshold_percent",
        "threshold_amount",
        "threshold_days",
        "tolerance_amount",
        "min_percent_used",
        "grace_days",
    )
    def _check_thresholds(self):
        for rule in self:
            for name in (
                "threshold_percent",
                "threshold_amount",
                "threshold_days",
                "tolerance_amount",
                "min_percent_used",
                "grace_days",
            ):
                if rule[name] < 0:
                    raise ValidationError(
                        self.env._(
                            "%(field)s of the rule '%(rule)s' cannot be negative (received %(value)s).",
                            field=rule._fields[name]._description_string(self.env),
                            rule=rule.name,
                            value=rule[name],
                        )
                    )

    @api.constrains(
        "date_from",
        "date_to",
        "scope",
        "kind",
        "reason",
        "customer_ids",
        "group_ids",
        "risk_class",
    )
    def _check_scope(self):
        for rule in self:
            if rule.date_from and rule.date_to and rule.date_to < rule.date_from:
                raise ValidationError(
                    self.env._(
                        "The rule '%(rule)s' would end on %(end)s, before it starts on %(start)s.",
                        rule=rule.name,
                        end=rule.date_to,
                        start=rule.date_from,
                    )
                )
            chosen = {
                "customer": rule.customer_ids,
                "group": rule.group_ids,
                "risk_class": rule.risk_class,
            }
            if rule.scope in chosen and not chosen[rule.scope]:
                raise ValidationError(
                    self.env._(
                        "Say for which customers, groups or risk class the rule '%(rule)s' is.",
                        rule=rule.name,
                    )
                )
            if (
                rule.kind == "exempt"
                and rule.scope == "customer"
                and not (rule.reason and rule.date_to)
            ):
                raise ValidationError(
                    self.env._(
                        "The exemption '%(rule)s' of single customers needs a reason and a last day.",
                        rule=rule.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.model
    def _rules(self, company, checkpoint, day):
        """Return the ScopedRules in force, in their order."""
        return self.sudo()._cached_rules(company.id, checkpoint, day)

    @api.model
    @tools.ormcache("company_id", "checkpoint", "day")
    def _cached_rules(self, company_id, checkpoint, day):
        if checkpoint not in CHECKPOINTS:
            raise ValueError(f"{checkpoint!r} is not a checkpoint")
        rules = self.search(
            [
                ("company_id", "in", (False, company_id)),
                (f"check_{checkpoint}", "=", True),
                "|",
                ("date_from", "=", False),
                ("date_from", "<=", day),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", day),
            ]
        )
        return tuple(rule._plain() for rule in rules)

    def _threshold(self):
        """Return the one threshold that the rule's condition is about."""
        if self.condition in ("over_limit", "percent_used"):
            return self.threshold_percent
        if self.condition == "overdue_days":
            return self.threshold_days
        return self.threshold_amount

    def _plain(self):
        self.ensure_one()
        return ScopedRule(
            calc=gate.Rule(
                id=self.id,
                kind=self.kind,
                condition=self.condition,
                threshold=money.to_decimal(self._threshold()),
                tolerance=money.to_decimal(self.tolerance_amount),
                min_percent_used=money.to_decimal(self.min_percent_used),
                stop=self.stop,
                grace_days=self.grace_days,
            ),
            customers=frozenset(self.customer_ids.ids)
            if self.scope == "customer"
            else frozenset(),
            groups=frozenset(self.group_ids.ids)
            if self.scope == "group"
            else frozenset(),
            risk_class=self.risk_class if self.scope == "risk_class" else None,
        )
