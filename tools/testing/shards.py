"""Tests in parts that run side by side, each in a process and a database of its own."""

import functools
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .. import paths, stamp

MOST_WORKERS = 4
PARTS = 4  # of the tests in Odoo that need no browser
SECONDS = paths.TOOLS / "test_seconds.txt"
BYTES_A_SECOND = 700  # of a file that was never measured
TERMINAL = threading.Lock()
HEAD = """\
# What each test file takes; ./cartera test --raise-floor measures it. The parts of a run are made even by it.
"""


@dataclass(frozen=True)
class Part:
    """Some test files of one stage."""

    stage: str
    label: str
    targets: tuple
    weight: int = 0


def split(selection, suite):
    """The parts of the stages ``odoo`` and ``process``, the heaviest first.

    What a person named is not taken apart; files with browser tests share one
    part, as each part with a browser compiles the web client once.
    """
    parts = []
    if selection.odoo is None:
        files = [
            path
            for addon in suite
            for path in sorted((addon.path / "tests").glob("test_*.py"))
            if not path.name.startswith("test_calc_")
        ]
        parts += _of_odoo(files)
    elif selection.odoo:
        parts.append(Part("odoo", "odoo", tuple(selection.odoo)))
    if selection.process is None:
        for path in sorted(paths.ROOT.glob("tests/test_*.py")):
            label = path.stem.removeprefix("test_")
            parts.append(Part("process", label, (str(path),), _size(path)))
    elif selection.process:
        parts.append(Part("process", "process", tuple(selection.process)))
    return sorted(parts, key=lambda part: -part.weight)


def _of_odoo(files):
    browser = [path for path in files if "HttpCase" in path.read_text()]
    heaps = [[] for _number in range(PARTS)]
    for path in sorted(
        set(files) - set(browser), key=lambda path: (-_size(path), path)
    ):
        min(heaps, key=lambda heap: sum(map(_size, heap))).append(path)
    named = [("browser", browser)]
    named += [(f"part {number}", heap) for number, heap in enumerate(heaps, 1)]
    return [
        Part("odoo", label, tuple(map(str, sorted(heap))), sum(map(_size, heap)))
        for label, heap in named
        if heap
    ]


def _size(path):
    """Seconds that a file took when it was measured last, else a guess by its length."""
    known = _read_seconds().get(paths.relative(path))
    return known or max(1, path.stat().st_size // BYTES_A_SECOND)


@functools.cache
def _read_seconds():
    if not SECONDS.exists():
        return {}
    lines = (line.split("#")[0].split() for line in SECONDS.read_text().splitlines())
    return {parts[1]: int(parts[0]) for parts in lines if parts}


def remember(folder):
    """Keep what each file took in a whole run, so that the next one is cut into even parts."""
    taken = Counter()
    for path in folder.glob("*.json"):
        for test in json.loads(path.read_text()).get("tests", ()):
            taken[test["test"].split("::")[0]] += test["seconds"]
    lines = [
        f"{max(1, round(seconds)):4} {name}"
        for name, seconds in sorted(taken.items())
        if name.endswith(".py") and "test_calc_" not in name
    ]
    stamp.write_file(SECONDS, HEAD + "\n".join(lines) + "\n")


def workers():
    return max(1, min(MOST_WORKERS, os.cpu_count() or 1))


def run_all(parts, function):
    """[(part, what ``function`` returned)] of parts run side by side, as they ended."""
    done = []

    def work(part):
        result = function(part)
        done.append((part, result))

    with ThreadPoolExecutor(workers()) as pool:
        for future in [pool.submit(work, part) for part in parts]:
            future.result()
    return done


def show(command, label, env):
    """Run a command with its output on the terminal, each line under its label."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=env,
        cwd=paths.ROOT,
        text=True,
        errors="replace",
    )
    try:
        for line in process.stdout:
            with TERMINAL:
                sys.stdout.write(f"  {label:8} {line}")
                sys.stdout.flush()
        return process.wait()
    except BaseException:
        process.terminate()
        raise
