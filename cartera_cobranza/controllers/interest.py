from odoo import http
from odoo.http import content_disposition, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class InterestController(http.Controller):
    """Downloads of the arithmetic of interest."""

    @http.route(
        "/cartera/interest/<string:kind>/<int:record_id>/annex.xlsx",
        type="http",
        auth="user",
        readonly=True,
    )
    def annex(self, kind, record_id, **_kwargs):
        """Download the lines and segments of a run, or of one note, as far as the user may read them."""
        model = {"run": "cartera.interest.run", "note": "account.move"}.get(kind)
        if not model:
            return request.not_found()
        record = request.env[model].browse(record_id).exists()
        if not record:
            return request.not_found()
        record.check_access("read")
        lines = request.env["cartera.interest.line"]
        field = "run_id" if kind == "run" else "note_move_id"
        lines = lines.search([(field, "=", record.id)])
        name = f"{record.display_name}.xlsx".replace("/", "-")
        return request.make_response(
            lines._annex_xlsx(),
            [
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(name)),
            ],
        )
