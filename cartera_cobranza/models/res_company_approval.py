from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    cartera_customer_approval = fields.Boolean(
        string="Customers Need Approval",
        help="A new customer is registered by a customer request that somebody else approves. Until then it is "
        "sold to in advance or for cash only. Who is a customer when this is switched on counts as approved.",
    )
    cartera_customer_documents = fields.Text(
        string="Documents of a New Customer",
        help="One a line. A request for a new customer needs each of them, or why it does without.",
    )
    cartera_prepaid_term_id = fields.Many2one(
        "account.payment.term",
        string="Terms Without a Line",
        domain="['|', ('cartera_prepaid', '=', True), ('line_ids.nb_days', '=', 0)]",
        help="Proposed on quotations of customers without credit: paid in advance, or cash.",
    )

    @api.constrains("cartera_prepaid_term_id")
    def _check_cartera_prepaid_term(self):
        for company in self:
            term = company.cartera_prepaid_term_id
            if term and term._cartera_rank() > 0:
                raise ValidationError(
                    self.env._(
                        "%(term)s gives %(days)s days of credit. Customers without a line get terms that are paid in "
                        "advance, or at once.",
                        term=term.name,
                        days=term._cartera_rank(),
                    )
                )

    def write(self, vals):
        switched = self.browse()
        if vals.get("cartera_customer_approval"):
            switched = self.filtered(lambda one: not one.cartera_customer_approval)
        result = super().write(vals)
        for company in switched:
            self.env["cartera.customer"].sudo()._approve_existing(company)
        if switched:
            # orders of who is not approved are held from now on; the rule can be switched off again
            rule = self.env.ref(
                "cartera_cobranza.credit_rule_unapproved", raise_if_not_found=False
            )
            if rule:
                rule.sudo().active = True
        return result


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    cartera_customer_approval = fields.Boolean(
        related="company_id.cartera_customer_approval", readonly=False
    )
    cartera_customer_documents = fields.Text(
        related="company_id.cartera_customer_documents", readonly=False
    )
    cartera_prepaid_term_id = fields.Many2one(
        related="company_id.cartera_prepaid_term_id", readonly=False
    )
