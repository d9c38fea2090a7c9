from odoo import fields, models


class CarteraInterestFeeAdd(models.TransientModel):
    """Asks which fee is added to a run, and on which invoices."""

    _name = "cartera.interest.fee.add"
    _description = "Add a Collection Fee"

    run_id = fields.Many2one("cartera.interest.run", required=True, readonly=True)
    company_id = fields.Many2one(related="run_id.company_id")
    fee_id = fields.Many2one(
        "cartera.interest.fee",
        required=True,
        domain="[('company_id', '=', company_id), ('kind', '=', 'manual')]",
        help="Fees that are charged by hand, from the policies.",
    )
    move_line_ids = fields.Many2many(
        "account.move.line",
        string="Items",
        required=True,
        domain="[('company_id', '=', company_id), ('parent_state', '=', 'posted'), "
        "('account_id.account_type', '=', 'asset_receivable'), ('balance', '>', 0)]",
        help="Invoices whose cheque was returned, or that the fee is about.",
    )

    def action_add(self):
        self.ensure_one()
        self.run_id.action_add_fee(self.fee_id.id, self.move_line_ids.ids)
        return {"type": "ir.actions.act_window_close"}
