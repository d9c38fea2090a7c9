from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountPayment(models.Model):
    """A customer's receipt is applied in the company's order: costs, interest and capital."""

    _inherit = "account.payment"

    cartera_open_amount = fields.Monetary(
        string="Not Applied",
        compute="_compute_cartera_open_amount",
        compute_sudo=True,
        help="Of a customer's receipt: what no invoice was paid with yet.",
    )

    @api.depends("move_id.state", "move_id.line_ids.amount_residual_currency")
    def _compute_cartera_open_amount(self):
        lines = self.env["account.move.line"]
        found = {
            move.id: amount
            for move, amount in lines._read_group(
                [
                    ("move_id", "in", self.move_id.ids),
                    ("parent_state", "=", "posted"),
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("account_id.non_trade", "=", False),
                    ("reconciled", "=", False),
                ],
                ["move_id"],
                ["amount_residual_currency:sum"],
            )
        }
        for payment in self:
            receipt = (
                payment.payment_type == "inbound" and payment.partner_type == "customer"
            )
            left = -found.get(payment.move_id.id, 0) if receipt else 0
            payment.cartera_open_amount = max(left, 0)

    def _cartera_open_line(self):
        """Return the receivable items of the receipt of which something is left."""
        return self.move_id.line_ids.filtered(
            lambda line: (
                line.parent_state == "posted"
                and line.account_id.account_type == "asset_receivable"
                and not line.account_id.non_trade
                and not line.reconciled
            )
        )

    def _cartera_open_items(self, same_currency=True):
        """Return what the customer owes on the receipt's account, oldest due date first."""
        self.ensure_one()
        credit = self._cartera_open_line()
        if not credit:
            return credit
        domain = [
            ("parent_state", "=", "posted"),
            ("company_id", "=", self.company_id.id),
            ("account_id", "in", credit.account_id.ids),
            ("partner_id", "child_of", self.partner_id.commercial_partner_id.ids),
            ("reconciled", "=", False),
            ("amount_residual_currency", ">", 0),
        ]
        if same_currency:
            domain.append(("currency_id", "=", self.currency_id.id))
        return self.env["account.move.line"].search(domain, order="date_maturity, id")

    def action_cartera_apply(self):
        """Propose to which open items the receipt goes (button)."""
        self.ensure_one()
        self.check_access("read")
        if not self.cartera_open_amount:
            raise UserError(
                self.env._(
                    "Nothing is left of %(payment)s to apply.",
                    payment=self.display_name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Apply the Receipt"),
            "res_model": "cartera.receipt.apply",
            "view_mode": "form",
            "target": "new",
            "context": {"default_payment_id": self.id, "dialog_size": "large"},
        }

    def _cartera_apply(self, parts):
        """Reconcile the receipt with items in their order; only the last can be paid in part."""
        credit = self._cartera_open_line()[:1]
        plan = [credit | item for item, part in parts if part > 0]
        self.env["account.move.line"]._reconcile_plan(plan)
