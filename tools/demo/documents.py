"""Invoices and credit notes with all their journal items, ready for one ``create``.

Odoo computes taxes and instalments of a new invoice line by line and writes each result
back, which takes three times as long. Here its own tax engine and its own payment terms
compute them as plain values beforehand, so that a batch is one ``create`` and one
``_post``. A test compares the outcome with invoices that Odoo completes by itself.
"""

import re
from dataclasses import dataclass

from odoo import Command

from . import words
from .catalogue import TAXES, chart_ref, price_in
from .customers import currency_in


@dataclass(frozen=True)
class Planned:
    """An invoice before it is made."""

    day: object
    customer: int
    branch: int  # -1: addressed to the customer itself
    lines: tuple  # (product number, quantity)


class Documents:
    """Makes customer documents of one company from plans."""

    def __init__(self, books, key):
        self.books = books
        self.key = key
        self.env = books.company_env(key)
        self.company = self.env.company
        self.customers = books.customer_ids()
        self.stores = books.ids("store")
        self.terms = {
            name: self.env["account.payment.term"].browse(term_id)
            for name, term_id in books.ids("term").items()
        }
        self.taxes = {
            rate: chart_ref(books, key, name).with_env(self.env)
            for rate, name in zip((False, True), TAXES[key], strict=True)
        }
        self.products = self.env["product.product"].browse(
            [res_id for _name, res_id in sorted(books.ids("product").items())]
        )
        self.income = [
            product.product_tmpl_id.get_product_accounts()["income"]
            for product in self.products
        ]
        self.journal = self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company.id)],
            order="sequence, id",
            limit=1,
        )
        partners = self.env["res.partner"].browse(self.customers.values())
        self.sellers = {partner.id: partner.user_id.id for partner in partners}
        self.receivable = partners[0].property_account_receivable_id
        self._rates = {}
        self._numbers = {}

    def post(self, values):
        """Create and post documents in one go."""
        moves = self.create(values)
        moves._post(soft=False)
        return moves

    def create(self, values):
        # The items are complete, balanced and not analysed: nothing is left to compute.
        complete = self.env["account.move"].with_context(
            skip_invoice_sync=True, skip_analytic_sync=True
        )
        return complete.create(values).with_env(self.env)

    def values(self, planned, move_type="out_invoice", numbered=True, **extra):
        """The values of account.move for a planned document, journal items included."""
        profile = self.books.profiles[planned.customer]
        currency = self.env.ref(f"base.{currency_in(profile, self.key)}")
        customer = self.customers[planned.customer]
        addressed = customer
        if planned.branch >= 0:
            addressed = self.stores[f"{planned.customer:04}.{planned.branch}"]
        refund = move_type == "out_refund"
        term = self.terms["0" if refund else profile.term]
        vals = {
            "move_type": move_type,
            "journal_id": self.journal.id,
            "partner_id": addressed,
            "currency_id": currency.id,
            "invoice_date": planned.day,
            "date": planned.day,
            "invoice_payment_term_id": term.id,
            "invoice_user_id": self.sellers[customer],
            "line_ids": self._items(planned, profile, currency, customer, term, refund),
        }
        if profile.trade == "chain" and not refund:
            vals["ref"] = f"OC-{planned.day:%y%m%d}-{planned.customer + 1:03}"
        if numbered:
            vals["name"] = self.next_number(self.journal, planned.day, move_type)
        return vals | extra

    def next_number(self, journal, day, move_type="entry", payment=False):
        """The next number of the journal's yearly series, as Odoo would give it.

        Odoo looks the last number up for each document; here it is looked up once.
        """
        series = (journal.id, move_type, payment, day.year)
        if series not in self._numbers:
            draft = self.env["account.move"].new(
                {"journal_id": journal.id, "move_type": move_type, "date": day}
            )
            first = draft._get_starting_sequence()
            if payment and not first.startswith("P"):
                first = f"P{first}"
            prefix, digits = re.fullmatch(r"(.*?)(\d+)", first).groups()
            self.env.cr.execute(
                "SELECT max(sequence_number) FROM account_move"
                " WHERE journal_id = %s AND sequence_prefix = %s",
                (journal.id, prefix),
            )
            self._numbers[series] = [
                prefix,
                len(digits),
                self.env.cr.fetchone()[0] or 0,
            ]
        series = self._numbers[series]
        series[2] += 1
        return f"{series[0]}{series[2]:0{series[1]}}"

    def count_numbers(self, earlier):
        """Leave numbers free for earlier plans, which another process makes."""
        for planned in earlier:
            self.next_number(self.journal, planned.day, "out_invoice")

    def rate(self, currency, day):
        """Units of the currency for one of the company's, on a day."""
        if (currency, day) not in self._rates:
            self._rates[currency, day] = currency._get_conversion_rate(
                self.company.currency_id, currency, self.company, day
            )
        return self._rates[currency, day]

    def _items(self, planned, profile, currency, customer, term, refund):
        sign = 1 if refund else -1  # of the income
        engine = self.env["account.tax"]
        base_lines = [
            engine._prepare_base_line_for_taxes_computation(
                {},
                product_id=self.products[number],
                product_uom_id=self.products[number].uom_id,
                tax_ids=self.taxes[
                    words.PRODUCTS[number][2] and profile.kind != "export"
                ],
                price_unit=price_in(currency.name, words.PRODUCTS[number][1]),
                quantity=quantity,
                currency_id=currency,
                rate=self.rate(currency, planned.day),
                sign=sign,
                is_refund=refund,
                partner_id=self.env["res.partner"].browse(customer),
                account_id=self.income[number],
                name=words.PRODUCTS[number][0],
            )
            for number, quantity in planned.lines
        ]
        engine._add_tax_details_in_base_lines(base_lines, self.company)
        engine._round_base_lines_tax_details(base_lines, self.company)
        engine._add_accounting_data_in_base_lines_tax_details(base_lines, self.company)
        taxed = engine._prepare_tax_lines(base_lines, self.company)
        base = [
            {
                "display_type": "product",
                "product_id": line["product_id"].id,
                "product_uom_id": line["product_uom_id"].id,
                "name": line["name"],
                "quantity": line["quantity"],
                "price_unit": line["price_unit"],
                "account_id": line["account_id"].id,
                "tax_ids": [Command.set(line["tax_ids"].ids)],
                **amounts,
            }
            for line, amounts in taxed["base_lines_to_update"]
        ]
        tax = [
            {"display_type": "tax", **amounts} for amounts in taxed["tax_lines_to_add"]
        ]
        terms = self._term_items(planned.day, currency, term, sign, base, tax)
        common = {"partner_id": customer, "analytic_distribution": False}
        return [Command.create({**item, **common}) for item in base + tax + terms]

    def _term_items(self, day, currency, term, sign, base, tax):
        """The receivable items: one for each instalment."""
        computed = term._compute_terms(
            date_ref=day,
            currency=currency,
            company=self.company,
            tax_amount=-sum(item["balance"] for item in tax),
            tax_amount_currency=-sum(item["amount_currency"] for item in tax),
            untaxed_amount=-sum(item["balance"] for item in base),
            untaxed_amount_currency=-sum(item["amount_currency"] for item in base),
            sign=-sign,
        )
        return [
            {
                "display_type": "payment_term",
                "account_id": self.receivable.id,
                "date_maturity": part["date"],
                "balance": part["company_amount"],
                "amount_currency": part["foreign_amount"],
            }
            for part in computed["line_ids"]
        ]
