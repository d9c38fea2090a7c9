"""What the stages counted: tests by outcome, and failures of the checks round them."""

import json
import re
from dataclasses import dataclass, field

FORBIDDEN_SKIP = re.compile(
    r"chrom|browser|websocket|wkhtmltopdf|\bpdf\b", re.IGNORECASE
)
NO_TESTS = 5
LONGEST = 86400  # a clock that a test stops makes seconds out of years


@dataclass
class Counts:
    """Tests of one stage or of all."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    problems: list = field(default_factory=list)

    @property
    def ran(self):
        return self.passed + self.failed

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.problems += other.problems
        return self

    def problem(self, text):
        """A check that failed: it counts as a failed test."""
        self.failed += 1
        self.problems.append(text)

    def line(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def read(path, exit_code, stage):
    """Counts of a pytest run from the file of its plugin and its exit code."""
    counts = Counts()
    try:
        tests = json.loads(path.read_text())["tests"]
    except (FileNotFoundError, ValueError, KeyError):
        counts.problem(
            f"{stage}: pytest ended with code {exit_code} before it could count"
        )
        return counts
    for test in tests:
        setattr(counts, test["outcome"], getattr(counts, test["outcome"]) + 1)
        if test["outcome"] == "skipped" and FORBIDDEN_SKIP.search(test["reason"]):
            counts.problem(
                f"{stage}: skipped for want of a tool: {test['test']}: {test['reason']}"
            )
    if exit_code not in (0, NO_TESTS) and not counts.failed:
        counts.problem(f"{stage}: pytest ended with code {exit_code}")
    return counts


def slowest(folder, number=10):
    """The slowest tests of a run, as (seconds, name)."""
    tests = [
        test
        for path in folder.glob("*.json")
        for test in json.loads(path.read_text()).get("tests", ())
        if test["seconds"] < LONGEST
    ]
    return sorted(((test["seconds"], test["test"]) for test in tests), reverse=True)[
        :number
    ]
