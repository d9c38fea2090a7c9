"""A pytest plugin: compiles the web client before the first browser test opens it.

Compiled under a test the first page holds the test's cursor for so long that the other
requests of the page fail; Odoo's own runner compiles beforehand as well, but also what
no test of ours opens (unit tests of the client, the dark theme).
"""

import pytest

UNUSED = {
    "api_doc.assets",
    "mail.assets_discuss_public_test_tours",
    "mail.assets_public",
    "snailmail.report_assets_snailmail",
    "spreadsheet.public_spreadsheet",
    "stock.assets_stock_print_report",
    "web.assets_unit_tests",
    "web.assets_unit_tests_setup",
    "web.assets_web_dark",
    "web.qunit_suite_tests",
    "web.tests_assets",
}


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
        views = Environment(cr, SUPERUSER_ID, {})["ir.qweb"]
        scripts, styles = views._get_bundles_to_pregenarate()
        for name in sorted(scripts - UNUSED):
            views._get_asset_bundle(name, css=False, js=True).js()
        for name in sorted(styles - UNUSED):
            views._get_asset_bundle(name, css=True, js=False).css()
