import json

from lxml import html

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

HUGE = "9" * 30


@tagged("post_install", "-at_install")
class TestPortalPay(AccountTestInvoicingCommon, HttpCase):
    """A customer pays several own invoices in one go, by Odoo's demo provider; and what cannot be paid so is told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.root = cls.env(su=True)
        cls.company = cls.company_data["company"]
        cls.usd = cls.company.currency_id
        cls.eur = cls.setup_other_currency("EUR", rates=[("2020-01-01", 0.5)])
        cls.own, cls.other = cls.root["res.partner"].create(
            [
                {"name": "Abarrotes", "is_company": True, "lang": "en_US"},
                {"name": "Somebody else", "is_company": True},
            ]
        )
        cls.first = cls._invoice(cls.own, 1000, "2026-01-15")
        cls.second = cls._invoice(cls.own, 250.5, "2026-02-15")
        cls.third = cls._invoice(cls.own, 70, "2026-03-15")
        cls.euros = cls._invoice(cls.own, 400, "2026-01-20", currency_id=cls.eur.id)
        cls.others = cls._invoice(cls.other, 777, "2026-01-15")
        buyer = new_test_user(
            cls.root,
            login="cartera_pay_buyer",
            groups="base.group_portal",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            lang="en_US",
        )
        buyer.partner_id.parent_id = cls.own
        cls.buyer = buyer
        cls.provider = cls.root["payment.provider"].search(
            [("code", "=", "demo"), ("company_id", "=", cls.company.id)], limit=1
        ) or cls.root.ref("payment.payment_provider_demo").copy(
            {"company_id": cls.company.id}
        )
        cls.provider.write({"state": "disabled"})
        cls.root["payment.provider"].search(
            [("company_id", "=", cls.company.id)]
        ).state = "disabled"

    @classmethod
    def _invoice(cls, partner, amount, day, **vals):
        move = cls.root["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "company_id": cls.company.id,
                "invoice_date": day,
                "invoice_date_due": day,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "x",
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
            | vals
        )
        move.action_post()
        return move

    def turn_on(self):
        method = self.root.ref("payment_demo.payment_method_demo", False)
        method = method or self.root["payment.method"].search(
            [("code", "=", "demo")], limit=1
        )
        self.provider.write(
            {
                "state": "test",
                "is_published": True,
                "payment_method_ids": [Command.link(method.id)],
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        method.active = True
        return method

    def items(self, *moves):
        return [
            str(line.id)
            for move in moves
            for line in move.line_ids.filtered(
                lambda one: one.display_type == "payment_term"
            ).sorted("date_maturity")
        ]

    def chosen(self, *items):
        query = "&".join(f"item={one}" for one in items)
        return self.url_open(f"/my/pay/chosen?{query}", timeout=60)

    def log_in(self):
        self.authenticate("cartera_pay_buyer", "cartera_pay_buyer")

    def assertRefused(self, answer, *texts):
        self.assertEqual(answer.status_code, 400)
        tree = html.fromstring(answer.text)
        told = " ".join(
            tree.xpath("//div[@id='cartera_pay']//div[@role='alert']//text()")
        )
        for text in texts:
            self.assertIn(text, told)

    def transaction(self, items, amount, **kwargs):
        method = self.turn_on()
        params = {
            "provider_id": self.provider.id,
            "payment_method_id": method.id,
            "token_id": None,
            "amount": amount,
            "flow": "direct",
            "tokenization_requested": False,
            "landing_route": "/my/statement",
            "payment_reference": "BATCH/2026/0001",
        } | kwargs
        answer = self.url_open(
            f"/my/pay/transaction/{'-'.join(items)}",
            data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
            headers={"Content-Type": "application/json"},
            timeout=60,
        ).json()
        return answer.get("error", {}).get("data", {}).get("message", "")

    # Choosing

    def test_the_page_shows_own_open_invoices_by_currency(self):
        self.log_in()
        tree = html.fromstring(self.url_open("/my/pay", timeout=60).text)
        forms = tree.xpath("//form[contains(@class, 'o_cartera_pay')]")
        found = [
            sorted(
                float(one.get("data-amount"))
                for one in form.xpath(".//input[@name='item']")
            )
            for form in forms
        ]
        self.assertEqual(sorted(found), [[70, 250.5, 1000], [400]])
        self.assertNotIn(self.others.name + "<", html.tostring(tree).decode())
        self.assertNotIn("777", html.tostring(tree).decode())

    def test_without_a_login(self):
        self.assertIn("/web/login", self.url_open("/my/pay", timeout=60).url)
        self.assertIn("/web/login", self.chosen(*self.items(self.first)).url)

    def test_without_a_provider_it_tells_how_to_transfer_the_total(self):
        self.company.cartera_payment_instructions = "<p>Bank of Nowhere 123</p>"
        self.log_in()
        answer = self.chosen(*self.items(self.first, self.second))
        self.assertEqual(answer.status_code, 200)
        self.assertIn("cartera_pay_transfer", answer.text)
        self.assertIn("1,250.50", answer.text)
        self.assertIn("Bank of Nowhere 123", answer.text)
        self.assertIn(f"{self.first.name}, {self.second.name}", answer.text)

    def test_switched_off_in_the_settings_it_is_a_transfer_too(self):
        self.turn_on()
        self.root["ir.config_parameter"].set_param(
            "account_payment.enable_portal_payment", "False"
        )
        self.log_in()
        answer = self.chosen(*self.items(self.first))
        self.assertIn("cartera_pay_transfer", answer.text)

    def test_with_a_provider_it_is_odoos_own_form_with_the_total(self):
        self.turn_on()
        self.log_in()
        items = self.items(self.first, self.second)
        answer = self.chosen(*items)
        self.assertEqual(answer.status_code, 200)
        form = html.fromstring(answer.text).xpath("//form[@id='o_payment_form']")[0]
        self.assertEqual(float(form.get("data-amount")), 1250.5)
        self.assertEqual(int(form.get("data-currency-id")), self.usd.id)
        self.assertEqual(
            form.get("data-transaction-route"), f"/my/pay/transaction/{'-'.join(items)}"
        )
        self.assertTrue(form.get("data-payment-reference"))

    # Paying

    def test_paid_in_one_go(self):
        self.log_in()
        items = self.items(self.first, self.second)
        self.assertFalse(self.transaction(items, 1250.5))
        transaction = self.root["payment.transaction"].search(
            [("invoice_ids", "in", self.first.ids)]
        )
        self.assertRecordValues(
            transaction,
            [
                {
                    "amount": 1250.5,
                    "currency_id": self.usd.id,
                    "partner_id": self.buyer.partner_id.id,
                    "invoice_ids": (self.first | self.second).ids,
                }
            ],
        )
        transaction._set_done()
        transaction._post_process()
        self.assertEqual(self.first.amount_residual, 0)
        self.assertEqual(self.second.amount_residual, 0)
        self.assertEqual(self.third.amount_residual, 70)
        self.assertRefused(self.chosen(*items), f"{self.first.name} is paid already")

    def test_instalments(self):
        """Half in 30 days, half in 60: the first of one invoice and another invoice that is due before the second."""
        term = self.root["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (30, 60)
                ],
            }
        )
        halves = self._invoice(
            self.own,
            600,
            "2026-01-10",
            invoice_payment_term_id=term.id,
            invoice_date_due=False,
        )
        early, late = self.items(halves)
        self.log_in()
        self.assertRefused(
            self.chosen(late), f"instalment of {halves.name} due on 02/09/2026"
        )
        self.transaction([early, *self.items(self.second)], 550.5)
        transaction = self.root["payment.transaction"].search(
            [("invoice_ids", "in", halves.ids)]
        )
        transaction._set_done()
        transaction._post_process()
        left = {
            str(line.id): line.amount_residual
            for line in (halves | self.second).line_ids
            if line.display_type == "payment_term"
        }
        self.assertEqual(left, {early: 0, late: 300, self.items(self.second)[0]: 0})

    def test_tour(self):
        self.turn_on()
        self.root["cartera.customer"]._find_or_create(self.own, self.company)
        self.start_tour(
            "/my/statement", "cartera_pay_several", login="cartera_pay_buyer"
        )

    # What cannot be paid so

    def test_refusals(self):
        self.log_in()
        paid = self._invoice(self.own, 30, "2026-01-01")
        self.root["account.payment.register"].with_context(
            active_model="account.move", active_ids=paid.ids
        ).create({})._create_payments()
        draft = self._invoice(self.own, 30, "2026-01-01")
        draft.button_draft()
        refund = self._invoice(self.own, 20, "2026-01-01", move_type="out_refund")
        blocked = self._invoice(self.own, 20, "2026-01-01")
        blocked.action_toggle_block_payment()
        for items, text in (
            ([], "Choose at least one invoice"),
            (self.items(self.others), "not an invoice of yours"),
            (self.items(self.first, self.others), "not an invoice of yours"),
            (["2147483647"], "not an invoice of yours"),
            ([HUGE], "not an invoice of yours"),
            (["x"], "not an invoice of yours"),
            (["-1"], "not an invoice of yours"),
            (self.items(refund), "not an invoice of yours"),
            (self.items(paid), f"{paid.name} is paid already"),
            (self.items(draft), "not valid at the moment"),
            (self.items(blocked), f"{blocked.name} cannot be paid here"),
            (self.items(self.first, self.euros), "different currencies (EUR, USD)"),
        ):
            with self.subTest(text, items=items):
                self.assertRefused(self.chosen(*items), text)

    def test_one_whose_payment_is_being_processed(self):
        self.log_in()
        items = self.items(self.first)
        self.transaction(items, 1000)
        transaction = self.root["payment.transaction"].search(
            [("invoice_ids", "in", self.first.ids)]
        )
        transaction._set_pending()
        self.assertRefused(
            self.chosen(*items), f"A payment of {self.first.name} is being processed"
        )
        page = self.url_open("/my/pay", timeout=60).text
        self.assertNotIn(f'value="{items[0]}"', page)

    @mute_logger("odoo.http")
    def test_the_transaction_checks_again(self):
        self.log_in()
        first = self.items(self.first)
        for items, amount, text in (
            (first, 10, "has changed meanwhile"),
            (first, 0, "has changed meanwhile"),
            (self.items(self.others), 777, "not an invoice of yours"),
            (first + self.items(self.euros), 1400, "different currencies"),
            (["nonsense"], 1, "not an invoice of yours"),
        ):
            with self.subTest(text, items=items):
                self.assertIn(text, self.transaction(items, amount))
        self.assertIn(
            "not whitelisted",
            self.transaction(first, 1000, invoice_ids=self.others.ids),
        )
        self.assertFalse(
            self.root["payment.transaction"].search(
                [("partner_id", "=", self.buyer.partner_id.id)]
            )
        )

    def test_of_two_companies(self):
        elsewhere = self.setup_other_company(name="Elsewhere")
        company = elsewhere["company"]
        self.buyer.company_ids = [Command.link(company.id)]
        other = (
            self.root["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.own.id,
                    "company_id": company.id,
                    "invoice_date": "2026-01-15",
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "x", "price_unit": 10, "tax_ids": False}
                        )
                    ],
                }
            )
        )
        other.action_post()
        self.log_in()
        self.assertRefused(
            self.chosen(*self.items(self.first, other)),
            "different companies (Elsewhere, " + self.company.name,
        )
