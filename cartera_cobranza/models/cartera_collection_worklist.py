import json

from odoo import api, fields, models
from odoo.tools import SQL

from ..calc import score as calc_score
from .cartera_collection_step import CONTACTS

# What is to be done first in the worklist.
TODO = [
    ("promise", "Promise due today"),
    ("broken", "Broken promise"),
    ("reply", "Answer to read"),
    ("step", "Step to do"),
    ("contact", "Contact due"),
    ("new", "No contact agreed"),
    ("later", "Contact agreed"),
    ("paused", "Paused"),
    ("left_out", "Left out of the plan"),
]
RANKS = {key: (place + 1) * 10 for place, (key, _label) in enumerate(TODO)}


class CarteraCollectionWorklist(models.AbstractModel):
    """The figures of cases and their order in the worklist: a copy that the refresh rebuilds."""

    _name = "cartera.collection.worklist"
    _description = "Collection Worklist"

    currency_id = fields.Many2one("res.currency")
    todo = fields.Selection(TODO, string="To Do", readonly=True, default="new")
    todo_rank = fields.Integer(readonly=True, default=RANKS["new"], index=True)
    score = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Points of the rules that hold for the customer, in percent of all points.",
    )
    score_class = fields.Selection(
        [
            ("very_high", "Very high"),
            ("high", "High"),
            ("medium", "Medium"),
            ("low", "Low"),
        ],
        string="Priority",
        readonly=True,
    )
    score_parts = fields.Json(readonly=True)
    score_html = fields.Html(
        string="Parts of the Score", compute="_compute_score_html", sanitize=False
    )
    overdue_amount = fields.Monetary(
        string="Overdue",
        readonly=True,
        help="Net of credits, in company currency, as of the last refresh.",
    )
    overdue_days = fields.Integer(
        string="Days Overdue", readonly=True, aggregator="max"
    )
    balance = fields.Monetary(readonly=True, help="All that is open, net of credits.")
    disputed_amount = fields.Monetary(string="Disputed", readonly=True)
    promised_amount = fields.Monetary(string="Promised", readonly=True)
    left_out_amount = fields.Monetary(
        string="Left Out",
        readonly=True,
        help="Invoices that somebody left out of the contact plan for a while; part of what is overdue or open.",
    )
    refreshed_at = fields.Datetime(readonly=True)

    @api.depends("score_parts")
    @api.depends_context("lang")
    def _compute_score_html(self):
        names = {
            rule.id: rule.name
            for rule in self.env["cartera.worklist.rule"]
            .sudo()
            .with_context(active_test=False)
            .search([])
        }
        for case in self:
            parts = [
                {**part, "name": names.get(part["rule"], part.get("name", ""))}
                for part in case.score_parts or ()
            ]
            case.score_html = (
                self.env["ir.qweb"]._render(
                    "cartera_cobranza.collection_score_parts", {"parts": parts}
                )
                if parts
                else False
            )

    @api.model
    def _days_json(self, companies):
        return json.dumps(
            {
                str(company.id): company._cartera_today().isoformat()
                for company in companies
            }
        )

    def _note_contact(self):
        """Bring last contact and order up to date after something happened to these cases."""
        for company, cases in self.sudo().grouped("company_id").items():
            cases._refresh_cases(company)

    @api.model
    def _refresh_cases(self, company):
        """Rebuild figures, scores and order of the open cases of ``company``, or of ``self``.

        Cases with nothing overdue and nothing going on are closed by themselves.
        """
        cases = self if self else self.browse()
        self.env.flush_all()
        day = company._cartera_today()
        facts = self._gather_facts(company, day, cases)
        if not facts:
            return
        rules = self.env["cartera.worklist.rule"]._in_force(company)
        rows = [self._prepare_figures(fact, rules, day) for fact in facts.values()]
        self.env.cr.execute(
            SQL(
                """UPDATE cartera_collection_case k
                      SET todo = r.todo, todo_rank = r.todo_rank, score = r.score, score_class = r.score_class,
                          score_parts = r.parts, overdue_amount = r.overdue, overdue_days = r.days,
                          balance = r.balance, disputed_amount = r.disputed, promised_amount = r.promised,
                          left_out_amount = r.left_out, last_contact_date = r.last_contact, acting_id = r.acting,
                          refreshed_at = now() at time zone 'utc'
                     FROM jsonb_to_recordset(%s) AS r(id int, todo text, todo_rank int, score numeric,
                          score_class text, parts jsonb, overdue numeric, days int, balance numeric,
                          disputed numeric, promised numeric, left_out numeric, last_contact date, acting int)
                    WHERE k.id = r.id""",
                json.dumps(rows),
            )
        )
        self.invalidate_model(flush=False)
        self._follow_stages(facts)
        if not cases:
            over = [fact["id"] for fact in facts.values() if self._is_over(fact)]
            self.browse(over)._close(self.env._("Nothing is overdue any more."))

    @api.model
    def _is_over(self, fact):
        """Whether a case has nothing left to collect and nothing going on."""
        return (
            fact["overdue"] <= 0
            and fact["stage"] in ("new", "contacted", "escalated")
            and not fact["on_the_way"]
            and not fact["reply"]
            and not fact["upcoming"]
            and not fact["promised"]
            and not fact["disputed"]
        )

    @api.model
    def _gather_facts(self, company, day, cases):
        """Return {case id: facts} of open cases, in one statement and one for what disputes and promises tell."""
        rows = self.env.execute_query_dict(
            SQL(
                """WITH chosen AS (
                       SELECT k.* FROM cartera_collection_case k
                        WHERE k.company_id = %(company)s AND k.stage <> 'closed' AND %(only)s),
                   item AS (
                       SELECT c.partner_id, l.id, COALESCE(l.date_maturity, l.date) AS due, l.amount_residual AS open
                         FROM chosen c
                         JOIN res_partner p ON p.commercial_partner_id = c.partner_id
                         JOIN account_move_line l ON l.partner_id = p.id AND l.company_id = %(company)s
                              AND l.parent_state = 'posted' AND l.reconciled IS NOT TRUE AND %(trade)s),
                   running AS (
                       SELECT i.partner_id, i.due, i.open,
                              SUM(CASE WHEN i.open > 0 THEN i.open ELSE 0 END)
                                  OVER (PARTITION BY i.partner_id ORDER BY i.due, i.id) AS total
                         FROM item i),
                   credit AS (
                       SELECT partner_id, -SUM(open) AS amount FROM item WHERE open < 0 GROUP BY partner_id),
                   owed AS (
                       SELECT r.partner_id, SUM(r.open) AS balance,
                              GREATEST(SUM(CASE WHEN r.open > 0 AND r.due < %(day)s THEN r.open ELSE 0 END)
                                       - COALESCE(MAX(c.amount), 0), 0) AS overdue,
                              COALESCE(MAX(CASE WHEN r.open > 0 AND r.due < %(day)s
                                                AND r.total > COALESCE(c.amount, 0)
                                                THEN %(day)s - r.due END), 0) AS days
                         FROM running r LEFT JOIN credit c ON c.partner_id = r.partner_id
                     GROUP BY r.partner_id),
                   contact AS (
                       SELECT a.customer_id,
                              MAX(a.done_date) FILTER (WHERE a.state IN ('sent', 'done', 'replied')
                                                       AND a.channel = ANY(%(contacts)s)) AS last,
                              bool_or(a.state IN ('ready', 'error')) AS step,
                              bool_or(a.state = 'planned') AS planned
                         FROM cartera_collection_action a
                        WHERE a.customer_id IN (SELECT customer_id FROM chosen) GROUP BY a.customer_id)
                   SELECT c.id, c.customer_id, c.stage, c.next_contact_date AS next, c.paused_until AS paused,
                          c.reply_unread AS reply, c.opened_on,
                          COALESCE(o.overdue, 0) AS overdue, COALESCE(o.days, 0) AS days,
                          COALESCE(o.balance, 0) AS balance, t.last AS last_contact,
                          COALESCE(t.step, FALSE) AS step,
                          COALESCE(t.step OR t.planned, FALSE) AS on_the_way,
                          s.percent_used AS used, cc.risk_class AS risk,
                          COALESCE(ab.substitute_id, cc.collector_id) AS acting
                     FROM chosen c
                     JOIN cartera_customer cc ON cc.id = c.customer_id
                LEFT JOIN owed o ON o.partner_id = c.partner_id
                LEFT JOIN contact t ON t.customer_id = c.customer_id
                LEFT JOIN cartera_customer_snapshot s ON s.customer_id = c.customer_id
                LEFT JOIN LATERAL (SELECT a.substitute_id FROM cartera_collector_absence a
                                    WHERE a.user_id = cc.collector_id
                                      AND (a.company_id IS NULL OR a.company_id = c.company_id)
                                      AND %(day)s BETWEEN a.date_from AND a.date_to
                                 ORDER BY a.id LIMIT 1) ab ON TRUE
                 ORDER BY c.id""",
                company=company.id,
                only=SQL("k.id = ANY(%s)", cases.ids) if cases else SQL("TRUE"),
                trade=self.env["cartera.customer"]._trade_accounts(),
                day=day,
                contacts=list(CONTACTS),
            )
        )
        facts = {
            row["id"]: {
                **row,
                "upcoming": bool(row["next"] and row["next"] > day),
                "disputed": 0,
                "promised": 0,
                "left_out": 0,
                "left_out_overdue": 0,
                "promise_live": False,
                "dispute_open": False,
                "promise_today": False,
                "promise_broken": False,
                "promise_broken_days": None,
                "dispute_rejected_days": None,
            }
            for row in rows
        }
        self._add_facts(company, day, facts)
        return facts

    @api.model
    def _add_facts(self, company, day, facts):
        """Add what promises and disputes tell to {case id: facts}; a few statements for all."""

    @api.model
    def _prepare_figures(self, fact, rules, day):
        """Return a row of the refresh: the score by ``calc`` and the place in the worklist."""
        points = [calc_score.Points(str(rule.id), rule._points()) for rule in rules]
        met = {str(rule.id) for rule in rules._met(fact, day)}
        maximum = rules._maximum()
        result = calc_score.worklist_score(points, met, maximum)
        todo = self._todo_of(fact, day)
        return {
            "id": fact["id"],
            "todo": todo,
            "todo_rank": RANKS[todo],
            "score": None if result is None else str(round(result, 2)),
            "score_class": calc_score.class_of(result),
            "parts": [
                {
                    "rule": rule.id,
                    "name": rule.name,
                    "points": rule.points,
                    "met": str(rule.id) in met,
                }
                for rule in rules
            ],
            "overdue": str(fact["overdue"]),
            "days": fact["days"],
            "balance": str(fact["balance"]),
            "disputed": str(fact["disputed"]),
            "promised": str(fact["promised"]),
            "left_out": str(fact["left_out"]),
            "last_contact": fact["last_contact"] and fact["last_contact"].isoformat(),
            "acting": fact["acting"],
        }

    @api.model
    def _todo_of(self, fact, day):
        """Return why the case is to be worked, the most urgent reason first."""
        if fact["promise_today"]:
            return "promise"
        if fact["promise_broken"]:
            return "broken"
        if fact["reply"]:
            return "reply"
        if fact["paused"] and fact["paused"] >= day:
            return "paused"
        if fact["step"]:
            return "step"
        if fact["next"]:
            return "contact" if fact["next"] <= day else "later"
        if fact["left_out_overdue"] and fact["left_out_overdue"] >= fact["overdue"]:
            return "left_out"
        return "new"
