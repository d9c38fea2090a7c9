import random
from datetime import date, timedelta
from decimal import Decimal as D

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.aging import Bucket, residual
from ..calc.statement import (
    Movement,
    OpenItem,
    open_accounts,
    running,
    running_accounts,
)

BUCKETS = (
    Bucket("current", None, 1),
    Bucket("1-30", 1, 31),
    Bucket(">30", 31, None),
)
TODAY = date(2026, 3, 31)
USD, MXN = 1, 2
ROUNDS = 200


class TestOpenAccounts(BaseCase):
    def test_debts_by_age_and_credits_apart_in_each_currency(self):
        accounts = open_accounts(
            [
                OpenItem(4, USD, date(2026, 3, 31), D("10.10")),
                OpenItem(3, USD, date(2026, 3, 30), D("20.20"), D("5.20"), D("15.00")),
                OpenItem(2, USD, date(2026, 2, 28), D("40.40")),
                OpenItem(1, USD, date(2026, 1, 5), D("-30.00")),
                OpenItem(5, MXN, date(2026, 2, 28), D("-7.00")),
            ],
            BUCKETS,
            TODAY,
        )
        usd, mxn = accounts[USD], accounts[MXN]
        self.assertEqual([one.key for one in usd.items], [1, 2, 3, 4])
        self.assertEqual(
            usd.buckets,
            {"current": D("10.10"), "1-30": D("20.20"), ">30": D("40.40")},
        )
        self.assertEqual((usd.debt, usd.credit), (D("70.70"), D("-30.00")))
        self.assertEqual(usd.total, D("40.70"))
        self.assertEqual(usd.overdue, D("60.60"))
        self.assertEqual((usd.disputed, usd.promised), (D("5.20"), D("15.00")))
        self.assertEqual((mxn.debt, mxn.total, mxn.overdue), (D(0), D("-7.00"), D(0)))

    def test_nothing_open_is_no_account(self):
        self.assertEqual(open_accounts([], BUCKETS, TODAY), {})


class TestRunning(BaseCase):
    def test_the_balance_after_each_movement_by_day(self):
        account = running(
            D("100.00"),
            [
                Movement((3,), USD, date(2026, 3, 20), D("-80.00")),
                Movement((2,), USD, date(2026, 3, 5), D("50.50")),
                Movement((1,), USD, date(2026, 3, 20), D("9.50")),
            ],
        )
        self.assertEqual(
            [line.balance for line in account.lines],
            [D("150.50"), D("160.00"), D("80.00")],
        )
        self.assertEqual(account.closing, D("80.00"))
        self.assertEqual((account.debits, account.credits), (D("60.00"), D("-80.00")))

    def test_without_movements_it_stays(self):
        account = running(D("-5.00"), [])
        self.assertEqual((account.closing, account.lines), (D("-5.00"), []))

    def test_the_opening_is_what_the_movements_leave(self):
        accounts = running_accounts(
            {USD: D("60.00"), MXN: D("7.00"), 3: D(0)},
            [
                Movement((1,), USD, date(2026, 3, 1), D("-40.00")),
                Movement((2,), 4, date(2026, 3, 1), D("9.00")),
            ],
        )
        self.assertEqual(
            {
                one: (account.opening, account.closing)
                for one, account in accounts.items()
            },
            {
                USD: (D("100.00"), D("60.00")),
                MXN: (D("7.00"), D("7.00")),
                4: (D("-9.00"), D(0)),
            },
        )


class TestProperties(BaseCase):
    """Random ledgers: invoices, payments and what was applied to what."""

    def ledger(self, rng):
        """(items {key: (currency, day, amount)}, partials [(debit, credit, day, amount)])."""
        start = date(2025, 1, 1)
        items, partials = {}, []
        for key in range(rng.randint(1, 25)):
            cents = rng.randint(-50_000, 90_000) or 1
            day = start + timedelta(days=rng.randint(0, 400))
            items[key] = (rng.choice((USD, MXN)), day, D(cents) / 100)
        left = {key: abs(one[2]) for key, one in items.items()}
        for debit, one in items.items():
            for credit, other in items.items():
                amount = min(left[debit], left[credit])
                if (
                    one[2] > 0 > other[2]
                    and one[0] == other[0]
                    and amount
                    and rng.random() < 0.5
                ):
                    part = max(D("0.01"), (amount * rng.randint(1, 10) / 10))
                    part = min(amount, part.quantize(D("0.01")))
                    left[debit] -= part
                    left[credit] -= part
                    partials.append((debit, credit, max(one[1], other[1]), part))
        return items, partials

    def open_on(self, items, partials, day):
        return [
            OpenItem(key, currency, booked, open_amount)
            for key, (currency, booked, amount) in items.items()
            if (
                open_amount := residual(
                    amount,
                    booked,
                    [(one[2], one[3]) for one in partials if key in one[:2]],
                    day,
                )
            )
        ]

    def closings(self, items, partials, day):
        found = open_accounts(self.open_on(items, partials, day), BUCKETS, day)
        return {currency: account.total for currency, account in found.items()}

    def test_opening_and_movements_are_what_is_open(self):
        for seed in range(ROUNDS):
            rng = random.Random(seed)
            items, partials = self.ledger(rng)
            start = date(2025, 1, 1) + timedelta(days=rng.randint(0, 400))
            end = start + timedelta(days=rng.randint(0, 60))
            moves = [
                Movement((key,), currency, day, amount)
                for key, (currency, day, amount) in items.items()
                if start <= day <= end
            ]
            closings = self.closings(items, partials, end)
            before = self.closings(items, partials, start - timedelta(days=1))
            accounts = running_accounts(closings, moves)
            for currency in (USD, MXN):
                account = accounts.get(currency)
                opening, closing = (
                    (account.opening, account.closing) if account else (D(0), D(0))
                )
                with self.subTest(seed=seed, currency=currency):
                    self.assertEqual(opening, before.get(currency, D(0)))
                    self.assertEqual(closing, closings.get(currency, D(0)))
                    if account:
                        self.assertEqual(
                            opening + account.debits + account.credits, closing
                        )

    def test_the_order_of_input_does_not_matter(self):
        for seed in range(ROUNDS):
            rng = random.Random(seed)
            items, partials = self.ledger(rng)
            found = self.open_on(items, partials, TODAY)
            moves = [
                Movement((key,), currency, day, amount)
                for key, (currency, day, amount) in items.items()
            ]
            mixed, stirred = found[:], moves[:]
            rng.shuffle(mixed)
            rng.shuffle(stirred)
            with self.subTest(seed):
                self.assertEqual(
                    open_accounts(found, BUCKETS, TODAY),
                    open_accounts(mixed, BUCKETS, TODAY),
                )
                self.assertEqual(running(D(5), moves), running(D(5), stirred))

    def test_the_buckets_hold_the_whole_debt(self):
        for seed in range(ROUNDS):
            items, partials = self.ledger(random.Random(seed))
            found = open_accounts(self.open_on(items, partials, TODAY), BUCKETS, TODAY)
            for account in found.values():
                with self.subTest(seed):
                    self.assertEqual(sum(account.buckets.values()), account.debt)
                    self.assertEqual(
                        sum(one.residual for one in account.items), account.total
                    )
                    self.assertLessEqual(account.overdue, account.debt)
