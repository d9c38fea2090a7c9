from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Merge the credit accounts before the references of their contacts move."""
        self._merge_credit_accounts(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

    @api.model
    def _update_values(self, src_partners, dst_partner):
        """Bring what is stored of the accounts that stay in line, after Odoo has filled in the contact's own."""
        result = super()._update_values(src_partners, dst_partner)
        self._follow_credit_accounts(
            self.env["cartera.customer"]
            .sudo()
            .search([("partner_id", "=", dst_partner.commercial_partner_id.id)])
        )
        return result

    @api.model
    def _merge_credit_accounts(self, src_partners, dst_partner):
        """Leave one account in each company in which a merged contact had one."""
        Customer = self.env["cartera.customer"].sudo()
        entity = dst_partner.commercial_partner_id
        sources = Customer.search([("partner_id", "in", src_partners.ids)], order="id")
        own = Customer.search([("partner_id", "=", entity.id)]).grouped("company_id")
        for company, accounts in sources.grouped("company_id").items():
            stays = own.get(company)
            Customer._bump(company, (accounts | (stays or Customer)).partner_id.ids)
            if not stays:
                stays = accounts[0]
                stays.partner_id = entity
                accounts -= stays
            for account in accounts:
                account._merge_into(stays)

    @api.model
    def _follow_credit_accounts(self, customers):
        """Stored names, Odoo's own limit, figures and holds follow the account that stays."""
        for model in self.env.registry.values():
            field = model._fields.get("partner_id")
            if (
                not model._abstract
                and field is not None
                and field.store
                and field.related == "customer_id.partner_id"
            ):
                records = self.env[model._name].sudo().with_context(active_test=False)
                self.env.add_to_compute(
                    records._fields["partner_id"],
                    records.search([("customer_id", "in", customers.ids)]),
                )
        self.env.flush_all()
        for customer in customers:
            customer._write_core_limit(customer.line_id)
            customer._touch(customer.partner_id.ids, customer.company_id, recheck=True)
