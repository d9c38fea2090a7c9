"""The checks of ``./cartera lint``, each with its seconds; every finding is a line."""

import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from .. import addons, paths, say
from ..prepare import prepare
from . import files

PYTHON = str(paths.PYTHON)


def main(arguments):
    """Run every check, also after one has failed; 0 if all passed."""
    if arguments not in ([], ["--fix"]):
        raise say.Failure("./cartera lint takes no arguments but --fix.")
    if arguments:
        for fix in (["check", "--fix"], ["format"]):
            subprocess.run(
                [PYTHON, "-m", "ruff", *fix, "."], cwd=paths.ROOT, check=False
            )
    if addons.all_addons():
        prepare()  # before two checks need it at once
    with ThreadPoolExecutor(2) as pool:  # the two slow ones side by side
        passed = list(pool.map(_passes, *zip(*SLOWEST_FIRST, strict=True)))
    failed = [
        title
        for (title, _check), good in zip(SLOWEST_FIRST, passed, strict=True)
        if not good
    ]
    for warning in files.long_files():
        say.note(f"  warning: {warning}")
    if failed:
        say.note("lint failed: " + ", ".join(failed))
        return 1
    print("lint passed")
    return 0


def _passes(title, check):
    started = time.monotonic()
    findings = check()
    print("".join(f"{finding}\n" for finding in findings), end="", flush=True)
    say.note(
        f"  {'✗' if findings else '✓'} {title} ({time.monotonic() - started:.1f} s)"
    )
    return not findings


def _run(*command, env=None):
    """Lines of a program that found something, none if it is content."""
    done = subprocess.run(
        [PYTHON, "-m", *command],
        cwd=paths.ROOT,
        env=env,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if not done.returncode:
        return []
    return (done.stdout + done.stderr).strip().splitlines() or [
        f"exit code {done.returncode}"
    ]


def _ruff():
    return _run("ruff", "check", "--quiet", ".")


def _format():
    return _run("ruff", "format", "--check", "--quiet", ".") and [
        f"not formatted: {line}" for line in _run("ruff", "format", "--check", ".")
    ]


def _pylint():
    folders = [str(addon.path) for addon in addons.all_addons()]
    if not folders:
        return []
    from .. import source

    env = source.prepare().environment() | {"TERM": "dumb"}
    env["PYTHONPATH"] = os.pathsep.join((env["PYTHONPATH"], str(paths.ROOT)))
    return _run("pylint", "--rcfile=.pylintrc", "-f", "text", *folders, env=env)


def _translations():
    from .. import i18n

    return i18n.check()


SLOWEST_FIRST = (
    ("pylint-odoo", _pylint),
    ("translations", _translations),
    ("ruff check", _ruff),
    ("ruff format", _format),
    ("XML well-formed", files.bad_xml),
    ("calc/ is pure", files.impure_calc),
    ("no host of a registry", files.registry_hosts),
)
