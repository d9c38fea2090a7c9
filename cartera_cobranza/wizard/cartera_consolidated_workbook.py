from collections import defaultdict

from odoo import fields, models

from .cartera_consolidated_balance import MOVEMENTS


class CarteraConsolidatedBalance(models.TransientModel):
    """The consolidated balance as a workbook: customers, periods and years."""

    _inherit = "cartera.consolidated.balance"

    def _workbook(self):
        """Return (file name, content)."""
        self.ensure_one()
        self._check_reader()
        about = [
            self.env._("Consolidated balance of %s", self.company_id.name),
            self.env._(
                "From %(start)s to %(end)s.",
                start=fields.Date.to_string(self.date_from),
                end=fields.Date.to_string(self.date_to),
            ),
        ]
        Columns = self.env["cartera.consolidated.columns"]
        labels = Columns.fields_get(["opening", *MOVEMENTS, "closing"])
        amounts = [(labels[one]["string"], "money", 16) for one in labels]
        currency = (self.env._("Currency"), "text", 10)
        name = self.env._(
            "Consolidated balance %(start)s to %(end)s.xlsx",
            start=self.date_from,
            end=self.date_to,
        )
        return name, self.env["cartera.workbook"]._write_workbook(
            [
                (
                    self.env._("Customers"),
                    about,
                    [(self.env._("Customer"), "text", 44), currency, *amounts],
                    (
                        (
                            row.partner_id.display_name
                            or self.env._("Without a customer"),
                            row.currency_id.name,
                            *self._amounts(row),
                        )
                        for row in self.line_ids
                    ),
                ),
                (
                    self.env._("Periods"),
                    about,
                    [
                        (self.env._("Period"), "text", 24),
                        (self.env._("Year"), "text", 8),
                        (self.env._("From"), "date", 12),
                        (self.env._("To"), "date", 12),
                        currency,
                        *amounts,
                    ],
                    (
                        (
                            row.name,
                            row.year,
                            row.date_from,
                            row.date_to,
                            row.currency_id.name,
                            *self._amounts(row),
                        )
                        for row in self.period_line_ids
                    ),
                ),
                (
                    self.env._("Years"),
                    about,
                    [(self.env._("Year"), "text", 8), currency, *amounts],
                    self._years(),
                ),
            ]
        )

    def _amounts(self, row):
        return [row[name] for name in ("opening", *MOVEMENTS, "closing")]

    def _years(self):
        """Return a row for each currency and year: opening of its first period, closing of its last."""
        years = defaultdict(list)
        for row in self.period_line_ids:
            years[row.currency_id, row.year].append(row)
        for (currency, year), rows in years.items():
            yield (
                year,
                currency.name,
                rows[0].opening,
                *(currency.round(sum(row[name] for row in rows)) for name in MOVEMENTS),
                rows[-1].closing,
            )
