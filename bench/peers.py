"""The peers from the Odoo Community Association, fetched for the bench only.

They are AGPL: they are installed below ``.cartera/bench-addons``, in a database of
their own, and nothing of the suite imports or ships them.
"""

import shutil

from tools import config, paths, say, stamp

MODULES = ("account_financial_risk", "sale_financial_risk")
PACKAGES = tuple(f"odoo-addon-{name}==19.0.*" for name in MODULES)
FOLDER = paths.STATE / "bench-addons"
ADDONS = FOLDER / "odoo" / "addons"


def addons_path(ready):
    return [*config.addons_path(ready.odoo), ADDONS]


def fetch(ready):
    """Install the packages if they are missing; whether they are there."""
    key = stamp.digest(*PACKAGES)
    if _present() and stamp.is_fresh("bench-addons", key):
        return True
    shutil.rmtree(FOLDER, ignore_errors=True)
    pip = [paths.PYTHON, "-m", "pip", "install", "--no-deps", "--no-compile"]
    try:
        with say.step("peers from the Python package index (AGPL, for the bench only)"):
            say.run([*pip, "--target", FOLDER, *PACKAGES], "bench peers")
    except say.Failure as failure:
        say.note(f"  ! {failure}")
        return False
    stamp.write("bench-addons", key)
    return _present()


def _present():
    return all((ADDONS / name / "__manifest__.py").exists() for name in MODULES)


def prepare(env):
    """Count every component, and give all customers a line that nothing reaches."""
    names = [
        name
        for name, one in env["res.partner"]._fields.items()
        if name.startswith("risk_") and name.endswith("_include") and one.store
    ]
    partners = env["res.partner"].search([("customer_rank", ">", 0)])
    partners.write(dict.fromkeys(names, True) | {"credit_limit": 1e12})
