"""The databases of the bench: books in plain Odoo, and copies with the suite and peers.

bench_<size>_plain   generated books, Odoo's modules only
bench_<size>         a copy in which the suite was installed, with credit lines
bench_<size>_oca     a copy with the peers of the Odoo Community Association
"""

import subprocess
from dataclasses import dataclass

from tools import addons, database, odoo, paths, say, stamp

from . import lines, peers, session

GENERATOR = ("seed", "clone", "populate")


@dataclass(frozen=True)
class Size:
    name: str
    customers: int
    invoices: int
    orders: int


SIZES = {
    "S": Size("s", 1_000, 10_000, 1_000),
    "M": Size("m", 10_000, 100_000, 10_000),
    # About 10,000 overdue items of 2,000 customers: a day of collection.
    "D": Size("d", 2_500, 28_000, 500),
}
DEFAULT = ("S", "M")


@dataclass(frozen=True)
class Books:
    """Registries of one size; ``oca`` is None where the peers cannot be had."""

    size: str
    plain: object
    suite: object
    oca: object
    orders: int = 100


def books(ready, size, orders, fresh=False, with_peers=True, keep=False):
    """Make what is missing or out of date, and open it.

    :param orders: how many orders are confirmed in one go
    :param keep: take databases that are there as they are, whatever changed since
    """
    one = SIZES[size]
    there = database.names(ready.cluster) if keep else ()
    plain, suite, oca = (f"bench_{one.name}{tail}" for tail in ("_plain", "", "_oca"))
    if plain not in there:
        _plain(ready, one, fresh)
    if suite not in there:
        _suite(ready, one, plain)
    if not with_peers or not peers.fetch(ready):
        oca = None
    elif oca not in there:
        _oca(ready, one, plain)
    return Books(
        size=size,
        orders=orders,
        plain=session.boot(plain),
        suite=session.boot(suite),
        oca=session.boot(oca, peers.addons_path(ready)) if oca else None,
    )


def _plain(ready, size, fresh):
    name = f"bench_{size.name}_plain"
    key = plain_key(size)
    if not fresh and database.stamp_of(ready.cluster, name) == key:
        return
    template = ready.templates.base()
    with say.step(f"books of {size.invoices:,} invoices ({name})"):
        database.drop(ready.cluster, name)
        database.clone(ready.cluster, template, name)
        command = [paths.PYTHON, "-m", "bench.populate", name]
        for option in ("customers", "invoices", "orders"):
            command += [f"--{option}", str(getattr(size, option))]
        env = ready.odoo.environment()
        if subprocess.run(command, env=env, cwd=paths.ROOT, check=False).returncode:
            raise say.Failure(f"The books of {name} could not be made (see above).")
        database.set_stamp(ready.cluster, name, key)


def plain_key(size):
    """Changes with the size and with the code that makes the books."""
    sources = [paths.ROOT / "bench" / f"{name}.py" for name in GENERATOR]
    return stamp.digest("books", size, *sources)


def _suite(ready, size, plain):
    name = f"bench_{size.name}"
    found = addons.suite(ready.odoo)
    sources = (addons.digest(found), paths.ROOT / "bench" / "lines.py")
    key = stamp.digest(database.stamp_of(ready.cluster, plain), *sources)
    if database.stamp_of(ready.cluster, name) == key:
        return
    _copy(ready, plain, name)
    install = [addon.name for addon in found]
    with say.step(f"installing {', '.join(install)} on these books"):
        odoo.modules(ready.odoo, name, paths.LOGS / f"{name}.log", install=install)
    with session.environment(session.boot(name), commit=True) as env:
        lines.write(env)
    _vacuum(ready, name)
    database.set_stamp(ready.cluster, name, key)


def _oca(ready, size, plain):
    name = f"bench_{size.name}_oca"
    key = stamp.digest(database.stamp_of(ready.cluster, plain), *peers.PACKAGES)
    if database.stamp_of(ready.cluster, name) == key:
        return
    _copy(ready, plain, name)
    with say.step(f"installing {', '.join(peers.MODULES)} on these books"):
        path = ",".join(map(str, peers.addons_path(ready)))
        odoo.modules(
            ready.odoo,
            name,
            paths.LOGS / f"{name}.log",
            install=peers.MODULES,
            extra=[f"--addons-path={path}"],
        )
    with session.environment(
        session.boot(name, peers.addons_path(ready)), commit=True
    ) as env:
        peers.prepare(env)
    _vacuum(ready, name)
    database.set_stamp(ready.cluster, name, key)


def _copy(ready, source, name):
    with say.step(f"copying {source} to {name}"):
        database.drop(ready.cluster, name)
        database.clone(ready.cluster, source, name)


def _vacuum(ready, name):
    with database.connect(ready.cluster, name) as cursor:
        cursor.execute("VACUUM ANALYZE")
