"""Credit administration: authorities, applications in every state, guarantees, a mass revision, reviews."""

import base64
import io
from datetime import timedelta

from .credit import CreditDesk, is_installed
from .users import language_of

# what a paper of the demo says; each is one page that opens
TITLE = "Documento de muestra"
ASKED = ("application", "tax_certificate", "identity", "statements", "bank", "bureau")
# kind, how far it goes, times the present limit (or of a month of purchases), why
PLAN = (
    ("opening", "draft", 1.0, "Cliente nuevo de la ruta norte."),
    ("opening", "submitted", 1.5, "Compra de contado desde hace ocho meses."),
    ("opening", "review", 2.0, "Pide 30 días; su proveedor actual le da 45."),
    ("opening", "info", 1.2, "Abre una segunda sucursal en otoño."),
    ("opening", "approved", 1.0, "Paga puntual de contado desde hace un año."),
    ("opening", "rejected", 3.0, "Quiere surtir a sus tiendas a crédito."),
    ("increase", "signed", 1.6, "Contrato con la cadena para toda la zona."),
    ("increase", "review", 1.25, "Temporada de fin de año."),
    ("increase", "approved", 1.2, "Más volumen desde que cambió de formato."),
    ("increase", "cancelled", 1.3, "El cliente prefirió pagar de contado."),
    ("decrease", "approved", 0.7, "Compra la mitad que el año pasado."),
    ("renewal", "submitted", 1.0, "La línea venció y sigue comprando."),
    ("temporary", "review", 1.4, "Pedido especial de aniversario."),
    ("suspension", "submitted", 0.0, "Dos cheques devueltos en el mes."),
)
REFERENCES = (
    ("Empaques del Bajío", "Sra. Nava", 4, 80000, 30, 2, "good"),
    ("Lácteos San Miguel", "Lic. Peralta", 2, 45000, 15, 6, "regular"),
)


def make_requests(books):
    """What the credit department decides on, most of it in the Mexican company."""
    if not is_installed(books.env) or "cartera.credit.request" not in books.env:
        books.tell("the suite's applications are not installed")
        return
    desk = CreditDesk(books, "mx")
    # what is found out and proposed is kept as a text, in the words of whoever works there
    lang = language_of(desk.env, desk.key)
    desk.env = desk.env(context={**desk.env.context, "lang": lang})
    _make_authority(desk)
    _ask_for_documents(desk)
    free, lines = _pick_customers(desk)
    made = [
        _make_request(desk, number, plan, free, lines)
        for number, plan in enumerate(PLAN)
    ]
    made = [request for request in made if request]
    guarantees = _make_guarantees(desk, lines, made)
    _make_revisions(desk)
    _set_reviews(desk, lines)
    books.tell(
        f"{len(made)} credit applications, {guarantees} guarantees, 2 mass revisions"
    )


def _make_authority(desk):
    """The executive alone for small lines, the manager for large ones, two people above."""
    groups = {
        role: desk.env.ref(f"cartera_cobranza.group_credit_{role}")
        for role in ("executive", "manager")
    }
    desk.env["cartera.authority"].create(
        [
            {
                "kind": "request",
                "group_id": groups[role].id,
                "company_id": desk.company.id,
                "currency_id": desk.company.currency_id.id,
                "amount": amount,
                "unlimited": not amount,
                "signatures": signatures,
            }
            for role, amount, signatures in (
                ("executive", 100_000, "1"),
                ("manager", 500_000, "1"),
                ("manager", 0, "2"),
            )
        ]
    )
    desk.env["cartera.authority.delegation"].create(
        {
            "user_id": desk.manager.id,
            "delegate_id": desk.books.get("user.direccion").id,
            "company_id": desk.company.id,
            "date_from": desk.books.today + timedelta(days=12),
            "date_to": desk.books.today + timedelta(days=26),
            "reason": "Vacaciones",
        }
    )


def _ask_for_documents(desk):
    rows = (
        desk.env["cartera.request.requirement"]
        .with_context(active_test=False)
        .search([("kind", "in", ("opening", "increase", "renewal"))])
    )
    names = {desk.env.ref(f"cartera_cobranza.document_type_{key}") for key in ASKED}
    for row in rows.filtered(lambda one: one.type_id in names):
        row.active = True
    for key, least in (("statements", 150_000), ("bank", 80_000)):
        kind = desk.env.ref(f"cartera_cobranza.document_type_{key}")
        rows.filtered(lambda one, kind=kind: one.type_id == kind).write(
            {"amount_from": least, "currency_id": desk.company.currency_id.id}
        )


def _pick_customers(desk):
    """(accounts without a line that buy, [(account, line)] by size)"""
    lines = desk.env["cartera.credit.line"].search(
        [
            ("company_id", "=", desk.company.id),
            ("mode", "=", "amount"),
            ("state", "in", ("active", "expired")),
            ("currency_id", "=", desk.company.currency_id.id),
            ("only_this_currency", "=", False),
        ]
    )
    with_line = {
        line.customer_id
        for line in desk.env["cartera.credit.line"].search(
            [("company_id", "=", desk.company.id)]
        )
    }
    accounts = [desk.accounts[profile.index] for profile in desk.profiles]
    free = [one for one in accounts if one not in with_line]
    free.sort(key=lambda one: -desk.peaks[_index(desk, one)])
    return free, lines.sorted("amount", reverse=True)


