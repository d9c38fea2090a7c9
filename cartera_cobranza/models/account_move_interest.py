from odoo import api, fields, models
from odoo.exceptions import UserError

from .interest_items import InterestScope


class AccountMove(models.Model):
    _inherit = "account.move"

    interest_line_ids = fields.One2many(
        "cartera.interest.line",
        "note_move_id",
        string="Interest in This Note",
        readonly=True,
        copy=False,
        groups="account.group_account_readonly,account.group_account_invoice",
    )
    interest_line_count = fields.Integer(
        compute="_compute_interest_counts", compute_sudo=True
    )
    interest_billed = fields.Monetary(
        compute="_compute_interest_counts",
        compute_sudo=True,
        help="Charged on this invoice and not waived or reversed.",
    )
    interest_billed_count = fields.Integer(
        compute="_compute_interest_counts", compute_sudo=True
    )
    interest_accrued = fields.Monetary(
        string="Interest up to Today",
        compute="_compute_interest_accrued",
        compute_sudo=True,
        help="What the next run would charge, counted now; nothing is written.",
    )

    def _compute_interest_counts(self):
        lines = self.env["cartera.interest.line"]
        notes = dict(
            lines._read_group(
                [("note_move_id", "in", self.ids)], ["note_move_id"], ["__count"]
            )
        )
        billed = {
            move: (amount, count)
            for move, amount, count in lines._read_group(
                [("move_id", "in", self.ids), ("live", "=", True)],
                ["move_id"],
                ["net_amount:sum", "__count"],
            )
        }
        for move in self:
            move.interest_line_count = notes.get(move._origin, 0)
            move.interest_billed, move.interest_billed_count = billed.get(
                move._origin, (0, 0)
            )

    def _compute_interest_accrued(self):
        for move in self:
            move.interest_accrued = 0
        posted = self.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice"
        )
        for company, moves in posted.grouped("company_id").items():
            items = moves.line_ids.filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
            )
            for item, amount in self._interest_accrued_of(company, items).items():
                item.move_id.interest_accrued += float(amount)

    @api.model
    def _interest_accrued_of(self, company, items):
        """Return {item: interest up to today in its currency}; nothing where a rate is missing."""
        scope = InterestScope(
            company, company._cartera_today(), item_ids=tuple(items.ids)
        )
        try:
            proposals = self.env["cartera.interest.run"].sudo()._propose(scope)
        except UserError:
            return {}
        found = {}
        lines = self.env["account.move.line"]
        for one in proposals:
            item = lines.browse(one.owed.id)
            found[item] = found.get(item, 0) + one.amount - one.waived
        return found

    def _credit_is_gated(self):
        """Interest is never stopped by the credit check, whether its note has an origin or not."""
        return super()._credit_is_gated() and not self.sudo().interest_line_ids

    def button_draft(self):
        self._check_no_interest()
        return super().button_draft()

    def button_cancel(self):
        self._check_no_interest()
        return super().button_cancel()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._check_takes_no_interest_back()
        return super()._reverse_moves(default_values_list, cancel=cancel)

    def _check_no_interest(self):
        """Refuse to open again what interest was charged on, or the note of interest itself."""
        if not self.ids:
            return
        self._check_takes_no_interest_back()
        lines = (
            self.env["cartera.interest.line"]
            .sudo()
            .search(
                [
                    "|",
                    ("move_id", "in", self.ids),
                    ("note_move_id", "in", self.ids),
                ]
            )
        )
        kept = lines.filtered("live")
        if kept:
            move = (kept.note_move_id & self or kept.move_id & self)[:1]
            raise UserError(
                self.env._(
                    "Interest of %(document)s is posted in %(run)s. Reverse those lines in the run first.",
                    document=move.name,
                    run=kept[0].run_id.name,
                )
            )
        proposed = lines.filtered(
            lambda line: line.state == "proposed" and line.move_id in self
        )
        for run in proposed.run_id:
            if run.state == "simulated":
                run._forget()
            elif proposed.filtered(
                lambda line, run=run: line.run_id == run and line.kind != "accrued"
            ):
                raise UserError(
                    self.env._(
                        "%(document)s is in %(run)s, which is approved. Send the run back to review first.",
                        document=proposed.move_id[:1].name,
                        run=run.name,
                    )
                )

    def _check_takes_no_interest_back(self):
        """Refuse to open notes by which interest was reversed, waived or charged again: their decisions stand."""
        reversed_lines = (
            self.env["cartera.interest.line"]
            .sudo()
            .search([("reversal_move_id", "in", self.ids)], limit=1)
        )
        decision = (
            self.env["cartera.interest.waiver"]
            .sudo()
            .search([("move_id", "in", self.ids)], limit=1)
        )
        move = reversed_lines.reversal_move_id or decision.move_id
        if move:
            raise UserError(
                self.env._(
                    "%(document)s belongs to a decision on the interest of %(run)s and stays as it is. What was waived "
                    "is charged again in the run, and reversed days by a new run.",
                    document=move.name,
                    run=(reversed_lines.run_id or decision.run_id).name,
                )
            )

    def action_interest_quote(self):
        """Show the interest of this invoice up to a day, line by line."""
        self.ensure_one()
        return self.env["cartera.interest.quote"]._open({"default_move_id": self.id})

    def action_open_interest(self):
        """Open the arithmetic of a note, or the interest billed on an invoice."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "cartera_cobranza.cartera_interest_line_action"
        )
        action["domain"] = [
            "|",
            ("note_move_id", "=", self.id),
            "&",
            ("move_id", "=", self.id),
            ("live", "=", True),
        ]
        action["context"] = {}
        return action
