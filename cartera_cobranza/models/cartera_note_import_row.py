from odoo import api, fields, models
from odoo.exceptions import UserError

DONE = ("done", "request")


class CarteraNoteImportRow(models.Model):
    """One row of a file of notes: what it says, what is wrong with it, and the note that it became."""

    _name = "cartera.note.import.row"
    _description = "Row of a Note Import"
    _order = "import_id, number"
    _rec_name = "reference"

    import_id = fields.Many2one(
        "cartera.note.import", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    number = fields.Integer(string="Row", required=True, help="Row of the file.")
    key = fields.Char(
        required=True,
        index=True,
        help="What makes the row unique in the company: its reference, else the file and the row.",
    )
    reference = fields.Char(help="The sender's own number of the note.")
    date = fields.Date()
    customer_text = fields.Char(string="Customer in the File")
    invoice_text = fields.Char(string="Invoice in the File")
    reason_text = fields.Char(string="Reason in the File")
    amount_text = fields.Char(string="Amount in the File")
    partner_id = fields.Many2one("res.partner", string="Customer")
    move_id = fields.Many2one("account.move", string="Invoice", index="btree_not_null")
    reason_id = fields.Many2one("cartera.note.reason")
    period_id = fields.Many2one("cartera.commercial.period", string="Commercial Period")
    currency_id = fields.Many2one("res.currency")
    amount = fields.Monetary()
    label = fields.Char(string="Description")
    state = fields.Selection(
        [
            ("pending", "Ready"),
            ("error", "Error"),
            ("skipped", "Imported before"),
            ("request", "To approve"),
            ("done", "Imported"),
        ],
        default="pending",
        required=True,
        index=True,
    )
    cell = fields.Char(help="The cell that is to blame.")
    error = fields.Char(string="Problem")
    note_move_id = fields.Many2one(
        "account.move", string="Note", index="btree_not_null"
    )
    request_id = fields.Many2one("cartera.note.request", string="Note Request")

    _once = models.UniqueIndex(
        "(company_id, key) WHERE state IN ('done', 'request')",
        "This row has been imported already.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_never_imported(self):
        if any(row.state in DONE for row in self):
            raise UserError(
                self.env._(
                    "Rows that became notes are kept: they keep the file from being imported twice."
                )
            )
