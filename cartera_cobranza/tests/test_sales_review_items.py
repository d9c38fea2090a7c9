from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import TODAY, CarteraCommon

REVIEW = "odoo.addons.cartera_cobranza.models.cartera_sales_review"


NO_PROFILE = "There is no aging profile"


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")  # a Monday
class TestSalesReviewItems(CarteraCommon):
    """Reviews of instalments dispute the instalment, and a company that fails does not stop another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Review = cls.root["cartera.sales.review"]
        (cls.company | cls.other_company).sudo().write(
            {
                "cartera_sales_review": True,
                "cartera_sales_review_days": 7,
                "cartera_sales_review_again": 30,
            }
        )
        cls.partner = cls.make_partner("Abarrotes", user_id=cls.salesperson.id)
        cls.halves = cls.root["account.payment.term"].create(
            {
                "name": "Half in 30 days, half in 45",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (30, 45)
                ],
            }
        )
        cls.type = cls.root.ref("cartera_cobranza.dispute_type_price")

    def make_instalments(self):
        """600 of 15 January: 300 due on 14 February, 300 on 1 March."""
        move = self.make_invoice(
            self.partner,
            600,
            date="2026-01-15",
            invoice_payment_term_id=self.halves.id,
            invoice_date_due=False,
        )
        self.env.flush_all()
        return move, self.Review._ask(self.company).sorted("date_maturity")

    def test_a_difference_on_an_instalment_leaves_the_other_alone(self):
        move, reviews = self.make_instalments()
        self.assertEqual(reviews.mapped("residual"), [300, 300])
        reviews[0].with_user(self.salesperson)._differ("Wrong price", self.type)
        self.assertEqual(move.sudo().cartera_dispute_ids.disputed_amount, 300)
        reviews[1].with_user(self.salesperson).action_agree()
        reviews[1].with_user(self.collector).action_agree()
        self.assertEqual(reviews.mapped("state"), ["difference", "agreed"])

    def test_a_difference_on_both_instalments_at_once(self):
        move, reviews = self.make_instalments()
        reviews.with_user(self.salesperson)._differ("Wrong price", self.type)
        self.assertEqual(
            move.sudo().cartera_dispute_ids.mapped("disputed_amount"), [300, 300]
        )
        self.assertEqual(set(reviews.mapped("state")), {"difference"})

    def test_who_is_told_may_answer(self):
        """The invoice was made by somebody else: the customer's salesperson is asked."""
        other = self.make_user("other_seller", "viewer")
        self.make_invoice(self.partner, 100, "2026-03-01", invoice_user_id=other.id)
        self.env.flush_all()
        review = self.Review._ask(self.company)
        self.assertEqual(review.salesperson_id, self.salesperson)
        review.with_user(review.salesperson_id).action_agree()
        self.assertEqual(review.sales_answer, "agreed")

    def test_what_is_in_dispute_already_is_said(self):
        move, reviews = self.make_instalments()
        self.root["cartera.dispute"].create(
            {
                "move_id": move.id,
                "type_id": self.type.id,
                "disputed_amount": 600,
                "description": "All of it",
            }
        )
        with self.refused(UserError, move.name, "in dispute already"):
            reviews[0].with_user(self.salesperson)._differ("Wrong price", self.type)
        self.assertEqual(reviews[0].state, "open")

    def test_a_company_that_fails_does_not_stop_another(self):
        self.make_invoice(self.partner, 100, "2026-03-01")
        self.make_invoice(self.partner, 200, "2026-03-01", company=self.other_company)
        self.env.flush_all()
        ask = type(self.Review)._ask

        def broken(this, company, line_ids=None):
            if company == self.company:
                raise UserError(NO_PROFILE)
            return ask(this, company, line_ids)

        with (
            patch.object(type(self.Review), "_ask", broken),
            self.assertLogs(REVIEW, "WARNING"),
            self.commits_allowed(),
        ):
            self.Review._cron_review()
        both = (self.company | self.other_company).ids
        made = self.Review.search([("company_id", "in", both)])
        self.assertEqual(made.company_id, self.other_company)
        self.assertEqual(made.asked_amount, 200)
