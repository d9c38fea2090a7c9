from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import TODAY, CarteraCommon


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestStatementChoice(CarteraCommon):
    """What a customer's credit account says of its statements is obeyed by every run, or left to the run's choice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root["res.lang"]._activate_lang("en_US")
        cls.root["res.lang"]._activate_lang("fr_FR")
        cls.company.partner_id.lang = "en_US"
        cls.Run = cls.root["cartera.statement.run"]
        # Alfa owes 300, of it 200 late; Beta 50, not due; Gama has 70 in its favour
        cls.alfa, cls.beta, cls.gama = (
            cls.make_customer(
                partner=cls.make_partner(
                    name, email=f"{name.lower()}@example.com", lang=False
                )
            )
            for name in ("Alfa", "Beta", "Gama")
        )
        cls.make_invoice(cls.alfa.partner_id, 200, "2026-03-10", "2026-02-10")
        cls.make_invoice(cls.alfa.partner_id, 100, "2026-04-10", "2026-03-10")
        cls.make_invoice(cls.beta.partner_id, 50, "2026-04-10", "2026-03-10")
        cls.pay(cls.gama.partner_id, 70, "2026-03-05")
        cls.all = cls.alfa | cls.beta | cls.gama
        cls.env.flush_all()

    def prepared(self, **vals):
        run = self.Run.with_user(self.collector).create(
            {"company_id": self.company.id, "customer_ids": self.all.ids} | vals
        )
        run.action_prepare()
        return run.sudo()

    def got(self, **vals):
        return set(self.prepared(**vals).line_ids.partner_id.mapped("name"))

    def send(self, run):
        run.with_user(self.collector).action_send()
        with self.commits_allowed():
            self.Run._cron_send()
        self.env.invalidate_all()
        return {one.partner_id.name: one for one in run.line_ids}

    def files(self, line):
        return sorted(
            one.name.rsplit(".", 1)[1] for one in line.message_id.attachment_ids
        )

    # Who gets one

    def test_only_overdue(self):
        self.beta.statement_overdue = "only"
        self.assertEqual(self.got(), {"Alfa"})
        self.assertEqual(self.got(own_choice=False), {"Alfa", "Beta"})
        self.beta.statement_overdue = "always"
        self.assertEqual(self.got(only_overdue=True), {"Alfa", "Beta"})
        self.assertEqual(self.got(only_overdue=True, own_choice=False), {"Alfa"})

    def test_minimum(self):
        self.beta.statement_minimum = 50
        self.assertEqual(self.got(), {"Alfa", "Beta"})
        self.beta.statement_minimum = 50.01
        self.assertEqual(self.got(), {"Alfa"})
        self.assertEqual(self.got(own_choice=False), {"Alfa", "Beta"})
        # its own is lower than that of the run
        self.beta.statement_minimum = 20
        self.assertEqual(self.got(minimum_balance=100), {"Alfa", "Beta"})

    def test_minimum_in_another_currency(self):
        """900 pesos at 18 are 50 dollars: the rate of the statement's day, not of today."""
        self.beta.write(
            {"statement_minimum": 900, "statement_currency_id": self.mxn.id}
        )
        self.assertEqual(self.got(), {"Alfa", "Beta"})
        self.beta.statement_minimum = 900.18
        self.assertEqual(self.got(), {"Alfa"})

    def test_a_minimum_in_a_currency_without_a_rate_is_only_its_own_error(self):
        bare = self.root["res.currency"].create(
            {"name": "ZZZ", "symbol": "Z", "rounding": 0.01}
        )
        self.beta.write({"statement_minimum": 10, "statement_currency_id": bare.id})
        run = self.prepared()
        lines = {one.partner_id.name: one for one in run.line_ids}
        self.assertEqual(lines["Beta"].state, "error")
        self.assertRegex(lines["Beta"].reason, "no exchange rate for ZZZ.*2026-03-16")
        sent = self.send(run)
        self.assertEqual(
            {name: one.state for name, one in sent.items()},
            {"Alfa": "sent", "Beta": "error"},
        )
        run.with_user(self.collector).action_retry()
        with self.commits_allowed():
            self.Run._cron_send()
        self.env.invalidate_all()
        self.assertEqual(lines["Beta"].state, "error")
        # a rate of 100 for a dollar: 10 of it are ten cents
        self.root["res.currency.rate"].create(
            {
                "currency_id": bare.id,
                "company_id": self.company.id,
                "name": "2026-03-01",
                "rate": 100,
            }
        )
        run.with_user(self.collector).action_retry()
        with self.commits_allowed():
            self.Run._cron_send()
        self.env.invalidate_all()
        self.assertEqual(lines["Beta"].state, "sent")

    def test_a_negative_minimum_is_refused_and_named(self):
        with self.refused(ValidationError, "Beta", "-3.50"):
            self.beta.statement_minimum = -3.5

    def test_negative_balances(self):
        self.gama.statement_negative = "send"
        self.assertEqual(self.got(), {"Alfa", "Beta", "Gama"})
        self.assertEqual(self.got(own_choice=False), {"Alfa", "Beta"})
        self.gama.statement_negative = "skip"
        self.assertEqual(self.got(no_negative=False), {"Alfa", "Beta"})

    def test_never(self):
        self.beta.statement_never = True
        for own in (True, False):
            run = self.prepared(own_choice=own)
            self.assertEqual(run.line_ids.customer_id, self.alfa)
            self.assertRegex(run.left_out, "1 never get statements.*Beta")
        run.only_overdue = True
        self.assertFalse(run.left_out)
        with self.refused(UserError, "No customer has a statement", "Beta"):
            self.prepared(customer_ids=self.beta.ids)
        wizard = (
            self.root["cartera.statement.wizard"]
            .with_user(self.collector)
            .create({"customer_ids": self.beta.ids, "company_id": self.company.id})
        )
        with self.refused(UserError, "Beta never gets statements"):
            wizard.action_send()
        self.assertIn("/cartera/statement.pdf", wizard.action_pdf()["url"])

    def test_never_since_it_was_prepared(self):
        run = self.prepared()
        self.beta.statement_never = True
        lines = self.send(run)
        self.assertRecordValues(
            lines["Beta"],
            [{"state": "cancelled", "reason": "The customer never gets statements."}],
        )

    def test_by_hand_for_one_its_wishes_about_whom_do_not_count(self):
        self.beta.write({"statement_overdue": "only", "statement_minimum": 1000})
        self.root["cartera.statement.wizard"].with_user(self.collector).create(
            {"customer_ids": self.beta.ids, "company_id": self.company.id}
        ).action_send()
        self.assertEqual(self.beta.statement_line_ids.state, "sent")

    def test_the_schedule_obeys(self):
        self.all.statement_schedule = "weekly"
        self.beta.statement_overdue = "only"
        self.gama.statement_negative = "send"
        runs = self.Run._make_scheduled(self.company, self.today)
        self.assertEqual(runs.line_ids.customer_id, self.alfa | self.gama)
        self.alfa.statement_never = True
        with self.at("2026-03-24"):
            runs = self.Run._make_scheduled(self.company, self.today.replace(day=24))
        self.assertEqual(runs.line_ids.customer_id, self.gama)
        self.all.statement_never = True
        with self.at("2026-03-31"):
            day = self.today.replace(day=31)
            self.assertFalse(self.Run._make_scheduled(self.company, day))

    # How

    def test_the_contact_of_the_wanted_role(self):
        contacts = self.root["res.partner"].create(
            [
                {
                    "name": name,
                    "parent_id": self.alfa.partner_id.id,
                    "email": f"{name}@alfa.example.com",
                    **vals,
                }
                for name, vals in (
                    ("payables", {"cartera_collections": True}),
                    ("boss", {"cartera_escalation": True}),
                    ("bills", {"type": "invoice"}),
                )
            ]
        )
        payables, boss, bills = contacts
        self.alfa.statement_never = False
        for role, expected in (
            (False, payables),
            ("escalation", boss),
            ("invoice", bills),
            ("customer", self.alfa.partner_id),
        ):
            with self.subTest(role):
                self.alfa.statement_role = role
                lines = self.send(self.prepared())
                self.assertEqual(lines["Alfa"].contact_ids, expected)
        # the run's own choice counts for who did not say
        self.alfa.statement_role = False
        lines = self.send(self.prepared(recipient_role="escalation"))
        self.assertEqual(lines["Alfa"].contact_ids, boss)

    def test_files(self):
        Statement = type(self.root["cartera.statement"])
        for engine, files, with_xlsx, expected, text in (
            (True, False, False, ["pdf"], "in the attached PDF."),
            (True, False, True, ["pdf", "xlsx"], "PDF and Excel files"),
            (True, "pdf", True, ["pdf"], "in the attached PDF."),
            (True, "xlsx", False, ["xlsx"], "in the attached Excel file."),
            (True, "both", False, ["pdf", "xlsx"], "PDF and Excel files"),
            (False, False, False, ["xlsx"], "PDF could not be made"),
            (False, "pdf", False, ["xlsx"], "PDF could not be made"),
            (False, "both", True, ["xlsx"], "PDF could not be made"),
            (False, "xlsx", False, ["xlsx"], "in the attached Excel file."),
        ):
            with self.subTest(engine=engine, files=files, with_xlsx=with_xlsx):
                self.alfa.statement_files = files
                with (
                    patch.object(Statement, "_has_engine", lambda this, e=engine: e),
                    patch.object(Statement, "_pdf", lambda *args: b"%PDF-1.4"),
                ):
                    lines = self.send(self.prepared(with_xlsx=with_xlsx))
                self.assertEqual(self.files(lines["Alfa"]), expected)
                self.assertIn(text, lines["Alfa"].message_id.body)

    def test_language_falls_back(self):
        """The account's, else the contact's, the customer's, the company's; what is not installed is passed over."""
        Statement = self.root["cartera.statement"]
        contact = self.make_partner(
            "Payables", parent_id=self.alfa.partner_id.id, is_company=False
        )
        self.company.partner_id.lang = "en_US"
        for account, person, partner, expected in (
            ("fr_FR", "en_US", "en_US", "fr_FR"),
            (False, "fr_FR", "en_US", "fr_FR"),
            (False, False, "fr_FR", "fr_FR"),
            (False, False, False, "en_US"),
        ):
            with self.subTest(account=account, person=person, partner=partner):
                self.alfa.statement_lang = account
                self.alfa.partner_id.lang = partner
                contact.lang = person
                self.assertEqual(Statement._language_for(self.alfa, contact), expected)
        self.alfa.statement_lang = "fr_FR"
        self.alfa.partner_id.lang = contact.lang = False
        self.root["res.lang"].search([("code", "=", "fr_FR")]).active = False
        self.assertEqual(Statement._language_for(self.alfa, contact), "en_US")
        self.alfa.statement_lang = "xx_XX"
        self.assertEqual(Statement._language_for(self.alfa, contact), "en_US")

    def test_who_may_say_so(self):
        for user in (self.collector, self.viewer, self.salesperson):
            with self.subTest(user.login), self.refused(AccessError, "."):
                self.alfa.with_user(user).statement_never = True
        self.alfa.with_user(self.executive).statement_never = True
        self.assertTrue(self.alfa.statement_never)

    def test_queries_do_not_grow_with_the_customers_wishes(self):
        counts = []
        for number in (10, 100):
            partners = self.root["res.partner"].create(
                [
                    {"name": f"Many {number} {one}", "is_company": True}
                    for one in range(number)
                ]
            )
            for partner in partners:
                self.make_entry(partner)
            found = self.Customer._find_or_create(partners, self.company)
            customers = self.Customer.browse([one.id for one in found.values()])
            customers.write(
                {
                    "statement_overdue": "only",
                    "statement_minimum": 18,
                    "statement_currency_id": self.mxn.id,
                    "statement_negative": "skip",
                }
            )
            run = self.Run.create(
                {"company_id": self.company.id, "customer_ids": customers.ids}
            )
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            run.action_prepare()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - start)
            self.assertEqual(len(run.line_ids), number)
        # inserts go in batches
        self.assertLessEqual(counts[1], counts[0] + 3)

    def make_entry(self, partner):
        return self.make_invoice(partner, 10, "2026-03-01")
