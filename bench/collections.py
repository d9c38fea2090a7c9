"""The day's run of the contact plan: everybody who owes and is late, planned in one go.

Beside it OCA's account_credit_control run on the same books, and the bare statements: read
what is open and what was done, and insert one contact a customer.
"""

from datetime import date

from .measure import Contestant, Row, race

TARGET = 3.0
GROUPING = 5.0
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


MESSAGES = 1000


def messages(books, runs):
    """What goes into the messages of 1,000 customers: balances read again, items written down, grouped."""
    ours = Contestant(
        "suite, items of messages", books.suite, _items, _contacts, answer=_item_count
    )
    bare = Contestant("bare SQL", books.suite, _bare_items, _contacts)
    contestants = [ours, bare]
    if books.oca and "credit.control.run" in books.oca:
        contestants.append(
            Contestant(
                "OCA grouping of credit lines",
                books.oca,
                _oca_group,
                _oca_lines,
                runs=1,
            )
        )
    race(contestants, runs)
    rows = []
    for one in contestants:
        ratio = one.ratio(bare) if one is not bare else None
        rows.append(
            Row(
                "messages of 1,000 customers",
                books.size,
                one.who,
                1000 * one.median,
                1000 * one.clock_median,
                one.queries,
                1000 * bare.median,
                ratio,
                f"x{GROUPING:g}" if one is ours else "",
                ratio <= GROUPING if one is ours else None,
                f"{one.result} items" if one is ours else "",
            )
        )
    return rows


def _contacts(env):
    contacts = _strategy(env).sudo()._run(limit=MESSAGES)
    env.flush_all()
    env.cr.execute("ANALYZE cartera_collection_action")
    return contacts


def _items(env, contacts):
    contacts._write_items(contacts._still_due(contacts.company_id))


def _item_count(env):
    return env["cartera.collection.action.item"].search_count([])


def _bare_items(env, contacts):
    env.cr.execute(
        """
        WITH asked AS (
            INSERT INTO cartera_collection_action_item
                   (action_id, company_id, move_line_id, document, reference, date, date_maturity,
                    days_overdue, currency_id, amount_original, residual, demanded)
            SELECT k.id, k.company_id, l.id, m.name, m.ref, m.invoice_date, l.date_maturity,
                   GREATEST(%(day)s - l.date_maturity, 0), l.currency_id, l.amount_currency,
                   l.amount_residual_currency, l.amount_residual_currency
              FROM cartera_collection_action k
              JOIN res_partner p ON p.commercial_partner_id = k.partner_id
              JOIN account_move_line l ON l.partner_id = p.id AND l.company_id = k.company_id
              JOIN account_account a ON a.id = l.account_id
                   AND a.account_type = 'asset_receivable' AND a.non_trade IS NOT TRUE
              JOIN account_move m ON m.id = l.move_id
             WHERE k.id = ANY(%(contacts)s) AND l.parent_state = 'posted'
               AND l.reconciled IS NOT TRUE
               AND (l.date_maturity <= %(day)s OR l.amount_residual < 0)
         RETURNING action_id, demanded)
        UPDATE cartera_collection_action k SET amount = t.amount, item_count = t.items
          FROM (SELECT action_id, SUM(demanded) AS amount, COUNT(*) AS items
                  FROM asked GROUP BY action_id) AS t
         WHERE t.action_id = k.id
        """,
        {"day": env.company._cartera_today(), "contacts": contacts.ids},
    )


def _oca_lines(env):
    run = _oca_run(env)
    run.generate_credit_lines()
    lines = env["credit.control.line"].search([("run_id", "=", run.id)])
    lines.write({"state": "to_be_sent"})
    env.flush_all()
    partners = lines.partner_id[:MESSAGES]
    return lines.filtered(lambda line: line.partner_id in partners)


def _oca_group(env, lines):
    env["credit.control.communication"]._generate_comm_from_credit_lines(lines)
    env.flush_all()
