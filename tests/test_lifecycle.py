"""An upgrade keeps what people entered and changed; an addon that goes leaves Odoo usable and nothing behind."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BAD = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) \S+ (\S+): (.*)")
# Odoo tries to delete the records of an addon before its tables; those in use it leaves to the tables' end.
EXPECTED = ("odoo.sql_db", "py.warnings", "odoo.modules.loading")

PRELUDE = """
import odoo, odoo.api
from odoo.modules.registry import Registry
from odoo.tools import config
config.parse_config(["-d", {name!r}, "--logfile", {log!r}], setup_logging=True)
cr = Registry({name!r}).cursor()
env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {{}})
"""
# What people have entered, and what they have changed of what came with the addons.
ENTER = """
company = env.company
company.write({"cartera_gate": "block", "cartera_horizon_days": 45})
partner = env["res.partner"].create({"name": "Life: customer", "is_company": True, "email": "life@example.com"})
customer = env["cartera.customer"]._find_or_create(partner, company)[partner]
env["cartera.credit.line"].create({"customer_id": customer.id, "amount": 500}).action_activate()
day = company._cartera_today()
moves = env["account.move"].create([
    {"move_type": "out_invoice", "partner_id": partner.id, "invoice_date": "2025-01-10",
     "invoice_date_due": "2025-02-10", "invoice_line_ids": [(0, 0, {"name": "x", "price_unit": amount, "tax_ids": []})]}
    for amount in (100, 60)])
moves.action_post()
moves[0].action_leave_out_of_plan(odoo.fields.Date.add(day, days=9), "Life")
env["cartera.dispute"].create({"move_id": moves[1].id, "disputed_amount": 20,
                               "type_id": env.ref("cartera_cobranza.dispute_type_price").id})
promise = env["cartera.payment.promise"].create({
    "customer_id": customer.id, "line_ids": [(0, 0, {"move_id": moves[0].id, "amount": 50})],
    "instalment_ids": [(0, 0, {"date": day, "amount": 50})]})
promise.action_open()
env["cartera.customer"]._refresh(company)
customer.action_open_case()
env.ref("cartera_cobranza.outcome_reached").name = "Spoken to"
env.ref("cartera_cobranza.ir_cron_recheck_holds").active = False
env["cartera.credit.rule"].search([], limit=1).sequence = 777
if "sale.order" in env:
    product = env["product.product"].create({"name": "Life: goods", "type": "consu", "taxes_id": []})
    order = env["sale.order"].create({"partner_id": partner.id, "order_line": [
        (0, 0, {"product_id": product.id, "price_unit": 900, "tax_ids": []})]})
    order.action_confirm()
    assert order.credit_state == "held", order.credit_state
cr.commit()
"""
# What of it is told after an upgrade as before.
TELL = """
import json
company = env.company
partner = env["res.partner"].search([("name", "=", "Life: customer")])
customer = partner.cartera_account_ids
found = {
    "settings": [company.cartera_gate, company.cartera_horizon_days],
    "lines": customer.line_ids.mapped(lambda one: [one.state, one.amount]),
    "position": env["cartera.customer"].get_position(partner.ids, company.id)[str(partner.id)]["exposure"],
    "promises": customer.promise_ids.mapped(lambda one: [one.name, one.state, one.amount]),
    "disputes": customer.dispute_ids.mapped(lambda one: [one.name, one.state, one.disputed_amount]),
    "cases": customer.case_ids.mapped("stage"),
    "holds": customer.hold_ids.mapped(lambda one: [one.name, one.state, one.amount, one.reason_text]),
    "left out": env["cartera.plan.exclusion"].search([]).mapped("reason"),
    "outcome": env.ref("cartera_cobranza.outcome_reached").name,
    "job": env.ref("cartera_cobranza.ir_cron_recheck_holds").active,
    "rules": env["cartera.credit.rule"].search([]).mapped(lambda one: [one.name, one.sequence]),
    "counts": {name: env[name].with_context(active_test=False).search_count([])
               for name in sorted(env.registry) if name.startswith("cartera.") and env[name]._auto
               and not env[name]._abstract and not env[name]._transient
               and name not in ("cartera.customer.touched",)},
}
print(json.dumps(found, default=str, sort_keys=True))
"""
UNINSTALL = """
module = env["ir.module.module"].search([("name", "=", {addon!r})])
assert module.state == "installed", module.state
module.button_immediate_uninstall()
cr.commit()
env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {{}})
"""
# A day of work: sold, shipped, invoiced, paid, credited; and the screens open.
WORK = """
partner = env["res.partner"].create({"name": "Life: after", "is_company": True})
product = env["product.product"].create(
    {"name": "Life: more goods", "type": "consu", "is_storable": True, "taxes_id": []})
order = env["sale.order"].create({"partner_id": partner.id, "order_line": [
    (0, 0, {"product_id": product.id, "price_unit": 10, "product_uom_qty": 2, "tax_ids": []})]})
company = env.company
if "cartera_gate" in company._fields:
    company.cartera_gate = "off"
order.action_confirm()
assert order.state == "sale", order.state
for move in order.picking_ids.move_ids:
    move.quantity, move.picked = 2, True
order.picking_ids.with_context(skip_sms=True, skip_backorder=True).button_validate()
assert order.picking_ids.state == "done"
invoice = order._create_invoices()
invoice.action_post()
wizard = env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
wizard.create({})._create_payments()
assert invoice.amount_residual == 0
wizard = env["account.move.reversal"].with_context(active_model="account.move", active_ids=invoice.ids)
wizard.create({"journal_id": invoice.journal_id.id}).refund_moves()
for model in ("res.partner", "sale.order", "account.move", "stock.picking", "res.config.settings", "account.payment",
              "account.payment.term", "res.company"):
    for kind in ("form", "list", "search"):
        env[model].get_view(view_type=kind)
