import logging

from odoo import api, fields, models, modules
from odoo.modules.registry import Registry

_logger = logging.getLogger(__name__)


class StockPickingCredit(models.AbstractModel):
    """What a shipment tells the credit gate: whether it is one, what it is worth, whose it is."""

    _name = "stock.picking.credit"
    _description = "Credit of a Shipment"
    _inherit = ["cartera.credit.document"]

    def _credit_is_shipment(self):
        """Whether sold goods of some value leave our warehouse for a customer.

        Returns, receipts, internal transfers (the picking and packing of a delivery in several steps
        too) and replacements without value never are; nor is what a supplier has sent straight to the
        customer: it has left already, and its order met the gate before anything was bought.
        """
        self.ensure_one()
        return (
            bool(self.sale_id)
            and self.location_dest_id.usage == "customer"
            and self.location_id.usage not in ("supplier", "customer")
            and any(self._credit_value_by_order(whole=True).values())
        )

    def _credit_orders(self):
        """Return the orders of which something ships, the main one first."""
        self_sudo = self.sudo()
        main = self_sudo.sale_id
        others = self_sudo.move_ids.sale_line_id.order_id - main
        # a union would forget with whom the orders are read
        return main | others if others else main

    def _credit_is_prepaid(self):
        """Whether all that ships is sold in advance."""
        orders = self._credit_orders()
        return bool(orders) and all(orders.mapped("payment_term_id.cartera_prepaid"))

    def _credit_read_together(self):
        """Read what the checks of these shipments ask for, each kind of record in one go."""
        moves = self.sudo().move_ids
        lines = moves.sale_line_id
        lines = lines.browse(lines.ids)
        lines.move_ids.browse(lines.move_ids.ids).mapped("state")
        orders = lines.order_id.browse(lines.order_id.ids)
        partners = orders.partner_invoice_id | orders.partner_id
        partners.browse(partners.ids).mapped("commercial_partner_id")

    # What it is worth

    def _credit_value_by_order(self, whole=False):
        """Return {order: value with taxes of what ships, in the order's currency}, not rounded.

        :param whole: all that is asked for, whatever has been picked of it
        """
        self.ensure_one()
        found = {}
        moves = self.sudo().move_ids.filtered(
            lambda move: move.state != "cancel" and move._credit_has_value()
        )
        picked = moves.filtered("picked") if not whole else moves.browse()
        typed = picked or moves.filtered("quantity")
        for line, theirs in moves.grouped("sale_line_id").items():
            quantity = theirs._credit_quantity(
                line, None if whole or not typed else typed
            )
            value = line._credit_unit_value() * line._credit_sold_quantity(quantity)
            found[line.order_id] = found.get(line.order_id, 0.0) + value
        return found

    def _credit_value(self, whole=False):
        """Return the value of what ships in the currency of the (first) order."""
        currency = self._credit_currency()
        total = 0.0
        for order, value in self._credit_value_by_order(whole).items():
            if order.currency_id != currency:
                value = order.currency_id._convert(
                    value, currency, self.company_id, self.company_id._cartera_today()
                )
            total += value
        return currency.round(total)

    def _credit_amount(self, checkpoint):
        """What shipping adds to the exposure: what the order does not hold in it yet.

        Confirmed orders are in the exposure. New is only what is more than was ordered, what lies beyond
        the horizon, and what ships of an order whose rest was closed.
        """
        self.ensure_one()
        moves = self.sudo().move_ids.filtered(
            lambda move: move.state != "cancel" and move._credit_has_value()
        )
        horizon = self.company_id.sudo().cartera_horizon_days
        last = fields.Date.add(self.company_id._cartera_today(), days=horizon)
        typed = moves.filtered("picked") or moves.filtered("quantity") or None
        total = 0.0
        for line, theirs in moves.grouped("sale_line_id").items():
            quantity = line._credit_sold_quantity(theirs._credit_quantity(line, typed))
            outside = line.order_id.cartera_commitment_closed or (
                horizon and line._credit_due_date() > last
            )
            if not outside:
                counted = max(line.product_uom_qty - line.qty_delivered, 0.0)
                quantity = max(quantity - counted, 0.0)
            total += line._credit_unit_value() * quantity
        return self._credit_currency().round(total)

    def _credit_total(self):
        return self._credit_value(whole=True)

    def _credit_stake(self):
        return self._credit_total()

    # Whose it is

    def _credit_partner(self):
        return self._credit_orders()[:1]._credit_partner()

    def _credit_currency(self):
        return self._credit_orders()[:1].currency_id or self.company_id.currency_id

    def _credit_name(self):
        return f"{self.name} ({', '.join(self._credit_orders().mapped('name'))})"

    def _credit_salesperson(self):
        return self._credit_orders()[:1].user_id

    def _credit_promised_date(self):
        return fields.Date.to_date(self.scheduled_date)

    def _credit_hold_sources(self):
        """Releases of its orders count, and those of the shipment that it is what was left of."""
        return [self, *self._credit_left_from(), *self._credit_orders()]

    def _credit_left_from(self):
        """Return the shipments that this one was left over from, the nearest first."""
        found, before = self.browse(), self.backorder_id
        while before and before not in found:
            found |= before
            before = before.backorder_id
        return found

    def _credit_can_be_held(self):
        return self.state not in ("done", "cancel") and self._credit_is_shipment()

    def _credit_adds_exposure(self):
        return False

    def _credit_open_checkpoint(self):
        return "ship"

    # What follows

    def _credit_let_go(self):
        """Reserve again what the hold had given back."""
        waiting = self.sudo().filtered(
            lambda picking: picking.state
            in ("confirmed", "waiting", "partially_available", "assigned")
        )
        if waiting.move_ids.filtered(
            lambda move: move.state in ("confirmed", "waiting", "partially_available")
        ):
            waiting.action_assign()

    def _credit_stop(self):
        """Give back what is reserved for a shipment that is held, where the company wants so."""
        for picking in self.sudo():
            if not picking.company_id.cartera_held_reserve:
                picking.do_unreserve()

    def _credit_hold_after_rollback(self):
        """Make the holds of shipments that were refused, once the refusal has undone the transaction.

        A refusal raises, and what it wrote is gone; but the problem belongs on the queue. Made in a
        transaction of its own when this one is over, with figures read afresh.
        """
        if not self or modules.module.current_test:
            return
        database, ids, uid = self.env.cr.dbname, self.ids, self.env.uid
        context = {"lang": self.env.context.get("lang")}

        @self.env.cr.postrollback.add
        def make():
            try:
                with Registry(database).cursor() as cr:
                    env = api.Environment(cr, uid, context)
                    pickings = env["stock.picking"].browse(ids).exists()
                    env["cartera.credit.hold"].sudo()._check_shipments(pickings)
            except Exception:
                _logger.exception("Refused shipments %s could not be held", ids)
