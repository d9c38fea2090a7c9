from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..calc import money
from ..calc.daycount import open_day
from ..calc.interest import Change, Charge, Item, accrue
from ..calc.interest_totals import correction, limit_parts
from ..calc.rates import MissingRate

ZERO = money.ZERO
MOVED = timedelta(days=15)  # no due date moves further than this from a holiday
LISTED = 12  # gaps named in a message


@dataclass(frozen=True)
class InterestScope:
    """What interest is counted of: one company, up to a day; some customers, items or policies, or all.

    :param preferred: policies of which one is taken for customers without another
    :param only: charge only customers of these policies
    """

    company: models.BaseModel
    end: date
    partner_ids: tuple | None = None
    item_ids: tuple | None = None
    preferred: models.BaseModel | None = None
    only: models.BaseModel | None = None


@dataclass(slots=True)
class Owed:
    """A receivable item as it was read: instalment of an invoice, or another entry."""

    id: int
    move_id: int
    partner_id: int
    currency_id: int
    due: date
    amount: Decimal
    untaxed: Decimal | None
    total: Decimal | None
    compounded: bool
    is_entry: bool
    billed_to: date | None
    billed: Decimal
    changes: list = field(default_factory=list)


@dataclass(slots=True)
class Proposal:
    """A charge that a run proposes: what becomes a line with its segments."""

    owed: Owed
    policy: models.BaseModel
    kind: str
    charge: Charge
    amount: Decimal
    computed: Decimal
    waived: Decimal = ZERO
    excluded: Decimal = ZERO
    note: str | None = None
    fee: models.BaseModel | None = None
    origin: int | None = None
    before: Decimal = ZERO
    date_from: date | None = None
    charged_to: date | None = None


