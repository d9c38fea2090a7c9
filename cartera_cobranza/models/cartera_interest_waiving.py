from odoo import models
from odoo.exceptions import AccessError, UserError

from ..calc import money


class CarteraInterestWaiving(models.AbstractModel):
    """Waives interest of lines and takes waivers back, by authority and with a reason."""

    _name = "cartera.interest.waiving"
    _description = "Waiving of Interest"

    def _waive(self, reason, amount=None):
        self._check_decision(reason)
        lines = self.sudo().sorted("id")
        parts = {}
        for line in lines:
            rounding = money.to_decimal(line.currency_id.rounding)
            left = money.to_decimal(line.amount) - money.to_decimal(line.waived_amount)
            part = left if amount is None else money.to_decimal(amount)
            if line.kind == "accrued":
                raise UserError(
                    self.env._(
                        "%(line)s is only counted and not billed: there is nothing to waive yet.",
                        line=line.display_name,
                    )
                )
            if part <= 0 or part > left or money.round_money(part, rounding) != part:
                raise UserError(
                    self.env._(
                        "%(amount)s of %(line)s cannot be waived: %(left)s is left of it.",
                        amount=line.currency_id.format(float(part)),
                        line=line.display_name,
                        left=line.currency_id.format(float(left)),
                    )
                )
            parts[line] = part
        self._bump_customers()
        self._check_authority(parts, "waive")
        return self._decide(parts, "waive", reason)

    def _reinstate(self, reason):
        self._check_decision(reason)
        lines = self.sudo().sorted("id")
        parts = {}
        for line in lines:
            if not line.waived_amount:
                raise UserError(
                    self.env._("Nothing of %(line)s is waived.", line=line.display_name)
                )
            parts[line] = money.to_decimal(line.waived_amount)
        self._bump_customers()
        self._check_authority(parts, "reinstate")
        return self._decide(parts, "reinstate", reason)

    def _check_decision(self, reason):
        if not (reason or "").strip():
            raise UserError(
                self.env._("Say why: the reason is kept with the decision.")
            )
        for line in self.sudo():
            if line.state == "reversed":
                raise UserError(
                    self.env._("%(line)s is reversed already.", line=line.display_name)
                )
            if line.state == "proposed" and line.run_id.state != "simulated":
                raise UserError(
                    self.env._(
                        "%(run)s is %(state)s. Send it back to review, or waive after it is posted.",
                        run=line.run_id.name,
                        state=line.run_id._state_label(),
                    )
                )

    def _bump_customers(self):
        for company, lines in self.sudo().grouped("company_id").items():
            self.env["cartera.customer"].sudo()._bump(company, lines.partner_id.ids)

    def _check_authority(self, parts, kind):
        """Check that the user's authority covers, by customer and run, all that will have been waived.

        By customer and run, so that a large waiver cannot be cut into small ones.
        """
        if self.env.su:
            return
        groups = {}
        for line, part in parts.items():
            key = (line.run_id, line.partner_id)
            groups[key] = groups.get(key, money.ZERO) + line._company_amount(part)
        for (run, partner), amount in groups.items():
            theirs = run._lines_of_customer(partner)
            if kind == "waive":
                amount += sum(
                    (money.to_decimal(line.waived_company) for line in theirs),
                    money.ZERO,
                )
            base = run._total_by_customer(partner)
            if not self.env["cartera.authority"]._covers(
                self.env.user,
                "waive",
                run.company_id,
                amount,
                base,
            ):
                raise AccessError(
                    self.env._(
                        "%(amount)s of %(customer)s in %(run)s, with what is waived already, is above your authority "
                        "to waive. Ask a credit manager.",
                        amount=run.currency_id.format(float(amount)),
                        customer=partner.display_name,
                        run=run.name,
                    )
                )

    def _decide(self, parts, kind, reason):
        """Write the decision, and the notes of lines that are posted."""
        run_model = self.env["cartera.interest.run"].sudo()
        sign = 1 if kind == "waive" else -1
        posted = {line: part for line, part in parts.items() if line.state == "posted"}
        moves = run_model._note_waivers(posted, kind, reason) if posted else {}
        with run_model._writing():
            for line, part in parts.items():
                waived = money.to_decimal(line.waived_amount) + sign * part
                line.write(
                    {
                        "waived_amount": float(waived),
                        "waived_company": float(line._company_amount(waived)),
                    }
                )
            self.env["cartera.interest.waiver"].sudo().create(
                [
                    {
                        "run_id": line.run_id.id,
                        "company_id": line.company_id.id,
                        "line_id": line.id,
                        "invoice_id": line.move_id.id,
                        "partner_id": line.partner_id.id,
                        "kind": kind,
                        "currency_id": line.currency_id.id,
                        "amount": float(part),
                        "reason": reason,
                        "user_id": self.env.uid,
                        "move_id": moves.get(line, self.env["account.move"]).id,
                    }
                    for line, part in parts.items()
                ]
            )
        for run, lines in self.sudo().grouped("run_id").items():
            total = sum(line._company_amount(parts[line]) for line in lines)
            amount = run.currency_id.format(float(total))
            if kind == "waive":
                body = self.env._(
                    "Waived %(amount)s of %(count)s items: %(reason)s",
                    amount=amount,
                    count=len(lines),
                    reason=reason,
                )
            else:
                body = self.env._(
                    "Charged again %(amount)s of %(count)s items: %(reason)s",
                    amount=amount,
                    count=len(lines),
                    reason=reason,
                )
            run.message_post(body=body, author_id=self.env.user.partner_id.id)
        return True
