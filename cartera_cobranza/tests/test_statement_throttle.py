from unittest.mock import patch

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .common import TODAY, CarteraCommon

SENDER = "odoo.addons.cartera_cobranza.models.cartera_statement_sender"
FIVE = ("Alfa", "Beta", "Gama", "Delta", "Epsilon")


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestStatementThrottle(CarteraCommon):
    """So many statements an hour and no more, over batches, runs and kills; nobody twice, nobody left out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root["res.lang"]._activate_lang("en_US")
        cls.company.partner_id.write({"lang": "en_US", "tz": "UTC"})
        cls.Run = cls.root["cartera.statement.run"]
        cls.cron = cls.root.ref("cartera_cobranza.ir_cron_statement_send")
        cls.customers = cls.Customer
        for name in FIVE:
            customer = cls.make_customer(
                partner=cls.make_partner(name, email=f"{name.lower()}@example.com")
            )
            cls.make_invoice(customer.partner_id, 100, "2026-03-10", "2026-02-10")
            cls.customers |= customer
        cls.company.cartera_statement_hourly = 2
        cls.env.flush_all()

    def started(self, customers=None):
        run = self.Run.with_user(self.collector).create(
            {
                "company_id": self.company.id,
                "customer_ids": (customers or self.customers).ids,
            }
        )
        run.action_prepare()
        run.action_send()
        return run.with_context(lang="en_US", tz="UTC")

    def work(self, clock=None, day=TODAY):
        """The job runs at a time of the day; returns when it wants to run again."""
        with freeze_time(f"{day} {clock or '12:00'}:00"):
            self.root["ir.cron.trigger"].search(
                [
                    ("cron_id", "=", self.cron.id),
                    ("call_at", "<=", fields.Datetime.now()),
                ]
            ).unlink()
            with self.commits_allowed():
                self.Run._cron_send()
        self.env.invalidate_all()
        return sorted(
            f"{one.call_at:%H:%M}"
            for one in self.root["ir.cron.trigger"].search(
                [("cron_id", "=", self.cron.id)]
            )
        )

    def sent(self, run):
        return run.sudo().line_ids.filtered(lambda one: one.state == "sent")

    def told(self, run):
        """What the run says of its progress, whichever blank stands before AM and PM."""
        return (run.progress or "").replace("\u202f", " ").replace("\xa0", " ")

    def mails(self, run):
        return self.root["mail.mail"].search(
            [("mail_message_id", "in", run.sudo().line_ids.message_id.ids)]
        )

    # The setting

    def test_a_negative_number_is_refused_and_named(self):
        with self.refused(ValidationError, "-5 statements an hour", "no limit"):
            self.company.cartera_statement_hourly = -5
        settings = self.root["res.config.settings"].with_company(self.company)
        with self.refused(ValidationError, "-1 statements an hour"):
            settings.create({"cartera_statement_hourly": -1}).execute()
        with self.refused(ValidationError, "0 customers at once"):
            self.company.cartera_statement_print_limit = 0

    def test_zero_is_no_limit(self):
        self.company.cartera_statement_hourly = 0
        run = self.started()
        self.assertEqual(self.work(), [])
        self.assertEqual(len(self.sent(run)), 5)
        self.assertEqual(run.state, "sent")

    # The rate

    def test_two_an_hour(self):
        run = self.started()
        self.assertEqual(self.work(), ["13:00"])
        self.assertEqual(len(self.sent(run)), 2)
        self.assertEqual(
            self.told(run),
            "2 of 5 sent; next batch at 1:00 PM, the last at about 2:00 PM.",
        )
        self.assertEqual(run.progress_share, 40)
        # called too early it does nothing, and does not ask twice for the same moment
        self.assertEqual(self.work("12:30"), ["13:00"])
        self.assertEqual(len(self.sent(run)), 2)
        self.assertEqual(self.work("13:00"), ["14:00"])
        self.assertEqual(len(self.sent(run)), 4)
        with freeze_time(f"{TODAY} 13:30:00"):
            self.env.invalidate_all()
            self.assertEqual(
                self.told(run), "4 of 5 sent; the last ones go out at 2:00 PM."
            )
        self.assertEqual(self.work("14:00"), [])
        self.assertEqual(len(self.sent(run)), 5)
        self.assertEqual((run.state, run.progress), ("sent", False))
        self.assertEqual(
            sorted(self.mails(run).mapped("res_id")), sorted(self.customers.ids)
        )
        self.assertEqual(
            sorted(f"{one.sent_at:%H:%M}" for one in self.sent(run)),
            ["12:00", "12:00", "13:00", "13:00", "14:00"],
        )

    def test_the_limit_is_the_companys_over_all_its_runs(self):
        first = self.started(self.customers[:3])
        second = self.started(self.customers[3:])
        self.assertEqual(self.work(), ["13:00"])
        self.assertEqual([len(self.sent(one)) for one in (first, second)], [2, 0])
        # one of the first run goes before
        self.assertEqual(
            self.told(second),
            "0 of 2 sent; the last ones go out at 2:00 PM.",
        )
        self.assertEqual(self.work("13:00"), ["14:00"])
        self.assertEqual([len(self.sent(one)) for one in (first, second)], [3, 1])
        self.assertEqual(self.work("14:00"), [])
        self.assertEqual([len(self.sent(one)) for one in (first, second)], [3, 2])

    def test_another_company_does_not_wait(self):
        run = self.started()
        other = self.make_customer(
            company=self.other_company,
            partner=self.make_partner("Elsewhere", email="else@example.com"),
        )
        self.make_invoice(
            other.partner_id, 100, "2026-03-10", company=self.other_company
        )
        elsewhere = self.Run.create(
            {"company_id": self.other_company.id, "customer_ids": other.ids}
        )
        elsewhere.action_prepare()
        elsewhere.action_send()
        self.work()
        self.assertEqual([len(self.sent(one)) for one in (run, elsewhere)], [2, 1])

    def test_who_cannot_be_written_to_takes_nobodys_place(self):
        self.customers[0].partner_id.email = False
        run = self.started()
        self.work()
        self.assertEqual(len(self.sent(run)), 2)
        states = run.sudo().line_ids.mapped("state")
        self.assertEqual(states.count("no_email"), 1)
        self.assertEqual(states.count("prepared"), 2)
        self.assertEqual(
            self.told(run),
            "2 of 5 sent, 1 could not be sent; the last ones go out at 1:00 PM.",
        )

    def test_one_that_fails_does_not_stop_the_rest(self):
        run = self.started()
        victim = self.customers[0]
        Statement = type(self.root["cartera.statement"])
        make = Statement._pdf

        def broken(this, question, customer, statements=None):
            if customer.id == victim.id:
                raise ValueError("no ink")
            return make(this, question, customer, statements)

        with (
            patch.object(Statement, "_pdf", broken),
            patch.object(Statement, "_has_engine", lambda this: True),
            self.assertLogs(SENDER, "WARNING"),
        ):
            for clock in ("12:00", "13:00", "14:00"):
                self.work(clock)
        lines = {one.customer_id: one for one in run.sudo().line_ids}
        self.assertRecordValues(lines[victim], [{"state": "error", "reason": "no ink"}])
        self.assertEqual(len(self.sent(run)), 4)
        with freeze_time(f"{TODAY} 14:10:00"):
            run.with_user(self.collector).action_retry()
        # at 14:10 two of the hour are gone already
        self.assertEqual(self.work("14:10"), [])
        self.assertEqual(len(self.sent(run)), 5)

    def test_a_kill_in_the_middle_of_an_hour(self):
        run = self.started()

        class Kill(BaseException):
            pass

        Sender = type(self.Run)
        send = Sender._send_batch
        calls = []

        def killed(this, batch):
            calls.append(batch)
            if len(calls) == 2:
                raise Kill
            return send(this, batch)

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
        self.env.invalidate_all()
        self.assertEqual(len(self.sent(run)), 1)
        # one more in this hour, though the job starts anew
        self.assertEqual(self.work("12:05"), ["13:05"])
        self.assertEqual(len(self.sent(run)), 2)
        for clock in ("13:05", "14:05"):
            self.work(clock)
        self.assertEqual(len(self.sent(run)), 5)
        self.assertEqual(
            sorted(self.mails(run).mapped("res_id")), sorted(self.customers.ids)
        )

    def test_the_job_is_not_called_again_at_once_for_what_waits(self):
        """What waits its hour is not left over: Odoo would start the job again and again."""
        self.started()
        Cron = type(self.cron)
        told = []

        def progress(this, processed=0, *, remaining=None, deactivate=False):
            told.append((processed, remaining))
            return 60

        with patch.object(Cron, "_commit_progress", progress):
            self.Run._cron_send()
        self.assertEqual(told, [(0, 5), (2, 3), (0, 0)])

    def test_one_sent_by_hand_counts(self):
        wizard = self.root["cartera.statement.wizard"].with_user(self.collector)
        wizard.create(
            {"customer_ids": self.customers[0].ids, "company_id": self.company.id}
        ).action_send()
        run = self.started(self.customers[1:])
        self.assertEqual(self.work("12:10"), ["13:10"])
        self.assertEqual(len(self.sent(run)), 1)

    def test_what_is_paid_while_it_waits_is_not_demanded(self):
        """Hours go by: who chose only overdue ones does not send to who paid meanwhile."""
        run = self.Run.with_user(self.collector).create(
            {
                "company_id": self.company.id,
                "customer_ids": self.customers.ids,
                "only_overdue": True,
            }
        )
        run.action_prepare()
        run.action_send()
        self.work()
        paid = (run.sudo().line_ids - self.sent(run))[0]
        move = self.root["account.move"].search(
            [("partner_id", "=", paid.partner_id.id)]
        )
        self.make_invoice(paid.partner_id, 70, "2026-04-10", "2026-03-12")
        self.pay(paid.partner_id, 100, TODAY, move)
        self.work("13:00")
        self.assertRecordValues(
            paid, [{"state": "cancelled", "reason": "Nothing is overdue."}]
        )

    def test_progress_of_many_runs_is_flat(self):
        counts = []
        for number in (2, 20):
            runs = self.Run.browse()
            for _one in range(number):
                runs |= self.Run.create(
                    {
                        "company_id": self.company.id,
                        "customer_ids": self.customers[:1].ids,
                    }
                )
            runs.action_prepare()
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            runs.mapped("progress_share")
            counts.append(self.env.cr.sql_log_count - start)
        self.assertEqual(counts[0], counts[1])
