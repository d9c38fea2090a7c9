"""Odoo's own tests with the suite installed: what fails only then is our doing.

``./cartera test --odoo-own [files of Odoo's tests or pytest options]``. The tests run on a copy of
the database with the suite; those that fail run again on a copy without it.
"""

import json
import time

from .. import database, say
from ..prepare import prepare
from . import counts

SUITE = "cartera_own_suite"
PLAIN = "cartera_own_plain"
# Odoo's tests expect English texts, and the templates speak Spanish as well.
ENGLISH = """
    UPDATE res_partner SET lang = 'en_US';
    UPDATE res_lang SET active = (code = 'en_US');
    DELETE FROM ir_default WHERE json_value LIKE '%es_%';
"""
FILES = {
    "account": (
        "test_account_move_entry",
        "test_account_move_out_invoice",
        "test_account_move_out_refund",
        "test_account_move_payments_widget",
        "test_account_move_reconcile",
        "test_account_partner",
        "test_account_payment",
        "test_account_payment_register",
        "test_company_branch",
        "test_early_payment_discount",
        "test_payment_term",
        "test_portal_invoice",
        "test_res_partner_merge",
    ),
    "account_debit_note": ("test_out_debit_note",),
    "account_payment": ("test_account_payment", "test_payment_flows"),
    "portal": ("test_portal", "test_portal_wizard"),
    "sale": (
        "test_access_rights",
        "test_accrued_sale_orders",
        "test_common",
        "test_controllers",
        "test_credit_limit",
        "test_onchange",
        "test_payment_flow",
        "test_sale_flow",
        "test_sale_order",
        "test_sale_prices",
        "test_sale_refund",
        "test_sale_sections",
        "test_sale_to_invoice",
        "test_taxes_downpayment",
    ),
    "sale_loyalty": (
        "test_buy_gift_card",
        "test_loyalty",
        "test_loyalty_history",
        "test_pay_with_gift_card",
        "test_sale_auto_invoice",
        "test_sale_invoicing",
        "test_unlink_reward",
    ),
    "sale_management": ("test_sale_order", "test_sale_order_template"),
    "sale_stock": (
        "test_sale_order_dates",
        "test_sale_stock",
        "test_sale_stock_access_rights",
        "test_sale_stock_lead_time",
        "test_sale_stock_multi_warehouse",
        "test_sale_stock_multicompany",
        "test_sale_stock_report",
    ),
}


def main(arguments, new_run):
    """Run Odoo's tests; return the counts, in which only what fails because of us is a failure."""
    run = new_run()
    run.selection.options = [one for one in arguments if not _is_file(one)]
    files = [one for one in arguments if _is_file(one)]
    run.ready = prepare()
    targets = files or _targets(run.ready.odoo)
    started = time.monotonic()
    total = counts.Counts()
    with_suite = _failed_on(run, SUITE, run.ready.templates.suite(), targets, total)
    failed = {test["test"]: test for test in with_suite}
    if failed:
        say.note(f"  {len(failed)} failed; once more without the suite")
        template = run.ready.templates.base()
        again = _failed_on(run, PLAIN, template, sorted(failed), counts.Counts())
        for test in again:
            failed.pop(test["test"], None)
            say.note(f"    fails without the suite as well: {test['test']}")
        total.passed += len(again)
    total.failed = 0
    for name, test in failed.items():
        total.problem(f"only with the suite: {name}: {test['reason'][-300:]}")
    return total, started


def _is_file(argument):
    return argument.split("::")[0].endswith(".py")


def _targets(tree):
    """The files of the list, as far as this Odoo has them."""
    found = []
    for addon, names in FILES.items():
        for folder in tree.addons:
            paths_ = [folder / addon / "tests" / f"{name}.py" for name in names]
            found += [str(path) for path in paths_ if path.exists()]
    return found


def _failed_on(run, name, template, targets, total):
    """Run on a copy of the template; the tests that failed."""
    cluster = run.ready.cluster
    database.drop(cluster, name)
    database.clone(cluster, template, name)
    with database.connect(cluster, name) as cursor:
        cursor.execute(ENGLISH)
    try:
        result = run.odoo(name, http=False, targets=targets, label=name, lend=False)
    finally:
        database.drop(cluster, name)
    total.add(result)
    path = run.folder / f"odoo-{name}.json"
    tests = json.loads(path.read_text())["tests"] if path.exists() else []
    return [test for test in tests if test["outcome"] == "failed"]
