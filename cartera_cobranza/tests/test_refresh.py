import random
from decimal import Decimal as D

from odoo import Command
from odoo.tests import tagged

from .common import CarteraCommon

COMPARED = (
    # field of the snapshot, key of the position
    ("exposure", "exposure"),
    ("available", "available"),
    ("overdue_amount", "overdue_amount"),
    ("overdue_days", "overdue_days"),
    ("held_amount", "held_amount"),
    ("limit_source", "limit_source"),
)


@tagged("post_install", "-at_install")
class TestRefresh(CarteraCommon):
    """The figures of lists: rebuilt in one statement, equal to the position."""

    def assert_agrees(self, company, customers):
        """Each stored figure is what ``calc.position`` says of the same books."""
        self.env.flush_all()
        positions = self.Customer._positions(company, customers.partner_id.ids)
        self.Customer._refresh(company)
        wrong = {}
        for customer in customers:
            found, stored = positions[customer.partner_id.id], customer.snapshot_ids
            for field, (mine, theirs) in self.compare(stored, found).items():
                if mine != theirs:
                    wrong.setdefault(field, []).append(
                        f"{customer.display_name}: stored {mine}, position {theirs}"
                    )
        texts = [f"{field} ({len(rows)}) {rows[:3]}" for field, rows in wrong.items()]
        self.assertEqual(texts, [])

    def compare(self, stored, found):
        """Return {field: (stored figure, figure of the position)}."""
        pairs = {
            field: (stored[field] or 0, found[key] or 0) for field, key in COMPARED
        }
        pairs["problem"] = (stored.problem, False)
        pairs["limit"] = (
            None if stored.unlimited else stored.limit_amount,
            found["limit"],
        )
        # two digits are stored
        pairs["percent_used"] = (
            round(stored.percent_used, 2),
            float(round(D(str(found["percent_used"] or 0)), 2)),
        )
        pairs["breakdown"] = tuple(
            {name: amount for name, amount in (parts or {}).items() if amount}
            for parts in (stored.exposure_breakdown, found["exposure_breakdown"])
        )
        return pairs

    def make_random_books(self, company, count, seed):
        """Customers with every mix of lines, groups, debts and currencies."""
        chance = random.Random(seed)
        partners = self.root["res.partner"].create(
            [
                {"name": f"Random {seed}-{number}", "is_company": True}
                for number in range(count)
            ]
        )
        found = self.Customer._find_or_create(partners, company)
        customers = self.Customer.union(*found.values())
        groups = self.root["cartera.credit.group"].create(
            [
                {
                    "name": f"Group {seed}-{number}",
                    "company_id": company.id,
                    "mode": chance.choice(["amount", "amount", "none", "unlimited"]),
                    "amount": chance.randrange(0, 20000),
                    "currency_id": chance.choice([self.usd, self.mxn, self.eur]).id,
                }
                for number in range(8)
            ]
        )
        for customer in customers:
            if chance.random() < 0.5:
                customer.group_id = chance.choice(groups)
        self.make_random_lines(customers, chance)
        self.make_random_debts(company, customers, chance)
        return customers

    def make_random_lines(self, customers, chance):
        vals_list, states = [], []
        for customer in customers:
            for currency in chance.sample(
                [None, self.mxn, self.eur], chance.choice([0, 1, 1, 2, 3])
            ):
                states.append(
                    chance.choice(
                        ["active", "active", "active", "suspended", "expired"]
                    )
                )
                vals_list.append(
                    {
                        "customer_id": customer.id,
                        "mode": chance.choice(
                            ["amount", "amount", "amount", "none", "unlimited"]
                        ),
                        "amount": chance.choice([0, chance.randrange(1, 10**6) / 100]),
                        "currency_id": (
                            currency or chance.choice([self.usd, self.mxn])
                        ).id,
                        "only_this_currency": bool(currency),
                        "date_from": "2026-01-01",
                        "date_to": chance.choice([False, "2026-03-16", "2026-03-10"]),
                        "grace_days": chance.choice([0, 5, 6]),
                        "guarantee_amount": chance.choice([0, 0, 333.33]),
                        "guarantee_date_to": chance.choice(
                            [False, "2026-03-16", "2026-03-15"]
                        ),
                    }
                )
        lines = self.root["cartera.credit.line"].create(vals_list)
        for state in set(states):
            chosen = lines.browse(
                [
                    line.id
                    for line, its in zip(lines, states, strict=True)
                    if its == state
                ]
            )
            chosen._set_state({"state": state, "activated_on": "2026-01-01"})
        temporaries = self.root["cartera.credit.temporary"].create(
            [
                {
                    "line_id": line.id,
                    "amount": chance.randrange(0, 9999),
                    "date_from": "2026-03-01",
                    "date_to": chance.choice(["2026-03-16", "2026-03-15"]),
                }
                for line in lines
                if line.state == "active" and chance.random() < 0.3
            ]
        )
        temporaries._close("active")
        self.make_random_guarantees(customers, chance)

    def make_random_guarantees(self, customers, chance):
        """Bonds and insurers' coverage, in every currency: accepted, drafts, closed, to come and expired."""
        vals_list = []
        for customer in customers:
            for number in range(chance.choice([0, 0, 1, 2, 3])):
                start, end = chance.choice(
                    [
                        ("2026-01-01", False),
                        ("2026-01-01", "2026-03-16"),
                        ("2026-01-01", "2026-03-15"),
                        ("2026-03-17", False),
                    ]
                )
                vals_list.append(
                    {
                        "name": f"G {number}",
                        "kind": chance.choice(["bond", "insurance"]),
                        "customer_id": customer.id,
                        "currency_id": chance.choice([self.usd, self.mxn, self.eur]).id,
                        "amount": chance.randrange(1, 10**6) / 100,
                        "ceiling": chance.choice([0, 0, 123.45]),
                        "percent": chance.choice([100, 90, 33.33]),
                        "date_from": start,
                        "date_to": end,
                    }
                )
        guarantees = self.root["cartera.credit.guarantee"].create(vals_list)
        for guarantee in guarantees:
            state = chance.choice(["draft", "accepted", "accepted", "released"])
            guarantee._set_state(
                {
                    "state": state,
                    "accepted_on": False if state == "draft" else "2026-01-01",
                    "closed_on": "2026-03-16" if state == "released" else False,
                }
            )

    def make_random_debts(self, company, customers, chance):
        account = company.partner_id.with_company(
            company
        ).property_account_receivable_id
        rates = {self.usd: 1, self.mxn: 18, self.eur: 0.5}
        base = rates[company.currency_id]
        commands, total = [], 0
        for customer in customers:
            for _number in range(chance.randrange(0, 5)):
                currency = chance.choice(list(rates))
                amount = chance.randrange(-100000, 300000) / 100
                balance = company.currency_id.round(amount / rates[currency] * base)
                if currency == company.currency_id:
                    balance = amount
                total += balance
                commands.append(
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": customer.partner_id.id,
                            "currency_id": currency.id,
                            "amount_currency": amount,
                            "balance": balance,
                            "date_maturity": chance.choice(
                                ["2025-12-31", "2026-03-01", "2026-03-16", "2026-05-01"]
                            ),
                        }
                    )
                )
        revenue = self.company_data["default_account_revenue"]
        if company == self.other_company:
            revenue = self.other_data["default_account_revenue"]
        commands.append(
            Command.create({"account_id": revenue.id, "balance": -round(total, 2)})
        )
        entry = (
            self.root["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "entry",
                    "company_id": company.id,
                    "date": "2026-01-15",
                    "line_ids": commands,
                }
            )
        )
        entry.action_post()

    # Agreement

    def test_the_statement_agrees_with_the_position_on_random_books(self):
        company = self.company.sudo()
        customers = self.make_random_books(company, 250, seed=1)
        company.cartera_default_mode = "amount"
        company.cartera_default_amount = 123.45
        self.assert_agrees(company, customers)
        held = {customer.snapshot_ids.limit_source for customer in customers}
        self.assertEqual(
            held,
            {"line", "temporary", "group", "default", "suspended", "expired"},
            "the random books do not reach every kind of limit",
        )

    def test_it_agrees_under_every_setting(self):
        company = self.company.sudo()
        customers = self.make_random_books(company, 80, seed=2)
        for mode in ("none", "unlimited"):
            for net in (True, False):
                company.write(
                    {
                        "cartera_default_mode": mode,
                        "cartera_net_unapplied": net,
                        "cartera_count_held": not net,
                    }
                )
                with self.subTest(mode=mode, net=net):
                    self.assert_agrees(company, customers)

    def test_it_agrees_in_a_company_of_another_currency(self):
        """Rates of the peso company: 20 for a dollar; the euro has none of its own."""
        company = self.other_company.sudo()
        self.root["res.currency.rate"].create(
            {
                "currency_id": self.eur.id,
                "company_id": company.id,
                "name": "2025-01-01",
                "rate": 0.03,
            }
        )
        customers = self.make_random_books(company, 60, seed=3)
        self.assert_agrees(company, customers)

    def test_held_documents_are_shown_beside(self):
        customer = self.make_customer("Held")
        self.make_line(customer, 100)
        self.turn_gate_on()
        self.hold_invoice(customer.partner_id, 150)
        self.assert_agrees(self.company.sudo(), customer)
        self.assertEqual(customer.snapshot_ids.held_amount, 150)

    # The refresh itself

    def test_a_second_refresh_changes_nothing(self):
        company = self.company.sudo()
        self.make_random_books(company, 20, seed=4)
        self.assertGreaterEqual(self.Customer._refresh(company), 20)
        names = ["id", "exposure", "limit_amount", "available", "overdue_amount"]
        Snapshot = self.root["cartera.customer.snapshot"]
        before = Snapshot.search_read([], names, order="id")
        accounts = self.Customer.search_count([])
        self.Customer._refresh(company)
        self.assertEqual(Snapshot.search_read([], names, order="id"), before)
        self.assertEqual(self.Customer.search_count([]), accounts)

    def test_customers_with_open_documents_get_an_account(self):
        partner = self.make_partner("Unknown until now")
        child = self.root["res.partner"].create(
            {"name": "Buyer", "parent_id": partner.id}
        )
        self.make_invoice(child, 70)
        here = [("partner_id", "in", (partner | child).ids)]
        self.assertFalse(self.Customer.search(here))
        self.Customer._refresh(self.company)
        found = self.Customer.search(here)
        self.assertEqual(found.partner_id, partner)
        self.assertEqual(found.company_id, self.company)
        self.assertEqual(found.exposure, 70)
        self.assertEqual(found.check_version, 0)

    def test_a_missing_rate_of_one_does_not_stop_the_others(self):
        """The figures that cannot be told are empty and marked, never one to one."""
        chf = self.setup_other_currency("CHF", rates=[("2026-01-01", 0.9)])
        bad, good = self.make_customer("Bad"), self.make_customer("Good")
        self.make_line(bad, 900, currency_id=chf.id)
        self.make_line(good, 500)
        chf.sudo().rate_ids.unlink()
        self.Customer._refresh(self.company)
        self.assertEqual(bad.snapshot_ids.problem, "rate")
        self.assertFalse(bad.snapshot_ids.limit_amount)
        self.assertFalse(bad.snapshot_ids.available)
        self.assertFalse(good.snapshot_ids.problem)
        self.assertEqual(good.snapshot_ids.available, 500)

    def test_the_refresh_of_some_leaves_the_others(self):
        one, other = self.make_customer("One"), self.make_customer("Other")
        self.make_line(one, 100)
        self.make_line(other, 100)
        self.make_invoice(one.partner_id, 10)
        self.make_invoice(other.partner_id, 10)
        self.Customer._refresh(self.company, one.partner_id.ids)
        self.assertEqual(one.exposure, 10)
        self.assertEqual(other.exposure, 0)
        one.with_user(self.viewer).action_refresh()
        other.with_user(self.viewer).action_refresh()
        self.assertEqual(other.exposure, 10)

    def test_the_gate_s_row_is_not_touched_by_a_refresh(self):
        customer = self.make_customer("One")
        version = customer.check_version
        self.Customer._refresh(self.company)
        customer.invalidate_recordset()
        self.assertEqual(customer.check_version, version)

    # When something happens

    def touched(self):
        return self.root["cartera.customer.touched"].search([]).partner_id

    def test_documents_leave_a_note_when_they_commit(self):
        partner = self.make_partner("Buyer")
        child = self.root["res.partner"].create(
            {"name": "Child", "parent_id": partner.id}
        )
        steps = [
            ("invoice posted", lambda: self.make_invoice(child, 100)),
            ("paid on account", lambda: self.pay(partner, 20)),
            (
                "applied",
                lambda: self.root["account.move.line"]
                .search(
                    [
                        ("partner_id", "in", (partner | child).ids),
                        ("account_type", "=", "asset_receivable"),
                    ]
                )
                .reconcile(),
            ),
        ]
        for name, step in steps:
            self.run_precommit()
            self.root["cartera.customer.touched"].search([]).unlink()
            step()
            self.assertNotIn(partner, self.touched(), "noted before the commit")
            self.run_precommit()
            with self.subTest(name):
                self.assertIn(partner, self.touched())

    def test_noted_customers_are_refreshed_with_their_group(self):
        one, fellow = self.make_customer("One"), self.make_customer("Fellow")
        self.make_group("Holding", 1000, one, fellow)
        self.Customer._refresh(self.company)
        self.assertEqual(fellow.available, 1000)
        self.make_invoice(one.partner_id, 300)
        self.run_precommit()
        with self.commits_allowed():
            self.root["cartera.customer.touched"]._cron_refresh()
        self.assertEqual((one.exposure, fellow.available), (300, 700))
        self.assertNotIn(one.partner_id, self.touched())

    def test_joining_and_leaving_a_group_is_noted(self):
        one = self.make_customer("One")
        group = self.make_group("Holding", 1000)
        for value in (group.id, False):
            self.run_precommit()
            self.root["cartera.customer.touched"].search([]).unlink()
            one.group_id = value
            self.run_precommit()
            with self.subTest(value):
                self.assertIn(one.partner_id, self.touched())

    def test_the_nightly_refresh_takes_every_company(self):
        one = self.make_customer("One")
        there = self.make_customer(partner=one.partner_id, company=self.other_company)
        self.make_invoice(one.partner_id, 100)
        self.make_invoice(one.partner_id, 2000, company=self.other_company)
        with self.commits_allowed():
            self.Customer._cron_refresh()
        self.assertEqual((one.exposure, there.exposure), (100, 2000))

    # Reading

    def test_accounts_are_found_and_sorted_by_their_figures(self):
        """peers 17 and 4.9: filters and sorting in SQL, nothing on the partner."""
        customers = [self.make_customer(f"Customer {letter}") for letter in "abc"]
        for customer, owed in zip(customers, (300, 100, 200), strict=True):
            self.make_line(customer, 250)
            self.make_invoice(customer.partner_id, owed)
        mine = [("id", "in", [one.id for one in customers])]
        self.Customer._refresh(self.company)
        found = self.Customer.search([*mine, ("available", "<", 0)])
        self.assertEqual(found, customers[0])
        found = self.Customer.search(mine, order="exposure desc")
        self.assertEqual(list(found), [customers[0], customers[2], customers[1]])
        groups = self.Customer._read_group(mine, [], ["exposure:sum"])
        self.assertEqual(groups[0][0], 600)

    def test_partners_show_the_figures_of_the_current_company(self):
        one = self.make_customer("One")
        there = self.make_customer(partner=one.partner_id, company=self.other_company)
        self.make_line(one, 1000)
        self.make_line(there, 9000)
        child = self.root["res.partner"].create(
            {"name": "Child", "parent_id": one.partner_id.id}
        )
        for company, available in ((self.company, 1000), (self.other_company, 9000)):
            seen = child.with_user(self.everywhere).with_context(
                allowed_company_ids=company.ids
            )
            with self.subTest(company.name):
                self.assertEqual(seen.cartera_available, available)

    def count_queries(self, action):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        action()
        return self.env.cr.sql_log_count - before

    def test_queries_do_not_grow_with_the_customers(self):
        customers = self.make_random_books(self.company.sudo(), 100, seed=5)
        few, many = customers.filtered("group_id")[:10], customers
        self.Customer._refresh(self.company)
        mine = customers.with_user(self.collector).env
        fields = ["partner_id", "exposure", "available", "limit_source", "unlimited"]
        fields += ["overdue_amount", "percent_used", "open_hold_count", "refreshed_at"]
        of_partner = [
            "cartera_available",
            "cartera_overdue_amount",
            "cartera_unlimited",
        ]
        actions = {
            "get_position": lambda some: mine["cartera.customer"].get_position(
                some.partner_id.ids, self.company.id
            ),
            "refresh": lambda some: self.Customer._refresh(
                self.company, some.partner_id.ids
            ),
            "list of accounts": lambda some: mine["cartera.customer"].search_read(
                [("id", "in", some.ids)], fields
            ),
            "list of partners": lambda some: mine["res.partner"].search_read(
                [("id", "in", some.partner_id.ids)], of_partner
            ),
            "form of accounts": lambda some: mine["cartera.customer"].search_read(
                [("id", "in", some.ids)], ["position_data"]
            ),
        }
        for name, action in actions.items():
            action(few)
            with self.subTest(name):
                counts = [
                    self.count_queries(lambda some=some, do=action: do(some))
                    for some in (few, many)
                ]
                # a group, a rate or a label more that only the many have is read once
                self.assertLessEqual(counts[1], counts[0] + 2)
                self.assertLessEqual(counts[1], 25)
