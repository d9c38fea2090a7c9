from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

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
        partners = self.sudo().debit_move_id.partner_id
        if partners:
            self.env["cartera.credit.hold"]._trigger_recheck(partners.ids)
