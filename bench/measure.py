"""Races between contestants, and the table of what they took.

Contestants of a race run in turns in one process, each time in a transaction of its own
that is rolled back, with the record cache empty; the work before the commit counts.
Differences are taken pair by pair within a round, and their median is given. Time is
what this process and its PostgreSQL backend spent on the processor, so that a machine
with other work to do gives the same ratios; where the backend's time cannot be read
(another machine, no /proc) it is time on the clock. PostgreSQL gets no parallel workers:
what those spend is not the backend's, and who has them would seem to do less.
"""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import session


@dataclass
class Contestant:
    """Who does the work: ``run(env, prepare(env))``; ``answer(env)`` is not timed."""

    who: str
    registry: object
    run: Callable
    prepare: Callable = lambda env: None
    answer: Callable = lambda env: None
    runs: int | None = None
    seconds: list = field(default_factory=list)
    clock: list = field(default_factory=list)
    queries: int = 0
    result: object = None

    @property
    def median(self):
        return statistics.median(self.seconds)

    @property
    def clock_median(self):
        return statistics.median(self.clock)

    def beyond(self, other):
        """The median of what this one took longer than ``other``, round by round."""
        pairs = zip(self.seconds, other.seconds, strict=False)
        return statistics.median(mine - theirs for mine, theirs in pairs)

    def ratio(self, other):
        """The median of how many times as long as ``other`` this one took."""
        pairs = zip(self.seconds, other.seconds, strict=False)
        return statistics.median(mine / theirs for mine, theirs in pairs)


@dataclass
class Row:
    """One line of the table."""

    work: str
    size: str
    who: str
    ms: float
    clock_ms: float
    queries: int
    sql_ms: float | None = None
    ratio: float | None = None
    target: str = ""
    met: bool | None = None
    note: str = ""


def race(contestants, runs):
    """Let everybody run ``runs`` times in turns, after a round that is not counted."""
    contestants = list(contestants)
    for number in range(-1, runs):
        shift = number % len(contestants)
        for one in contestants[shift:] + contestants[:shift]:
            if number < (runs if one.runs is None else one.runs):
                _run(one, counted=number >= 0 or one.runs == 0)


def _run(one, counted):
    with session.environment(one.registry, session.ADMIN) as env:
        context = one.prepare(env)
        env.cr.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        env.cr.flush()
        env.invalidate_all()
        gc.collect()
        spent = _processor(env)
        queries, clock, before = env.cr.sql_log_count, time.perf_counter(), spent()
        one.run(env, context)
        env.cr.flush()
        after, elapsed = spent(), time.perf_counter() - clock
        one.queries = env.cr.sql_log_count - queries
        one.result = one.answer(env)
    if counted:
        one.clock.append(elapsed)
        one.seconds.append(after - before)


def _processor(env):
    """Return a function that tells the seconds spent so far, here and in the backend."""
    env.cr.execute("SELECT pg_backend_pid()")
    backend = Path("/proc", str(env.cr.fetchone()[0]), "schedstat")
    try:
        backend.read_text()
    except OSError:
        return time.perf_counter
    return lambda: time.process_time() + int(backend.read_text().split()[0]) / 1e9


HEADINGS = (
    "work",
    "size",
    "who",
    "ms",
    "clock",
    "queries",
    "SQL ms",
    "ratio",
    "met?",
    "target",
)


def table(rows):
    """The rows as text in columns."""
    cells = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(HEADINGS))]
    right = {3, 4, 5, 6, 7}
    return "\n".join(
        "  ".join(
            cell.rjust(width) if at in right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    )


def _cells(row):
    met = "" if row.met is None else "yes" if row.met else "NO"
    return (
        row.work,
        row.size,
        row.who,
        f"{row.ms:.1f}",
        f"{row.clock_ms:.0f}",
        str(row.queries),
        "" if row.sql_ms is None else f"{row.sql_ms:.1f}",
        "" if row.ratio is None else f"x{row.ratio:.2f}",
        met,
        f"{row.target} {row.note}".strip(),
    )


def as_json(rows):
    return [asdict(row) for row in rows]
