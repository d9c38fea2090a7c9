from odoo import Command, models
from odoo.exceptions import UserError


class CarteraPaymentPromiseEnding(models.AbstractModel):
    """How people end a promise before the ledger does: withdrawn, cancelled, replaced; and its letter."""

    _name = "cartera.payment.promise.ending"
    _description = "Ending of Promises"

    def action_withdraw(self, reason=None):
        """The customer takes the promise back: collection goes on today.

        :param reason: what the customer said
        """
        self._check_collector()
        self.sudo()._check_live(self.env._("withdrawn"))
        self.sudo()._end({"state": "withdrawn", "end_reason": reason or False})
        return True

    def action_cancel(self, reason=None):
        """The promise was recorded in error; it does not count for the next one's level.

        :param reason: obligatory
        """
        self._check_collector()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(
                self.env._("Say why the promise is cancelled: a reason is obligatory.")
            )
        promises = self.sudo()
        drafts = promises.filtered(lambda promise: promise.state == "draft")
        (promises - drafts)._check_live(self.env._("cancelled"))
        drafts.write({"state": "cancelled", "end_reason": reason})
        (promises - drafts)._end({"state": "cancelled", "end_reason": reason})
        return True

    def _check_live(self, verb):
        for promise in self:
            if promise.state not in ("open", "partial") or not promise.live:
                raise UserError(
                    self.env._(
                        "%(promise)s is %(state)s: only an open promise can be %(verb)s.",
                        promise=promise.display_name,
                        state=promise._state_label(),
                        verb=verb,
                    )
                )

    def action_replace(self):
        """Make a draft that takes this promise's place when it is opened.

        It asks for what is still owed; the old promise stays until then.
        """
        self.ensure_one()
        self._check_collector()
        old = self.sudo()
        if old.state not in ("open", "partial", "broken"):
            raise UserError(
                self.env._(
                    "%(promise)s is %(state)s: only a promise that is open or was not kept can be replaced.",
                    promise=old.display_name,
                    state=old._state_label(),
                )
            )
        if old.replaced_by_id:
            raise UserError(
                self.env._(
                    "%(promise)s was replaced by %(other)s already.",
                    promise=old.display_name,
                    other=old.replaced_by_id.display_name,
                )
            )
        new = self.env[self._name].create(old._prepare_replacement_vals())
        new.sudo().replaces_id = old
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": new.id,
            "views": [(False, "form")],
        }

    def action_send_confirmation(self):
        """Open the letter that confirms the promise to the customer, with the agreement attached."""
        self.ensure_one()
        self._check_collector()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Confirm to Customer"),
            "res_model": "mail.compose.message",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_template_id": self.env.ref(
                    "cartera_cobranza.mail_template_promise"
                ).id,
                "default_email_layout_xmlid": "mail.mail_notification_light",
            },
        }

    def _prepare_replacement_vals(self):
        today = self.company_id._cartera_today()
        owed = self.line_ids._residuals()
        lines = {}
        if self.scope == "invoices":
            for line in self.line_ids:
                still = min(
                    line.amount - line.paid_amount, owed.get(line.move_id.id, 0.0)
                )
                if self.currency_id.compare_amounts(still, 0) > 0:
                    lines[line.move_id.id] = still
            total = sum(lines.values())
        else:
            total = self.open_amount
        if self.currency_id.compare_amounts(total, 0) <= 0:
            raise UserError(
                self.env._(
                    "Nothing of %(promise)s is left to pay.", promise=self.display_name
                )
            )
        waiting = self.instalment_ids.filtered(lambda part: part.state != "kept")
        return {
            "customer_id": self.customer_id.id,
            "currency_id": self.currency_id.id,
            "contact_id": self.contact_id.id,
            "source": self.source,
            "line_ids": [
                Command.create({"move_id": move, "amount": amount})
                for move, amount in lines.items()
            ],
            "instalment_ids": [
                Command.create(
                    {"date": max(today, *waiting.mapped("date")), "amount": total}
                )
            ],
        }
