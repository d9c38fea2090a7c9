from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CarteraCommon

CRON = "cartera_cobranza.ir_cron_recheck_holds"
MODELS = "odoo.addons.cartera_cobranza.models"


@tagged("post_install", "-at_install")
class TestRecheck(CarteraCommon):
    """Holds that clear when money arrives or limits rise, by themselves or by a person."""

    def setUp(self):
        super().setUp()
        self.customer = self.make_customer("Abarrotes del Centro")
        self.partner = self.customer.partner_id
        self.line = self.make_line(self.customer, 1000)
        self.turn_gate_on()

    def document(self, hold):
        return self.root["account.move"].browse(hold.res_id)

    def run_recheck(self):
        with self.commits_allowed():
            self.Hold._cron_recheck()

    def triggers(self):
        return self.root["ir.cron.trigger"].search(
            [("cron_id", "=", self.env.ref(CRON).id)]
        )

    # What clears a hold

    def test_nothing_changed_nothing_clears(self):
        hold = self.hold_invoice(self.partner, 1050)
        logs = len(hold.log_ids)
        self.run_recheck()
        self.run_recheck()
        self.assertEqual((hold.state, len(hold.log_ids)), ("held", logs))

    def test_money_that_arrives_clears_the_hold_and_posts(self):
        invoice = self.make_invoice(self.partner, 900)
        hold = self.hold_invoice(self.partner, 300)
        self.pay(self.partner, 199.99, invoices=invoice)
        self.run_recheck()
        self.assertEqual((hold.state, hold.excess_amount), ("held", 0.01))
        self.pay(self.partner, 0.01)
        self.run_recheck()
        self.assertEqual(hold.state, "released")
        self.assertFalse(hold.released_by, "it cleared by itself")
        self.assertTrue(hold.reason_ids.cleared and hold.reason_ids.cleared_at)
        self.assertEqual(
            (self.document(hold).state, self.document(hold).credit_state),
            ("posted", "released"),
        )
        self.assertIn("cleared", hold.log_ids.mapped("event"))

    def test_a_higher_limit_clears_the_hold(self):
        hold = self.hold_invoice(self.partner, 1050)
        self.make_line(self.customer, 1050)
        self.run_recheck()
        self.assertEqual(hold.state, "released")

    def test_a_temporary_limit_and_a_wider_group_clear_it_too(self):
        first = self.hold_invoice(self.partner, 1050)
        self.make_temporary(self.line, 1050, "2026-03-16", "2026-03-20")
        self.run_recheck()
        self.assertEqual(first.state, "released")
        fellow = self.make_customer("Fellow")
        group = self.make_group("Holding", 10, fellow)
        second = self.hold_invoice(fellow.partner_id, 20)
        group.amount = 20
        self.run_recheck()
        self.assertEqual(second.state, "released")

    def test_one_reason_may_clear_while_another_stays(self):
        """Overdue is paid; the excess stays: 800 - 300 + 700 is 200 too much."""
        self.turn_gate_on(cartera_gate="off")
        old = self.make_invoice(self.partner, 300, due="2026-01-31")
        self.make_invoice(self.partner, 500)
        self.turn_gate_on()
        hold = self.hold_invoice(self.partner, 700)
        self.pay(self.partner, 300, invoices=old)
        self.run_recheck()
        state = {reason.code: reason.cleared for reason in hold.reason_ids}
        self.assertEqual(state, {"over_limit": False, "overdue_days": True})
        self.assertEqual((hold.state, hold.excess_amount), ("held", 200))
        self.assertEqual(hold.snapshot["exposure"], 500)
        self.assertEqual(hold.log_ids[-1].event, "rechecked")

    def test_a_reason_may_come_back_and_new_ones_are_added(self):
        invoice = self.make_invoice(self.partner, 900)
        hold = self.hold_invoice(self.partner, 300)
        self.turn_gate_on(cartera_auto_release=False)
        payment = self.pay(self.partner, 500, invoices=invoice)
        self.run_recheck()
        self.assertEqual(hold.state, "ready")
        payment.action_draft()
        self.line.action_suspend()
        self.run_recheck()
        self.assertEqual((hold.state, self.document(hold).credit_state), ("held",) * 2)
        self.assertEqual(
            {reason.code: reason.is_open for reason in hold.reason_ids},
            {"over_limit": True, "suspended": True},
        )

    def test_a_smaller_invoice_clears_when_it_is_posted_again(self):
        hold = self.hold_invoice(self.partner, 1050)
        move = self.document(hold)
        move.invoice_line_ids.price_unit = 1000
        move.action_post()
        self.assertEqual((move.state, hold.state), ("posted", "released"))

    # By itself or by a person

    def test_without_auto_release_it_becomes_ready_and_a_person_releases(self):
        self.turn_gate_on(cartera_auto_release=False)
        invoice = self.make_invoice(self.partner, 900)
        hold = self.hold_invoice(self.partner, 300)
        self.pay(self.partner, 500, invoices=invoice)
        self.run_recheck()
        move = self.document(hold)
        self.assertEqual(
            (hold.state, move.state, move.credit_state), ("ready", "draft", "ready")
        )
        self.assertTrue(hold.activity_ids)
        self.assertEqual(hold.log_ids[-1].event, "ready")
        move.with_user(self.accountant).action_post()
        self.assertEqual(move.state, "draft", "posting again is no release")
        hold.with_user(self.executive).action_release(self.reason_any.id)
        self.assertEqual((hold.state, move.state), ("released", "posted"))
        self.assertEqual(hold.released_by, self.executive)

    def test_executives_check_again_by_hand(self):
        invoice = self.make_invoice(self.partner, 900)
        hold = self.hold_invoice(self.partner, 300)
        with self.assertRaises(AccessError):
            hold.with_user(self.collector).action_recheck()
        self.pay(self.partner, 500, invoices=invoice)
        hold.with_user(self.executive).action_recheck()
        self.assertEqual(
            (hold.state, self.document(hold).state), ("released", "posted")
        )

    def test_a_hold_of_a_document_that_is_gone_is_closed(self):
        hold = self.hold_invoice(self.partner, 1050)
        self.env.cr.execute(
            "UPDATE account_move SET state = 'cancel' WHERE id = %s", [hold.res_id]
        )
        self.env.invalidate_all()
        self.run_recheck()
        self.assertEqual(hold.state, "cancelled")

    # The order of the queue

    def test_what_became_free_goes_to_the_oldest_first(self):
        invoice = self.make_invoice(self.partner, 900)
        first = self.hold_invoice(self.partner, 300)
        second = self.hold_invoice(self.partner, 300)
        self.pay(self.partner, 300, invoices=invoice)  # 600 owed: room for one
        self.run_recheck()
        self.assertEqual((first.state, second.state), ("released", "held"))

    def test_held_documents_count_where_the_company_says_so(self):
        """Design: a held one's own re-check counts the older ones, never itself."""
        first = self.hold_invoice(self.partner, 1100)
        small = self.make_invoice(self.partner, 200)
        self.assertEqual(small.state, "posted", "held ones do not count at first")
        self.turn_gate_on(cartera_count_held=True)
        other = self.hold_invoice(self.partner, 10)
        self.assertEqual(other.reason_ids.measured, 200 + 1100 + 10)
        first.action_recheck()
        reason = first.reason_ids
        self.assertEqual(reason.measured, 200 + 1100)
        self.make_line(self.customer, 1305)
        first.action_recheck()
        other.action_recheck()
        self.assertEqual((first.state, other.state), ("released", "held"))

    def test_the_published_walk_through_of_a_group(self):
        """D16, held counted: 10,000 - (4,000 + 4,000) = 2,000 are left for B.

        The source holds the 2,000; with our strict boundary they pass.
        """
        for rule in self.rules.values():
            rule.active = False
        Rule = self.root["cartera.credit.rule"]
        Rule.create(
            {
                "name": "Rule 1",
                "condition": "overdue_amount",
                "threshold_amount": 3000,
                "min_percent_used": 70,
            }
        )
        Rule.create(
            {"name": "Rule 2", "condition": "percent_used", "threshold_percent": 100}
        )
        self.turn_gate_on(cartera_count_held=True)
        for left, state in ((1999, "posted"), (2000, "posted"), (2000.01, "draft")):
            a, b = self.make_customer("A"), self.make_customer("B")
            self.make_group(f"A and B {left}", 10000, a, b)
            self.turn_gate_on(cartera_gate="off")
            self.make_invoice(a.partner_id, 4000, due="2026-03-01")
            self.turn_gate_on()
            free = self.make_invoice(a.partner_id, 2000, post=False)
            self.assertFalse(self.Customer._preview(free, "invoice").reasons)  # 60 %
            hold = self.hold_invoice(a.partner_id, 4000)  # 80 %
            self.assertEqual(hold.reason_ids.rule_id.name, "Rule 1")
            with self.subTest(left):
                move = self.make_invoice(b.partner_id, left)
                self.assertEqual(move.state, state)

    # The jobs

    def test_documents_and_limits_start_the_job_when_they_commit(self):
        fellow = self.make_customer("Fellow")
        self.make_group("Holding", 10**6, self.customer, fellow)
        invoice = self.make_invoice(self.partner, 900)
        self.hold_invoice(self.partner, 300)
        other = self.make_customer("Without a hold")
        self.run_precommit()
        steps = {
            "payment": (lambda: self.pay(self.partner, 5), True),
            "payment of a fellow": (lambda: self.pay(fellow.partner_id, 5), True),
            "applied": (
                lambda: self.pay(self.partner, 5, invoices=invoice),
                True,
            ),
            "credit note": (
                lambda: self.make_invoice(self.partner, 5, move_type="out_refund"),
                True,
            ),
            "limit": (lambda: self.make_line(self.customer, 1001), True),
            "settings": (lambda: self.turn_gate_on(cartera_count_held=False), True),
            "somebody else": (lambda: self.pay(other.partner_id, 5), False),
        }
        for name, (step, expected) in steps.items():
            self.triggers().unlink()
            step()
            self.run_precommit()
            with self.subTest(name):
                self.assertEqual(bool(self.triggers()), expected)

    def test_holds_by_hand_do_not_start_it(self):
        move = self.make_invoice(self.partner, 10, post=False)
        self.Hold.with_user(self.executive).action_force(f"account.move,{move.id}", "x")
        self.run_precommit()
        self.triggers().unlink()
        self.pay(self.partner, 5)
        self.run_precommit()
        self.assertFalse(self.triggers())

    def test_one_hold_that_fails_does_not_stop_the_others(self):
        """A currency without a rate, say; the others are cleared and it stays."""
        chf = self.setup_other_currency("CHF", rates=[("2026-01-01", 1.0)])
        bad = self.make_customer("Bad")
        self.make_line(bad, 10)
        first = self.hold_invoice(bad.partner_id, 50, currency_id=chf.id)
        second = self.hold_invoice(self.partner, 1050)
        self.make_line(self.customer, 1050)
        self.make_line(bad, 1000)
        chf.sudo().rate_ids.unlink()
        with self.assertLogs(MODELS, "WARNING") as caught:
            self.run_recheck()
        self.assertIn("CHF", caught.output[0])
        self.assertEqual((first.state, second.state), ("held", "released"))

    def test_a_document_that_cannot_go_on_is_released_all_the_same(self):
        """What stops the posting is noted on the hold; the release is not lost."""
        hold = self.hold_invoice(self.partner, 1050)
        Move = type(self.env["account.move"])
        with patch.object(
            Move, "_credit_let_go", side_effect=UserError("Period closed")
        ):
            hold.with_user(self.manager).action_release(self.reason_any.id)
        self.assertEqual((hold.state, self.document(hold).state), ("released", "draft"))
        self.assertEqual(
            (hold.log_ids[-1].event, hold.log_ids[-1].note), ("error", "Period closed")
        )

    @mute_logger(MODELS + ".cartera_customer_touched")
    def test_the_job_of_figures_survives_a_failure(self):
        other = self.make_customer("Other")
        self.make_invoice(other.partner_id, 5)
        self.run_precommit()
        Customer = type(self.Customer)
        with (
            patch.object(Customer, "_refresh_known", side_effect=UserError("No rate")),
            self.commits_allowed(),
        ):
            self.root["cartera.customer.touched"]._cron_refresh()
        self.assertFalse(self.root["cartera.customer.touched"].search([]))
