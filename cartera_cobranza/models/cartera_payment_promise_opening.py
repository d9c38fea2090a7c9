from datetime import timedelta

from odoo import SUPERUSER_ID, Command, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount, format_date

from ..calc import promise as calc

SUPERVISOR = "cartera_cobranza.group_credit_executive"


class CarteraPaymentPromiseOpening(models.AbstractModel):
    """How a promise is opened: complete, one for an invoice, within what its maker may agree to, else approved."""

    _name = "cartera.payment.promise.opening"
    _description = "Opening of Promises"

    def action_open(self):
        """Open the promises: what was promised counts from now on, and collection of it pauses.

        What needs a supervisor (third promise for an invoice, a date far away) waits for one, who opens it
        with the same verb and is not the one who asked.

        :raise UserError: when an amount, a date or an invoice is refused
        """
        self._check_collector()
        promises = self.sudo().filtered(lambda promise: promise.state == "draft")
        closed = self.sudo() - promises
        if closed.filtered(lambda promise: promise.state != "open"):
            raise UserError(
                self.env._(
                    "%(promise)s is %(state)s and cannot be opened again. Make a new promise.",
                    promise=closed[0].display_name,
                    state=closed[0]._state_label(),
                )
            )
        for company, mine in promises.grouped("company_id").items():
            self.env["cartera.customer"]._bump(company, mine.partner_id.ids)
        promises._fill_balance_lines()
        promises._check_complete()
        promises.line_ids._check_against_ledger()
        promises._check_one_open()
        levels = promises._levels()
        waiting = promises.filtered(
            lambda promise: promise._approval_reasons(levels[promise.id])
            and not promise._may_approve(self.env.user)
        )
        waiting._request_approval()
        (promises - waiting)._open(levels)
        if waiting:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "warning",
                    "title": self.env._("Waits for approval"),
                    "message": waiting[0].approval_text,
                    "next": {"type": "ir.actions.client", "tag": "soft_reload"},
                },
            }
        return True

    def _open(self, levels):
        self.env.cr.execute(
            "SELECT COALESCE(MAX(id), 0) FROM account_partial_reconcile"
        )
        baseline = self.env.cr.fetchone()[0]
        for promise in self:
            company = promise.company_id
            day = company._cartera_today()
            tolerance = company._cartera_promise_tolerance(promise.currency_id, day)
            promise.write(
                {
                    "state": "open",
                    "live": True,
                    "level": levels[promise.id],
                    "made_date": day,
                    "tolerance_days": company.cartera_promise_tolerance_days,
                    "tolerance_amount": tolerance,
                    "freeze_days": company.cartera_promise_freeze_days,
                    "window_end": promise.date_end
                    + timedelta(days=company.cartera_promise_tolerance_days),
                    "baseline_partial_id": baseline,
                    "approved_by_id": self.env.user.id
                    if promise._approval_reasons(levels[promise.id])
                    else False,
                    "approval_requested": False,
                }
            )
            # the one that is replaced gives its invoices free first
            old = promise.replaces_id
            if old.state in ("open", "partial", "broken"):
                values = {"replaced_by_id": promise.id}
                if old.live:
                    values |= {"state": "replaced"}
                    old._end(values)
                elif not old.frozen:
                    old.write(values)
        self.env.flush_all()
        self.line_ids.write({"live": True})
        self.env.flush_all()
        self.activity_ids.unlink()
        self._message_log_batch(
            {
                promise.id: self.env._(
                    "Promised: %(amount)s until %(day)s.",
                    amount=format_amount(self.env, promise.amount, promise.currency_id),
                    day=format_date(self.env, promise.date_end),
                )
                for promise in self
            }
        )
        self._touch_customers()
        self._opened()

    def _opened(self):
        """Put the customers' cases on the stage of a promise; hook for what else follows."""
        cases = self.env["cartera.collection.case"].search(
            [("customer_id", "in", self.customer_id.ids), ("stage", "!=", "closed")]
        )
        cases._set_stage("promised")

    def _broken(self):
        """Bring the customers' cases back to the collector; the task stands on the promise."""
        super()._broken()
        if not self:
            return
        cases = self.env["cartera.collection.case"]._for_customers(self.customer_id)
        for promise in self:
            case = cases.get(promise.customer_id)
            if case and case.stage == "promised":
                case._set_stage("contacted")

    def _end(self, values):
        """Close live promises by hand: they pause nothing from today on."""
        for promise in self:
            promise.write(
                values
                | {"live": False, "ended_on": promise.company_id._cartera_today()}
            )
        self.line_ids.write({"live": False})
        self.env.flush_all()
        self.activity_ids.unlink()
        self._touch_customers()

    def _fill_balance_lines(self):
        """Cover the customer's oldest open invoices, where a balance is promised and not invoices."""
        bare = self.filtered(lambda promise: not promise.line_ids)
        if not bare:
            return
        rows = bare._open_items()
        taken = set(
            self.env["cartera.payment.promise.line"]
            .sudo()
            .search(
                [
                    ("live", "=", True),
                    ("promise_id", "not in", bare.replaces_id.ids),
                    ("move_id", "in", [row[2] for row in rows]),
                ]
            )
            .move_id.ids
        )
        disputed = self.env["cartera.dispute"]._open_amounts({row[2] for row in rows})
        for promise in bare:
            left = promise.amount
            free = {}
            for partner, currency, move, residual in rows:
                if (
                    partner == promise.partner_id.id
                    and currency == promise.currency_id.id
                    and move not in taken
                ):
                    free[move] = free.get(move, 0.0) + residual
            # what is disputed is not promised
            free = {
                move: max(amount - disputed.get(move, 0.0), 0.0)
                for move, amount in free.items()
            }
            total = sum(free.values())
            if promise.currency_id.compare_amounts(left, total) > 0:
                raise UserError(
                    self.env._(
                        "%(amount)s were promised, but %(customer)s owes %(balance)s that is neither promised nor "
                        "disputed. Promise up to that amount.",
                        amount=format_amount(self.env, left, promise.currency_id),
                        customer=promise.partner_id.display_name,
                        balance=format_amount(self.env, total, promise.currency_id),
                    )
                )
            lines = []
            for move, residual in free.items():
                part = min(left, residual)
                if promise.currency_id.is_zero(left):
                    break
                if promise.currency_id.is_zero(part):
                    continue
                lines.append(Command.create({"move_id": move, "amount": part}))
                left -= part
            promise.write({"scope": "balance", "line_ids": lines})

    def _check_complete(self):
        """Refuse what is not a whole promise: no date, other sums, a date that has passed."""
        for promise in self:
            if not promise.instalment_ids:
                raise UserError(
                    self.env._(
                        "Say when %(customer)s pays: %(promise)s has no date and amount.",
                        customer=promise.partner_id.display_name,
                        promise=promise.display_name,
                    )
                )
            promised = sum(promise.line_ids.mapped("amount"))
            if promise.currency_id.compare_amounts(promised, promise.amount):
                raise UserError(
                    self.env._(
                        "The instalments add up to %(dates)s, the invoices of the promise to %(invoices)s. Make both "
                        "the same.",
                        dates=format_amount(
                            self.env, promise.amount, promise.currency_id
                        ),
                        invoices=format_amount(self.env, promised, promise.currency_id),
                    )
                )
        self.instalment_ids._check_date()

    def _check_one_open(self):
        """Refuse invoices that another open promise covers, unless it is the one being replaced."""
        clashes = (
            self.env["cartera.payment.promise.line"]
            .sudo()
            .search(
                [
                    ("live", "=", True),
                    ("move_id", "in", self.line_ids.move_id.ids),
                    ("promise_id", "not in", (self | self.replaces_id).ids),
                ],
                limit=1,
            )
        )
        if clashes:
            raise UserError(
                self.env._(
                    "%(invoice)s is promised already in %(promise)s, until %(day)s. Replace that promise instead of "
                    "adding another one.",
                    invoice=clashes.move_id.display_name,
                    promise=clashes.promise_id.display_name,
                    day=format_date(self.env, clashes.promise_id.date_end),
                )
            )

    def _levels(self):
        """Return {promise id: its level}, from the last promise of each of its invoices, with one query.

        Those that are still being entered have a level as well.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (o.move_id) o.move_id, q.state, q.level
                     FROM cartera_payment_promise_line o
                     JOIN cartera_payment_promise q ON q.id = o.promise_id AND q.made_date IS NOT NULL
                    WHERE o.move_id = ANY(%s) AND q.id <> ALL(%s)
                 ORDER BY o.move_id, q.made_date DESC, q.id DESC""",
                list(self.line_ids.move_id._origin.ids),
                list(self._origin.ids),
            )
        )
        after = {move: calc.next_level(state, level) for move, state, level in rows}
        return {
            promise.id: max(
                (after.get(one.id, 1) for one in promise.line_ids.move_id._origin),
                default=1,
            )
            for promise in self
        }

    def _approval_reasons(self, level):
        """Return, in words, why a supervisor must agree to this promise."""
        self.ensure_one()
        reasons = []
        if calc.needs_supervisor(level):
            reasons.append(
                self.env._(
                    "This is promise number %(level)d for the same invoices: a supervisor must agree.",
                    level=level,
                )
            )
        company = self.company_id or self.env.company
        longest = company.sudo().cartera_promise_max_days
        if longest and self.date_end:
            last = company._cartera_today() + timedelta(days=longest)
            if self.date_end > last:
                reasons.append(
                    self.env._(
                        "%(day)s is later than %(days)d days from today: a supervisor must agree.",
                        day=format_date(self.env, self.date_end),
                        days=longest,
                    )
                )
        return reasons

    def _may_approve(self, user):
        """Whether the user may agree to this promise: a supervisor who did not ask for it."""
        if user.id == SUPERUSER_ID:
            return True
        asked = self.requested_by_id | self.create_uid
        return user.has_group(SUPERVISOR) and user not in asked

    def _request_approval(self):
        for promise in self:
            promise.write(
                {
                    "approval_requested": True,
                    "requested_by_id": promise.requested_by_id.id or self.env.uid,
                }
            )
            supervisor = (
                promise.customer_id.credit_user_id
                or promise.company_id.cartera_credit_user_id
            )
            if supervisor:
                promise.activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=promise.company_id._cartera_today(),
                    user_id=supervisor.id,
                    summary=self.env._("Promise to approve"),
                    note=promise.approval_text,
                )
