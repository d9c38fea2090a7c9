from odoo import models


class CarteraCustomer(models.Model):
    _inherit = "cartera.customer"

    def action_open_items(self):
        """Open what this customer owes, item by item, the oldest first (button).

        :raise AccessError: for who may not see receivables
        """
        self.ensure_one()
        self.check_access("read")
        self.env["cartera.receivable.item"].check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open items of %s", self.partner_id.display_name),
            "res_model": "cartera.receivable.item",
            "views": [
                (
                    self.env.ref(
                        "cartera_cobranza.cartera_receivable_item_view_list_customer"
                    ).id,
                    "list",
                ),
                (False, "pivot"),
                (False, "graph"),
            ],
            "domain": [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
            ],
        }


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_cartera_items(self):
        """Open what this contact's commercial entity owes to the current company (button)."""
        self.ensure_one()
        self.check_access("read")
        entity = self.commercial_partner_id
        found = self.env["cartera.customer"]._find_or_create(entity, self.env.company)
        return found[entity].action_open_items()
