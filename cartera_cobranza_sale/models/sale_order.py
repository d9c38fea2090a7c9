from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError

from .sale_order_credit import CLOSING

WATCH = "cartera_growth_watch"
GROWTH_FIELDS = {
    "order_line",
    "payment_term_id",
    "locked",
    "fiscal_position_id",
    "currency_id",
    "partner_id",
    "partner_invoice_id",
    "commitment_date",
    "date_order",
    "company_id",
    "cartera_commitment_closed",
}
COUNTED = {"amount_untaxed", "amount_tax", "amount_total", "invoice_status"}
CONFIRMED_WITH = {"state", "date_order"}  # what Odoo's own confirmation writes


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "sale.order.credit"]

    cartera_paid_amount = fields.Monetary(
        string="Paid for This Order",
        compute="_compute_cartera_paid_amount",
        compute_sudo=True,
        groups="base.group_user",
        help="Online payments that are done, payments recorded for the order, and what was paid on its invoices.",
    )

    credit_prepaid_text = fields.Char(
        compute="_compute_credit_prepaid_text",
        compute_sudo=True,
        groups="base.group_user",
    )

    @api.depends("state", "payment_term_id", "amount_total")
    @api.depends_context("lang")
    def _compute_credit_prepaid_text(self):
        """Tell what is still to be paid of confirmed orders that are sold in advance."""
        self.credit_prepaid_text = False
        waiting = self.filtered(
            lambda order: order.state == "sale"
            and order.payment_term_id.cartera_prepaid
            and order.company_id.cartera_gate != "off"
        )
        for order in waiting:
            rest = order.amount_total - order.cartera_paid_amount
            if order.currency_id.compare_amounts(rest, 0) > 0:
                order.credit_prepaid_text = self.env._(
                    "Sold in advance: %(paid)s of %(total)s paid. It ships once %(rest)s more has come in.",
                    paid=order.currency_id.format(order.cartera_paid_amount),
                    total=order.currency_id.format(order.amount_total),
                    rest=order.currency_id.format(rest),
                )

    def _compute_payment_term_id(self):
        """Customers without credit are proposed the company's terms for them: in advance, or cash."""
        result = super()._compute_payment_term_id()
        for company, orders in self.grouped("company_id").items():
            term = company.sudo().cartera_prepaid_term_id
            if not term or company.sudo().cartera_gate == "off":
                continue
            drafts = orders.filtered(
                lambda order: order.state in ("draft", "sent")
                and order.partner_id
                and order.payment_term_id.sudo()._cartera_rank() > 0
            )
            without = (
                self.env["cartera.customer"]
                .sudo()
                ._without_credit(
                    company, drafts.mapped(lambda one: one._credit_partner()._origin)
                )
            )
            for order in drafts:
                if order._credit_partner()._origin in without:
                    order.payment_term_id = term
        return result

    # The gate at confirmation

    def _register_hook(self):
        """Put the gate around every other addon's ``action_confirm``.

        Addons do their part before calling super (loyalty points are spent, mails sent), so an override in
        the chain would come too late: none of them may run for an order that is held.
        """
        super()._register_hook()
        cls = self.env.registry[self._name]
        origin = cls.action_confirm
        if getattr(origin, "is_credit_gate", False):
            return

        def action_confirm(self):
            return self._credit_confirm(action_confirm.origin)

        action_confirm.origin = origin
        action_confirm.is_credit_gate = True
        action_confirm.__doc__ = origin.__doc__
        cls.action_confirm = action_confirm

    def _unregister_hook(self):
        result = super()._unregister_hook()
        cls = self.env.registry[self._name]
        if getattr(cls.__dict__.get("action_confirm"), "is_credit_gate", False):
            del cls.action_confirm
        return result

    def _credit_confirm(self, confirm):
        """Confirm the orders that pass the gate with ``confirm``; the others stay, held.

        :return: what ``confirm`` returns; for a single held order in the back end a notification
        """
        candidates = self.filtered(lambda order: order.state in ("draft", "sent"))
        decisions = (
            self.env["cartera.customer"]
            .sudo()
            ._check_credit_batch(candidates, "confirm")
        )
        held = candidates.filtered(lambda order: not decisions[order.id].passes)
        if held and not self.env.user._is_internal():
            held.check_access("write")  # a customer does not fill the queue over RPC
        rest = self - held
        result = confirm(rest) if rest or not self else True
        rest._credit_touch()
        if held and len(self) == 1 and self.env.user._is_internal():
            return held._credit_held_notification()
        return result

    def _credit_held_notification(self):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._(
                    "%(order)s: pending credit approval", order=self.name
                ),
                "message": self.sudo().credit_hold_text or "",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders._credit_count_again(set().union(*vals_list))
        orders.filtered(lambda order: order.state == "sale")._check_gate_passed()
        if any(order.cartera_commitment_closed for order in orders):
            raise UserError(self._credit_closing_refusal())
        return orders

    def write(self, vals):
        if "cartera_commitment_closed" in vals and not self.env.cr.cache.get(CLOSING):
            raise UserError(self._credit_closing_refusal())
        state = vals.get("state")
        if state == "sale":
            if set(vals) - CONFIRMED_WITH:
                # The state comes last: what the gate let pass is the order as it is then.
                self.write({name: vals[name] for name in vals if name != "state"})
                vals = {"state": state}
            self.filtered(lambda order: order.state != "sale")._check_gate_passed()
        with self._credit_watch(vals):
            result = super().write(vals)
            self._credit_count_again(vals)
        if state == "cancel":
            self._credit_after_cancel()
        elif state == "draft":
            # A quotation that is taken up again starts afresh; it meets the gate when it is confirmed.
            self.filtered(
                lambda order: order.credit_state == "rejected"
            )._credit_set_state("none")
            self.filtered("cartera_commitment_closed")._credit_set_closed(False)
            self._credit_hold_again()
        return result

    def _credit_count_again(self, names):
        """Count what is counted from the lines, whatever somebody wrote into it."""
        for name in COUNTED & set(names):
            self.env.add_to_compute(self._fields[name], self)

    def _check_gate_passed(self):
        """Refuse orders that reach the state of a sale by another way than the gate."""
        gated = self.filtered(
            lambda order: order.company_id.sudo().cartera_gate == "block"
        )
        for order in gated - self.env["cartera.customer"]._take_tokens(
            gated, "confirm"
        ):
            raise UserError(
                self.env._(
                    "%(order)s has not passed the credit check (at %(amount)s). Confirm it with its button.",
                    order=order.display_name,
                    amount=order.currency_id.format(order.amount_total),
                )
            )

    def _credit_after_cancel(self):
        self.sudo().credit_hold_ids._cancel_for(self.env._("The order was cancelled."))
        self.filtered(
            lambda order: order.credit_state in ("held", "ready", "released")
        )._credit_set_state("none")
        self._credit_touch(recheck=True)

    @api.ondelete(at_uninstall=False)
    def _unlink_cancel_holds(self):
        self.sudo().credit_hold_ids._cancel_for(self.env._("The order was deleted."))

    # The gate on confirmed orders that grow

    @contextmanager
    def _credit_watch(self, vals=None):
        """Check confirmed orders again that ask for more credit after the block than before it.

        More is: a higher total, worse terms, a new line, another debtor or company, an earlier date that
        brings it into the horizon, unlocking. What lowers the order is never checked. Nested blocks are one.
        """
        if vals is not None and not GROWTH_FIELDS & set(vals):
            yield
            return
        cache = self.env.cr.cache
        outermost = WATCH not in cache
        watched = cache.setdefault(WATCH, {})
        moves = "company_id" in (vals or ())
        for order in self.sudo().filtered(
            lambda one: one.state == "sale" and one._origin.id
        ):
            is_gated = moves or order.company_id.cartera_gate != "off"
            if order.id not in watched and is_gated:
                watched[order.id] = order._credit_growth_figures()
        try:
            yield
        finally:
            if outermost:
                cache.pop(WATCH, None)
        if outermost and watched:
            self.sudo().browse(watched)._credit_check_growth(watched)

    def _credit_growth_figures(self):
        return {
            **self._credit_fingerprint(),
            "company": self.company_id.id,
            "locked": self.locked,
            "in_horizon": self._credit_in_horizon(),
            "closed": self.cartera_commitment_closed,
        }

    def _credit_has_grown(self, before):
        return (
            self._credit_is_worse_than(before)
            or before["company"] != self.company_id.id
            or (before["locked"] and not self.locked)
            or (before["closed"] and not self.cartera_commitment_closed)
            or self.currency_id.compare_amounts(
                self._credit_in_horizon(), before["in_horizon"]
            )
            > 0
        )

    def _credit_check_growth(self, before):
        changed = self.exists().filtered(lambda order: order.state == "sale")
        grown = changed.filtered(
            lambda order: order.credit_state == "rejected"
            or order._credit_has_grown(before[order.id])
        )
        if grown:
            # The order is in the exposure already, so it adds nothing to it.
            decisions = self.env["cartera.customer"]._check_credit_batch(
                grown, "confirm", amounts=dict.fromkeys(grown.ids, 0)
            )
            rejected = grown.filtered(
                lambda order: order.credit_state == "rejected"
                and decisions[order.id].passes
            )
            rejected._credit_set_state("none")
            rejected._credit_resume()
        (changed - grown)._credit_touch(recheck=True)
        grown._credit_touch()
