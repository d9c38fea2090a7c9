"""What the demo books hold, in figures, and who may log in."""

from . import build, collections, credit, daily, shipment, users
from .books import MODULE

SHOWN = 14  # held documents, one a line
BUCKETS = (  # name, days overdue from and to (both inclusive)
    ("not due", None, 0),
    ("1-30", 1, 30),
    ("31-60", 31, 60),
    ("61-90", 61, 90),
    ("over 90", 91, None),
)


def summary(env):
    """All figures of the books, as plain values: {companies: […], held: […], …}."""
    env.flush_all()
    companies = [company for key in ("mx", "co") if (company := _company(env, key))]
    return {
        "companies": [_company_figures(env, company) for company in companies],
        "held": _held(env),
        "requests": shipment.request_counts(env),
        "seconds": build.done_steps(env),
        "daily": daily.seconds_of(env),
        "users": users.users_and_passwords(env),
    }


def _company(env, key):
    return env.ref(f"{MODULE}.company.{key}", raise_if_not_found=False)


def _company_figures(env, company):
    receivable, overdue, buckets = _receivable(env, company)
    env.cr.execute(
        """
        SELECT count(*) FILTER (WHERE move_type = 'out_invoice' AND state = 'posted'),
               count(*) FILTER (WHERE move_type = 'out_refund' AND state = 'posted'),
               count(*) FILTER (WHERE move_type = 'out_invoice' AND state = 'draft'),
               count(DISTINCT commercial_partner_id)
                   FILTER (WHERE move_type = 'out_invoice'),
               coalesce(sum(amount_total_signed) FILTER (
                   WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')
                   AND invoice_date > (now() - interval '90 days')::date), 0)
          FROM account_move WHERE company_id = %s
        """,
        (company.id,),
    )
    invoices, notes, drafts, customers, quarter = env.cr.fetchone()
    env.cr.execute(
        "SELECT count(*) FROM account_payment"
        " WHERE company_id = %s AND state IN ('in_process', 'paid')",
        (company.id,),
    )
    payments = env.cr.fetchone()[0]
    figures = {
        "name": company.name,
        "currency": company.currency_id.name,
        "customers": customers,
        "invoices": invoices,
        "credit_notes": notes,
        "draft_invoices": drafts,
        "payments": payments,
        "receivable": receivable,
        "months_of_sales": receivable / (float(quarter) / 3) if quarter else 0.0,
        "overdue": overdue,
        "overdue_percent": 100 * overdue / receivable if receivable else 0.0,
        "buckets": buckets,
        "orders": _orders(env, company),
    }
    if credit.is_installed(env):
        figures |= _credit_figures(env, company)
    if collections.is_installed(env):
        figures["collections"] = collections.figures(env, company)
    return figures


def _receivable(env, company):
    """(receivable, overdue, {bucket: amount}) of today, by instalment."""
    env.cr.execute(
        """
        SELECT (now() AT TIME ZONE 'America/Mexico_City')::date - l.date_maturity
               AS days,
               sum(l.amount_residual)
          FROM account_move_line l
          JOIN account_account a ON a.id = l.account_id
               AND a.account_type = 'asset_receivable'
         WHERE l.parent_state = 'posted' AND l.company_id = %s
           AND l.amount_residual <> 0
         GROUP BY 1
        """,
        (company.id,),
    )
    buckets = dict.fromkeys((name for name, _from, _to in BUCKETS), 0.0)
    buckets["unapplied"] = 0.0
    overdue = 0.0
    for days, amount in _split_unapplied(env, company, env.cr.fetchall(), buckets):
        for name, start, end in BUCKETS:
            if (start is None or days >= start) and (end is None or days <= end):
                buckets[name] += amount
        overdue += amount if days > 0 else 0.0
    return sum(buckets.values()), overdue, buckets


def _split_unapplied(env, company, rows, buckets):
    """Money and credit notes not applied yet stand apart: they have no age."""
    env.cr.execute(
        """
        SELECT (now() AT TIME ZONE 'America/Mexico_City')::date - l.date_maturity
               AS days,
               sum(l.amount_residual)
          FROM account_move_line l
          JOIN account_account a ON a.id = l.account_id
               AND a.account_type = 'asset_receivable'
         WHERE l.parent_state = 'posted' AND l.company_id = %s AND l.amount_residual < 0
         GROUP BY 1
        """,
        (company.id,),
    )
    unapplied = {days: float(amount) for days, amount in env.cr.fetchall()}
    buckets["unapplied"] = sum(unapplied.values())
    return [
        (days or 0, float(amount) - unapplied.get(days, 0.0)) for days, amount in rows
    ]


