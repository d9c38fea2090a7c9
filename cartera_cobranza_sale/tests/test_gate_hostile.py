import contextlib

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CreditDoorsCommon


@tagged("post_install", "-at_install")
class TestGateHostile(CreditDoorsCommon):
    """Ways round the gate that somebody with rights of their own, RPC and time would try.

    The customer's line is 1,000.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_company = cls.env["res.company"].create({"name": "Gate off"})
        cls.env.user.company_ids += cls.open_company

    def warehouse(self):
        """Where the orders of the gated company ship from, if the stock addons are there."""
        return (
            self.env["stock.warehouse"]
            .search([("company_id", "=", self.company.id)], limit=1)
            .id
        )

    def stopped(self, order):
        """The confirmed order is held by now."""
        self.assertEqual((order.state, order.credit_state), ("sale", "held"))

    # Totals that are told instead of counted

    def test_total_of_a_quotation_is_counted_not_told(self):
        """A salesperson writes the stored totals over RPC: they are those of the lines at once."""
        for lie in (
            {"amount_total": 1},
            {"amount_total": 0, "amount_untaxed": 0, "amount_tax": 0},
            {"amount_total": -5},
        ):
            order = self.order(5000)
            order.with_user(self.salesman).write(lie)
            order.with_user(self.salesman).action_confirm()
            self.assertHeld(order, "over_limit")
            self.assertEqual(order.amount_total, 5000)

    def test_total_of_a_line_is_counted_not_told(self):
        for lie in (
            {"price_total": 1},
            {"price_total": 0, "price_subtotal": 0, "price_tax": 0},
        ):
            order = self.order(5000)
            order.order_line.with_user(self.salesman).write(lie)
            order.with_user(self.salesman).action_confirm()
            self.assertHeld(order, "over_limit")

    def test_total_is_not_told_together_with_the_lines(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.buyer.id,
                "amount_total": 1,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.goods.id,
                            "price_unit": 5000,
                            "price_total": 1,
                            "price_subtotal": 1,
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        self.assertHeld(order, "over_limit")

    def test_confirmed_order_is_not_talked_out_of_the_exposure(self):
        """Its totals, its state of invoicing and its lines' totals are counted, whatever somebody writes."""
        order = self.order(1000)
        order.action_confirm()
        for record, lie in (
            (order, {"invoice_status": "invoiced"}),
            (order, {"amount_total": 0, "amount_untaxed": 0}),
            (order.order_line, {"price_total": 0, "price_subtotal": 0}),
            (order.order_line, {"qty_invoiced": 1, "invoice_status": "invoiced"}),
        ):
            record.with_user(self.salesman).write(lie)
            self.env.flush_all()
            self.assertEqual(self.position()["exposure"], 1000, lie)
            other = self.order(1)
            other.action_confirm()
            self.assertHeld(other, "over_limit")

    # Lines that arrive by a side door

    def test_line_moved_into_a_confirmed_order(self):
        growing, quotation = self.order(1000), self.order(500)
        growing.action_confirm()
        quotation.order_line.write({"order_id": growing.id})
        self.assertEqual(growing.amount_total, 1500)
        self.stopped(growing)

    def test_line_linked_into_a_confirmed_order(self):
        growing, quotation = self.order(1000), self.order(500)
        growing.action_confirm()
        growing.write({"order_line": [Command.link(quotation.order_line.id)]})
        self.stopped(growing)

    def test_line_created_by_the_context_s_order(self):
        growing = self.order(1000)
        growing.action_confirm()
        self.env["sale.order.line"].with_context(default_order_id=growing.id).create(
            {"product_id": self.goods.id, "price_unit": 500}
        )
        self.assertEqual(growing.amount_total, 1500)
        self.stopped(growing)

    def test_line_copied_in_a_confirmed_order(self):
        growing = self.order(1000)
        growing.action_confirm()
        growing.order_line.copy({"order_id": growing.id})
        self.stopped(growing)

    def test_line_imported_into_a_confirmed_order(self):
        growing = self.order(1000)
        growing.action_confirm()
        result = self.env["sale.order"].load(
            [
                ".id",
                "order_line/product_id/.id",
                "order_line/price_unit",
                "order_line/product_uom_qty",
            ],
            [[str(growing.id), str(self.goods.id), "500", "1"]],
        )
        self.assertTrue(result["ids"], result["messages"])
        self.stopped(growing)

    def test_note_turned_into_goods(self):
        """A note has no price; if it becomes a line that has one, the order has grown."""
        growing = self.order(1000)
        growing.action_confirm()
        growing.write(
            {"order_line": [Command.create({"display_type": "line_note", "name": "x"})]}
        )
        note = growing.order_line.filtered("display_type")
        with self.assertRaises(UserError):
            note.write({"display_type": False, "product_id": self.goods.id})

    # Taken down and put up again

    def test_price_lowered_to_nothing_and_restored(self):
        """The free credit is given to another order between the two."""
        growing = self.order(1000)
        growing.action_confirm()
        growing.order_line.discount = 100
        self.assertEqual(growing.credit_state, "none")
        other = self.order(1000)
        other.action_confirm()
        self.assertConfirmed(other)
        growing.order_line.discount = 0
        self.stopped(growing)

    def test_quantity_lowered_and_raised_again(self):
        growing = self.order(lines=[(self.goods, 10, 100)])
        growing.action_confirm()
        growing.order_line.product_uom_qty = 1
        self.direct_invoice(900)
        growing.order_line.product_uom_qty = 10
        self.stopped(growing)

    def test_order_of_nothing_that_gets_its_price_later(self):
        order = self.order(0)
        order.action_confirm()
        self.assertConfirmed(order)
        order.order_line.price_unit = 1001
        self.stopped(order)

    def test_negative_line_removed(self):
        order = self.order(lines=[(self.goods, 1, 3000), (self.goods, 1, -2000)])
        order.action_confirm()
        self.assertConfirmed(order)
        order.order_line[1].product_uom_qty = 0
        self.stopped(order)

    def test_negative_line_lends_nothing_to_another_order(self):
        """3,000 of goods and −2,000 off take up 1,000, before and after confirmation."""
        order = self.order(lines=[(self.goods, 1, 3000), (self.goods, 1, -2000)])
        order.action_confirm()
        self.assertConfirmed(order)
        self.assertEqual(self.position()["exposure"], 1000)
        other = self.order(lines=[(self.goods, 1, -5000)])
        other.action_confirm()
        self.assertGreaterEqual(self.position()["exposure"], 1000)

    def test_prices_updated_from_a_dearer_list(self):
        order = self.order(lines=[(self.goods, 10, 10)])
        order.action_confirm()
        self.goods.list_price = 500
        order._recompute_prices()
        self.env.flush_all()
        if order.amount_total > 1000:
            self.stopped(order)

    def test_taxes_updated_by_another_fiscal_position(self):
        order = self.order(1000)
        order.action_confirm()
        tax = self.tax16
        self.goods.taxes_id = tax
        order._recompute_taxes()
        self.env.flush_all()
        self.assertEqual(order.amount_total, 1160)
        self.stopped(order)

    # Another company, currency, debtor

    def test_state_and_company_in_one_write(self):
        """Born where the gate is off, and moved where it holds, in the write that confirms it."""
        for state_first in (True, False):
            order = self.env["sale.order"].create(
                {"partner_id": self.buyer.id, "company_id": self.open_company.id}
            )
            pair = [
                ("state", "sale"),
                ("company_id", self.company.id),
                ("warehouse_id", self.warehouse()),
            ]
            with (
                self.assertRaisesRegex(UserError, "has not passed"),
                self.env.cr.savepoint(),
            ):
                order.write(dict(pair if state_first else reversed(pair)))

    def test_state_and_lines_in_one_write(self):
        """What let the order pass was its amount then, not the one of the write that confirms it."""
        order = self.order(10)
        self.Customer._check_credit(order)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order.write(
                {
                    "order_line": [
                        Command.create(
                            {"product_id": self.goods.id, "price_unit": 5000}
                        )
                    ],
                    "state": "sale",
                }
            )

    def test_pass_does_not_outlive_what_was_undone(self):
        """A check that was rolled back has bumped nothing, so its pass is worth nothing."""
        order = self.order(1000)
        with contextlib.closing(self.env.cr.savepoint()):  # closing undoes
            self.assertTrue(self.Customer._check_credit(order).passes)
        with self.assertRaisesRegex(UserError, "has not passed"):
            order.write({"state": "sale"})

    def test_pass_of_a_growth_is_no_pass_to_be_confirmed_again(self):
        order = self.order(lines=[(self.goods, 1, 500)])
        order.action_confirm()
        order.order_line.product_uom_qty = 2
        self.assertEqual(order.credit_state, "none")
        order._action_cancel()
        other = self.order(1000)
        other.action_confirm()
        self.assertConfirmed(other)
        with self.assertRaisesRegex(UserError, "has not passed"):
            order.write({"state": "sale"})

    def test_released_quotation_of_another_customer(self):
        """A release is for this customer: the quotation given to another one loses it."""
        self.company.cartera_auto_release = True
        order = self.order(2000)
        order.action_confirm()
        hold = self.assertHeld(order, "over_limit")
        order.company_id.sudo().cartera_auto_release = False
        hold.with_user(self.credit_manager).action_release(self.reason.id, "agreed")
        if order.state == "sale":
            order._action_cancel()
            order.action_draft()
        order.partner_id = self.other_buyer
        order.partner_invoice_id = self.other_buyer
        order.action_confirm()
        self.assertEqual(order.state, "draft")

    def test_released_quotation_in_another_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {
                "name": "2020-01-01",
                "currency_id": euro.id,
                "rate": 0.5,
                "company_id": self.company.id,
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": euro.id, "company_id": self.company.id}
        )
        order = self.order(900)
        order.pricelist_id = pricelist
        order.order_line.price_unit = 900
        order.action_confirm()
        hold = self.assertHeld(order, "over_limit")
        self.assertEqual(hold.amount, 1800)

    def test_currency_of_a_confirmed_order(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {
                "name": "2020-01-01",
                "currency_id": euro.id,
                "rate": 0.5,
                "company_id": self.company.id,
            }
        )
        order = self.order(900)
        order.action_confirm()
        order.write({"currency_id": euro.id})
        self.env.flush_all()
        if order.currency_id == euro:
            self.stopped(order)

    def test_contact_of_a_rich_company_that_leaves_it(self):
        """An order passes on the parent's line; the contact becomes a customer of its own without one."""
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": self.buyer.id}
        )
        order = self.order(1000, contact)
        order.action_confirm()
        self.assertConfirmed(order)
        contact.write({"parent_id": False, "is_company": True})
        self.stopped(order)
        self.assertEqual(self.open_hold(order).partner_id, contact)

    def test_contact_of_a_rich_company_that_was_a_company_all_along(self):
        contact = self.new_partner("Poor", parent_id=self.buyer.id)
        self.assertEqual(contact.commercial_partner_id, contact)
        contact.is_company = False
        order = self.order(1000, contact)
        order.action_confirm()
        self.assertConfirmed(order)
        contact.is_company = True
        self.stopped(order)

    # Somebody else's money

    def test_payment_of_another_customer_pays_for_nothing(self):
        """A salesperson links a payment that another customer made: it is not this order's."""
        theirs = self.order(5000, self.other_buyer)
        tx = self.transaction(theirs, 5000)
        order = self.order(5000)
        try:
            with self.env.cr.savepoint():
                order.with_user(self.salesman).write(
                    {"transaction_ids": [Command.link(tx.id)]}
                )
        except AccessError:
            return
        order.action_confirm()
        self.assertHeld(order, "over_limit")

    def test_one_payment_pays_for_one_order(self):
        """A transaction over two orders of 1,000 of this customer pays 1,000, once."""
        first, second = self.order(3000), self.order(3000)
        tx = self.transaction(first, 3000)
        tx.sale_order_ids += second
        second.action_confirm()
        first.action_confirm()
        self.assertEqual(sorted((first | second).mapped("state")), ["draft", "sale"])

    def test_refunded_payment_pays_for_nothing(self):
        order = self.order(3000)
        tx = self.transaction(order, 3000)
        refund = tx.copy(
            {
                "amount": -3000,
                "operation": "refund",
                "source_transaction_id": tx.id,
                "reference": "R-1",
                "state": "done",
            }
        )
        refund.write({"sale_order_ids": [Command.clear()], "state": "done"})
        order.action_confirm()
        self.assertHeld(order, "over_limit")

    # Copies, portal, forms

    def test_copies_start_afresh(self):
        order = self.order(2000)
        order.action_confirm()
        self.open_hold(order).with_user(self.credit_manager).action_release(
            self.reason.id, "agreed"
        )
        self.assertConfirmed(order)
        copied = order.copy()
        self.assertEqual((copied.state, copied.credit_state), ("draft", "none"))
        self.assertFalse(copied.credit_hold_ids)
        copied.action_confirm()
        self.assertHeld(copied, "over_limit")
        with self.assertRaises(UserError):
            order.copy({"state": "sale"})
        with self.assertRaises(UserError):
            order.copy({"credit_state": "released"})

    def test_credit_state_is_not_written(self):
        order = self.order(2000)
        order.action_confirm()
        for user in (self.salesman, self.executive, self.credit_manager, self.env.user):
            for state in ("none", "released", "rejected"):
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    order.with_user(user).write({"credit_state": state})
        self.assertHeld(order, "over_limit")

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access")
    def test_customer_in_the_portal_holds_nothing_by_rpc(self):
        """Who may only read an order neither confirms it nor fills the queue with it."""
        portal = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "portal.hostile",
                "partner_id": self.env["res.partner"]
                .create({"name": "Contact", "parent_id": self.buyer.id})
                .id,
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        for amount in (10, 5000):
            order = self.order(amount, state="sent")
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                order.with_user(portal).action_confirm()
            self.assertFalse(self.open_hold(order))

    def test_forced_hold_is_not_shaken_off(self):
        """Cancelling and taking the quotation up again does not open what somebody holds by hand."""
        order = self.order(10)
        self.Hold.with_user(self.executive).action_force(order, "No more goods")
        order.action_confirm()
        self.assertEqual(order.state, "draft")
        order.copy().action_confirm()
        order.with_user(self.salesman).action_cancel()
        order.with_user(self.salesman).action_draft()
        order.with_user(self.salesman).action_confirm()
        self.assertEqual(order.state, "draft")

    def test_company_whose_gate_is_off_lends_nothing(self):
        """Confirmed where the gate is off, moved where it holds: looked at again there."""
        order = self.order(10, company_id=self.open_company.id)
        order.action_confirm()
        self.assertConfirmed(order)
        self.direct_invoice(5000)
        order.write({"company_id": self.company.id, "warehouse_id": self.warehouse()})
        self.stopped(order)

    def test_scheduled_action_meets_the_gate(self):
        order = self.order(5000)
        cron = self.env["ir.cron"].create(
            {
                "name": "Confirm",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "state": "code",
                "code": f"model.browse({order.id}).action_confirm()",
                "interval_type": "days",
            }
        )
        cron.ir_actions_server_id.run()
        self.assertHeld(order, "over_limit")
