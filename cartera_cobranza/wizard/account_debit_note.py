from odoo import models


class AccountDebitNote(models.TransientModel):
    _name = "account.debit.note"
    _inherit = ["account.debit.note", "cartera.note.wizard"]

    def _note_direction_of(self, move):
        return "debit"

    def _prepare_default_values(self, move):
        return super()._prepare_default_values(move) | self._note_values(move)

    def create_debit(self):
        """Make debit notes with a reason, whose account and taxes their copied lines get."""
        self._check_note_reason()
        action = super().create_debit()
        notes = self.env["account.move"]
        if action.get("res_id"):
            notes = notes.browse(action["res_id"])
        elif action.get("domain"):
            notes = notes.search(action["domain"])
        notes._note_apply_reason()
        return action
