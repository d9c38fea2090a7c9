"""The commands of ``./cartera``, one function each; longer ones in their own files."""

import argparse
import os

from . import cluster as clusters
from . import database, odoo, paths, say
from .prepare import prepare


def parser(name, **kwargs):
    return argparse.ArgumentParser(prog=f"./cartera {name}", **kwargs)


def run_odoo(arguments):
    """Hand over to Odoo; the terminal, the input and the exit code are its own."""
    ready = prepare()
    command = odoo.command(*arguments)
    os.execve(command[0], command, ready.odoo.environment())


def run_db(arguments):
    options = parser("db", description="A database with the suite, from the template.")
    options.add_argument("name")
    options.add_argument("--demo", action="store_true", help="with the demo books")
    options.add_argument("--drop", action="store_true", help="remove it instead")
    chosen = options.parse_args(arguments)
    database.check_name(chosen.name)
    ready = prepare()
    if chosen.drop:
        database.drop(ready.cluster, chosen.name)
        return
    if chosen.name in database.names(ready.cluster):
        raise say.Failure(
            f"There is a database {chosen.name} already; remove it with"
            f" ./cartera db {chosen.name} --drop, or take another name."
        )
    if chosen.demo:
        from . import demo_command

        template = demo_command.books(ready)
    else:
        template = ready.templates.suite()
    with say.step(f"database {chosen.name}"):
        database.clone(ready.cluster, template, chosen.name)
    print(f"Database {chosen.name} is ready: ./cartera serve -d {chosen.name}")


def run_serve(arguments):
    options = parser("serve", description="The web client on one database.")
    options.add_argument("-d", "--database", default="cartera_demo")
    options.add_argument("--port", type=int, default=8069)
    chosen, rest = options.parse_known_args(arguments)
    ready = prepare()
    if chosen.database not in database.names(ready.cluster):
        hint = (
            "./cartera demo"
            if chosen.database == "cartera_demo"
            else f"./cartera db {chosen.database}"
        )
        raise say.Failure(
            f"There is no database {chosen.database}; make it with {hint}."
        )
    serve(ready, chosen.database, chosen.port, rest)


def check_port(port):
    """Raise, with a port that would do, when somebody else listens on this one."""
    if clusters.free_port(port) != port:
        raise say.Failure(
            f"Port {port} is taken by another program; stop that, or choose another:"
            f" --port {clusters.free_port(port + 1)}."
        )


def serve(ready, name, port, extra=()):
    """Serve one database until the person stops it."""
    check_port(port)
    print(f"Serving {name} at http://localhost:{port} (stop with Ctrl-C)", flush=True)
    arguments = [
        "-d",
        name,
        f"--db-filter=^{name}$",
        f"--http-port={port}",
        "--max-cron-threads=1",
    ]
    command = odoo.command(*arguments, *extra)
    os.execve(command[0], command, ready.odoo.environment())


def run_psql(arguments):
    return clusters.run_client(prepare().cluster, "psql", *arguments)


def run_stop(_arguments):
    print(
        "PostgreSQL is stopped." if clusters.stop() else "PostgreSQL was not running."
    )


def run_bench(arguments):
    """Hand over to the bench, which makes its databases from the base template."""
    command = [str(paths.PYTHON), "-m", "bench.run", *arguments]
    os.execve(paths.PYTHON, command, prepare().odoo.environment())


def run_test(arguments):
    from .testing import command

    return command.main(arguments)


def run_demo(arguments):
    from . import demo_command

    return demo_command.main(arguments)


def run_lint(arguments):
    from .lint import command

    return command.main(arguments)


def run_i18n(arguments):
    from . import i18n

    return i18n.main(arguments)


COMMANDS = {
    "demo": run_demo,
    "lint": run_lint,
    "i18n": run_i18n,
    "test": run_test,
    "odoo": run_odoo,
    "db": run_db,
    "serve": run_serve,
    "psql": run_psql,
    "stop": run_stop,
    "bench": run_bench,
}
