from odoo import api, fields, models
from odoo.exceptions import ValidationError

TARGETS = [
    ("reference", "Reference"),
    ("date", "Date"),
    ("customer", "Customer"),
    ("invoice", "Invoice"),
    ("reason", "Reason"),
    ("amount", "Amount"),
    ("currency", "Currency"),
    ("period", "Commercial period"),
    ("label", "Description"),
]
# what headers are called by themselves, in the languages of the field
KNOWN = {
    "reference": ("reference", "referencia", "folio", "external id", "id"),
    "date": ("date", "fecha"),
    "customer": ("customer", "cliente", "rfc", "nit", "tax id"),
    "invoice": ("invoice", "factura", "documento"),
    "reason": ("reason", "motivo", "code", "código", "codigo"),
    "amount": ("amount", "importe", "monto", "total", "valor"),
    "currency": ("currency", "moneda"),
    "period": ("commercial period", "period", "periodo", "período", "ciclo"),
    "label": ("description", "descripción", "descripcion", "concepto", "label"),
}


class CarteraNoteImportColumn(models.Model):
    """What a column of the file means; the same header means the same in the company's next file."""

    _name = "cartera.note.import.column"
    _description = "Column of a Note Import"
    _order = "import_id, position"

    import_id = fields.Many2one(
        "cartera.note.import", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="import_id.company_id", store=True, index=True, precompute=True
    )
    position = fields.Integer(required=True, readonly=True)
    header = fields.Char(string="Column of the File", required=True, readonly=True)
    sample = fields.Char(string="First Value", readonly=True)
    target = fields.Selection(
        TARGETS, string="Means", help="Empty: the column is not read."
    )

    @api.constrains("target", "import_id")
    def _check_once(self):
        for column in self.filtered("target"):
            twice = column.import_id.column_ids.filtered(
                lambda one, column=column: one.target == column.target
            )
            if len(twice) > 1:
                raise ValidationError(
                    self.env._(
                        "Two columns mean the same (%(target)s): %(columns)s. Leave one of them out.",
                        target=dict(
                            self._fields["target"]._description_selection(self.env)
                        )[column.target],
                        columns=", ".join(twice.mapped("header")),
                    )
                )

    @api.model
    def _guess(self, company, headers):
        """Return {header: target} from the company's earlier files, then from usual names."""
        earlier = self.sudo().search(
            [("company_id", "=", company.id), ("target", "!=", False)],
            order="id desc",
            limit=500,
        )
        memory = {}
        for column in earlier:
            memory.setdefault(column.header.strip().lower(), column.target)
        labels = {
            label.lower(): target
            for target, label in self._fields["target"]._description_selection(self.env)
        }
        usual = {name: target for target, names in KNOWN.items() for name in names}
        known = usual | labels | memory
        found, used = {}, set()
        for header in headers:
            target = known.get(header.strip().lower())
            if target and target not in used:
                found[header] = target
                used.add(target)
        return found
