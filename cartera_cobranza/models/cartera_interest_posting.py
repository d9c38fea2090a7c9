import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..calc import money
from .cartera_credit_hold_release import RETRIED, TRIES
from .cartera_interest_notes import NoteSpec

_logger = logging.getLogger(__name__)

AT_ONCE = 300  # notes that a click posts; more go on in the background
BATCH = 100  # notes in one transaction in the background


class CarteraInterestPosting(models.AbstractModel):
    """Turns approved interest into debit notes: by customers, many notes at once, and goes on where it stopped."""

    _name = "cartera.interest.posting"
    _description = "Posting of Interest"
    _inherit = ["cartera.interest.notes"]

    def action_post(self):
        """Post approved runs as debit notes; large ones go on in the background.

        :raise UserError: when something changed since the simulation, an account is missing, or the period is
            locked; nothing is written then
        """
        for run in self._start_verb("post", ("approved",)):
            run._check_period()
            run._check_day_is_over()
            run._check_notes_possible()
            open_lines = run._open_lines(limit=AT_ONCE + 1)
            if len(open_lines) > AT_ONCE:
                run._write_state({"posting": True, "posted_by": self.env.uid})
                self.env.ref("cartera_cobranza.ir_cron_interest_post").sudo()._trigger()
                continue
            run._post_lines(open_lines)
            run._finish(self.env.user)
        return True

    def _open_lines(self, *domain, limit=None):
        """Return the lines of runs that are still to be posted, customer by customer."""
        return self.env["cartera.interest.line"].search(
            [
                ("run_id", "in", self.ids),
                ("state", "=", "proposed"),
                ("kind", "!=", "accrued"),
                *domain,
            ],
            order="partner_id.id, id",
            limit=limit,
        )

    def _policies_of_lines(self):
        """Return the policies by which runs charge; runs may have a hundred thousand lines."""
        groups = self.env["cartera.interest.line"]._read_group(
            [("run_id", "in", self.ids)], ["policy_id"]
        )
        return self.env["cartera.interest.policy"].union(
            *(policy for (policy,) in groups)
        )

    def _check_day_is_over(self):
        today = self.company_id._cartera_today()
        if self.date_to > today:
            raise UserError(
                self.env._(
                    "%(run)s charges days that are still to come; today is %(today)s. Post it when they are over.",
                    run=self.name,
                    today=format_date(self.env, today),
                )
            )

    def _check_notes_possible(self):
        for policy in self._policies_of_lines():
            self._note_setup(policy)

    def _finish(self, user):
        """Close a run of which everything is posted."""
        if self._open_lines(limit=1):
            return False
        self._write_state(
            {
                "state": "posted",
                "posting": False,
                "posted_by": user.id,
                "posted_at": fields.Datetime.now(),
            }
        )
        self.activity_unlink(["mail.mail_activity_data_todo"])
        return True

    def _post_lines(self, lines):
        """Post some lines of a run: all of their customers, none by halves."""
        self.ensure_one()
        self.env["cartera.customer"]._bump(self.company_id, lines.partner_id.ids)
        self._check_unchanged(lines)
        specs = self._note_specs(lines)
        self._make_notes(specs)
        with self._writing():
            lines.write({"state": "posted", "live": True})

    def _check_unchanged(self, lines):
        """Refuse to post what would be counted otherwise now: a payment or a rate came in since."""
        items = tuple(set(lines.move_line_id.ids))
        scope = self._scope(items)
        now = {
            _identity(one): (one.amount, one.charged_to or one.charge.billed_to)
            for one in self._propose(scope) + self._propose_corrections(scope)
            if one.kind != "accrued"
        }
        changed = self.env["cartera.interest.line"]
        for line in lines.filtered(lambda one: not one.manual):
            key = (
                line.kind,
                line.move_line_id.id,
                line.fee_id.id,
                line.origin_line_id.id,
                line.date_from if line.kind != "fee" else None,
            )
            amount, until = now.get(key, (None, None))
            if line.kind == "fee":
                until = line.charged_to
            if amount != money.to_decimal(line.amount) or until != line.charged_to:
                changed |= line
        if changed:
            raise UserError(
                self.env._(
                    "Payments, credit notes, rates or other charges have changed since the simulation of %(run)s: "
                    "%(lines)s. Send it back to review and simulate again.",
                    run=self.name,
                    lines="; ".join(changed[:5].mapped("display_name")),
                )
            )

    def _note_specs(self, lines):
        """Return the notes of lines, by invoice or by customer as their policies say."""
        specs = {}
        for line in lines:
            amount = money.to_decimal(line.net_amount)
            if not amount:
                continue
            policy, debit = line.policy_id, amount > 0
            note = line.origin_line_id.note_move_id if not debit else None
            by_customer = policy.grouping == "customer"
            key = (
                policy,
                line.currency_id,
                line.partner_id if by_customer else line.move_id,
                debit,
                note,
            )
            if key not in specs:
                specs[key] = NoteSpec(
                    move_type="out_invoice" if debit else "out_refund",
                    policy=policy,
                    partner=line.partner_id
                    if by_customer
                    else (line.move_id.partner_id or line.partner_id),
                    currency=line.currency_id,
                    date=self.note_date,
                    origin=None if by_customer else line.move_id,
                    reverses=note,
                    reason=self._note_reference(line, by_customer),
                )
            specs[key].parts.append((line, abs(amount)))
        return list(specs.values())

    def _note_reference(self, line, by_customer):
        """Return the reference of a note, in the customer's language."""
        lang = line.partner_id.lang or self.env.lang
        env = self.with_context(lang=lang).env
        day = format_date(env, self.date_to)
        if by_customer:
            return env._("Interest up to %s", day)
        return env._(
            "%(invoice)s, interest up to %(day)s",
            invoice=line.move_id.name or "",
            day=day,
        )

    @api.model
    def _note_waivers(self, parts, kind, reason):
        """Make the notes of posted interest that is waived or charged again.

        :param parts: {interest line: amount}
        :return: {interest line: note}
        """
        specs = {}
        for line, amount in parts.items():
            waive = kind == "waive"
            note = line.note_move_id
            key = (note, line.move_id)
            if key not in specs:
                specs[key] = NoteSpec(
                    move_type="out_refund" if waive else "out_invoice",
                    policy=line.policy_id,
                    partner=note.partner_id or line.partner_id,
                    currency=line.currency_id,
                    date=self._open_day(line),
                    origin=line.move_id,
                    reverses=note if waive and note else None,
                    reason=reason,
                )
            specs[key].parts.append((line, amount))
        return self._make_notes(list(specs.values()), link=False)

    @api.model
    def _open_day(self, line):
        """Return today, for notes that are made after a run."""
        return line.company_id._cartera_today()

    @api.model
    def _cron_post(self):
        """Post approved runs that are too large for a click, some customers at a time; safe to kill."""
        runs = self.env["cartera.interest.run"].search(
            [("posting", "=", True), ("state", "=", "approved")], order="id"
        )
        self.env["ir.cron"]._commit_progress(remaining=sum(runs.mapped("open_count")))
        for run in runs:
            if not run.with_company(run.company_id)._post_in_batches():
                break

    def _post_in_batches(self):
        """Post the rest of a run, a transaction for each batch; returns whether time is left.

        A batch that loses a race with somebody who posts or pays at the same moment starts again.
        """
        self.ensure_one()
        for attempt in range(1, TRIES + 1):
            try:
                return self._post_while_time()
            except RETRIED:
                self.env.cr.rollback()
                _logger.info(
                    "Interest run %s lost a race, try %s of %s", self.id, attempt, TRIES
                )
        # the next run of the job goes on
        self.env.ref("cartera_cobranza.ir_cron_interest_post")._trigger()
        return True

    def _post_while_time(self):
        while lines := self._next_batch():
            try:
                self._post_lines(lines)
                # with the last lines: a job that has no time left is not called again when nothing remains
                self._finish(self.posted_by or self.env.user)
            except UserError as error:
                self.env.cr.rollback()
                _logger.warning("%s was not posted any further: %s", self.name, error)
                self._write_state({"posting": False})
                self.message_post(
                    body=self.env._("The posting stopped: %(error)s", error=error)
                )
                self.env["ir.cron"]._commit_progress()
                return True
            if not self.env["ir.cron"]._commit_progress(len(lines)):
                return False
        if self.state == "approved":
            self._finish(self.posted_by or self.env.user)
            self.env["ir.cron"]._commit_progress()
        return True

    def _next_batch(self):
        """Return the lines of the next customers, up to a batch; a customer's are never parted."""
        lines = self._open_lines(limit=BATCH + 1)
        if len(lines) <= BATCH:
            return lines
        last = lines[-1].partner_id
        before = lines.filtered(lambda line: line.partner_id != last)
        return before or self._open_lines(("partner_id", "=", last.id))


def _identity(one):
    return (
        one.kind,
        one.owed.id,
        one.fee.id if one.fee else False,
        one.origin or False,
        None
        if one.kind == "fee"
        else one.date_from or one.charge.segments[0].date_from,
    )
