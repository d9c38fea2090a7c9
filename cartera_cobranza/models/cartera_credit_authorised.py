from odoo import fields, models
from odoo.exceptions import AccessError

from ..calc import money


class CarteraCreditAuthorised(models.AbstractModel):
    """What raises credit without an application: somebody else than who set it, with authority alone."""

    _name = "cartera.credit.authorised"
    _description = "Needs Authority"

    requested_by = fields.Many2one(
        "res.users",
        string="Proposed By",
        readonly=True,
        copy=False,
        help="Who set the terms, or asked for them; somebody else puts them in force.",
    )

    def _check_authority(self, line, mode, amount):
        """Refuse the own proposal, and a limit that the user does not decide on alone.

        :param amount: in the line's currency
        """
        self.ensure_one()
        if self.env.su:
            return
        if self.env.user == self.sudo().requested_by:
            raise AccessError(
                self.env._(
                    "%s was proposed by you, and nobody decides on an own proposal. Ask another credit manager, or "
                    "send an application.",
                    self.display_name,
                )
            )
        if mode == "none":
            return
        company = line.company_id
        Money = self.env["cartera.money"]
        day = company._cartera_today()
        asked, base = None, money.ZERO
        if mode == "amount":
            asked = Money._convert(amount, line.currency_id, company, day)
        present = line.customer_id.sudo().line_id
        if present.mode == "amount":
            base = Money._convert(present.amount, present.currency_id, company, day)
        strengths = self.env["cartera.authority"]._strengths(
            self.env.user, company, asked, base
        )
        strengths.pop(self.sudo().requested_by.id, None)
        if 1 not in strengths.values():
            raise AccessError(
                self.env._(
                    "%s is above what you decide on alone. Send an application, so that everybody signs who has to.",
                    self.display_name,
                )
            )
