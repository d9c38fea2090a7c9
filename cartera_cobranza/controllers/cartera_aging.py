from odoo import http
from odoo.http import content_disposition, request

from .refusal import day_of, id_of, told

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CarteraAging(http.Controller):
    """The aging as a workbook, with the rights of who asks for it."""

    @http.route("/cartera/aging.xlsx", type="http", auth="user", readonly=True)
    @told
    def aging_xlsx(self, **options):
        """Send the workbook of the aging that the screen shows.

        :param options: as those of ``cartera.aging.report.action_show``, as texts
        """
        for name in ("company_id", "profile_id"):
            options[name] = id_of(options.get(name))
        options["as_of"] = day_of(options.get("as_of"))
        name, content = request.env["cartera.aging.report"]._workbook(options)
        return request.make_response(
            content,
            headers=[
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(name)),
            ],
        )
