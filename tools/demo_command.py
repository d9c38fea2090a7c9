"""``./cartera demo``: the demo books, kept as a template, copied to be served."""

import argparse
import subprocess
import time

from . import addons, commands, database, odoo, paths, say, stamp
from .prepare import prepare

NAME = "cartera_demo"
BOOKS = "cartera_tmpl_books"
FULL = 150


def main(arguments):
    parser = argparse.ArgumentParser(prog="./cartera demo")
    parser.add_argument(
        "--no-serve", action="store_true", help="stop after the summary"
    )
    parser.add_argument("--reset", action="store_true", help="start afresh")
    parser.add_argument("--size", type=int, default=FULL, help="number of customers")
    parser.add_argument("--port", type=int, default=8069)
    chosen = parser.parse_args(arguments)
    ready = prepare()
    if not chosen.no_serve:
        commands.check_port(chosen.port)
    if chosen.reset or NAME not in database.names(ready.cluster):
        template = books(ready, chosen.size, fresh=chosen.reset)
        with say.step(f"database {NAME}"):
            database.drop(ready.cluster, NAME)
            database.clone(ready.cluster, template, NAME)
            database.set_stamp(ready.cluster, NAME, _suite_state(ready))
    else:
        _update(ready)
    _run(ready, "summary", NAME, "--port", str(chosen.port))
    if chosen.no_serve:
        return 0
    return commands.serve(ready, NAME, chosen.port)


def books(ready, size=FULL, fresh=False):
    """Name of the template with the demo books, made if missing or outdated."""
    key = stamp.digest(_key(ready), size)
    day = time.strftime("%Y-%m-%d")
    known, _space, made_on = (database.stamp_of(ready.cluster, BOOKS) or "").partition(
        " "
    )
    if known == key and (made_on == day or not fresh):
        return BOOKS
    ready.templates.demo()
    with stamp.lock("books"):
        name = f"{BOOKS}_building"
        say.note("Making the demo books")
        if database.stamp_of(ready.cluster, name) != f"begun {key} {day}":
            _begin(ready, name, f"begun {key} {day}")
        _run(ready, "build", name, "--size", str(size))
        with say.step("the daily job"):
            _run(ready, "daily", name)
        database.set_stamp(ready.cluster, name, f"{key} {day}")
        database.protect(ready.cluster, name)
        database.rename(ready.cluster, name, BOOKS)
    return BOOKS


def _begin(ready, name, value):
    """A database with the suite for the books; one that was begun today goes on."""
    database.drop(ready.cluster, name)
    database.clone(ready.cluster, "cartera_tmpl_demo", name)
    install = [addon.name for addon in addons.suite(ready.odoo)]
    if install:
        with say.step("the suite into the demo database"):
            log = paths.LOGS / "demo-install.log"
            odoo.modules(ready.odoo, name, log, install=install)
    database.set_stamp(ready.cluster, name, value)


def _key(ready):
    return stamp.digest(
        ready.templates.suite_key(), stamp.tree_digest(paths.TOOLS / "demo")
    )


def _suite_state(ready):
    return ready.templates.suite_key()


def _update(ready):
    """Bring the suite in a database that people already work in up to the files."""
    found = addons.suite(ready.odoo)
    state = _suite_state(ready)
    if database.stamp_of(ready.cluster, NAME) == state:
        return
    with say.step("updating the suite in the demo database"):
        install = [addon.name for addon in found]
        log = paths.LOGS / "demo-update.log"
        odoo.modules(ready.odoo, NAME, log, install=install, update=install)
        database.set_stamp(ready.cluster, NAME, state)


def _run(ready, step, name, *arguments):
    command = [
        str(paths.PYTHON),
        "-m",
        "tools.demo",
        step,
        "--database",
        name,
        *arguments,
    ]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        env=ready.odoo.environment(),
        cwd=paths.ROOT,
        check=False,
    )
    if done.returncode:
        raise say.Failure(f"The demo's {step} failed; what it wrote stands above.")
