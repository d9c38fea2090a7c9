from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import CarteraCommon


@tagged("post_install", "-at_install")
class TestRule(CarteraCommon):
    """The table of rules, by what it stops; and the wizard that turns the gate on."""

    def setUp(self):
        super().setUp()
        self.customer = self.make_customer("Abarrotes del Centro")
        self.partner = self.customer.partner_id
        self.turn_gate_on()
        self.Rule = self.root["cartera.credit.rule"]

    def make_rule(self, **vals):
        return self.Rule.create({"name": "Test rule"} | vals)

    def reasons(self, amount=10, partner=None, **vals):
        """Codes of what would stop an invoice; nothing is held."""
        move = self.make_invoice(partner or self.partner, amount, post=False, **vals)
        decision = self.Customer._preview(move, "invoice")
        return [reason.code for reason in decision.reasons]

    # What is installed

    def test_defaults_after_installation_are_sane(self):
        """peers 25: limit, overdue above 30 days, suspended and expired are checked."""
        self.assertEqual(
            set(self.rules), {"over_limit", "overdue_days", "suspended", "line_expired"}
        )
        for rule in self.rules.values():
            self.assertTrue(rule.check_confirm and rule.check_ship)
            self.assertEqual((rule.kind, rule.scope), ("block", "all"))
        self.assertEqual(self.rules["overdue_days"].threshold_days, 30)

    def test_the_gate_is_off_after_installation(self):
        new = self.root["res.company"].create({"name": "New"})
        self.assertEqual(
            (new.cartera_gate, new.cartera_invoice_gate, new.cartera_default_mode),
            ("off", False, "none"),
        )

    # Conditions on real books

    def test_each_condition(self):
        """Line of 100 in each case unless the case is about the line."""
        late = self.make_customer("Late")
        self.make_line(late, 1000)
        self.make_invoice(late.partner_id, 100, due="2026-02-13")  # 31 days
        nearly = self.make_customer("Nearly late")
        self.make_line(nearly, 1000)
        self.make_invoice(nearly.partner_id, 100, due="2026-02-14")  # 30 days
        cents = self.make_customer("Late by a cent")
        self.make_line(cents, 1000)
        self.make_invoice(cents.partner_id, 1, due="2026-01-01")  # the tolerance
        full = self.make_customer("Full")
        self.make_line(full, 10)
        suspended = self.make_customer("Suspended")
        self.make_line(suspended, 1000).action_suspend()
        expired = self.make_customer("Expired")
        self.make_line(expired, 1000).action_expire()
        cases = [
            (late, 10, ["overdue_days"]),
            (nearly, 10, []),
            (cents, 10, []),
            (full, 10, []),
            (full, 10.01, ["over_limit"]),
            (suspended, 10, ["suspended", "over_limit"]),
            (expired, 10, ["line_expired", "over_limit"]),
        ]
        for customer, amount, expected in cases:
            with self.subTest(customer.display_name, amount=amount):
                found = self.reasons(amount, partner=customer.partner_id)
                self.assertEqual(found, expected)

    def test_no_line_is_not_a_line_of_zero(self):
        self.rules["over_limit"].active = False
        self.make_rule(condition="no_line")
        self.assertEqual(self.reasons(), ["no_line"])
        self.make_line(self.customer, mode="none")
        self.assertEqual(self.reasons(), [])

    def test_other_conditions_that_are_off_at_first(self):
        self.make_line(self.customer, 100)
        self.make_invoice(self.partner, 50, due="2026-03-10")
        self.make_rule(condition="percent_used", threshold_percent=90)
        self.make_rule(condition="overdue_amount", threshold_amount=49)
        self.make_rule(condition="order_amount", threshold_amount=45)
        cases = [
            (40, ["overdue_amount"]),
            (40.01, ["percent_used", "overdue_amount"]),
            (45.01, ["percent_used", "overdue_amount", "order_amount"]),
        ]
        for amount, expected in cases:
            with self.subTest(amount):
                self.assertEqual(self.reasons(amount), expected)

    def test_use_of_the_limit_as_a_second_condition(self):
        self.make_line(self.customer, 100)
        self.make_invoice(self.partner, 50, due="2026-03-10")
        self.make_rule(condition="overdue_amount", min_percent_used=70)
        self.assertEqual(self.reasons(20), [])
        self.assertEqual(self.reasons(20.01), ["overdue_amount"])

    # Scopes, order, exemptions

    def test_scopes(self):
        group = self.make_group("Holding", 10**6)
        others = {name: self.make_customer(name) for name in ("group", "class", "none")}
        others["group"].group_id = group
        others["class"].risk_class = "c"
        for rule in self.rules.values():
            rule.active = False
        self.make_rule(
            condition="always", scope="customer", customer_ids=self.customer.ids
        )
        self.make_rule(condition="order_amount", scope="group", group_ids=group.ids)
        self.make_rule(condition="over_limit", scope="risk_class", risk_class="c")
        cases = [
            (self.customer, ["always"]),
            (others["group"], ["order_amount"]),
            (others["class"], ["over_limit"]),
            (others["none"], []),
        ]
        for customer, expected in cases:
            with self.subTest(customer.display_name):
                self.assertEqual(self.reasons(partner=customer.partner_id), expected)

    def test_an_exemption_ends_the_check_for_its_customers_and_days(self):
        self.make_rule(
            kind="exempt",
            condition="always",
            scope="customer",
            customer_ids=self.customer.ids,
            reason="Pilot",
            date_from="2026-03-16",
            date_to="2026-03-18",
            sequence=1,
        )
        other = self.make_partner("Other")
        for day, expected in (
            ("2026-03-15", ["over_limit"]),
            ("2026-03-16", []),
            ("2026-03-18", []),
            ("2026-03-19", ["over_limit"]),
        ):
            with self.subTest(day), freeze_time(f"{day} 12:00:00"):
                self.assertEqual(self.reasons(date=day), expected)
                self.assertEqual(self.reasons(date=day, partner=other), ["over_limit"])

    def test_rows_are_taken_by_sequence(self):
        self.rules["over_limit"].sequence = 30
        exempt = self.make_rule(
            kind="exempt", condition="order_amount", threshold_amount=20, sequence=20
        )
        self.assertEqual(self.reasons(20), [])
        self.assertEqual(self.reasons(21), ["over_limit"])
        exempt.sequence = 90
        self.assertEqual(self.reasons(20), ["over_limit"])

    def test_stop_hides_what_comes_after(self):
        self.make_line(self.customer, 1000).action_suspend()
        self.rules["suspended"].stop = True
        self.assertEqual(self.reasons(), ["suspended"])

    def test_checkpoints_have_switches_of_their_own(self):
        self.assertEqual(self.reasons(), ["over_limit"])
        self.rules["over_limit"].check_invoice = False
        self.assertEqual(self.reasons(), [])
        with self.assertRaises(ValueError):
            self.Rule._rules(self.company, "whenever", self.today)

    def test_rules_of_another_company_do_not_count(self):
        self.rules["over_limit"].company_id = self.other_company
        self.assertEqual(self.reasons(), [])
        self.rules["over_limit"].company_id = self.company
        self.assertEqual(self.reasons(), ["over_limit"])

    def test_changes_count_at_once(self):
        """Rules are kept between checks; a change throws what was kept away."""
        self.assertEqual(self.reasons(), ["over_limit"])
        rule = self.make_rule(condition="always", sequence=99)
        self.assertEqual(self.reasons(), ["over_limit", "always"])
        rule.active = False
        self.assertEqual(self.reasons(), ["over_limit"])
        rule.active = True
        rule.unlink()
        self.assertEqual(self.reasons(), ["over_limit"])

    # Bad input

    def test_negative_thresholds_are_refused_with_their_value(self):
        for field in (
            "threshold_percent",
            "threshold_amount",
            "threshold_days",
            "tolerance_amount",
            "min_percent_used",
            "grace_days",
        ):
            with self.subTest(field), self.refused(ValidationError, "-5", "Test rule"):
                self.make_rule(**{field: -5})

    def test_a_scope_without_anybody_is_refused(self):
        for scope in ("customer", "group", "risk_class"):
            with self.subTest(scope), self.refused(ValidationError, "Test rule"):
                self.make_rule(scope=scope)

    def test_an_exemption_of_customers_needs_reason_and_last_day(self):
        vals = {
            "kind": "exempt",
            "scope": "customer",
            "customer_ids": self.customer.ids,
        }
        for more in ({}, {"reason": "Pilot"}, {"date_to": "2026-12-31"}):
            with self.subTest(more), self.refused(ValidationError, "Test rule"):
                self.make_rule(**vals, **more)
        self.make_rule(**vals, reason="Pilot", date_to="2026-12-31")

    def test_an_end_before_the_start_is_refused_with_both_dates(self):
        with self.refused(ValidationError, "2026-03-15.*2026-03-16"):
            self.make_rule(date_from="2026-03-16", date_to="2026-03-15")

    def test_negative_settings_of_the_company_are_refused(self):
        for field in (
            "cartera_default_amount",
            "cartera_horizon_days",
            "cartera_review_days",
        ):
            with self.subTest(field), self.refused(ValidationError, "received -1"):
                self.company.sudo().write({field: -1})

    # Paid in advance

    def test_prepaid_terms_need_no_credit(self):
        self.assertEqual(self.reasons(), ["over_limit"])
        self.net30.cartera_prepaid = True
        found = self.reasons(invoice_payment_term_id=self.net30.id)
        self.assertEqual(found, [])

    def test_terms_are_ranked_by_the_credit_they_give(self):
        Term = self.root["account.payment.term"]
        self.assertEqual(self.net30._cartera_rank(), 30)
        self.assertEqual(Term._cartera_rank(), 0)
        self.net30.cartera_prepaid = True
        self.assertEqual(self.net30._cartera_rank(), -1)

    # The wizard

    def test_the_wizard_shows_who_would_be_held_before_it_turns_the_gate_on(self):
        company = self.company.sudo()
        company.write({"cartera_gate": "off", "cartera_invoice_gate": False})
        late = self.make_customer("Late")
        self.make_line(late, 1000)
        self.make_invoice(late.partner_id, 300, due="2026-01-01")
        fine = self.make_customer("Fine")
        self.make_line(fine, 1000)
        self.make_invoice(self.partner, 400)
        wizard = self.root["cartera.setup"].with_user(self.manager).create({})
        mine = wizard.line_ids.filtered(
            lambda line: line.customer_id in late | fine | self.customer
        )
        self.assertEqual(
            {line.customer_id: line.exposure for line in mine},
            {late: 300, self.customer: 400},
        )
        self.assertEqual(company.cartera_gate, "off")
        wizard.default_mode = "unlimited"
        self.assertNotIn(self.customer, wizard.line_ids.customer_id)
        wizard.action_apply()
        self.assertEqual(
            (company.cartera_gate, company.cartera_default_mode), ("block", "unlimited")
        )

    def test_only_managers_turn_the_gate_on_or_off(self):
        with self.assertRaises(AccessError):
            self.root["cartera.setup"].with_user(self.executive).create({})
        wizard = self.root["cartera.setup"].with_user(self.manager).create({})
        with self.assertRaises(AccessError):
            wizard.with_user(self.executive).action_apply()
        with self.assertRaises(AccessError):
            self.company.with_user(self.manager).cartera_gate = "off"
