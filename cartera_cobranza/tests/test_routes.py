from unittest.mock import patch

from odoo import Command, http
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

HUGE = "9" * 30


@tagged("post_install", "-at_install")
class TestRoutes(AccountTestInvoicingCommon, HttpCase):
    """Every address of the suite with every parameter spoilt: a page that says why, never an error of the server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.company = cls.company_data["company"]
        cls.elsewhere = cls.setup_other_company(name="Elsewhere")["company"]
        cls.partner = cls.env["res.partner"].create(
            {"name": "Abarrotes", "is_company": True, "company_id": False}
        )
        cls.invoice = cls.init_invoice(
            "out_invoice",
            partner=cls.partner,
            invoice_date="2026-01-15",
            amounts=[1000],
            post=True,
        )
        Customer = cls.env["cartera.customer"].sudo()
        cls.account = Customer._find_or_create(cls.partner, cls.company)[cls.partner]
        cls.other_account = Customer._find_or_create(cls.partner, cls.elsewhere)[
            cls.partner
        ]
        cls.collector = cls._user(
            "cartera_route_collector",
            "cartera_cobranza.group_collector,account.group_account_readonly",
        )
        cls.buyer = cls._user("cartera_route_buyer", "base.group_portal")
        cls.buyer.partner_id.parent_id = cls.partner

    @classmethod
    def _user(cls, login, groups, lang="en_US"):
        return new_test_user(
            cls.env(su=True),
            login=login,
            groups=groups,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            lang=lang,
        )

    def log_in(self, login):
        self.authenticate(login, login)

    def assertTold(self, path, status, *texts, **kwargs):
        answer = self.url_open(path, timeout=60, **kwargs)
        self.assertEqual(answer.status_code, status, path)
        self.assertNotIn("Traceback", answer.text)
        self.assertIn("cartera_refused", answer.text)
        for text in texts:
            self.assertIn(text, answer.text)

    def test_statement(self):
        self.log_in("cartera_route_collector")
        own = f"ids={self.account.id}"
        for path, status, text in (
            (f"xlsx?{own}&day=31/03/2026", 400, "31/03/2026 is not a date"),
            (f"xlsx?{own}&day=2026-02-30", 400, "2026-02-30 is not a date"),
            (f"xlsx?{own}&day=%00", 400, "is not a date"),
            (f"pdf?{own}&day=nonsense", 400, "nonsense is not a date"),
            (f"xlsx?{own}&day=0001-01-01", 400, "too long ago"),
            (f"xlsx?{own}&day=2999-01-01", 400, "not known yet"),
            (f"xlsx?{own}&form=interest", 400, "no statement of the form interest"),
            (
                f"xlsx?{own}&form=movements&day=2026-01-31&date_from=2026-02-01",
                400,
                "begin on",
            ),
            (f"xlsx?{own}&form=movements&date_from=soon", 400, "soon is not a date"),
            (f"docx?{own}", 404, "no such document"),
            ("xlsx?ids=", 404, "no such document"),
            ("xlsx", 404, "no such document"),
            ("xlsx?ids=a,b", 404, "no such document"),
            (f"xlsx?ids={HUGE}", 404, "no such document"),
            ("xlsx?ids=2147483647", 404, "no such document"),
            (f"xlsx?ids={self.other_account.id}", 404, "no such document"),
            (f"xlsx?{own},{self.other_account.id}", 404, "no such document"),
        ):
            with self.subTest(path):
                self.assertTold(f"/cartera/statement.{path}", status, text)

    def test_statement_before_the_first_entry_says_that_nothing_is_open(self):
        self.log_in("cartera_route_collector")
        answer = self.url_open(
            f"/cartera/statement.xlsx?ids={self.account.id}&day=1990-01-01", timeout=60
        )
        self.assertEqual(answer.status_code, 200)
        self.log_in("cartera_route_buyer")
        answer = self.url_open("/my/statement?day=1990-01-01", timeout=60)
        self.assertEqual(answer.status_code, 200)
        self.assertRegex(answer.text, "Nothing is open|No hay nada abierto")

    def test_statement_for_who_may_not(self):
        self.log_in("cartera_route_buyer")
        self.assertTold(f"/cartera/statement.xlsx?ids={self.account.id}", 404)

    def test_aging(self):
        self.log_in("cartera_route_collector")
        for query, status, text in (
            ("as_of=31/03/2026", 400, "31/03/2026 is not a date"),
            ("as_of=2999-01-01", 400, "not known yet"),
            ("as_of=0001-01-01", 400, "too long ago"),
            ("profile_id=mine", 400, "mine is not the number"),
            ("profile_id=2147483647", 400, "no aging profile"),
            (f"profile_id={HUGE}", 400, "is not the number"),
            ("company_id=-1", 400, "-1 is not the number"),
            (f"company_id={self.elsewhere.id}", 403, "not working in that company"),
            ("basis=birth", 400, "Items do not age from birth"),
            ("value=market", 400, "market"),
        ):
            with self.subTest(query):
                self.assertTold(f"/cartera/aging.xlsx?{query}", status, text)
        for query in ("as_of=1990-01-01", "netted=perhaps&unknown=1", ""):
            with self.subTest(query):
                answer = self.url_open(f"/cartera/aging.xlsx?{query}", timeout=60)
                self.assertEqual(answer.status_code, 200)
        self.log_in("cartera_route_buyer")
        self.assertTold("/cartera/aging.xlsx", 403)

    def test_numbers_in_the_address(self):
        """Forecast, interest, consolidated balance and payments: of nobody, of somebody else, and no number."""
        forecast = self.env["cartera.forecast"].sudo()
        others = forecast.create(
            {"company_id": self.elsewhere.id, "date": "2026-01-31"}
        )
        self.log_in("cartera_route_collector")
        for path, status in (
            ("forecast.xlsx", 404),
            ("forecast.xlsx?forecast_id=0", 404),
            ("forecast.xlsx?forecast_id=x", 400),
            ("forecast.xlsx?forecast_id=-4", 400),
            (f"forecast.xlsx?forecast_id={HUGE}", 400),
            ("forecast.xlsx?forecast_id=2147483647", 404),
            (f"forecast.xlsx?forecast_id={others.id}", 403),
            ("interest/run/2147483647/annex.xlsx", 404),
            (f"interest/run/{HUGE}/annex.xlsx", 400),
            (f"interest/nonsense/{self.invoice.id}/annex.xlsx", 404),
            ("interest/note/2147483647/annex.xlsx", 404),
            ("consolidated/2147483647.xlsx", 404),
            (f"consolidated/{HUGE}.xlsx", 400),
            ("payments/2147483647.xlsx", 404),
            (f"payments/{HUGE}.xlsx", 400),
        ):
            with self.subTest(path):
                self.assertTold(f"/cartera/{path}", status)

    def test_portal(self):
        self.log_in("cartera_route_buyer")
        for query in ("day=31/03/2026", "file=pdf&day=x", "day=2999-01-01", "day=%00"):
            with self.subTest(query):
                answer = self.url_open(f"/my/statement?{query}", timeout=60)
                self.assertEqual(answer.status_code, 400)
                self.assertIn("alert-danger", answer.text)
                self.assertNotIn("does not match format", answer.text)
        answer = self.url_open("/my/statement?form=nonsense", timeout=60)
        self.assertEqual(answer.status_code, 200)
        for path in (f"/my/statement/{HUGE}", "/my/statement/2147483647"):
            with self.subTest(path):
                self.assertTrue(self.url_open(path, timeout=60).url.endswith("/my"))

    def test_portal_promises_and_disputes(self):
        self.log_in("cartera_route_buyer")
        token = {"csrf_token": http.Request.csrf_token(self)}
        page = f"/my/invoices/{self.invoice.id}"
        for path, data, where in (
            ("promise", {}, page),
            ("promise", {"amount": "lots", "date": "2026-13-01"}, page),
            ("promise", {"amount": "nan", "date": "x"}, page),
            ("promise", {"amount": "100", "date": "%00"}, page),
            ("dispute", {}, page),
            ("dispute", {"type_id": HUGE, "description": "x", "amount": "1"}, page),
            ("dispute", {"type_id": "-1", "description": "", "amount": "-1"}, page),
        ):
            with self.subTest(path, data=data):
                answer = self.url_open(f"{page}/{path}", data=token | data, timeout=60)
                self.assertEqual(answer.status_code, 200)
                self.assertTrue(answer.url.split("#")[0].endswith(where))
                self.assertIn("alert-danger", answer.text)
        for number in (HUGE, "2147483647"):
            with self.subTest(number):
                answer = self.url_open(
                    f"/my/invoices/{number}/promise", data=token, timeout=60
                )
                self.assertTrue(answer.url.endswith("/my"))

    def test_without_an_engine(self):
        """The PDF that cannot be made is told, with what to do instead."""
        self.log_in("cartera_route_collector")
        Statement = type(self.env["cartera.statement"])
        with patch.object(Statement, "_has_engine", lambda this: False):
            self.assertTold(
                f"/cartera/statement.pdf?ids={self.account.id}", 400, "Excel"
            )
            self.log_in("cartera_route_buyer")
            answer = self.url_open("/my/statement?file=pdf", timeout=60)
            self.assertEqual(answer.status_code, 400)
            self.assertIn("Excel", answer.text)
            answer = self.url_open("/my/statement?file=xlsx", timeout=60)
            self.assertEqual(answer.status_code, 200)

    def test_too_many_to_wait_for(self):
        self.company.sudo().cartera_statement_print_limit = 1
        second = self.env["res.partner"].create(
            {"name": "Second", "is_company": True, "company_id": False}
        )
        found = (
            self.env["cartera.customer"]
            .sudo()
            ._find_or_create(second, self.company)[second]
        )
        self.log_in("cartera_route_collector")
        self.assertTold(
            f"/cartera/statement.pdf?ids={self.account.id},{found.id}",
            400,
            "2 customers are too many",
        )
