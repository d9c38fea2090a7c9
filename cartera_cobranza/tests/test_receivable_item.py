from collections import defaultdict
from decimal import Decimal

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..calc import aging
from .desk_common import DeskCommon, money, month_ends


@tagged("post_install", "-at_install")
class TestReceivableItem(DeskCommon):
    """Open items of any date: the ledger's sum to the cent, each residual as ``calc.aging`` has it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_books()

    def balances(self, day, company=None):
        """What the ledger says: {partner id: balance of the trade receivables} up to a day."""
        rows = self.root["account.move.line"]._read_group(
            [
                ("parent_state", "=", "posted"),
                ("date", "<=", day),
                ("account_id.account_type", "=", "asset_receivable"),
                ("account_id.non_trade", "=", False),
                ("company_id", "=", (company or self.company).id),
            ],
            ["partner_id"],
            ["balance:sum"],
        )
        return {partner.id: money(amount) for partner, amount in rows if amount}

    def test_sum_is_the_ledger_at_24_month_ends(self):
        days = month_ends((2024, 4), 24)
        self.assertEqual([str(days[0]), str(days[-1])], ["2024-04-30", "2026-03-31"])
        for day in [*days, self.today]:
            open_items = defaultdict(Decimal)
            for one in self.items(day):
                open_items[one["partner_id"]] += money(one["residual_company"])
            found = {
                partner: amount for partner, amount in open_items.items() if amount
            }
            self.assertEqual(found, self.balances(day), day)

    def test_amounts_by_hand(self):
        for move, day, expected in (
            (self.partly, "2024-05-09", []),
            (self.partly, "2024-05-10", [1000]),
            (self.partly, "2024-07-14", [1000]),
            (self.partly, "2024-07-15", [600]),
            (self.partly, "2025-01-19", [600]),
            (self.partly, "2025-01-20", []),
            (self.early, "2024-06-05", []),
            (self.cancelled, "2024-09-29", [700]),
            (self.cancelled, "2024-09-30", []),
            (self.pesos, "2025-10-31", [900]),
            # 7,200 of 18,000 pesos: 360 of the 900 dollars
            (self.pesos, "2025-11-30", [540]),
            (self.pesos, "2026-02-10", []),
            (self.instalments, "2026-03-16", [300, 300]),
            (self.undone, "2026-03-16", [300]),
            (self.tomorrow, "2026-03-16", [90]),
            (self.tomorrow, "2026-04-10", []),
            (self.orphan, "2026-03-16", [55]),
            (self.points, "2026-03-16", []),
            (self.credit_note, "2026-03-16", [-80]),
            (self.on_account.move_id, "2026-03-16", [-120]),
        ):
            with self.subTest(f"{move.name} on {day}"):
                self.assertEqual(self.of(move, day), expected)
        early_payment = self.items("2024-05-31", [("partner_id", "=", self.beta.id)])
        self.assertEqual(
            sorted(one["residual_company"] for one in early_payment), [-250, 700]
        )

    def test_residuals_and_buckets_as_calc_has_them(self):
        buckets = aging.ordered(self.profile._calc_buckets())
        lines = self.root["account.move.line"].search(
            [
                ("account_id", "=", self.receivable.id),
                ("parent_state", "=", "posted"),
                ("company_id", "=", self.company.id),
            ]
        )
        compared = 0
        for day in [*month_ends((2024, 4), 24), self.today]:
            found = {one["move_line_id"]: one for one in self.items(day)}
            for line in lines:
                partials = [
                    (partial.max_date, money(partial.amount))
                    for partial in line.matched_debit_ids | line.matched_credit_ids
                    if (
                        partial.debit_move_id + partial.credit_move_id - line
                    ).parent_state
                    == "posted"
                ]
                expected = aging.residual(money(line.balance), line.date, partials, day)
                one = found.pop(line.id, None)
                self.assertEqual(
                    money(one["residual_company"]) if one else Decimal(0), expected
                )
                if one:
                    compared += 1
                    late = aging.days_overdue(day, line.date_maturity)
                    self.assertEqual(one["days_overdue"], late)
                    bucket = aging.bucket_of(late, buckets)
                    self.assertEqual(one["bucket_id"], int(bucket.name))
            self.assertFalse(found, day)
        self.assertGreater(compared, 60)

    def test_bucket_boundaries(self):
        """Due on 31 December 2025, seen from around it."""
        for day, days, bucket in (
            ("2025-12-01", -30, "Not due"),
            ("2025-12-31", 0, "Not due"),
            ("2026-01-01", 1, "1 to 30"),
            ("2026-01-30", 30, "1 to 30"),
            ("2026-01-31", 31, "31 to 60"),
            ("2026-03-01", 60, "31 to 60"),
            ("2026-03-02", 61, "61 to 90"),
            ("2026-03-31", 90, "61 to 90"),
            ("2026-04-01", 91, "91 to 120"),
            ("2026-04-30", 120, "91 to 120"),
            ("2026-05-01", 121, "Over 120"),
            ("2036-01-01", 3653, "Over 120"),
        ):
            with self.subTest(day):
                [one] = self.items(day, [("move_id", "=", self.open_pesos.id)])
                self.assertEqual(one["days_overdue"], days)
                self.assertEqual(one["bucket_id"], self.buckets[bucket].id)

    def test_currencies(self):
        [one] = self.items(
            None,
            [("move_id", "=", self.open_pesos.id)],
            names=["residual", "residual_company", "residual_revalued", "currency_id"],
        )
        one.pop("id")
        # 3,600 pesos: booked at 20, worth 200 dollars at 18
        self.assertEqual(
            one,
            {
                "residual": 3600,
                "residual_company": 180,
                "residual_revalued": 200,
                "currency_id": self.mxn.id,
            },
        )
        then = self.items(
            "2025-12-15",
            [("move_id", "=", self.open_pesos.id)],
            names=["residual_revalued"],
        )
        self.assertEqual(then[0]["residual_revalued"], 180)

    def test_a_missing_rate_is_refused(self):
        self.mxn.rate_ids.filtered(lambda rate: str(rate.name) < "2026").unlink()
        Item = self.Item.with_context(cartera_as_of="2025-12-15")
        domain = [("company_id", "=", self.company.id)]
        with self.refused(UserError, "MXN", "2025-12-15"):
            Item._read_group(domain, [], ["residual_revalued:sum"])
        # the ledger's value needs none, nor a day without anything in pesos
        self.assertTrue(Item._read_group(domain, [], ["residual_company:sum"]))
        Item.with_context(cartera_as_of="2025-05-31")._read_group(
            domain, [], ["residual_revalued:sum"]
        )

    def test_age_from_other_dates(self):
        domain = [("move_id", "=", self.tomorrow.id)]  # of 1 March, due on the 20th
        [due] = self.items(None, domain)
        self.assertEqual((due["days"], due["days_overdue"]), (-4, -4))
        [invoice] = self.items(None, domain, cartera_basis="invoice")
        self.assertEqual((invoice["days"], invoice["days_overdue"]), (15, -4))
        self.assertEqual(invoice["bucket_id"], self.buckets["1 to 30"].id)
        [pending] = self.items(None, domain, cartera_basis="acknowledged")
        self.assertEqual(pending["days"], 15)
        self.root["cartera.invoice.delivery"].create(
            {"move_id": self.tomorrow.id, "received_date": "2026-03-11"}
        ).state = "received"
        self.env.flush_all()
        [received] = self.items(None, domain, cartera_basis="acknowledged")
        self.assertEqual(received["days"], 5)
        [before] = self.items("2026-03-10", domain, cartera_basis="acknowledged")
        self.assertEqual(before["days"], 9)

    def test_nothing_before_the_first_entry(self):
        self.assertEqual(self.items("2020-01-01"), [])

    def test_bad_questions(self):
        with self.refused(UserError, "2026-02-31 is not a date"):
            self.items("2026-02-31")
        with self.refused(UserError, "do not age from birthday"):
            self.items(None, cartera_basis="birthday")
        with self.refused(UserError, "no aging profile with the number 987654"):
            self.items(None, cartera_profile_id=987654)

    def test_kinds_and_sides(self):
        found = {one["move_id"]: (one["kind"], one["side"]) for one in self.items()}
        self.assertEqual(found[self.tomorrow.id], ("invoice", "debt"))
        self.assertEqual(found[self.credit_note.id], ("credit_note", "credit"))
        self.assertEqual(found[self.on_account.move_id.id], ("payment", "credit"))
        self.assertEqual(found[self.orphan.id], ("entry", "debt"))

    def test_disputed_promised_and_legal(self):
        # each part comes from its own model; here: nothing is kept out
        rows = self.items(names=["disputed", "promised", "in_legal"])
        self.assertEqual(
            {(one["disputed"], one["promised"], one["in_legal"]) for one in rows},
            {(0.0, 0.0, False)},
        )
        customer = self.make_customer(partner=self.alfa)
        case = self.root["cartera.collection.case"].create({"customer_id": customer.id})
        case.stage = "legal"
        dispute_type = self.root["cartera.dispute.type"].search([], limit=1)
        self.root["cartera.dispute"].create(
            {
                "move_id": self.instalments.id,
                "type_id": dispute_type.id,
                "disputed_amount": 40,
                "description": "Price",
            }
        )
        self.env.flush_all()
        rows = self.items(
            domain=[("disputed", ">", 0)], names=["move_id", "disputed", "in_legal"]
        )
        self.assertEqual(len(rows), 1)
        rows[0].pop("id")
        self.assertEqual(
            rows[0],
            {"move_id": self.instalments.id, "disputed": 40, "in_legal": True},
        )

    def test_two_companies(self):
        move = self.make_invoice(
            self.alfa, 1800, "2026-02-15", "2026-01-15", company=self.other_company
        )
        [one] = self.items(company=self.other_company)
        self.assertEqual((one["move_id"], one["residual_company"]), (move.id, 1800))
        both = self.Item.with_user(self.everywhere).with_context(
            allowed_company_ids=(self.company | self.other_company).ids
        )
        totals = {
            company: money(amount)
            for company, amount in both._read_group(
                [], ["company_id"], ["residual_company:sum"]
            )
        }
        self.assertEqual(totals[self.other_company], 1800)
        self.assertEqual(totals[self.company], sum(self.balances(self.today).values()))
        # 1,800 pesos are pesos there: nothing to revalue
        revalued = both._read_group(
            [("company_id", "=", self.other_company.id)],
            [],
            ["residual_revalued:sum"],
        )
        self.assertEqual(revalued, [(1800,)])
        alone = self.Item.with_user(self.manager).with_context(
            allowed_company_ids=self.company.ids
        )
        self.assertFalse(alone.search([("company_id", "=", self.other_company.id)]))

    def test_who_sees_what(self):
        self.alfa.user_id = self.salesperson
        self.beta.user_id = self.collector
        self.gama.user_id = self.collector
        self.env.flush_all()
        for user, partners in (
            # what nobody's customer owes is the accountants' to find out
            (self.salesperson, {self.alfa.id}),
            (self.collector, {self.alfa.id, self.beta.id, self.gama.id, False}),
            (self.accountant, {self.alfa.id, self.beta.id, self.gama.id, False}),
        ):
            with self.subTest(user.login):
                rows = self.items(user=user, names=["partner_id", "residual_company"])
                self.assertEqual({one["partner_id"] for one in rows}, partners)
        with self.assertRaises(AccessError):
            self.items(user=self.portal)
        [one] = self.Item.with_user(self.salesperson).search(
            [("move_id", "=", self.on_account.move_id.id)]
        )
        with self.refused(AccessError, "may see the accounting"):
            one.action_open_document()
        action = one.with_user(self.collector).action_open_document()
        self.assertEqual(
            (action["res_model"], action["res_id"]),
            ("account.payment", self.on_account.id),
        )

    def test_nobody_writes_it(self):
        item = self.Item.search([("company_id", "=", self.company.id)], limit=1)
        with self.assertRaises(AccessError):
            item.with_user(self.manager).write({"document": "X"})
        with self.assertRaises(AccessError):
            item.with_user(self.manager).unlink()

    def test_queries_do_not_grow(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows = self.items()
            return self.env.cr.sql_log_count - before, len(rows)

        count()
        few, small = count()
        for number in range(10):
            self.make_invoice(self.make_partner(f"Other {number}"), 10)
        many, large = count()
        self.assertEqual(large, small + 10)
        self.assertLessEqual(many, few)

    def test_a_contact_counts_for_its_company(self):
        contact = self.root["res.partner"].create(
            {"name": "Purchases", "parent_id": self.gama.id}
        )
        move = self.make_invoice(contact, 15, "2026-03-10")
        [one] = self.items(None, [("move_id", "=", move.id)])
        self.assertEqual(one["partner_id"], self.gama.id)

    def test_customers_salespeople_and_groups(self):
        customer = self.make_customer(
            partner=self.gama, collector_id=self.collector.id, risk_class="c"
        )
        group = self.make_group("Group", 100, customer)
        self.gama.user_id = self.salesperson
        self.env.flush_all()
        [one] = self.items(
            None,
            [
                ("move_id", "=", self.open_pesos.id),
                ("salesperson_id", "=", self.salesperson.id),
            ],
            names=[
                "customer_id",
                "collector_id",
                "group_id",
                "risk_class",
                "foreign_currency",
            ],
        )
        one.pop("id")
        self.assertEqual(
            one,
            {
                "customer_id": customer.id,
                "collector_id": self.collector.id,
                "group_id": group.id,
                "risk_class": "c",
                "foreign_currency": True,
            },
        )

    def test_a_bank_line_without_a_partner_can_be_assigned_later(self):
        line = self.orphan.line_ids.filtered(
            lambda one: one.account_id == self.receivable
        )
        self.orphan.button_draft()
        self.orphan.write(
            {"line_ids": [Command.update(line.id, {"partner_id": self.beta.id})]}
        )
        self.orphan.action_post()
        self.env.flush_all()
        [one] = self.items(None, [("move_id", "=", self.orphan.id)])
        self.assertEqual(one["partner_id"], self.beta.id)
