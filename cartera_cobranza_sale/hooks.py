"""What installing on a full database needs."""

from odoo.tools import sql


def pre_init_hook(env):
    """Add the columns of orders with a constant default, which rewrites no row of a large table."""
    if not sql.column_exists(env.cr, "sale_order", "credit_state"):
        env.cr.execute(
            "ALTER TABLE sale_order ADD COLUMN credit_state varchar NOT NULL DEFAULT 'none'"
        )
    if not sql.column_exists(env.cr, "sale_order", "cartera_commitment_closed"):
        env.cr.execute(
            "ALTER TABLE sale_order ADD COLUMN cartera_commitment_closed boolean DEFAULT FALSE"
        )


def post_init_hook(env):
    """Count the orders that were confirmed before the addon came."""
    for company in env["res.company"].search([]):
        env["cartera.customer"]._refresh(company)
