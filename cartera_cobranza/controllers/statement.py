from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import content_disposition, request

from .cartera_aging import XLSX
from .refusal import BIGGEST_ID, day_of, nothing_there, told

PDF = "application/pdf"


class CarteraStatement(http.Controller):
    """Statements of account as files, with the rights of who asks for them."""

    @http.route("/cartera/statement.<string:kind>", type="http", auth="user")
    @told
    def statement(
        self, kind, ids="", day=None, form="open", date_from=None, **_options
    ):
        """Send the statements of credit accounts of one company.

        :param ids: numbers of credit accounts, with commas between them
        """
        numbers = [
            int(one)
            for one in ids.split(",")
            if one.isdecimal() and int(one) <= BIGGEST_ID
        ]
        customers = request.env["cartera.customer"].browse(numbers).exists()
        if kind not in ("pdf", "xlsx") or not customers:
            raise MissingError(nothing_there())
        try:
            customers.check_access("read")
        except AccessError as error:
            raise MissingError(nothing_there()) from error
        companies = customers.company_id
        if len(companies) > 1 or companies - request.env.user.company_ids:
            raise MissingError(nothing_there())
        limit = companies.sudo().cartera_statement_print_limit
        if kind == "pdf" and len(customers) > limit:
            raise UserError(
                request.env._(
                    "The statements of %(number)s customers are too many to wait for: more than %(limit)s are printed "
                    "in the background. Choose the customers in their list, then Statements of Account and Show PDF.",
                    number=len(customers),
                    limit=limit,
                )
            )
        return answer(kind, customers, day, form, date_from)


def answer(kind, customers, day=None, form="open", date_from=None):
    """Return the file of these customers, whose right to it was looked at; one: in its own language."""
    Statement = request.env["cartera.statement"].sudo()
    customers = customers.sudo()
    company = customers.company_id
    question = Statement._question(
        company, day_of(day), form, day_of(date_from), customers.partner_id
    )
    if kind == "pdf":
        Statement._check_engine()
    make = Statement._merged_pdf if kind == "pdf" else Statement._xlsx
    name = customers.partner_id.name if len(customers) == 1 else company.name
    name = Statement._file_name(question, name or "", kind)
    return request.make_response(
        make(question, customers),
        [
            ("Content-Type", PDF if kind == "pdf" else XLSX),
            ("Content-Disposition", content_disposition(name)),
        ],
    )
