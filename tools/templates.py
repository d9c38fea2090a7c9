"""Templates from which databases are copied, each stamped with what it was made from.

base    Odoo's modules that the suite builds on or is tested with, without the suite
suite   base and every addon of the repository that can be installed
demo    base and the charts of accounts of the demo's companies
"""

from . import addons, database, odoo, paths, say, stamp

BASE = "cartera_tmpl_base"
SUITE = "cartera_tmpl_suite"
DEMO = "cartera_tmpl_demo"
BASE_MODULES = (
    "account",
    "account_debit_note",
    "account_payment",
    "contacts",
    "payment_demo",
    "rpc",
    "sale_loyalty",
    "sale_management",
    "sale_stock",
    "spreadsheet_dashboard_account",
    "spreadsheet_dashboard_sale",
    "stock_picking_batch",
)
DEMO_MODULES = ("l10n_co", "l10n_mx")
LANGUAGES = ("es_419",)
BUILDING = "_building"


class Templates:
    """Makes each template when it is asked for and missing or out of date."""

    def __init__(self, tree, cluster):
        self.odoo = tree
        self.cluster = cluster

    def base(self):
        key = self._base_key()
        return self._ensure(BASE, key, self._build_base)

    def suite(self):
        found = addons.suite(self.odoo)
        key = self.suite_key(found)
        install = [addon.name for addon in found]
        return self._ensure(SUITE, key, lambda name: self._extend(BASE, name, install))

    def demo(self):
        key = stamp.digest(self._base_key(), *DEMO_MODULES)
        return self._ensure(
            DEMO, key, lambda name: self._extend(BASE, name, DEMO_MODULES)
        )

    def suite_key(self, found=None):
        found = addons.suite(self.odoo) if found is None else found
        return stamp.digest(self._base_key(), addons.digest(found))

    def is_fresh(self, name, key):
        return database.stamp_of(self.cluster, name) == key

    def adopt(self, name, key, source):
        """Make a template from a database that somebody built the same way."""
        with stamp.lock("templates"):
            if not self.is_fresh(name, key):
                self._make(
                    name,
                    key,
                    lambda target: database.clone(self.cluster, source, target),
                )

    def _base_key(self):
        return stamp.digest(self.odoo.release, *BASE_MODULES, *LANGUAGES)

    def _ensure(self, name, key, build):
        if not self.is_fresh(name, key):
            with stamp.lock("templates"):
                if not self.is_fresh(name, key):
                    if name != BASE:
                        self._ensure_base_held()
                    with say.step(f"template database {name}"):
                        self._make(name, key, build)
        return name

    def _ensure_base_held(self):
        """The base template, when the lock is ours already."""
        key = self._base_key()
        if not self.is_fresh(BASE, key):
            with say.step(f"template database {BASE}"):
                self._make(BASE, key, self._build_base)

    def _make(self, name, key, build):
        """Build under another name, so that half of it is never taken for whole."""
        temporary = name + BUILDING
        database.drop(self.cluster, temporary)
        build(temporary)
        database.set_stamp(self.cluster, temporary, key)
        database.protect(self.cluster, temporary)
        database.rename(self.cluster, temporary, name)

    def _build_base(self, name):
        languages = f"--load-language={','.join(LANGUAGES)}"
        self._modules(name, BASE_MODULES, extra=(languages,))

    def _extend(self, source, name, install):
        database.clone(self.cluster, source, name)
        if install:
            self._modules(name, install)

    def _modules(self, name, install, extra=()):
        log = paths.LOGS / f"{name}.log"
        odoo.modules(self.odoo, name, log, install=install, extra=extra)
