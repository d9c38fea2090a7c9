from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    cartera_digest = fields.Boolean(
        string="Key Figures Every Week",
        help="E-mail with the receivables of the week: each figure with its change against the week before.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "cartera_digest"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, "cartera_digest"]
