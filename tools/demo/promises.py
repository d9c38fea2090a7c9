"""Promises and disputes of the demo books: kept, partial, broken and open ones, and who answers.

Everything goes through the suite's own verbs, by the users whose role it is. Only dates
are set afterwards: the verbs know today, and a demo needs a past.
"""

from datetime import timedelta

from odoo import Command

# what becomes of each: days ago it was made, days until its date, share that is paid
PAST = (
    ("kept", 24, 8, 1.0),
    ("kept", 18, 6, 1.0),
    ("kept", 12, 7, 1.0),
    ("kept", 9, 5, 1.0),
    ("partial", 16, 7, 0.5),
    ("partial", 11, 6, 0.4),
    ("broken", 20, 5, 0.0),
    ("broken", 14, 7, 0.0),
    ("broken", 8, 3, 0.0),
)
# days from today of the instalments
OPEN = ((0,), (0,), (2,), (3,), (5,), (6, 13, 20), (8,), (4, 18))
# type, days ago, share of the invoice, what follows, what the customer says
DISPUTES = (
    ("price", 1, 0.2, "open", "El precio no es el de la lista de marzo."),
    ("quantity", 2, 0.15, "analysis", "Faltaron seis cajas según el acuse de almacén."),
    ("damage", 9, 0.3, "analysis", "Dos tarimas llegaron mojadas."),
    ("documents", 4, 1.0, "open", "Piden la orden de compra y el acuse sellado."),
    ("service", 6, 0.5, "open", "La entrega fue dos días después de la cita."),
    ("return", 12, 0.25, "accepted", "Devolvieron producto por caducidad corta."),
    ("price", 20, 0.1, "credited", "Descuento por volumen no aplicado."),
    ("quantity", 25, 0.2, "rejected", "Dicen que faltó mercancía."),
    ("paid", 15, 1.0, "resolved", "Dicen que la pagaron en febrero."),
)
ANSWERS = {
    "accepted": "Procede: se emite la nota de crédito.",
    "credited": "Procede el descuento por volumen.",
    "rejected": "El acuse firmado muestra la cantidad completa.",
    "resolved": "El pago era de otra factura; la pagan esta semana.",
}


def is_installed(env):
    return "cartera.payment.promise" in env


def make_promises(books, key):
    """A dozen and a half of promises on overdue invoices, with the payments that came."""
    if not is_installed(books.env):
        books.tell("the suite's promises are not installed: none made")
        return
    desk = Desk(books, key)
    for result, ago, ahead, share in desk.some(PAST):
        desk.past_promise(result, ago, ahead, share)
    for days in desk.some(OPEN):
        desk.open_promise(days)
    desk.promises._evaluate(desk.company, books.today)
    books.tell(f"{len(desk.promises)} promises")


def make_disputes(books, key):
    """Disputes in every state, some of them late, answered by the people of the areas."""
    if not is_installed(books.env):
        books.tell("the suite's disputes are not installed: none made")
        return
    _people_of_areas(books)
    desk = Desk(books, key)
    count = 0
    for kind, ago, share, result, text in desk.some(DISPUTES):
        count += bool(desk.dispute(kind, ago, share, result, text))
    books.tell(f"{count} disputes")


def _people_of_areas(books):
    people = {
        books.env.ref(f"cartera_cobranza.dispute_area_{area}"): books.find(
            f"user.{who}"
        )
        for area, who in (
            ("warehouse", "almacen"),
            ("sales", "ventas"),
            ("service", "operaciones"),
            ("billing", "operaciones"),
            ("quality", "operaciones"),
        )
    }
    operations = books.env.ref("cartera_cobranza.group_operations")
    for area, user in people.items():
        if user:
            area.write({"user_id": user.id, "member_ids": [Command.link(user.id)]})
            user.write({"group_ids": [Command.link(operations.id)]})


