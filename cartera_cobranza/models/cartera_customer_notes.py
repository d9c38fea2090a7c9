from odoo import fields, models


class CarteraCustomer(models.Model):
    """A customer's note requests, points and commissions, one click from the account."""

    _inherit = "cartera.customer"

    note_request_count = fields.Integer(
        compute="_compute_note_request_count",
        string="Notes Asked For",
        help="Requests that are not issued yet.",
    )
    kind_item_count = fields.Integer(
        compute="_compute_kind_item_count",
        compute_sudo=True,
        string="Open Points and Commissions",
    )

    def _compute_note_request_count(self):
        counts = {}
        Request = self.env["cartera.note.request"]
        if Request.has_access("read"):
            counts = dict(
                Request._read_group(
                    [
                        ("customer_id", "in", self.ids),
                        ("state", "in", ("draft", "submitted", "approved")),
                    ],
                    ["customer_id"],
                    ["__count"],
                )
            )
        for customer in self:
            customer.note_request_count = counts.get(customer, 0)

    def _kind_items_domain(self):
        return [
            ("partner_id", "in", self.partner_id.ids),
            ("company_id", "in", self.company_id.ids),
            ("parent_state", "=", "posted"),
            ("account_type", "=", "asset_receivable"),
            ("reconciled", "=", False),
            ("currency_id.cartera_kind", "!=", "money"),
        ]

    def _compute_kind_item_count(self):
        counts = {
            (partner, company): count
            for partner, company, count in self.env["account.move.line"]._read_group(
                self._kind_items_domain(), ["partner_id", "company_id"], ["__count"]
            )
        }
        for customer in self:
            key = (customer.partner_id, customer.company_id)
            customer.kind_item_count = counts.get(key, 0)

    def action_open_note_requests(self):
        """Open the customer's note requests (button)."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "cartera_cobranza.cartera_note_request_action"
        )
        return action | {
            "domain": [("customer_id", "=", self.id)],
            "context": {
                "default_customer_id": self.id,
                "default_company_id": self.company_id.id,
            },
        }

    def action_open_kind_items(self):
        """Open the customer's points and commissions, kind by kind (button)."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "cartera_cobranza.cartera_kind_items_action"
        )
        return action | {
            "domain": self._kind_items_domain(),
            "context": {"group_by": ["currency_id"]},
        }
