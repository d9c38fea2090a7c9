from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestToursReview(AccountTestInvoicingCommon, HttpCase):
    """A salesperson without accounting answers the list of the week in the browser."""

    def test_salesperson_agrees_and_differs(self):
        company = self.company_data["company"]
        root = self.env(su=True)
        root["res.lang"]._activate_lang("en_US")
        seller = new_test_user(
            root,
            login="tour_seller",
            groups="cartera_cobranza.group_viewer",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
            lang="en_US",
        )
        partner = root["res.partner"].create(
            {
                "name": "Abarrotes La Central",
                "is_company": True,
                "user_id": seller.id,
            }
        )
        moves = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": "2026-01-15",
                    "invoice_date_due": "2026-02-15",
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Goods",
                                "price_unit": amount,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
                for amount in (1000, 600)
            ]
        )
        moves.action_post()
        reviews = root["cartera.sales.review"]._ask(company)
        self.assertEqual(len(reviews), 2)
        self.start_tour(
            "/odoo/sales-review",
            "cartera_sales_review",
            login="tour_seller",
            timeout=240,
        )
        self.env.invalidate_all()
        large, small = (
            reviews.filtered(lambda one, move=move: one.move_id == move)
            for move in moves
        )
        self.assertEqual(
            (large.sales_answer, large.credit_answer, large.state),
            ("agreed", "pending", "open"),
        )
        self.assertEqual(
            (small.sales_answer, small.state), ("difference", "difference")
        )
        self.assertEqual(
            (small.dispute_id.disputed_amount, small.dispute_id.source),
            (150, "sales"),
        )
