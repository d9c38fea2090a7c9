from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _credit_is_gated(self):
        # Ordered and delivered goods passed the gate with their order; they can always be invoiced.
        return super()._credit_is_gated() and (
            not self.invoice_line_ids.sale_line_ids or self._credit_beyond_orders() > 0
        )

    def _credit_amount(self, checkpoint):
        if self.invoice_line_ids.sale_line_ids and self.move_type == "out_invoice":
            return self._credit_beyond_orders()
        return super()._credit_amount(checkpoint)

    def _credit_beyond_orders(self):
        """Return what is invoiced beyond the orders' worth: lines added by hand, more goods, dearer ones."""
        self.ensure_one()
        goods = self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        ordered = goods.filtered("sale_line_ids")
        beyond = sum((goods - ordered).mapped("price_total"))
        for order, lines in ordered.grouped(
            lambda line: line.sale_line_ids.order_id[:1]
        ).items():
            advances = lines.filtered(
                lambda line: any(line.sale_line_ids.mapped("is_downpayment"))
            )
            rounding = self.currency_id.rounding * (len(order.order_line) + len(lines))
            for part, is_advance in ((lines - advances, False), (advances, True)):
                left = order.sudo()._credit_left_to_invoice(self, is_advance)
                more = sum(part.mapped("price_total")) - left
                beyond += more if part and more > rounding else 0.0
        return self.currency_id.round(max(beyond, 0.0))

    def _approval_is_needed(self):
        # What was delivered can always be invoiced, and what credit has released.
        lines = self.invoice_line_ids.sale_line_ids
        return super()._approval_is_needed() and not (
            any(line.qty_delivered > 0 for line in lines)
            or "released" in lines.order_id.mapped("credit_state")
        )

    def _credit_read_orders(self):
        """Read the orders of all these invoices at once, which are then looked at one by one."""
        lines = self.sudo().invoice_line_ids.sale_line_ids
        lines.order_id.order_line.invoice_lines.mapped("parent_state")
        lines.order_id.mapped("partner_invoice_id.commercial_partner_id")

    def _post(self, soft=True):
        if any(company.cartera_invoice_gate for company in self.company_id.sudo()):
            self._credit_read_orders()
        posted = super()._post(soft=soft)
        posted.filtered(
            lambda move: move.move_type == "out_refund"
        )._credit_close_returned_orders()
        return posted

    def _credit_close_returned_orders(self):
        """Close the rest of orders whose goods were all invoiced, taken back and credited.

        Such an order would wait for a second delivery for ever.
        """
        orders = self.sudo().invoice_line_ids.sale_line_ids.order_id.filtered(
            lambda order: order.state == "sale" and not order.cartera_commitment_closed
        )
        returned = orders.filtered(lambda order: order._credit_all_returned())
        if returned:
            returned.action_close_commitment()
