"""The reports of the Odoo Community Association that do what the desk does: aged balance, statements of account."""

from datetime import timedelta

from odoo import fields

from .measure import Contestant

AGED = "report.account_financial_report.aged_partner_balance"
AGED_XLSX = "a_f_r.report_aged_partner_balance_xlsx"
STATEMENTS = {
    "open": ("outstanding.statement.wizard", "outstanding_statement"),
    "movements": ("activity.statement.wizard", "activity_statement"),
}
# total of the contestant that ran last
_LAST = {}


def aged(books, days):
    """Return the data of the aged balance of ``days`` ago; its answer is all that was open."""
    return Contestant("OCA aged data", books.oca, _aged, _aging(days), _told, runs=1)


def aged_workbooks(books, days):
    """Return the workbook with totals by customer, and the one with every item."""
    return [
        Contestant(name, books.oca, _aged_xlsx, _aging(days, details), runs=1)
        for name, details in (
            ("OCA XLSX, customers only", False),
            ("OCA XLSX, with items", True),
        )
    ]


def statements(books, form, customers, span):
    """Return the data of the statements of ``customers(env)``; its answer is all that they owe."""
    wizard, report = STATEMENTS[form]

    def prepare(env):
        ids = customers(env)
        day = fields.Date.context_today(env.user)
        chosen = {"filter_partners_non_due": False, "filter_negative_balances": False}
        if form == "movements":
            chosen["date_start"] = day - timedelta(days=span)
        context = {"active_ids": ids, "active_model": "res.partner"}
        return env[wizard].with_context(**context).create(chosen)._prepare_statement()

    def run(env, data):
        found = env[f"report.partner_statement.{report}"]._get_report_values(
            data["partner_ids"], data
        )
        _LAST["answer"] = sum(
            currency["amount_due"]
            for one in found["data"].values()
            for currency in one["currencies"].values()
        )

    return Contestant(f"OCA {report}", books.oca, run, prepare, _told, runs=1)


def _aging(days, details=False):
    def prepare(env):
        day = fields.Date.context_today(env.user) - timedelta(days=days)
        accounts = env["account.account"].search(
            [("account_type", "=", "asset_receivable"), ("non_trade", "=", False)]
        )
        wizard = env["aged.partner.balance.report.wizard"].create(
            {
                "date_at": day,
                "account_ids": [fields.Command.set(accounts.ids)],
                "company_id": env.company.id,
                "show_move_line_details": details,
            }
        )
        return wizard.ids, wizard._prepare_report_data() | {"date_at": str(day)}

    return prepare


def _aged(env, asked):
    found = env[AGED]._get_report_values(*asked)
    _LAST["answer"] = sum(one["residual"] for one in found["aged_partner_balance"])


def _aged_xlsx(env, asked):
    env["ir.actions.report"]._render_xlsx(AGED_XLSX, *asked)


def _told(_env):
    return _LAST["answer"]
