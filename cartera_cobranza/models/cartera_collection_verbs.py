from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .cartera_collection_step import CONTACTS

COLLECTOR = "cartera_cobranza.group_collector"


class CarteraCollectionVerbs(models.AbstractModel):
    """What people do with cases: log contacts, pause, close, promises and disputes. Each checks the role."""

    _name = "cartera.collection.verbs"
    _description = "Verbs of Collection Cases"

    @api.model
    def _check_collector(self):
        if not self.env.su and not self.env.user.has_group(COLLECTOR):
            raise AccessError(
                self.env._(
                    "Cases are worked by collectors. Ask your administrator for that role."
                )
            )
        self.check_access("read")

    def _check_open(self):
        closed = self.filtered(lambda one: one.stage == "closed")
        if closed:
            raise UserError(
                self.env._(
                    "The case of %(customer)s is closed. Open the customer's new case.",
                    customer=closed[0].partner_id.display_name,
                )
            )

    def _check_day(self, day, label):
        """Return ``day`` as a date; refuse none, what is no date, and the past."""
        try:
            found = fields.Date.to_date(day)
        except ValueError as error:
            raise UserError(
                self.env._("'%(day)s' is no date. Write it like 2026-12-31.", day=day)
            ) from error
        if not found:
            raise UserError(
                self.env._(
                    "%(label)s is missing: a contact ends with the date of the next one.",
                    label=label,
                )
            )
        today = max(company._cartera_today() for company in self.company_id)
        if found < today:
            raise UserError(
                self.env._(
                    "%(label)s %(day)s is in the past. Choose today (%(today)s) or later.",
                    label=label,
                    day=fields.Date.to_string(found),
                    today=fields.Date.to_string(today),
                )
            )
        return found

    def action_log_contact(self, channel, outcome_id, note=None, next_date=None):
        """Write down a contact that was made; a step of the plan that waited for it is done with it.

        :param channel: key of the channel, for example ``call``
        :param outcome_id: id of a ``cartera.collection.outcome``
        :param next_date: the day of the next contact; a contact does not end without it
        :return: the contacts
        """
        self._check_collector()
        self._check_open()
        if channel not in dict(
            self.env["cartera.collection.action"]._selection_channel()
        ):
            raise UserError(
                self.env._(
                    "'%(channel)s' is no channel. Choose one of: %(channels)s.",
                    channel=channel,
                    channels=", ".join(self._contact_channels()),
                )
            )
        outcome = (
            self.env["cartera.collection.outcome"].browse(outcome_id or 0).exists()
        )
        if not outcome:
            raise UserError(self.env._("Say how the contact ended: choose an outcome."))
        day = self._check_day(next_date, self.env._("Next contact"))
        made = self.env["cartera.collection.action"].sudo()
        for case in self.sudo():
            vals = {
                "channel": channel,
                "outcome_id": outcome.id,
                "note": note,
                "next_date": day,
                "user_id": self.env.uid,
            }
            waiting = case.waiting_action_id
            if waiting and waiting._is_done_by(channel):
                waiting._finish("done", **vals)
                made |= waiting
            else:
                made |= made.create(
                    {
                        **vals,
                        "customer_id": case.customer_id.id,
                        "case_id": case.id,
                        "state": "done",
                        "planned_date": case.company_id._cartera_today(),
                        "done_at": fields.Datetime.now(),
                        "done_date": case.company_id._cartera_today(),
                        "amount": case.overdue_amount,
                        "days_overdue": case.overdue_days,
                    }
                )
            case._drop_reminders(feedback=note or outcome.name)
            values = {"next_contact_date": day, "reply_unread": False}
            if case.stage == "new":
                values["stage"] = "contacted"
            case.write(values)
        self.sudo()._note_contact()
        return made.with_env(self.env)

    @api.model
    def _contact_channels(self):
        return [
            channel
            for channel, _label in self.env[
                "cartera.collection.action"
            ]._selection_channel()
            if channel in CONTACTS
        ]

    def action_pause(self, until, reason):
        """Stop the plan for these customers up to and with the day ``until``."""
        self._check_collector()
        self._check_open()
        day = self._check_day(until, self.env._("The end of the pause"))
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the plan is paused."))
        self.sudo().write({"paused_until": day, "pause_reason": reason})
        planned = self.sudo().action_ids.filtered(lambda one: one.state == "planned")
        planned._cancel(self.env._("Paused: %s", reason))
        return True

    def action_resume(self):
        """End the pause of these customers now."""
        self._check_collector()
        self.sudo().write({"paused_until": False, "pause_reason": False})
        return True

    def action_close(self, reason):
        """Close these cases; what was planned is cancelled. The plan opens a new one when it has to."""
        self._check_collector()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the case is closed."))
        self.sudo()._close(reason)
        return True

    def _close(self, reason):
        for case in self.filtered(lambda one: one.stage != "closed"):
            case.action_ids._cancel(self.env._("The case was closed: %s", reason))
            case._drop_reminders()
            case.write(
                {
                    "stage": "closed",
                    "closed_on": case.company_id._cartera_today(),
                    "close_reason": reason,
                    "next_contact_date": False,
                    "paused_until": False,
                    "reply_unread": False,
                }
            )

    def action_open_account(self):
        """Open the customer's credit account."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "cartera.customer",
            "res_id": self.customer_id.id,
            "views": [(False, "form")],
        }

    def action_open_items(self):
        """Open the customer's open items."""
        self.ensure_one()
        return self.customer_id.action_open_source("receivable")

    def _follow_up_action(self, kind):
        """Return the action that writes a promise or a dispute down for the customer, or None."""
        self.ensure_one()

    def action_do_step(self):
        """Do what the plan left to a person: send, print, open WhatsApp, hand over, or write the contact down."""
        self.ensure_one()
        self._check_collector()
        step = self.waiting_action_id
        verb = {
            "email": step.action_send,
            "letter": step.action_print_letters,
            "whatsapp": step.action_open_whatsapp,
            "legal": self.action_legal_file,
        }.get(step.channel, step.action_log)
        return verb()

    def action_new_promise(self):
        """Write a promise to pay of this customer down."""
        self._check_collector()
        return self._follow_up_action("promise")

    def action_new_dispute(self):
        """Write a dispute of this customer down."""
        self._check_collector()
        return self._follow_up_action("dispute")
