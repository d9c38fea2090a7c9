"""Checks that read the repository's files themselves."""

import ast
import re
import subprocess

from lxml import etree

from .. import addons, paths

LONG = 500
CLOCKS = {
    "today",
    "now",
    "utcnow",
    "time",
    "monotonic",
    "perf_counter",
    "localtime",
    "gmtime",
}
CLOCK_OWNERS = {"date", "datetime", "time", "fields"}
IMPURE_IMPORTS = {
    "odoo",
    "os",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "requests",
    "time",
    "pathlib",
}
IMPURE_CALLS = {"open", "input", "print"}
# Put together, so that this file does not name what it forbids.
HOSTS = [
    "".join(parts)
    for parts in (
        ("deb.", "debian.org"),
        ("snapshot.", "debian.org"),
        ("archive.", "ubuntu.com"),
        ("pypi.", "org"),
        ("pythonhosted.", "org"),
        ("registry.", "npmjs"),
        ("nightly.", "odoo.com"),
        ("ghcr.", "io"),
        ("docker.", "io"),
        ("arti", "factory"),
        ("jfrog.", "io"),
        ("/nexus", "/repository"),
    )
]
BINARY = (
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".ico",
    ".woff",
    ".woff2",
    ".pdf",
    ".xlsx",
    ".zip",
    ".gz",
)


def repository_files(*patterns):
    """Files of the repository, also new ones, without what git ignores."""
    command = [
        "git",
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
        "--",
        *patterns,
    ]
    done = subprocess.run(
        command, cwd=paths.ROOT, capture_output=True, text=True, check=True
    )
    found = (paths.ROOT / name for name in sorted(set(done.stdout.split("\0"))) if name)
    return [path for path in found if path.is_file()]


def bad_xml():
    findings = []
    for path in repository_files("*.xml", "*.svg"):
        try:
            etree.parse(str(path))
        except etree.XMLSyntaxError as error:
            findings.append(f"{paths.relative(path)}: {error}")
    return findings


def long_files():
    findings = []
    for path in repository_files("*.py"):
        number = len(path.read_text().splitlines())
        if number > LONG:
            findings.append(
                f"{paths.relative(path)} has {number} lines, more than {LONG}"
            )
    return findings


def registry_hosts():
    findings = []
    for path in repository_files():
        if path.suffix in BINARY:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            host = next((host for host in HOSTS if host in line), None)
            if host:
                findings.append(
                    f"{paths.relative(path)}:{number}: names the registry {host}"
                )
    return findings


def impure_calc():
    findings = []
    for addon in addons.all_addons():
        for path in sorted((addon.path / "calc").glob("**/*.py")):
            name = paths.relative(path)
            findings += [
                f"{name}:{line}: {text}" for line, text in impurities(path.read_text())
            ]
    return findings


def impurities(source):
    """(line, what is wrong) for imports, clocks and I/O that pure code does without."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name in _imported(node):
                if name.split(".")[0] in IMPURE_IMPORTS:
                    yield node.lineno, f"imports {name}"
        elif isinstance(node, ast.Call):
            called = _impure_call(node.func)
            if called:
                yield node.lineno, f"calls {called}()"


def _imported(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [] if node.level else [node.module or ""]


def _impure_call(function):
    if isinstance(function, ast.Name) and function.id in IMPURE_CALLS:
        return function.id
    if isinstance(function, ast.Attribute) and function.attr in CLOCKS:
        owner = re.sub(r"\(.*", "", ast.unparse(function.value)).split(".")[-1]
        if owner.lower() in CLOCK_OWNERS:
            return f"{owner}.{function.attr}"
    return None
