import io

import xlsxwriter

from odoo import fields, models
from odoo.tools import SQL, format_date

MONEY = "#,##0.00;[Red]-#,##0.00"


class CarteraAgingWorkbook(models.AbstractModel):
    """Writes the aging as a workbook: customers by bucket, currencies, and every open item."""

    _inherit = "cartera.aging.report"

    def _workbook(self, options):
        """Return (file name, content) of the workbook of an aging; see ``action_show`` for the options."""
        question = self._question(options)
        customers = self._with_names(self._customers(question))
        buffer = io.BytesIO()
        # row by row to disk: the memory does not grow with the items
        book = xlsxwriter.Workbook(
            buffer, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
        )
        styles = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format(
                {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
            ),
            "money": book.add_format({"num_format": MONEY}),
            "total": book.add_format({"num_format": MONEY, "bold": True, "top": 1}),
            "bold": book.add_format({"bold": True, "top": 1}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        self._write_customers(book, styles, question, customers)
        self._write_currencies(book, styles, question)
        self._write_items(book, styles, question)
        book.close()
        name = self.env._(
            "Aging %(company)s %(day)s.xlsx",
            company=question.company.name,
            day=fields.Date.to_string(question.day),
        )
        return name, buffer.getvalue()

    def _about(self, question):
        """Return the lines that say what the figures mean."""
        bases = dict(
            self.env["cartera.aging.snapshot"]
            ._fields["basis"]
            ._description_selection(self.env)
        )
        return [
            self.env._("Receivables of %s", question.company.name),
            self.env._(
                "On %(day)s, in %(currency)s, %(value)s. Age from: %(basis)s. %(credits)s",
                day=format_date(self.env, question.day),
                currency=question.company.currency_id.name,
                value=self.env._("at the exchange rate of the day")
                if question.value == "revalued"
                else self.env._("at the value of the ledger"),
                basis=bases[question.basis],
                credits=self.env._("Unapplied credits are taken off the oldest debt.")
                if question.netted
                else self.env._("Unapplied credits stand apart."),
            ),
        ]

    def _start(self, book, styles, name, question, headings, widths):
        sheet = book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(4, 1)
        title, about = self._about(question)
        sheet.write_string(0, 0, title, styles["title"])
        sheet.write_string(1, 0, about)
        for column, heading in enumerate(headings):
            sheet.write_string(3, column, heading, styles["head"])
        return sheet

    def _write_customers(self, book, styles, question, customers):
        buckets = question.profile._sorted_buckets()
        headings = [
            self.env._("Customer"),
            *(bucket.with_env(self.env).sudo().display_name for bucket in buckets),
            *([] if question.netted else [self.env._("Unapplied credits")]),
            self.env._("Total"),
            self.env._("Overdue"),
            self.env._("Oldest, days overdue"),
        ]
        sheet = self._start(
            book,
            styles,
            self.env._("Aging"),
            question,
            headings,
            [40] + [15] * (len(headings) - 1),
        )
        sums = [0.0] * (len(headings) - 2)
        row = 4
        for one in customers:
            amounts = [float(one.buckets.get(bucket.id, 0)) for bucket in buckets]
            if not question.netted:
                amounts.append(float(one.credit))
            amounts += [float(one.total), float(self._overdue(question, [one]))]
            sheet.write_string(row, 0, one.name)
            for column, amount in enumerate(amounts, 1):
                sheet.write_number(row, column, amount, styles["money"])
                sums[column - 1] += amount
            sheet.write_number(row, len(headings) - 1, one.days)
            row += 1
        sheet.write_string(row, 0, self.env._("Total"), styles["bold"])
        for column, amount in enumerate(sums, 1):
            letter = xlsxwriter.utility.xl_col_to_name(column)
            value = round(amount, question.company.currency_id.decimal_places)
            if row > 4:
                sheet.write_formula(
                    row,
                    column,
                    f"=SUM({letter}5:{letter}{row})",
                    styles["total"],
                    value,
                )
            else:
                sheet.write_number(row, column, 0, styles["total"])
        if row > 4:
            sheet.autofilter(3, 0, row - 1, len(headings) - 1)

    def _write_currencies(self, book, styles, question):
        headings = [
            self.env._("Currency"),
            self.env._("Open"),
            self.env._("Open, ledger value"),
            self.env._("Open items"),
        ]
        sheet = self._start(
            book,
            styles,
            self.env._("Currencies"),
            question,
            headings,
            [16, 18, 18, 12],
        )
        for row, one in enumerate(self._currencies(question), 4):
            sheet.write_string(row, 0, one["name"])
            sheet.write_number(row, 1, one["residual"], styles["money"])
            sheet.write_number(row, 2, one["residual_company"], styles["money"])
            sheet.write_number(row, 3, one["items"])

    def _write_items(self, book, styles, question):
        Item = self._items(question)
        buckets = {
            bucket.id: bucket.with_env(self.env).sudo().display_name
            for bucket in question.profile._sorted_buckets()
        }
        columns = [
            "document", "date_invoice", "date_maturity", "days_overdue", "amount", "residual", question.measure,
        ]  # fmt: skip
        labels = Item.fields_get([*columns, "partner_id", "bucket_id", "currency_id"])
        heads = ["partner_id", *columns[:4], "bucket_id", "currency_id", *columns[4:]]
        sheet = self._start(
            book,
            styles,
            self.env._("Open items"),
            question,
            [labels[name]["string"] for name in heads],
            [40, 22, 12, 12, 10, 16, 10, 16, 16, 16],
        )
        query = Item._search(self._domain(question))
        partner = Item._field_to_sql(Item._table, "partner_id", query)
        query.add_join(
            "LEFT JOIN",
            "aged_partner",
            "res_partner",
            SQL("%s = %s", SQL.identifier("aged_partner", "id"), partner),
        )
        query.add_join(
            "LEFT JOIN",
            "aged_currency",
            "res_currency",
            SQL(
                "%s = %s",
                SQL.identifier("aged_currency", "id"),
                Item._field_to_sql(Item._table, "currency_id", query),
            ),
        )
        query.order = SQL(
            "%s, %s, %s",
            SQL.identifier("aged_partner", "name"),
            Item._field_to_sql(Item._table, "date_maturity", query),
            SQL.identifier(Item._table, "id"),
        )
        rows = self.env.execute_query(
            query.select(
                SQL.identifier("aged_partner", "name"),
                *(Item._field_to_sql(Item._table, name, query) for name in columns[:4]),
                Item._field_to_sql(Item._table, "bucket_id", query),
                SQL.identifier("aged_currency", "name"),
                *(Item._field_to_sql(Item._table, name, query) for name in columns[4:]),
            )
        )
        money, day = styles["money"], styles["date"]
        for row, values in enumerate(rows, 4):
            name, document, issued, due, late, bucket, currency, *amounts = values
            sheet.write_string(row, 0, name or self.env._("Without a customer"))
            sheet.write_string(row, 1, document or "")
            sheet.write_datetime(row, 2, issued, day)
            sheet.write_datetime(row, 3, due, day)
            sheet.write_number(row, 4, late)
            sheet.write_string(row, 5, buckets.get(bucket, ""))
            sheet.write_string(row, 6, currency)
            for column, amount in enumerate(amounts, 7):
                sheet.write_number(row, column, amount or 0, money)
        if rows:
            sheet.autofilter(3, 0, len(rows) + 3, len(heads) - 1)
