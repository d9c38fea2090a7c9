"""What the import of a file of notes costs, beside the plain ORM making the same notes."""

import base64

from odoo.fields import Command

from .measure import Contestant, Row, race

ROWS = 100
SHARE = (
    1.0  # of the plain ORM's batch: reading, checking, approval and history included
)


def importing(books, runs):
    """Import a file of credit notes: checked and posted; beside create and post in one batch."""
    suite = Contestant("suite, import", books.suite, _import, _upload, _count)
    plain = Contestant("plain ORM batch", books.plain, _create, _chosen, _count)
    race([suite, plain], runs)
    for one in (suite, plain):
        if one.result != ROWS:
            raise SystemExit(f"{one.who}: {one.result} notes made, not {ROWS}")
    ratio = suite.ratio(plain)
    return [
        Row(
            "import of notes",
            books.size,
            one.who,
            1000 * one.median,
            1000 * one.clock_median,
            one.queries,
            ratio=ratio if one is suite else None,
            target=f"≤ {SHARE} × plain" if one is suite else "",
            met=ratio <= SHARE if one is suite else None,
            note=f"({1000 * one.median / ROWS:.1f} ms a note)",
        )
        for one in (suite, plain)
    ]


def _chosen(env):
    """Open invoices of their own, each of which is credited with one unit of its currency."""
    return env["account.move"].search(
        [
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            ("payment_state", "=", "not_paid"),
            ("amount_residual", ">", 10),
            ("company_id", "=", env.company.id),
        ],
        order="id",
        limit=ROWS,
    )


def _upload(env):
    lines = ["Reference,Invoice,Reason,Amount"]
    lines += [f"BENCH-{move.id},{move.name},PRC,1" for move in _chosen(env)]
    return env["cartera.note.import"].create(
        {
            "file": base64.b64encode("\n".join(lines).encode()),
            "file_name": "bench.csv",
            "company_id": env.company.id,
        }
    )


def _import(env, upload):
    upload.action_check()
    upload.action_import()


def _create(env, invoices):
    day = env["account.move"]._fields["date"].today()
    notes = env["account.move"].create(
        [
            {
                "move_type": "out_refund",
                "partner_id": invoice.partner_id.id,
                "currency_id": invoice.currency_id.id,
                "invoice_date": day,
                "date": day,
                "ref": f"BENCH-{invoice.id}",
                "reversed_entry_id": invoice.id,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Price", "price_unit": 1, "tax_ids": [Command.clear()]}
                    )
                ],
            }
            for invoice in invoices
        ]
    )
    notes._post(soft=False)


def _count(env):
    return env["account.move"].search_count(
        [
            ("move_type", "=", "out_refund"),
            ("state", "=", "posted"),
            ("ref", "like", "BENCH-%"),
        ]
    )
