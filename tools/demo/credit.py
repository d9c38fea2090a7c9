"""The credit department's part: lines sized from real peaks, groups, held orders.

Everything is decided through the suite's own verbs, by the users whose role it is. Only
dates are set afterwards: the verbs know today, and a demo needs a past.
"""

import math
from datetime import timedelta

from .customers import currency_in

STEP = {"mx": 5_000, "co": 1_000_000}  # limits are round numbers
# per 150 customers; the rest of those who buy on credit have lines up to an amount
UNLIMITED, NO_CREDIT, EXPIRED = 4, 4, 4
TEMPORARY, GUARANTEED, RENEWED = 6, 4, 12
WITHOUT = {"0": 0.62, "15": 0.22, "30": 0.05, "60": 0.0, "split": 0.0}  # by term: share
SHARES = {"comfortable": 0.74, "tight": 0.16, "over": 0.10}


def is_installed(env):
    """Whether the suite is there: its addons may not be installed yet."""
    return "cartera.credit.line" in env


class CreditDesk:
    """The customers of one company as the credit department sees them."""

    def __init__(self, books, key):
        self.books = books
        self.key = key
        self.env = books.company_env(key)
        self.company = self.env.company
        self.rng = books.rng("credit", key)
        self.manager = books.get("user.gerente")
        self.scale = books.size / 150 * (1.0 if key == "mx" else 0.15)
        partner_ids = {
            index: partner
            for index, partner in books.customer_ids().items()
            if key in books.profiles[index].companies
        }
        partners = self.env["res.partner"].browse(partner_ids.values())
        accounts = self.env["cartera.customer"]._find_or_create(partners, self.company)
        self.accounts = {
            index: accounts[self.env["res.partner"].browse(partner)]
            for index, partner in partner_ids.items()
        }
        self.profiles = [books.profiles[index] for index in sorted(self.accounts)]
        self.peaks = self._peaks()
        self.positions = self.get_positions()
        self.guaranteed = set()

    def get_positions(self):
        """{index of the profile: position}"""
        partner_ids = [account.partner_id.id for account in self.accounts.values()]
        found = self.env["cartera.customer"].get_position(partner_ids, self.company.id)
        return {
            index: found[str(account.partner_id.id)]
            for index, account in self.accounts.items()
        }

    def exposure(self, profile):
        return self.positions[profile.index]["exposure"]

    def _peaks(self):
        """{index: the most the customer ever owed, in company currency}."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT partner_id, max(owed) FROM (
                SELECT partner_id,
                       sum(sum(balance)) OVER (PARTITION BY partner_id ORDER BY date)
                       AS owed
                  FROM account_move_line l
                  JOIN account_account a ON a.id = l.account_id
                       AND a.account_type = 'asset_receivable'
                 WHERE l.parent_state = 'posted' AND l.company_id = %s
                       AND l.partner_id IS NOT NULL
                 GROUP BY partner_id, date) AS history
             GROUP BY partner_id
            """,
            (self.company.id,),
        )
        found = dict(self.env.cr.fetchall())
        return {
            index: float(found.get(account.partner_id.id) or 0)
            for index, account in self.accounts.items()
        }

    def round(self, amount):
        """A round limit, never 0."""
        step = STEP[self.key]
        return float(max(step, math.ceil(amount / step) * step))

    def make_lines(self, values):
        """Create lines and let the credit manager activate them."""
        lines = self.env["cartera.credit.line"].create(values)
        lines.with_user(self.manager).action_activate()
        return lines

    def date_back(self, lines):
        """Lines count from their first day; Odoo knows only the day of the build."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE cartera_credit_line"
            "   SET activated_on = date_from, create_date = date_from,"
            "       write_date = date_from"
            " WHERE id = ANY(%s)",
            (lines.ids,),
        )
        lines.invalidate_recordset()


def make_lines(books, key):
    """Every customer's line, or none, and what hangs on it."""
    if not is_installed(books.env):
        books.tell("the suite is not installed: no credit lines")
        return
    desk = CreditDesk(books, key)
    kinds = _choose_kinds(desk)
    books.parameter(
        f"kinds.{key}", ",".join(f"{i}:{kind}" for i, kind in kinds.items())
    )
    with_amount = [index for index, kind in kinds.items() if kind in SHARES]
    count = min(_scaled(GUARANTEED, desk.scale), len(with_amount))
    desk.guaranteed = set(desk.rng.sample(with_amount, count))
    first = desk.make_lines(_old_versions(desk, kinds))
    desk.date_back(first)
    lines = desk.make_lines(
        [
            _line_values(desk, profile, kinds[profile.index])
            for profile in desk.profiles
            if kinds[profile.index] != "without"
        ]
    )
    desk.date_back(lines)
    _close_old_versions(desk, first, lines)
    by_index = {desk_index(desk, line): line for line in lines}
    _expire(desk, [by_index[i] for i, kind in kinds.items() if kind == "expired"])
    for index, kind in kinds.items():
        if kind == "suspended":
            by_index[index].with_user(desk.manager).action_suspend("Cheques devueltos")
    amounts = [by_index[i] for i, kind in kinds.items() if kind in SHARES]
    _make_temporaries(desk, amounts)
    if key == "mx":
        _make_dollar_line(desk, kinds, by_index)
        _make_groups(desk, by_index)
    books.tell(f"{len(lines)} credit lines")


