from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..calc import aging

EDITING = "cartera.aging.profile.editing"


class CarteraAgingProfile(models.Model):
    """How open items are sorted by age: half-open ranges of days that hold every number of days once."""

    _name = "cartera.aging.profile"
    _description = "Aging Profile"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        default=10, help="The first profile of a company is used where none is chosen."
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for all companies."
    )
    bucket_ids = fields.One2many(
        "cartera.aging.bucket", "profile_id", string="Buckets", copy=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        with self._edited_whole():
            profiles = super().create(vals_list)
        profiles._check_buckets()
        return profiles

    def write(self, vals):
        if "bucket_ids" not in vals:
            return super().write(vals)
        with self._edited_whole():
            result = super().write(vals)
        self._check_buckets()
        return result

    @contextmanager
    def _edited_whole(self):
        """Check the buckets once all of them are written: one alone may overlap what is moved next."""
        outer = self.env.cr.cache.get(EDITING)
        self.env.cr.cache[EDITING] = True
        try:
            yield
        finally:
            self.env.cr.cache[EDITING] = outer

    def _check_buckets(self):
        for profile in self:
            try:
                aging.ordered(profile._calc_buckets())
            except aging.BucketHole as error:
                raise ValidationError(
                    self.env._(
                        "%(profile)s leaves out %(days)s: move the limits of a bucket, or add one, so that every day "
                        "is in a bucket. The first has no start and the last no end.",
                        profile=profile.name,
                        days=profile._span_label(*error.days),
                    )
                ) from error
            except aging.BucketOverlap as error:
                raise ValidationError(
                    self.env._(
                        "%(profile)s has %(days)s in two buckets: move the limits so that each day is in one.",
                        profile=profile.name,
                        days=profile._span_label(*error.days),
                    )
                ) from error
            except aging.BucketError as error:
                raise ValidationError(
                    self.env._(
                        "%(profile)s needs buckets, and each must start before it ends. Add a first one without a "
                        "start and a last one without an end.",
                        profile=profile.name,
                    )
                ) from error

    @api.constrains("company_id")
    def _check_snapshots(self):
        """A profile that moves to one company must not carry the history of another."""
        for profile in self.filtered("company_id"):
            foreign = (
                self.env["cartera.aging.snapshot"]
                .sudo()
                .search(
                    [
                        ("profile_id", "=", profile.id),
                        ("company_id", "!=", profile.company_id.id),
                    ],
                    limit=1,
                )
            )
            if foreign:
                raise ValidationError(
                    self.env._(
                        "%(profile)s has snapshots of %(company)s: leave it for all companies, or copy it.",
                        profile=profile.name,
                        company=foreign.company_id.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        self._check_unused()

    def _check_unused(self):
        """The limits of buckets decide what past snapshots mean: they stay as they were."""
        used = (
            self.env["cartera.aging.snapshot"]
            .sudo()
            .search([("profile_id", "in", self.ids)], limit=1)
        )
        if used:
            raise UserError(
                self.env._(
                    "Snapshots were made with %(profile)s, so its days stay as they are. Copy it, change the copy and "
                    "archive this one.",
                    profile=used.profile_id.name,
                )
            )

    def copy_data(self, default=None):
        return [
            vals
            if "name" in (default or {})
            else vals | {"name": self.env._("%s (copy)", profile.name)}
            for profile, vals in zip(self, super().copy_data(default), strict=True)
        ]

    @api.model
    def _span_label(self, first, last):
        if first is None and last is None:
            return self.env._("all days")
        if first is None:
            return self.env._("the days up to %s", last)
        if last is None:
            return self.env._("the days from %s", first)
        if first == last:
            return self.env._("day %s", first)
        return self.env._("the days %(first)s to %(last)s", first=first, last=last)

    def _calc_buckets(self):
        """Return the buckets as ``calc.aging`` takes them; the name is the bucket's id."""
        return [
            aging.Bucket(
                str(bucket.id),
                None if bucket.open_start else bucket.day_from,
                None if bucket.open_end else bucket.day_to + 1,
            )
            for bucket in self.bucket_ids
        ]

    def _sorted_buckets(self):
        """Return the buckets, the least late first."""
        return self.sudo().bucket_ids.sorted(lambda one: (one.open_end, one.day_to))

    @api.model
    def _first_for(self, company):
        """Return the profile that counts where none is chosen: the company's own before a general one."""
        found = self.sudo().search([("company_id", "in", (company.id, False))])
        return (found.filtered("company_id") or found)[:1]

    @api.model
    def _default_for(self, company):
        """Return ``_first_for`` the company.

        :raise UserError: when there is none
        """
        profile = self._first_for(company)
        if not profile:
            raise UserError(
                self.env._(
                    "There is no aging profile for %(company)s. Make one under Configuration > Aging Profiles.",
                    company=company.name,
                )
            )
        return profile.with_env(self.env)
