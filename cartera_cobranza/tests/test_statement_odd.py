import io
from unittest.mock import patch

import openpyxl

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import TODAY, CarteraCommon


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestStatementOdd(CarteraCommon):
    """Odd books: a customer of whom only the name is known, a currency nobody gave a rate, no profile, no history."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root["res.lang"]._activate_lang("en_US")
        cls.company.partner_id.lang = "en_US"
        cls.Statement = cls.root["cartera.statement"]
        cls.bare = cls.make_customer(
            partner=cls.make_partner(
                "Bare", lang=False, email="bare@example.com", country_id=False
            )
        )
        cls.make_invoice(cls.bare.partner_id, 100, "2026-03-10", "2026-02-10")
        cls.zzz = cls.root["res.currency"].create(
            {"name": "ZZZ", "symbol": "Z", "rounding": 0.01}
        )
        cls.env.flush_all()

    def page(self, customer):
        report = self.root["ir.actions.report"].with_context(lang="en_US")
        return report._render_qweb_html(
            "cartera_cobranza.action_report_statement", customer.ids
        )[0].decode()

    def owe_zzz(self):
        return self.make_invoice(
            self.bare.partner_id,
            70,
            "2026-03-01",
            "2026-02-10",
            currency_id=self.zzz.id,
        )

    def test_a_customer_without_address_and_language(self):
        self.assertEqual(self.Statement._address(self.bare.partner_id), [])
        self.assertEqual(self.Statement._language_for(self.bare), "en_US")
        page = self.page(self.bare)
        self.assertIn("Bare", page)
        self.assertNotIn("False", page)
        self.assertNotIn("None", page)
        run = self.root["cartera.statement.run"].create(
            {"company_id": self.company.id, "customer_ids": self.bare.ids}
        )
        run.action_prepare()
        run.action_send()
        run._send_batch(run.line_ids)
        self.assertEqual(run.line_ids.state, "sent")
        self.assertIn("Dear", run.line_ids.message_id.body)

    def test_nobody_has_a_language(self):
        """Neither the customer nor the company: the language of whoever works."""
        self.company.partner_id.lang = False
        here = self.Statement.with_context(lang="en_US")
        self.assertEqual(here._language_for(self.bare), "en_US")
        self.assertEqual(
            self.Statement.with_context(lang=False)._language_for(self.bare), "en_US"
        )

    def test_a_currency_without_a_rate_is_a_statement_of_its_own(self):
        """Statements convert nothing: the amount stands in its currency, also where the ledger knows no rate."""
        self.owe_zzz()
        page = self.page(self.bare)
        self.assertIn("70.00", page)
        question = self.Statement._question(self.company, partners=self.bare.partner_id)
        book = openpyxl.load_workbook(
            io.BytesIO(self.Statement._xlsx(question, self.bare))
        )
        rows = book.worksheets[0].iter_rows(min_row=5, values_only=True)
        self.assertEqual({row[2] for row in rows}, {self.usd.name, "ZZZ"})

    def test_screens_with_a_currency_without_a_rate(self):
        """At the value of the ledger all is there; revalued, the currency and the day are named."""
        self.owe_zzz()
        Report = self.root["cartera.aging.report"].with_company(self.company)
        Report = Report.with_context(allowed_company_ids=self.company.ids)
        shown = Report.action_show({"as_of": TODAY})
        self.assertTrue(shown["total"])
        with self.refused(UserError, "ZZZ", "2026-03-16"):
            Report.action_show({"as_of": TODAY, "value": "revalued"})
        with self.refused(UserError, "ZZZ", "2026-03-16"):
            self.root["cartera.forecast"]._make(self.company, self.today)
        director = self.root["cartera.director"].with_company(self.company)
        shown = director.with_context(allowed_company_ids=self.company.ids)
        self.assertTrue(shown.action_show()["aging"]["total"])

    def test_a_profile_that_is_spoilt_is_refused_and_the_old_one_stays(self):
        profile = self.root.ref("cartera_cobranza.cartera_aging_profile_months")
        before = profile.bucket_ids.mapped("name")
        middle = profile._sorted_buckets()[1]
        for spoil in (
            lambda: middle.unlink(),
            lambda: middle.write({"day_to": middle.day_to + 1}),
            lambda: middle.write({"day_to": middle.day_to - 1}),
            lambda: middle.write({"day_from": middle.day_to + 1}),
        ):
            with self.refused(ValidationError, "[Dd]ay|bucket"):
                spoil()
                self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(profile.bucket_ids.mapped("name"), before)

    def test_without_any_profile_it_says_so(self):
        Profile = type(self.root["cartera.aging.profile"])
        with (
            patch.object(Profile, "_first_for", lambda this, company: this.browse()),
            self.refused(UserError, "profile"),
        ):
            self.Statement._question(self.company)

    def test_before_the_first_entry(self):
        for form in ("open", "movements"):
            with self.subTest(form):
                question = self.Statement._question(
                    self.company,
                    "1999-12-31",
                    form,
                    "1999-12-01",
                    self.bare.partner_id,
                )
                self.assertEqual(self.Statement._statements(question), {})
                book = openpyxl.load_workbook(
                    io.BytesIO(self.Statement._xlsx(question, self.bare))
                )
                rows = book.worksheets[0].iter_rows(min_row=5, values_only=True)
                self.assertFalse(list(rows))
