from odoo import http
from odoo.http import content_disposition, request

from ..models.cartera_workbook import XLSX
from .refusal import one_of, told


class CarteraWorkbooks(http.Controller):
    """Workbooks that a wizard of the user describes, with the user's own rights."""

    @http.route(
        "/cartera/consolidated/<int:number>.xlsx",
        type="http",
        auth="user",
        readonly=True,
    )
    @told
    def consolidated(self, number, **_options):
        """Send the consolidated balance that the user has on the screen."""
        return self._send("cartera.consolidated.balance", number)

    @http.route(
        "/cartera/payments/<int:number>.xlsx", type="http", auth="user", readonly=True
    )
    @told
    def payments(self, number, **_options):
        """Send all payments of the days that the user chose."""
        return self._send("cartera.payment.export", number)

    def _send(self, model, number):
        wizard = one_of(model, number)
        wizard = wizard.with_context(
            allowed_company_ids=wizard.sudo().company_id.ids
            if wizard.sudo().company_id in request.env.user.company_ids
            else request.env.user.company_id.ids
        )
        name, content = wizard._workbook()
        return request.make_response(
            content,
            headers=[
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(name)),
            ],
        )
