from odoo import fields, models


class CarteraDisputeArea(models.Model):
    """Who answers a kind of dispute: a department, its people and the one who gets the task."""

    _name = "cartera.dispute.area"
    _description = "Area of Disputes"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty for all companies."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        domain="[('share', '=', False)]",
        help="Gets the task of a new dispute.",
    )
    member_ids = fields.Many2many(
        "res.users",
        string="Members",
        domain="[('share', '=', False)]",
        help="They see the disputes of the area. Without members every operations user does.",
    )
