from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.cartera_cobranza.calc import gate, money

OPEN = ("held", "ready")
STOPPED = ("held", "ready", "rejected")
DONE = ("done", "cancel")


class StockPicking(models.Model):
    """Shipments meet the gate before the goods leave; nothing else of the warehouse does."""

    _name = "stock.picking"
    _inherit = ["stock.picking", "stock.picking.credit"]

    credit_hold_ids = fields.One2many(
        "cartera.credit.hold",
        "res_id",
        string="Credit Holds",
        domain=[("res_model", "=", "stock.picking")],
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    credit_state = fields.Selection(
        [
            ("none", "No hold"),
            ("held", "Held by credit"),
            ("ready", "Ready to release"),
            ("released", "Released"),
            ("rejected", "Rejected"),
        ],
        string="Credit",
        compute="_compute_credit_state",
        search="_search_credit_state",
        compute_sudo=True,
        help="What credit holds, the shipment itself or its order, is not reserved and does not ship.",
    )
    credit_hold_text = fields.Char(compute="_compute_credit_state", compute_sudo=True)
    credit_figures_text = fields.Char(
        compute="_compute_credit_state", compute_sudo=True
    )
    credit_open_hold_id = fields.Many2one(
        "cartera.credit.hold",
        string="Stopped By",
        compute="_compute_credit_state",
        compute_sudo=True,
        groups="base.group_user",
    )

    credit_currency_id = fields.Many2one(related="sale_id.currency_id")
    credit_value = fields.Monetary(
        string="Value",
        compute="_compute_credit_value",
        compute_sudo=True,
        currency_field="credit_currency_id",
        groups="base.group_user",
        help="What is asked for, at the prices of the order with taxes.",
    )

    @api.depends(
        "move_ids.product_uom_qty", "move_ids.sale_line_id.price_total", "state"
    )
    def _compute_credit_value(self):
        for picking in self:
            picking.credit_value = picking._credit_value(whole=True)

    @api.depends(
        "sale_id.credit_state",
        "move_ids.sale_line_id.order_id.credit_state",
        "credit_hold_ids.state",
        "credit_hold_ids.reason_ids.is_open",
        "state",
        "picking_type_code",
        "location_id.usage",
        "location_dest_id.usage",
    )
    @api.depends_context("lang")
    def _compute_credit_state(self):
        for picking in self:
            state, hold = picking._credit_standing()
            picking.credit_state = state
            stops = state in STOPPED
            picking.credit_open_hold_id = (
                hold if stops and hold.state in OPEN else False
            )
            picking.credit_hold_text = self._credit_why(hold) if stops else False
            picking.credit_figures_text = (
                self._credit_figures(hold.snapshot, picking.company_id)
                if stops
                else False
            )

    @api.model
    def _search_credit_state(self, operator, value):
        """Find shipments by what credit says of them, for users who see no holds as well."""
        if operator != "in":
            return NotImplemented
        states = {state for state in value if state and state != "none"}
        known = {"held", "ready", "released", "rejected"}
        found = self._credit_domain(states)
        if "none" in value or False in value:
            found |= ~self._credit_domain(known)
        return found

    @api.model
    def _credit_domain(self, states):
        holds = (
            self.env["cartera.credit.hold"]
            .sudo()
            ._read_group(
                [("res_model", "=", self._name), ("state", "in", sorted(states))],
                aggregates=["res_id:array_agg"],
            )
        )
        own = holds[0][0] or []
        return Domain("state", "not in", DONE) & (
            Domain("id", "in", own)
            | Domain("sale_id.credit_state", "in", sorted(states))
            & Domain("location_dest_id.usage", "=", "customer")
        )

    @api.model
    def _credit_why(self, hold):
        """Return the reasons of a hold, or those for which it was rejected for good."""
        note = hold.release_note if hold.state == "rejected" else False
        return note or hold.reason_text

    def _credit_standing(self):
        """Return (state, hold it comes from): the order's hold comes first, then the shipment's own."""
        self.ensure_one()
        nothing = self.env["cartera.credit.hold"]
        if self.state in DONE or not self._credit_is_shipment():
            return "none", nothing
        orders = self._credit_orders()
        stopped = orders.filtered(lambda order: order.credit_state in STOPPED)[:1]
        if stopped:
            holds = stopped.credit_hold_ids.sorted("id")
            hold = holds.filtered(lambda one: one.state in OPEN)[-1:] or holds[-1:]
            return stopped.credit_state, hold
        own = self.credit_hold_ids.sorted("id")
        hold = own.filtered(lambda one: one.state in OPEN)[-1:] or own[-1:]
        if hold and hold.state != "cancelled":
            return hold.state, hold
        before = self._credit_left_from().credit_hold_ids
        if "released" in [*orders.mapped("credit_state"), *before.mapped("state")]:
            return "released", nothing
        return "none", nothing

    # The gate before the goods leave

    def button_validate(self):
        # First of all: the wizards for text messages and backorders come before the goods leave.
        self._credit_check_shipments()
        return super().button_validate()

    def write(self, vals):
        if vals.get("state") == "done":
            # it follows from the moves; written, it would only pretend that they left
            self.move_ids.filtered(
                lambda move: move.state != "done"
            )._credit_check_passed()
        return super().write(vals)

    def action_cancel(self):
        result = super().action_cancel()
        self._credit_forget_holds(self.env._("The shipment was cancelled."))
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_cancel_holds(self):
        self.sudo().credit_hold_ids._cancel_for(self.env._("The shipment was deleted."))

    def _create_backorder(self, backorder_moves=None):
        backorders = super()._create_backorder(backorder_moves)
        for backorder in backorders.sudo():
            hold = backorder.backorder_id.credit_hold_ids.filtered(
                lambda one: one.state in OPEN
            )[:1]
            if hold:
                hold._hold_too(backorder)
        return backorders

    def _credit_forget_holds(self, note):
        """Close the open holds of shipments that will not leave any more, or have left."""
        over = self.sudo().filtered(
            lambda picking: picking.state in DONE and picking.credit_hold_ids
        )
        over.credit_hold_ids._cancel_for(note)

    def _credit_check_shipments(self):
        """Refuse these transfers, all of them, if a shipment among them may not leave.

        :raise UserError: naming each such shipment with its reasons, the limit and the figures
        """
        # by their ids, so that they are read together wherever they were reached from
        sold = self.browse(self.ids).sudo().filtered("sale_id")
        sold._credit_read_together()
        shipments = sold.filtered(
            lambda picking: picking.state not in DONE and picking._credit_is_shipment()
        )
        stopped = shipments.filtered(lambda picking: picking._credit_is_stopped())
        refused = [picking._credit_refusal() for picking in stopped]
        decisions = (
            self.env["cartera.customer"]
            .sudo()
            ._check_credit_batch(shipments - stopped, "ship")
        )
        failing = self.browse()
        for picking in shipments - stopped:
            decision = decisions[picking.id]
            if not decision.passes:
                failing |= picking
                refused.append(picking._credit_refusal(decision))
        if refused:
            failing._credit_hold_after_rollback()
            raise UserError("\n\n".join(refused))

    def _credit_is_stopped(self):
        """Whether the shipment is stopped whatever its figures say now: by its order, by hand, for good."""
        self.ensure_one()
        if any(order.credit_state in STOPPED for order in self._credit_orders()):
            return True
        return self.credit_state == "rejected" or (
            self.credit_state in OPEN and self.credit_open_hold_id.forced
        )

    def _credit_refusal(self, decision=None):
        """Return why a shipment must wait: the reasons, the limit and the figures, and what to do."""
        self.ensure_one()
        order = self._credit_orders()[:1]
        if decision is None:
            why = self.credit_hold_text or self.env._("rejected by credit")
            figures = self.credit_figures_text
        else:
            Reason = self.env["cartera.credit.hold.reason"]
            company = self.company_id
            why = (
                "; ".join(
                    Reason._text(reason, company, decision.snapshot)
                    for reason in decision.reasons
                )
                or decision.hold.reason_text
            )
            figures = self._credit_figures(decision.snapshot, company)
        if self.credit_state == "rejected":
            todo = self.env._("Talk to the salesperson: credit has rejected it.")
        else:
            todo = self.env._(
                "Ask credit to release it; then it can be validated at once."
            )
        return self.env._(
            "%(shipment)s must not ship: credit holds %(order)s (%(why)s). %(figures)s %(todo)s",
            shipment=self.name,
            order=order.name,
            why=why,
            figures=figures or "",
            todo=todo,
        ).replace("  ", " ")

    @api.model
    def _credit_figures(self, snapshot, company):
        """Return limit, exposure and what is overdue as one sentence, or an empty text."""
        if not snapshot or "limit" not in snapshot:
            return ""
        currency = company.currency_id
        limit = snapshot["limit"]
        text = self.env._(
            "Limit %(limit)s, owes or has ordered %(exposure)s",
            limit=self.env._("unlimited") if limit is None else currency.format(limit),
            exposure=currency.format(snapshot.get("exposure") or 0),
        )
        if snapshot.get("overdue_amount"):
            text = self.env._(
                "%(text)s, %(overdue)s overdue for up to %(days)d days",
                text=text,
                overdue=currency.format(snapshot["overdue_amount"]),
                days=snapshot.get("overdue_days") or 0,
            )
        return f"{text}."

    # What the gate asks for goods that are sold in advance, and for those that are paid already

    def _credit_exempt(self, checkpoint):
        """Shipments of no value, and those that their orders' own payments cover."""
        free = self.filtered(
            lambda one: one._credit_currency().is_zero(one._credit_value())
        )
        rest = (self - free).filtered(lambda one: not one._credit_is_prepaid())
        covered = rest._credit_covered()
        return free | rest.filtered(lambda one: covered[one.id][2])

    def _credit_own_reasons(self, checkpoint):
        """Goods sold in advance ship when they are paid; no rule of the table is asked."""
        found = {}
        prepaid = self.filtered(lambda one: one._credit_is_prepaid())
        for picking_id, (needed, paid, enough) in prepaid._credit_covered().items():
            currency = self.browse(picking_id)._credit_currency()
            found[picking_id] = [] if enough else [_unpaid(needed, paid, currency)]
        return found

    def _credit_covered(self):
        """Return {id: (needed, paid, whether that is enough)} for each shipment, in its order's currency.

        Needed is what was delivered of the order before, what of these ships before it, and itself.
        """
        if not self:
            return {}
        orders = self._credit_orders()
        paid = orders._credit_advances()
        left = {order.id: order._credit_delivered_value() for order in orders}
        found = {}
        for picking in self:
            currency = picking._credit_currency()
            needs = picking._credit_value_by_order()
            totals = {
                order.id: order.currency_id.round(left[order.id] + value)
                for order, value in needs.items()
            }
            enough = all(
                order.currency_id.compare_amounts(paid[order.id], totals[order.id]) >= 0
                for order in needs
            )
            if enough:
                left |= totals
            found[picking.id] = (
                currency.round(sum(totals.values())),
                currency.round(sum(paid[order.id] for order in needs)),
                enough,
            )
        return found


def _unpaid(needed, paid, currency):
    return gate.Reason(
        0,
        "prepaid_unpaid",
        "limit",
        money.to_decimal(needed),
        money.to_decimal(paid),
        currency.id,
    )
