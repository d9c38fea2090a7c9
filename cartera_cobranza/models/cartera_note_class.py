from odoo import fields, models

COUNTS_AS = [
    ("sales", "Sales: lowers or raises them"),
    ("minor_write_off", "Minor write-off"),
    ("bad_debt", "Bad debt"),
    ("charge", "Interest and charges"),
    ("none", "Nothing"),
]


class CarteraNoteClass(models.Model):
    """A family of reasons for notes, by which statistics are grouped and key figures computed."""

    _name = "cartera.note.class"
    _description = "Class of Note Reasons"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Short code for reports and imports.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    counts_as = fields.Selection(
        COUNTS_AS,
        required=True,
        default="sales",
        help="What notes of this class count as in the statistics: a few cents that are let go are not a bad debt, "
        "and neither lowers the sales.",
    )

    _code_unique = models.UniqueIndex(
        "(code)", "There is another class of notes with this code. Use another code."
    )
