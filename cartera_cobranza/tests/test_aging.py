import io
from datetime import date
from decimal import Decimal

import openpyxl

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .desk_common import DeskCommon, money


@tagged("post_install", "-at_install")
class TestAgingProfile(DeskCommon):
    """Profiles hold every day once, and stay as they are once history was made with them."""

    def make_profile(self, *buckets, **vals):
        return self.root["cartera.aging.profile"].create(
            {
                "name": "Own",
                "bucket_ids": [
                    Command.create(
                        {
                            "name": f"{start} to {end}",
                            "open_start": start is None,
                            "day_from": start or 0,
                            "open_end": end is None,
                            "day_to": end or 0,
                        }
                    )
                    for start, end in buckets
                ],
            }
            | vals
        )

    def test_holes_and_overlaps_name_the_days(self):
        for buckets, text in (
            (((None, 0), (31, None)), "leaves out the days 1 to 30"),
            (((None, 0), (2, None)), "leaves out day 1"),
            (((1, None),), "leaves out the days up to 0"),
            (((None, 0), (1, 60)), "leaves out the days from 61"),
            (((None, 0), (1, 30), (30, None)), "has day 30 in two buckets"),
            (((None, 10), (1, None)), "has the days 1 to 10 in two buckets"),
            (((None, None), (5, None)), "has the days from 5 in two buckets"),
            (((None, 0), (5, 3), (1, None)), "must start before it ends"),
            ((), "needs buckets"),
        ):
            with self.subTest(text), self.refused(ValidationError, text):
                self.make_profile(*buckets)

    def test_two_limits_move_together(self):
        profile = self.make_profile((None, 0), (1, 30), (31, None))
        _current, month, older = profile._sorted_buckets()
        profile.with_user(self.manager).write(
            {
                "bucket_ids": [
                    Command.update(month.id, {"day_to": 15}),
                    Command.update(older.id, {"day_from": 16}),
                ]
            }
        )
        self.assertEqual([month.day_to, older.day_from], [15, 16])
        with self.refused(ValidationError, "day 16"):
            month.day_to = 16
        with self.refused(ValidationError, "leaves out the days 1 to 15"):
            month.unlink()

    def test_buckets_are_named_by_their_days(self):
        profile = self.make_profile((None, 0), (1, 30), (31, None))
        profile.bucket_ids.name = False
        self.assertEqual(
            profile._sorted_buckets().mapped("display_name"),
            ["Not due", "1 to 30", "Over 30"],
        )
        profile._sorted_buckets()[1].name = "First month"
        self.assertEqual(profile._sorted_buckets()[1].display_name, "First month")

    def test_history_keeps_its_profile(self):
        profile = self.make_profile((None, 0), (1, None))
        snapshot = self.root["cartera.aging.snapshot"].create(
            {
                "company_id": self.company.id,
                "date": "2026-02-28",
                "profile_id": profile.id,
            }
        )
        with self.refused(UserError, "Snapshots were made with Own"):
            profile.bucket_ids[0].write({"day_to": 3})
        with self.refused(UserError, "Snapshots were made with Own"):
            profile.unlink()
        profile.bucket_ids[0].name = "Not yet"
        copied = profile.copy()
        self.assertEqual(copied.name, "Own (copy)")
        self.assertEqual(len(copied.bucket_ids), 2)
        snapshot.unlink()
        profile.unlink()

    def test_the_company_own_profile_comes_first(self):
        Profile = self.root["cartera.aging.profile"]
        self.assertEqual(Profile._default_for(self.company), self.profile)
        own = self.make_profile(
            (None, 0), (1, None), sequence=99, company_id=self.company.id
        )
        self.assertEqual(Profile._default_for(self.company), own)
        self.assertEqual(Profile._default_for(self.other_company), self.profile)
        with self.refused(UserError, "no aging profile"):
            self.items(company=self.other_company, cartera_profile_id=own.id)
        Profile.search([]).active = False
        with self.refused(UserError, "no aging profile for company_1_data"):
            Profile._default_for(self.company)
        self.assertEqual(self.items(), [])


