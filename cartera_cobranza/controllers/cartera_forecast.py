from odoo import http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request

from .cartera_aging import XLSX


class CarteraForecast(http.Controller):
    """The forecast as a workbook, with the rights of who asks for it."""

    @http.route("/cartera/forecast.xlsx", type="http", auth="user", readonly=True)
    def forecast_xlsx(self, forecast_id=None, **options):
        """Send the workbook of a forecast.

        :param forecast_id: its id, as text
        """
        text = (forecast_id or "").strip()
        forecast = request.env["cartera.forecast"].browse(
            int(text) if text.isdigit() else ()
        )
        if not forecast.exists():
            raise UserError(
                request.env._(
                    "There is no such forecast any more. Open it from the list of forecasts."
                )
            )
        name, content = request.env["cartera.forecast.workbook"]._workbook(forecast)
        return request.make_response(
            content,
            headers=[
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(name)),
            ],
        )
