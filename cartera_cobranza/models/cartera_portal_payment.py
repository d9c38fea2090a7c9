from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

PAYABLE_STATES = ("not_paid", "partial")


class Choice(NamedTuple):
    """What a customer wants to pay in one go: instalments of own invoices, of one company and currency."""

    lines: models.BaseModel
    moves: models.BaseModel
    company: models.BaseModel
    currency: models.BaseModel
    total: float


class CarteraPortalPayment(models.AbstractModel):
    """What a customer may pay on the portal, and whether a choice of it can be paid in one go.

    Nothing is paid here: the amount goes to Odoo's own payment form, or is shown with the bank's instructions.
    """

    _name = "cartera.portal.payment"
    _description = "Payment of Several Invoices on the Portal"

    @api.model
    def _open_lines(self, entity, companies):
        """Return the open instalments of a customer's own invoices, as superuser; two queries."""
        return (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("parent_state", "=", "posted"),
                    ("move_id.move_type", "=", "out_invoice"),
                    ("move_id.commercial_partner_id", "=", entity.id),
                    ("company_id", "in", companies.ids),
                    ("display_type", "=", "payment_term"),
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("account_id.non_trade", "=", False),
                    ("reconciled", "=", False),
                    ("amount_residual_currency", ">", 0),
                ],
                order="date_maturity, id",
            )
        )

    @api.model
    def _payable_groups(self, entity, companies):
        """Return [(key, lines)]: what can be paid together; of one company, currency and ledger account."""
        lines = self._open_lines(entity, companies)
        busy = self._under_way(lines.move_id)
        lines = lines.filtered(
            lambda line: (
                line.move_id.payment_state in PAYABLE_STATES
                and line.move_id not in busy
            )
        )
        return sorted(
            lines.grouped(
                lambda line: (
                    line.company_id.id,
                    line.currency_id.id,
                    line.account_id.id,
                )
            ).items()
        )

    @api.model
    def _under_way(self, moves):
        """Return the invoices for which an online payment is being processed. A hook: nothing here."""
        return moves.browse()

    @api.model
    def _choose(self, ids, entity, companies):
        """Return the ``Choice`` of these journal items, checked.

        :raise UserError: says which document cannot be paid so, and what to do
        """
        if not ids:
            raise UserError(self.env._("Choose at least one invoice."))
        lines = self.env["account.move.line"].sudo().browse(sorted(set(ids))).exists()
        own = lines.filtered(
            lambda line: (
                line.move_id.commercial_partner_id == entity
                and line.company_id in companies
                and line.move_id.move_type == "out_invoice"
                and line.display_type == "payment_term"
                and not line.account_id.non_trade
            )
        )
        if len(own) != len(set(ids)):
            raise UserError(
                self.env._(
                    "One of the documents is not an invoice of yours, or is no longer there. Choose again."
                )
            )
        for line in own:
            self._check_open(line)
        if len(own.company_id) > 1:
            raise UserError(
                self.env._(
                    "The invoices are of different companies (%s). Pay those of each company on their own.",
                    ", ".join(own.company_id.sorted("name").mapped("name")),
                )
            )
        if len(own.currency_id) > 1:
            raise UserError(
                self.env._(
                    "The invoices are in different currencies (%s). Pay those of each currency on their own.",
                    ", ".join(own.currency_id.sorted("name").mapped("name")),
                )
            )
        if len(own.account_id) > 1:
            raise UserError(
                self.env._(
                    "%(documents)s are kept apart in our books. Pay them one by one.",
                    documents=", ".join(own.move_id.mapped("name")),
                )
            )
        self._check_order(own)
        own = own.sorted(lambda line: (line.date_maturity, line.id))
        currency = own.currency_id
        return Choice(
            lines=own,
            moves=own.move_id,
            company=own.company_id,
            currency=currency,
            total=currency.round(sum(own.mapped("amount_residual_currency"))),
        )

    @api.model
    def _check_open(self, line):
        move = line.move_id
        if move.state != "posted":
            raise UserError(
                self.env._(
                    "%s is not valid at the moment. Choose again.", move.name or ""
                )
            )
        if line.reconciled or line.currency_id.is_zero(line.amount_residual_currency):
            raise UserError(
                self.env._("%s is paid already. Choose again without it.", move.name)
            )
        if move.payment_state == "in_payment" or self._under_way(move):
            raise UserError(
                self.env._(
                    "A payment of %s is being processed: please do not pay it twice. Choose again without it.",
                    move.name,
                )
            )
        if move.payment_state not in PAYABLE_STATES:
            raise UserError(
                self.env._(
                    "%s cannot be paid here. Write to us, or choose again without it.",
                    move.name,
                )
            )

    @api.model
    def _check_order(self, chosen):
        """A payment is applied to what is due first of the invoices it is for: what is left out must come later."""
        last = max(chosen.mapped("date_maturity"))
        left_out = (
            chosen.move_id.line_ids.filtered(
                lambda line: (
                    line.display_type == "payment_term"
                    and not line.reconciled
                    and line.account_id == chosen.account_id
                )
            )
            - chosen
        )
        earlier = left_out.filtered(lambda line: line.date_maturity <= last)
        if earlier:
            line = earlier.sorted(lambda one: (one.date_maturity, one.id))[0]
            raise UserError(
                self.env._(
                    "A payment goes to what is due first: the instalment of %(document)s due on %(day)s comes before. "
                    "Choose it too, or pay the others on their own.",
                    document=line.move_id.name,
                    day=format_date(self.env, line.date_maturity),
                )
            )
