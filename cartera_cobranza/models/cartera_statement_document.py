import io

import xlsxwriter

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date, is_html_empty
from odoo.tools.pdf import merge_pdf

from ..calc.money import ZERO

MONEY = "#,##0.00;[Red]-#,##0.00"
REPORT = "cartera_cobranza.action_report_statement"


class CarteraStatementDocument(models.AbstractModel):
    """Writes statements as PDF and workbook, in the language of the environment."""

    _inherit = "cartera.statement"

    # What is shown

    def _shown(self, question, customers, statements=None):
        """Return {customer: what the page, the PDF and the mail show}, a dictionary with records in it."""
        company = question.company
        partners = customers.partner_id
        if statements is None:
            statements = self._statements(question)
        promises = self._promises(company, partners)
        currencies = self.env["res.currency"].browse
        buckets = question.profile.with_env(self.env).sudo()._sorted_buckets()
        kinds = self._kinds()
        instructions = company.with_env(self.env).sudo().cartera_payment_instructions
        result = {}
        for customer in customers:
            found = statements.get(customer.partner_id.id)
            accounts = found.accounts if found else []
            result[customer] = {
                "company": company,
                "customer": customer,
                "partner": customer.partner_id,
                "form": question.form,
                "day": question.day,
                "date_from": question.date_from,
                "address": self._address(customer.partner_id),
                "own_address": self._address(company.partner_id),
                "promises": promises.get(customer.partner_id, ()),
                "banks": self._banks(company),
                "instructions": not is_html_empty(instructions) and instructions,
                "portal_url": self._portal_url(company),
                "accounts": [
                    self._shown_account(
                        one, currencies(one.currency), buckets, kinds, question
                    )
                    for one in accounts
                ],
            }
        return result

    def _shown_account(self, account, currency, buckets, kinds, question):
        found = account.open
        shown = {
            "currency": currency,
            "aging": [
                (bucket.display_name, float(found.buckets.get(str(bucket.id), ZERO)))
                for bucket in buckets
            ],
            "debt": float(found.debt),
            "credit": float(found.credit),
            "total": float(found.total),
            "overdue": float(found.overdue),
            "disputed": float(found.disputed),
            "promised": float(found.promised),
            "rows": [],
        }
        if account.running:
            running = account.running
            shown |= {
                "opening": float(running.opening),
                "debits": float(running.debits),
                "credits": float(running.credits),
                "closing": float(running.closing),
            }
            for line in running.lines:
                document = self._document(line.movement.document)
                amount = float(line.movement.amount)
                shown["rows"].append(
                    {
                        "document": document,
                        "kind": kinds[document.kind],
                        "debit": amount if amount > 0 else 0.0,
                        "credit": -amount if amount < 0 else 0.0,
                        "balance": float(line.balance),
                    }
                )
            return shown
        for item in found.items:
            document = self._document(item.document)
            shown["rows"].append(
                {
                    "document": document,
                    "kind": kinds[document.kind],
                    "residual": float(item.residual),
                    "disputed": float(item.disputed),
                    "promised": float(item.promised),
                    "days": max((question.day - item.due).days, 0)
                    if item.residual > 0
                    else 0,
                }
            )
        return shown

    @api.model
    def _address(self, partner):
        """Return the lines of an address that have something in them; a customer without one has none."""
        lines = partner._display_address(without_company=True).splitlines()
        return [line.strip() for line in lines if line.strip()]

    @api.model
    def _kinds(self):
        labels = dict(
            self.env["cartera.receivable.item"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        return labels | {"application": self.env._("Applied with")}

    @api.model
    def _banks(self, company):
        """Return the company's own bank accounts that customers may pay to."""
        return company.sudo().partner_id.bank_ids.filtered(
            lambda one: one.company_id in (one.company_id.browse(), company)
        )

    @api.model
    def _portal_url(self, company):
        return f"{company.get_base_url()}/my/statement"

    @api.model
    def _language(self, partner, company):
        """Return the language for a customer: its own, else the company's, else ours; only installed ones."""
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        wanted = (partner.lang, company.partner_id.lang, self.env.lang)
        return next((one for one in wanted if one in installed), "en_US")

    @api.model
    def _language_for(self, customer, contact=None):
        """Return the language of a credit account's statements: as it says, else that of who gets them, and so on."""
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        if customer.statement_lang in installed:
            return customer.statement_lang
        partner = contact if contact and contact.lang else customer.partner_id
        return self._language(partner, customer.company_id)

    @api.model
    def _file_name(self, question, name, extension):
        title = self.env._(
            "Statement of account %(name)s %(day)s",
            name=name,
            day=question.day,
        )
        return f"{title}.{extension}".replace("/", "-")

    # PDF

    @api.model
    def _has_engine(self):
        """Whether PDF files can be made here."""
        state = self.env["ir.actions.report"].get_wkhtmltopdf_state()
        return state not in ("install", "broken")

    @api.model
    def _check_engine(self):
        if not self._has_engine():
            raise UserError(
                self.env._(
                    "This server cannot make PDF files. Take the Excel file, or ask your administrator to install "
                    "wkhtmltopdf."
                )
            )

    def _pdf(self, question, customer, statements=None):
        """Return the statement of one customer as PDF, in the language of the environment."""
        return (
            self.env["ir.actions.report"]
            .sudo()
            ._render_qweb_pdf(
                REPORT,
                customer.ids,
                data={"question": question, "statements": statements},
            )[0]
        )

    def _merged_pdf(self, question, customers):
        """Return one PDF with the statements, each in its customer's language."""
        statements = self._statements(question)
        pages = []
        # One call each: the PDF engine of some distributions cannot make several documents at once.
        for customer in customers:
            lang = self._language_for(customer)
            pages.append(
                self.with_context(lang=lang)._pdf(question, customer, statements)
            )
        return pages[0] if len(pages) == 1 else merge_pdf(pages)

    # Workbook

    def _xlsx(self, question, customers, statements=None):
        """Return the statements of customers as one workbook: totals by currency, and every item or movement."""
        shown = self._shown(question, customers, statements)
        buffer = io.BytesIO()
        book = xlsxwriter.Workbook(
            buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}
        )
        styles = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format(
                {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
            ),
            "money": book.add_format({"num_format": MONEY}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        self._write_totals(book, styles, question, shown)
        if question.form == "open":
            self._write_open(book, styles, question, shown)
        else:
            self._write_movements(book, styles, question, shown)
        book.close()
        return buffer.getvalue()

    def _sheet(self, book, styles, name, question, headings, widths):
        sheet = book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(4, 1)
        # texts as texts: nothing that a document is called becomes a formula
        sheet.write_string(
            0,
            0,
            self.env._("Statement of account of %s", question.company.name),
            styles["title"],
        )
        sheet.write_string(1, 0, self._period_text(question))
        for column, heading in enumerate(headings):
            sheet.write_string(3, column, heading, styles["head"])
        return sheet

    @api.model
    def _period_text(self, question):
        if question.form == "open":
            return self.env._("Open on %s", format_date(self.env, question.day))
        return self.env._(
            "Movements from %(start)s to %(end)s",
            start=format_date(self.env, question.date_from),
            end=format_date(self.env, question.day),
        )

    def _write_totals(self, book, styles, question, shown):
        moving = question.form == "movements"
        buckets = question.profile.with_env(self.env).sudo()._sorted_buckets()
        headings = [
            self.env._("Customer"),
            self.env._("Tax ID"),
            self.env._("Currency"),
            *(
                [
                    self.env._("Opening balance"),
                    self.env._("Charges"),
                    self.env._("Credits"),
                ]
                if moving
                else []
            ),
            *(bucket.display_name for bucket in buckets),
            self.env._("Unapplied credits"),
            self.env._("Balance"),
            self.env._("Overdue"),
        ]
        sheet = self._sheet(
            book,
            styles,
            self.env._("Balances"),
            question,
            headings,
            [40, 16, 10] + [15] * (len(headings) - 3),
        )
        row = 4
        for customer, one in shown.items():
            for account in one["accounts"]:
                amounts = (
                    [account["opening"], account["debits"], account["credits"]]
                    if moving
                    else []
                )
                amounts += [amount for _name, amount in account["aging"]]
                amounts += [account["credit"], account["total"], account["overdue"]]
                sheet.write_string(row, 0, customer.partner_id.name or "")
                sheet.write_string(row, 1, customer.partner_id.vat or "")
                sheet.write_string(row, 2, account["currency"].name)
                for column, amount in enumerate(amounts, 3):
                    sheet.write_number(row, column, amount, styles["money"])
                row += 1
        if row > 4:
            sheet.autofilter(3, 0, row - 1, len(headings) - 1)

    def _write_open(self, book, styles, question, shown):
        headings = [
            self.env._("Customer"),
            self.env._("Document"),
            self.env._("Reference"),
            self.env._("Type"),
            self.env._("Date"),
            self.env._("Due date"),
            self.env._("Days overdue"),
            self.env._("Currency"),
            self.env._("Original amount"),
            self.env._("Balance"),
            self.env._("Disputed"),
            self.env._("Promised"),
        ]
        sheet = self._sheet(
            book,
            styles,
            self.env._("Open items"),
            question,
            headings,
            [40, 22, 22, 14, 12, 12, 10, 10, 16, 16, 14, 14],
        )
        number = 4
        for customer, one in shown.items():
            for account in one["accounts"]:
                for row in account["rows"]:
                    self._write_document(sheet, styles, number, customer, row)
                    if row["residual"] > 0:
                        sheet.write_datetime(
                            number, 5, row["document"].due, styles["date"]
                        )
                        sheet.write_number(number, 6, row["days"])
                    sheet.write_string(number, 7, account["currency"].name)
                    for column, amount in enumerate(
                        (
                            row["document"].amount,
                            row["residual"],
                            row["disputed"],
                            row["promised"],
                        ),
                        8,
                    ):
                        sheet.write_number(number, column, amount, styles["money"])
                    number += 1
        if number > 4:
            sheet.autofilter(3, 0, number - 1, len(headings) - 1)

    def _write_document(self, sheet, styles, number, customer, row):
        document = row["document"]
        sheet.write_string(number, 0, customer.partner_id.name or "")
        sheet.write_string(number, 1, document.name or "")
        sheet.write_string(number, 2, document.ref or "")
        sheet.write_string(number, 3, row["kind"])
        sheet.write_datetime(number, 4, document.day, styles["date"])

    def _write_movements(self, book, styles, question, shown):
        headings = [
            self.env._("Customer"),
            self.env._("Document"),
            self.env._("Reference"),
            self.env._("Type"),
            self.env._("Date"),
            self.env._("Currency"),
            self.env._("Charge"),
            self.env._("Credit"),
            self.env._("Balance"),
        ]
        sheet = self._sheet(
            book,
            styles,
            self.env._("Movements"),
            question,
            headings,
            [40, 22, 22, 16, 12, 10, 16, 16, 16],
        )
        number = 4
        for customer, one in shown.items():
            for account in one["accounts"]:
                name = customer.partner_id.name or ""
                currency = account["currency"].name
                sheet.write_string(number, 0, name)
                sheet.write_string(number, 1, self.env._("Opening balance"))
                sheet.write_datetime(number, 4, question.date_from, styles["date"])
                sheet.write_string(number, 5, currency)
                sheet.write_number(number, 8, account["opening"], styles["money"])
                number += 1
                for row in account["rows"]:
                    self._write_document(sheet, styles, number, customer, row)
                    sheet.write_string(number, 5, currency)
                    for column, key in ((6, "debit"), (7, "credit")):
                        if row[key]:
                            sheet.write_number(
                                number, column, row[key], styles["money"]
                            )
                    sheet.write_number(number, 8, row["balance"], styles["money"])
                    number += 1
        if number > 4:
            sheet.autofilter(3, 0, number - 1, len(headings) - 1)


class ReportStatement(models.AbstractModel):
    """The values of the PDF; asked for without a question it shows the open items of today."""

    _name = "report.cartera_cobranza.report_statement"
    _description = "Statement of Account, PDF"

    @api.model
    def _get_report_values(self, docids, data=None):
        data = data or {}
        customers = self.env["cartera.customer"].browse(docids)
        customers.check_access("read")
        customers = customers.sudo()
        Statement = self.env["cartera.statement"].sudo()
        shown = {}
        for company, some in customers.grouped("company_id").items():
            question = data.get("question") or Statement._question(
                company, partners=some.partner_id
            )
            shown |= Statement._shown(question, some, data.get("statements"))
        return {
            "docs": customers,
            "shown": shown,
            "doc_model": "cartera.customer",
            "doc_ids": docids,
        }
