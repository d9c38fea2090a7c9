from odoo import api, models
from odoo.tools import SQL

from ..calc import money
from ..calc.interest import Charge, accrue
from ..calc.interest_totals import correction
from .interest_items import (
    InterestScope,
    Proposal,
    Thresholds,
    as_item,
    read_item,
    reduced,
)

ZERO = money.ZERO


class CarteraInterestCorrection(models.AbstractModel):
    """Puts right what was charged before something came to light, and charges the fees beside the interest."""

    _name = "cartera.interest.correction"
    _description = "Correction of Interest"

    # Corrections

    @api.model
    def _changed_sql(self, scope):
        """Return the charges whose items' payments and credit notes are not those they were counted with.

        Others have come, some are gone, or one of them was written since: a payment that is set back to draft keeps
        its place on the invoice while its day is changed. What turns out to be the same is not proposed.
        """
        return SQL(
            """SELECT n.id
                 FROM cartera_interest_line n
                 JOIN account_move_line l ON l.id = n.move_line_id
                 JOIN cartera_interest_run run ON run.id = n.run_id,
                      LATERAL %(counted)s now
                WHERE n.live AND n.kind = 'interest' AND n.company_id = %(company)s AND %(scope)s
                  AND (n.fingerprint IS DISTINCT FROM now.fingerprint OR now.written > run.simulated_at
                       OR n.excluded_balance <> 0)""",
            counted=self._fingerprint_sql(),
            company=scope.company.id,
            scope=self._scope_conditions(scope),
        )

    @api.model
    def _fingerprint_sql(self):
        """Return what identifies the partials that lowered the balance of line ``n`` in its days, and when the
        payments and notes behind them were written last."""
        return SQL(
            """(SELECT COALESCE(md5(string_agg(r.id::text, ',' ORDER BY r.id)), '') AS fingerprint,
                       MAX(cm.write_date) AS written
                  FROM account_partial_reconcile r
                  JOIN account_move_line c ON c.id = r.credit_move_id
                  JOIN account_move cm ON cm.id = c.move_id
                 WHERE r.debit_move_id = n.move_line_id AND r.debit_amount_currency <> 0
                   AND %s < n.charged_to)""",
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
        holidays = self.env["cartera.holiday"]._days(scope.company)
        proposals = []
        for line in lines:
            proposal = self._correct(
                line, owed[line.id], suspended, corrected.get(line.id, ZERO), holidays
            )
            if proposal:
                proposals.append(proposal)
        return proposals

    @api.model
    def _gather_lines(self, lines):
        """Return {interest line id: Owed} as the item stands now, with its changes."""
        owed = {line.id: read_item(line.move_line_id, line.watermark) for line in lines}
        changes = {row.id: row for row in owed.values()}
        self._gather_changes(changes, max(lines.mapped("charged_to")))
        for row in owed.values():
            row.changes = changes[row.id].changes
        return owed

    @api.model
    def _correct(self, line, row, suspended, corrected, holidays):
        terms = line._frozen_terms()
        policies = self.env["cartera.interest.policy"]
        policy = policies._calc_policy(
            terms, money.to_decimal(line.currency_id.rounding)
        )
        item = as_item(row, terms, line.company_id, holidays)
        excluded = ZERO
        if line.excluded_balance:
            still = sum(
                amounts.get(row.id, ZERO)
                for name, amounts in suspended.items()
                if name != "stopped" and line.policy_id[name] == "accrue"
            )
            excluded = min(money.to_decimal(line.excluded_balance), still)
            item = reduced(item, excluded)
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
    def _propose_fees(self, scope, owed, chosen, suspended):
        """Return the fees of late invoices that were not charged yet, one for each invoice.

        What is disputed, promised or let off as the policy says is not late for a fee either.
        """
        by_policy = {
            policy: policy.fee_ids.filtered(lambda fee: fee.kind == "late")
            for policy in set(chosen.values())
            if policy.charging == "bill"
        }
        terms = {policy: policy._terms() for policy, fees in by_policy.items() if fees}
        if not terms:
            return []
        holidays = self.env["cartera.holiday"]._days(scope.company)
        candidates = {}
        for item, policy in chosen.items():
            if policy not in terms:
                continue
            row = owed[item]
            balance = row.amount + sum(change.amount for change in row.changes)
            for name, amounts in suspended.items():
                if name == "stopped" or policy[name] != "charge":
                    balance -= amounts.get(item, ZERO)
            due = as_item(row, terms[policy], scope.company, holidays).due
            late = (scope.end - due).days
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
        thresholds = Thresholds(self.env, scope)
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
        thresholds = Thresholds(self.env, scope)
        return [
            self._fee(
                row,
                fee.policy_id,
                fee,
                row.amount,
                thresholds,
                self.date_to,
            )
            for row in (read_item(item) for item in items)
        ]
