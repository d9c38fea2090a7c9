"""``./cartera bench``: what the suite costs on large books, beside plain Odoo."""

import argparse
import json
import platform
import sys
import time
from pathlib import Path

from bench import (
    aging,
    books,
    collections,
    gate,
    interest,
    key_figures,
    measure,
    notes,
    positions,
    statements,
    workbooks,
)
from tools import paths, say
from tools.prepare import prepare

OPERATIONS = {
    "each": gate.one_by_one,
    "batch": gate.batch,
    "held": gate.held,
    "all": positions.every,
    "one": positions.single,
    "aging": aging.aged,
    "aging_xlsx": workbooks.aging,
    "statements": statements.statements,
    "kpi": key_figures.month,
    "forecast": key_figures.receipts,
    "plan": collections.plan,
    "messages": collections.messages,
    "interest": interest.month,
    "interest_notes": interest.notes,
    "notes": notes.importing,
}


def arguments(given=None):
    parser = argparse.ArgumentParser(prog="./cartera bench", description=__doc__)
    parser.add_argument(
        "--size",
        action="append",
        choices=books.SIZES,
        help="S: 10,000 invoices, M: 100,000, D: a day of collection (20,000); "
        "default S and M",
    )
    parser.add_argument(
        "--ops",
        default=",".join(OPERATIONS),
        help=f"some of {', '.join(OPERATIONS)}",
    )
    parser.add_argument("--runs", type=int, default=5, help="counted rounds")
    parser.add_argument("--orders", type=int, default=100, help="confirmed; up to 100")
    parser.add_argument("--fresh", action="store_true", help="make the books again")
    parser.add_argument("--no-peers", action="store_true", help="leave out OCA")
    parser.add_argument(
        "--keep", action="store_true", help="use the databases as they are"
    )
    options = parser.parse_args(given)
    options.ops = options.ops.split(",")
    unknown = set(options.ops) - set(OPERATIONS)
    if unknown:
        parser.error(f"unknown operation {', '.join(sorted(unknown))}")
    return options


def main(given=None):
    options = arguments(given)
    ready = prepare()
    rows = []
    for size in options.size or books.DEFAULT:
        found = books.books(
            ready,
            size,
            options.orders,
            options.fresh,
            not options.no_peers,
            options.keep,
        )
        if found.oca is None:
            say.note("  ! without the OCA addons: the peer's lines are left out")
        for name in options.ops:
            with say.step(f"{size}: {name}"):
                done = OPERATIONS[name](found, options.runs)
            print(measure.table(done), flush=True)
            rows += done
    print(f"\n{measure.table(rows)}")
    print(f"\nwritten to {paths.relative(_write(rows, options))}")
    missed = [row for row in rows if row.met is False]
    print(f"{len(missed)} of {sum(row.met is not None for row in rows)} targets missed")
    return 0


def _write(rows, options):
    folder = paths.STATE / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    file = Path(folder, time.strftime("%Y%m%d-%H%M%S.json"))
    about = {
        "machine": platform.platform(),
        "python": platform.python_version(),
        "runs": options.runs,
        "rows": measure.as_json(rows),
    }
    file.write_text(json.dumps(about, indent=1))
    return file


if __name__ == "__main__":
    try:
        sys.exit(main())
    except say.Failure as failure:
        sys.exit(f"cartera: {failure}")
