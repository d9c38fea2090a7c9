from odoo import fields, models


class CarteraRequestInfo(models.TransientModel):
    """Asks what an application lacks, and who is told."""

    _name = "cartera.request.info"
    _description = "Ask for Information"

    request_id = fields.Many2one("cartera.credit.request", required=True)
    missing = fields.Text(
        required=True, help="What is missing, in the words that the customer reads."
    )
    to = fields.Selection(
        [("contact", "The customer, by mail"), ("salesperson", "The salesperson")],
        string="Tell",
        required=True,
        default="contact",
        help="The salesperson gets an activity in any case.",
    )
    contact_email = fields.Char(compute="_compute_contact_email", string="Mail To")

    def _compute_contact_email(self):
        for wizard in self:
            contact = wizard.request_id.contact_id or wizard.request_id.partner_id
            wizard.contact_email = contact.email_formatted

    def action_confirm(self):
        """Ask for it."""
        self.ensure_one()
        self.request_id.action_request_info(self.missing, self.to)
        return {"type": "ir.actions.act_window_close"}
