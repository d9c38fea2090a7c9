from odoo import fields
from odoo.tools import SQL


class ImpliedMany2one(fields.Many2one):
    """A link without a foreign key: its rows are made out of the targets themselves, and those stay by other means.

    A run of interest writes tens of thousands of rows at once, and PostgreSQL looks up the target of every foreign
    key of every row, which took longer than reading, counting and writing together. Journal items refuse to be deleted
    while interest hangs on them (``account.move.line``), and keep their invoice, currency and company; credit accounts
    are never deleted, and keep their contact; policies and fees that were used refuse by themselves; a run takes its
    lines along, and lines their segments. Merging contacts or accounts finds these links through ``implied_links``.
    """

    def update_db_foreign_key(self, model, column):
        """Make none."""


def implied_links(env, table):
    """Return (table, column) of all such links to a table, as if they were foreign keys."""
    return [
        (model._table, field.name)
        for model in env.registry.values()
        if not model._abstract
        for field in model._fields.values()
        if isinstance(field, ImpliedMany2one)
        and env.registry[field.comodel_name]._table == table
    ]


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
