from odoo import fields, models


class CarteraNoteFiscalCode(models.Model):
    """What a country's tax authority calls a reason: the relation of a CFDI, the correction code of the DIAN…"""

    _name = "cartera.note.fiscal.code"
    _description = "Fiscal Code of a Note Reason"
    _order = "country_id, code"

    reason_id = fields.Many2one(
        "cartera.note.reason", required=True, index=True, ondelete="cascade"
    )
    country_id = fields.Many2one("res.country", required=True)
    code = fields.Char(required=True, help="As the tax authority writes it.")
    name = fields.Char(string="Meaning", translate=True)

    _once_per_country = models.UniqueIndex(
        "(reason_id, country_id)",
        "The reason has a code for this country already. Change that one.",
    )
