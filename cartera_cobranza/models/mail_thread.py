from odoo import api, models

from ..calc import replies

CASE = "cartera.collection.case"
# What customers answer to
LISTENING = (CASE, "cartera.payment.promise")


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _message_route_process(self, message, message_dict, routes):
        """Tell the case whether a machine wrote: the gateway keeps no headers."""
        routes = [
            route
            for route in routes or ()
            if route[0] != CASE or route[1] or self._lands_on_a_case(message_dict)
        ]
        if any(route[0] in LISTENING for route in routes):
            headers = dict(message.items())
            automatic = replies.is_automatic_reply(
                headers, message_dict.get("subject") or ""
            )
            self = self.with_context(cartera_automatic_reply=automatic)
        return super()._message_route_process(message, message_dict, routes)

    @api.model
    def _lands_on_a_case(self, message_dict):
        """Whether the sender belongs to a customer; a stranger's mail to the mailbox is passed on to a person."""
        Case = self.env[CASE]
        if Case._customer_of(message_dict):
            return True
        Case.sudo()._pass_on(message_dict)
        return False

    def _routing_handle_bounce(self, email_message, message_dict):
        result = super()._routing_handle_bounce(email_message, message_dict)
        bounced = message_dict.get("bounced_message")
        if bounced and bounced.model == CASE:
            self.env["cartera.collection.action"].sudo().search(
                [("message_id", "=", bounced.id)]
            )._note_bounce(
                message_dict.get("bounced_email") or "",
                (message_dict.get("subject") or "")[:500],
            )
        if bounced and bounced.model == "cartera.customer":
            self.env["cartera.statement.line"].sudo().search(
                [("message_id", "=", bounced.id)]
            )._note_undelivered((message_dict.get("subject") or "")[:500])
        return result
