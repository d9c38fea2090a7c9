import xmlrpc.client

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.cartera_cobranza_sale.tests.common import TRICKS

from .ship_common import ShipGateCommon


@tagged("post_install", "-at_install")
class TestShipRpc(ShipGateCommon, HttpCase):
    """The doors of the warehouse and of customer requests from outside, by those who work there."""

    def call(self, user, model, method, *args, **kwargs):
        return self.xmlrpc_object.execute_kw(
            self.env.cr.dbname, user.id, user.login, model, method, list(args), kwargs
        )

    def assertRefused(self, *arguments, **options):
        with (
            self.subTest(arguments=arguments[1:]),
            self.assertRaises(xmlrpc.client.Fault) as caught,
        ):
            self.call(*arguments, **options)
        return caught.exception.faultString if hasattr(caught, "exception") else ""

    @mute_logger(
        "odoo.http",
        "odoo.addons.rpc.controllers.xmlrpc",
        "odoo.addons.base.models.ir_model",
    )
    def test_storekeeper_does_not_get_it_out(self):
        picking = self.shipped_order(5).picking_ids
        self.late()
        keeper, ids, move = self.storekeeper, picking.ids, picking.move_ids.ids
        options = {"context": TRICKS | {"skip_sms": True, "skip_backorder": True}}
        for arguments in (
            ("stock.picking", "button_validate", ids),
            ("stock.picking", "_action_done", ids),
            ("stock.move", "_action_done", move),
            ("stock.move", "write", move, {"state": "done"}),
            ("stock.picking", "write", ids, {"credit_state": "none", "state": "done"}),
            ("stock.picking", "_credit_let_go", ids),
            ("cartera.credit.hold", "_check_shipments", ids),
            ("cartera.credit.hold", "action_check_shipments"),
            ("cartera.credit.hold", "action_force", f"stock.picking,{picking.id}", "x"),
            ("cartera.credit.hold", "action_force", "stock.picking,x", "x"),
            ("res.company", "write", self.company.ids, {"cartera_held_reserve": True}),
        ):
            self.assertRefused(keeper, *arguments, **options)
        text = self.assertRefused(keeper, "stock.picking", "button_validate", ids)
        self.assertIn(picking.name, text)
        self.assertIn("60 days", text)
        picking.invalidate_recordset()
        # a written state of a picking is computed again from its moves
        self.assertNotIn("done", picking.move_ids.mapped("state"))

    @mute_logger(
        "odoo.http",
        "odoo.addons.rpc.controllers.xmlrpc",
        "odoo.addons.base.models.ir_model",
    )
    def test_bad_input_of_customer_requests(self):
        seller = self.salesman
        foreign = self.new_partner("Foreign", user_id=self.executive.id)
        Model = "cartera.customer.request"
        for vals in (
            {"kind": "new", "state": "approved"},
            {"kind": "new", "requested_by": self.executive.id},
            {"kind": "unknown"},
            {"kind": "change"},
            {"kind": "change", "partner_id": foreign.id},
        ):
            self.assertRefused(seller, Model, "create", vals)
        made = self.call(
            seller,
            Model,
            "create",
            {
                "kind": "new",
                "customer_name": "Tienda",
                "vat": "NO",
                "country_id": self.env.ref("base.mx").id,
                "email": "x",
            },
        )
        text = self.assertRefused(seller, Model, "action_submit", [made])
        for word in ("NO", "'x'", "Missing"):
            self.assertIn(word, text)
        self.call(
            seller,
            Model,
            "write",
            [made],
            {
                "vat": "GODE561231GR8",
                "email": "a@example.com",
                "street": "1",
                "city": "2",
                "zip": "3",
                "payment_term_id": self.term30.id,
            },
        )
        self.call(seller, Model, "action_submit", [made])
        for method, *arguments in (
            ("action_approve",),
            ("action_review",),
            ("action_reject", "x"),
            ("action_request_info", "x"),
            ("write", {"state": "approved"}),
            ("write", {"phone": "1"}),
            ("_as_decided", {"state": "approved"}),
            ("unlink",),
        ):
            self.assertRefused(seller, Model, method, [made], *arguments)
        for method, *arguments in (
            ("action_reject", " "),
            ("action_reject",),
            ("action_request_info",),
        ):
            self.assertRefused(self.executive, Model, method, [made], *arguments)
        request = self.env[Model].sudo().browse(made)
        request.invalidate_recordset()
        self.assertEqual(request.state, "submitted")
        self.call(self.executive, Model, "action_approve", [made])
        request.invalidate_recordset()
        self.assertEqual(request.partner_id.name, "Tienda")
        self.assertRefused(self.executive, Model, "write", [made], {"reason": "x"})
        self.assertRefused(
            self.executive,
            Model,
            "write",
            [made],
            {"line_ids": [[5, 0, 0]]},
        )
