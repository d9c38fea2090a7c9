from datetime import datetime, time
from io import BytesIO

import xlsxwriter

from odoo import models


class CarteraInterestAnnex(models.AbstractModel):
    """The arithmetic of interest lines for people: the rows of the printed annex and of the spreadsheet."""

    _name = "cartera.interest.annex"
    _description = "Annex of Interest"

    def _annex_groups(self):
        """Return [(customer, currency, lines, amount, waived, net)] for the printed annex, in order of the name."""
        shown = self.filtered(lambda line: line.kind != "accrued")
        groups = []
        for (partner, currency), lines in sorted(
            shown.grouped(lambda line: (line.partner_id, line.currency_id)).items(),
            key=lambda item: (item[0][0].display_name, item[0][1].name),
        ):
            amount = currency.round(sum(lines.mapped("amount")))
            waived = currency.round(sum(lines.mapped("waived_amount")))
            groups.append(
                (
                    partner,
                    currency,
                    lines,
                    amount,
                    waived,
                    currency.round(amount - waived),
                )
            )
        return groups

    def _annex_totals(self):
        """Return [(currency, customers, items, amount, waived, net)] of the run, for the end of its annex."""
        found = {}
        for _partner, currency, lines, amount, waived, net in self._annex_groups():
            before = found.get(currency, (0, 0, 0.0, 0.0, 0.0))
            part = (1, len(lines), amount, waived, net)
            found[currency] = tuple(map(sum, zip(before, part, strict=True)))
        return [
            (currency, *total[:2], *map(currency.round, total[2:]))
            for currency, total in found.items()
        ]

    def _annex_headings(self):
        return [
            self.env._("Customer"),
            self.env._("Invoice"),
            self.env._("Due Date"),
            self.env._("Kind"),
            self.env._("Currency"),
            self.env._("Interest"),
            self.env._("Waived"),
            self.env._("To Bill"),
            self.env._("From"),
            self.env._("To"),
            self.env._("Days"),
            self.env._("Balance"),
            self.env._("Rate (%)"),
            self.env._("Factor"),
            self.env._("Amount"),
            self.env._("Arithmetic"),
        ]

    def _annex_xlsx(self):
        """Return a workbook with a row for each segment; the amounts of an item stand in its first row."""
        output = BytesIO()
        # formulas in names of customers stay text
        book = xlsxwriter.Workbook(
            output, {"in_memory": True, "strings_to_formulas": False}
        )
        sheet = book.add_worksheet(self.env._("Interest")[:31])
        bold = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        cash = book.add_format({"num_format": "#,##0.00"})
        fine = book.add_format({"num_format": "#,##0.000000"})
        exact = book.add_format({"num_format": "0.0000000000"})
        sheet.freeze_panes(1, 2)
        for column, heading in enumerate(self._annex_headings()):
            sheet.write(0, column, heading, bold)
        sheet.set_column(0, 1, 24)
        sheet.set_column(2, 14, 13)
        sheet.set_column(15, 15, 60)
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        row = 1
        for line in self:
            sheet.write_string(row, 0, line.partner_id.display_name or "")
            sheet.write_string(row, 1, line.move_id.name or "")
            sheet.write_datetime(row, 2, _midnight(line.date_maturity), day)
            sheet.write_string(row, 3, kinds[line.kind])
            sheet.write_string(row, 4, line.currency_id.name)
            sheet.write_number(row, 5, line.amount, cash)
            sheet.write_number(row, 6, line.waived_amount, cash)
            sheet.write_number(row, 7, line.net_amount, cash)
            for part in line.segment_ids:
                sheet.write_datetime(row, 8, _midnight(part.date_from), day)
                sheet.write_datetime(row, 9, _midnight(part.date_to), day)
                sheet.write_number(row, 10, part.days)
                sheet.write_number(row, 11, part.balance, cash)
                sheet.write_number(row, 12, part.rate)
                sheet.write_number(row, 13, part.factor, exact)
                sheet.write_number(row, 14, part.amount, fine)
                sheet.write_string(row, 15, part.formula)
                row += 1
            if not line.segment_ids:
                sheet.write_string(row, 15, line.explanation or "")
                row += 1
        sheet.autofilter(0, 0, max(row - 1, 1), 15)
        book.close()
        return output.getvalue()


def _midnight(day):
    return datetime.combine(day, time())