def _orders(env, company):
    if "sale.order" not in env:
        return {}
    groups = env["sale.order"]._read_group(
        [("company_id", "=", company.id)], ["state"], ["__count"]
    )
    return dict(groups)


def _credit_figures(env, company):
    domain = [("company_id", "=", company.id)]
    lines = env["cartera.credit.line"]._read_group(
        domain, ["state", "mode"], ["__count"]
    )
    today = company._cartera_today()
    partners = env["cartera.customer"].search(domain).partner_id
    positions = (
        env["cartera.customer"].sudo()._positions(company, partners.ids).values()
    )
    return {
        "lines": {f"{state} {mode}": count for state, mode, count in lines},
        "temporaries": env["cartera.credit.temporary"].search_count(
            [*domain, ("state", "=", "active"), ("date_from", "<=", today)]
        ),
        "groups": env["cartera.credit.group"].search_count(domain),
        "exposure": sum(position["exposure"] for position in positions),
        "over_limit": sum(
            1
            for position in positions
            if position["available"] is not None and position["available"] < 0
        ),
    }


def _held(env):
    if not credit.is_installed(env):
        return []
    holds = env["cartera.credit.hold"].search(
        [("state", "in", ("held", "ready"))], order="id"
    )
    return [
        {
            "document": hold.name,
            "customer": hold.partner_id.name,
            "amount": hold.amount,
            "currency": hold.company_id.currency_id.name,
            "days": hold.age_days,
            "reasons": hold.reason_text,
        }
        for hold in holds
    ]


def show(env, port=8069):
    """Print the summary and the users with their passwords."""
    print_summary(env, port=port)


def print_summary(env, port=8069, progress=print):
    for line in text_lines(summary(env), port):
        progress(line)


def text_lines(data, port=8069):
    """The summary as lines of text."""
    for figures in data["companies"]:
        yield from _company_lines(figures)
    if data["held"]:
        yield f"Held orders and shipments: {len(data['held'])}"
        for hold in data["held"][:SHOWN]:
            yield (
                f"  {hold['document']:22} {hold['amount']:>12,.0f} {hold['currency']}"
                f" {hold['days']:2} d  {hold['customer'][:30]:30}"
                f" {hold['reasons'][:110]}"
            )
        if len(data["held"]) > SHOWN:
            yield f"  … and {len(data['held']) - SHOWN} more in the release queue"
    if data["requests"]:
        yield "Customer requests: " + ", ".join(
            f"{count} {state.replace('_', ' ')}"
            for state, count in data["requests"].items()
        )
    total = sum(data["seconds"].values())
    yield (
        f"Making the books: {total:.0f} s of work in {len(data['seconds'])} steps: "
        + ", ".join(
            f"{name} {seconds:.0f}" for name, seconds in data["seconds"].items()
        )
    )
    if data["daily"]:
        yield f"Daily job: {sum(data['daily'].values()):.1f} s: " + ", ".join(
            f"{name} {seconds:.1f}" for name, seconds in data["daily"].items()
        )
    yield f"Users (http://localhost:{port}; admin has the password admin):"
    for login, password, name, role in data["users"]:
        yield f"  {role:18} {name:22} {login:10} password {password}"


def _company_lines(figures):
    currency = figures["currency"]
    yield f"{figures['name']} ({currency})"
    yield (
        f"  customers {figures['customers']}, invoices {figures['invoices']}"
        f" (and {figures['draft_invoices']} drafts),"
        f" credit notes {figures['credit_notes']}, payments {figures['payments']}"
    )
    yield (
        f"  receivable {figures['receivable']:,.0f}"
        f" ({figures['months_of_sales']:.1f} months of sales),"
        f" overdue {figures['overdue']:,.0f} ({figures['overdue_percent']:.0f} %)"
    )
    yield "  " + ", ".join(
        f"{name} {amount:,.0f}" for name, amount in figures["buckets"].items()
    )
    orders = ", ".join(f"{state} {count}" for state, count in figures["orders"].items())
    yield f"  orders: {orders or 'none'}"
    if "collections" in figures:
        work = figures["collections"]
        yield (
            f"  collections: {work['cases']} open cases, {work['made']} contacts made,"
            f" {work['planned']} left to people today"
        )
    if "lines" in figures:
        lines = ", ".join(f"{name} {count}" for name, count in figures["lines"].items())
        yield (
            f"  credit lines: {lines or 'none'}; temporary limits in force"
            f" {figures['temporaries']}, groups {figures['groups']}"
        )
        yield (
            f"  exposure {figures['exposure']:,.0f}, customers over their limit"
            f" {figures['over_limit']}"
        )
