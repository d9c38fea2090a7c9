from odoo import models
from odoo.tools import SQL


class CarteraUnmixed(models.AbstractModel):
    """Totals that say nothing when rows of other kinds are in them: a share plus days, a balance plus the next month's.

    Pivots and lists leave such a total empty instead of showing a number that nobody can use.
    """

    _name = "cartera.unmixed"
    _description = "Totals of What Can Be Added Up"

    _unmixed_functions = ("sum", "avg", "min", "max", "sum_currency")

    def _adds_up(self):
        """Return an aggregate condition: whether the rows of a group may be added up.

        Example: ``COUNT(DISTINCT date) = 1`` for balances, which are added up on one day only.
        """
        raise NotImplementedError

    def _column(self, name):
        return SQL.identifier(self._table, name)

    def _read_group_select(self, aggregate_spec, query):
        total = super()._read_group_select(aggregate_spec, query)
        name, _colon, function = aggregate_spec.partition(":")
        if function not in self._unmixed_functions or self._fields[name].type not in (
            "float", "integer", "monetary",
        ):  # fmt: skip
            return total
        return SQL("CASE WHEN %s THEN %s END", self._adds_up(), total)
