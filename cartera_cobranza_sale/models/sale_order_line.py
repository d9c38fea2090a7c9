from odoo import api, fields, models

GROWTH_FIELDS = {
    "product_id",
    "product_uom_qty",
    "product_uom_id",
    "price_unit",
    "discount",
    "tax_ids",
    "order_id",
    "customer_lead",
}


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        orders = self.env["sale.order"].browse(
            {vals["order_id"] for vals in vals_list if vals.get("order_id")}
        )
        with orders._credit_watch():
            return super().create(vals_list)

    def write(self, vals):
        if not GROWTH_FIELDS & set(vals):
            return super().write(vals)
        with self.order_id._credit_watch():
            return super().write(vals)

    def _credit_due_date(self):
        """Return the day on which the line takes up credit when the company has a horizon."""
        order = self.order_id
        if order.commitment_date:
            return order.commitment_date.date()
        return fields.Date.add(
            (order.date_order or fields.Datetime.now()).date(),
            days=int(self.customer_lead),
        )

    def _credit_is_returned(self):
        """Whether the line was invoiced on delivery, credited in full, and nothing of it is with the customer.

        A product invoiced on delivery that has an invoice was delivered; that what is delivered is zero now
        says that it came back.
        """
        self.ensure_one()
        invoiced = sum(
            line.quantity
            for line in self.invoice_lines
            if line.parent_state == "posted" and line.move_id.move_type == "out_invoice"
        )
        return (
            self.product_id.invoice_policy == "delivery"
            and invoiced > 0
            and self.qty_delivered <= 0
            and self.qty_invoiced_posted <= 0
        )