def _index(desk, account):
    return next(index for index, one in desk.accounts.items() if one == account)


def _make_request(desk, number, plan, free, lines):
    kind, until, factor, reason = plan
    line = desk.env["cartera.credit.line"]
    if kind == "opening":
        if number >= len(free):
            return None
        account = free[number]
        base = max(desk.peaks[_index(desk, account)], 60_000)
    else:
        line = _line_for(lines, kind, until, number)
        if not line:
            return None
        account, base = line.customer_id, line.amount
    executive = desk.books.get("user.credito")
    asker = account.partner_id.user_id if until == "draft" else executive
    asker = asker or executive
    values = {
        "customer_id": account.id,
        "kind": kind,
        "amount": desk.round(base * factor) if factor else 0.0,
        "reason": reason,
    } | _investigation(desk, number, until)
    if kind == "temporary":
        values["date_from"] = desk.books.today + timedelta(days=2)
        values["date_to"] = desk.books.today + timedelta(days=32)
    Request = desk.env["cartera.credit.request"]
    request = Request.with_user(asker).sudo(False).create(values)
    if until == "review" and kind == "opening":
        _make_note(desk, request)
    if until not in ("draft", "info", "submitted"):
        _hand_in(desk, request, executive)
    elif until != "draft":
        _hand_in(desk, request, executive, less=2)
    return _carry(desk, request, until, number)


def _line_for(lines, kind, until, number):
    if kind == "renewal":
        return lines.filtered(lambda one: one.state == "expired")[:1]
    active = lines.filtered(lambda one: one.state == "active" and not one.temporary_ids)
    if until == "signed":
        return active[:1]
    small = active.filtered(lambda one: one.amount <= 300_000)
    return small[number : number + 1]


def _investigation(desk, number, until):
    """Figures and references; a draft has none yet."""
    if until == "draft":
        return {}
    size = 1 + number % 4
    return {
        "statement_date": desk.books.today.replace(month=1, day=1) - timedelta(days=1),
        "revenue": 6_400_000.0 * size,
        "net_income": 288_000.0 * size,
        "current_assets": 1_950_000.0 * size,
        "current_liabilities": 1_180_000.0 * size,
        "total_assets": 3_300_000.0 * size,
        "total_liabilities": (1_650_000.0 + 200_000 * (number % 3)) * size,
        "bureau_name": "Buró de Crédito",
        "bureau_score": 590 + 35 * (number % 5),
        "bureau_date": desk.books.ago(9),
        "conclusion": "Se propone autorizar dentro de lo recomendado.",
        "reference_ids": [
            (
                0,
                0,
                {
                    "name": name,
                    "contact": contact,
                    "years": years,
                    "limit_amount": amount,
                    "term_days": days,
                    "days_late": late,
                    "rating": rating,
                },
            )
            for name, contact, years, amount, days, late, rating in REFERENCES
        ],
    }


def paper(text=TITLE):
    """A PDF of one page, as the base64 that Odoo stores."""
    from reportlab.pdfgen import canvas

    buffer = io.BytesIO()
    page = canvas.Canvas(buffer, pageCompression=0, invariant=1)
    page.drawString(72, 760, text)
    page.save()
    return base64.b64encode(buffer.getvalue())


def _hand_in(desk, request, user, less=0):
    rows = request.document_ids.filtered("required")
    for row in rows[: len(rows) - less]:
        name = row.type_id.with_context(lang=language_of(desk.env, desk.key)).name
        row.with_user(user).write(
            {"file": paper(f"{TITLE}: {name}"), "file_name": f"{name}.pdf"}
        )


def _make_note(desk, request):
    """A promissory note that is accepted together with the application."""
    kind = desk.env.ref("cartera_cobranza.document_type_pagare")
    desk.env["cartera.credit.guarantee"].with_user(
        desk.books.get("user.credito")
    ).create(
        {
            "name": "Pagaré 021",
            "kind": "promissory_note",
            "customer_id": request.customer_id.id,
            "request_id": request.id,
            "amount": desk.round(request.amount * 0.5),
            "date_from": desk.books.today,
            "date_to": desk.books.today + timedelta(days=365),
            "note": "Firmado por el representante legal como aval; original en caja fuerte.",
            "document_ids": [
                (
                    0,
                    0,
                    {
                        "type_id": kind.id,
                        "file": paper("Pagaré 021"),
                        "file_name": "Pagaré 021.pdf",
                    },
                )
            ],
        }
    )


