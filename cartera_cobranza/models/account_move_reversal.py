from odoo import models

TRADE = ("asset_receivable", "liability_payable")


class AccountMove(models.Model):
    """Reversals of one call are applied each to its own document, all in one reconciliation."""

    _inherit = "account.move"

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """Apply reversals to what they reverse.

        Odoo pairs both by position, after it has made the originals distinct: of two credit notes on one invoice the
        second would be left open, and those after it applied to other invoices. It reconciles pair by pair as well,
        which costs half of the time of posting many notes.
        """
        if not reverse_moves or not all(
            move.reversed_entry_id in self for move in reverse_moves
        ):
            return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)
        lines = self.env["account.move.line"].with_context(
            move_reverse_cancel=move_reverse_cancel
        )
        plan = []
        for move in reverse_moves:
            trade = (
                (move.reversed_entry_id.line_ids + move.line_ids)
                .filtered(
                    lambda line: (
                        line.account_type in TRADE
                        and line.account_id.reconcile
                        and not line.reconciled
                    )
                )
                .grouped(lambda line: (line.account_id, line.currency_id))
            )
            plan += trade.values()
        lines._reconcile_plan(plan)
        # taxes due on payment have been moved on by that; what else can be reconciled is left, pair by pair
        for move in reverse_moves:
            super(AccountMove, move.reversed_entry_id)._reconcile_reversed_moves(
                move, move_reverse_cancel
            )
        return reverse_moves
