from odoo import fields, models
from odoo.exceptions import UserError

from ..calc import money
from ..calc.limit import overlaps

LIVE = ("active", "suspended")
CHANGES = ("increase", "decrease", "renewal", "temporary", "suspension")


class CarteraCreditRequestOutcome(models.AbstractModel):
    """What an approved application makes: a version of the line, a temporary limit, a suspension."""

    _name = "cartera.credit.request.outcome"
    _description = "Outcome of Credit Applications"

    # Whether it makes sense

    def _check_complete(self):
        """Refuse an application that makes no sense, or lacks documents or an analysis."""
        self.ensure_one()
        problem = self._problem()
        if problem:
            raise UserError(
                self.env._(
                    "%(request)s: %(problem)s", request=self.name, problem=problem
                )
            )
        missing = self._missing_documents()
        if missing:
            raise UserError(
                self.env._(
                    "%(request)s lacks documents that are asked for: %(documents)s. Ask for them, or have them waived "
                    "with the reason.",
                    request=self.name,
                    documents=", ".join(
                        row.display_name
                        if row.state == "missing"
                        else self.env._(
                            "%(document)s (expired on %(day)s)",
                            document=row.display_name,
                            day=row.date_to,
                        )
                        for row in missing
                    ),
                )
            )
        for guarantee in self.guarantee_ids.filtered(lambda one: one.state == "draft"):
            problem = guarantee._problem()
            if problem:
                raise UserError(
                    self.env._(
                        "%(request)s: %(problem)s", request=self.name, problem=problem
                    )
                )

    def _problem(self):
        """Return why the application makes no sense as it stands, or False."""
        self.ensure_one()
        # lines may have come and gone since it was written down
        self.env.add_to_compute(self._fields["line_id"], self)
        line = self.line_id.sudo()
        live = line if line.state in LIVE else line.browse()
        if self.kind == "opening" and live:
            return self.env._(
                "%(customer)s has the line %(line)s already. Ask for an increase, a decrease or a renewal of it.",
                customer=self.customer_id.display_name,
                line=live.display_name,
            )
        if self.kind == "renewal" and not line:
            return self._no_line_problem()
        if self.kind in CHANGES and self.kind != "renewal" and not live:
            return self._no_line_problem()
        if self.kind == "suspension":
            if live.state == "suspended":
                return self.env._("%s is suspended already.", live.display_name)
            return False
        today = self.company_id._cartera_today()
        if self.date_to and self.date_to < today:
            return self.env._(
                "the limit would end on %(day)s, which has passed. Give it a later last day.",
                day=self.date_to,
            )
        granted = self.amount_granted
        if (self.mode == "amount" or self.kind == "temporary") and not (
            self.currency_id.compare_amounts(granted, 0) > 0
        ):
            return self.env._(
                "it has no limit (%(amount)s). Enter how much the customer may owe.",
                amount=self.currency_id.format(granted),
            )
        if self.kind == "temporary":
            return self._temporary_problem(live, today)
        return self._change_problem(live)

    def _no_line_problem(self):
        return self.env._(
            "%(customer)s has no credit line in %(company)s that could be changed. Ask for an opening.",
            customer=self.customer_id.display_name,
            company=self.company_id.name,
        )

    def _change_problem(self, live):
        """An increase raises, a decrease lowers; both in the line's own currency or another."""
        if self.kind not in ("increase", "decrease"):
            return False
        before, after = self._line_company(live), self._granted_company()
        ranks = [float("inf") if one is None else float(one) for one in (before, after)]
        if self.kind == "increase" and ranks[1] <= ranks[0]:
            return self.env._(
                "%(amount)s is no more than the present %(line)s. Enter a higher limit, or ask for a decrease.",
                amount=self._granted_text(),
                line=live.display_name,
            )
        if self.kind == "decrease" and ranks[1] >= ranks[0]:
            return self.env._(
                "%(amount)s is no less than the present %(line)s. Enter a lower limit, or ask for an increase.",
                amount=self._granted_text(),
                line=live.display_name,
            )
        return False

    def _temporary_problem(self, live, today):
        if not self.date_from or not self.date_to:
            return self.env._(
                "a temporary limit has a first and a last day. Enter both."
            )
        if live.mode != "amount":
            return self.env._(
                "a temporary limit needs a line with an amount; that of %s has none.",
                self.customer_id.display_name,
            )
        if live.currency_id != self.currency_id:
            return self.env._(
                "a temporary limit is in the currency of its line, %(currency)s.",
                currency=live.currency_id.name,
            )
        for other in live.temporary_ids:
            if other.state in ("draft", "active") and overlaps(
                (self.date_from, self.date_to), (other.date_from, other.date_to)
            ):
                return self.env._(
                    "the temporary limit from %(start)s to %(end)s overlaps the one from %(other_start)s to "
                    "%(other_end)s. Change the dates or cancel that one first.",
                    start=self.date_from,
                    end=self.date_to,
                    other_start=other.date_from,
                    other_end=other.date_to,
                )
        return False

    # Amounts

    def _line_company(self, line):
        """Return a line's limit in company currency as Decimal; None is unlimited."""
        if line.mode == "unlimited":
            return None
        if line.mode != "amount":
            return money.ZERO
        return self.env["cartera.money"]._convert(
            line.amount,
            line.currency_id,
            self.company_id,
            self.company_id._cartera_today(),
        )

    def _granted_company(self):
        """Return the limit that is granted in company currency as Decimal; None is unlimited."""
        if self.kind != "temporary" and self.mode != "amount":
            return None if self.mode == "unlimited" else money.ZERO
        return self.env["cartera.money"]._convert(
            self.amount_granted,
            self.currency_id,
            self.company_id,
            self.company_id._cartera_today(),
        )

    def _granted_text(self):
        if self.mode == "unlimited" and self.kind != "temporary":
            return self.env._("unlimited credit")
        return self.currency_id.format(self.amount_granted)

    def _amounts_to_decide(self):
        """Return (amount, base) that authority is held against, in company currency.

        The limit granted and what the guarantees that come with it add; None is unlimited. What takes credit away
        is over nothing: whoever decides on applications at all may do it. The base is the present limit.
        """
        self.ensure_one()
        day = self.company_id._cartera_today()
        base = self._line_company(self.line_id.sudo()) if self.line_id else money.ZERO
        base = money.ZERO if base is None else base
        if self.kind in ("decrease", "suspension") or self.mode == "none":
            return money.ZERO, base
        amount = self._granted_company()
        if amount is not None:
            for one in self.sudo().guarantee_ids.filtered(
                lambda row: row.state == "draft"
            ):
                amount += self.env["cartera.money"]._convert(
                    float(one._counted(max(day, one.date_from))),
                    one.currency_id,
                    self.company_id,
                    day,
                )
        return amount, base

    # Carrying it out

    def _carry_out(self):
        """Make what was approved, in this transaction."""
        self.ensure_one()
        reason = self._reason_text()
        if self.kind == "suspension":
            self.line_id._suspend(reason)
        elif self.kind == "temporary":
            temporary = (
                self.env["cartera.credit.temporary"]
                .sudo()
                .create(self._prepare_temporary_vals(reason))
            )
            temporary._set_requester(self.requested_by)
            temporary._activate()
            self._write_decided({"made_temporary_id": temporary.id})
        else:
            line = (
                self.env["cartera.credit.line"]
                .sudo()
                .create(self._prepare_line_vals(reason))
            )
            line._set_state(
                {"requested_by": self.requested_by.id, "request_id": self.id}
            )
            line._activate()
            self._write_decided({"made_line_id": line.id})
        drafts = self.sudo().guarantee_ids.filtered(lambda one: one.state == "draft")
        drafts._accept()
        if self.analysed_on and self.risk_class:
            self.customer_id.sudo().write(
                {"risk_class": self.risk_class, "score": self.score}
            )

    def _reason_text(self):
        """Return the reason of the new version: the application's number and what was said."""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        text = (self.reason or "").strip().replace("\n", " ")
        label = self.env._(
            "%(kind)s %(request)s", kind=kinds[self.kind], request=self.name
        )
        return f"{label}: {text}" if text else label

    def _prepare_line_vals(self, reason):
        """Return the values of the new version: those of the one before, and what was granted."""
        before = self.line_id.sudo()
        vals = {}
        if before:
            today = self.company_id._cartera_today()
            valid = not before.guarantee_date_to or before.guarantee_date_to >= today
            if (
                before.guarantee_amount
                and valid
                and before.currency_id == self.currency_id
            ):
                vals = {
                    "guarantee_amount": before.guarantee_amount,
                    "guarantee_date_to": before.guarantee_date_to,
                    "guarantee_note": before.guarantee_note,
                }
        return vals | {
            "customer_id": self.customer_id.id,
            "mode": self.mode,
            "amount": self.amount_granted if self.mode == "amount" else 0.0,
            "currency_id": self.currency_id.id,
            "only_this_currency": self.only_this_currency,
            "date_from": self.company_id._cartera_today(),
            "date_to": self.date_to,
            "grace_days": self.grace_days,
            "review_date": self.review_date or self._proposed_review_date(),
            "reason": reason,
        }

    def _proposed_review_date(self):
        if not self.risk_class:
            return False
        scale = self.env["cartera.score.scale"]._for_company(self.company_id)
        row = scale.class_ids.filtered(lambda one: one.risk_class == self.risk_class)
        if not row.review_months:
            return False
        return fields.Date.add(
            self.company_id._cartera_today(), months=row.review_months
        )

    def _prepare_temporary_vals(self, reason):
        return {
            "line_id": self.line_id.id,
            "amount": self.amount_granted,
            "date_from": self.date_from,
            "date_to": self.date_to,
            "reason": reason,
        }

    # From the application to what came of it

    def action_open_line(self):
        """Open the line that the application made or changes (button)."""
        self.ensure_one()
        line = self.made_line_id or self.line_id
        return {
            "type": "ir.actions.act_window",
            "res_model": "cartera.credit.line",
            "res_id": line.id,
            "views": [(False, "form")],
        }

    def action_open_customer(self):
        """Open the customer's credit account (button)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "cartera.customer",
            "res_id": self.customer_id.id,
            "views": [(False, "form")],
        }
