"""The two worked cases of the guide, each as an invoice of its own and a run to open: 350.00 and 219,000.93."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from odoo import Command

from .interest import is_installed


@dataclass
class Example:
    """An invoice without taxes, what was paid of it, and the policy and the day that it is charged by."""

    key: str
    customer: str
    amount: float
    due: date
    paid: tuple  # (day, amount)
    end: date
    policy: dict
    rates: tuple = field(default=())  # (from, to, percent), effective yearly
    result: float = 0.0


def examples(today):
    """The Mexican case ends yesterday; the Colombian one has the dates of its certified rates."""
    end = today - timedelta(days=1)
    due = end - timedelta(days=45)
    return [
        Example(
            key="mx",
            customer="Ejemplo del manual, 3 % mensual",
            amount=10000,
            due=due,
            paid=(due + timedelta(days=20), 4000),
            end=end,
            policy={
                "name": "Ejemplo: 3 % mensual sin gracia",
                "rate_source": "fixed_month",
                "rate": 3,
                "contract_reference": "Ejemplo de la guía",
            },
            result=350.00,
        ),
        Example(
            key="co",
            customer="Ejemplo del manual, tasa efectiva",
            amount=10000000,
            due=date(2025, 10, 15),
            paid=(date(2025, 11, 20), 10000000),
            end=date(2025, 11, 30),
            policy={
                "name": "Ejemplo: tasa efectiva de cada mes",
                "rate_source": "table",
            },
            rates=(
                (date(2025, 10, 1), date(2025, 10, 31), 24.36),
                (date(2025, 11, 1), date(2025, 11, 30), 24.99),
            ),
            result=219000.93,
        ),
    ]


def make_examples(books):
    """A simulated run for each, that the manager finds among those to approve."""
    if not is_installed(books.env):
        return
    for example in examples(books.today):
        run = _make(books, example)
        if abs(run.amount - example.result) > 0.001:
            raise ValueError(f"{run.name}: {run.amount} and not {example.result}")
        books.remember({f"interest.example.{example.key}": run})
    books.tell("the two worked cases of interest, simulated")


def _make(books, example):
    env = books.company_env(example.key)
    company = env.company
    partner = env["res.partner"].create(
        {"name": example.customer, "is_company": True, "company_id": company.id}
    )
    invoice = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": example.due,
            "invoice_date_due": example.due,
            "invoice_payment_term_id": False,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": "Mercancía",
                        "price_unit": example.amount,
                        "tax_ids": [Command.clear()],
                    }
                )
            ],
        }
    )
    invoice.action_post()
    _pay(books, example, invoice)
    policy = env["cartera.interest.policy"].create(
        {
            **example.policy,
            "company_id": company.id,
            "scope": "customer",
            "tax_mode": "none",
            "rate_table_id": _table(env, example).id if example.rates else False,
        }
    )
    customer = env["cartera.customer"]._find_or_create(partner, company)[partner]
    customer.interest_policy_id = policy
    run = env["cartera.interest.run"].create(
        {
            "company_id": company.id,
            "date_to": example.end,
            "note_date": books.ago(1),
            "customer_ids": [Command.set(customer.ids)],
        }
    )
    run.action_simulate()
    return run


def _pay(books, example, invoice):
    env = invoice.env
    day, amount = example.paid
    bank = books.get(f"bank.{example.key}.0").with_env(env)
    payment = env["account.payment"].create(
        {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": invoice.partner_id.id,
            "amount": amount,
            "date": day,
            "journal_id": bank.id,
            "payment_method_line_id": bank.inbound_payment_method_line_ids[:1].id,
        }
    )
    payment.action_post()
    (payment.move_id | invoice).line_ids.filtered(
        lambda line: line.account_id.account_type == "asset_receivable"
    ).reconcile()


def _table(env, example):
    return env["cartera.interest.rate.table"].create(
        {
            "name": "Usura de octubre y noviembre de 2025 (ejemplo del manual)",
            "kind": "effective",
            "country_id": env.ref("base.co").id,
            "source": "Ejemplo de la guía: confirme las tasas certificadas",
            "rate_ids": [
                Command.create(
                    {
                        "date_from": start,
                        "date_to": end,
                        "rate": percent,
                        "source": "Ejemplo de la guía",
                    }
                )
                for start, end, percent in example.rates
            ],
        }
    )
