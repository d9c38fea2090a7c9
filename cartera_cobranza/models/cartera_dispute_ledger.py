import logging
from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..calc import dispute as calc
from ..calc.money import ZERO, to_decimal

_logger = logging.getLogger(__name__)

OPEN_STATES = ("open", "analysis", "accepted")
RESOLUTIONS = {
    calc.CREDIT: "credit_note",
    calc.PAYMENT: "payment",
    calc.WRITE_OFF: "write_off",
}


class CarteraDisputeLedger(models.AbstractModel):
    """What the ledger says of disputes: what was credited, paid or written off of them, and what is still open."""

    _name = "cartera.dispute.ledger"
    _description = "Disputes Beside the Ledger"

    # Statements

    @api.model
    def _open_disputes_sql(self, company, day):
        """Return a query of (dispute_id, move_id, amount): what open disputes dispute on ``day``.

        Credit notes made for a dispute, and dated up to the day, are taken off.
        """
        return SQL(
            """SELECT d.id AS dispute_id, d.move_id,
                      GREATEST(CASE WHEN d.accepted_on <= %(day)s THEN d.accepted_amount ELSE d.disputed_amount END
                               - COALESCE(SUM(r.debit_amount_currency), 0), 0) AS amount
                 FROM cartera_dispute d
            LEFT JOIN account_move n ON n.cartera_dispute_id = d.id AND n.state = 'posted'
            LEFT JOIN account_move_line c ON c.move_id = n.id
            LEFT JOIN account_partial_reconcile r ON r.credit_move_id = c.id AND r.max_date <= %(day)s
                      AND EXISTS (SELECT 1 FROM account_move_line x
                                   WHERE x.id = r.debit_move_id AND x.move_id = d.move_id)
                WHERE d.company_id = %(company)s AND d.opened_on <= %(day)s
                  AND (d.closed_on IS NULL OR d.closed_on > %(day)s)
             GROUP BY d.id""",
            company=company.id,
            day=day,
        )

    @api.model
    def _disputed_moves_sql(self, company, day):
        """Return a query of (move_id, amount): what of each invoice is disputed on ``day``, all disputes together."""
        return SQL(
            "SELECT o.move_id, SUM(o.amount) AS amount FROM (%s) AS o GROUP BY o.move_id",
            self._open_disputes_sql(company, day),
        )

    @api.model
    def _disputed_sql(self, company, day):
        """Return a query of what open disputes keep out of collection and interest on ``day``.

        Rows of (move_line_id, amount, move_id): journal items with the part of their residual, in the item's currency,
        that is disputed. On an invoice with instalments the open ones are covered oldest first.
        """
        items = self.env["cartera.payment.promise"]._open_items_sql(
            SQL("total.move_id"), day, company._cartera_today()
        )
        return SQL(
            """SELECT item.id AS move_line_id,
                      LEAST(item.upto, total.amount) - (item.upto - item.residual) AS amount, total.move_id
                 FROM (%(total)s) AS total
                 JOIN LATERAL (%(items)s) AS item ON total.amount > item.upto - item.residual""",
            total=self._disputed_moves_sql(company, day),
            items=items,
        )

    @api.model
    def _open_amounts(self, move_ids):
        """Return {invoice id: what is still disputed of it}, as last settled, for showing and checking."""
        if not move_ids:
            return {}
        rows = self.sudo()._read_group(
            [("move_id", "in", list(move_ids)), ("state", "in", OPEN_STATES)],
            ["move_id"],
            ["remaining_amount:sum"],
        )
        return {move.id: amount for move, amount in rows}

    def _disputable(self, exclude=None):
        """Return {invoice id: what is open of it and not disputed yet}."""
        moves = self.move_id
        owed = self.env["cartera.payment.promise.line"]._residuals_of(moves)
        rows = (
            self.env["cartera.dispute"]
            .sudo()
            ._read_group(
                [
                    ("move_id", "in", moves._origin.ids),
                    ("state", "in", OPEN_STATES),
                    ("id", "not in", (exclude or self._origin).ids),
                ],
                ["move_id"],
                ["remaining_amount:sum"],
            )
        )
        for move, amount in rows:
            owed[move.id] = max(owed.get(move.id, 0.0) - amount, 0.0)
        return owed

    @api.model
    def _last_partial(self):
        rows = self.env.execute_query(
            SQL("SELECT COALESCE(MAX(id), 0) FROM account_partial_reconcile")
        )
        return rows[0][0]

    # Settling: gather, calc, persist

    @api.model
    def _settle_for(self, company, partners):
        """Settle the open disputes of some commercial entities, after something happened to them."""
        disputes = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", partners.ids),
                ("state", "in", OPEN_STATES),
            ]
        )
        disputes._settle()
        return disputes

    def _settle(self):
        """Bring the amounts of these disputes in line with the ledger; close those of which nothing is open.

        In queries flat in the number of disputes.
        """
        todo = self.filtered(lambda one: one.state in OPEN_STATES)
        if not todo:
            return
        # all open disputes of an invoice share what is left of it
        todo = self.env["cartera.dispute"].search(
            [("move_id", "in", todo.move_id.ids), ("state", "in", OPEN_STATES)]
        )
        self.env.flush_all()
        residual = self.env["cartera.payment.promise.line"]._residuals_of(todo.move_id)
        applied = todo._gather_applied()
        done = defaultdict(self.env["cartera.dispute"].browse)
        for move, disputes in todo.grouped("move_id").items():
            if move.state == "draft":
                continue  # back in draft for a correction: nothing is known of it
            shares = calc.split(
                [one._plain() for one in disputes],
                applied[move.id],
                to_decimal(residual.get(move.id, 0.0)),
            )
            for dispute in disputes:
                share = shares[dispute.id]
                dispute._update(
                    {
                        "credited_amount": float(share.credited),
                        "paid_amount": float(share.paid),
                        "written_off_amount": float(share.written_off),
                        "remaining_amount": float(share.remaining),
                    }
                )
                if dispute.currency_id.is_zero(float(share.remaining)):
                    done[RESOLUTIONS[_largest(share)]] |= dispute
        for resolution, disputes in done.items():
            disputes._close("resolved", resolution)

    def _plain(self):
        right = self.accepted_amount if self.state == "accepted" else None
        return calc.Case(
            id=self.id,
            amount=to_decimal(right or self.disputed_amount),
            since=self.baseline_partial_id,
        )

    def _gather_applied(self):
        """Return {invoice id: [calc.Applied]}: what was applied to the invoices since their first open dispute."""
        applied = defaultdict(list)
        rows = self.env.execute_query(
            SQL(
                """SELECT d.move_id, r.id, r.debit_amount_currency, n.cartera_dispute_id,
                          CASE WHEN n.move_type = 'out_refund' THEN %(credit)s
                               WHEN %(money)s THEN %(payment)s ELSE %(write_off)s END
                     FROM account_move_line d
                     JOIN account_account a ON a.id = d.account_id AND a.account_type = 'asset_receivable'
                     JOIN account_partial_reconcile r ON r.debit_move_id = d.id
                     JOIN account_move_line c ON c.id = r.credit_move_id
                     JOIN account_move n ON n.id = c.move_id
                     JOIN account_move m ON m.id = n.id
                     JOIN account_journal j ON j.id = n.journal_id
                    WHERE d.move_id = ANY(%(moves)s) AND r.id > %(since)s""",
                credit=calc.CREDIT,
                payment=calc.PAYMENT,
                write_off=calc.WRITE_OFF,
                money=self.env["cartera.payment.promise"]._money_condition(),
                moves=list(self.move_id.ids),
                since=min(self.mapped("baseline_partial_id")),
            )
        )
        ours = set(self.ids)
        for move, number, amount, dispute, kind in rows:
            applied[move].append(
                calc.Applied(
                    number,
                    to_decimal(amount),
                    kind,
                    dispute if dispute in ours else None,
                )
            )
        return applied

    # Jobs

    @api.model
    def _cron_follow(self):
        """Settle open disputes, and remind the areas of those that should have been answered; safe to run twice."""
        companies = self.env["res.company"].search([], order="id")
        self.env["ir.cron"]._commit_progress(remaining=len(companies))
        Dispute = self.env["cartera.dispute"]
        for company in companies:
            domain = [("company_id", "=", company.id), ("state", "in", OPEN_STATES)]
            try:
                disputes = Dispute.search(domain)
                disputes._settle()
                late = Dispute.with_context(lang=company._cartera_lang())
                told = late.search(domain)._remind(company._cartera_today())
                _logger.info(
                    "Followed %s disputes of %s, %s of them late",
                    len(disputes),
                    company.name,
                    told,
                )
            except UserError as error:
                self.env.cr.rollback()
                _logger.warning(
                    "Disputes of %s were not followed: %s", company.name, error
                )
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _remind(self, day):
        """Give a task for each dispute whose answer is late, once; return how many."""
        todo = self.env.ref("mail.mail_activity_data_todo", raise_if_not_found=False)
        late = self.filtered(
            lambda one: one.state in ("open", "analysis")
            and one.deadline
            and one.deadline < day
            and not (one.late_told_on and one.late_told_on > one.deadline)
        )
        if not late or not todo:
            return 0
        model = self.env["ir.model"]._get_id("cartera.dispute")
        rows = []
        for dispute in late:
            people = dispute.user_id | dispute.area_id.user_id
            people |= dispute.customer_id.collector_id
            rows += [
                {
                    "activity_type_id": todo.id,
                    "res_model_id": model,
                    "res_id": dispute.id,
                    "user_id": user.id,
                    "summary": self.env._(
                        "Dispute without an answer: %s", dispute.invoice_name
                    ),
                    "date_deadline": day,
                    "automated": True,
                }
                for user in people
                if user.active and not user.share
            ]
        self.env["mail.activity"].sudo().with_context(
            mail_activity_quick_update=True
        ).create(rows)
        late.write({"late_told_on": day})
        return len(late)


def _largest(share):
    amounts = {
        calc.CREDIT: share.credited,
        calc.PAYMENT: share.paid,
        calc.WRITE_OFF: share.written_off,
    }
    return max(amounts, key=lambda kind: (amounts[kind] or ZERO, kind == calc.PAYMENT))
