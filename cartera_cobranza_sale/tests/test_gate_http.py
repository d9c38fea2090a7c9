import base64
import re
import xmlrpc.client

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import TRICKS, CreditDoorsCommon

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@tagged("post_install", "-at_install")
class TestGateHttp(CreditDoorsCommon, HttpCase):
    """The same from outside: XML-RPC, JSON-2, and the customer in the portal."""

    def call(self, model, method, *args, user=None, **kwargs):
        user = user or self.salesman
        return self.xmlrpc_object.execute_kw(
            self.env.cr.dbname, user.id, user.login, model, method, list(args), kwargs
        )

    @mute_logger(
        "odoo.http",
        "odoo.addons.rpc.controllers.xmlrpc",
        "odoo.addons.base.models.ir_model",
    )
    def test_rpc_does_not_go_round_the_gate(self):
        """Defect 4.3: by a salesman who owns the order, with every key he can think of."""
        order = self.order(2000)
        hold_state = {"credit_state": "released"}
        ids = [order.id]
        context = {"context": TRICKS}
        tries = [
            ("sale.order", "write", ids, {"state": "sale"}),
            ("sale.order", "web_save", ids, {"state": "sale"}, {}),
            ("sale.order", "create", {"partner_id": self.buyer.id, "state": "sale"}),
            ("sale.order", "write", ids, hold_state),
            ("sale.order", "write", ids, {"cartera_commitment_closed": True}),
            ("sale.order", "_action_confirm", ids),
            ("sale.order", "_credit_let_go", ids),
            ("cartera.customer", "_issue_tokens", ids),
            ("cartera.customer", "_check_credit_batch", ids, "confirm"),
            ("res.company", "write", self.company.ids, {"cartera_gate": "off"}),
        ]
        for arguments in tries:
            for options in ({}, context):
                with (
                    self.subTest(arguments=arguments, options=options),
                    self.assertRaises(xmlrpc.client.Fault),
                ):
                    self.call(*arguments, **options)
        self.call("sale.order", "action_confirm", ids, **context)
        self.call("sale.order", "action_confirm", ids)
        order.invalidate_recordset()
        hold = self.assertHeld(order, "over_limit")
        for method, *arguments in (
            ("write", {"state": "released"}),
            ("unlink",),
            ("action_release", self.reason.id),
            ("action_reject", "mine"),
            ("action_recheck",),
            ("_clear",),
            ("_settle", [], "confirm"),
        ):
            with self.subTest(method=method), self.assertRaises(xmlrpc.client.Fault):
                self.call(
                    "cartera.credit.hold", method, hold.ids, *arguments, **context
                )
        order.invalidate_recordset()
        self.assertHeld(order, "over_limit")

    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.xmlrpc")
    def test_bad_input_over_rpc(self):
        """Every refusal of lines, temporary limits and releases, told with its value and the way out."""
        customer = self.account(self.other_buyer)
        line = self.credit(self.other_buyer, 500)
        zloty = self.env["res.currency"].with_context(active_test=False)
        zloty = zloty.search([("name", "=", "PLN")])
        zloty.active = True
        zloty.rate_ids.unlink()
        temporaries = self.env["cartera.credit.temporary"].sudo()
        temporary = {"line_id": line.id, "amount": 900}
        temporaries.create(
            temporary | {"date_from": "2040-01-01", "date_to": "2040-01-31"}
        ).action_activate()
        own = self.order(2000, user_id=self.credit_manager.id)
        order = self.order(2000)
        (own | order).action_confirm()
        hold, own_hold = self.open_hold(order), self.open_hold(own)
        over = self.order(1)
        over._action_cancel()
        reason, line_model = self.reason.id, "cartera.credit.line"
        new = {"customer_id": customer.id, "mode": "amount"}
        holds, forced = "cartera.credit.hold", "action_force"
        tries = [
            (line_model, "create", new | {"amount": -5000}, "negative.*5.000.00"),
            (
                line_model,
                "create",
                new | {"amount": 1, "date_from": "2040-02-01", "date_to": "2040-01-01"},
                "2040-01-01.*2040-02-01",
            ),
            (line_model, "create", new | {"currency_id": zloty.id}, "PLN"),
            (line_model, "create", new | {"state": "active"}, "starts as a draft"),
            (line_model, "write", line.ids, {"amount": 10**6}, "kept as it was"),
            (
                "cartera.credit.temporary",
                "create",
                temporary | {"date_from": "2040-01-31", "date_to": "2040-03-01"},
                "2040-01",
            ),
            (
                "cartera.credit.temporary",
                "create",
                temporary | {"date_from": "2041-02-01", "date_to": "2041-01-01"},
                "2041-01-01.*2041-02-01|2041-02-01.*2041-01-01",
            ),
            (holds, "action_release", hold.ids, False, "reason"),
            (holds, "action_release", hold.ids, reason, "x", "2020-01-01", "2020"),
            (holds, "action_release", own_hold.ids, reason, "x", own.name),
            (holds, forced, f"sale.order,{order.id}", " ", "needs a text"),
            (holds, forced, f"sale.order,{over.id}", "x", "nothing left to hold"),
        ]
        answers = []
        for model, method, *arguments, text in tries:
            with self.assertRaises(xmlrpc.client.Fault) as caught:
                self.call(model, method, *arguments, user=self.credit_manager)
            answer = caught.exception.faultString
            if not re.search(text, answer, re.DOTALL):
                answers.append((model, method, text, answer))
        self.assertFalse(answers)
        order.invalidate_recordset()
        self.assertHeld(order, "over_limit")
        self.assertHeld(own, "over_limit")

    def test_json2_meets_the_gate(self):
        order, fits = self.order(2000), self.order(1000)
        key = (
            self.env["res.users.apikeys"]
            .with_user(self.salesman)
            ._generate(
                "rpc", "test", fields.Datetime.add(fields.Datetime.now(), hours=1)
            )
        )

        def post(method, record, **body):
            return self.url_open(
                f"/json/2/sale.order/{method}",
                json={"ids": record.ids, "context": TRICKS, **body},
                headers={
                    "Authorization": f"bearer {key}",
                    "X-Odoo-Database": self.env.cr.dbname,
                },
            )

        with mute_logger("odoo.http"):
            self.assertGreaterEqual(
                post("write", order, vals={"state": "sale"}).status_code, 400
            )
        self.assertEqual(post("action_confirm", order).status_code, 200)
        order.invalidate_recordset()
        self.assertHeld(order, "over_limit")
        self.assertEqual(post("action_confirm", fits).status_code, 200)
        fits.invalidate_recordset()
        self.assertConfirmed(fits)

    def test_portal_signature_of_an_order_without_credit(self):
        """Item 10: signed, held, everybody is told; the customer reads of an approval, not of an error."""
        sent = self.mails()
        order = self.order(2000, require_signature=True, require_payment=False)
        order.action_quotation_sent()
        token = order._portal_ensure_token()
        url = f"/my/orders/{order.id}?access_token={token}"
        answer = self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept",
            {"access_token": token, "name": "Ana", "signature": PIXEL},
            timeout=60,
        )
        self.assertNotIn("error", answer)
        self.assertTrue(answer["force_refresh"])
        order.invalidate_recordset()
        hold = self.assertHeld(order, "over_limit")
        self.assertEqual(order.signed_by, "Ana")
        self.assertTrue(base64.b64decode(order.signature))
        self.assertFalse(sent, "nobody is told that the order was confirmed")
        self.assertEqual(hold.activity_ids.user_id, self.executive)
        told = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.salesman.partner_id.id)]
        )
        self.assertTrue(
            any(order.name in (mail.subject or "") for mail in told.mail_message_id)
        )
        page = self.url_open(url, timeout=60)
        self.assertEqual(page.status_code, 200)
        self.assertIn("o_credit_pending", page.text)
        hold.with_user(self.credit_manager).action_release(self.reason.id)
        self.assertConfirmed(order)
        self.assertEqual(len(sent), 1)
        page = self.url_open(url, timeout=60)
        self.assertNotIn("o_credit_pending", page.text)

    def test_portal_signature_of_an_order_that_fits(self):
        order = self.order(1000, require_signature=True, require_payment=False)
        order.action_quotation_sent()
        sent = self.mails()
        self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept",
            {
                "access_token": order._portal_ensure_token(),
                "name": "Ana",
                "signature": PIXEL,
            },
            timeout=60,
        )
        order.invalidate_recordset()
        self.assertConfirmed(order)
        self.assertEqual(len(sent), 1)

    def test_salesman_without_accounting_rights_confirms_over_rpc(self):
        """Item 15: no AccessError for who may sell; he learns why in words."""
        order = self.order(1001)
        answer = self.call("sale.order", "action_confirm", [order.id])
        self.assertEqual(answer["tag"], "display_notification")
        self.assertRegex(answer["params"]["message"], r"1.001.00")
        row = self.call(
            "sale.order",
            "read",
            [order.id],
            ["credit_state", "credit_banner", "credit_hold_text"],
        )[0]
        self.assertEqual(row["credit_state"], "held")
        self.assertRegex(row["credit_hold_text"], r"1.001.00")
