from odoo import fields


class ImpliedMany2one(fields.Many2one):
    """A link whose target another link of the same row holds already: no foreign key of its own.

    A run of interest writes a hundred thousand rows at once, and PostgreSQL looks up the target of every foreign
    key of every row. An interest line's item, whose foreign key restricts, keeps its invoice, currency and company from
    being deleted; policies that were used refuse by themselves.
    """

    def update_db_foreign_key(self, model, column):
        """Make none."""
