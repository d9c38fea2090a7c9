from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_amount

COLLECTOR = "cartera_cobranza.group_collector"
OPEN_STATES = ("planned", "ready", "error")
# A person speaks or writes to the customer, and agrees on the next contact.
SPOKEN = ("email", "sms", "whatsapp", "call", "visit")
# What may still happen to a contact that is over: an answer, or a message that comes back.
AFTERWARDS = {"sent": ("replied", "bounced"), "done": ("replied",), "bounced": ()}
DELIVERY_FIELDS = frozenset(
    ("state", "replied_at", "bounced_at", "bounced_email", "error_text", "delivered")
)


class CarteraCollectionAction(models.Model):
    """A contact, planned or made: by the plan or by hand, with what was asked for and how it ended.

    Made by the run of a strategy or by logging a contact. What is over is history: it can be answered or
    come back, and nothing else of it changes.
    """

    _name = "cartera.collection.action"
    _description = "Collection Contact"
    _inherit = [
        "cartera.collection.sender",
        "cartera.collection.email",
        "cartera.collection.letter",
        "cartera.collection.whatsapp",
    ]
    _order = "planned_date desc, id desc"
    _rec_name = "name"

    name = fields.Char(compute="_compute_name")
    customer_id = fields.Many2one(
        "cartera.customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        related="customer_id.partner_id",
        string="Customer Name",
        store=True,
        index=True,
        precompute=True,
    )
    company_id = fields.Many2one(
        related="customer_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(
        related="company_id.currency_id", store=True, precompute=True
    )
    case_id = fields.Many2one(
        "cartera.collection.case",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    strategy_id = fields.Many2one(
        "cartera.collection.strategy",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    step_id = fields.Many2one(
        "cartera.collection.step",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    leading_line_id = fields.Many2one(
        "account.move.line",
        string="Leading Item",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The oldest item that could be collected; it carries the step.",
    )
    channel = fields.Selection(
        selection="_selection_channel", required=True, readonly=True
    )
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("ready", "To do"),
            ("sent", "Sent"),
            ("done", "Done"),
            ("replied", "Answered"),
            ("bounced", "Came back"),
            ("skipped", "Skipped"),
            ("cancelled", "Cancelled"),
            ("error", "Failed"),
        ],
        default="ready",
        required=True,
        readonly=True,
        index=True,
        help="Planned: goes out by itself. To do: waits for a person.",
    )
    automatic = fields.Boolean(
        string="By the Plan", readonly=True, help="Planned by a strategy, not by hand."
    )
    planned_date = fields.Date(
        string="Date",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company._cartera_today(),
    )
    done_at = fields.Datetime(string="Made On", readonly=True)
    done_date = fields.Date(
        string="Made On (day)", readonly=True, help="The company's day of the contact."
    )
    user_id = fields.Many2one(
        "res.users",
        string="By",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    contact_ids = fields.Many2many("res.partner", string="Sent To", readonly=True)
    sent_to = fields.Char(
        string="Addresses", readonly=True, help="The addresses that were used."
    )
    copied_to = fields.Char(readonly=True, help="Who got a copy.")
    item_ids = fields.One2many(
        "cartera.collection.action.item", "action_id", string="Items", readonly=True
    )
    item_count = fields.Integer(string="Number of Items", readonly=True)
    amount = fields.Monetary(
        string="Demanded",
        readonly=True,
        help="Net of credits, disputes and promises, in company currency; read again when the message goes out.",
    )
    days_overdue = fields.Integer(
        readonly=True, aggregator="max", help="Of the leading item on that day."
    )
    outcome_id = fields.Many2one(
        "cartera.collection.outcome", readonly=True, ondelete="restrict"
    )
    reached = fields.Boolean(
        related="outcome_id.reached", store=True, string="Right Person Reached"
    )
    next_date = fields.Date(
        string="Next Contact", readonly=True, help="Agreed when the contact ended."
    )
    note = fields.Text(readonly=True)
    skip_reason = fields.Char(
        string="Reason", readonly=True, help="Why it was skipped, cancelled or waits."
    )
    error_text = fields.Text(string="Problem", readonly=True)
    message_id = fields.Many2one(
        "mail.message",
        string="Message",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    subject = fields.Char(related="message_id.subject")
    body = fields.Html(related="message_id.body", string="Text")
    delivered = fields.Integer(
        readonly=True, help="One for a message that went out and did not come back."
    )
    replied_at = fields.Datetime(string="Answered On", readonly=True)
    replied = fields.Integer(
        compute="_compute_replied",
        store=True,
        help="One for a message that was answered.",
    )
    reply_percent = fields.Float(
        string="% Answered",
        compute="_compute_replied",
        store=True,
        aggregator="avg",
        help="Of the messages that arrived, how many were answered; look at it for delivered ones.",
    )
    bounced_at = fields.Datetime(string="Came Back On", readonly=True)
    bounced_email = fields.Char(readonly=True)
    items_html = fields.Html(
        string="Table of Items", compute="_compute_items_html", sanitize=False
    )
    amount_text = fields.Char(compute="_compute_amount_text")
    collector_id = fields.Many2one(related="case_id.collector_id")
    sender_id = fields.Many2one(
        "res.users", string="Signed By", compute="_compute_sender_id"
    )
    payment_html = fields.Html(
        related="company_id.cartera_payment_instructions", string="How to Pay"
    )

    # Nobody gets two messages of the plan on one day, whatever runs twice.
    _automatic_unique = models.UniqueIndex(
        "(customer_id, planned_date) WHERE automatic AND state <> 'cancelled'",
        "The plan contacts a customer once a day.",
    )
    # For the run: what is on its way or waits, and the steps made for an item.
    _open_idx = models.Index("(customer_id, state) WHERE state IN ('planned', 'ready')")
    _made_idx = models.Index(
        "(customer_id, leading_line_id, step_id) WHERE state IN ('sent', 'done', 'replied')"
    )

    def _selection_channel(self):
        return (
            self.env["cartera.collection.step"]
            ._fields["channel"]
            ._description_selection(self.env)
        )

    @api.depends("step_id", "channel", "partner_id")
    @api.depends_context("lang")
    def _compute_name(self):
        labels = dict(self._selection_channel())
        for action in self:
            action.name = action.step_id.name or labels.get(action.channel, "")

    @api.depends("replied_at")
    def _compute_replied(self):
        for action in self:
            action.replied = int(bool(action.replied_at))
            action.reply_percent = 100.0 * action.replied

    @api.depends("user_id", "case_id.collector_id")
    def _compute_sender_id(self):
        for action in self:
            action.sender_id = action.case_id.collector_id or action.user_id

    @api.depends("item_ids")
    @api.depends_context("lang")
    def _compute_amount_text(self):
        for action in self:
            totals = action.item_ids._totals()
            action.amount_text = ", ".join(
                format_amount(self.env, amount, currency)
                for currency, amount in totals.items()
            ) or format_amount(self.env, action.amount, action.currency_id)

    @api.depends("item_ids")
    @api.depends_context("lang")
    def _compute_items_html(self):
        for action in self:
            action.items_html = self.env["ir.qweb"]._render(
                "cartera_cobranza.collection_items_table",
                {"action": action, "blocks": action.item_ids._blocks()},
            )

    # History stays as it is

    def write(self, vals):
        over = self.filtered(lambda one: one.state not in OPEN_STATES)
        if over and vals:
            allowed = set(vals) <= DELIVERY_FIELDS and all(
                vals.get("state", one.state) == one.state
                or vals["state"] in AFTERWARDS.get(one.state, ())
                for one in over
            )
            if not allowed:
                raise UserError(
                    self.env._(
                        "The contact %(name)s of %(date)s with %(customer)s is over and stays as it was. "
                        "Log a new contact instead.",
                        name=over[0].name,
                        date=fields.Date.to_string(over[0].planned_date),
                        customer=over[0].partner_id.display_name,
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "Contacts are history and cannot be deleted. Cancel the planned ones."
            )
        )

    @api.constrains("next_date", "done_date")
    def _check_next_date(self):
        for action in self:
            if (
                action.next_date
                and action.done_date
                and action.next_date < action.done_date
            ):
                raise ValidationError(
                    self.env._(
                        "The next contact on %(next)s is before this one on %(date)s. Choose a later day.",
                        next=fields.Date.to_string(action.next_date),
                        date=fields.Date.to_string(action.done_date),
                    )
                )

    # Verbs

    @api.model
    def _check_collector(self):
        if not self.env.su and not self.env.user.has_group(COLLECTOR):
            raise AccessError(
                self.env._(
                    "Contacts are made by collectors. Ask your administrator for that role."
                )
            )
        self.check_access("read")

    def action_send(self):
        """Send these waiting or failed contacts now (button); the balance is read again first."""
        self._check_collector()
        waiting = self.filtered(lambda one: one.state in ("planned", "ready", "error"))
        if not waiting:
            raise UserError(
                self.env._("These contacts are over: there is nothing left to send.")
            )
        waiting.sudo()._send_checked(by_hand=True)
        return True

    def action_skip(self, reason=None):
        """Leave these planned or waiting contacts out; the plan goes on with the next step another day."""
        self._check_collector()
        for action in self.filtered(lambda one: one.state in OPEN_STATES):
            action.sudo()._finish(
                "skipped",
                skip_reason=reason or self.env._("Skipped by %s", self.env.user.name),
            )
        return True

    def action_cancel(self, reason=None):
        """Cancel these planned or waiting contacts; the plan may ask for them again."""
        self._check_collector()
        self.sudo()._cancel(reason or self.env._("Cancelled by %s", self.env.user.name))
        return True

    def action_mark_done(self, next_date=None):
        """Note that waiting contacts were made.

        :param next_date: the day of the next contact; what was said to a customer does not end without it
        """
        self._check_collector()
        for action in self.filtered(lambda one: one.state in OPEN_STATES):
            vals = {"user_id": self.env.uid}
            if action.channel in SPOKEN:
                day = action.case_id._check_day(next_date, self.env._("Next contact"))
                vals["next_date"] = day
                action.case_id.sudo().next_contact_date = day
            action.sudo()._finish("done", **vals)
        return True

    def action_log(self):
        """Write down how these waiting contacts ended, with the date of the next one (button).

        What happens inside the house, and letters, are simply done.
        """
        self._check_collector()
        waiting = self.filtered(lambda one: one.state in OPEN_STATES)
        spoken = waiting.filtered(lambda one: one.channel in SPOKEN)
        (waiting - spoken).action_mark_done()
        if not spoken:
            return True
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "cartera_cobranza.cartera_log_contact_action"
            ),
            "context": {
                "active_model": "cartera.collection.case",
                "active_ids": spoken.case_id.ids,
                "default_channel": spoken[0].channel,
            },
        }

    def _is_done_by(self, channel):
        """Whether a contact by ``channel`` is what this one waits for.

        A call takes the place of an e-mail that could not go out; it prints no letter and hands nothing over.
        """
        self.ensure_one()
        return self.channel == channel or self.channel in SPOKEN

    def action_open_case(self):
        """Open the case of this contact."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "cartera.collection.case",
            "res_id": self.case_id.id,
            "views": [(False, "form")],
        }

    # What verbs do

    def _cancel(self, reason):
        for action in self.filtered(lambda one: one.state in OPEN_STATES):
            action._finish("cancelled", skip_reason=reason)

    def _finish(self, state, **vals):
        """End these contacts in ``state`` and take their reminders away."""
        for action in self:
            made = {}
            if state in ("sent", "done"):
                made = {
                    "done_at": fields.Datetime.now(),
                    "done_date": action.company_id._cartera_today(),
                }
            action.write({"state": state, **made, **vals})
        self.case_id._drop_reminders(answers=False)

    def _wait_for_person(self, reason=None, summary=None):
        """Leave these contacts for their collectors, with a reminder each."""
        for action in self:
            action.write({"state": "ready", "skip_reason": reason})
        self._remind(summary)

    def _remind(self, summary=None, user=None):
        """Give the collector of each contact an activity on its case."""
        kind = self.env.ref("cartera_cobranza.mail_activity_contact")
        vals_list = []
        for action in self:
            responsible = user or action.case_id._responsible()
            if not responsible:
                continue
            vals_list.append(
                {
                    "activity_type_id": kind.id,
                    "res_model_id": self.env["ir.model"]._get_id(action.case_id._name),
                    "res_id": action.case_id.id,
                    "user_id": responsible.id,
                    "summary": summary or action.name,
                    "note": action._reminder_note(),
                    "date_deadline": action.company_id._cartera_today(),
                    "automated": True,
                }
            )
        self.env["mail.activity"].sudo().with_context(
            mail_activity_quick_update=True
        ).create(vals_list)

    def _reminder_note(self):
        parts = [self.skip_reason, self.step_id.note]
        text = Markup("<br/>").join(escape(part) for part in parts if part)
        return text + (self.items_html if self.item_ids else Markup(""))
