from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

from ..models.cartera_statement import FORMS
from .refusal import day_of
from .statement import answer


class PortalStatement(CustomerPortal):
    """The customer's own statement of account: on the page, as PDF and as workbook; nobody else's."""

    def _own_accounts(self):
        """Return the credit accounts of the user's own commercial entity."""
        entity = request.env.user.partner_id.commercial_partner_id
        companies = request.env.user.company_ids
        return (
            request.env["cartera.customer"]
            .sudo()
            .search(
                [("partner_id", "=", entity.id), ("company_id", "in", companies.ids)],
                order="company_id",
            )
        )

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "cartera_statement_count" in counters:
            values["cartera_statement_count"] = len(self._own_accounts())
        return values

    @http.route(
        ["/my/statement", "/my/statement/<int:account_id>"],
        type="http",
        auth="user",
        website=True,
    )
    def cartera_statement(
        self, account_id=None, form="open", day=None, date_from=None, file=None, **_kw
    ):
        """Show the statement of an own credit account, or send it as ``file``: pdf or xlsx."""
        accounts = self._own_accounts()
        account = accounts.filtered(lambda one: one.id == account_id)
        if account_id and not account:
            return request.redirect("/my")
        account = account or accounts[:1]
        if not account:
            return request.redirect("/my")
        form = form if form in dict(FORMS) else "open"
        error = None
        try:
            if file in ("pdf", "xlsx"):
                return answer(file, account, day, form, date_from)
            question = self._question(account, day, form, date_from)
        except UserError as problem:
            error = str(problem)
            question = self._question(account, None, form, None)
        shown = question_shown(question, account)
        return request.render(
            "cartera_cobranza.portal_statement",
            shown
            | {
                "page_name": "cartera_statement",
                "account_record": account,
                "own_accounts": accounts,
                "links": self._links(shown),
                "error": error,
                "can_pay": self._can_pay(shown),
            },
            status=400 if error else 200,
        )

    def _question(self, account, day, form, date_from):
        return (
            request.env["cartera.statement"]
            .sudo()
            ._question(
                account.company_id,
                day_of(day),
                form,
                day_of(date_from),
                account.partner_id,
            )
        )

    def _links(self, shown):
        """Return the ids of the documents on the page that the user may open; one query."""
        moves = {
            row["document"].move for one in shown["accounts"] for row in one["rows"]
        }
        Move = request.env["account.move"]
        if not moves or not Move.has_access("read"):
            return set()
        return set(
            Move.search(
                [
                    ("id", "in", list(moves)),
                    ("move_type", "in", ("out_invoice", "out_refund", "out_receipt")),
                ]
            ).ids
        )

    def _can_pay(self, shown):
        """Whether there is something to choose from on the page for paying several at once."""
        return any(one["debt"] > 0 for one in shown["accounts"])


def question_shown(question, account):
    Statement = request.env["cartera.statement"].sudo()
    return Statement._shown(question, account)[account]
