from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import TODAY
from .plan_common import PlanCommon


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestPlanExclusion(PlanCommon):
    """One invoice is left out of the contact plan, until a day, for a reason. Today is 16 March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Exclusion = cls.root["cartera.plan.exclusion"]
        cls.first = cls.make_invoice(cls.partner, 100, due="2026-03-01")
        cls.second = cls.make_invoice(cls.partner, 40, due="2026-03-05")

    def leave_out(self, moves=None, until="2026-03-18", reason="Goods exchanged", **kw):
        moves = self.first if moves is None else moves
        user = kw.get("user", self.collector)
        return moves.with_user(user).action_leave_out_of_plan(until, reason)

    def contact(self, day=TODAY):
        return self.run_on(day)

    def case(self):
        case = self.customer.case_ids
        case._refresh_cases(self.company)
        return case

    # The plan and its messages

    def test_the_message_asks_for_the_others_only(self):
        self.make_strategy((1, "email"))
        self.leave_out()
        action = self.contact()
        self.assertEqual(action.leading_line_id.move_id, self.second)
        self.assertEqual(action.item_ids.move_line_id.move_id, self.second)
        self.assertEqual(sum(action.item_ids.mapped("demanded")), 40)
        self.assertNotIn(self.first.name, action.items_html)
        self.assertIn(self.second.name, action.items_html)

    def test_it_comes_back_by_itself_the_day_after(self):
        """Left out up to and with the 18th: on the 19th the plan demands it."""
        self.make_strategy((1, "email"))
        self.leave_out(self.first | self.second)
        days = ["2026-03-16", "2026-03-17", "2026-03-18", "2026-03-19"]
        self.assertEqual(self.steps_made(days), {"2026-03-19": "Day 1"})
        action = self.customer.collection_action_ids
        self.assertEqual(sum(action.item_ids.mapped("demanded")), 140)
        with self.at("2026-03-18"):
            self.assertEqual(
                self.Exclusion.search([]).mapped("state"), ["in_force"] * 2
            )
        with self.at("2026-03-19"):
            self.env.invalidate_all()
            self.assertEqual(self.Exclusion.search([]).mapped("state"), ["over"] * 2)
            self.assertFalse(self.first.cartera_left_out_until)

    def test_simulation_and_run_agree(self):
        strategy = self.make_strategy((1, "email"))
        self.leave_out(self.first | self.second)
        rows = strategy.with_user(self.collector).action_simulate(TODAY)
        self.assertFalse(rows)
        rows = strategy.with_user(self.collector).action_simulate("2026-03-19")
        self.assertEqual([row["amount_company"] for row in rows], [140])

    def test_left_out_between_planning_and_sending_it_is_not_demanded(self):
        self.make_strategy((1, "email"))
        action = self.run_only(TODAY)
        self.assertEqual(action.state, "planned")
        self.leave_out(self.first | self.second)
        action._send_queued()
        self.assertEqual(action.state, "cancelled")
        self.assertIn("left out of the plan until 03/18/2026", action.skip_reason)

    def test_what_waits_for_a_person_is_cancelled(self):
        self.make_strategy((1, "call"))
        action = self.contact()
        self.assertEqual(action.state, "ready")
        self.leave_out()
        self.assertEqual(action.state, "cancelled")
        self.assertIn("left out", action.skip_reason)
        # the other invoice carries the step, the next time the plan runs
        self.assertEqual(
            self.contact("2026-03-17").leading_line_id.move_id, self.second
        )

    def test_instalments_are_left_out_together(self):
        self.make_strategy((1, "email"))
        term = self.root["account.payment.term"].create(
            {
                "name": "Two halves",
                "line_ids": [
                    (0, 0, {"value": "percent", "value_amount": 50, "nb_days": days})
                    for days in (10, 20)
                ],
            }
        )
        other = self.make_debtor("Instalments SA")
        invoice = self.make_invoice(
            other.partner_id, 200, date="2026-02-01", invoice_payment_term_id=term.id
        )
        self.leave_out(invoice | self.first | self.second)
        self.assertFalse(self.contact())
        invoice.with_user(self.collector).action_back_to_plan()
        action = self.contact()
        self.assertEqual(action.customer_id, other)
        self.assertEqual(sum(action.item_ids.mapped("demanded")), 200)

    def test_credits_and_a_part_payment_go_on_counting(self):
        """140 are open, 100 left out, 30 were paid on account: 40 less 30 are demanded."""
        self.make_strategy((1, "email"))
        self.leave_out()
        self.pay(self.partner, 30)
        action = self.contact()
        self.assertEqual(action.amount, 10)

    # What is shown

    def test_the_worklist_shows_it_and_says_why_nothing_is_to_do(self):
        self.make_strategy((1, "call"))
        self.contact()
        case = self.case()
        self.leave_out()
        case = self.case()
        self.assertEqual((case.overdue_amount, case.left_out_amount), (140, 100))
        self.assertEqual(case.todo, "new")
        self.leave_out(self.second)
        case = self.case()
        self.assertEqual(case.left_out_amount, 140)
        self.assertEqual(case.todo, "left_out")
        self.assertIn("Left out", str(case.summary_html))
        with self.at("2026-03-19"):
            case = self.case()
            self.assertEqual((case.left_out_amount, case.todo), (0, "new"))
            case.invalidate_recordset()
            self.assertNotIn("Left out", str(case.summary_html))

    def test_what_comes_due_later_does_not_hide_what_is_late(self):
        later = self.make_invoice(self.partner, 500, due="2026-05-01")
        self.make_strategy((1, "call"))
        self.contact()
        self.leave_out(later | self.first)
        case = self.case()
        self.assertEqual((case.overdue_amount, case.left_out_amount), (140, 600))
        self.assertNotEqual(case.todo, "left_out")

    def test_in_another_currency_it_is_shown_at_its_ledger_value(self):
        """400 EUR at 0.5 EUR for a dollar are 800."""
        self.make_strategy((1, "call"))
        invoice = self.make_invoice(
            self.partner, 400, due="2026-03-02", currency_id=self.eur.id
        )
        self.contact()
        self.leave_out(invoice)
        self.assertEqual(self.case().left_out_amount, 800)

    def test_the_invoice_shows_until_when_by_whom_and_why(self):
        self.leave_out()
        self.assertEqual(str(self.first.cartera_left_out_until), "2026-03-18")
        alert = self.first.with_user(self.collector)._get_alerts()["cartera_left_out"]
        for word in ("03/18/2026", self.collector.name, "Goods exchanged"):
            self.assertIn(word, alert["message"])
        body = self.first.message_ids[:1].body
        self.assertIn("Goods exchanged", body)
        self.assertNotIn("cartera_left_out", self.second._get_alerts())
        Move = self.root["account.move"]
        domain = [("cartera_left_out_until", "!=", False)]
        self.assertEqual(Move.search(domain), self.first)
        domain = [("partner_id", "=", self.partner.id)]
        none = [("cartera_left_out_until", "=", False)]
        self.assertEqual(Move.search(domain + none), self.second)
        late = [("cartera_left_out_until", ">", "2026-03-17")]
        self.assertEqual(Move.search(late), self.first)

    # The verbs

    def test_the_wizard(self):
        lines = (self.first | self.second).line_ids.filtered("date_maturity")
        action = lines.with_user(self.collector).action_cartera_leave_out()
        wizard = self.env["cartera.invoice.leave.out"].with_user(self.collector)
        with Form(wizard.with_context(**action["context"])) as form:
            form.date_to = "2026-03-20"
            form.reason = "Waits for the credit note"
        form.record.action_apply()
        found = self.Exclusion.search([])
        self.assertEqual(found.move_id, self.first | self.second)
        self.assertEqual(set(found.mapped("reason")), {"Waits for the credit note"})
        lines[:1].with_user(self.collector).action_back_to_plan()
        self.assertEqual(found.mapped("state").count("ended"), 1)

    def test_left_out_anew_the_last_word_counts_and_both_stay_on_record(self):
        self.leave_out(until="2026-03-30")
        self.leave_out(until="2026-03-17", reason="Sooner", user=self.executive)
        self.assertEqual(str(self.first.cartera_left_out_until), "2026-03-17")
        rows = self.Exclusion.search([("move_id", "=", self.first.id)], order="id")
        self.assertEqual(rows.mapped("state"), ["ended", "in_force"])
        self.assertEqual(rows.user_id, self.collector | self.executive)
        self.assertEqual(rows[0].ended_by_id, self.executive)

    def test_taken_up_again_the_plan_goes_on_today(self):
        self.make_strategy((1, "email"))
        self.leave_out(self.first | self.second)
        self.assertFalse(self.contact())
        (self.first | self.second).with_user(self.collector).action_back_to_plan()
        self.assertEqual(sum(self.contact().item_ids.mapped("demanded")), 140)
        with self.refused(UserError, "nothing to take up"):
            self.first.with_user(self.collector).action_back_to_plan()

    def test_bad_input_is_refused_by_value(self):
        for until, reason, word in (
            ("2026-03-15", "x", r"03/15/2026 is in the past.*03/16/2026"),
            ("soon", "x", "'soon' is no date"),
            (False, "x", "Say until when"),
            ("2026-03-18", "  ", "Say why"),
            ("2026-03-18", None, "Say why"),
        ):
            with self.subTest(word), self.refused(UserError, word):
                self.leave_out(until=until, reason=reason)
        draft = self.make_invoice(self.partner, 5, post=False)
        with self.refused(UserError, "only posted customer invoices"):
            self.leave_out(draft | self.first)
        self.pay_invoice(self.second)
        with self.refused(UserError, self.second.name):
            self.leave_out(self.second)
        self.assertFalse(self.Exclusion.search([]))
        self.leave_out(until=TODAY)  # the last day may be today
        self.assertEqual(self.Exclusion.search([]).mapped("state"), ["in_force"])

    def pay_invoice(self, invoice):
        wizard = self.root["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        wizard.create({})._create_payments()

    # Rights

    def test_roles_and_companies(self):
        for user in (self.viewer, self.salesperson, self.accountant, self.portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.leave_out(user=user)
        self.leave_out(user=self.collector)
        for user in (self.viewer, self.accountant, self.portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.first.with_user(user).action_back_to_plan()
        partner = self.make_customer("Elsewhere", self.other_company).partner_id
        theirs = self.make_invoice(
            partner, 10, due="2026-03-01", company=self.other_company
        )
        with self.assertRaises(AccessError):
            self.leave_out(theirs)
        here = theirs.with_user(self.everywhere).with_context(
            allowed_company_ids=self.company.ids
        )
        with self.assertRaises(AccessError):
            here.action_leave_out_of_plan("2026-03-18", "x")
        self.leave_out(theirs, user=self.everywhere)
        seen = self.Exclusion.with_user(self.collector).search([])
        self.assertEqual(seen.move_id, self.first)

    def test_the_record_is_nobodys_to_change(self):
        self.leave_out()
        row = self.Exclusion.search([])
        for user in (self.collector, self.manager):
            with self.assertRaises(AccessError):
                self.Exclusion.with_user(user).sudo(False).create(
                    {
                        "move_id": self.second.id,
                        "date_from": TODAY,
                        "date_to": "2030-01-01",
                        "reason": "for good",
                        "user_id": user.id,
                    }
                )
            with self.assertRaises(AccessError):
                row.with_user(user).sudo(False).unlink()
        for vals in ({"date_to": "2030-01-01"}, {"reason": "x"}, {"ended_on": TODAY}):
            with self.subTest(vals), self.refused(UserError, "stays on record"):
                row.sudo().write(vals)
        with self.refused(UserError, "stays on record"):
            row.sudo().unlink()

    def test_salespeople_see_those_of_their_customers(self):
        other = self.make_debtor("Somebody else's", user_id=self.manager.id)
        theirs = self.make_invoice(other.partner_id, 5, due="2026-03-01")
        self.partner.user_id = self.salesperson
        self.leave_out(self.first | theirs)
        seen = self.Exclusion.with_user(self.salesperson).sudo(False).search([])
        self.assertEqual(seen.move_id.ids, self.first.ids)

    def test_number_of_statements_does_not_grow(self):
        def invoices(count):
            found = self.root["account.move"]
            for number in range(count):
                debtor = self.make_debtor(f"Many{number} SA")
                found |= self.make_invoice(debtor.partner_id, 7, due="2026-03-01")
            return found

        self.make_strategy((1, "email"))
        few, many = invoices(2), invoices(12)
        counts = []
        for moves in (few, many):
            customers = moves.commercial_partner_id.cartera_account_ids
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.root["cartera.collection.strategy"]._gather_items(
                self.company, customers
            )
            self.root["cartera.collection.case"]._kept_out(
                self.company, self.today, customers.ids
            )
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
