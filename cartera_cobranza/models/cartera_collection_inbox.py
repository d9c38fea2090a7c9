import logging
from datetime import timedelta

from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class CarteraCollectionInbox(models.AbstractModel):
    """What customers write: it lands on their case, pauses the plan and makes a task; machines' answers do not."""

    _name = "cartera.collection.inbox"
    _description = "Incoming Mail of Cases"
    _inherit = ["mail.thread"]

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """A mail to the collection mailbox that answers nothing: the case of its sender takes it."""
        customer = self._customer_of(msg_dict)
        if not customer:
            raise UserError(
                self.env._(
                    "%(sender)s is no known contact of a customer. Add the address to the customer's contacts.",
                    sender=msg_dict.get("email_from") or "",
                )
            )
        case = self.sudo()._for_customers(customer)[customer]
        case._take_answer(msg_dict)
        return case

    def message_update(self, msg_dict, update_vals=None):
        result = super().message_update(msg_dict, update_vals)
        for case in self.sudo():
            case._take_answer(msg_dict)
        return result

    @api.model
    def _customer_of(self, msg_dict):
        """Return the credit account that the sender of a mail belongs to."""
        Partner = self.env["res.partner"].sudo()
        sender = Partner.browse(msg_dict.get("author_id") or [])
        if not sender:
            sender = self.env["mail.thread"]._partner_find_from_emails_single(
                [msg_dict.get("email_from") or ""], no_create=True
            )
        entity = sender[:1].commercial_partner_id
        return (
            self.env["cartera.customer"]
            .sudo()
            .search(
                [("partner_id", "=", entity.id)],
                order="overdue_amount desc, id",
                limit=1,
            )
            if entity
            else self.env["cartera.customer"]
        )

    @api.model
    def _pass_on(self, msg_dict):
        """Send a stranger's mail to the collector in charge, so that it is not lost."""
        users = (
            self.env["res.company"]
            .search([], order="id")
            .mapped(
                lambda one: one.cartera_collection_user_id or one.cartera_credit_user_id
            )
        )
        user = users.filtered("active")[:1]
        sender = msg_dict.get("email_from") or ""
        self = self.with_context(lang=user.lang or self.env.lang)
        if not user:
            _logger.warning(
                "A mail of %s belongs to no customer, and nobody is set to read it.",
                sender,
            )
            return
        self.env["mail.thread"].message_notify(
            partner_ids=user.partner_id.ids,
            subject=self.env._(
                "Mail from an unknown sender: %s", msg_dict.get("subject") or sender
            ),
            body=Markup("<p>%s</p>")
            % self.env._(
                "%(sender)s wrote to the collection mailbox and is no contact of a customer. Add the address to "
                "the customer's contacts.",
                sender=sender,
            )
            + Markup(msg_dict.get("body") or ""),  # cleaned by the gateway
            attachments=[(one[0], one[1]) for one in msg_dict.get("attachments") or ()],
        )

    def _take_answer(self, msg_dict):
        """Note an answer on the case: the plan pauses, somebody is to read it."""
        self.ensure_one()
        if self.env.context.get("cartera_automatic_reply"):
            return
        self = self.with_context(lang=self.company_id._cartera_lang())
        author = self.env["res.partner"].sudo().browse(msg_dict.get("author_id") or [])
        if author.user_ids.filtered(lambda user: not user.share):
            return
        today = self.company_id._cartera_today()
        self._answered_actions(msg_dict)._note_reply()
        if self.stage == "closed":
            self._take_later_answer(today)
            return
        self._note_answer(today, msg_dict.get("subject"))

    def _note_answer(self, today, text=None):
        """Pause the plan of an open case, and give its collector the answer to read."""
        self.ensure_one()
        days = self.company_id.cartera_reply_pause_days
        vals = {"last_reply_date": today, "reply_unread": True}
        if days:
            until = today + timedelta(days=days)
            if not self.paused_until or self.paused_until < until:
                vals["paused_until"] = until
                vals["pause_reason"] = self.env._("The customer answered.")
        self.write(vals)
        self.action_ids.filtered(lambda one: one.state == "planned")._cancel(
            self.env._("The customer answered.")
        )
        responsible = self._responsible()
        if responsible:
            self.activity_schedule(
                "cartera_cobranza.mail_activity_reply",
                today,
                summary=self.env._(
                    "Read the answer of %s", self.partner_id.display_name
                ),
                note=text or "",
                user_id=responsible.id,
            )
        self._note_contact()

    def _take_later_answer(self, today):
        """An answer to an old case is one to the customer's open case; where nothing is open, somebody reads it."""
        case = self.customer_id.case_ids.filtered(lambda one: one.stage != "closed")[:1]
        if case:
            case._note_answer(today, self.env._("The answer stands in an older case."))
            return
        responsible = self._responsible()
        if responsible:
            self.activity_schedule(
                "cartera_cobranza.mail_activity_reply",
                today,
                summary=self.env._(
                    "Read the answer of %s", self.partner_id.display_name
                ),
                user_id=responsible.id,
            )

    def _answered_actions(self, msg_dict):
        """Return the contacts that a mail answers: the one it refers to, else the last one sent."""
        Action = self.env["cartera.collection.action"].sudo()
        parent = msg_dict.get("parent_id")
        if parent:
            found = Action.search([("message_id", "=", parent)])
            if found:
                return found
        return Action.search(
            [("case_id", "=", self.id), ("state", "=", "sent")],
            order="done_at desc, id desc",
            limit=1,
        )

    def action_answer_read(self):
        """Note that the customer's answer was read (button)."""
        self._check_collector()
        self.sudo().write({"reply_unread": False})
        self.sudo().activity_unlink(["cartera_cobranza.mail_activity_reply"])
        self.sudo()._note_contact()
        return True
