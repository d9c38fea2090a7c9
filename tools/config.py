"""The one Odoo configuration file, rewritten only when something in it changes."""

import configparser
import io
import os
import secrets

from . import paths, stamp


def addons_path(odoo):
    """Odoo's folders, this repository, and those named in CARTERA_ADDONS."""
    extra = filter(None, os.environ.get("CARTERA_ADDONS", "").split(os.pathsep))
    return [str(path) for path in (*odoo.addons, paths.ROOT, *extra)]


def options(odoo, cluster):
    return {
        "addons_path": ",".join(addons_path(odoo)),
        "data_dir": str(paths.ODOO_DATA),
        "db_host": cluster.host,
        "db_port": str(cluster.port),
        "db_user": cluster.role,
        "db_password": cluster.password,
        "http_interface": "127.0.0.1",
        "list_db": "True",
        "max_cron_threads": "0",
        "unaccent": "True",
        "without_demo": "True",
        "workers": "0",
        "limit_time_real": "0",
        "limit_time_cpu": "0",
    }


def write(odoo, cluster):
    """Write ``odoo.conf``; the master password stays what it was."""
    old = configparser.RawConfigParser()
    old.read(paths.ODOO_CONF)
    kept = old.get("options", "admin_passwd", fallback=None)
    values = options(odoo, cluster) | {
        "admin_passwd": kept or secrets.token_urlsafe(18)
    }
    paths.ODOO_DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not old.has_section("options") or dict(old["options"]) != values:
        stamp.write_file(paths.ODOO_CONF, _render(values), mode=0o600)


def variant(path, **changes):
    """A copy of the configuration with some options changed, for one run."""
    current = configparser.RawConfigParser()
    current.read(paths.ODOO_CONF)
    stamp.write_file(path, _render(dict(current["options"]) | changes), mode=0o600)
    return path


def _render(values):
    parser = configparser.RawConfigParser()
    parser["options"] = dict(sorted(values.items()))
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()
