from odoo import api, fields, models
from odoo.exceptions import AccessError


class CarteraCaseAssign(models.TransientModel):
    """Gives the customers of the chosen cases to another collector."""

    _name = "cartera.case.assign"
    _description = "Assign a Collector"

    case_ids = fields.Many2many("cartera.collection.case", required=True)
    user_id = fields.Many2one(
        "res.users",
        string="Collector",
        required=True,
        domain="[('share', '=', False)]",
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        active = self.env.context.get("active_ids") or []
        if self.env.context.get("active_model") == "cartera.collection.case" and active:
            values["case_ids"] = [fields.Command.set(active)]
        return values

    def action_assign(self):
        """Assign (button): for credit executives."""
        self.ensure_one()
        if not self.env.user.has_group("cartera_cobranza.group_credit_executive"):
            raise AccessError(
                self.env._("Credit executives assign collectors. Ask one of them.")
            )
        self.case_ids.check_access("read")
        self.case_ids.customer_id.sudo().write({"collector_id": self.user_id.id})
        self.case_ids._note_contact()
        return {"type": "ir.actions.act_window_close"}
