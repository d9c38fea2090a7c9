import io
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfReader, PdfWriter

from .common import TODAY, CarteraCommon

PRINT = "odoo.addons.cartera_cobranza.models.cartera_statement_print"
NAMES = ("Alfa", "Beta", "Gama", "Delta", "Epsilon")


def blank(pages=1):
    """A PDF of empty pages."""
    writer = PdfWriter()
    for _number in range(pages):
        writer.add_blank_page(100, 100)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestStatementPrint(CarteraCommon):
    """More customers than one waits for: made in the background, whole or not at all, and who asked is told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root["res.lang"]._activate_lang("en_US")
        cls.company.partner_id.lang = cls.collector.lang = "en_US"
        cls.Print = cls.root["cartera.statement.print"]
        cls.customers = cls.Customer
        for name in NAMES:
            customer = cls.make_customer(partner=cls.make_partner(name))
            cls.make_invoice(customer.partner_id, 100, "2026-03-10", "2026-02-10")
            cls.customers |= customer
        cls.company.cartera_statement_print_limit = 2
        cls.env.flush_all()

    def wizard(self, customers=None, user=None, **vals):
        return (
            self.root["cartera.statement.wizard"]
            .with_user(user or self.collector)
            .create(
                {
                    "company_id": self.company.id,
                    "customer_ids": (customers or self.customers).ids,
                }
                | vals
            )
        )

    def asked(self, **kwargs):
        with self.engine():
            action = self.wizard(**kwargs).action_pdf()
        self.assertEqual(action["res_model"], "cartera.statement.print")
        return self.Print.browse(action["res_id"])

    def engine(self, made=None, there=True):
        """A PDF engine that makes an empty page; ``made`` is asked for each customer."""
        Statement = type(self.root["cartera.statement"])

        def pdf(_this, _question, customer, _statements=None):
            return made(customer) if made else blank()

        return patch.multiple(Statement, _pdf=pdf, _has_engine=lambda _this: there)

    def work(self, made=None):
        with self.engine(made), self.commits_allowed():
            self.Print._cron_print()
        self.env.invalidate_all()

    def pages(self, job):
        return [
            len(PdfReader(io.BytesIO(one.raw)).pages)
            for one in job.file_ids.sorted("name")
        ]

    def test_few_are_made_at_once(self):
        with self.engine():
            action = self.wizard(self.customers[:2]).action_pdf()
        self.assertRegex(action["url"], r"^/cartera/statement\.pdf\?")
        self.assertFalse(self.Print.search([("company_id", "=", self.company.id)]))

    def test_many_are_made_in_the_background(self):
        job = self.asked()
        self.assertRecordValues(
            job, [{"state": "waiting", "line_count": 5, "user_id": self.collector.id}]
        )
        self.assertFalse(job.file_ids)
        self.work()
        self.assertRecordValues(
            job,
            [
                {
                    "state": "done",
                    "made_count": 5,
                    "failed_count": 0,
                    "progress_share": 100,
                }
            ],
        )
        self.assertEqual(self.pages(job), [5])
        self.assertFalse(any(job.line_ids.mapped("content")))
        # in the order of their names
        self.assertEqual(job.line_ids.partner_id.mapped("name"), sorted(NAMES))
        told = self.root["mail.message"].search(
            [("model", "=", job._name), ("res_id", "=", job.id)]
        )
        self.assertEqual(told.notified_partner_ids, self.collector.partner_id)
        self.assertIn(f'data-oe-id="{job.id}"', told.body)
        self.assertTrue(job.file_ids.with_user(self.collector).has_access("read"))

    def test_in_parts(self):
        job = self.asked()
        with patch(f"{PRINT}.PART", 2):
            self.work()
        self.assertEqual(self.pages(job), [2, 2, 1])
        self.assertEqual(job.line_ids.mapped("part"), [1, 1, 2, 2, 3])
        self.assertRegex(job.file_ids[0].name, "1, Alfa to Beta.pdf")

    def test_in_parts_by_size(self):
        """Each page has so many bytes: two of them fit."""
        job = self.asked()
        with patch(f"{PRINT}.PART_BYTES", 2 * len(blank()) + 1):
            self.work()
        self.assertEqual(self.pages(job), [2, 2, 1])

    def test_one_that_fails_is_listed_and_in_no_file(self):
        job = self.asked()

        def made(customer):
            if customer == self.customers[1]:
                raise ValueError("out of toner")
            return blank()

        with self.assertLogs(PRINT, "WARNING"):
            self.work(made)
        failed = job.line_ids.filtered(lambda one: one.state == "error")
        self.assertEqual(failed.customer_id, self.customers[1])
        self.assertEqual(failed.reason, "out of toner")
        self.assertEqual(self.pages(job), [4])
        self.assertEqual((job.state, job.failed_count), ("done", 1))
        told = self.root["mail.message"].search(
            [("model", "=", job._name), ("res_id", "=", job.id)]
        )
        self.assertIn("1 could not be printed", told.body)
        job.with_user(self.collector).action_retry()
        self.work()
        self.assertEqual(self.pages(job), [4, 1])
        self.assertEqual(failed.part, 2)
        with self.refused(UserError, "nothing in .* to print again"):
            job.with_user(self.collector).action_retry()

    def test_a_kill_in_the_middle(self):
        job = self.asked()

        class Kill(BaseException):
            pass

        made = []

        def slow(customer):
            if len(made) == 3:
                raise Kill
            made.append(customer)
            return blank()

        with (
            patch(f"{PRINT}.BATCH", 2),
            self.engine(slow),
            self.commits_allowed(),
        ):
            # not assertRaises, which would take back what was committed
            try:
                self.Print._cron_print()
            except Kill:
                self.env.cr.rollback()
        self.env.invalidate_all()
        states = job.line_ids.mapped("state")
        self.assertEqual(states.count("made"), 2)
        self.assertEqual(job.state, "waiting")
        self.assertFalse(job.file_ids)
        self.assertRegex(job.with_context(lang="en_US").progress, "2 of 5 printed")
        again = []
        self.work(lambda customer: again.append(customer) or blank())
        self.assertEqual(len(again), 3)
        self.assertEqual(self.pages(job), [5])

    def test_cancelled(self):
        job = self.asked()
        job.with_user(self.collector).action_cancel()
        self.work()
        self.assertRecordValues(job, [{"state": "cancelled"}])
        self.assertFalse(job.file_ids)
        with self.refused(UserError, "over already"):
            job.with_user(self.collector).action_cancel()

    def test_nobody_else_sees_it(self):
        job = self.asked()
        self.work()
        for user in (self.salesperson, self.manager, self.accountant):
            with self.subTest(user.login):
                self.assertFalse(job.with_user(user).has_access("read"))
                self.assertFalse(job.file_ids.with_user(user).has_access("read"))
                for verb in (
                    job.with_user(user).action_cancel,
                    job.with_user(user).action_retry,
                ):
                    with self.refused(AccessError, "."):
                        verb()
        with self.refused(AccessError, "."):
            job.with_user(self.collector).write({"state": "waiting"})
        with self.refused(AccessError, "."):
            self.Print.with_user(self.collector).create(
                {"company_id": self.company.id, "user_id": self.manager.id}
            )

    def test_without_an_engine_it_is_refused_and_says_what_to_do(self):
        with (
            self.engine(there=False),
            self.refused(UserError, "cannot make PDF", "Excel", "wkhtmltopdf"),
        ):
            self.wizard().action_pdf()

    def test_bad_questions(self):
        with self.engine():
            with self.refused(UserError, "not known yet"):
                self.wizard(date="2026-03-17").action_pdf()
            with self.refused(UserError, "begin on"):
                self.wizard(
                    form="movements", date="2026-03-01", date_from="2026-03-02"
                ).action_pdf()
            other = self.make_customer("Elsewhere", company=self.other_company)
            with self.refused(UserError, "of one company"):
                self.wizard(self.customers | other, user=self.everywhere).action_pdf()

    def test_all_of_a_run(self):
        run = self.root["cartera.statement.run"].with_user(self.collector)
        run = run.create(
            {"company_id": self.company.id, "customer_ids": self.customers[:3].ids}
        )
        with self.refused(UserError, "nothing to print"):
            run.action_print()
        run.action_prepare()
        with self.engine():
            job = self.Print.browse(run.action_print()["res_id"])
        self.assertEqual(job.run_id, run.sudo())
        self.assertEqual(job.line_ids.customer_id, self.customers[:3])

    def test_what_is_old_goes(self):
        job = self.asked()
        self.work()
        files = job.file_ids
        with self.at("2026-04-10"):
            self.Print._gc_prints()
        self.assertTrue(job.exists())
        self.env.cr.execute(
            "UPDATE cartera_statement_print SET create_date = '2026-03-01' WHERE id = %s",
            (job.id,),
        )
        with self.at("2026-04-10"):
            self.Print._gc_prints()
        self.assertFalse(job.exists())
        self.assertFalse(files.exists())

    @mute_logger("odoo.addons.base.models.ir_actions_report")
    def test_real_pages(self):
        """wkhtmltopdf itself; without a server it fetches no styles, which are in the page."""
        job = self.Print.browse(self.wizard(self.customers[:3]).action_pdf()["res_id"])
        with self.commits_allowed():
            self.Print.with_context(force_report_rendering=True)._cron_print()
        self.env.invalidate_all()
        self.assertEqual(job.line_ids.mapped("reason"), [False] * 3)
        self.assertGreaterEqual(self.pages(job)[0], 3)
        self.assertTrue(job.file_ids.raw.startswith(b"%PDF"))
