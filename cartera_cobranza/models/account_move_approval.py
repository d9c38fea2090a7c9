from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """A customer that nobody has approved is not invoiced on credit."""

    _inherit = "account.move"

    def write(self, vals):
        if vals.get("state") == "posted":
            self._check_customers_approved()
        return super().write(vals)

    def _check_customers_approved(self):
        """Refuse invoices on credit of customers who are not approved.

        :raise UserError: naming each invoice, its customer and its terms
        """
        gated = self.sudo().filtered(
            lambda move: move.state == "draft"
            and move.company_id.cartera_customer_approval
            and move._approval_is_needed()
        )
        for company, moves in gated.grouped("company_id").items():
            unapproved = self.env["cartera.customer"]._unapproved_among(
                company, moves.commercial_partner_id.ids
            )
            refused = moves.filtered(
                lambda move, those=unapproved: move.commercial_partner_id.id in those
            )
            if refused:
                raise UserError("\n".join(move._approval_refusal() for move in refused))

    def _approval_is_needed(self):
        """Whether this is an invoice to a customer that is not due at once; not notes, nor prepaid ones."""
        self.ensure_one()
        if (
            self.move_type != "out_invoice"
            or self.debit_origin_id
            or self.note_reason_id
            or self.invoice_payment_term_id.cartera_prepaid
            or self.currency_id.is_zero(self.amount_total)
        ):
            return False
        day = self.invoice_date or self.company_id._cartera_today()
        due = [
            line.date_maturity
            for line in self.line_ids
            if line.display_type == "payment_term" and line.date_maturity
        ]
        return any(one > day for one in due)

    def _approval_refusal(self):
        return self.env._(
            "%(invoice)s cannot be posted on credit (%(terms)s): %(customer)s has not been approved as a customer of "
            "%(company)s. Give it terms that are paid in advance or at once, or have the customer approved by a "
            "customer request.",
            invoice=self._credit_name(),
            terms=self.invoice_payment_term_id.name
            or self.env._("due %s", self.invoice_date_due),
            customer=self.commercial_partner_id.display_name,
            company=self.company_id.name,
        )

    def _get_alerts(self):
        alerts = super()._get_alerts()
        if (
            self.state == "draft"
            and self.partner_id
            and self.company_id.sudo().cartera_customer_approval
            and self.sudo()._approval_is_needed()
            and self.env["cartera.customer"]._unapproved_among(
                self.company_id, self.commercial_partner_id.ids
            )
        ):
            alerts["cartera_unapproved"] = {
                "level": "warning",
                "message": self.env._(
                    "%s has not been approved as a customer yet: it can be invoiced in advance or for cash only.",
                    self.commercial_partner_id.display_name,
                ),
            }
        return alerts
