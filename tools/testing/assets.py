"""A pytest plugin: compiles the web client before the first browser test opens it.

Compiled under a test the first page holds the test's cursor for so long that the other
requests of the page fail; Odoo's own runner compiles beforehand as well.
"""

import pytest


@pytest.fixture(scope="session", autouse=True)
def compiled_assets(request, load_registry):
    """The bundles are in the database when at least one test needs the web server."""
    from odoo.api import SUPERUSER_ID, Environment
    from odoo.modules.registry import Registry
    from odoo.tests.common import HttpCase, get_db_name

    classes = {getattr(item, "cls", None) or object for item in request.session.items}
    if not any(issubclass(cls, HttpCase) for cls in classes):
        return
    with Registry(get_db_name()).cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        env["ir.qweb"]._pregenerate_assets_bundles()
