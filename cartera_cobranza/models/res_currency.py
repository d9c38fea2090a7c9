from odoo import fields, models
from odoo.exceptions import UserError

KINDS = [("money", "Money"), ("points", "Points"), ("commission", "Commissions")]


class ResCurrency(models.Model):
    """A currency is money, points of a loyalty plan, or commissions; balances of each kind stand apart."""

    _inherit = "res.currency"

    cartera_kind = fields.Selection(
        KINDS,
        string="Kind",
        required=True,
        default="money",
        help="Points and commissions are kept on a receivable account of their own, and never count as money: not in "
        "the exposure, the aging, the interest or the totals. A conversion turns them into money.",
    )

    def write(self, vals):
        if "cartera_kind" in vals:
            for currency in self.filtered(
                lambda one: one.cartera_kind != vals["cartera_kind"]
            ):
                used = (
                    self.env["account.move.line"]
                    .sudo()
                    .search_count([("currency_id", "=", currency.id)], limit=1)
                )
                if used:
                    raise UserError(
                        self.env._(
                            "There are journal items in %s already, so that its kind stays. Make another currency.",
                            currency.name,
                        )
                    )
        return super().write(vals)


class ResCompany(models.Model):
    """The accounts on which the kinds of currency that are no money are kept."""

    _inherit = "res.company"

    cartera_points_account_id = fields.Many2one(
        "account.account",
        string="Account of Points",
        domain="[('account_type', '=', 'asset_receivable'), ('non_trade', '=', True)]",
        help="Receivable account, not of trade, that takes the points of customers and nothing else.",
    )
    cartera_commission_account_id = fields.Many2one(
        "account.account",
        string="Account of Commissions",
        domain="[('account_type', '=', 'asset_receivable'), ('non_trade', '=', True)]",
        help="Receivable account, not of trade, that takes commissions and nothing else.",
    )

    def _cartera_kind_account(self, kind):
        """Return the account of a kind of currency in this company; empty for money."""
        self.ensure_one()
        company = self.sudo()
        if kind == "points":
            return company.cartera_points_account_id
        if kind == "commission":
            return company.cartera_commission_account_id
        return self.env["account.account"]

    def write(self, vals):
        for name in ("cartera_points_account_id", "cartera_commission_account_id"):
            if vals.get(name):
                self._check_kind_account(vals[name])
        result = super().write(vals)
        for company in self:
            points = company.cartera_points_account_id
            if points and points == company.cartera_commission_account_id:
                raise UserError(
                    self.env._(
                        "%(account)s cannot take both points and commissions in %(company)s: choose two accounts.",
                        account=points.display_name,
                        company=company.name,
                    )
                )
        return result

    def _check_kind_account(self, account_id):
        account = self.env["account.account"].browse(account_id)
        if account.account_type != "asset_receivable" or not account.non_trade:
            raise UserError(
                self.env._(
                    "%s is no receivable account out of trade. Mark it as non-trade, or choose another: points and "
                    "commissions must never count as what customers owe.",
                    account.display_name,
                )
            )