def _carry(desk, request, until, number):
    """Take the application as far as the plan says, by the people whose part it is."""
    executive, manager = desk.books.get("user.credito"), desk.manager
    director = desk.books.get("user.direccion")
    if until == "draft":
        return request
    request = request.with_user(executive)
    request.action_submit()
    if until == "submitted":
        return request
    if until == "cancelled":
        request.action_cancel("Ya no lo necesita.")
        return request
    request.with_user(executive).action_review()
    if until == "info":
        request.with_user(manager).action_request_info()
    elif until == "rejected":
        request.with_user(manager).action_reject(
            "Debe más de la mitad de sus activos y no hay garantía."
        )
    elif until == "signed":
        request.with_user(manager).action_approve("De acuerdo por el contrato.")
    elif until == "approved":
        decider = director if request.amount > 500_000 else manager
        request.with_user(decider).action_approve()
        if request.state != "approved":
            request.with_user(manager).action_approve()
    if until in ("approved", "rejected"):
        _date_back(desk, request, 6 + 3 * number)
    return request


def _date_back(desk, request, days):
    """The verbs know today only; what is decided was decided some days ago."""
    desk.env.flush_all()
    desk.env.cr.execute(
        "UPDATE cartera_credit_request SET requested_on = requested_on - %(more)s,"
        " reviewed_on = reviewed_on - %(days)s, decided_on = decided_on - %(days)s,"
        " create_date = create_date - %(more)s WHERE id = %(id)s",
        {
            "id": request.id,
            "days": timedelta(days=days),
            "more": timedelta(days=days + 4),
        },
    )
    desk.env.cr.execute(
        "UPDATE cartera_credit_decision SET date = date - %s WHERE request_id = %s",
        (timedelta(days=days), request.id),
    )
    request.invalidate_recordset()


def _make_guarantees(desk, lines, made):
    """In force, from an insurer, about to expire, and one that has expired."""
    insurer = desk.env["res.partner"].create(
        {"name": "Seguros de Crédito del Valle", "is_company": True}
    )
    executive = desk.books.get("user.credito")
    taken = {request.customer_id for request in made}
    chosen = [
        line
        for line in lines
        if line.customer_id not in taken and line.state == "active"
    ]
    kind = desk.env.ref("cartera_cobranza.document_type_pagare")
    plan = (
        ("Póliza 4711-A", "insurance", 0.8, 220),
        ("Pagaré 014", "promissory_note", 0.3, 160),
        ("Fianza 88-2", "bond", 0.25, 9),
        ("Pagaré 009", "promissory_note", 0.2, -12),
    )
    count = 0
    for (name, what, share, days), line in zip(plan, chosen[3:], strict=False):
        last = desk.books.today + timedelta(days=days)
        one = (
            desk.env["cartera.credit.guarantee"]
            .with_user(executive)
            .create(
                {
                    "name": name,
                    "kind": what,
                    "customer_id": line.customer_id.id,
                    "issuer_id": insurer.id if what in ("insurance", "bond") else False,
                    "amount": desk.round(line.amount * share),
                    "ceiling": desk.round(line.amount * 0.6)
                    if what == "insurance"
                    else 0.0,
                    "percent": 90 if what == "insurance" else 100,
                    "date_from": desk.books.ago(200),
                    "date_to": last,
                    "document_ids": [
                        (
                            0,
                            0,
                            {
                                "type_id": kind.id,
                                "file": paper(name),
                                "file_name": f"{name}.pdf",
                            },
                        )
                    ],
                }
            )
        )
        if days > 0:
            one.sudo().action_accept()
        else:  # it was accepted while it was valid
            one.sudo()._set_state(
                {
                    "state": "accepted",
                    "accepted_by": desk.manager.id,
                    "accepted_on": desk.books.ago(200),
                }
            )
        count += 1
    return count


def _make_revisions(desk):
    """One batch waits for the manager, one is being looked at."""
    executive = desk.books.get("user.credito")
    Revision = desk.env["cartera.credit.revision"].with_user(executive)
    season = Revision.create(
        {
            "name": "Temporada de fin de año",
            "reason": "Aumento de precios y temporada alta",
            "company_id": desk.company.id,
            "customer_domain": "[('overdue_amount', '=', 0), ('limit_source', '=', 'line')]",
            "method": "percent",
            "value": 15,
            "step": 5000,
            "direction": "down",
            "cap": 900_000,
        }
    )
    season.action_propose()
    season.action_submit()
    Revision.create(
        {
            "name": "Ajuste a las compras del año",
            "reason": "Límites por encima de lo que compran",
            "company_id": desk.company.id,
            "customer_domain": "[('percent_used', '<', 30), ('limit_source', '=', 'line')]",
            "method": "purchases",
            "value": 2,
            "step": 5000,
            "direction": "up",
            "floor": 20_000,
        }
    ).action_propose()


def _set_reviews(desk, lines):
    """Lines that are to be looked at: some last week, some this month, some later."""
    active = lines.filtered(lambda one: one.state == "active")
    for number, line in enumerate(active[::3]):
        line.review_date = desk.books.today + timedelta(days=9 * number - 14)
