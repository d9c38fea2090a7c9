"""What is sold and how it is paid: products with taxes, price lists, terms."""

from odoo import Command

from . import words

COP_PER_MXN = 228
USD_PER_MXN = 1 / 17.8
TAXES = {  # company: (zero, general rate), as the charts name them
    "mx": ("tax9", "tax12"),
    "co": ("l10n_co_tax_10", "l10n_co_tax_8"),
}
TERMS = {  # key: name, [(percent, days)]
    "0": ("Contado", [(100, 0)]),
    "15": ("15 días", [(100, 15)]),
    "30": ("30 días", [(100, 30)]),
    "60": ("60 días", [(100, 60)]),
    "split": ("50 % a 30 y 50 % a 60 días", [(50, 30), (50, 60)]),
    "prepaid": ("Pago anticipado", [(100, 0)]),
}


def make_catalogue(books):
    env = books.env
    taxes = {
        (key, rate): chart_ref(books, key, name)
        for key, names in TAXES.items()
        for rate, name in zip((False, True), names, strict=True)
    }
    # Mexican VAT falls due when the customer pays. Odoo then makes an entry for each
    # payment of each invoice, which takes 0.2 s and trebles the time of the build; so
    # the demo's taxes fall due with the invoice. What customers owe, and when, is the
    # same either way.
    for tax in taxes.values():
        tax.tax_exigibility = "on_invoice"
    _make_terms(env, books)
    _make_pricelists(env, books)
    goods = env["product.category"].create({"name": "Abarrotes"})
    products = env["product.product"].create(
        [
            {
                "name": name,
                "default_code": f"VA-{100 + number}",
                "type": "consu",
                "categ_id": goods.id,
                "list_price": price,
                "standard_price": round(price * 0.82, 2),
                "invoice_policy": "delivery" if number % 3 else "order",
                "taxes_id": [
                    Command.set([taxes["mx", general].id, taxes["co", general].id])
                ],
                "supplier_taxes_id": [Command.clear()],
                "sale_ok": True,
                "purchase_ok": True,
            }
            for number, (name, price, general) in enumerate(words.PRODUCTS)
        ]
    )
    books.remember({f"product.{n:02}": product for n, product in enumerate(products)})


def chart_ref(books, key, name):
    """A record of the company's chart by the name its template gives it."""
    company = books.get(f"company.{key}")
    return (
        books.company_env(key)["account.chart.template"].with_company(company).ref(name)
    )


def _make_terms(env, books):
    terms = env["account.payment.term"]
    values = []
    for key, (name, parts) in TERMS.items():
        vals = {
            "name": name,
            "note": name,
            "company_id": False,
            "line_ids": [
                Command.create(
                    {"value": "percent", "value_amount": percent, "nb_days": days}
                )
                for percent, days in parts
            ],
        }
        if key == "prepaid" and "cartera_prepaid" in terms._fields:
            vals["cartera_prepaid"] = True
        values.append(vals)
    made = terms.create(values)
    books.remember({f"term.{key}": term for key, term in zip(TERMS, made, strict=True)})


def _make_pricelists(env, books):
    """Price lists of three currencies; the prices themselves come from ``price_in``."""
    lists = env["product.pricelist"].create(
        [
            {
                "name": "Lista México",
                "currency_id": env.ref("base.MXN").id,
                "sequence": 1,
                "company_id": books.get("company.mx").id,
            },
            {
                "name": "Exportación USD",
                "currency_id": env.ref("base.USD").id,
                "sequence": 20,
                "company_id": books.get("company.mx").id,
            },
            {
                "name": "Lista Colombia",
                "currency_id": env.ref("base.COP").id,
                "sequence": 1,
                "company_id": books.get("company.co").id,
            },
        ]
    )
    books.remember(
        {
            "pricelist.MXN": lists[0],
            "pricelist.USD": lists[1],
            "pricelist.COP": lists[2],
        }
    )


def price_in(currency, price):
    """A list price of the catalogue in one of the currencies we sell in."""
    if currency == "USD":
        return round(price * USD_PER_MXN * 1.08, 2)
    if currency == "COP":
        return float(round(price * COP_PER_MXN, -2))
    return float(price)
