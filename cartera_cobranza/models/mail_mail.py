from odoo import Command, api, models
from odoo.tools import email_normalize


class MailMail(models.Model):
    _inherit = "mail.mail"

    @api.model
    def _cartera_make(self, vals_list):
        """Make mails to customers with the notifications that tell later how each recipient was reached."""
        mails = self.sudo().create(vals_list)
        self.env["mail.notification"].sudo().create(
            [
                {
                    "author_id": mail.author_id.id,
                    "mail_message_id": mail.mail_message_id.id,
                    "mail_mail_id": mail.id,
                    "res_partner_id": partner.id,
                    "mail_email_address": email_normalize(partner.email),
                    "notification_type": "email",
                    "notification_status": "ready",
                    "is_read": True,
                }
                for mail in mails
                for partner in mail.recipient_ids
            ]
        )
        return mails

    @api.model
    def _cartera_make_internal(self, user, company, subject, body):
        """Make a mail of the company to one of its people, to be sent by Odoo's queue."""
        return self.sudo().create(
            {
                "subject": subject,
                "body_html": body,
                "email_from": company.email_formatted or self.env.user.email_formatted,
                "recipient_ids": [Command.set(user.partner_id.ids)],
                "auto_delete": False,
                "state": "outgoing",
            }
        )

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """A message that the mail server refused is no contact with the customer."""
        if failure_type:
            reason = failure_reason or self._failure_text(failure_type)
            messages = self.filtered(
                lambda mail: mail.model == "cartera.collection.case"
            ).mail_message_id
            actions = (
                self.env["cartera.collection.action"]
                .sudo()
                .search([("message_id", "in", messages.ids)])
            )
            for action in actions:
                failed = action.contact_ids.filtered(
                    lambda one: one not in (success_pids or ())
                )
                if failed == action.contact_ids:
                    action._note_refused(failed, failure_type, reason)
            statements = self.filtered(lambda mail: mail.model == "cartera.customer")
            self.env["cartera.statement.line"].sudo().search(
                [("message_id", "in", statements.mail_message_id.ids)]
            )._note_undelivered(reason, failure_type, success_pids)
        return super()._postprocess_sent_message(
            success_pids,
            success_emails,
            failure_reason=failure_reason,
            failure_type=failure_type,
        )

    def _failure_text(self, failure_type):
        """Return why a message was not taken, in words, as the company writes."""
        lang = self.env.company._cartera_lang()
        labels = self._fields["failure_type"]._description_selection(
            self.with_context(lang=lang).env
        )
        return dict(labels).get(failure_type, failure_type)
