"""From the customer's registration to the truck: requests in every state, shipments of tomorrow."""

import base64
from datetime import datetime, time, timedelta

from odoo import Command
from odoo.exceptions import UserError

from .credit import CreditDesk, is_installed
from .documents import Planned
from .invoices import draw_lines
from .orders import OrderMaker

DOCUMENTS = "Constancia de situación fiscal\nComprobante de domicilio"
# name, RFC, city, postcode, street, how far it went
NEWCOMERS = (
    ("Abarrotes La Esperanza", "AES1503128K3", "Toluca", "50000", "draft"),
    (
        "Panificadora San Isidro, S.A. de C.V.",
        "PSI0902174T6",
        "Puebla",
        "72000",
        "submitted",
    ),
    ("Tortillería Hermanos Cruz", "CUHE820511H41", "Cuernavaca", "62000", "submitted"),
    (
        "Dulcería El Trompo, S.A. de C.V.",
        "DET1108095L2",
        "León",
        "37000",
        "info_requested",
    ),
    ("Cocina Económica Lupita", "LULA790325MF7", "Querétaro", "76000", "validated"),
    (
        "Comercializadora Río Verde, S.A. de C.V.",
        "CRV130620JJ9",
        "San Luis Potosí",
        "78000",
        "approved",
    ),
    ("Distribuciones Exprés", "DEX200101AA1", "Morelia", "58000", "rejected"),
)
PDF = base64.b64encode(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")


def make_requests(books):
    """Salespeople propose customers and changes; credit decides on some of them."""
    if not is_installed(books.env) or "cartera.customer.request" not in books.env:
        books.tell("the suite's customer requests are not installed")
        return
    env = books.company_env("mx")
    env.company.write(
        {
            "cartera_customer_approval": True,
            "cartera_customer_documents": DOCUMENTS,
            "cartera_prepaid_term_id": books.get("term.prepaid").id,
        }
    )
    seller, executive = books.get("user.ventas"), books.get("user.credito")
    Request = env["cartera.customer.request"].with_user(seller)
    Request = Request.with_context(lang=seller.lang)
    made = 0
    for number, (name, vat, city, postcode, state) in enumerate(NEWCOMERS):
        request = Request.create(
            {
                "kind": "new",
                "customer_name": name,
                "vat": vat,
                "street": f"Calle {number + 3} núm. {40 + number * 17}",
                "city": city,
                "zip": postcode,
                "country_id": env.ref("base.mx").id,
                "email": f"pagos{number + 1}@nuevos.example.com",
                "phone": f"+52 55 5550 {2000 + number * 7}",
                "payment_term_id": books.get(f"term.{'30' if number % 2 else '15'}").id,
                "reason": "Compra semanal; lo recomendó un cliente de la zona.",
                "contact_ids": [
                    Command.create(
                        {
                            "name": "Cuentas por pagar",
                            "type": "invoice",
                            "email": f"cxp{number + 1}@nuevos.example.com",
                            "cartera_collections": True,
                        }
                    )
                ],
            }
        )
        if state != "draft":
            request.document_ids.write({"file": PDF, "filename": "documento.pdf"})
            request.action_submit()
            _decide(request.with_user(executive), state)
        made += 1
    made += _make_changes(books, env, Request, executive)
    books.tell(f"{made} customer requests")


def _decide(request, state):
    if state in ("validated", "approved"):
        request.action_review()
    if state == "approved":
        request.action_approve()
    if state == "rejected":
        request.action_reject("Mismo domicilio que un cliente con cheques devueltos.")
    if state == "info_requested":
        request.action_request_info(
            "Falta el acta constitutiva y el poder del firmante."
        )


def _make_changes(books, env, Request, executive):
    """Three changes of customers: one waits, one was overtaken, one is approved."""
    own = env["res.partner"].search(
        [
            ("user_id", "=", Request.env.user.id),
            ("parent_id", "=", False),
            ("customer_rank", ">", 0),
            ("country_id.code", "=", "MX"),
            ("vat", "!=", False),
        ],
        order="ref",
        limit=3,
    )
    for number, partner in enumerate(own):
        request = Request.create({"kind": "change", "partner_id": partner.id})
        request.write(
            {
                "email": f"nuevo.{partner.email}",
                "phone": f"+52 55 5551 {3000 + number}",
                "reason": "Cambió la persona que paga.",
            }
        )
        request.action_submit()
        if number == 1:
            partner.phone = "+52 55 5559 9999"  # meanwhile somebody else wrote it
        if number == 2:
            request.with_user(executive).action_approve()
    return len(own)


def make_shipments(books):
    """Shipments of tomorrow: some with problems, one sold in advance and unpaid, one freed by its payment."""
    if not is_installed(books.env) or "stock.picking" not in books.env:
        books.tell("there is no stock: no shipments")
        return
    if "credit_hold_ids" not in books.env["stock.picking"]._fields:
        return
    desk = CreditDesk(books, "mx")
    tomorrow = datetime.combine(books.today + timedelta(days=1), time(18))
    late = _put_on_tomorrow(books, desk, tomorrow)
    maker = OrderMaker(books, "mx")
    rng = books.rng("shipments")
    kinds = dict(part.split(":") for part in books.parameter("kinds.mx").split(","))
    buyers = [p for p in desk.profiles if kinds[str(p.index)] == "without"]
    orders = maker.env["sale.order"].create(
        [
            maker.values(
                Planned(books.ago(1), p.index, -1, draw_lines(p, rng, 0.5)),
                payment_term_id=books.get("term.prepaid").id,
                commitment_date=tomorrow,
            )
            for p in rng.sample(buyers, min(2, len(buyers)))
        ]
    )
    orders.action_confirm()
    orders.picking_ids.scheduled_date = tomorrow
    if len(orders) > 1:
        _free_by_payment(books, orders[1])
    books.tell(f"{late} shipments of tomorrow with problems, {len(orders)} prepaid")


def _put_on_tomorrow(books, desk, tomorrow):
    """Orders of the time before the gate ship tomorrow; two of them are of customers who pay late."""
    pickings = desk.env["stock.picking"].search(
        [
            ("company_id", "=", desk.company.id),
            ("sale_id", "!=", False),
            ("picking_type_code", "=", "outgoing"),
            ("state", "in", ("confirmed", "assigned", "partially_available")),
            ("sale_id.credit_state", "=", "none"),
        ],
        order="id",
    )
    by_partner = {
        account.partner_id.id: index for index, account in desk.accounts.items()
    }
    bad, good = [], []
    for picking in pickings:
        index = by_partner.get(
            picking.sale_id.partner_invoice_id.commercial_partner_id.id
        )
        position = desk.positions.get(index)
        if not position or picking.sale_id.payment_term_id.cartera_prepaid:
            continue
        room = position["available"]
        problem = position["overdue_days"] > 30 or (room is not None and room < 0)
        (bad if problem else good).append(picking)
    for picking in pickings:  # the others leave later in the week
        picking.scheduled_date = tomorrow + timedelta(days=3 + picking.id % 4)
    for picking in [*bad[:3], *good[:3]]:
        picking.scheduled_date = tomorrow
    return len(bad[:3])


def _free_by_payment(books, order):
    """Held at noon for want of money; the advance came in, and it was freed by itself."""
    env = order.env
    Hold = env["cartera.credit.hold"].sudo()
    held = Hold._check_shipments(order.picking_ids)
    payment = env["account.payment"].create(
        {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": order.partner_invoice_id.commercial_partner_id.id,
            "amount": order.amount_total,
            "currency_id": order.currency_id.id,
            "date": books.today,
            "journal_id": books.get("bank.mx.0").id,
            "memo": f"Anticipo {order.name}",
            "cartera_order_id": order.id,
        }
    )
    payment.action_post()
    try:
        held.action_recheck()
    except UserError as error:
        books.tell(f"the paid shipment was not freed: {error}")


def request_counts(env):
    """{state: number of customer requests}, for the summary."""
    if "cartera.customer.request" not in env:
        return {}
    rows = env["cartera.customer.request"]._read_group([], ["state"], ["__count"])
    return dict(rows)
