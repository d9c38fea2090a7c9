from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..calc import limit as calc_limit

OPEN_STATES = ("held", "ready")
CLOSED_STATES = ("released", "rejected", "cancelled")
EXECUTIVE = "cartera_cobranza.group_credit_executive"


class CarteraCreditHold(models.Model):
    """A document stopped by the credit gate, with all its reasons and the position of that moment.

    Made by the gate or by hand; ends released, rejected or cancelled. No role writes it: its verbs check
    the role and then act. A closed hold never changes again.
    """

    _name = "cartera.credit.hold"
    _description = "Credit Hold"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "cartera.credit.hold.release",
        "cartera.credit.hold.notice",
    ]
    _order = "id desc"
    _mail_post_access = "read"

    name = fields.Char(string="Document", required=True, readonly=True)
    res_model = fields.Char(string="Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Document ID", model_field="res_model", required=True, readonly=True
    )
    customer_id = fields.Many2one(
        "cartera.customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        related="customer_id.partner_id",
        string="Customer Name",
        store=True,
        index=True,
        precompute=True,
    )
    company_id = fields.Many2one(
        related="customer_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    document_currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    checkpoint = fields.Selection(
        [("confirm", "Confirmation"), ("ship", "Shipment"), ("invoice", "Invoicing")],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [
            ("held", "Held"),
            ("ready", "Ready to release"),
            ("released", "Released"),
            ("rejected", "Rejected"),
            ("cancelled", "Cancelled"),
        ],
        default="held",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        group_expand="_expand_open_states",
    )
    forced = fields.Boolean(
        readonly=True, help="Held by hand: it never clears by itself."
    )
    adds_exposure = fields.Boolean(
        readonly=True,
        help="The document is not in the exposure yet; it is shown beside it as held.",
    )
    amount = fields.Monetary(
        readonly=True,
        help="What the document would add, in company currency at the rate of that day.",
    )
    amount_document = fields.Monetary(
        string="Document Amount", currency_field="document_currency_id", readonly=True
    )
    excess_amount = fields.Monetary(
        string="Over the Line",
        readonly=True,
        help="By how much the line would be exceeded.",
    )
    overdue_amount = fields.Monetary(string="Overdue", readonly=True)
    overdue_days = fields.Integer(
        string="Days Overdue", readonly=True, aggregator="max"
    )
    snapshot = fields.Json(
        readonly=True, help="The position when the document was last checked."
    )
    position_data = fields.Json(
        string="Frozen Position", compute="_compute_position_data"
    )
    fingerprint = fields.Json(readonly=True)
    reason_ids = fields.One2many(
        "cartera.credit.hold.reason", "hold_id", readonly=True, string="Reasons"
    )
    log_ids = fields.One2many(
        "cartera.credit.hold.log", "hold_id", readonly=True, string="History"
    )
    reason_text = fields.Char(string="Why", compute="_compute_reason_text")
    reason_kind = fields.Selection(
        [
            ("limit", "Line"),
            ("overdue", "Overdue"),
            ("both", "Line and overdue"),
            ("other", "Other"),
        ],
        compute="_compute_reason_kind",
        store=True,
        precompute=True,
    )
    salesperson_id = fields.Many2one(
        "res.users", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    requested_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    promised_date = fields.Date(
        readonly=True, help="When the customer expects the goods."
    )
    review_date = fields.Date(readonly=True, help="Until when the release counts.")
    release_note = fields.Text(readonly=True)
    released_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    released_at = fields.Datetime(readonly=True)
    next_check_date = fields.Date(
        readonly=True,
        help="From this day on a later checkpoint looks at the document again.",
    )
    evidence_ids = fields.Many2many("ir.attachment", string="Evidence", readonly=True)
    closed_at = fields.Datetime(readonly=True)
    age_days = fields.Integer(string="Days Held", compute="_compute_age_days")
    user_can_release = fields.Boolean(compute="_compute_user_can_release")

    _open_unique = models.UniqueIndex(
        "(res_model, res_id, checkpoint) WHERE state IN ('held', 'ready')",
        "This document is held at this checkpoint already.",
    )
    _document_idx = models.Index("(res_model, res_id)")
    _open_customer_idx = models.Index("(customer_id) WHERE state IN ('held', 'ready')")

    @api.depends("reason_ids.description", "reason_ids.is_open")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        for hold in self:
            shown = hold.reason_ids.filtered("is_open") or hold.reason_ids
            hold.reason_text = "; ".join(shown.mapped("description"))

    @api.depends("reason_ids.kind", "reason_ids.is_open")
    def _compute_reason_kind(self):
        for hold in self:
            kinds = set(
                (hold.reason_ids.filtered("is_open") or hold.reason_ids).mapped("kind")
            )
            if {"limit", "overdue"} <= kinds:
                hold.reason_kind = "both"
            else:
                hold.reason_kind = next(
                    (kind for kind in ("limit", "overdue") if kind in kinds), "other"
                )

    @api.depends("create_date", "closed_at")
    def _compute_age_days(self):
        now = fields.Datetime.now()
        for hold in self:
            end = hold.closed_at or now
            hold.age_days = (end - (hold.create_date or end)).days

    @api.depends("snapshot")
    @api.depends_context("lang")
    def _compute_position_data(self):
        for hold in self:
            hold.position_data = self.env["cartera.customer"]._explain_snapshot(
                hold.snapshot, hold.company_id.currency_id
            )

    @api.depends_context("uid")
    def _compute_user_can_release(self):
        role = self.env.user.has_group(EXECUTIVE)
        for hold in self:
            hold.user_can_release = (
                role
                and hold.state in OPEN_STATES
                and hold.salesperson_id != self.env.user
            )

    @api.model
    def _expand_open_states(self, states, _domain):
        """Show a column for what is open, even when it is empty, and for the closed ones that are there."""
        known = [key for key, _label in self._fields["state"].selection]
        return [state for state in known if state in OPEN_STATES or state in states]

    @api.model
    def _closed_states(self):
        return CLOSED_STATES

    # Protection

    def write(self, vals):
        closed = self.filtered(lambda hold: hold.state in CLOSED_STATES)
        if closed and set(vals) - {"message_main_attachment_id"}:
            raise UserError(
                self.env._(
                    "The hold of %(document)s is closed; its history cannot be changed.",
                    document=closed[0].name,
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Credit holds are history and cannot be deleted."))

    # The document

    def _document(self):
        """Return the document, or an empty recordset when it is gone."""
        self.ensure_one()
        if self.res_model not in self.env:
            return None
        return self.env[self.res_model].sudo().browse(self.res_id).exists()

    def _documents(self):
        """Return {hold: document} for many holds with one query a model."""
        found = {}
        for model, holds in self.grouped("res_model").items():
            if model not in self.env:
                continue
            existing = set(
                self.env[model].sudo().browse(holds.mapped("res_id")).exists().ids
            )
            for hold in holds:
                if hold.res_id in existing:
                    found[hold] = self.env[model].sudo().browse(hold.res_id)
        return found

    def action_open_document(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

    def action_open_customer(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "cartera.customer",
            "res_id": self.customer_id.id,
            "views": [(False, "form")],
        }

    # Making and updating, for the gate

    @api.model
    def _settle(self, company, decisions, checkpoint):
        """Bring the holds in line with the gate's decisions: make, update or clear them.

        A hold made by hand stays. A hold whose reasons are all gone is closed, unless the company wants a
        person to do that and the user is none of the credit executives: then it becomes ready, and the
        document does not pass. In queries flat in the number of documents.
        """
        to_make = [
            decision for decision in decisions if decision.reasons and not decision.hold
        ]
        for decision in decisions:
            if not decision.hold:
                continue
            decision.hold._note_check(decision)
            if decision.reasons or decision.hold.forced:
                decision.pending = True
            elif company.sudo().cartera_auto_release or self._is_decided_by_hand():
                decision.hold._clear()
            else:
                decision.hold._set_ready()
                decision.pending = True
        if to_make:
            self._make(company, to_make, checkpoint)

    @api.model
    def _is_decided_by_hand(self):
        """Whether a credit executive is at work; the jobs' user has every role and is nobody."""
        return self.env.uid != SUPERUSER_ID and self.env.user.has_group(EXECUTIVE)

    @api.model
    def _make(self, company, decisions, checkpoint):
        Reason = self.env["cartera.credit.hold.reason"]
        customers = self._customers_of(company, decisions)
        vals_list = []
        for decision in decisions:
            doc = decision.document.sudo()
            vals = self._prepare_hold_vals(company, decision, checkpoint, customers)
            vals["reason_ids"] = [
                fields.Command.create(Reason._prepare_vals(reason, company))
                for reason in decision.reasons
            ]
            vals["log_ids"] = [
                fields.Command.create({"event": "held", "figures": decision.snapshot})
            ]
            vals["fingerprint"] = doc._credit_fingerprint()
            vals_list.append(vals)
        holds = (
            self.sudo()
            .with_context(tracking_disable=True)
            .create(vals_list)
            .with_context(tracking_disable=False)
        )
        by_state = decisions[0].document.browse(
            [decision.document.id for decision in decisions]
        )
        by_state._credit_set_state("held")
        for decision, hold in zip(decisions, holds, strict=True):
            decision.hold = hold
            decision.document._credit_stop()
        holds._tell(company)
        return holds

    @api.model
    def _customers_of(self, company, decisions):
        partners = [
            decision.document.sudo()._credit_partner().id for decision in decisions
        ]
        customers = (
            self.env["cartera.customer"]
            .sudo()
            .search([("company_id", "=", company.id), ("partner_id", "in", partners)])
        )
        return {customer.partner_id.id: customer for customer in customers}

    @api.model
    def _prepare_hold_vals(self, company, decision, checkpoint, customers):
        doc = decision.document.sudo()
        return {
            "name": doc._credit_name(),
            "res_model": doc._name,
            "res_id": doc.id,
            "customer_id": customers[doc._credit_partner().id].id,
            "document_currency_id": doc._credit_currency().id,
            "checkpoint": checkpoint,
            "adds_exposure": bool(decision.charge.company),
            "amount": float(decision.charge.company) or self._stake_of(company, doc),
            "amount_document": doc._credit_total(),
            "excess_amount": self._excess_of(company, decision),
            "overdue_amount": decision.snapshot.get("overdue_amount", 0),
            "overdue_days": decision.snapshot.get("overdue_days", 0),
            "snapshot": decision.snapshot,
            "salesperson_id": doc._credit_salesperson().id,
            "requested_by": self.env.uid,
            "promised_date": doc._credit_promised_date(),
        }

    @api.model
    def _stake_of(self, company, document):
        """Return what a document is worth that is in the exposure already, in company currency."""
        stake = document._credit_stake()
        if not stake:
            return 0.0
        return float(
            self.env["cartera.money"]._convert(
                stake,
                document._credit_currency(),
                company,
                company._cartera_today(),
            )
        )

    @api.model
    def _excess_of(self, company, decision):
        """Return by how much the line would be exceeded, in company currency."""
        for reason in decision.reasons:
            if reason.code == "over_limit":
                currency = self.env["res.currency"].browse(reason.currency)
                excess = self.env["cartera.money"]._convert(
                    reason.measured - reason.threshold,
                    currency or company.currency_id,
                    company,
                    company._cartera_today(),
                )
                return float(excess)
        return 0.0

    def _note_check(self, decision):
        """Note what a new check found: reasons that are gone are cleared, new ones are added."""
        self.ensure_one()
        hold = self.sudo()
        Reason = self.env["cartera.credit.hold.reason"].sudo()
        found = {reason.code: reason for reason in decision.reasons}
        now = fields.Datetime.now()
        changed = False
        for reason in hold.reason_ids.filtered(
            lambda one: one.code != "forced" and not one.released_by
        ):
            again = found.pop(reason.code, None)
            if again:
                changed = changed or reason.cleared
                vals = Reason._prepare_vals(again, hold.company_id)
                reason.write({**vals, "cleared": False, "cleared_at": False})
            elif not reason.cleared:
                reason.write({"cleared": True, "cleared_at": now})
                changed = True
        if found:
            Reason.create(
                [
                    {
                        "hold_id": hold.id,
                        **Reason._prepare_vals(reason, hold.company_id),
                    }
                    for reason in found.values()
                ]
            )
            changed = True
        hold.write(
            {
                "snapshot": decision.snapshot or hold.snapshot,
                "overdue_amount": decision.snapshot.get(
                    "overdue_amount", hold.overdue_amount
                ),
                "overdue_days": decision.snapshot.get(
                    "overdue_days", hold.overdue_days
                ),
                "amount": float(decision.charge.company)
                if hold.adds_exposure
                else hold.amount,
                "amount_document": decision.document.sudo()._credit_total(),
                "excess_amount": self._excess_of(hold.company_id, decision),
                **(
                    {"state": "held"}
                    if decision.reasons and hold.state == "ready"
                    else {}
                ),
            }
        )
        if decision.reasons and decision.document.credit_state == "ready":
            decision.document._credit_set_state("held")
        if changed:
            hold._log("rechecked", figures=decision.snapshot)

    def _log(self, event, note=None, figures=None):
        self.env["cartera.credit.hold.log"].sudo().create(
            [
                {"hold_id": hold.id, "event": event, "note": note, "figures": figures}
                for hold in self
            ]
        )

    # Clearing by itself

    @api.model
    def _trigger_for(self, keys):
        """Start the re-check job if any of the (partner id, company id) has, or shares a group with, a hold."""
        partners = sorted({partner for partner, _company in keys})
        if not partners:
            return
        affected = self.search_count(
            [
                ("company_id", "in", sorted({company for _partner, company in keys})),
                ("state", "in", OPEN_STATES),
                ("forced", "=", False),
                "|",
                ("partner_id", "in", partners),
                ("customer_id.group_id.member_ids.partner_id", "in", partners),
            ],
            limit=1,
        )
        if affected:
            self.env.ref("cartera_cobranza.ir_cron_recheck_holds")._trigger()

    @api.model
    def _trigger_company_recheck(self, company):
        """Have all open holds of a company checked again, after its settings changed."""
        partners = self.search(
            [("company_id", "=", company.id), ("state", "in", OPEN_STATES)]
        ).partner_id
        if partners:
            self.env["cartera.customer"]._touch(partners.ids, company, recheck=True)

    def _set_ready(self):
        for hold in self.filtered(lambda one: one.state == "held"):
            hold.sudo().write({"state": "ready"})
            hold._log("ready")
            document = hold._document()
            if document:
                document._credit_set_state("ready")

    def _clear(self):
        """Close a hold whose reasons have all cleared."""
        for hold in self:
            hold.sudo().activity_unlink(["mail.mail_activity_data_todo"])
            hold._log("cleared")
            document = hold._document()
            vals = {"state": "released", "closed_at": fields.Datetime.now()}
            if document:
                vals["fingerprint"] = document._credit_fingerprint()
            hold.sudo().write(vals)
            if document:
                document._credit_set_state("released")

    def _release_still_holds(self, document, checkpoint=None):
        """Whether a past release still counts for the document as it is now.

        It is lost when the document asks for more, and ends after its review date; at a later checkpoint
        it counts until ``next_check_date``.

        :param checkpoint: where it is asked for; by default where it was given
        """
        self.ensure_one()
        today = self.company_id._cartera_today()
        if self.review_date and today > self.review_date:
            return False
        at_later = checkpoint and checkpoint != self.checkpoint
        if at_later and not (self.next_check_date and today < self.next_check_date):
            return False
        return not document._credit_is_worse_than(self.fingerprint or {})

    def _next_check(self, released_on):
        """Return the first day on which a later checkpoint stops the document again."""
        released = self.sudo().reason_ids.filtered(
            lambda reason: reason.released_by and reason.code != "forced"
        )
        # a reason that no rule gave, or whose rule is gone, has no grace
        grace = min([reason.rule_id.grace_days for reason in released] or [0])
        return calc_limit.next_check_date(released_on, grace)

    @api.model
    def _check_executive(self):
        if not self.env.su and not self.env.user.has_group(EXECUTIVE):
            raise AccessError(
                self.env._(
                    "Only credit executives decide on held documents. Ask one of them to look at it."
                )
            )
