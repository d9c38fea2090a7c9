import io
from datetime import date

from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common import TODAY
from .desk_common import DeskCommon, money


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestPaymentsReceived(DeskCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_books()
        cls.bank = cls.company_data["default_journal_bank"]
        cls.Center = cls.root["cartera.collection.center"]
        cls.Statistic = cls.root["cartera.payment.statistic"]

    def make_center(self, name="Branch", **vals):
        return self.Center.create(
            {"name": name, "journal_id": self.bank.id, "company_id": self.company.id}
            | vals
        )

    def rows(self, domain=(), user=None):
        self.env.flush_all()
        Statistic = self.Statistic.with_context(allowed_company_ids=self.company.ids)
        return Statistic.with_user(user or self.collector).search(
            [("company_id", "=", self.company.id), *domain]
        )

    def test_what_came_in_is_what_the_ledger_has(self):
        """400 + 600 + 250 + 120 + 90 dollars; 7,200 pesos at 20 are 360, 10,800 at 18 600; no draft."""
        rows = self.rows()
        self.assertEqual(money(sum(rows.mapped("amount_company"))), money(2420))
        lines = self.root["account.move.line"].search(
            [
                ("journal_id.type", "in", ("bank", "cash")),
                ("account_id", "=", self.receivable.id),
                ("parent_state", "=", "posted"),
                ("company_id", "=", self.company.id),
            ]
        )
        self.assertEqual(
            money(sum(rows.mapped("amount_company"))),
            money(-sum(lines.mapped("balance"))),
        )
        pesos = rows.filtered(lambda one: one.currency_id == self.mxn)
        self.assertEqual(sorted(pesos.mapped("amount")), [7200, 10800])
        self.assertEqual(money(sum(rows.mapped("unapplied_company"))), money(120))

    def test_a_bounced_payment_takes_its_amount_back(self):
        payment = self.pay(self.alfa, 75)
        payment.move_id._reverse_moves([{"date": TODAY}], cancel=True)
        rows = self.rows([("partner_id", "=", self.alfa.id), ("date", "=", TODAY)])
        self.assertEqual(sorted(rows.mapped("amount_company")), [-75, 75])
        self.assertEqual(rows.filtered("returned").mapped("amount_company"), [-75])

    def test_a_center_is_filled_in_where_there_is_no_choice(self):
        branch = self.make_center()
        self.assertEqual(self.pay(self.alfa, 10).cartera_center_id, branch)
        self.make_center("Another branch")
        self.assertFalse(self.pay(self.alfa, 10).cartera_center_id)

    def test_a_center_that_names_the_method_comes_first(self):
        self.make_center("Everything else")
        method = self.bank.inbound_payment_method_line_ids[0]
        named = self.make_center(
            "Agreement", payment_method_line_ids=[Command.link(method.id)]
        )
        payment = self.pay(self.alfa, 10, payment_method_line_id=method.id)
        self.assertEqual(payment.cartera_center_id, named)
        self.assertEqual(self.rows([("center_id", "=", named.id)]).amount_company, 10)

    def test_refunds_and_suppliers_have_no_center(self):
        self.make_center()
        paid_back = self.pay(self.alfa, 10, payment_type="outbound")
        self.assertFalse(paid_back.cartera_center_id)
        supplier = self.pay(
            self.alfa, 10, payment_type="outbound", partner_type="supplier"
        )
        self.assertFalse(supplier.cartera_center_id)

    def test_many_payments_ask_for_their_centers_once(self):
        self.make_center()
        payments = self.root["account.payment"].create(
            [
                {
                    "amount": 1 + number,
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.alfa.id,
                    "company_id": self.company.id,
                    "cartera_center_id": False,
                }
                for number in range(20)
            ]
        )
        payments.cartera_center_id = False
        self.env.flush_all()
        payments[:2]._fill_center()
        payments.cartera_center_id = False
        self.env.flush_all()
        with self.assertQueryCount(4):
            payments._fill_center()
            self.env.flush_all()
        self.assertEqual(len(payments.cartera_center_id), 1)

    def test_bad_centers_are_refused_by_name(self):
        pesos = self.bank.copy({"code": "BPE", "currency_id": self.mxn.id})
        with self.refused(ValidationError, "USD", "MXN"):
            self.make_center(journal_id=pesos.id, currency_id=self.usd.id)
        cash = self.company_data["default_journal_cash"]
        foreign = cash.inbound_payment_method_line_ids[:1]
        with self.refused(ValidationError, cash.name, self.bank.name):
            self.make_center(payment_method_line_ids=[Command.link(foreign.id)])
        other = self.other_data["default_journal_bank"]
        with self.assertRaises(UserError):
            self.make_center(journal_id=other.id)

    def test_salespeople_see_payments_of_their_customers(self):
        self.alfa.user_id = self.salesperson
        self.beta.user_id = self.manager
        self.gama.user_id = self.manager
        rows = self.rows(user=self.salesperson)
        self.assertEqual(rows.partner_id, self.alfa)
        with self.assertRaises(AccessError):
            self.Center.with_user(self.collector).create(
                {"name": "Own", "journal_id": self.bank.id}
            )

    def export(self, user=None, **vals):
        wizard = (
            self.root["cartera.payment.export"]
            .with_user(user or self.collector)
            .with_context(allowed_company_ids=self.company.ids)
            .create(
                {
                    "company_id": self.company.id,
                    "date_from": "2024-01-01",
                    "date_to": "2026-12-31",
                }
                | vals
            )
        )
        return wizard, load_workbook(io.BytesIO(wizard._workbook()[1]))

    def test_the_export_has_every_payment_and_closes(self):
        self.make_center()
        late = self.pay(self.alfa, 33, memo="=cmd|'/c calc'!A1")
        _wizard, book = self.export()
        *totals, every = book.worksheets
        rows = list(every.iter_rows(min_row=5, values_only=True))
        self.assertEqual(len(rows), 8)
        self.assertEqual(money(sum(row[10] for row in rows)), money(2453))
        for sheet in totals:
            groups = list(sheet.iter_rows(min_row=5, values_only=True))
            self.assertEqual(money(sum(row[2] for row in groups)), money(2453))
        mine = next(row for row in rows if row[1] == late.name)
        self.assertEqual(mine[0].date(), date(2026, 3, 16))
        self.assertEqual((mine[2], mine[6]), ("=cmd|'/c calc'!A1", "Branch"))
        cell = next(c for row in every.iter_rows() for c in row if c.value == mine[2])
        self.assertEqual(cell.data_type, "s")

    def test_the_export_refuses_what_makes_no_sense(self):
        with self.refused(UserError, "2025-01-01", "2026-01-01"):
            self.export(date_from="2026-01-01", date_to="2025-01-01")
        with self.refused(AccessError, "collectors and accountants"):
            self.env["cartera.payment.export"].with_user(self.collector).create(
                {"company_id": self.company.id}
            ).with_user(self.viewer)._check()
        _wizard, book = self.export(date_from="2019-01-01", date_to="2019-12-31")
        self.assertEqual(book.worksheets[-1].max_row, 4)

    def test_the_form_of_a_center_takes_the_currency_of_its_journal(self):
        pesos = self.bank.copy({"code": "BPE", "currency_id": self.mxn.id})
        with Form(self.Center.with_company(self.company)) as form:
            form.name = "Bank in pesos"
            form.journal_id = pesos
        self.assertEqual(form.record.currency_id, self.mxn)
