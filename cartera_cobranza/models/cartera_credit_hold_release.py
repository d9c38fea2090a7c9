import logging

import psycopg2
import psycopg2.errors

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..calc import gate, money

_logger = logging.getLogger(__name__)

RETRIED = (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected)
TRIES = 5


class CarteraCreditHoldRelease(models.AbstractModel):
    """What people and the re-check job do with holds: release, reject, check again, hold by hand."""

    _name = "cartera.credit.hold.release"
    _description = "Verbs of Credit Holds"

    # Release

    def action_release(self, reason_id, note=None, review_date=None, evidence_ids=None):
        """Release every open reason that the caller's authority covers; refuse if there is none.

        Reasons of kind overdue need authority to release by overdue balance, the others by credit line; a
        hold is released when no reason is open, and its document goes on if the company wants so. Of
        several holds those that can be are released.

        :param reason_id: id (or record) of a ``cartera.release.reason``
        :param note: what the caller has to say
        :param review_date: until when the release counts; by default some days ahead, as the company says
        :param evidence_ids: ids of attachments; obligatory for holds made by hand
        :raise AccessError: without the role, for an own order, or above the authority
        :raise UserError: for a missing reason, a past date, a closed hold, a document that is done
        """
        self._check_executive()
        reason = self._release_reason(reason_id, note)
        problems, released = [], self.browse()
        for hold in self.sorted("id"):
            try:
                with self.env.cr.savepoint():
                    hold._release_one(reason, note, review_date, evidence_ids or [])
                released |= hold
            except UserError as error:
                if len(self) == 1:
                    raise
                problems.append(f"{hold.name}: {error.args[0]}")
        if problems and not released:
            raise UserError("\n".join(problems))
        released._let_go()
        if not problems:
            return True
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._(
                    "%(done)s released, %(left)s not",
                    done=len(released),
                    left=len(problems),
                ),
                "message": "\n".join(problems),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    @api.model
    def _release_reason(self, reason_id, note):
        Reason = self.env["cartera.release.reason"]
        reason = (
            reason_id
            if isinstance(reason_id, models.BaseModel)
            else Reason.browse(reason_id or [])
        )
        if not reason or not reason.exists() or len(reason) != 1:
            raise UserError(
                self.env._(
                    "Choose a release reason: a release without one is not recorded."
                )
            )
        if reason.needs_note and not (note or "").strip():
            raise UserError(
                self.env._(
                    "The reason '%(reason)s' needs a note: write down why.",
                    reason=reason.name,
                )
            )
        return reason

    def _release_one(self, reason, note, review_date, evidence_ids):
        self.ensure_one()
        today = self.company_id._cartera_today()
        review_date = fields.Date.to_date(review_date) or fields.Date.add(
            today, days=self.company_id.sudo().cartera_review_days
        )
        if review_date < today:
            raise UserError(
                self.env._(
                    "The review date %(date)s has passed. Choose today (%(today)s) or later.",
                    date=review_date,
                    today=today,
                )
            )
        document = self._check_can_decide()
        self.customer_id.sudo()._bump(self.company_id, self.customer_id.partner_id.ids)
        chosen = self._reasons_covered(reason)
        evidence = self._take_evidence(evidence_ids)
        if self.forced and not evidence:
            raise UserError(
                self.env._(
                    "%(document)s was held by hand: attach the evidence that allows its release.",
                    document=self.name,
                )
            )
        now = fields.Datetime.now()
        chosen.sudo().write(
            {
                "release_reason_id": reason.id,
                "released_by": self.env.uid,
                "released_at": now,
            }
        )
        self._log(
            "released_part"
            if self.sudo().reason_ids.filtered("is_open")
            else "released",
            note,
        )
        vals = {
            "release_note": note,
            "review_date": review_date,
            "evidence_ids": [fields.Command.set(evidence.ids)],
            "released_by": self.env.uid,
            "released_at": now,
            "fingerprint": document._credit_fingerprint(),
        }
        if not self.sudo().reason_ids.filtered("is_open"):
            vals.update(
                state="released",
                closed_at=now,
                next_check_date=self._next_check(today),
            )
            self.sudo().activity_feedback(
                ["mail.mail_activity_data_todo"], feedback=note or reason.name
            )
        self.sudo().write(vals)
        if self.state == "released":
            document._credit_set_state("released")

    def _take_evidence(self, evidence_ids):
        """Return the evidence of the hold, with what the caller brings; from now on it belongs to the hold."""
        brought = self.env["ir.attachment"].browse(evidence_ids)
        brought.check_access("read")
        brought.sudo().write({"res_model": self._name, "res_id": self.id})
        return brought.sudo() | self.sudo().evidence_ids

    def _check_can_decide(self):
        """Return the document if this user may decide on the hold now."""
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))
        if self.state not in ("held", "ready"):
            raise UserError(
                self.env._(
                    "The hold of %(document)s is closed already (%(state)s).",
                    document=self.name,
                    state=states[self.state].lower(),
                )
            )
        document = self._document()
        if not document or not document._credit_can_be_held():
            raise UserError(
                self.env._(
                    "%(document)s is cancelled, or all of it has shipped: there is nothing left to decide.",
                    document=self.name,
                )
            )
        if self.env.user and self.env.user in (
            self.salesperson_id | document._credit_salesperson()
        ):
            raise AccessError(
                self.env._(
                    "%(document)s is your own order, and nobody decides on the credit of an own order. Ask another "
                    "credit executive.",
                    document=self.name,
                )
            )
        return document

    def _reasons_covered(self, reason):
        """Return the open reasons that the user's authority and the release reason cover."""
        hold = self.sudo()
        open_reasons = hold.reason_ids.filtered("is_open")
        if not open_reasons:
            return open_reasons
        fitting = open_reasons.filtered(
            lambda one: reason.kind == "all"
            or (reason.kind == "overdue") == (one.kind == "overdue")
        )
        if not fitting:
            raise UserError(
                self.env._(
                    "The release reason '%(reason)s' is not for this hold: %(why)s. Choose another.",
                    reason=reason.name,
                    why=hold.reason_text,
                )
            )
        chosen = fitting.filtered(lambda one: self._has_authority(one.kind))
        if not chosen and not self.env.su:
            stakes = {
                kind: self.currency_id.format(float(self._stake(kind)[0]))
                for kind in set(
                    fitting.mapped(
                        lambda one: "overdue" if one.kind == "overdue" else "limit"
                    )
                )
            }
            raise AccessError(
                self.env._(
                    "Releasing %(document)s is above your authority (%(stakes)s). Send it to a credit manager.",
                    document=self.name,
                    stakes=", ".join(stakes.values()),
                )
            )
        return chosen or fitting

    def _has_authority(self, kind):
        if self.env.su:
            return True
        verb = "release_overdue" if kind == "overdue" else "release_limit"
        amount, base = self._stake("overdue" if kind == "overdue" else "limit")
        return self.env["cartera.authority"]._covers(
            self.env.user, verb, self.company_id, amount, base
        )

    def _stake(self, kind):
        """Return (what is decided over, what a percentage of authority is taken of), in company currency."""
        hold = self.sudo()
        snapshot = hold.snapshot or {}
        if kind == "overdue":
            return money.to_decimal(hold.overdue_amount), money.to_decimal(
                snapshot.get("exposure") or 0
            )
        excess = money.to_decimal(hold.excess_amount) or money.to_decimal(hold.amount)
        return excess, money.to_decimal(snapshot.get("limit") or 0)

    def _let_go(self):
        """Let the documents of released holds go on, each by itself, where the company wants so."""
        for hold in self.filtered(lambda one: one.state == "released"):
            if not hold.company_id.sudo().cartera_confirm_on_release:
                continue
            document = hold._document()
            if not document:
                continue
            try:
                with self.env.cr.savepoint():
                    document._credit_let_go()
            except RETRIED:
                raise
            except UserError as error:
                hold._log("error", str(error.args[0]))
                document._message_log(
                    body=self.env._(
                        "Released by credit, but it could not go on: %(error)s",
                        error=error.args[0],
                    )
                )

    # Reject

    def action_reject(self, reason):
        """Refuse documents for good; an order that is not confirmed is cancelled.

        :param reason: text, obligatory
        """
        self._check_executive()
        if not (reason or "").strip():
            raise UserError(
                self.env._("Say why: a rejection without a reason is not recorded.")
            )
        for hold in self.sorted("id"):
            document = hold._check_can_decide()
            hold.customer_id.sudo()._bump(
                hold.company_id, hold.customer_id.partner_id.ids
            )
            now = fields.Datetime.now()
            hold._log("rejected", reason)
            hold.sudo().activity_feedback(
                ["mail.mail_activity_data_todo"], feedback=reason
            )
            hold.sudo().write(
                {
                    "state": "rejected",
                    "closed_at": now,
                    "released_by": self.env.uid,
                    "released_at": now,
                    "release_note": reason,
                }
            )
            document._credit_set_state("rejected")
            document._credit_reject(reason)
            document._message_log(body=self.env._("Rejected by credit: %s", reason))
        return True

    def _cancel_for(self, note=None):
        """Close the open holds of documents that were cancelled."""
        for hold in self.filtered(lambda one: one.state in ("held", "ready")):
            hold._log("cancelled", note)
            hold.sudo().activity_unlink(["mail.mail_activity_data_todo"])
            hold.sudo().write(
                {"state": "cancelled", "closed_at": fields.Datetime.now()}
            )
        return True

    # Check again

    def action_recheck(self):
        """Check held documents again on today's figures; what is clear goes on or becomes ready."""
        self._check_executive()
        Gate = self.env["cartera.customer"]
        for hold in self.sorted("id"):
            if hold.state not in ("held", "ready"):
                continue
            document = hold._document()
            if not document or not document._credit_can_be_held():
                hold._cancel_for(self.env._("The document is gone or done."))
                continue
            amounts = None if hold.adds_exposure else {document.id: 0}
            decision = Gate._check_credit_batch(
                document, hold.checkpoint, amounts=amounts
            )[document.id]
            if hold.state in ("held", "ready") and decision.passes and not hold.forced:
                hold._clear()
            if hold.state == "released":
                hold._let_go()
        return True

    @api.model
    def _cron_recheck(self):
        """Check all open holds again, the oldest first; one that fails does not stop the others."""
        holds = self.search(
            [("state", "in", ("held", "ready")), ("forced", "=", False)], order="id"
        )
        IrCron = self.env["ir.cron"]
        IrCron._commit_progress(remaining=len(holds))
        for hold in holds:
            self._recheck_alone(hold)
            if not IrCron._commit_progress(1):
                break

    @api.model
    def _recheck_alone(self, hold):
        """Check one hold in its own transaction; a transaction that lost a race starts again."""
        for attempt in range(1, TRIES + 1):
            try:
                hold.action_recheck()
                self.env.flush_all()
                return
            except RETRIED:
                self.env.cr.rollback()
                _logger.info(
                    "Hold %s lost a race, try %s of %s", hold.id, attempt, TRIES
                )
            except UserError as error:
                self.env.cr.rollback()
                _logger.warning(
                    "Hold %s could not be checked again: %s", hold.id, error
                )
                return

    # By hand

    @api.model
    def action_force(self, document, note):
        """Hold a document by hand until somebody with authority releases it with evidence.

        :param document: the record, or its text form ``"sale.order,12"``
        :param note: why, obligatory
        :return: the hold's id
        """
        self._check_executive()
        if not (note or "").strip():
            raise UserError(
                self.env._(
                    "Say why you hold the document: a hold by hand needs a text."
                )
            )
        document = self._to_document(document)
        if not document._credit_can_be_held():
            raise UserError(
                self.env._(
                    "%(document)s is cancelled, or all of it has shipped: there is nothing left to hold.",
                    document=document.display_name,
                )
            )
        company = document._credit_company()
        Gate = self.env["cartera.customer"].sudo()
        Gate._bump(company, document._credit_partner().ids)
        hold = document.credit_hold_ids.filtered(
            lambda one: one.state in ("held", "ready")
        )[:1]
        forced = self.env["cartera.credit.hold.reason"]._forced_reason()
        if not hold:
            hold = self._make_forced(company, document, forced)
        elif not hold.forced:
            self.env["cartera.credit.hold.reason"].sudo().create(
                {
                    "hold_id": hold.id,
                    **self.env["cartera.credit.hold.reason"]._prepare_vals(
                        forced, company
                    ),
                }
            )
        hold.sudo().write({"forced": True, "state": "held"})
        document._credit_set_state("held")
        hold._log("held", note)
        document._message_log(body=self.env._("Held by hand: %s", note))
        return hold.id

    @api.model
    def _make_forced(self, company, document, forced):
        from .cartera_credit_gate import Decision

        position = (
            self.env["cartera.customer"]
            .sudo()
            ._positions(company, document._credit_partner().ids)
        )
        snapshot = dict(position[document._credit_partner().id])
        snapshot.pop("explained")
        checkpoint = document._credit_open_checkpoint()
        adds = (
            document._credit_amount(checkpoint)
            if document._credit_adds_exposure()
            else 0
        )
        amount = self.env["cartera.money"]._convert(
            adds, document._credit_currency(), company, company._cartera_today()
        )
        decision = Decision(document, [forced], [], gate.Charge.of(amount), snapshot)
        return self._make(company, [decision], checkpoint)

    @api.model
    def _to_document(self, document):
        if isinstance(document, str):
            model, _comma, record_id = document.partition(",")
            if model not in self.env or not record_id.strip().isdigit():
                raise UserError(
                    self.env._(
                        "'%(document)s' names no document. Use the form 'sale.order,12'.",
                        document=document,
                    )
                )
            document = self.env[model].browse(int(record_id))
        if not hasattr(document, "_credit_amount"):
            raise UserError(
                self.env._(
                    "%(model)s is not checked for credit.", model=document._description
                )
            )
        if len(document) != 1 or not document.exists():
            raise UserError(self.env._("This document does not exist any more."))
        document.check_access("read")
        return document.sudo()
