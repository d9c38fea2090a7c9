"""The peers from the Odoo Community Association, fetched for the bench only.

They are AGPL: they are installed below ``.cartera/bench-addons``, in a database of
their own, and nothing of the suite imports or ships them.
"""

import shutil

from tools import config, paths, say, stamp

MODULES = (
    "account_financial_risk",
    "sale_financial_risk",
    "account_credit_control",
    "account_financial_report",
    "partner_statement",
)
# what these need
NEEDED = ("report_xlsx", "report_xlsx_helper", "date_range")
PACKAGES = tuple(f"odoo-addon-{name}==19.0.*" for name in MODULES + NEEDED)
FOLDER = paths.STATE / "bench-addons"
ADDONS = FOLDER / "odoo" / "addons"
POLICY = "bench"


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
    return all(
        (ADDONS / name / "__manifest__.py").exists() for name in MODULES + NEEDED
    )


def prepare(env):
    """Count every component, give all customers a line that nothing reaches, and a dunning policy to all."""
    _dunning(env)
    names = [
        name
        for name, one in env["res.partner"]._fields.items()
        if name.startswith("risk_") and name.endswith("_include") and one.store
    ]
    partners = env["res.partner"].search([("customer_rank", ">", 0)])
    partners.write(dict.fromkeys(names, True) | {"credit_limit": 1e12})


def _dunning(env):
    """Three levels by e-mail, 1, 30 and 60 days after the due date, for every customer."""
    template = env.ref("account_credit_control.email_template_credit_control_base")
    template.write({"report_template_ids": [(5,)], "email_from": "dunning@example.com"})
    accounts = env["account.account"].search(
        [("account_type", "=", "asset_receivable"), ("non_trade", "=", False)]
    )
    levels = [
        {
            "name": f"Level {number}",
            "level": number,
            "computation_mode": "net_days",
            "delay_days": days,
            "email_template_id": template.id,
            "channel": "email",
            "custom_text": "Please pay.",
            "custom_mail_text": "<p>Please pay.</p>",
            "mail_show_invoice_detail": True,
        }
        for number, days in ((1, 1), (2, 30), (3, 60))
    ]
    env.company.credit_policy_id = env["credit.control.policy"].create(
        {
            "name": POLICY,
            "company_id": env.company.id,
            "account_ids": [(6, 0, accounts.ids)],
            "level_ids": [(0, 0, level) for level in levels],
        }
    )
    env["res.users"].browse(2).group_ids |= env.ref(
        "account_credit_control.group_account_credit_control_manager"
    )
