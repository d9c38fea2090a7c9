import io

import openpyxl

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CarteraCommon


@tagged("post_install", "-at_install")
class TestNoteKinds(CarteraCommon):
    """Points and commissions beside money, and the statistics of notes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.make_partner("Abarrotes del Centro")
        cls.points = cls.root["res.currency"].create(
            {
                "name": "XPT",
                "symbol": "pts",
                "cartera_kind": "points",
                "rate_ids": [
                    Command.create(
                        {
                            "name": "2025-01-01",
                            "rate": 100,
                            "company_id": cls.company.id,
                        }
                    )
                ],
            }
        )
        cls.account = cls.root["account.account"].create(
            {
                "code": "106900",
                "name": "Points of customers",
                "account_type": "asset_receivable",
                "non_trade": True,
                "reconcile": True,
                "company_ids": [Command.set(cls.company.ids)],
            }
        )
        cls.trade = cls.company_data["default_account_receivable"]
        cls.price = cls.env.ref("cartera_cobranza.note_reason_price").sudo()
        cls.biller = cls.make_user(
            "biller", None, groups="account.group_account_invoice"
        )

    def use_account(self):
        self.company.sudo().cartera_points_account_id = self.account

    def give(self, amount, move_type="out_refund", **vals):
        return self.make_invoice(
            self.partner,
            amount,
            move_type=move_type,
            currency_id=self.points.id,
            note_reason_id=self.price.id if move_type == "out_refund" else False,
            **vals,
        )

    def convert(self, amount, user=None, **vals):
        return (
            self.env["cartera.currency.conversion"]
            .with_user(user or self.biller)
            .create(
                {
                    "partner_id": self.partner.id,
                    "currency_id": self.points.id,
                    "amount": amount,
                    "date": self.today,
                    "company_id": self.company.id,
                    "journal_id": self.company_data["default_journal_misc"].id,
                }
                | vals
            )
        )

    # On their own account

    def test_points_need_an_account_and_go_to_it(self):
        with self.refused(UserError, "no account for the kind of currency", "XPT"):
            self.give(1000)
        self.use_account()
        note = self.give(1000)
        term = note.line_ids.filtered(lambda line: line.display_type == "payment_term")
        self.assertEqual(term.account_id, self.account)
        self.assertEqual(term.amount_currency, -1000)

    def test_points_are_refused_on_other_accounts_and_money_on_theirs(self):
        self.use_account()
        note = self.give(1000, post=False)
        note.line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        ).account_id = self.trade
        with self.refused(UserError, "XPT is kept on", "and not on"):
            note.action_post()
        invoice = self.make_invoice(self.partner, 100, post=False)
        invoice.line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        ).account_id = self.account
        with self.refused(UserError, "takes no money"):
            invoice.action_post()
        with self.refused(UserError, "is kept on"):
            self.pay(self.partner, 10, currency_id=self.points.id)

    def test_points_never_count_as_money(self):
        self.use_account()
        self.make_invoice(self.partner, 500)
        before = self.position(self.partner)
        self.give(1000)
        self.give(700, move_type="out_invoice")
        after = self.position(self.partner)
        for key in ("exposure", "exposure_breakdown", "overdue_amount", "available"):
            self.assertEqual(after[key], before[key], key)
        self.assertEqual(after["exposure"], 500)

    def test_drafts_in_points_take_up_no_credit_and_pass_no_gate(self):
        self.use_account()
        self.company.sudo().cartera_count_drafts = True
        self.make_line(self.make_customer(partner=self.partner), 1)
        self.turn_gate_on()
        self.give(9000, move_type="out_invoice", post=False)
        self.assertEqual(self.position(self.partner)["exposure"], 0)
        posted = self.give(9000, move_type="out_invoice")
        self.assertEqual(posted.state, "posted")

    def test_the_account_must_be_out_of_trade(self):
        with self.refused(UserError, "non-trade"):
            self.company.sudo().cartera_points_account_id = self.trade
        self.use_account()
        with self.refused(UserError, "two accounts"):
            self.company.sudo().cartera_commission_account_id = self.account

    def test_a_used_currency_keeps_its_kind(self):
        self.use_account()
        self.give(10)
        with self.refused(UserError, "its kind stays"):
            self.points.cartera_kind = "money"

    # Conversion

    def test_conversion_is_an_entry(self):
        self.use_account()
        self.give(1000)
        action = self.convert(400).action_convert()
        entry = self.root["account.move"].browse(action["res_id"])
        # 100 points for a dollar: 400 points are 4.00
        self.assertRecordValues(
            entry.line_ids.sorted("balance"),
            [
                {"account_id": self.trade.id, "balance": -4, "amount_currency": -4},
                {
                    "account_id": self.account.id,
                    "balance": 4,
                    "amount_currency": 400,
                },
            ],
        )
        self.assertEqual(entry.state, "posted")
        self.assertEqual(self.convert(1).balance, 600)
        self.assertEqual(self.position(self.partner)["exposure"], -4)

    def test_conversion_at_another_rate_needs_the_account_of_the_difference(self):
        self.use_account()
        self.give(1000)
        wizard = self.convert(1000, rate=0.02)
        with self.refused(UserError, "booked at", "10.00", "20.00"):
            wizard.action_convert()
        wizard.account_id = self.company_data["default_account_expense"]
        entry = self.root["account.move"].browse(wizard.action_convert()["res_id"])
        self.assertEqual(sum(entry.line_ids.mapped("balance")), 0)
        self.assertEqual(
            entry.line_ids.filtered(lambda line: line.account_id == self.trade).balance,
            -20,
        )

    def test_bad_conversions(self):
        self.use_account()
        self.give(100)
        with self.refused(UserError, "100.00", "101.00", "Lower the amount"):
            self.convert(101).action_convert()
        with self.refused(UserError, "above zero"):
            self.convert(0).action_convert()
        with self.refused(UserError, "is money already"):
            self.convert(1, currency_id=self.usd.id).action_convert()
        with self.refused(UserError, "no exchange rate", "XPT"):
            self.convert(1, rate=0).action_convert()
        with self.assertRaises(AccessError):
            self.convert(1, user=self.executive).action_convert()

    def test_the_journal_is_found_whatever_its_code(self):
        general = self.root["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", self.company.id)]
        )
        company = self.company.sudo()
        company.currency_exchange_journal_id = general.filtered(
            lambda one: one.code != "MISC"
        )[:1]
        main = general.filtered(lambda one: one.code == "MISC")
        main.code = "OV"
        general.sequence = 5
        main.sequence = 9
        special = (
            company.currency_exchange_journal_id | company.tax_cash_basis_journal_id
        )
        found = self.env["cartera.currency.conversion"]._default_journal()
        self.assertTrue(found)
        self.assertNotIn(found, special)

    # Statistics

    def test_statistics(self):
        self.use_account()
        self.make_invoice(self.partner, 2000)
        bad = self.env.ref("cartera_cobranza.note_reason_bad_debt")
        minor = self.env.ref("cartera_cobranza.note_reason_minor_balance")
        debit = self.env.ref("cartera_cobranza.note_reason_interest")
        for reason, amount in ((self.price, 100), (bad, 60), (minor, 0.5)):
            self.make_invoice(
                self.partner, amount, move_type="out_refund", note_reason_id=reason.id
            )
        self.make_invoice(self.partner, 40, note_reason_id=debit.id)
        self.give(5000)
        self.env.flush_all()
        Statistic = self.env["cartera.note.statistic"].with_user(self.collector)
        mine = [("partner_id", "=", self.partner.id)]
        rows = Statistic._read_group(
            [*mine, ("kind", "=", "money")],
            ["counts_as"],
            ["amount:sum", "note_count:sum", "share_of_sales:sum"],
        )
        self.assertEqual(
            {
                key: (amount, count, round(share, 6))
                for key, amount, count, share in rows
            },
            {
                "sales": (-100, 1, -5),
                "bad_debt": (-60, 1, -3),
                "minor_write_off": (-0.5, 1, -0.025),
                "charge": (40, 1, 2),
            },
        )
        points = Statistic.search([*mine, ("kind", "=", "points")])
        self.assertRecordValues(
            points, [{"amount": 0, "amount_total": 0, "amount_kind": -5000}]
        )

    def test_shares_of_several_months_are_no_sum_of_percentages(self):
        for day, sold in (("2026-02-10", 1000), ("2026-03-10", 2000)):
            self.make_invoice(self.partner, sold, date=day)
            self.make_invoice(
                self.partner,
                100,
                date=day,
                move_type="out_refund",
                note_reason_id=self.price.id,
            )
        self.env.flush_all()
        Statistic = self.env["cartera.note.statistic"].with_user(self.collector)
        domain = [("partner_id", "=", self.partner.id)]
        shares = ["share_of_sales:sum"]
        months = Statistic._read_group(domain, ["date:month"], shares)
        self.assertEqual([round(share, 4) for _month, share in months], [-10, -5])
        # 200 of 3,000, and not 15 %
        total = Statistic._read_group(domain, [], shares)[0][0]
        self.assertEqual(round(total, 4), -6.6667)
        grouped = Statistic.formatted_read_group(domain, ["reason_id"], shares)
        self.assertEqual(round(grouped[0]["share_of_sales:sum"], 4), -6.6667)

    def test_the_spreadsheet(self):
        self.make_invoice(self.partner, 1000)
        self.make_invoice(
            self.partner, 50, move_type="out_refund", note_reason_id=self.price.id
        )
        wizard = self.env["cartera.note.report"].with_user(self.collector)
        report = wizard.create(
            {
                "date_from": "2026-03-01",
                "date_to": "2026-03-31",
                "company_id": self.company.id,
            }
        )
        book = openpyxl.load_workbook(io.BytesIO(report._xlsx()))
        self.assertEqual(len(book.worksheets), 5)
        row = [cell.value for cell in book.worksheets[0][2]]
        self.assertEqual(row[2:], [1, -50, -0.05])
        self.assertTrue(report.action_export()["url"].startswith("/web/content/"))
        report.date_to = "2026-02-01"
        with self.refused(UserError, "before it starts"):
            report.action_export()

    def test_statistics_of_another_company_are_not_seen(self):
        note = self.make_invoice(
            self.partner, 50, move_type="out_refund", company=self.other_company
        )
        self.env.flush_all()
        Statistic = self.env["cartera.note.statistic"]
        found = Statistic.with_user(self.manager).search([("move_id", "=", note.id)])
        self.assertFalse(found)
