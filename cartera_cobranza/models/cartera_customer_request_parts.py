import base64

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.mimetypes import guess_mimetype

from .decided import deciding

CONTACT = {
    "type": "contact",
    "name": "contact",
    "function": "contact",
    "email": "contact",
    "phone": "contact",
    "street": "address",
    "street2": "address",
    "city": "address",
    "zip": "address",
    "state_id": "address",
    "country_id": "address",
    "cartera_collections": "contact",
    "cartera_escalation": "contact",
}
MIMETYPES = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "application/xml": "xml",
    "text/xml": "xml",
}
MAX_MEGABYTES = 10


class CarteraCustomerRequestPart(models.AbstractModel):
    """What belongs to a customer request is edited, and closed, with it."""

    _name = "cartera.customer.request.part"
    _description = "Part of a Customer Request"

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_request_open()
        return parts

    def write(self, vals):
        self._check_request_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_while_open(self):
        self._check_request_open()

    def _check_request_open(self):
        if not self.env.cr.cache.get("cartera_customer_request"):
            self.request_id._check_may_edit({"part": True})


class CarteraCustomerRequestLine(models.Model):
    """One value that a request changes: what was there, what is proposed. Kept for good."""

    _name = "cartera.customer.request.line"
    _description = "Change of a Customer"
    _order = "request_id, id"

    request_id = fields.Many2one(
        "cartera.customer.request", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, index=True, precompute=True
    )
    contact_id = fields.Many2one(
        "cartera.customer.request.contact",
        string="Contact",
        index="btree_not_null",
        ondelete="cascade",
    )
    section = fields.Selection(
        [
            ("fiscal", "Fiscal Data"),
            ("terms", "Terms"),
            ("address", "Address"),
            ("contact", "Contact Data"),
        ],
        required=True,
    )
    subject = fields.Char(string="Of")
    field_name = fields.Char(required=True)
    label = fields.Char(string="Field", required=True)
    old_value = fields.Char(string="Before")
    new_value = fields.Char(string="Proposed")
    old_raw = fields.Json()
    new_raw = fields.Json()

    def _target(self):
        """Return the partner that the value is of, or none when it is to be made."""
        self.ensure_one()
        if self.contact_id:
            return self.contact_id.partner_id.sudo()
        return self.request_id.partner_id.sudo()

    def write(self, vals):
        self._check_written_by_request()
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        self._check_written_by_request()
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_by_request(self):
        requests = self.request_id
        if any(request.state != "draft" for request in requests):
            self._check_written_by_request()

    @api.model
    def _check_written_by_request(self):
        if not self.env.cr.cache.get("cartera_customer_request"):
            raise UserError(
                self.env._(
                    "The list of changes follows from what is proposed, and cannot be written. Change the proposal."
                )
            )


