"""Receivables with everything that makes an aging of the past hard; amounts in dollars unless said."""

from datetime import date, timedelta
from decimal import Decimal

from odoo import Command

from .common import CarteraCommon


def month_ends(first, count):
    """The last days of ``count`` months, from that of ``first``."""
    year, month = first
    days = []
    for _number in range(count):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        days.append(date(year, month, 1) - timedelta(days=1))
    return days


def money(amount):
    """The amount of a record as it is counted: to the cent."""
    return Decimal(f"{amount:.2f}")


class DeskCommon(CarteraCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Item = cls.root["cartera.receivable.item"]
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.profile = cls.root.ref("cartera_cobranza.cartera_aging_profile_months")
        english = cls.profile.bucket_ids.with_context(lang="en_US")
        cls.buckets = dict(
            zip(english.mapped("display_name"), cls.profile.bucket_ids, strict=True)
        )

    @classmethod
    def make_books(cls):
        """Two years of entries: partly paid, paid early, reversed, in pesos, in instalments, without a partner."""
        cls.alfa = cls.make_partner("Alfa")
        cls.beta = cls.make_partner("Beta")
        cls.gama = cls.make_partner("Gama")
        # 1,000 of 10 May 2024: 400 paid in July, 600 in January
        cls.partly = cls.make_invoice(cls.alfa, 1000, "2024-06-09", "2024-05-10")
        cls.pay(cls.alfa, 400, "2024-07-15", cls.partly)
        cls.pay(cls.alfa, 600, "2025-01-20", cls.partly)
        # paid in April before it was invoiced in June: the invoice's date counts
        cls.early = cls.make_invoice(cls.beta, 250, "2024-06-05", "2024-06-05")
        cls.pay(cls.beta, 250, "2024-04-12", cls.early)
        # reversed four months later
        cls.cancelled = cls.make_invoice(cls.beta, 700, "2024-06-30", "2024-05-31")
        cls.cancelled._reverse_moves(
            [{"date": "2024-09-30", "invoice_date": "2024-09-30"}], cancel=True
        )
        # 18,000 pesos at 20 a dollar are 900 dollars; paid at 18, worth 1,000
        cls.pesos = cls.make_invoice(
            cls.gama, 18000, "2025-07-15", "2025-06-15", currency_id=cls.mxn.id
        )
        cls.pay(cls.gama, 7200, "2025-11-05", cls.pesos, currency_id=cls.mxn.id)
        cls.pay(cls.gama, 10800, "2026-02-10", cls.pesos, currency_id=cls.mxn.id)
        # open in pesos to this day: 3,600 at 20 are 180
        cls.open_pesos = cls.make_invoice(
            cls.gama, 3600, "2025-12-31", "2025-12-01", currency_id=cls.mxn.id
        )
        cls.halves = cls.root["account.payment.term"].create(
            {
                "name": "Half in 30 days, half in 60",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": 30}
                    ),
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": 60}
                    ),
                ],
            }
        )
        cls.instalments = cls.make_invoice(
            cls.alfa,
            600,
            date="2026-01-15",
            invoice_payment_term_id=cls.halves.id,
            invoice_date_due=False,
        )
        # money and a credit note that are not applied
        cls.on_account = cls.pay(cls.alfa, 120, "2026-02-20")
        cls.credit_note = cls.make_invoice(
            cls.beta, 80, "2026-03-02", move_type="out_refund"
        )
        # somebody's debt, nobody knows whose
        cls.orphan = cls.make_entry(cls.receivable, 55, "2025-03-31")
        cls.non_trade = cls.receivable.copy(
            {"name": "Points", "code": "121777", "non_trade": True}
        )
        cls.points = cls.make_entry(cls.non_trade, 999, "2025-03-31", cls.alfa)
        # paid by a payment that went back to draft: Odoo keeps its application
        cls.undone = cls.make_invoice(cls.beta, 300, "2025-10-31", "2025-10-01")
        cls.pay(cls.beta, 300, "2025-11-10", cls.undone).move_id.button_draft()
        # paid with a date to come
        cls.tomorrow = cls.make_invoice(cls.beta, 90, "2026-03-20", "2026-03-01")
        cls.pay(cls.beta, 90, "2026-04-10", cls.tomorrow)
        cls.env.flush_all()

    @classmethod
    def make_entry(cls, account, amount, day, partner=None):
        entry = cls.root["account.move"].create(
            {
                "journal_id": cls.company_data["default_journal_misc"].id,
                "company_id": cls.company.id,
                "date": day,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "debit": amount,
                            "partner_id": partner.id if partner else False,
                            "date_maturity": day,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": cls.company_data[
                                "default_account_revenue"
                            ].id,
                            "credit": amount,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        return entry

    @classmethod
    def items(cls, day=None, domain=(), user=None, company=None, names=None, **context):
        """The items of a date as dictionaries."""
        company = company or cls.company
        Item = cls.Item.with_context(
            cartera_as_of=day, allowed_company_ids=company.ids, **context
        )
        if user:
            Item = Item.with_user(user)
        Item.invalidate_model(flush=False)
        return Item.search_read(
            [("company_id", "=", company.id), *domain],
            names
            or [
                "move_id", "move_line_id", "partner_id", "residual", "residual_company", "days_overdue", "days",
                "bucket_id", "side", "kind", "date_maturity", "currency_id", "document",
            ],
            load=None,
        )  # fmt: skip

    def of(self, move, day=None, **context):
        """The open amounts in company currency of a document's items, oldest due first."""
        return [
            one["residual_company"]
            for one in self.items(day, [("move_id", "=", move.id)], **context)
        ]
