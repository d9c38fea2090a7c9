from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount, format_date

OPEN_STATES = ("open", "analysis", "accepted")
CLOSED_STATES = ("rejected", "resolved", "cancelled")
# What may still be written once the dispute is closed
FREE_FIELDS = frozenset(
    (
        "evidence_ids",
        "activity_ids",
        "message_follower_ids",
        "message_main_attachment_id",
    )
)
# What was disputed: entered once
CONTENT_FIELDS = frozenset(("move_id", "disputed_amount", "invoice_line_id"))


class CarteraDispute(models.Model):
    """An incident on an invoice or on a part of it: the customer does not agree.

    Made by a collector or by the customer in the portal, worked by the responsible area. While it is open its part
    of the invoice leaves the contact plan and interest. It ends rejected, cancelled, or resolved: by a credit note,
    by a payment, or by an explanation.
    """

    _name = "cartera.dispute"
    _description = "Dispute"
    _inherit = [
        "cartera.typed",
        "cartera.guarded",
        "mail.thread",
        "mail.activity.mixin",
        "cartera.dispute.answer",
        "cartera.dispute.ledger",
    ]
    _order = "deadline, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(default="/", readonly=True, copy=False, index="trigram")
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('move_type', 'in', ('out_invoice', 'out_receipt')), ('state', '=', 'posted'),"
        " ('payment_state', 'in', ('not_paid', 'partial'))]",
    )
    invoice_name = fields.Char(
        string="Invoice Number",
        compute="_compute_invoice",
        compute_sudo=True,
        store=True,
        precompute=True,
        index="trigram",
    )
    invoice_date = fields.Date(
        compute="_compute_invoice", compute_sudo=True, store=True, precompute=True
    )
    invoice_date_due = fields.Date(
        string="Due Date",
        compute="_compute_invoice",
        compute_sudo=True,
        store=True,
        precompute=True,
    )
    invoice_amount = fields.Monetary(
        string="Invoice Total",
        compute="_compute_invoice",
        compute_sudo=True,
        store=True,
        precompute=True,
    )
    customer_id = fields.Many2one(
        "cartera.customer",
        string="Credit Account",
        readonly=True,
        index=True,
        ondelete="restrict",
        copy=False,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_invoice",
        compute_sudo=True,
        store=True,
        precompute=True,
        index=True,
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_invoice",
        compute_sudo=True,
        store=True,
        precompute=True,
        index=True,
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_invoice",
        compute_sudo=True,
        store=True,
        precompute=True,
    )
    invoice_line_id = fields.Many2one(
        "account.move.line",
        string="Line",
        domain="[('move_id', '=', move_id), ('display_type', '=', 'product')]",
        index="btree_not_null",
        ondelete="set null",
        help="The line of the invoice that is disputed, if it is one.",
    )
    type_id = fields.Many2one(
        "cartera.dispute.type",
        string="Type",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    area_id = fields.Many2one(
        "cartera.dispute.area",
        string="Area",
        compute="_compute_area",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        tracking=True,
        help="Who finds out whether the customer is right.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        compute="_compute_area",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        domain="[('share', '=', False)]",
        tracking=True,
    )
    state = fields.Selection(
        [
            ("open", "Open"),
            ("analysis", "In analysis"),
            ("accepted", "Accepted"),
            ("rejected", "Rejected"),
            ("resolved", "Resolved"),
            ("cancelled", "Cancelled"),
        ],
        default="open",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        tracking=True,
        group_expand="_expand_open_states",
    )
    source = fields.Selection(
        [
            ("call", "Call"),
            ("email", "E-mail"),
            ("visit", "Visit"),
            ("portal", "Customer portal"),
            ("sales", "Review with sales"),
            ("operations", "Operations"),
            ("other", "Other"),
        ],
        default="call",
        required=True,
        help="How it became known.",
    )
    description = fields.Text(help="What the customer says.")
    findings = fields.Text(help="What the area found out.")
    answer = fields.Text(
        help="What the customer is told.",
        tracking=True,
    )
    evidence_ids = fields.Many2many("ir.attachment", string="Evidence", copy=False)
    disputed_amount = fields.Monetary(
        string="Disputed",
        compute="_compute_disputed_amount",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="What the customer does not agree with, in the invoice's currency.",
    )
    accepted_amount = fields.Monetary(
        string="Accepted",
        readonly=True,
        copy=False,
        help="What of it is right; the rest goes back to collection.",
    )
    credited_amount = fields.Monetary(
        string="Credited",
        readonly=True,
        copy=False,
        help="By credit notes, from the ledger.",
    )
    paid_amount = fields.Monetary(
        string="Paid", readonly=True, copy=False, help="By money, from the ledger."
    )
    written_off_amount = fields.Monetary(
        string="Written Off",
        readonly=True,
        copy=False,
        help="By other entries, from the ledger.",
    )
    remaining_amount = fields.Monetary(
        string="Still Disputed", readonly=True, copy=False, help="What is open of it."
    )
    opened_on = fields.Date(readonly=True, copy=False, index=True)
    accepted_on = fields.Date(readonly=True, copy=False)
    closed_on = fields.Date(readonly=True, copy=False, index=True)
    deadline = fields.Date(
        string="Answer By",
        compute="_compute_deadline",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        tracking=True,
        help="By when the area answers, from the days of the type.",
    )
    days_open = fields.Integer(compute="_compute_days")
    days_late = fields.Integer(
        compute="_compute_days",
        search="_search_days_late",
        help="Since the day by which it should have been answered.",
    )
    resolution = fields.Selection(
        [
            ("credit_note", "Credit note"),
            ("payment", "Paid"),
            ("write_off", "Written off"),
            ("explained", "Explained or corrected: the customer pays"),
            ("rejected", "Rejected: the customer pays"),
            ("cancelled", "Recorded in error"),
        ],
        readonly=True,
        copy=False,
        index=True,
    )
    resolution_days = fields.Integer(
        string="Days to Resolve", readonly=True, copy=False, aggregator="avg"
    )
    late_told_on = fields.Date(readonly=True, copy=False)
    baseline_partial_id = fields.Integer(readonly=True, copy=False)
    credit_note_ids = fields.One2many(
        "account.move", "cartera_dispute_id", string="Credit Notes", readonly=True
    )

    _open_idx = models.Index(
        "(move_id) WHERE state IN ('open', 'analysis', 'accepted')"
    )
    _amount_positive = models.Constraint(
        "CHECK(disputed_amount > 0)",
        "An amount above zero is disputed. Enter how much of the invoice the customer does not agree with.",
    )

    @api.model
    def _typed_above(self):
        return {"disputed_amount": 0}

    @api.depends("move_id")
    def _compute_invoice(self):
        for dispute in self:
            move = dispute.move_id
            dispute.update(
                {
                    "invoice_name": move.name,
                    "invoice_date": move.invoice_date,
                    "invoice_date_due": move.invoice_date_due,
                    "invoice_amount": move.amount_total,
                    "partner_id": move.commercial_partner_id,
                    "company_id": move.company_id,
                    "currency_id": move.currency_id,
                }
            )

    @api.depends("type_id")
    def _compute_area(self):
        for dispute in self:
            if dispute.state in CLOSED_STATES:
                continue
            area = dispute.type_id.sudo().area_id
            if area != dispute.area_id or not dispute.user_id:
                dispute.area_id = area
                dispute.user_id = area.user_id

    @api.depends("move_id", "invoice_line_id")
    def _compute_disputed_amount(self):
        free = self.filtered(lambda one: not one.disputed_amount)._disputable()
        for dispute in self:
            if dispute.disputed_amount:
                continue
            most = free.get(dispute.move_id._origin.id, 0.0)
            line = dispute.sudo().invoice_line_id
            dispute.disputed_amount = min(line.price_total, most) if line else most

    @api.depends("type_id", "opened_on")
    def _compute_deadline(self):
        for dispute in self:
            if dispute.deadline and dispute.state in CLOSED_STATES:
                continue
            company = dispute.company_id or self.env.company
            start = dispute.opened_on or company._cartera_today()
            dispute.deadline = start + timedelta(days=dispute.type_id.sla_days)

    @api.depends("opened_on", "closed_on", "deadline", "state")
    def _compute_days(self):
        for dispute in self:
            today = (dispute.company_id or self.env.company)._cartera_today()
            end = dispute.closed_on or today
            dispute.days_open = (end - (dispute.opened_on or end)).days
            waits = dispute.state in ("open", "analysis") and dispute.deadline
            dispute.days_late = max((today - dispute.deadline).days, 0) if waits else 0

    @api.model
    def _search_days_late(self, operator, value):
        if operator not in (">", ">=") or not isinstance(value, int):
            return NotImplemented
        today = self.env.company._cartera_today()
        last = today - timedelta(days=value + (operator == ">"))
        return [
            ("state", "in", ("open", "analysis")),
            ("deadline", "<=", last),
        ]

    @api.model
    def _expand_open_states(self, states, _domain):
        """Show a column for what is open, even when it is empty, and for the closed ones that are there."""
        known = [key for key, _label in self._fields["state"].selection]
        return [state for state in known if state in OPEN_STATES or state in states]

    # Protection

    @api.model_create_multi
    def create(self, vals_list):
        sequence = self.env["ir.sequence"].sudo()
        disputes = super().create(
            [
                vals | {"name": sequence.next_by_code("cartera.dispute") or "/"}
                for vals in vals_list
            ]
        )
        disputes.sudo()._begin()
        return disputes

    def write(self, vals):
        closed = self.filtered(lambda one: one.state in CLOSED_STATES)
        if self.env.su and vals.get("state") == "open":
            closed = closed.filtered(lambda one: one.state != "rejected")
        if closed and set(vals) - FREE_FIELDS:
            raise UserError(
                self.env._(
                    "%(dispute)s is closed; its history cannot be changed. Open it again, or make a new dispute.",
                    dispute=closed[0].display_name,
                )
            )
        if not self.env.su and CONTENT_FIELDS & set(vals):
            raise UserError(
                self.env._(
                    "What is disputed in %(dispute)s stays as it was recorded. Cancel it with a reason and make "
                    "another one.",
                    dispute=self[:1].display_name,
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "Disputes are history and cannot be deleted. Cancel this one with a reason."
            )
        )

    def _begin(self):
        """Check new disputes against the ledger, behind the customers' bump, and tell who answers them."""
        for company, mine in self.grouped("company_id").items():
            self.env["cartera.customer"]._bump(company, mine.partner_id.ids)
            accounts = self.env["cartera.customer"]._find_or_create(
                mine.partner_id, company
            )
            day = company._cartera_today()
            for dispute in mine:
                dispute.write(
                    {
                        "customer_id": accounts[dispute.partner_id].id,
                        "opened_on": day,
                        "remaining_amount": dispute.disputed_amount,
                    }
                )
        self._check_against_ledger()
        self.baseline_partial_id = self._last_partial()
        self._tell_area()
        self._changed()

    def _changed(self):
        """Disputed amounts changed: figures and holds of the customers are looked at again."""
        for company, mine in self.grouped("company_id").items():
            self.env["cartera.customer"]._touch(
                mine.partner_id.ids, company, recheck=True
            )

    def _check_against_ledger(self):
        """Refuse what cannot be disputed: more than is open, a draft, a credit note.

        :raise ValidationError: naming the invoice, the amount and what is open
        """
        self.env.flush_all()
        free = self._disputable(exclude=self)
        for dispute in self:
            move, currency = dispute.move_id, dispute.currency_id
            if move.state != "posted" or move.move_type not in (
                "out_invoice",
                "out_receipt",
            ):
                raise ValidationError(
                    self.env._(
                        "%(invoice)s is not a posted customer invoice and cannot be disputed.",
                        invoice=move.display_name,
                    )
                )
            if dispute.invoice_line_id and dispute.invoice_line_id.move_id != move:
                raise ValidationError(
                    self.env._(
                        "The disputed line is not one of %(invoice)s. Choose one of its lines, or none.",
                        invoice=move.display_name,
                    )
                )
            most = free.get(move.id, 0.0)
            if currency.compare_amounts(dispute.disputed_amount, most) > 0:
                raise ValidationError(
                    self.env._(
                        "%(amount)s of %(invoice)s cannot be disputed: %(open)s are open and not in dispute yet. Enter "
                        "up to that amount.",
                        amount=format_amount(
                            self.env, dispute.disputed_amount, currency
                        ),
                        invoice=move.display_name,
                        open=format_amount(self.env, most, currency),
                    )
                )
            # a second one of the same batch finds less
            free[move.id] = most - dispute.disputed_amount

    def _tell_area(self):
        for company, mine in self.grouped("company_id").items():
            mine.with_context(lang=company._cartera_lang())._add_area_tasks()

    def _add_area_tasks(self):
        todo = self.env.ref("mail.mail_activity_data_todo", raise_if_not_found=False)
        model = self.env["ir.model"]._get_id(self._name)
        rows = [
            {
                "activity_type_id": todo.id,
                "res_model_id": model,
                "res_id": dispute.id,
                "user_id": dispute.user_id.id,
                "summary": self.env._("Dispute to answer: %s", dispute.invoice_name),
                "note": dispute.description,
                "date_deadline": dispute.deadline,
                "automated": True,
            }
            for dispute in self
            if todo and dispute.user_id
        ]
        self.env["mail.activity"].sudo().with_context(
            mail_activity_quick_update=True
        ).create(rows)

    @api.constrains("deadline")
    def _check_deadline(self):
        for dispute in self:
            if (
                dispute.deadline
                and dispute.opened_on
                and dispute.deadline < dispute.opened_on
            ):
                raise ValidationError(
                    self.env._(
                        "%(dispute)s was opened on %(opened)s; it cannot be answered by %(deadline)s. Choose a later "
                        "day.",
                        dispute=dispute.display_name,
                        opened=format_date(self.env, dispute.opened_on),
                        deadline=format_date(self.env, dispute.deadline),
                    )
                )
