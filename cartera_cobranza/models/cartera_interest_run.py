from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from ..calc import money
from .cartera_interest_proposal_writer import TOKEN
from .interest_items import InterestScope

DECIDED = ("approved", "posted", "reversed")
SET_BY_VERBS = {
    "state",
    "terms",
    "simulated_by",
    "simulated_at",
    "approved_by",
    "approved_at",
    "posted_by",
    "posted_at",
    "posting",
    "scheduled",
}


class CarteraInterestRun(models.Model):
    """A charge of default interest up to a day: simulated, reviewed, approved by another person, posted.

    A simulation writes no journal entries. Its lines are a draft that can be counted again at will; posted
    ones are history with their arithmetic and are only reversed.
    """

    _name = "cartera.interest.run"
    _description = "Interest Run"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "cartera.interest.engine",
        "cartera.interest.rights",
        "cartera.interest.proposal.writer",
        "cartera.interest.bulk",
        "cartera.interest.posting",
        "cartera.interest.reversal",
        "cartera.interest.schedule",
    ]
    _order = "date_to desc, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", search="_search_name")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_to = fields.Date(
        string="Up To",
        required=True,
        tracking=True,
        default=lambda self: self.env.company._cartera_today(),
        help="Last day that is charged.",
    )
    note_date = fields.Date(
        string="Date of the Notes",
        compute="_compute_note_date",
        store=True,
        readonly=False,
        precompute=True,
        help="Date of the debit notes; it must not lie in a locked period.",
    )
    policy_ids = fields.Many2many(
        "cartera.interest.policy",
        string="Only Policies",
        check_company=True,
        help="Empty: customers of all policies.",
    )
    customer_ids = fields.Many2many(
        "cartera.customer",
        string="Only Customers",
        check_company=True,
        help="Empty: all customers.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("simulated", "Simulated"),
            ("approved", "Approved"),
            ("posted", "Posted"),
            ("reversed", "Reversed"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    line_ids = fields.One2many(
        "cartera.interest.line", "run_id", string="Lines", readonly=True
    )
    waiver_ids = fields.One2many("cartera.interest.waiver", "run_id", readonly=True)
    terms = fields.Json(
        readonly=True, copy=False, help="The policies as they were when counted."
    )
    scheduled = fields.Boolean(readonly=True, copy=False)
    posting = fields.Boolean(
        readonly=True, copy=False, help="The notes are being posted in the background."
    )
    simulated_by = fields.Many2one("res.users", readonly=True, copy=False)
    simulated_at = fields.Datetime(readonly=True, copy=False)
    approved_by = fields.Many2one("res.users", readonly=True, copy=False, tracking=True)
    approved_at = fields.Datetime(readonly=True, copy=False)
    posted_by = fields.Many2one("res.users", readonly=True, copy=False)
    posted_at = fields.Datetime(readonly=True, copy=False)
    amount = fields.Monetary(
        string="Interest", compute="_compute_totals", help="In company currency."
    )
    waived = fields.Monetary(compute="_compute_totals")
    reversed_amount = fields.Monetary(
        string="Reversed Interest",
        compute="_compute_totals",
        help="Of what was billed: taken back by credit notes.",
    )
    to_bill = fields.Monetary(
        compute="_compute_totals",
        help="Interest less what is waived and what was reversed.",
    )
    accrued = fields.Monetary(
        string="Only Counted",
        compute="_compute_totals",
        help="Of disputed or promised amounts: not billed in this run.",
    )
    line_count = fields.Integer(string="Items", compute="_compute_totals")
    customer_count = fields.Integer(string="Customers", compute="_compute_totals")
    note_count = fields.Integer(string="Notes", compute="_compute_totals")
    open_count = fields.Integer(string="Still to Post", compute="_compute_totals")
    alarm = fields.Text(compute="_compute_alarm")

    _one_scheduled = models.UniqueIndex(
        "(company_id, date_to) WHERE scheduled",
        "The scheduled run of this day exists already.",
    )

    @api.depends("date_to")
    @api.depends_context("lang")
    def _compute_name(self):
        for run in self:
            day = format_date(self.env, run.date_to) if run.date_to else ""
            run.name = self.env._("Interest up to %s", day)

    def _search_name(self, operator, value):
        """Find runs by their day as people write it, or by a part of it; the rest of the name is the same for all."""
        if operator not in ("ilike", "like", "=", "in") or not value:
            return NotImplemented
        texts = [value] if isinstance(value, str) else list(value)
        found = self.browse()
        for run in self.search([]):
            names = f"{run.name} {run.date_to}".lower()
            if any(str(text).lower() in names for text in texts):
                found |= run
        return [("id", "in", found.ids)]

    @api.depends("date_to")
    def _compute_note_date(self):
        for run in self:
            if run.state in (False, "draft", "simulated"):
                run.note_date = run.date_to

    def _compute_totals(self):
        rows = {}
        if self.ids:
            self.env["cartera.interest.line"].flush_model()
            for row in self.env.execute_query(
                SQL(
                    """SELECT run_id, SUM(amount_company) FILTER (WHERE kind <> 'accrued'),
                              SUM(waived_company) FILTER (WHERE kind <> 'accrued'),
                              SUM(amount_company) FILTER (WHERE kind = 'accrued'),
                              COUNT(*) FILTER (WHERE kind <> 'accrued'),
                              COUNT(DISTINCT partner_id), COUNT(DISTINCT note_move_id),
                              COUNT(*) FILTER (WHERE state = 'proposed' AND kind <> 'accrued'),
                              SUM(amount_company - waived_company) FILTER (WHERE state = 'reversed')
                         FROM cartera_interest_line WHERE run_id = ANY(%s) GROUP BY run_id""",
                    self.ids,
                )
            ):
                rows[row[0]] = row[1:]
        for run in self:
            amount, waived, accrued, lines, customers, notes, left, back = rows.get(
                run._origin.id, (0,) * 8
            )
            run.amount, run.waived, run.accrued = amount or 0, waived or 0, accrued or 0
            run.reversed_amount = back or 0
            run.to_bill = (amount or 0) - (waived or 0) - (back or 0)
            run.line_count, run.customer_count = lines, customers
            run.note_count, run.open_count = notes, left

    def _compute_alarm(self):
        for run in self:
            policies = run.sudo()._policies_of_lines() if run.state != "draft" else ()
            alarms = [
                f"{policy.name}: {policy.alarm}" for policy in policies if policy.alarm
            ]
            run.alarm = "\n".join(alarms) or False

    # What may be written

    @api.model_create_multi
    def create(self, vals_list):
        self._check_role("simulate")
        if not self._internal() and any(SET_BY_VERBS & set(vals) for vals in vals_list):
            raise UserError(
                self.env._("An interest run starts as a draft; its buttons move it on.")
            )
        return super().create(
            [
                {
                    **vals,
                    "state": "draft",
                    "scheduled": bool(self._internal() and vals.get("scheduled")),
                }
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if not self._internal():
            if "company_id" in vals:
                self._check_company_reach(vals["company_id"])
            if SET_BY_VERBS & set(vals):
                raise UserError(
                    self.env._("The state of an interest run changes by its buttons.")
                )
            fixed = {"company_id", "date_to", "note_date", "policy_ids", "customer_ids"}
            decided = self.filtered(lambda run: run.state in DECIDED)
            if decided and fixed & set(vals):
                raise UserError(
                    self.env._(
                        "%(run)s is %(state)s and cannot be changed. Send it back to review, or make another run.",
                        run=decided[0].name,
                        state=decided[0]._state_label(),
                    )
                )
            if {"company_id", "date_to", "policy_ids", "customer_ids"} & set(vals):
                self.filtered(lambda run: run.state == "simulated")._forget()
        result = super().write(vals)
        if "note_date" in vals and not self._internal():
            self.filtered(lambda run: run.state == "simulated").sudo()._revalue()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for run in self:
            if run.state not in ("draft", "simulated"):
                raise UserError(
                    self.env._(
                        "%(run)s is %(state)s: it is history and cannot be deleted.",
                        run=run.name,
                        state=run._state_label(),
                    )
                )

    def unlink(self):
        drafts = self.filtered(lambda run: run.state in ("draft", "simulated"))
        drafts.sudo()._delete_lines()
        return super().unlink()

    @api.model
    def _check_company_reach(self, company_id):
        """A run is not moved to a company that the user does not work in."""
        if not self.env.su and company_id not in self.env.companies.ids:
            raise AccessError(
                self.env._("Choose one of the companies you are working in.")
            )

    def _state_label(self):
        labels = dict(self._fields["state"]._description_selection(self.env))
        return labels[self.state].lower()

    def _internal(self):
        """Whether the verbs are writing; out of reach of RPC and of the context."""
        return bool(self.env.cr.cache.get(TOKEN))

    def _write_state(self, vals):
        """Write what only the verbs may, with full rights."""
        with self._writing():
            self.sudo().write(vals)
            self.env.flush_all()

    # Simulation

    def action_simulate(self):
        """Count the interest and keep it as a review list; no journal entry is written.

        Counting again replaces the list; waivers of lines that come out the same are kept.

        :raise UserError: for a missing rate (names the days) or a date in a locked period
        """
        for run in self._start_verb("simulate", ("draft", "simulated")):
            run._check_period()
            run._simulate()
        return True

    def _scope(self, item_ids=None):
        partners = tuple(self.customer_ids.partner_id.ids) or None
        return InterestScope(
            self.company_id,
            self.date_to,
            partner_ids=partners,
            item_ids=item_ids,
            preferred=self.policy_ids or None,
            only=self.policy_ids or None,
        )

    def _simulate(self):
        self.ensure_one()
        scope = self._scope()
        known = self._circumstances(scope)
        rest, steady = self._find_steady(scope, known)
        proposals = self._charge(scope, rest, known) if rest else []
        proposals += self._propose_corrections(scope)
        kept = self._kept_waivers()
        self._delete_lines(manual=False)
        policies = steady.union(
            *{one.policy for one in proposals}, self._policies_of_lines()
        )
        if steady:
            self._write_steady()
        self._write_proposals(proposals)
        self._write_state(
            {
                "state": "simulated",
                "terms": {str(policy.id): policy._terms() for policy in policies},
                "simulated_by": self.env.uid,
                "simulated_at": fields.Datetime.now(),
            }
        )
        self._restore_waivers(kept)
        self.invalidate_recordset()

    def _check_period(self):
        """Refuse a note date in a locked period, naming the lock."""
        self.ensure_one()
        company = self.company_id
        journal = self.policy_ids.journal_id[:1] or self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", company.id)], limit=1
        )
        locks = company._get_violated_lock_dates(self.note_date, True, journal)
        if locks:
            raise UserError(
                self.env._(
                    "The notes of %(run)s would be dated %(day)s, in a period that is locked up to %(lock)s. Choose a "
                    "later date for the notes.",
                    run=self.name,
                    day=format_date(self.env, self.note_date),
                    lock=format_date(self.env, locks[-1][0]),
                )
            )

    def _forget(self):
        """Drop the list of a simulation whose questions have changed."""
        self.sudo()._delete_lines()
        self._write_state({"state": "draft"})

    def action_add_fee(self, fee_id, move_line_ids):
        """Add a fee that is charged by hand (a returned cheque) to items, in draft or simulated runs.

        :param move_line_ids: receivable items of the run's company that are charged it
        """
        for run in self._start_verb("simulate", ("draft", "simulated")):
            fee = self.env["cartera.interest.fee"].sudo().browse(fee_id).exists()
            items = self.env["account.move.line"].browse(move_line_ids)
            items.check_access("read")
            items = items.sudo()
            if fee.kind != "manual" or fee.company_id != run.company_id or not items:
                raise UserError(
                    self.env._(
                        "Choose a fee of %(company)s that is charged by hand, and at least one item.",
                        company=run.company_id.name,
                    )
                )
            for item in items:
                if (
                    item.company_id != run.company_id
                    or item.parent_state != "posted"
                    or item.account_id.account_type != "asset_receivable"
                    or not item.partner_id
                ):
                    raise UserError(
                        self.env._(
                            "%(item)s is no posted receivable item of a customer of %(company)s.",
                            item=item.display_name,
                            company=run.company_id.name,
                        )
                    )
            run._write_proposals(run._manual_fees(fee, items), manual=True)
            if run.state == "draft":
                run._write_state({"state": "simulated", "simulated_by": self.env.uid})
        return True

    # Approval

    def action_approve(self):
        """Approve simulated runs; another person than who simulated them.

        :raise UserError: when there is nothing to charge, or for the same person
        """
        for run in self._start_verb("approve", ("simulated",)):
            people = run.simulated_by | run.create_uid
            if self.env.user in people and not self._by_the_system(run):
                raise UserError(
                    self.env._(
                        "%(user)s prepared %(run)s, so that another person must approve it.",
                        user=self.env.user.name,
                        run=run.name,
                    )
                )
            if not run.line_count:
                raise UserError(
                    self.env._(
                        "There is nothing to charge up to %(day)s.",
                        day=format_date(self.env, run.date_to),
                    )
                )
            run._check_period()
            run._check_notes_possible()
            run._write_state(
                {
                    "state": "approved",
                    "approved_by": self.env.uid,
                    "approved_at": fields.Datetime.now(),
                }
            )
            run.activity_feedback(["mail.mail_activity_data_todo"])
        return True

    def _by_the_system(self, run):
        return self.env.su and run.scheduled

    def action_back(self):
        """Send approved runs of which nothing is posted yet back to review."""
        for run in self._start_verb("approve", ("approved",)):
            posted = [("run_id", "=", run.id), ("state", "=", "posted")]
            if self.env["cartera.interest.line"].search_count(posted, limit=1):
                raise UserError(
                    self.env._(
                        "Part of %(run)s is posted already. Post the rest, or reverse it.",
                        run=run.name,
                    )
                )
            run._write_state(
                {
                    "state": "simulated",
                    "approved_by": False,
                    "approved_at": False,
                    "posting": False,
                }
            )
        return True

    # Waiving

    def action_waive(self, line_ids, reason, amount=None):
        """Forgive interest of lines, with a reason and within the authority to waive.

        Before posting the line is charged less; afterwards a credit note is made.

        :param line_ids: ids of lines of these runs
        :param amount: of each line, in its currency; None: all that is left
        """
        self._check_role("waive")
        lines = self._lines_of(line_ids)
        return lines._waive(reason, amount)

    def action_reinstate(self, line_ids, reason):
        """Undo the waivers of lines; of posted ones by a debit note."""
        self._check_role("waive")
        lines = self._lines_of(line_ids)
        return lines._reinstate(reason)

    def _lines_of(self, line_ids):
        self.check_access("read")
        lines = self.env["cartera.interest.line"].browse(line_ids).exists()
        lines.check_access("read")
        strange = lines.filtered(lambda line: line.run_id not in self)
        if len(lines) != len(set(line_ids)) or strange:
            raise UserError(
                self.env._(
                    "Some of the lines do not belong to %(run)s.",
                    run=", ".join(self.mapped("name")),
                )
            )
        if not lines:
            raise UserError(self.env._("Choose the lines."))
        return lines

    def _frozen(self, policy):
        """Return the terms of a policy as they were when the run was counted."""
        self.ensure_one()
        return (self.terms or {}).get(str(policy.id)) or policy._terms()

    def _total_by_customer(self, partner):
        """Return the interest of a customer in the run, in company currency, as Decimal."""
        lines = self._lines_of_customer(partner)
        return sum(
            (
                money.to_decimal(line.amount_company)
                for line in lines
                if line.kind != "accrued"
            ),
            money.ZERO,
        )

    def _lines_of_customer(self, partner):
        return self.env["cartera.interest.line"].search(
            [("run_id", "in", self.ids), ("partner_id", "=", partner.id)]
        )
