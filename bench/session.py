"""Odoo registries opened outside the server, several databases in one process."""

import contextlib
import logging
import os

ADMIN = 2


def boot(database, addons_path=None):
    """Open the registry of a database, with another addons path if one is given."""
    from odoo.tools import config

    arguments = ["-c", os.environ["ODOO_RC"], "-d", database, "--max-cron-threads=0"]
    if addons_path:
        arguments.append("--addons-path=" + ",".join(map(str, addons_path)))
    config.parse_config(arguments, setup_logging=True)
    from odoo.modules.registry import Registry
    from odoo.service.server import load_server_wide_modules

    load_server_wide_modules()
    logging.getLogger("odoo").setLevel(logging.ERROR)
    return Registry(database)


@contextlib.contextmanager
def environment(registry, user=None, commit=False):
    """An environment in a transaction of its own, rolled back unless ``commit``."""
    from odoo import SUPERUSER_ID, api

    with registry.cursor() as cursor:
        env = api.Environment(cursor, user or SUPERUSER_ID, {})
        try:
            yield env
        except BaseException:
            cursor.rollback()
            cursor.clear()
            raise
        if commit:
            cursor.commit()
        else:
            cursor.rollback()
            cursor.clear()
