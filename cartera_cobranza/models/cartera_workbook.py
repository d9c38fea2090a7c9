import io

import xlsxwriter

from odoo import api, models

MONEY = "#,##0.00;[Red]-#,##0.00"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CarteraWorkbook(models.AbstractModel):
    """Writes tables into a workbook row by row: memory does not grow with them, and no text becomes a formula."""

    _name = "cartera.workbook"
    _description = "Workbook"

    @api.model
    def _write_workbook(self, sheets):
        """Return the bytes of a workbook.

        :param sheets: [(name, lines above the table, [(heading, kind, width)], rows)]; ``kind`` is text, money,
            number or date, a row is a sequence of plain values, None leaves the cell empty
        """
        buffer = io.BytesIO()
        book = xlsxwriter.Workbook(
            buffer, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
        )
        formats = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True}),
            "money": book.add_format({"num_format": MONEY}),
            "number": book.add_format({"num_format": "0"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        for name, above, columns, rows in sheets:
            self._write_sheet(
                book.add_worksheet(name[:31]), formats, above, columns, rows
            )
        book.close()
        return buffer.getvalue()

    def _write_sheet(self, sheet, formats, above, columns, rows):
        first = len(above) + bool(above)
        for number, (_heading, _kind, width) in enumerate(columns):
            sheet.set_column(number, number, width)
        sheet.freeze_panes(first + 1, 1)
        for number, text in enumerate(above):
            sheet.write_string(number, 0, text, None if number else formats["title"])
        for number, (heading, _kind, _width) in enumerate(columns):
            sheet.write_string(first, number, heading, formats["head"])
        for place, row in enumerate(rows, first + 1):
            for number, (value, (_heading, kind, _width)) in enumerate(
                zip(row, columns, strict=True)
            ):
                if value is None or value is False or value == "":
                    continue
                if kind == "text":
                    sheet.write_string(place, number, str(value))
                elif kind == "date":
                    sheet.write_datetime(place, number, value, formats["date"])
                else:
                    sheet.write_number(place, number, value, formats[kind])
