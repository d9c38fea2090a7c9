from odoo import models

from .cartera_note_wizard import CREDIT


class AccountMoveReversal(models.TransientModel):
    _name = "account.move.reversal"
    _inherit = ["account.move.reversal", "cartera.note.wizard"]

    def _note_direction_of(self, move):
        return "debit" if move.move_type in CREDIT else "credit"

    def _prepare_default_reversal(self, move):
        return super()._prepare_default_reversal(move) | self._note_values(move)

    def reverse_moves(self, is_modify=False):
        """Reverse with a reason; a draft credit note gets the account and taxes that the reason brings."""
        self._check_note_reason()
        action = super().reverse_moves(is_modify=is_modify)
        if not is_modify:
            self.new_move_ids._note_apply_reason()
        return action
