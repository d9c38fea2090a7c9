import re
from urllib.parse import quote

from odoo import models
from odoo.exceptions import UserError

# Longer numbers have their country's code already.
NATIONAL_DIGITS = 10


class CarteraCollectionWhatsapp(models.AbstractModel):
    """The WhatsApp channel: a link with number and text, which a person sends."""

    _name = "cartera.collection.whatsapp"
    _description = "WhatsApp Messages of Collection Contacts"

    def action_open_whatsapp(self):
        """Open WhatsApp with the text to send; the person sends it, then notes the contact as made."""
        self.ensure_one()
        self._check_collector()
        phone = self._whatsapp_number()
        if not phone:
            raise UserError(
                self.env._(
                    "%s has no phone number. Enter one with its country code.",
                    self.partner_id.display_name,
                )
            )
        if self.customer_id.refuses_phone:
            raise UserError(
                self.env._(
                    "%s does not want text messages.", self.partner_id.display_name
                )
            )
        return {
            "type": "ir.actions.act_url",
            "url": f"https://wa.me/{phone}?text={quote(self._short_text())}",
            "target": "new",
        }

    def _whatsapp_number(self):
        """Return the digits of the number with the country's code: the collection contact's, else the company's."""
        self.ensure_one()
        contact = (self._recipients()[self] | self.partner_id).filtered("phone")[:1]
        text = (contact.phone or "").strip()
        digits = re.sub(r"\D", "", text)
        if text.startswith("+") or not digits:
            return digits
        if digits.startswith("00"):
            return digits[2:]
        country = (
            contact.country_id
            or self.partner_id.country_id
            or self.company_id.country_id
        )
        code = str(country.phone_code or "")
        if code and digits.startswith(code) and len(digits) > NATIONAL_DIGITS:
            return digits
        return code + digits.lstrip("0")

    def _short_text(self):
        """Return the short text of the step in the customer's language."""
        self.ensure_one()
        lang = self._language(self.partner_id)
        text = self.step_id.with_context(lang=lang).short_text or ""
        return (
            self.env["mail.render.mixin"]
            .sudo()
            .with_context(lang=lang)
            ._render_template(text, self._name, self.ids, engine="inline_template")[
                self.id
            ]
        )
