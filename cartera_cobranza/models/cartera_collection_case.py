from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from .collection_summary import aging_blocks

COLLECTOR = "cartera_cobranza.group_collector"
# What a collector may change by hand; the rest is done by verbs or by the refresh.
BY_HAND = frozenset(
    (
        "stage",
        "note",
        "next_contact_date",
        "activity_ids",
        "activity_user_id",
        "activity_type_id",
        "activity_date_deadline",
        "activity_summary",
        "message_ids",
        "message_follower_ids",
        "message_main_attachment_id",
    )
)


class CarteraCollectionCase(models.Model):
    """What is being done about a customer's debt: one open case for each customer.

    Made by the plan or by hand when there is something to collect; closed by hand, or by itself when nothing
    is overdue any more. Its list is the collector's worklist.
    """

    _name = "cartera.collection.case"
    _description = "Collection Case"
    _inherit = [
        "cartera.collection.inbox",
        "mail.thread",
        "mail.activity.mixin",
        "cartera.collection.worklist",
        "cartera.collection.file",
        "cartera.collection.stage",
        "cartera.collection.verbs",
    ]
    _order = (
        "todo_rank, score desc, overdue_amount desc, overdue_days desc, partner_id, id"
    )
    _rec_name = "partner_id"
    _rec_names_search = ["partner_id"]
    _mail_post_access = "read"

    customer_id = fields.Many2one(
        "cartera.customer",
        string="Credit Account",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        related="customer_id.partner_id",
        string="Customer",
        store=True,
        index=True,
        precompute=True,
    )
    company_id = fields.Many2one(
        related="customer_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    stage = fields.Selection(
        [
            ("new", "New"),
            ("contacted", "In contact"),
            ("promised", "Promised"),
            ("disputed", "In dispute"),
            ("escalated", "Escalated"),
            ("legal", "Legal"),
            ("closed", "Closed"),
        ],
        default="new",
        required=True,
        index=True,
        tracking=True,
        group_expand="_expand_stages",
    )
    collector_id = fields.Many2one(
        related="customer_id.collector_id", store=True, precompute=True, index=True
    )
    acting_id = fields.Many2one(
        "res.users",
        string="Worked By",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The collector, or who stands in for an absent one.",
    )
    salesperson_id = fields.Many2one(
        related="partner_id.user_id", string="Salesperson", store=True
    )
    phone = fields.Char(related="partner_id.phone")
    email = fields.Char(related="partner_id.email")
    strategy_id = fields.Many2one(
        "cartera.collection.strategy",
        compute="_compute_strategy_id",
        string="Plan",
        help="The strategy that the customer follows today.",
    )
    next_contact_date = fields.Date(
        string="Next Contact", index="btree_not_null", tracking=True
    )
    last_contact_date = fields.Date(string="Last Contact", readonly=True)
    last_reply_date = fields.Date(string="Last Answer", readonly=True)
    reply_unread = fields.Boolean(
        string="Answer to Read",
        readonly=True,
        help="The customer wrote; nobody has answered yet.",
    )
    paused_until = fields.Date(readonly=True, tracking=True)
    pause_reason = fields.Char(readonly=True, tracking=True)
    opened_on = fields.Date(
        readonly=True, default=lambda self: self.env.company._cartera_today()
    )
    closed_on = fields.Date(readonly=True)
    close_reason = fields.Char(readonly=True, tracking=True)
    note = fields.Html(string="Notes")
    action_ids = fields.One2many(
        "cartera.collection.action",
        "case_id",
        string="Contacts of This Case",
        readonly=True,
    )
    history_ids = fields.One2many(
        related="customer_id.collection_action_ids", string="All Contacts"
    )
    hold_ids = fields.One2many(related="customer_id.hold_ids", string="Holds")
    promise_ids = fields.One2many(related="customer_id.promise_ids", string="Promises")
    dispute_ids = fields.One2many(related="customer_id.dispute_ids", string="Disputes")
    open_line_ids = fields.Many2many(
        "account.move.line",
        string="Open Items",
        compute="_compute_open_line_ids",
        groups="account.group_account_readonly,account.group_account_invoice",
    )
    summary_html = fields.Html(
        string="What Is Owed", compute="_compute_summary_html", sanitize=False
    )
    waiting_action_id = fields.Many2one(
        "cartera.collection.action",
        string="Step To Do",
        compute="_compute_waiting_action_id",
    )
    waiting_channel = fields.Char(
        string="Channel of the Step", compute="_compute_waiting_action_id"
    )

    _open_unique = models.UniqueIndex(
        "(customer_id) WHERE stage <> 'closed'",
        "This customer has an open case already.",
    )

    # Computes

    def _compute_strategy_id(self):
        for company, cases in self.sudo().grouped("company_id").items():
            plans = self.env["cartera.collection.strategy"].sudo()
            plans = plans._assign(company, cases.customer_id)
            for case in cases:
                case.strategy_id = plans.get(case.customer_id, False)

    def _compute_open_line_ids(self):
        for company, cases in self.grouped("company_id").items():
            lines = self.env["account.move.line"].search(
                [
                    ("partner_id.commercial_partner_id", "in", cases.partner_id.ids),
                    ("company_id", "=", company.id),
                    ("parent_state", "=", "posted"),
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("account_id.non_trade", "=", False),
                    ("reconciled", "=", False),
                ],
                order="date_maturity, id",
            )
            by_partner = lines.grouped(
                lambda line: line.partner_id.commercial_partner_id
            )
            for case in cases:
                case.open_line_ids = by_partner.get(case.partner_id, False)

    def _compute_summary_html(self):
        for case in self:
            case.summary_html = self.env["ir.qweb"]._render(
                "cartera_cobranza.collection_summary",
                {"blocks": case._summary_blocks(), "case": case},
            )

    def _summary_blocks(self):
        """Return what is owed by age, one block a currency, disputes and promises apart; for the page."""
        self.ensure_one()
        case = self.sudo()
        company = case.company_id
        if not case.id:
            return []
        items = self.env["cartera.collection.strategy"].sudo()
        items = items._gather_items(company, case.customer_id).get(
            case.customer_id.id, ()
        )
        return aging_blocks(items, company._cartera_today(), self.env)

    def _compute_waiting_action_id(self):
        waiting = self.env["cartera.collection.action"].search(
            [("case_id", "in", self.ids), ("state", "in", ("ready", "error"))],
            order="id desc",
        )
        by_case = {action.case_id: action for action in waiting}
        for case in self:
            case.waiting_action_id = by_case.get(case, False)
            case.waiting_channel = case.waiting_action_id.channel

    # Finding and making

    @api.model
    def _for_customers(self, customers):
        """Return {customer: its open case}, made where there is none."""
        self._make_missing(customers)
        cases = self.sudo().search(
            [("customer_id", "in", customers.ids), ("stage", "!=", "closed")]
        )
        return {
            customer.with_env(customers.env): case.with_env(self.env)
            for case in cases
            for customer in case.customer_id
        }

    @api.model
    def _make_missing(self, customers):
        """Open cases for the customers without one, in one statement; another run's count as well."""
        if not customers:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """INSERT INTO cartera_collection_case
                          (customer_id, partner_id, company_id, collector_id, acting_id, salesperson_id, stage,
                           opened_on, todo, todo_rank, create_uid, write_uid, create_date, write_date)
                   SELECT c.id, c.partner_id, c.company_id, c.collector_id, c.collector_id, p.user_id, 'new',
                          COALESCE((%(days)s::jsonb ->> c.company_id::text)::date, current_date), 'new', 60,
                          %(uid)s, %(uid)s, now() at time zone 'utc', now() at time zone 'utc'
                     FROM cartera_customer c JOIN res_partner p ON p.id = c.partner_id
                    WHERE c.id = ANY(%(customers)s)
                      AND NOT EXISTS (SELECT 1 FROM cartera_collection_case k
                                       WHERE k.customer_id = c.id AND k.stage <> 'closed')
                 ORDER BY c.id
              ON CONFLICT DO NOTHING""",
                days=self._days_json(customers.company_id),
                uid=self.env.uid,
                customers=customers.ids,
            )
        )
        if self.env.cr.rowcount:
            self.invalidate_model(flush=False)
            self.env["cartera.customer"].invalidate_model(["case_ids"], flush=False)

    def _responsible(self):
        """Return who is to act on the case: the stand-in, the collector, else the company's choice."""
        self.ensure_one()
        case = self.sudo()
        people = (
            case.acting_id,
            case.customer_id.collector_id,
            case.company_id.cartera_collection_user_id,
            case.company_id.cartera_credit_user_id,
        )
        return next((user for user in people if user.active), self.env["res.users"])

    # What verbs and colleagues' models call

    def _message_note(self, text):
        for case in self.sudo():
            case._message_log(body=text)

    def _drop_reminders(self, feedback=None, answers=True):
        """End the reminders of contacts: they have been made, or are not to be made any more.

        :param answers: those to read an answer as well
        """
        kinds = self.env.ref("cartera_cobranza.mail_activity_contact")
        if answers:
            kinds |= self.env.ref("cartera_cobranza.mail_activity_reply")
        reminders = self.sudo().activity_ids.filtered(
            lambda one: one.activity_type_id in kinds
        )
        if feedback:
            reminders._action_done(feedback=feedback)
        else:
            reminders.unlink()

    def _add_task(self, summary, note=None, user=None, days=0):
        """Give the responsible of each case a task for today, or ``days`` later."""
        for case in self.sudo():
            responsible = user or case._responsible()
            if responsible:
                case.activity_schedule(
                    "mail.mail_activity_data_todo",
                    fields.Date.add(case.company_id._cartera_today(), days=days),
                    summary=summary,
                    note=note or "",
                    user_id=responsible.id,
                )

    # Rights

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(
                self.env._("Open a case from the customer's credit account.")
            )
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            beyond = set(vals) - BY_HAND
            if beyond or vals.get("stage") == "closed":
                raise AccessError(
                    self.env._(
                        "%(fields)s of a case cannot be written by hand. Use the buttons of the case.",
                        fields=", ".join(
                            sorted(self._fields[name].string for name in beyond)
                        )
                        or self._fields["stage"].string,
                    )
                )
            self._check_open()
            self._check_legal_stage(vals)
        return super().write(vals)

    @api.constrains("next_contact_date")
    def _check_next_contact_date(self):
        for case in self.filtered("next_contact_date"):
            if case.next_contact_date < case.company_id._cartera_today():
                raise ValidationError(
                    self.env._(
                        "The next contact with %(customer)s on %(day)s is in the past. Choose today or later.",
                        customer=case.partner_id.display_name,
                        day=fields.Date.to_string(case.next_contact_date),
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("A case is history and cannot be deleted. Close it.")
        )
