from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..calc import money


class CarteraCurrencyConversion(models.TransientModel):
    """Turns a customer's points or commissions into money on account, by an entry of its own."""

    _name = "cartera.currency.conversion"
    _description = "Conversion of Points and Commissions"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        domain="[('parent_id', '=', False)]",
    )
    currency_id = fields.Many2one(
        "res.currency",
        string="From",
        required=True,
        domain="[('cartera_kind', '!=', 'money')]",
    )
    balance = fields.Monetary(
        compute="_compute_balance",
        string="In Favour",
        help="What the customer has in this currency.",
    )
    amount = fields.Monetary(required=True, help="How much of it is converted.")
    rate = fields.Float(
        digits=0,
        required=True,
        compute="_compute_rate",
        store=True,
        precompute=True,
        readonly=False,
        help="Company currency for one unit; by default the rate of the day.",
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    amount_company = fields.Monetary(
        compute="_compute_amount_company",
        currency_field="company_currency_id",
        string="Money",
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    journal_id = fields.Many2one(
        "account.journal",
        required=True,
        domain="[('type', '=', 'general'), ('company_id', '=', company_id)]",
        default=lambda self: self._default_journal(),
    )
    account_id = fields.Many2one(
        "account.account",
        string="Difference",
        domain="[('account_type', 'not in', ('asset_receivable', 'liability_payable', 'asset_cash'))]",
        help="Takes the difference between the rate of the conversion and the value at which the points are booked.",
    )

    @api.model
    def _default_journal(self):
        """Return the journal of miscellaneous entries, whatever code the chart of accounts gives it."""
        company = self.env.company.sudo()
        special = (
            company.currency_exchange_journal_id | company.tax_cash_basis_journal_id
        )
        journals = (
            self.env["account.journal"].search(
                [("type", "=", "general"), ("company_id", "=", company.id)]
            )
            - special
        )
        return journals.filtered(lambda one: one.code == "MISC")[:1] or journals[:1]

    @api.depends("partner_id", "currency_id", "company_id")
    def _compute_balance(self):
        for one in self:
            one.balance = -sum(one._open_items().mapped("amount_residual_currency"))

    @api.depends("currency_id", "company_id", "date")
    def _compute_rate(self):
        for one in self:
            rate = None
            if one.currency_id and one.date:
                rate = (
                    self.env["cartera.money"]
                    ._rates(one.company_id, one.date)
                    .get(one.currency_id.id)
                )
            one.rate = float(1 / rate) if rate else 0.0

    @api.depends("amount", "rate")
    def _compute_amount_company(self):
        for one in self:
            one.amount_company = float(one._money())

    def _money(self):
        rounding = money.to_decimal(self.company_currency_id.rounding or 0.01)
        return money.round_money(
            money.to_decimal(self.amount) * money.to_decimal(self.rate), rounding
        )

    def _open_items(self):
        """Return the open items of the customer in this currency, oldest first."""
        account = self.company_id._cartera_kind_account(self.currency_id.cartera_kind)
        if not account or not self.partner_id:
            return self.env["account.move.line"]
        return (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("account_id", "=", account.id),
                    ("currency_id", "=", self.currency_id.id),
                    ("partner_id", "=", self.partner_id.commercial_partner_id.id),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                    ("company_id", "=", self.company_id.id),
                ],
                order="date_maturity, date, id",
            )
        )

    def action_convert(self):
        """Post the conversion: the points go, and the customer has as much money in favour.

        :raise UserError: for more than the customer has, a missing rate or account
        """
        self.ensure_one()
        allowed = (
            "cartera_cobranza.group_credit_manager",
            "account.group_account_invoice",
        )
        if not self.env.su and not any(map(self.env.user.has_group, allowed)):
            raise AccessError(
                self.env._(
                    "Converting points or commissions is for accountants and credit managers. Ask one."
                )
            )
        self._check_conversion()
        customers = self.env["cartera.customer"].sudo()
        partner = self.partner_id.commercial_partner_id
        customers._bump(self.company_id, partner.ids)
        items = self._open_items()
        items.invalidate_recordset(["amount_residual_currency"])
        self._check_balance(items)
        move = (
            self.env["account.move"]
            .sudo()
            .with_company(self.company_id)
            .create(self._prepare_entry(items))
        )
        move._post(soft=False)
        account = items.account_id
        (
            items | move.line_ids.filtered(lambda line: line.account_id == account)
        ).filtered(lambda line: not line.reconciled).with_context(
            no_exchange_difference=True
        ).reconcile()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": move.id,
            "views": [(False, "form")],
        }

    def _check_conversion(self):
        kind = self.currency_id.cartera_kind
        if kind == "money":
            raise UserError(self.env._("%s is money already.", self.currency_id.name))
        if not self.company_id._cartera_kind_account(kind):
            raise UserError(
                self.env._(
                    "%(company)s has no account for the kind of currency of %(currency)s. Choose one under Settings > "
                    "Credit and Collections.",
                    company=self.company_id.name,
                    currency=self.currency_id.name,
                )
            )
        if self.currency_id.compare_amounts(self.amount, 0) <= 0:
            raise UserError(
                self.env._(
                    "Convert an amount above zero (received %s).",
                    self.currency_id.format(self.amount),
                )
            )
        if self.rate <= 0:
            raise UserError(
                self.env["cartera.money"]._missing_rate_message(
                    self.currency_id, self.company_id, self.date
                )
            )

    def _check_balance(self, items):
        has = -sum(items.mapped("amount_residual_currency"))
        if self.currency_id.compare_amounts(self.amount, has) > 0:
            raise UserError(
                self.env._(
                    "%(customer)s has %(has)s in favour, and %(amount)s would be converted. Lower the amount.",
                    customer=self.partner_id.display_name,
                    has=self.currency_id.format(max(has, 0)),
                    amount=self.currency_id.format(self.amount),
                )
            )

    def _prepare_entry(self, items):
        """Return the values of the entry: points out at the value they are booked at, money in at the rate."""
        partner = self.partner_id.commercial_partner_id
        has = -sum(items.mapped("amount_residual_currency"))
        booked = -sum(items.mapped("amount_residual"))
        value = self.company_currency_id.round(booked * self.amount / has)
        worth = float(self._money())
        trade = partner.with_company(self.company_id).property_account_receivable_id
        label = self.env._("Conversion of %s", self.currency_id.format(self.amount))
        lines = [
            {
                "name": label,
                "account_id": items.account_id.id,
                "partner_id": partner.id,
                "currency_id": self.currency_id.id,
                "amount_currency": self.amount,
                "balance": value,
            },
            {
                "name": label,
                "account_id": trade.id,
                "partner_id": partner.id,
                "currency_id": self.company_currency_id.id,
                "amount_currency": -worth,
                "balance": -worth,
            },
        ]
        difference = self.company_currency_id.round(worth - value)
        if difference:
            if not self.account_id:
                raise UserError(
                    self.env._(
                        "The points are booked at %(booked)s and converted at %(worth)s. Choose the account of the "
                        "difference.",
                        booked=self.company_currency_id.format(value),
                        worth=self.company_currency_id.format(worth),
                    )
                )
            lines.append(
                {
                    "name": label,
                    "account_id": self.account_id.id,
                    "partner_id": partner.id,
                    "currency_id": self.company_currency_id.id,
                    "amount_currency": difference,
                    "balance": difference,
                }
            )
        return {
            "move_type": "entry",
            "company_id": self.company_id.id,
            "journal_id": self.journal_id.id,
            "date": self.date,
            "ref": label,
            "line_ids": [Command.create(line) for line in lines],
        }
