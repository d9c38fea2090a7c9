"""A pytest plugin: writes what became of every test to the file in CARTERA_COUNTS."""

import json
import os

RESULTS = {}
REASONS = {}
SECONDS = {}
WORST = {"failed": 3, "passed": 2, "skipped": 1}


def _record(nodeid, outcome, reason=""):
    """Keep the worst that happened to a test in setup, call and teardown."""
    if WORST[outcome] > WORST.get(RESULTS.get(nodeid), 0):
        RESULTS[nodeid] = outcome
        REASONS[nodeid] = reason


def _reason(report):
    if isinstance(report.longrepr, tuple):
        return report.longrepr[-1]
    return str(report.longrepr or "").strip()


def pytest_runtest_logreport(report):
    SECONDS[report.nodeid] = SECONDS.get(report.nodeid, 0) + report.duration
    if report.failed:
        _record(report.nodeid, "failed", _reason(report))
    elif report.skipped:
        expected = hasattr(report, "wasxfail")
        _record(report.nodeid, "passed" if expected else "skipped", _reason(report))
    elif report.when == "call":
        _record(report.nodeid, "passed")


def pytest_collectreport(report):
    if report.failed:
        _record(report.nodeid or "collection", "failed", _reason(report))
    elif report.skipped:
        _record(report.nodeid, "skipped", _reason(report))


def pytest_sessionfinish(session, exitstatus):
    path = os.environ.get("CARTERA_COUNTS")
    if not path:
        return
    tests = [
        {
            "test": nodeid,
            "outcome": outcome,
            "reason": REASONS[nodeid],
            "seconds": round(SECONDS.get(nodeid, 0), 3),
        }
        for nodeid, outcome in RESULTS.items()
    ]
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump({"exit": int(exitstatus), "tests": tests}, file, indent=1)
    os.replace(path + ".new", path)
