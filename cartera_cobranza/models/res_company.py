import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import ormcache

from odoo.addons.base.models.ir_actions_report import _wkhtml

BARE_MARGIN = 12  # mm
SETTINGS = (
    "cartera_gate",
    "cartera_default_mode",
    "cartera_default_amount",
    "cartera_auto_release",
    "cartera_confirm_on_release",
    "cartera_count_held",
    "cartera_horizon_days",
    "cartera_invoice_gate",
    "cartera_net_unapplied",
    "cartera_count_drafts",
    "cartera_review_days",
    "cartera_credit_user_id",
)


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "cartera.typed"]

    cartera_gate = fields.Selection(
        [("off", "Off"), ("warn", "Warn only"), ("block", "Hold")],
        string="Credit Gate",
        default="off",
        required=True,
        help="Off: orders are not checked. Warn: they are confirmed and a warning is noted. Hold: an order that "
        "fails stays unconfirmed until it is released or its reasons clear.",
    )
    cartera_default_mode = fields.Selection(
        [
            ("none", "No credit"),
            ("amount", "Up to an amount"),
            ("unlimited", "Unlimited"),
        ],
        string="Customers Without a Line",
        default="none",
        required=True,
        help="What customers without a credit line may owe. It counts only while the gate is on.",
    )
    cartera_default_amount = fields.Monetary(
        string="Default Limit",
        help="For customers without a line, when they have credit up to an amount.",
    )
    cartera_auto_release = fields.Boolean(
        string="Release What Has Cleared",
        default=True,
        help="A hold whose reasons have all cleared, and that was not made by hand, is released and its order "
        "confirmed by itself. Otherwise it becomes ready, and a person releases it.",
    )
    cartera_confirm_on_release = fields.Boolean(
        string="Confirm on Release",
        default=True,
        help="An order is confirmed (an invoice posted) as soon as its last reason is released.",
    )
    cartera_count_held = fields.Boolean(
        string="Count Held Orders",
        help="Held orders take up the line when a new document is checked. Otherwise they are shown beside it.",
    )
    cartera_horizon_days = fields.Integer(
        string="Horizon",
        help="Orders that ship later than this many days from today do not count yet. Zero counts all of them.",
    )
    cartera_invoice_gate = fields.Boolean(
        string="Check Direct Invoices",
        help="Invoices without an order are checked when they are posted. Invoices of ordered or delivered goods "
        "never are, nor credit and debit notes.",
    )
    cartera_net_unapplied = fields.Boolean(
        string="Deduct Money on Account",
        default=True,
        help="Payments and credit notes that are not applied yet lower the exposure and the overdue amount.",
    )
    cartera_count_drafts = fields.Boolean(
        string="Count Draft Invoices",
        help="Draft invoices that do not come from orders take up the line.",
    )
    cartera_review_days = fields.Integer(
        string="Release Valid For",
        default=7,
        help="Days that a release counts when no review date is given.",
    )
    cartera_credit_user_id = fields.Many2one(
        "res.users",
        string="Credit Executive",
        domain="[('share', '=', False)]",
        help="Gets the activity of a held order when its customer has no credit executive.",
    )

    # Promises
    cartera_promise_tolerance_days = fields.Integer(
        string="Tolerated Days",
        default=2,
        help="Days after the promised date on which a payment still keeps the promise.",
    )
    cartera_promise_tolerance_amount = fields.Monetary(
        string="Tolerated Amount",
        help="What may be missing of each promised instalment, in company currency.",
    )
    cartera_promise_max_days = fields.Integer(
        string="Longest Promise",
        default=30,
        help="Promises for a later day need a supervisor. Zero does not restrict.",
    )
    cartera_promise_freeze_days = fields.Integer(
        string="Final After",
        default=30,
        help="Days after the end of a promise from which payments that are taken back no longer change its result.",
    )
    cartera_promise_fifo = fields.Boolean(
        string="Count Money on Account",
        help="Payments that are not applied yet count for the open promises of their customer, by date.",
    )

    _cartera_promise_not_negative = models.Constraint(
        "CHECK(COALESCE(cartera_promise_tolerance_days, 0) >= 0 AND COALESCE(cartera_promise_tolerance_amount, 0) >= 0"
        " AND COALESCE(cartera_promise_max_days, 0) >= 0 AND COALESCE(cartera_promise_freeze_days, 0) >= 0)",
        "Days and tolerances of promises cannot be negative. Enter zero or more.",
    )
    # Collection
    cartera_collection_user_id = fields.Many2one(
        "res.users",
        string="Collector",
        domain="[('share', '=', False)]",
        help="Works the cases of customers without a collector.",
    )
    cartera_operations_user_id = fields.Many2one(
        "res.users",
        string="Operations",
        domain="[('share', '=', False)]",
        help="Is asked first when a customer does not pay; gets copies of reminders where a step says so.",
    )
    cartera_sales_manager_id = fields.Many2one(
        "res.users",
        string="Sales Manager",
        domain="[('share', '=', False)]",
        help="Gets copies of reminders, and is asked when operations could not help.",
    )
    cartera_management_user_id = fields.Many2one(
        "res.users",
        string="Management",
        domain="[('share', '=', False)]",
        help="Decides before a case goes to the lawyer.",
    )
    cartera_legal_partner_id = fields.Many2one(
        "res.partner",
        string="Lawyer",
        help="Gets the file of cases that are handed over.",
    )
    cartera_payment_instructions = fields.Html(
        string="How to Pay",
        translate=True,
        help="Bank, account and reference as customers need them; part of every reminder.",
    )
    cartera_reply_pause_days = fields.Integer(
        string="Pause After an Answer",
        default=5,
        help="Days for which the plan leaves a customer alone after an answer.",
    )
    cartera_due_soon_days = fields.Integer(
        string="Due Soon",
        default=7,
        help="Alerts tell of items that come due within this many days.",
    )
    cartera_silent_days = fields.Integer(
        string="No Answer After",
        default=10,
        help="A customer is listed as silent when neither an answer nor a payment came within this many days of "
        "the last contact.",
    )

    cartera_alerts_served = fields.Date(
        readonly=True,
        copy=False,
        help="The last day whose alerts have been sent; the next run makes up for the days since.",
    )

    _cartera_collection_days = models.Constraint(
        "CHECK(COALESCE(cartera_reply_pause_days, 0) >= 0 AND COALESCE(cartera_due_soon_days, 0) >= 0"
        " AND COALESCE(cartera_silent_days, 0) >= 0)",
        "Days cannot be negative. Enter zero or more.",
    )
    # Notes
    cartera_note_reasons = fields.Boolean(
        string="Reasons on Customer Notes",
        help="Every credit and debit note of a customer needs a reason before it is posted.",
    )
    cartera_note_reasons_supplier = fields.Boolean(
        string="Reasons on Supplier Notes",
        help="Every credit and debit note of a supplier, such as a carrier's charges, needs a reason before it is "
        "posted.",
    )
    cartera_note_period_required = fields.Boolean(
        string="Notes Need a Commercial Period",
        help="A note whose date is in no commercial period cannot be posted.",
    )
    cartera_note_credit_reason_id = fields.Many2one(
        "cartera.note.reason",
        string="Reason of Automatic Credit Notes",
        domain="[('direction', '=', 'credit')]",
        help="For credit notes that no person makes: reversals by jobs and by other apps.",
    )
    cartera_note_debit_reason_id = fields.Many2one(
        "cartera.note.reason",
        string="Reason of Automatic Debit Notes",
        domain="[('direction', '=', 'debit')]",
        help="For debit notes that no person makes: credit notes taken back by jobs and by other apps.",
    )

    _cartera_not_negative = models.Constraint(
        "CHECK(COALESCE(cartera_default_amount, 0) >= 0 AND COALESCE(cartera_horizon_days, 0) >= 0"
        " AND COALESCE(cartera_review_days, 0) >= 0)",
        "The default limit, the horizon and the days of a release cannot be negative. Enter zero or more.",
    )

    @api.model
    def _typed_minimums(self):
        return {
            **super()._typed_minimums(),
            "cartera_promise_tolerance_days": 0,
            "cartera_promise_tolerance_amount": 0,
            "cartera_promise_max_days": 0,
            "cartera_promise_freeze_days": 0,
            "cartera_reply_pause_days": 0,
            "cartera_due_soon_days": 0,
            "cartera_silent_days": 0,
            "cartera_default_amount": 0,
            "cartera_horizon_days": 0,
            "cartera_review_days": 0,
        }

    def _cartera_lang(self):
        """Return the language in which the company's people read what jobs and incoming mail write down."""
        self.ensure_one()
        return self.sudo().partner_id.lang or self.env.lang

    def _cartera_today(self):
        """Return today's date in the company's time zone."""
        return self._cartera_day(fields.Datetime.now())

    def _cartera_day(self, moment):
        """Return the date that ``moment`` (UTC, without a zone) falls on in the company's time zone."""
        self.ensure_one()
        name = (
            self._cartera_timezone()
            or self.env.context.get("tz")
            or self.env["res.users"].context_get().get("tz")
            or "UTC"
        )
        zone = pytz.timezone(name) if name in pytz.all_timezones_set else pytz.utc
        return pytz.utc.localize(moment).astimezone(zone).date()

    def _cartera_promise_tolerance(self, currency, day):
        """Return what may be missing of a promised instalment, in ``currency`` at the rate of ``day``."""
        self.ensure_one()
        amount = self.cartera_promise_tolerance_amount
        if not amount or currency == self.currency_id:
            return amount
        rate = self.env["cartera.money"]._rates(self, day).get(currency.id)
        if not rate:
            raise UserError(
                self.env["cartera.money"]._missing_rate_message(currency, self, day)
            )
        return currency.round(amount * float(rate))

    @ormcache("self.id")
    def _cartera_timezone(self):
        """Return the name of the company's time zone; every check asks for it, and it hardly ever changes."""
        return self.sudo().partner_id.tz or False

    def write(self, vals):
        result = super().write(vals)
        if "partner_id" in vals:
            self.env.registry.clear_cache()
        if set(SETTINGS) & set(vals):
            for company in self:
                self.env["cartera.credit.hold"].sudo()._trigger_company_recheck(company)
        return result

    def _cartera_report_margin(self):
        """Return the top margin of our papers in mm where the PDF engine prints no headers, else None.

        The paper format leaves room for a header; without one the first page would start with a gap.
        """
        return None if _wkhtml().is_patched_qt else BARE_MARGIN
