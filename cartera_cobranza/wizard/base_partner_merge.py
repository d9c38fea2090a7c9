from odoo import api, models

from ..models.implied_many2one import implied_links


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Join the credit accounts before the references of their contacts move."""
        self.env["cartera.customer"].sudo()._join(
            src_partners, dst_partner.commercial_partner_id
        )
        return super()._update_foreign_keys(src_partners, dst_partner)

    @api.model
    def _get_fk_on(self, table):
        """Links without a foreign key of their own move as well."""
        return [*super()._get_fk_on(table), *implied_links(self.env, table)]

    @api.model
    def _update_values(self, src_partners, dst_partner):
        """Bring what is stored of the accounts that stay in line, after Odoo has filled in the contact's own."""
        result = super()._update_values(src_partners, dst_partner)
        self.env["cartera.customer"].sudo()._follow_joined(
            dst_partner.commercial_partner_id
        )
        return result
