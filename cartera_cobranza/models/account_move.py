from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "cartera.credit.document"]

    credit_hold_ids = fields.One2many(
        "cartera.credit.hold",
        "res_id",
        string="Credit Holds",
        domain=[("res_model", "=", "account.move")],
        readonly=True,
        copy=False,
    )
    credit_state = fields.Selection(
        [
            ("none", "No hold"),
            ("held", "Held by credit"),
            ("ready", "Ready to release"),
            ("released", "Released"),
            ("rejected", "Rejected"),
        ],
        string="Credit",
        compute="_compute_credit_state",
        compute_sudo=True,
        help="Follows the last hold of the invoice.",
    )

    @api.depends("credit_hold_ids.state")
    def _compute_credit_state(self):
        for move in self:
            last = move.credit_hold_ids.sorted("id")[-1:]
            move.credit_state = (
                last.state if last and last.state != "cancelled" else "none"
            )

    def _get_alerts(self):
        alerts = super()._get_alerts()
        hold = (
            self.sudo()
            .credit_hold_ids.filtered(lambda one: one.state in ("held", "ready"))
            .sorted("id")[-1:]
        )
        if not hold:
            return alerts
        if hold.state == "ready":
            message = self.env._(
                "The reasons for which credit held this document have cleared: it can be released."
            )
        else:
            message = self.env._("Held by credit: %s", hold.reason_text)
        alerts["cartera_credit_hold"] = {"level": "danger", "message": message}
        if self.env.user.has_group("cartera_cobranza.group_viewer"):
            alerts["cartera_credit_hold"].update(
                action_text=self.env._("Open the hold"),
                action={
                    "type": "ir.actions.act_window",
                    "res_model": "cartera.credit.hold",
                    "res_id": hold.id,
                    "views": [(False, "form")],
                },
            )
        return alerts

    # The gate on direct invoices

    def _credit_is_gated(self):
        """Whether posting this document passes the gate: a direct customer invoice, and nothing else.

        Credit notes, debit notes, interest, receipts and entries never are; invoices of ordered or
        delivered goods are left out by the sale addon.
        """
        self.ensure_one()
        return (
            self.move_type == "out_invoice"
            and self.state == "draft"
            and not self.debit_origin_id
            and self.company_id.sudo().cartera_invoice_gate
        )

    def _post(self, soft=True):
        gated = self.filtered(lambda move: move._credit_is_gated())
        if not gated:
            posted = super()._post(soft=soft)
            posted._credit_touch()
            return posted
        today = {company: company._cartera_today() for company in gated.company_id}
        now = gated.filtered(
            lambda move: not soft or move.date <= today[move.company_id]
        )
        decisions = (
            self.env["cartera.customer"].sudo()._check_credit_batch(now, "invoice")
        )
        held = now.filtered(lambda move: not decisions[move.id].passes)
        rest = self - held
        if not rest:
            return self.browse()
        posted = super(AccountMove, rest)._post(soft=soft)
        posted._credit_touch()
        return posted

    def button_draft(self):
        self._credit_touch()
        return super().button_draft()

    def _credit_touch(self):
        """Tell that what these entries' customers owe has changed."""
        for company, moves in self.sudo().grouped("company_id").items():
            lines = moves.line_ids.filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
                and line.partner_id
            )
            if lines:
                partners = lines.partner_id.commercial_partner_id
                self.env["cartera.customer"]._touch(partners.ids, company, recheck=True)

    def action_post(self):
        result = super().action_post()
        held = self.filtered(
            lambda move: move.state == "draft"
            and move.credit_state in ("held", "ready")
        )
        if not held or (isinstance(result, dict) and result):
            return result
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("Pending credit approval"),
                "message": "\n".join(
                    f"{move.display_name}: {move.sudo().credit_hold_ids.sorted('id')[-1:].reason_text}"
                    for move in held
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.context.get("default_state") == "posted":
            # Odoo refuses the value, and would take the default
            raise UserError(
                self.env._("An entry starts as a draft; confirm it with its button.")
            )
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("state") == "posted":
            self._check_gate_passed()
        elif vals.get("state") == "cancel":
            self.sudo().credit_hold_ids._cancel_for(
                self.env._("The invoice was cancelled.")
            )
        result = super().write(vals)
        if vals.get("state") == "draft":
            self.filtered(
                lambda move: move.move_type == "out_invoice"
            )._credit_hold_again()
        return result

    def _check_gate_passed(self):
        gated = self.filtered(
            lambda one: one._credit_is_gated()
            and one.company_id.sudo().cartera_gate == "block"
        )
        for move in gated - self.env["cartera.customer"]._take_tokens(gated, "invoice"):
            raise UserError(
                self.env._(
                    "%(invoice)s has not passed the credit check. Confirm it with its button.",
                    invoice=move.display_name,
                )
            )

    def unlink(self):
        self.sudo().credit_hold_ids._cancel_for(self.env._("The invoice was deleted."))
        return super().unlink()

    # What the gate asks

    def _credit_name(self):
        """A draft has no number yet, so that its reference or its id tells it apart."""
        if self.name and self.name != "/":
            return self.name
        return f"{self.display_name} {self.ref or f'#{self.id}'}"

    def _credit_partner(self):
        return self.partner_id.commercial_partner_id

    def _credit_amount(self, checkpoint):
        return self._credit_total() if self.move_type == "out_invoice" else 0.0

    def _credit_total(self):
        """What its items will ask for; the stored total is only as good as who wrote it last."""
        items = self.line_ids.filtered(lambda line: line.display_type == "payment_term")
        return self.currency_id.round(abs(sum(items.mapped("amount_currency"))))

    def _credit_is_exempt(self, checkpoint):
        return (
            self.invoice_payment_term_id.cartera_prepaid
            or super()._credit_is_exempt(checkpoint)
        )

    def _credit_salesperson(self):
        return self.invoice_user_id

    def _credit_promised_date(self):
        return self.invoice_date

    def _credit_can_be_held(self):
        return self.state == "draft" and self.move_type == "out_invoice"

    def _credit_open_checkpoint(self):
        return "invoice"

    def _credit_let_go(self):
        """Post the invoice with the rights of the release: the releaser need not be an accountant."""
        self.sudo().with_company(self.company_id)._post(soft=False)

    def _credit_reject(self, reason):
        self.sudo().button_cancel()

    # Odoo's own credit warning tells our position

    def _build_credit_warning_message(
        self, record, current_amount=0.0, exclude_current=False, exclude_amount=0.0
    ):
        company = record.company_id
        if company.sudo().cartera_gate == "off" or not record.partner_id:
            return super()._build_credit_warning_message(
                record, current_amount, exclude_current, exclude_amount
            )
        return (
            self.env["cartera.customer"]
            .sudo()
            ._warning_text(
                company,
                record.partner_id.commercial_partner_id,
                current_amount - exclude_amount,
            )
        )
