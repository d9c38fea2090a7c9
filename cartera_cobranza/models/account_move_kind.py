from odoo import api, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """Documents in points or commissions stay on the account of their kind."""

    _inherit = "account.move"

    def _credit_is_gated(self):
        """Points are not money, and take up no credit."""
        return super()._credit_is_gated() and self.currency_id.cartera_kind == "money"

    def _post(self, soft=True):
        self._check_currency_kinds()
        return super()._post(soft=soft)

    def write(self, vals):
        if vals.get("state") == "posted":
            self.filtered(lambda move: move.state == "draft")._check_currency_kinds()
        return super().write(vals)

    def _check_currency_kinds(self):
        """Refuse points and commissions on accounts of money, and money on theirs."""
        companies = self.company_id.sudo()
        own = (
            companies.cartera_points_account_id
            | companies.cartera_commission_account_id
        )
        kinds = set(self.line_ids.currency_id.mapped("cartera_kind"))
        if kinds <= {"money"} and not own:
            return
        for line in self.line_ids.filtered("account_id"):
            kind = line.currency_id.cartera_kind
            account = line.company_id._cartera_kind_account(kind)
            if kind == "money":
                if line.account_id in own and line.amount_currency:
                    raise UserError(
                        self.env._(
                            "%(move)s: %(account)s takes no money (%(currency)s). Use the receivable account of trade.",
                            move=line.move_id._note_name(),
                            account=line.account_id.display_name,
                            currency=line.currency_id.name,
                        )
                    )
            elif line.account_id.account_type in (
                "asset_receivable",
                "liability_payable",
                "asset_cash",
                "liability_credit_card",
            ):
                if not account:
                    raise UserError(
                        self.env._(
                            "%(company)s has no account for the kind of currency of %(currency)s. Choose one under "
                            "Settings > Credit and Collections.",
                            company=line.company_id.sudo().name,
                            currency=line.currency_id.name,
                        )
                    )
                if line.account_id != account:
                    raise UserError(
                        self.env._(
                            "%(move)s: %(currency)s is kept on %(right)s only, and not on %(wrong)s.",
                            move=line.move_id._note_name(),
                            currency=line.currency_id.name,
                            right=account.display_name,
                            wrong=line.account_id.display_name,
                        )
                    )


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.depends("move_id.currency_id")
    def _compute_account_id(self):
        result = super()._compute_account_id()
        for line in self:
            move = line.move_id
            if (
                line.display_type == "payment_term"
                and move.currency_id.cartera_kind not in (False, "money")
                and move.is_sale_document(include_receipts=True)
            ):
                account = move.company_id._cartera_kind_account(
                    move.currency_id.cartera_kind
                )
                line.account_id = account or line.account_id
        return result
