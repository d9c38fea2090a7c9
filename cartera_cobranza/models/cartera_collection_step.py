from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..calc import contact_plan

# Contacts with the customer; the others happen inside the house and start no quiet days.
CONTACTS = ("email", "sms", "whatsapp", "call", "letter", "visit")
WITH_TEMPLATE = ("email", "letter")
# Done by a person whatever the step says.
BY_HAND = ("whatsapp", "call", "letter", "visit")


class CarteraCollectionStep(models.Model):
    """A contact of the plan: how many days from the due date, by which channel, with which text, to whom."""

    _name = "cartera.collection.step"
    _description = "Step of a Collection Strategy"
    _order = "strategy_id, days, id"

    strategy_id = fields.Many2one(
        "cartera.collection.strategy",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="strategy_id.company_id", store=True, index="btree_not_null"
    )
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    days = fields.Integer(
        string="Days From Due",
        required=True,
        help="Days after the due date of the oldest item that can be collected; negative: before it.",
    )
    channel = fields.Selection(
        [
            ("email", "E-mail"),
            ("whatsapp", "WhatsApp"),
            ("call", "Call"),
            ("letter", "Letter"),
            ("visit", "Visit"),
            ("task", "Task"),
            ("escalate", "Escalation"),
            ("legal", "Legal hand-over"),
        ],
        required=True,
        default="email",
    )
    automatic = fields.Boolean(
        default=True,
        help="The message goes out by itself. Otherwise it waits in the worklist until a collector sends it.",
    )
    template_id = fields.Many2one(
        "mail.template",
        string="Text",
        domain="[('model', '=', 'cartera.collection.action')]",
        ondelete="restrict",
        help="The e-mail or letter. It is sent in the customer's language.",
    )
    short_text = fields.Text(
        translate=True,
        help="For WhatsApp and text messages. {{ object.partner_id.name }}, {{ object.amount_text }} and "
        "{{ object.company_id.name }} are filled in.",
    )
    recipient_role = fields.Selection(
        [
            ("collections", "Collections contact"),
            ("invoice", "Invoice address"),
            ("customer", "The company itself"),
            ("escalation", "Escalation contact"),
        ],
        string="Sent To",
        default="collections",
        help="The contacts marked so on the customer; where there is none, the invoice address, else the company.",
    )
    escalate_to = fields.Selection(
        [
            ("operations", "Operations"),
            ("sales_manager", "Sales manager"),
            ("management", "Management"),
        ],
        string="Asks",
        help="Who is asked for help in an escalation; set under Settings.",
    )
    copy_salesperson = fields.Boolean(help="The customer's salesperson gets a copy.")
    copy_collector = fields.Boolean(help="The collector gets a copy.")
    copy_sales_manager = fields.Boolean(help="The sales manager gets a copy.")
    copy_operations = fields.Boolean(help="Operations get a copy.")
    copy_management = fields.Boolean(help="Management gets a copy.")
    attach_invoices = fields.Boolean(
        default=True, help="The invoices go along as they were sent the first time."
    )
    note = fields.Text(
        string="Instructions", help="What the collector is to do or say."
    )

    @api.constrains("channel", "template_id", "recipient_role", "short_text")
    def _check_channel(self):
        for step in self:
            if step.channel in WITH_TEMPLATE and not step.template_id:
                raise ValidationError(
                    self.env._(
                        "%(step)s needs a text: choose the template that is sent.",
                        step=step.name,
                    )
                )
            if step.channel in WITH_TEMPLATE and not step.recipient_role:
                raise ValidationError(
                    self.env._(
                        "%(step)s needs a recipient: choose to whom it is sent.",
                        step=step.name,
                    )
                )
            if step.channel in ("whatsapp", "sms") and not step.short_text:
                raise ValidationError(
                    self.env._("%(step)s needs a short text to send.", step=step.name)
                )
            if step.channel == "escalate" and not step.escalate_to:
                raise ValidationError(
                    self.env._(
                        "%(step)s needs somebody to ask: operations, the sales manager or management.",
                        step=step.name,
                    )
                )
            if (
                step.template_id
                and step.template_id.model != "cartera.collection.action"
            ):
                raise ValidationError(
                    self.env._(
                        "The text %(template)s of %(step)s is for another kind of document. "
                        "Choose one made for collection contacts.",
                        template=step.template_id.name,
                        step=step.name,
                    )
                )
            step.template_id._check_collection_variables()

    @api.constrains("days", "channel", "active", "strategy_id")
    def _check_strategy(self):
        self.strategy_id._check_steps()

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        used = (
            self.env["cartera.collection.action"]
            .sudo()
            .search([("step_id", "in", self.ids)], limit=1)
        )
        if used:
            raise UserError(
                self.env._(
                    "%(step)s has been used in contacts and cannot be deleted. Archive it.",
                    step=used.step_id.name,
                )
            )
        last = self.strategy_id.filtered(
            lambda one: one.active and not one.step_ids.filtered("active") - self
        )
        if last:
            raise UserError(
                self.env._(
                    "%(strategy)s is active and needs a step. Archive the strategy first.",
                    strategy=last[0].name,
                )
            )

    def _is_automatic(self):
        """Whether the step happens without a person."""
        self.ensure_one()
        return self.automatic and self.channel not in BY_HAND

    def _as_calc(self):
        return contact_plan.Step(self.id, self.days, self.channel)

    def _twice_message(self):
        """Return what is wrong when two steps are on one day by one channel, else False."""
        seen = {}
        labels = dict(self._fields["channel"]._description_selection(self.env))
        for step in self.sorted("id"):
            other = seen.setdefault((step.days, step.channel), step)
            if other != step:
                return self.env._(
                    "%(one)s and %(other)s are both on day %(days)s by %(channel)s. Change one of them.",
                    one=other.name,
                    other=step.name,
                    days=step.days,
                    channel=labels[step.channel],
                )
        return False
