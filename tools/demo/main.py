"""Fill a database with the demo books, run its daily job, or print what is in it."""

import argparse
import sys

import odoo
import odoo.api
import odoo.modules.registry
import odoo.tools

from . import build, daily, summary
from .books import DemoError


def main():
    parser = argparse.ArgumentParser(prog="tools.demo")
    parser.add_argument("step", choices=("build", "daily", "summary"))
    parser.add_argument("--database", required=True)
    parser.add_argument(
        "--size", type=int, default=build.SIZE, help="number of customers"
    )
    parser.add_argument("--port", type=int, default=8069)
    options = parser.parse_args()
    odoo.tools.config.parse_config(
        ["-d", options.database, "--log-level=warn"], setup_logging=True
    )
    registry = odoo.modules.registry.Registry(options.database)
    with registry.cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        if options.step in ("build", "daily"):
            try:
                if options.step == "build":
                    build.build(env, size=options.size)
                else:
                    daily.run(env)
            except DemoError as error:
                cr.rollback()
                sys.exit(f"cartera: {error}")
            cr.commit()
        else:
            summary.show(env, port=options.port)
