from odoo import api, fields, models
from odoo.exceptions import UserError

from ..calc import money
from .interest_items import InterestScope

COLLECTORS = "cartera_cobranza.group_collector,account.group_account_readonly"


class CarteraCustomer(models.Model):
    _inherit = "cartera.customer"

    interest_policy_id = fields.Many2one(
        "cartera.interest.policy",
        string="Interest Policy",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        groups=COLLECTORS,
        help="Empty: the policy of the customer's segment, else that for every customer.",
    )
    interest_exempt = fields.Boolean(
        string="No Interest",
        tracking=True,
        groups=COLLECTORS,
        help="This customer is never charged default interest.",
    )
    interest_accrued = fields.Monetary(
        string="Interest up to Today",
        compute="_compute_interest_accrued",
        compute_sudo=True,
        groups=COLLECTORS,
        help="What the next run would charge, counted now, in company currency.",
    )
    interest_billed = fields.Monetary(
        compute="_compute_interest_billed",
        compute_sudo=True,
        groups=COLLECTORS,
        help="Posted and not waived or reversed, in company currency.",
    )

    @api.model
    def _interest_fields(self):
        return {"interest_policy_id", "interest_exempt"}

    def write(self, vals):
        if (
            self._interest_fields() & set(vals)
            and not self.env.su
            and not self.env.user.has_group("cartera_cobranza.group_credit_manager")
        ):
            changed = any(
                (customer[name].id if name == "interest_policy_id" else customer[name])
                != vals[name]
                for customer in self.sudo()
                for name in self._interest_fields() & set(vals)
            )
            if changed:
                raise UserError(
                    self.env._(
                        "Only a credit manager decides which interest a customer is charged. Ask one of them."
                    )
                )
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        if (
            any(
                vals.get(name) for vals in vals_list for name in self._interest_fields()
            )
            and not self.env.su
            and not self.env.user.has_group("cartera_cobranza.group_credit_manager")
        ):
            raise UserError(
                self.env._(
                    "Only a credit manager decides which interest a customer is charged. Ask one of them."
                )
            )
        return super().create(vals_list)

    def _compute_interest_billed(self):
        billed = {}
        for customer, amount, waived in self.env["cartera.interest.line"]._read_group(
            [("customer_id", "in", self.ids), ("live", "=", True)],
            ["customer_id"],
            ["amount_company:sum", "waived_company:sum"],
        ):
            billed[customer] = amount - waived
        for customer in self:
            customer.interest_billed = billed.get(customer._origin, 0)

    def _compute_interest_accrued(self):
        for customer in self:
            customer.interest_accrued = 0
        for company, customers in self.filtered("id").grouped("company_id").items():
            totals = self._interest_accrued_totals(company, customers.partner_id.ids)
            for customer in customers:
                customer.interest_accrued = totals.get(customer.partner_id.id, 0)

    @api.model
    def _interest_accrued_totals(self, company, partner_ids):
        """Return {commercial partner id: interest up to today in company currency}; none where a rate is missing."""
        day = company._cartera_today()
        scope = InterestScope(company, day, partner_ids=tuple(partner_ids))
        helper = self.env["cartera.money"]
        totals = {}
        try:
            proposals = self.env["cartera.interest.run"].sudo()._propose(scope)
            rates = helper._rates(company, day)
            for one in proposals:
                currency = self.env["res.currency"].browse(one.owed.currency_id)
                amount = helper._convert(
                    one.amount - one.waived, currency, company, day, rates
                )
                partner = one.owed.partner_id
                totals[partner] = totals.get(partner, money.ZERO) + amount
        except UserError:
            return {}
        return {partner: float(amount) for partner, amount in totals.items()}

    def action_interest_quote(self):
        """Show the customer's interest up to a day, item by item."""
        self.ensure_one()
        return self.env["cartera.interest.quote"]._open(
            {"default_customer_id": self.id}
        )

    def action_open_interest(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "cartera_cobranza.cartera_interest_line_action"
        )
        # by the partner, of which there is an index
        action["domain"] = [
            ("partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
        ]
        action["context"] = {"search_default_live": 1}
        return action
