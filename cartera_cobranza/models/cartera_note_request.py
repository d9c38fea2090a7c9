from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..calc import money, notes

LIVE = ("submitted", "approved")
# what a request says may only change while it is a draft; the rest is written by the verbs
TERMS = frozenset(
    (
        "kind",
        "mode",
        "customer_id",
        "company_id",
        "move_id",
        "reason_id",
        "commercial_period_id",
        "currency_id",
        "amount",
        "line_ids",
        "date",
        "rest_in_favour",
        "dispute_id",
    )
)
DECIDED = {
    "state": "draft",
    "requested_by": False,
    "requested_on": False,
    "approved_by": False,
    "approved_on": False,
    "issued_by": False,
    "issued_on": False,
    "reject_reason": False,
    "note_move_id": False,
}


class CarteraNoteRequest(models.Model):
    """A credit or debit note that is asked for, analysed, approved by somebody else, issued and applied.

    A credit order is a request for goods that weighed less, were rejected or came back. Made by whoever talks
    with the customer, or by posting a note that needs approval; ends issued, rejected or cancelled.
    """

    _name = "cartera.note.request"
    _description = "Note Request"
    _inherit = ["mail.thread", "mail.activity.mixin", "cartera.note.request.verbs"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(
        string="Number", default="/", required=True, readonly=True, copy=False
    )
    kind = fields.Selection(
        [
            ("credit", "Credit note"),
            ("credit_order", "Credit order"),
            ("debit", "Debit note"),
        ],
        required=True,
        default="credit",
        tracking=True,
        help="A credit order is for goods: weight difference, rejection or return.",
    )
    mode = fields.Selection(
        [
            ("amount", "A total, taxes in proportion"),
            ("lines", "Lines of the invoice"),
            ("document", "A note that is made already"),
        ],
        string="By",
        required=True,
        default="amount",
        help="A total is divided over the invoice's lines and taxes; or say how much of each line.",
    )
    state = fields.Selection(
        [
            ("draft", "Analysis"),
            ("submitted", "To Approve"),
            ("approved", "Approved"),
            ("issued", "Issued"),
            ("rejected", "Rejected"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    customer_id = fields.Many2one(
        "cartera.customer",
        required=True,
        index=True,
        check_company=True,
        compute="_compute_customer_id",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        ondelete="restrict",
        domain="[('company_id', '=', company_id)]",
    )
    partner_id = fields.Many2one(
        related="customer_id.partner_id", store=True, index=True, string="Contact"
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        index="btree_not_null",
        check_company=True,
        tracking=True,
        ondelete="restrict",
        domain="[('state', '=', 'posted'), ('move_type', '=', 'out_invoice'), ('company_id', '=', company_id)]",
        help="The invoice that is lowered, or on which more is charged.",
    )
    reason_id = fields.Many2one(
        "cartera.note.reason",
        required=True,
        tracking=True,
        index=True,
        ondelete="restrict",
        domain="[('direction', '=', direction), ('party', 'in', ('customer', 'both')),"
        " ('company_id', 'in', (False, company_id))]",
    )
    class_id = fields.Many2one(related="reason_id.class_id", store=True, string="Class")
    direction = fields.Selection(
        [("credit", "Credit"), ("debit", "Debit")], compute="_compute_direction"
    )
    commercial_period_id = fields.Many2one(
        "cartera.commercial.period",
        check_company=True,
        domain="[('company_id', '=', company_id), ('state', '=', 'open')]",
        help="Empty: that of the note's date.",
    )
    date = fields.Date(
        string="Note Date", help="Date of the note. Empty: the day it is issued."
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    amount = fields.Monetary(help="Total of the note, taxes included.", tracking=True)
    line_ids = fields.One2many(
        "cartera.note.request.line", "request_id", string="Lines", copy=True
    )
    amount_untaxed = fields.Monetary(
        compute="_compute_amounts", store=True, string="Untaxed"
    )
    amount_tax = fields.Monetary(compute="_compute_amounts", store=True, string="Taxes")
    amount_total = fields.Monetary(
        compute="_compute_amounts", store=True, string="Total", tracking=True
    )
    amount_open = fields.Monetary(
        compute="_compute_amount_open",
        string="Open on the Invoice",
        help="What is open now, less what other approved requests will take.",
    )
    rest_in_favour = fields.Boolean(
        string="Rest Stays in Favour",
        tracking=True,
        help="The note may exceed what is open on the invoice; the rest stays in the customer's favour.",
    )
    needs_document = fields.Boolean(related="reason_id.needs_document")
    document_name = fields.Char(related="reason_id.document_name")
    attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Documents",
        copy=False,
        help="What proves the request; it is attached to the note as well.",
    )
    dispute_id = fields.Many2one(
        "cartera.dispute",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        domain="[('move_id', '=', move_id)]",
        help="The dispute that the note resolves.",
    )
    needs_dispute = fields.Boolean(related="reason_id.needs_dispute")
    description = fields.Text(
        string="Analysis", help="What happened and what was found out."
    )
    note_move_id = fields.Many2one(
        "account.move",
        string="Note",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    note_payment_state = fields.Selection(
        related="note_move_id.payment_state", string="Note's Payment"
    )
    amount_applied = fields.Monetary(
        compute="_compute_amount_applied",
        string="Applied",
        help="What of the issued note has been used already.",
    )
    requested_by = fields.Many2one("res.users", readonly=True, copy=False)
    requested_on = fields.Datetime(readonly=True, copy=False)
    approved_by = fields.Many2one("res.users", readonly=True, copy=False, tracking=True)
    approved_on = fields.Datetime(readonly=True, copy=False)
    issued_by = fields.Many2one("res.users", readonly=True, copy=False)
    issued_on = fields.Datetime(readonly=True, copy=False)
    reject_reason = fields.Char(
        string="Why It Was Rejected", readonly=True, copy=False, tracking=True
    )
    can_approve = fields.Boolean(compute="_compute_can_approve")

    _note_once = models.UniqueIndex(
        "(note_move_id) WHERE note_move_id IS NOT NULL AND state NOT IN ('rejected', 'cancelled')",
        "This note has a request already.",
    )

    @api.depends("kind")
    def _compute_direction(self):
        for request in self:
            request.direction = "debit" if request.kind == "debit" else "credit"

    @api.depends("move_id")
    def _compute_customer_id(self):
        for request in self:
            partner = request.move_id.commercial_partner_id
            if partner and request.customer_id.partner_id != partner:
                found = self.env["cartera.customer"]._find_or_create(
                    partner, request.move_id.company_id
                )
                request.customer_id = found[partner]

    @api.depends("move_id", "company_id")
    def _compute_currency_id(self):
        for request in self:
            request.currency_id = (
                request.move_id.currency_id
                or request.currency_id
                or request.company_id.currency_id
            )

    @api.depends(
        "mode",
        "amount",
        "currency_id",
        "move_id",
        "reason_id",
        "note_move_id",
        "line_ids.quantity",
        "line_ids.price_unit",
        "line_ids.tax_ids",
    )
    def _compute_amounts(self):
        for request in self:
            if request.mode == "lines":
                untaxed, tax = request._amounts_of_lines()
            elif request.mode == "document":
                untaxed = request.note_move_id.amount_untaxed
                tax = request.note_move_id.amount_tax
            else:
                untaxed, tax = request._amounts_in_proportion()
            request.amount_untaxed = untaxed
            request.amount_tax = tax
            request.amount_total = untaxed + tax

    def _amounts_of_lines(self):
        Tax = self.env["account.tax"]
        rows = [
            Tax._prepare_base_line_for_taxes_computation(
                line,
                price_unit=line.price_unit,
                quantity=line.quantity,
                tax_ids=line.tax_ids,
                currency_id=self.currency_id,
                product_id=line.product_id,
                partner_id=self.partner_id,
            )
            for line in self.line_ids
            if line.quantity
        ]
        if not rows:
            return 0.0, 0.0
        company = self.company_id
        Tax._add_tax_details_in_base_lines(rows, company)
        Tax._round_base_lines_tax_details(rows, company)
        totals = Tax._get_tax_totals_summary(rows, self.currency_id, company)
        return totals["base_amount_currency"], totals["tax_amount_currency"]

    def _amounts_in_proportion(self):
        try:
            values = self._proportional_lines()
        except ValueError:
            return self.amount, 0.0
        return (
            float(sum((share.base for share, _key in values), money.ZERO)),
            float(sum((share.tax for share, _key in values), money.ZERO)),
        )

    @api.depends("move_id.amount_residual", "state")
    def _compute_amount_open(self):
        taken = self._taken_by_others()
        for request in self:
            request.amount_open = request.move_id.amount_residual - taken.get(
                request, 0.0
            )

    @api.depends("note_move_id.amount_residual", "note_move_id.amount_total")
    def _compute_amount_applied(self):
        for request in self:
            note = request.note_move_id
            request.amount_applied = (
                note.amount_total - note.amount_residual
                if note.state == "posted" and request.direction == "credit"
                else 0.0
            )

    @api.depends_context("uid")
    @api.depends("state", "requested_by")
    def _compute_can_approve(self):
        executive = self.env.user.has_group("cartera_cobranza.group_credit_executive")
        for request in self:
            request.can_approve = (
                executive
                and request.state == "submitted"
                and request.requested_by != self.env.user
            )

    @api.constrains(
        "kind",
        "mode",
        "amount",
        "move_id",
        "customer_id",
        "reason_id",
        "currency_id",
        "dispute_id",
    )
    def _check_terms(self):
        for request in self:
            problem = request._problem()
            if problem:
                raise ValidationError(problem)

    def _problem(self):
        """Return why the request makes no sense as it stands, or False; a draft may still lack things."""
        self.ensure_one()
        if (
            self.mode == "amount"
            and self.currency_id.compare_amounts(self.amount, 0) < 0
        ):
            return self.env._(
                "A note is over an amount above zero (received %(amount)s). Whether it is a credit or a debit is "
                "said by its kind.",
                amount=self.currency_id.format(self.amount),
            )
        move = self.move_id.sudo()
        if move:
            if move.state != "posted" or move.move_type != "out_invoice":
                return self.env._(
                    "%(document)s is not a posted invoice of a customer. Choose one that is.",
                    document=move.display_name,
                )
            if move.commercial_partner_id != self.customer_id.sudo().partner_id:
                return self.env._(
                    "%(invoice)s is of %(other)s, and the request is of %(customer)s. Choose an invoice of this "
                    "customer.",
                    invoice=move.name,
                    other=move.commercial_partner_id.display_name,
                    customer=self.customer_id.sudo().partner_id.display_name,
                )
            if move.currency_id != self.currency_id:
                return self.env._(
                    "%(invoice)s is in %(currency)s, and a note on it is in the same currency, not in %(other)s.",
                    invoice=move.name,
                    currency=move.currency_id.name,
                    other=self.currency_id.name,
                )
        dispute = self.dispute_id.sudo()
        if dispute and dispute.move_id != move:
            return self.env._(
                "The dispute %(dispute)s is about another invoice than %(invoice)s. Choose a dispute of this invoice.",
                dispute=dispute.display_name,
                invoice=move.name or "?",
            )
        if not move and self.mode == "lines":
            return self.env._(
                "Choose the invoice whose lines are meant, or ask for a total."
            )
        day = self.date or self.company_id._cartera_today()
        if self.reason_id and self.state in ("draft", *LIVE):
            return self.reason_id._problem(
                self.direction, "customer", self.company_id, day
            )
        return False

    # Keeping what was decided

    @api.model_create_multi
    def create(self, vals_list):
        internal = self._is_internal()
        if not internal and any(
            vals.get("state", "draft") != "draft" for vals in vals_list
        ):
            raise UserError(
                self.env._(
                    "A request starts as an analysis; it goes on with its buttons."
                )
            )
        made = []
        for vals in vals_list:
            if not internal:
                # said outright, so that a default in the context cannot say otherwise
                vals = {**vals, **DECIDED}
            if vals.get("name", "/") == "/":
                vals = {
                    **vals,
                    "name": self.env["ir.sequence"]
                    .sudo()
                    .with_company(vals.get("company_id") or self.env.company)
                    .next_by_code("cartera.note.request")
                    or "/",
                }
            made.append(vals)
        return super().create(made)

    def write(self, vals):
        if not self._is_internal():
            if set(DECIDED) & set(vals):
                raise UserError(
                    self.env._("The state of a request changes by its buttons only.")
                )
            closed = self.filtered(lambda one: one.state != "draft")
            if TERMS & set(vals) and closed:
                raise UserError(
                    self.env._(
                        "%(request)s is no longer being analysed, and what it says stays. Take it back to analysis "
                        "first, or make another one.",
                        request=closed[0].name,
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for request in self:
            if request.state != "draft" or request.requested_by:
                raise UserError(
                    self.env._(
                        "%s has been submitted and is kept. Cancel it instead.",
                        request.name,
                    )
                )

    @api.model
    def _is_internal(self):
        return bool(self.env.cr.cache.get("cartera_note_request"))

    @api.model
    def _create_for_note(self, note):
        """Return the submitted request that stands for a draft note which its maker may not post alone."""
        partner = note.commercial_partner_id
        customer = self.env["cartera.customer"]._find_or_create(
            partner, note.company_id
        )[partner]
        origin = note.reversed_entry_id or note.debit_origin_id
        if origin.move_type != "out_invoice":
            origin = origin.browse()
        cache = self.env.cr.cache
        cache["cartera_note_request"] = True
        try:
            request = self.sudo().create(
                {
                    "kind": "debit" if note._note_kind() == "debit" else "credit",
                    "mode": "document",
                    "company_id": note.company_id.id,
                    "customer_id": customer.id,
                    "move_id": origin.id,
                    "reason_id": note.note_reason_id.id,
                    "commercial_period_id": note.commercial_period_id.id,
                    "currency_id": note.currency_id.id,
                    "amount": note.amount_total,
                    "date": note.invoice_date,
                    "note_move_id": note.id,
                    "state": "submitted",
                    "requested_by": self.env.uid,
                    "requested_on": fields.Datetime.now(),
                    # whoever made the note said so by its amount
                    "rest_in_favour": True,
                }
            )
        finally:
            cache["cartera_note_request"] = None
        request.with_user(self.env.user)._notify_approvers()
        return request

    # What the note will be made of

    def _taken_by_others(self):
        """Return {request: what other approved requests will take from its invoice}, in the invoice's currency."""
        rows = self.sudo()._read_group(
            [
                ("move_id", "in", self.move_id.ids),
                ("state", "=", "approved"),
                ("kind", "!=", "debit"),
            ],
            ["move_id"],
            ["amount_total:sum"],
        )
        by_move = {move.id: total for move, total in rows}
        return {
            request: by_move.get(request.move_id.id, 0.0)
            - (
                request.amount_total
                if request.state == "approved" and request.direction == "credit"
                else 0.0
            )
            for request in self
        }

    def _parts(self):
        """Return the invoice's lines by (account, taxes), each with its amounts, for proportions."""
        self.ensure_one()
        lines = self.move_id.sudo().invoice_line_ids.filtered(
            lambda line: line.display_type == "product" and line.price_total
        )
        groups = {}
        for line in lines:
            key = (line.account_id, line.tax_ids)
            groups.setdefault(key, self.env["account.move.line"])
            groups[key] |= line
        parts = []
        for group in groups.values():
            included = any(group.tax_ids.mapped("price_include"))
            price = (
                sum(
                    line.price_unit * line.quantity * (1 - line.discount / 100)
                    for line in group
                )
                if included
                else sum(group.mapped("price_subtotal"))
            )
            parts.append(
                notes.Part(
                    money.to_decimal(
                        self.currency_id.round(sum(group.mapped("price_total")))
                    ),
                    money.to_decimal(
                        self.currency_id.round(sum(group.mapped("price_subtotal")))
                    ),
                    money.to_decimal(self.currency_id.round(price)),
                )
            )
        return list(groups), parts

    def _proportional_lines(self):
        """Return [(share, (account, taxes))] of a note over the total.

        :raise ValueError: without an invoice with an amount
        """
        self.ensure_one()
        rounding = money.to_decimal(self.currency_id.rounding or 0.01)
        total = money.to_decimal(self.currency_id.round(self.amount or 0.0))
        if not self.move_id or self.reason_id.tax_treatment != "same":
            raise ValueError("no invoice to take proportions from")
        keys, parts = self._parts()
        if not parts:
            raise ValueError("an invoice without an amount")
        used = [
            (key, part) for key, part in zip(keys, parts, strict=True) if part.total
        ]
        shares = notes.proportional(total, [part for _key, part in used], rounding)
        return [(share, key) for share, (key, _part) in zip(shares, used, strict=True)]

    def action_fill_lines(self):
        """Take over the invoice's lines, to say how much of each is credited or charged (button)."""
        self.check_access("write")
        for request in self:
            if request.state != "draft":
                raise UserError(
                    self.env._("%s is no longer being analysed.", request.name)
                )
            if not request.move_id:
                raise UserError(
                    self.env._("Choose the invoice whose lines are to be taken over.")
                )
            request.write(
                {
                    "mode": "lines",
                    "line_ids": [Command.clear()]
                    + [
                        Command.create(vals) for vals in request._prepare_filled_lines()
                    ],
                }
            )
        return True

    def action_open_note(self):
        """Open the note of this request (button)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.note_move_id.id,
            "views": [(False, "form")],
        }

    def _prepare_filled_lines(self):
        """Return the values of the lines taken over from the invoice; shipments fill the quantities in."""
        self.ensure_one()
        quantities = self._quantities_to_credit()
        return [
            {
                "invoice_line_id": line.id,
                "product_id": line.product_id.id,
                "name": line.name or line.product_id.display_name or "/",
                "invoiced_quantity": line.quantity,
                "quantity": quantities.get(line, 0.0),
                "price_unit": line.price_unit * (1 - line.discount / 100),
                "tax_ids": [
                    Command.set(
                        self.reason_id._taxes_for(self.company_id, line.tax_ids).ids
                    )
                ],
            }
            for line in self.move_id.sudo().invoice_line_ids
            if line.display_type == "product"
        ]

    def _quantities_to_credit(self):
        """Return {invoice line: quantity} that shipments say should be credited; empty where nothing ships."""
        return {}
