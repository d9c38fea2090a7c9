from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .cartera_consolidated_balance import READERS


class CarteraPaymentExport(models.TransientModel):
    """Asks for the days and journals of the workbook with all payments received."""

    _name = "cartera.payment.export"
    _description = "Export of Payments"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env.company._cartera_today().replace(day=1),
        help="First day.",
    )
    date_to = fields.Date(
        string="To",
        required=True,
        default=lambda self: self.env.company._cartera_today(),
        help="Last day.",
    )
    journal_ids = fields.Many2many(
        "account.journal",
        domain="[('company_id', '=', company_id), ('type', 'in', ('bank', 'cash', 'credit'))]",
        help="Empty for all of them.",
    )

    def action_export(self):
        """Return the workbook: totals by method, journal and collection center, and every payment."""
        self.ensure_one()
        self._check()
        return {
            "type": "ir.actions.act_url",
            "url": f"/cartera/payments/{self.id}.xlsx",
            "target": "download",
        }

    def _check(self):
        if not self.env.su and not any(map(self.env.user.has_group, READERS)):
            raise AccessError(
                self.env._(
                    "Payments are exported by collectors and accountants. Ask one of them."
                )
            )
        if self.company_id not in self.env.companies:
            raise AccessError(
                self.env._(
                    "%s is none of the companies that you have chosen. Choose it at the top of the screen.",
                    self.company_id.sudo().name,
                )
            )
        if self.date_to < self.date_from:
            raise UserError(
                self.env._(
                    "The export would end on %(end)s, before it starts on %(start)s. Correct one of the dates.",
                    end=self.date_to,
                    start=self.date_from,
                )
            )

    def _domain(self):
        domain = Domain(
            [
                ("company_id", "=", self.company_id.id),
                ("date", ">=", self.date_from),
                ("date", "<=", self.date_to),
            ]
        )
        if self.journal_ids:
            domain &= Domain("journal_id", "in", self.journal_ids.ids)
        return domain

    def _workbook(self):
        """Return (file name, content)."""
        self._check()
        self.env.flush_all()
        Statistic = self.env["cartera.payment.statistic"]
        labels = Statistic.fields_get()
        about = [
            self.env._("Payments received by %s", self.company_id.name),
            self.env._(
                "From %(start)s to %(end)s, in %(currency)s at the value of the ledger.",
                start=fields.Date.to_string(self.date_from),
                end=fields.Date.to_string(self.date_to),
                currency=self.company_id.currency_id.name,
            ),
        ]
        sheets = [
            (
                labels[name]["string"],
                about,
                [
                    (labels[name]["string"], "text", 36),
                    (labels["payment_count"]["string"], "number", 12),
                    (labels["amount_company"]["string"], "money", 18),
                    (labels["unapplied_company"]["string"], "money", 18),
                ],
                self._totals(name),
            )
            for name in ("payment_method_line_id", "journal_id", "center_id")
        ]
        columns = [
            ("date", "date", 12), ("document", "text", 22), ("ref", "text", 26), ("partner_id", "text", 40),
            ("journal_id", "text", 20), ("payment_method_line_id", "text", 20), ("center_id", "text", 20),
            ("salesperson_id", "text", 22), ("currency_id", "text", 10), ("amount", "money", 16),
            ("amount_company", "money", 16), ("unapplied_company", "money", 16),
        ]  # fmt: skip
        sheets.append(
            (
                labels["payment_count"]["string"],
                about,
                [
                    (labels[name]["string"], kind, width)
                    for name, kind, width in columns
                ],
                self._every_payment(),
            )
        )
        name = self.env._(
            "Payments %(start)s to %(end)s.xlsx", start=self.date_from, end=self.date_to
        )
        return name, self.env["cartera.workbook"]._write_workbook(sheets)

    def _totals(self, name):
        groups = self.env["cartera.payment.statistic"]._read_group(
            self._domain(),
            [name],
            ["payment_count:sum", "amount_company:sum", "unapplied_company:sum"],
        )
        return [
            (record.sudo().display_name or self.env._("None"), count, amount, unapplied)
            for record, count, amount, unapplied in groups
        ]

    def _every_payment(self):
        """Return the rows of all payments by one statement, their names joined by the database."""
        query = self.env["cartera.payment.statistic"]._search(
            self._domain(), order="date, id"
        )
        lang = self.env.lang or "en_US"
        return self.env.execute_query(
            SQL(
                """SELECT s.date, s.document, s.ref, p.complete_name,
                          COALESCE(j.name->>%(lang)s, j.name->>'en_US'), method.name, center.name, seller.name,
                          currency.name, s.amount, s.amount_company, s.unapplied_company
                     FROM (%(rows)s) AS s
                LEFT JOIN res_partner p ON p.id = s.partner_id
                LEFT JOIN account_journal j ON j.id = s.journal_id
                LEFT JOIN account_payment_method_line method ON method.id = s.payment_method_line_id
                LEFT JOIN cartera_collection_center center ON center.id = s.center_id
                LEFT JOIN res_users u ON u.id = s.salesperson_id
                LEFT JOIN res_partner seller ON seller.id = u.partner_id
                LEFT JOIN res_currency currency ON currency.id = s.currency_id
                 ORDER BY s.date, s.id""",
                lang=lang,
                rows=query.select(SQL("%s.*", SQL.identifier(query.table))),
            )
        )
