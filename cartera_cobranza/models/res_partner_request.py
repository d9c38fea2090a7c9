from odoo import api, fields, models

VIEWER = "cartera_cobranza.group_viewer"


class ResPartner(models.Model):
    _inherit = "res.partner"

    cartera_request_count = fields.Integer(
        string="Customer Requests",
        compute="_compute_cartera_request_count",
        groups=VIEWER,
    )
    cartera_unapproved = fields.Boolean(
        string="Not Approved",
        compute="_compute_cartera_unapproved",
        compute_sudo=True,
        groups=VIEWER,
        help="Not approved as a customer of this company: it buys in advance or for cash.",
    )

    def _compute_cartera_request_count(self):
        counts = dict(
            self.env["cartera.customer.request"]._read_group(
                [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.cartera_request_count = counts.get(partner._origin, 0)

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_cartera_unapproved(self):
        entities = self.commercial_partner_id
        unapproved = self.env["cartera.customer"]._unapproved_among(
            self.env.company, entities._origin.ids
        )
        for partner in self:
            partner.cartera_unapproved = (
                partner.commercial_partner_id._origin.id in unapproved
            )

    def action_cartera_request(self):
        """Propose a change of this customer, or its registration (button)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customer Request"),
            "res_model": "cartera.customer.request",
            "views": [(False, "form")],
            "context": {
                "default_kind": "new" if self.cartera_unapproved else "change",
                "default_partner_id": self.commercial_partner_id.id,
            },
        }

    def action_cartera_requests(self):
        """Open the requests of this customer (button)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customer Requests"),
            "res_model": "cartera.customer.request",
            "views": [(False, "list"), (False, "form")],
            "domain": [("partner_id", "=", self.commercial_partner_id.id)],
        }