class CarteraInterestEngine(models.AbstractModel):
    """Counts interest for any number of invoices: reads them in a few statements, asks ``calc``, writes nothing."""

    _name = "cartera.interest.engine"
    _description = "Interest Engine"

    # Hooks

    @api.model
    def _interest_suspensions(self, scope):
        """Return {"disputed": query, "promised": query} of (move_line_id, amount) that are open on a day.

        Addons that keep other reasons to wait add their amounts here, in the currency of the items.
        """
        found = {}
        for name, model, method in (
            ("disputed", "cartera.dispute", "_disputed_sql"),
            ("promised", "cartera.payment.promise", "_promised_sql"),
        ):
            if model in self.env and hasattr(self.env[model], method):
                found[name] = getattr(self.env[model].sudo(), method)(
                    scope.company, scope.end
                )
        return found

    # Gather

    @api.model
    def _trade_account_ids(self):
        return SQL(
            "ARRAY(SELECT id FROM account_account WHERE account_type = 'asset_receivable'"
            " AND non_trade IS NOT TRUE)"
        )

    @api.model
    def _value_day(self):
        """Return the day from which a partial (``c`` its credit item, ``cm`` that entry) lowers a balance.

        A payment's own date, and the date that a credit note bears, whenever it was entered; where the note's
        reason says so from the beginning (a wrong price), or never: NULL.
        """
        return SQL(
            """CASE WHEN cm.move_type <> 'out_refund' THEN c.date
                    ELSE CASE (SELECT nr.interest_from FROM cartera_note_reason nr WHERE nr.id = cm.note_reason_id)
                         WHEN 'invoice_date' THEN DATE '1900-01-01'
                         WHEN 'none' THEN NULL
                         ELSE COALESCE(cm.invoice_date, c.date) END END"""
        )

    @api.model
    def _scope_conditions(self, scope):
        if scope.item_ids is not None:
            return SQL("l.id = ANY(%s)", list(scope.item_ids))
        if scope.partner_ids is not None:
            return SQL(
                "l.partner_id = ANY(ARRAY(SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s)))",
                list(scope.partner_ids),
            )
        return SQL("TRUE")

    @api.model
    def _owed_sql(self, scope):
        """Return the items on which interest may run up to the day: open then, or paid late since the watermark."""
        return SQL(
            """WITH mark AS (
                 SELECT move_line_id, MAX(charged_to) AS billed_to, SUM(amount) AS billed
                   FROM cartera_interest_line
                  WHERE live AND kind IN ('interest', 'adjustment') AND company_id = %(company)s
               GROUP BY move_line_id),
               settled AS (
                 SELECT debit_move_id, MAX(max_date) AS day FROM account_partial_reconcile
                  WHERE company_id = %(company)s AND max_date >= %(floor)s GROUP BY debit_move_id)
               SELECT l.id, l.move_id, p.commercial_partner_id, l.currency_id,
                      COALESCE(l.date_maturity, l.date), l.amount_currency, m.amount_untaxed, m.amount_total,
                      EXISTS (SELECT 1 FROM cartera_interest_line n WHERE n.note_move_id = l.move_id),
                      m.move_type NOT IN ('out_invoice', 'out_receipt'), mark.billed_to, mark.billed
                 FROM account_move_line l
                 JOIN account_move m ON m.id = l.move_id
                 JOIN res_partner p ON p.id = l.partner_id
            LEFT JOIN mark ON mark.move_line_id = l.id
            LEFT JOIN settled s ON s.debit_move_id = l.id
                WHERE l.parent_state = 'posted' AND l.company_id = %(company)s
                  AND l.account_id = ANY(%(accounts)s) AND l.amount_currency > 0
                  AND m.move_type IN ('out_invoice', 'out_receipt', 'entry') AND m.origin_payment_id IS NULL
                  AND COALESCE(l.date_maturity, l.date) < %(last)s AND %(scope)s
                  AND (l.reconciled IS NOT TRUE
                       OR (s.day > COALESCE(l.date_maturity, l.date) - %(moved)s
                           AND s.day > COALESCE(mark.billed_to, '-infinity')))
                  AND (mark.billed_to IS NULL OR mark.billed_to < %(end)s)""",
            company=scope.company.id,
            accounts=self._trade_account_ids(),
            last=scope.end + MOVED,
            end=scope.end,
            moved=MOVED.days,
            floor=self._first_day(scope),
            scope=self._scope_conditions(scope),
        )

    @api.model
    def _first_day(self, scope):
        """Return the day before which no policy of the company charges anything."""
        starts = (
            self.env["cartera.interest.policy"]
            .sudo()
            .search([("company_id", "=", scope.company.id)])
            .mapped("date_start")
        )
        return min(starts) if starts and all(starts) else date.min

    @api.model
    def _changes_sql(self, ids, end):
        return SQL(
            """SELECT r.debit_move_id, %(day)s AS day, SUM(r.debit_amount_currency)
                 FROM account_partial_reconcile r
                 JOIN account_move_line c ON c.id = r.credit_move_id
                 JOIN account_move cm ON cm.id = c.move_id
                WHERE r.debit_move_id = ANY(%(ids)s) AND r.debit_amount_currency <> 0
             GROUP BY r.debit_move_id, 2 HAVING %(day)s < %(end)s""",
            day=self._value_day(),
            ids=ids,
            end=end,
        )

    @api.model
    def _gather(self, scope):
        """Return the items of a scope as {id: Owed}, with what changed their balances; three statements."""
        self.env.flush_all()
        owed = {}
        for row in self.env.execute_query(self._owed_sql(scope)):
            owed[row[0]] = Owed(
                *row[:5],
                money.to_decimal(row[5]),
                *row[6:11],
                ZERO if row[11] is None else money.to_decimal(row[11]),
            )
        self._gather_changes(owed, scope.end)
        return owed

    @api.model
    def _gather_changes(self, owed, end):
        if not owed:
            return
        rows = self.env.execute_query(self._changes_sql(list(owed), end))
        for item, day, amount in rows:
            owed[item].changes.append(Change(day, -money.to_decimal(amount)))

    @api.model
    def _gather_suspended(self, scope):
        """Return {"disputed": {item: amount}, "promised": {item: amount}} on the scope's day."""
        found = {}
        for name, query in self._interest_suspensions(scope).items():
            rows = self.env.execute_query(
                SQL(
                    "SELECT s.move_line_id, SUM(s.amount) FROM (%s) AS s GROUP BY s.move_line_id",
                    query,
                )
            )
            found[name] = {item: money.to_decimal(amount) for item, amount in rows}
        return found

    @api.model
    def _gather_in_credit(self, scope):
        """Return the commercial partners to whom the company owes on the scope's day, on balance."""
        rows = self.env.execute_query(
            SQL(
                """SELECT p.commercial_partner_id
                     FROM account_move_line l JOIN res_partner p ON p.id = l.partner_id
                    WHERE l.parent_state = 'posted' AND l.company_id = %(company)s AND l.date <= %(end)s
                      AND l.account_id = ANY(%(accounts)s)
                      AND p.commercial_partner_id IN (
                          SELECT q.commercial_partner_id
                            FROM account_move_line o JOIN res_partner q ON q.id = o.partner_id
                           WHERE o.parent_state = 'posted' AND o.company_id = %(company)s
                             AND o.account_id = ANY(%(accounts)s) AND o.reconciled IS NOT TRUE
                             AND o.amount_residual < 0)
                 GROUP BY p.commercial_partner_id HAVING SUM(l.balance) < 0""",
                company=scope.company.id,
                end=scope.end,
                accounts=self._trade_account_ids(),
            )
        )
        return {row[0] for row in rows}

    @api.model
    def _gather_left_out(self, policies, owed):
        """Return {policy: ids of items that its conditions leave out}; one query for each that has conditions."""
        found = {}
        lines = self.env["account.move.line"].sudo()
        for policy in policies:
            domain = policy._domain("exclude_domain")
            if domain:
                query = lines._search(domain, active_test=False)
                rows = self.env.execute_query(
                    SQL(
                        "SELECT x.id FROM (%s) AS x WHERE x.id = ANY(%s)",
                        query.select(),
                        list(owed),
                    )
                )
                found[policy] = {row[0] for row in rows}
        return found

    # Calc

    @api.model
    def _propose(self, scope):
        """Return the proposals of a scope: interest, what only accrues, corrections and fees.

        :raise UserError: when rates are missing; names the table and the days
        """
        owed = self._gather(scope)
        chosen = self._choose_policies(scope, owed)
        policies = self.env["cartera.interest.policy"].union(*set(chosen.values()))
        suspended = self._gather_suspended(scope) if owed else {}
        calculator = InterestCalculator(self, scope, policies)
        proposals, gaps = [], defaultdict(list)
        for item, policy in chosen.items():
            try:
                proposals += calculator.charge(owed[item], policy, suspended)
            except MissingRate as error:
                gaps[policy] += error.gaps
        if gaps:
            raise UserError(self._missing_rates_message(gaps))
        proposals = self._limit(scope, proposals)
        return proposals + self._propose_fees(scope, owed, chosen)

    @api.model
    def _choose_policies(self, scope, owed):
        """Return {item id: policy} of the items that are charged at all."""
        policies = self.env["cartera.interest.policy"]
        default, assigned = policies._assignment(scope.company, scope.preferred)
        in_credit = self._gather_in_credit(scope) if owed else set()
        chosen = {}
        for item, row in owed.items():
            policy = assigned.get(row.partner_id, default)
            if (
                policy
                and (not scope.only or policy in scope.only)
                and not (row.compounded and not policy.compound)
                and not (row.is_entry and not policy.include_entries)
                and not (policy.skip_in_credit and row.partner_id in in_credit)
            ):
                chosen[item] = policy
        used = policies.union(*set(chosen.values()))
        left_out = self._gather_left_out(used, owed)
        return {
            item: policy
            for item, policy in chosen.items()
            if item not in left_out.get(policy, ())
        }

    @api.model
    def _missing_rates_message(self, gaps):
        texts = []
        for policy, missing in gaps.items():
            joined = MissingRate(set(missing)).gaps
            for gap in joined[:LISTED]:
                source = (
                    policy.cap_table_id if gap.table == "cap" else policy.rate_table_id
                )
                texts.append(
                    self.env._(
                        "%(policy)s: no rate in %(table)s from %(start)s to %(end)s",
                        policy=policy.name,
                        table=source.name or self.env._("the policy"),
                        start=gap.date_from,
                        end=gap.date_to,
                    )
                )
        return self.env._(
            "Rates are missing for days that must be charged. Enter them in the rate table with the document they "
            "come from, and simulate again.\n%(gaps)s",
            gaps="\n".join(texts),
        )

    @api.model
    def _limit(self, scope, proposals):
        """Keep the charges of each invoice, then of each customer, to the policy's limits."""
        thresholds = _Thresholds(self.env, scope)
        billed = {}
        wanted = [one for one in proposals if one.kind == "interest"]
        for group, minimum, maximum, earlier in (
            (lambda one: (one.owed.move_id, one.policy), "minimum", "maximum", True),
            (
                lambda one: (one.owed.partner_id, one.owed.currency_id, one.policy),
                "customer_minimum",
                "customer_maximum",
                False,
            ),
        ):
            limited = defaultdict(list)
            for one in wanted:
                if one.policy[minimum] or one.policy[maximum]:
                    limited[group(one)].append(one)
            if earlier and limited:
                moves = {one.owed.move_id for ones in limited.values() for one in ones}
                billed = self._billed_of(moves)
            for ones in limited.values():
                ones.sort(key=lambda one: (one.owed.due, one.owed.id))
                policy, currency = ones[0].policy, ones[0].owed.currency_id
                parts, reason = limit_parts(
                    [one.amount for one in ones],
                    thresholds.of(policy, minimum, currency) or ZERO,
                    thresholds.of(policy, maximum, currency),
                    billed.get(ones[0].owed.move_id, ZERO) if earlier else ZERO,
                )
                for one, part in zip(ones, parts, strict=True):
                    if part != one.amount:
                        one.note = reason
                        one.waived = min(one.waived, part)
                    one.amount = part
            # what waits for a minimum is no charge, and its days are not lost
            wanted = [one for one in wanted if one.note != "minimum"]
        return wanted + [one for one in proposals if one.kind != "interest"]

    @api.model
    def _billed_of(self, move_ids):
        rows = self.env.execute_query(
            SQL(
                "SELECT move_id, SUM(amount) FROM cartera_interest_line WHERE live AND kind <> 'fee'"
                " AND move_id = ANY(%s) GROUP BY move_id",
                list(move_ids),
            )
        )
        return {move: money.to_decimal(amount) for move, amount in rows}

    # Corrections

    @api.model
    def _changed_sql(self, scope):
        """Return the charges whose items' payments and credit notes are not those they were counted with."""
        return SQL(
            """SELECT x.id FROM (
                 SELECT n.id, n.fingerprint, n.excluded_balance, %(fingerprint)s AS now
                   FROM cartera_interest_line n JOIN account_move_line l ON l.id = n.move_line_id
                  WHERE n.live AND n.kind = 'interest' AND n.company_id = %(company)s AND %(scope)s) x
                WHERE x.fingerprint IS DISTINCT FROM x.now OR x.excluded_balance <> 0""",
            fingerprint=self._fingerprint_sql(),
            company=scope.company.id,
            scope=self._scope_conditions(scope),
        )

    @api.model
    def _fingerprint_sql(self):
        """Return what identifies the partials that lowered the balance of line ``n`` in its days."""
        return SQL(
            """COALESCE((SELECT md5(string_agg(r.id::text, ',' ORDER BY r.id))
                  FROM account_partial_reconcile r
                  JOIN account_move_line c ON c.id = r.credit_move_id
                  JOIN account_move cm ON cm.id = c.move_id
                 WHERE r.debit_move_id = n.move_line_id AND r.debit_amount_currency <> 0
                   AND %s < n.charged_to), '')""",
            self._value_day(),
        )

    @api.model
    def _propose_corrections(self, scope):
        """Return proposals that put right what was charged before a payment was dated back, reversed or undone.

        Each charge is counted again over its own days, with the terms frozen in its run.
        """
        ids = [row[0] for row in self.env.execute_query(self._changed_sql(scope))]
        lines = self.env["cartera.interest.line"].sudo().browse(ids)
        if scope.only:
            lines = lines.filtered(lambda line: line.policy_id in scope.only)
        if not lines:
            return []
        corrected = {
            origin.id: money.to_decimal(amount)
            for origin, amount in self.env["cartera.interest.line"]
            .sudo()
            ._read_group(
                [("origin_line_id", "in", ids), ("live", "=", True)],
                ["origin_line_id"],
                ["amount:sum"],
            )
        }
        owed = self._gather_lines(lines)
        suspended = self._gather_suspended(scope)
        proposals = []
        for line in lines:
            proposal = self._correct(
                line, owed[line.id], suspended, corrected.get(line.id, ZERO)
            )
            if proposal:
                proposals.append(proposal)
        return proposals

    @api.model
    def _gather_lines(self, lines):
        """Return {interest line id: Owed} as the item stands now, with its changes."""
        owed = {line.id: _read_item(line.move_line_id, line.watermark) for line in lines}
        changes = {row.id: row for row in owed.values()}
        self._gather_changes(changes, max(lines.mapped("charged_to")))
        for row in owed.values():
            row.changes = changes[row.id].changes
        return owed

    @api.model
    def _correct(self, line, row, suspended, corrected):
        terms = line._frozen_terms()
        policies = self.env["cartera.interest.policy"]
        policy = policies._calc_policy(
            terms, money.to_decimal(line.currency_id.rounding)
        )
        item = _as_item(row, terms, line.company_id)
        excluded = ZERO
        if line.excluded_balance:
            still = sum(
                amounts.get(row.id, ZERO)
                for name, amounts in suspended.items()
                if line.policy_id[name] == "accrue"
            )
            excluded = min(money.to_decimal(line.excluded_balance), still)
            item = _reduced(item, excluded)
        charge = accrue(item, policy, line.charged_to)
        difference = correction(
            charge.amount,
            money.to_decimal(line.computed_amount),
            money.to_decimal(line.amount),
            money.to_decimal(line.waived_amount),
            corrected,
        )
        if not difference:
            return None
        return Proposal(
            row,
            line.policy_id,
            "adjustment",
            charge,
            difference,
            charge.amount,
            excluded=excluded,
            origin=line.id,
            before=money.to_decimal(line.amount) + corrected,
            date_from=line.date_from,
            charged_to=line.charged_to,
        )

    # Fees

    @api.model
    def _propose_fees(self, scope, owed, chosen):
        """Return the fees of late invoices that were not charged yet, one for each invoice."""
        by_policy = {
            policy: policy.fee_ids.filtered(lambda fee: fee.kind == "late")
            for policy in set(chosen.values())
        }
        candidates = {}
        for item, policy in chosen.items():
            row = owed[item]
            balance = row.amount + sum(change.amount for change in row.changes)
            late = (scope.end - row.due).days
            for fee in by_policy[policy]:
                key = (row.move_id, fee.id)
                if balance > 0 and late >= fee.days:
                    first = candidates.setdefault(key, (row, policy, fee, balance))
                    if row.due < first[0].due:
                        candidates[key] = (row, policy, fee, balance)
        if not candidates:
            return []
        done = set(
            self.env.execute_query(
                SQL(
                    "SELECT move_id, fee_id FROM cartera_interest_line"
                    " WHERE live AND kind = 'fee' AND move_id = ANY(%s)",
                    [move for move, _fee in candidates],
                )
            )
        )
        thresholds = _Thresholds(self.env, scope)
        return [
            self._fee(row, policy, fee, balance, thresholds, scope.end)
            for key, (row, policy, fee, balance) in candidates.items()
            if key not in done
        ]

    @api.model
    def _fee(self, row, policy, fee, base, thresholds, day):
        currency = self.env["res.currency"].browse(row.currency_id)
        share = base * money.to_decimal(fee.percent) / 100
        fixed = thresholds.convert(fee.amount, row.currency_id)
        amount = money.round_money(fixed + share, money.to_decimal(currency.rounding))
        return Proposal(
            row,
            policy,
            "fee",
            Charge((), amount, amount, None),
            amount,
            amount,
            fee=fee,
            date_from=day,
            charged_to=day,
        )


    @api.model
    def _manual_fees(self, fee, items):
        """Return the proposals of a fee that is charged by hand on these items."""
        scope = InterestScope(self.company_id, self.date_to)
        thresholds = _Thresholds(self.env, scope)
        return [
            self._fee(
                row,
                fee.policy_id,
                fee,
                row.amount,
                thresholds,
                self.date_to,
            )
            for row in (_read_item(item) for item in items)
        ]


