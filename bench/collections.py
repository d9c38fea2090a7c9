"""The day's run of the contact plan: everybody who owes and is late, planned in one go.

Beside it OCA's account_credit_control run on the same books, and the bare statements: read
what is open and what was done, and insert one contact a customer.
"""

from datetime import date

from .measure import Contestant, Row, race

TARGET = 3.0
QUERIES_PER_CUSTOMER = 1 / 50


def plan(books, runs):
    """Plan the contacts of all customers with overdue items."""
    ours = Contestant("suite, _run", books.suite, _run, _strategy, answer=_planned)
    bare = Contestant("bare SQL", books.suite, _bare, _strategy)
    contestants = [ours, bare]
    if books.oca and "credit.control.run" in books.oca:
        contestants.append(
            Contestant("OCA credit control run", books.oca, _oca, _oca_run, runs=1)
        )
    race(contestants, runs)
    return [_row(books, one, bare, ours) for one in contestants]


def _row(books, one, bare, ours):
    ratio = one.ratio(bare) if one is not bare else None
    flat = ours.queries <= max(QUERIES_PER_CUSTOMER * (ours.result or 0), 20)
    return Row(
        "contact plan",
        books.size,
        one.who,
        1000 * one.median,
        1000 * one.clock_median,
        one.queries,
        1000 * bare.median,
        ratio,
        f"x{TARGET:g} and 1 query for 50 customers" if one is ours else "",
        (ratio <= TARGET and flat) if one is ours else None,
        f"{one.result} contacts" if one is ours else "",
    )


def _strategy(env):
    return env["cartera.collection.strategy"].create(
        {
            "name": "Bench",
            "sequence": 0,
            "working_days": "all",
            "step_ids": [(0, 0, {"name": "Call", "days": 1, "channel": "call"})],
        }
    )


def _run(env, strategy):
    strategy.sudo()._run()


def _planned(env):
    return env["cartera.collection.action"].search_count([("state", "=", "planned")])


def _bare(env, strategy):
    env.cr.execute(
        """
        SELECT c.id, l.id, l.date_maturity, l.amount_residual, l.amount_residual_currency
          FROM cartera_customer c
          JOIN res_partner p ON p.commercial_partner_id = c.partner_id
          JOIN account_move_line l ON l.partner_id = p.id AND l.company_id = c.company_id
          JOIN account_account a ON a.id = l.account_id
               AND a.account_type = 'asset_receivable' AND a.non_trade IS NOT TRUE
         WHERE l.parent_state = 'posted' AND l.reconciled IS NOT TRUE
        """
    )
    env.cr.fetchall()
    env.cr.execute(
        """
        WITH late AS (
            SELECT DISTINCT ON (c.id) c.id AS customer, c.partner_id, c.company_id, l.id
              FROM cartera_customer c
              JOIN res_partner p ON p.commercial_partner_id = c.partner_id
              JOIN account_move_line l ON l.partner_id = p.id
                   AND l.company_id = c.company_id AND l.parent_state = 'posted'
                   AND l.reconciled IS NOT TRUE AND l.amount_residual > 0
                   AND l.date_maturity < %(day)s
          ORDER BY c.id, l.date_maturity, l.id),
        opened AS (
            INSERT INTO cartera_collection_case
                   (customer_id, partner_id, company_id, stage, todo_rank)
            SELECT customer, partner_id, company_id, 'new', 60 FROM late
            ON CONFLICT DO NOTHING RETURNING id, customer_id)
        INSERT INTO cartera_collection_action
               (customer_id, partner_id, company_id, case_id, step_id, strategy_id,
                leading_line_id, channel, state, automatic, planned_date)
        SELECT l.customer, l.partner_id, l.company_id, o.id, %(step)s, %(strategy)s,
               l.id, 'call', 'planned', TRUE, %(day)s
          FROM late l JOIN opened o ON o.customer_id = l.customer
        """,
        {
            "day": env.company._cartera_today(),
            "step": strategy.step_ids.id,
            "strategy": strategy.id,
        },
    )


def _oca_run(env):
    policies = env["credit.control.policy"].search([])
    return env["credit.control.run"].create(
        {"date": date.today().isoformat(), "policy_ids": [(6, 0, policies.ids)]}  # noqa: DTZ011
    )


def _oca(env, run):
    run.generate_credit_lines()


def messages(books, runs):
    """placeholder"""
    return []