class CarteraCustomerRequestContact(models.Model):
    """A contact or address of the customer that a request adds, changes or takes away."""

    _name = "cartera.customer.request.contact"
    _description = "Proposed Contact or Address"
    _inherit = ["cartera.customer.request.part"]
    _order = "request_id, id"

    request_id = fields.Many2one(
        "cartera.customer.request", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, index=True, precompute=True
    )
    customer_partner_id = fields.Many2one(related="request_id.partner_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Existing Contact",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('parent_id', '=', customer_partner_id)]",
        help="Empty to add one.",
    )
    remove = fields.Boolean(
        string="Take Away", help="The contact is archived; its documents stay."
    )
    type = fields.Selection(
        [
            ("contact", "Contact"),
            ("invoice", "Invoice Address"),
            ("delivery", "Delivery Address"),
            ("other", "Other Address"),
        ],
        compute="_compute_values",
        store=True,
        readonly=False,
    )
    name = fields.Char(compute="_compute_values", store=True, readonly=False)
    function = fields.Char(
        string="Job Position", compute="_compute_values", store=True, readonly=False
    )
    email = fields.Char(
        string="E-mail", compute="_compute_values", store=True, readonly=False
    )
    phone = fields.Char(compute="_compute_values", store=True, readonly=False)
    street = fields.Char(compute="_compute_values", store=True, readonly=False)
    street2 = fields.Char(compute="_compute_values", store=True, readonly=False)
    city = fields.Char(compute="_compute_values", store=True, readonly=False)
    zip = fields.Char(compute="_compute_values", store=True, readonly=False)
    state_id = fields.Many2one(
        "res.country.state",
        string="Province",
        compute="_compute_values",
        store=True,
        readonly=False,
        domain="[('country_id', '=?', country_id)]",
    )
    country_id = fields.Many2one(
        "res.country", compute="_compute_values", store=True, readonly=False
    )
    cartera_collections = fields.Boolean(
        string="Gets Collection Messages",
        compute="_compute_values",
        store=True,
        readonly=False,
    )
    cartera_escalation = fields.Boolean(
        string="Gets Escalations",
        compute="_compute_values",
        store=True,
        readonly=False,
    )

    @api.depends("partner_id")
    def _compute_values(self):
        for contact in self:
            partner = contact.partner_id.sudo()
            for name in CONTACT:
                contact[name] = partner[name] if partner else contact[name]
            contact.type = contact.type or "contact"

    @api.constrains("request_id", "partner_id", "remove", "name", "street")
    def _check_contact(self):
        for contact in self:
            entity = contact.request_id.partner_id.sudo()
            partner = contact.partner_id.sudo()
            if partner and (
                not entity
                or partner.commercial_partner_id != entity
                or partner == entity
            ):
                raise ValidationError(
                    self.env._(
                        "%(contact)s is no contact of %(customer)s. Choose one of its own, or add a new one.",
                        contact=partner.display_name,
                        customer=entity.display_name or contact.request_id.name,
                    )
                )
            if not partner and not (contact.name or contact.street):
                raise ValidationError(
                    self.env._("A new contact needs a name, a new address a street.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            partner = (
                self.env["res.partner"].sudo().browse(vals.get("partner_id") or [])
            )
            if partner and set(CONTACT) & set(vals):
                # what is not given stays as it is
                for name in set(CONTACT) - set(vals):
                    value = partner[name]
                    vals[name] = (
                        value.id if isinstance(value, models.BaseModel) else value
                    )
        contacts = super().create(vals_list)
        contacts.request_id.sudo()._rebuild_lines()
        return contacts

    def write(self, vals):
        result = super().write(vals)
        self.request_id.sudo()._rebuild_lines()
        return result

    def _changes(self):
        """Return the values of the lines for this contact (see the request's ``_change``)."""
        self.ensure_one()
        request, partner = self.request_id, self.partner_id.sudo()
        subject = partner.display_name or self.name or self.street or ""
        if self.remove:
            return (
                [
                    request._change(
                        self, "contact", subject, "active", partner.active, False
                    )
                ]
                if partner
                else []
            )
        return [
            request._change(
                self,
                section,
                subject,
                name,
                request._raw(partner[name]) if partner else False,
                request._raw(self[name]),
            )
            for name, section in CONTACT.items()
        ]

    def _write_to(self, customer):
        """Carry the proposal out on the customer's contacts."""
        self.ensure_one()
        lines = self.request_id.line_ids.filtered(lambda one: one.contact_id == self)
        if self.remove:
            self.partner_id.sudo().action_archive()
            return
        vals = {line.field_name: line.new_raw for line in lines}
        if self.partner_id:
            if vals:
                self.partner_id.sudo().write(vals)
        else:
            made = (
                self.env["res.partner"]
                .sudo()
                .create({"parent_id": customer.id, "type": "contact", **vals})
            )
            with deciding(self.env, "cartera_customer_request"):
                super(CarteraCustomerRequestContact, self.sudo()).write(
                    {"partner_id": made.id}
                )


class CarteraCustomerRequestDocument(models.Model):
    """A paper that belongs to a customer request: the tax certificate, the deed, an identification."""

    _name = "cartera.customer.request.document"
    _description = "Document of a Customer Request"
    _inherit = ["cartera.customer.request.part"]
    _order = "request_id, id"

    request_id = fields.Many2one(
        "cartera.customer.request", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, index=True, precompute=True
    )
    name = fields.Char(string="Document", required=True)
    required = fields.Boolean(
        readonly=True, help="Asked of every new customer by the company's settings."
    )
    file = fields.Binary(attachment=True, help="PDF, PNG, JPG or XML, up to 10 MB.")
    filename = fields.Char()
    waived = fields.Char(
        string="Not Needed Because",
        help="Why it can do without; the approver reads it.",
    )

    @api.constrains("file", "filename")
    def _check_file(self):
        for document in self:
            if not document.file:
                continue
            raw = base64.b64decode(document.with_context(bin_size=False).file)
            size = len(raw) / 1024 / 1024
            if size > MAX_MEGABYTES:
                raise ValidationError(
                    self.env._(
                        "%(file)s has %(size).1f MB, and up to %(max)d MB are taken. Attach a smaller scan.",
                        file=document.filename or document.name,
                        size=size,
                        max=MAX_MEGABYTES,
                    )
                )
            kind = guess_mimetype(raw)
            if kind not in MIMETYPES:
                raise ValidationError(
                    self.env._(
                        "%(file)s is of type %(kind)s, and documents are PDF, PNG, JPG or XML.",
                        file=document.filename or document.name,
                        kind=kind,
                    )
                )
