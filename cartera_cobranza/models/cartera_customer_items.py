from odoo import api, models


class CarteraReceivableItem(models.Model):
    _inherit = "cartera.receivable.item"

    @api.model
    def _action_of(self, partner, company):
        """Return the action that shows what a commercial entity owes to a company, item by item, the oldest first.

        :raise AccessError: for who may not see receivables
        """
        self.check_access("read")
        view = self.env.ref(
            "cartera_cobranza.cartera_receivable_item_view_list_customer"
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open items of %s", partner.display_name),
            "res_model": "cartera.receivable.item",
            "views": [(view.id, "list"), (False, "pivot"), (False, "graph")],
            "domain": [
                ("partner_id", "=", partner.id),
                ("company_id", "=", company.id),
            ],
        }


class CarteraCustomer(models.Model):
    _inherit = "cartera.customer"

    def action_open_items(self):
        """Open what this customer owes (button)."""
        self.ensure_one()
        self.check_access("read")
        return self.env["cartera.receivable.item"]._action_of(
            self.partner_id, self.company_id
        )


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_cartera_items(self):
        """Open what this contact's commercial entity owes to the current company (button)."""
        self.ensure_one()
        self.check_access("read")
        return self.env["cartera.receivable.item"]._action_of(
            self.commercial_partner_id, self.env.company
        )
