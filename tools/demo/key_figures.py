"""Key figures of the demo books: segments, what past contacts asked for, deliveries, two years of history, month-ends.

History is computed by the suite itself from the books; only what nobody wrote down at the time is written here.
"""

from datetime import timedelta

SEGMENTS = {
    "chain": "Cadenas de autoservicio",
    "wholesaler": "Mayoristas",
    "export": "Exportación",
}
OTHERS = "Tiendas y detalle"
DELIVERED_DAYS = 75  # invoices of so many days have a record of their delivery


def is_installed(env):
    return "cartera.kpi" in env


def make_segments(books):
    """Industries by kind of customer, what past contacts asked for, and who gets the weekly e-mail."""
    if not is_installed(books.env):
        books.tell("the suite's key figures are not installed: none made")
        return
    env = books.env
    names = [*SEGMENTS.values(), OTHERS]
    industries = env["res.partner.industry"].create([{"name": name} for name in names])
    by_name = dict(zip(names, industries, strict=True))
    partners = env["res.partner"].browse(books.customer_ids().values())
    profiles = {profile.index: profile for profile in books.profiles}
    members = {}
    for index, partner_id in books.customer_ids().items():
        name = SEGMENTS.get(profiles[index].trade, OTHERS)
        members.setdefault(name, []).append(partner_id)
    for name, ids in members.items():
        partners.browse(ids).write({"industry_id": by_name[name].id})
    env["res.users"].search([("login", "=", "gerente")]).cartera_digest = True
    env.flush_all()
    _demanded(env)


def _demanded(env):
    """What the past contacts asked for: the customer's items that were overdue on their day."""
    env.cr.execute(
        """
        INSERT INTO cartera_collection_action_item (action_id, company_id, move_line_id, document, date,
                    date_maturity, days_overdue, currency_id, amount_original, residual, disputed, promised, demanded)
        SELECT x.action, x.company_id, x.id, x.name, x.date, x.date_maturity, x.days, x.currency_id, x.amount_currency,
               x.open, 0, 0, x.open
          FROM (SELECT a.id AS action, a.company_id, l.id, m.name, l.date, l.date_maturity,
                       a.done_date - l.date_maturity AS days, l.currency_id, l.amount_currency,
                       l.amount_currency - COALESCE(SUM(r.debit_amount_currency), 0) AS open
                  FROM cartera_collection_action a
                  JOIN res_partner p ON p.commercial_partner_id = a.partner_id
                  JOIN account_move_line l ON l.partner_id = p.id AND l.company_id = a.company_id
                   AND l.parent_state = 'posted' AND l.date <= a.done_date AND l.date_maturity < a.done_date
                   AND l.amount_currency > 0
                  JOIN account_account k ON k.id = l.account_id AND k.account_type = 'asset_receivable'
                  JOIN account_move m ON m.id = l.move_id AND m.move_type = 'out_invoice'
             LEFT JOIN account_partial_reconcile r ON r.debit_move_id = l.id AND r.max_date <= a.done_date
                 WHERE a.state IN ('sent', 'done', 'replied')
                   AND NOT EXISTS (SELECT 1 FROM cartera_collection_action_item i WHERE i.action_id = a.id)
              GROUP BY a.id, l.id, m.name) AS x
         WHERE x.open > 0
        """
    )


def make_history(books, key):
    """Deliveries of the last invoices, key figures of two years, month-ends of one, forecasts of the last weeks."""
    if not is_installed(books.env):
        return
    env = books.company_env(key)
    company = env.company
    _deliver(books, env)
    figures = env["cartera.kpi"].sudo()
    months = figures._due_months(company)
    figures._compute_months(company, months)
    snapshots = env["cartera.aging.snapshot"].sudo()
    profile = env["cartera.aging.profile"]._first_for(company)
    ends = snapshots._missing_days(company, profile)
    for day in ends:
        snapshots._make(company, day, profile)
    forecasts = env["cartera.forecast"].sudo()
    days = forecasts._due_days(company)
    for day in days:
        forecasts._make(company, day)
    books.tell(
        f"key figures of {len(months)} months, {len(ends)} month-ends, {len(days)} forecasts"
    )


def _deliver(books, env):
    """Invoices of the last weeks reached their customers, most of them in time."""
    deliveries = env["cartera.invoice.delivery"].sudo()
    if deliveries.search_count([("company_id", "=", env.company.id)], limit=1):
        return
    rng = books.rng("deliveries", env.company.id)
    invoices = env["account.move"].search(
        [
            ("company_id", "=", env.company.id),
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            ("debit_origin_id", "=", False),
            ("invoice_date", ">", books.ago(DELIVERED_DAYS)),
        ],
        order="id",
    )
    rows = []
    for invoice in invoices:
        sent = invoice.invoice_date + timedelta(days=rng.choice((0, 0, 1, 1, 2, 3, 6)))
        if sent > books.today:
            continue
        received = sent + timedelta(days=rng.choice((0, 1, 2)))
        known = received <= books.today and rng.random() < 0.85
        rows.append(
            {
                "move_id": invoice.id,
                "channel": rng.choice(
                    ("email", "email", "customer_portal", "physical")
                ),
                "state": "received" if known else "sent",
                "sent_date": sent,
                "received_date": received if known else False,
                "folio": f"CR-{rng.randrange(10000, 99999)}" if known else False,
                "user_id": False,
            }
        )
    deliveries.create(rows)
