from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    cartera_gate = fields.Selection(related="company_id.cartera_gate", readonly=False)
    cartera_default_mode = fields.Selection(
        related="company_id.cartera_default_mode", readonly=False
    )
    cartera_default_amount = fields.Monetary(
        related="company_id.cartera_default_amount",
        readonly=False,
        currency_field="company_currency_id",
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    cartera_auto_release = fields.Boolean(
        related="company_id.cartera_auto_release", readonly=False
    )
    cartera_confirm_on_release = fields.Boolean(
        related="company_id.cartera_confirm_on_release", readonly=False
    )
    cartera_count_held = fields.Boolean(
        related="company_id.cartera_count_held", readonly=False
    )
    cartera_horizon_days = fields.Integer(
        related="company_id.cartera_horizon_days", readonly=False
    )
    cartera_invoice_gate = fields.Boolean(
        related="company_id.cartera_invoice_gate", readonly=False
    )
    cartera_net_unapplied = fields.Boolean(
        related="company_id.cartera_net_unapplied", readonly=False
    )
    cartera_count_drafts = fields.Boolean(
        related="company_id.cartera_count_drafts", readonly=False
    )
    cartera_review_days = fields.Integer(
        related="company_id.cartera_review_days", readonly=False
    )
    cartera_credit_user_id = fields.Many2one(
        related="company_id.cartera_credit_user_id", readonly=False
    )
    cartera_promise_tolerance_days = fields.Integer(
        related="company_id.cartera_promise_tolerance_days", readonly=False
    )
    cartera_promise_tolerance_amount = fields.Monetary(
        related="company_id.cartera_promise_tolerance_amount",
        readonly=False,
        currency_field="company_currency_id",
    )
    cartera_promise_max_days = fields.Integer(
        related="company_id.cartera_promise_max_days", readonly=False
    )
    cartera_promise_freeze_days = fields.Integer(
        related="company_id.cartera_promise_freeze_days", readonly=False
    )
    cartera_promise_fifo = fields.Boolean(
        related="company_id.cartera_promise_fifo", readonly=False
    )
    cartera_note_reasons = fields.Boolean(
        related="company_id.cartera_note_reasons", readonly=False
    )
    cartera_note_reasons_supplier = fields.Boolean(
        related="company_id.cartera_note_reasons_supplier", readonly=False
    )
    cartera_note_period_required = fields.Boolean(
        related="company_id.cartera_note_period_required", readonly=False
    )
    cartera_note_credit_reason_id = fields.Many2one(
        related="company_id.cartera_note_credit_reason_id", readonly=False
    )
    cartera_note_debit_reason_id = fields.Many2one(
        related="company_id.cartera_note_debit_reason_id", readonly=False
    )
    cartera_collection_user_id = fields.Many2one(
        related="company_id.cartera_collection_user_id", readonly=False
    )
    cartera_operations_user_id = fields.Many2one(
        related="company_id.cartera_operations_user_id", readonly=False
    )
    cartera_sales_manager_id = fields.Many2one(
        related="company_id.cartera_sales_manager_id", readonly=False
    )
    cartera_management_user_id = fields.Many2one(
        related="company_id.cartera_management_user_id", readonly=False
    )
    cartera_legal_partner_id = fields.Many2one(
        related="company_id.cartera_legal_partner_id", readonly=False
    )
    cartera_payment_instructions = fields.Html(
        related="company_id.cartera_payment_instructions", readonly=False
    )
    cartera_reply_pause_days = fields.Integer(
        related="company_id.cartera_reply_pause_days", readonly=False
    )
    cartera_due_soon_days = fields.Integer(
        related="company_id.cartera_due_soon_days", readonly=False
    )
    cartera_silent_days = fields.Integer(
        related="company_id.cartera_silent_days", readonly=False
    cartera_points_account_id = fields.Many2one(
        related="company_id.cartera_points_account_id", readonly=False
    )
    cartera_commission_account_id = fields.Many2one(
        related="company_id.cartera_commission_account_id", readonly=False
    )
