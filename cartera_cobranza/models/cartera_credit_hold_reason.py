from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from ..calc import gate


class CarteraCreditHoldReason(models.Model):
    """One of the reasons for which a document is held: what was measured, and who released it."""

    _name = "cartera.credit.hold.reason"
    _description = "Reason of a Credit Hold"
    _order = "hold_id, id"

    hold_id = fields.Many2one(
        "cartera.credit.hold",
        string="Credit Hold",
        required=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        related="hold_id.company_id", store=True, index=True, precompute=True
    )
    rule_id = fields.Many2one(
        "cartera.credit.rule", ondelete="set null", index="btree_not_null"
    )
    code = fields.Char(
        required=True, index=True, help="The condition that stopped the document."
    )
    kind = fields.Selection(
        [("limit", "Credit line"), ("overdue", "Overdue"), ("other", "Other")],
        required=True,
    )
    currency_id = fields.Many2one("res.currency", required=True)
    measured = fields.Float(
        digits=(16, 4), help="What was found: an amount, days or a percentage."
    )
    threshold = fields.Float(digits=(16, 4), help="What is allowed.")
    cleared = fields.Boolean(help="It no longer applied at the last check.")
    cleared_at = fields.Datetime()
    release_reason_id = fields.Many2one("cartera.release.reason", ondelete="restrict")
    released_by = fields.Many2one("res.users", ondelete="restrict")
    released_at = fields.Datetime()
    is_open = fields.Boolean(compute="_compute_is_open", store=True, precompute=True)
    description = fields.Char(compute="_compute_description")

    @api.depends("cleared", "released_by")
    def _compute_is_open(self):
        for reason in self:
            reason.is_open = not reason.cleared and not reason.released_by

    @api.depends("code", "measured", "threshold", "currency_id")
    @api.depends_context("lang")
    def _compute_description(self):
        for reason in self:
            reason.description = reason._describe(
                reason.code,
                reason.measured,
                reason.threshold,
                reason.currency_id,
                reason.hold_id.snapshot or {},
            )

    @api.model
    def _text(self, reason, company, snapshot=None):
        """Return a ``calc.gate.Reason`` in the user's language."""
        currency = (
            self.env["res.currency"].browse(reason.currency)
            if reason.currency
            else company.currency_id
        )
        return self._describe(
            reason.code,
            float(reason.measured),
            float(reason.threshold),
            currency,
            snapshot or {},
        )

    @api.model
    def _describe(self, code, measured, threshold, currency, snapshot):
        def amount(value):
            return format_amount(self.env, value, currency)

        if code == "over_limit" and not threshold:
            return self.env._(
                "would owe %(after)s with no limit in force", after=amount(measured)
            )
        if code == "over_limit":
            return self.env._(
                "over the line by %(excess)s (%(after)s of %(limit)s)",
                excess=amount(measured - threshold),
                after=amount(measured),
                limit=amount(threshold),
            )
        if code == "percent_used":
            if measured == float("inf") or measured > 999999:
                return self.env._("has no limit, and owes")
            return self.env._(
                "%(used).1f %% of the line used (up to %(allowed).1f %%)",
                used=measured,
                allowed=threshold,
            )
        if code == "overdue_days":
            return self.env._(
                "overdue for %(days)d days (up to %(allowed)d), %(amount)s overdue",
                days=measured,
                allowed=threshold,
                amount=amount(snapshot.get("overdue_amount") or 0),
            )
        if code == "overdue_amount":
            return self.env._(
                "%(overdue)s overdue (up to %(allowed)s)",
                overdue=amount(measured),
                allowed=amount(threshold),
            )
        if code == "no_line":
            return self.env._("no approved credit line; buys paid in advance")
        if code == "line_expired":
            return self.env._(
                "the credit line expired %(days)d days ago", days=measured
            )
        if code == "suspended":
            return self.env._("the credit is suspended")
        if code == "order_amount":
            return self.env._(
                "a document of %(amount)s (up to %(allowed)s)",
                amount=amount(measured),
                allowed=amount(threshold),
            )
        if code == "broken_promise":
            return self.env._(
                "%(amount)s of promises that were not kept (up to %(allowed)s)",
                amount=amount(measured),
                allowed=amount(threshold),
            )
        if code == "unapproved":
            return self.env._("the customer has not been approved yet")
        if code == "prepaid_unpaid":
            return self.env._(
                "sold in advance: %(paid)s of %(needed)s paid, %(missing)s to come",
                paid=amount(threshold),
                needed=amount(measured),
                missing=amount(measured - threshold),
            )
        if code == "forced":
            return self.env._("held by hand")
        labels = self.env["cartera.credit.rule"]._condition_labels()
        return labels.get(code, code)

    @api.model
    def _prepare_vals(self, reason, company):
        """Return the values of a record for a ``calc.gate.Reason``."""
        measured = reason.measured if reason.measured.is_finite() else 1000000
        return {
            "rule_id": reason.rule_id or False,
            "code": reason.code,
            "kind": reason.kind,
            "currency_id": reason.currency or company.currency_id.id,
            "measured": float(measured),
            "threshold": float(reason.threshold),
        }

    @api.model
    def _forced_reason(self):
        return gate.Reason(0, "forced", "other", gate.ZERO, gate.ZERO)

    def write(self, vals):
        for reason in self:
            if reason.hold_id.state in reason.hold_id._closed_states():
                raise UserError(
                    self.env._(
                        "The reasons of a closed hold are history and cannot be changed."
                    )
                )
            if reason.released_by and {
                "released_by",
                "release_reason_id",
                "released_at",
            } & set(vals):
                raise UserError(self.env._("A release cannot be changed afterwards."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("The reasons of a hold are history and cannot be deleted.")
        )