class Desk:
    """The overdue invoices of one company, each used once."""

    def __init__(self, books, key):
        self.books = books
        self.key = key
        self.env = books.company_env(key)
        self.company = self.env.company
        self.rng = books.rng("promises", key)
        self.collector = books.get("user.cobranza")
        self.promises = self.env["cartera.payment.promise"]
        taken = self.env["cartera.payment.promise.line"].search([]).move_id
        invoices = self.env["account.move"].search(
            [
                ("company_id", "=", self.company.id),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("payment_state", "in", ("not_paid", "partial")),
                ("currency_id", "=", self.company.currency_id.id),
                ("invoice_date_due", "<", books.today),
                ("id", "not in", taken.ids),
            ],
            order="id",
        )
        self.invoices = self.rng.sample(invoices.ids, len(invoices))

    def some(self, plan):
        """The whole plan for big books, less of it for small ones."""
        count = min(len(plan), max(2, self.books.size // 8), len(self.invoices))
        return plan[:count] if self.key == "mx" else plan[: count // 3]

    def next_invoice(self):
        if not self.invoices:
            return self.env["account.move"]
        return self.env["account.move"].browse(self.invoices.pop())

    def promise(self, invoice, parts, **vals):
        """A promise taken by the collector: [(day, amount)]."""
        customer = self.env["cartera.customer"]._find_or_create(
            invoice.commercial_partner_id, self.company
        )[invoice.commercial_partner_id]
        total = round(sum(amount for _day, amount in parts), 2)
        promise = (
            self.env["cartera.payment.promise"]
            .with_user(self.collector)
            .create(
                {
                    "customer_id": customer.id,
                    "source": self.rng.choice(("call", "call", "email", "whatsapp")),
                    "line_ids": [
                        Command.create({"move_id": invoice.id, "amount": total})
                    ],
                    "instalment_ids": [
                        Command.create({"date": day, "amount": amount})
                        for day, amount in parts
                    ],
                }
                | vals
            )
        )
        promise.action_open()
        self.promises |= promise.sudo().with_env(self.env)
        return self.promises.browse(promise.id)

    def past_promise(self, result, ago, ahead, share):
        invoice = self.next_invoice()
        if not invoice:
            return
        residual = invoice.amount_residual
        amount = residual if residual < 5000 else round(residual * 0.6, -2)
        promise = self.promise(invoice, [(self.books.today, amount)])
        made = self.books.ago(ago)
        due = made + timedelta(days=ahead)
        self.date_back(promise, made, due)
        if share:
            day = due - timedelta(days=self.rng.randint(0, 2))
            paid = amount if share == 1 else round(amount * share, 2)
            self.pay(invoice, paid, day)

    def open_promise(self, days):
        invoice = self.next_invoice()
        if not invoice:
            return
        residual = invoice.amount_residual
        part = round(residual / len(days), 2)
        parts = [(self.books.today + timedelta(days=one), part) for one in days]
        rest = round(residual - part * (len(days) - 1), 2)
        parts[-1] = (parts[-1][0], rest)
        promise = self.promise(invoice, parts)
        made = self.books.ago(self.rng.randint(1, 6))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE cartera_payment_promise SET made_date = %s, create_date = %s"
            " WHERE id = %s",
            (made, made, promise.id),
        )
        promise.invalidate_recordset()

    def date_back(self, promise, made, due):
        self.env.flush_all()
        window = due + timedelta(days=promise.tolerance_days)
        self.env.cr.execute(
            "UPDATE cartera_payment_promise SET made_date = %(made)s,"
            " create_date = %(made)s, next_date = %(due)s, date_end = %(due)s,"
            " window_end = %(window)s WHERE id = %(id)s",
            {"made": made, "due": due, "window": window, "id": promise.id},
        )
        self.env.cr.execute(
            "UPDATE cartera_payment_promise_instalment SET date = %s"
            " WHERE promise_id = %s",
            (due, promise.id),
        )
        self.env.invalidate_all()

    def pay(self, invoice, amount, day):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"amount": amount, "payment_date": day})._create_payments()

    def dispute(self, kind, ago, share, result, text):
        invoice = self.next_invoice()
        if not invoice:
            return None
        amount = invoice.currency_id.round(invoice.amount_residual * share)
        dispute = (
            self.env["cartera.dispute"]
            .with_user(self.collector)
            .create(
                {
                    "move_id": invoice.id,
                    "type_id": self.env.ref(f"cartera_cobranza.dispute_type_{kind}").id,
                    "disputed_amount": amount,
                    "description": text,
                    "source": self.rng.choice(("call", "email", "visit")),
                    "evidence_ids": [Command.create(self.photo(invoice))],
                }
            )
        )
        opened = self.books.ago(ago)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE cartera_dispute SET opened_on = %s, create_date = %s,"
            " deadline = %s WHERE id = %s",
            (
                opened,
                opened,
                opened + timedelta(days=dispute.type_id.sla_days),
                dispute.id,
            ),
        )
        self.env.invalidate_all()
        self.answer(dispute, result)
        return dispute

    def photo(self, invoice):
        return {
            "name": f"Evidencia {invoice.name.replace('/', '-')}.txt",
            "raw": b"Correo del cliente con la aclaracion.",
            "mimetype": "text/plain",
        }

    def answer(self, dispute, result):
        if result == "analysis":
            dispute.action_analyse()
        elif result == "rejected":
            dispute.action_reject(ANSWERS[result])
        elif result == "resolved":
            dispute.action_resolve(ANSWERS[result])
        elif result in ("accepted", "credited"):
            dispute.answer = ANSWERS[result]
            dispute.action_accept()
        if result == "credited":
            self.credit(dispute.sudo().with_env(self.env))

    def credit(self, dispute):
        """The accountant's credit note of the accepted amount, applied to the invoice."""
        action = dispute.action_credit_note()
        wizard = (
            self.env["account.move.reversal"]
            .with_context(**action["context"])
            .create({"journal_id": dispute.move_id.journal_id.id})
        )
        wizard.reverse_moves()
        note = wizard.new_move_ids
        note.action_post()
        (note | dispute.move_id).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
            and not line.reconciled
        ).reconcile()
        dispute._settle()
