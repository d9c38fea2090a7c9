"""Two companies with their charts, and exchange rates that move."""

import math
from datetime import timedelta

from odoo import Command

from .books import DemoError

MX_NAME = "Distribuidora Valle Alto, S.A. de C.V."
CO_NAME = "Valle Alto Colombia S.A.S."
RATE_MONTHS = 26
# pesos for one unit of the other currency: where the walk starts, its weekly volatility
RATES = {
    "mx": {"USD": (17.6, 0.011), "COP": (0.0044, 0.008)},
    "co": {"USD": (4020.0, 0.012), "MXN": (228.0, 0.008)},
}


def make_companies(books):
    env = books.env
    mexico = env.ref("base.main_company")
    if mexico.root_id._existing_accounting():
        raise DemoError(
            f"Company {mexico.name} has accounting entries that the demo did not make;"
            " use an empty database (or --reset)."
        )
    env.ref("base.MXN").active = env.ref("base.COP").active = env.ref(
        "base.USD"
    ).active = True
    mexico.write(
        {
            "name": MX_NAME,
            "street": "Av. Central de Abasto 1450",
            "city": "Ciudad de México",
            "zip": "09040",
            "state_id": env.ref("base.state_mx_df", False)
            and env.ref("base.state_mx_df").id,
            "country_id": env.ref("base.mx").id,
            "currency_id": env.ref("base.MXN").id,
            "email": "cobranza@valle-alto.example.com",
            "phone": "+52 55 5555 0100",
        }
    )
    # Most readers of these books are in Mexico, where 1,234.56 is written so.
    env["res.lang"].search([("code", "=", "es_419")]).write(
        {"decimal_point": ".", "thousands_sep": ","}
    )
    company_fields = env["res.company"]._fields
    colombia = env["res.company"].create(
        {
            **(
                {"iap_enrich_auto_done": True}
                if "iap_enrich_auto_done" in company_fields
                else {}
            ),
            "name": CO_NAME,
            "street": "Carrera 68 # 22-31",
            "city": "Bogotá",
            "zip": "110931",
            "country_id": env.ref("base.co").id,
            "currency_id": env.ref("base.COP").id,
            "email": "cartera@valle-alto-co.example.com",
            "phone": "+57 601 555 0100",
        }
    )
    for user in env.user | env.ref("base.user_admin") | env.ref("base.user_root"):
        user.write({"company_ids": [Command.link(colombia.id)]})
    books.remember({"company.mx": mexico, "company.co": colombia})
    _load_chart(env, "mx", mexico)
    _load_chart(env, "co", colombia)
    _make_banks(books, mexico, colombia)
    _prepare_stock(env, mexico | colombia)
    for key in RATES:
        _make_rates(books, key)


def _make_banks(books, mexico, colombia):
    """Half of the customers pay to one Mexican bank and half to the other."""
    env = books.env
    dollar = env.ref("base.USD").id
    found = {
        key: env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", company.id)],
            order="id",
            limit=1,
        )
        for key, company in (("mx", mexico), ("co", colombia))
    }
    found["mx"].name, found["co"].name = "Banco del Valle", "Banco de la Sabana"
    values = [
        {"name": "Banco Altiplano", "code": "BNK2"},
        {"name": "Banco del Valle, dólares", "code": "USD1", "currency_id": dollar},
        {"name": "Banco Altiplano, dólares", "code": "USD2", "currency_id": dollar},
    ]
    made = env["account.journal"].create(
        [{**vals, "type": "bank", "company_id": mexico.id} for vals in values]
    )
    books.remember(
        {
            "bank.mx.0": found["mx"],
            "bank.mx.1": made[0],
            "bank.mx.0.USD": made[1],
            "bank.mx.1.USD": made[2],
            "bank.co.0": found["co"],
        }
    )


def _prepare_stock(env, companies):
    """A warehouse for each company, when there is stock; no messages on shipments."""
    if "stock_text_confirmation" in companies._fields:
        companies.stock_text_confirmation = False
    if "stock.warehouse" not in env:
        return
    warehouses = env["stock.warehouse"].with_context(active_test=False)
    for company in companies:
        if not warehouses.search([("company_id", "=", company.id)], limit=1):
            warehouses.create(
                {
                    "name": company.name,
                    "code": company.country_id.code,
                    "company_id": company.id,
                }
            )


def _load_chart(env, template, company):
    if company.chart_template != template:
        chart = env(context={**env.context, "allowed_company_ids": company.ids})[
            "account.chart.template"
        ]
        chart.try_loading(template, company=company, install_demo=False)


def _make_rates(books, key):
    """A rate every Monday, by a random walk; a currency without any counts as 1."""
    env = books.env
    company = books.get(f"company.{key}")
    first = books.ago(RATE_MONTHS * 31)
    first -= timedelta(days=first.weekday())
    weeks = (books.today - first).days // 7 + 1
    env["res.currency.rate"].search(
        [("company_id", "in", (company.id, False))]
    ).unlink()
    rates = []
    for code, (start, volatility) in RATES[key].items():
        rng = books.rng("rates", key, code)
        price = start
        for week in range(weeks):
            price *= math.exp(rng.gauss(0, volatility))
            rates.append(
                {
                    "currency_id": env.ref(f"base.{code}").id,
                    "company_id": company.id,
                    "name": first + timedelta(weeks=week),
                    "rate": 1 / price,
                }
            )
    env["res.currency.rate"].create(rates)
