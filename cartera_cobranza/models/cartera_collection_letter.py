from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.pdf import merge_pdf


class CarteraCollectionLetter(models.AbstractModel):
    """The letter channel: a PDF to print, one or many at once."""

    _name = "cartera.collection.letter"
    _description = "Letters of Collection Contacts"

    def _send_letter(self):
        self._wait_for_person(
            self.env._("To be printed: choose Print Letters in the list of contacts.")
        )

    def _letter_language(self):
        self.ensure_one()
        return self._language(self._letter_contact())

    def _letter_contact(self):
        self.ensure_one()
        return self._recipients()[self][:1] or self.partner_id

    @api.model
    def _address_text(self, partner, between="\n"):
        """Return the address of a partner without empty lines, or the customer's where a contact has none."""
        text = partner._display_address(without_company=True)
        if not text.strip():
            text = partner.commercial_partner_id._display_address(without_company=True)
        return between.join(line.strip() for line in text.splitlines() if line.strip())

    def _letter_subject(self):
        """Return the subject of the letter in the customer's language, without the sender's name."""
        self.ensure_one()
        subject = self.step_id.template_id._render_field(
            "subject", self.ids, set_lang=self._letter_language()
        )[self.id]
        return subject.removeprefix(f"{self.company_id.name}: ")

    def _letter_text(self):
        """Return the text of the letter in the customer's language."""
        self.ensure_one()
        template = self.step_id.template_id
        lang = self._letter_language()
        return template._render_field(
            "body_html", self.ids, engine="qweb", set_lang=lang
        )[self.id]

    @api.model
    def _merge_letters(self, actions):
        """Return one PDF with the letters, one after the other."""
        report = self.env["ir.actions.report"]
        # One call each: the PDF engine of some distributions cannot make several documents at once.
        pages = [
            report._render_qweb_pdf(
                "cartera_cobranza.action_report_collection_letter", action.ids
            )[0]
            for action in actions
        ]
        return merge_pdf(pages)

    def action_print_letters(self):
        """Print the waiting letters of the selection in one file and note them as made."""
        self._check_collector()
        letters = self.filtered(
            lambda one: one.channel == "letter" and one.state in ("planned", "ready")
        ).sudo()
        if not letters:
            raise UserError(
                self.env._(
                    "There is no letter to print in the selection. Choose letters that are still to do."
                )
            )
        for company, actions in letters.grouped("company_id").items():
            due = actions._still_due(company)
            for action in actions.filtered(lambda one, due=due: one not in due):
                action._cancel(self._settled_reason(action))
            actions.filtered(lambda one, due=due: one in due)._write_items(due)
        letters = letters.filtered(lambda one: one.state in ("planned", "ready"))
        if not letters:
            raise UserError(
                self.env._(
                    "These customers have paid meanwhile: nothing is left to print."
                )
            )
        content = self._merge_letters(letters)
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": self.env._("Letters.pdf"),
                    "raw": content,
                    "mimetype": "application/pdf",
                }
            )
        )
        attachment.generate_access_token()
        for letter in letters:
            letter._finish("done", user_id=self.env.uid)
        letters.case_id._note_contact()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true&access_token={attachment.access_token}",
            "target": "self",
        }
