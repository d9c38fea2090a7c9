from datetime import date
from decimal import Decimal as D

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import TODAY
from .desk_common import DeskCommon, month_ends

ENDS = [*month_ends((2024, 4), 23), date(2026, 3, 16)]


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestStatement(DeskCommon):
    """The figures of statements beside the ledger: dated back, in pesos, paid in parts, by somebody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_books()
        cls.Statement = cls.root["cartera.statement"]
        # Delta's invoice of 500, of which Alfa pays 200; and 1,800 pesos paid with 100 dollars
        cls.delta = cls.make_partner("Delta")
        cls.foreign = cls.make_invoice(cls.delta, 500, "2026-02-28", "2026-02-01")
        cls.pay(cls.alfa, 200, "2026-02-15", cls.foreign)
        cls.crossed = cls.make_invoice(
            cls.delta, 3600, "2026-02-28", "2026-02-02", currency_id=cls.mxn.id
        )
        cls.pay(cls.delta, 100, "2026-03-03", cls.crossed)
        cls.theirs = cls.make_invoice(
            cls.alfa, 9000, "2026-02-28", "2026-02-01", company=cls.other_company
        )
        cls.env.flush_all()

    def ask(self, day=None, form="open", date_from=None, partners=None, company=None):
        question = self.Statement._question(
            company or self.company, day, form, date_from, partners
        )
        return self.Statement._statements(question)

    def balances(self, day, company=None):
        """{(customer, currency): open amount} as the open items list says."""
        found = {}
        for one in self.items(day, company=company):
            key = (one["partner_id"], one["currency_id"])
            found[key] = found.get(key, D(0)) + D(f"{one['residual']:.2f}")
        return {key: amount for key, amount in found.items() if key[0] and amount}

    def of_statements(self, found, figure):
        return {
            (partner, account.currency): amount
            for partner, one in found.items()
            for account in one.accounts
            if (amount := figure(account))
        }

    def test_open_items_of_24_month_ends_are_the_list(self):
        for day in ENDS:
            if day > self.today:
                continue
            with self.subTest(day):
                self.assertEqual(
                    self.of_statements(self.ask(day), lambda one: one.open.total),
                    self.balances(day),
                )

    def test_movements_join_two_balances_of_the_ledger(self):
        for first, last in zip(ENDS, ENDS[1:], strict=False):
            if last > self.today:
                continue
            start = first.replace(day=first.day)
            found = self.ask(last, "movements", first)
            with self.subTest(last):
                self.assertEqual(
                    self.of_statements(found, lambda one: one.running.closing),
                    self.balances(last),
                )
                before = self.balances(start.fromordinal(start.toordinal() - 1))
                opening = self.of_statements(found, lambda one: one.running.opening)
                self.assertEqual(opening, before)
                for one in found.values():
                    for account in one.accounts:
                        running = account.running
                        self.assertEqual(
                            running.opening + running.debits + running.credits,
                            running.closing,
                        )
                        self.assertEqual(running.closing, account.open.total)
                        self.assertEqual(
                            sum(account.open.buckets.values()), account.open.debt
                        )

    def account(self, found, partner, currency):
        return next(
            one for one in found[partner.id].accounts if one.currency == currency.id
        )

    def shown(self, account):
        """(kind, amount, balance) of the movements."""
        return [
            (
                self.Statement._document(line.movement.document).kind,
                line.movement.amount,
                line.balance,
            )
            for line in account.running.lines
        ]

    def test_paid_by_somebody_else_and_in_another_currency(self):
        found = self.ask("2026-03-16", "movements", "2026-02-01", self.delta)
        # 500, of which Alfa's payment of 15 February paid 200; 100 dollars of 3 March paid 1,800 pesos at 18
        self.assertEqual(
            self.shown(self.account(found, self.delta, self.usd)),
            [
                ("invoice", D(500), D(500)),
                ("application", D(-200), D(300)),
                ("payment", D(-100), D(200)),
                ("application", D(100), D(300)),
            ],
        )
        self.assertEqual(
            self.shown(self.account(found, self.delta, self.mxn)),
            [("invoice", D(3600), D(3600)), ("application", D(-1800), D(1800))],
        )
        # Alfa's side: the payment is in its favour until it pays for Delta
        found = self.ask("2026-02-15", "movements", "2026-02-15", self.alfa)
        self.assertEqual(
            self.shown(self.account(found, self.alfa, self.usd)),
            [("payment", D(-200), D(400)), ("application", D(200), D(600))],
        )

    def test_partial_payments_and_the_exchange_difference(self):
        # 18,000 pesos of June; 7,200 on 5 November, 10,800 on 10 February: differences are no movements in pesos
        found = self.ask("2026-02-28", "movements", "2025-11-01", self.gama)
        account = self.account(found, self.gama, self.mxn)
        self.assertEqual(
            self.shown(account),
            [
                ("payment", D(-7200), D(10800)),
                ("invoice", D(3600), D(14400)),
                ("payment", D(-10800), D(3600)),
            ],
        )
        self.assertEqual(account.running.opening, D(18000))

    def test_instalments_advances_and_credit_notes(self):
        # halves of 600 of 15 January due on 14 February and 16 March; 120 on account
        found = self.ask("2026-03-16", partners=self.alfa | self.beta)
        account = self.account(found, self.alfa, self.usd)
        self.assertEqual(
            [(str(one.due), one.residual) for one in account.open.items],
            [
                ("2026-02-14", D(300)),
                ("2026-02-20", D(-120)),
                ("2026-03-16", D(300)),
            ],
        )
        self.assertEqual(account.open.overdue, D(300))
        self.assertEqual(account.open.credit, D(-120))
        self.assertEqual(
            {name: amount for name, amount in account.open.buckets.items() if amount},
            {
                str(self.buckets["Not due"].id): D(300),
                str(self.buckets["1 to 30"].id): D(300),
            },
        )
        beta = self.account(found, self.beta, self.usd)
        self.assertIn(D(-80), [one.residual for one in beta.open.items])

    def test_one_company_does_not_show_the_others(self):
        found = self.ask(company=self.other_company)
        self.assertEqual(set(found), {self.alfa.id})
        self.assertEqual(self.account(found, self.alfa, self.mxn).open.total, D(9000))

    def test_all_and_some_say_the_same(self):
        for form in ("open", "movements"):
            with self.subTest(form):
                every = self.ask(form=form, date_from="2026-02-01")
                some = self.ask(
                    form=form, date_from="2026-02-01", partners=self.delta | self.gama
                )
                self.assertEqual(set(some), {self.delta.id, self.gama.id})
                for partner, one in some.items():
                    self.assertEqual(one.accounts, every[partner].accounts)

    def test_figures_are_the_sums_of_the_statements(self):
        for form in ("open", "movements"):
            question = self.Statement._question(self.company, None, form, "2026-02-01")
            figures = {
                (one.partner, one.currency): one
                for one in self.Statement._figures(question)
            }
            for partner, found in self.Statement._statements(question).items():
                for account in found.accounts:
                    with self.subTest(form=form, partner=partner):
                        one = figures[partner, account.currency]
                        self.assertEqual(D(str(one.residual)), account.open.total)
                        self.assertEqual(D(str(one.overdue)), account.open.overdue)
                        self.assertEqual(D(str(one.credit)), account.open.credit)
                        if account.running:
                            self.assertEqual(D(str(one.debits)), account.running.debits)
                            self.assertEqual(
                                D(str(one.credits)), account.running.credits
                            )

    def test_what_is_disputed_and_promised_stands_beside(self):
        self.root["cartera.dispute"].create(
            {
                "move_id": self.foreign.id,
                "type_id": self.root.ref("cartera_cobranza.dispute_type_price").id,
                "disputed_amount": 50,
                "description": "Too dear",
            }
        )
        customer = self.make_customer(partner=self.delta)
        Promise = self.root["cartera.payment.promise"].with_user(self.collector)
        promise = Promise.create(
            {
                "customer_id": customer.id,
                "source": "call",
                "line_ids": [
                    Command.create({"move_id": self.foreign.id, "amount": 100})
                ],
                "instalment_ids": [
                    Command.create({"date": "2026-03-20", "amount": 100})
                ],
            }
        )
        promise.action_open()
        question = self.Statement._question(self.company, partners=self.delta)
        shown = self.Statement._shown(question, customer)[customer]
        row = next(
            row
            for one in shown["accounts"]
            for row in one["rows"]
            if row["document"].move == self.foreign.id
        )
        self.assertEqual(
            (row["residual"], row["disputed"], row["promised"]), (300, 50, 100)
        )
        self.assertEqual(shown["promises"].ids, promise.ids)

    def test_before_the_first_entry_there_is_nothing(self):
        self.assertEqual(self.ask("2020-01-01"), {})
        self.assertEqual(self.ask("2020-01-31", "movements", "2020-01-01"), {})

    def test_bad_questions(self):
        for refused, text in (
            ({"day": "2026-03-17"}, "not known yet"),
            ({"form": "poem"}, "poem"),
            ({"form": "movements", "date_from": "2026-03-17"}, "begin on"),
        ):
            with (
                self.subTest(refused),
                self.refused(UserError, text if text == "poem" else "."),
            ):
                self.ask(**refused)
