"""Collections of the demo books: strategies, collectors, the contacts of two months, and today's run.

The past is written as the plan would have made it, step by step; today's contacts come from the strategies'
own run and are sent by it. The messages stay in the database: the addresses are made up.
"""

from datetime import datetime, time, timedelta

from odoo import Command

from . import collections_mail

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
# Who gets another strategy by hand: strategy, days late from and to, how many. Their next step is a person's.
PICKED = (
    ("risk", 4, 7, 2),  # WhatsApp
    ("risk", 20, 29, 3),  # letter
    ("important", 30, 44, 2),  # visit
    ("risk", 50, 400, 1),  # lawyer
)
LEGAL = "legal"
# Invoices that the plan leaves alone: for how many days more, and why.
LEFT_OUT = (
    (6, "Se repone mercancía dañada; el cliente paga al recibirla"),
    (12, "Espera la nota de crédito por diferencia de precio"),
    (2, "El cliente envía hoy el comprobante de pago"),
)


def is_installed(env):
    return "cartera.collection.strategy" in env


def make_collections(books):
    """Strategies on, collectors assigned, past contacts written, today's made."""
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
        env["cartera.customer"]._refresh(company)
        _contact(books, company)
        _leave_out(books, company)
        env["cartera.collection.case"]._refresh_cases(company)
        plan = env["cartera.collection.strategy"].with_context(
            allowed_company_ids=company.ids
        )
        planned = plan._run(books.today)
        planned.filtered(lambda one: one.channel != LEGAL)._send_checked()
        _wait_for_the_executive(env, planned.filtered(lambda one: one.channel == LEGAL))
        collections_mail.deliver(env, planned)
        if key == "mx":
            collections_mail.answer(env, planned)
        _agree(books, company)
        env["cartera.collection.case"]._refresh_cases(company)


def _wait_for_the_executive(env, actions):
    """One old debt is to go to the lawyer; the others are given some time. Files are made when asked for."""
    actions[:1]._wait_for_person(
        "Revise el expediente y entréguelo al abogado.",
        f"Entrega a jurídico de {actions[:1].partner_id.name}",
    )
    actions[:1].case_id._set_stage("escalated")
    for action in actions[1:]:
        action._finish("skipped", skip_reason="Gerencia da un último plazo")


def _user(env, login):
    return env["res.users"].search([("login", "=", login)], limit=1)


def _settle(books, company, key):
    env = books.env
    manager, collector = _user(env, "gerente"), _user(env, "cobranza")
    colleague = _user(env, "cobranza2")
    operations = _user(env, "operaciones") or _user(env, "almacen")
    lawyer = env["res.partner"].create(
        {
            "name": "Bufete Ríos y Asociados, S.C.",
            "is_company": True,
            "email": "cobranza.judicial@bufete-rios.example.com",
            "company_id": company.id,
        }
    )
    company.write(
        {
            "cartera_collection_user_id": collector.id,
            "cartera_operations_user_id": operations.id,
            "cartera_sales_manager_id": manager.id,
            "cartera_management_user_id": manager.id,
            "cartera_legal_partner_id": lawyer.id,
            "cartera_payment_instructions": PAY[key],
        }
    )
    for user in collector | colleague | operations:
        user.write({"cartera_alert_overdue": "weekly", "cartera_alert_due": "weekly"})
    collector.cartera_alert_silent = "weekly"
    env["cartera.collector.rule"].create(
        {
            "name": "Toda la cartera",
            "company_id": company.id,
            "user_ids": [Command.set((collector | colleague).ids)],
        }
    )
    env["cartera.collector.rule"]._assign(company)
    if colleague:
        env["cartera.collector.absence"].create(
            {
                "user_id": colleague.id,
                "substitute_id": collector.id,
                "company_id": company.id,
                "date_from": books.ago(1),
                "date_to": books.today + timedelta(days=3),
                "reason": "Vacaciones",
            }
        )


def _leave_out(books, company):
    """Single invoices that the plan leaves alone for some days, of customers who owe others besides."""
    moves = books.env["account.move"].search(
        [
            ("company_id", "=", company.id),
            ("move_type", "=", "out_invoice"),
            ("payment_state", "=", "not_paid"),
            ("invoice_date_due", "<", books.ago(20)),
        ],
        order="invoice_date_due desc, id",
    )
    several = [
        mine
        for mine in moves.grouped("commercial_partner_id").values()
        if len(mine) > 1 and mine.currency_id == company.currency_id
    ]
    collector = _user(books.env, "cobranza").with_company(company)
    for mine, (days, reason) in zip(several, LEFT_OUT, strict=False):
        move = mine[:1].with_user(collector)
        move.with_context(allowed_company_ids=company.ids).action_leave_out_of_plan(
            books.today + timedelta(days=days), reason
        )


