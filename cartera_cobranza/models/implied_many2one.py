from odoo import fields
from odoo.tools import SQL


class ImpliedMany2one(fields.Many2one):
    """A link whose target another link of the same row holds already: no foreign key of its own.

    A run of interest writes a hundred thousand rows at once, and PostgreSQL looks up the target of every foreign
    key of every row. An interest line's item, whose foreign key restricts, keeps its invoice, currency and company from
    being deleted; policies that were used refuse by themselves.
    """

    def update_db_foreign_key(self, model, column):
        """Make none."""


def lighten(model, keys, indexes):
    """Take off the foreign keys and indexes of columns, where an earlier version made them."""
    table = model._table
    drops = [
        SQL("DROP CONSTRAINT IF EXISTS %s", SQL.identifier(f"{table}_{name}_fkey"))
        for name in keys
    ]
    model.env.cr.execute(
        SQL("ALTER TABLE %s %s", SQL.identifier(table), SQL(", ").join(drops))
    )
    for name in indexes:
        index = SQL.identifier(f"{table}__{name}_index")
        model.env.cr.execute(SQL("DROP INDEX IF EXISTS %s", index))