class InterestCalculator:
    """Asks ``calc`` for the charge of one item after the other, with each policy made only once."""

    def __init__(self, engine, scope, policies):
        self.env, self.scope = engine.env, scope
        self.terms = {policy: policy._terms() for policy in policies}
        self.made = {}
        self.rounding = {
            currency.id: money.to_decimal(currency.rounding)
            for currency in engine.env["res.currency"]
            .sudo()
            .with_context(active_test=False)
            .search_fetch([], ["rounding"])
        }
        self.holidays = (
            engine.env["cartera.holiday"]._days(scope.company)
            if any(terms["holiday_mode"] != "none" for terms in self.terms.values())
            else frozenset()
        )

    def policy(self, policy, currency):
        key = (policy, currency)
        if key not in self.made:
            self.made[key] = policy._calc_policy(
                self.terms[policy], self.rounding[currency]
            )
        return self.made[key]

    def charge(self, row, policy, suspended):
        """Return the proposals for one item: what is charged, and what only accrues."""
        terms = self.terms[policy]
        made = self.policy(policy, row.currency_id)
        item = _as_item(row, terms, self.scope.company, self.holidays)
        accrued, given_up = ZERO, ZERO
        for name, amounts in suspended.items():
            amount = amounts.get(row.id, ZERO)
            if amount and policy[name] == "accrue":
                accrued += amount
            elif amount and policy[name] == "exclude":
                given_up += amount
        full = accrue(item, made, self.scope.end)
        if not accrued and not given_up:
            if not full.segments or not full.amount:
                return []
            return [Proposal(row, policy, "interest", full, full.amount, full.amount)]
        return self._suspended(row, policy, item, made, full, accrued, given_up)

    def _suspended(self, row, policy, item, made, full, accrued, given_up):
        billed = accrue(_reduced(item, accrued), made, self.scope.end)
        left = accrue(_reduced(item, accrued + given_up), made, self.scope.end)
        proposals = []
        if billed.amount:
            proposals.append(
                Proposal(
                    row,
                    policy,
                    "interest",
                    billed,
                    billed.amount,
                    billed.amount,
                    waived=billed.amount - left.amount,
                    excluded=min(accrued, row.amount),
                    note="suspended" if given_up else None,
                )
            )
        if full.amount > billed.amount:
            proposals.append(
                Proposal(
                    row,
                    policy,
                    "accrued",
                    full,
                    full.amount - billed.amount,
                    full.amount,
                    excluded=min(accrued, row.amount),
                    before=billed.amount,
                )
            )
        return proposals


