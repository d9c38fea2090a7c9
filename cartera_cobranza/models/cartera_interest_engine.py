from collections import defaultdict
from datetime import date, timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..calc import money
from ..calc.interest import Change
from ..calc.interest_totals import limit_parts
from ..calc.rates import MissingRate
from .interest_items import Circumstances, InterestCalculator, Thresholds, as_owed

ZERO = money.ZERO
MOVED = timedelta(days=15)  # no due date moves further than this from a holiday
LISTED = 12  # gaps named in a message


class CarteraInterestEngine(models.AbstractModel):
    """Counts interest for any number of invoices: reads them in a few statements, asks ``calc``, writes nothing."""

    _name = "cartera.interest.engine"
    _description = "Interest Engine"
    _inherit = ["cartera.interest.correction"]

    # Hooks

    @api.model
    def _interest_suspensions(self, scope):
        """Return queries of (name, move_line_id, amount) of what waits, in the currency of the items.

        What is ``disputed`` and ``promised`` is treated as the policy says, what is ``stopped`` (by a promise that
        stops the interest) bears none while it lasts. Addons that keep other reasons to wait add to these.
        """
        # what is disputed today is not billed today, even for days before the dispute
        day = max(scope.end, scope.company._cartera_today())
        company = scope.company
        return [
            SQL(
                "SELECT 'disputed' AS name, d.move_line_id, d.amount FROM (%s) AS d",
                self.env["cartera.dispute"].sudo()._disputed_sql(company, day),
            ),
            SQL(
                "SELECT CASE WHEN p.interest_stops THEN 'stopped' ELSE 'promised' END AS name, p.move_line_id, p.amount"
                " FROM (%s) AS p",
                self.env["cartera.payment.promise"].sudo()._promised_sql(company, day),
            ),
        ]

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
    def _scope_partners(self, scope):
        """Return the condition for all items of the customers in a scope."""
        if scope.item_ids is not None:
            chosen = SQL(
                "SELECT o.commercial_partner_id FROM account_move_line i JOIN res_partner o ON o.id = i.partner_id"
                " WHERE i.id = ANY(%s)",
                list(scope.item_ids),
            )
        elif scope.partner_ids is not None:
            chosen = SQL("SELECT UNNEST(%s)", list(scope.partner_ids))
        else:
            return SQL("TRUE")
        return SQL(
            "l.partner_id = ANY(ARRAY(SELECT id FROM res_partner WHERE commercial_partner_id IN (%s)))",
            chosen,
        )

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
               SELECT l.id, l.move_id, p.commercial_partner_id AS partner_id, l.currency_id,
                      COALESCE(l.date_maturity, l.date) AS due, l.amount_currency AS amount,
                      m.amount_untaxed AS untaxed, m.amount_total AS total,
                      EXISTS (SELECT 1 FROM cartera_interest_line n WHERE n.note_move_id = l.move_id) AS compounded,
                      m.move_type NOT IN ('out_invoice', 'out_receipt') AS is_entry, mark.billed_to, mark.billed,
                      l.amount_residual_currency <> l.amount_currency AS touched
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
            """SELECT r.debit_move_id, %(day)s AS day, SUM(r.debit_amount_currency), ARRAY_AGG(r.id)
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
        owed = as_owed(self.env.execute_query(self._owed_sql(scope)))
        self._gather_changes(owed, scope.end)
        return owed

    @api.model
    def _gather_changes(self, owed, end):
        if not owed:
            return
        rows = self.env.execute_query(self._changes_sql(list(owed), end))
        for item, day, amount, partials in rows:
            row = owed[item]
            row.changes.append(Change(day, -money.to_decimal(amount)))
            row.partials.append((day, partials))

    @api.model
    def _gather_suspended(self, scope):
        """Return {"disputed", "promised" or "stopped": {item: amount}} on the scope's day."""
        found = defaultdict(dict)
        for query in self._interest_suspensions(scope):
            rows = self.env.execute_query(
                SQL(
                    "SELECT s.name, s.move_line_id, SUM(s.amount) FROM (%s) AS s GROUP BY 1, 2",
                    query,
                )
            )
            for name, item, amount in rows:
                found[name][item] = money.to_decimal(amount)
        return found

    @api.model
    def _gather_in_credit(self, scope):
        """Return the commercial partners to whom the company owes on the scope's day, on balance."""
        rows = self.env.execute_query(
            SQL(
                """SELECT p.commercial_partner_id
                     FROM (SELECT l.partner_id, SUM(l.balance) AS balance
                             FROM account_move_line l
                            WHERE l.parent_state = 'posted' AND l.company_id = %(company)s AND l.date <= %(end)s
                              AND l.account_id = ANY(%(accounts)s) AND %(partners)s
                         GROUP BY l.partner_id) b
                     JOIN res_partner p ON p.id = b.partner_id
                 GROUP BY p.commercial_partner_id HAVING SUM(b.balance) < 0""",
                company=scope.company.id,
                end=scope.end,
                accounts=self._trade_account_ids(),
                partners=self._scope_partners(scope),
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

    @api.model
    def _circumstances(self, scope):
        """Return what holds in a scope, whatever the item."""
        self.env.flush_all()
        policies = self.env["cartera.interest.policy"]
        default, assigned = policies._assignment(scope.company, scope.preferred)
        everybody = default.union(*set(assigned.values()))
        skipping = any(everybody.mapped("skip_in_credit"))
        return Circumstances(
            default,
            assigned,
            self._gather_in_credit(scope) if skipping else set(),
            self._gather_suspended(scope),
        )

    # Calc

    @api.model
    def _propose(self, scope):
        """Return the proposals of a scope, item by item: interest, what only accrues, and fees.

        :raise UserError: when rates are missing; names the table and the days
        """
        owed = self._gather(scope)
        return self._charge(scope, owed, self._circumstances(scope)) if owed else []

    @api.model
    def _charge(self, scope, owed, known):
        """Return the proposals for items that were read."""
        chosen = self._choose_policies(scope, owed, known)
        policies = self.env["cartera.interest.policy"].union(*set(chosen.values()))
        suspended = known.suspended
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
        return proposals + self._propose_fees(scope, owed, chosen, suspended)

    @api.model
    def _choose_policies(self, scope, owed, known):
        """Return {item id: policy} of the items that are charged at all."""
        chosen = {}
        for item, row in owed.items():
            policy = known.assigned.get(row.partner_id, known.default)
            if (
                policy
                and (not scope.only or policy in scope.only)
                and not (row.compounded and not policy.compound)
                and not (row.is_entry and not policy.include_entries)
                and not (row.partner_id in known.in_credit and policy.skip_in_credit)
            ):
                chosen[item] = policy
        used = self.env["cartera.interest.policy"].union(*set(chosen.values()))
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
        thresholds = Thresholds(self.env, scope)
        billed = {}
        wanted = [one for one in proposals if one.kind == "interest"]
        policies = {one.policy.id: one.policy for one in wanted}.values()
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
            limiting = {
                policy.id for policy in policies if policy[minimum] or policy[maximum]
            }
            for one in wanted if limiting else ():
                if one.policy.id in limiting:
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
            if limiting:
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
