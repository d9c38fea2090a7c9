from odoo import Command, fields, models
from odoo.exceptions import AccessError, UserError

COLLECTOR = "cartera_cobranza.group_collector"
EXECUTIVE = "cartera_cobranza.group_credit_executive"
BILLING = "account.group_account_invoice"


class CarteraNoteRequestVerbs(models.AbstractModel):
    """What people do with note requests: submit, approve, issue, reject, cancel, take back."""

    _name = "cartera.note.request.verbs"
    _description = "Verbs of Note Requests"

    def _check_role(self, *groups):
        if not self.env.su and not any(map(self.env.user.has_group, groups)):
            raise AccessError(
                self.env._(
                    "You have no role that does this with note requests. Ask a credit executive."
                )
            )
        self.check_access("read")

    def _check_state(self, *states):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for request in self:
            if request.state not in states:
                raise UserError(
                    self.env._(
                        "%(request)s is in state %(state)s, and this is done with requests in state %(expected)s.",
                        request=request.name,
                        state=labels[request.state],
                        expected=", ".join(labels[state] for state in states),
                    )
                )

    def _write_decided(self, vals):
        """Write what the verbs decide, past the guard that keeps people from it."""
        cache = self.env.cr.cache
        before = cache.get("cartera_note_request")
        cache["cartera_note_request"] = True
        try:
            self.sudo().write(vals)
            self.env.flush_all()
        finally:
            cache["cartera_note_request"] = before

    # Submit

    def action_submit(self):
        """Hand the analysis over for approval; what the submitter's own limit covers is approved at once.

        :raise UserError: for a missing amount, invoice or document, or more than is open on the invoice
        """
        self._check_role(COLLECTOR, BILLING)
        self._check_state("draft")
        for request in self:
            request._check_complete()
            request._check_open_amount()
            now = fields.Datetime.now()
            request._write_decided(
                {
                    "state": "submitted",
                    "requested_by": self.env.uid,
                    "requested_on": now,
                    "reject_reason": False,
                }
            )
            if request._covered_by_own_limit():
                request._write_decided({"state": "approved", "approved_on": now})
                request.sudo().message_post(
                    body=self.env._(
                        "Within the limit of %s for this reason: no approval needed.",
                        self.env.user.name,
                    )
                )
            else:
                request._notify_approvers()
        return True

    def _covered_by_own_limit(self):
        """Whether the reason has a limit for the submitter's role, and the note is within it."""
        self.ensure_one()
        reason = self.reason_id.sudo()
        if not reason.limit_ids:
            return False
        amount, base = self._amounts_company()
        return reason._within_limit(self.env.user, self.company_id, amount, base)

    def _amounts_company(self):
        """Return (total, invoice's total) in company currency, as Decimals."""
        self.ensure_one()
        day = self.company_id._cartera_today()
        Money = self.env["cartera.money"]
        amount = Money._convert(
            self.amount_total, self.currency_id, self.company_id, day
        )
        base = Money._convert(
            self.move_id.sudo().amount_total, self.currency_id, self.company_id, day
        )
        return amount, base

    def _check_complete(self):
        self.ensure_one()
        problem = self._problem()
        if problem:
            raise UserError(
                self.env._("%(note)s: %(problem)s", note=self.name, problem=problem)
            )
        if self.currency_id.compare_amounts(self.amount_total, 0) <= 0:
            raise UserError(
                self.env._(
                    "%s has no amount. Enter the total, or the quantities of the lines.",
                    self.name,
                )
            )
        if self.kind == "credit_order" and not self.move_id:
            raise UserError(
                self.env._(
                    "%s is a credit order: choose the invoice of the goods.", self.name
                )
            )
        reason = self.reason_id.sudo()
        if reason.needs_document and not self._documents():
            raise UserError(
                self.env._(
                    "%(request)s: the reason %(reason)s needs a document (%(document)s). Attach it and submit again.",
                    request=self.name,
                    reason=reason.name,
                    document=reason.document_name or self.env._("proof"),
                )
            )
        if reason.needs_dispute and not self.dispute_id:
            raise UserError(
                self.env._(
                    "%(request)s: notes with the reason %(reason)s resolve a dispute. Choose the dispute.",
                    request=self.name,
                    reason=reason.name,
                )
            )

    def _documents(self):
        """Return the attachments that prove the request: its own, those of its chatter, those of its note."""
        self.ensure_one()
        places = [(self._name, self.id)]
        if self.note_move_id:
            places.append(("account.move", self.note_move_id.id))
        found = self.sudo().attachment_ids
        for model, record in places:
            found |= (
                self.env["ir.attachment"]
                .sudo()
                .search(
                    [
                        ("res_model", "=", model),
                        ("res_id", "=", record),
                        ("res_field", "=", False),
                    ]
                )
            )
        return found

    def _check_open_amount(self):
        """Refuse a credit above what is open on the invoice, unless the rest stays in favour."""
        self.ensure_one()
        if self.direction != "credit" or not self.move_id or self.rest_in_favour:
            return
        move = self.move_id.sudo()
        move.invalidate_recordset(["amount_residual"])
        taken = self._taken_by_others()[self]
        open_amount = move.amount_residual - taken
        if self.currency_id.compare_amounts(self.amount_total, open_amount) <= 0:
            return
        message = self.env._(
            "%(request)s is over %(amount)s, and %(open)s are open on %(invoice)s. Lower the amount, or mark that the "
            "rest stays in the customer's favour.",
            request=self.name,
            amount=self.currency_id.format(self.amount_total),
            open=self.currency_id.format(max(open_amount, 0)),
            invoice=move.name,
        )
        if self.currency_id.compare_amounts(taken, 0) > 0:
            message += " " + self.env._(
                "Other approved requests take %s of it.", self.currency_id.format(taken)
            )
        raise UserError(message)

    def _notify_approvers(self):
        """Give the customer's credit executive, or the company's, an activity to decide."""
        self.ensure_one()
        customer = self.customer_id.sudo()
        user = customer.credit_user_id or self.company_id.sudo().cartera_credit_user_id
        if user and user != self.env.user:
            # read by that person, whoever asks
            env = self.with_context(lang=user.lang or self.env.lang).env
            self.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                summary=env._("Decide on the note"),
                user_id=user.id,
            )

    # Decide

    def action_approve(self):
        """Approve submitted requests, within one's authority over notes and never one's own.

        :raise AccessError: without the role, for an own request, or above the authority
        """
        self._check_role(EXECUTIVE)
        self._check_state("submitted")
        for request in self:
            if self.env.user in (request.requested_by | request.sudo().create_uid):
                raise AccessError(
                    self.env._(
                        "%s was requested by you, and nobody approves an own request. Ask another credit executive.",
                        request.name,
                    )
                )
            request._lock_customer()
            request._check_complete()
            request._check_open_amount()
            amount, base = request._amounts_company()
            if not self.env["cartera.authority"]._covers(
                self.env.user, "note", request.company_id, amount, base
            ):
                raise AccessError(
                    self.env._(
                        "%(request)s is over %(amount)s, which is above your authority over notes. Ask a credit "
                        "manager.",
                        request=request.name,
                        amount=request.currency_id.format(request.amount_total),
                    )
                )
            request._write_decided(
                {
                    "state": "approved",
                    "approved_by": self.env.uid,
                    "approved_on": fields.Datetime.now(),
                }
            )
            request.sudo().activity_feedback(["mail.mail_activity_data_todo"])
        return True

    def action_reject(self, reason=None):
        """Reject submitted or approved requests.

        :param reason: why; obligatory
        """
        self._check_role(EXECUTIVE)
        self._check_state("submitted", "approved")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the request is rejected."))
        for request in self:
            request._write_decided({"state": "rejected", "reject_reason": reason})
            request.sudo().activity_unlink(["mail.mail_activity_data_todo"])
        return True

    def action_open_reject(self):
        """Ask for the reason of a rejection (button)."""
        self._check_role(EXECUTIVE)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reject"),
            "res_model": "cartera.note.reject",
            "view_mode": "form",
            "target": "new",
            "context": {"default_request_ids": self.ids},
        }

    def action_cancel(self):
        """Cancel requests that are not issued: by whoever asked for them, or a credit executive."""
        self._check_role(COLLECTOR, BILLING)
        self._check_state("draft", "submitted", "approved")
        self._check_own_or_executive()
        self._write_decided({"state": "cancelled"})
        self.sudo().activity_unlink(["mail.mail_activity_data_todo"])
        return True

    def action_draft(self):
        """Take requests that are not issued back to analysis; an approval is lost."""
        self._check_role(COLLECTOR, BILLING)
        self._check_state("submitted", "approved", "rejected", "cancelled")
        self._check_own_or_executive()
        self._write_decided(
            {"state": "draft", "approved_by": False, "approved_on": False}
        )
        self.sudo().activity_unlink(["mail.mail_activity_data_todo"])
        return True

    def _check_own_or_executive(self):
        if self.env.su or self.env.user.has_group(EXECUTIVE):
            return
        for request in self:
            if self.env.user not in (request.requested_by | request.sudo().create_uid):
                raise AccessError(
                    self.env._(
                        "%s was requested by somebody else. Ask a credit executive.",
                        request.name,
                    )
                )

    # Issue

    def action_issue(self):
        """Make, post and apply the notes of approved requests.

        The rest of a note that is larger than what is open on its invoice stays open in the customer's favour.

        :raise UserError: for more than is open by now, a closed period, a locked date
        """
        self._check_role(EXECUTIVE, BILLING)
        self._check_state("approved")
        for request in self.sorted("id"):
            request._lock_customer()
            request._check_complete()
            request._check_open_amount()
            request._check_date()
            note = request._make_note()
            note._post(soft=False)
            if note.state != "posted":
                raise UserError(
                    self.env._(
                        "%(request)s: the note was not posted. %(why)s",
                        request=request.name,
                        why=note.credit_hold_ids.sorted("id")[-1:].reason_text or "",
                    )
                )
            request._write_decided(
                {
                    "state": "issued",
                    "issued_by": self.env.uid,
                    "issued_on": fields.Datetime.now(),
                    "note_move_id": note.id,
                }
            )
            note.message_post(
                body=self.env._(
                    "Issued by %(request)s: %(reason)s",
                    request=request._get_html_link(),
                    reason=request.reason_id.sudo().name,
                )
            )
        return True

    def _lock_customer(self):
        """Bump the customer's row: of two transactions on the same customer one starts again."""
        self.ensure_one()
        customer = self.customer_id.sudo()
        customer._bump(self.company_id, customer.partner_id.ids)

    def _note_date(self):
        self.ensure_one()
        return self.date or self.company_id._cartera_today()

    def _check_date(self):
        """Refuse a date in a locked period: the note must not move to another one by itself."""
        self.ensure_one()
        company = self.company_id.sudo()
        journal = self._journal()
        violated = company._get_lock_date_violations(
            self._note_date(),
            fiscalyear=True,
            sale=journal.type == "sale",
            purchase=False,
            tax=True,
            hard=True,
        )
        if violated:
            raise UserError(
                self.env._(
                    "%(request)s would be dated %(day)s, and %(company)s is locked up to %(lock)s. Choose a later day.",
                    request=self.name,
                    day=self._note_date(),
                    company=company.name,
                    lock=max(day for day, _field in violated),
                )
            )

    def _journal(self):
        self.ensure_one()
        journal = self.move_id.sudo().journal_id
        if journal.active and journal.type == "sale":
            return journal
        journal = (
            self.env["account.journal"]
            .sudo()
            .search(
                [
                    *self.env["account.journal"]._check_company_domain(self.company_id),
                    ("type", "=", "sale"),
                ],
                limit=1,
            )
        )
        if not journal:
            raise UserError(
                self.env._(
                    "%s has no sales journal, and a note needs one. Make one.",
                    self.company_id.sudo().name,
                )
            )
        return journal

    def _make_note(self):
        """Return the draft note, made with the rights of this verb: whoever issues need not be an accountant."""
        self.ensure_one()
        if self.mode == "document":
            return self._made_note()
        note = (
            self.env["account.move"]
            .sudo()
            .with_company(self.company_id)
            .create(self._prepare_note_vals())
        )
        note._note_match_total(self.amount_total)
        for document in self._documents():
            document.copy({"res_model": "account.move", "res_id": note.id})
        return note

    def _made_note(self):
        note = self.note_move_id.sudo()
        if note.state != "draft":
            raise UserError(
                self.env._(
                    "%(note)s of %(request)s is not a draft any more. Cancel the request.",
                    note=note.display_name,
                    request=self.name,
                )
            )
        if self.currency_id.compare_amounts(note.amount_total, self.amount):
            raise UserError(
                self.env._(
                    "%(request)s was approved over %(approved)s, and its note is over %(amount)s by now. Submit it "
                    "again.",
                    request=self.name,
                    approved=self.currency_id.format(self.amount),
                    amount=self.currency_id.format(note.amount_total),
                )
            )
        return note

    def _prepare_note_vals(self):
        """Return the values of the note; extend it for what a country's invoices need."""
        self.ensure_one()
        origin = self.move_id.sudo()
        day = self._note_date()
        credit = self.direction == "credit"
        vals = {
            "move_type": "out_refund" if credit else "out_invoice",
            "company_id": self.company_id.id,
            "journal_id": self._journal().id,
            "partner_id": (origin.partner_id or self.customer_id.sudo().partner_id).id,
            "currency_id": self.currency_id.id,
            "invoice_date": day,
            "date": day,
            "invoice_date_due": day,
            "invoice_payment_term_id": False,
            "invoice_origin": origin.name or self.name,
            "invoice_user_id": origin.invoice_user_id.id,
            "fiscal_position_id": origin.fiscal_position_id.id,
            "ref": f"{self.name} {self.reason_id.sudo().name}",
            "note_reason_id": self.reason_id.id,
            "commercial_period_id": self.commercial_period_id.id,
            "invoice_line_ids": [
                Command.create(line) for line in self._prepare_note_lines()
            ],
        }
        if origin:
            vals["reversed_entry_id" if credit else "debit_origin_id"] = origin.id
        return vals

    def _prepare_note_lines(self):
        self.ensure_one()
        reason = self.reason_id
        own = reason._account_for(self.company_id)
        label = " ".join(filter(None, [reason.sudo().name, self.move_id.sudo().name]))
        if self.mode == "lines":
            lines = []
            for line in self.line_ids.filtered("quantity"):
                account = own or line.invoice_line_id.sudo().account_id
                vals = {
                    "name": line.name,
                    "product_id": line.product_id.id,
                    "quantity": line.quantity,
                    "price_unit": line.price_unit,
                    "tax_ids": [Command.set(line.tax_ids.ids)],
                }
                if account:
                    vals["account_id"] = account.id
                lines.append(vals)
            return lines
        try:
            shares = self._proportional_lines()
        except ValueError:
            taxes = reason._taxes_for(self.company_id, self.env["account.tax"])
            vals = {
                "name": label,
                "quantity": 1,
                "price_unit": self.amount,
                "tax_ids": [Command.set(taxes.ids)],
            }
            if taxes and not all(taxes.mapped("price_include")):
                vals["price_unit"] = self._untaxed_of(self.amount, taxes)
            if own:
                vals["account_id"] = own.id
            return [vals]
        return [
            {
                "name": label,
                "quantity": 1,
                "price_unit": float(share.price),
                "tax_ids": [Command.set(taxes.ids)],
                "account_id": (own or account).id,
            }
            for share, (account, taxes) in shares
            if share.total
        ]

    def _untaxed_of(self, total, taxes):
        """Return the price before taxes of which ``total`` is the amount with them."""
        rounded = taxes.with_context(force_price_include=True).compute_all(
            total, self.currency_id, 1.0
        )
        return rounded["total_excluded"]
