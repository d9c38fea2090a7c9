from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..calc import money

CREDIT = ("out_refund", "in_refund")
DEBIT = ("out_invoice", "in_invoice")
PREPARED = "cartera_notes_prepared"  # ids of the notes that are being posted, in the cursor's cache


class AccountMove(models.Model):
    """Credit and debit notes have a reason and a commercial period."""

    _inherit = "account.move"

    note_reason_id = fields.Many2one(
        "cartera.note.reason",
        string="Note Reason",
        copy=False,
        index="btree_not_null",
        tracking=True,
        ondelete="restrict",
        help="Why this credit or debit note exists.",
    )
    commercial_period_id = fields.Many2one(
        "cartera.commercial.period",
        copy=False,
        index="btree_not_null",
        tracking=True,
        ondelete="restrict",
        help="The cycle to which the note belongs. Empty: that of its date, when it is posted.",
    )
    note_class_id = fields.Many2one(
        related="note_reason_id.class_id", string="Note Class"
    )
    note_direction = fields.Selection(
        [("credit", "Credit"), ("debit", "Debit")],
        string="Kind of Note",
        compute="_compute_note_direction",
        help="Whether this is a credit or a debit note.",
    )
    note_party = fields.Selection(
        [("customer", "Customer"), ("supplier", "Supplier")],
        compute="_compute_note_direction",
        string="Note of",
    )
    note_request_ids = fields.One2many(
        "cartera.note.request", "note_move_id", string="Requests of the Note"
    )
    asked_note_ids = fields.One2many(
        "cartera.note.request", "move_id", string="Note Requests"
    )
    asked_note_count = fields.Integer(
        compute="_compute_asked_note_count", compute_sudo=True
    )
    note_reason_required = fields.Boolean(compute="_compute_note_reason_required")

    @api.depends("move_type", "debit_origin_id", "reversed_entry_id", "note_reason_id")
    def _compute_note_direction(self):
        for move in self:
            move.note_direction = move._note_kind()
            move.note_party = (
                "supplier" if move.move_type.startswith("in_") else "customer"
            )

    @api.depends("note_direction", "company_id")
    def _compute_note_reason_required(self):
        for move in self:
            move.note_reason_required = bool(
                move.note_direction and move._note_reason_needed()
            )

    @api.depends("asked_note_ids.state", "note_request_ids.state")
    def _compute_asked_note_count(self):
        for move in self:
            move.asked_note_count = len(move.asked_note_ids | move.note_request_ids)

    def _note_kind(self):
        """Return credit or debit for a note, False for other documents.

        An invoice is a debit note when it charges more on another one, takes back a credit note, or has a reason.
        """
        self.ensure_one()
        if self.move_type in CREDIT:
            return "credit"
        if self.move_type in DEBIT and (
            self.debit_origin_id or self.reversed_entry_id or self.note_reason_id
        ):
            return "debit"
        return False

    def _note_reason_needed(self):
        company = self.company_id.sudo()
        if self.move_type.startswith("in_"):
            return company.cartera_note_reasons_supplier
        return company.cartera_note_reasons

    def _note_day(self):
        self.ensure_one()
        return self.invoice_date or self.date or self.company_id._cartera_today()

    def _note_name(self):
        """A draft has no number yet, so that its reference, origin or id tells it apart."""
        if self.name and self.name != "/":
            return self.name
        origin = self.reversed_entry_id or self.debit_origin_id
        return f"{self.display_name} {self.ref or origin.name or f'#{self.id}'}"

    @api.constrains(
        "note_reason_id", "move_type", "debit_origin_id", "reversed_entry_id"
    )
    def _check_note_reason(self):
        for move in self:
            if not move.note_reason_id or not move.is_invoice():
                continue
            direction = "credit" if move.move_type in CREDIT else "debit"
            reason = move.note_reason_id.sudo()
            party = "supplier" if move.move_type.startswith("in_") else "customer"
            if reason.direction == direction and reason.party in (party, "both"):
                continue
            problem = reason._problem(
                direction, party, move.company_id, move._note_day()
            )
            raise ValidationError(
                self.env._(
                    "%(note)s: %(problem)s", note=move._note_name(), problem=problem
                )
            )

    # Posting

    def _note_missing_reason(self):
        """Return the notes among these that need a reason and have none."""
        return self.filtered(
            lambda move: not move.note_reason_id
            and move._note_kind()
            and move._note_reason_needed()
        )

    def _check_note_reason_given(self):
        missing = self._note_missing_reason()
        if missing:
            raise UserError(
                self.env._(
                    "%(company)s gives a reason for every credit and debit note, and these have none: %(notes)s. "
                    "Choose the reason of each and confirm again.",
                    company=missing.company_id[:1].sudo().name,
                    notes=", ".join(move._note_name() for move in missing[:10]),
                )
            )

    def action_post(self):
        """Confirm; notes that need an approval become requests and wait as drafts until it is given."""
        self._check_note_reason_given()
        waiting = self._note_unapproved()
        if not waiting:
            return super().action_post()
        requests = waiting._note_request_approval()
        rest = self - waiting
        result = super(AccountMove, rest).action_post() if rest else False
        if isinstance(result, dict) and result:
            return result
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("Waiting for approval"),
                "message": self.env._(
                    "Somebody else has to approve: %s",
                    ", ".join(requests.mapped("name")),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _post(self, soft=True):
        notes = self.filtered(lambda move: move._note_kind())
        if not notes:
            return super()._post(soft=soft)
        notes._note_prepare()
        cache = self.env.cr.cache
        before = cache.get(PREPARED, frozenset())
        cache[PREPARED] = before | set(notes.ids)
        try:
            return super()._post(soft=soft)
        finally:
            cache[PREPARED] = before

    def _note_prepare(self):
        """Complete and check notes that are about to be posted.

        What code posts with the system's own rights (reversals by jobs, points of sale, other addons) and nobody
        chose a reason for gets the company's reason for such notes; people are refused.
        """
        if self.env.su:
            for move in self._note_missing_reason():
                move.note_reason_id = self.env["cartera.note.reason"]._system_reason(
                    move.company_id, move._note_kind()
                )
        self._check_note_reason_given()
        self._check_note_documents()
        for move in self._note_unapproved():
            raise UserError(
                self.env._(
                    "%(note)s needs an approval for its reason or amount. Confirm it with its button to ask for it.",
                    note=move._note_name(),
                )
            )
        self._note_set_period()
        for move in self.filtered("note_reason_id"):
            problem = move.note_reason_id._problem(
                move._note_kind(), move.note_party, move.company_id, move._note_day()
            )
            if problem:
                raise UserError(
                    self.env._(
                        "%(note)s: %(problem)s",
                        note=move._note_name(),
                        problem=problem,
                    )
                )

    def action_open_note_requests(self):
        """Open the note requests on this invoice, or of this note (button)."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "cartera_cobranza.cartera_note_request_action"
        )
        requests = self.asked_note_ids | self.note_request_ids
        return action | {
            "domain": [("id", "in", requests.ids)],
            "context": {"default_move_id": self.id},
        }

    def _note_unapproved(self):
        """Return the customer notes that this user may not post by own decision.

        The system's own notes, those of a verb that has checked the role, and approved ones pass.
        """
        if self.env.su:
            return self.browse()
        found = self.browse()
        for move in self.filtered("note_reason_id"):
            reason = move.note_reason_id.sudo()
            if move.note_party != "customer" or not (
                reason.needs_approval or reason.limit_ids
            ):
                continue
            convert = self.env["cartera.money"]._convert
            day = move.company_id._cartera_today()
            origin = (move.reversed_entry_id or move.debit_origin_id).sudo()
            amount = convert(move.amount_total, move.currency_id, move.company_id, day)
            base = convert(
                origin.amount_total,
                origin.currency_id or move.currency_id,
                move.company_id,
                day,
            )
            if not reason._within_limit(self.env.user, move.company_id, amount, base):
                found |= move
        return found

    def _note_request_approval(self):
        """Return requests, submitted by this user, that stand for these draft notes."""
        self._check_note_documents()
        Request = self.env["cartera.note.request"].sudo()
        requests = Request.browse()
        for move in self:
            known = Request.search(
                [
                    ("note_move_id", "=", move.id),
                    ("state", "in", ("draft", "submitted", "approved")),
                ],
                limit=1,
            )
            requests |= known or Request._create_for_note(move)
        return requests

    def _check_note_documents(self):
        """Refuse notes that people post without the document that their reason asks for."""
        if self.env.su:
            return
        needing = self.filtered(
            lambda one: one.note_reason_id.needs_document and not one.attachment_ids
        )
        for move in needing:
            reason = move.note_reason_id.sudo()
            raise UserError(
                self.env._(
                    "%(note)s: the reason %(reason)s needs a document (%(document)s). Attach it to the note and "
                    "confirm again.",
                    note=move._note_name(),
                    reason=reason.name,
                    document=reason.document_name or self.env._("proof"),
                )
            )

    def _note_set_period(self):
        for company, moves in self.grouped("company_id").items():
            without = moves.filtered(lambda one: not one.commercial_period_id)
            found = self.env["cartera.commercial.period"]._find(
                company, [move._note_day() for move in without]
            )
            for move in without:
                period = found.get(move._note_day())
                if period:
                    move.commercial_period_id = period
                elif company.sudo().cartera_note_period_required:
                    raise UserError(
                        self.env._(
                            "%(note)s is of %(day)s, a day in no commercial period of %(company)s. Make the period, "
                            "or change the date.",
                            note=move._note_name(),
                            day=move._note_day(),
                            company=company.sudo().name,
                        )
                    )
            for move in moves:
                period = move.commercial_period_id.sudo()
                if period.state == "closed":
                    raise UserError(
                        self.env._(
                            "%(note)s belongs to the commercial period %(period)s, which is closed. Choose an open "
                            "period or ask a credit manager to open it.",
                            note=move._note_name(),
                            period=period.name,
                        )
                    )

    def write(self, vals):
        if vals.get("state") == "posted":
            # who writes the state instead of confirming gets no further than who confirms
            prepared = self.env.cr.cache.get(PREPARED, frozenset())
            notes = self.filtered(
                lambda move: (
                    move.state == "draft"
                    and move.id not in prepared
                    and move._note_kind()
                )
            )
            if notes:
                notes._note_prepare()
        if "note_reason_id" in vals or "commercial_period_id" in vals:
            self._check_note_may_change(vals)
        return super().write(vals)

    def _check_note_may_change(self, vals):
        """What a posted note says stays; only what was left empty can be filled in later."""
        for move in self.filtered(lambda one: one.state == "posted"):
            for name in ("note_reason_id", "commercial_period_id"):
                if name in vals and move[name] and vals[name] != move[name].id:
                    raise UserError(
                        self.env._(
                            "%(note)s is posted with %(value)s, which cannot be changed any more. Reset it to draft "
                            "first, or reverse it.",
                            note=move.display_name,
                            value=move[name].display_name,
                        )
                    )

    # Reversals

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """Reversals that are posted at once and that nobody gave a reason carry the company's reason for them."""
        values = default_values_list or [{} for _move in self]
        if cancel:
            for move, vals in zip(self, values, strict=True):
                if (
                    move.is_invoice()
                    and move._note_reason_needed()
                    and not vals.get("note_reason_id")
                ):
                    direction = "debit" if move.move_type in CREDIT else "credit"
                    reason = self.env["cartera.note.reason"]._system_reason(
                        move.company_id, direction
                    )
                    vals["note_reason_id"] = reason.id
        return super()._reverse_moves(values, cancel=cancel)

    def _note_apply_reason(self):
        """Give the lines of draft notes the account and the taxes that their reasons bring."""
        for move in self.filtered(lambda one: one.state == "draft"):
            reason = move.note_reason_id
            if not reason:
                continue
            account = reason._account_for(move.company_id)
            treatment = reason.sudo().tax_treatment
            if not account and treatment == "same":
                continue
            lines = move.invoice_line_ids.filtered(
                lambda line: line.display_type == "product"
            )
            vals = {}
            if account:
                vals["account_id"] = account.id
            if treatment != "same":
                taxes = reason._taxes_for(move.company_id, lines.tax_ids)
                vals["tax_ids"] = [fields.Command.set(taxes.ids)]
            lines.write(vals)

    @api.onchange("note_reason_id")
    def _onchange_note_reason_id(self):
        if self.note_reason_id and self.state == "draft":
            account = self.note_reason_id._account_for(self.company_id)
            treatment = self.note_reason_id.tax_treatment
            for line in self.invoice_line_ids.filtered(
                lambda line: line.display_type == "product"
            ):
                if account:
                    line.account_id = account
                if treatment != "same":
                    line.tax_ids = self.note_reason_id._taxes_for(
                        self.company_id, line.tax_ids
                    )

    def _note_match_total(self, total):
        """Make a draft note's total exactly ``total``: what rounding leaves goes to its largest tax.

        Some totals cannot be made of a rounded base and its rounded tax (0.06 at 16 %).
        """
        self.ensure_one()
        difference = self.currency_id.round(total - self.amount_total)
        if not difference:
            return
        taxes = self.line_ids.filtered("tax_line_id")
        if not taxes or money.to_decimal(abs(difference)) > money.to_decimal(
            self.currency_id.rounding
        ) * max(len(self.invoice_line_ids) * 2, 1):
            raise UserError(
                self.env._(
                    "The note would be over %(made)s and not over %(total)s. Ask for it by lines.",
                    made=self.currency_id.format(self.amount_total),
                    total=self.currency_id.format(total),
                )
            )
        line = max(taxes, key=lambda one: abs(one.amount_currency))
        sign = 1 if self.move_type in CREDIT else -1
        self.line_ids = [
            fields.Command.update(
                line.id, {"amount_currency": line.amount_currency + sign * difference}
            )
        ]
        if self.currency_id.compare_amounts(self.amount_total, total):
            raise UserError(
                self.env._(
                    "The note would be over %(made)s and not over %(total)s. Ask for it by lines.",
                    made=self.currency_id.format(self.amount_total),
                    total=self.currency_id.format(total),
                )
            )
