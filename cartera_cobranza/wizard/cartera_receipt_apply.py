from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..calc import money
from ..models.cartera_imputation import KINDS

GROUPS = (
    "account.group_account_invoice",
    "cartera_cobranza.group_credit_executive",
)


class CarteraReceiptApply(models.TransientModel):
    """Proposes which open items a receipt pays, in the company's order, and applies it."""

    _name = "cartera.receipt.apply"
    _description = "Apply a Receipt"

    payment_id = fields.Many2one("account.payment", required=True, readonly=True)
    company_id = fields.Many2one(related="payment_id.company_id")
    currency_id = fields.Many2one(related="payment_id.currency_id")
    partner_id = fields.Many2one(related="payment_id.partner_id", string="Customer")
    order = fields.Selection(
        selection=lambda self: (
            self.env["res.company"]
            ._fields["cartera_allocation_order"]
            ._description_selection(self.env)
        ),
        string="Order of Application",
        compute="_compute_order",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="The company's, unless the payer or a contract says something else.",
    )
    amount = fields.Monetary(
        string="To Apply",
        compute="_compute_amount",
        help="What is left of the receipt.",
    )
    line_ids = fields.One2many(
        "cartera.receipt.apply.line",
        "receipt_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    applied = fields.Monetary(compute="_compute_applied")
    rest = fields.Monetary(
        string="Stays on Account",
        compute="_compute_applied",
        help="No open item is left for it.",
    )
    other_currencies = fields.Char(
        compute="_compute_other_currencies",
        help="Open items in other currencies are not proposed.",
    )

    @api.depends("payment_id")
    def _compute_order(self):
        for one in self:
            one.order = one.company_id.sudo().cartera_allocation_order or "fifo"

    @api.depends("payment_id")
    def _compute_amount(self):
        for one in self:
            one.amount = one.payment_id.cartera_open_amount

    @api.depends("payment_id")
    def _compute_line_ids(self):
        for one in self:
            items = one.payment_id.sudo()._cartera_open_items()
            kinds = self.env["cartera.imputation"]._kinds(items)
            one.line_ids = [Command.clear()] + [
                Command.create(
                    {
                        "move_line_id": item.id,
                        "kind": kinds[item.id][0],
                        "date_maturity": item.date_maturity or item.date,
                        "open_amount": item.amount_residual_currency,
                        "take": True,
                    }
                )
                for item in items
            ]

    @api.depends("order", "amount", "line_ids.take", "line_ids.applied")
    def _compute_applied(self):
        for one in self:
            one.applied = sum(one.line_ids.mapped("applied"))
            one.rest = one.amount - one.applied

    @api.depends("payment_id")
    def _compute_other_currencies(self):
        for one in self:
            others = (
                one.payment_id.sudo()._cartera_open_items(same_currency=False)
                - one.line_ids.move_line_id.sudo()
            )
            one.other_currencies = ", ".join(others.currency_id.mapped("name"))

    def _parts(self):
        """Return ([(item, part)], rest): what would be applied to the items that are ticked, as they are open now."""
        self.ensure_one()
        items = self.line_ids.filtered("take").move_line_id.sudo()
        return self.env["cartera.imputation"]._impute(
            self.company_id.sudo(), self.amount, items, self.order
        )

    def action_apply(self):
        """Reconcile the receipt with the items, in the order that is shown.

        :raise AccessError: without a role for receipts
        :raise UserError: when nothing is left of the receipt, or no item is ticked
        """
        self.ensure_one()
        if not self.env.su and not any(map(self.env.user.has_group, GROUPS)):
            raise AccessError(
                self.env._("Receipts are applied by accountants and credit executives.")
            )
        payment = self.payment_id
        payment.check_access("read")
        if payment.company_id not in self.env.companies:
            raise AccessError(
                self.env._(
                    "%(payment)s belongs to %(company)s. Switch to that company.",
                    payment=payment.display_name,
                    company=payment.company_id.sudo().name,
                )
            )
        parts, _rest = self._parts()
        if not parts:
            raise UserError(
                self.env._(
                    "Nothing of %(payment)s can be applied: %(amount)s are left of it, and %(count)s items are "
                    "ticked.",
                    payment=payment.display_name,
                    amount=payment.currency_id.format(self.amount),
                    count=len(self.line_ids.filtered("take")),
                )
            )
        payment.sudo()._cartera_apply(parts)
        return {
            "type": "ir.actions.client",
            "tag": "soft_reload",
        }


class CarteraReceiptApplyLine(models.TransientModel):
    """An open item, and what the receipt pays of it."""

    _name = "cartera.receipt.apply.line"
    _description = "Item to which a Receipt Is Applied"
    _order = "date_maturity, id"

    receipt_id = fields.Many2one(
        "cartera.receipt.apply", required=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="receipt_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line", string="Item", required=True, readonly=True
    )
    move_id = fields.Many2one(related="move_line_id.move_id", string="Document")
    kind = fields.Selection(KINDS, readonly=True)
    date_maturity = fields.Date(string="Due Date", readonly=True)
    open_amount = fields.Monetary(string="Open", readonly=True)
    take = fields.Boolean(
        string="Pay", help="Untick what the customer does not want to pay with it."
    )
    applied = fields.Monetary(compute="_compute_applied")

    @api.depends("take", "receipt_id.order", "receipt_id.line_ids.take")
    def _compute_applied(self):
        for receipt in self.receipt_id:
            parts = {}
            if receipt.payment_id:
                for item, part in receipt._parts()[0]:
                    parts[item.id] = float(money.to_decimal(part))
            for line in self.filtered(lambda one, mine=receipt: one.receipt_id == mine):
                line.applied = parts.get(line.move_line_id.id, 0)
        for line in self.filtered(lambda one: not one.receipt_id):
            line.applied = 0
