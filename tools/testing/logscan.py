"""Odoo's log read for trouble: what is not on the allow-list fails the run."""

import re
import tomllib
from collections import Counter
from dataclasses import dataclass

from .. import paths

ALLOW = paths.TOOLS / "log_allow.toml"
LINE = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ (?P<level>[A-Z]+)"
    r" (?P<db>\S+) (?P<logger>\S+?): (?P<text>.*)$"
)
LEVELS = ("WARNING", "ERROR", "CRITICAL")


@dataclass(frozen=True)
class Allowed:
    """A message that is expected, where it comes from, and why it is no fault."""

    logger: str
    pattern: re.Pattern
    reason: str

    def matches(self, entry):
        same = entry.logger == self.logger or entry.logger.startswith(self.logger + ".")
        return same and bool(self.pattern.search(entry.text))


@dataclass(frozen=True)
class Entry:
    """A log message with the lines that belong to it."""

    level: str
    logger: str
    text: str


def read_allowed(path=ALLOW):
    """The allow-list; an entry without logger, pattern or reason is an error."""
    entries = tomllib.loads(path.read_text()).get("allow", [])
    return [
        Allowed(entry["logger"], re.compile(entry["pattern"], re.S), entry["reason"])
        for entry in entries
    ]


def entries(lines):
    """Messages of the levels that matter, each with its continuation lines."""
    current = None
    for line in lines:
        found = LINE.match(line)
        if not found:
            if current:
                current[2].append(line)
            continue
        if current:
            yield Entry(current[0], current[1], "\n".join(current[2]))
        current = None
        if found["level"] in LEVELS:
            current = (found["level"], found["logger"], [found["text"]])
    if current:
        yield Entry(current[0], current[1], "\n".join(current[2]))


def scan(lines, allowed):
    """The unexpected entries, and how often each allowed one was met."""
    unexpected, used = [], Counter()
    for entry in entries(lines):
        match = next((item for item in allowed if item.matches(entry)), None)
        if match:
            used[match] += 1
        else:
            unexpected.append(entry)
    return unexpected, used
