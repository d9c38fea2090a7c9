"""Builds the demo books, step by step, and can be killed and run again.

Each step is one transaction that also notes the step as done (the parameters
``cartera_demo.done.…``; the last one stands in ``cartera_demo.step``). A run after a
kill goes on with the steps that are missing; when none is missing it does nothing. What
a step draws follows from the seed and the step's name, so a resumed build makes the
same books as one that ran through.
"""

import time
from datetime import timedelta
from functools import partial

from odoo import fields
from odoo.api import SUPERUSER_ID, Environment

from . import (
    catalogue,
    collections,
    company,
    credit,
    customers,
    held,
    interest,
    interest_examples,
    invoices,
    key_figures,
    note_requests,
    notes,
    orders,
    parallel,
    payments,
    points,
    promises,
    receipts,
    requests,
    shipment,
    statements,
    users,
    verify,
)
from .books import Books, DemoError

SIZE = 150  # customers; everything else scales with them
SEED = 20261
MODULES = ("l10n_mx", "l10n_co", "account_debit_note", "sale")
MAX_PAUSE = timedelta(days=3)  # between the first step and a resumed one
INVOICE_PARTS = 4  # slices of time of the Mexican company
PAYMENT_PARTS = 2  # halves of the customers of the Mexican company
BOTH = ("mx", "co")


def stages():
    """[[(name, function of the books)]]; those of one stage can run together."""
    invoices_mx = [
        (
            f"invoices mx {part + 1}/{INVOICE_PARTS}",
            partial(invoices.make_invoices, key="mx", part=part, parts=INVOICE_PARTS),
        )
        for part in range(INVOICE_PARTS)
    ]
    payments_mx = [
        (
            f"payments mx {part + 1}/{PAYMENT_PARTS}",
            partial(payments.make_payments, key="mx", part=part, parts=PAYMENT_PARTS),
        )
        for part in range(PAYMENT_PARTS)
    ]
    return [
        [("companies", company.make_companies)],
        [("users", users.make_users)],
        [("catalogue", catalogue.make_catalogue)],
        [("customers", customers.make_customers)],
        [("portal user", users.make_portal_user)],
        [*invoices_mx, ("invoices co", partial(invoices.make_invoices, key="co"))],
        _for_both("credit notes", notes.make_applied_notes),
        _for_both("collection centers", receipts.make_centers),
        [*payments_mx, ("payments co", partial(payments.make_payments, key="co"))],
        _for_both("payments on account", payments.make_on_account),
        _for_both("open credit notes", notes.make_open_notes),
        [("bounced payments", payments.bounce_payments)],
        [("draft invoices", invoices.make_drafts)],
        [("orders mx", partial(orders.make_orders, key="mx"))],
        [("orders co", partial(orders.make_orders, key="co"))],
        [("credit lines mx", partial(credit.make_lines, key="mx"))],
        [("credit lines co", partial(credit.make_lines, key="co"))],
        [("credit gate", credit.open_gate)],
        [("held orders", held.hold_orders)],
        [("customer requests", shipment.make_requests)],
        [("shipments", shipment.make_shipments)],
        [("credit applications", requests.make_requests)],
        [("interest policies", interest.make_policies)],
        [("interest runs", interest.make_runs)],
        [("interest examples", interest_examples.make_examples)],
        [("note requests mx", partial(note_requests.make_note_requests, key="mx"))],
        [("note requests co", partial(note_requests.make_note_requests, key="co"))],
        [("points", points.make_points)],
        [("promises mx", partial(promises.make_promises, key="mx"))],
        [("promises co", partial(promises.make_promises, key="co"))],
        [("disputes mx", partial(promises.make_disputes, key="mx"))],
        [("disputes co", partial(promises.make_disputes, key="co"))],
        _for_both("review with sales", receipts.review_with_sales),
        [("collections", collections.make_collections)],
        [("segments", key_figures.make_segments)],
        _for_both("key figures", key_figures.make_history),
        [("statements", statements.make_statements)],
        [("verification", lambda books: verify.verify(books.env))],
    ]


