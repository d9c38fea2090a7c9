from odoo import models


class CarteraCollectionAction(models.Model):
    _inherit = "cartera.collection.action"

    def _send_sms(self):
        """Queue one text message for each contact; those without a usable number become tasks."""
        blocked = self._blocked_numbers()
        going = self.browse()
        numbers = {}
        for action in self:
            number = action._sms_number()
            reason = False
            if action.customer_id.refuses_phone:
                reason = self.env._("The customer does not want text messages.")
            elif not number:
                reason = self.env._(
                    "There is no phone number that can get text messages."
                )
            elif number in blocked:
                reason = self.env._("%s asked not to get text messages.", number)
            if reason:
                action._wait_for_person(
                    reason,
                    self.env._("No text message to %s", action.partner_id.display_name),
                )
                continue
            numbers[action] = number
            going |= action
        for action in going:
            message = action.case_id._message_sms(
                action._short_text(),
                sms_numbers=[numbers[action]],
                put_in_queue=True,
            )
            action._finish(
                "sent", message_id=message.id, sent_to=numbers[action], delivered=1
            )
        going.case_id._note_contact()

    def _sms_number(self):
        """Return the number of the collections contact, else the customer's, in international form."""
        self.ensure_one()
        contact = self.partner_id.child_ids.filtered(
            lambda one: one.cartera_collections and one.phone
        )[:1]
        partner = contact or self.partner_id
        return partner._phone_format(fname="phone") or partner.phone or False

    def _blocked_numbers(self):
        numbers = [one for one in (action._sms_number() for action in self) if one]
        rows = self.env["phone.blacklist"].sudo().search([("number", "in", numbers)])
        return set(rows.mapped("number"))
