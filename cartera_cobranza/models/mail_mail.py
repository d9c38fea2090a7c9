from odoo import models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """A message that the mail server refused is no contact with the customer."""
        if failure_type:
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
                    action._note_refused(failed, failure_type, failure_reason)
            statements = self.filtered(lambda mail: mail.model == "cartera.customer")
            self.env["cartera.statement.line"].sudo().search(
                [("message_id", "in", statements.mail_message_id.ids)]
            )._note_undelivered(
                failure_reason or failure_type, failure_type, success_pids
            )
        return super()._postprocess_sent_message(
            success_pids,
            success_emails,
            failure_reason=failure_reason,
            failure_type=failure_type,
        )
