"""A small book of winter 2026 whose key figures and forecast were worked out by hand; today is 16 March 2026.

Alfa (chains, collected by the collector) and Beta (shops, by nobody), in dollars:

    A1  1,000 of 10 December, due 9 January     600 paid on 10 February, 100 written off on the 20th
    A2  2,000 of 15 January, due 14 February    paid on 13 February
    B1    900 of 5 February, due 7 March        90 of it disputed on 20 February
    B2    500 of 20 January, due 19 February    200 paid on 25 February
    C1  3,600 pesos of 10 February at 18 = 200, due 12 February
    a credit note of 50 to Alfa of 18 February and 100 from Beta on account of 20 February, not applied
"""

from datetime import date
from decimal import Decimal

from odoo import Command

from .desk_common import DeskCommon

FEBRUARY = date(2026, 2, 1)


class KpiCommon(DeskCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.Kpi = cls.root["cartera.kpi"].with_context(lang="en_US")
        cls.Forecast = cls.root["cartera.forecast"]
        cls.chains, cls.shops = cls.root["res.partner.industry"].create(
            [{"name": "Chains"}, {"name": "Shops"}]
        )
        cls.bad_debt = cls.root["cartera.note.reason"].create(
            {
                "name": "Lost",
                "code": "T-LOST",
                "direction": "credit",
                "class_id": cls.root.ref("cartera_cobranza.note_class_bad_debt").id,
                "counts_as": "bad_debt",
                "tax_treatment": "none",
            }
        )
        cls.alfa = cls.make_customer("Alfa", collector_id=cls.collector.id)
        cls.beta = cls.make_customer("Beta")
        cls.alfa.partner_id.industry_id = cls.chains
        cls.beta.partner_id.industry_id = cls.shops

    @classmethod
    def make_small_book(cls):
        alfa, beta = cls.alfa.partner_id, cls.beta.partner_id
        cls.a1 = cls.make_invoice(alfa, 1000, "2026-01-09", "2025-12-10")
        cls.a2 = cls.make_invoice(alfa, 2000, "2026-02-14", "2026-01-15")
        cls.b2 = cls.make_invoice(beta, 500, "2026-02-19", "2026-01-20")
        with cls.at(cls, "2026-02-02"):
            cls.promise = cls.make_promise(cls.alfa, cls.a1, 600, "2026-02-12")
        cls.b1 = cls.make_invoice(beta, 900, "2026-03-07", "2026-02-05")
        cls.c1 = cls.make_invoice(
            beta, 3600, "2026-02-12", "2026-02-10", currency_id=cls.mxn.id
        )
        cls.pay(alfa, 600, "2026-02-10", cls.a1)
        cls.pay(alfa, 2000, "2026-02-13", cls.a2)
        cls.make_invoice(alfa, 50, date="2026-02-18", move_type="out_refund")
        lost = cls.make_invoice(
            alfa,
            100,
            date="2026-02-20",
            move_type="out_refund",
            note_reason_id=cls.bad_debt.id,
        )
        (lost | cls.a1).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable" and not line.reconciled
        ).reconcile()
        cls.pay(beta, 100, "2026-02-20")
        cls.pay(beta, 200, "2026-02-25", cls.b2)
        with cls.at(cls, "2026-02-20"):
            cls.promise._evaluate(cls.company, date(2026, 2, 20))
            cls.dispute = cls.make_dispute(cls.b1, 90)
        cls.root.flush_all()

    @classmethod
    def make_promise(cls, customer, invoice, amount, *days):
        promise = cls.root["cartera.payment.promise"].create(
            {
                "customer_id": customer.id,
                "line_ids": [
                    Command.create(
                        {"move_id": invoice.id, "amount": amount * len(days)}
                    )
                ],
                "instalment_ids": [
                    Command.create({"date": day, "amount": amount}) for day in days
                ],
            }
        )
        promise.with_user(cls.collector).action_open()
        return promise

    @classmethod
    def make_dispute(cls, invoice, amount):
        kind = cls.root["cartera.dispute.type"].search([], limit=1)
        return (
            cls.root["cartera.dispute"]
            .with_user(cls.collector)
            .create(
                {
                    "move_id": invoice.id,
                    "type_id": kind.id,
                    "disputed_amount": amount,
                }
            )
            .sudo()
        )

    def compute(self, month=FEBRUARY, company=None):
        self.Kpi._compute_months(company or self.company, [month])

    def rows(self, month=FEBRUARY, company=None, **dimension):
        """{(code, variant): row} of a month."""
        domain = [
            ("company_id", "=", (company or self.company).id),
            ("date_from", "=", month),
            ("dimension", "=", dimension.pop("dimension", "company")),
            *((name, "=", record.id) for name, record in dimension.items()),
        ]
        return {(row.code, row.variant): row for row in self.Kpi.search(domain)}

    def assertFigures(self, rows, expected):
        found = {
            key: None
            if rows[key].value is False
            else str(Decimal(str(rows[key].value)).quantize(Decimal("0.01")))
            for key in expected
        }
        self.assertEqual(found, expected)

    def queries(self, function):
        self.root.flush_all()
        self.root.invalidate_all()
        before = self.root.cr.sql_log_count
        function()
        return self.root.cr.sql_log_count - before
