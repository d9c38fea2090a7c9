from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CarteraDisputeType(models.Model):
    """Why customers do not agree with an invoice, who answers, and within how many days."""

    _name = "cartera.dispute.type"
    _description = "Type of Dispute"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Short name for reports and imports.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty for all companies."
    )
    area_id = fields.Many2one(
        "cartera.dispute.area",
        string="Responsible Area",
        required=True,
        help="Who finds out whether the customer is right.",
    )
    sla_days = fields.Integer(
        string="Days to Answer",
        default=5,
        required=True,
        help="Days from the opening until the dispute must be answered.",
    )
    needs_evidence = fields.Boolean(
        help="A dispute of this type is accepted only with an attached proof."
    )
    note_reason_id = fields.Many2one(
        "cartera.note.reason",
        string="Reason of the Credit Note",
        domain="[('direction', '=', 'credit')]",
        help="Proposed for the credit note that resolves a dispute of this type.",
    )
    portal = fields.Boolean(
        string="In the Portal",
        default=True,
        help="Customers can choose it for a dispute in the portal.",
    )
    description = fields.Text(
        translate=True, help="What the customer is asked for, and what the area checks."
    )

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0)) WHERE active",
        "There is a type of dispute with this code already.",
    )

    @api.constrains("sla_days")
    def _check_sla_days(self):
        for kind in self:
            if kind.sla_days < 0:
                raise ValidationError(
                    self.env._(
                        "The days to answer cannot be negative (received %(days)s). Enter zero or more.",
                        days=kind.sla_days,
                    )
                )
