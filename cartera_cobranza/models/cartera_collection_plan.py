import json
import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..calc import collectable, contact_plan, money
from .cartera_collection_step import CONTACTS

_logger = logging.getLogger(__name__)

BATCH = 1000
# What reached its step; one that a person skipped is behind us as well, but was no contact.
MADE = ("sent", "done", "replied")


@dataclass(frozen=True)
class History:
    """What was done for a customer before."""

    made: dict
    announced: frozenset = frozenset()
    last_contact: date | None = None
    waiting: models.BaseModel | None = None
    failed: models.BaseModel | None = None


@dataclass(frozen=True)
class PlannedContact:
    """A contact that the plan asks for."""

    customer: models.BaseModel
    strategy: models.BaseModel
    step: models.BaseModel
    day: date
    due: collectable.Due
    replaces: models.BaseModel | None = None

    @property
    def leading(self):
        return next(one for one in self.due.items if one.key == self.due.leading)

    def amounts(self):
        """Return {currency id: net amount that is demanded}."""
        totals = defaultdict(Decimal)
        for item in self.due.items:
            totals[item.currency] += item.free
        return dict(totals)

    def as_dict(self):
        currencies = self.customer.env["res.currency"].browse(self.amounts())
        return {
            "customer_id": self.customer.id,
            "customer": self.customer.partner_id.display_name,
            "company_id": self.customer.company_id.id,
            "strategy_id": self.strategy.id,
            "strategy": self.strategy.name,
            "step_id": self.step.id,
            "step": self.step.name,
            "channel": self.step.channel,
            "automatic": self.step._is_automatic(),
            "date": self.day,
            "leading_line_id": self.due.leading,
            "due_date": self.leading.due,
            "days_overdue": (self.day - self.leading.due).days,
            "line_ids": [item.key for item in self.due.items],
            "amounts": {
                currency.name: float(self.amounts()[currency.id])
                for currency in currencies
            },
            "amount_company": float(self.due.net),
        }


