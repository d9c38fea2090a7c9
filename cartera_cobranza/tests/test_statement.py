from datetime import date
from decimal import Decimal as D

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
