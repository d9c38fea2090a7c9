from odoo import fields, models


class CarteraNoteReject(models.TransientModel):
    """Asks why note requests are rejected."""

    _name = "cartera.note.reject"
    _description = "Reject Note Requests"

    request_ids = fields.Many2many("cartera.note.request", required=True)
    reason = fields.Char(required=True, help="Told to whoever asked for the note.")

    def action_reject(self):
        """Reject the requests with this reason."""
        self.ensure_one()
        return self.request_ids.action_reject(self.reason)
