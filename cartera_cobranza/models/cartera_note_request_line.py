from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CarteraNoteRequestLine(models.Model):
    """How much of one line of the invoice a request credits or charges."""

    _name = "cartera.note.request.line"
    _description = "Line of a Note Request"
    _order = "id"

    request_id = fields.Many2one(
        "cartera.note.request", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="request_id.currency_id")
    invoice_line_id = fields.Many2one(
        "account.move.line", string="Invoice Line", index="btree_not_null"
    )
    product_id = fields.Many2one("product.product")
    name = fields.Char(string="Description", required=True)
    invoiced_quantity = fields.Float(
        string="Invoiced", digits="Product Unit", readonly=True
    )
    quantity = fields.Float(
        digits="Product Unit", help="How much is credited or charged."
    )
    price_unit = fields.Float(
        string="Price", digits="Product Price", help="For one unit, after discounts."
    )
    tax_ids = fields.Many2many("account.tax", string="Taxes", check_company=True)
    amount = fields.Monetary(compute="_compute_amount", string="Untaxed")

    @api.depends("quantity", "price_unit", "currency_id")
    def _compute_amount(self):
        for line in self:
            amount = line.quantity * line.price_unit
            line.amount = line.currency_id.round(amount) if line.currency_id else amount

    @api.constrains("quantity", "price_unit", "invoice_line_id", "request_id")
    def _check_quantity(self):
        for line in self:
            if line.quantity < 0 or line.price_unit < 0:
                raise ValidationError(
                    self.env._(
                        "%(line)s: quantity and price cannot be negative (received %(quantity)s at %(price)s).",
                        line=line.name,
                        quantity=line.quantity,
                        price=line.price_unit,
                    )
                )
            origin = line.invoice_line_id.sudo()
            if origin and origin.move_id != line.request_id.move_id:
                raise ValidationError(
                    self.env._(
                        "%(line)s is a line of another invoice than %(invoice)s. Take the lines over again.",
                        line=line.name,
                        invoice=line.request_id.move_id.sudo().name,
                    )
                )
            if (
                origin
                and line.request_id.direction == "credit"
                and line.quantity > origin.quantity
            ):
                raise ValidationError(
                    self.env._(
                        "%(line)s: %(quantity)s would be credited, and only %(invoiced)s were invoiced.",
                        line=line.name,
                        quantity=line.quantity,
                        invoiced=origin.quantity,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_draft()
        return lines

    def write(self, vals):
        self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_draft(self):
        self._check_draft()

    def _check_draft(self):
        for request in self.request_id:
            if request.state != "draft" and not request._is_internal():
                raise UserError(
                    self.env._(
                        "%s is no longer being analysed, and its lines stay as they are.",
                        request.name,
                    )
                )
