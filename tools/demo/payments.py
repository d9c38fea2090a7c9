"""Payments by the customers' habits, reconciled in batches; some bounced."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from .books import chunks
from .calendar import pay_day
from .documents import Documents

BATCH = 250
PARTIAL = 0.04  # of the instalments are paid in two goes
OVERPAID = 0.012  # of the payments are rounded up: the rest stays unapplied
ON_ACCOUNT = 14  # per 150 customers: payments that nobody has applied yet
BOUNCED = 8  # per 150 customers
CLEARED_AFTER = 6  # days until the bank shows the money


@dataclass
class Planned:
    """A payment before it is made."""

    day: object
    partner: int
    currency: int
    amount: float = 0.0
    items: list = field(default_factory=list)  # ids of the journal items it pays


class PaymentMaker:
    """Makes and reconciles payments of one company."""

    def __init__(self, books, key, part=0):
        self.books = books
        self.documents = Documents(books, key)
        self.env = self.documents.env
        self.bank = books.get(f"bank.{key}.{part}").with_env(self.env)
        self.dollars = books.find(f"bank.{key}.{part}.USD")
        self.reference = 0

    def make(self, planned):
        """Create, post and reconcile payments; returns them."""
        payments = self.env["account.payment"]
        for batch in chunks(planned, BATCH):
            made = payments.create([self._values(payment) for payment in batch])
            self._post(made)
            self._reconcile(made, batch)
            self._clear(made)
            payments |= made
            self.env.flush_all()
            self.env.invalidate_all()
            self.books.tell(f"{len(payments)} of {len(planned)} payments")
        return payments

    def _clear(self, made):
        """The bank has shown what is older than some days."""
        cleared = self.books.ago(CLEARED_AFTER)
        made.filtered(lambda payment: payment.date < cleared).action_validate()

    def _values(self, planned):
        journal = self.bank
        if self.dollars and planned.currency == self.dollars.currency_id.id:
            journal = self.dollars
        self.reference += 1
        return {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": planned.partner,
            "amount": planned.amount,
            "currency_id": planned.currency,
            "date": planned.day,
            "journal_id": journal.id,
            "payment_method_line_id": journal.inbound_payment_method_line_ids[:1].id,
            "memo": f"{journal.code} {planned.day:%y%m%d}-{self.reference:05}",
        }

    def _post(self, made):
        """What action_post does, for a batch: entries with numbers, then the state."""
        entries = [payment._generate_move_vals() for payment in made]
        for payment, entry in zip(made, entries, strict=True):
            journal, day = payment.journal_id, payment.date
            entry["name"] = self.documents.next_number(journal, day, payment=True)
            for command in entry["line_ids"]:
                command[2]["analytic_distribution"] = False
        moves = self.documents.create(entries)
        # One by one, each assignment would look for all that depends on it (50 ms).
        made.env.flush_all()
        made._write_multi([{"move_id": move.id} for move in moves])
        made.invalidate_recordset(["move_id"])
        made.modified(["move_id"])
        moves._post(soft=False)
        made.state = "in_process"

    def _reconcile(self, made, batch):
        items = self.env["account.move.line"]
        plan = []
        for payment, planned in zip(made, batch, strict=True):
            if planned.items:
                credit = payment.move_id.line_ids.filtered(
                    lambda line: line.account_id.account_type == "asset_receivable"
                )
                plan.append(credit | items.browse(planned.items))
        items._reconcile_plan(plan)


def make_payments(books, key, part=0, parts=1):
    """What the customers (of one part) have paid up to today, by date."""
    maker = PaymentMaker(books, key, part)
    maker.make(plan_payments(books, key, maker.env, part, parts))


def plan_payments(books, key, env, part=0, parts=1):
    """Instalments that fall on the same day of payment are paid together."""
    rng = books.rng("payments", key, part)
    customers = {res_id: index for index, res_id in books.customer_ids().items()}
    together = defaultdict(list)
    for item in _open_items(env):
        item_id, partner, currency, due, invoice_date, residual = item
        if customers[partner] % parts != part:
            continue
        profile = books.profiles[customers[partner]]
        day = pay_day(profile, invoice_date, due, books.today, rng)
        partly = rng.random() < PARTIAL
        share, later = rng.uniform(0.3, 0.8), rng.randint(7, 35)
        if day is None or day > books.today:
            continue
        if not partly:
            together[day, partner, currency].append((item_id, residual))
            continue
        first = round(residual * share, 2)
        alone = (partner, currency, item_id)
        together[day, *alone].append((item_id, first))
        rest = day + timedelta(days=later)
        if rest <= books.today:
            together[rest, *alone].append((item_id, round(residual - first, 2)))
    planned = []
    for (day, partner, currency, *_alone), parts in together.items():
        amount = round(sum(part for _item, part in parts), 2)
        if not _alone and rng.random() < OVERPAID:
            amount = float(round(amount * 1.02 + 50, -2))
        planned.append(
            Planned(day, partner, currency, amount, [item for item, _part in parts])
        )
    return sorted(planned, key=lambda payment: (payment.day, payment.partner))


def _open_items(env):
    """Open instalments of posted invoices, oldest first."""
    env.flush_all()
    env.cr.execute(
        """
        SELECT l.id, l.partner_id, l.currency_id, l.date_maturity, m.invoice_date,
               l.amount_residual_currency
          FROM account_move_line l
          JOIN account_move m ON m.id = l.move_id
         WHERE l.display_type = 'payment_term' AND m.move_type = 'out_invoice'
           AND m.state = 'posted' AND l.company_id = %s
           AND l.amount_residual_currency > 0
         ORDER BY m.invoice_date, m.name, l.date_maturity
        """,
        (env.company.id,),
    )
    return [(*row[:5], float(row[5])) for row in env.cr.fetchall()]


def make_on_account(books, key):
    """Money that came without saying what for, and waits to be applied."""
    rng = books.rng("on account", key)
    maker = PaymentMaker(books, key)
    count = max(
        1, round(ON_ACCOUNT * (0.85 if key == "mx" else 0.15) * books.size / 150)
    )
    maker.env.cr.execute(
        """
        SELECT partner_id, currency_id, sum(amount_residual_currency)
          FROM account_move_line
         WHERE display_type = 'payment_term' AND parent_state = 'posted'
           AND company_id = %s
         GROUP BY 1, 2 HAVING sum(amount_residual_currency) > 0 ORDER BY 1, 2
        """,
        (maker.env.company.id,),
    )
    owing = maker.env.cr.fetchall()
    planned = [
        Planned(
            books.ago(rng.randint(1, 75)),
            partner,
            currency,
            float(round(float(owed) * rng.uniform(0.03, 0.25), 2)),
        )
        for partner, currency, owed in rng.sample(owing, min(count, len(owing)))
    ]
    maker.make(sorted(planned, key=lambda payment: payment.day))


def bounce_payments(books):
    """Cheques that the bank returned: the debt they had paid is open again.

    Half of the payments are cancelled, half are reversed by an entry of their own.
    """
    rng = books.rng("bounced")
    env = books.company_env("mx")
    recent = env["account.payment"].search(
        [
            ("company_id", "=", env.company.id),
            ("date", ">=", books.ago(100)),
            ("date", "<", books.ago(5)),
            ("reconciled_invoice_ids", "!=", False),
            ("currency_id", "=", env.company.currency_id.id),
        ],
        order="date, name",
    )
    count = max(2, round(BOUNCED * books.size / 150))
    chosen = env["account.payment"].browse(
        rng.sample(recent.ids, min(count, len(recent)))
    )
    cancelled = chosen[: len(chosen) // 2]
    cancelled.action_draft()
    cancelled.action_cancel()
    returned = chosen - cancelled
    for payment in returned:
        day = min(payment.date + timedelta(days=rng.randint(2, 4)), books.today)
        payment.move_id._reverse_moves(
            [{"date": day, "ref": f"Cheque devuelto {payment.name}"}], cancel=True
        )
    books.tell(f"{len(cancelled)} payments cancelled, {len(returned)} reversed")
