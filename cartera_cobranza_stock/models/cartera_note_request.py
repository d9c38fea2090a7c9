from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CarteraNoteRequest(models.Model):
    """Credit orders take their quantities from what was delivered and what came back."""

    _inherit = "cartera.note.request"

    picking_id = fields.Many2one(
        "stock.picking",
        string="Shipment",
        index="btree_not_null",
        check_company=True,
        domain="[('id', 'in', available_picking_ids)]",
        help="The return whose quantities are credited. Empty, or a delivery: what is invoiced and did not arrive.",
    )
    available_picking_ids = fields.Many2many(
        "stock.picking", compute="_compute_available_picking_ids"
    )

    @api.depends("move_id")
    def _compute_available_picking_ids(self):
        for request in self:
            orders = request.move_id.sudo().invoice_line_ids.sale_line_ids.order_id
            request.available_picking_ids = orders.picking_ids.filtered(
                lambda picking: picking.state == "done"
            )

    @api.constrains("picking_id", "move_id")
    def _check_picking(self):
        for request in self.filtered("picking_id"):
            if request.picking_id not in request.available_picking_ids:
                raise ValidationError(
                    self.env._(
                        "%(shipment)s is no finished shipment of the orders of %(invoice)s. Choose one that is.",
                        shipment=request.picking_id.sudo().name,
                        invoice=request.move_id.sudo().name or "?",
                    )
                )

    def _quantities_to_credit(self):
        """Return what was invoiced and did not arrive, or came back: {invoice line: quantity}.

        Of a return its quantities; otherwise what is invoiced beyond what was delivered and kept in all. What
        requests have credited already is left out.
        """
        lines = self.move_id.sudo().invoice_line_ids.filtered("sale_line_ids")
        credited = self._credited_quantities(lines)
        found = {}
        for line in lines:
            wanted = self._quantity_short(line) - credited.get(line, 0.0)
            found[line] = min(max(wanted, 0.0), line.quantity)
        return found

    def _quantity_short(self, line):
        """Return the quantity of an invoice line, in its unit, that shipments say should be credited."""
        moves = line.sale_line_ids.move_ids.filtered(lambda move: move.state == "done")
        back = moves.filtered(self._is_return)
        if self.picking_id.picking_type_code == "incoming":
            back = back.filtered(lambda move: move.picking_id == self.picking_id)
            return self._quantity_in_unit(back, line)
        sent = self._quantity_in_unit(moves - back, line)
        returned = self._quantity_in_unit(back, line)
        return self._quantity_invoiced(line) - (sent - returned)

    def _quantity_invoiced(self, line):
        """Return what posted invoices, this one included, bill of the same order lines."""
        return sum(
            other.product_uom_id._compute_quantity(other.quantity, line.product_uom_id)
            for other in line.sale_line_ids.invoice_lines
            if other.parent_state == "posted"
            and other.move_id.move_type == "out_invoice"
        )

    @api.model
    def _is_return(self, move):
        return move.location_id.usage == "customer"

    @api.model
    def _quantity_in_unit(self, moves, line):
        return sum(
            move.product_uom._compute_quantity(move.quantity, line.product_uom_id)
            for move in moves
        )

    def _credited_quantities(self, lines):
        """Return {invoice line: quantity} that live and issued requests have credited already."""
        rows = (
            self.env["cartera.note.request.line"]
            .sudo()
            ._read_group(
                [
                    ("invoice_line_id", "in", lines.ids),
                    ("request_id", "not in", self.ids),
                    ("request_id.state", "in", ("submitted", "approved", "issued")),
                    ("request_id.kind", "!=", "debit"),
                ],
                ["invoice_line_id"],
                ["quantity:sum"],
            )
        )
        return dict(rows)

    def _prepare_note_lines(self):
        """Notes on goods invoiced as delivered point to the order lines: else the order would be credited again.

        Goods invoiced as ordered do not: the order would invoice again what was credited.
        """
        lines = super()._prepare_note_lines()
        if self.mode == "lines" and self.kind == "credit_order":
            chosen = self.line_ids.filtered("quantity")
            for vals, line in zip(lines, chosen, strict=True):
                orders = line.invoice_line_id.sudo().sale_line_ids
                if orders and line.product_id.invoice_policy == "delivery":
                    vals["sale_line_ids"] = [fields.Command.set(orders.ids)]
        return lines
