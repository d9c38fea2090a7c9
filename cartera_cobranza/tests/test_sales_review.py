from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import TODAY, CarteraCommon


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")  # a Monday
class TestSalesReview(CarteraCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Review = cls.root["cartera.sales.review"]
        cls.company.write(
            {
                "cartera_sales_review": True,
                "cartera_sales_review_days": 7,
                "cartera_sales_review_again": 30,
            }
        )
        cls.partner = cls.make_partner("Abarrotes", user_id=cls.salesperson.id)
        cls.overdue = cls.make_invoice(cls.partner, 1000, "2026-02-10", "2026-01-10")
        cls.soon = cls.make_invoice(cls.partner, 500, "2026-03-23", "2026-03-01")
        cls.later = cls.make_invoice(cls.partner, 300, "2026-03-24", "2026-03-01")
        cls.type = cls.root["cartera.dispute.type"].search([], limit=1)
        cls.env.flush_all()

    def ask(self, day=TODAY):
        with self.at(day):
            return self.Review._ask(self.company)

    def of(self, move, reviews):
        return reviews.filtered(lambda one: one.move_id == move)

    def test_what_is_overdue_or_comes_due_within_a_week_is_asked(self):
        reviews = self.ask()
        self.assertEqual(reviews.move_id, self.overdue | self.soon)
        late = self.of(self.overdue, reviews)
        self.assertEqual(
            (late.residual, late.days_overdue, late.salesperson_id),
            (1000, 34, self.salesperson),
        )
        self.assertEqual(self.of(self.soon, reviews).days_overdue, -7)

    def test_asking_twice_asks_once(self):
        first = self.ask()
        self.assertFalse(self.ask())
        late = self.of(self.overdue, first)
        late.with_user(self.salesperson).action_agree()
        late.with_user(self.collector).action_agree()
        self.assertEqual(late.state, "agreed")
        self.assertFalse(self.of(self.overdue, self.ask("2026-04-14")))
        again = self.ask("2026-04-16")
        self.assertEqual(self.of(self.overdue, again).asked_amount, 1000)

    def test_both_sides_answer_and_their_answers_stay(self):
        late = self.of(self.overdue, self.ask())
        late.with_user(self.salesperson).action_agree()
        self.assertRecordValues(
            late,
            [
                {
                    "sales_answer": "agreed",
                    "sales_user_id": self.salesperson.id,
                    "credit_answer": "pending",
                    "state": "open",
                }
            ],
        )
        self.assertFalse(late.with_user(self.salesperson).can_answer)
        self.assertTrue(late.with_user(self.collector).can_answer)
        late.with_user(self.collector).action_agree()
        with self.refused(UserError, self.overdue.name, "is over"):
            late.with_user(self.salesperson).action_agree()
        with self.refused(UserError, self.overdue.name):
            late.write({"sales_answer": "difference"})
        with self.assertRaises(UserError):
            late.unlink()

    def differ(self, reviews, user, **vals):
        wizard = (
            self.root["cartera.sales.review.difference"]
            .with_user(user)
            .create(
                {
                    "review_ids": [(6, 0, reviews.ids)],
                    "type_id": self.type.id,
                    "note": "The price agreed was lower",
                }
                | vals
            )
        )
        return wizard.action_confirm()

    def test_a_difference_opens_a_dispute_without_accounting_rights(self):
        late = self.of(self.overdue, self.ask())
        self.differ(late, self.salesperson, amount=120)
        self.assertEqual(late.state, "difference")
        self.assertRecordValues(
            late.dispute_id,
            [
                {
                    "move_id": self.overdue.id,
                    "disputed_amount": 120,
                    "source": "sales",
                    "type_id": self.type.id,
                    "description": "The price agreed was lower",
                    "state": "open",
                }
            ],
        )
        # what is not disputed can be asked about; the wholly disputed is left out
        self.assertEqual(self.ask().move_id, self.overdue)

    def test_a_wholly_disputed_item_is_not_asked_about(self):
        self.differ(self.of(self.overdue, self.ask()), self.collector)
        self.assertFalse(self.of(self.overdue, self.ask()))

    def test_more_than_is_open_cannot_be_a_difference(self):
        late = self.of(self.overdue, self.ask())
        with self.refused(UserError, self.overdue.name, "cannot be disputed"):
            self.differ(late, self.salesperson, amount=1000.01)
        self.assertEqual((late.state, late.sales_answer), ("open", "pending"))
        with self.refused(UserError, "-5"):
            self.differ(late, self.salesperson, amount=-5)
        with self.refused(UserError, "not right"):
            late.with_user(self.salesperson)._differ("  ", self.type)

    def test_all_that_is_open_of_one_item_is_proposed(self):
        reviews = self.ask().with_user(self.salesperson)
        one = self.of(self.overdue, reviews)
        action = one.action_difference()
        self.assertEqual(action["context"]["default_amount"], one.residual)
        self.assertTrue(one.residual)
        self.assertEqual(reviews.action_difference()["context"]["default_amount"], 0)

    def test_an_amount_is_for_one_item(self):
        with self.refused(UserError, "one item", "2"):
            self.differ(self.ask(), self.salesperson, amount=10)

    def test_others_do_not_answer_for_a_salesperson(self):
        late = self.of(self.overdue, self.ask())
        other = self.make_user("other_seller", "viewer")
        with self.assertRaises(AccessError):
            late.with_user(other).action_agree()
        with self.assertRaises(AccessError):
            late.with_user(self.accountant).action_agree()
        with self.assertRaises(AccessError):
            late.with_user(self.salesperson).write({"sales_answer": "agreed"})
        with self.refused(AccessError, "collectors"):
            self.Review.with_user(self.salesperson).action_ask([])

    def test_by_hand_any_item_can_be_asked_about(self):
        line = self.later.line_ids.filtered("date_maturity")
        made = self.Review.with_user(self.collector).action_ask(line.ids)
        self.assertEqual(made.move_id, self.later)
        self.assertFalse(self.Review.with_user(self.collector).action_ask(line.ids))

    def test_the_job_asks_on_mondays_tells_once_and_ends_what_is_settled(self):
        with self.commits_allowed():
            self.Review._cron_review()
            reviews = self.Review.search([("company_id", "=", self.company.id)])
            self.assertEqual(reviews.move_id, self.overdue | self.soon)
            told = self.root["mail.message"].search(
                [
                    ("message_type", "=", "user_notification"),
                    ("partner_ids", "in", self.salesperson.partner_id.ids),
                ]
            )
            self.assertEqual(len(told), 1)
            self.assertIn(self.overdue.name, told.body)
            self.pay(self.partner, 500, invoices=self.soon)
            self.Review._cron_review()
            self.assertEqual(self.of(self.soon, reviews).state, "settled")
            self.assertEqual(self.of(self.overdue, reviews).state, "open")
        with self.at("2026-03-17"), self.commits_allowed():
            self.of(self.overdue, reviews).write({"state": "settled"})
            self.Review._cron_review()
            self.assertFalse(self.Review.search([("asked_on", "=", "2026-03-17")]))

    def test_the_other_company_is_not_asked(self):
        self.make_invoice(self.partner, 900, "2026-02-10", company=self.other_company)
        self.assertEqual(self.ask().company_id, self.company)

    def test_queries_do_not_grow_with_the_items(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Review._ask(self.company)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        few = count()
        for _number in range(20):
            self.make_invoice(self.partner, 10, "2026-03-01")
        self.assertLessEqual(count(), few + 6)
