from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..calc import money
from ..calc import position as calc_position
from .cartera_exposure_engine import ExposureScope

APPROVAL = frozenset(("approved_on", "approved_by"))


class CarteraCustomer(models.Model):
    """Who has been approved as a customer of the company, where the company approves its customers."""

    _inherit = "cartera.customer"

    approved_on = fields.Date(
        readonly=True,
        copy=False,
        tracking=True,
        help="When the customer was approved by a customer request, or was there before requests were needed.",
    )
    approved_by = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    is_approved = fields.Boolean(
        string="Approved",
        compute="_compute_is_approved",
        search="_search_is_approved",
        help="May be invoiced on credit. Everybody may where the company does not approve its customers.",
    )
    customer_request_ids = fields.One2many(
        "cartera.customer.request",
        compute="_compute_request_ids",
        string="Customer Requests",
    )

    @api.depends("approved_on", "company_id.cartera_customer_approval")
    def _compute_is_approved(self):
        for customer in self:
            customer.is_approved = bool(
                customer.approved_on
                or not customer.company_id.sudo().cartera_customer_approval
            )

    def _search_is_approved(self, operator, value):
        if operator != "in":
            return NotImplemented
        approved = [
            "|",
            ("approved_on", "!=", False),
            ("company_id.cartera_customer_approval", "=", False),
        ]
        if True in value and False in value:
            return [(1, "=", 1)]
        if True in value:
            return approved
        return [
            ("approved_on", "=", False),
            ("company_id.cartera_customer_approval", "=", True),
        ]

    def _compute_request_ids(self):
        found = self.env["cartera.customer.request"].search(
            [("partner_id", "in", self.partner_id.ids)]
        )
        for customer in self:
            customer.customer_request_ids = found.filtered(
                lambda one, of=customer: one.partner_id == of.partner_id
                and one.company_id == of.company_id
            )

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_approval(*vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_approval(vals)
        return super().write(vals)

    @api.model
    def _refuse_approval(self, *vals_list):
        if not self.env.su and any(APPROVAL & set(vals) for vals in vals_list):
            raise AccessError(
                self.env._(
                    "A customer is approved by a customer request, which somebody else has made."
                )
            )

    def _set_approved(self, user, company):
        """Note the approval; documents that waited for it are looked at again."""
        for customer in self.filtered(lambda one: not one.approved_on):
            customer.write(
                {"approved_on": company._cartera_today(), "approved_by": user.id}
            )
            self._touch(customer.partner_id.ids, company, recheck=True)

    @api.model
    def _unapproved_among(self, company, partner_ids):
        """Return the ids of these commercial entities that the company has not approved yet."""
        if not company.sudo().cartera_customer_approval or not partner_ids:
            return set()
        approved = (
            self.sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("partner_id", "in", list(partner_ids)),
                    ("approved_on", "!=", False),
                ]
            )
            .partner_id.ids
        )
        return set(partner_ids) - set(approved)

    @api.model
    def _approve_existing(self, company):
        """Count as approved who was a customer before requests were needed: known, invoiced or a customer."""
        self.env.flush_all()
        self.env.cr.execute(
            self._missing_sql(
                company,
                SQL(
                    """SELECT p.commercial_partner_id AS partner_id FROM res_partner p
                        WHERE p.customer_rank > 0 AND (p.company_id IS NULL OR p.company_id = %(company)s)
                        UNION
                       SELECT p.commercial_partner_id FROM account_move m
                         JOIN res_partner p ON p.id = m.partner_id
                        WHERE m.company_id = %(company)s AND m.move_type IN ('out_invoice', 'out_refund')""",
                    company=company.id,
                ),
            )
        )
        self.env.cr.execute(
            SQL(
                """UPDATE cartera_customer SET approved_on = %(day)s
                    WHERE company_id = %(company)s AND approved_on IS NULL""",
                day=company._cartera_today(),
                company=company.id,
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _condition_facts(self, company, day, partner_ids, conditions):
        facts = super()._condition_facts(company, day, partner_ids, conditions)
        if "unapproved" in conditions:
            for partner in self._unapproved_among(company, partner_ids):
                facts.setdefault(partner, {})["unapproved"] = money.to_decimal(1)
        return facts

    @api.model
    def _without_credit(self, company, partners):
        """Return those of these commercial entities that may owe nothing: no line in force, group or default.

        Who has not been approved where that is needed may owe nothing either.
        """
        day = company._cartera_today()
        scope = ExposureScope(company, day, tuple(sorted(partners.ids)))
        if not partners:
            return partners
        unapproved = self._unapproved_among(company, partners.ids)
        figures, _asked = self._gather_figures(scope)
        limits = self._group_limits(
            company, {one.group for one in figures.values()}, day
        )
        terms = self._terms(company)

        def may_owe(partner):
            one = figures[partner.id]
            limit = calc_position.position(one, terms, limits.get(one.group), ()).limit
            return partner.id not in unapproved and (
                limit.unlimited or limit.amount > 0
            )

        return partners.filtered(lambda partner: not may_owe(partner))
