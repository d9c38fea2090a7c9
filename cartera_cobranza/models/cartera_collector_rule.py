from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain


class CarteraCollectorRule(models.Model):
    """Who collects from which customers: the first rule whose filter holds decides, its collectors take turns."""

    _name = "cartera.collector.rule"
    _description = "Assignment of Collectors"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    domain = fields.Char(
        string="Customers",
        default="[]",
        required=True,
        help="Which credit accounts it is for.",
    )
    user_ids = fields.Many2many(
        "res.users",
        string="Collectors",
        domain="[('share', '=', False)]",
        help="New customers go to the one of them who has the fewest.",
    )

    @api.constrains("domain")
    def _check_domain(self):
        for rule in self:
            try:
                rule._customer_domain().validate(self.env["cartera.customer"])
            except (ValueError, TypeError, SyntaxError, KeyError) as error:
                raise ValidationError(
                    self.env._(
                        "The filter %(domain)s of %(rule)s cannot be used on customers: %(error)s. "
                        "Choose its fields and values with the filter editor.",
                        domain=rule.domain,
                        rule=rule.name,
                        error=error,
                    )
                ) from error

    @api.constrains("user_ids")
    def _check_users(self):
        for rule in self:
            if not rule.user_ids:
                raise ValidationError(
                    self.env._("%s has no collectors: choose at least one.", rule.name)
                )

    def _customer_domain(self):
        self.ensure_one()
        return Domain(literal_eval(self.domain or "[]"))

    def action_assign(self):
        """Give customers without a collector to the collectors of their rule (button)."""
        if not self.env.su and not self.env.user.has_group(
            "cartera_cobranza.group_credit_manager"
        ):
            raise AccessError(
                self.env._("Only a credit manager assigns collectors. Ask one of them.")
            )
        count = 0
        for company in self.company_id:
            count += self.sudo()._assign(company)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%s customers have a collector now.", count),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _assign(self, company):
        """Give the owing customers of ``company`` without a collector one, by the rules; returns how many."""
        Customer = self.env["cartera.customer"].sudo()
        rest = Domain("company_id", "=", company.id) & Domain(
            "collector_id", "=", False
        )
        rest &= Domain("exposure", ">", 0)
        loads = dict(
            Customer._read_group(
                [("company_id", "=", company.id), ("collector_id", "!=", False)],
                ["collector_id"],
                ["__count"],
            )
        )
        count = 0
        given = Customer.browse()
        for rule in self.search([("company_id", "=", company.id)]):
            found = Customer.search(rest & rule._customer_domain(), order="id") - given
            shares = {}
            for customer in found:
                user = min(rule.user_ids, key=lambda one: (loads.get(one, 0), one.id))
                loads[user] = loads.get(user, 0) + 1
                shares.setdefault(user, []).append(customer.id)
            for user, ids in shares.items():
                Customer.browse(ids).write({"collector_id": user.id})
            given |= found
            count += len(found)
        return count
