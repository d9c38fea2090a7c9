"""Odoo as Debian's package ``odoo-19``, unpacked below ``.cartera``, never installed.

The package leaves jquery and the fonts to other packages, as relative links; these are
unpacked into the same folder, so that the links hold without touching the system.
"""

import os
import re
import shutil
import subprocess

from . import paths, say, stamp

PACKAGE = "odoo-19"
SUITE = "sid"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
HOME = paths.ODOO_TREE / "usr" / "lib" / "python3" / "dist-packages"
APT = paths.STATE / "apt"


def fetch():
    """Download and unpack; a Failure says why that is impossible."""
    paths.DOWNLOAD.mkdir(parents=True, exist_ok=True)
    options = None
    if not list(paths.DOWNLOAD.glob(f"{PACKAGE}_*.deb")):
        options = _options()
        with say.step("downloading Odoo 19 (150 MB)"):
            _download([PACKAGE], options)
    web = _missing_web_packages()
    if web:
        with say.step("downloading its web libraries and fonts"):
            _download(web, options or _options())
    with say.step("unpacking Odoo"):
        _unpack()


def identity():
    return " ".join(
        sorted(path.name for path in paths.DOWNLOAD.glob(f"{PACKAGE}_*.deb"))
    )


def _missing_web_packages():
    """Dependencies of Odoo that bring scripts or fonts, as far as not fetched."""
    package = next(paths.DOWNLOAD.glob(f"{PACKAGE}_*.deb"))
    command = ["dpkg-deb", "-f", str(package), "Depends"]
    depends = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    names = (entry.split("|")[0].split("(")[0].strip() for entry in depends.split(","))
    wanted = [name for name in names if re.match(r"(libjs|fonts)-", name)]
    return [name for name in wanted if not list(paths.DOWNLOAD.glob(f"{name}_*.deb"))]


def _options():
    """Options for a private apt that knows one suite; the machine's is left alone."""
    sources = APT / "sources"
    for folder in (
        sources,
        APT / "lists" / "partial",
        APT / "cache" / "archives" / "partial",
    ):
        folder.mkdir(parents=True, exist_ok=True)
    if not os.path.exists(KEYRING):
        raise say.Failure("This machine is no Debian (its archive key is missing).")
    lines = (
        "Types: deb",
        f"URIs: {_archive()}",
        f"Suites: {SUITE}",
        "Components: main",
        f"Signed-By: {KEYRING}",
    )
    stamp.write_file(sources / "debian.sources", "\n".join(lines) + "\n")
    options = {
        "Dir::Etc::sourcelist": "/dev/null",
        "Dir::Etc::sourceparts": sources,
        "Dir::State::lists": APT / "lists",
        "Dir::State::status": "/dev/null",
        "Dir::Cache": APT / "cache",
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
        "Acquire::Retries": "2",
    }
    arguments = [f"-o{name}={value}" for name, value in options.items()]
    with say.step("reading Debian's package list"):
        say.run(
            ["apt-get", *arguments, "update", "--error-on=any"],
            "Package list of Debian",
        )
    return arguments


def _archive():
    """Address of the Debian archive that this machine uses."""
    template = "$(SITE) $(REPO_URI) $(ORIGIN) $(LABEL)"
    command = ["apt-get", "indextargets", "--format", template, "Identifier: Packages"]
    for attempt in range(2):
        listed = subprocess.run(
            command, capture_output=True, text=True, check=False
        ).stdout
        for line in listed.splitlines():
            if "security" not in line and line.endswith("Debian Debian"):
                return line.split()[1]
        if attempt == 0 and os.geteuid() == 0:
            say.run(["apt-get", "update"], "Package lists")
    return _archive_of_sources()


def _archive_of_sources():
    """The same from the files, for machines whose package lists were never read."""
    for folder in ("/etc/apt/sources.list.d", "/etc/apt"):
        for where, _folders, files in os.walk(folder):
            for name in sorted(files):
                if not name.endswith((".sources", ".list")):
                    continue
                with open(os.path.join(where, name)) as file:
                    found = re.search(
                        r"^[^#\n]*?(https?://\S+/debian)/?(\s|$)", file.read(), re.M
                    )
                if found:
                    return found.group(1)
    raise say.Failure("apt on this machine names no Debian archive.")


def _download(names, options):
    """Fetch packages into the download folder, each whole or not at all."""
    temporary = paths.DOWNLOAD / "partial"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    say.run(
        ["apt-get", *options, "download", *names],
        f"Download of {names[0]}",
        cwd=temporary,
    )
    for path in temporary.glob("*.deb"):
        path.rename(paths.DOWNLOAD / path.name.replace("%3a", ":"))
    shutil.rmtree(temporary)


def _unpack():
    """Unpack all packages into a new folder, then put it in place."""
    temporary = paths.STATE / "odoo.new"
    shutil.rmtree(temporary, ignore_errors=True)
    for package in sorted(paths.DOWNLOAD.glob("*.deb")):
        say.run(
            ["dpkg", "-x", package, temporary],
            f"Unpacking {package.name.split('_')[0]}",
        )
    shutil.rmtree(paths.ODOO_TREE, ignore_errors=True)
    temporary.rename(paths.ODOO_TREE)
