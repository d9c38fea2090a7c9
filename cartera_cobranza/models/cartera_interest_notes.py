from collections import defaultdict
from dataclasses import dataclass, field

from odoo import Command, api, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import format_date

from ..calc import money


@dataclass
class NoteSpec:
    """A note to be made: a debit note, or a credit note against ``reverses``; parts are (interest line, amount)."""

    move_type: str
    policy: models.BaseModel
    partner: models.BaseModel
    currency: models.BaseModel
    date: object
    origin: models.BaseModel | None = None
    reverses: models.BaseModel | None = None
    reason: str = ""
    parts: list = field(default_factory=list)


class CarteraInterestNotes(models.AbstractModel):
    """Makes the debit and credit notes of interest, many at once, through Odoo's own entries."""

    _name = "cartera.interest.notes"
    _description = "Notes of Interest"

    # Hooks

    @api.model
    def _note_values(self, spec):
        """Return more values for the note of a spec, its reason; addons of a country add theirs."""
        name = "note_reason_interest"
        if spec.move_type == "out_refund":
            name = "note_reason_interest_credit"
        elif all(line.kind == "fee" for line, _amount in spec.parts):
            manual = all(line.fee_id.kind == "manual" for line, _amount in spec.parts)
            name = (
                "note_reason_returned_cheque"
                if manual
                else "note_reason_collection_cost"
            )
        reason = self.env.ref(f"cartera_cobranza.{name}", raise_if_not_found=False)
        return {"note_reason_id": reason.id} if reason and reason.active else {}

    # What a policy must have

    @api.model
    def _note_setup(self, policy):
        """Return (journal, account) of a policy's notes.

        :raise UserError: when one of them, or the choice of taxes, is missing; names it
        """
        company = policy.company_id
        journal = policy.journal_id or self.env["account.journal"].sudo().search(
            [("type", "=", "sale"), ("company_id", "=", company.id)], limit=1
        )
        if not journal:
            raise UserError(
                self.env._(
                    "%(company)s has no sales journal for the interest notes of %(policy)s. Make one, or choose a "
                    "journal in the policy.",
                    company=company.name,
                    policy=policy.name,
                )
            )
        product = policy.product_id.with_company(company)
        account = (
            policy.account_id
            or (product and product._get_product_accounts()["income"])
            or journal.default_account_id
        )
        if not account:
            raise self._policy_warning(
                policy,
                self.env._(
                    "There is no income account for the interest of %(policy)s: enter one in the policy, its product "
                    "or the journal %(journal)s.",
                    policy=policy.name,
                    journal=journal.name,
                ),
            )
        if not policy.tax_mode:
            raise self._policy_warning(
                policy,
                self.env._(
                    "Nobody has decided whether the interest of %(policy)s carries taxes. Choose it in the policy, "
                    "with your tax adviser, before the notes are posted.",
                    policy=policy.name,
                ),
            )
        if policy.tax_mode == "own" and not policy.tax_ids:
            raise self._policy_warning(
                policy,
                self.env._(
                    "Choose the taxes on the interest of %(policy)s, or say that it carries none.",
                    policy=policy.name,
                ),
            )
        return journal, account

    @api.model
    def _policy_warning(self, policy, text):
        return RedirectWarning(
            text,
            {
                "type": "ir.actions.act_window",
                "res_model": "cartera.interest.policy",
                "res_id": policy.id,
                "views": [(False, "form")],
            },
            self.env._("Open the policy"),
        )

    @api.model
    def _check_note_days(self, company, days):
        """Refuse notes in a locked period before any is made: Odoo would move them to another day by itself.

        :param days: {(day, journal)}
        """
        for day, journal in sorted(days, key=lambda one: (one[0], one[1].id)):
            locks = company.sudo()._get_violated_lock_dates(day, True, journal)
            if locks:
                raise UserError(
                    self.env._(
                        "Notes of interest would be dated %(day)s in %(journal)s, in a period of %(company)s that is "
                        "locked up to %(lock)s. Unlock it, or choose a later date for the notes of the run.",
                        day=format_date(self.env, day),
                        journal=journal.name,
                        company=company.name,
                        lock=format_date(self.env, locks[-1][0]),
                    )
                )

    # Making them

    @api.model
    def _make_notes(self, specs, link=True):
        """Create and post the notes of specs, all at once.

        :param link: the interest lines are linked with their notes before these are posted
        :return: {interest line: note}
        """
        if not specs:
            return {}
        made = {}
        company = specs[0].policy.company_id
        moves_model = (
            self.env["account.move"]
            .sudo()
            .with_company(company)
            .with_context(
                allowed_company_ids=company.ids,
                mail_create_nosubscribe=True,
                tracking_disable=True,
            )
        )
        setups = {
            policy: self._note_setup(policy) for policy in {s.policy for s in specs}
        }
        self._check_note_days(company, {(s.date, setups[s.policy][0]) for s in specs})
        moves = moves_model.create(
            [self._move_values(spec, *setups[spec.policy]) for spec in specs]
        )
        for spec, move in zip(specs, moves, strict=True):
            self._check_note(spec, move)
            for line, _amount in spec.parts:
                made[line] = move
        if link:
            by_move = defaultdict(self.env["cartera.interest.line"].sudo().browse)
            for line, move in made.items():
                by_move[move] |= line
            with self._writing():
                for move, lines in by_move.items():
                    lines.write({"note_move_id": move.id})
        moves._post(soft=False)
        return made

    @api.model
    def _move_values(self, spec, journal, account):
        origin = spec.origin
        values = {
            "move_type": spec.move_type,
            "partner_id": spec.partner.id,
            "company_id": spec.policy.company_id.id,
            "currency_id": spec.currency.id,
            "journal_id": journal.id,
            "invoice_date": spec.date,
            "date": spec.date,
            "invoice_payment_term_id": spec.policy.payment_term_id.id,
            "ref": spec.reason,
            "invoice_line_ids": [],
        }
        if not spec.policy.payment_term_id:
            values["invoice_date_due"] = spec.date
        if spec.reverses:
            values["reversed_entry_id"] = spec.reverses.id
        elif origin:
            values["debit_origin_id"] = origin.id
        if origin and origin.is_invoice(include_receipts=True):
            values["invoice_user_id"] = origin.invoice_user_id.id
            values["fiscal_position_id"] = origin.fiscal_position_id.id
            values["partner_shipping_id"] = origin.partner_shipping_id.id
        for line, amount in spec.parts:
            values["invoice_line_ids"] += [
                Command.create(vals) for vals in self._item_values(spec, line, amount)
            ]
        return {**values, **self._note_values(spec)}

    @api.model
    def _item_values(self, spec, line, amount):
        """Return the invoice lines of one interest line: one, or one for each set of taxes of its invoice."""
        policy = spec.policy
        account = self._note_setup(policy)[1]
        parts = self._tax_parts(policy, line, amount, spec.partner)
        name = self._item_label(line, spec.partner)
        return [
            {
                "name": name,
                "product_id": policy.product_id.id,
                "quantity": 1,
                "price_unit": float(self._price(taxes, part, line.currency_id)),
                "account_id": account.id,
                "tax_ids": [Command.set(taxes.ids)],
            }
            for taxes, part in parts
        ]

    @api.model
    def _item_label(self, line, partner):
        """Return what the customer reads on the note, in the customer's language."""
        env = self.with_context(lang=partner.lang or self.env.lang).env
        line = line.with_env(env)
        invoice = line.move_id.name or line.move_line_id.name or ""
        if line.kind == "fee":
            return env._("%(fee)s, %(invoice)s", fee=line.fee_id.name, invoice=invoice)
        values = {
            "invoice": invoice,
            "start": format_date(env, line.date_from),
            "end": format_date(env, line.charged_to),
            "days": line.days,
        }
        if line.kind == "adjustment":
            return env._(
                "Correction of the interest on %(invoice)s, %(start)s to %(end)s",
                **values,
            )
        return env._(
            "Interest on %(invoice)s, due on %(due)s: %(start)s to %(end)s, %(days)s days",
            due=format_date(env, line.date_maturity),
            **values,
        )

    @api.model
    def _tax_parts(self, policy, line, amount, partner):
        """Return [(taxes, part of the amount)], adding up; by the shares of the invoice's lines for its taxes."""
        none = self.env["account.tax"].sudo()
        if policy.tax_mode == "own":
            return [(policy.tax_ids.sudo(), amount)]
        if policy.tax_mode == "product":
            taxes = policy.product_id.sudo().taxes_id._filter_taxes_by_company(
                policy.company_id
            )
            position = (
                self.env["account.fiscal.position"]
                .sudo()
                .with_company(policy.company_id)
                ._get_fiscal_position(partner)
            )
            return [(position.map_tax(taxes) if position else taxes, amount)]
        if policy.tax_mode == "none" or not line.move_id.is_invoice(
            include_receipts=True
        ):
            return [(none, amount)]
        weights = defaultdict(lambda: money.ZERO)
        for item in line.move_id.invoice_line_ids:
            if item.display_type == "product":
                taxes = item.tax_ids.filtered(lambda tax: tax.amount_type != "fixed")
                weights[taxes] += money.to_decimal(item.price_subtotal)
        weights = {taxes: weight for taxes, weight in weights.items() if weight > 0}
        if len(weights) <= 1:
            return [(next(iter(weights), none), amount)]
        return _shares(amount, weights, money.to_decimal(line.currency_id.rounding))

    @api.model
    def _price(self, taxes, amount, currency):
        """Return the unit price whose base is the amount, where taxes are included in prices."""
        included = taxes.filtered("price_include")
        if not included:
            return amount
        result = included.compute_all(
            float(amount), currency=currency, handle_price_include=False
        )
        return money.to_decimal(currency.round(result["total_included"]))

    @api.model
    def _check_note(self, spec, move):
        """The note's base is exactly what was counted, whatever taxes and other addons did."""
        wanted = sum((amount for _line, amount in spec.parts), money.ZERO)
        if spec.currency.compare_amounts(move.amount_untaxed, float(wanted)):
            raise UserError(
                self.env._(
                    "The note for %(customer)s would be of %(found)s before taxes and not of %(wanted)s. Look at the "
                    "taxes of the policy %(policy)s: prices that include taxes cannot show this amount.",
                    customer=spec.partner.display_name,
                    found=spec.currency.format(move.amount_untaxed),
                    wanted=spec.currency.format(float(wanted)),
                    policy=spec.policy.name,
                )
            )


def _shares(amount, weights, rounding):
    """Split an amount by weights, rounded; the last takes the balance."""
    total = sum(weights.values(), money.ZERO)
    left, parts = amount, []
    for number, (key, weight) in enumerate(weights.items(), 1):
        part = (
            left
            if number == len(weights)
            else money.round_money(amount * weight / total, rounding)
        )
        left -= part
        if part:
            parts.append((key, part))
    return parts
