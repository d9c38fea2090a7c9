"""A pytest plugin: companies with a chart of accounts, made once and lent to each test class.

Odoo's accounting tests make a company and load its chart for every class, which is half
of what setting a class up takes. Here two are made and committed before the first
test; a class that asks for an ordinary company gets one of them inside its own
transaction, under the name and currency it wants, and gives it back by rolling back.
"""

import gc

import pytest

NAMES = ("Lent company 1", "Lent company 2")
CHART = "generic_coa"


@pytest.fixture(scope="session", autouse=True)
def lent_companies(load_registry):
    """Make the companies, and let accounting tests take them."""
    from odoo.api import SUPERUSER_ID, Environment
    from odoo.modules.registry import Registry
    from odoo.tests.common import get_db_name

    from odoo.addons.account.tests.common import AccountTestInvoicingCommon as Common

    with Registry(get_db_name()).cursor() as cr:
        _make(Environment(cr, SUPERUSER_ID, {}))
    original = Common._create_company.__func__

    def lend(cls, **values):
        ordinary = set(values) <= {"name", "currency_id"} and not cls.country_code
        if ordinary and cls.chart_template in (False, CHART):
            company = cls.env["res.company"].search([("name", "in", NAMES)], limit=1)
            if company:
                company.write(values)
                cls.env.user.company_ids |= company
                return company
        return original(cls, **values)

    gc.collect()
    gc.freeze()  # the registry is there to stay: no collection has to look through it
    gc.set_threshold(50_000, 20, 50)
    patch = pytest.MonkeyPatch()
    patch.setattr(Common, "_create_company", classmethod(lend))
    yield
    patch.undo()


def _make(env):
    known = env["res.company"].search([("name", "in", NAMES)]).mapped("name")
    for name in NAMES:
        if name not in known:
            company = env["res.company"].create({"name": name})
            env["account.chart.template"].try_loading(
                CHART, company=company, install_demo=False
            )
            if not company.account_fiscal_country_id:
                company.account_fiscal_country_id = env.ref("base.us")
