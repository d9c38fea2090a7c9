"""Collection centers, and the list of due items that sales and credit review."""

from odoo import Command

# name, code, bank
CENTERS = {
    "mx": (
        ("Ventanilla y transferencias", "CIE 1145208", "bank.mx.0"),
        ("Convenio de recaudo", "RAP 4521", "bank.mx.1"),
        ("Clientes de exportación", "USD 77120", "bank.mx.0.USD"),
    ),
    "co": (("Convenio nacional de recaudo", "10452", "bank.co.0"),),
}
CASH = "Caja de sucursal"
# what sales say of each item, one after the other
SAID = ("agree", "agree", "agree", "pending", "agree", "difference", "pending")


def is_installed(env):
    return "cartera.collection.center" in env


def make_centers(books, key):
    """Where customers pay, before they pay: payments find their center by themselves."""
    if not is_installed(books.env):
        return
    env = books.company_env(key)
    cash = env["account.journal"].search(
        [("type", "=", "cash"), ("company_id", "=", env.company.id)], limit=1
    )
    values = [
        {"name": name, "code": code, "journal_id": books.get(bank).id}
        for name, code, bank in CENTERS[key]
    ]
    if cash:
        values.append({"name": CASH, "code": "CAJA", "journal_id": cash.id})
    made = env["cartera.collection.center"].create(
        [{**vals, "company_id": env.company.id} for vals in values]
    )
    books.tell(f"{len(made)} collection centers")


def review_with_sales(books, key):
    """Salespeople answer about what is due; some find a difference."""
    env = books.company_env(key)
    if "cartera.sales.review" not in env:
        return
    env.company.cartera_sales_review = True
    items = env["cartera.receivable.item"].search(
        [
            ("company_id", "=", env.company.id),
            ("side", "=", "debt"),
            ("kind", "=", "invoice"),
            ("days_overdue", ">", 0),
            ("salesperson_id", "!=", False),
        ],
        limit=60,
    )
    reviews = env["cartera.sales.review"]._ask(env.company, items.move_line_id.ids)
    kind = env.ref("cartera_cobranza.dispute_type_price")
    credit = books.get("user.credito")
    for number, review in enumerate(reviews):
        said = SAID[number % len(SAID)]
        seller = review.salesperson_id
        if said == "pending" or review.partner_id.user_id != seller:
            continue
        if env.company not in seller.company_ids:
            continue  # a customer of both companies, whose seller works in the other one
        own = review.with_user(seller).with_context(allowed_company_ids=env.company.ids)
        if said == "agree":
            own.action_agree()
            if number % 3:
                review.with_user(credit).action_agree()
        elif number < 14:
            env["cartera.sales.review.difference"].with_user(seller).create(
                {
                    "review_ids": [Command.set(review.ids)],
                    "type_id": kind.id,
                    "amount": review.currency_id.round(review.residual * 0.1),
                    "note": "El cliente tiene cotización con 10 % de descuento.",
                }
            ).action_confirm()
    books.tell(f"{len(reviews)} items reviewed with sales")
