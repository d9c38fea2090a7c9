from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import TODAY
from .customer_request_common import RFC, CustomerRequestCommon


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestCustomerApproval(CustomerRequestCommon):
    """Who is not approved buys in advance or for cash."""

    def switch_on(self):
        self.company.sudo().cartera_customer_approval = True

    def invoice(self, partner, term):
        return self.make_invoice(
            partner,
            100,
            post=False,
            invoice_payment_term_id=term.id,
            invoice_date_due=False,
        )

    def test_who_was_a_customer_before_counts_as_approved(self):
        known = self.make_customer("Known").partner_id
        invoiced = self.make_partner("Invoiced")
        self.make_invoice(invoiced, 10)
        ranked = self.make_partner("Ranked", customer_rank=1)
        self.switch_on()
        for partner in (known, invoiced, ranked):
            move = self.invoice(partner, self.net30)
            move.action_post()
            self.assertEqual(move.state, "posted")

    def test_a_new_one_is_not_invoiced_on_credit(self):
        self.switch_on()
        partner = self.make_partner("Newcomer")
        move = self.invoice(partner, self.net30)
        with self.assertRaisesRegex(UserError, "30 days.*Newcomer"):
            move.action_post()
        with self.assertRaisesRegex(UserError, "Newcomer"):
            move.sudo()._post(soft=False)
        self.assertIn("cartera_unapproved", move._get_alerts())
        for term in (self.prepaid, self.cash):
            paid = self.invoice(partner, term)
            paid.action_post()
            self.assertEqual(paid.state, "posted", term.name)

    def test_prepaid_terms_pass_even_if_they_are_due_later(self):
        self.switch_on()
        self.prepaid.sudo().line_ids.nb_days = 5
        move = self.invoice(self.make_partner("Newcomer"), self.prepaid)
        move.action_post()
        self.assertEqual(move.state, "posted")

    def test_what_lowers_the_debt_is_never_stopped(self):
        partner = self.make_partner("Newcomer")
        invoice = self.make_invoice(partner, 100)
        self.switch_on()
        self.root.cr.execute("UPDATE cartera_customer SET approved_on = NULL")
        self.root.invalidate_all()
        note = invoice._reverse_moves()
        note.action_post()
        self.assertEqual(note.state, "posted")

    def test_approved_by_a_request_it_is(self):
        self.switch_on()
        partner = self.make_partner(
            "Newcomer",
            user_id=self.salesperson.id,
            vat=RFC,
            street="1",
            city="2",
            zip="3",
            email="n@example.com",
            country_id=self.mexico.id,
        )
        self.assertTrue(partner.with_user(self.salesperson).cartera_unapproved)
        context = partner.with_user(self.salesperson).action_cartera_request()[
            "context"
        ]
        self.assertEqual(context["default_kind"], "new")
        request = (
            self.Request.with_user(self.salesperson)
            .with_context(**context)
            .create({"payment_term_id": self.net30.id})
        )
        request.action_submit()
        request.with_user(self.executive).action_approve()
        self.assertEqual(request.partner_id, partner)
        partner.invalidate_recordset()
        self.assertFalse(partner.with_user(self.salesperson).cartera_unapproved)
        move = self.invoice(partner, self.net30)
        move.action_post()
        self.assertEqual(move.state, "posted")

    def test_another_companys_approval_is_not_ours(self):
        self.switch_on()
        self.other_company.sudo().cartera_customer_approval = True
        partner = self.make_partner("Newcomer")
        account = self.Customer._find_or_create(partner, self.other_company)[partner]
        account._set_approved(self.manager, self.other_company)
        with self.assertRaisesRegex(UserError, "Newcomer"):
            self.invoice(partner, self.net30).action_post()

    def test_switched_off_nobody_needs_it(self):
        move = self.invoice(self.make_partner("Newcomer"), self.net30)
        move.action_post()
        self.assertEqual(move.state, "posted")

    def test_approval_is_not_written_by_hand(self):
        customer = self.make_customer("Newcomer").with_user(self.manager)
        with self.assertRaisesRegex(AccessError, "request"):
            customer.write({"approved_on": self.today})

    def test_the_gate_holds_who_is_not_approved(self):
        self.turn_gate_on()
        self.switch_on()
        self.company.sudo().write({"cartera_default_mode": "unlimited"})
        partner = self.make_partner("Newcomer")
        move = self.invoice(partner, self.cash)
        decision = self.Customer._preview(move, "confirm")
        self.assertEqual([one.code for one in decision.reasons], ["unapproved"])
        self.Customer._find_or_create(partner, self.company)[partner]._set_approved(
            self.manager, self.company
        )
        self.assertTrue(self.Customer._preview(move, "confirm").passes)

    def test_terms_without_a_line_are_paid_at_once(self):
        with self.assertRaisesRegex(ValidationError, "30 days gives 30"):
            self.company.sudo().cartera_prepaid_term_id = self.net30
        self.company.sudo().cartera_prepaid_term_id = self.cash

    def test_rows_that_the_gate_makes_have_what_is_required(self):
        """They are made by a plain statement, which knows no defaults of Odoo."""
        partner = self.make_partner("Newcomer")
        self.Customer._bump(self.company, partner.ids)
        row = self.Customer.search([("partner_id", "=", partner.id)])
        self.assertEqual(len(row), 1)
        for name, field in row._fields.items():
            if field.store and field.required and field.type != "boolean":
                self.assertTrue(row[name], name)
