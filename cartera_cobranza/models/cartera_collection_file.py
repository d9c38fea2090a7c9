import io
import re
import zipfile

from odoo import fields, models
from odoo.exceptions import UserError


class CarteraCollectionFile(models.AbstractModel):
    """The file for the lawyer: cover, open items, invoices, evidence and the whole history, in one ZIP."""

    _name = "cartera.collection.file"
    _description = "Legal File of a Case"

    def action_legal_file(self):
        """Put the legal file together and attach it to the case (button)."""
        self.ensure_one()
        self._check_collector()
        attachment = self.sudo()._make_legal_file()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "self",
        }

    def _make_legal_file(self):
        self.ensure_one()
        today = self.company_id._cartera_today()
        name = self.env._(
            "Legal file %(customer)s %(date)s.zip",
            customer=re.sub(r"[^\w .-]+", "_", self.partner_id.name or ""),
            date=fields.Date.to_string(today),
        )
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in self._legal_documents():
                archive.writestr(path, content)
        attachment = self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": buffer.getvalue(),
                "mimetype": "application/zip",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        self._message_log(
            body=self.env._("The file for the legal hand-over was put together."),
            attachment_ids=attachment.ids,
        )
        return attachment

    def _legal_documents(self):
        """Yield (path, content) of the file: the cover first, each name once."""
        report = self.env["ir.actions.report"]
        cover = report._render_qweb_pdf(
            "cartera_cobranza.action_report_collection_file", self.ids
        )[0]
        yield f"00 {self.env._('Cover and history')}.pdf", cover
        lines = self.open_line_ids.filtered(lambda line: line.amount_residual > 0)
        seen = set()
        for attachment in self._legal_attachments(lines.move_id):
            move = self.env["account.move"].browse(attachment.res_id)
            folder = (
                re.sub(r"[^\w.-]+", "_", move.name or "")
                if attachment.res_model == "account.move"
                else self.env._("Case")
            )
            name = re.sub(r"[/\\]+", "_", attachment.name)
            path = f"{folder}/{name}"
            if path in seen:
                path = f"{folder}/{attachment.id} {name}"
            seen.add(path)
            yield path, attachment.raw or b""

    def _legal_attachments(self, moves):
        """Return the stored invoices, what is attached to them, and the evidence on the case.

        Acknowledgements and contracts are added by the models that keep them.
        """
        Attachment = self.env["ir.attachment"].sudo()
        found = Attachment.search(
            [
                ("res_model", "=", "account.move"),
                ("res_id", "in", moves.ids),
                "|",
                ("res_field", "=", "invoice_pdf_report_file"),
                ("res_field", "=", False),
            ],
            order="res_id, id",
        )
        evidence = Attachment.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.customer_id.case_ids.ids),
                ("mimetype", "!=", "application/zip"),
            ],
            order="id",
        )
        return found | evidence

    def action_hand_over(self):
        """Hand the case over to the lawyer: the file by mail, the plan stops."""
        self.ensure_one()
        self._check_collector()
        self._check_open()
        company = self.company_id
        lawyer = company.sudo().cartera_legal_partner_id
        if not lawyer.email:
            raise UserError(
                self.env._(
                    "There is no lawyer with an e-mail address in %(company)s. Choose one under Settings.",
                    company=company.name,
                )
            )
        case = self.sudo()
        attachment = case._make_legal_file()
        case.message_post(
            partner_ids=lawyer.ids,
            subject=self.env._("Legal hand-over: %s", case.partner_id.display_name),
            body=self.env._(
                "We hand over the collection of %(customer)s. The file is attached.",
                customer=case.partner_id.display_name,
            ),
            attachment_ids=attachment.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
        )
        for action in case.action_ids.filtered(
            lambda one: one.channel == "legal" and one.state in ("planned", "ready")
        ):
            action._finish("done", user_id=self.env.uid, sent_to=lawyer.email_formatted)
        case.write({"stage": "legal"})
        case._note_contact()
        return True
