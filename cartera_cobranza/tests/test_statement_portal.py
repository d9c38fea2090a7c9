import io

import openpyxl

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestStatementPortal(AccountTestInvoicingCommon, HttpCase):
    """A customer sees the own statement and nobody else's; an accountant sends statements in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.company = cls.company_data["company"]
        cls.own, cls.other = cls.env["res.partner"].create(
            [
                {"name": "Abarrotes", "is_company": True, "email": "a@example.com"},
                {"name": "Somebody else", "is_company": True},
            ]
        )
        cls.mine = cls._invoice(cls.own, 1000)
        cls._invoice(cls.other, 777)
        customers = (
            cls.env["cartera.customer"]
            .sudo()
            ._find_or_create(cls.own | cls.other, cls.company)
        )
        cls.account, cls.others_account = customers[cls.own], customers[cls.other]
        buyer = cls._user("cartera_statement_buyer", "base.group_portal")
        buyer.partner_id.parent_id = cls.own

    @classmethod
    def _user(cls, login, groups):
        return new_test_user(
            cls.env(su=True),
            login=login,
            groups=groups,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            lang="en_US",
        )

    @classmethod
    def _invoice(cls, partner, amount):
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": "2026-01-15",
                "invoice_date_due": "2026-01-15",
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "x",
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        move.action_post()
        return move

    def test_the_own_statement_in_both_forms(self):
        self.authenticate("cartera_statement_buyer", "cartera_statement_buyer")
        page = self.url_open("/my/statement", timeout=60).text
        self.assertRegex(page, r"1[.,]000[.,]00")
        self.assertIn(f"/my/invoices/{self.mine.id}", page)
        self.assertNotIn("777", page)
        page = self.url_open(
            "/my/statement?form=movements&date_from=2026-02-01", timeout=60
        ).text
        self.assertIn("o_cartera_statement_movements", page)
        file = self.url_open(f"/my/statement/{self.account.id}?file=xlsx", timeout=60)
        book = openpyxl.load_workbook(io.BytesIO(file.content))
        rows = list(book.worksheets[1].iter_rows(min_row=5, values_only=True))
        self.assertEqual([(row[0], row[9]) for row in rows], [("Abarrotes", 1000)])

    def test_bad_dates_are_told(self):
        self.authenticate("cartera_statement_buyer", "cartera_statement_buyer")
        for query in (
            "day=2999-01-01",
            "day=nonsense",
            "form=movements&date_from=2999-01-01",
            "file=xlsx&day=2999-01-01",
        ):
            with self.subTest(query):
                page = self.url_open(f"/my/statement?{query}", timeout=60)
                self.assertIn("alert-danger", page.text)

    def test_another_customers_is_refused(self):
        self.authenticate("cartera_statement_buyer", "cartera_statement_buyer")
        for path in (
            f"/my/statement/{self.others_account.id}",
            f"/my/statement/{self.others_account.id}?file=xlsx",
            f"/my/statement/{self.others_account.id}?file=pdf",
            "/my/statement/999999999",
        ):
            with self.subTest(path):
                answer = self.url_open(path, timeout=60)
                self.assertTrue(answer.url.endswith("/my"))
                self.assertNotIn("777", answer.text)
        with mute_logger("odoo.http"):
            answer = self.url_open(
                f"/cartera/statement.xlsx?ids={self.others_account.id}", timeout=60
            )
        self.assertNotEqual(answer.status_code, 200)

    def test_without_login_it_asks_for_it(self):
        answer = self.url_open("/my/statement", timeout=60)
        self.assertIn("/web/login", answer.url)

    def test_the_files_for_those_inside(self):
        self._user("cartera_statement_collector", "cartera_cobranza.group_collector")
        self.authenticate("cartera_statement_collector", "cartera_statement_collector")
        file = self.url_open(
            f"/cartera/statement.xlsx?ids={self.account.id},{self.others_account.id}",
            timeout=60,
        )
        book = openpyxl.load_workbook(io.BytesIO(file.content))
        rows = list(book.worksheets[0].iter_rows(min_row=5, values_only=True))
        self.assertEqual({row[0] for row in rows}, {"Abarrotes", "Somebody else"})
        for query in ("ids=", "ids=x", "ids=999999999"):
            answer = self.url_open(f"/cartera/statement.xlsx?{query}", timeout=60)
            self.assertEqual(answer.status_code, 404)

    def test_tour_of_the_customer(self):
        self.start_tour(
            "/my", "cartera_statement_portal", login="cartera_statement_buyer"
        )

    def test_tour_of_the_accountant(self):
        self._user(
            "cartera_statement_accountant",
            "account.group_account_manager,account.group_account_user,cartera_cobranza.group_collector",
        )
        self.start_tour(
            "/odoo/action-cartera_cobranza.cartera_statement_run_action",
            "cartera_statement_run",
            login="cartera_statement_accountant",
        )
        run = (
            self.env["cartera.statement.run"]
            .sudo()
            .search([("company_id", "=", self.company.id)])
        )
        self.assertRecordValues(run, [{"state": "sending", "line_count": 2}])
        run._send_batch(run.line_ids)
        self.assertEqual(
            {one.partner_id: one.state for one in run.line_ids},
            {self.own: "sent", self.other: "no_email"},
        )
