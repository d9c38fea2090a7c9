"""Statements of account of the demo books: who gets one by itself, one run sent, one prepared."""

import contextlib
import logging
from datetime import timedelta

SENT = 2  # customers of the run that was sent; each takes a second or two


def is_installed(env):
    return "cartera.statement.run" in env


def make_statements(books):
    """Preferences of a dozen customers, last month's movements sent, today's overdue ones prepared."""
    if not is_installed(books.env):
        books.tell("the suite's statements are not installed: none made")
        return
    for login in ("ventas", "ventas2", "ventas_co"):
        user = books.find(f"user.{login}")
        if user:
            user.cartera_alert_aging = "weekly"
    counts = [_make(books, key) for key in ("mx", "co") if books.find(f"company.{key}")]
    books.tell(f"{sum(counts)} statements of account")


def _make(books, key):
    env = books.company_env(key)
    company = env.company
    late = env["cartera.customer"].search(
        [
            ("company_id", "=", company.id),
            ("overdue_amount", ">", 0),
            ("partner_id.email", "!=", False),
        ],
        order="id",
        limit=12,
    )
    if not late:
        return 0
    late[::3].write({"statement_schedule": "monthly", "statement_form": "movements"})
    late[1::3].write({"statement_schedule": "monthly"})
    late[2::3].write({"statement_schedule": "weekly"})
    _wishes(late[SENT:])
    company.cartera_statement_hourly = 300
    accountant = books.find("user.contador")
    Run = env["cartera.statement.run"].with_user(accountant)
    last = books.today.replace(day=1) - timedelta(days=1)
    sent = Run.create(
        {
            "date": last,
            "form": "movements",
            "date_from": last.replace(day=1),
            "no_negative": False,
            "customer_ids": late[: SENT if key == "mx" else 1].ids,
        }
    )
    # who paid all of it meanwhile has no statement of that day
    sent.action_prepare()
    sent.action_send()
    with _without_web_server():
        sent.sudo()._send_batch(sent.sudo().line_ids)
    prepared = Run.create({"date": books.today, "only_overdue": True})
    prepared.action_prepare()
    return sent.line_count + prepared.line_count


def _wishes(customers):
    """What a few customers want otherwise than the runs."""
    for customer, wish in zip(
        reversed(customers),
        (
            {"statement_never": True, "statement_schedule": False},
            {"statement_overdue": "only", "statement_files": "both"},
            {"statement_minimum": 1000},
            {"statement_negative": "send", "statement_role": "invoice"},
        ),
        strict=False,
    ):
        customer.write(wish)


@contextlib.contextmanager
def _without_web_server():
    """PDF files are made while nothing serves their styles, which they have in their body as well."""
    logger = logging.getLogger("odoo.addons.base.models.ir_actions_report")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
