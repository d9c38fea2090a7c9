from odoo import fields, models


class AccountPaymentTerm(models.Model):
    _inherit = "account.payment.term"

    cartera_prepaid = fields.Boolean(
        string="Paid in Advance",
        help="Orders with these terms need no credit: they pass at confirmation and ship once they are paid.",
    )

    def _cartera_rank(self):
        """Return how much credit the terms give, in days to the last instalment; paid in advance is -1.

        Used to tell better terms from worse ones; ends of month count as the whole month.
        """
        if not self:
            return 0
        self.ensure_one()
        if self.cartera_prepaid:
            return -1
        days = [
            line.nb_days + (0 if line.delay_type == "days_after" else 31)
            for line in self.line_ids
        ]
        return max(days, default=0)