def desk_index(desk, line):
    return next(
        i for i, account in desk.accounts.items() if account.id == line.customer_id.id
    )


def _choose_kinds(desk):
    """{index: what the customer's credit is like}"""
    rng = desk.rng
    kinds = {}
    for profile in desk.profiles:
        without = rng.random() < WITHOUT[profile.term]
        pick = rng.choices(list(SHARES), list(SHARES.values()))[0]
        kinds[profile.index] = "without" if without else pick
    special = [p for p in desk.profiles if kinds[p.index] in SHARES and not p.group]
    broken = [p for p in special if p.habit == "broken" and desk.exposure(p) > 0]
    others = [p for p in special if p.habit != "broken"]
    big = sorted(others, key=lambda p: -desk.peaks[p.index])
    plan = [
        ("suspended", broken[:1] or others[-1:], 1),
        ("no credit", broken[1:] or others[-2:-1], _scaled(NO_CREDIT, desk.scale)),
        ("unlimited", big[1:], _scaled(UNLIMITED, desk.scale)),
        (
            "expired",
            [p for p in others if p.trade == "wholesaler"],
            _scaled(EXPIRED, desk.scale),
        ),
    ]
    taken = set()
    for kind, candidates, count in plan:
        free = [p for p in candidates if p.index not in taken][:count]
        for profile in free:
            kinds[profile.index] = kind
            taken.add(profile.index)
    for (
        profile
    ) in desk.profiles:  # a holding's entities have lines of their own, with room
        if profile.group:
            kinds[profile.index] = "comfortable"
    return kinds


def _scaled(per_150, scale):
    return max(1, round(per_150 * scale))


def _line_values(desk, profile, kind):
    rng = desk.rng
    books = desk.books
    started = books.ago(rng.randint(120, 420))
    values = {
        "customer_id": desk.accounts[profile.index].id,
        "mode": {"unlimited": "unlimited", "no credit": "none"}.get(kind, "amount"),
        "currency_id": desk.company.currency_id.id,
        "date_from": started,
        "date_to": books.today
        + timedelta(days=rng.choice((45, 90, 120, 180, 270, 365))),
        "grace_days": rng.choice((0, 0, 5, 15)),
        "reason": "Revisión anual",
    }
    if kind == "expired":
        values["date_to"], values["grace_days"] = books.today, 0
    if kind in ("unlimited", "no credit"):
        values["date_to"] = False
        return values
    if profile.index in desk.guaranteed:
        values["guarantee_amount"] = 0.0  # set below, in the line's currency
        values["guarantee_note"] = "Pagaré con aval"
        last = rng.choice((60, 150, 240, -20))  # one in four has lapsed
        values["guarantee_date_to"] = books.today + timedelta(days=last)
    amount = _limit(desk, profile, kind)
    currency = currency_in(profile, desk.key)
    if currency == "USD":
        dollar = books.env.ref("base.USD")
        values["currency_id"] = dollar.id
        rate = dollar._get_conversion_rate(
            desk.company.currency_id, dollar, desk.company, books.today
        )
        values["amount"] = float(math.ceil(amount * rate / 1000) * 1000)
    else:
        values["amount"] = desk.round(amount)
    if "guarantee_amount" in values:
        values["guarantee_amount"] = round(values["amount"] * 0.25, -3)
    return values


def _limit(desk, profile, kind):
    """What a credit committee would have granted, in company currency."""
    rng = desk.rng
    peak, owed = desk.peaks[profile.index], desk.exposure(profile)
    if kind == "tight" and owed > 0:
        return owed * rng.uniform(1.03, 1.1)
    if kind == "over" and owed > 0:
        return max(owed * rng.uniform(0.75, 0.93) - STEP[desk.key], STEP[desk.key])
    return max(peak * rng.uniform(1.15, 1.6), owed * rng.uniform(1.3, 1.8))


