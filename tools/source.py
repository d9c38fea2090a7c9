"""Odoo 19 itself: ``ODOO_HOME``, else Debian's package, else a clone of its branch."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import debian, paths, say, stamp

GIT_URL = "https://github.com/odoo/odoo.git"
GIT_BRANCH = "19.0"
STRIPPED = "addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
LANDMARKS = ("addons/web/static/lib/jquery/jquery.js", STRIPPED)


@dataclass(frozen=True)
class Odoo:
    """A source tree: ``home`` goes on PYTHONPATH, ``addons`` on the addons path."""

    home: Path
    addons: tuple
    release: str

    def environment(self):
        """The environment in which ``python -m odoo`` and ``import odoo`` work."""
        return dict(
            os.environ,
            PYTHONPATH=os.pathsep.join((str(self.home), str(paths.ROOT))),
            PYTHONUNBUFFERED="1",
            ODOO_RC=str(paths.ODOO_CONF),
        )


def prepare():
    """Return the Odoo tree, fetching it when there is none."""
    named = os.environ.get("ODOO_HOME")
    if named:
        return _open(Path(named).expanduser().resolve(), "ODOO_HOME")
    if not _fetched():
        with stamp.lock("source"):
            if not _fetched():
                stamp.clear("odoo")
                stamp.write("odoo", _fetch())
    home = _fetched()
    return _open(home, paths.relative(home))


def _fetched():
    """The tree that was fetched whole, or None."""
    for kind, home in (("deb", debian.HOME), ("git", paths.ODOO_GIT)):
        if stamp.is_fresh("odoo", kind) and (home / "odoo" / "release.py").exists():
            return home
    return None


def _fetch():
    """Fetch Odoo and return the kind of tree it is."""
    if shutil.which("apt-get") and shutil.which("dpkg"):
        try:
            debian.fetch()
            _complete(debian.HOME / "odoo")
            return "deb"
        except say.Failure as failure:
            say.note(f"  ! {failure}")
            say.note("  ! no Debian package of Odoo; cloning its repository instead")
    if not shutil.which("git"):
        raise say.Failure(
            "Odoo 19 is missing: install git, or name a source tree in ODOO_HOME."
        )
    temporary = paths.STATE / "odoo-git.new"
    shutil.rmtree(temporary, ignore_errors=True)
    with say.step(f"cloning Odoo {GIT_BRANCH} (about 1 GB)"):
        clone = ["git", "clone", "--depth", "1", "--branch", GIT_BRANCH]
        say.run(
            [*clone, os.environ.get("ODOO_GIT_URL", GIT_URL), temporary],
            "Clone of Odoo",
        )
    shutil.rmtree(paths.ODOO_GIT, ignore_errors=True)
    temporary.rename(paths.ODOO_GIT)
    return "git"


def _complete(package):
    """Put a stub where Debian leaves out a script that the web client insists on."""
    path = package / STRIPPED
    if not path.exists():
        stamp.write_file(
            path, "/* left out of the Debian package: no background blur */\n"
        )


def _open(home, name):
    """Check a tree and say where its addons are."""
    release = home / "odoo" / "release.py"
    if not release.is_file():
        raise say.Failure(
            f"{name} ({home}) holds no Odoo: there is no {release}; correct it."
        )
    text = release.read_text()
    version = re.search(r"^version_info = \((\d+), (\d+)", text, re.MULTILINE)
    if not version or version.group(1) != "19":
        raise say.Failure(f"{name} ({home}) is not Odoo 19; name a tree of Odoo 19.0.")
    base = home / "odoo" / "addons"
    outside = home / "addons"
    addons = (
        (outside, base)
        if (outside / "web").is_dir() and not (base / "web").is_dir()
        else (base,)
    )
    for landmark in LANDMARKS:
        if not (home / landmark).exists() and not (home / "odoo" / landmark).exists():
            say.note(
                f"  ! {name} is not complete: {landmark} is missing,"
                " the web client will not work"
            )
    return Odoo(home, addons, _identity(home))


def _identity(home):
    """A text that changes when the tree does: the package's file name or the commit."""
    if (home / ".git").exists():
        command = ["git", "-C", str(home), "rev-parse", "HEAD"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout.strip() or str(home)
    if home == debian.HOME:
        return debian.identity()
    return f"{home} {(home / 'odoo' / 'release.py').stat().st_mtime_ns}"