class CarteraCollectionPlan(models.AbstractModel):
    """The run of the strategies: gather what is open and what was done, ask ``calc``, write the contacts down.

    The number of queries grows with the batches of a thousand customers, not with the customers.
    """

    _name = "cartera.collection.plan"
    _description = "Run of the Collection Strategies"

    @api.model
    def _to_day(self, day):
        try:
            return fields.Date.to_date(day) if day else None
        except ValueError as error:
            raise UserError(
                self.env._("'%(day)s' is no date. Write it like 2026-12-31.", day=day)
            ) from error

    # The run

    @api.model
    def _cron_run(self):
        """Plan today's contacts in all companies; safe to run twice and to kill."""
        for company in self.env["res.company"].search([], order="id"):
            try:
                self._run_company(company)
            except UserError as error:
                self.env.cr.rollback()
                _logger.warning(
                    "Contacts of %s were not planned: %s", company.name, error
                )
        self.env.ref("cartera_cobranza.ir_cron_send_contacts")._trigger()

    @api.model
    def _run_company(self, company):
        """Refresh figures, plan the day batch by batch, and put the worklist in order."""
        self = self.with_context(lang=company._cartera_lang())
        Cron = self.env["ir.cron"]
        self.env["cartera.customer"]._refresh(company)
        self.env["cartera.collection.action"]._cancel_settled(company)
        self.env["cartera.collection.case"]._refresh_cases(company)
        day = company._cartera_today()
        ids = self._candidates(company, day).ids
        Cron._commit_progress(remaining=len(ids))
        planned = 0
        for start in range(0, len(ids), BATCH):
            customers = self.env["cartera.customer"].browse(ids[start : start + BATCH])
            planned += len(self.browse()._run(day, customers=customers))
            if not Cron._commit_progress(len(customers)):
                break
        self.env["cartera.collection.case"]._refresh_cases(company)
        Cron._commit_progress()
        _logger.info(
            "Planned %s contacts among %s customers of %s",
            planned,
            len(ids),
            company.name,
        )

    def _run(self, date=None, limit=None, customers=None):
        """Write down the contacts that are due on ``date``; what is written already is left.

        :param date: by default today in each company
        :param limit: how many contacts at most
        :param customers: only these credit accounts; by default all that are owing
        :return: the new contacts
        """
        plans = self._plan_all(self._to_day(date), limit, customers)
        return self._persist(plans)

    def _plan_all(self, day=None, limit=None, customers=None):
        """Return the contacts that are due on ``day``, in all companies of the environment, or of ``customers``."""
        companies = self.env.companies if customers is None else customers.company_id
        plans = []
        for company in companies:
            today = day or company._cartera_today()
            found = self._candidates(company, today, customers)
            for start in range(0, len(found), BATCH):
                if limit is not None and len(plans) >= limit:
                    break
                batch = found[start : start + BATCH]
                plans += self._plan_batch(company, today, batch)
        return plans[:limit]

    def _plan_batch(self, company, day, customers):
        strategies = self.env["cartera.collection.strategy"]._assign(company, customers)
        wanted = self._only(strategies, company, day)
        if not wanted:
            return []
        customers = customers.browse([one.id for one in wanted])
        settings = {strategy: strategy._as_plan() for strategy in set(wanted.values())}
        items = self._gather_items(company, customers, day)
        history = self._gather_history(company, customers, set(wanted.values()))
        rounding = money.to_decimal(company.currency_id.rounding)
        plans = []
        for customer in customers:
            strategy = wanted[customer]
            before = history[customer.id]
            due = collectable.due_contact(
                settings[strategy],
                items.get(customer.id, ()),
                day,
                before.made,
                before.announced,
                before.last_contact,
                rounding,
            )
            if not due:
                continue
            waiting = before.waiting
            if waiting and not strategy._replaces(waiting, due):
                continue
            step = strategy.step_ids.browse(due.planned.step.key)
            replaced = waiting or before.failed or None
            if waiting and before.failed:
                replaced = waiting | before.failed
            plans.append(PlannedContact(customer, strategy, step, day, due, replaced))
        return plans

    def _only(self, strategies, company, day):
        """Return {customer: strategy} without the strategies that are not asked for or do not act that day."""
        asked = self or self.env["cartera.collection.strategy"].browse(
            {strategy.id for strategy in strategies.values()}
        )
        acting = {
            strategy
            for strategy in set(strategies.values())
            if strategy in asked and strategy._may_act_on(company, day)
        }
        return {
            customer: strategy
            for customer, strategy in strategies.items()
            if strategy in acting
        }

    def _as_plan(self):
        """Return the settings for ``calc``."""
        self.ensure_one()
        steps = self.step_ids.filtered("active")
        return collectable.Plan(
            contact_plan.checked_steps([step._as_calc() for step in steps]),
            self.restart_mode,
            self.quiet_days,
            money.to_decimal(self.min_balance),
            money.to_decimal(self.min_item),
        )

    def _replaces(self, waiting, due):
        """Whether a contact that waits for a person gives way to the one that is due now.

        Where no step is skipped it does not: what is not done holds the plan up. With the nearest step a
        later one takes its place.
        """
        self.ensure_one()
        return (
            self.restart_mode == "nearest"
            and waiting.step_id.strategy_id == self
            and waiting.step_id.id != due.planned.step.key
        )

    # Gather

    @api.model
    def _candidates(self, company, day, customers=None):
        """Return the customers with something open whom nothing keeps from being contacted on ``day``.

        Left out are those with a contact of that day or one that is on its way, those in a pause, with the
        lawyer, or excluded by hand.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT c.id
                     FROM cartera_customer c
                    WHERE c.company_id = %(company)s AND %(only)s
                      AND (c.no_plan IS NOT TRUE OR c.no_plan_until < %(day)s)
                      AND EXISTS (SELECT 1 FROM account_move_line l JOIN res_partner p ON p.id = l.partner_id
                                   WHERE p.commercial_partner_id = c.partner_id AND l.company_id = %(company)s
                                     AND l.parent_state = 'posted' AND l.reconciled IS NOT TRUE
                                     AND l.amount_residual > 0 AND %(trade)s)
                      AND NOT EXISTS (SELECT 1 FROM cartera_collection_action a
                                       WHERE a.customer_id = c.id AND a.automatic
                                         AND (a.state = 'planned'
                                              OR a.planned_date = %(day)s AND a.state <> 'cancelled'))
                      AND NOT EXISTS (SELECT 1 FROM cartera_collection_case k
                                       WHERE k.customer_id = c.id AND k.stage <> 'closed'
                                         AND (k.paused_until >= %(day)s OR k.stage = 'legal'))
                 ORDER BY c.id""",
                company=company.id,
                only=SQL("c.id = ANY(%s)", customers.ids)
                if customers is not None
                else SQL("TRUE"),
                day=day,
                trade=self.env["cartera.customer"]._trade_accounts(),
            )
        )
        return self.env["cartera.customer"].browse([row[0] for row in rows])

    @api.model
    def _gather_items(self, company, customers, day=None):
        """Return {customer id: open items}, with what disputes, promises and decisions keep out; one statement.

        :param day: on which disputes and promises are looked at; by default today
        """
        self.env.flush_all()
        day = day or company._cartera_today()
        rows = self.env.execute_query(
            SQL(
                """SELECT c.id, l.id, l.move_id, COALESCE(l.date_maturity, l.date), l.currency_id,
                          l.amount_residual_currency, l.amount_residual,
                          l.no_followup IS NOT TRUE AND NOT %(left_out)s
                            AND COALESCE(m.payment_state, '') NOT IN ('in_payment', 'blocked'),
                          COALESCE(d.amount, 0), COALESCE(o.amount, 0)
                     FROM cartera_customer c
                     JOIN res_partner p ON p.commercial_partner_id = c.partner_id
                     JOIN account_move_line l ON l.partner_id = p.id AND l.company_id = c.company_id
                          AND l.parent_state = 'posted' AND l.reconciled IS NOT TRUE AND %(trade)s
                     JOIN account_move m ON m.id = l.move_id
                LEFT JOIN (%(disputed)s) d ON d.move_line_id = l.id
                LEFT JOIN (%(promised)s) o ON o.move_line_id = l.id
                    WHERE c.id = ANY(%(customers)s) AND c.company_id = %(company)s
                      AND (l.amount_residual <> 0 OR l.amount_residual_currency <> 0)
                 ORDER BY COALESCE(l.date_maturity, l.date), l.id""",
                trade=self.env["cartera.customer"]._trade_accounts(),
                disputed=self._disputed_sql(company, day),
                promised=self._promised_sql(company, day),
                left_out=self.env["cartera.plan.exclusion"]._left_out_sql(
                    SQL("l.move_id"), day
                ),
                customers=customers.ids,
                company=company.id,
            )
        )
        found = defaultdict(list)
        for customer, line, move, due, currency, amount, base, chased, one, two in rows:
            found[customer].append(
                collectable.Item(
                    line,
                    move,
                    due,
                    currency,
                    money.to_decimal(amount),
                    money.to_decimal(base),
                    chased,
                    money.to_decimal(one),
                    money.to_decimal(two),
                )
            )
        return dict(found)

    @api.model
    def _disputed_sql(self, company, day):
        """Return (move_line_id, amount): the disputed part of each item, in its currency."""
        return SQL(
            "SELECT s.move_line_id, SUM(s.amount) AS amount FROM (%s) AS s GROUP BY s.move_line_id",
            self.env["cartera.dispute"]._disputed_sql(company, day),
        )

    @api.model
    def _promised_sql(self, company, day):
        """Return (move_line_id, amount): the part of each item that is promised for a day still to come."""
        return SQL(
            "SELECT s.move_line_id, SUM(s.amount) AS amount FROM (%s) AS s GROUP BY s.move_line_id",
            self.env["cartera.payment.promise"]._promised_sql(company, day),
        )

    @api.model
    def _gather_history(self, company, customers, strategies):
        """Return {customer id: History} in two statements and one for the contacts that wait."""
        made = defaultdict(lambda: defaultdict(list))
        last = {}
        rows = self.env.execute_query(
            SQL(
                """SELECT a.customer_id, a.leading_line_id, a.step_id, MAX(COALESCE(a.done_date, a.planned_date)),
                          MAX(a.done_date) FILTER (WHERE a.channel = ANY(%(contacts)s) AND a.state <> 'skipped')
                     FROM cartera_collection_action a
                    WHERE a.customer_id = ANY(%(customers)s) AND a.state = ANY(%(made)s)
                 GROUP BY a.customer_id, a.leading_line_id, a.step_id""",
                contacts=self._contact_channels(),
                customers=customers.ids,
                made=[*MADE, "skipped"],
            )
        )
        for customer, leading, step, day, contact in rows:
            if leading and step and day:
                made[customer][leading].append(contact_plan.Made(step, day))
            if contact:
                last[customer] = max(contact, last.get(customer, contact))
        announced = self._gather_announced(customers, strategies)
        Action = self.env["cartera.collection.action"]
        waiting = Action.search(
            [
                ("customer_id", "in", customers.ids),
                ("automatic", "=", True),
                ("state", "in", ("ready", "error")),
            ],
            order="id",
        )
        by_customer = {
            action.customer_id.id: action
            for action in waiting
            if action.state == "ready"
        }
        failed = waiting.filtered(lambda one: one.state == "error").grouped(
            lambda one: one.customer_id.id
        )
        return {
            customer: History(
                made.get(customer, {}),
                announced.get(customer, frozenset()),
                last.get(customer),
                by_customer.get(customer),
                failed.get(customer),
            )
            for customer in customers.ids
        }

    @api.model
    def _contact_channels(self):
        """Return the channels that reach the customer; the others happen inside the house."""
        return list(CONTACTS)

    @api.model
    def _gather_announced(self, customers, strategies):
        steps = [
            step.id
            for strategy in strategies
            for step in strategy.step_ids
            if step.days < 0
        ]
        if not steps:
            return {}
        rows = self.env.execute_query(
            SQL(
                """SELECT a.customer_id, array_agg(DISTINCT i.move_line_id)
                     FROM cartera_collection_action a
                     JOIN cartera_collection_action_item i ON i.action_id = a.id
                    WHERE a.customer_id = ANY(%s) AND a.step_id = ANY(%s) AND a.state = ANY(%s)
                 GROUP BY a.customer_id""",
                customers.ids,
                steps,
                list(MADE),
            )
        )
        return {customer: frozenset(lines) for customer, lines in rows}

    # Persist

    @api.model
    def _persist(self, plans):
        """Write the contacts in one statement a batch; one that another run wrote meanwhile is left.

        ON CONFLICT and not the ORM: two runs at once must both end well, and nobody get two messages.
        """
        Action = self.env["cartera.collection.action"]
        replaced = Action.union(*[plan.replaces for plan in plans if plan.replaces])
        replaced._cancel(self.env._("A later step took its place."))
        created = []
        for start in range(0, len(plans), BATCH):
            batch = plans[start : start + BATCH]
            customers = self.env["cartera.customer"].browse(
                [plan.customer.id for plan in batch]
            )
            self.env["cartera.collection.case"]._make_missing(customers)
            rows = self.env.execute_query(
                SQL(
                    """INSERT INTO cartera_collection_action
                              (customer_id, partner_id, company_id, currency_id, case_id, strategy_id, step_id,
                               leading_line_id, channel, state, automatic, planned_date, amount, item_count,
                               days_overdue, user_id, create_uid, write_uid, create_date, write_date)
                       SELECT c.id, c.partner_id, c.company_id, co.currency_id, k.id, r.strategy, r.step, r.line_id,
                              r.channel, 'planned', TRUE, r.day, r.amount, r.items, r.days, c.collector_id,
                              %(uid)s, %(uid)s, now() at time zone 'utc', now() at time zone 'utc'
                         FROM jsonb_to_recordset(%(rows)s) AS r(customer int, strategy int, step int,
                              line_id int, channel text, day date, amount numeric, items int, days int)
                         JOIN cartera_customer c ON c.id = r.customer
                         JOIN res_company co ON co.id = c.company_id
                         JOIN cartera_collection_case k ON k.customer_id = c.id AND k.stage <> 'closed'
                     ORDER BY c.id
                  ON CONFLICT DO NOTHING
                    RETURNING id""",
                    uid=self.env.uid,
                    rows=json.dumps([self._prepare_row(plan) for plan in batch]),
                )
            )
            created += [row[0] for row in rows]
        if created:
            Action.invalidate_model(flush=False)
            self.env["cartera.customer"].invalidate_model(
                ["collection_action_ids", "case_ids"], flush=False
            )
            self.env["cartera.collection.case"].invalidate_model(
                ["action_ids"], flush=False
            )
        return Action.browse(created)

    @api.model
    def _prepare_row(self, plan):
        return {
            "customer": plan.customer.id,
            "strategy": plan.strategy.id,
            "step": plan.step.id,
            "line_id": plan.due.leading,
            "channel": plan.step.channel,
            "day": plan.day.isoformat(),
            "amount": str(plan.due.net),
            "items": len(plan.due.items),
            "days": (plan.day - plan.leading.due).days,
        }
