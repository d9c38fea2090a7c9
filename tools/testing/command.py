"""The test command: prepares, runs the stages, checks, and prints the counts last."""

import contextlib
import os
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from .. import addons, database, paths, say
from ..prepare import prepare
from . import counts, fast, floor, logscan, odoos_own, selection, shards
from .stages import Run

KEPT_RUNS = 8
PREFIX = "cartera_test_"


def main(arguments):
    flags = {"--fast", "--http", "--raise-floor"}
    if "--odoo-own" in arguments:
        rest = [argument for argument in arguments if argument != "--odoo-own"]
        new_run = partial(Run, None, selection.Selection(), run_folder("own"))
        return conclude(*odoos_own.main(rest, new_run))
    given = {argument for argument in arguments if argument in flags}
    chosen = selection.select(
        [argument for argument in arguments if argument not in flags]
    )
    if "--fast" in given:
        return fast.main(chosen, http="--http" in given)
    total = counts.Counts()
    started = time.monotonic()
    try:
        _run_all(chosen, total, "--raise-floor" in given)
    except say.Failure as failure:
        total.problem(str(failure))
    return conclude(total, started)


def conclude(total, started):
    """Print the problems and, as the very last line, the counts."""
    for problem in total.problems:
        say.note(f"FAILED {problem}")
    say.note(f"{time.monotonic() - started:.0f} s in all")
    sys.stderr.flush()
    print(total.line(), flush=True)
    return 1 if total.failed else 0


def run_folder(label):
    """A new folder for the logs of this run; the oldest ones go."""
    runs = paths.LOGS / "test"
    runs.mkdir(parents=True, exist_ok=True)
    old = sorted(runs.iterdir(), key=lambda path: path.stat().st_mtime)
    for folder in old[:-KEPT_RUNS]:
        shutil.rmtree(folder, ignore_errors=True)
    folder = runs / f"{time.strftime('%Y%m%d-%H%M%S')}-{label}-{os.getpid()}"
    folder.mkdir()
    return folder


def check_logs(logs, total):
    """Fail on every unexpected message in the logs; count the expected ones."""
    allowed = logscan.read_allowed()
    for log in logs:
        if not log.exists():
            continue
        with open(log, encoding="utf-8", errors="replace") as lines:
            unexpected, used = logscan.scan(
                (line.rstrip("\n") for line in lines), allowed
            )
        for item, number in used.items():
            say.note(
                f"    {log.name}: {number} × allowed: {item.logger}: {item.reason}"
            )
        for entry in unexpected:
            total.problem(
                f"log {paths.relative(log)}: {entry.level} {entry.logger}:"
                f" {entry.text[:2000]}"
            )


def _run_all(chosen, total, raise_floor):
    folder = run_folder("all")
    say.note("Stage 1 of 3: calculation without Odoo, which is prepared meanwhile")
    ran = {}
    run = Run(None, chosen, folder)
    in_odoo = chosen.wants("odoo") or chosen.wants("process")
    with ThreadPoolExecutor(1) as pool:
        ready = pool.submit(_prepare_base) if in_odoo else None
        with _stage("calc", total, ran) as result:
            result.add(run.calc())
        if in_odoo:
            run.ready = ready.result()
    if in_odoo:
        _run_in_odoo(run, total, ran)
    _check(run, total, ran, raise_floor)


def _prepare_base():
    ready = prepare()
    ready.templates.base()
    return ready


def _run_in_odoo(run, total, ran):
    """Stages 2 and 3, on databases that nobody else uses and that go afterwards."""
    cluster = run.ready.cluster
    _drop_left_over(cluster)
    run.database = f"{PREFIX}{os.getpid()}"
    try:
        say.note("Stage 2 of 3: the suite into a fresh database")
        with say.step("installation"):
            run.install(run.database, run.ready.templates.suite_key())
        say.note("Stage 3 of 3: tests in Odoo, races, kills, the tools themselves")
        _run_parts(run, total, ran)
    finally:
        for leftover in database.names(cluster):
            if leftover.startswith(run.database):
                database.drop(cluster, leftover)


def _run_parts(run, total, ran):
    parts = shards.split(run.selection, addons.suite(run.ready.odoo))
    say.note(f"  {len(parts)} parts, {shards.workers()} at a time")
    started = time.monotonic()
    for part, result in shards.run_all(parts, run.part):
        ran[part.stage] = ran.get(part.stage, 0) + result.ran
        total.add(result)
        say.note(f"  {part.stage}: {part.label}: {result.line()}")
    say.note(f"  odoo and process in {time.monotonic() - started:.0f} s")


@contextlib.contextmanager
def _stage(name, total, ran):
    started = time.monotonic()
    result = counts.Counts()
    yield result
    ran[name] = result.ran
    total.add(result)
    say.note(f"  {name}: {result.line()} in {time.monotonic() - started:.0f} s")


def _check(run, total, ran, raise_floor):
    check_logs(run.logs, total)
    for seconds, test in counts.slowest(run.folder, 6):
        if seconds > 5:
            say.note(f"    slow: {seconds:5.1f} s  {test}")
    if not run.selection.is_everything:
        return
    for shortfall in floor.shortfalls(ran, floor.read()):
        total.problem(shortfall)
    if raise_floor and not total.failed:
        floor.raise_to(ran)
        shards.remember(run.folder)


def _drop_left_over(cluster):
    """Remove databases of runs that were killed."""
    for name in database.names(cluster):
        number = name.removeprefix(PREFIX).split("_")[0]
        if (
            name.startswith(PREFIX)
            and number.isdigit()
            and not os.path.exists(f"/proc/{number}")
        ):
            database.drop(cluster, name)
