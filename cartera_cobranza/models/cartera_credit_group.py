from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError


class CarteraCreditGroup(models.Model):
    """Several customers that share one limit, such as the companies of a holding."""

    _name = "cartera.credit.group"
    _description = "Credit Group"
    _inherit = ["mail.thread"]
    _order = "name, id"

    name = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    member_ids = fields.One2many("cartera.customer", "group_id", string="Members")
    member_count = fields.Integer(compute="_compute_member_count")
    mode = fields.Selection(
        [
            ("none", "No credit"),
            ("amount", "Up to an amount"),
            ("unlimited", "Unlimited"),
        ],
        required=True,
        default="amount",
        tracking=True,
        help="The limit that all members share; each member's own limit must hold as well.",
    )
    amount = fields.Monetary(tracking=True, help="What all members together may owe.")
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    check_version = fields.Integer(readonly=True, copy=False, default=0)
    active = fields.Boolean(default=True)

    _name_unique = models.UniqueIndex(
        "(company_id, name) WHERE active",
        "There is a credit group with this name in this company.",
    )

    @api.depends("member_ids")
    def _compute_member_count(self):
        counts = dict(
            self.env["cartera.customer"]._read_group(
                [("group_id", "in", self.ids)], ["group_id"], ["__count"]
            )
        )
        for group in self:
            group.member_count = counts.get(group, 0)

    @api.constrains("amount")
    def _check_amount(self):
        for group in self:
            if group.amount < 0:
                raise ValidationError(
                    self.env._(
                        "A limit cannot be negative (received %(amount)s). To take the credit away use the mode "
                        "'No credit'.",
                        amount=group.currency_id.format(group.amount),
                    )
                )

    @api.constrains("currency_id", "mode")
    def _check_rate(self):
        for group in self.filtered(lambda one: one.mode == "amount"):
            self.env["cartera.money"]._convert(
                group.amount,
                group.currency_id,
                group.company_id,
                group.company_id._cartera_today(),
            )

    def _check_authority(self):
        """A shared limit is set by who decides alone on as much for one customer."""
        if self.env.su:
            return
        for group in self:
            if group.mode == "none":
                continue
            asked = None
            if group.mode == "amount":
                asked = self.env["cartera.money"]._convert(
                    group.amount,
                    group.currency_id,
                    group.company_id,
                    group.company_id._cartera_today(),
                )
            strengths = self.env["cartera.authority"]._strengths(
                self.env.user, group.company_id, asked, asked or 0
            )
            if 1 not in strengths.values():
                raise AccessError(
                    self.env._(
                        "The shared limit of %s is above what you decide on alone. Ask a credit manager with more "
                        "authority to set it.",
                        group.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        groups = super().create(vals_list)
        groups._check_authority()
        return groups

    def write(self, vals):
        result = super().write(vals)
        if {"mode", "amount", "currency_id"} & set(vals):
            self._check_authority()
            for group in self:
                members = group.sudo().member_ids
                if members:
                    members._refresh(group.company_id, members.partner_id.ids)
                    members._touch(
                        members.partner_id.ids, group.company_id, recheck=True
                    )
        return result
