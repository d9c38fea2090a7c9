from ast import literal_eval
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_duration

from ..calc import contact_plan

WORKING_DAYS = {"all": range(7), "mon_sat": range(6), "mon_fri": range(5)}


class CarteraCollectionStrategy(models.Model):
    """A contact plan: which customers it is for and what is done when, from before the due date to the lawyer.

    Made by a credit manager. A customer is in one plan only: the one given by hand, else the first of the
    list whose filter holds it.
    """

    _name = "cartera.collection.strategy"
    _description = "Collection Strategy"
    _inherit = ["mail.thread", "cartera.collection.plan", "cartera.typed"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(
        string="Rank",
        default=10,
        help="The first whose filter holds the customer wins.",
    )
    active = fields.Boolean(
        default=True,
        tracking=True,
        help="A strategy acts once it is active and has steps.",
    )
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Empty for every company."
    )
    domain = fields.Char(
        string="Customers",
        default="[]",
        required=True,
        tracking=True,
        help="Which credit accounts it is for; their figures are as of the last refresh.",
    )
    restart_mode = fields.Selection(
        [
            ("first_pending", "No step is skipped"),
            ("nearest", "The step nearest to today"),
        ],
        string="After a Pause",
        default="first_pending",
        required=True,
        tracking=True,
        help="For items that come in late, by a dispute or a pause: start with the first step and count on from "
        "there, or go straight to the step whose day has come last.",
    )
    quiet_days = fields.Integer(
        default=3,
        tracking=True,
        help="Days that pass at least between two contacts of a customer, by the plan or by hand.",
    )
    min_balance = fields.Monetary(
        string="Smallest Balance",
        tracking=True,
        help="Customers whose overdue balance, net of credits, is smaller are left alone.",
    )
    min_item = fields.Monetary(
        string="Smallest Item",
        tracking=True,
        help="Items with less than this open do not start a step; messages list them all the same.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        help="Minimums are in the company's currency.",
    )
    working_days = fields.Selection(
        [
            ("mon_fri", "Monday to Friday"),
            ("mon_sat", "Monday to Saturday"),
            ("all", "Every day"),
        ],
        default="mon_fri",
        required=True,
        help="A step whose day is another one waits for the next working day; it is not lost.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Holidays Of",
        help="Nobody is contacted on the public holidays of this calendar.",
    )
    hour_from = fields.Float(
        string="From",
        default=7.0,
        help="Messages go out from this hour in the customer's time zone.",
    )
    hour_to = fields.Float(
        string="To", default=20.0, help="And not after this hour of the customer's day."
    )
    step_ids = fields.One2many(
        "cartera.collection.step", "strategy_id", string="Steps", copy=True
    )
    customer_ids = fields.One2many(
        "cartera.customer", "strategy_id", string="Given by Hand", readonly=True
    )
    note = fields.Html(help="What this plan is for, for those who work with it.")

    _figures_not_negative = models.Constraint(
        "CHECK(COALESCE(quiet_days, 0) >= 0 AND COALESCE(min_balance, 0) >= 0 AND COALESCE(min_item, 0) >= 0)",
        "Quiet days and minimums cannot be negative. Enter zero or more.",
    )
    _hours_in_order = models.Constraint(
        "CHECK(hour_from >= 0 AND hour_to <= 24 AND hour_from < hour_to)",
        "The hours of contact go from one hour of the day to a later one, for example 7:00 to 20:00.",
    )

    @api.model
    def _typed_minimums(self):
        return {"quiet_days": 0, "min_balance": 0, "min_item": 0}

    def _check_typed(self, vals):
        super()._check_typed(vals)
        if not {"hour_from", "hour_to"} & set(vals):
            return
        default = self.default_get(["hour_from", "hour_to"])
        for one in self or [self]:
            first, last = (
                vals.get(name, one[name] if one else default[name])
                for name in ("hour_from", "hour_to")
            )
            if not 0 <= first < last <= 24:
                raise ValidationError(
                    self.env._(
                        "From %(first)s to %(last)s are no hours of contact: they go from one hour of the day to a "
                        "later one. Enter them like 7:00 to 20:00.",
                        first=format_duration(first),
                        last=format_duration(last),
                    )
                )

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for strategy in self:
            company = strategy.company_id or self.env.company
            strategy.currency_id = company.currency_id

    @api.constrains("active", "step_ids")
    def _check_steps(self):
        for strategy in self.filtered("active"):
            steps = strategy.step_ids.filtered("active")
            try:
                contact_plan.checked_steps([step._as_calc() for step in steps])
            except contact_plan.PlanError as error:
                if not steps:
                    raise ValidationError(
                        self.env._(
                            "%(strategy)s has no steps: add one before you activate it.",
                            strategy=strategy.name,
                        )
                    ) from error
                raise ValidationError(steps._twice_message() or str(error)) from error
            early = steps.filtered(lambda step: step.days < 0)
            if len(early) > 1:
                raise ValidationError(
                    self.env._(
                        "%(strategy)s has %(count)s steps before the due date: %(steps)s. Keep one.",
                        strategy=strategy.name,
                        count=len(early),
                        steps=", ".join(early.mapped("name")),
                    )
                )

    @api.constrains("domain")
    def _check_domain(self):
        for strategy in self:
            try:
                strategy._customer_domain().validate(self.env["cartera.customer"])
            except (ValueError, TypeError, SyntaxError, KeyError) as error:
                raise ValidationError(
                    self.env._(
                        "The filter %(domain)s of %(strategy)s cannot be used on customers: %(error)s. "
                        "Choose its fields and values with the filter editor.",
                        domain=strategy.domain,
                        strategy=strategy.name,
                        error=error,
                    )
                ) from error

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            # What has no steps yet waits for them; asked to be active it is refused.
            vals.setdefault("active", bool(vals.get("step_ids")))
        return super().create(vals_list)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        return [
            {**vals, "name": self.env._("%s (copy)", strategy.name)}
            for strategy, vals in zip(self, vals_list, strict=True)
        ]

    # What it is for

    def _customer_domain(self):
        """Return the filter on credit accounts."""
        self.ensure_one()
        return Domain(literal_eval(self.domain or "[]"))

    @api.model
    def _assign(self, company, customers):
        """Return {customer: strategy}: given by hand, else the first in rank whose filter holds it.

        One query for each strategy, however many customers.
        """
        strategies = self.search([("company_id", "in", (company.id, False))])
        result = {
            customer: customer.strategy_id
            for customer in customers
            if customer.strategy_id in strategies
        }
        rest = customers.filtered(lambda one: one not in result)
        for strategy in strategies:
            if not rest:
                break
            domain = strategy._customer_domain()
            found = rest
            if not domain.is_true():
                found = rest.browse(rest._search(domain & Domain("id", "in", rest.ids)))
            result.update(dict.fromkeys(found, strategy))
            rest -= found
        return result

    # When it may act

    def _may_act_on(self, company, day):
        """Whether the strategy contacts anybody on ``day``: a working day and no public holiday."""
        self.ensure_one()
        if day.weekday() not in WORKING_DAYS[self.working_days]:
            return False
        if not self.calendar_id:
            return True
        zone = pytz.timezone(self.calendar_id.tz or "UTC")
        noon = zone.localize(datetime.combine(day, time(12))).astimezone(pytz.utc)
        noon = noon.replace(tzinfo=None)
        return (
            not self.env["resource.calendar.leaves"]
            .sudo()
            .search_count(
                [
                    ("resource_id", "=", False),
                    ("calendar_id", "in", (self.calendar_id.id, False)),
                    ("company_id", "in", (company.id, False)),
                    ("date_from", "<=", noon),
                    ("date_to", ">=", noon),
                ],
                limit=1,
            )
        )

    def _may_send_to(self, customer, known=None):
        """Whether it is a good hour and day in the customer's time zone.

        :param known: a dict that keeps what calendars said, so that many customers ask them once
        """
        self.ensure_one()
        name = customer.partner_id.tz or customer.company_id.partner_id.tz or "UTC"
        zone = pytz.timezone(name) if name in pytz.all_timezones_set else pytz.utc
        here = pytz.utc.localize(fields.Datetime.now()).astimezone(zone)
        hour = here.hour + here.minute / 60
        if not self.hour_from <= hour < self.hour_to:
            return False
        known = {} if known is None else known
        key = self.id, customer.company_id.id, here.date()
        if key not in known:
            known[key] = self._may_act_on(customer.company_id, here.date())
        return known[key]

    def _next_day(self, company, day):
        """Return the first day from ``day`` on which the strategy may act; within a year."""
        for count in range(366):
            later = day + timedelta(days=count)
            if self._may_act_on(company, later):
                return later
        return day

    # Simulation

    def action_simulate(self, date=None):
        """Return what the run of ``date`` would plan, without writing anything.

        :param date: a date or its ISO text; by default today in each company
        :return: a list of dicts, one a customer: customer_id, customer, strategy_id, strategy, step_id, step,
            channel, automatic, date, leading_line_id, due_date, days_overdue, line_ids, amounts {currency: net},
            amount_company
        """
        self._check_may_simulate()
        day = self._to_day(date)
        plans = self.sudo()._plan_all(day)
        return [plan.as_dict() for plan in plans]

    @api.model
    def _check_may_simulate(self):
        if not self.env.su and not self.env.user.has_group(
            "cartera_cobranza.group_collector"
        ):
            raise AccessError(
                self.env._(
                    "The contact plan is for collectors. Ask your administrator for that role."
                )
            )
        self.check_access("read")

    def action_open_simulation(self):
        """Open the screen that shows whom the plan would contact on a day."""
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "cartera_cobranza.cartera_collection_simulation_action"
            ),
            "context": {"default_strategy_id": self.id if len(self) == 1 else False},
        }
