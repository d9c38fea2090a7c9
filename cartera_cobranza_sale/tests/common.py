import re
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import new_test_user

from odoo.addons.sale.tests.common import TestSaleCommon

# Context keys of other addons, and those that ours might be thought to have.
TRICKS = {
    "bypass_risk": True,
    "cartera_gate": "off",
    "cartera_gate_tokens": True,
    "cartera_credit_state": True,
    "cartera_growth_watch": {},
    "skip_credit_check": True,
    "force": True,
    "no_check": True,
    "install_mode": True,
    "module": "x",
}


class CreditSaleCommon(TestSaleCommon):
    """A company (in dollars) whose gate holds orders, a customer, and one user for each role.

    Products are services without tax unless a test says otherwise: their delivered quantity is typed in.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.write({"cartera_gate": "block", "cartera_default_mode": "none"})
        cls.Customer = cls.env["cartera.customer"].sudo()
        cls.Hold = cls.env["cartera.credit.hold"].sudo()
        cls.goods = cls.new_product("Goods", "order")
        cls.goods_on_delivery = cls.new_product(
            "Goods invoiced on delivery", "delivery"
        )
        cls.tax16 = cls.env["account.tax"].create({"name": "16 %", "amount": 16.0})
        cls.reason = cls.env.ref("cartera_cobranza.release_reason_payment_proof")
        cls.term_prepaid = cls.new_term("In advance", 0, cartera_prepaid=True)
        cls.term30 = cls.new_term("30 days", 30)
        cls.term60 = cls.new_term("60 days", 60)
        cls.buyer = cls.new_partner("Buyer")
        cls.other_buyer = cls.new_partner("Other buyer")
        cls.salesman = cls.new_user("salesman.own", "sales_team.group_sale_salesman")
        cls.salesman_all = cls.new_user(
            "salesman.all", "sales_team.group_sale_salesman_all_leads"
        )
        cls.executive = cls.new_user(
            "credit.executive", "cartera_cobranza.group_credit_executive"
        )
        cls.credit_manager = cls.new_user(
            "credit.manager", "cartera_cobranza.group_credit_manager"
        )
        cls.company.cartera_credit_user_id = cls.executive

    @classmethod
    def new_product(cls, name, policy, price=100.0, **vals):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "invoice_policy": policy,
                "list_price": price,
                "taxes_id": [Command.clear()],
                **vals,
            }
        )

    @classmethod
    def new_term(cls, name, days, **vals):
        return cls.env["account.payment.term"].create(
            {
                "name": name,
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": days}
                    )
                ],
                **vals,
            }
        )

    @classmethod
    def new_partner(cls, name, **vals):
        return cls.env["res.partner"].create(
            {"name": name, "is_company": True, "lang": "en_US", **vals}
        )

    @classmethod
    def new_user(cls, login, groups):
        return new_test_user(
            cls.env,
            login=login,
            lang="en_US",
            groups=groups,
            email=f"{login}@example.com",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def account(cls, partner, company=None):
        company = company or cls.company
        return cls.Customer._find_or_create(partner, company)[
            partner.commercial_partner_id
        ]

    @classmethod
    def credit(cls, partner, amount=None, company=None, **vals):
        """Give a customer an active line: up to ``amount``, or what ``vals`` say."""
        line = (
            cls.env["cartera.credit.line"]
            .sudo()
            .create(
                {
                    "customer_id": cls.account(partner, company).id,
                    "mode": "amount",
                    "amount": amount or 0,
                    **vals,
                }
            )
        )
        line.action_activate()
        return line

    @classmethod
    def group(cls, amount, *partners, **vals):
        group = (
            cls.env["cartera.credit.group"]
            .sudo()
            .create({"name": "Group", "amount": amount, **vals})
        )
        for partner in partners:
            cls.account(partner).group_id = group
        return group

    @classmethod
    def order(cls, amount=None, partner=None, lines=(), **vals):
        """A quotation of one line of ``amount``, or of ``lines``: (product, quantity, price[, more])."""
        rows = [(cls.goods, 1, amount), *lines] if amount is not None else lines
        partner = partner or cls.buyer
        return (
            cls.env["sale.order"]
            .with_company(vals.get("company_id", cls.company.id))
            .create(
                {
                    "partner_id": partner.id,
                    "payment_term_id": cls.term30.id,
                    "user_id": cls.salesman.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_uom_qty": quantity,
                                "price_unit": price,
                                **(more[0] if more else {}),
                            }
                        )
                        for product, quantity, price, *more in rows
                    ],
                    **vals,
                }
            )
        )

    @classmethod
    def confirmed(cls, amount=None, partner=None, lines=(), **vals):
        """A confirmed order, of which nobody asked whether there was credit for it."""
        order = cls.order(amount, partner, lines, **vals)
        gate = order.company_id.cartera_gate
        order.company_id.sudo().cartera_gate = "off"
        order.action_confirm()
        order.company_id.sudo().cartera_gate = gate
        return order

    def invoice(self, order, quantity=None, post=True, **vals):
        """An invoice of what is to be invoiced, or of ``quantity`` of the first line."""
        invoice = order._create_invoices()
        if quantity is not None:
            invoice.invoice_line_ids[0].quantity = quantity
        invoice.write({"invoice_date": fields.Date.today(), **vals})
        if post:
            invoice.action_post()
        return invoice

    def direct_invoice(self, amount, partner=None, post=True, company=None, **vals):
        company = company or self.company
        invoice = (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": (partner or self.buyer).id,
                    "company_id": company.id,
                    "invoice_date": fields.Date.today(),
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "x",
                                "quantity": 1,
                                "price_unit": amount,
                                "tax_ids": [],
                            }
                        )
                    ],
                    **vals,
                }
            )
        )
        if post:
            invoice.action_post()
        return invoice

    def credit_note(self, invoice, post=True, **line_vals):
        """A credit note of all of ``invoice``, or with its first line changed."""
        note = invoice._reverse_moves([{"invoice_date": fields.Date.today()}])
        if line_vals:
            note.invoice_line_ids[0].write(line_vals)
        if post:
            note.action_post()
        return note

    def money_in(self, amount, partner=None, post=True):
        """Money that the customer sent, applied to nothing."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": (partner or self.buyer).id,
                "amount": amount,
                "journal_id": self.company_data["default_journal_bank"].id,
                "payment_method_line_id": self.inbound_payment_method_line.id,
            }
        )
        if post:
            payment.action_post()
        return payment

    def position(self, partner=None, company=None):
        partner = (partner or self.buyer).commercial_partner_id
        return self.Customer._positions(company or self.company, partner.ids)[
            partner.id
        ]

    def assertCommitted(self, delivered, to_deliver, partner=None, company=None):
        parts = self.position(partner, company)["exposure_breakdown"]
        found = (
            parts.get("delivered_not_invoiced", 0.0),
            parts.get("order_to_deliver", 0.0),
        )
        self.assertEqual(
            found,
            (delivered, to_deliver),
            "(delivered not invoiced, orders to deliver)",
        )

    def assertHeld(self, order, *codes):
        """The order is a quotation, held with one open hold for exactly these reasons."""
        self.assertIn(order.state, ("draft", "sent"))
        self.assertEqual(order.credit_state, "held")
        hold = self.open_hold(order)
        self.assertEqual(len(hold), 1)
        self.assertEqual(hold.state, "held")
        self.assertEqual(
            sorted(hold.reason_ids.filtered("is_open").mapped("code")), sorted(codes)
        )
        return hold

    def assertConfirmed(self, orders):
        self.assertEqual(set(orders.mapped("state")), {"sale"})

    def assertWritten(self, order, amount):
        """A message of the order names the amount, whatever the language writes between its digits."""
        text = " ".join(order.message_ids.mapped("body"))
        self.assertRegex(text, re.sub(r"[.,]", ".", f"{amount:,.2f}"))

    def open_hold(self, order):
        return self.Hold.search(
            [
                ("res_model", "=", "sale.order"),
                ("res_id", "=", order.id),
                ("state", "in", ("held", "ready")),
            ]
        )

    def recheck_wanted(self):
        """Write what the transaction noted, and tell whether the re-check job was called for."""
        cron = self.env.ref("cartera_cobranza.ir_cron_recheck_holds")
        before = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        self.env.flush_all()
        self.env.cr.precommit.run()
        return (
            self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
            > before
        )