def _late(books, company):
    return books.env["cartera.customer"].search(
        [("company_id", "=", company.id), ("overdue_amount", ">", 0)], order="id"
    )


def _contact(books, company):
    """Write what the plan made before: the steps up to one that is due now, with their answers."""
    env = books.env
    random = books.rng("collections", company.id)
    late = _late(books, company)
    picked = env["cartera.customer"]
    for strategy, least, most, number in PICKED:
        some = late.filtered(
            lambda one, least=least, most=most: least <= one.overdue_days <= most
        )
        some = (some - picked)[:number]
        some.strategy_id = env.ref(f"cartera_cobranza.strategy_{strategy}")
        picked |= some
    cases = env["cartera.collection.case"]._for_customers(late)
    plan = env["cartera.collection.strategy"].with_context(
        allowed_company_ids=company.ids
    )
    leading = {
        one.customer: one
        for one in plan._plan_all(books.today, customers=late)
        if one.leading.due < books.today
    }
    outcomes = {name: env.ref(f"cartera_cobranza.outcome_{name}").id for name in NOTES}
    vals_list = []
    for customer, found in leading.items():
        due = found.leading.due
        reached = [
            step
            for step in found.strategy.step_ids.sorted("days")
            if step.days > 0 and due + timedelta(days=step.days) < books.ago(3)
        ]
        # One of them is left for today; the lawyer gets one case of those that are old enough.
        count = random.randint(max(len(reached) - 3, 0), len(reached))
        if customer in picked:
            last = [one for one in found.strategy.step_ids if one.days >= 0]
            last = max(
                (one for one in last if due + timedelta(days=one.days) <= books.today),
                key=lambda one: one.days,
                default=None,
            )
            reached = [one for one in reached if one != last]
            count = len(reached)
        made = [step for step in reached[:count] if step.channel != LEGAL]
        for step in made:
            vals_list.append(
                _past(
                    customer,
                    cases[customer],
                    step,
                    due + timedelta(days=step.days),
                    found,
                    outcomes,
                    random,
                )
            )
    env["cartera.collection.action"].create(vals_list)


def _past(customer, case, step, day, found, outcomes, random):
    internal = step.channel in ("escalate", "task")
    spoken = step.channel in ("call", "visit", "whatsapp")
    outcome = random.choice(list(NOTES)) if spoken else None
    answered = step.channel == "email" and random.random() < 0.25
    at = datetime.combine(day, time(15 + random.randint(0, 5), random.randint(0, 59)))
    return {
        "customer_id": customer.id,
        "case_id": case.id,
        "strategy_id": found.strategy.id,
        "step_id": step.id,
        "leading_line_id": found.due.leading,
        "channel": step.channel,
        "automatic": True,
        "state": "replied"
        if answered
        else "sent"
        if step.channel == "email"
        else "done",
        "planned_date": day,
        "done_date": day,
        "done_at": at,
        "user_id": False if internal else customer.collector_id.id,
        "outcome_id": outcomes.get(outcome),
        "note": NOTES.get(outcome) or False,
        "next_date": day + timedelta(days=7) if spoken else False,
        "amount": float(found.due.net),
        "item_count": len(found.due.items),
        "days_overdue": step.days,
        "sent_to": customer.partner_id.email if step.channel == "email" else False,
        "delivered": 1 if step.channel == "email" else 0,
        "replied_at": at + timedelta(hours=random.randint(1, 30))
        if answered
        else False,
    }


def _agree(books, company):
    """Give most open cases the date of their next contact, as the last call left it."""
    random = books.rng("agreed", company.id)
    cases = books.env["cartera.collection.case"].search(
        [("company_id", "=", company.id), ("stage", "in", ("new", "contacted"))],
        order="id",
    )
    for case in cases:
        if random.random() < 0.7:
            case.write(
                {
                    "next_contact_date": books.today
                    + timedelta(days=random.randint(0, 8)),
                    "stage": "contacted",
                }
            )


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
