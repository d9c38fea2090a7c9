from odoo import fields, models


class CarteraCustomer(models.Model):
    """A customer's applications, guarantees and documents, one click from the account."""

    _inherit = "cartera.customer"

    request_ids = fields.One2many(
        "cartera.credit.request", "customer_id", string="Applications", readonly=True
    )
    guarantee_ids = fields.One2many(
        "cartera.credit.guarantee", "customer_id", string="Guarantees", readonly=True
    )
    open_request_count = fields.Integer(
        string="Open Applications", compute="_compute_open_request_count"
    )
    guarantee_count = fields.Integer(
        string="Guarantees in Force", compute="_compute_guarantee_count"
    )

    def _compute_open_request_count(self):
        counts = dict(
            self.env["cartera.credit.request"]._read_group(
                [
                    ("customer_id", "in", self.ids),
                    ("state", "in", ("draft", "submitted", "review", "info_requested")),
                ],
                ["customer_id"],
                ["__count"],
            )
        )
        for customer in self:
            customer.open_request_count = counts.get(customer, 0)

    def _compute_guarantee_count(self):
        counts = dict(
            self.env["cartera.credit.guarantee"]._read_group(
                [
                    ("customer_id", "in", self.ids),
                    ("state", "=", "accepted"),
                    ("is_expired", "=", False),
                ],
                ["customer_id"],
                ["__count"],
            )
        )
        for customer in self:
            customer.guarantee_count = counts.get(customer, 0)

    def action_open_requests(self):
        """Open the customer's applications, the open ones first (button)."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "cartera_cobranza.cartera_credit_request_action"
        )
        return action | {
            "domain": [("customer_id", "=", self.id)],
            "context": {
                "default_customer_id": self.id,
                "default_kind": self._next_kind(),
            },
        }

    def action_new_request(self):
        """Begin an application: an opening, or a change of the line that there is (button)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Application"),
            "res_model": "cartera.credit.request",
            "views": [(False, "form")],
            "context": {
                "default_customer_id": self.id,
                "default_kind": self._next_kind(),
            },
        }

    def _next_kind(self):
        """Return the kind of application that is likely: the first line, its renewal, or more of it."""
        line = self.line_ids.filtered(
            lambda one: one.state in ("active", "suspended", "expired")
        )[:1]
        if not line:
            return "opening"
        return "renewal" if line.state == "expired" else "increase"

    def action_open_guarantees(self):
        """Open the customer's guarantees (button)."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "cartera_cobranza.cartera_credit_guarantee_action"
        )
        return action | {
            "domain": [("customer_id", "=", self.id)],
            "context": {"default_customer_id": self.id},
        }
