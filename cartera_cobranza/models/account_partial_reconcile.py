from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    # open items as of a date take back what was applied later
    _cartera_max_date_idx = models.Index("(max_date)")

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._trigger_credit_recheck()
        return partials

    def unlink(self):
        self._trigger_credit_recheck()
        return super().unlink()

    def _trigger_credit_recheck(self):
        """Money was applied or taken back: holds of these customers are looked at again soon."""
        lines = self.sudo().debit_move_id.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
            and line.partner_id
        )
        for company, theirs in lines.grouped("company_id").items():
            partners = theirs.partner_id.commercial_partner_id
            self.env["cartera.customer"]._touch(partners.ids, company, recheck=True)
