from odoo import models
from odoo.exceptions import UserError

from ..calc import money
from .cartera_interest_notes import NoteSpec


class CarteraInterestReversal(models.AbstractModel):
    """Takes posted interest back, whole or by line, so that its days can be charged again."""

    _name = "cartera.interest.reversal"
    _description = "Reversal of Interest"

    def action_reverse(self, line_ids=None):
        """Reverse posted runs, or some of their lines, by credit notes reconciled with the notes.

        The watermark of the items goes back to before these days.

        :param line_ids: ids of posted lines; None: all of them
        :raise UserError: when later days of an item are charged already; names the run
        """
        for run in self._start_verb("reverse", ("posted", "approved")):
            lines = run._live_lines()
            if line_ids is not None:
                wanted = self._lines_of(line_ids).sudo()
                chosen = lines & wanted
                if wanted - lines:
                    raise UserError(
                        self.env._(
                            "%(lines)s is not posted, or reversed already.",
                            lines=", ".join((wanted - lines).mapped("display_name")),
                        )
                    )
            else:
                chosen = lines
            if not chosen:
                raise UserError(
                    self.env._(
                        "Nothing of %(run)s is posted that could be reversed.",
                        run=run.name,
                    )
                )
            self.env["cartera.customer"]._bump(run.company_id, chosen.partner_id.ids)
            run._check_last(chosen)
            run._reverse_lines(chosen)
        return True

    def _live_lines(self):
        return self.line_ids.filtered("live")

    def _check_last(self, lines):
        """Refuse to take back days before others that stay charged: they would never be charged again."""
        others = self.env["cartera.interest.line"].search(
            [
                ("live", "=", True),
                ("kind", "in", ("interest", "adjustment")),
                ("move_line_id", "in", lines.move_line_id.ids),
                ("id", "not in", lines.ids),
            ]
        )
        for line in lines.filtered(lambda one: one.kind == "interest"):
            later = others.filtered(
                lambda one, line=line: (
                    one.move_line_id == line.move_line_id
                    and one.charged_to >= line.charged_to
                )
            )[:1]
            if later:
                raise UserError(
                    self.env._(
                        "%(line)s cannot be reversed while %(later)s of %(run)s is charged. Reverse that first.",
                        line=line.display_name,
                        later=later.display_name,
                        run=later.run_id.name,
                    )
                )

    def _reverse_lines(self, lines):
        specs = {}
        for line in lines:
            amount = money.to_decimal(line.net_amount)
            note = line.note_move_id
            if not note or not amount:
                continue
            credit = amount > 0
            if note not in specs:
                specs[note] = NoteSpec(
                    move_type="out_refund" if credit else "out_invoice",
                    policy=line.policy_id,
                    partner=note.partner_id,
                    currency=line.currency_id,
                    date=self._open_day(line),
                    origin=line.move_id,
                    reverses=note if credit else None,
                    reason=self.env._("Reversal of %s", note.name),
                )
            specs[note].parts.append((line, abs(amount)))
        made = self._make_notes(list(specs.values()), link=False)
        with self._writing():
            for line in lines:
                values = {"state": "reversed", "live": False}
                if line in made:
                    values["reversal_move_id"] = made[line].id
                line.write(values)
        amount = sum(money.to_decimal(line.net_company) for line in lines)
        self.message_post(
            body=self.env._(
                "Reversed %(count)s items, %(amount)s.",
                count=len(lines),
                amount=self.currency_id.format(float(amount)),
            ),
            author_id=self.env.user.partner_id.id,
        )
        if not self._live_lines() and not self._open_lines(limit=1):
            self._write_state({"state": "reversed"})
