from odoo import models
from odoo.exceptions import UserError


class CarteraStateful(models.AbstractModel):
    """Documents that go from state to state by verbs, each from some states only."""

    _name = "cartera.stateful"
    _description = "Verbs by State"

    def _check_state(self, *states):
        """Refuse documents that are in none of ``states``, naming theirs and those."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for one in self:
            if one.state not in states:
                raise UserError(
                    self.env._(
                        "%(document)s is in state %(state)s, and this is done in state %(expected)s.",
                        document=one.display_name,
                        state=labels[one.state],
                        expected=", ".join(labels[state] for state in states),
                    )
                )
