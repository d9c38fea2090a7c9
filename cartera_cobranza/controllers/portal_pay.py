from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

from .refusal import BIGGEST_ID


class PortalPay(CustomerPortal):
    """The customer chooses which own invoices to pay in one go; paying is Odoo's own."""

    def _pay_entity(self):
        """Return (own commercial entity, companies) of the user."""
        user = request.env.user
        return user.partner_id.commercial_partner_id, user.company_ids

    def _choice(self, texts):
        """Return the checked choice of journal items, given as texts."""
        numbers = []
        for text in texts:
            if not text.isdecimal() or int(text) > BIGGEST_ID:
                raise UserError(
                    request.env._(
                        "One of the documents is not an invoice of yours, or is no longer there. Choose again."
                    )
                )
            numbers.append(int(text))
        return request.env["cartera.portal.payment"]._choose(
            numbers, *self._pay_entity()
        )

    @http.route(["/my/pay"], type="http", auth="user", website=True, sitemap=False)
    def cartera_pay(self, **_options):
        """Show what is open, to choose from."""
        return self._choose_page()

    @http.route(
        ["/my/pay/chosen"], type="http", auth="user", website=True, sitemap=False
    )
    def cartera_pay_chosen(self, **_options):
        """Show how to pay what was chosen; or why it cannot be paid so."""
        texts = request.httprequest.args.getlist("item")
        try:
            choice = self._choice(texts)
        except UserError as error:
            return self._choose_page(str(error), texts)
        return self._pay_page(choice)

    def _choose_page(self, error=None, texts=None):
        entity, companies = self._pay_entity()
        groups = request.env["cartera.portal.payment"]._payable_groups(
            entity, companies
        )
        chosen = {int(one) for one in texts or () if one.isdecimal()}
        return request.render(
            "cartera_cobranza.portal_pay",
            {
                "page_name": "cartera_pay",
                "groups": [self._group_values(lines, chosen) for _key, lines in groups],
                "many_companies": len({key[0] for key, _lines in groups}) > 1,
                "entity": entity.sudo(),
                "error": error,
            },
            status=400 if error else 200,
        )

    def _group_values(self, lines, chosen):
        today = lines.company_id._cartera_today()
        several = lines.grouped("move_id")
        return {
            "company": lines.company_id,
            "currency": lines.currency_id,
            "total": sum(lines.mapped("amount_residual_currency")),
            "rows": [
                {
                    "line": line,
                    "document": line.move_id,
                    "instalment": len(several[line.move_id]) > 1,
                    "due": line.date_maturity,
                    "days": max((today - line.date_maturity).days, 0),
                    "amount": line.amount_residual_currency,
                    "chosen": line.id in chosen
                    if chosen
                    else line.date_maturity < today,
                }
                for line in lines
            ],
        }

    def _pay_page(self, choice):
        """Show how the choice is paid. A hook: by bank transfer here; online where that is installed."""
        company = choice.company
        return request.render(
            "cartera_cobranza.portal_pay_transfer",
            self._pay_values(choice)
            | {
                "instructions": company.sudo().cartera_payment_instructions,
                "banks": request.env["cartera.statement"].sudo()._banks(company),
                "promises": (),
            },
        )

    def _pay_values(self, choice):
        return {
            "page_name": "cartera_pay",
            "chosen": choice,
            "company": choice.company,
            "rows": self._group_values(choice.lines, ())["rows"],
            "reference": self._pay_reference(choice),
            "back": "&".join(f"item={line.id}" for line in choice.lines),
        }

    def _pay_reference(self, choice):
        """Return what the customer writes into the transfer: the invoice, else the customer and the invoices."""
        names = [name for name in choice.moves.mapped("name") if name]
        if len(names) > 3:
            names = [*names[:2], "…", names[-1]]
        return ", ".join(names)
