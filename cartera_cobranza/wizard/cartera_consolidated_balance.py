from datetime import date
from decimal import Decimal

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..calc import consolidated
from ..calc.money import to_decimal
from ..models.res_currency import KINDS

READERS = (
    "cartera_cobranza.group_collector",
    "account.group_account_readonly",
    "account.group_account_invoice",
)
MOVEMENTS = ("invoiced", "debit_notes", "credit_notes", "payments", "other")
FIRST_YEAR, LAST_YEAR = 1990, 2100


class CarteraConsolidatedBalance(models.TransientModel):
    """The consolidated balance: what customers owed, what moved and what they owe, by year and commercial period.

    Read from the journal items of the receivable accounts: in company currency at the value of the ledger for
    money, in their own units for points and commissions, which are never added to money.
    """

    _name = "cartera.consolidated.balance"
    _description = "Consolidated Balance"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    year_from = fields.Integer(
        string="From Year",
        required=True,
        default=lambda self: self.env.company._cartera_today().year,
        help="First year.",
    )
    year_to = fields.Integer(
        string="To Year",
        required=True,
        default=lambda self: self.env.company._cartera_today().year,
        help="Last year.",
    )
    period_id = fields.Many2one(
        "cartera.commercial.period",
        string="Commercial Period",
        domain="[('company_id', '=', company_id)]",
        help="Only this period; the years are not looked at then.",
    )
    kind = fields.Selection(
        KINDS,
        string="Kind of Currency",
        required=True,
        default="money",
        help="Money, points and commissions are never added up.",
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", help="Empty for all customers."
    )
    only_open = fields.Boolean(
        string="Only With a Balance",
        default=True,
        help="Leaves out customers who owe nothing at the end; the totals by period count them all the same.",
    )
    line_ids = fields.One2many(
        "cartera.consolidated.balance.line", "balance_id", string="Customers"
    )
    period_line_ids = fields.One2many(
        "cartera.consolidated.balance.period", "balance_id", string="Periods"
    )
    date_from = fields.Date(readonly=True)
    date_to = fields.Date(readonly=True)
    shown = fields.Boolean(readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    opening_total = fields.Monetary(
        string="Owed Before, in All",
        compute="_compute_totals",
        help="Of all customers that are shown.",
    )
    closing_total = fields.Monetary(
        string="Balance, in All",
        compute="_compute_totals",
        help="Of all customers that are shown: with money, the receivable accounts in the ledger on the last day.",
    )

    @api.depends("line_ids.opening", "line_ids.closing")
    def _compute_totals(self):
        for balance in self:
            balance.opening_total = sum(balance.line_ids.mapped("opening"))
            balance.closing_total = sum(balance.line_ids.mapped("closing"))

    def _check_reader(self):
        if not self.env.su and not any(map(self.env.user.has_group, READERS)):
            raise AccessError(
                self.env._(
                    "The consolidated balance is for collectors and accountants. Ask one of them for it."
                )
            )
        if self.company_id not in self.env.companies:
            raise AccessError(
                self.env._(
                    "%s is none of the companies that you have chosen. Choose it at the top of the screen.",
                    self.company_id.sudo().name,
                )
            )

    def _span(self):
        """Return (first day, last day) of what is asked for."""
        if self.period_id:
            if self.period_id.company_id not in self.company_id.parent_ids:
                raise UserError(
                    self.env._(
                        "The period %(period)s belongs to another company than %(company)s. Choose another one.",
                        period=self.period_id.name,
                        company=self.company_id.name,
                    )
                )
            return self.period_id.date_from, self.period_id.date_to
        for year in (self.year_from, self.year_to):
            if not FIRST_YEAR <= year <= LAST_YEAR:
                raise UserError(
                    self.env._(
                        "%(year)s is no year of these books. Enter one from %(first)s to %(last)s.",
                        year=year,
                        first=FIRST_YEAR,
                        last=LAST_YEAR,
                    )
                )
        if self.year_to < self.year_from:
            raise UserError(
                self.env._(
                    "The balance would end in %(end)s, before it starts in %(start)s. Correct one of the years.",
                    end=self.year_to,
                    start=self.year_from,
                )
            )
        return date(self.year_from, 1, 1), date(self.year_to, 12, 31)

    def _currencies(self):
        if self.kind == "money":
            return self.company_id.currency_id
        return self.env["res.currency"].search([("cartera_kind", "=", self.kind)])

    def _moves_sql(self, last):
        """Return the statement of what moved until ``last``: partner, currency, day, kind of movement, amount."""
        if self.kind == "money":
            amount, currency = SQL("l.balance"), SQL("l.company_currency_id")
            accounts = self.env["cartera.customer"]._trade_accounts()
        else:
            amount, currency = SQL("l.amount_currency"), SQL("l.currency_id")
            accounts = SQL(
                "l.account_id = %s AND l.currency_id = ANY(%s)",
                self.company_id.sudo()._cartera_kind_account(self.kind).id or None,
                self._currencies().ids,
            )
        return SQL(
            """SELECT contact.commercial_partner_id AS partner_id, %(currency)s AS currency_id, l.date,
                      CASE WHEN m.debit_origin_id IS NOT NULL THEN 'debit_notes'
                           WHEN m.move_type IN ('out_invoice', 'out_receipt') THEN 'invoiced'
                           WHEN m.move_type = 'out_refund' THEN 'credit_notes'
                           WHEN j.type IN ('bank', 'cash', 'credit') THEN 'payments'
                           ELSE 'other' END AS kind,
                      %(amount)s AS amount
                 FROM account_move_line l
                 JOIN account_move m ON m.id = l.move_id
                 JOIN account_journal j ON j.id = l.journal_id
            LEFT JOIN res_partner contact ON contact.id = l.partner_id
                WHERE l.parent_state = 'posted' AND l.company_id = %(company)s AND l.date <= %(last)s
                  AND %(accounts)s AND %(partner)s""",
            currency=currency,
            amount=amount,
            company=self.company_id.id,
            last=last,
            accounts=accounts,
            partner=SQL(
                "contact.commercial_partner_id = %s",
                self.partner_id.commercial_partner_id.id,
            )
            if self.partner_id
            else SQL("TRUE"),
        )

    def _sums_sql(self):
        return SQL(", ").join(
            SQL(
                "COALESCE(SUM(x.amount) FILTER (WHERE x.kind = %s AND %s), 0)",
                kind,
                inside,
            )
            for kind, inside in (
                (one, SQL("x.date >= %s", self.date_from)) for one in MOVEMENTS
            )
        )

    def _gather_customers(self):
        """Return [(partner id, currency id, opening, *movements)] of the whole time, customers by name."""
        rows = self.env.execute_query(
            SQL(
                """SELECT x.partner_id, x.currency_id,
                          COALESCE(SUM(x.amount) FILTER (WHERE x.date < %(first)s), 0), %(sums)s
                     FROM (%(moves)s) AS x
                LEFT JOIN res_partner p ON p.id = x.partner_id
                 GROUP BY x.partner_id, x.currency_id, p.complete_name
                 ORDER BY p.complete_name, x.partner_id, x.currency_id""",
                first=self.date_from,
                sums=self._sums_sql(),
                moves=self._moves_sql(self.date_to),
            )
        )
        return [
            (partner, currency, *map(to_decimal, amounts))
            for partner, currency, *amounts in rows
        ]

    def _gather_segments(self, segments):
        """Return {(currency id, number of the segment, or -1 for what was before): [movements]}."""
        rows = self.env.execute_query(
            SQL(
                """SELECT x.currency_id, COALESCE(s.number, -1), %(sums)s
                     FROM (%(moves)s) AS x
                LEFT JOIN (VALUES %(segments)s) AS s (number, first, last)
                          ON x.date BETWEEN s.first AND s.last
                 GROUP BY 1, 2""",
                sums=SQL(", ").join(
                    SQL("COALESCE(SUM(x.amount) FILTER (WHERE x.kind = %s), 0)", one)
                    for one in MOVEMENTS
                ),
                moves=self._moves_sql(self.date_to),
                segments=SQL(", ").join(
                    SQL("(%s, %s::date, %s::date)", number, one.date_from, one.date_to)
                    for number, one in enumerate(segments)
                ),
            )
        )
        return {
            (currency, number): [to_decimal(amount) for amount in moved]
            for currency, number, *moved in rows
        }

    def _segments(self):
        periods = (
            self.env["cartera.commercial.period"]
            .sudo()
            .search(
                [
                    ("company_id", "in", self.company_id.sudo().parent_ids.ids),
                    ("date_from", "<=", self.date_to),
                    ("date_to", ">=", self.date_from),
                ],
                order="date_from, id",
            )
        )
        # a branch's own periods come before its parent's
        own = periods.filtered(lambda one: one.company_id == self.company_id) or periods
        return consolidated.segments(
            self.date_from,
            self.date_to,
            [consolidated.Period(one.id, one.date_from, one.date_to) for one in own],
        )

    @api.depends_context("lang")
    def _compute_display_name(self):
        for balance in self:
            balance.display_name = balance.partner_id.display_name or self.env._(
                "Consolidated Balance"
            )

    def action_show(self):
        """Count the balance (button): a row for each customer, and a row for each period."""
        self.ensure_one()
        self._check_reader()
        self.date_from, self.date_to = self._span()
        self.env.flush_all()
        customers = self._gather_customers()
        segments = self._segments()
        moved = self._gather_segments(segments)
        self.write(
            {
                "shown": True,
                "line_ids": [Command.clear()]
                + [Command.create(vals) for vals in self._customer_vals(customers)],
                "period_line_ids": [Command.clear()]
                + [Command.create(vals) for vals in self._period_vals(segments, moved)],
            }
        )
        return True

    def _customer_vals(self, rows):
        found = []
        for partner, currency, opening, *moved in rows:
            closing = opening + sum(moved)
            if not any((opening, *moved)) or (self.only_open and not closing):
                continue
            found.append(
                {
                    "partner_id": partner,
                    "currency_id": currency,
                    "opening": opening,
                    **dict(zip(MOVEMENTS, moved, strict=True)),
                    "closing": closing,
                }
            )
        return found

    def _period_vals(self, segments, moved):
        found, nothing = [], [Decimal(0)] * len(MOVEMENTS)
        for currency in sorted({currency for currency, _number in moved}):
            rows = [
                moved.get((currency, number), nothing)
                for number in range(len(segments))
            ]
            opening = sum(moved.get((currency, -1), nothing))
            balances = consolidated.chain(opening, [sum(row) for row in rows])
            for segment, row, (start, end) in zip(
                segments, rows, balances, strict=True
            ):
                found.append(
                    {
                        "period_id": segment.period,
                        "year": str(segment.year),
                        "date_from": segment.date_from,
                        "date_to": segment.date_to,
                        "currency_id": currency,
                        "opening": start,
                        **dict(zip(MOVEMENTS, row, strict=True)),
                        "closing": end,
                    }
                )
        return found

    def action_xlsx(self):
        """Return the balance as a workbook: customers, periods and years."""
        self.ensure_one()
        self._check_reader()
        if not self.shown:
            self.action_show()
        return {
            "type": "ir.actions.act_url",
            "url": f"/cartera/consolidated/{self.id}.xlsx",
            "target": "download",
        }


class CarteraConsolidatedMixin(models.AbstractModel):
    """The columns that customers and periods have in common."""

    _name = "cartera.consolidated.columns"
    _description = "Columns of the Consolidated Balance"

    balance_id = fields.Many2one(
        "cartera.consolidated.balance", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="balance_id.company_id")
    currency_id = fields.Many2one("res.currency", required=True)
    opening = fields.Monetary(string="Owed Before")
    invoiced = fields.Monetary()
    debit_notes = fields.Monetary()
    credit_notes = fields.Monetary()
    payments = fields.Monetary(help="Received less taken back; minus lowers the debt.")
    other = fields.Monetary(help="Exchange differences, write-offs and other entries.")
    closing = fields.Monetary(string="Owed at the End")


class CarteraConsolidatedBalanceLine(models.TransientModel):
    """A customer's row of the consolidated balance."""

    _name = "cartera.consolidated.balance.line"
    _description = "Customer in the Consolidated Balance"
    _inherit = ["cartera.consolidated.columns"]
    _order = "id"

    partner_id = fields.Many2one("res.partner", string="Customer", index=True)

    def action_open_items(self):
        """Open the journal items behind this row."""
        self.ensure_one()
        balance = self.balance_id
        balance._check_reader()
        domain = [
            ("parent_state", "=", "posted"),
            ("company_id", "=", balance.company_id.id),
            ("date", "<=", balance.date_to),
            ("partner_id.commercial_partner_id", "=", self.partner_id.id),
        ]
        if balance.kind == "money":
            domain += [
                ("account_id.account_type", "=", "asset_receivable"),
                ("account_id.non_trade", "=", False),
            ]
        else:
            account = balance.company_id.sudo()._cartera_kind_account(balance.kind)
            domain += [
                ("account_id", "=", account.id),
                ("currency_id", "=", self.currency_id.id),
            ]
        return {
            "type": "ir.actions.act_window",
            "name": self.partner_id.display_name or self.env._("Without a customer"),
            "res_model": "account.move.line",
            "views": [(False, "list"), (False, "form")],
            "domain": domain,
            "context": {"search_default_group_by_move": 0, "create": False},
        }

    def action_by_period(self):
        """Show the same customer by year and period."""
        self.ensure_one()
        own = self.balance_id.copy(
            {"partner_id": self.partner_id.id, "line_ids": [], "period_line_ids": []}
        )
        own.action_show()
        return {
            "type": "ir.actions.act_window",
            "name": own.display_name,
            "res_model": own._name,
            "res_id": own.id,
            "views": [(False, "form")],
        }


class CarteraConsolidatedBalancePeriod(models.TransientModel):
    """A period's row of the consolidated balance; between periods the calendar months."""

    _name = "cartera.consolidated.balance.period"
    _description = "Period in the Consolidated Balance"
    _inherit = ["cartera.consolidated.columns"]
    _order = "currency_id, date_from"

    name = fields.Char(string="Period", compute="_compute_name")
    period_id = fields.Many2one("cartera.commercial.period", string="Commercial Period")
    year = fields.Char()
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="To")

    @api.depends("period_id", "date_from")
    @api.depends_context("lang")
    def _compute_name(self):
        for row in self:
            row.name = row.period_id.name or fields.Date.to_string(row.date_from)[:7]
