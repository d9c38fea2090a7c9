from datetime import date

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .kpi_common import KpiCommon


@tagged("post_install", "-at_install")
class TestDigest(KpiCommon):
    """The weekly e-mail: who asked for it gets it once, in the own language, with the change of each figure."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Digest = cls.root["cartera.digest"]
        cls.root["res.users"].search(
            [("cartera_digest", "=", True)]
        ).cartera_digest = False
        cls.manager.write({"cartera_digest": True, "email": "manager@example.com"})

    def send(self, day=None):
        with self.at(day or str(self.today)):
            return self.Digest._send_for(self.company)

    def test_once_a_week(self):
        sent = self.send()
        self.assertEqual((sent.user_id, sent.week), (self.manager, date(2026, 3, 16)))
        self.assertEqual(sent.mail_id.recipient_ids, self.manager.partner_id)
        self.assertFalse(self.send())
        self.assertFalse(self.send("2026-03-22"))
        self.assertEqual(len(self.send("2026-03-23")), 1)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self.Digest.create(
                {
                    "user_id": self.manager.id,
                    "company_id": self.company.id,
                    "week": "2026-03-16",
                }
            )

    def test_only_who_asked_and_may(self):
        for user in (self.salesperson, self.portal):
            user.write({"cartera_digest": True, "email": "x@example.com"})
        self.everywhere.write({"cartera_digest": True, "email": "both@example.com"})
        self.executive.write({"cartera_digest": True, "email": False})
        self.assertEqual(self.send().user_id, self.manager | self.everywhere)
        with self.at(str(self.today)):
            other = self.Digest._send_for(self.other_company)
        self.assertEqual(other.user_id, self.everywhere)
        self.assertFalse(
            self.env["cartera.digest"]
            .with_user(self.manager)
            .search([])
            .filtered(lambda one: one.user_id != self.manager)
        )
        with self.refused(AccessError):
            self.env["cartera.digest"].with_user(self.collector).search([])
        # everybody's own choice
        self.collector.with_user(self.collector).write({"cartera_digest": True})
        self.assertTrue(self.collector.cartera_digest)

    def test_change_against_the_week_before(self):
        """On 16 March: 300 owed a week ago, of them 200 paid on the 12th and 500 billed on the 13th."""
        invoice = self.make_invoice(
            self.alfa.partner_id, 300, "2026-03-01", "2026-02-01"
        )
        self.pay(self.alfa.partner_id, 200, "2026-03-12", invoice)
        self.make_invoice(self.beta.partner_id, 500, "2026-03-31", "2026-03-13")
        figures = {
            one.code: (now, before)
            for one, now, before in self.Digest._figures(self.company, self.today)
            if one.variant in ("ledger", "past_due", "month")
        }
        self.assertEqual(figures["receivable"], (600, 300))
        self.assertEqual(figures["billed"], (500, 0))
        self.assertEqual(figures["collected"], (200, 0))
        rows = {
            row["name"]: row
            for row in self.Digest.with_context(lang="en_US")._rows(
                self.company, self.Digest._figures(self.company, self.today)
            )
        }
        receivable = rows["Receivable"]
        self.assertEqual(
            (receivable["now"], receivable["before"], receivable["change"]),
            ("$\xa0600.00", "$\xa0300.00", "+$\xa0300.00"),
        )
        overdue = rows["Overdue"]
        self.assertEqual(
            (overdue["change"], overdue["color"]), ("$\xa0-\ufeff200.00", "#198754")
        )
        self.assertIn("Billed, last seven days", rows)
        # nothing promised: no figure and no change, not 0
        kept = rows["Promises kept, by count"]
        self.assertEqual((kept["now"], kept["change"]), ("", ""))

    def test_a_week_across_two_months(self):
        """On 3 March the week before ended on 24 February: its figures are those of February."""
        self.make_invoice(self.alfa.partner_id, 90, "2026-03-30", "2026-02-26")
        self.make_invoice(self.alfa.partner_id, 10, "2026-03-30", "2026-03-02")
        figures = {
            one.code: (now, before)
            for one, now, before in self.Digest._figures(self.company, date(2026, 3, 3))
            if one.code == "billed"
        }
        self.assertEqual(figures["billed"], (100, 0))

    def test_the_letter(self):
        self.make_small_book()
        self.Forecast._make(self.company, self.today)
        self.env["res.lang"]._activate_lang("es_419")
        self.manager.lang = "es_419"
        self.everywhere.write(
            {"cartera_digest": True, "email": "both@example.com", "lang": "en_US"}
        )
        mails = {one.user_id: one.mail_id for one in self.send()}
        english = mails[self.everywhere]
        self.assertIn("receivables of the week to 03/16/2026", english.subject)
        body = english.body_html
        for text in (
            "DSO, standard",
            "standard, window of three months",
            "Expected receipts",
            "/odoo/receivables-today?cids=",
        ):
            self.assertIn(text, body)
        self.assertIn(f"cids={self.company.id}", body)
        spanish = mails[self.manager]
        self.assertIn("Ingresos esperados", spanish.body_html)
        self.assertNotIn("Expected receipts", spanish.body_html)
        self.assertIn("16/03/2026", spanish.subject)

    def test_the_job(self):
        with self.commits_allowed():
            self.Digest._cron_send()
        self.assertEqual(self.Digest.search([]).user_id, self.manager)
        broken = self.company
        self.Digest.search([]).unlink()
        self.everywhere.write({"cartera_digest": True, "email": "both@example.com"})
        original = type(self.Digest)._figures

        def figures(digest, company, day):
            if company == broken:
                raise UserError(digest.env._("No date"))
            return original(digest, company, day)

        self.patch(type(self.Digest), "_figures", figures)
        with (
            self.commits_allowed(),
            self.assertLogs(
                "odoo.addons.cartera_cobranza.models.cartera_digest", "WARNING"
            ) as logs,
        ):
            self.Digest._cron_send()
        self.assertIn("were not sent: No date", logs.output[0])
        self.assertEqual(self.Digest.search([]).company_id, self.other_company)

    def test_a_user_more_costs_no_gathering(self):
        before = self.queries(lambda: self.Digest._figures(self.company, self.today))
        self.assertLess(before, 70)
        calls = []
        original = type(self.Digest)._figures

        def figures(digest, company, day):
            calls.append(company)
            return original(digest, company, day)

        self.patch(type(self.Digest), "_figures", figures)
        self.executive.write({"cartera_digest": True, "email": "e@example.com"})
        self.assertEqual(len(self.send()), 2)
        self.assertEqual(calls, [self.company])
