from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CreditSaleCommon


@tagged("post_install", "-at_install")
class TestExposureMoney(CreditSaleCommon):
    """Currencies, companies, addresses and rights: whose debt it is, in what, and who may see it.

    The company keeps its books in dollars; a dollar is 18 pesos, and a strong unit is worth 4 dollars.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.usd = cls.company.currency_id
        cls.mxn = cls.setup_other_currency("MXN", rates=[("1900-01-01", 18.0)])
        cls.strong = cls.setup_other_currency("KWD", rates=[("1900-01-01", 0.25)])
        cls.pricelists = {
            currency: cls.env["product.pricelist"].create(
                {"name": currency.name, "currency_id": currency.id, "company_id": False}
            )
            for currency in (cls.usd, cls.mxn, cls.strong)
        }

    @classmethod
    def second_company(cls, currency=None):
        company = cls.setup_other_company(
            name="Second", **({"currency_id": currency.id} if currency else {})
        )["company"]
        cls.env.user.company_ids |= company
        company.write({"cartera_gate": "block", "cartera_default_mode": "none"})
        return company

    def rate(self, currency, rate, company=None, day=None):
        self.env["res.currency.rate"].create(
            {
                "name": day or fields.Date.today(),
                "currency_id": currency.id,
                "rate": rate,
                "company_id": (company or self.company).id,
            }
        )

    def in_currency(self, currency, amount, confirm=False, **vals):
        make = self.confirmed if confirm else self.order
        return make(amount, pricelist_id=self.pricelists[currency].id, **vals)

    # Currencies

    def test_weak_currency_is_not_compared_as_if_it_were_ours(self):
        """Item 1: an order of 1,800 pesos is 100 dollars, and fits a line of 100."""
        self.credit(self.buyer, 100)
        order = self.in_currency(self.mxn, 1800)
        self.assertEqual(order.currency_id, self.mxn)
        order.action_confirm()
        self.assertConfirmed(order)
        self.assertCommitted(0, 100)

    def test_strong_currency_weighs_what_it_is_worth(self):
        """Item 1: 26 strong units are 104 dollars, and do not fit a line of 100."""
        self.credit(self.buyer, 100)
        order = self.in_currency(self.strong, 26)
        order.action_confirm()
        hold = self.assertHeld(order, "over_limit")
        self.assertEqual(
            (hold.amount, hold.amount_document, hold.excess_amount), (104, 26, 4)
        )

    def test_todays_rate_counts_for_order_and_base_alike(self):
        """Defect 4.5: the order was taken at 18 to the dollar; at today's 20 its 1,800 pesos are 90."""
        order = self.in_currency(self.mxn, 1800, confirm=True)
        self.assertCommitted(0, 100)
        self.rate(self.mxn, 20)
        self.assertCommitted(0, 90)
        self.credit(self.buyer, 190)
        more = self.in_currency(self.mxn, 2000)
        more.action_confirm()
        self.assertConfirmed(more | order)
        self.assertEqual(self.position()["exposure"], 190)

    def test_posted_invoice_counts_at_its_ledger_value(self):
        """Defect 4.1: 1,800 pesos invoiced at 18 stay 100 dollars in the ledger, not 1,800 and not 5.56."""
        order = self.in_currency(self.mxn, 1800, confirm=True)
        self.invoice(order)
        self.assertEqual(self.position()["exposure_breakdown"]["receivable"], 100)
        self.assertCommitted(0, 0)

    def test_limit_order_and_company_currency_matrix(self):
        """Items 1 and 13, defect 4.4: a limit worth 1,000 dollars takes 1,000 dollars in any currency.

        1,000 dollars = 18,000 pesos = 250 strong units. One cent (or what is a cent or more) above is held.
        """
        worth = {
            self.usd: (1000, 1000.01),
            self.mxn: (18000, 18000.18),
            self.strong: (250, 250.01),
        }
        for limit_currency, (limit, _more) in worth.items():
            for order_currency, (fits, too_much) in worth.items():
                with self.subTest(limit=limit_currency.name, order=order_currency.name):
                    buyer = self.new_partner(
                        f"{limit_currency.name} {order_currency.name}"
                    )
                    self.credit(buyer, limit, currency_id=limit_currency.id)
                    above = self.in_currency(order_currency, too_much, partner=buyer)
                    above.action_confirm()
                    self.assertHeld(above, "over_limit")
                    exact = self.in_currency(order_currency, fits, partner=buyer)
                    exact.action_confirm()
                    self.assertConfirmed(exact)
                    self.assertEqual(self.position(buyer)["exposure"], 1000)

    def test_matrix_in_a_company_of_the_weak_currency(self):
        """Items 1 and 13: books in pesos, a dollar at 20: a limit of 500 dollars takes 10,000 pesos."""
        company = self.second_company(self.mxn)
        self.rate(self.usd, 0.05, company, "2020-01-01")
        self.assertEqual(company.currency_id, self.mxn)
        for limit, currency in ((500, self.usd), (10000, self.mxn)):
            with self.subTest(limit=currency.name):
                buyer = self.new_partner(currency.name)
                self.credit(buyer, limit, company, currency_id=currency.id)
                for order_currency, amounts in (
                    (self.usd, (500.01, 500)),
                    (self.mxn, (10000.01, 10000)),
                ):
                    for amount, state in zip(amounts, ("draft", "sale"), strict=True):
                        order = self.in_currency(
                            order_currency,
                            None,
                            partner=buyer,
                            lines=[(self.goods, 1, amount, {"tax_ids": []})],
                            company_id=company.id,
                        )
                        self.assertEqual(order.currency_id, order_currency)
                        order.action_confirm()
                        self.assertEqual(
                            order.state, state, f"{amount} {order_currency.name}"
                        )
                    order._action_cancel()

    def test_line_for_one_currency_guards_that_currency_alone(self):
        """Item 13: 500 dollars for dollars, 100 worth of pesos for the rest."""
        self.credit(self.buyer, 100)
        self.credit(self.buyer, 9000, currency_id=self.mxn.id, only_this_currency=True)
        self.in_currency(self.mxn, 9000, confirm=True)
        dollars = self.order(100)
        dollars.action_confirm()
        self.assertConfirmed(dollars)
        pesos = self.in_currency(self.mxn, 1)
        pesos.action_confirm()
        hold = self.assertHeld(pesos, "over_limit")
        self.assertEqual(hold.reason_ids.currency_id, self.mxn)
        self.assertEqual(
            (hold.reason_ids.measured, hold.reason_ids.threshold), (9001, 9000)
        )

    def test_missing_rate_is_refused_naming_the_currency(self):
        """No rate is an error, never 1:1; nothing is confirmed."""
        self.credit(self.buyer, 1000)
        without = self.env["res.currency"].create({"name": "ZZQ", "symbol": "Z"})
        pricelist = self.env["product.pricelist"].create(
            {"name": "Z", "currency_id": without.id}
        )
        order = self.order(10, pricelist_id=pricelist.id)
        with self.assertRaisesRegex(UserError, "ZZQ"):
            order.action_confirm()
        self.assertEqual(order.state, "draft")

    def test_amounts_carry_their_currency(self):
        """Item 9: hold, reasons and position name the currency of their amounts."""
        self.credit(self.buyer, 10)
        order = self.in_currency(self.mxn, 1800)
        order.action_confirm()
        hold = self.assertHeld(order, "over_limit")
        self.assertEqual(
            (hold.currency_id, hold.document_currency_id), (self.usd, self.mxn)
        )
        self.assertEqual(hold.reason_ids.currency_id, self.usd)
        self.assertIn("$", hold.reason_text)
        self.assertEqual(self.position()["currency"], "USD")

    # Companies

    def test_orders_of_another_company_do_not_count(self):
        """Item 2: each company counts its own orders."""
        second = self.second_company()
        self.confirmed(
            lines=[(self.goods, 1, 700, {"tax_ids": []})], company_id=second.id
        )
        self.confirmed(300)
        self.assertCommitted(0, 300)
        self.assertCommitted(0, 700, company=second)

    def test_the_documents_company_decides_not_the_users_current_one(self):
        """Item 3: the same order is judged the same from either company."""
        second = self.second_company()
        self.credit(self.buyer, 100)
        self.credit(self.buyer, 100000, second)
        both = [second.id, self.company.id]
        order = self.order(101).with_context(allowed_company_ids=both)
        self.assertEqual(order.env.company, second)
        order.action_confirm()
        self.assertHeld(order, "over_limit")
        self.assertEqual(self.open_hold(order).company_id, self.company)
        second.cartera_gate = "off"
        order.action_confirm()
        self.assertHeld(order, "over_limit")

    def test_limits_are_kept_for_each_company(self):
        """Item 8: a line and a mode for each company, not one for all."""
        second = self.second_company()
        self.credit(self.buyer, 100)
        self.credit(self.buyer, 500, second)
        self.assertEqual(self.position()["limit"], 100)
        self.assertEqual(self.position(company=second)["limit"], 500)
        second.cartera_gate = "warn"
        self.assertEqual(self.company.cartera_gate, "block")

    def test_order_moved_to_a_stricter_company_is_checked(self):
        """Item 3: confirmed where the gate is off, then moved: it is held in the new company."""
        second = self.second_company()
        second.cartera_gate = "off"
        order = self.in_currency(
            self.usd,
            None,
            lines=[(self.goods, 1, 700, {"tax_ids": []})],
            company_id=second.id,
        )
        order.action_confirm()
        self.assertConfirmed(order)
        self.credit(self.buyer, 100)
        own = [("company_id", "=", self.company.id)]
        moved = {"company_id": self.company.id}
        if "warehouse_id" in order:
            moved["warehouse_id"] = self.env["stock.warehouse"].search(own, limit=1).id
        order.write(moved)
        self.assertEqual((order.company_id, order.state), (self.company, "sale"))
        self.assertEqual(order.credit_state, "held")

    # Whose debt it is

    def test_child_contacts_count_for_their_commercial_entity(self):
        """Item 6: orders of contacts and branches are the parent's debt."""
        contact = self.env["res.partner"].create(
            {"name": "Ana", "parent_id": self.buyer.id}
        )
        self.confirmed(300, contact)
        self.confirmed(200)
        self.assertCommitted(0, 500)
        self.assertCommitted(0, 500, contact)
        self.credit(self.buyer, 600)
        order = self.order(101, contact)
        order.action_confirm()
        self.assertEqual(self.assertHeld(order, "over_limit").partner_id, self.buyer)

    def test_the_invoice_address_owes(self):
        """Item 6: ordered by one company, invoiced to another: the debt is the latter's."""
        self.confirmed(300, self.buyer, partner_invoice_id=self.other_buyer.id)
        self.assertCommitted(0, 0, self.buyer)
        self.assertCommitted(0, 300, self.other_buyer)
        self.credit(self.buyer, 1000)
        self.credit(self.other_buyer, 300)
        order = self.order(1, self.buyer, partner_invoice_id=self.other_buyer.id)
        order.action_confirm()
        self.assertEqual(
            self.assertHeld(order, "over_limit").partner_id, self.other_buyer
        )

    def test_ledger_and_commitments_are_told_apart(self):
        """Item 7: what is owed and what was only ordered are separate, labelled figures."""
        self.direct_invoice(500)
        order = self.confirmed(300)
        order.order_line.qty_delivered = 0.5
        parts = self.position()["exposure_breakdown"]
        self.assertEqual(
            {name: amount for name, amount in parts.items() if amount},
            {"receivable": 500, "delivered_not_invoiced": 150, "order_to_deliver": 150},
        )
        labels = self.Customer._exposure_source_labels()
        self.assertEqual(len({labels[name] for name in parts}), len(parts))

    def test_exposure_is_what_is_still_open_not_what_was_invoiced(self):
        """Item 28: a paid invoice owes nothing; a fee on top of it owes its own residual."""
        invoice = self.direct_invoice(1000)
        self._register_payment(invoice)
        self.direct_invoice(25)
        self.assertEqual(self.position()["exposure"], 25)

    # Rights

    def test_record_rules_do_not_shrink_the_exposure(self):
        """Item 14: a salesman who sees own orders only is held for the debt from his colleagues' orders."""
        self.credit(self.buyer, 1000)
        self.confirmed(900, user_id=self.salesman_all.id)
        order = self.order(101).with_user(self.salesman)
        self.assertFalse(
            self.env["sale.order"]
            .with_user(self.salesman)
            .search([("user_id", "=", self.salesman_all.id)])
        )
        order.action_confirm()
        hold = self.assertHeld(order, "over_limit")
        self.assertEqual(hold.snapshot["exposure"], 900)

    def test_salespeople_read_totals_without_accounting_rights(self):
        """Items 12, 15 and 16: banner and position for a salesman, warned before he confirms."""
        self.company.account_use_credit_limit = True
        self.credit(self.buyer, 1000)
        self.direct_invoice(400)
        order = self.order(700).with_user(self.salesman)
        self.assertFalse(self.salesman.has_group("account.group_account_readonly"))
        self.assertEqual(order.credit_banner_level, "danger")
        position = (
            self.env["cartera.customer"]
            .with_user(self.salesman)
            .get_position(self.buyer.ids, self.company.id)
        )
        self.assertEqual(position[str(self.buyer.id)]["available"], 600)
        self.assertRegex(order.partner_credit_warning, r"100.00")

    def test_banner_is_a_traffic_light(self):
        """Item 12: green while it fits, amber above nine tenths, red when it will be held."""
        self.credit(self.buyer, 1000)
        for amount, level in (
            (900, "success"),
            (901, "warning"),
            (1000, "warning"),
            (1001, "danger"),
        ):
            self.assertEqual(self.order(amount).credit_banner_level, level, amount)
        prepaid = self.order(5000, payment_term_id=self.term_prepaid.id)
        self.assertEqual(prepaid.credit_banner_level, "success")

    def test_click_on_a_component_opens_exactly_its_orders(self):
        """Item 25: the formula is visible down to the documents, with the same orders as in the figure."""
        self.confirmed(lines=[(self.goods, 1, 100)])
        waiting = self.confirmed(200)
        half = self.confirmed(lines=[(self.goods, 2, 50)])
        half.order_line.qty_delivered = 1
        delivered = self.confirmed(70)
        delivered.order_line.qty_delivered = 1
        done = self.confirmed(300)
        self.invoice(done)
        self.confirmed(400, payment_term_id=self.term_prepaid.id)
        self.confirmed(500, self.other_buyer)
        contact = self.env["res.partner"].create(
            {"name": "Ana", "parent_id": self.buyer.id}
        )
        child = self.confirmed(600, contact)
        self.order(800)
        account = self.account(self.buyer)
        shown = {
            source: self.env["sale.order"].search(
                account.action_open_source(source)["domain"]
            )
            for source in ("delivered_not_invoiced", "order_to_deliver")
        }
        self.assertEqual(shown["delivered_not_invoiced"], half | delivered)
        self.assertEqual(len(shown["order_to_deliver"]), 4)
        self.assertLessEqual(waiting | half | child, shown["order_to_deliver"])
        parts = self.position()["exposure_breakdown"]
        self.assertEqual(
            (parts["delivered_not_invoiced"], parts["order_to_deliver"]), (120, 950)
        )

    def test_snapshot_says_the_same_as_the_gate(self):
        """Item 17: figures to filter by are in a table of their own, and equal the live ones."""
        self.credit(self.buyer, 1000)
        self.confirmed(300)
        order = self.order(800)
        order.action_confirm()
        account = self.account(self.buyer)
        before = self.buyer.write_date
        account.action_refresh()
        self.assertEqual(
            (account.exposure, account.available, account.held_amount), (300, 700, 800)
        )
        found = self.Customer.search(
            [("available", "=", 700), ("partner_id", "=", self.buyer.id)]
        )
        self.assertEqual(found, account)
        self.assertEqual(self.buyer.write_date, before)

    def test_no_line_is_not_a_line_of_zero(self):
        """Item 24, defect 4.5: not filled in is the company's default; zero credit is a mode of its own."""
        self.company.write(
            {"cartera_default_mode": "amount", "cartera_default_amount": 100}
        )
        free = self.order(100)
        free.action_confirm()
        self.assertConfirmed(free)
        self.credit(self.other_buyer, mode="none")
        held = self.order(1, self.other_buyer)
        held.action_confirm()
        self.assertHeld(held, "over_limit")

    def test_defaults_check_something(self):
        """Item 25: with nothing but the gate turned on, an order on credit is held."""
        order = self.order(10)
        order.action_confirm()
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.credit_state, "held")
        orders = self.env["sale.order"].search(
            [("credit_state", "=", "held"), ("id", "=", order.id)]
        )
        self.assertEqual(orders, order)
