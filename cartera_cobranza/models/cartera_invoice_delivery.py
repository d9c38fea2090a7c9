from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

COLLECTOR = "cartera_cobranza.group_collector"


class CarteraInvoiceDelivery(models.Model):
    """How an invoice reached the customer, and the receipt that came back (acuse, contra-recibo)."""

    _name = "cartera.invoice.delivery"
    _description = "Delivery of an Invoice"
    _inherit = ["cartera.guarded", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "move_id"
    _check_company_auto = True

    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('move_type', 'in', ('out_invoice', 'out_receipt', 'out_refund')), ('state', '=', 'posted')]",
    )
    partner_id = fields.Many2one(
        related="move_id.commercial_partner_id",
        string="Customer",
        store=True,
        index=True,
        precompute=True,
    )
    company_id = fields.Many2one(
        related="move_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="move_id.currency_id")
    amount_total = fields.Monetary(related="move_id.amount_total", string="Total")
    invoice_date_due = fields.Date(related="move_id.invoice_date_due")
    channel = fields.Selection(
        [
            ("email", "E-mail"),
            ("customer_portal", "Customer's portal"),
            ("physical", "On paper"),
        ],
        required=True,
        default="email",
        index=True,
        tracking=True,
    )
    state = fields.Selection(
        [
            ("pending", "To send"),
            ("sent", "Sent"),
            ("received", "Received"),
            ("accepted", "Accepted"),
            ("rejected", "Rejected"),
        ],
        default="pending",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        tracking=True,
    )
    purchase_order = fields.Char(
        help="The customer's order, as their portal asks for it.",
    )
    folio = fields.Char(
        string="Receipt Number",
        index="btree_not_null",
        help="Number of the acknowledgement or counter-receipt.",
        tracking=True,
    )
    sent_date = fields.Date(string="Sent On", readonly=True, copy=False)
    received_date = fields.Date(
        string="Received On",
        copy=False,
        tracking=True,
        help="The day on which the customer received it, as the acknowledgement says.",
    )
    received_by = fields.Char(help="Name of the person who received it.")
    received_by_function = fields.Char(string="Position", help="Of that person.")
    received_by_phone = fields.Char(string="Phone")
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    reject_reason = fields.Char(
        string="Why Rejected", help="What the customer did not accept."
    )
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Acknowledgement", copy=False
    )
    note = fields.Text()

    @api.constrains("received_date")
    def _check_received_date(self):
        for delivery in self:
            day = delivery.received_date
            if not day:
                continue
            today = delivery.company_id._cartera_today()
            issued = delivery.move_id.sudo().invoice_date
            if day > today or (issued and day < issued):
                raise ValidationError(
                    self.env._(
                        "%(invoice)s of %(issued)s cannot have been received on %(day)s: enter a day from then until "
                        "today, %(today)s.",
                        invoice=delivery.move_id.display_name,
                        issued=format_date(self.env, issued),
                        day=format_date(self.env, day),
                        today=format_date(self.env, today),
                    )
                )

    def _check_verb(self, states):
        if self.env.uid != SUPERUSER_ID and not self.env.user.has_group(COLLECTOR):
            raise AccessError(
                self.env._("Only collectors record deliveries. Ask one of them.")
            )
        self.check_access("write")
        for delivery in self:
            if delivery.state not in states:
                raise UserError(
                    self.env._(
                        "The delivery of %(invoice)s is %(state)s; this step is not possible any more.",
                        invoice=delivery.move_id.display_name,
                        state=dict(
                            self._fields["state"]._description_selection(self.env)
                        )[delivery.state],
                    )
                )

    def action_send(self):
        """It was sent, uploaded or handed over today."""
        self._check_verb(("pending", "rejected"))
        for delivery in self.sudo():
            delivery.write(
                {
                    "state": "sent",
                    "sent_date": delivery.company_id._cartera_today(),
                }
            )
        return True

    def action_receive(self):
        """The customer acknowledged it; today, unless a day was entered."""
        self._check_verb(("pending", "sent"))
        for delivery in self.sudo():
            delivery.write(
                {
                    "state": "received",
                    "received_date": delivery.received_date
                    or delivery.company_id._cartera_today(),
                }
            )
        return True

    def action_accept(self):
        """The customer has checked it and will pay."""
        self._check_verb(("sent", "received"))
        for delivery in self.sudo():
            delivery.write(
                {
                    "state": "accepted",
                    "received_date": delivery.received_date
                    or delivery.company_id._cartera_today(),
                }
            )
        return True

    def action_reject(self, reason=None):
        """The customer sent it back.

        :param reason: obligatory unless it is filled in on the record
        """
        self._check_verb(("sent", "received"))
        for delivery in self.sudo():
            text = (reason or delivery.reject_reason or "").strip()
            if not text:
                raise UserError(
                    self.env._(
                        "Say why the customer rejected %(invoice)s.",
                        invoice=delivery.move_id.display_name,
                    )
                )
            delivery.write({"state": "rejected", "reject_reason": text})
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_pending_only(self):
        if any(delivery.state != "pending" for delivery in self):
            raise UserError(
                self.env._(
                    "Deliveries that were sent are evidence and cannot be deleted."
                )
            )
