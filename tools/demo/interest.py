"""Interest of the demo books: policies, a run of a past month, and one that waits for the manager.

Everything goes through the suite's own verbs, by the users whose role it is.
"""

from datetime import timedelta

from odoo import Command

POLICIES = {
    "mx": {
        "name": "Moratorios 3 % mensual",
        "rate_source": "fixed_month",
        "rate": 3.0,
        "base": "untaxed",
        "tax_mode": "origin",
        "grace_days": 5,
        "minimum": 20.0,
        "contract_reference": "Pagaré y contrato de crédito, cláusula 6",
        "alarm_rate": 37.0,
    },
    "co": {
        "name": "Moratorios a la tasa de usura",
        "rate_source": "table",
        "grace_days": 5,
        "minimum": 5000.0,
        "tax_mode": "none",
    },
}
FIRST_CO = 24.36  # effective yearly; a sample that walks, not what was certified
STEP_CO = (0.31, -0.17, 0.42, -0.28, 0.12, -0.35)


def is_installed(env):
    return "cartera.interest.run" in env


def make_policies(books):
    """A policy for each company; Colombia's rates are a table by month, made up for the demo."""
    if not is_installed(books.env):
        books.tell("the suite's interest is not installed: no policies")
        return
    env = books.env
    table = _make_table(books)
    for key, values in POLICIES.items():
        company = books.get(f"company.{key}")
        policy = env["cartera.interest.policy"].create(
            {
                **values,
                "company_id": company.id,
                "date_start": _months_ago(books, 2),
                "rate_table_id": table.id if key == "co" else False,
                "fee_ids": [
                    Command.create(
                        {
                            "name": "Cheque devuelto",
                            "kind": "manual",
                            "percent": 20.0,
                        }
                    )
                ]
                if key == "mx"
                else [],
            }
        )
        company.cartera_interest_user_id = books.get("user.gerente")
        company.cartera_interest_schedule = "simulate"
        books.remember({f"interest.policy.{key}": policy})
    _make_special_policy(books)
    books.tell("interest policies for both companies")


def make_runs(books):
    """The month before the last is posted, the last one waits for its approval."""
    if not is_installed(books.env):
        return
    for key in ("mx", "co"):
        company = books.get(f"company.{key}")
        executive = books.get("user.credito")
        manager = books.get("user.gerente")
        past, last = _months_ago(books, 1) - timedelta(days=1), _last_month_end(books)
        run = _simulate(books, key, executive, company, past)
        lines = run.line_ids.filtered(lambda line: line.kind == "interest")
        waived = lines.sorted("amount_company")[:1]
        if waived:
            _as(run, manager).action_waive(
                waived.ids, "Cliente nuevo: se le avisó tarde"
            )
        if run.line_count:
            _as(run, manager).action_approve()
            accountant = books.get("user.contador")
            _as(run, accountant).action_post()
        later = _simulate(books, key, executive, company, last)
        later.sudo()._tell_manager()
        company.cartera_interest_done_to = last
        books.tell(
            f"{run.line_count} items of interest posted, {later.line_count} to approve"
        )


def _as(run, user):
    """The run as its user reads and writes it, in the user's language."""
    return run.with_user(user).with_context(lang=user.lang).sudo(False)


def _simulate(books, key, user, company, day):
    """As the executive of the Mexican company; the Colombian one has no executive of its own."""
    env = books.company_env(key)
    runs = env["cartera.interest.run"]
    if company in user.company_ids:
        runs = _as(runs, user)
    run = runs.create({"company_id": company.id, "date_to": day})
    run.action_simulate()
    return run.sudo()


def _make_table(books):
    table = books.env["cartera.interest.rate.table"].create(
        {
            "name": "Tasa de usura (ejemplo)",
            "kind": "effective",
            "country_id": books.env.ref("base.co").id,
            "source": "Ejemplo: no son las tasas certificadas",
        }
    )
    rate = FIRST_CO
    values = []
    first = _months_ago(books, 8)
    for number in range(10):
        after = (first + timedelta(days=32)).replace(day=1)
        values.append(
            {
                "table_id": table.id,
                "date_from": first,
                "date_to": after - timedelta(days=1),
                "rate": round(rate, 2),
                "source": f"Resolución de ejemplo {first:%Y-%m}",
            }
        )
        rate += STEP_CO[number % len(STEP_CO)]
        first = after
    books.env["cartera.interest.rate"].create(values)
    return table


def _make_special_policy(books):
    """Customers of class D pay more the later they are."""
    company = books.get("company.mx")
    books.env["cartera.interest.policy"].create(
        {
            "name": "Clase D, escalonada",
            "company_id": company.id,
            "sequence": 5,
            "scope": "segment",
            "risk_class": "d",
            "rate_source": "fixed_month",
            "rate": 3.0,
            "tier_ids": [
                Command.create({"days_from": 1, "rate": 3.0}),
                Command.create({"days_from": 31, "rate": 4.0}),
            ],
            "tax_mode": "origin",
            "base": "untaxed",
            "grouping": "customer",
            "date_start": _months_ago(books, 2),
            "contract_reference": "Contrato de crédito, anexo B",
        }
    )


def _months_ago(books, months):
    """The first day of the month so many months before the books' day."""
    day = books.today.replace(day=1)
    for _month in range(months):
        day = (day - timedelta(days=1)).replace(day=1)
    return day


def _last_month_end(books):
    return books.today.replace(day=1) - timedelta(days=1)
