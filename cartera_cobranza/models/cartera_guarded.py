from odoo import api, models
from odoo.exceptions import AccessError


class CarteraGuarded(models.AbstractModel):
    """Fields that only verbs and jobs set: ``readonly`` in Python, refused from every user's write.

    The verbs check the role and then act as superuser.
    """

    _name = "cartera.guarded"
    _description = "Fields That Only Verbs Set"

    @api.model
    def _guarded_fields(self):
        """Return the names of stored fields that no user writes, defaults of the context included."""
        return {
            name
            for name, field in self._fields.items()
            if field.store
            and field.readonly
            and not field.compute
            and not field.related
            and field.type not in ("one2many", "many2many")
            and name not in ("name", *models.MAGIC_COLUMNS, "parent_path")
        }

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        guarded = self._guarded_fields()
        self._refuse_guarded(
            {name for vals in vals_list for name in guarded & set(vals) if vals[name]}
        )
        initial = {}
        for name in guarded:
            default = self._fields[name].default
            initial[name] = default(self) if default else False
        return super().create([vals | initial for vals in vals_list])

    def write(self, vals):
        if not self.env.su:
            self._refuse_guarded(self._guarded_fields() & set(vals))
        return super().write(vals)

    def _update(self, values):
        """Write only what differs, for jobs that look at many records and change few."""
        new = {
            name: value
            for name, value in values.items()
            if (self[name] or False) != (value or False)
        }
        if new:
            self.write(new)

    def _refuse_guarded(self, names):
        if names:
            raise AccessError(
                self.env._(
                    "%(fields)s of %(model)s cannot be entered: use the buttons instead.",
                    fields=", ".join(
                        self._fields[name]._description_string(self.env)
                        for name in sorted(names)
                    ),
                    model=self.env["ir.model"]._get(self._name).sudo().name,
                )
            )
