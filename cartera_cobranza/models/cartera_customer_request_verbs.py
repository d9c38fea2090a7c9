from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .decided import deciding

VIEWER = "cartera_cobranza.group_viewer"
EXECUTIVE = "cartera_cobranza.group_credit_executive"


class CarteraCustomerRequestVerbs(models.AbstractModel):
    """What people do with customer requests: submit, review, ask, approve, reject, cancel."""

    _name = "cartera.customer.request.verbs"
    _description = "Verbs of Customer Requests"
    _inherit = "cartera.stateful"

    def _check_role(self, group):
        if not self.env.su and not self.env.user.has_group(group):
            if group == VIEWER:
                raise AccessError(
                    self.env._(
                        "Customers are proposed by the roles of Credit and Collections. Ask your administrator for one."
                    )
                )
            raise AccessError(
                self.env._(
                    "Only credit executives decide on customer requests. Ask one of them to look at it."
                )
            )

    def _as_decided(self, vals):
        """Write what the verbs decide, past the guard that keeps people from it."""
        with deciding(self.env, "cartera_customer_request"):
            self.sudo().write(vals)

    def _check_problems(self):
        for request in self:
            texts = [
                problem["text"]
                for problem in request.sudo()._get_problems()
                if problem["level"] == "danger"
            ]
            if texts:
                raise UserError(
                    self.env._(
                        "%(request)s is not complete yet:\n%(problems)s",
                        request=request.display_name,
                        problems="\n".join(f"- {text}" for text in texts),
                    )
                )

    # Submit

    def action_submit(self):
        """Hand the proposal in; what it would change is frozen with what is there now.

        :raise UserError: naming everything that is missing, invalid or there already
        """
        self._check_role(VIEWER)
        self.check_access("write")
        self._check_state("draft", "info_requested")
        for request in self:
            request._check_may_edit({"state": True})
            request._check_own_customer()
            request.sudo()._rebuild_lines(refresh=True)
        self._check_problems()
        self._as_decided(
            {
                "state": "submitted",
                "requested_by": self.env.uid,
                "requested_on": fields.Datetime.now(),
                "missing": False,
            }
        )
        for request in self:
            request.sudo().activity_unlink(["mail.mail_activity_data_todo"])
            request._tell_credit()
        return True

    def _tell_credit(self):
        """Give the company's credit executive an activity to decide."""
        self.ensure_one()
        user = self.company_id.sudo().cartera_credit_user_id
        if user and user != self.env.user:
            self.sudo().with_context(lang=user.lang).activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Decide on the customer"),
                user_id=user.id,
            )

    # Decide

    def action_review(self):
        """Say that the proposal is complete and right; what the customer has now is read again."""
        self._check_role(EXECUTIVE)
        self._check_state("submitted", "validated")
        self.sudo()._rebuild_lines(refresh=True)
        self._check_problems()
        self._as_decided(
            {
                "state": "validated",
                "reviewed_by": self.env.uid,
                "reviewed_on": fields.Datetime.now(),
            }
        )
        return True

    def action_request_info(self, note=None):
        """Send the proposal back to who made it.

        :param note: what is missing; obligatory
        """
        self._check_role(EXECUTIVE)
        self._check_state("submitted", "validated")
        note = (note or "").strip()
        if not note:
            raise UserError(
                self.env._("Say what is missing: whoever made the request reads it.")
            )
        self._as_decided({"state": "info_requested", "missing": note})
        for request in self.sudo():
            request.activity_unlink(["mail.mail_activity_data_todo"])
            user = request.requested_by
            told = request.with_context(lang=user.lang)
            told.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=told.env._("Information about the customer is missing"),
                note=note,
                user_id=user.id,
            )
        return True

    def action_approve(self):
        """Approve: the proposed values are written at once, and the customer is approved in this company.

        :raise AccessError: without the role, or for an own request
        :raise UserError: for what is incomplete, or has changed since it was handed in
        """
        self._check_role(EXECUTIVE)
        self._check_state("submitted", "validated")
        for request in self:
            if request._is_own() and not self.env.su:
                raise AccessError(
                    self.env._(
                        "%s was requested by you, and nobody approves an own request. Ask another credit executive.",
                        request.name,
                    )
                )
        self._check_problems()
        for request in self:
            partner = request.sudo()._write_proposal()
            request._as_decided(
                {
                    "state": "approved",
                    "partner_id": partner.id,
                    "decided_by": self.env.uid,
                    "decided_on": fields.Datetime.now(),
                }
            )
            request._approve_customer(partner)
            request.sudo().activity_feedback(["mail.mail_activity_data_todo"])
            request._log_on_partner(partner)
        return True

    def _approve_customer(self, partner):
        customers = (
            self.env["cartera.customer"]
            .sudo()
            ._find_or_create(partner, self.company_id)
        )
        customers[partner].sudo()._set_approved(self.env.user, self.company_id)

    def _changed_meanwhile(self):
        """Return what somebody changed since the request was handed in, in words."""
        self.ensure_one()
        changed = []
        for line in self.line_ids:
            target = line._target()
            if not target:
                continue
            now = self._raw(target.with_company(self.company_id)[line.field_name])
            if now not in (line.old_raw or False, line.new_raw or False):
                changed.append(
                    self.env._(
                        "%(label)s of %(subject)s was '%(old)s' and is '%(now)s' now (proposed: '%(new)s'). Review it "
                        "again, or send it back.",
                        label=line.label,
                        subject=line.subject,
                        old=line.old_value or "",
                        now=self._shown("res.partner", line.field_name, now),
                        new=line.new_value or "",
                    )
                )
        return changed

    def _write_proposal(self):
        """Write the proposed values; return the customer."""
        self.ensure_one()
        own = {
            line.field_name: line.new_raw
            for line in self.line_ids
            if not line.contact_id
        }
        Partner = self.env["res.partner"].sudo().with_company(self.company_id)
        partner = Partner.browse(self.partner_id.id)
        if not partner:
            partner = Partner.create(
                {
                    "is_company": True,
                    "customer_rank": 1,
                    "lang": self.company_id.sudo().partner_id.lang,
                    **own,
                }
            )
        elif own:
            partner.write(own)
        self._as_decided({"partner_id": partner.id})
        for contact in self.contact_ids:
            contact._write_to(partner)
        return partner

    def _log_on_partner(self, partner):
        rows = Markup("").join(
            Markup("<li>%s, %s: %s → %s</li>")
            % (line.subject, line.label, line.old_value or "–", line.new_value or "–")
            for line in self.sudo().line_ids
        )
        partner.sudo()._message_log(
            body=Markup("<p>%s</p><ul>%s</ul>")
            % (
                self.env._(
                    "Changed by %(request)s, asked for by %(who)s",
                    request=self.name,
                    who=self.requested_by.name,
                ),
                rows,
            )
        )

    def action_reject(self, reason=None):
        """Refuse proposals for good; nothing is written.

        :param reason: why; obligatory
        """
        self._check_role(EXECUTIVE)
        self._check_state("submitted", "validated")
        reason = (reason or "").strip()
        if not reason:
            raise UserError(
                self.env._("Say why: a rejection without a reason is not recorded.")
            )
        self._as_decided(
            {
                "reject_reason": reason,
                "state": "rejected",
                "decided_by": self.env.uid,
                "decided_on": fields.Datetime.now(),
            }
        )
        self.sudo().activity_unlink(["mail.mail_activity_data_todo"])
        for request in self.sudo():
            if request.requested_by:
                request.message_notify(
                    partner_ids=request.requested_by.partner_id.ids,
                    subject=self.env._("%s was rejected", request.display_name),
                    body=reason,
                )
        return True

    def action_cancel(self):
        """Withdraw proposals: by whoever made them, or credit."""
        self._check_role(VIEWER)
        self._check_state("draft", "info_requested", "submitted", "validated")
        for request in self:
            if not (
                self.env.su or request._is_own() or self.env.user.has_group(EXECUTIVE)
            ):
                raise AccessError(
                    self.env._(
                        "%s was made by somebody else. Ask a credit executive.",
                        request.name,
                    )
                )
        self._as_decided({"state": "cancelled"})
        self.sudo().activity_unlink(["mail.mail_activity_data_todo"])
        return True
