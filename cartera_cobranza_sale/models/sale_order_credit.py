from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from odoo.addons.cartera_cobranza.models.decided import deciding

CLOSING = "cartera_commitment_closing"


class SaleOrderCredit(models.AbstractModel):
    """What an order tells the credit gate, and what it shows to the salesperson."""

    _name = "sale.order.credit"
    _description = "Credit of an Order"
    _inherit = ["cartera.credit.document.state", "sale.order.advance"]

    cartera_commitment_closed = fields.Boolean(
        string="Nothing More to Deliver",
        readonly=True,
        copy=False,
        help="The rest of the order takes up no credit, because it will not be delivered or invoiced.",
    )
    credit_banner = fields.Html(
        compute="_compute_credit_banner",
        compute_sudo=True,
        sanitize=False,
        groups="base.group_user",
    )
    credit_banner_level = fields.Selection(
        [
            ("success", "Fits"),
            ("warning", "Nearly used up"),
            ("danger", "Will be held"),
        ],
        compute="_compute_credit_banner",
        compute_sudo=True,
    )
    credit_open_hold_id = fields.Many2one(
        "cartera.credit.hold",
        string="Open Hold",
        compute="_compute_credit_open_hold",
        compute_sudo=True,
        groups="base.group_user",
    )
    credit_hold_text = fields.Char(
        compute="_compute_credit_open_hold", compute_sudo=True, groups="base.group_user"
    )

    @api.depends("credit_hold_ids.state")
    def _compute_credit_open_hold(self):
        for order in self:
            hold = order.credit_hold_ids.filtered(
                lambda one: one.state in ("held", "ready")
            )[:1]
            order.credit_open_hold_id = hold
            order.credit_hold_text = hold.reason_text if hold else False

    @api.depends(
        "partner_id",
        "partner_invoice_id",
        "company_id",
        "currency_id",
        "amount_total",
        "state",
        "payment_term_id",
        "commitment_date",
    )
    @api.depends_context("lang")
    def _compute_credit_banner(self):
        for order in self:
            order.credit_banner = False
            order.credit_banner_level = False
            if (
                order.state not in ("draft", "sent")
                or not order._credit_partner()
                or order.company_id.cartera_gate == "off"
            ):
                continue
            try:
                order._fill_credit_banner()
            except UserError as error:
                order.credit_banner = Markup("<span>%s</span>") % str(error.args[0])
                order.credit_banner_level = "danger"

    def _fill_credit_banner(self):
        company = self.company_id
        without = self.env["cartera.customer"]._without_credit(
            company, self._credit_partner()._origin
        )
        if self.payment_term_id.cartera_prepaid:
            self.credit_banner_level = "success"
            self.credit_banner = self._prepaid_banner(without)
            return
        decision = self.env["cartera.customer"]._preview(self)
        facts = decision.snapshot
        reasons = [
            self.env["cartera.credit.hold.reason"]._text(reason, company, facts)
            for reason in decision.reasons
        ]
        amount = float(decision.charge.company)

        def money(value):
            return format_amount(self.env, value, company.currency_id)

        parts = [
            (self.env._("Exposure"), money(facts.get("exposure", 0))),
            (self.env._("This order"), money(amount)),
        ]
        limit, available = facts.get("limit"), facts.get("available")
        left = None if available is None else available - amount
        parts.insert(
            0,
            (
                self.env._("Limit"),
                self.env._("unlimited") if limit is None else money(limit),
            ),
        )
        if left is not None:
            label = self.env._("Over by") if left < 0 else self.env._("Left")
            parts.append((label, money(abs(left))))
        if facts.get("overdue_amount"):
            overdue = self.env._(
                "%(amount)s (%(days)s days)",
                amount=money(facts["overdue_amount"]),
                days=facts["overdue_days"],
            )
            parts.append((self.env._("Overdue"), overdue))
        if facts.get("held_amount"):
            parts.append((self.env._("Held besides"), money(facts["held_amount"])))
        figures = Markup("").join(
            Markup('<span class="me-4"><small>%s</small> <b>%s</b></span>') % part
            for part in parts
        )
        if without:
            figures = (
                Markup("<div><b>%s</b></div>")
                % self.env._(
                    "No approved credit line: sold in advance or for cash only."
                )
                + figures
            )
        if reasons:
            self.credit_banner_level = "danger"
            held = company.cartera_gate == "block"
            title = (
                self.env._("Will be held by credit")
                if held
                else self.env._("Credit warning")
            )
            figures += Markup("<div>%s: %s</div>") % (title, "; ".join(reasons))
        else:
            tight = limit and facts.get("exposure", 0) + amount > 0.9 * limit
            self.credit_banner_level = (
                "warning" if tight or facts.get("overdue_amount") else "success"
            )
        self.credit_banner = figures

    def _prepaid_banner(self, without):
        """Return what the banner says of an order that is sold in advance, with what has been paid of it."""
        text = self.env._(
            "Paid in advance: this order takes up no credit; it ships once it is paid."
        )
        if without:
            text = self.env._(
                "No approved credit line, so it is sold in advance: the order takes up no credit, and ships once it "
                "is paid."
            )
        paid = self._origin.cartera_paid_amount if self._origin.id else 0.0
        if not paid:
            return Markup("<span>%s</span>") % text
        return Markup("<span>%s <b>%s</b></span>") % (
            text,
            self.env._(
                "Paid so far: %(paid)s of %(total)s.",
                paid=self.currency_id.format(paid),
                total=self.currency_id.format(self.amount_total),
            ),
        )

    # What the gate asks

    def _credit_partner(self):
        return (
            self.partner_invoice_id.commercial_partner_id
            or self.partner_id.commercial_partner_id
        )

    def _credit_amount(self, checkpoint):
        """The order's total (within the horizon), less its own payments that are not in the ledger yet."""
        total = self._credit_in_horizon()
        return self.currency_id.round(
            total - min(self._credit_paid_beside_ledger(), total)
        )

    def _credit_in_horizon(self):
        horizon = self.company_id.sudo().cartera_horizon_days
        if not horizon:
            return self.amount_total
        last = fields.Date.add(self.company_id._cartera_today(), days=horizon)
        lines = self.order_line.filtered(lambda line: line._credit_due_date() <= last)
        return self.currency_id.round(sum(lines.mapped("price_total")))

    def _credit_total(self):
        return self.amount_total

    def _credit_is_exempt(self, checkpoint):
        return bool(self._credit_exempt(checkpoint))

    def _credit_exempt(self, checkpoint):
        """Orders that are sold in advance, of no amount, or paid in full by their own payments."""
        exempt = self.filtered(
            lambda order: order.payment_term_id.sudo().cartera_prepaid
            or order.currency_id.compare_amounts(order.amount_total, 0) <= 0
        )
        paying = (self - exempt).filtered("cartera_has_payments")
        paid = paying.sudo()._credit_advances()
        return exempt | paying.filtered(
            lambda order: order.currency_id.compare_amounts(
                paid[order._origin.id], order.amount_total
            )
            >= 0
        )

    def _credit_salesperson(self):
        return self.user_id

    def _credit_promised_date(self):
        date = self.commitment_date or self.expected_date
        return fields.Date.to_date(date) if date else False

    def _credit_fingerprint(self):
        return {
            **super()._credit_fingerprint(),
            "term_rank": self.payment_term_id.sudo()._cartera_rank(),
            "partner": self._credit_partner().id,
            "lines": self._credit_product_lines().ids,
        }

    def _credit_product_lines(self):
        return self.order_line.filtered(
            lambda line: not line.display_type and line.price_total > 0
        )

    def _credit_is_worse_than(self, fingerprint):
        return (
            super()._credit_is_worse_than(fingerprint)
            or self.payment_term_id.sudo()._cartera_rank()
            > fingerprint.get("term_rank", 0)
            or self._credit_partner().id
            != fingerprint.get("partner", self._credit_partner().id)
            or bool(
                set(self._credit_product_lines().ids)
                - set(fingerprint.get("lines", []))
            )
        )

    def _credit_adds_exposure(self):
        return self.state in ("draft", "sent")

    def _credit_can_be_held(self):
        if self.state == "cancel":
            return False
        lines = self._credit_product_lines()
        return self.state != "sale" or any(
            line.qty_delivered < line.product_uom_qty for line in lines
        )

    def _credit_let_go(self):
        """Confirm the released order; one that the customer signed or paid gets its confirmation mail."""
        order = self.sudo().with_company(self.company_id)
        if order.state not in ("draft", "sent"):
            order._credit_resume()
        elif order.signed_on or order.transaction_ids:
            order._validate_order()
        else:
            order.action_confirm()

    def _credit_resume(self):
        """Let a confirmed order ship again; the stock addon reserves."""

    def _credit_reject(self, reason):
        """Cancel the quotation; a confirmed order stays stopped, for people to sort out."""
        order = self.sudo()
        if order.state in ("draft", "sent"):
            order._action_cancel()

    # The rest of an order that will not come

    def action_close_commitment(self):
        """Say that nothing more will be delivered: the rest of the order takes up no credit any more."""
        for order in self:
            order._check_may_close()
            order._credit_set_closed(True)
            order._message_log(
                body=self.env._("Nothing more to deliver: the rest takes up no credit.")
            )
            order._credit_touch(recheck=True)
        return True

    def action_reopen_commitment(self):
        """Take the rest of the order up again; it is checked like an order that grows."""
        for order in self:
            order._check_may_close()
            with order._credit_watch():
                order._credit_set_closed(False)
        return True

    def _credit_set_closed(self, closed):
        with deciding(self.env, CLOSING):
            self.sudo().write({"cartera_commitment_closed": closed})

    def _credit_closing_refusal(self):
        return self.env._(
            "The rest of an order is closed and re-opened with its buttons, so that rights are checked."
        )

    def _check_may_close(self):
        if self.state != "sale":
            raise UserError(
                self.env._(
                    "%(order)s is not confirmed, it takes up no credit. Cancel the quotation instead.",
                    order=self.display_name,
                )
            )
        user = self.env.user
        if not self.env.su and not (
            user.has_group("sales_team.group_sale_manager")
            or user.has_group("cartera_cobranza.group_credit_executive")
        ):
            raise UserError(
                self.env._(
                    "Only sales managers and credit executives close or re-open the rest of an order."
                )
            )

    def _credit_touch(self, recheck=False):
        for company, orders in self.sudo().grouped("company_id").items():
            partners = orders.partner_invoice_id.commercial_partner_id
            self.env["cartera.customer"]._touch(partners.ids, company, recheck=recheck)

    def _credit_left_to_invoice(self, invoice, advance=False):
        """Return what ``invoice`` may ask for because this order passed the gate, in the invoice's currency.

        The greater of ordered and delivered at the order's prices, less what posted invoices asked for; of an
        order that is not confirmed (any more) only what was delivered. Nothing if somebody else would owe it.

        :param advance: for a down payment, which leaves less when it was asked for before; goods are
            invoiced whether it was deducted or not
        """
        self.ensure_one()
        if self._credit_partner() != invoice._credit_partner():
            return 0.0
        worth = sum(line._credit_worth() for line in self.order_line)
        for line in self.order_line.invoice_lines.filtered(
            lambda one: one.parent_state == "posted"
            and one.move_id != invoice
            and (advance or not any(one.sale_line_ids.mapped("is_downpayment")))
        ):
            sign = -1 if line.move_type == "out_refund" else 1
            worth -= sign * line.currency_id._convert(
                line.price_total, self.currency_id, self.company_id, line.date
            )
        return self.currency_id._convert(
            worth,
            invoice.currency_id,
            self.company_id,
            invoice.invoice_date or self.company_id._cartera_today(),
        )

    def _credit_all_returned(self):
        """Whether everything that was ordered had been delivered and invoiced, and came back."""
        lines = self._credit_product_lines()
        return bool(lines) and all(line._credit_is_returned() for line in lines)
