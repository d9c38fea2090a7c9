"""Credit notes for returns and allowances: applied to their invoice, or still open."""

from datetime import timedelta

from .books import chunks
from .documents import Documents, Planned
from .invoices import draw_lines, plan_invoices

APPLIED = 0.045  # of the invoices
OPEN = 10  # per 150 customers, of the last two months
BATCH = 100


def make_applied_notes(books, key):
    """Part of an invoice comes back some days later; posting the note applies it."""
    rng = books.rng("notes", key)
    maker = Documents(books, key)
    planned = plan_invoices(books, key)
    invoices = maker.env["account.move"].search(
        [
            ("journal_id", "=", maker.journal.id),
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
        ],
        order="sequence_prefix, sequence_number",
    )
    values = []
    for plan, invoice in zip(planned, invoices, strict=True):
        day = plan.day + timedelta(days=rng.randint(2, 18))
        if rng.random() >= APPLIED or day > books.today:
            continue
        number, quantity = plan.lines[0]
        back = ((number, max(1, round(quantity * rng.uniform(0.05, 0.3)))),)
        note = Planned(day, plan.customer, plan.branch, back)
        values.append(
            (
                note,
                {"reversed_entry_id": invoice.id, "ref": f"Devolución {invoice.name}"},
            )
        )
    values.sort(key=lambda value: value[0].day)
    for batch in chunks(values, BATCH):
        maker.post([maker.values(note, "out_refund", **extra) for note, extra in batch])
        maker.env.flush_all()
        maker.env.invalidate_all()
    books.tell(f"{len(values)} credit notes applied")


def make_open_notes(books, key):
    """Allowances that nobody has applied yet; they lower what is owed all the same."""
    rng = books.rng("open notes", key)
    maker = Documents(books, key)
    share = 1.0 if key == "mx" else 0.3
    count = max(1, round(OPEN * share * books.size / 150))
    buyers = [p for p in books.profiles if key in p.companies and p.habit != "broken"]
    notes = [
        Planned(
            books.ago(rng.randint(3, 60)), p.index, -1, draw_lines(p, rng, 0.15)[:1]
        )
        for p in rng.sample(buyers, min(count, len(buyers)))
    ]
    notes.sort(key=lambda note: note.day)
    maker.post(
        [
            maker.values(note, "out_refund", ref="Bonificación por volumen")
            for note in notes
        ]
    )
    books.tell(f"{len(notes)} credit notes open")
