import io

import xlsxwriter

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

GROUPS = [
    ("reason_id", "Reason"),
    ("class_id", "Class"),
    ("period_id", "Commercial period"),
    ("partner_id", "Customer"),
    ("user_id", "Salesperson"),
]


class CarteraNoteReport(models.TransientModel):
    """Asks for the dates of the spreadsheet of notes by reason, class, period, customer and salesperson."""

    _name = "cartera.note.report"
    _description = "Spreadsheet of Notes"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
        help="First day.",
    )
    date_to = fields.Date(
        string="To",
        required=True,
        default=lambda self: fields.Date.context_today(self),
        help="Last day.",
    )

    def action_export(self):
        """Return an XLSX file: count, amount and share of the sales of these days, by each way to group."""
        self.ensure_one()
        allowed = ("cartera_cobranza.group_collector", "account.group_account_invoice")
        if not self.env.su and not any(map(self.env.user.has_group, allowed)):
            raise AccessError(
                self.env._("You have no role that reads statistics of notes.")
            )
        if self.date_to < self.date_from:
            raise UserError(
                self.env._(
                    "The report would end on %(end)s, before it starts on %(start)s. Correct one of the dates.",
                    end=self.date_to,
                    start=self.date_from,
                )
            )
        if self.company_id not in self.env.companies:
            raise AccessError(
                self.env._("%s is none of your companies.", self.company_id.sudo().name)
            )
        attachment = self.env["ir.attachment"].create(
            {
                "name": self.env._(
                    "Notes %(start)s to %(end)s.xlsx",
                    start=self.date_from,
                    end=self.date_to,
                ),
                "raw": self._xlsx(),
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "download",
        }

    def _sales(self):
        """Return what the company invoiced in these days without taxes: the base of the shares."""
        rows = self.env.execute_query(
            SQL(
                """SELECT COALESCE(SUM(m.amount_untaxed_signed), 0)
                     FROM account_move m
                     JOIN res_currency c ON c.id = m.currency_id AND c.cartera_kind = 'money'
                    WHERE m.state = 'posted' AND m.move_type = 'out_invoice' AND m.company_id = %(company)s
                      AND m.debit_origin_id IS NULL AND m.reversed_entry_id IS NULL
                      AND m.note_reason_id IS NULL
                      AND COALESCE(m.invoice_date, m.date) BETWEEN %(start)s AND %(end)s""",
                company=self.company_id.id,
                start=self.date_from,
                end=self.date_to,
            )
        )
        return float(rows[0][0])

    def _figures(self, group):
        """Return [(name, direction, notes, amount, share)] of customers' notes of money, largest first."""
        self.env["account.move"].flush_model()
        rows = self.env["cartera.note.statistic"]._read_group(
            [
                ("company_id", "=", self.company_id.id),
                ("date", ">=", self.date_from),
                ("date", "<=", self.date_to),
                ("party", "=", "customer"),
                ("kind", "=", "money"),
            ],
            [group, "direction"],
            ["note_count:sum", "amount:sum"],
        )
        sales = self._sales()
        figures = [
            (
                record.display_name if record else "",
                direction,
                count,
                amount,
                amount / sales if sales else None,
            )
            for record, direction, count, amount in rows
        ]
        return sorted(figures, key=lambda row: -abs(row[3]))

    def _xlsx(self):
        buffer = io.BytesIO()
        book = xlsxwriter.Workbook(buffer, {"in_memory": True})
        bold = book.add_format({"bold": True, "bottom": 1})
        money = book.add_format({"num_format": "#,##0.00"})
        percent = book.add_format({"num_format": "0.00%"})
        Statistic = self.env["cartera.note.statistic"]
        labels = Statistic.fields_get(
            [group for group, _label in GROUPS] + ["direction"]
        )
        directions = dict(labels["direction"]["selection"])
        heads = (
            self.env._("Direction"),
            self.env._("Notes"),
            self.env._("Amount"),
            self.env._("Share of sales"),
        )
        for group, _label in GROUPS:
            sheet = book.add_worksheet(labels[group]["string"][:31])
            for column, text in enumerate((labels[group]["string"], *heads)):
                sheet.write_string(0, column, text, bold)
            sheet.set_column(0, 0, 40)
            sheet.set_column(1, 4, 16)
            for row, figures in enumerate(self._figures(group), 1):
                name, direction, count, amount, share = figures
                sheet.write_string(row, 0, name)
                sheet.write_string(row, 1, directions[direction])
                sheet.write_number(row, 2, count)
                sheet.write_number(row, 3, amount, money)
                if share is not None:
                    sheet.write_number(row, 4, share, percent)
        book.close()
        return buffer.getvalue()
