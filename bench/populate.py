"""Fill an empty Odoo database with large, consistent books of receivables and orders.

    python -m bench.populate DATABASE --customers 1000 --invoices 10000 --orders 1000

A handful of documents are made and posted through Odoo, then cloned in SQL. The
database needs account and sale with the generic chart of accounts and no entries.
Fails when any check of ``bench.verify`` does; such a database is to be dropped.
"""

import argparse
import time

from odoo.tools import SQL

from . import clone, seed, session, verify

CUSTOMER_TEXTS = {
    "name": "'Customer ' || lpad(g::text, 6, '0')",
    "complete_name": "'Customer ' || lpad(g::text, 6, '0')",
    "commercial_company_name": "'Customer ' || lpad(g::text, 6, '0')",
    "ref": "'C' || lpad(g::text, 6, '0')",
    "email": "'customer' || g || '@example.com'",
    "email_normalized": "'customer' || g || '@example.com'",
}
QUOTATIONS = 100
PASSING, FAILING = "bench passing", "bench failing"


def arguments(given=None):
    parser = argparse.ArgumentParser(prog="bench.populate", description=__doc__)
    parser.add_argument("database")
    parser.add_argument("--customers", type=int, default=1000)
    parser.add_argument("--invoices", type=int, default=10000)
    parser.add_argument("--orders", type=int, default=1000, help="open orders")
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--seed", type=float, default=0.42, help="from -1 to 1")
    return parser.parse_args(given)


def populate(env, options, progress):
    """Write the books; ``progress(what, rows)`` is called after each step."""
    env.cr.execute("SELECT COUNT(*) FROM account_move")
    if env.cr.fetchone()[0]:
        raise SystemExit("The database has entries already; give a fresh one.")
    basis = seed.prepare(env)
    scenarios = seed.scenarios(env, basis)
    progress("documents through Odoo", len(scenarios))
    env.cr.execute(
        "SET LOCAL work_mem = '256MB'; SET LOCAL maintenance_work_mem = '512MB'"
    )
    env.cr.execute("SELECT setseed(%s)", [options.seed])
    first = _clone_customers(env, basis, options.customers)
    cloner = clone.Cloner(env, basis.template, scenarios, first, options)
    cloner.run(progress)
    env.invalidate_all()
    sequence = env["ir.sequence"].search([("code", "=", "sale.order")], limit=1)
    sequence.number_next_actual = 10 * (options.orders + options.invoices)
    progress("quotations to confirm", _make_quotations(env, basis))


def _clone_customers(env, basis, count):
    """Copy the template customer; return the first id."""
    cr = env.cr
    cr.execute("SELECT nextval('res_partner_id_seq') + 10")
    first = cr.fetchone()[0]
    cr.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = 'res_partner' AND table_schema = 'public'"
    )
    columns = [row[0] for row in cr.fetchall()]
    special = {name: SQL(text) for name, text in CUSTOMER_TEXTS.items()} | {
        "id": SQL("%s + g", first),
        "commercial_partner_id": SQL("%s + g", first),
        "credit_limit": SQL(
            "jsonb_build_object(%s, (1 + floor(random() * 50)) * 20000.0)",
            str(basis.company.id),
        ),
    }
    cr.execute(
        SQL(
            "INSERT INTO res_partner (%s) SELECT %s FROM res_partner t,"
            " generate_series(0, %s) g WHERE t.id = %s ORDER BY g",
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(
                special.get(name, SQL.identifier("t", name)) for name in columns
            ),
            count - 1,
            basis.template.id,
        )
    )
    cr.execute("SELECT setval('res_partner_id_seq', %s)", [first + count + 10])
    return first


def _make_quotations(env, basis):
    """Make the orders that the bench confirms, of customers who owe something."""
    env.cr.execute(
        """SELECT l.partner_id FROM account_move_line l
             JOIN account_account a ON a.id = l.account_id
            WHERE a.account_type = 'asset_receivable' AND l.parent_state = 'posted'
              AND NOT l.reconciled AND l.amount_residual > 0 AND l.partner_id <> %s
         GROUP BY l.partner_id ORDER BY md5(l.partner_id::text) LIMIT %s""",
        [basis.template.id, 2 * QUOTATIONS],
    )
    customers = [row[0] for row in env.cr.fetchall()]
    line = {
        "product_id": basis.service.id,
        "product_uom_qty": 1,
        "price_unit": 1000.0,
    }
    orders = env["sale.order"].create(
        [
            {
                "partner_id": customer,
                "client_order_ref": PASSING if at % 2 else FAILING,
                "order_line": [(0, 0, line)],
            }
            for at, customer in enumerate(customers)
        ]
    )
    return len(orders)


def main():
    options = arguments()
    registry = session.boot(options.database)
    started = time.monotonic()

    def progress(what, rows):
        print(f"    {time.monotonic() - started:5.0f} s  {what}: {rows}", flush=True)

    with session.environment(registry, commit=True) as env:
        populate(env, options, progress)
        env.flush_all()
        env.cr.execute("ANALYZE")
    with session.environment(registry) as env:
        verify.check(env, progress)


if __name__ == "__main__":
    main()
