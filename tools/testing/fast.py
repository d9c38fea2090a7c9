"""The daily loop: a kept database, changed addons updated, the tests asked for."""

import json
import os
import time

from .. import addons, database, odoo, paths, say, stamp
from ..prepare import prepare
from . import command, counts
from .stages import Run

DEFAULT = "cartera_fast"


def main(chosen, http):
    """Run the stages that the arguments name; else calc and Odoo's tests."""
    started = time.monotonic()
    total = counts.Counts()
    run = Run(None, chosen, command.run_folder("fast"))
    try:
        if chosen.wants("calc"):
            total.add(run.calc())
        if chosen.wants("odoo") or chosen.process:
            run.ready = prepare()
            name = os.environ.get("CARTERA_FAST_DB", DEFAULT)
            database.check_name(name)
            with stamp.lock(f"fast-{name}"):
                _refresh(run, name)
                if chosen.wants("odoo"):
                    total.add(run.odoo(name, http=http))
                if chosen.process:
                    _process(run, name, total)
        command.check_logs(run.logs, total)
    except say.Failure as failure:
        total.problem(str(failure))
    return command.conclude(total, started)


def _process(run, name, total):
    """Tests with commits of their own get a copy, the kept database stays as it is."""
    own = f"{name}_own"
    database.drop(run.ready.cluster, own)
    database.clone(run.ready.cluster, name, own)
    try:
        total.add(run.process(own))
    finally:
        database.drop(run.ready.cluster, own)


def _refresh(run, name):
    """Make the kept database if need be, and update the addons whose files changed."""
    ready, memory = run.ready, paths.STATE / "fast" / f"{name}.json"
    found = addons.suite(ready.odoo)
    now = {addon.name: addon.digest() for addon in found}
    known = _known(ready, name, memory)
    if known is None:
        template = ready.templates.suite()
        with say.step(f"database {name}"):
            database.drop(ready.cluster, name)
            database.clone(ready.cluster, template, name)
        known = now
    install = [addon for addon in now if addon not in known]
    update = [addon for addon in now if addon in known and known[addon] != now[addon]]
    if install or update:
        with say.step("updating " + ", ".join(install + update)):
            log = run.folder / "install.log"
            run.logs.append(log)
            odoo.modules(ready.odoo, name, log, install=install, update=update)
    stamp.write_file(memory, json.dumps(now))


def _known(ready, name, memory):
    """What is installed in the kept database, or None if there is none to trust."""
    if name not in database.names(ready.cluster):
        return None
    try:
        return json.loads(memory.read_text())
    except (FileNotFoundError, ValueError):
        return None
