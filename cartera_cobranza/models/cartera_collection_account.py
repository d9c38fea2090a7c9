from odoo import fields, models
from odoo.exceptions import AccessError


class CarteraCollectionAccount(models.AbstractModel):
    """What collection knows of a customer: its plan, exceptions and what it does not want."""

    _name = "cartera.collection.account"
    _description = "Collection Settings of a Customer"

    strategy_id = fields.Many2one(
        "cartera.collection.strategy",
        string="Collection Strategy",
        tracking=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('company_id', 'in', (company_id, False))]",
        help="Given by hand it wins; otherwise the first strategy of the list whose filter holds the customer.",
    )
    no_plan = fields.Boolean(
        string="Not Contacted by the Plan",
        tracking=True,
        help="The automatic plan leaves this customer out, until the date given, or for good without one.",
    )
    no_plan_until = fields.Date(
        string="Left Out Until",
        tracking=True,
        help="From the day after, the plan takes the customer up again.",
    )
    no_plan_reason = fields.Char(string="Why Left Out", tracking=True)
    refuses_email = fields.Boolean(
        string="No E-mail", tracking=True, help="The customer opted out of e-mail."
    )
    refuses_phone = fields.Boolean(
        string="No Text Messages",
        tracking=True,
        help="The customer opted out of text messages and WhatsApp.",
    )
    case_ids = fields.One2many(
        "cartera.collection.case", "customer_id", string="Cases", readonly=True
    )
    collection_action_ids = fields.One2many(
        "cartera.collection.action", "customer_id", string="Contacts", readonly=True
    )

    _no_plan_reason_given = models.Constraint(
        "CHECK(no_plan IS NOT TRUE OR COALESCE(no_plan_reason, '') <> '')",
        "Say why the customer is left out of the plan.",
    )

    def action_open_case(self):
        """Open this customer's collection case, making it where there is none."""
        self.ensure_one()
        if not self.env.su and not self.env.user.has_group(
            "cartera_cobranza.group_collector"
        ):
            raise AccessError(
                self.env._(
                    "Collection cases are for collectors. Ask your administrator for that role."
                )
            )
        self.check_access("read")
        case = self.env["cartera.collection.case"]._for_customers(self)[self]
        return {
            "type": "ir.actions.act_window",
            "res_model": "cartera.collection.case",
            "res_id": case.id,
            "views": [(False, "form")],
        }
