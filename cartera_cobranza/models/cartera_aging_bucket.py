from odoo import api, fields, models

from .cartera_aging_profile import EDITING


class CarteraAgingBucket(models.Model):
    """A range of days of an aging profile; the first day and the last are both inside."""

    _name = "cartera.aging.bucket"
    _description = "Aging Bucket"
    _order = "profile_id, open_start desc, day_from, id"

    profile_id = fields.Many2one(
        "cartera.aging.profile", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="profile_id.company_id", store=True, index=True, precompute=True
    )
    name = fields.Char(
        string="Own Name",
        translate=True,
        help="Leave empty to name it by its days, in the language of the reader.",
    )
    open_start = fields.Boolean(
        string="No Start", help="Holds everything up to its last day."
    )
    day_from = fields.Integer(
        string="From Day",
        help="First day inside, counted from the due date: day 0 is the due date itself, 1 the first day late, "
        "negative days are before it.",
    )
    open_end = fields.Boolean(
        string="No End", help="Holds everything from its first day on."
    )
    day_to = fields.Integer(string="To Day", help="Last day inside.")

    @api.depends("name", "open_start", "day_from", "open_end", "day_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """Named by its days in the reader's language, unless a person chose another name."""
        for bucket in self:
            shipped = bucket.with_context(lang="en_US")
            named = bucket.name and shipped.name != shipped._span_name()
            bucket.display_name = bucket.name if named else bucket._span_name()

    def _span_name(self):
        """Return the usual name of these days, in the language of the environment."""
        self.ensure_one()
        first, last = self.day_from, self.day_to
        if self.open_end:
            return self.env._("Over %s", first - 1)
        if self.open_start:
            if last == 0:
                return self.env._("Not due")
            return self.env._("Due in over %s", -last - 1)
        if last == 0:
            return self.env._("Due in %s", -first)
        if last < 0:
            return self.env._("Due in %(first)s to %(last)s", first=-last, last=-first)
        return self.env._("%(first)s to %(last)s", first=first, last=last)

    @api.model_create_multi
    def create(self, vals_list):
        buckets = super().create(vals_list)
        buckets.profile_id._check_unused()
        return buckets

    def write(self, vals):
        if {"open_start", "day_from", "open_end", "day_to", "profile_id"} & set(vals):
            self.profile_id._check_unused()
        return super().write(vals)

    @api.constrains("open_start", "day_from", "open_end", "day_to", "profile_id")
    def _check_profile(self):
        if not self.env.cr.cache.get(EDITING):
            self.profile_id._check_buckets()

    @api.ondelete(at_uninstall=False)
    def _unlink_without_history(self):
        self.profile_id._check_unused()

    def unlink(self):
        profiles = self.profile_id
        result = super().unlink()
        if not self.env.cr.cache.get(EDITING):
            profiles.exists()._check_buckets()
        return result
