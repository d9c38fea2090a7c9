import logging

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools.safe_eval import safe_eval

from ..calc import credit_analysis, money
from .decided import deciding

_logger = logging.getLogger(__name__)

EXECUTIVE = "cartera_cobranza.group_credit_executive"
TERMS = frozenset(
    (
        "company_id",
        "method",
        "value",
        "percent_a",
        "percent_b",
        "percent_c",
        "percent_d",
        "step",
        "direction",
        "cap",
        "floor",
        "date_to",
        "customer_domain",
        "reason",
        "line_ids",
    )
)
DECIDED = {
    "state": "draft",
    "requested_by": False,
    "requested_on": False,
    "decided_by": False,
    "decided_on": False,
    "reject_reason": False,
}


class CarteraCreditRevision(models.Model):
    """New limits proposed for many customers at once, looked at, and approved as one batch.

    Each row that is approved becomes an application of its own with the batch's reason, decided within the
    approver's authority; a row that fails says why and stops no other.
    """

    _name = "cartera.credit.revision"
    _description = "Mass Revision of Limits"
    _inherit = ["mail.thread", "mail.activity.mixin", "cartera.stateful"]
    _order = "id desc"

    name = fields.Char(
        required=True, help="What the revision is called, e.g. Season 2027."
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("proposed", "Proposed"),
            ("submitted", "To Approve"),
            ("part", "Partly Approved"),
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
    )
    reason = fields.Char(
        required=True, help="Why; it becomes the reason of each new version."
    )
    customer_domain = fields.Char(
        string="Customers",
        default="[]",
        help="Whose lines are revised: their active lines up to an amount.",
    )
    method = fields.Selection(
        [
            ("fixed", "An amount more or less"),
            ("percent", "A percentage more or less"),
            ("class", "A percentage by risk class"),
            ("purchases", "Months of purchases"),
            ("recommended", "The recommended limit"),
        ],
        required=True,
        default="percent",
        help="Recommended: as the score's risk classes say, from the purchases of twelve months.",
    )
    value = fields.Float(
        help="The amount (in company currency), the percentage or the months; below zero lowers limits."
    )
    percent_a = fields.Float(string="Class A (%)")
    percent_b = fields.Float(string="Class B (%)")
    percent_c = fields.Float(string="Class C (%)")
    percent_d = fields.Float(string="Class D (%)")
    step = fields.Float(
        string="Round To",
        default=1000.0,
        help="In the line's currency. Zero: no rounding.",
    )
    direction = fields.Selection(
        [("nearest", "Nearest"), ("up", "Up"), ("down", "Down")],
        string="Rounding",
        default="nearest",
        required=True,
    )
    cap = fields.Monetary(
        string="At Most",
        help="Limits are raised to this at most; one that is higher already stays. Zero: no cap.",
    )
    floor = fields.Monetary(
        string="At Least",
        help="Limits are lowered to this at least; one that is lower already stays. Zero: no floor.",
    )
    date_to = fields.Date(
        string="Valid Until", help="New last day of the lines. Empty: they keep theirs."
    )
    line_ids = fields.One2many(
        "cartera.credit.revision.line", "revision_id", string="Proposals"
    )
    line_count = fields.Integer(compute="_compute_totals", string="Lines")
    current_total = fields.Monetary(compute="_compute_totals", string="Now")
    proposed_total = fields.Monetary(compute="_compute_totals", string="Then")
    done_count = fields.Integer(compute="_compute_totals", string="Done")
    failed_count = fields.Integer(compute="_compute_totals", string="Failed")
    requested_by = fields.Many2one("res.users", readonly=True, copy=False)
    requested_on = fields.Datetime(readonly=True, copy=False)
    decided_by = fields.Many2one("res.users", readonly=True, copy=False)
    decided_on = fields.Datetime(readonly=True, copy=False)
    reject_reason = fields.Text(
        string="Why It Was Rejected", readonly=True, copy=False, tracking=True
    )

    @api.depends(
        "line_ids.include",
        "line_ids.state",
        "line_ids.current_company",
        "line_ids.proposed_company",
    )
    def _compute_totals(self):
        for one in self:
            chosen = one.line_ids.filtered("include")
            one.line_count = len(chosen)
            one.current_total = sum(chosen.mapped("current_company"))
            one.proposed_total = sum(chosen.mapped("proposed_company"))
            one.done_count = len(chosen.filtered(lambda row: row.state == "done"))
            one.failed_count = len(chosen.filtered(lambda row: row.state == "failed"))

    @api.constrains("step", "cap", "floor", "method", "value")
    def _check_numbers(self):
        for one in self:
            if min(one.step, one.cap, one.floor) < 0:
                raise ValidationError(
                    self.env._(
                        "Rounding, cap and floor cannot be negative (received %(step)s, %(cap)s, %(floor)s). Enter "
                        "zero for none.",
                        step=one.step,
                        cap=one.cap,
                        floor=one.floor,
                    )
                )
            if one.cap and one.floor > one.cap:
                raise ValidationError(
                    self.env._(
                        "No limit is at least %(floor)s and at most %(cap)s. Correct one of them.",
                        floor=one.currency_id.format(one.floor),
                        cap=one.currency_id.format(one.cap),
                    )
                )
            if one.method == "percent" and one.value < -100:
                raise ValidationError(
                    self.env._(
                        "A limit can be lowered by 100 %% at most (received %s).",
                        one.value,
                    )
                )
            if one.method == "purchases" and one.value < 0:
                raise ValidationError(
                    self.env._("Months cannot be negative (received %s).", one.value)
                )

    @api.constrains("customer_domain")
    def _check_domain(self):
        for one in self:
            try:
                self.env["cartera.customer"].search_count(one._domain(), limit=1)
            except (ValueError, SyntaxError, TypeError, KeyError, NameError) as error:
                raise ValidationError(
                    self.env._("The selection of customers cannot be read: %s", error)
                ) from error

    def _domain(self):
        self.ensure_one()
        return list(safe_eval(self.customer_domain or "[]", {"uid": self.env.uid}))

    # Keeping what was decided

    @api.model
    def _is_internal(self):
        return bool(self.env.cr.cache.get("cartera_revision"))

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{**vals, **DECIDED} for vals in vals_list])

    def write(self, vals):
        if not self._is_internal():
            if set(DECIDED) & set(vals):
                raise UserError(
                    self.env._("The state of a revision changes by its buttons only.")
                )
            if TERMS & set(vals) and any(
                one.state not in ("draft", "proposed") for one in self
            ):
                raise UserError(
                    self.env._("A revision that is submitted stays as it is.")
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for one in self:
            if one.state not in ("draft", "proposed"):
                raise UserError(
                    self.env._("%s has been submitted and is kept.", one.name)
                )

    def _write_decided(self, records, vals):
        with deciding(self.env, "cartera_revision", flush=True):
            records.sudo().write(vals)

    def _check_role(self):
        if not self.env.su and not self.env.user.has_group(EXECUTIVE):
            raise AccessError(
                self.env._(
                    "Limits are revised by the credit department. Ask a credit executive."
                )
            )
        self.check_access("read")

    # Propose

    def action_propose(self):
        """Propose a new limit for each line of the selection: the list to look at, nothing else is written."""
        self._check_role()
        self._check_state("draft", "proposed")
        for one in self:
            rows = one._prepare_rows()
            one.line_ids.unlink()
            one.write({"line_ids": [Command.create(vals) for vals in rows]})
            one._write_decided(one, {"state": "proposed"})
        return True

    def _lines_to_revise(self):
        customers = self.env["cartera.customer"].search(
            [*self._domain(), ("company_id", "=", self.company_id.id)]
        )
        return (
            self.env["cartera.credit.line"]
            .sudo()
            .search(
                [
                    ("customer_id", "in", customers.ids),
                    ("state", "=", "active"),
                    ("mode", "=", "amount"),
                ],
                order="customer_id, id",
            )
        )

    def _prepare_rows(self):
        """Return the values of the proposals: gathered in a few statements for all lines."""
        self.ensure_one()
        company = self.company_id
        lines = self._lines_to_revise()
        lines.fetch(["customer_id", "amount", "currency_id"])
        customers = lines.customer_id
        customers.fetch(["partner_id", "risk_class", "score"])
        figures = {
            row.customer_id: row
            for row in self.env["cartera.customer.snapshot"]
            .sudo()
            .search_fetch(
                [("customer_id", "in", customers.ids)],
                ["customer_id", "exposure", "overdue_amount", "overdue_days"],
            )
        }
        behaviours = self.env["cartera.credit.behaviour"]._gather_behaviour(
            company, customers.partner_id.ids
        )
        rates = self.env["cartera.money"]._rates(company, company._cartera_today())
        scale = self.env["cartera.score.scale"]._for_company(company)
        policies = {row.risk_class: row._policy() for row in scale.class_ids}
        return [
            self._prepare_row(
                line,
                behaviours[line.customer_id.partner_id.id],
                figures.get(line.customer_id),
                rates.get(line.currency_id.id),
                policies,
            )
            for line in lines
        ]

    def _prepare_row(self, line, behaviour, figures, rate, policies):
        customer = line.customer_id
        vals = {
            "line_id": line.id,
            "customer_id": customer.id,
            "currency_id": line.currency_id.id,
            "current_amount": line.amount,
            "purchases": float(behaviour.purchases or 0),
            "peak_exposure": float(behaviour.peak or 0),
            "score": customer.score,
            "risk_class": customer.risk_class,
            "exposure": figures.exposure if figures else 0.0,
            "overdue_amount": figures.overdue_amount if figures else 0.0,
            "overdue_days": figures.overdue_days if figures else 0,
            "rate": float(rate or 0),
        }
        if not rate:
            return vals | self._no_proposal(
                self.env._("There is no exchange rate for %s.", line.currency_id.name)
            )
        policy = policies.get(customer.risk_class)
        purchases = behaviour.purchases
        advice = None
        if policy and self.method == "recommended":
            advice = credit_analysis.recommend(policy, purchases, None).amount
        proposed = credit_analysis.proposed(
            self._change(customer.risk_class, rate),
            money.to_decimal(line.amount),
            None if purchases is None else purchases * rate,
            None if advice is None else advice * rate,
        )
        if proposed is None:
            return vals | self._no_proposal(
                self.env._("Purchases or risk class are not known.")
            )
        proposed = money.round_money(
            proposed, money.to_decimal(line.currency_id.rounding)
        )
        if proposed == money.to_decimal(line.amount):
            return vals | {
                "proposed_amount": line.amount,
                "include": False,
                "message": self.env._("No change."),
            }
        return vals | {"proposed_amount": float(proposed), "include": True}

    def _no_proposal(self, why):
        return {"proposed_amount": 0.0, "include": False, "message": why}

    def _change(self, risk_class, rate):
        """Return calc's Change in the line's currency; amounts of the batch are in company currency."""
        method, value = self.method, money.to_decimal(self.value)
        if method == "class":
            method = "percent"
            value = money.to_decimal(self[f"percent_{risk_class}"] if risk_class else 0)
        elif method == "fixed":
            value *= rate
        return credit_analysis.Change(
            method=method,
            value=value,
            step=money.to_decimal(self.step),
            direction=self.direction,
            cap=money.to_decimal(self.cap) * rate,
            floor=money.to_decimal(self.floor) * rate,
        )

    # Decide

    def action_submit(self):
        """Hand the proposals over for approval by somebody else."""
        self._check_role()
        self._check_state("proposed")
        for one in self:
            if not one.line_ids.filtered("include"):
                raise UserError(
                    self.env._(
                        "%s proposes no change. Change the method or the selection and propose again.",
                        one.name,
                    )
                )
        self._write_decided(
            self,
            {
                "state": "submitted",
                "requested_by": self.env.uid,
                "requested_on": fields.Datetime.now(),
            },
        )
        return True

    def action_approve(self):
        """Approve the batch row by row: each becomes an application within one's authority.

        A row that fails names why and stops no other; one that needs a second signature waits for another
        person's approval of the batch.
        """
        self._check_role()
        self._check_state("submitted", "part")
        for one in self:
            if self.env.user in (one.requested_by | one.sudo().create_uid):
                raise AccessError(
                    self.env._(
                        "%s was proposed by you, and nobody approves an own revision. Ask a colleague with authority.",
                        one.name,
                    )
                )
            rows = one.line_ids.filtered(
                lambda row: row.include and row.state != "done"
            )
            for row in rows.sorted("id"):
                row._approve()
            left = one.line_ids.filtered(
                lambda row: row.include and row.state != "done"
            )
            one._write_decided(
                one,
                {
                    "state": "part" if left else "approved",
                    "decided_by": self.env.uid,
                    "decided_on": fields.Datetime.now(),
                },
            )
            _logger.info(
                "%s: %s limits changed, %s failed or wait",
                one.name,
                one.done_count,
                len(left),
            )
        return True

    def action_reject(self, reason=None):
        """Reject what of the batch is not approved yet.

        :param reason: why; obligatory
        """
        self._check_role()
        self._check_state("submitted", "part")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the revision is rejected."))
        for one in self:
            waiting = one.line_ids.request_id.filtered(
                lambda row: row.state in ("submitted", "review")
            )
            waiting.action_reject(reason)
        self._write_decided(
            self,
            {
                "state": "rejected",
                "reject_reason": reason,
                "decided_by": self.env.uid,
                "decided_on": fields.Datetime.now(),
            },
        )
        return True

    def action_open_reject(self):
        """Ask why the batch is rejected (button)."""
        return self.env["cartera.reason"]._ask(self, "action_reject")

    def action_cancel(self):
        """Withdraw a batch of which nothing is approved."""
        self._check_role()
        self._check_state("draft", "proposed", "submitted")
        self._write_decided(self, {"state": "cancelled"})
        return True

    def action_draft(self):
        """Take a batch back, to change and propose it again."""
        self._check_role()
        self._check_state("proposed", "submitted", "rejected", "cancelled")
        for one in self:
            if one.line_ids.request_id:
                raise UserError(
                    self.env._(
                        "Rows of %s are decided already. Make a new revision.", one.name
                    )
                )
        self._write_decided(
            self, {"state": "draft", "requested_by": False, "requested_on": False}
        )
        return True

    def action_open_requests(self):
        """Open the applications that the batch made (button)."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "cartera_cobranza.cartera_credit_request_action"
        )
        return action | {
            "domain": [("revision_line_id.revision_id", "=", self.id)],
            "context": {"create": False},
        }
