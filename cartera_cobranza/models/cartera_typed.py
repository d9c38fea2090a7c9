from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date


class CarteraTyped(models.AbstractModel):
    """Numbers and dates that people type: what is out of range is refused with the value and what to do.

    The database refuses it as well, but it cannot say which of several fields is meant, nor what was typed.
    """

    _name = "cartera.typed"
    _description = "Limits of What Is Typed"

    @api.model
    def _typed_minimums(self):
        """Return {field: its smallest value}."""
        return {}

    @api.model
    def _typed_above(self):
        """Return {field: what its value must be above}."""
        return {}

    @api.model
    def _typed_periods(self):
        """Return pairs of date fields: the first day and the last."""
        return ()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_typed(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_typed(vals)
        return super().write(vals)

    def _check_typed(self, vals):
        """Refuse values that are out of range; ``self`` is what they are written on, or empty."""
        for name, least in self._typed_minimums().items():
            if name in vals and (vals[name] or 0) < least:
                raise ValidationError(
                    self.env._(
                        "%(field)s cannot be below %(least)s (received %(value)s). Enter %(least)s or more.",
                        field=self._typed_label(name),
                        least=least,
                        value=vals[name] or 0,
                    )
                )
        for name, limit in self._typed_above().items():
            if name in vals and (vals[name] or 0) <= limit:
                raise ValidationError(
                    self.env._(
                        "%(field)s must be above %(limit)s (received %(value)s). Enter a higher value.",
                        field=self._typed_label(name),
                        limit=limit,
                        value=vals[name] or 0,
                    )
                )
        for names in self._typed_periods():
            if not set(names) & set(vals):
                continue
            for one in self or [self]:
                first, last = (
                    one._fields[name].convert_to_cache(vals[name], one)
                    if name in vals
                    else one[name]
                    for name in names
                )
                if first and last and last < first:
                    raise ValidationError(
                        self.env._(
                            "%(last_field)s %(last)s is before %(first_field)s %(first)s. Enter a later day, or "
                            "correct the first one.",
                            last_field=self._typed_label(names[1]),
                            last=format_date(self.env, last),
                            first_field=self._typed_label(names[0]),
                            first=format_date(self.env, first),
                        )
                    )

    def _typed_label(self, name):
        return self._fields[name]._description_string(self.env)