class CreditDoorsCommon(CreditSaleCommon):
    """A customer with a line of 1,000, payment transactions, and a record of the mails that go out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credit(cls.buyer, 1000)

    def transaction(self, order, amount, state="done"):
        provider = (
            self.env["payment.provider"].sudo().search([("name", "=", "Test provider")])
        )
        if not provider:
            method = self.env.ref("payment.payment_method_unknown").sudo()
            provider = (
                self.env["payment.provider"]
                .sudo()
                .create(
                    {
                        "name": "Test provider",
                        "code": "none",
                        "state": "test",
                        "company_id": self.company.id,
                        "payment_method_ids": [Command.set(method.ids)],
                    }
                )
            )
            method.active = True
        return (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": self.env.ref(
                        "payment.payment_method_unknown"
                    ).id,
                    "reference": f"{order.name}-{amount}-{state}",
                    "amount": amount,
                    "currency_id": order.currency_id.id,
                    "partner_id": order.partner_id.id,
                    "sale_order_ids": [Command.set(order.ids)],
                    "operation": "online_redirect",
                    "state": state,
                }
            )
        )

    def mails(self):
        """Record the confirmation mails that go out, order by order."""
        sent = []
        patcher = patch.object(
            self.env.registry["sale.order"],
            "_send_order_notification_mail",
            lambda orders, template, **_options: sent.extend(
                (order.id, template.id) for order in orders
            ),
        )
        self.startPatcher(patcher)
        return sent
