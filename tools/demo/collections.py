"""Collections of the demo books: strategies, collectors, two months of contacts, and today's plan.

The past is written as it would have been logged; today's contacts come from the strategies' own run.
"""

from datetime import datetime, time, timedelta

NOTES = {
    "will_pay": "Confirma pago en la próxima corrida de pagos.",
    "reached": "Revisará con tesorería y avisa mañana.",
    "documents": "Pide reenviar la factura y el XML.",
    "no_answer": "",
    "message": "Se dejó recado con recepción.",
}
PAY = {
    "mx": "<p>Transferencia a BBVA, cuenta 0112 3456 78, CLABE 012 180 00112345678 9."
    " Use el número de factura como referencia.</p>",
    "co": "<p>Consignación en Bancolombia, cuenta corriente 123-456789-01."
    " Indique el número de factura como referencia.</p>",
}
SPAN = 60  # days of past contacts
EVERY = 14  # days between two contacts of a customer


def is_installed(env):
    return "cartera.collection.strategy" in env


def make_collections(books):
    """Strategies on, collectors assigned, past contacts written, today's contacts planned."""
    if not is_installed(books.env):
        books.tell("the suite's collections are not installed: no contacts")
        return
    env = books.env
    strategies = env["cartera.collection.strategy"].with_context(active_test=False)
    # Every day of the week, so that the demo has work to show whenever it is built
    strategies.search([]).write({"active": True, "working_days": "all"})
    for key in ("mx", "co"):
        company = books.get(f"company.{key}")
        _settle(books, company, key)
        _contact(books, company)
        env["cartera.customer"]._refresh(company)
        plan = env["cartera.collection.strategy"].with_context(
            allowed_company_ids=company.ids
        )
        plan._run(books.today)
        env["cartera.collection.case"]._refresh_cases(company)


def _user(env, login):
    return env["res.users"].search([("login", "=", login)], limit=1)


def _settle(books, company, key):
    env = books.env
    manager, collector = _user(env, "gerente"), _user(env, "cobranza")
    company.write(
        {
            "cartera_collection_user_id": collector.id,
            "cartera_operations_user_id": _user(env, "almacen").id,
            "cartera_sales_manager_id": manager.id,
            "cartera_management_user_id": manager.id,
            "cartera_payment_instructions": PAY[key],
        }
    )
    collector.write(
        {"cartera_alert_overdue": "weekly", "cartera_alert_silent": "weekly"}
    )
    env["cartera.collector.rule"].create(
        {
            "name": "Toda la cartera",
            "company_id": company.id,
            "user_ids": [(6, 0, collector.ids)],
        }
    )
    env["cartera.collector.rule"]._assign(company)


def _contact(books, company):
    """Write a contact every two weeks for each customer who is late, and the next date of some."""
    env = books.env
    random = books.rng("collections", company.id)
    late = env["cartera.customer"].search(
        [("company_id", "=", company.id), ("overdue_amount", ">", 0)], order="id"
    )
    cases = env["cartera.collection.case"]._for_customers(late)
    outcomes = {name: env.ref(f"cartera_cobranza.outcome_{name}").id for name in NOTES}
    vals_list = []
    for customer, case in cases.items():
        oldest = min(customer.overdue_days, SPAN)
        for ago in range(oldest - random.randint(0, 6), 3, -EVERY):
            day = books.ago(ago)
            call = random.random() < 0.5
            outcome = random.choice(list(NOTES)) if call else False
            vals_list.append(
                {
                    "customer_id": customer.id,
                    "case_id": case.id,
                    "channel": "call" if call else "email",
                    "state": "done" if call else random.choice(["sent", "replied"]),
                    "planned_date": day,
                    "done_date": day,
                    "done_at": datetime.combine(day, time(16)),
                    "user_id": customer.collector_id.id,
                    "outcome_id": outcomes.get(outcome),
                    "note": NOTES.get(outcome),
                    "next_date": day + timedelta(days=7) if call else False,
                    "amount": customer.overdue_amount,
                    "days_overdue": max(customer.overdue_days - ago, 0),
                    "sent_to": False if call else customer.partner_id.email,
                    "delivered": 0 if call else 1,
                    "replied_at": False,
                }
            )
        if random.random() < 0.4:
            case.write(
                {
                    "next_contact_date": books.today
                    + timedelta(days=random.randint(0, 6)),
                    "stage": "contacted",
                }
            )
    env["cartera.collection.action"].create(vals_list)


def figures(env, company):
    """{cases, made, planned} of a company."""
    here = [("company_id", "=", company.id)]
    contacts = env["cartera.collection.action"]
    return {
        "cases": env["cartera.collection.case"].search_count(
            [*here, ("stage", "!=", "closed")]
        ),
        "made": contacts.search_count(
            [*here, ("state", "in", ("sent", "done", "replied"))]
        ),
        "planned": contacts.search_count(
            [*here, ("state", "in", ("planned", "ready"))]
        ),
    }
