import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .requests_common import PDF, PNG, RequestCommon

VERBS = ("action_submit", "action_review", "action_approve", "action_cancel")


@tagged("post_install", "-at_install")
class TestRequestDocuments(RequestCommon):
    """What an application lacks: information that is asked for, and documents."""

    # Information that is missing

    def test_it_resumes_where_it_stopped(self):
        self.partner.email = "compras@abarrotes.example"
        for review, expected in ((False, "submitted"), (True, "review")):
            request = self.make_request(submit=True)
            if review:
                request.action_review()
            with self.mail():
                request.with_user(self.manager).action_request_info("The last balance")
            self.assertEqual(request.state, "info_requested")
            with self.refused(UserError, "Information Missing"):
                request.with_user(self.manager).action_approve()
            request.with_user(self.executive).write({"amount": 1200})
            request.action_submit()
            self.assertEqual(request.state, expected)
            self.assertEqual(request.requested_by, self.executive)
            request.action_cancel()

    def mail(self):
        return mute_logger("odoo.addons.mail.models.mail_mail")

    def test_the_contact_is_told_by_mail_what_is_missing(self):
        types = self.require("opening", "Tax certificate", "Balance sheet")
        contact = self.root["res.partner"].create(
            {
                "name": "Rosa",
                "parent_id": self.partner.id,
                "email": "rosa@abarrotes.example",
            }
        )
        self.partner.user_id = self.salesperson
        request = self.make_request(contact_id=contact.id, submit=True)
        with self.mail():
            request.with_user(self.manager).action_request_info()
        self.assertIn(types[0].name, request.info_missing)
        message = request.message_ids.filtered(
            lambda one: contact in one.partner_ids
            or contact in one.notified_partner_ids
        )
        self.assertEqual(len(message), 1)
        for text in (*types.mapped("name"), request.name, "Rosa"):
            self.assertIn(text, message.body)
        activity = request.activity_ids
        self.assertEqual(activity.user_id, self.salesperson)
        self.assertIn("rosa@abarrotes.example", request.info_sent_to)

    def test_without_an_address_the_salesperson_is_told(self):
        self.partner.user_id = self.salesperson
        request = self.make_request(submit=True)
        request.with_user(self.manager).action_request_info("The last balance")
        self.assertEqual(request.activity_ids.user_id, self.salesperson)
        self.assertIn("The last balance", request.activity_ids.note)
        self.assertEqual(request.info_sent_to, self.salesperson.name)
        request.with_user(self.salesperson).action_submit()
        self.assertFalse(
            request.activity_ids.filtered(lambda one: one.user_id == self.salesperson)
        )

    def test_asking_for_nothing_or_nobody_is_refused(self):
        request = self.make_request(submit=True)
        with self.refused(UserError, "Nothing is missing"):
            request.with_user(self.manager).action_request_info()
        with self.refused(UserError, "mail address"):
            request.with_user(self.manager).action_request_info("x", to="contact")
        with self.refused(UserError, "nobody to ask"):
            request.with_user(self.manager).action_request_info("x", to="mayor")

    # Documents

    def test_documents_by_kind_and_amount(self):
        always = self.require("opening", "Tax certificate")
        large = self.require("opening", "Balance sheet", amount_from=500)
        self.require("renewal", "Other")
        self.require("opening", "Elsewhere", company=self.other_company)
        small = self.make_request(amount=499)
        self.assertEqual(small.document_ids.type_id, always)
        small.amount = 500
        self.assertEqual(small.document_ids.type_id, always | large)
        pesos = self.make_request(amount=8999, currency_id=self.mxn.id)  # 499.94
        self.assertEqual(pesos.document_ids.type_id, always)
        endless = self.make_request(amount=0, mode="unlimited")
        self.assertEqual(endless.document_ids.type_id, always | large)
        small.amount = 10
        self.assertEqual(small.document_ids.type_id, always)

    def test_missing_documents_stop_the_approval_and_are_named(self):
        self.require("opening", "Tax certificate", "Balance sheet")
        request = self.make_request(submit=True)
        with self.refused(UserError, "Tax certificate", "Balance sheet"):
            request.with_user(self.manager).action_approve()
        for row in request.document_ids:
            row.with_user(self.executive).write({"file": PDF, "file_name": "a.pdf"})
        self.assertEqual(request.missing_count, 0)
        request.with_user(self.manager).action_approve()
        self.assertEqual(request.state, "approved")

    def test_an_expired_document_is_a_missing_one(self):
        self.require("opening", "Tax certificate", valid_months=3)
        request = self.make_request(submit=True)
        row = request.document_ids
        row.with_user(self.executive).write({"file": PDF, "file_name": "a.pdf"})
        self.assertEqual(str(row.date_to), "2026-06-16")
        with self.at("2026-06-16"):
            row.invalidate_recordset()
            self.assertEqual(row.state, "received")
        with self.at("2026-06-17"):
            row.invalidate_recordset()
            self.assertEqual(row.state, "expired")
            with self.refused(UserError, "expired on 2026-06-16"):
                request.with_user(self.manager).action_approve()

    def test_wrong_types_and_sizes_are_refused(self):
        self.require("opening", "Tax certificate", extensions="pdf", max_megabytes=1)
        request = self.make_request()
        row = request.document_ids.with_user(self.executive)
        big = base64.b64encode(b"%PDF-1.4\n" + b"0" * (1024 * 1024))
        cases = [
            ({"file": PDF, "file_name": "a.exe"}, "a.exe.*pdf"),
            ({"file": PDF, "file_name": False}, "without a name"),
            ({"file": PDF, "file_name": "pdf"}, "accepted"),
            ({"file": PNG, "file_name": "photo.png"}, "accepted"),
            ({"file": PNG, "file_name": "renamed.pdf"}, "image/png"),
            ({"file": big, "file_name": "big.pdf"}, "1 MB"),
            ({"file": base64.b64encode(b""), "file_name": "empty.pdf"}, None),
        ]
        for vals, text in cases:
            with self.subTest(vals["file_name"]):
                if text is None:
                    row.write(vals)
                    self.assertEqual(row.state, "missing")
                    continue
                with self.refused(UserError, text):
                    row.write(vals)
                with self.refused(UserError, text):
                    request.write(
                        {"document_ids": [(0, 0, vals | {"type_id": row.type_id.id})]}
                    )
        row.write({"file": PDF, "file_name": "a.PDF"})
        self.assertEqual(row.state, "received")

    def test_a_waiver_has_a_reason_and_an_authority(self):
        self.require("opening", "Tax certificate")
        request = self.make_request(submit=True)
        row = request.document_ids
        with self.refused(UserError, "Say why"):
            row.with_user(self.manager).action_waive(" ")
        for user, text in (
            (self.executive, "own application"),
            (self.collector, "role"),
        ):
            with self.subTest(user.login), self.refused(AccessError, text):
                row.with_user(user).action_waive("Known for years")
        self.set_authority(("manager", 999, "1"))
        with self.refused(AccessError, "authority"):
            row.with_user(self.manager).action_waive("Known for years")
        self.set_authority(("executive", 1000, "1"))
        other = self.make_user("other_executive", "credit_executive")
        row.with_user(other).action_waive("Known for years")
        self.assertRecordValues(
            row,
            [
                {
                    "state": "waived",
                    "waived_reason": "Known for years",
                    "waived_by": other.id,
                }
            ],
        )
        self.assertEqual(request.decision_ids.mapped("verdict"), ["waived"])
        for vals in (
            {"waived_reason": "x"},
            {"waived_by": self.manager.id},
            {"required": False},
            {"received_on": "2026-01-01"},
        ):
            with self.subTest(vals), self.assertRaises(UserError):
                row.with_user(self.manager).write(vals)
        request.with_user(other).action_approve()
        self.assertEqual(request.state, "approved")

    def test_documents_of_a_decided_application_stay(self):
        self.require("opening", "Tax certificate")
        request = self.make_request(submit=True)
        row = request.document_ids
        with self.refused(UserError, "asked for"):
            row.with_user(self.executive).unlink()
        row.with_user(self.executive).write({"file": PDF, "file_name": "a.pdf"})
        request.with_user(self.manager).action_approve()
        for change in (
            lambda: row.write({"file": False}),
            lambda: row.write({"date_to": "2030-01-01"}),
            lambda: row.unlink(),
            lambda: row.create(
                {"request_id": request.id, "type_id": row.type_id.id, "note": "x"}
            ),
        ):
            with self.refused(UserError, "decided"):
                change()

    def test_samples_ask_for_nothing_until_they_are_switched_on(self):
        self.assertFalse(self.make_request().document_ids)
        self.root["cartera.request.requirement"].with_context(active_test=False).search(
            [("kind", "=", "opening")]
        ).active = True
        self.assertEqual(len(self.make_request().document_ids), 8)
