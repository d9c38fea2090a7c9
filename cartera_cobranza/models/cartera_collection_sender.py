import json
import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL, format_amount, format_date

from ..calc import collectable, money

_logger = logging.getLogger(__name__)

SEND_BATCH = 50


class CarteraCollectionSender(models.AbstractModel):
    """Sends planned contacts: reads the balance again, then calls the hook of the channel."""

    _name = "cartera.collection.sender"
    _description = "Sending of Collection Contacts"

    # The job

    @api.model
    def _cron_send(self):
        """Send what is planned up to today, batch by batch; safe to run twice and to kill."""
        Cron = self.env["ir.cron"]
        ids = self._queued().ids
        Cron._commit_progress(remaining=len(ids))
        for start in range(0, len(ids), SEND_BATCH):
            batch = self.browse(ids[start : start + SEND_BATCH])
            batch._send_queued()
            if not Cron._commit_progress(len(batch)):
                break

    @api.model
    def _queued(self, limit=None):
        """Return the planned contacts whose day has come, where it is a good hour to send."""
        found = self.browse()
        waiting = self.search(
            [("state", "=", "planned"), ("automatic", "=", True)], order="id"
        )
        for company, actions in waiting.grouped("company_id").items():
            today = company._cartera_today()
            found |= actions.filtered(
                lambda one, today=today: one.planned_date <= today
            )
        known = {}
        found = found.filtered(
            lambda one: one.strategy_id._may_send_to(one.customer_id, known)
        )
        return found[:limit]

    def _send_queued(self, limit=None):
        """Send these planned contacts, or the first ``limit`` of the queue; never commits.

        Rows that another worker is sending are left to it.
        """
        actions = self or self._queued(limit)
        actions = actions.try_lock_for_update()
        actions.invalidate_recordset(["state"])
        return actions.filtered(lambda one: one.state == "planned")._send_checked()

    def _send_checked(self, by_hand=False):
        """Read the balances again, cancel what is settled meanwhile, send the rest channel by channel."""
        for company, actions in self.grouped("company_id").items():
            actions = actions.with_context(lang=company._cartera_lang())
            due = actions._still_due(company, with_minimum=not by_hand)
            for action in actions.filtered(lambda one, due=due: one not in due):
                action._cancel(self._settled_reason(action))
            going = actions.filtered(lambda one, due=due: one in due)
            going._write_items(due)
            for channel, same in going.grouped("channel").items():
                same._send_isolated(channel, by_hand)
        return self

    def _send_isolated(self, channel, by_hand):
        """Call the hook for all of them at once; when that fails, one by one, so that one does not stop others."""
        hook = f"_send_{channel}"
        if not by_hand:
            manual = self.filtered(lambda one: not one.step_id._is_automatic())
            manual._wait_for_person()
            self = self - manual
        if not self:
            return
        try:
            with self.env.cr.savepoint():
                getattr(self, hook)()
            return
        except psycopg2.OperationalError:
            raise  # the whole transaction is tried again
        except Exception as error:  # noqa: BLE001 whatever it is, it must not stop the others
            if len(self) == 1:
                self._note_failure(error)
                return
        for action in self:
            action._send_isolated(channel, by_hand)

    def _note_failure(self, error):
        """Log a contact that could not be made on itself, and tell its collector."""
        self.ensure_one()
        _logger.warning(
            "Contact %s with %s could not be made: %s",
            self.id,
            self.partner_id.display_name,
            error,
        )
        self.invalidate_recordset()
        self.write({"state": "error", "error_text": str(error)})
        self._remind(
            self.env._("%s could not be sent", self.name),
        )

    # The balance of now

    def _still_due(self, company, with_minimum=False):
        """Return {contact: items} of those whose customer still owes what the contact is about.

        The leading item must still be open and free of disputes and promises; otherwise the next run
        decides anew.

        :param with_minimum: leave out customers who owe less than the smallest balance of their plan by now
        """
        Plan = self.env["cartera.collection.strategy"]
        items = Plan._gather_items(company, self.customer_id)
        today = company._cartera_today()
        rounding = money.to_decimal(company.currency_id.rounding)
        result = {}
        for action in self:
            mine = items.get(action.customer_id.id, ())
            early = action.step_id.days < 0
            wanted = collectable.demanded(
                mine,
                today,
                action.leading_line_id.id,
                rounding,
                horizon=-action.step_id.days if early else None,
            )
            least = action.strategy_id.min_balance if with_minimum else 0
            if wanted and (
                early or sum(one.free_company(rounding) for one in wanted) >= least
            ):
                result[action] = wanted
        return result

    @api.model
    def _cancel_settled(self, company, customers=None):
        """Cancel what waits for a person, or failed, about items that are settled meanwhile.

        Nobody is to call a customer who paid last night. Letters and calls that are still due stay.

        :param customers: only theirs; by default those of all customers of the company
        """
        domain = [
            ("company_id", "=", company.id),
            ("automatic", "=", True),
            ("state", "in", ("ready", "error")),
            ("channel", "!=", "legal"),
        ]
        if customers is not None:
            domain.append(("customer_id", "in", customers.ids))
        waiting = self.with_context(lang=company._cartera_lang()).search(
            domain, order="id"
        )
        due = waiting._still_due(company)
        settled = waiting.filtered(lambda one: one not in due)
        for action in settled:
            action._cancel(self._settled_reason(action))
        return settled

    def _settled_reason(self, action):
        line = action.leading_line_id
        if not line or line.reconciled:
            return self.env._("Paid before the message went out.")
        if line.sudo().cartera_left_out_until:
            return self.env._(
                "The invoice was left out of the plan until %s.",
                format_date(self.env, line.sudo().cartera_left_out_until),
            )
        return self.env._(
            "Nothing to demand any more: credited, disputed, promised or covered by credits."
        )

    def _write_items(self, due):
        """Write down what each contact asks for, as the ledger has it now; a few statements for all.

        Not by the ORM: thousands of lines a morning, which nobody changes afterwards.
        """
        self.env.flush_all()
        cr = self.env.cr
        # Prepared before, and sent only now: the table must tell today's balance.
        cr.execute(
            "DELETE FROM cartera_collection_action_item WHERE action_id = ANY(%s)",
            (self.ids,),
        )
        items, totals = [], []
        for company, actions in self.grouped("company_id").items():
            today = company._cartera_today()
            rounding = money.to_decimal(company.currency_id.rounding)
            for action in actions:
                asked = due[action]
                items += [self._prepare_item(action, one, today) for one in asked]
                amount = sum(one.free_company(rounding) for one in asked)
                totals.append(
                    {"id": action.id, "amount": str(amount), "items": len(asked)}
                )
        cr.execute(
            SQL(
                """INSERT INTO cartera_collection_action_item
                          (action_id, company_id, move_line_id, document, reference, date, date_maturity, days_overdue,
                           currency_id, amount_original, residual, disputed, promised, demanded)
                   SELECT a.id, a.company_id, l.id, COALESCE(NULLIF(m.name, ''), NULLIF(l.name, ''), '/'), m.ref,
                          COALESCE(m.invoice_date, l.date), r.due, r.days, r.currency, l.amount_currency, r.residual,
                          r.disputed, r.promised, r.demanded
                     FROM jsonb_to_recordset(%s) AS r(action int, line int, due date, days int, currency int,
                          residual numeric, disputed numeric, promised numeric, demanded numeric)
                     JOIN cartera_collection_action a ON a.id = r.action
                     JOIN account_move_line l ON l.id = r.line
                     JOIN account_move m ON m.id = l.move_id
                 ORDER BY a.id, r.currency, r.due, l.id""",
                json.dumps(items),
            )
        )
        cr.execute(
            SQL(
                """UPDATE cartera_collection_action a SET amount = r.amount, item_count = r.items
                     FROM jsonb_to_recordset(%s) AS r(id int, amount numeric, items int) WHERE a.id = r.id""",
                json.dumps(totals),
            )
        )
        self.env["cartera.collection.action.item"].invalidate_model(flush=False)
        self.invalidate_recordset(
            ["item_ids", "amount", "item_count", "items_html", "amount_text"],
            flush=False,
        )

    @api.model
    def _prepare_item(self, action, item, today):
        return {
            "action": action.id,
            "line": item.key,
            "due": item.due.isoformat(),
            "days": max((today - item.due).days, 0) if item.residual > 0 else 0,
            "currency": item.currency,
            "residual": str(item.residual),
            "disputed": str(item.disputed),
            "promised": str(item.promised),
            "demanded": str(item.free),
        }

    # Channels without the post

    def _send_call(self):
        self._wait_for_person()

    def _send_visit(self):
        self._wait_for_person()

    def _send_whatsapp(self):
        self._wait_for_person()

    def _send_task(self):
        """Give the collector a task; the plan goes on by itself."""
        self._remind()
        for action in self:
            action._finish_internal("done")

    def _finish_internal(self, state, **vals):
        """As ``_finish``, keeping the reminders that were just made."""
        self.write(
            {
                "state": state,
                "done_at": fields.Datetime.now(),
                "done_date": self.company_id._cartera_today(),
                **vals,
            }
        )

    def _send_legal(self):
        """Put the file together and leave the hand-over to a person."""
        for action in self:
            action.case_id._make_legal_file()
            action._wait_for_person(
                self.env._("Look at the file and hand the case over."),
                self.env._("Legal hand-over of %s", action.partner_id.display_name),
            )

    def _send_escalate(self):
        """Ask the person that the step names for help, with the items and the history at hand."""
        for action in self:
            user = action._escalation_user()
            if not user:
                action._wait_for_person(
                    self.env._(
                        "Nobody is set for this escalation. Choose the person under Settings."
                    )
                )
                continue
            text = self.env._(
                "%(customer)s owes %(amount)s, %(days)s days late. Please help.",
                customer=action.partner_id.display_name,
                amount=format_amount(self.env, action.amount, action.currency_id),
                days=action.days_overdue,
            )
            action._remind(text, user)
            action.case_id._message_note(text)
            action.case_id._set_stage("escalated")
            action._finish_internal("done", user_id=user.id, sent_to=user.name)

    def _escalation_user(self):
        company = self.company_id
        return {
            "operations": company.cartera_operations_user_id,
            "sales_manager": company.cartera_sales_manager_id,
            "management": company.cartera_management_user_id,
        }.get(self.step_id.escalate_to, self.env["res.users"])
