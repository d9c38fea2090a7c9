from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CreditSaleCommon


@tagged("post_install", "-at_install")
class TestPartnerMerge(CreditSaleCommon):
    """Contacts that are merged: their credit accounts become one, with the history of all."""

    def merge(self, destination, *sources):
        ids = (destination.union(*sources)).ids
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {"partner_ids": [Command.set(ids)], "dst_partner_id": destination.id}
        )
        wizard.action_merge()
        self.env.invalidate_all()

    def test_two_customers_with_lines_holds_and_orders(self):
        """1,000 and 300 owed to lines of 1,000 and 500: afterwards 1,300 against 1,000."""
        line = self.credit(self.buyer, 1000)
        other_line = self.credit(self.other_buyer, 500)
        confirmed = self.order(1000)
        confirmed.action_confirm()
        self.assertConfirmed(confirmed)
        self.direct_invoice(300, self.other_buyer)
        held = self.order(400, self.other_buyer)
        held.action_confirm()
        hold = self.assertHeld(held, "over_limit")
        account, other = self.account(self.buyer), self.account(self.other_buyer)
        (account | other)._refresh(self.company, (self.buyer | self.other_buyer).ids)

        self.merge(self.buyer, self.other_buyer)

        self.assertFalse(other.exists())
        self.assertEqual((line.state, other_line.state), ("active", "replaced"))
        self.assertEqual(hold.customer_id | other_line.customer_id, account)
        self.assertEqual(account.line_id, line)
        position = self.position()
        self.assertEqual((position["exposure"], position["limit"]), (1300, 1000))
        self.assertEqual(held.partner_id, self.buyer)
        self.assertHeld(held, "over_limit")
        fresh = self.order(1)
        fresh.action_confirm()
        self.assertHeld(fresh, "over_limit")

    def test_only_the_merged_one_had_an_account(self):
        line = self.credit(self.other_buyer, 500)
        self.merge(self.new_partner("Kept"), self.other_buyer)
        self.assertEqual(line.customer_id.partner_id.name, "Kept")
        self.assertEqual(line.state, "active")

    def test_three_at_once_of_which_the_kept_one_had_no_line(self):
        """The oldest of the other accounts' lines goes on."""
        third = self.new_partner("Third")
        first_line = self.credit(self.other_buyer, 500)
        second_line = self.credit(third, 700)
        self.account(self.buyer)
        self.merge(self.buyer, self.other_buyer, third)
        self.assertEqual((first_line.state, second_line.state), ("active", "replaced"))
        self.assertEqual(self.position()["limit"], 500)

    def test_open_cases_become_one(self):
        cases = self.env["cartera.collection.case"].sudo()
        first = cases.create({"customer_id": self.account(self.buyer).id})
        second = cases.create({"customer_id": self.account(self.other_buyer).id})
        self.merge(self.buyer, self.other_buyer)
        self.assertNotEqual(first.stage, "closed")
        self.assertEqual(second.stage, "closed")
        self.assertEqual(second.customer_id, first.customer_id)

    def test_what_cannot_become_one_is_refused_in_words(self):
        """Both promised their whole balance: nothing is merged, and the message says what to end."""
        promises = self.env["cartera.payment.promise"].sudo()
        for partner in (self.buyer, self.other_buyer):
            self.direct_invoice(300, partner)
            promises.create(
                {
                    "customer_id": self.account(partner).id,
                    "scope": "balance",
                    "instalment_ids": [
                        Command.create(
                            {
                                "date": self.company._cartera_today(),
                                "amount": 300,
                            }
                        )
                    ],
                }
            ).with_user(self.credit_manager).action_open()
        with self.assertRaisesRegex(UserError, "cannot become one.*[Pp]romise"):
            self.merge(self.buyer, self.other_buyer)
        self.assertEqual(len(self.account(self.other_buyer).line_ids), 0)
