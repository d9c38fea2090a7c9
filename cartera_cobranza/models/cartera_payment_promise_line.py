from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount


class CarteraPaymentPromiseLine(models.Model):
    """What a promise covers of one invoice."""

    _name = "cartera.payment.promise.line"
    _description = "Promised Invoice"
    _inherit = ["cartera.guarded"]
    _order = "promise_id, invoice_date_due, id"
    _check_company_auto = True

    promise_id = fields.Many2one(
        "cartera.payment.promise", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="promise_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="promise_id.currency_id")
    partner_id = fields.Many2one(related="promise_id.partner_id")
    state = fields.Selection(related="promise_id.state")
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('move_type', 'in', ('out_invoice', 'out_receipt')), ('state', '=', 'posted'),"
        " ('commercial_partner_id', '=', partner_id), ('payment_state', 'in', ('not_paid', 'partial'))]",
    )
    move_name = fields.Char(related="move_id.name", string="Number", related_sudo=True)
    invoice_date_due = fields.Date(
        related="move_id.invoice_date_due",
        string="Due Date",
        store=True,
        precompute=True,
    )
    residual = fields.Monetary(
        string="Owed", compute="_compute_residual", help="Open on the invoice today."
    )
    amount = fields.Monetary(
        string="Promised",
        compute="_compute_amount",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="What the customer promised to pay of this invoice.",
    )
    original_amount = fields.Monetary(
        string="Promised at First",
        readonly=True,
        copy=False,
        help="Before credit notes left less to pay.",
    )
    paid_amount = fields.Monetary(
        string="Paid",
        readonly=True,
        copy=False,
        help="Money applied to this invoice since the promise.",
    )
    live = fields.Boolean(readonly=True, copy=False)

    _live_unique = models.UniqueIndex(
        "(move_id) WHERE live",
        "One of the invoices is promised already. Replace that promise instead of adding another one.",
    )
    _once = models.UniqueIndex(
        "(promise_id, move_id)", "An invoice stands in a promise only once."
    )

    @api.depends("move_id")
    def _compute_residual(self):
        owed = self._residuals()
        for line in self:
            line.residual = owed.get(line.move_id._origin.id, 0.0)

    @api.depends("move_id")
    def _compute_amount(self):
        fresh = self.filtered(lambda line: line.move_id and not line.amount)
        free = fresh._promisable()
        for line in self:
            line.amount = line.amount or free.get(line.move_id._origin.id, 0.0)

    @api.constrains("move_id", "amount")
    def _check_line(self):
        drafts = self.filtered(lambda line: line.promise_id.state == "draft")
        drafts._check_against_ledger()

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.promise_id._check_content_changeable()
        return lines

    def write(self, vals):
        self.promise_id._check_content_changeable()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts_only(self):
        self.promise_id._unlink_drafts_only()

    def _residuals(self):
        return self._residuals_of(self.move_id)

    @api.model
    def _residuals_of(self, moves):
        """Return {invoice id: what is open of it today, in its currency}, with one query."""
        rows = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    ("move_id", "in", moves._origin.ids),
                    ("parent_state", "=", "posted"),
                    ("account_type", "=", "asset_receivable"),
                ],
                ["move_id"],
                ["amount_residual_currency:sum"],
            )
        )
        return {move.id: amount for move, amount in rows}

    def _promisable(self):
        return self._promisable_of(self.move_id)

    @api.model
    def _promisable_of(self, moves):
        """Return {invoice id: what is open of it and not disputed}."""
        owed = self._residuals_of(moves)
        for move, amount in (
            self.env["cartera.dispute"]._open_amounts(list(owed)).items()
        ):
            owed[move] = max(owed[move] - amount, 0.0)
        return owed

    def _check_against_ledger(self):
        """Refuse amounts and invoices that cannot be promised.

        :raise ValidationError: naming the invoice, the amount and what is open
        """
        if not self:
            return
        owed = self._residuals()
        disputed = self.env["cartera.dispute"]._open_amounts(list(owed))
        for line in self.sudo():
            move, currency = line.move_id, line.currency_id
            if currency.compare_amounts(line.amount, 0) <= 0:
                raise ValidationError(
                    self.env._(
                        "An amount above zero is promised for %(invoice)s, not %(amount)s.",
                        invoice=move.display_name,
                        amount=format_amount(self.env, line.amount, currency),
                    )
                )
            if (
                move.commercial_partner_id != line.promise_id.partner_id
                or move.company_id != line.promise_id.company_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(invoice)s belongs to %(owner)s in %(company)s; the promise is of %(customer)s in %(here)s. "
                        "Choose invoices of that customer and company.",
                        invoice=move.display_name,
                        owner=move.commercial_partner_id.display_name,
                        company=move.company_id.name,
                        customer=line.promise_id.partner_id.display_name,
                        here=line.promise_id.company_id.name,
                    )
                )
            if move.state != "posted" or move.move_type not in (
                "out_invoice",
                "out_receipt",
            ):
                raise ValidationError(
                    self.env._(
                        "%(invoice)s is not a posted customer invoice and cannot be promised.",
                        invoice=move.display_name,
                    )
                )
            if move.currency_id != currency:
                raise ValidationError(
                    self.env._(
                        "%(invoice)s is in %(other)s and the promise in %(own)s. Make one promise a currency.",
                        invoice=move.display_name,
                        other=move.currency_id.name,
                        own=currency.name,
                    )
                )
            free = owed.get(move.id, 0.0)
            if currency.compare_amounts(line.amount, free) > 0:
                raise ValidationError(
                    self.env._(
                        "%(amount)s were promised for %(invoice)s, but only %(balance)s are open. Promise up to that "
                        "amount.",
                        amount=format_amount(self.env, line.amount, currency),
                        invoice=move.display_name,
                        balance=format_amount(self.env, free, currency),
                    )
                )
            in_dispute = disputed.get(move.id, 0.0)
            if currency.compare_amounts(line.amount, free - in_dispute) > 0:
                raise ValidationError(
                    self.env._(
                        "%(amount)s were promised for %(invoice)s, of which %(balance)s are open and %(disputed)s are "
                        "disputed. Promise up to %(rest)s, or close the dispute first.",
                        amount=format_amount(self.env, line.amount, currency),
                        invoice=move.display_name,
                        balance=format_amount(self.env, free, currency),
                        disputed=format_amount(self.env, in_dispute, currency),
                        rest=format_amount(self.env, free - in_dispute, currency),
                    )
                )
