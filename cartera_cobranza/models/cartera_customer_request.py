from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

OPEN = ("draft", "info_requested", "submitted", "validated")
CLOSED = ("approved", "rejected", "cancelled")
EDITED_BY_REQUESTER = ("draft", "info_requested")
VIEWER = "cartera_cobranza.group_viewer"
COLLECTOR = "cartera_cobranza.group_collector"
EXECUTIVE = "cartera_cobranza.group_credit_executive"


class CarteraCustomerRequest(models.Model):
    """A new customer, or a change of one, as somebody proposes it and somebody else approves it.

    Made by salespeople for own customers; checked and completed by credit. What is approved is written at
    once; what was there before stays in the request for good. Ends approved, rejected or cancelled.
    """

    _name = "cartera.customer.request"
    _description = "Customer Request"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "cartera.guarded",
        "cartera.customer.request.proposal",
        "cartera.customer.request.verbs",
    ]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(
        string="Number", default="/", required=True, readonly=True, copy=False
    )
    kind = fields.Selection(
        [("new", "New customer"), ("change", "Change")],
        required=True,
        default="new",
        tracking=True,
        help="Register a customer, or change the data of one.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("info_requested", "Information Requested"),
            ("submitted", "Submitted"),
            ("validated", "Validated"),
            ("approved", "Approved"),
            ("rejected", "Rejected"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand="_expand_open_states",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index="btree_not_null",
        tracking=True,
        ondelete="restrict",
        domain="[('parent_id', '=', False), ('type', '!=', 'private')]",
        help="Whose data are to change. For a new customer: empty, or the contact that exists already.",
    )
    reason = fields.Text(
        string="Why", help="What the request is for, for those who decide on it."
    )
    line_ids = fields.One2many(
        "cartera.customer.request.line",
        "request_id",
        string="Changes",
        readonly=True,
        copy=False,
    )
    document_ids = fields.One2many(
        "cartera.customer.request.document", "request_id", string="Documents"
    )
    duplicate_reason = fields.Char(
        string="No Duplicate Because",
        tracking=True,
        help="Why another customer with the same tax number is somebody else: a branch that buys by itself.",
    )
    problem_data = fields.Json(compute="_compute_problems", compute_sudo=True)
    problem_html = fields.Html(
        string="Checks", compute="_compute_problems", compute_sudo=True, sanitize=False
    )
    problem_level = fields.Selection(
        [
            ("success", "Complete"),
            ("warning", "To look at"),
            ("danger", "Not complete"),
        ],
        string="Check",
        compute="_compute_problems",
        compute_sudo=True,
    )
    requested_by = fields.Many2one(
        "res.users", readonly=True, copy=False, index=True, ondelete="restrict"
    )
    requested_on = fields.Datetime(readonly=True, copy=False)
    reviewed_by = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    reviewed_on = fields.Datetime(readonly=True, copy=False)
    decided_by = fields.Many2one(
        "res.users", readonly=True, copy=False, tracking=True, ondelete="restrict"
    )
    decided_on = fields.Datetime(readonly=True, copy=False)
    missing = fields.Text(
        string="What Is Missing", readonly=True, copy=False, tracking=True
    )
    reject_reason = fields.Text(
        string="Why It Was Rejected", readonly=True, copy=False, tracking=True
    )
    can_edit = fields.Boolean(compute="_compute_rights")
    can_decide = fields.Boolean(compute="_compute_rights")

    _open_partner_idx = models.Index(
        "(partner_id) WHERE state IN ('submitted', 'validated')"
    )

    @api.depends("name", "kind", "customer_name", "partner_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for request in self:
            who = request.customer_name or request.partner_id.name
            number = self.env._("New") if request.name == "/" else request.name
            request.display_name = f"{number} {who}" if who else number

    @api.depends_context("uid")
    @api.depends("state", "requested_by")
    def _compute_rights(self):
        executive = self.env.su or self.env.user.has_group(EXECUTIVE)
        for request in self:
            own = request._is_own()
            request.can_edit = (
                request.state in EDITED_BY_REQUESTER and (own or executive)
            ) or (request.state in ("submitted", "validated") and executive)
            request.can_decide = (
                executive
                and request.state in ("submitted", "validated")
                and not (own and not self.env.su)
            )

    def _is_own(self):
        """Whether the user asked for it: who submitted it, and who began it."""
        self.ensure_one()
        if not self._origin.id:
            return True
        return self.env.user in (self.requested_by | self.sudo().create_uid)

    @api.depends(
        "kind",
        "company_id",
        "partner_id",
        "customer_name",
        "vat",
        "country_id",
        "street",
        "city",
        "zip",
        "email",
        "phone",
        "payment_term_id",
        "duplicate_reason",
        "contact_ids",
        "contact_ids.email",
        "contact_ids.name",
        "document_ids.file",
        "document_ids.waived",
    )
    @api.depends_context("lang")
    def _compute_problems(self):
        for request in self:
            problems = request._get_problems() if request.state in OPEN else []
            levels = {problem["level"] for problem in problems}
            request.problem_data = problems
            request.problem_level = next(
                (level for level in ("danger", "warning") if level in levels),
                "success" if request.state in OPEN else False,
            )
            request.problem_html = self._problems_as_html(problems)

    @api.model
    def _expand_open_states(self, states, _domain):
        known = [key for key, _label in self._fields["state"].selection]
        return [
            state
            for state in known
            if state in ("draft", "submitted", "validated") or state in states
        ]

    @api.onchange("company_id", "kind")
    def _onchange_documents(self):
        if self.kind == "new" and not self.document_ids:
            self.document_ids = [
                fields.Command.create(vals) for vals in self._prepare_documents()
            ]

    @api.constrains("kind", "partner_id", "company_id")
    def _check_partner(self):
        for request in self:
            partner = request.partner_id.sudo()
            if request.kind == "change" and not partner:
                raise ValidationError(
                    self.env._(
                        "Choose the customer whose data are to change, or make it a request for a new customer."
                    )
                )
            if partner and partner.commercial_partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(customer)s. Choose %(customer)s and change its contacts there.",
                        contact=partner.display_name,
                        customer=partner.commercial_partner_id.display_name,
                    )
                )

    def _check_own_customer(self):
        """Salespeople propose for own customers, and for those of nobody."""
        user = self.env.user
        if self.env.su or user.has_group(COLLECTOR):
            return
        seller = self.partner_id.sudo().user_id
        if seller and seller != user:
            raise AccessError(
                self.env._(
                    "%(customer)s is a customer of %(seller)s. Ask %(seller)s, or credit, to propose the change.",
                    customer=self.partner_id.sudo().display_name,
                    seller=seller.name,
                )
            )

    # Keeping what was decided

    @api.model_create_multi
    def create(self, vals_list):
        self._check_role(VIEWER)
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                vals["name"] = (
                    self.env["ir.sequence"]
                    .sudo()
                    .next_by_code("cartera.customer.request")
                    or "/"
                )
            if vals.get("kind", "new") == "new" and "document_ids" not in vals:
                company = self.env["res.company"].browse(
                    vals.get("company_id") or self.env.company.id
                )
                vals["document_ids"] = [
                    fields.Command.create(one)
                    for one in self._prepare_documents(company)
                ]
        requests = super().create([self._prefilled(vals) for vals in vals_list])
        for request in requests:  # constraints are run as the superuser
            request._check_own_customer()
        requests.sudo()._rebuild_lines()
        return requests

    @api.model
    def _prefilled(self, vals):
        """Return the values with what is not given taken from the customer, or a new one's beginning.

        Odoo computes none of the fields of one method when some of them are given.
        """
        given = set(self._entity_fields()) & set(vals)
        if not given:
            return vals
        known = self.default_get(["partner_id", "company_id"]) | vals
        blank = self.new(
            {key: known[key] for key in ("partner_id", "company_id") if known.get(key)}
        )
        begun = blank._convert_to_write(
            {name: blank[name] for name in set(self._entity_fields()) - given}
        )
        return begun | vals

    def write(self, vals):
        decided = self.env.cr.cache.get("cartera_customer_request")
        if not decided:
            self._check_may_edit(vals)
        result = super().write(vals)
        if not decided and "partner_id" in vals:
            for request in self:
                request._check_own_customer()
        if not decided and set(vals) & self._proposal_fields():
            self.sudo()._rebuild_lines()
        return result

    def _check_may_edit(self, vals):
        """Refuse changes of what was decided, and of what waits for a decision; talk stays possible."""
        if not set(vals) - {"message_main_attachment_id", "activity_ids"}:
            return
        for request in self:
            if request.state in CLOSED:
                raise UserError(
                    self.env._(
                        "%(request)s is closed (%(state)s); what was decided cannot be changed. Make a new request.",
                        request=request.name,
                        state=request._state_label(),
                    )
                )
            if self.env.su or request.can_edit:
                continue
            if request.state in ("submitted", "validated"):
                raise AccessError(
                    self.env._(
                        "%(request)s waits for credit's decision, and only credit completes it now. Ask them to send "
                        "it back to you.",
                        request=request.name,
                    )
                )
            raise AccessError(
                self.env._(
                    "%(request)s was begun by %(user)s, who changes it.",
                    request=request.name,
                    user=request.sudo().create_uid.name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts_only(self):
        for request in self:
            if request.state != "draft" or request.requested_by:
                raise UserError(
                    self.env._(
                        "%(request)s was handed in and cannot be deleted. Cancel it instead.",
                        request=request.name,
                    )
                )

    def _state_label(self):
        self.ensure_one()
        labels = dict(self._fields["state"]._description_selection(self.env))
        return labels[self.state].lower()

    def action_open_partner(self):
        """Open the customer (button)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
        }
