from odoo import api, fields, models, tools


class AccountPaymentMethodLine(models.Model):
    _inherit = "account.payment.method.line"

    cartera_count_uncleared = fields.Boolean(
        string="Counts as Debt Until Cleared",
        help="Payments by this method (post-dated cheques, for example) keep taking up the customer's credit until "
        "they are matched with a bank transaction.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("cartera_count_uncleared") for vals in vals_list):
            self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if "cartera_count_uncleared" in vals:
            self.env.registry.clear_cache()
        return super().write(vals)

    @api.model
    @tools.ormcache()
    def _any_counts_uncleared(self):
        """Whether any method counts: where none does, which is usual, the gate need not look for payments."""
        return bool(
            self.sudo().search_count([("cartera_count_uncleared", "=", True)], limit=1)
        )