def _for_both(name, function):
    return [(f"{name} {key}", partial(function, key=key)) for key in BOTH]


def build(env, size=SIZE, seed=SEED, progress=print, workers=None):
    """Fill the database with the demo books. Returns {step: seconds} of all steps.

    :param size: number of customers; 150 makes about 2,500 invoices
    :param progress: called with a line of text when something happens
    :param workers: processes for steps that can run together; None: one a core, up to 2
    """
    env = _with_modules(env, progress)
    books = _open_books(env, size, seed, progress)
    numbers = {name: n for n, name in enumerate(_names(), 1)}
    done = done_steps(env)
    if len(done) == len(numbers):
        progress("The demo books are complete; nothing to do.")
        return done
    if done:
        progress(
            f"Going on: {len(done)} of {len(numbers)} steps of the demo books are done."
        )

    def run(own_env, name):
        number = numbers[name]
        parallel.take_step(own_env, number)
        if name not in done_steps(own_env):
            own = Books(own_env, size, seed, books.today, progress)
            progress(f"  {number:2}/{len(numbers)} {name} …")
            start, work = time.monotonic(), time.process_time()
            functions[name](own)
            own_env.flush_all()
            seconds, work = time.monotonic() - start, time.process_time() - work
            own.parameter(f"done.{number:02}.{name}", f"{seconds:.1f}")
            progress(
                f"  {number:2}/{len(numbers)} {name}: {seconds:.1f} s"
                f" ({work:.1f} s of this process)"
            )
        parallel.forget_ranks(own_env)
        own_env.cr.commit()
        parallel.leave_step(own_env, number)
        own_env.invalidate_all()

    functions = {name: function for stage in stages() for name, function in stage}
    workers = parallel.Workers(env, run, parallel.worker_count(workers))
    try:
        for stage in stages():
            missing = [name for name, _function in stage if name not in done]
            if missing:
                workers.run_all(missing)
                books.parameter("step", missing[-1])
    finally:
        workers.close()
    env.cr.commit()
    return done_steps(env)


def _names():
    return [name for stage in stages() for name, _function in stage]


def done_steps(env):
    """{step: seconds} of what is done, in the order of the steps."""
    rows = (
        env["ir.config_parameter"]
        .sudo()
        .search_read(
            [("key", "=like", "cartera_demo.done.%")], ["key", "value"], order="key"
        )
    )
    return {row["key"].split(".", 3)[3]: float(row["value"]) for row in rows}


def _with_modules(env, progress):
    """Install what the books need and the database lacks: the two countries' charts."""
    modules = env["ir.module.module"].search(
        [("name", "in", MODULES), ("state", "!=", "installed")]
    )
    if modules:
        progress(f"  installing {', '.join(modules.mapped('name'))} …")
        cr, context = env.cr, env.context
        modules.button_immediate_install()
        cr.commit()
        env.transaction.reset()
        env = Environment(cr, SUPERUSER_ID, context)
    return env


def _open_books(env, size, seed, progress):
    """The books as they were begun, or new ones; refuses other parameters than then."""
    get = env["ir.config_parameter"].sudo().get_param
    mexican = env["res.users"].with_context(tz="America/Mexico_City")
    today = fields.Date.context_today(mexican)
    begun = get("cartera_demo.begun")
    if not begun:
        books = Books(env, size, seed, today, progress)
        books.parameter("begun", f"{size} {seed} {today}")
        return books
    begun_size, begun_seed, first_day = begun.split()
    if (begun_size, begun_seed) != (str(size), str(seed)):
        raise DemoError(
            f"The demo books were begun with {begun_size} customers and seed"
            f" {begun_seed}; use the same again, or --reset to begin anew."
        )
    first_day = fields.Date.to_date(first_day)
    if len(done_steps(env)) < len(_names()) and today - first_day > MAX_PAUSE:
        raise DemoError(
            f"The demo books were begun on {first_day} and never finished, and their"
            " dates are relative to that day; use --reset to begin anew."
        )
    return Books(env, size, seed, first_day, progress)
