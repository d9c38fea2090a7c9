from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.tools import email_normalize

# Bigger ones would be refused by many servers; the newest invoices are left out.
MAX_ATTACHED_BYTES = 15 * 1024 * 1024
BOUNCE_DAYS = 180
# who is written to when nobody has the role before; in the end the customer itself
ROLE_ORDERS = {
    "collections": ("collections", "invoice"),
    "escalation": ("escalation", "collections", "invoice"),
    "invoice": ("invoice",),
    "customer": (),
}


class CarteraCollectionEmail(models.AbstractModel):
    """The e-mail channel: one message for a customer and day, by Odoo's mail queue."""

    _name = "cartera.collection.email"
    _description = "E-mails of Collection Contacts"

    def _send_email(self):
        """Queue one e-mail for each contact; those without a usable address become tasks."""
        contacts = self._recipients()
        refused = self._refused_addresses(contacts)
        going = self.browse()
        to = {}
        for action in self:
            found = contacts[action]
            reason = action._no_email_reason(found, refused)
            if reason:
                action._wait_for_person(
                    reason,
                    self.env._("No e-mail to %s", action.partner_id.display_name),
                )
                continue
            to[action] = found.filtered(
                lambda one: email_normalize(one.email) not in refused
            )
            going |= action
        if going:
            going._queue_emails(to)

    def _no_email_reason(self, contacts, refused):
        """Return why a customer cannot be written to, or False."""
        self.ensure_one()
        return self._unreachable(self.customer_id, contacts, refused)

    @api.model
    def _unreachable(self, customer, contacts, refused):
        """Return why the contacts of a credit account cannot be written to, or False."""
        if customer.refuses_email:
            return self.env._("The customer does not want e-mail.")
        if not contacts:
            return self.env._("There is no contact with an e-mail address.")
        known = {email_normalize(one.email): one for one in contacts}
        usable = [email for email in known if email and email not in refused]
        if usable:
            return False
        if not any(known):
            return self.env._(
                "The address %s is not valid.", ", ".join(contacts.mapped("email"))
            )
        return self.env._(
            "%(email)s cannot be used: %(reason)s",
            email=", ".join(email for email in known if email),
            reason="; ".join(
                sorted({str(refused[email]) for email in known if email in refused})
            ),
        )

    # To whom

    def _recipients(self):
        """Return {contact: partners to write to}, by the role of the step; one query for all."""
        marked = self._marked_contacts(self.partner_id)
        return {
            action: self._contacts_of_role(
                marked, action.partner_id, action.step_id.recipient_role
            )
            for action in self
        }

    @api.model
    def _marked_contacts(self, entities):
        """Return {entity: {role: its contacts with an address}}; one query for all."""
        children = self.env["res.partner"].search(
            [
                ("commercial_partner_id", "in", entities.ids),
                ("email", "!=", False),
                "|",
                "|",
                ("cartera_collections", "=", True),
                ("cartera_escalation", "=", True),
                ("type", "=", "invoice"),
            ]
        )
        marked = defaultdict(lambda: defaultdict(self.env["res.partner"].browse))
        for child in children:
            entity = child.commercial_partner_id
            if child.cartera_collections:
                marked[entity]["collections"] |= child
            if child.cartera_escalation:
                marked[entity]["escalation"] |= child
            if child.type == "invoice" and child.parent_id:
                marked[entity]["invoice"] |= child
        return marked

    @api.model
    def _contacts_of_role(self, marked, entity, role):
        """Return whom to write to, for ``marked`` of the method above: who has the role, else the next best."""
        order = ROLE_ORDERS[role or "collections"]
        return next(
            (marked[entity][key] for key in order if marked[entity][key]),
            entity.filtered("email"),
        )

    @api.model
    def _refused_addresses(self, contacts):
        """Return {address: why it must not be used}: on the blacklist, or messages to it came back lately."""
        emails = {
            email_normalize(partner.email)
            for partners in contacts.values()
            for partner in partners
        } - {False, None}
        if not emails:
            return {}
        refused = {}
        listed = (
            self.env["mail.blacklist"].sudo().search([("email", "in", list(emails))])
        )
        for row in listed:
            refused[row.email] = self.env._("it asked not to be written to")
        since = fields.Datetime.subtract(fields.Datetime.now(), days=BOUNCE_DAYS)
        bounced = self.sudo().search(
            [
                ("state", "=", "bounced"),
                ("bounced_email", "in", list(emails)),
                ("bounced_at", ">=", since),
            ]
        )
        for action in bounced:
            refused[action.bounced_email] = self.env._("a message to it came back")
        return refused

    def _copies(self):
        """Return the colleagues who get a copy by the rules of the step."""
        step, company = self.step_id, self.company_id
        users = self.env["res.users"]
        if step.copy_salesperson:
            users |= self.partner_id.user_id
        if step.copy_collector:
            users |= self.case_id.collector_id
        if step.copy_sales_manager:
            users |= company.cartera_sales_manager_id
        if step.copy_operations:
            users |= company.cartera_operations_user_id
        if step.copy_management:
            users |= company.cartera_management_user_id
        return users.partner_id.filtered("email")

    # The message

    def _queue_emails(self, to):
        """Make the messages of these contacts in Odoo's mail queue and note them as sent."""
        texts = self._render_texts(to)
        attached = self._invoice_pdfs()
        reply_to = self._reply_to()
        subtype = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")
        vals_list = []
        for action in self:
            subject, body = texts[action.id]
            copies = action._copies()
            sender = action._sender_address()
            vals_list.append(
                {
                    "model": "cartera.collection.case",
                    "res_id": action.case_id.id,
                    "record_name": action.partner_id.display_name,
                    "message_type": "auto_comment",
                    "subtype_id": subtype,
                    "author_id": action.sender_id.partner_id.id
                    or action.company_id.partner_id.id,
                    "email_from": sender,
                    "reply_to": reply_to.get(action.case_id.id) or sender,
                    "subject": subject,
                    "body": body,
                    "body_html": body,
                    "recipient_ids": [Command.set(to[action].ids)],
                    "partner_ids": [Command.set(to[action].ids)],
                    "email_cc": ", ".join(copies.mapped("email_formatted")),
                    "attachment_ids": [Command.set(attached.get(action, []))],
                    "record_company_id": action.company_id.id,
                    "record_alias_domain_id": action.company_id.alias_domain_id.id,
                    "is_notification": True,
                    "auto_delete": False,
                    "state": "outgoing",
                }
            )
        mails = self.env["mail.mail"]._cartera_make(vals_list)
        for action, mail in zip(self, mails, strict=True):
            action._finish(
                "sent",
                message_id=mail.mail_message_id.id,
                contact_ids=[Command.set(to[action].ids)],
                sent_to=", ".join(to[action].mapped("email_formatted")),
                copied_to=mail.email_cc or False,
                delivered=1,
                error_text=False,
            )
        self.case_id._note_contact()
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def _render_texts(self, to):
        """Return {id: (subject, body)} in the languages of the recipients."""
        result = {}
        languages = {action.id: action._language(to[action]) for action in self}
        for template, actions in self.grouped(
            lambda one: one.step_id.template_id
        ).items():
            known = {one.id: languages[one.id] for one in actions}
            subjects = template._render_field(
                "subject", actions.ids, res_ids_lang=known
            )
            bodies = template._render_field(
                "body_html",
                actions.ids,
                engine="qweb",
                res_ids_lang=known,
                options={"post_process": True},
            )
            for action in actions:
                result[action.id] = (subjects[action.id], bodies[action.id])
        return result

    def _language(self, partners):
        """Return the language of the first recipient, else the customer's, else the company's."""
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        for lang in (
            partners[:1].lang,
            self.partner_id.lang,
            self.company_id.partner_id.lang,
        ):
            if lang in installed:
                return lang
        return self.env.lang or "en_US"

    def _sender_address(self):
        return (
            self.sender_id.email_formatted
            if self.sender_id.email
            else self.company_id.email_formatted or self.env.user.email_formatted
        )

    def _reply_to(self):
        """Return {case id: address} of the collection mailbox of its company, else Odoo's catchall."""
        cases = self.case_id
        defaults = dict.fromkeys(cases.ids, False)
        found = cases._notify_get_reply_to_batch(defaults=defaults)
        mailbox = self.env.ref(
            "cartera_cobranza.mail_alias_collections", raise_if_not_found=False
        )
        if mailbox and mailbox.sudo().alias_domain_id and mailbox.sudo().alias_name:
            address = mailbox.sudo().alias_full_name
            for case in cases:
                if case.company_id.alias_domain_id == mailbox.sudo().alias_domain_id:
                    found[case.id] = case._notify_get_reply_to_formatted_email(address)
        return found

    def _invoice_pdfs(self):
        """Return {contact: attachment ids}: the stored PDFs of what is demanded, oldest first; one query."""
        wanted = self.filtered(lambda one: one.step_id.attach_invoices)
        moves = wanted.item_ids.move_line_id.move_id
        stored = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "account.move"),
                    ("res_id", "in", moves.ids),
                    ("res_field", "=", "invoice_pdf_report_file"),
                ]
            )
        )
        by_move = {attachment.res_id: attachment for attachment in stored}
        result = {}
        for action in wanted:
            size, ids = 0, []
            for item in action.item_ids.filtered(lambda one: one.demanded > 0).sorted(
                lambda one: (one.date_maturity, one.id)
            ):
                pdf = by_move.get(item.move_line_id.move_id.id)
                if (
                    not pdf
                    or pdf.id in ids
                    or size + pdf.file_size > MAX_ATTACHED_BYTES
                ):
                    continue
                size += pdf.file_size
                ids.append(pdf.id)
            result[action] = ids
        return result

    # What comes back

    def _note_bounce(self, email, reason=None):
        """A message came back: it is no contact, its collector gets a task to find a good address."""
        for action in self.filtered(lambda one: one.state == "sent"):
            action = action.with_context(lang=action.company_id._cartera_lang())
            action.write(
                {
                    "state": "bounced",
                    "bounced_at": fields.Datetime.now(),
                    "bounced_email": email_normalize(email) or email,
                    "error_text": reason,
                    "delivered": 0,
                }
            )
            action._remind(
                action.env._("The message to %s came back: find another address", email)
            )
            action.case_id._note_contact()

    def _note_refused(self, contacts, failure_type, reason):
        """The mail server did not take the message: as one that came back, where the address is to blame."""
        emails = ", ".join(contacts.filtered("email").mapped("email"))
        if failure_type in ("mail_email_invalid", "mail_email_missing", "mail_bounce"):
            self._note_bounce(emails, reason)
            return
        for action in self.filtered(lambda one: one.state == "sent"):
            action = action.with_context(lang=action.company_id._cartera_lang())
            action.write({"error_text": reason, "delivered": 0})
            action._remind(action.env._("The message to %s was not taken", emails))

    def _note_reply(self):
        """A person answered these messages."""
        now = fields.Datetime.now()
        for action in self.filtered(
            lambda one: one.state in ("sent", "done", "replied")
        ):
            if not action.replied_at:
                action.write({"state": "replied", "replied_at": now})
