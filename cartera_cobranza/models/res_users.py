from odoo import fields, models

FREQUENCIES = [
    ("never", "Never"),
    ("daily", "Every day"),
    ("weekly", "Every Monday"),
    ("monthly", "On the first of the month"),
]
ALERT_FIELDS = ("cartera_alert_due", "cartera_alert_overdue", "cartera_alert_silent")


class ResUsers(models.Model):
    _inherit = "res.users"

    cartera_alert_due = fields.Selection(
        FREQUENCIES,
        string="Items Due Soon",
        default="never",
        help="E-mail with the items of my customers that come due in the next days.",
    )
    cartera_alert_overdue = fields.Selection(
        FREQUENCIES,
        string="Overdue Items",
        default="never",
        help="E-mail with what my customers owe past its due date.",
    )
    cartera_alert_silent = fields.Selection(
        FREQUENCIES,
        string="No Answer, No Payment",
        default="never",
        help="E-mail with the customers who were asked and neither answered nor paid.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, *ALERT_FIELDS]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, *ALERT_FIELDS]
