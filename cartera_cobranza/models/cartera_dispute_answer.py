from odoo import SUPERUSER_ID, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount

COLLECTOR = "cartera_cobranza.group_collector"
OPERATIONS = "cartera_cobranza.group_operations"
OPEN_STATES = ("open", "analysis", "accepted")


class CarteraDisputeAnswer(models.AbstractModel):
    """The verbs of disputes: who may say what, and what follows. Each checks the role and then acts."""

    _name = "cartera.dispute.answer"
    _description = "Answering Disputes"

    def _check_role(self, *groups):
        if self.env.uid != SUPERUSER_ID and not any(
            self.env.user.has_group(group) for group in groups
        ):
            raise AccessError(
                self.env._(
                    "Only collectors and the responsible area work on disputes. Ask one of them."
                )
            )
        self.check_access("write")

    def _check_state(self, states, verb):
        for dispute in self:
            if dispute.state not in states:
                raise UserError(
                    self.env._(
                        "%(dispute)s is %(state)s and cannot be %(verb)s.",
                        dispute=dispute.display_name,
                        state=dict(
                            self._fields["state"]._description_selection(self.env)
                        )[dispute.state],
                        verb=verb,
                    )
                )

    def action_open(self):
        """Open again what is in analysis, or what was rejected too early; nothing to do for an open one.

        :raise UserError: for a resolved or cancelled dispute
        """
        self._check_role(COLLECTOR)
        disputes = self.sudo()
        disputes._check_state(
            ("open", "analysis", "rejected"), self.env._("opened again")
        )
        rejected = disputes.filtered(lambda one: one.state == "rejected")
        (disputes - rejected).filtered(
            lambda one: one.state == "analysis"
        ).state = "open"
        rejected._reopen()
        return True

    def _reopen(self):
        if not self:
            return
        for company, mine in self.grouped("company_id").items():
            self.env["cartera.customer"]._bump(company, mine.partner_id.ids)
        for dispute in self:
            dispute.write(
                {
                    "state": "open",
                    "resolution": False,
                    "closed_on": False,
                    "resolution_days": 0,
                    "accepted_on": False,
                    "accepted_amount": 0.0,
                    "remaining_amount": dispute.disputed_amount,
                }
            )
        self._check_against_ledger()
        self._tell_area()
        self._changed()

    def action_analyse(self):
        """The area has begun to look into it."""
        self._check_role(COLLECTOR, OPERATIONS)
        self.sudo()._check_state(("open", "analysis"), self.env._("analysed"))
        self.sudo().state = "analysis"
        return True

    def action_accept(self, amount=None):
        """The customer is right, with all of it or with ``amount``; the rest goes back to collection.

        It stays disputed until the credit note is there.

        :param amount: what is right, in the invoice's currency; None for all that is still disputed
        """
        self._check_role(COLLECTOR, OPERATIONS)
        disputes = self.sudo()
        disputes._check_state(("open", "analysis"), self.env._("accepted"))
        for dispute in disputes:
            if dispute.type_id.needs_evidence and not dispute.evidence_ids:
                raise UserError(
                    self.env._(
                        "A dispute of the type %(type)s is accepted only with evidence. Attach it to %(dispute)s "
                        "first.",
                        type=dispute.type_id.name,
                        dispute=dispute.display_name,
                    )
                )
            right = dispute.disputed_amount if amount is None else amount
            if (
                dispute.currency_id.compare_amounts(right, 0) <= 0
                or dispute.currency_id.compare_amounts(right, dispute.disputed_amount)
                > 0
            ):
                raise UserError(
                    self.env._(
                        "%(amount)s cannot be accepted: %(disputed)s are disputed. Enter an amount above zero and up "
                        "to that, or reject the dispute.",
                        amount=format_amount(self.env, right, dispute.currency_id),
                        disputed=format_amount(
                            self.env, dispute.disputed_amount, dispute.currency_id
                        ),
                    )
                )
            dispute.write(
                {
                    "state": "accepted",
                    "accepted_amount": right,
                    "accepted_on": dispute.company_id._cartera_today(),
                }
            )
        disputes.activity_ids.unlink()
        disputes._settle()
        disputes._changed()
        return True

    def action_reject(self, reason=None):
        """The customer is not right: the amount goes back to collection.

        :param reason: what the customer is told; obligatory unless the answer is filled in
        """
        self._check_role(COLLECTOR, OPERATIONS)
        disputes = self.sudo()
        disputes._check_state(("open", "analysis"), self.env._("rejected"))
        disputes._set_answer(reason)
        disputes._close("rejected", "rejected")
        return True

    def action_resolve(self, reason=None):
        """It is settled and the customer pays what is still open: explained, papers delivered, corrected.

        What a credit note or a payment settles is resolved by itself.

        :param reason: what the customer is told; obligatory unless the answer is filled in
        """
        self._check_role(COLLECTOR, OPERATIONS)
        disputes = self.sudo()
        disputes._settle()
        left = disputes.filtered(lambda one: one.state in OPEN_STATES)
        if left:
            left._set_answer(reason)
            left._close("resolved", "explained")
        return True

    def action_cancel(self, reason=None):
        """It was recorded in error.

        :param reason: obligatory unless the answer is filled in
        """
        self._check_role(COLLECTOR)
        disputes = self.sudo()
        disputes._check_state(OPEN_STATES, self.env._("cancelled"))
        disputes._set_answer(reason)
        disputes._close("cancelled", "cancelled")
        return True

    def action_credit_note(self):
        """Open Odoo's reversal for an accepted dispute, with its reason; the note is a draft of what was accepted."""
        self.ensure_one()
        self._check_role(COLLECTOR)
        self.sudo()._check_state(("accepted",), self.env._("credited"))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Credit Note"),
            "res_model": "account.move.reversal",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "active_model": "account.move",
                "active_ids": self.move_id.ids,
                "default_cartera_dispute_id": self.id,
                "default_note_reason_id": self.sudo().type_id.note_reason_id.id,
                "default_reason": f"{self.name}: {self.answer or self.type_id.name}",
            },
        }

    def _reduce_note(self, notes):
        """Bring a draft credit note of the whole invoice down to what is left of the accepted amount.

        Every line in proportion, or the disputed one alone; the last line takes what rounding leaves.
        """
        for dispute in self:
            note = notes.filtered(
                lambda one, own=dispute: one.cartera_dispute_id == own
                and one.state == "draft"
            )[:1]
            lines = note.invoice_line_ids.filtered(
                lambda line: line.display_type == "product"
            )
            disputed = dispute.invoice_line_id
            same = lines.filtered(
                lambda line, own=disputed: own
                and line.product_id == own.product_id
                and line.name == own.name
                and line.price_total == own.price_total
            )[:1]
            if same:
                (lines - same).unlink()
                lines = same
            wanted = dispute.remaining_amount
            if not lines or not note.currency_id.compare_amounts(
                note.amount_total, wanted
            ):
                continue
            share = wanted / note.amount_total
            for line in lines:
                net = (
                    line.price_subtotal
                    if not line.tax_ids.price_include
                    else line.price_total
                )
                line.write(
                    {
                        "quantity": 1,
                        "discount": 0,
                        "price_unit": note.currency_id.round(net * share),
                    }
                )
            missing = wanted - note.amount_total
            if not note.currency_id.is_zero(missing):
                taxed = note.amount_total / note.amount_untaxed
                lines[-1].price_unit += note.currency_id.round(missing / taxed)

    def _set_answer(self, reason):
        for dispute in self:
            text = (reason or dispute.answer or "").strip()
            if not text:
                raise UserError(
                    self.env._(
                        "Say what the customer is told about %(dispute)s: the answer is obligatory.",
                        dispute=dispute.display_name,
                    )
                )
            if text != dispute.answer:
                dispute.answer = text

    def _close(self, state, resolution):
        for dispute in self:
            day = dispute.company_id._cartera_today()
            dispute.write(
                {
                    "state": state,
                    "resolution": resolution,
                    "closed_on": day,
                    "resolution_days": (day - dispute.opened_on).days,
                    "remaining_amount": 0.0,
                }
            )
        self.env.flush_all()
        self.activity_ids.unlink()
        self._tell_collector()
        self._changed()

    def _tell_collector(self):
        """Tell who collects that the plan goes on, by a note that they see on the dispute."""
        for dispute in self:
            user = dispute.customer_id.collector_id
            if user and user.active and user != self.env.user:
                dispute.message_notify(
                    partner_ids=user.partner_id.ids,
                    subject=self.env._(
                        "%(dispute)s of %(customer)s is closed",
                        dispute=dispute.name,
                        customer=dispute.partner_id.display_name,
                    ),
                    body=self.env._(
                        "%(invoice)s: %(result)s. %(answer)s",
                        invoice=dispute.invoice_name,
                        result=dict(
                            self._fields["resolution"]._description_selection(self.env)
                        )[dispute.resolution],
                        answer=dispute.answer or "",
                    ),
                )
