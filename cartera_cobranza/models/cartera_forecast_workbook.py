import io
from datetime import timedelta

import xlsxwriter

from odoo import fields, models
from odoo.tools import SQL, format_date

from ..calc import forecast as calc

MONEY = "#,##0.00;[Red]-#,##0.00"
WEEKS = 13


class CarteraForecastWorkbook(models.AbstractModel):
    """Writes a forecast as a workbook for the cash-flow plan: weeks, customers by week, and the comparison."""

    _name = "cartera.forecast.workbook"
    _description = "Forecast Workbook"

    def _workbook(self, forecast):
        """Return (file name, content); with the rights of who asks for it."""
        forecast.check_access("read")
        buffer = io.BytesIO()
        book = xlsxwriter.Workbook(buffer, {"default_date_format": "yyyy-mm-dd"})
        styles = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format(
                {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
            ),
            "money": book.add_format({"num_format": MONEY}),
            "total": book.add_format({"num_format": MONEY, "bold": True, "top": 1}),
            "bold": book.add_format({"bold": True, "top": 1}),
            "date": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            "day": book.add_format(
                {"num_format": "yyyy-mm-dd", "bold": True, "bottom": 1}
            ),
        }
        self._write_weeks(book, styles, forecast)
        self._write_currencies(book, styles, forecast)
        self._write_customers(book, styles, forecast)
        self._write_comparison(book, styles, forecast)
        book.close()
        name = self.env._(
            "Receipts %(company)s %(day)s.xlsx",
            company=forecast.company_id.name,
            day=fields.Date.to_string(forecast.date),
        )
        return name, buffer.getvalue()

    def _about(self, forecast):
        return [
            self.env._("Expected receipts of %s", forecast.company_id.name),
            self.env._(
                "As known on %(day)s, in %(currency)s at the exchange rate of that day. Customers pay %(delay)s days "
                "after the due date, give or take %(spread)s. Low and High: all pay later or earlier by their usual "
                "variation.",
                day=format_date(self.env, forecast.date),
                currency=forecast.currency_id.name,
                delay=forecast.delay,
                spread=forecast.spread,
            ),
        ]

    def _labels(self, model, names):
        known = self.env[model].fields_get(names)
        return [known[name]["string"] for name in names]

    def _start(self, book, styles, name, forecast, headings, widths):
        sheet = book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(4, 1)
        title, about = self._about(forecast)
        sheet.write_string(0, 0, title, styles["title"])
        sheet.write_string(1, 0, about)
        for column, heading in enumerate(headings):
            if isinstance(heading, str):
                sheet.write_string(3, column, heading, styles["head"])
            else:
                sheet.write_datetime(3, column, heading, styles["day"])
        return sheet

    def _totals(self, sheet, styles, forecast, row, columns):
        """Write the sums of the rows above into ``row``: formulas with their values."""
        sheet.write_string(row, 0, self.env._("Total"), styles["bold"])
        for column, value in columns.items():
            letter = xlsxwriter.utility.xl_col_to_name(column)
            amount = round(value, forecast.currency_id.decimal_places)
            if row > 4:
                sheet.write_formula(
                    row,
                    column,
                    f"=SUM({letter}5:{letter}{row})",
                    styles["total"],
                    amount,
                )
            else:
                sheet.write_number(row, column, 0, styles["total"])

    def _grouped(self, forecast, groupby, measures):
        return self.env["cartera.forecast.line"]._read_group(
            [("forecast_id", "=", forecast.id)],
            groupby,
            [f"{name}:sum" for name in measures],
        )

    def _write_weeks(self, book, styles, forecast):
        sources = dict(
            self.env["cartera.forecast.line"]
            ._fields["source"]
            ._description_selection(self.env)
        )
        measures = [f"{view}_company" for view in ("low", "expected", "high", "due")]
        labels = self._labels("cartera.forecast.line", measures)
        headings = [
            self.env._("Week from"),
            self.env._("Source"),
            *labels,
        ]
        sheet = self._start(
            book,
            styles,
            self.env._("Weeks"),
            forecast,
            headings,
            [14, 26, 18, 18, 18, 18],
        )
        sums = dict.fromkeys(range(2, 6), 0.0)
        row = 4
        # database field "week" is grouped by its day: each is a Monday
        rows = self.env.execute_query(
            SQL(
                """SELECT week, source, SUM(low_company), SUM(expected_company), SUM(high_company), SUM(due_company)
                     FROM cartera_forecast_line WHERE forecast_id = %s
                 GROUP BY 1, 2 ORDER BY week NULLS LAST, source""",
                forecast.id,
            )
        )
        for week, source, *amounts in rows:
            if week:
                sheet.write_datetime(row, 0, week, styles["date"])
            else:
                sheet.write_string(row, 0, self.env._("No date"))
            sheet.write_string(row, 1, sources[source])
            for column, amount in enumerate(amounts, 2):
                sheet.write_number(row, column, amount, styles["money"])
                sums[column] += float(amount)
            row += 1
        self._totals(sheet, styles, forecast, row, sums)

    def _write_currencies(self, book, styles, forecast):
        headings = [
            self.env._("Currency"),
            self.env._("Expected, document currency"),
            self.env._("Expected, company currency"),
        ]
        sheet = self._start(
            book, styles, self.env._("Currencies"), forecast, headings, [14, 22, 22]
        )
        groups = self._grouped(
            forecast, ["currency_id"], ["expected_document", "expected_company"]
        )
        for row, (currency, document, company) in enumerate(groups, 4):
            sheet.write_string(row, 0, currency.name)
            sheet.write_number(row, 1, document, styles["money"])
            sheet.write_number(row, 2, company, styles["money"])

    def _write_customers(self, book, styles, forecast):
        first = calc.week_of(forecast.date)
        weeks = [first + timedelta(weeks=number) for number in range(WEEKS)]
        headings = [
            self.env._("Customer"),
            *weeks,
            self.env._("Later"),
            self.env._("No date"),
            self.env._("Total"),
        ]
        sheet = self._start(
            book,
            styles,
            self.env._("Customers"),
            forecast,
            headings,
            [40] + [14] * (len(headings) - 1),
        )
        rows = self.env.execute_query(
            SQL(
                """SELECT l.partner_id, p.name, l.week, SUM(l.expected_company)
                     FROM cartera_forecast_line l LEFT JOIN res_partner p ON p.id = l.partner_id
                    WHERE l.forecast_id = %s GROUP BY 1, 2, 3 ORDER BY p.name, l.partner_id""",
                forecast.id,
            )
        )
        customers = {}
        for partner, name, week, amount in rows:
            place = WEEKS + 1 if not week else min((week - first).days // 7, WEEKS)
            name, amounts = customers.setdefault(
                partner,
                (name or self.env._("Without a customer"), [0.0] * (WEEKS + 2)),
            )
            amounts[place] += float(amount)
        sums = dict.fromkeys(range(1, WEEKS + 4), 0.0)
        row = 4
        for name, amounts in customers.values():
            sheet.write_string(row, 0, name)
            for column, amount in enumerate([*amounts, sum(amounts)], 1):
                if amount:
                    sheet.write_number(row, column, amount, styles["money"])
                sums[column] += amount
            row += 1
        self._totals(sheet, styles, forecast, row, sums)

    def _write_comparison(self, book, styles, forecast):
        names = [
            "week", "expected", "low_until", "expected_until", "high_until", "due", "actual", "difference", "received",
        ]  # fmt: skip
        sheet = self._start(
            book,
            styles,
            self.env._("Comparison"),
            forecast,
            self._labels("cartera.forecast.week", names),
            [14] + [18] * (len(names) - 1),
        )
        for row, week in enumerate(forecast.week_ids, 4):
            sheet.write_datetime(row, 0, week.week, styles["date"])
            for column, name in enumerate(names[1:], 1):
                if week[name] is not False:
                    sheet.write_number(row, column, week[name], styles["money"])