def _old_versions(desk, kinds):
    """Some lines were renewed once: the version before, with a smaller amount."""
    chosen = [p for p in desk.profiles if kinds[p.index] in ("comfortable", "tight")]
    count = _scaled(RENEWED, desk.scale)
    values = []
    for profile in desk.rng.sample(chosen, min(count, len(chosen))):
        old = _line_values(desk, profile, kinds[profile.index])
        old["date_from"] = desk.books.ago(desk.rng.randint(500, 700))
        old["amount"] = float(math.ceil(old["amount"] * 0.7 / 1000) * 1000)
        old["reason"] = "Apertura"
        values.append(old)
    return values


def _close_old_versions(desk, old, lines):
    """The version before ended on the day the next began."""
    began = {line.customer_id.id: line.date_from for line in lines}
    for line in old:
        desk.env.cr.execute(
            "UPDATE cartera_credit_line SET closed_on = %s WHERE id = %s",
            (began[line.customer_id.id], line.id),
        )
    old.invalidate_recordset()


def _expire(desk, lines):
    """Lines that nobody renewed in time."""
    for line in lines:
        line.with_user(desk.manager).action_expire()
        ended = desk.books.ago(desk.rng.randint(8, 60))
        desk.env.cr.execute(
            "UPDATE cartera_credit_line SET date_to = %s, closed_on = %s WHERE id = %s",
            (ended, ended + timedelta(days=1), line.id),
        )
        line.invalidate_recordset()
        line.customer_id._refresh(desk.company, line.customer_id.partner_id.ids)


def _make_temporaries(desk, lines):
    """Higher limits for the season: in force, to come, and one still a draft."""
    rng, today = desk.rng, desk.books.today
    chosen = rng.sample(lines, min(_scaled(TEMPORARY, desk.scale), len(lines)))
    temporary = desk.env["cartera.credit.temporary"]
    for number, line in enumerate(chosen):
        start = rng.randint(-20, -3) if number < 4 else rng.randint(5, 20)
        one = temporary.create(
            {
                "line_id": line.id,
                "amount": line.amount * 1.4,
                "date_from": today + timedelta(days=start),
                "date_to": today + timedelta(days=start + 45),
                "reason": "Temporada alta",
            }
        )
        if number != 5:
            one.with_user(desk.manager).action_activate()


def _make_dollar_line(desk, kinds, by_index):
    """One customer has a line for its debts in dollars and another for the rest."""
    found = [
        p
        for p in desk.profiles
        if p.kind == "export" and kinds[p.index] in ("comfortable", "tight")
    ]
    if not found:
        return
    line = by_index[found[0].index]
    general = {
        "customer_id": line.customer_id.id,
        "amount": desk.round(50_000),
        "currency_id": desk.company.currency_id.id,
        "date_from": line.date_from,
        "date_to": line.date_to,
        "reason": "Compras en pesos",
    }
    dollars = {
        **general,
        "amount": line.amount,
        "currency_id": line.currency_id.id,
        "only_this_currency": True,
        "reason": "Exportación en dólares",
    }
    desk.date_back(desk.make_lines([general, dollars]))


def _make_groups(desk, by_index):
    """The legal entities of a holding share a limit below the sum of their own."""
    names = sorted({profile.group for profile in desk.profiles if profile.group})
    for number, name in enumerate(names):
        members = [profile for profile in desk.profiles if profile.group == name]
        owed = sum(desk.exposure(profile) for profile in members)
        own = sum(by_index[profile.index].amount for profile in members)
        amount = max(own * 0.8, owed * 1.15) if number else owed * 1.04
        group = desk.env["cartera.credit.group"].create(
            {"name": name, "amount": desk.round(amount), "company_id": desk.company.id}
        )
        for profile in members:
            desk.accounts[profile.index].group_id = group
        desk.env["cartera.customer"]._refresh(
            desk.company, group.member_ids.partner_id.ids
        )


def open_gate(books):
    """From now on orders are checked; customers without a line buy in advance."""
    if not is_installed(books.env):
        return
    rule = books.env.ref(
        "cartera_cobranza.credit_rule_no_line", raise_if_not_found=False
    )
    if rule:
        rule.active = True
    for key in ("mx", "co"):
        books.get(f"company.{key}").write(
            {
                "cartera_gate": "block",
                "cartera_default_mode": "none",
                "cartera_credit_user_id": books.get("user.credito").id,
            }
        )
    collector, executive = books.get("user.cobranza"), books.get("user.credito")
    accounts = books.env["cartera.customer"].search([])
    accounts.write({"collector_id": collector.id, "credit_user_id": executive.id})
    for company in accounts.company_id:
        books.env["cartera.customer"]._refresh(company)
