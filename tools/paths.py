"""Where things are. Everything the command makes is below ``.cartera``."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "tools"
STATE = ROOT / ".cartera"
STAMPS = STATE / "stamps"
LOGS = STATE / "logs"
DOWNLOAD = STATE / "download"
VENV = STATE / "venv"
PYTHON = VENV / "bin" / "python"
ODOO_TREE = STATE / "odoo"
ODOO_GIT = STATE / "odoo-git"
ODOO_DATA = STATE / "data"
ODOO_CONF = STATE / "odoo.conf"
CLUSTER = STATE / "cluster.json"


def relative(path):
    """The path as a person in the repository's folder would type it."""
    return os.path.relpath(path, ROOT)
