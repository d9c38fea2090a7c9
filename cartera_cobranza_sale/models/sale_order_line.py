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
COUNTED = {
    "price_subtotal",
    "price_tax",
    "price_total",
    "qty_invoiced",
    "qty_to_invoice",
    "invoice_status",
}


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_order_id")
        ids = {vals.get("order_id", default) for vals in vals_list}
        with self.env["sale.order"].browse(filter(None, ids))._credit_watch():
            lines = super().create(vals_list)
            lines._credit_count_again(set().union(*vals_list))
        return lines

    def write(self, vals):
        if not (GROWTH_FIELDS | COUNTED) & set(vals):
            return super().write(vals)
        orders = self.order_id
        if vals.get("order_id"):
            orders |= orders.browse(vals["order_id"])
        with orders._credit_watch():
            result = super().write(vals)
            self._credit_count_again(vals)
        return result

    def _credit_count_again(self, names):
        """Count what is counted from quantity, price and invoices, whatever somebody wrote into it."""
        for name in COUNTED & set(names):
            self.env.add_to_compute(self._fields[name], self)

    def _credit_due_date(self):
        """Return the day on which the line takes up credit when the company has a horizon."""
        order = self.order_id
        if order.commitment_date:
            return order.commitment_date.date()
        return fields.Date.add(
            (order.date_order or fields.Datetime.now()).date(),
            days=int(self.customer_lead),
        )

    def _credit_worth(self):
        """Return what was ordered or delivered of the line, the greater of both, at its price with taxes."""
        if self.display_type or (self.is_downpayment and not self.product_uom_qty):
            return 0.0
        confirmed = self.state == "sale"
        ordered = self.product_uom_qty if confirmed else 0.0
        if ordered >= self.qty_delivered and confirmed:
            return self.price_total
        if self.product_uom_qty:
            return self.price_total / self.product_uom_qty * self.qty_delivered
        return self.tax_ids.compute_all(
            self.price_unit * (1 - (self.discount or 0.0) / 100),
            self.currency_id,
            self.qty_delivered,
        )["total_included"]

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
