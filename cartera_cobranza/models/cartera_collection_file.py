import io
import re
import zipfile

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

EXECUTIVE = "cartera_cobranza.group_credit_executive"


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
        title = self.env._("Cover and history")
        yield f"0 {title}.pdf", cover
        lines = self.open_line_ids.filtered(lambda line: line.amount_residual > 0)
        seen = set()
        for folder, attachment in self._legal_attachments(lines.move_id):
            if attachment in seen:
                continue
            seen.add(attachment)
            name = re.sub(r"[/\\]+", "_", attachment.name)
            path = f"{folder}/{name}"
            if path in seen:
                path = f"{folder}/{attachment.id} {name}"
            seen.add(path)
            yield path, attachment.raw or b""
        yield from self._missing_invoices(lines.move_id)

    def _missing_invoices(self, moves):
        """Yield (path, content) of invoices that were never sent from here: their PDF is made for the file."""
        invoices = moves.filtered(
            lambda move: move.is_sale_document() and not move.invoice_pdf_report_id
        )
        folder = self.env._("2 Invoices")
        for move in invoices:
            # One call each: the PDF engine of some distributions cannot make several documents at once.
            content = self.env["ir.actions.report"]._render_qweb_pdf(
                "account.account_invoices", move.ids
            )[0]
            name = re.sub(r"[^\w.-]+", "_", move.name or "")
            yield f"{folder}/{name}/{name}.pdf", content

    def _legal_attachments(self, moves):
        """Yield (folder, attachment): contract, invoices, acknowledgements, promises, disputes, and the case's own.

        Other addons add what they keep.
        """
        contract = self.env._("1 Contract and credit")
        yield from self._attached_to(contract, self.customer_id)
        yield from self._attached_to(contract, self.customer_id.line_id)
        yield from self._attached_to(contract, self.partner_id)
        names = {move.id: re.sub(r"[^\w.-]+", "_", move.name or "") for move in moves}
        invoices = self.env._("2 Invoices")
        for attachment in self._attachments_of(moves):
            yield f"{invoices}/{names[attachment.res_id]}", attachment
        deliveries = self.env["cartera.invoice.delivery"].search(
            [("move_id", "in", moves.ids)], order="move_id, id"
        )
        receipts = self.env._("3 Acknowledgements")
        for delivery in deliveries:
            found = delivery.attachment_ids | self._attachments_of(delivery)
            for attachment in found:
                yield f"{receipts}/{names[delivery.move_id.id]}", attachment
        promised, disputed = self.env._("4 Promises"), self.env._("5 Disputes")
        for folder, records in (
            (promised, self.promise_ids),
            (disputed, self.dispute_ids),
        ):
            for record in records:
                found = record.evidence_ids | self._attachments_of(record)
                for attachment in found:
                    yield f"{folder}/{record.name}", attachment
        evidence = self._attachments_of(self.customer_id.case_ids)
        for attachment in evidence.filtered(
            lambda one: one.mimetype != "application/zip"
        ):
            yield self.env._("6 Case"), attachment

    def _file_address(self):
        return self.env["cartera.collection.action"]._address_text(
            self.partner_id, ", "
        )

    def _file_messages(self):
        """Return what was written to the customer and back, oldest first, in all cases of the customer."""
        return self.customer_id.case_ids.message_ids.filtered(
            lambda one: one.message_type in ("email", "comment", "auto_comment")
            and not one.is_internal
        ).sorted("date")

    def _attached_to(self, folder, record):
        return [(folder, attachment) for attachment in self._attachments_of(record)]

    def _attachments_of(self, records):
        """Return what is attached to the records, invoices' stored PDFs included; not their pictures."""
        return (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", records._name),
                    ("res_id", "in", records.ids),
                    "|",
                    ("res_field", "=", "invoice_pdf_report_file"),
                    ("res_field", "=", False),
                ],
                order="res_id, id",
            )
        )

    def _check_executive(self):
        if not self.env.su and not self.env.user.has_group(EXECUTIVE):
            raise AccessError(
                self.env._(
                    "Credit executives hand cases over to the lawyer. Ask one of them."
                )
            )
        self.check_access("read")

    def action_hand_over(self):
        """Hand the case over to the lawyer: the file by mail, the plan stops."""
        self.ensure_one()
        self._check_executive()
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
