from contextlib import contextmanager

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..calc import approval
from .decided import deciding

VIEWER = "cartera_cobranza.group_viewer"
EXECUTIVE = "cartera_cobranza.group_credit_executive"
TODO = "mail.mail_activity_data_todo"


class CarteraCreditRequestVerbs(models.AbstractModel):
    """What people do with applications: submit, review, ask for information, approve, reject, cancel."""

    _name = "cartera.credit.request.verbs"
    _description = "Verbs of Credit Applications"
    _inherit = "cartera.stateful"

    def _check_role(self, group):
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(
                self.env._(
                    "You have no role that does this with credit applications. Ask a credit executive."
                )
            )
        self.check_access("read")
        for one in self:
            if one.company_id not in self.env.companies and not self.env.su:
                raise AccessError(
                    self.env._(
                        "%(request)s is of %(company)s. Switch to that company first.",
                        request=one.sudo().name,
                        company=one.sudo().company_id.name,
                    )
                )

    @contextmanager
    def _deciding(self):
        """Let what follows pass the guards that keep people from it."""
        with deciding(self.env, "cartera_credit_request"):
            yield

    def _write_decided(self, vals):
        """Write what the verbs decide."""
        self._write_decided_on(self, vals)

    def _write_decided_on(self, records, vals):
        with self._deciding():
            records.sudo().write(vals)
            self.env.flush_all()

    def _requesters(self):
        """Return who asked for the application: who made it and who submitted it.

        That of a mass revision is made by whoever approves the batch; its requester is the batch's.
        """
        self.ensure_one()
        if self.revision_line_id:
            return self.requested_by
        return self.requested_by | self.sudo().create_uid

    # Submit

    def action_submit(self):
        """Hand applications over to the credit department; one that lacked information goes on where it stopped.

        :raise UserError: for what makes no sense: a second opening, an increase that is none, a passed end
        """
        self._check_role(VIEWER)
        self.check_access("write")
        self._check_state("draft", "info_requested")
        self._sync_documents()
        for one in self:
            problem = one._problem()
            if problem:
                raise UserError(
                    self.env._(
                        "%(request)s: %(problem)s", request=one.name, problem=problem
                    )
                )
        now = fields.Datetime.now()
        for one in self:
            resumed = one.state == "info_requested"
            vals = {"state": (one.info_from if resumed else "submitted") or "submitted"}
            if not one.requested_by:
                vals |= {"requested_by": self.env.uid, "requested_on": now}
            if resumed:
                vals |= {"info_from": False}
            one._write_decided(vals)
            one.sudo().activity_feedback([TODO])
            one.sudo().message_subscribe(self.env.user.partner_id.ids)
            one._notify_credit(resumed)
        self._analyse()
        return True

    def _notify_credit(self, resumed):
        """Give whoever reviews it an activity: the reviewer so far, the customer's executive, the company's."""
        self.ensure_one()
        customer = self.customer_id.sudo()
        user = (
            (self.reviewed_by if resumed else False)
            or customer.credit_user_id
            or self.company_id.sudo().cartera_credit_user_id
        )
        if user and user != self.env.user:
            self.sudo().activity_schedule(
                TODO,
                summary=self.env._("Go on with the application")
                if resumed
                else self.env._("Review the application"),
                user_id=user.id,
            )

    # Review

    def action_review(self):
        """Take submitted applications into review: behaviour, score and recommended limit of today."""
        self._check_role(EXECUTIVE)
        self._check_state("submitted")
        self._write_decided(
            {
                "state": "review",
                "reviewed_by": self.env.uid,
                "reviewed_on": fields.Datetime.now(),
            }
        )
        self._analyse()
        return True

    def action_analyse(self):
        """Count behaviour, score and recommended limit anew (button)."""
        self._check_role(VIEWER)
        self._check_state("draft", "submitted", "review", "info_requested")
        self._analyse()
        return True

    def action_grant_recommended(self):
        """Propose what the analysis recommends, in the application's currency (button)."""
        self._check_role(EXECUTIVE)
        self._check_state("submitted", "review")
        for one in self:
            if not one.recommended_known:
                raise UserError(
                    self.env._("There is no recommended limit for %s.", one.name)
                )
            rate = self.env["cartera.money"]._rates(
                one.company_id, one.company_id._cartera_today()
            )[one.currency_id.id]
            one.amount_granted = one.currency_id.round(
                one.recommended_amount * float(rate)
            )
        return True

    # Information that is missing

    def action_request_info(self, missing=None, to=None):
        """Say what is missing, to the customer's contact by mail or to the salesperson by an activity.

        Signatures given so far no longer count, because what they were given for may change.

        :param missing: what is missing; by default the documents that are
        :param to: "contact" or "salesperson"; by default the contact if there is a mail address
        """
        self._check_role(EXECUTIVE)
        self._check_state("submitted", "review")
        for one in self:
            text = (missing or "").strip() or one._missing_text()
            if not text:
                raise UserError(
                    self.env._(
                        "Nothing is missing in the documents of %s. Say what else is needed.",
                        one.name,
                    )
                )
            contact = one.contact_id or one.partner_id.sudo()
            way = to or ("contact" if contact.email else "salesperson")
            if way not in ("contact", "salesperson"):
                raise UserError(
                    self.env._(
                        "'%s' is nobody to ask. Ask the contact or the salesperson.",
                        way,
                    )
                )
            if way == "contact" and not contact.email:
                raise UserError(
                    self.env._(
                        "%s has no mail address. Enter one, or ask the salesperson.",
                        contact.display_name,
                    )
                )
            user = one._who_asks_the_customer()
            told = contact.email_formatted if way == "contact" else user.name
            one._write_decided(
                {
                    "state": "info_requested",
                    "info_from": one.state,
                    "info_missing": text,
                    "info_sent_to": told,
                    "info_requested_on": fields.Datetime.now(),
                    "round": one.round + 1,
                }
            )
            one.sudo().activity_feedback([TODO])
            if way == "contact":
                one._mail_missing(contact)
            one.sudo().activity_schedule(
                TODO,
                summary=self.env._("Get what is missing"),
                note=text,
                user_id=user.id,
            )
        return True

    def _missing_text(self):
        self.ensure_one()
        lines = []
        for row in self._missing_documents():
            why = (
                self.env._(
                    "%(document)s (expired on %(day)s)",
                    document=row.display_name,
                    day=row.date_to,
                )
                if row.state == "expired"
                else row.display_name
            )
            note = row.type_id.note
            lines.append(f"- {why}: {note}" if note else f"- {why}")
        return "\n".join(lines)

    def _who_asks_the_customer(self):
        """Return who gets the activity: the customer's salesperson, else who asked for the application."""
        self.ensure_one()
        salesperson = self.customer_id.sudo().partner_id.user_id
        if salesperson and not salesperson.share and salesperson.has_group(VIEWER):
            return salesperson
        return self.requested_by or self.sudo().create_uid

    def _mail_missing(self, contact):
        self.ensure_one()
        template = self.env.ref("cartera_cobranza.mail_template_request_info")
        self.sudo().message_post_with_source(
            template,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    # Decide

    def action_approve(self, note=None):
        """Sign applications within one's authority; the signature that is enough carries them out.

        One signature that decides alone, or two of different people. Approval makes the new version of the line,
        the temporary limit or the suspension in this transaction.

        :raise AccessError: for an own application, a second signature, or above the authority
        """
        self._check_role(EXECUTIVE)
        self._check_state("submitted", "review")
        for one in self.sorted("id"):
            one.customer_id.sudo()._bump(one.company_id, one.customer_id.partner_id.ids)
            one._check_complete()
            one._sign(note)
        return True

    def _sign(self, note=None):
        """Record the user's yes, and carry the application out if that is enough."""
        self.ensure_one()
        signature = self._choose_signature()
        now = fields.Datetime.now()
        if self.state == "submitted":
            self._write_decided(
                {"state": "review", "reviewed_by": self.env.uid, "reviewed_on": now}
            )
        given = [*self._signatures(), signature]
        self.env["cartera.credit.decision"]._record(
            [self._prepare_decision("approved", note, signature)]
        )
        if not approval.is_enough(given):
            self.sudo().message_post(
                body=self.env._(
                    "Signed by %s: the first of two signatures. Another person has to sign.",
                    self.env.user.name,
                )
            )
            return
        self._carry_out()
        self._write_decided(
            {"state": "approved", "decided_by": self.env.uid, "decided_on": now}
        )
        self.sudo().activity_unlink([TODO])

    def _signatures(self):
        """Return calc's Signatures that count: of this round."""
        self.ensure_one()
        return [
            approval.Signature(row.user_id.id, row.principal_id.id, int(row.strength))
            for row in self.sudo().decision_ids
            if row.verdict == "approved" and row.round == self.round
        ]

    def _choose_signature(self):
        """Return the signature that the user can give.

        :raise AccessError: naming why there is none
        """
        self.ensure_one()
        amount, base = self._amounts_to_decide()
        choice = approval.choose(
            self.env.uid,
            self.env["cartera.authority"]._strengths(
                self.env.user, self.company_id, amount, base
            ),
            self._signatures(),
            set(self._requesters().ids),
        )
        if choice.signature:
            return choice.signature
        messages = {
            "own": self.env._(
                "%s was requested by you, and nobody approves an own application. Ask a colleague with authority.",
                self.name,
            ),
            "twice": self.env._(
                "You have signed %s already. The second signature is another person's.",
                self.name,
            ),
            "lent": self.env._(
                "The authority that was lent to you is that of the requester, or has signed %s already. Ask another "
                "colleague.",
                self.name,
            ),
        }
        text = messages.get(choice.problem)
        if not text:
            text = self.env._(
                "%(request)s is over %(amount)s, which is above your authority over applications today, own or lent. "
                "Ask a colleague with more.",
                request=self.name,
                amount=self._granted_text(),
            )
        raise AccessError(text)

    def _prepare_decision(self, verdict, note=None, signature=None):
        self.ensure_one()
        return {
            "request_id": self.id,
            "company_id": self.company_id.id,
            "customer_id": self.customer_id.id,
            "verdict": verdict,
            "user_id": self.env.uid,
            "principal_id": signature.principal if signature else False,
            "strength": str(signature.strength) if signature else False,
            "round": self.round,
            "date": fields.Datetime.now(),
            "mode": self.mode,
            "amount": self.amount_granted,
            "currency_id": self.currency_id.id,
            "note": note,
        }

    def _check_may_waive(self, document):
        """Refuse a waiver by whom could not approve the application, or asked for it."""
        self.ensure_one()
        self._check_role(EXECUTIVE)
        if self.env.su:
            return
        if self.env.user in self._requesters():
            raise AccessError(
                self.env._(
                    "%s was requested by you, and nobody waives a document of an own application. Ask a colleague "
                    "with authority.",
                    self.name,
                )
            )
        amount, base = self._amounts_to_decide()
        if not self.env["cartera.authority"]._strengths(
            self.env.user, self.company_id, amount, base
        ):
            raise AccessError(
                self.env._(
                    "%(document)s of %(request)s is waived by somebody who could approve %(amount)s. Ask a colleague "
                    "with more authority.",
                    document=document.display_name,
                    request=self.name,
                    amount=self._granted_text(),
                )
            )
        self.env["cartera.credit.decision"]._record(
            [self._prepare_decision("waived", document.display_name)]
        )

    def action_reject(self, reason=None):
        """Reject applications.

        :param reason: why; obligatory, told to whoever asked
        """
        self._check_role(EXECUTIVE)
        self._check_state("submitted", "review", "info_requested")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the application is rejected."))
        for one in self:
            self.env["cartera.credit.decision"]._record(
                [one._prepare_decision("rejected", reason)]
            )
            one._write_decided(
                {
                    "state": "rejected",
                    "reject_reason": reason,
                    "decided_by": self.env.uid,
                    "decided_on": fields.Datetime.now(),
                }
            )
            one._discard_guarantees()
            one.sudo().activity_unlink([TODO])
        return True

    def action_cancel(self, reason=None):
        """Withdraw applications that are not decided: by whoever asked for them, or a credit executive."""
        self._check_role(VIEWER)
        self._check_state("draft", "submitted", "review", "info_requested")
        for one in self:
            if (
                not self.env.su
                and not self.env.user.has_group(EXECUTIVE)
                and self.env.user not in one._requesters()
            ):
                raise AccessError(
                    self.env._(
                        "%s was requested by somebody else. Ask a credit executive.",
                        one.name,
                    )
                )
        self._write_decided({"state": "cancelled"})
        for one in self:
            one._discard_guarantees()
            if reason:
                one.sudo().message_post(body=self.env._("Cancelled: %s", reason))
        self.sudo().activity_unlink([TODO])
        return True

    def _discard_guarantees(self):
        self.sudo().guarantee_ids.filtered(lambda one: one.state == "draft")._set_state(
            {"state": "cancelled"}
        )

    # Buttons that ask something first

    def action_open_reject(self):
        """Ask why applications are rejected (button)."""
        self._check_role(EXECUTIVE)
        return self.env["cartera.reason"]._ask(self, "action_reject")

    def action_open_request_info(self):
        """Ask what is missing and who is told (button)."""
        self.ensure_one()
        self._check_role(EXECUTIVE)
        contact = self.contact_id or self.partner_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask for Information"),
            "res_model": "cartera.request.info",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_request_id": self.id,
                "default_missing": self._missing_text(),
                "default_to": "contact" if contact.email else "salesperson",
            },
        }
