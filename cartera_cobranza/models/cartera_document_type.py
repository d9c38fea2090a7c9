from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import human_size
from odoo.tools.mimetypes import guess_mimetype

# what a file really is, by its first bytes, for each ending that may be asked for
CONTENTS = {
    "pdf": {"application/pdf"},
    "png": {"image/png"},
    "jpg": {"image/jpeg"},
    "jpeg": {"image/jpeg"},
    "xml": {"application/xml", "text/xml", "text/plain", "image/svg+xml"},
    "xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    "docx": {"application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
}


class CarteraDocumentType(models.Model):
    """A paper that customers hand in: tax certificate, statements, promissory note…"""

    _name = "cartera.document.type"
    _description = "Type of Credit Document"
    _inherit = ["cartera.typed"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    extensions = fields.Char(
        string="File Types",
        default="pdf, jpg, png",
        required=True,
        help="Endings of the files that are accepted, with commas between them: pdf, jpg, jpeg, png, xml, xlsx, docx.",
    )
    max_megabytes = fields.Integer(
        string="Largest File (MB)",
        default=10,
        required=True,
        help="Larger files are refused.",
    )
    valid_months = fields.Integer(
        string="Valid For (Months)",
        help="Proposed as the last day of a document that is handed in. Zero: it does not expire.",
    )
    note = fields.Char(
        string="What to Look At",
        translate=True,
        help="Told to the customer and to whoever checks the document.",
    )

    _numbers = models.Constraint(
        "CHECK(max_megabytes > 0 AND COALESCE(valid_months, 0) >= 0)",
        "The largest file must be above zero, and months cannot be negative.",
    )

    @api.model
    def _typed_minimums(self):
        return {"valid_months": 0}

    @api.model
    def _typed_above(self):
        return {"max_megabytes": 0}

    @api.constrains("extensions")
    def _check_extensions(self):
        for kind in self:
            unknown = kind._allowed() - set(CONTENTS)
            if unknown or not kind._allowed():
                raise ValidationError(
                    self.env._(
                        "File types of %(kind)s: '%(unknown)s' cannot be checked. Use one or more of %(known)s.",
                        kind=kind.name,
                        unknown=", ".join(sorted(unknown)),
                        known=", ".join(CONTENTS),
                    )
                )

    def _allowed(self):
        self.ensure_one()
        return {
            one.strip().lstrip(".").lower()
            for one in (self.extensions or "").split(",")
            if one.strip()
        }

    def _check_file(self, name, content):
        """Refuse a file of another type, of another content than its name says, empty or too large.

        :param content: bytes
        """
        self.ensure_one()
        ending = (name or "").rpartition(".")[2].lower() if "." in (name or "") else ""
        allowed = self._allowed()
        if ending not in allowed:
            raise UserError(
                self.env._(
                    "%(file)s cannot be taken as %(kind)s: files of type %(allowed)s are accepted. Convert it and "
                    "attach it again.",
                    file=name or self.env._("A file without a name"),
                    kind=self.name,
                    allowed=", ".join(sorted(allowed)),
                )
            )
        if not content:
            raise UserError(self.env._("%s is empty. Attach the document again.", name))
        limit = self.max_megabytes * 1024 * 1024
        if len(content) > limit:
            raise UserError(
                self.env._(
                    "%(file)s has %(size)s, and %(kind)s may have %(limit)s MB. Scan it with fewer dots or split it.",
                    file=name,
                    size=human_size(len(content)),
                    kind=self.name,
                    limit=self.max_megabytes,
                )
            )
        found = guess_mimetype(content)
        if found not in CONTENTS.get(ending, set()):
            raise UserError(
                self.env._(
                    "%(file)s is not what its name says: its content is %(found)s. Attach the document itself.",
                    file=name,
                    found=found,
                )
            )
