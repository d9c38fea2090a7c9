import logging
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount, format_date

from ..calc import promise as calc
from ..calc.money import ZERO, to_decimal

_logger = logging.getLogger(__name__)

BATCH = 500
EVALUATED = ("open", "partial", "broken", "kept")


@dataclass(frozen=True)
class Outcome:
    """What the ledger says of one promise.

    ``plain`` and ``found`` are the promise and its evaluation, None when nothing is left to pay; ``lowered`` is
    what is left of lines whose invoices owe less by now, ``paid`` the money applied to each line.
    """

    plain: calc.Promise | None
    found: calc.Evaluation | None
    lowered: dict[int, Decimal] = field(default_factory=dict)
    paid: dict[int, Decimal] = field(default_factory=dict)


class CarteraPaymentPromiseLedger(models.AbstractModel):
    """What the ledger says of promises: whether they were kept, and what they keep out of collection.

    Money is what came by payments, bank statements and cash: partial reconciliations of the promised invoices,
    by the payment's date, made after the promise was opened. Other credits (notes, write-offs) and money from
    before the promise leave less to pay, and lower what was promised.
    """

    _name = "cartera.payment.promise.ledger"
    _description = "Promises Beside the Ledger"

    # Statements

    @api.model
    def _money_condition(self):
        """Return the condition that the entry ``m`` of the journal ``j`` is money and not a note or write-off."""
        return SQL(
            "(m.origin_payment_id IS NOT NULL OR m.statement_line_id IS NOT NULL"
            " OR (m.move_type = 'entry' AND j.type IN ('bank', 'cash', 'credit')))"
        )

    @api.model
    def _payments_sql(self, promises):
        """Return a query of (promise_id, line_id, day, amount, counts): money applied since each promise was opened.

        Odoo keeps the application of a payment that is back in draft, and what it takes off the invoice: such money
        does not count, nor do notes whose reason leaves promises as they are.

        ``line_id`` is NULL where a balance was promised and the money went to another invoice of that day's.

        :param promises: a condition on the promise ``p``
        """
        money = SQL(
            """JOIN account_partial_reconcile r ON r.debit_move_id = d.id AND r.id > p.baseline_partial_id
               JOIN account_move_line c ON c.id = r.credit_move_id
               JOIN account_move m ON m.id = c.move_id
               JOIN account_journal j ON j.id = m.journal_id"""
        )
        receivable = SQL(
            "JOIN account_account a ON a.id = d.account_id AND a.account_type = 'asset_receivable'"
        )
        return SQL(
            """SELECT p.id AS promise_id, pl.id AS line_id, c.date AS day, r.debit_amount_currency AS amount,
                      c.parent_state = 'posted' AND %(is_money)s AS counts
                 FROM cartera_payment_promise p
                 JOIN cartera_payment_promise_line pl ON pl.promise_id = p.id
                 JOIN account_move_line d ON d.move_id = pl.move_id
                 %(receivable)s %(money)s
                WHERE %(promises)s AND (%(is_money)s OR EXISTS (
                          SELECT 1 FROM cartera_note_reason reason
                           WHERE reason.id = m.note_reason_id AND reason.lowers_promise IS FALSE))
            UNION ALL
               SELECT p.id, NULL, c.date, r.debit_amount_currency, c.parent_state = 'posted'
                 FROM cartera_payment_promise p
                 JOIN res_partner contact ON contact.commercial_partner_id = p.partner_id
                 JOIN account_move_line d ON d.partner_id = contact.id AND d.company_id = p.company_id
                      AND d.currency_id = p.currency_id AND d.date <= p.made_date
                 %(receivable)s %(money)s
                WHERE %(promises)s AND p.scope = 'balance' AND %(is_money)s
                  AND NOT EXISTS (SELECT 1 FROM cartera_payment_promise_line own
                                   WHERE own.promise_id = p.id AND own.move_id = d.move_id)
                  AND NOT EXISTS (SELECT 1 FROM cartera_payment_promise_line o
                                    JOIN cartera_payment_promise q ON q.id = o.promise_id
                                   WHERE o.move_id = d.move_id AND q.id <> p.id AND q.state <> 'cancelled'
                                     AND c.date BETWEEN q.made_date AND q.window_end)""",
            receivable=receivable,
            money=money,
            promises=promises,
            is_money=self._money_condition(),
        )

    @api.model
    def _on_account_sql(self, promises):
        """Return a query of (partner_id, currency_id, day, amount) of money that is not applied yet."""
        return SQL(
            """SELECT contact.commercial_partner_id AS partner_id, c.currency_id, c.date AS day,
                      -c.amount_residual_currency AS amount
                 FROM account_move_line c
                 JOIN res_partner contact ON contact.id = c.partner_id
                 JOIN account_account a ON a.id = c.account_id AND a.account_type = 'asset_receivable'
                 JOIN account_move m ON m.id = c.move_id
                 JOIN account_journal j ON j.id = m.journal_id
                WHERE c.parent_state = 'posted' AND c.reconciled IS NOT TRUE
                  AND c.amount_residual_currency < 0 AND c.company_id = %(company)s
                  AND contact.commercial_partner_id = ANY(%(partners)s) AND %(is_money)s
             ORDER BY c.date, c.id""",
            company=promises.company_id.id,
            partners=list(promises.partner_id.ids),
            is_money=self._money_condition(),
        )

    @api.model
    def _promised_sql(self, company, day):
        """Return a query of what open promises keep out of collection on ``day``.

        Rows of (move_line_id, amount, window_end, promise_id, interest_stops): journal items with the part of their
        residual, in the item's currency, that is promised and not paid yet, and the last day on which the promise
        still counts. On an invoice with instalments the open ones are covered oldest first, after what is disputed.
        """
        today = company._cartera_today()
        live = (
            SQL("p.live AND p.window_end >= %s", day)
            if day >= today
            else SQL(
                "p.made_date <= %(day)s AND p.window_end >= %(day)s"
                " AND (p.ended_on IS NULL OR p.ended_on > %(day)s)",
                day=day,
            )
        )
        return SQL(
            """SELECT item.id AS move_line_id, part.amount, line.window_end, line.promise_id, line.interest_stops
                 FROM (SELECT pl.move_id, p.id AS promise_id, p.window_end, p.interest_stops,
                              GREATEST(pl.amount - COALESCE(SUM(pay.amount), 0), 0) AS amount
                         FROM cartera_payment_promise p
                         JOIN cartera_payment_promise_line pl ON pl.promise_id = p.id
                    LEFT JOIN (%(payments)s) pay ON pay.line_id = pl.id AND pay.day <= %(day)s AND pay.counts
                        WHERE p.company_id = %(company)s AND %(live)s
                     GROUP BY pl.id, p.id) AS line
                 JOIN LATERAL (%(items)s) AS item ON TRUE
            LEFT JOIN (%(disputed)s) AS d ON d.move_id = line.move_id
           CROSS JOIN LATERAL (SELECT LEAST(item.upto, COALESCE(d.amount, 0) + line.amount)
                                    - GREATEST(item.upto - item.residual, COALESCE(d.amount, 0)) AS amount) AS part
                WHERE part.amount > 0""",
            payments=self._payments_sql(
                SQL("p.company_id = %s AND %s", company.id, live)
            ),
            day=day,
            company=company.id,
            live=live,
            items=self._open_items_sql(SQL("line.move_id"), day, today),
            disputed=self.env["cartera.dispute"]._disputed_moves_sql(company, day),
        )

    @api.model
    def _promised_moves_sql(self, company, day):
        """Return a query of (move_id, amount): what of each invoice open promises cover, and was not paid yet."""
        live = SQL("p.live AND p.window_end >= %s", day)
        return SQL(
            """SELECT pl.move_id, GREATEST(pl.amount - COALESCE(SUM(pay.amount), 0), 0) AS amount
                 FROM cartera_payment_promise p
                 JOIN cartera_payment_promise_line pl ON pl.promise_id = p.id AND pl.live
            LEFT JOIN (%(payments)s) pay ON pay.line_id = pl.id AND pay.counts
                WHERE p.company_id = %(company)s AND %(live)s
             GROUP BY pl.id""",
            payments=self._payments_sql(
                SQL("p.company_id = %s AND %s", company.id, live)
            ),
            company=company.id,
            live=live,
        )

    @api.model
    def _broken_sql(self, company, partner_ids):
        """Return a query of (partner_id, amount): what is unpaid of promises not kept, in company currency.

        A newer promise for the same invoice takes the broken one's place.
        """
        return SQL(
            """SELECT b.partner_id, SUM(b.amount)
                 FROM (SELECT p.partner_id,
                              ROUND(LEAST(pl.amount - COALESCE(pl.paid_amount, 0), SUM(l.amount_residual_currency))
                                    * SUM(l.amount_residual) / NULLIF(SUM(l.amount_residual_currency), 0),
                                    %(places)s) AS amount
                         FROM cartera_payment_promise p
                         JOIN cartera_payment_promise_line pl ON pl.promise_id = p.id
                         JOIN account_move_line l ON l.move_id = pl.move_id AND l.parent_state = 'posted'
                              AND l.reconciled IS NOT TRUE AND l.amount_residual_currency > 0
                         JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                        WHERE p.company_id = %(company)s AND p.partner_id = ANY(%(partners)s)
                          AND p.failed_on IS NOT NULL AND p.state IN ('broken', 'partial')
                          AND NOT EXISTS (SELECT 1 FROM cartera_payment_promise_line o
                                            JOIN cartera_payment_promise q ON q.id = o.promise_id
                                           WHERE o.move_id = pl.move_id AND q.id > p.id
                                             AND q.made_date IS NOT NULL AND q.state <> 'cancelled')
                     GROUP BY p.partner_id, pl.id) AS b
                WHERE b.amount > 0
             GROUP BY b.partner_id""",
            places=company.currency_id.decimal_places,
            company=company.id,
            partners=list(partner_ids),
        )

    @api.model
    def _open_items_sql(self, move, day, today):
        """Return a query of (id, residual, upto) of an invoice's open items on ``day``, oldest first.

        ``upto`` is the running total, this item included; both are in the item's currency.
        """
        if day >= today:
            residual = SQL("l.amount_residual_currency")
        else:
            residual = SQL(
                """(l.amount_currency
                    - COALESCE((SELECT SUM(r.debit_amount_currency) FROM account_partial_reconcile r
                                 WHERE r.debit_move_id = l.id AND r.max_date <= %(day)s), 0)
                    + COALESCE((SELECT SUM(r.credit_amount_currency) FROM account_partial_reconcile r
                                 WHERE r.credit_move_id = l.id AND r.max_date <= %(day)s), 0))""",
                day=day,
            )
        return SQL(
            """SELECT x.id, x.residual, SUM(x.residual) OVER (ORDER BY x.due, x.id) AS upto
                 FROM (SELECT l.id, %(residual)s AS residual, COALESCE(l.date_maturity, l.date) AS due
                         FROM account_move_line l
                         JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                        WHERE l.move_id = %(move)s AND l.parent_state = 'posted') AS x
                WHERE x.residual > 0""",
            residual=residual,
            move=move,
        )

    def _open_items(self):
        """Return [(partner, currency, invoice, residual)] of the customers' open invoices, oldest first."""
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """SELECT contact.commercial_partner_id, l.currency_id, l.move_id, l.amount_residual_currency
                     FROM account_move_line l
                     JOIN res_partner contact ON contact.id = l.partner_id
                     JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                     JOIN account_move m ON m.id = l.move_id AND m.move_type IN ('out_invoice', 'out_receipt')
                    WHERE l.parent_state = 'posted' AND l.reconciled IS NOT TRUE
                      AND l.amount_residual_currency > 0 AND l.company_id = ANY(%(companies)s)
                      AND contact.commercial_partner_id = ANY(%(partners)s)
                 ORDER BY COALESCE(l.date_maturity, l.date), l.id""",
                companies=list(self.company_id.ids),
                partners=list(self.partner_id.ids),
            )
        )

    # Evaluation: gather, calc, persist

    @api.model
    def _evaluate_for(self, company, partners):
        """Evaluate the promises of some commercial entities, after something happened to them."""
        promises = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", partners.ids),
                ("state", "in", EVALUATED),
                ("frozen", "=", False),
            ]
        )
        if promises:
            self._evaluate_batch(company, promises, company._cartera_today())
        return promises

    def _evaluate(self, company, day):
        """Bring these promises of one company in line with the ledger at the end of ``day``.

        In queries flat in the number of promises; what does not change is not written.
        """
        self = self.with_context(tracking_disable=True, lang=company._cartera_lang())
        settled = self.filtered(
            lambda one: one._is_frozen_on(day)
            and one.evaluated_on
            and one.evaluated_on > one.window_end
        )
        settled.write({"frozen": True, "evaluated_on": day, "live": False})
        todo = self - settled
        if not todo:
            return
        gathered = todo._gather(company)
        outcomes = {promise: promise._outcome(gathered, day) for promise in todo}
        todo._persist(outcomes, day)

    def _is_frozen_on(self, day):
        return day > self.window_end + timedelta(days=self.freeze_days)

    def _gather(self, company):
        """Return the money and the residuals of the promised invoices, plain; one query a source."""
        self.env.flush_all()
        payments = defaultdict(list)
        by_line, settled = defaultdict(lambda: ZERO), defaultdict(lambda: ZERO)
        for promise, line, day, amount, counts in self.env.execute_query(
            self._payments_sql(SQL("p.id = ANY(%s)", list(self.ids)))
        ):
            amount = to_decimal(amount)
            if counts:
                payments[promise].append(calc.Payment(day, amount))
                by_line[line] += amount
            settled[line] += amount
        moves = self.line_ids.move_id
        gathered = {
            "payments": payments,
            "by_line": by_line,
            "settled": settled,
            "residual": {
                move: to_decimal(amount)
                for move, amount in self.line_ids._residuals().items()
            },
            "posted": set(moves.filtered(lambda move: move.state != "draft").ids),
        }
        if company.cartera_promise_fifo:
            self._gather_on_account(gathered)
        return gathered

    def _gather_on_account(self, gathered):
        """Count money on account for the promises by their dates, where the company wants it."""
        money = defaultdict(list)
        for partner, currency, day, amount in self.env.execute_query(
            self._on_account_sql(self)
        ):
            money[partner, currency].append([day, to_decimal(amount)])
        for promise in self.sorted(lambda one: (one.window_end, one.made_date, one.id)):
            found = gathered["payments"][promise.id]
            need = to_decimal(promise.amount) - sum(
                (one.amount for one in found if one.day <= promise.window_end), ZERO
            )
            for piece in money[promise.partner_id.id, promise.currency_id.id]:
                day, left = piece
                if need <= 0 or not promise.made_date <= day <= promise.window_end:
                    continue
                used = min(need, left)
                if used:
                    found.append(calc.Payment(day, used))
                    piece[1] -= used
                    need -= used

    def _outcome(self, gathered, day):
        """Return what the ledger says of this promise; nothing is written."""
        self.ensure_one()
        plain = calc.Promise(
            made=self.made_date,
            instalments=tuple(
                calc.Instalment(part.date, to_decimal(part.amount))
                for part in self._parts()
            ),
            tolerance_days=self.tolerance_days,
            tolerance_amount=to_decimal(self.tolerance_amount),
            freeze_days=self.freeze_days,
        )
        lowered = {}
        if self.live and day <= self.window_end:
            for line in self.line_ids:
                if line.move_id.id not in gathered["posted"]:
                    continue  # back in draft for a correction: nothing is known of it
                most = gathered["settled"][line.id] + gathered["residual"].get(
                    line.move_id.id, ZERO
                )
                if most < to_decimal(line.amount):
                    lowered[line.id] = most
        paid = {line.id: gathered["by_line"][line.id] for line in self.line_ids}
        if lowered:
            total = sum(
                (
                    lowered.get(line.id, to_decimal(line.amount))
                    for line in self.line_ids
                ),
                ZERO,
            )
            if total <= 0:
                return Outcome(None, None, lowered, paid)
            plain = calc.lowered(plain, total)
        found = calc.evaluate(plain, gathered["payments"][self.id], day)
        return Outcome(plain, found, lowered, paid)

    def _persist(self, outcomes, day):
        notes, failed, changed = defaultdict(list), self.browse(), self.browse()
        busy = self._moves_promised_elsewhere()
        for promise, outcome in outcomes.items():
            if outcome.lowered:
                notes[promise.id].append(promise._lower(outcome))
            if outcome.found is None:
                promise._update_lines(outcome, live=False)
                promise._update(
                    {
                        "state": "cancelled",
                        "end_reason": self.env._("Nothing is left to pay of it."),
                        "live": False,
                        "ended_on": day,
                        "evaluated_on": day,
                    }
                )
                changed |= promise
                continue
            before = promise.state, promise.failed_on
            values = promise._prepare_evaluation_vals(outcome, day)
            values["live"] = values["live"] and promise not in busy
            if not values["live"]:
                values["ended_on"] = promise.ended_on or outcome.found.kept_on or day
            promise._update_parts(outcome.found)
            promise._update_lines(outcome, values["live"])
            promise._update(values)
            if (promise.state, promise.failed_on) != before:
                changed |= promise
                notes[promise.id].append(promise._result_text())
                if promise.failed_on and not before[1]:
                    failed |= promise
        self.env.flush_all()
        if notes:
            self.browse(notes)._message_log_batch(
                {promise: " ".join(texts) for promise, texts in notes.items()}
            )
        failed._tell_broken(day)
        failed._broken()
        kept = changed.filtered(lambda one: one.state in ("kept", "cancelled"))
        kept.activity_ids.unlink()
        changed._touch_customers()

    def _prepare_evaluation_vals(self, outcome, day):
        """Return what the promise's fields are after this evaluation; it is live while no window has failed."""
        found = outcome.found
        missed = min(
            (
                outcome.plain.window_end(part.instalment.day)
                for part in found.instalments
                if part.kept_on is None
                and day > outcome.plain.window_end(part.instalment.day)
            ),
            default=None,
        )
        return {
            "state": found.state,
            "paid_amount": float(found.paid),
            "late_amount": float(found.late),
            "kept_date": found.kept_on or False,
            "failed_on": missed + timedelta(days=1) if missed else False,
            "live": found.state != "kept" and missed is None and not found.closed,
            "ended_on": False,
            "evaluated_on": day,
            "frozen": found.frozen,
        }

    def _moves_promised_elsewhere(self):
        """Return the promises whose invoices another open promise covers by now: they stay closed."""
        dead = self.filtered(lambda one: not one.live)
        if not dead:
            return dead
        lines = self.env["cartera.payment.promise.line"].search(
            [("live", "=", True), ("move_id", "in", dead.line_ids.move_id.ids)]
        )
        taken = set(lines.move_id.ids)
        return dead.filtered(lambda one: taken & set(one.line_ids.move_id.ids))

    def _lower(self, outcome):
        """Bring what was promised down to what is left to pay, and return the text that says so."""
        before = self.amount
        for line in self.line_ids.filtered(lambda one: one.id in outcome.lowered):
            line.write(
                {
                    "original_amount": line.original_amount or line.amount,
                    "amount": float(outcome.lowered[line.id]),
                }
            )
        if outcome.plain:
            # the last instalments gave way first
            left = list(outcome.plain.instalments)
            for part in self._parts():
                amount = float(left.pop(0).amount) if left else 0.0
                if part.amount != amount:
                    part.write({"amount": amount})
        return self.env._(
            "Notes or earlier payments left less to pay: %(before)s were promised, now %(after)s.",
            before=format_amount(self.env, before, self.currency_id),
            after=format_amount(
                self.env, self.amount if outcome.plain else 0.0, self.currency_id
            ),
        )

    def _parts(self):
        """Return the instalments in the order in which calc has them, those that gave way left out."""
        return self.instalment_ids.filtered("amount").sorted(
            lambda one: (one.date, one.amount, one.id)
        )

    def _update_parts(self, found):
        for part, kept in zip(self._parts(), found.instalments, strict=True):
            part._update(
                {
                    "state": kept.state,
                    "paid_amount": float(kept.paid),
                    "kept_date": kept.kept_on or False,
                }
            )

    def _update_lines(self, outcome, live):
        for line in self.line_ids:
            line._update({"live": live, "paid_amount": float(outcome.paid[line.id])})

    def _result_text(self):
        amounts = {
            "paid": format_amount(self.env, self.paid_amount, self.currency_id),
            "promised": format_amount(self.env, self.amount, self.currency_id),
        }
        if self.state == "kept":
            return self.env._(
                "Kept on %(day)s: %(paid)s of %(promised)s paid in time.",
                day=format_date(self.env, self.kept_date),
                **amounts,
            )
        if self.failed_on:
            return self.env._(
                "Not kept: %(paid)s of %(promised)s paid in time.", **amounts
            )
        return self.env._("%(paid)s of %(promised)s paid so far.", **amounts)

    def _broken(self):
        """Hook: these promises were not kept, and collection of their invoices goes on."""

    def _tell_broken(self, day):
        """Give the collector a task for each promise that was not kept; flat in promises."""
        todo = self.env.ref("mail.mail_activity_data_todo", raise_if_not_found=False)
        if not todo or not self:
            return
        model = self.env["ir.model"]._get_id("cartera.payment.promise")
        activities = []
        for promise in self:
            user = promise.customer_id.collector_id or promise.user_id
            if not user or user.share or not user.active:
                continue
            activities.append(
                {
                    "activity_type_id": todo.id,
                    "res_model_id": model,
                    "res_id": promise.id,
                    "user_id": user.id,
                    "summary": self.env._(
                        "Broken promise: %s", promise.partner_id.display_name
                    ),
                    "note": promise._result_text(),
                    "date_deadline": day,
                    "automated": True,
                }
            )
        self.env["mail.activity"].sudo().with_context(
            mail_activity_quick_update=True
        ).create(activities)

    # The job

    @api.model
    def _cron_evaluate(self):
        """Evaluate the promises that may still change, company by company.

        Each is looked at once a day; a second run finds nothing to do, and one that was killed goes on. A promise
        that cannot be evaluated is logged and does not stop the others.
        """
        waiting = {
            company: [
                ("company_id", "=", company.id),
                ("state", "in", EVALUATED),
                ("frozen", "=", False),
                "|",
                ("evaluated_on", "=", False),
                ("evaluated_on", "<", company._cartera_today()),
            ]
            for company in self.env["res.company"].search([], order="id")
        }
        Promise = self.env["cartera.payment.promise"]
        self.env["ir.cron"]._commit_progress(
            remaining=sum(Promise.search_count(domain) for domain in waiting.values())
        )
        for company, domain in waiting.items():
            count, last = 0, 0
            while batch := Promise.search(
                [*domain, ("id", ">", last)], order="id", limit=BATCH
            ):
                last = batch[-1].id
                batch = batch.try_lock_for_update()
                count += Promise._evaluate_batch(
                    company, batch, company._cartera_today()
                )
                if not self.env["ir.cron"]._commit_progress(len(batch)):
                    return
            if count:
                _logger.info("Evaluated %s promises of %s", count, company.name)

    @api.model
    def _evaluate_batch(self, company, batch, day):
        """Evaluate a batch; if one fails, the others one by one."""
        try:
            with self.env.cr.savepoint():
                batch._evaluate(company, day)
                self.env.flush_all()
            return len(batch)
        except (UserError, ValueError) as error:
            self.env.invalidate_all()
            if len(batch) == 1:
                _logger.warning(
                    "Promise %s of %s was not evaluated: %s",
                    batch.id,
                    company.name,
                    error,
                )
                return 0
        return sum(self._evaluate_batch(company, one, day) for one in batch)
