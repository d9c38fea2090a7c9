"""A pytest plugin: writes what became of every test to the file in CARTERA_COUNTS."""

import json
import os

import pytest

WORST = {"failed": 3, "passed": 2, "skipped": 1}


class Outcomes:
    """The worst that happened to each test in setup, call and teardown."""

    def __init__(self):
        self.tests = {}

    def of(self, nodeid):
        empty = {"test": nodeid, "outcome": None, "reason": "", "seconds": 0, "cpu": 0}
        return self.tests.setdefault(nodeid, empty)

    def note(self, nodeid, outcome, reason=""):
        test = self.of(nodeid)
        if WORST[outcome] > WORST.get(test["outcome"], 0):
            test.update(outcome=outcome, reason=reason)

    def add(self, report):
        if report.failed:
            self.note(report.nodeid, "failed", _reason(report))
        elif report.skipped:
            expected = hasattr(report, "wasxfail")
            outcome = "passed" if expected else "skipped"
            self.note(report.nodeid, outcome, _reason(report))
        elif report.when == "call":
            self.note(report.nodeid, "passed")

    def spend(self, nodeid, before, after):
        """Add what a phase took: a clock that no test can stop, and this process's work."""
        test = self.of(nodeid)
        test["seconds"] += after.elapsed - before.elapsed
        test["cpu"] += after.user + after.system - before.user - before.system

    def write(self, path, code):
        tests = [test for test in self.tests.values() if test["outcome"]]
        with open(f"{path}.new", "w", encoding="utf-8") as file:
            json.dump({"exit": int(code), "tests": tests}, file, indent=1)
        os.replace(f"{path}.new", path)


OUTCOMES = Outcomes()


def _reason(report):
    if isinstance(report.longrepr, tuple):
        return report.longrepr[-1]
    return str(report.longrepr or "").strip()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    before = os.times()
    yield
    OUTCOMES.spend(item.nodeid, before, os.times())


def pytest_runtest_logreport(report):
    OUTCOMES.add(report)


def pytest_collectreport(report):
    if report.failed:
        OUTCOMES.note(report.nodeid or "collection", "failed", _reason(report))
    elif report.skipped:
        OUTCOMES.note(report.nodeid, "skipped", _reason(report))


def pytest_sessionfinish(exitstatus):
    path = os.environ.get("CARTERA_COUNTS")
    if path:
        OUTCOMES.write(path, exitstatus)
