import base64

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from ..models import customer_checks
from .common import TODAY
from .customer_request_common import PDF, RFC, CustomerRequestCommon


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestCustomerRequest(CustomerRequestCommon):
    """From what sales proposes to what the customer is."""

    def test_a_new_customer_from_proposal_to_register(self):
        request = self.new(
            contact_ids=[
                Command.create(
                    {
                        "name": "Ana Ruiz",
                        "email": "ana@norte.example.com",
                        "cartera_collections": True,
                    }
                ),
                Command.create(
                    {"type": "delivery", "street": "Bodega 8", "city": "Apodaca"}
                ),
            ]
        )
        self.assertEqual(request.state, "draft")
        self.assertRegex(request.name, "ALTA")
        self.assertEqual(request.problem_level, "success")
        request.action_submit()
        self.assertEqual(
            (request.state, request.requested_by), ("submitted", self.salesperson)
        )
        request.with_user(self.executive).action_review()
        self.assertEqual(request.state, "validated")
        self.assertFalse(request.partner_id)
        request.with_user(self.manager).action_approve()
        partner = request.partner_id
        self.assertRecordValues(
            partner,
            [
                {
                    "name": "Panadería del Norte, S.A. de C.V.",
                    "vat": RFC,
                    "city": "Monterrey",
                    "email": "pagos@norte.example.com",
                    "is_company": True,
                    "user_id": self.salesperson.id,
                }
            ],
        )
        self.assertEqual(
            partner.with_company(self.company).property_payment_term_id, self.net30
        )
        self.assertEqual(
            sorted((one.type, one.name or one.street) for one in partner.child_ids),
            [("contact", "Ana Ruiz"), ("delivery", "Bodega 8")],
        )
        self.assertEqual(partner.child_ids.mapped("cartera_collections"), [True, False])
        customer = self.Customer.search(
            [("partner_id", "=", partner.id), ("company_id", "=", self.company.id)]
        )
        self.assertEqual(
            (customer.approved_on, customer.approved_by), (self.today, self.manager)
        )
        self.assertEqual(
            (request.state, request.decided_by), ("approved", self.manager)
        )

    def test_a_change_lists_field_old_and_proposed_value_and_keeps_the_old_one(self):
        partner = self.own_customer()
        contact = self.make_partner(
            "Luis", parent_id=partner.id, is_company=False, email="luis@example.com"
        )
        gone = self.make_partner("Old", parent_id=partner.id, is_company=False)
        request = self.change(partner)
        self.assertEqual(
            (request.customer_name, request.phone, request.payment_term_id),
            ("Abarrotes Luna", "555 1", self.cash),
        )
        self.assertFalse(request.line_ids)
        request.write(
            {
                "phone": "555 2",
                "payment_term_id": self.net30.id,
                "contact_ids": [
                    Command.create({"partner_id": contact.id}),
                    Command.create({"partner_id": gone.id, "remove": True}),
                ],
            }
        )
        request.contact_ids[0].email = "luis@luna.example.com"
        self.assertEqual(
            self.rows(request),
            {
                ("Abarrotes Luna", "phone"): ("555 1", "555 2"),
                ("Abarrotes Luna", "property_payment_term_id"): ("Cash", "30 days"),
                (contact.display_name, "email"): (
                    "luis@example.com",
                    "luis@luna.example.com",
                ),
                (gone.display_name, "active"): (self.env._("Yes"), "")
                if False
                else ("Yes", ""),
            },
        )
        request.action_submit()
        request.with_user(self.executive).action_approve()
        self.assertEqual(
            (partner.phone, contact.email), ("555 2", "luis@luna.example.com")
        )
        self.assertEqual(
            partner.with_company(self.company).property_payment_term_id, self.net30
        )
        self.assertFalse(gone.active)
        partner.phone = "555 3"
        self.assertEqual(
            self.rows(request)["Abarrotes Luna", "phone"], ("555 1", "555 2")
        )
        self.assertIn("555 1", " ".join(partner.message_ids.mapped("body")))

    def test_the_form(self):
        with Form(self.Request.with_user(self.salesperson)) as form:
            form.customer_name = "Tienda Sol"
            form.vat = "ABC"
            form.country_id = self.mexico
            form.email = "x"
        request = form.record
        texts = " ".join(problem["text"] for problem in request.problem_data)
        for word in ("ABC", "'x'", request._fields["street"].string):
            self.assertIn(word, texts)

    # What is refused, and what it says

    def test_incomplete_and_invalid_data_are_refused_by_name(self):
        cases = [
            ({"vat": False}, "Tax ID"),
            ({"city": False, "zip": False}, "City, Zip"),
            ({"vat": "GODE561231"}, "GODE561231"),
            ({"vat": "GODE561331GR8"}, "GODE561331GR8"),
            ({"email": "norte.example.com"}, "norte.example.com"),
            ({"email": "a@example.com, b@example.com"}, "a@example.com, b@example.com"),
            (
                {"contact_ids": [Command.create({"name": "Ana", "email": "ana@"})]},
                "'ana@' of Ana",
            ),
            ({"payment_term_id": False}, "Payment Terms"),
        ]
        for vals, word in cases:
            with self.subTest(vals), self.assertRaisesRegex(UserError, word):
                self.new(**vals).action_submit()

    def test_a_tax_number_that_is_there_already_is_refused(self):
        for written in (RFC, "gode-561231-gr8", f"MX{RFC}"):
            partner = self.root["res.partner"].create(
                {"name": "Old one", "is_company": True}
            )
            self.env.cr.execute(
                "UPDATE res_partner SET vat = %s WHERE id = %s", [written, partner.id]
            )
            partner.invalidate_recordset()
            request = self.new()
            with self.subTest(written), self.assertRaisesRegex(UserError, "Old one"):
                request.action_submit()
            request.duplicate_reason = "A branch that buys by itself"
            request.action_submit()
            self.assertEqual(request.problem_level, "warning")
            request.action_cancel()
            partner.unlink()

    def test_an_archived_customer_counts_and_the_number_of_everybody_does_not(self):
        partner = self.make_partner("Gone", vat=RFC, active=False)
        with self.assertRaisesRegex(UserError, "Gone.*archived"):
            self.new().action_submit()
        partner.vat = "XAXX010101000"
        self.new(vat="XAXX010101000").action_submit()

    def test_names_and_mails_that_are_alike_are_shown(self):
        self.make_partner("PANADERIA DEL NORTE SA DE CV", customer_rank=1)
        self.make_partner("Another", email="PAGOS@norte.example.com")
        request = self.new()
        text = " ".join(problem["text"] for problem in request.problem_data)
        self.assertIn("PANADERIA DEL NORTE", text)
        self.assertIn("Another", text)
        request.action_submit()  # alike is not the same

    def test_two_open_requests_for_the_same_are_refused(self):
        first = self.new()
        first.action_submit()
        with self.assertRaisesRegex(UserError, first.name):
            self.new().action_submit()

    def test_a_change_that_changes_nothing_is_refused(self):
        with self.assertRaisesRegex(UserError, "Nothing is changed"):
            self.change().action_submit()

    def test_documents_of_a_wrong_type_or_size_and_missing_ones(self):
        self.company.sudo().cartera_customer_documents = "Tax certificate\n\n Deed "
        request = self.new()
        self.assertEqual(
            request.document_ids.mapped("name"), ["Tax certificate", "Deed"]
        )
        with self.assertRaisesRegex(UserError, "Tax certificate, Deed"):
            request.action_submit()
        paper, deed = request.document_ids
        with self.assertRaisesRegex(ValidationError, "evil.exe.*type"):
            paper.write(
                {"file": base64.b64encode(b"MZ\x90\x00" * 40), "filename": "evil.exe"}
            )
        with self.assertRaisesRegex(ValidationError, "10 MB"):
            paper.write(
                {
                    "file": base64.b64encode(b"%PDF-1.4\n" + b"0" * (10 * 1024 * 1024)),
                    "filename": "big.pdf",
                }
            )
        paper.write({"file": PDF, "filename": "certificate.pdf"})
        deed.waived = "A natural person has none"
        request.action_submit()
        self.assertEqual(request.state, "submitted")
        # nor is it enough to leave the row out
        bare = self.new(vat="SLD010101AB1", customer_name="Sol y Luna", document_ids=[])
        with self.assertRaisesRegex(UserError, "Tax certificate, Deed"):
            bare.action_submit()

    def test_the_old_value_changed_meanwhile(self):
        partner = self.own_customer()
        request = self.change(partner, phone="555 2", email="new@example.com")
        request.action_submit()
        partner.phone = "555 9"
        with self.assertRaisesRegex(UserError, "555 1.*555 9.*555 2"):
            request.with_user(self.executive).action_approve()
        self.assertEqual(partner.email, "luna@example.com")
        request.with_user(self.executive).action_review()
        self.assertEqual(
            self.rows(request)["Abarrotes Luna", "phone"], ("555 9", "555 2")
        )
        request.with_user(self.executive).action_approve()
        self.assertEqual((partner.phone, partner.email), ("555 2", "new@example.com"))

    def test_what_somebody_set_to_the_proposed_value_is_no_conflict(self):
        partner = self.own_customer()
        request = self.change(partner, phone="555 2")
        request.action_submit()
        partner.phone = "555 2"
        request.with_user(self.executive).action_approve()
        self.assertEqual(request.state, "approved")

    def test_other_contacts_than_the_customers_are_refused(self):
        other = self.make_partner("Somebody", is_company=False)
        with self.assertRaisesRegex(ValidationError, "Somebody"), self.cr.savepoint():
            self.change(contact_ids=[Command.create({"partner_id": other.id})])
        with (
            self.assertRaisesRegex(ValidationError, "needs a name"),
            self.cr.savepoint(),
        ):
            self.new(contact_ids=[Command.create({"email": "a@example.com"})])
        partner = self.own_customer()
        contact = self.make_partner("Luis", parent_id=partner.id, is_company=False)
        with self.assertRaisesRegex(ValidationError, "is a contact of"):
            self.change(contact)
        with self.assertRaisesRegex(ValidationError, "Choose the customer"):
            self.Request.with_user(self.salesperson).create({"kind": "change"})

    # Who may

    def test_nobody_approves_an_own_request(self):
        request = self.new(self.executive)
        request.action_submit()
        with self.assertRaisesRegex(AccessError, "own request"):
            request.action_approve()
        self.assertFalse(request.can_decide)
        request.with_user(self.manager).action_approve()
        handed_on = self.new(self.executive, vat="SLD010101AB1", customer_name="Sol")
        handed_on.with_user(self.manager).action_submit()
        for user in (
            self.executive,
            self.manager,
        ):  # who began it, and who handed it in
            with self.assertRaises(AccessError):
                handed_on.with_user(user).action_approve()

    def test_roles(self):
        request = self.new()
        request.action_submit()
        for verb in ("action_review", "action_approve"):
            for user in (self.salesperson, self.collector):
                with (
                    self.subTest(verb, user=user.login),
                    self.assertRaises(AccessError),
                ):
                    getattr(request.with_user(user), verb)()
        for verb in ("action_request_info", "action_reject"):
            with self.assertRaises(AccessError):
                getattr(request.with_user(self.salesperson), verb)("x")
        for user in (self.accountant, self.portal):
            with self.assertRaises(AccessError):
                self.new(user)
        with self.assertRaises(AccessError):
            request.with_user(self.viewer).read(["vat"])  # somebody else's
        with self.assertRaisesRegex(AccessError, "somebody else|waits for"):
            request.with_user(self.collector).action_cancel()

    def test_sales_proposes_for_own_customers_only(self):
        partner = self.own_customer()
        partner.user_id = self.manager
        with self.assertRaisesRegex(AccessError, self.manager.login):
            self.change(partner)
        partner.user_id = False
        self.change(partner)
        partner.user_id = self.manager
        self.change(partner, self.collector)

    def test_another_company_does_not_see_it(self):
        request = self.new()
        stranger = self.make_user(
            "stranger",
            "credit_manager",
            company_id=self.other_company.id,
            company_ids=[Command.set(self.other_company.ids)],
        )
        with self.assertRaises(AccessError):
            request.with_user(stranger).read(["vat"])

    def test_state_and_people_are_not_written(self):
        request = self.new()
        for vals in (
            {"state": "approved"},
            {"requested_by": self.manager.id},
            {"decided_by": self.manager.id},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                request.write(vals)
            with self.subTest(vals), self.assertRaises(AccessError):
                self.new(**vals)
        with self.assertRaises(AccessError):
            request.with_user(self.salesperson).line_ids.unlink()
        with self.assertRaises(UserError):
            request.sudo().line_ids.write({"new_value": "x"})
        made = (
            self.Request.with_user(self.salesperson)
            .with_context(default_state="approved")
            .create({"kind": "new"})
        )
        self.assertEqual(made.state, "draft")

    def test_while_it_waits_only_credit_completes_it(self):
        request = self.new()
        request.action_submit()
        with self.assertRaisesRegex(AccessError, "waits for"):
            request.phone = "1"
        with self.assertRaises(AccessError):
            request.contact_ids = [Command.create({"name": "x"})]
        request.with_user(self.executive).phone = "81 1"
        self.assertIn(
            ("Panadería del Norte, S.A. de C.V.", "phone"), self.rows(request)
        )

    def test_what_was_decided_stays_as_it_is_in_sudo_too(self):
        request = self.new()
        request.document_ids = [Command.create({"name": "Paper", "file": PDF})]
        request.action_submit()
        request.with_user(self.executive).action_reject("Not now")
        root = request.sudo()
        with self.assertRaisesRegex(UserError, "closed"):
            root.vat = "x"
        with self.assertRaises(UserError):
            root.unlink()
        for part in (root.document_ids, root.line_ids):
            with self.subTest(part._name), self.assertRaises(UserError):
                part.unlink()
        with self.assertRaises(UserError):
            root.document_ids.waived = "x"
        with self.assertRaises(UserError):
            root.line_ids[:1].old_value = "x"
        for verb in (
            "action_submit",
            "action_review",
            "action_approve",
            "action_cancel",
        ):
            with self.subTest(verb), self.assertRaisesRegex(UserError, "state"):
                getattr(request.with_user(self.manager), verb)()

    def test_information_is_asked_for_and_given(self):
        request = self.new()
        request.action_submit()
        with self.assertRaisesRegex(UserError, "what is missing"):
            request.with_user(self.executive).action_request_info(" ")
        request.with_user(self.executive).action_request_info("The deed, please")
        self.assertEqual(
            (request.state, request.missing), ("info_requested", "The deed, please")
        )
        todo = request.sudo().activity_ids
        self.assertEqual(todo.user_id, self.salesperson)
        request.phone = "81 2"
        request.action_submit()
        self.assertEqual((request.state, request.missing), ("submitted", False))
        self.assertFalse(
            request.sudo().activity_ids.filtered(
                lambda one: one.user_id == self.salesperson
            )
        )

    def test_rejection_needs_a_reason_and_writes_nothing(self):
        partner = self.own_customer()
        request = self.change(partner, phone="555 2")
        request.action_submit()
        with self.assertRaisesRegex(UserError, "without a reason"):
            request.with_user(self.executive).action_reject("")
        request.with_user(self.executive).action_reject("Call first")
        self.assertEqual((request.state, partner.phone), ("rejected", "555 1"))

    def test_drafts_are_deleted_and_what_was_handed_in_is_not(self):
        self.new().unlink()
        request = self.new()
        request.action_submit()
        with self.assertRaisesRegex(UserError, "Cancel it"):
            request.with_user(self.executive).unlink()
        request.action_cancel()
        self.assertEqual(request.state, "cancelled")

    # Numbers

    def test_normal_numbers_and_names(self):
        self.assertEqual(customer_checks.normal_vat("mx-GODE 561231-GR8", "MX"), RFC)
        self.assertEqual(customer_checks.normal_vat(None), "")
        cases = {
            ("GODE561231GR8", "MX"): True,
            ("XAXX010101000", "MX"): True,
            ("GODE561231", "MX"): False,
            ("9001279338", "CO"): customer_checks.vat_is_valid("9001279338", "CO"),
            ("213.123.432-1", "CO"): True,
            ("2131234322", "CO"): False,
            ("anything", "US"): None,
        }
        for (number, country), valid in cases.items():
            with self.subTest(number):
                self.assertIs(
                    customer_checks.vat_is_valid(
                        customer_checks.normal_vat(number, country), country
                    ),
                    valid,
                )
        self.assertEqual(
            customer_checks.normal_name("Panadería  Súper, S.A. de C.V."),
            "panaderia super",
        )
        self.assertEqual(
            customer_checks.normal_name("Sol y Luna SA de CV"), "sol y luna"
        )
