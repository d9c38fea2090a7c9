import io
from unittest.mock import patch

import openpyxl

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, CarteraCommon

SENDER = "odoo.addons.cartera_cobranza.models.cartera_statement_sender"


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestStatementRun(CarteraCommon):
    """Who gets a statement, that nobody gets two, and that one that fails does not stop the others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root["res.lang"]._activate_lang("en_US")
        cls.company.partner_id.lang = "en_US"
        cls.Run = cls.root["cartera.statement.run"]
        cls.Line = cls.root["cartera.statement.line"]
        # Alfa owes 300 (200 overdue) and 1,800 pesos; Beta 50, not due; Gama has 70 in its favour; Delta no address
        cls.alfa = cls.make_customer(
            partner=cls.make_partner("Alfa", email="alfa@example.com", lang=False),
            collector_id=cls.collector.id,
        )
        cls.beta = cls.make_customer(
            partner=cls.make_partner(
                "Beta", email="beta@example.com", user_id=cls.salesperson.id
            )
        )
        cls.gama = cls.make_customer(
            partner=cls.make_partner("Gama", email="gama@example.com")
        )
        cls.delta = cls.make_customer(
            partner=cls.make_partner("Delta"), collector_id=cls.collector.id
        )
        cls.make_invoice(cls.alfa.partner_id, 200, "2026-03-10", "2026-02-10")
        cls.make_invoice(cls.alfa.partner_id, 100, "2026-04-10", "2026-03-10")
        cls.make_invoice(
            cls.alfa.partner_id,
            1800,
            "2026-04-10",
            "2026-03-10",
            currency_id=cls.mxn.id,
        )
        cls.make_invoice(cls.beta.partner_id, 50, "2026-04-10", "2026-03-10")
        cls.pay(cls.gama.partner_id, 70, "2026-03-05")
        cls.make_invoice(cls.delta.partner_id, 500, "2026-03-15", "2026-02-15")
        cls.env.flush_all()

    def make(self, user=None, **vals):
        Run = self.Run.with_user(user or self.collector)
        return Run.create({"company_id": self.company.id} | vals)

    def prepared(self, **vals):
        run = self.make(**vals)
        run.action_prepare()
        return run

    def customers(self, run):
        return set(run.sudo().line_ids.customer_id.partner_id.mapped("name"))

    def send(self, run):
        with self.commits_allowed():
            self.Run._cron_send()
        run.invalidate_recordset()

    def lines(self, run):
        run.invalidate_recordset()
        return {one.partner_id.name: one for one in run.sudo().line_ids}

    # The choice

    def test_one_line_for_each_customer_with_the_figures_of_each_currency(self):
        run = self.prepared()
        self.assertEqual(self.customers(run), {"Alfa", "Beta", "Delta"})
        alfa = self.lines(run)["Alfa"]
        # 1,800 pesos at 18 are 100 dollars
        self.assertRecordValues(
            alfa,
            [{"balance": 400, "overdue": 200, "item_count": 3, "state": "prepared"}],
        )
        self.assertEqual(
            {
                one.currency_id: (one.balance, one.overdue, one.unapplied)
                for one in alfa.amount_ids
            },
            {self.usd: (300, 200, 0), self.mxn: (1800, 0, 0)},
        )
        self.assertEqual(run.state, "prepared")
        self.assertEqual((run.balance, run.line_count), (950, 3))

    def test_the_choice_of_customers(self):
        group = self.make_group("Chain", 1000, self.delta)
        for vals, expected in (
            ({"no_negative": False}, {"Alfa", "Beta", "Gama", "Delta"}),
            ({"only_overdue": True}, {"Alfa", "Delta"}),
            ({"minimum_balance": 400}, {"Alfa", "Delta"}),
            ({"minimum_balance": 400.01}, {"Delta"}),
            ({"salesperson_ids": self.salesperson.ids}, {"Beta"}),
            ({"collector_ids": self.collector.ids}, {"Alfa", "Delta"}),
            ({"group_ids": group.ids}, {"Delta"}),
            ({"customer_ids": (self.beta | self.delta).ids}, {"Beta", "Delta"}),
            ({"date": "2026-02-28"}, {"Alfa", "Delta"}),
        ):
            with self.subTest(vals):
                self.assertEqual(self.customers(self.prepared(**vals)), expected)

    def test_movements_open_and_close(self):
        run = self.prepared(form="movements", date_from="2026-03-01")
        self.assertEqual(self.customers(run), {"Alfa", "Beta", "Delta"})
        alfa = self.lines(run)["Alfa"].amount_ids.filtered(
            lambda one: one.currency_id == self.usd
        )
        self.assertRecordValues(
            alfa, [{"opening": 200, "debits": 100, "credits": 0, "balance": 300}]
        )

    def test_bad_choices_are_refused(self):
        with self.refused(UserError, "2026|not known yet"):
            self.prepared(date="2026-03-17")
        with self.refused(UserError, "begin on"):
            self.prepared(form="movements", date="2026-03-01", date_from="2026-03-02")
        with self.refused(UserError, "No customer has a statement"):
            self.prepared(date="2020-01-01")

    def test_another_question_needs_another_preparation(self):
        run = self.prepared()
        run.only_overdue = True
        self.assertEqual((run.state, run.line_count), ("draft", 0))
        run.action_prepare()
        self.assertEqual(self.customers(run), {"Alfa", "Delta"})

    # Sending

    def test_each_gets_one_and_who_has_no_address_says_so(self):
        run = self.prepared(with_xlsx=True)
        run.action_send()
        self.assertEqual(run.state, "sending")
        self.send(run)
        lines = self.lines(run)
        self.assertEqual(
            {name: one.state for name, one in lines.items()},
            {"Alfa": "sent", "Beta": "sent", "Delta": "no_email"},
        )
        self.assertRegex(lines["Delta"].reason, "no contact with an e-mail")
        self.assertEqual(run.state, "sent")
        task = self.delta.activity_ids
        self.assertEqual(task.user_id, self.collector)
        mail = self.root["mail.mail"].search(
            [("mail_message_id", "=", lines["Alfa"].message_id.id)]
        )
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.recipient_ids, self.alfa.partner_id)
        self.assertIn(lines["Alfa"].message_id, self.alfa.message_ids)
        self.assertEqual(len(mail.attachment_ids), 2)
        self.assertIn("300.00", mail.body_html)
        self.assertIn("/my/statement", mail.body_html)
        before = self.root["mail.mail"].search_count([])
        self.send(run)
        with self.refused(UserError, "cannot be done"):
            run.action_send()
        self.assertEqual(self.root["mail.mail"].search_count([]), before)

    def test_one_that_fails_does_not_stop_the_others(self):
        run = self.prepared(customer_ids=(self.alfa | self.beta).ids)
        Statement = type(self.root["cartera.statement"])
        make = Statement._pdf

        def broken(this, question, customer, statements=None):
            if customer.id == self.alfa.id:
                raise ValueError("the printer is on fire")
            return make(this, question, customer, statements)

        run.action_send()
        with (
            patch.object(Statement, "_pdf", broken),
            patch.object(Statement, "_has_engine", lambda this: True),
            self.assertLogs(SENDER, "WARNING"),
        ):
            self.send(run)
        lines = self.lines(run)
        self.assertRecordValues(
            lines["Alfa"], [{"state": "error", "reason": "the printer is on fire"}]
        )
        self.assertEqual(lines["Beta"].state, "sent")
        run.action_retry()
        self.send(run)
        self.assertEqual(self.lines(run)["Alfa"].state, "sent")
        self.assertEqual(
            self.root["mail.mail"].search_count(
                [
                    ("model", "=", "cartera.customer"),
                    ("res_id", "in", (self.alfa | self.beta).ids),
                ]
            ),
            2,
        )

    def test_a_message_that_cannot_be_queued_is_only_its_own_error(self):
        run = self.prepared(customer_ids=(self.alfa | self.beta).ids)
        Queue = type(self.Run)
        queue = Queue._queue_all

        def broken(this, messages):
            if any(line.customer_id == self.alfa for line in messages):
                raise ValueError("no such folder")
            return queue(this, messages)

        run.action_send()
        with (
            patch.object(Queue, "_queue_all", broken),
            self.assertLogs(SENDER, "WARNING"),
        ):
            self.send(run)
        self.assertEqual(
            {name: one.state for name, one in self.lines(run).items()},
            {"Alfa": "error", "Beta": "sent"},
        )

    def test_a_kill_between_batches_leaves_nobody_without_and_nobody_twice(self):
        run = self.prepared(customer_ids=(self.alfa | self.beta).ids)
        run.action_send()
        lines = run.sudo().line_ids

        class Kill(BaseException):
            pass

        calls = []

        def killed(this, batch):
            calls.append(batch)
            if len(calls) == 2:
                raise Kill
            return send(this, batch)

        Sender = type(self.Run)
        send = Sender._send_batch
        with (
            patch.object(Sender, "_send_batch", killed),
            patch(f"{SENDER}.BATCH", 1),
            self.commits_allowed(),
        ):
            # not assertRaises, which would take back what was committed
            try:
                self.Run._cron_send()
            except Kill:
                calls.append("killed")
        self.assertEqual(calls[-1], "killed")
        run.invalidate_recordset()
        self.assertEqual(sorted(lines.mapped("state")), ["prepared", "sent"])
        self.send(run)
        self.assertEqual(set(lines.mapped("state")), {"sent"})
        self.assertEqual(
            sorted(
                self.root["mail.mail"]
                .search([("mail_message_id", "in", lines.message_id.ids)])
                .mapped("res_id")
            ),
            sorted((self.alfa | self.beta).ids),
        )

    def test_without_an_engine_the_mail_carries_the_workbook_and_says_so(self):
        run = self.prepared(customer_ids=self.alfa.ids)
        run.action_send()
        Statement = type(self.root["cartera.statement"])
        with patch.object(Statement, "_has_engine", lambda this: False):
            self.send(run)
        message = self.lines(run)["Alfa"].message_id
        self.assertEqual(len(message.attachment_ids), 1)
        self.assertTrue(message.attachment_ids.name.endswith(".xlsx"))
        self.assertRegex(message.body, "PDF could not be made|PDF no se pudo")

    def test_recipients_by_role_and_who_refuses(self):
        accounts = self.make_partner(
            "Payables",
            parent_id=self.alfa.partner_id.id,
            is_company=False,
            email="pay@alfa.example.com",
            cartera_collections=True,
        )
        self.beta.refuses_email = True
        run = self.prepared(customer_ids=(self.alfa | self.beta).ids)
        run.action_send()
        self.send(run)
        lines = self.lines(run)
        self.assertEqual(lines["Alfa"].contact_ids, accounts)
        self.assertRegex(lines["Beta"].reason, "does not want e-mail")

    def test_what_is_paid_meanwhile_is_told_or_left_out(self):
        run = self.prepared(customer_ids=(self.alfa | self.beta).ids)
        self.pay(self.alfa.partner_id, 30, TODAY)
        beta = self.root["account.move"].search(
            [("partner_id", "=", self.beta.partner_id.id)]
        )
        self.pay(self.beta.partner_id, 50, TODAY, beta)
        run.action_send()
        self.send(run)
        lines = self.lines(run)
        self.assertEqual((lines["Alfa"].balance, lines["Alfa"].state), (370, "sent"))
        self.assertEqual(lines["Beta"].state, "cancelled")

    def test_cancelled_stops_the_rest(self):
        run = self.prepared()
        run.action_send()
        run.action_cancel()
        self.send(run)
        self.assertEqual(set(run.sudo().line_ids.mapped("state")), {"cancelled"})

    def test_the_server_refuses_the_message(self):
        run = self.prepared(customer_ids=self.alfa.ids)
        run.action_send()
        self.send(run)
        line = self.lines(run)["Alfa"]
        mail = self.root["mail.mail"].search(
            [("mail_message_id", "=", line.message_id.id)]
        )
        # the server is away: Odoo's queue keeps the message, so it is not ours to send again
        mail._postprocess_sent_message([], [], failure_type="mail_smtp")
        self.assertIn("mail server", line.reason)
        mail._postprocess_sent_message(
            [], [], failure_reason="no connection", failure_type="mail_smtp"
        )
        self.assertRecordValues(line, [{"state": "sent", "reason": "no connection"}])
        mail._postprocess_sent_message(
            [], [], failure_reason="unknown user", failure_type="mail_email_invalid"
        )
        self.assertRecordValues(line, [{"state": "error", "reason": "unknown user"}])
        self.assertEqual(self.alfa.activity_ids.user_id, self.collector)

    # Rights and history

    def test_roles(self):
        for user in (self.salesperson, self.viewer):
            with self.subTest(user.login), self.refused(AccessError, "."):
                self.make(user)
        run = self.prepared()
        accountant = run.with_user(self.accountant)
        accountant.action_prepare()
        other = self.make_user(
            "elsewhere",
            "collector",
            company_id=self.other_company.id,
            company_ids=[Command.set(self.other_company.ids)],
        )
        with self.refused(AccessError, "."):
            run.with_user(other).action_send()
        with self.refused(AccessError, "."):
            run.with_user(self.salesperson).action_send()
        with self.refused(AccessError, "buttons"):
            run.with_user(self.collector).state = "sent"
        with self.refused(AccessError, "."):
            run.line_ids.with_user(self.collector).write({"balance": 1})

    def test_what_was_sent_is_history(self):
        run = self.prepared(customer_ids=self.alfa.ids)
        run.action_send()
        self.send(run)
        line = run.sudo().line_ids
        for refused in (
            lambda: line.write({"balance": 1}),
            lambda: line.amount_ids[0].write({"balance": 1}),
            lambda: line.unlink(),
            lambda: line.amount_ids.unlink(),
            lambda: run.sudo().unlink(),
            lambda: run.sudo().write({"date": "2026-01-01"}),
        ):
            with self.refused(UserError, "history|cannot be changed"):
                refused()

    # Schedule

    def test_the_statements_of_a_month_go_out_once(self):
        self.alfa.statement_schedule = "monthly"
        self.beta.write(
            {"statement_schedule": "monthly", "statement_form": "movements"}
        )
        with self.at("2026-04-01"):
            with self.commits_allowed():
                self.Run._cron_scheduled()
            runs = self.Run.search([("schedule", "=", "monthly")])
            self.assertEqual(
                {
                    (one.form, str(one.date), one.period, one.line_ids.customer_id)
                    for one in runs
                },
                {
                    ("open", "2026-03-31", "2026-03", self.alfa),
                    ("movements", "2026-03-31", "2026-03", self.beta),
                },
            )
            with self.commits_allowed():
                self.Run._cron_scheduled()
                self.Run._cron_send()
            self.assertEqual(self.Run.search([("schedule", "!=", False)]), runs)
            self.assertEqual(set(runs.line_ids.mapped("state")), {"sent"})
            # another form in the same month: not once more
            self.alfa.statement_form = "movements"
            runs.filtered(lambda one: one.form == "movements").write({"period": "old"})
            with self.commits_allowed():
                self.Run._cron_scheduled()
            self.assertEqual(len(self.alfa.statement_line_ids), 1)
        again = self.Run.search(
            [("period", "=", "2026-03"), ("form", "=", "movements")]
        )
        self.assertFalse(again.line_ids)

    def test_the_last_whole_week(self):
        self.assertEqual(
            [str(one) for one in self.Run._period("weekly", self.today)],
            ["2026-W11", "2026-03-09", "2026-03-15"],
        )
        self.alfa.statement_schedule = "weekly"
        runs = self.Run._make_scheduled(self.company, self.today)
        self.assertEqual(runs.line_ids.customer_id, self.alfa)
        self.assertEqual(runs.line_ids.period, "2026-W11")
        self.assertFalse(self.Run._make_scheduled(self.company, self.today))

    def test_too_late_is_not_at_all(self):
        self.alfa.statement_schedule = "monthly"
        with self.at("2026-04-20"), self.commits_allowed():
            self.Run._cron_scheduled()
        self.assertFalse(self.Run.search([("schedule", "!=", False)]))

    def test_new_customers_by_default_get_nothing_by_itself(self):
        with self.at("2026-04-01"), self.commits_allowed():
            self.Run._cron_scheduled()
        self.assertFalse(self.Run.search([("schedule", "!=", False)]))

    # One by hand, and the workbook

    def wizard(self, user, customers, **vals):
        action = customers.with_user(user).action_statement()
        return (
            self.root["cartera.statement.wizard"]
            .with_user(user)
            .with_context(**action["context"])
            .create(vals)
        )

    def test_one_customer_at_once(self):
        wizard = self.wizard(self.collector, self.alfa)
        self.assertRegex(wizard.action_pdf()["url"], r"^/cartera/statement\.pdf\?ids=")
        told = wizard.action_send()
        self.assertIn("alfa@example.com", told["params"]["message"])
        self.assertEqual(self.alfa.statement_line_ids.state, "sent")
        with self.refused(UserError, "no contact with an e-mail"):
            self.wizard(self.collector, self.delta).action_send()
        with self.refused(AccessError, "."):
            self.wizard(self.salesperson, self.beta).action_send()

    def test_from_the_contact_and_the_case(self):
        partner = self.alfa.partner_id.with_user(self.collector).with_company(
            self.company
        )
        action = partner.action_cartera_statement()
        self.assertEqual(action["context"]["default_customer_ids"], self.alfa.ids)
        case = self.root["cartera.collection.case"]._for_customers(self.alfa)[self.alfa]
        action = case.with_user(self.collector).action_statement()
        self.assertEqual(action["context"]["default_customer_ids"], self.alfa.ids)

    def test_the_workbook_holds_texts_as_texts(self):
        self.alfa.partner_id.name = '=HYPERLINK("http://example.com")'
        Statement = self.root["cartera.statement"]
        question = Statement._question(self.company, partners=self.alfa.partner_id)
        book = openpyxl.load_workbook(io.BytesIO(Statement._xlsx(question, self.alfa)))
        totals, items = book.worksheets
        name = totals.cell(5, 1)
        self.assertEqual(name.data_type, "s")
        self.assertEqual(name.value, '=HYPERLINK("http://example.com")')
        rows = list(items.iter_rows(min_row=5, values_only=True))
        self.assertEqual(sum(row[9] for row in rows if row[7] == "USD"), 300)
        self.assertEqual(sum(row[9] for row in rows if row[7] == "MXN"), 1800)
        # 10 March to 16 March
        self.assertEqual(max(row[6] for row in rows), 6)
        question = Statement._question(
            self.company, None, "movements", "2026-03-01", self.alfa.partner_id
        )
        book = openpyxl.load_workbook(io.BytesIO(Statement._xlsx(question, self.alfa)))
        rows = [
            row
            for row in book.worksheets[1].iter_rows(min_row=5, values_only=True)
            if row[5] == "USD"
        ]
        self.assertEqual([row[8] for row in rows], [200, 300])
        self.assertEqual(rows[1][6], 100)

    @mute_logger("odoo.addons.base.models.ir_actions_report")
    def test_the_page_has_creditor_balance_and_how_to_pay(self):
        self.company.cartera_payment_instructions = "<p>Bank of Nowhere 123</p>"
        self.company.vat = False
        report = self.root["ir.actions.report"].with_context(lang="en_US")
        html = report._render_qweb_html(
            "cartera_cobranza.action_report_statement", self.alfa.ids
        )[0]
        text = html.decode()
        for expected in (
            self.company.name, "Alfa", "Bank of Nowhere 123", "/my/statement", "300.00", "1,800.00",
        ):  # fmt: skip
            self.assertIn(expected, text)

    def test_no_gap_where_the_engine_prints_no_headers(self):
        report = self.root["ir.actions.report"]
        path = "odoo.addons.cartera_cobranza.models.res_company._wkhtml"
        for patched in (False, True):
            with self.subTest(patched=patched), patch(path) as engine:
                engine.return_value.is_patched_qt = patched
                html = report._render_qweb_html(
                    "cartera_cobranza.action_report_statement", self.alfa.ids
                )[0].decode()
                self.assertEqual('data-report-margin-top="12"' in html, not patched)

    # Queries

    def test_queries_are_flat(self):
        counts = []
        for number in (3, 30):
            partners = self.root["res.partner"].create(
                [
                    {"name": f"Many {number} {one}", "is_company": True}
                    for one in range(number)
                ]
            )
            for partner in partners:
                self.make_invoice(partner, 10, "2026-03-01")
            customers = self.Customer._find_or_create(partners, self.company)
            run = self.Run.create(
                {
                    "company_id": self.company.id,
                    "customer_ids": [one.id for one in customers.values()],
                }
            )
            question = run._question(partners)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.root["cartera.statement"]._statements(question)
            gathered = self.env.cr.sql_log_count - start
            run.action_prepare()
            self.env.flush_all()
            counts.append((gathered, self.env.cr.sql_log_count - start))
        self.assertEqual(counts[0][0], counts[1][0])
        # inserts go in batches of a hundred rows and more
        self.assertLessEqual(counts[1][1], counts[0][1] + 3)

    # The salesperson's own aging

    def test_the_aging_of_the_week_goes_out_once(self):
        Alert = self.root["cartera.collection.alert"]
        self.env["res.lang"]._activate_lang("en_US")
        self.salesperson.lang = "en_US"
        self.salesperson.cartera_alert_aging = "weekly"
        self.viewer.cartera_alert_aging = "weekly"
        sent = Alert._send_aging(self.company, self.today)
        # the other one sells to nobody who owes
        self.assertEqual(sent.user_id, self.salesperson)
        self.assertEqual(str(sent.date), "2026-03-16")
        for day, again in ((22, False), (23, True)):
            with self.at(f"2026-03-{day}"):
                self.assertEqual(bool(Alert._send_aging(self.company)), again)
        self.assertIn("aging of my customers", sent.mail_id.subject)
        body = str(sent.mail_id.body_html)
        self.assertIn("Beta", body)
        self.assertIn("Over 120", body)
        self.assertNotIn("Alfa", body)
        book = openpyxl.load_workbook(io.BytesIO(sent.mail_id.attachment_ids.raw))
        rows = list(book.worksheets[2].iter_rows(min_row=5, values_only=True))
        self.assertEqual([(row[0], row[8]) for row in rows], [("Beta", 50)])
