from odoo import http
from odoo.http import content_disposition, request

from .cartera_aging import XLSX
from .refusal import one_of, told


class CarteraForecast(http.Controller):
    """The forecast as a workbook, with the rights of who asks for it."""

    @http.route("/cartera/forecast.xlsx", type="http", auth="user", readonly=True)
    @told
    def forecast_xlsx(self, forecast_id=None, **_options):
        """Send the workbook of a forecast.

        :param forecast_id: its id, as text
        """
        forecast = one_of("cartera.forecast", forecast_id)
        name, content = request.env["cartera.forecast.workbook"]._workbook(forecast)
        return request.make_response(
            content,
            headers=[
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(name)),
            ],
        )
