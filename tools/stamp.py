"""Stamps say from which inputs a thing was made; locks keep two runs apart."""

import contextlib
import fcntl
import hashlib
import os

from . import paths, say


def digest(*parts):
    """A short hash of texts and of the files among the parts."""
    total = hashlib.sha256()
    for part in parts:
        content = (
            part.read_bytes() if isinstance(part, os.PathLike) else str(part).encode()
        )
        total.update(hashlib.sha256(content).digest())
    return total.hexdigest()[:16]


def tree_digest(folder, skip=()):
    """A hash of all files below a folder, by name and content; not of ``skip``."""
    total = hashlib.sha256()
    ignored = {"__pycache__", ".pytest_cache", ".ruff_cache", *skip}
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in ignored)
        for name in sorted(files):
            if name.endswith((".pyc", "~", ".swp")):
                continue
            path = os.path.join(where, name)
            total.update(os.path.relpath(path, folder).encode() + b"\0")
            with contextlib.suppress(FileNotFoundError), open(path, "rb") as content:
                total.update(hashlib.sha256(content.read()).digest())
    return total.hexdigest()[:16]


def is_fresh(name, value):
    try:
        return (paths.STAMPS / name).read_text() == value
    except FileNotFoundError:
        return False


def write(name, value):
    write_file(paths.STAMPS / name, value)


def clear(name):
    (paths.STAMPS / name).unlink(missing_ok=True)


def write_file(path, text, mode=0o644):
    """Write a whole file or nothing of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(
        os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w"
    ) as file:
        file.write(text)
    os.replace(temporary, path)


@contextlib.contextmanager
def lock(name="prepare"):
    """Hold a lock of this repository; it goes with the process, also by a kill."""
    paths.STATE.mkdir(exist_ok=True)
    path = paths.STATE / f"{name}.lock"
    with open(path, "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            say.note(f"  … waiting for another ./cartera (process {holder}) to finish")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
