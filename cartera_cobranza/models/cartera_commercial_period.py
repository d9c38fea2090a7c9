from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError


class CarteraCommercialPeriod(models.Model):
    """A commercial cycle of a company, to which its notes belong; once closed it takes no more notes."""

    _name = "cartera.commercial.period"
    _description = "Commercial Period"
    _inherit = ["mail.thread"]
    _order = "date_from desc, id desc"

    name = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="From", required=True, tracking=True, help="First day."
    )
    date_to = fields.Date(string="To", required=True, tracking=True, help="Last day.")
    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        tracking=True,
    )

    _name_unique = models.UniqueIndex(
        "(company_id, name)",
        "The company has a commercial period of this name already. Use another name.",
    )

    @api.constrains("date_from", "date_to", "company_id")
    def _check_dates(self):
        for period in self:
            if period.date_to < period.date_from:
                raise ValidationError(
                    self.env._(
                        "The period %(period)s would end on %(end)s, before it starts on %(start)s. Correct one of "
                        "the dates.",
                        period=period.name,
                        end=period.date_to,
                        start=period.date_from,
                    )
                )
        others = self.sudo().search([("company_id", "in", self.company_id.ids)])
        for period in self:
            for other in others - period:
                if (
                    other.company_id == period.company_id
                    and other.date_from <= period.date_to
                    and period.date_from <= other.date_to
                ):
                    raise ValidationError(
                        self.env._(
                            "%(period)s (%(start)s to %(end)s) overlaps %(other)s (%(other_start)s to "
                            "%(other_end)s). Change the dates of one of them.",
                            period=period.name,
                            start=period.date_from,
                            end=period.date_to,
                            other=other.name,
                            other_start=other.date_from,
                            other_end=other.date_to,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{**vals, "state": "open"} for vals in vals_list])

    def write(self, vals):
        if "state" in vals and not self.env.cr.cache.get("cartera_period_state"):
            raise UserError(
                self.env._("A commercial period is closed and opened with its buttons.")
            )
        if set(vals) & {"date_from", "date_to", "company_id"}:
            for period in self.filtered(lambda one: one.state == "closed"):
                raise UserError(
                    self.env._(
                        "The period %s is closed and stays as it is. Open it first.",
                        period.name,
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        used = (
            self.env["account.move"]
            .sudo()
            .search([("commercial_period_id", "in", self.ids)], limit=1)
        )
        if used:
            raise UserError(
                self.env._(
                    "The period %(period)s has notes, such as %(note)s, and cannot be deleted. Close it instead.",
                    period=used.commercial_period_id.name,
                    note=used.display_name,
                )
            )

    def action_close(self):
        """Close periods: no note can be posted in them, or changed, until they are opened again."""
        return self._set_state("closed")

    def action_open(self):
        """Open closed periods again."""
        return self._set_state("open")

    def _set_state(self, state):
        if not self.env.user.has_group("cartera_cobranza.group_credit_manager"):
            raise AccessError(
                self.env._(
                    "Only a credit manager closes and opens commercial periods. Ask one."
                )
            )
        self.check_access("read")
        cache = self.env.cr.cache
        cache["cartera_period_state"] = True
        try:
            self.sudo().write({"state": state})
            self.env.flush_all()
        finally:
            cache.pop("cartera_period_state")
        return True

    @api.model
    def _find(self, company, days):
        """Return {day: period} of the periods of ``company`` that hold these days."""
        days = set(days)
        if not days:
            return {}
        periods = self.sudo().search(
            [
                ("company_id", "in", company.sudo().parent_ids.ids),
                ("date_from", "<=", max(days)),
                ("date_to", ">=", min(days)),
            ]
        )
        return {
            day: periods.filtered(
                lambda one, day=day: one.date_from <= day <= one.date_to
            ).sorted(lambda one: one.company_id != company)[:1]
            for day in days
        }
