"""Credit lines for the customers of generated books, and rules worth timing.

Of twenty customers sixteen have a line up to an amount (two of them in dollars, one
with a temporary limit, one with a guarantee), one is unlimited, one has no credit, two
have no line; one in ten belongs to a group of five. Customers of the orders that are to
pass have a line that nothing reaches, those of the orders that are to fail one that is
used up. The rule on overdue days is judged but tolerates any amount.
"""

from odoo.tools import SQL

from .populate import FAILING, PASSING

NEVER_REACHED = 1e9
USED_UP = 1
AUDIT = "1, 1, now() at time zone 'utc', now() at time zone 'utc'"
AUDIT_COLUMNS = "create_uid, write_uid, create_date, write_date"


def write(env):
    """Write the customers' accounts, lines and groups; turn the rules on."""
    company = env.company
    params = {
        "company": company.id,
        "mxn": company.currency_id.id,
        "usd": env.ref("base.USD").id,
        "audit": SQL(AUDIT),
        "columns": SQL(AUDIT_COLUMNS),
    }
    cr = env.cr
    cr.execute(_customers_sql(params))
    cr.execute(_groups_sql(params))
    cr.execute(
        "UPDATE cartera_customer c SET group_id = g.id FROM cartera_credit_group g"
        " WHERE c.id % 10 = 0 AND g.name = 'bench ' || (c.id / 50)"
    )
    cr.execute(_lines_sql(params))
    cr.execute(
        "UPDATE cartera_customer c SET line_id = l.id FROM cartera_credit_line l"
        " WHERE l.customer_id = c.id"
    )
    for reference, amount in ((PASSING, NEVER_REACHED), (FAILING, USED_UP)):
        _set_line_of(env, reference, amount)
    cr.execute(_temporaries_sql(params))
    env.invalidate_all()
    rules = env["cartera.credit.rule"].search([])
    rules.filtered(lambda rule: rule.condition == "overdue_days").write(
        {"tolerance_amount": 1e12}
    )
    env.user.browse(2).lang = "en_US"


def _customers_sql(params):
    return SQL(
        """INSERT INTO cartera_customer
                  (partner_id, company_id, check_version, %(columns)s)
           SELECT p.id, %(company)s, 0, %(audit)s FROM res_partner p
            WHERE p.customer_rank > 0 AND p.name LIKE 'Customer %%'
         ORDER BY p.id ON CONFLICT (partner_id, company_id) DO NOTHING""",
        **params,
    )


def _groups_sql(params):
    return SQL(
        """INSERT INTO cartera_credit_group
                  (name, company_id, currency_id, mode, amount, active, check_version,
                   %(columns)s)
           SELECT 'bench ' || (id / 50), %(company)s, %(mxn)s, 'amount', 1e10, TRUE, 0,
                  %(audit)s
             FROM cartera_customer WHERE id %% 10 = 0 GROUP BY id / 50""",
        **params,
    )


def _lines_sql(params):
    return SQL(
        """INSERT INTO cartera_credit_line
                  (customer_id, company_id, mode, currency_id, amount, date_from,
                   activated_on, grace_days, guarantee_amount, only_this_currency,
                   state, %(columns)s)
           SELECT c.id, %(company)s,
                  CASE c.id %% 20 WHEN 1 THEN 'unlimited' WHEN 2 THEN 'none'
                                  ELSE 'amount' END,
                  CASE WHEN c.id %% 20 IN (3, 4) THEN %(usd)s ELSE %(mxn)s END,
                  COALESCE((p.credit_limit ->> %(key)s)::numeric, 20000)
                  / CASE WHEN c.id %% 20 IN (3, 4) THEN 20 ELSE 1 END,
                  current_date - 365, current_date - 365, 0,
                  CASE WHEN c.id %% 20 = 5 THEN 10000 ELSE 0 END, FALSE, 'active',
                  %(audit)s
             FROM cartera_customer c JOIN res_partner p ON p.id = c.partner_id
            WHERE c.id %% 20 NOT IN (7, 8)
               OR p.id IN (SELECT partner_id FROM sale_order
                            WHERE client_order_ref IN %(orders)s)
         ORDER BY c.id""",
        orders=(PASSING, FAILING),
        key=str(params["company"]),
        **params,
    )


def _temporaries_sql(params):
    return SQL(
        """INSERT INTO cartera_credit_temporary
                  (line_id, customer_id, company_id, amount, date_from, date_to, state,
                   %(columns)s)
           SELECT id, customer_id, company_id, 2 * amount, current_date - 30,
                  current_date + 30, 'active', %(audit)s
             FROM cartera_credit_line
            WHERE customer_id %% 20 = 6 AND amount NOT IN %(fixed)s""",
        fixed=(NEVER_REACHED, USED_UP),
        **params,
    )


def _set_line_of(env, reference, amount):
    """Give the customers of the orders with this reference a line of an amount."""
    env.cr.execute(
        """UPDATE cartera_credit_line l
              SET mode = 'amount', amount = %s, guarantee_amount = 0,
                  currency_id = r.currency_id
             FROM cartera_customer c JOIN res_company r ON r.id = c.company_id
             JOIN sale_order o ON o.partner_id = c.partner_id
            WHERE c.id = l.customer_id AND o.client_order_ref = %s""",
        [amount, reference],
    )
