from odoo import http
from odoo.exceptions import MissingError
from odoo.http import content_disposition, request

from .cartera_aging import XLSX
from .refusal import nothing_there, one_of, told

MODELS = {"run": "cartera.interest.run", "note": "account.move"}


class InterestController(http.Controller):
    """Downloads of the arithmetic of interest."""

    @http.route(
        "/cartera/interest/<string:kind>/<int:record_id>/annex.xlsx",
        type="http",
        auth="user",
        readonly=True,
    )
    @told
    def annex(self, kind, record_id, **_kwargs):
        """Download the lines and segments of a run, or of one note, as far as the user may read them."""
        if kind not in MODELS:
            raise MissingError(nothing_there())
        record = one_of(MODELS[kind], record_id)
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
