from odoo import Command, fields, http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request

from odoo.addons.account.controllers.portal import PortalAccount

from .refusal import BIGGEST_ID

OPEN_STATES = ("open", "analysis", "accepted")
FILES, FILE_SIZE = 5, 10 * 1024 * 1024
FILE_TYPES = ("image/", "application/pdf")


class PortalPromises(PortalAccount):
    """The customer's side: promises and disputes on the page of an own invoice.

    A promise from the portal is a draft that a collector opens: customers cannot pause collection themselves.
    """

    def _invoice_get_page_view_values(self, invoice, access_token, **kwargs):
        values = super()._invoice_get_page_view_values(invoice, access_token, **kwargs)
        own = self._is_own(invoice)
        sudo = invoice.sudo()
        collectable = own and sudo.cartera_collectable
        return values | {
            "cartera_own": own,
            "cartera_disputes": sudo.cartera_dispute_ids if own else sudo.browse(),
            "cartera_promises": sudo.cartera_promise_line_ids.promise_id
            if own
            else sudo.browse(),
            "cartera_types": request.env["cartera.dispute.type"]
            .sudo()
            .search(
                [
                    ("portal", "=", True),
                    ("company_id", "in", (False, sudo.company_id.id)),
                ]
            )
            if collectable
            else [],
            "cartera_today": fields.Date.to_string(sudo.company_id._cartera_today()),
            "cartera_told": request.session.pop("cartera_told", None),
            "cartera_error": request.session.pop("cartera_error", None),
        }

    def _is_own(self, invoice):
        """Whether the user is logged in and the invoice is one of their own commercial entity's."""
        user = request.env.user
        return (
            not user._is_public()
            and invoice.sudo().commercial_partner_id
            == user.partner_id.commercial_partner_id
        )

    def _own_invoice(self, invoice_id):
        if invoice_id > BIGGEST_ID:
            raise MissingError(request.env._("There is no such invoice."))
        invoice = self._document_check_access("account.move", invoice_id)
        if not self._is_own(invoice):
            raise AccessError(
                request.env._("This invoice belongs to another customer.")
            )
        return invoice.sudo()

    def _answer(self, invoice_id, work):
        """Do ``work(invoice)`` and show the page again, with what came of it or why it was refused."""
        try:
            invoice = self._own_invoice(invoice_id)
        except (AccessError, MissingError):
            return request.redirect("/my")
        try:
            with request.env.cr.savepoint():
                request.session["cartera_told"] = work(invoice)
        except UserError as error:
            request.session["cartera_error"] = str(error)
        return request.redirect(f"/my/invoices/{invoice.id}#cartera")

    @http.route(
        "/my/invoices/<int:invoice_id>/dispute",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def cartera_dispute(self, invoice_id, **post):
        """Open a dispute of an own invoice, with what the customer says and shows."""

        def work(invoice):
            kind = request.env["cartera.dispute.type"].sudo()
            kind = kind.browse(_whole(post.get("type_id"))).exists()
            text = (post.get("description") or "").strip()
            if (
                not kind.portal
                or kind.company_id not in (kind.company_id.browse(), invoice.company_id)
                or not text
            ):
                raise UserError(
                    request.env._("Choose a reason and say what is not right.")
                )
            dispute = (
                request.env["cartera.dispute"]
                .sudo()
                .create(
                    {
                        "move_id": invoice.id,
                        "type_id": kind.id,
                        "disputed_amount": self._amount(post),
                        "description": text[:5000],
                        "source": "portal",
                    }
                )
            )
            self._attach(dispute)
            return request.env._(
                "We have noted it as %(number)s and answer by %(day)s.",
                number=dispute.name,
                day=dispute.deadline,
            )

        return self._answer(invoice_id, work)

    @http.route(
        "/my/invoices/<int:invoice_id>/promise",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def cartera_promise(self, invoice_id, **post):
        """Write down when the customer pays; a collector confirms it."""

        def work(invoice):
            company, partner = invoice.company_id, invoice.commercial_partner_id
            Promise = request.env["cartera.payment.promise"].sudo()
            if Promise.search_count(
                [
                    ("line_ids.move_id", "=", invoice.id),
                    "|",
                    ("live", "=", True),
                    "&",
                    ("state", "=", "draft"),
                    ("source", "=", "portal"),
                ],
                limit=1,
            ):
                raise UserError(
                    request.env._(
                        "There is a promise for this invoice already. Write to us to change it."
                    )
                )
            customer = request.env["cartera.customer"].sudo()
            customer = customer._find_or_create(partner, company)[partner]
            amount = self._amount(post)
            try:
                day = fields.Date.to_date(post.get("date"))
            except ValueError:
                day = None
            if not day:
                raise UserError(request.env._("Say on which day you pay."))
            collector = customer.collector_id or company.cartera_collection_user_id
            promise = Promise.create(
                {
                    "customer_id": customer.id,
                    "contact_id": request.env.user.partner_id.id,
                    "source": "portal",
                    "user_id": collector.id,
                    "note": (post.get("note") or "").strip()[:5000],
                    "line_ids": [
                        Command.create({"move_id": invoice.id, "amount": amount})
                    ],
                    "instalment_ids": [Command.create({"date": day, "amount": amount})],
                }
            )
            if collector:
                promise.activity_schedule(
                    "mail.mail_activity_data_todo",
                    company._cartera_today(),
                    user_id=collector.id,
                    summary=request.env._("Promise from the portal to confirm"),
                )
            return request.env._(
                "Thank you. We have noted your promise %(number)s and confirm it.",
                number=promise.name,
            )

        return self._answer(invoice_id, work)

    def _amount(self, post):
        try:
            amount = float((post.get("amount") or "").replace(",", "."))
        except ValueError:
            amount = 0.0
        if not 0 < amount < float("inf"):
            raise UserError(request.env._("Enter an amount above zero."))
        return amount

    def _attach(self, dispute):
        """Keep the pictures and PDF files that came with the form on the dispute."""
        files = request.httprequest.files.getlist("evidence")[:FILES]
        for file in filter(None, files):
            if not file.filename:
                continue
            content = file.read(FILE_SIZE + 1)
            if len(content) > FILE_SIZE or not (file.mimetype or "").startswith(
                FILE_TYPES
            ):
                raise UserError(
                    request.env._(
                        "%(file)s was not accepted: attach pictures or PDF files of up to 10 MB.",
                        file=file.filename,
                    )
                )
            dispute.evidence_ids = [
                Command.create(
                    {
                        "name": file.filename,
                        "raw": content,
                        "res_model": dispute._name,
                        "res_id": dispute.id,
                    }
                )
            ]


def _whole(text):
    number = int(text) if (text or "").isdecimal() else 0
    return number if number <= BIGGEST_ID else 0
