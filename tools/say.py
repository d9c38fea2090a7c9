"""What the person at the terminal reads: steps with seconds, failures in a sentence."""

import contextlib
import errno
import subprocess
import sys
import time

from . import paths

NO_NETWORK = (
    "temporary failure resolving",
    "temporary failure in name resolution",
    "could not resolve",
    "name or service not known",
    "network is unreachable",
    "failed to establish a new connection",
    "connection refused",
    "connection timed out",
    "dns error",
    "error sending request",
    "client error (connect)",
    "unable to connect",
)


class Failure(Exception):
    """A step that cannot go on. The text is one sentence that says what to do."""


def note(text):
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(title):
    """Announce a step that takes time, and the seconds it took."""
    start = time.monotonic()
    note(f"  … {title}")
    yield
    note(f"  ✓ {title} ({time.monotonic() - start:.1f} s)")


def explain(title, text):
    """One sentence for a step that failed with this output."""
    low = text.lower()
    if "no space left on device" in low:
        return f"{title}: the disk is full; make room and run the same command again."
    if any(sign in low for sign in NO_NETWORK):
        return (
            f"{title}: the network does not answer; check the connection (and proxy)"
            " and run the same command again."
        )
    return ""


def explain_os_error(error):
    """One sentence for an OSError that nobody foresaw."""
    if error.errno == errno.ENOSPC:
        return "The disk is full; make room and run the same command again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"No right to write {error.filename}; give this user the folder"
            " (or remove .cartera if another user made it) and run again."
        )
    return f"{error}; if it stays, remove .cartera and run again."


def run(command, title, log=None, env=None, cwd=None, **kwargs):
    """Run a program quietly; on failure raise one sentence and name its log file."""
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    log = log or paths.LOGS / (
        title.lower().replace(" ", "-").replace("/", "-") + ".log"
    )
    with open(log, "wb") as output:
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd or paths.ROOT,
            **kwargs,
        )
    if done.returncode:
        fail(title, log, done.returncode)
    return log


def fail(title, log, code):
    """Raise the Failure of a program whose output is in ``log``."""
    text = log.read_text(errors="replace") if log.exists() else ""
    tail = "\n".join(f"    {line}" for line in text.strip().splitlines()[-12:])
    sentence = explain(title, text) or (
        f"{title}: failed with exit code {code}; read {paths.relative(log)}"
        " and run the same command again."
    )
    raise Failure(f"{sentence}\n{tail}" if tail else sentence)
