from odoo.tests import tagged

from .requests_common import PDF, RequestCommon


@tagged("post_install", "-at_install")
class TestCreditReview(RequestCommon):
    """The review calendar: what falls due, and the activities that the daily job makes of it, once."""

    def setUp(self):
        super().setUp()
        self.Review = self.root["cartera.credit.review"]
        self.customer.credit_user_id = self.executive

    def rows(self, customer=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.Review.search(
            [("customer_id", "=", (customer or self.customer).id)]
        ).mapped(lambda row: (row.kind, str(row.date), row.days))

    def activities(self):
        return self.root["mail.activity"].search(
            [
                ("res_model", "=", "cartera.customer"),
                ("res_id", "=", self.customer.id),
            ]
        )

    def test_what_falls_due(self):
        self.make_invoice(self.partner, 5)
        line = self.make_line(
            self.customer, 1000, review_date="2026-03-20", date_to="2026-12-31"
        )
        self.make_temporary(line, 2000, "2026-03-16", "2026-03-31")
        self.make_guarantee(500, date_to="2026-04-01", accept=True)
        self.make_guarantee(
            300, kind="insurance", ceiling=200, date_to="2026-05-01", accept=True
        )
        self.make_guarantee(300, date_to="2026-04-02")  # a draft says nothing
        self.assertEqual(
            self.rows(),
            [
                ("line_review", "2026-03-20", 4),
                ("temporary_end", "2026-03-31", 15),
                ("guarantee", "2026-04-01", 16),
                ("coverage", "2026-05-01", 46),
                ("line_end", "2026-12-31", 290),
            ],
        )
        line.action_expire()
        self.assertEqual([row[0] for row in self.rows()], ["guarantee", "coverage"])

    def test_a_document_counts_until_a_newer_one_came(self):
        self.require("opening", "Tax certificate")
        request = self.make_request(submit=True)
        request.document_ids.write(
            {"file": PDF, "file_name": "old.pdf", "date_to": "2026-04-01"}
        )
        self.assertEqual(self.rows(), [], "nothing of what is not approved")
        request.with_user(self.manager).action_approve()
        self.make_invoice(self.partner, 5)
        kinds = [row for row in self.rows() if row[0] == "document"]
        self.assertEqual(kinds, [("document", "2026-04-01", 16)])
        self.root["cartera.request.requirement"].search([]).write({"kind": "increase"})
        again = self.make_request("increase", 2000, submit=True)
        again.document_ids.write(
            {"file": PDF, "file_name": "new.pdf", "date_to": "2027-04-01"}
        )
        again.with_user(self.manager).action_approve()
        kinds = [row for row in self.rows() if row[0] == "document"]
        self.assertEqual([row[1] for row in kinds], ["2027-04-01"])

    def test_dormant_lines(self):
        """Six months after the last invoice, or after the line began; never before."""
        with self.at("2025-09-15"):
            self.make_line(self.customer, 1000, date_from="2025-09-15")
        self.assertEqual(self.rows(), [("dormant", "2026-03-15", -1)])
        self.make_invoice(self.partner, 5, date="2025-09-16")
        self.assertEqual(self.rows(), [("dormant", "2026-03-16", 0)])
        self.make_invoice(self.partner, 5, date="2025-09-17")
        self.assertEqual(self.rows(), [])
        self.company.sudo().cartera_dormant_months = 0
        with self.at("2027-01-01"):
            self.assertEqual(self.rows(), [])

    def test_the_job_makes_each_activity_once(self):
        self.make_invoice(self.partner, 5)
        self.make_line(
            self.customer, 1000, review_date="2026-03-31", date_to="2026-04-01"
        )
        company = self.company.sudo()
        self.Review._remind(company)
        activity = self.activities()
        self.assertRecordValues(
            activity,
            [
                {
                    "user_id": self.executive.id,
                    "date_deadline": self.root["cartera.credit.line"]
                    ._fields["review_date"]
                    .to_date("2026-03-31"),
                }
            ],
        )
        reader = self.root(context={"lang": self.executive.lang})
        kinds = reader["cartera.credit.review"]._fields["kind"]
        told = dict(kinds._description_selection(reader))["line_review"]
        self.assertIn(told, activity.summary)
        self.Review._remind(company)
        self.assertEqual(len(self.activities()), 1, "fifteen days ahead, and once")
        with self.at("2026-03-17"):
            self.Review._remind(company)
            self.Review._remind(company)
        self.assertEqual(len(self.activities()), 2)
        self.customer.line_id.review_date = "2026-03-30"
        self.Review._remind(company)
        self.assertEqual(len(self.activities()), 3, "a new date is a new reminder")

    def test_what_is_late_is_due_today(self):
        self.make_invoice(self.partner, 5)
        with self.at("2026-01-10"):
            self.make_line(
                self.customer, 5, date_from="2026-01-10", review_date="2026-02-01"
            )
        self.Review._remind(self.company.sudo())
        self.assertEqual(self.activities().date_deadline, self.today)

    def test_the_daily_job_runs_over_all_companies(self):
        with self.at("2025-01-01"):
            self.make_line(self.customer, 5, date_from="2025-01-01")
        with self.commits_allowed():
            self.Review._cron_remind()
            self.Review._cron_remind()
        self.assertEqual(len(self.activities()), 1)

    def test_salespeople_see_their_own_customers(self):
        with self.at("2025-01-01"):
            self.make_line(self.customer, 5, date_from="2025-01-01")
        self.partner.user_id = self.manager
        domain = [("customer_id", "=", self.customer.id)]
        for user, expected in (
            (self.salesperson, 0),
            (self.executive, 1),
            (self.manager, 1),
        ):
            with self.subTest(user.login):
                found = self.env["cartera.credit.review"].with_user(user)
                self.assertEqual(found.search_count(domain), expected)
        action = self.Review.search(domain).action_open_record()
        self.assertEqual(action["res_model"], "cartera.credit.line")

    def test_reminding_takes_as_many_queries_for_ten_as_for_a_hundred(self):
        customers = [self.make_customer(f"Many {one}") for one in range(110)]
        lines = self.root["cartera.credit.line"].create(
            [
                {"customer_id": one.id, "amount": 1000, "review_date": "2026-03-16"}
                for one in customers
            ]
        )
        counts = []
        for chosen in (lines[:10], lines[10:]):
            chosen._set_state({"state": "active", "activated_on": self.today})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            made = self.Review._remind(self.company.sudo())
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(made), len(chosen))
        self.assertLessEqual(counts[1], counts[0] + 5, counts)
