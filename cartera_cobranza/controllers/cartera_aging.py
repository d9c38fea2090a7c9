from odoo import http
from odoo.http import content_disposition, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CarteraAging(http.Controller):
    """The aging as a workbook, with the rights of who asks for it."""

    @http.route("/cartera/aging.xlsx", type="http", auth="user", readonly=True)
    def aging_xlsx(self, **options):
        """Send the workbook of the aging that the screen shows.

        :param options: as those of ``cartera.aging.report.action_show``, as texts
        """
        name, content = request.env["cartera.aging.report"]._workbook(options)
        return request.make_response(
            content,
            headers=[
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(name)),
            ],
        )
