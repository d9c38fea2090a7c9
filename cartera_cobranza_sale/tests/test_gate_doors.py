from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TRICKS, CreditDoorsCommon


@tagged("post_install", "-at_install")
class TestGateDoors(CreditDoorsCommon):
    """Item 26, defect 4.3: every way to a confirmed order meets the gate, inside one process."""

    def test_state_is_not_written(self):
        """By nobody: not by the administrator, not in sudo, not with a context key."""
        for user in (
            self.env.ref("base.user_admin"),
            self.salesman,
            self.credit_manager,
            self.env.user,
        ):
            for context in ({}, TRICKS):
                order = self.order(10).with_user(user).with_context(**context)
                with (
                    self.assertRaises(UserError),
                    self.env.cr.savepoint(),
                ):
                    order.write({"state": "sale"})
                with (
                    self.assertRaises(UserError),
                    self.env.cr.savepoint(),
                ):
                    order.write(
                        {
                            "state": "sale",
                            "locked": True,
                            "date_order": fields.Datetime.now(),
                        }
                    )
        with self.assertRaises(UserError):
            self.order(10).sudo().state = "sale"

    def test_order_is_not_created_confirmed(self):
        vals = {"partner_id": self.buyer.id, "state": "sale"}
        for env in (
            self.env,
            self.env(su=True),
            self.env(user=self.salesman.id),
            self.env(context=TRICKS),
        ):
            with self.assertRaises(UserError):
                env["sale.order"].create(vals)
        with self.assertRaises(UserError):
            self.env["sale.order"].with_context(default_state="sale").create(
                {"partner_id": self.buyer.id}
            )
        with self.assertRaises(UserError):
            self.env["sale.order"].web_save(vals, {})

    @mute_logger("odoo.models")
    def test_import_does_not_confirm(self):
        result = self.env["sale.order"].load(
            ["partner_id/.id", "state"], [[str(self.buyer.id), "sale"]]
        )
        self.assertFalse(result["ids"])
        order = self.order(10)
        result = self.env["sale.order"].load(
            [".id", "state"], [[str(order.id), "sale"]]
        )
        self.assertFalse(result["ids"])
        self.assertEqual(order.state, "draft")

    def test_context_keys_do_not_let_pass(self):
        """Defect 4.3."""
        order = self.order(2000)
        order.with_context(**TRICKS).action_confirm()
        self.assertHeld(order, "over_limit")
        order.with_user(self.salesman).with_context(
            **TRICKS, send_email=True
        ).action_confirm()
        self.assertHeld(order, "over_limit")

    def test_pass_serves_once_and_for_its_amount_only(self):
        """What the gate let through is this order, once, at this amount."""
        order, other = self.order(10), self.order(10)
        self.Customer._check_credit(order)
        with self.assertRaises(UserError):
            other.write({"state": "sale"})
        self.Customer._check_credit(order)
        order.order_line.price_unit = 5000
        with self.assertRaises(UserError):
            order.write({"state": "sale"})
        order.order_line.price_unit = 10
        self.Customer._check_credit(order)
        order.write({"state": "sale"})
        order._action_cancel()
        with self.assertRaises(UserError):
            order.write({"state": "sale"})

    def test_server_action_meets_the_gate(self):
        """Item 26: what automations run."""
        fits, above = self.order(100), self.order(1000)
        action = (
            self.env["ir.actions.server"]
            .sudo()
            .create(
                {
                    "name": "Confirm",
                    "model_id": self.env["ir.model"]._get_id("sale.order"),
                    "state": "code",
                    "code": "records.action_confirm()",
                }
            )
        )
        action.with_context(
            active_model="sale.order", active_ids=(fits | above).ids, active_id=fits.id
        ).run()
        self.assertConfirmed(fits)
        self.assertHeld(above, "over_limit")
        write = action.copy({"code": "records.write({'state': 'sale'})"})
        with (
            self.assertRaises(UserError),
            self.env.cr.savepoint(),
            mute_logger("odoo.addons.base.models.ir_actions"),
        ):
            write.with_context(
                active_model="sale.order", active_ids=above.ids, active_id=above.id
            ).run()

    def test_gate_is_the_outermost_step(self):
        """No override of another addon stands outside of it, after the registry was set up."""
        self.assertTrue(self.env.registry["sale.order"].action_confirm.is_credit_gate)
        self.assertFalse(
            getattr(
                self.env.registry["sale.order"].action_confirm.origin,
                "is_credit_gate",
                False,
            )
        )

    # Online payment

    def post_process(self, tx):
        with patch.object(
            self.env.registry["payment.transaction"],
            "_create_payment",
            lambda tx, **_values: None,
        ):
            tx._post_process()

    def test_paid_in_advance_passes(self):
        """Item 30: an order whose payments cover it needs no credit, whatever else is owed."""
        self.direct_invoice(5000)
        order = self.order(300, require_payment=True)
        tx = self.transaction(order, 300)
        self.post_process(tx)
        self.assertConfirmed(order)
        self.assertFalse(order.credit_hold_ids)

    def test_part_payment_lowers_what_is_checked(self):
        """1,500 with 500 paid ask for 1,000; with 499.99 for a cent too much."""
        order, other = self.order(1500), self.order(1500)
        self.transaction(order, 500)
        self.transaction(other, 499.99)
        other.action_confirm()
        hold = self.assertHeld(other, "over_limit")
        self.assertEqual((hold.amount, hold.excess_amount), (1000.01, 0.01))
        order.action_confirm()
        self.assertConfirmed(order)

    def test_payment_that_is_not_done_does_not_count(self):
        order = self.order(1500)
        for state in ("draft", "pending", "cancel", "error"):
            self.transaction(order, 1500, state)
        order.action_confirm()
        self.assertHeld(order, "over_limit")

    def test_online_payment_of_a_held_order_reports_no_confirmation(self):
        """Half is paid online and credit holds the rest: no confirmation mail, but one of the payment."""
        sent = self.mails()
        order = self.order(3000, require_payment=True, prepayment_percent=0.5)
        tx = self.transaction(order, 1500)
        with patch.object(
            self.env.registry["sale.order"], "_send_payment_succeeded_for_order_mail"
        ) as told:
            self.post_process(tx)
            self.assertEqual(told.call_count, 1)
        hold = self.assertHeld(order, "over_limit")
        self.assertEqual(hold.amount, 1500)
        self.assertFalse(sent)
        hold.with_user(self.credit_manager).action_release(self.reason.id)
        self.assertConfirmed(order)
        self.assertEqual(len(sent), 1, "released, it gets the mail that was kept back")

    def test_held_order_paid_in_full_afterwards_goes_on(self):
        order = self.order(3000, require_payment=True)
        order.action_confirm()
        hold = self.assertHeld(order, "over_limit")
        self.post_process(self.transaction(order, 3000))
        self.assertConfirmed(order)
        self.assertEqual(hold.state, "released")

    # Steps of other addons

    def test_loyalty_points_are_spent_by_confirmed_orders_only(self):
        """A card of 10 points, a reward of 5, an order that earns 1: 10 while it is held, then 6."""
        self.ensure_installed("sale_loyalty")
        program = (
            self.env["loyalty.program"]
            .sudo()
            .create(
                {
                    "name": "Points",
                    "program_type": "loyalty",
                    "applies_on": "both",
                    "trigger": "auto",
                    "rule_ids": [
                        Command.create(
                            {"reward_point_mode": "order", "reward_point_amount": 1}
                        )
                    ],
                    "reward_ids": [
                        Command.create(
                            {
                                "reward_type": "discount",
                                "discount": 10,
                                "discount_mode": "percent",
                                "required_points": 5,
                            }
                        )
                    ],
                }
            )
        )
        card = (
            self.env["loyalty.card"]
            .sudo()
            .create(
                {"program_id": program.id, "partner_id": self.buyer.id, "points": 10}
            )
        )
        order = self.order(2000)
        order._update_programs_and_rewards()
        order._apply_program_reward(program.reward_ids, card)
        self.assertEqual(order.amount_total, 1800)
        order.action_confirm()
        self.assertHeld(order, "over_limit")
        self.assertEqual(card.points, 10)
        self.assertFalse(
            self.env["loyalty.history"].sudo().search([("card_id", "=", card.id)])
        )
        self.open_hold(order).with_user(self.credit_manager).action_release(
            self.reason.id
        )
        self.assertConfirmed(order)
        self.assertEqual(card.points, 6)

    def test_promotion_that_ended_does_not_lock_the_order_out(self):
        """Confirming takes an ended promotion off the order, which costs more by then: 100 and not 90."""
        self.ensure_installed("sale_loyalty")
        program = (
            self.env["loyalty.program"]
            .sudo()
            .create(
                {
                    "name": "Ten off",
                    "program_type": "promotion",
                    "trigger": "auto",
                    "rule_ids": [Command.create({})],
                    "reward_ids": [
                        Command.create({"reward_type": "discount", "discount": 10})
                    ],
                }
            )
        )
        fits, above = self.order(100), self.order(1000, self.other_buyer)
        self.credit(self.other_buyer, 900)
        for order in fits | above:
            order._update_programs_and_rewards()
            for coupon, rewards in order._get_claimable_rewards().items():
                order._apply_program_reward(rewards[:1], coupon)
        self.assertEqual((fits.amount_total, above.amount_total), (90, 900))
        program.active = False
        fits.action_confirm()
        self.assertConfirmed(fits)
        self.assertEqual(fits.amount_total, 100)
        with self.assertRaises(UserError):
            above.action_confirm()
        self.assertEqual(above.state, "draft")

    def test_mail_of_the_quotation_template_waits_for_the_confirmation(self):
        self.ensure_installed("sale_management")
        sent = self.mails()
        mail = self.env.ref("sale.email_template_edi_sale")
        template = (
            self.env["sale.order.template"]
            .sudo()
            .create({"name": "T", "mail_template_id": mail.id})
        )
        order = self.order(2000, sale_order_template_id=template.id)
        order.action_confirm()
        self.assertHeld(order, "over_limit")
        self.assertFalse(sent)
        self.open_hold(order).with_user(self.credit_manager).action_release(
            self.reason.id
        )
        self.assertConfirmed(order)
        self.assertEqual(sent, [(order.id, mail.id)])

    def test_automatic_lock_comes_with_the_confirmation(self):
        self.env.user.group_ids += self.env.ref("sale.group_auto_done_setting")
        self.env.ref("base.group_user").sudo().implied_ids += self.env.ref(
            "sale.group_auto_done_setting"
        )
        fits, above = self.order(1000), self.order(1001)
        (fits | above).action_confirm()
        self.assertEqual((fits.locked, above.locked), (True, False))
        self.assertConfirmed(fits)
