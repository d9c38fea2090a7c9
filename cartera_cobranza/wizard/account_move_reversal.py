from odoo import fields, models

from .cartera_note_wizard import CREDIT


class AccountMoveReversal(models.TransientModel):
    _name = "account.move.reversal"
    _inherit = ["account.move.reversal", "cartera.note.wizard"]

    cartera_dispute_id = fields.Many2one(
        "cartera.dispute",
        string="Resolves Dispute",
        help="The dispute for which the credit note is made: it gets the disputed amount.",
    )

    def _note_direction_of(self, move):
        return "debit" if move.move_type in CREDIT else "credit"

    def _prepare_default_reversal(self, move):
        values = super()._prepare_default_reversal(move) | self._note_values(move)
        if self.cartera_dispute_id.move_id == move:
            values["cartera_dispute_id"] = self.cartera_dispute_id.id
        return values

    def reverse_moves(self, is_modify=False):
        """Reverse with a reason; a draft credit note gets the account and taxes that the reason brings."""
        self._check_note_reason()
        action = super().reverse_moves(is_modify=is_modify)
        if not is_modify:
            self.new_move_ids._note_apply_reason()
            self.cartera_dispute_id._reduce_note(self.new_move_ids)
        return action
