from odoo import fields, models


class CarteraHoldForce(models.TransientModel):
    """Asks why a document is held by hand."""

    _name = "cartera.hold.force"
    _description = "Hold a Document by Hand"

    res_model = fields.Char(
        string="Document Model",
        required=True,
        default=lambda self: self.env.context.get("active_model"),
    )
    res_id = fields.Integer(
        string="Document ID",
        required=True,
        default=lambda self: self.env.context.get("active_id"),
    )
    note = fields.Text(
        string="Why", required=True, help="Stays in the history of the hold."
    )

    def action_force(self):
        self.ensure_one()
        self.env["cartera.credit.hold"].action_force(
            f"{self.res_model},{self.res_id}", self.note
        )
        return {"type": "ir.actions.act_window_close"}
