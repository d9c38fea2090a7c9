from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        """Contacts that get another commercial entity take their open orders to another debtor."""
        if not {"parent_id", "is_company"} & set(vals):
            return super().write(vals)
        orders = (
            self.env["sale.order"]
            .sudo()
            .search(
                [
                    ("partner_invoice_id", "child_of", self.ids),
                    ("state", "=", "sale"),
                    ("invoice_status", "!=", "invoiced"),
                ]
            )
        )
        with orders._credit_watch():
            return super().write(vals)
