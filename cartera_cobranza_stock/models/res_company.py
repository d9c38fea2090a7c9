from datetime import datetime, time, timedelta

import pytz

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    cartera_held_reserve = fields.Boolean(
        string="Held Orders Keep Their Reservation",
        help="What is reserved for an order or a shipment stays reserved while credit holds it. Otherwise it is "
        "given back, and other orders can take it.",
    )

    def _cartera_day_end(self, day):
        """Return the moment, in UTC, at which ``day`` ends in the company's time zone."""
        self.ensure_one()
        name = self._cartera_timezone() or "UTC"
        zone = pytz.timezone(name) if name in pytz.all_timezones_set else pytz.utc
        end = zone.localize(datetime.combine(day + timedelta(days=1), time.min))
        return end.astimezone(pytz.utc).replace(tzinfo=None)
