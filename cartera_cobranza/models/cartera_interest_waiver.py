from odoo import api, fields, models
from odoo.exceptions import UserError


class CarteraInterestWaiver(models.Model):
    """That somebody waived interest, or took a waiver back: how much, why, and who. Kept for good."""

    _name = "cartera.interest.waiver"
    _description = "Interest Waiver"
    _order = "id desc"

    run_id = fields.Many2one(
        "cartera.interest.run",
        string="Interest Run",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True
    )
    line_id = fields.Many2one(
        "cartera.interest.line",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
    )
    invoice_id = fields.Many2one(
        "account.move", string="Invoice", required=True, readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True
    )
    kind = fields.Selection(
        [("waive", "Waived"), ("reinstate", "Charged again")],
        required=True,
        readonly=True,
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    reason = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="By", required=True, readonly=True, ondelete="restrict"
    )
    move_id = fields.Many2one(
        "account.move",
        string="Note",
        readonly=True,
        index="btree_not_null",
        help="Credit or debit note, where the interest had been posted.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env["cartera.interest.run"]._internal():
            raise UserError(
                self.env._("Interest is waived with the button of its run.")
            )
        return super().create(vals_list)

    def write(self, vals):
        if not self.env["cartera.interest.run"]._internal():
            raise UserError(
                self.env._("What was decided on interest is kept as it is.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not self.env["cartera.interest.run"]._internal():
            raise UserError(
                self.env._("What was decided on interest cannot be deleted.")
            )
