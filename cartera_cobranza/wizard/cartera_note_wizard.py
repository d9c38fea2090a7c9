from odoo import api, fields, models
from odoo.exceptions import UserError

CREDIT = ("out_refund", "in_refund")


class CarteraNoteWizard(models.AbstractModel):
    """What Odoo's reversal and debit wizards have in common: the reason of the notes they make."""

    _name = "cartera.note.wizard"
    _description = "Reason in Note Wizards"

    note_reason_id = fields.Many2one(
        "cartera.note.reason",
        string="Note Reason",
        domain="[('direction', '=', note_direction), ('party', 'in', (note_party, 'both')),"
        " ('company_id', 'in', (False, note_company_id))]",
        help="Why the note is made; it brings the account and the taxes.",
    )
    commercial_period_id = fields.Many2one(
        "cartera.commercial.period",
        domain="[('company_id', '=', note_company_id), ('state', '=', 'open')]",
        help="The cycle to which the note belongs. Empty: that of its date.",
    )
    note_direction = fields.Char(compute="_compute_note_direction")
    note_party = fields.Char(compute="_compute_note_direction")
    note_company_id = fields.Many2one(
        "res.company", compute="_compute_note_direction", string="Company of the Note"
    )
    note_reason_required = fields.Boolean(compute="_compute_note_direction")

    @api.depends("move_ids")
    def _compute_note_direction(self):
        for wizard in self:
            moves = wizard.move_ids._origin.filtered(lambda move: move.is_invoice())
            directions = {wizard._note_direction_of(move) for move in moves}
            wizard.note_direction = directions.pop() if len(directions) == 1 else False
            wizard.note_party = (
                "supplier"
                if moves and moves[0].move_type.startswith("in_")
                else "customer"
            )
            wizard.note_company_id = moves.company_id[:1]
            wizard.note_reason_required = any(
                move._note_reason_needed() for move in moves
            )

    def _note_direction_of(self, move):
        """Return the direction of the note that the wizard makes of ``move``; each wizard says its own."""
        raise NotImplementedError

    def _check_note_reason(self):
        """Refuse before anything is made: without a needed reason, or with one that does not fit."""
        self.ensure_one()
        moves = self.move_ids.filtered(lambda move: move.is_invoice())
        needing = moves.filtered(lambda move: move._note_reason_needed())
        if needing and not self.note_reason_id:
            raise UserError(
                self.env._(
                    "%(company)s gives a reason for every credit and debit note. Choose the reason of the note on "
                    "%(documents)s.",
                    company=needing.company_id[:1].sudo().name,
                    documents=", ".join(needing[:10].mapped("name")),
                )
            )
        if not self.note_reason_id:
            return
        for move in moves:
            party = "supplier" if move.move_type.startswith("in_") else "customer"
            problem = self.note_reason_id._problem(
                self._note_direction_of(move),
                party,
                move.company_id,
                self.date or move.company_id._cartera_today(),
            )
            if problem:
                raise UserError(
                    self.env._("%(note)s: %(problem)s", note=move.name, problem=problem)
                )

    def _note_values(self, move):
        """Return what the wizard writes on the note that it makes of ``move``."""
        if not move.is_invoice():
            return {}
        return {
            "note_reason_id": self.note_reason_id.id,
            "commercial_period_id": self.commercial_period_id.id,
        }
