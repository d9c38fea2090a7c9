from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

EXECUTIVE = "cartera_cobranza.group_credit_executive"
MANAGER = "cartera_cobranza.group_credit_manager"


class CarteraAuthorityDelegation(models.Model):
    """Somebody's authority, lent to a colleague from one day to another, such as for holidays.

    Made by whoever lends it, or by a credit manager for an absent colleague; it ends by itself or is taken
    back. What was lent counts on its days only, and never for applications of the lender.
    """

    _name = "cartera.authority.delegation"
    _description = "Delegation of Authority"
    _inherit = ["mail.thread"]
    _order = "date_from desc, id desc"

    user_id = fields.Many2one(
        "res.users",
        string="Of",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
        help="Whose authority it is.",
    )
    delegate_id = fields.Many2one(
        "res.users",
        string="To",
        required=True,
        index=True,
        domain="[('share', '=', False)]",
        tracking=True,
        help="Who decides in the meantime; needs at least the role of a credit executive.",
    )
    kind = fields.Selection(
        selection=lambda self: self.env["cartera.authority"]
        ._fields["kind"]
        ._description_selection(self.env),
        required=True,
        default="request",
        tracking=True,
        help="What may be decided.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="First day.",
    )
    date_to = fields.Date(
        string="Until", required=True, tracking=True, help="Last day."
    )
    reason = fields.Char(help="Why: holidays, illness, travel…")
    revoked_on = fields.Date(
        string="Taken Back On",
        readonly=True,
        copy=False,
        tracking=True,
        help="From this day on it no longer counts.",
    )
    state = fields.Selection(
        [
            ("coming", "To come"),
            ("running", "In force"),
            ("over", "Over"),
            ("revoked", "Taken back"),
        ],
        compute="_compute_state",
    )

    @api.depends("date_from", "date_to", "revoked_on", "company_id")
    def _compute_state(self):
        for one in self:
            today = (one.company_id or self.env.company)._cartera_today()
            if one.revoked_on:
                one.state = "revoked"
            elif one.date_from and today < one.date_from:
                one.state = "coming"
            elif one.date_to and today > one.date_to:
                one.state = "over"
            else:
                one.state = "running"

    @api.depends("user_id", "delegate_id", "date_from", "date_to")
    def _compute_display_name(self):
        for one in self:
            one.display_name = self.env._(
                "%(user)s to %(delegate)s, %(start)s to %(end)s",
                user=one.user_id.name or "",
                delegate=one.delegate_id.name or "",
                start=one.date_from or "",
                end=one.date_to or "",
            )

    @api.constrains("date_from", "date_to", "user_id", "delegate_id")
    def _check_terms(self):
        for one in self:
            if one.date_to < one.date_from:
                raise ValidationError(
                    self.env._(
                        "The delegation would end on %(end)s, before it starts on %(start)s. Correct one of the dates.",
                        end=one.date_to,
                        start=one.date_from,
                    )
                )
            if one.user_id == one.delegate_id:
                raise ValidationError(
                    self.env._(
                        "%s cannot be lent the own authority. Choose a colleague.",
                        one.user_id.name,
                    )
                )
            if not one.delegate_id.has_group(EXECUTIVE):
                raise ValidationError(
                    self.env._(
                        "%s is no credit executive and could not decide. Choose somebody who is.",
                        one.delegate_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        made = super().create([{**vals, "revoked_on": False} for vals in vals_list])
        made._check_may_lend()
        return made

    def write(self, vals):
        if not self.env.cr.cache.get("cartera_delegation") and set(vals) & {
            *("user_id", "delegate_id", "kind", "company_id", "date_from", "date_to"),
            "revoked_on",
        }:
            raise UserError(
                self.env._(
                    "A delegation stays as it was made, because decisions rest on it. Take it back and make another."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "A delegation is kept, because decisions rest on it. Take it back instead."
            )
        )

    def _check_may_lend(self):
        """One lends one's own authority; a manager that of others too, but not to oneself."""
        if self.env.su:
            return
        for one in self:
            if one.user_id == self.env.user:
                continue
            if not self.env.user.has_group(MANAGER):
                raise AccessError(
                    self.env._(
                        "The authority of %s is lent by that person or by a credit manager. Ask one of them.",
                        one.user_id.name,
                    )
                )
            if one.delegate_id == self.env.user:
                raise AccessError(
                    self.env._(
                        "Nobody takes the authority of %s for oneself. Ask another credit manager to lend it.",
                        one.user_id.name,
                    )
                )

    def action_revoke(self):
        """Take delegations back at once: by the lender or a credit manager."""
        self.check_access("read")
        for one in self:
            if (
                not self.env.su
                and one.user_id != self.env.user
                and not self.env.user.has_group(MANAGER)
            ):
                raise AccessError(
                    self.env._(
                        "Only %s or a credit manager takes this back.", one.user_id.name
                    )
                )
            if one.state in ("over", "revoked"):
                raise UserError(self.env._("%s is over already.", one.display_name))
        cache = self.env.cr.cache
        cache["cartera_delegation"] = True
        try:
            for one in self:
                one.sudo().write({"revoked_on": one.company_id._cartera_today()})
            self.env.flush_all()
        finally:
            cache.pop("cartera_delegation", None)
        return True

    @api.model
    def _lenders(self, user, kind, company):
        """Return the users whose authority of ``kind`` is lent to ``user`` today; one step, never on."""
        today = company._cartera_today()
        return (
            self.sudo()
            .search(
                [
                    ("delegate_id", "=", user.id),
                    ("kind", "=", kind),
                    ("company_id", "=", company.id),
                    ("date_from", "<=", today),
                    ("date_to", ">=", today),
                    ("revoked_on", "=", False),
                ]
            )
            .user_id.filtered("active")
        )
