from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError


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

    def _take_answer(self, msg_dict):
        """Note an answer on the case: the plan pauses, somebody is to read it."""
        self.ensure_one()
        if self.env.context.get("cartera_automatic_reply"):
            return
        author = self.env["res.partner"].sudo().browse(msg_dict.get("author_id") or [])
        if author.user_ids.filtered(lambda user: not user.share):
            return
        today = self.company_id._cartera_today()
        self._answered_actions(msg_dict)._note_reply()
        days = self.company_id.cartera_reply_pause_days
        vals = {"last_reply_date": today, "reply_unread": True}
        if days and self.stage != "closed":
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
                note=msg_dict.get("subject") or "",
                user_id=responsible.id,
            )
        if self.stage != "closed":
            self._note_contact()

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
