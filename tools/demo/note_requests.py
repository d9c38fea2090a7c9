"""Credit and debit notes as the department asks for them: reasons, months, requests."""

from datetime import timedelta

from .credit import is_installed

MONTHS = 13
OPEN_MONTHS = 2  # the older ones are closed
WORDS = [
    *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto"),
    *("septiembre", "octubre", "noviembre", "diciembre"),
]
# reason, share of the open amount, kind, how far it went, what was found out
REQUESTS = (
    ("price", 0.04, "credit", "draft", "Precio de lista anterior en dos partidas."),
    ("quality", 0.06, "credit", "draft", "Producto con humedad; falta la foto."),
    ("billing_error", 0.05, "credit", "submitted", "Se facturó una tarima de más."),
    ("trade_discount", 0.03, "credit", "submitted", "Bonificación del trimestre."),
    ("advertising", 0.02, "credit", "submitted", "Folleto de aniversario."),
    ("freight_debit", 0.015, "debit", "approved", "Segunda entrega por cuenta suya."),
    ("weight", 0.02, "credit_order", "approved", "Faltaron 38 kg según el ticket."),
    ("price", 0.05, "credit", "issued", "Precio pactado con compras."),
    ("rejection", 0.08, "credit_order", "issued", "Rechazo en andén: empaque roto."),
    ("collection_cost", 0.01, "debit", "issued", "Gestión del despacho externo."),
    ("advertising", 0.30, "credit", "rejected", "Sin convenio firmado."),
)


def make_note_requests(books, key):
    """Periods by month, reasons on the notes that exist, requests in every state."""
    if not is_installed(books.env) or "cartera.note.request" not in books.env:
        books.tell("the suite's notes are not installed: no requests")
        return
    env = books.company_env(key)
    company = env.company
    company.write({"cartera_note_reasons": True})
    periods = _periods(books, env)
    classified = _classify(env, periods)
    manager = books.get("user.gerente")
    _close_old(periods, manager)
    made = _requests(books, env, key, manager) if key == "mx" else []
    books.tell(f"{classified} notes with a reason, {len(made)} requests")


def _periods(books, env):
    start = books.today.replace(day=1)
    values = []
    for _month in range(MONTHS):
        after = (start + timedelta(days=32)).replace(day=1)
        values.append(
            {
                "name": f"{WORDS[start.month - 1].capitalize()} {start.year}",
                "company_id": env.company.id,
                "date_from": start,
                "date_to": after - timedelta(days=1),
            }
        )
        start = (start - timedelta(days=1)).replace(day=1)
    return env["cartera.commercial.period"].create(values)


def _classify(env, periods):
    """Give the notes of the books a reason and the period of their day."""
    notes = env["account.move"].search(
        [
            ("company_id", "=", env.company.id),
            ("move_type", "=", "out_refund"),
            ("state", "=", "posted"),
        ]
    )
    back = env.ref("cartera_cobranza.note_reason_return")
    discount = env.ref("cartera_cobranza.note_reason_trade_discount")
    untracked = {"tracking_disable": True, "mail_notrack": True}
    for reason, theirs in (
        (back, notes.filtered("reversed_entry_id")),
        (discount, notes.filtered(lambda one: not one.reversed_entry_id)),
    ):
        theirs.with_context(**untracked).write({"note_reason_id": reason.id})
    for period in periods:
        theirs = notes.filtered(
            lambda one, p=period: p.date_from <= one.invoice_date <= p.date_to
        )
        theirs.with_context(**untracked).write({"commercial_period_id": period.id})
    return len(notes)


def _close_old(periods, manager):
    periods[OPEN_MONTHS:].with_user(manager).action_close()


def _requests(books, env, key, manager):
    rng = books.rng("note requests", key)
    invoices = env["account.move"].search(
        [
            ("company_id", "=", env.company.id),
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            ("payment_state", "=", "not_paid"),
            ("currency_id", "=", env.company.currency_id.id),
            ("invoice_date", ">=", books.ago(60)),
            ("amount_total", ">", 5000),
        ],
        order="invoice_date, id",
    )
    chosen = rng.sample(list(invoices), min(len(REQUESTS), len(invoices)))
    askers = [books.get("user.cobranza"), books.get("user.credito")]
    made = []
    for number, (invoice, plan) in enumerate(zip(chosen, REQUESTS, strict=False)):
        reason, share, kind, until, found = plan
        request = (
            env["cartera.note.request"]
            .with_user(askers[number % 2])
            .with_context(lang=askers[number % 2].lang)
            .create(
                {
                    "kind": kind,
                    "move_id": invoice.id,
                    "company_id": env.company.id,
                    "reason_id": env.ref(f"cartera_cobranza.note_reason_{reason}").id,
                    "amount": round(invoice.amount_total * share, 0),
                    "description": found,
                }
            )
        )
        if kind == "credit_order":
            request.action_fill_lines()
            request.line_ids[0].quantity = max(
                1, round(request.line_ids[0].invoiced_quantity * share)
            )
        _go_on(env, request, until, manager)
        made.append(request)
    return made


def _go_on(env, request, until, manager):
    if until == "draft":
        return
    if request.needs_document:
        env["ir.attachment"].create(
            {
                "name": f"{request.document_name}.txt",
                "raw": (request.description or "").encode(),
                "res_model": request._name,
                "res_id": request.id,
            }
        )
    request.action_submit()
    boss = request.with_user(manager).with_context(lang=manager.lang)
    if until == "rejected":
        boss.action_reject("Falta el convenio firmado por mercadotecnia")
    elif until in ("approved", "issued"):
        boss.action_approve()
        if until == "issued":
            boss.action_issue()