@tagged("post_install", "-at_install")
class TestAgingReport(DeskCommon):
    """The director's screen and its workbook; what each figure is was counted by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.uno = cls.make_partner("Uno")
        cls.dos = cls.make_partner("Dos")
        cls.make_invoice(cls.uno, 1000, "2026-04-01", "2026-03-01")  # not due
        cls.make_invoice(cls.uno, 500, "2026-03-06", "2026-02-06")  # 10 days late
        cls.make_invoice(cls.uno, 200, "2025-12-16", "2025-11-16")  # 90 days late
        cls.pay(cls.uno, 300, "2026-03-02")
        cls.make_invoice(cls.dos, 80, "2025-11-15", "2025-10-15")  # 121 days late
        cls.make_invoice(
            cls.dos, 3600, "2026-02-14", "2025-12-14", currency_id=cls.mxn.id
        )  # 180 dollars, 30 days late
        cls.make_entry(cls.receivable, 7, "2026-03-10")
        cls.env.flush_all()

    def show(self, user=None, **options):
        env = self.root(user=user or self.accountant, su=False)
        Report = env["cartera.aging.report"].with_context(
            allowed_company_ids=self.company.ids
        )
        return Report.action_show({"profile_id": self.profile.id} | options)

    def by_name(self, shown, key="amount"):
        return {one["name"]: one[key] for one in shown["buckets"] if one[key]}

    def test_credits_apart(self):
        shown = self.show()
        self.assertEqual(
            self.by_name(shown),
            {"Not due": 1000, "1 to 30": 687, "61 to 90": 200, "Over 120": 80},
        )
        self.assertEqual(shown["total"], 1667)
        self.assertEqual(shown["credit"], -300)
        # 500 + 200 + 80 + 180 + the 7 of nobody
        self.assertEqual(shown["overdue"], 967)
        # of what is owed, as the key figure: 967 / 1,967
        self.assertEqual(shown["overdue_share"], 49.2)
        self.assertEqual(shown["nobody"], 7)
        self.assertEqual((shown["customers"], shown["items"]), (2, 7))
        self.assertEqual(shown["oldest"], 121)
        self.assertEqual(shown["ledger"], {"balance": 1667, "difference": 0})

    def test_a_bucket_over_the_due_date(self):
        profile = self.root["cartera.aging.profile"].create(
            {
                "name": "Grace",
                "bucket_ids": [
                    Command.create({"name": "Grace", "open_start": True, "day_to": 15}),
                    Command.create({"name": "Late", "day_from": 16, "open_end": True}),
                ],
            }
        )
        shown = self.show(profile_id=profile.id)
        # 500 and the 7 are overdue by ten days and by six, in the bucket of what is not due
        self.assertEqual(self.by_name(shown), {"Grace": 1507, "Late": 460})
        self.assertEqual(shown["overdue"], 967)

    def test_credits_netted(self):
        shown = self.show(netted=True)
        # 300 of Uno pay the 200 of December and 100 of the 500
        self.assertEqual(
            self.by_name(shown),
            {"Not due": 1000, "1 to 30": 587, "Over 120": 80},
        )
        self.assertEqual(sum(self.by_name(shown).values()), shown["total"])
        self.assertEqual(shown["overdue"], 667)
        self.assertEqual(shown["overdue_share"], 40.0)  # 667 / 1,667

    def test_nobody_is_late_by_less_than_no_days(self):
        tres = self.make_partner("Tres")
        self.make_invoice(tres, 5000, "2026-05-01", "2026-03-10")
        debtor = self.show()["debtors"][0]
        self.assertEqual((debtor["name"], debtor["days"]), ("Tres", 0))

    def test_more_credit_than_debt_stands_in_the_first_bucket(self):
        self.pay(self.dos, 100, "2026-03-05")  # in dollars: the pesos stay
        shown = self.show(netted=True)
        self.assertEqual(self.by_name(shown), {"Not due": 980, "1 to 30": 587})

    def test_since_last_month(self):
        before = self.show()["before"]
        # on 28 February: 500 and 1,000 were not there or due, 200 + 80 + 180 were late
        self.assertEqual(
            before,
            {"as_of": "2026-02-28", "total": 960, "overdue": 460, "credit": 0},
        )
        self.assertEqual(
            self.by_name(self.show(), "before"),
            {"Not due": 500, "1 to 30": 180, "61 to 90": 200, "91 to 120": 80},
        )

    def test_debtors_and_currencies(self):
        shown = self.show()
        self.assertEqual(
            [(one["name"], one["total"], one["overdue"]) for one in shown["debtors"]],
            [("Uno", 1400, 700), ("Dos", 260, 260), ("Without a customer", 7, 7)],
        )
        self.assertEqual(shown["debtors"][0]["share"], 84.0)
        self.assertEqual(
            {one["name"]: one["residual"] for one in shown["currencies"]},
            {"USD": 1487, "MXN": 3600},
        )

    def test_revalued(self):
        shown = self.show(value="revalued")
        self.assertEqual(shown["total"], 1687)  # the pesos are worth 200
        self.assertIsNone(shown["ledger"])

    def test_invoice_date(self):
        shown = self.show(basis="invoice")
        # of 1 March (15), 6 February (38), 16 November (120), 15 October (152), 14 December (92), 10 March (6)
        self.assertEqual(
            self.by_name(shown),
            {"1 to 30": 1007, "31 to 60": 500, "91 to 120": 380, "Over 120": 80},
        )
        self.assertEqual(shown["overdue"], 967)

    def test_a_salesperson_sees_own_customers(self):
        self.uno.user_id = self.salesperson
        self.dos.user_id = self.collector
        self.env.flush_all()
        shown = self.show(user=self.salesperson)
        self.assertEqual(shown["total"], 1400)
        self.assertIsNone(shown["ledger"])
        self.assertEqual([one["name"] for one in shown["debtors"]], ["Uno"])

    def test_refusals(self):
        with self.assertRaises(AccessError):
            self.show(user=self.portal)
        with self.refused(AccessError, "not working in that company"):
            self.show(company_id=self.other_company.id)
        with self.refused(UserError, "not known yet"):
            self.show(as_of="2026-03-17")
        with self.refused(UserError, "not valued at gold"):
            self.show(value="gold")

    def test_queries_do_not_grow(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.show()
            return self.env.cr.sql_log_count - before

        count()
        few = count()
        for number in range(12):
            self.make_invoice(self.make_partner(f"Other {number}"), 10)
        self.assertLessEqual(count(), few)

    def test_workbook(self):
        env = self.root(user=self.accountant, su=False)
        name, content = (
            env["cartera.aging.report"]
            .with_context(allowed_company_ids=self.company.ids, lang="en_US")
            ._workbook({"profile_id": str(self.profile.id), "as_of": "2026-03-16"})
        )
        self.assertIn("2026-03-16", name)
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        aging, currencies, items = book.worksheets
        rows = list(aging.iter_rows(min_row=5, values_only=True))
        self.assertEqual(rows[0], ("Uno", 1000, 500, 0, 200, 0, 0, -300, 1400, 700, 90))
        self.assertEqual(rows[1], ("Dos", 0, 180, 0, 0, 0, 80, 0, 260, 260, 121))
        self.assertEqual(
            rows[-1][:10],
            (rows[-1][0], 1000, 687, 0, 200, 0, 80, -300, 1667, 967),
        )
        formulas = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
        self.assertEqual(formulas.cell(8, 2).value, "=SUM(B5:B7)")
        self.assertEqual(
            {
                row[0]: row[1]
                for row in currencies.iter_rows(min_row=5, values_only=True)
            },
            {"USD": 1487, "MXN": 3600},
        )
        open_items = list(items.iter_rows(min_row=5, values_only=True))
        self.assertEqual(len(open_items), 7)
        self.assertEqual(sum(row[9] for row in open_items), 1667)
        pesos = next(row for row in open_items if row[6] == "MXN")
        self.assertEqual(
            (pesos[4], pesos[7], pesos[8], pesos[9]), (30, 3600, 3600, 180)
        )

    def test_a_workbook_of_nothing(self):
        env = self.root(user=self.accountant, su=False)
        _name, content = env["cartera.aging.report"]._workbook({"as_of": "2020-01-01"})
        book = openpyxl.load_workbook(io.BytesIO(content))
        self.assertEqual(book.worksheets[2].max_row, 4)


@tagged("post_install", "-at_install")
class TestAgingSnapshot(DeskCommon):
    """The month-ends that are kept: as the ledger had them, rebuilt when it changes, and their roll rates."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.uno = cls.make_partner("Uno")
        cls.Snapshot = cls.root["cartera.aging.snapshot"]
        cls.make_invoice(cls.uno, 1000, "2026-01-31", "2026-01-01")
        cls.rolled = cls.make_invoice(cls.uno, 400, "2025-12-31", "2025-12-01")
        cls.pay(cls.uno, 150, "2026-02-10", cls.rolled)
        cls.pay(cls.uno, 70, "2026-02-20")

    def make(self, day, user=None, **vals):
        return self.Snapshot.with_user(user or self.accountant).create(
            {"company_id": self.company.id, "date": day, "profile_id": self.profile.id}
            | vals
        )

    def amounts(self, snapshot):
        return {
            line.bucket_id.display_name: line.residual_company
            for line in snapshot.sudo().line_ids
        }

    def test_compute_and_compute_again(self):
        snapshot = self.make("2026-02-28")
        self.assertEqual(snapshot.state, "draft")
        snapshot.action_compute()
        self.assertEqual(
            (snapshot.state, snapshot.total, snapshot.ledger_balance),
            ("done", 1180, 1180),
        )
        # the money on account is not due: it has the age of its own day, 8 days
        self.assertEqual(self.amounts(snapshot), {"1 to 30": 930, "31 to 60": 250})
        self.assertEqual((snapshot.overdue, snapshot.unapplied), (1250, 70))
        self.assertEqual((snapshot.customer_count, snapshot.item_count), (1, 3))
        first = snapshot.line_ids.ids
        self.make_invoice(self.uno, 33, "2026-02-28", "2026-02-15")  # back-dated
        snapshot.action_compute()
        self.assertEqual(snapshot.total, 1213)
        self.assertEqual(
            self.amounts(snapshot), {"Not due": 33, "1 to 30": 930, "31 to 60": 250}
        )
        self.assertFalse(
            self.root["cartera.aging.snapshot.line"].browse(first).exists()
        )
        self.assertEqual(snapshot.difference, 0)

    def test_roll_rates(self):
        january = self.make("2026-01-31")
        february = self.make("2026-02-28")
        (january | february).action_compute()
        self.assertEqual(self.amounts(january), {"Not due": 1000, "31 to 60": 400})
        self.assertIsNone(january.roll_data["before"])
        rolls = {row["name"]: row["roll"] for row in february.roll_data["rows"]}
        self.assertEqual(february.roll_data["before"], "2026-01-31")
        # 1,000 of 1,000 went on; nothing was in 1 to 30 to roll; nothing of 400 went to 61 to 90
        self.assertEqual(rolls["1 to 30"], 100)
        self.assertIsNone(rolls["31 to 60"])
        self.assertEqual(rolls["61 to 90"], 0)
        self.assertIsNone(rolls["Not due"])
        # what is over 120 days old stays there: it is no rate of what came from 91 to 120
        self.assertIsNone(rolls["Over 120"])

    def test_who_may(self):
        for user in (self.executive, self.manager, self.accountant):
            with self.subTest(user.login):
                one = self.make("2026-02-28", user)
                one.action_compute()
                one.sudo().unlink()
        snapshot = self.make("2026-02-28")
        with self.refused(AccessError, "credit executives and accountants"):
            snapshot.with_user(self.collector).action_compute()
        with self.assertRaises(AccessError):
            snapshot.with_user(self.viewer).action_compute()
        with self.refused(AccessError, "cannot be entered"):
            snapshot.with_user(self.manager).write({"total": 5})
        with self.assertRaises(AccessError):
            self.make("2026-01-31", company_id=self.other_company.id)

    def test_bad_input(self):
        with self.refused(ValidationError, "cannot be known yet"):
            self.make("2026-03-17")
        snapshot = self.make("2026-02-28")
        snapshot.action_compute()
        with self.refused(UserError, "keeps its company, day and profile"):
            snapshot.write({"date": "2026-01-31"})
        empty = self.make("2019-12-31")
        empty.action_compute()
        self.assertEqual((empty.total, empty.line_ids.ids), (0, []))

    def test_the_job_makes_what_is_missing_once(self):
        mine = [("company_id", "=", self.company.id)]
        with self.commits_allowed():
            self.Snapshot._cron_make()
        made = self.Snapshot.search(mine)
        self.assertEqual(len(made), 12)
        self.assertEqual(
            (min(made.mapped("date")), max(made.mapped("date"))),
            (date(2025, 3, 31), date(2026, 2, 28)),
        )
        self.assertEqual(money(made[0].total), Decimal(1180))
        with self.commits_allowed():
            self.Snapshot._cron_make()
        self.assertEqual(self.Snapshot.search(mine), made)
        with self.at("2026-04-01"), self.commits_allowed():
            self.Snapshot._cron_make()
        new = self.Snapshot.search(mine) - made
        self.assertEqual(new.date, date(2026, 3, 31))
        self.assertEqual(new.state, "done")

    def test_one_statement_for_any_number(self):
        snapshot = self.make("2026-02-28")

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            snapshot.action_compute()
            return self.env.cr.sql_log_count - before

        count()
        few = count()
        for number in range(10):
            self.make_invoice(self.make_partner(f"Other {number}"), 10, "2026-02-01")
        self.assertLessEqual(count(), few)
        self.assertEqual(snapshot.customer_count, 11)