class _Thresholds:
    """Amounts of policies, in company currency, in other currencies at the rate of the scope's day."""

    def __init__(self, env, scope):
        self.env, self.scope = env, scope
        self.rates = None
        self.known = {}

    def of(self, policy, name, currency):
        """Return a limit in the currency with this id; None where it is not set."""
        amount = policy[name]
        if not amount:
            return None
        key = (policy, name, currency)
        if key not in self.known:
            self.known[key] = self.convert(amount, currency)
        return self.known[key]

    def convert(self, amount, currency):
        company, day = self.scope.company, self.scope.end
        amount = money.to_decimal(amount)
        if currency == company.currency_id.id or not amount:
            return amount
        helper = self.env["cartera.money"]
        if self.rates is None:
            self.rates = helper._rates(company, day)
        record = self.env["res.currency"].browse(currency)
        rate = self.rates.get(currency)
        if not rate:
            raise UserError(helper._missing_rate_message(record, company, day))
        return money.convert(
            amount, money.to_decimal(1), rate, money.to_decimal(record.rounding)
        )


def _as_item(row, terms, company, holidays=None):
    """Return the ``calc`` item of a row, its due date moved off holidays where the terms say so."""
    due = row.due
    mode = terms["holiday_mode"]
    if mode != "none":
        if holidays is None:
            holidays = company.env["cartera.holiday"]._days(company)
        weekdays = range(6 if terms["saturday_worked"] else 5)
        due = open_day(due, weekdays, holidays, back=mode == "previous")
    base = None
    if terms["base"] == "untaxed" and row.total and not row.is_entry:
        untaxed = money.to_decimal(row.untaxed)
        total = money.to_decimal(row.total)
        if 0 <= untaxed <= total:
            base = row.amount * untaxed / total
    return Item(due, row.amount, tuple(row.changes), row.billed_to, row.billed, base)


def _read_item(item, billed_to=None):
    """Return a journal item as a row, without what changed its balance."""
    move = item.move_id
    is_invoice = move.is_invoice(include_receipts=True)
    return Owed(
        item.id,
        move.id,
        item.partner_id.commercial_partner_id.id,
        item.currency_id.id,
        item.date_maturity or item.date,
        money.to_decimal(item.amount_currency),
        move.amount_untaxed if is_invoice else None,
        move.amount_total if is_invoice else None,
        False,
        not is_invoice,
        billed_to or None,
        ZERO,
    )


def _reduced(item, amount):
    """Return the item without an amount that is in suspense, from its due date."""
    if not amount:
        return item
    change = Change(date.min, -amount)
    return Item(
        item.due,
        item.amount,
        (*item.changes, change),
        item.billed_to,
        item.billed,
        item.base,
    )
