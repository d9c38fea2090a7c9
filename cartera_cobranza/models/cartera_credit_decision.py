from odoo import api, fields, models
from odoo.exceptions import AccessError


class CarteraCreditDecision(models.Model):
    """What somebody decided on an application, on whose authority. Nobody edits or deletes it."""

    _name = "cartera.credit.decision"
    _description = "Decision on an Application"
    _order = "id desc"
    _rec_name = "request_id"

    request_id = fields.Many2one(
        "cartera.credit.request",
        string="Application",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    customer_id = fields.Many2one(
        "cartera.customer", required=True, readonly=True, index=True
    )
    verdict = fields.Selection(
        [("approved", "Approved"), ("rejected", "Rejected"), ("waived", "Waived")],
        required=True,
        readonly=True,
    )
    user_id = fields.Many2one("res.users", string="By", required=True, readonly=True)
    principal_id = fields.Many2one(
        "res.users",
        string="On the Authority Of",
        readonly=True,
        help="Somebody else where the authority was lent.",
    )
    strength = fields.Selection(
        [("1", "Decides alone"), ("2", "One of two signatures")], readonly=True
    )
    round = fields.Integer(
        readonly=True, help="Signatures count until information is asked for again."
    )
    date = fields.Datetime(required=True, readonly=True)
    mode = fields.Char(readonly=True)
    amount = fields.Monetary(readonly=True, help="The limit that was decided on.")
    currency_id = fields.Many2one("res.currency", readonly=True)
    note = fields.Text(string="Reason", readonly=True)

    @api.model
    def _record(self, vals_list):
        """Write decisions; the verbs of applications only."""
        cache = self.env.cr.cache
        cache["cartera_decision"] = True
        try:
            return self.sudo().create(vals_list)
        finally:
            cache.pop("cartera_decision", None)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.cr.cache.get("cartera_decision"):
            raise AccessError(
                self.env._(
                    "A decision is made with the buttons of the application, so that authority is checked."
                )
            )
        return super().create(vals_list)

    def write(self, vals):  # pylint: disable=method-required-super
        raise AccessError(self.env._("A decision is kept as it was made."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self.env._("A decision is kept as it was made."))
