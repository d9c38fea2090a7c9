from odoo import fields, models


class AccountPaymentMethodLine(models.Model):
    _inherit = "account.payment.method.line"

    cartera_count_uncleared = fields.Boolean(
        string="Counts as Debt Until Cleared",
        help="Payments by this method (post-dated cheques, for example) keep taking up the customer's credit until "
        "they are matched with a bank transaction.",
    )
