"""Running Odoo's own command line, with a line of progress while modules are loaded."""

import re
import subprocess
import time

from . import paths, say

LOADING = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")
TROUBLE = re.compile(r"^\S+ \S+ \d+ (ERROR|CRITICAL) ")
EVERY = 10


def command(*arguments):
    return [str(paths.PYTHON), "-m", "odoo", *map(str, arguments)]


def modules(odoo, database, log, install=(), update=(), extra=()):
    """Install and update modules in a database, created if need be."""
    arguments = [
        "-d",
        database,
        "--stop-after-init",
        "--no-http",
        "--max-cron-threads=0",
    ]
    if install:
        arguments += ["-i", ",".join(install)]
    if update:
        arguments += ["-u", ",".join(update)]
    run(odoo, [*arguments, *extra], log)


def run(odoo, arguments, log):
    """Run Odoo to its end, its log in a file; raise its first error if it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    started = shown = time.monotonic()
    with open(log, "w", encoding="utf-8") as file:
        process = subprocess.Popen(
            command(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=odoo.environment(),
            cwd=paths.ROOT,
            text=True,
            errors="replace",
        )
        try:
            for line in process.stdout:
                file.write(line)
                found = LOADING.search(line)
                if found and time.monotonic() - shown > EVERY:
                    shown = time.monotonic()
                    module, number, total = found.groups()
                    at = f"{shown - started:4.0f} s"
                    say.note(f"    {at}  module {number} of {total}: {module}")
            process.wait()
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        _raise(log, process.returncode)


def _raise(log, code):
    lines = log.read_text(errors="replace").splitlines()
    sentence = say.explain("Odoo", "\n".join(lines))
    first = next((at for at, line in enumerate(lines) if TROUBLE.match(line)), None)
    part = lines[-15:] if first is None else lines[first : first + 40]
    where = paths.relative(log)
    sentence = sentence or f"Odoo ended with code {code}; the whole log is in {where}."
    raise say.Failure("\n".join([sentence, *("    " + line for line in part)]))
