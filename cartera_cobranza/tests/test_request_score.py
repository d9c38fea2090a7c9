from datetime import date
from decimal import Decimal as D

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .requests_common import RequestCommon


@tagged("post_install", "-at_install")
class TestRequestScore(RequestCommon):
    """How a customer buys and pays, read from the ledger, and what that is worth."""

    def behaviour(self, partner=None, day=None, company=None):
        partner = partner or self.partner
        return self.root["cartera.credit.behaviour"]._gather_behaviour(
            company or self.company.sudo(), partner.ids, day
        )[partner.id]

    # Behaviour

    def test_days_late_are_weighted_by_what_was_paid(self):
        """domain 2: 100,000 one day late and 1,000 thirty days late are 1.29 days."""
        first = self.make_invoice(self.partner, 100000, due="2026-01-10")
        second = self.make_invoice(self.partner, 1000, due="2026-01-10")
        self.pay(self.partner, 100000, "2026-01-11", first)
        self.pay(self.partner, 1000, "2026-02-09", second)
        found = self.behaviour()
        self.assertEqual(round(found.days_late, 2), D("1.29"))
        self.assertEqual(found.paid, D(101000))

    def test_instalments_partial_payments_and_early_ones(self):
        """600 paid 10 days late, 200 paid early (no credit for it), 200 still open: 6,000 / 800 = 7.5."""
        invoice = self.make_invoice(self.partner, 1000, due="2026-02-01")
        self.pay(self.partner, 200, "2026-01-20", invoice)
        self.pay(self.partner, 600, "2026-02-11", invoice)
        found = self.behaviour()
        self.assertEqual(found.days_late, D("7.5"))
        self.assertEqual(found.oldest_days, 43)  # 1 February to 16 March

    def test_credit_notes_lower_purchases_and_pay_nothing(self):
        invoice = self.make_invoice(self.partner, 1000, due="2026-02-01")
        note = self.make_invoice(
            self.partner, 300, date="2026-03-01", move_type="out_refund"
        )
        (invoice | note).line_ids.filtered(
            lambda one: one.account_id.account_type == "asset_receivable"
        ).reconcile()
        found = self.behaviour()
        self.assertEqual(found.purchases, D(700))
        self.assertIsNone(found.days_late, "nothing was paid with money")

    def test_twelve_months_end_today(self):
        """From 17 March 2025 to 16 March 2026."""
        for day, amount in (
            ("2025-03-16", 1),
            ("2025-03-17", 20),
            ("2026-03-16", 300),
            ("2026-03-17", 4000),
        ):
            self.make_invoice(self.partner, amount, date=day, due="2027-01-01")
        found = self.behaviour()
        self.assertEqual(found.purchases, D(320))
        self.assertEqual(found.first_invoice, date(2025, 3, 16))
        self.assertEqual(found.years(date(2026, 3, 16)), D("1.00"))

    def test_a_window_over_the_leap_day(self):
        """29 February 2024 is in the twelve months to 28 February 2025, 28 February 2024 is not."""
        self.make_invoice(self.partner, 7, date="2024-02-28", due="2027-01-01")
        self.make_invoice(self.partner, 50, date="2024-02-29", due="2027-01-01")
        self.assertEqual(self.behaviour(day=date(2025, 2, 28)).purchases, D(50))

    def test_foreign_currency_at_the_invoice_s_own_rate(self):
        """1,800 pesos of 2026 are 100 dollars."""
        self.make_invoice(
            self.partner, 1800, date="2026-02-01", currency_id=self.mxn.id
        )
        self.assertEqual(self.behaviour().purchases, D(100))

    def test_the_peak_is_the_most_owed_at_the_end_of_a_day(self):
        """900 owed from before the window, 1,400 at its highest, then paid."""
        old = self.make_invoice(self.partner, 900, date="2025-01-10", due="2025-02-10")
        self.pay(self.partner, 400, "2025-06-01", old)
        new = self.make_invoice(self.partner, 900, date="2025-07-01", due="2025-08-01")
        self.assertEqual(self.behaviour().peak, D(1400))
        self.pay(self.partner, 900, "2025-08-01", new)
        self.assertEqual(self.behaviour().peak, D(1400))
        self.assertEqual(
            self.behaviour(day=date(2026, 8, 2)).peak,
            D(500),
            "a year later only the old rest counts, though nothing moved since",
        )

    def test_returned_payments(self):
        invoice = self.make_invoice(self.partner, 500, due="2026-02-01")
        payment = self.pay(self.partner, 500, "2026-02-01", invoice)
        self.assertEqual(self.behaviour().returned_payments, 0)
        payment.move_id._reverse_moves([{"date": date(2026, 2, 5)}], cancel=True)
        found = self.behaviour()
        self.assertEqual(found.returned_payments, 1)
        self.assertIsNone(found.days_late, "money that went back paid nothing")
        self.assertEqual(found.oldest_days, 43)

    def test_companies_are_apart_and_contacts_together(self):
        contact = self.root["res.partner"].create(
            {"name": "Branch", "parent_id": self.partner.id}
        )
        self.make_invoice(contact, 100, date="2026-02-01")
        self.make_invoice(
            self.partner, 9000, date="2026-02-01", company=self.other_company
        )
        self.assertEqual(self.behaviour().purchases, D(100))
        self.assertEqual(
            self.behaviour(company=self.other_company.sudo()).purchases, D(9000)
        )

    def test_a_customer_never_invoiced_has_no_behaviour(self):
        found = self.behaviour()
        self.assertEqual(
            (found.days_late, found.oldest_days, found.purchases, found.peak),
            (None,) * 4,
        )

    # Score

    def scored(self, **vals):
        request = self.make_request(**vals)
        request.action_analyse()
        return request

    def points(self, request):
        return {row.fact: (row.is_known, row.points) for row in request.score_ids}

    def test_the_parts_add_up_and_are_shown(self):
        """A customer of 14 months who paid 1,200 of 1,200 four days late, and owes nothing."""
        invoice = self.make_invoice(
            self.partner, 1200, date="2025-01-16", due="2025-11-01"
        )
        self.pay(self.partner, 1200, "2025-11-05", invoice)
        request = self.scored(
            current_assets=300,
            current_liabilities=200,
            total_assets=1000,
            total_liabilities=650,
            bureau_score=690,
            reference_ids=[
                (0, 0, {"name": "A", "rating": "good"}),
                (0, 0, {"name": "B", "rating": "bad"}),
                (0, 0, {"name": "C"}),
            ],
        )
        expected = {
            "days_late": (True, 25),  # 4 days
            "oldest_days": (True, 15),
            "broken_promises": (True, 10),
            "returned_payments": (True, 10),
            "years": (True, 5),  # 1.16
            "current_ratio": (True, 10),  # 1.5
            "debt_percent": (True, 7),  # 65
            "references_good": (True, 3),  # one of two that answered
            "bureau_score": (True, 3),
        }
        self.assertEqual(self.points(request), expected)
        self.assertRecordValues(
            request,
            [{"score": 88, "score_maximum": 100, "risk_class": "a", "days_late": 4}],
        )
        self.assertEqual(sum(request.score_ids.mapped("points")), request.score)

    def test_what_is_not_known_has_points_of_its_own(self):
        request = self.scored()
        expected = {
            "days_late": (False, 8),
            "oldest_days": (False, 5),
            "broken_promises": (False, 5),
            "returned_payments": (False, 5),
            **dict.fromkeys(
                (
                    "years",
                    "current_ratio",
                    "debt_percent",
                    "references_good",
                    "bureau_score",
                ),
                (False, 0),
            ),
        }
        self.assertEqual(self.points(request), expected)
        self.assertRecordValues(
            request, [{"score": 23, "risk_class": "d", "recommended_known": False}]
        )
        self.assertIn("No recommendation", request.recommendation)

    def test_the_recommended_limit_shows_its_formula(self):
        """Class B: 240,000 / 12 × 2 = 40,000; 20 % of 350,000 is more; rounded down to 1,000."""
        invoice = self.make_invoice(
            self.partner, 246000, date="2025-06-01", due="2026-01-01"
        )
        self.pay(self.partner, 246000, "2026-01-09", invoice)
        request = self.scored(total_assets=1000000, total_liabilities=650000)
        self.assertRecordValues(
            request,
            [
                {
                    "score": 62,  # 18 + 15 + 10 + 10 + 2 + 0 + 7
                    "risk_class": "b",
                    "purchases": 246000,
                    "peak_exposure": 246000,
                    "recommended_amount": 41000,
                }
            ],
        )
        lines = request.recommendation.split("\n")
        self.assertEqual(len(lines), 3)
        self.assertIn("÷ 12 × 2", lines[0])
        self.assertIn("20 %", lines[1])
        for number, text in ((0, 41000), (1, 70000), (2, 41000)):
            self.assertIn(self.usd.format(text), lines[number])

    def test_what_is_recommended_is_granted_in_the_application_s_currency(self):
        self.test_the_recommended_limit_shows_its_formula()
        request = self.make_request(amount=900000, currency_id=self.mxn.id, submit=True)
        # without statements 55 points are class B; 41,000 dollars at 18
        request.with_user(self.manager).action_review()
        request.with_user(self.manager).action_grant_recommended()
        self.assertEqual(request.amount_granted, 738000)

    def test_class_and_score_go_to_the_customer_with_the_approval(self):
        self.test_the_recommended_limit_shows_its_formula()
        request = self.customer.request_ids.sorted("id")[-1]
        request.with_user(self.executive).action_submit()
        self.assertFalse(self.customer.risk_class)
        request.with_user(self.manager).action_approve()
        self.assertRecordValues(self.customer, [{"risk_class": "b", "score": 62}])
        self.assertEqual(
            str(self.customer.line_id.review_date), "2027-03-16", "class B: 12 months"
        )

    def test_the_analysis_of_a_decision_stays(self):
        request = self.make_request(submit=True)
        request.with_user(self.manager).action_approve()
        score = request.score
        with self.assertRaises(UserError):
            request.with_user(self.manager).action_analyse()
        for values in ({"score": 99}, {"risk_class": "a"}, {"purchases": 1}):
            with self.subTest(values), self.assertRaises(UserError):
                request.with_user(self.manager).write(values)
        self.assertEqual(request.score, score)

    def test_a_score_is_never_entered(self):
        request = self.scored()
        for values in (
            {"score": 99},
            {"risk_class": "a"},
            {"recommended_amount": 10**6},
        ):
            for user in (self.executive, self.manager):
                with self.subTest(values), self.assertRaises(UserError):
                    request.with_user(user).write(values)
        row = request.score_ids[:1]
        for change in (
            lambda: row.sudo().write({"points": 99}),
            lambda: row.sudo().unlink(),
            lambda: row.sudo().create(
                {"request_id": request.id, "fact": "years", "points": 99}
            ),
        ):
            with self.assertRaises(AccessError):
                change()
        made = self.Request.with_context(default_score=99).create(
            {"customer_id": self.customer.id, "amount": 1, "score": 99}
        )
        self.assertEqual(made.score, 0)

    def test_a_company_s_own_scale_takes_the_place_of_the_common_one(self):
        self.root["cartera.score.scale"].create(
            {
                "name": "Ours",
                "company_id": self.company.id,
                "factor_ids": [
                    (
                        0,
                        0,
                        {
                            "fact": "bureau_score",
                            "band_ids": [(0, 0, {"least": 500, "points": 40})],
                        },
                    )
                ],
                "class_ids": [(0, 0, {"risk_class": "c", "least": 0})],
            }
        )
        request = self.scored(bureau_score=499)
        self.assertRecordValues(
            request, [{"score": 0, "score_maximum": 40, "risk_class": "c"}]
        )
        request.bureau_score = 500
        request.action_analyse()
        self.assertEqual(request.score, 40)

    def test_bad_scales_are_refused(self):
        scale = self.root.ref("cartera_cobranza.score_scale")
        with self.refused(ValidationError, "-3"):
            scale.factor_ids[0].band_ids[0].points = -3
        with self.refused(ValidationError, "cannot be negative"):
            scale.class_ids[0].months = -1
        with self.refused(ValidationError, "once"):
            scale.write({"class_ids": [(0, 0, {"risk_class": "a", "least": 3})]})

    # Queries

    def test_queries_do_not_grow_with_applications_or_customers(self):
        """Ten and a hundred customers: as many statements for behaviour and for the list."""
        customers = [self.make_customer(f"Customer {one}") for one in range(100)]
        for customer in customers[:3]:
            self.make_invoice(customer.partner_id, 100, due="2026-02-01")
        requests = self.Request.with_user(self.executive).create(
            [{"customer_id": one.id, "amount": 1000} for one in customers]
        )
        requests.action_submit()
        Behaviour = self.root["cartera.credit.behaviour"]
        counts = {}
        for number in (1, 10, 100):  # the first warms the caches
            ids = [one.partner_id.id for one in customers[:number]]
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            Behaviour._gather_behaviour(self.company.sudo(), ids)
            gathered = self.env.cr.sql_log_count - before
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Request.with_user(self.executive).browse(
                requests.ids[:number]
            ).web_read(
                {
                    "name": {},
                    "customer_id": {"fields": {"display_name": {}}},
                    "current_amount": {},
                    "amount": {},
                    "recommended_amount": {},
                    "score": {},
                    "risk_class": {},
                    "missing_count": {},
                    "state": {},
                }
            )
            counts[number] = (gathered, self.env.cr.sql_log_count - before)
        self.assertEqual(counts[10], counts[100])
        self.assertLessEqual(counts[100][0], 6)
        self.assertLessEqual(counts[100][1], 14)
