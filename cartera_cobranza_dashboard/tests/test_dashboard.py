import json
import re
from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

NAMES = ("dashboard_receivables", "dashboard_collections")
VALUE = re.compile(
    r'PIVOT\.VALUE\((\d+),"value:avg","code","(\w+)","variant","(\w+)"\)'
)


@tagged("post_install", "-at_install")
class TestDashboards(AccountTestInvoicingCommon, HttpCase):
    """The dashboards ask for what is there, are seen by who may, and open without an error."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.env["res.lang"]._activate_lang("en_US")
        cls.dashboards = [
            cls.env.ref(f"cartera_cobranza_dashboard.{name}").sudo() for name in NAMES
        ]
        cls.users = {
            role: new_test_user(
                cls.env(su=True),
                login=f"dashboard_{role}",
                groups=f"cartera_cobranza.group_{role}",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
                lang="en_US",
            )
            for role in ("credit_manager", "collector", "viewer")
        }

    def data(self, dashboard):
        return json.loads(dashboard.spreadsheet_data)

    def questions(self, dashboard):
        """[(model, domain, group-bys, measures)] of every pivot and chart."""
        data = self.data(dashboard)
        for pivot in data["pivots"].values():
            yield (
                pivot["model"],
                pivot["domain"],
                [row["fieldName"] for row in (*pivot["rows"], *pivot["columns"])],
                [one["fieldName"] for one in pivot["measures"]],
            )
        for sheet in data["sheets"]:
            for figure in sheet["figures"]:
                chart = figure["data"]
                if chart["type"].startswith("odoo_"):
                    meta = chart["metaData"]
                    yield (
                        meta["resModel"],
                        chart["searchParams"]["domain"],
                        meta["groupBy"],
                        [meta["measure"]],
                    )

    def test_every_question_has_an_answer(self):
        """Models, fields and domains exist, and the manager and the collector may ask."""
        for dashboard in self.dashboards:
            self.assertEqual(self.data(dashboard)["version"], "18.5.10")
            for model, domain, groupby, measures in self.questions(dashboard):
                aggregates = [
                    one
                    if one == "__count"
                    else f"{one}:{self.env[model]._fields[one].aggregator}"
                    for one in measures
                ]
                for role in ("credit_manager", "collector"):
                    with self.subTest(dashboard.name, model=model, role=role):
                        self.env[model].with_user(self.users[role])._read_group(
                            domain, groupby, aggregates
                        )

    def test_figures_are_those_that_are_computed(self):
        known = set(self.env["cartera.kpi.indicator"].sudo()._by_formula())
        for dashboard in self.dashboards:
            text = dashboard.spreadsheet_data.replace('\\"', '"')
            asked = {(code, variant) for _pivot, code, variant in VALUE.findall(text)}
            self.assertEqual(len(asked), 5)
            self.assertLessEqual(asked, known)

    def test_menus_of_the_figures_exist(self):
        for dashboard in self.dashboards:
            for menu in self.data(dashboard)["chartOdooMenusReferences"].values():
                self.assertEqual(self.env.ref(menu)._name, "ir.ui.menu")

    def test_who_sees_them(self):
        for dashboard in self.dashboards:
            for role in ("credit_manager", "collector"):
                self.assertTrue(dashboard.with_user(self.users[role]).sudo(False).name)
            with self.assertRaises(AccessError):
                dashboard.with_user(self.users["viewer"]).sudo(False).read(["name"])

    def test_the_forecast_is_there_after_midnight(self):
        """Before the daily job of the next day the chart shows the forecast of the day before."""
        self.init_invoice("out_invoice", amounts=[100], post=True)
        day = self.company._cartera_today()
        forecast = self.env["cartera.forecast"].sudo()._make(self.company, day)
        domains = [
            domain
            for model, domain, _groupby, _measures in self.questions(self.dashboards[0])
            if model == "cartera.forecast.line"
        ]
        self.assertTrue(domains)
        with freeze_time(day + timedelta(days=1)):
            for domain in domains:
                found = (
                    self.env["cartera.forecast.line"]
                    .with_user(self.users["collector"])
                    .search(domain)
                )
                self.assertEqual(found.forecast_id, forecast)

    def test_they_open(self):
        """With figures of a month, in the browser, without an error in a cell."""
        invoice = self.init_invoice("out_invoice", amounts=[100], post=True)
        self.assertTrue(invoice)
        company = self.company
        self.env["cartera.kpi"].sudo()._compute_months(
            company, [company._cartera_today().replace(day=1)]
        )
        self.env["cartera.forecast"].sudo()._make(company, company._cartera_today())
        self.start_tour(
            "/odoo/dashboards",
            "cartera_dashboards_open",
            login="dashboard_credit_manager",
        )
