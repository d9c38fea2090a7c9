from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from .account_move_promise import READERS

COLLECTOR = "cartera_cobranza.group_collector"


class AccountMove(models.Model):
    """One invoice can be left out of the contact plan, with an end date and a reason."""

    _inherit = "account.move"

    cartera_exclusion_ids = fields.One2many(
        "cartera.plan.exclusion",
        "move_id",
        string="Times Left Out of the Plan",
        readonly=True,
        groups=READERS,
    )
    cartera_left_out_until = fields.Date(
        string="Left Out Until",
        compute="_compute_cartera_left_out_until",
        search="_search_cartera_left_out_until",
        groups=READERS,
        help="Up to this day the contact plan leaves the invoice alone; the day after it takes it up again.",
    )

    @api.depends("cartera_exclusion_ids.date_to", "cartera_exclusion_ids.ended_on")
    def _compute_cartera_left_out_until(self):
        for move in self:
            running = move.sudo().cartera_exclusion_ids.filtered(
                lambda one: one.state == "in_force"
            )
            move.cartera_left_out_until = max(running.mapped("date_to"), default=False)

    @api.model
    def _search_cartera_left_out_until(self, operator, value):
        running = fields.Domain("cartera_exclusion_ids.state", "in", ["in_force"])
        if operator in ("in", "not in") and set(value) == {False}:
            return ~running if operator == "in" else running
        if operator in ("in", "<", "<=", ">", ">="):
            same = fields.Domain("state", "in", ["in_force"])
            same &= fields.Domain("date_to", operator, value)
            return fields.Domain("cartera_exclusion_ids", "any", same)
        return NotImplemented

    def _get_alerts(self):
        alerts = super()._get_alerts()
        running = (
            self.env["cartera.plan.exclusion"]._in_force(self)[:1]
            if self.state == "posted"
            else None
        )
        if running:
            alerts["cartera_left_out"] = {
                "level": "info",
                "message": self.env._(
                    "Left out of the contact plan until %(day)s, by %(user)s: %(reason)s",
                    day=format_date(self.env, running.date_to),
                    user=running.user_id.name,
                    reason=running.reason,
                ),
            }
        return alerts

    # Buttons and verbs

    def action_cartera_leave_out(self):
        """Ask until when and why these invoices are left out of the plan (button, list action)."""
        self._cartera_check_plan_role()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Leave Out of the Plan"),
            "res_model": "cartera.invoice.leave.out",
            "views": [(False, "form")],
            "target": "new",
            "context": {"active_model": self._name, "active_ids": self.ids},
        }

    def action_leave_out_of_plan(self, date_to, reason):
        """Leave these invoices out of the contact plan up to and with ``date_to``.

        What waits for a person about them is cancelled. What they owe stays in every figure.

        :param date_to: the last day; from the day after the plan takes them up again by itself
        :param reason: why; colleagues read it
        :raise UserError: naming what cannot be left out, or the date that is none
        """
        self._cartera_check_plan_role()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(
                self.env._("Say why the invoice is left out: colleagues will read it.")
            )
        day = self._cartera_last_day(date_to)
        unfit = self.filtered(lambda move: not move.cartera_collectable)
        if unfit:
            raise UserError(
                self.env._(
                    "%s cannot be left out of the plan: only posted customer invoices of which something is open can. "
                    "Take it off the list.",
                    ", ".join(unfit.mapped("display_name")),
                )
            )
        self.env["cartera.plan.exclusion"]._record(self, day, reason)
        self._cartera_refresh_plan()
        return True

    def action_back_to_plan(self):
        """Let the plan take these invoices up again now (button)."""
        self._cartera_check_plan_role()
        ended = self.env["cartera.plan.exclusion"]._end(self)
        if not ended:
            raise UserError(
                self.env._(
                    "%s is not left out of the plan: there is nothing to take up again.",
                    ", ".join(self.mapped("display_name")),
                )
            )
        for move in ended.move_id:
            move.sudo()._message_log(
                body=self.env._("Taken up by the contact plan again.")
            )
        self._cartera_refresh_plan()
        return True

    def _cartera_check_plan_role(self):
        if not self.env.su and not self.env.user.has_group(COLLECTOR):
            raise AccessError(
                self.env._(
                    "Only collectors decide what the contact plan leaves out. Ask one of them."
                )
            )
        self.check_access("read")
        for move in self:
            if not self.env.su and move.company_id not in self.env.companies:
                raise AccessError(
                    self.env._(
                        "%(invoice)s is of %(company)s. Switch to that company first.",
                        invoice=move.display_name,
                        company=move.company_id.name,
                    )
                )

    def _cartera_last_day(self, date_to):
        """Return the last day as a date; refuse none, what is no date, and the past."""
        try:
            day = fields.Date.to_date(date_to)
        except ValueError as error:
            raise UserError(
                self.env._(
                    "'%(day)s' is no date. Write it like 2026-12-31.", day=date_to
                )
            ) from error
        if not day:
            raise UserError(
                self.env._(
                    "Say until when the invoice is left out: it comes back to the plan by itself the day after."
                )
            )
        for company in self.company_id:
            today = company._cartera_today()
            if day < today:
                raise UserError(
                    self.env._(
                        "The last day %(day)s is in the past. Choose today (%(today)s) or later.",
                        day=format_date(self.env, day),
                        today=format_date(self.env, today),
                    )
                )
        return day

    def _cartera_refresh_plan(self):
        """Cancel what waits about them and is not due any more, and bring their cases up to date."""
        self = self.sudo()
        for company, moves in self.grouped("company_id").items():
            customers = self.env["cartera.customer"].search(
                [
                    ("partner_id", "in", moves.commercial_partner_id.ids),
                    ("company_id", "=", company.id),
                ]
            )
            self.env["cartera.collection.action"]._cancel_settled(company, customers)
            cases = customers.case_ids.filtered(lambda case: case.stage != "closed")
            if cases:
                cases._refresh_cases(company)


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    cartera_left_out_until = fields.Date(
        related="move_id.cartera_left_out_until", string="Left Out Until"
    )

    def action_cartera_leave_out(self):
        """Leave the invoices of these items out of the plan (button)."""
        return self.move_id.action_cartera_leave_out()

    def action_back_to_plan(self):
        """Let the plan take the invoices of these items up again (button)."""
        return self.move_id.action_back_to_plan()
