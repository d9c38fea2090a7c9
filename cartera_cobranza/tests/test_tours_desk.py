from datetime import timedelta

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestDeskTours(AccountTestInvoicingCommon, HttpCase):
    """What the browser adds up and draws; its clock is the real one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.env["res.lang"]._activate_lang("en_US")
        cls.today = cls.company._cartera_today()
        cls.partner = cls.env["res.partner"].create(
            {"name": "Abarrotes La Central", "is_company": True}
        )
        new_test_user(
            cls.env(su=True),
            login="desk_collector",
            groups="cartera_cobranza.group_collector,account.group_account_readonly",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            lang="en_US",
        )

    def entry(self, amounts, day, account, sign=1):
        lines = [
            Command.create(
                {
                    "account_id": self.company_data["default_account_receivable"].id,
                    "partner_id": self.partner.id,
                    "date_maturity": day,
                    "balance": sign * amount,
                }
            )
            for amount in amounts
        ]
        entry = self.env["account.move"].create(
            {
                "date": day,
                "line_ids": [
                    *lines,
                    Command.create(
                        {"account_id": account.id, "balance": -sign * sum(amounts)}
                    ),
                ],
            }
        )
        entry.action_post()
        return entry

    def test_totals_of_all_pages(self):
        self.entry(
            [10.0] * 90,
            self.today - timedelta(days=20),
            self.company_data["default_account_revenue"],
        )
        self.start_tour(
            "/odoo/open-items", "cartera_list_totals", login="desk_collector"
        )

    def test_a_gap_where_there_is_no_figure(self):
        then = self.today - timedelta(days=60)
        self.entry([600.0], then, self.company_data["default_account_revenue"])
        Forecast = self.env["cartera.forecast"].sudo()
        for day in (self.today - timedelta(days=35), self.today):
            Forecast._make(self.company, day)
        done = Forecast.search([("company_id", "=", self.company.id)], order="date")
        done[0].write({"weeks_over": 4, "error_share": 25.0})
        self.assertIs(done[-1].error_share, False)
        self.start_tour(
            "/odoo/receipts-forecast?view_type=graph",
            "cartera_graph_gaps",
            login="desk_collector",
        )
