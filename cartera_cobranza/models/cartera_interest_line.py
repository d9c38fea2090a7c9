from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..calc import money
from .implied_many2one import ImpliedMany2one, lighten

DROPPED = (
    "run_id",
    "customer_id",
    "partner_id",
    "move_line_id",
    "company_id",
    "policy_id",
    "fee_id",
    "origin_line_id",
    "move_id",
    "currency_id",
    "create_uid",
    "write_uid",
)
UNINDEXED = (
    "company_id",
    "customer_id",
    "partner_id",
    "policy_id",
    "move_line_id",
    "state",
)


class CarteraInterestLine(models.Model):
    """The charge on one receivable item in one run: proposed, then posted with its note, perhaps reversed.

    Made by a run only. The last day of the live lines of an item is its watermark: the next run goes on there.
    """

    _name = "cartera.interest.line"
    _description = "Interest Line"
    _inherit = ["cartera.interest.waiving", "cartera.interest.annex"]
    # who counted it, and when, stands on the run
    _log_access = False
    _order = "run_id desc, partner_id, date_maturity, move_line_id.id, date_from, id"

    run_id = ImpliedMany2one(
        "cartera.interest.run",
        string="Interest Run",
        required=True,
        index=True,
        readonly=True,
    )
    company_id = ImpliedMany2one("res.company", required=True, readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    run_state = fields.Selection(related="run_id.state", string="Run")
    customer_id = ImpliedMany2one("cartera.customer", required=True, readonly=True)
    partner_id = ImpliedMany2one(
        "res.partner",
        string="Customer Name",
        required=True,
        readonly=True,
    )
    policy_id = ImpliedMany2one("cartera.interest.policy", required=True, readonly=True)
    kind = fields.Selection(
        [
            ("interest", "Interest"),
            ("adjustment", "Correction"),
            ("fee", "Fee"),
            ("accrued", "Only counted"),
        ],
        required=True,
        readonly=True,
        help="Correction: a payment was dated back, reversed or undone after its days had been charged. Only counted: "
        "of a disputed or promised amount, not billed yet.",
    )
    fee_id = ImpliedMany2one(
        "cartera.interest.fee", readonly=True, index="btree_not_null"
    )
    origin_line_id = ImpliedMany2one(
        "cartera.interest.line",
        string="Corrects",
        readonly=True,
        index="btree_not_null",
    )
    move_line_id = ImpliedMany2one(
        "account.move.line",
        string="Item",
        required=True,
        readonly=True,
    )
    move_id = ImpliedMany2one(
        "account.move", string="Invoice", required=True, index=True, readonly=True
    )
    currency_id = ImpliedMany2one("res.currency", required=True, readonly=True)
    date_maturity = fields.Date(string="Due Date", readonly=True)
    date_from = fields.Date(
        string="From", required=True, readonly=True, help="First charged day."
    )
    charged_to = fields.Date(
        string="To", required=True, readonly=True, help="Last charged day."
    )
    watermark = fields.Date(
        string="Charged Before To",
        readonly=True,
        help="Last day charged before. Empty: this is the first charge of the item.",
    )
    days = fields.Integer(
        readonly=True, aggregator=None, help="By the day count of the policy."
    )
    balance = fields.Monetary(
        string="Bearing Balance",
        readonly=True,
        aggregator=None,
        help="Open balance that bore interest on the last charged day.",
    )
    amount = fields.Monetary(
        readonly=True,
        help="Interest in the item's currency, before anything is waived.",
    )
    amount_company = fields.Monetary(
        string="Interest",
        currency_field="company_currency_id",
        readonly=True,
        help="In company currency, at the rate of the notes' day.",
    )
    waived_amount = fields.Monetary(string="Waived", readonly=True)
    waived_company = fields.Monetary(
        string="Waived in Company Currency",
        currency_field="company_currency_id",
        readonly=True,
    )
    net_amount = fields.Monetary(
        string="To Bill",
        compute="_compute_net_amount",
        store=True,
        help="Interest less what is waived.",
    )
    net_company = fields.Monetary(
        string="To Bill in Company Currency",
        currency_field="company_currency_id",
        compute="_compute_net_company",
    )
    computed_amount = fields.Monetary(
        readonly=True, help="Rounded interest before any minimum or maximum."
    )
    excluded_balance = fields.Monetary(
        readonly=True, aggregator=None, help="Disputed or promised, not charged yet."
    )
    before_amount = fields.Monetary(
        string="Charged Before",
        readonly=True,
        aggregator=None,
        help="What was charged for the same days before a correction.",
    )
    note = fields.Selection(
        [
            ("maximum", "Cut to the maximum"),
            ("minimum", "Below the minimum"),
            ("suspended", "In part waived by the policy"),
        ],
        string="Remark",
        readonly=True,
    )
    manual = fields.Boolean(readonly=True)
    fingerprint = fields.Char(readonly=True)
    state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("posted", "Posted"),
            ("reversed", "Reversed"),
        ],
        required=True,
        readonly=True,
        default="proposed",
    )
    live = fields.Boolean(
        readonly=True, help="Posted and not reversed: it moves the watermark."
    )
    note_move_id = fields.Many2one(
        "account.move",
        string="Note",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    reversal_move_id = fields.Many2one(
        "account.move",
        string="Reversed By",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    segment_ids = fields.One2many(
        "cartera.interest.segment", "line_id", string="Arithmetic", readonly=True
    )
    waiver_ids = fields.One2many("cartera.interest.waiver", "line_id", readonly=True)
    explanation = fields.Text(compute="_compute_explanation", string="In Words")

    _live_unique = models.UniqueIndex(
        "(move_line_id, date_from) WHERE live AND kind = 'interest'",
        "The interest of these days has been charged already. Simulate the run again.",
    )
    _fee_unique = models.UniqueIndex(
        "(move_id, fee_id) WHERE live AND kind = 'fee' AND manual IS NOT TRUE",
        "This fee has been charged on the invoice already. Simulate the run again.",
    )
    # the watermark of each item is read by every run
    _watermark = models.Index("(move_line_id, charged_to) WHERE live")
    _customer_live = models.Index("(customer_id) WHERE live")

    def init(self):
        """Rows are made by the hundred thousand: no more keys and indexes than are used."""
        lighten(self, DROPPED, UNINDEXED)

    @api.depends("amount", "waived_amount")
    def _compute_net_amount(self):
        for line in self:
            line.net_amount = line.amount - line.waived_amount

    @api.depends("amount_company", "waived_company")
    def _compute_net_company(self):
        for line in self:
            line.net_company = line.amount_company - line.waived_company

    @api.depends("move_id", "date_from", "charged_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for line in self:
            line.display_name = self.env._(
                "%(invoice)s, %(start)s to %(end)s",
                invoice=line.move_id.name or line.move_line_id.name or "",
                start=format_date(self.env, line.date_from),
                end=format_date(self.env, line.charged_to),
            )

    @api.depends("segment_ids")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for line in self:
            line.explanation = line._explain()

    def _explain(self):
        """Return the arithmetic as text, one row for each segment."""
        self.ensure_one()
        rows = [
            f"{format_date(self.env, part.date_from)} – {format_date(self.env, part.date_to)}: {part.formula}"
            for part in self.segment_ids
        ]
        if self.kind == "fee":
            rows = [self.fee_id.name]
        amount = self.currency_id.format
        if self.kind == "adjustment":
            rows.append(
                self.env._(
                    "Right: %(right)s; charged before: %(before)s; correction: %(amount)s",
                    right=amount(self.computed_amount),
                    before=amount(self.before_amount),
                    amount=amount(self.amount),
                )
            )
        elif self.note == "maximum":
            rows.append(
                self.env._(
                    "Counted: %(counted)s, cut to %(amount)s by the maximum.",
                    counted=amount(self.computed_amount),
                    amount=amount(self.amount),
                )
            )
        if self.waived_amount:
            rows.append(
                self.env._(
                    "Waived: %(waived)s; to bill: %(net)s",
                    waived=amount(self.waived_amount),
                    net=amount(self.net_amount),
                )
            )
        return "\n".join(rows)

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(
            self.env._("Interest lines are made by a run. Simulate it again.")
        )

    def write(self, vals):
        if not self.run_id._internal():
            raise UserError(
                self.env._(
                    "Interest lines are changed by the buttons of their run only; posted ones are history."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "Interest lines cannot be deleted: waive them, or simulate the run again."
            )
        )

    def _frozen_terms(self):
        return self.run_id._frozen(self.policy_id)

    def _company_amount(self, amount):
        """Return a part of the line's amount in company currency, by the line's own rate."""
        self.ensure_one()
        amount = money.to_decimal(amount)
        if self.currency_id == self.company_currency_id or not self.amount:
            return amount
        share = money.to_decimal(self.amount_company) * amount
        return money.round_money(
            share / money.to_decimal(self.amount),
            money.to_decimal(self.company_currency_id.rounding),
        )

    def action_reverse(self):
        """Reverse posted lines, those of a list or one."""
        for run, lines in self.grouped("run_id").items():
            run.action_reverse(lines.ids)
        return True

    def action_open_move(self):
        self.ensure_one()
        return self.move_id.get_formview_action()

    def action_open_note(self):
        self.ensure_one()
        return self.note_move_id.get_formview_action()
