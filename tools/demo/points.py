"""Points of the customers' programme: given by notes, kept apart from money, and some of them turned into it."""

from datetime import timedelta

from odoo import Command

from .credit import is_installed

CUSTOMERS = 8
VALUE = 0.10  # pesos for a point


def make_points(books):
    """A currency of points with its own account, notes for some customers, one conversion."""
    if not is_installed(books.env) or "cartera.currency.conversion" not in books.env:
        return
    env = books.company_env("mx")
    company = env.company
    points = env["res.currency"].create(
        {
            "name": "PUN",
            "full_name": "Puntos Valle Alto",
            "symbol": "pts",
            "position": "after",
            "rounding": 1.0,
            "cartera_kind": "points",
            "rate_ids": [
                Command.create(
                    {
                        "name": books.ago(400),
                        "rate": 1 / VALUE,
                        "company_id": company.id,
                    }
                )
            ],
        }
    )
    company.cartera_points_account_id = env["account.account"].create(
        {
            "code": "107.90.01",
            "name": "Puntos de clientes",
            "account_type": "asset_receivable",
            "non_trade": True,
            "reconcile": True,
            "company_ids": [Command.set(company.ids)],
        }
    )
    rng = books.rng("points")
    customers = env["cartera.customer"].search(
        [("company_id", "=", company.id), ("partner_id.country_id.code", "=", "MX")],
        order="id",
    )
    chosen = rng.sample(list(customers), min(CUSTOMERS, len(customers)))
    reason = env.ref("cartera_cobranza.note_reason_trade_discount")
    notes = env["account.move"].create(
        [
            {
                "move_type": "out_refund",
                "partner_id": customer.partner_id.id,
                "currency_id": points.id,
                "invoice_date": books.today - timedelta(days=rng.randint(1, 20)),
                "note_reason_id": reason.id,
                "ref": "Puntos del mes",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Puntos por compras",
                            "price_unit": rng.randint(3, 40) * 100,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
            for customer in chosen
        ]
    )
    notes._post(soft=False)
    env["cartera.currency.conversion"].create(
        {
            "company_id": company.id,
            "partner_id": notes[0].partner_id.id,
            "currency_id": points.id,
            "amount": notes[0].amount_total / 2,
            "date": books.today,
        }
    ).action_convert()
    books.tell(f"{len(notes)} notes in points, one turned into money")
