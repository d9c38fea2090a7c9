from odoo import api, fields, models
from odoo.fields import Domain

# Totals, for those who decide on credit or keep the books; never for portal users, who can read their partner.
READERS = "cartera_cobranza.group_viewer,account.group_account_invoice,account.group_account_readonly"


class ResPartner(models.Model):
    _inherit = "res.partner"

    cartera_account_ids = fields.One2many(
        "cartera.customer", "partner_id", string="Credit Accounts", groups=READERS
    )
    cartera_customer_id = fields.Many2one(
        "cartera.customer",
        string="Credit Account",
        compute="_compute_cartera_customer_id",
        search="_search_cartera_customer_id",
        compute_sudo=True,
        groups=READERS,
    )
    cartera_currency_id = fields.Many2one(
        related="cartera_customer_id.currency_id",
        string="Credit Currency",
        groups=READERS,
    )
    cartera_limit = fields.Monetary(
        string="Credit Limit (effective)",
        related="cartera_customer_id.limit_amount",
        currency_field="cartera_currency_id",
        groups=READERS,
    )
    cartera_limit_source = fields.Selection(
        related="cartera_customer_id.limit_source", groups=READERS
    )
    cartera_exposure = fields.Monetary(
        string="Exposure",
        related="cartera_customer_id.exposure",
        currency_field="cartera_currency_id",
        groups=READERS,
    )
    cartera_available = fields.Monetary(
        string="Available Credit",
        related="cartera_customer_id.available",
        currency_field="cartera_currency_id",
        groups=READERS,
        help="As of the last refresh; the gate itself always reads the documents.",
    )
    cartera_overdue_amount = fields.Monetary(
        string="Overdue",
        related="cartera_customer_id.overdue_amount",
        currency_field="cartera_currency_id",
        groups=READERS,
    )
    cartera_overdue_days = fields.Integer(
        related="cartera_customer_id.overdue_days", groups=READERS
    )
    cartera_unlimited = fields.Boolean(
        compute="_compute_cartera_unlimited", compute_sudo=True, groups=READERS
    )
    cartera_collections = fields.Boolean(
        string="Gets Collection Messages",
        help="Reminders and statements go to this contact. Without one they go to the invoice address.",
    )
    cartera_escalation = fields.Boolean(
        string="Gets Escalations",
        help="Final notices go to this contact, who decides when the usual one does not pay.",
    )
    cartera_gate_on = fields.Boolean(
        compute="_compute_cartera_gate_on", compute_sudo=True
    )

    def write(self, vals):
        before = self.browse()
        if {"parent_id", "is_company"} & set(vals):
            before = self.sudo().commercial_partner_id
        result = super().write(vals)
        if "parent_id" in vals or "is_company" in vals:
            self._join_credit_accounts()
        if "tz" in vals:
            self.env.registry.clear_cache()  # the days of companies are read from it
        after = self.sudo().commercial_partner_id if before else before
        if before != after:
            self._credit_moved(before | after)
        return result

    def _credit_moved(self, entities):
        """Somebody's debts are somebody else's by now: the figures of both are refreshed."""
        customers = self.env["cartera.customer"].sudo()
        accounts = customers.search([("partner_id", "in", entities.ids)])
        for company in accounts.company_id:
            customers._touch(entities.ids, company, recheck=True)

    def _join_credit_accounts(self):
        """A customer that became part of another one owes in its name: their accounts become one."""
        owners = (
            self.env["cartera.customer"].sudo().search([("partner_id", "in", self.ids)])
        ).partner_id
        for partner in owners.filtered(lambda one: one.commercial_partner_id != one):
            entity = partner.commercial_partner_id
            accounts = self.env["cartera.customer"].with_user(self.env.user).sudo()
            accounts._join(partner, entity)
            accounts._follow_joined(entity)

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_cartera_customer_id(self):
        customers = self.env["cartera.customer"].search(
            [
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "=", self.env.company.id),
            ]
        )
        by_partner = {customer.partner_id: customer for customer in customers}
        for partner in self:
            partner.cartera_customer_id = by_partner.get(partner.commercial_partner_id)

    def _search_cartera_customer_id(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        here = Domain("company_id", "=", self.env.company.id)
        if operator == "any":
            found = self.env["cartera.customer"].sudo()._search(here & Domain(value))
            return Domain(
                "commercial_partner_id", "any", [("cartera_account_ids", "in", found)]
            )
        ids = [one for one in value if one]
        domain = Domain(
            "commercial_partner_id.cartera_account_ids",
            "any",
            here & Domain("id", "in", ids),
        )
        if False in value:
            domain |= ~Domain("commercial_partner_id.cartera_account_ids", "any", here)
        return domain

    @api.depends("cartera_customer_id")
    def _compute_cartera_unlimited(self):
        for partner in self:
            partner.cartera_unlimited = (
                partner.cartera_customer_id.snapshot_ids.unlimited
            )

    @api.depends_context("company")
    def _compute_cartera_gate_on(self):
        self.cartera_gate_on = self.env.company.cartera_gate != "off"

    def action_open_cartera_customer(self):
        """Open the customer's credit account in the current company, making it where it is missing."""
        self.ensure_one()
        self.env["cartera.customer"]._check_may_read()
        found = self.env["cartera.customer"]._find_or_create(self, self.env.company)
        customer = found[self.sudo().commercial_partner_id]
        if not customer.sudo().snapshot_ids:
            customer.sudo()._refresh(customer.company_id, customer.partner_id.ids)
        return {
            "type": "ir.actions.act_window",
            "res_model": "cartera.customer",
            "res_id": customer.id,
            "views": [(False, "form")],
        }
