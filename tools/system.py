"""System packages: installed when root, named with their purpose when not."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import say, stamp

SERVERS = "/usr/lib/postgresql"


@dataclass(frozen=True)
class Need:
    """Something of the system, the packages that bring it, and what it is for."""

    packages: tuple
    purpose: str
    found: object


def postgres_folder():
    """Folder of the newest PostgreSQL server of the machine, or None."""
    found = [path.parent for path in Path(SERVERS).glob("*/bin/initdb")]
    return max(found, key=lambda path: float(path.parent.name), default=None)


def browser():
    names = ("google-chrome", "chromium", "chromium-browser")
    return next(filter(None, map(shutil.which, names)), None)


NEEDS = (
    Need(
        ("postgresql",),
        "the database server (without it one from the Python package index is used)",
        postgres_folder,
    ),
    Need(("chromium", "chromium-browser"), "browser tests", browser),
    Need(
        ("wkhtmltopdf",), "printing PDF documents", lambda: shutil.which("wkhtmltopdf")
    ),
)


def prepare():
    """Install what is missing, or say what is missing and what it is for."""
    missing = [need for need in NEEDS if not need.found()]
    if not missing:
        return
    tried = " ".join(need.packages[0] for need in missing)
    can_install = os.geteuid() == 0 and shutil.which("apt-get")
    if can_install and not stamp.is_fresh("system", tried):
        with say.step(
            "system packages: " + " ".join(need.packages[0] for need in missing)
        ):
            missing = _install(missing)
        stamp.write("system", " ".join(need.packages[0] for need in missing))
    for need in missing:
        say.note(f"  ! missing: {need.packages[0]}, for {need.purpose}")


def _install(missing):
    """Install each need from the first package that works; return what is missing."""
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    apt_install = ["apt-get", "install", "-y", "--no-install-recommends"]
    try:
        say.run(["apt-get", "update"], "Package lists", env=env)
    except say.Failure as failure:
        say.note(f"  ! {failure}")
    for need in missing:
        for package in need.packages:
            try:
                say.run([*apt_install, package], f"Package {package}", env=env)
            except say.Failure:
                continue
            if need.found():
                break
    return [need for need in missing if not need.found()]
