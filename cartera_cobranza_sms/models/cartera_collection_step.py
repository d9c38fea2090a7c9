from odoo import fields, models


class CarteraCollectionStep(models.Model):
    _inherit = "cartera.collection.step"

    channel = fields.Selection(
        selection_add=[("sms", "Text message"), ("whatsapp",)],
        ondelete={"sms": lambda steps: steps.write({"channel": "call"})},
    )