env["ir.ui.menu"].with_user(env.ref("base.user_admin")).load_web_menus(False)
old = env["account.move"].search([("partner_id.name", "=", "Life: customer"), ("move_type", "=", "out_invoice")])
print(len(old), sum(old.mapped("amount_residual")))
cr.rollback()
"""
LEFT = """
import json
words = "%cartera%"
left = {}
for what, query in {
    "tables": "SELECT table_name FROM information_schema.tables WHERE table_name LIKE %s",
    "columns": "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE column_name LIKE %s",
    "constraints": "SELECT conname FROM pg_constraint WHERE conname LIKE %s",
    "indexes": "SELECT indexname FROM pg_indexes WHERE indexname LIKE %s",
    "functions": "SELECT proname FROM pg_proc WHERE proname LIKE %s",
    "external ids": "SELECT module || '.' || name FROM ir_model_data WHERE module LIKE %s",
    "models": "SELECT model FROM ir_model WHERE model LIKE %s",
    "views": "SELECT name FROM ir_ui_view WHERE name LIKE %s",
    "attachments": "SELECT name FROM ir_attachment WHERE res_model LIKE %s",
    "messages": "SELECT subject FROM mail_message WHERE model LIKE %s",
    "activities": "SELECT summary FROM mail_activity WHERE res_model LIKE %s",
    "filters": "SELECT name FROM ir_filters WHERE model_id LIKE %s",
    "templates": "SELECT model FROM mail_template WHERE model LIKE %s",
    "parameters": "SELECT key FROM ir_config_parameter WHERE key LIKE %s AND key NOT LIKE 'cartera_demo%%'",
}.items():
    cr.execute(query, [words])
    rows = [row[0] for row in cr.fetchall()]
    if rows:
        left[what] = rows
cr.execute("SELECT count(*) FROM ir_cron c LEFT JOIN ir_act_server s ON s.id = c.ir_actions_server_id"
           " WHERE s.id IS NULL")
assert cr.fetchone() == (0,)
print(json.dumps(left))
"""


def going_first(names):
    """Order our addons so that each goes before those it builds on."""
    from tools import addons

    known = {addon.name: addon for addon in addons.all_addons() if addon.name in names}
    order = []
    while known:
        needed = {name for addon in known.values() for name in addon.depends}
        free = sorted(set(known) - needed)
        order += free
        for name in free:
            del known[name]
    return order


class Life:
    """A database of its own, whose addons come and go in processes of their own."""

    def __init__(self, folder):
        from tools import database
        from tools.prepare import prepare

        self.ready = prepare()
        self.name = f"{os.environ['CARTERA_DB']}_life"
        self.log = folder / "life.log"
        self.drop()
        database.clone(self.ready.cluster, self.ready.templates.suite(), self.name)

    def drop(self):
        from tools import database

        database.drop(self.ready.cluster, self.name)

    def run(self, script):
        """Run a script that finds ``env``, and return the last line that it printed."""
        prelude = PRELUDE.format(name=self.name, log=str(self.log))
        done = subprocess.run(
            [sys.executable, "-c", prelude + script],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        lines = done.stdout.strip().splitlines()
        return lines[-1] if lines else ""

    def modules(self, **what):
        from tools import odoo

        log = self.log.with_name("modules.log")
        odoo.modules(self.ready.odoo, self.name, log, **what)
        return self.troubles(log)

    def troubles(self, log=None):
        """Return the warnings and errors of a log that Odoo itself does not write on such occasions."""
        found = []
        for line in (log or self.log).read_text(errors="replace").splitlines():
            match = BAD.match(line)
            if match and not match.group(2).startswith(EXPECTED):
                found.append(line)
        return found


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    pytest.importorskip("odoo")
    if not os.environ.get("CARTERA_DB"):
        pytest.skip("needs a database of its own: run it with ./cartera test")
    life = Life(tmp_path_factory.mktemp("life"))
    yield life
    life.drop()


def test_an_upgrade_keeps_what_people_entered_and_changed(life):
    life.run(ENTER)
    before = life.run(TELL)
    assert "Spoken to" in before
    assert life.modules(update=["cartera_cobranza"]) == []
    assert life.run(TELL) == before


def test_each_addon_goes_and_odoo_stays_usable(life):
    """The invoices of before are still there, 160 open, after each of them."""
    installed = life.run(
        "print(' '.join(env['ir.module.module'].search([('state', '=', 'installed')]).mapped('name')))"
    ).split()
    going = going_first(installed)
    assert sorted(one for one in installed if one.startswith("cartera_")) == sorted(
        going
    )
    assert going[-1] == "cartera_cobranza"
    for addon in going:
        script = UNINSTALL.format(addon=addon) + WORK
        assert life.run(script) == "2 160.0", addon
    assert life.run(LEFT) == "{}"
    assert life.troubles() == []


def test_it_can_come_back(life):
    """Installed again on books that were used meanwhile: as on any books."""
    assert life.modules(install=["cartera_cobranza"]) == []
    found = life.run(
        "p = env['res.partner'].search([('name', '=', 'Life: customer')])\n"
        "env['cartera.customer']._refresh(env.company)\n"
        "print(env['cartera.customer'].get_position(p.ids, env.company.id)[str(p.id)]['exposure'])"
    )
    assert found == "160.0"
