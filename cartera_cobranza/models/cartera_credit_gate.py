from collections import defaultdict
from dataclasses import dataclass, replace

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..calc import gate, money
from ..calc import position as calc_position
from .cartera_exposure_engine import ExposureScope

TOKENS = "cartera_gate_tokens"


@dataclass
class Decision:
    """What the gate says of one document.

    ``reasons`` are those that stop it (empty: nothing stands against it), ``warned`` those that only warn,
    in companies whose gate warns. ``hold`` is the open hold, if one stays or was made.
    """

    document: models.BaseModel
    reasons: list
    warned: list
    charge: gate.Charge
    snapshot: dict
    hold: models.BaseModel = None
    pending: bool = False

    @property
    def passes(self):
        return not self.reasons and not self.pending


class CarteraCreditGate(models.AbstractModel):
    """The one check that whatever raises a customer's debt passes, from every door."""

    _name = "cartera.credit.gate"
    _description = "Credit Gate"

    # The one entrance

    @api.model
    def _check_credit(self, document, amount=None, checkpoint="confirm"):
        """Check one document and hold it if it may not pass. See ``_check_credit_batch``.

        :param amount: what it adds in its own currency; by default what the document says itself
        :return: Decision
        """
        amounts = None if amount is None else {document.id: amount}
        return self._check_credit_batch(document, checkpoint, amounts=amounts)[
            document.id
        ]

    @api.model
    def _check_credit_batch(self, documents, checkpoint, amounts=None):
        """Check documents against their customers' credit, one after the other on the same free credit.

        Bumps the customers' rows first, so that of two transactions that check the same customer or group
        one is retried. Documents that may not pass get a hold with all reasons. A document that passes gets
        a token for the rest of the transaction (``_take_tokens``).

        :param documents: records of one model that inherits ``cartera.credit.document``
        :param checkpoint: confirm, ship or invoice
        :param amounts: {document id: amount it adds in its own currency}; 0 for a document that is in the
            exposure already. By default the document's own ``_credit_amount``.
        :return: {document id: Decision}
        :raise UserError: when a rate is missing
        """
        decisions = {}
        for company, docs in documents.grouped(
            lambda doc: doc._credit_company()
        ).items():
            gate_is = company.sudo().cartera_gate
            if gate_is == "off":
                free = {doc.id: self._free_pass(doc) for doc in docs}
                self._keep_forced(free, self._holds_of(docs.sudo(), checkpoint))
                self.env["cartera.credit.hold"]._settle(
                    company, list(free.values()), checkpoint
                )
                decisions.update(free)
                continue
            judged = self._judge(company, docs, checkpoint, amounts or {})
            if gate_is == "warn":
                for decision in judged.values():
                    decision.warned, decision.reasons = decision.reasons, []
                self._log_warnings(
                    [decision for decision in judged.values() if decision.warned]
                )
            else:
                self.env["cartera.credit.hold"]._settle(
                    company, list(judged.values()), checkpoint
                )
            decisions.update(judged)
        self._issue_tokens(
            decision.document for decision in decisions.values() if decision.passes
        )
        return decisions

    @api.model
    def _free_pass(self, document):
        return Decision(document, [], [], gate.Charge.of(money.ZERO), {})

    # Judging

    @api.model
    def _judge(self, company, documents, checkpoint, amounts, bump=True):
        """Return {document id: Decision}, without writing anything but the bump.

        :param bump: off for showing only; a decision without it may be outdated before it is read
        """
        documents = documents.sudo()
        day = company._cartera_today()
        partners = {doc.id: doc._credit_partner().id for doc in documents}
        free = documents._credit_exempt(checkpoint)
        checked = documents - free
        own_reasons = checked._credit_own_reasons(checkpoint)
        holds = self._holds_of(documents, checkpoint)
        decisions = {doc.id: self._free_pass(doc) for doc in free}
        if not checked:
            self._keep_forced(decisions, holds)
            return decisions
        ids = tuple(sorted({partners[doc.id] for doc in checked}))
        if bump:
            self._bump(company, ids)
        scope = ExposureScope(
            company, day, ids, exclude={documents._name: tuple(documents.ids)}
        )
        figures, _asked = self._gather_figures(scope)
        limits = self._group_limits(
            company, {one.group for one in figures.values()}, day
        )
        members = defaultdict(list)
        for one in figures.values():
            if one.group:
                members[one.group].append(one)
        terms = self._terms(company)
        rules = self.env["cartera.credit.rule"]._rules(company, checkpoint, day)
        conditions = self.env["cartera.credit.rule"]._conditions()
        told = self._condition_facts(
            company, day, ids, {rule.calc.condition for rule in rules}
        )
        rates = None
        if any(doc._credit_currency() != company.currency_id for doc in checked):
            rates = self.env["cartera.money"]._rates(company, day)
        added, added_to_group = (
            defaultdict(lambda: money.ZERO),
            defaultdict(lambda: money.ZERO),
        )
        for doc in checked:
            one = figures[partners[doc.id]]
            hold = holds.get(doc._origin.id)
            charge = self._charge(doc, checkpoint, amounts, company, day, rates)
            standing = calc_position.standing_for(
                one,
                doc._credit_currency().id,
                terms,
                limits.get(one.group),
                members.get(one.group, ()),
                before=hold["place"] if hold else None,
            )
            pocket = (one.partner, standing.currency)
            if standing.currency is None:
                charge = replace(charge, own=charge.company)
            standing = replace(
                standing,
                exposure=standing.exposure + added[pocket],
                group_exposure=standing.group_exposure + added_to_group[one.group],
                facts={
                    **standing.facts,
                    **told.get(one.partner, {}),
                    "document_amount": self._total(doc, company, day, rates),
                },
            )
            reasons = own_reasons.get(doc.id)
            if reasons is None:
                chosen = [rule.calc for rule in rules if rule.applies_to(one)]
                reasons = gate.decide(chosen, standing, charge, conditions)
            if hold:
                waived = hold["waived"]
                reasons = [reason for reason in reasons if reason.code not in waived]
            whole = calc_position.position(
                one, terms, limits.get(one.group), members.get(one.group, ())
            )
            decision = Decision(
                doc,
                reasons,
                [],
                charge,
                self._snapshot(company, day, whole, one, standing),
                hold=hold["open"] if hold else None,
            )
            decisions[doc.id] = decision
            stays = hold and hold["open"] and hold["open"].forced
            if (not reasons and not stays) or terms.count_held:
                added[pocket] += charge.own
                added_to_group[one.group] += charge.company
        self._keep_forced(decisions, holds)
        return decisions

    @api.model
    def _condition_facts(self, company, day, partner_ids, conditions):
        """Return {partner id: {name: Decimal in company currency}}: what conditions need beside the figures.

        Hook: read only what one of ``conditions``, those of the rules in force, asks for.
        """
        return {}

    @api.model
    def _charge(self, document, checkpoint, amounts, company, day, rates):
        amount = amounts.get(document.id)
        if amount is None:
            amount = document._credit_amount(checkpoint)
        currency = document._credit_currency()
        in_company = self.env["cartera.money"]._convert(
            amount, currency, company, day, rates
        )
        return gate.Charge(money.to_decimal(currency.round(float(amount))), in_company)

    @api.model
    def _total(self, document, company, day, rates):
        return self.env["cartera.money"]._convert(
            document._credit_total(), document._credit_currency(), company, day, rates
        )

    @api.model
    def _keep_forced(self, decisions, holds):
        """Give decisions their open holds; what somebody holds by hand stays held, whatever the figures say."""
        for decision in decisions.values():
            entry = holds.get(decision.document._origin.id)
            if entry and entry["open"]:
                decision.hold = entry["open"]
                decision.pending = decision.hold.forced

    @api.model
    def _holds_of(self, documents, checkpoint):
        """Return what past checks say of these documents, with one query at most.

        :return: {document id: {open: its open hold, waived: codes that people released for it, place: id of
            the hold that gives it its place in the queue}}. A hold that cleared by itself waives nothing: the
            document fitted then, and is checked again. A release of a document that it follows from (the
            order of a shipment) waives as long as it counts at this checkpoint.
        """
        known = documents.filtered(lambda doc: doc.credit_state != "none")
        if not known:
            return {}
        sources = {doc: doc._credit_hold_sources() for doc in known}
        wanted = {}
        for source in (one for found in sources.values() for one in found):
            wanted.setdefault(source._name, set()).add(source._origin.id)
        holds = (
            self.env["cartera.credit.hold"]
            .sudo()
            .search(
                Domain.OR(
                    Domain("res_model", "=", model)
                    & Domain("res_id", "in", sorted(ids))
                    for model, ids in wanted.items()
                )
                & Domain("state", "in", ("held", "ready", "released")),
                order="id",
            )
        )
        by_key = holds.grouped(lambda hold: (hold.res_model, hold.res_id))
        found = {}
        for doc, followed in sources.items():
            entry = self._holds_entry(doc, followed, by_key, checkpoint)
            if entry:
                found[doc._origin.id] = entry
        return found

    @api.model
    def _holds_entry(self, document, followed, by_key, checkpoint):
        entry = {
            "open": self.env["cartera.credit.hold"],
            "waived": set(),
            "place": None,
        }
        seen = False
        for source in followed:
            own = source._origin == document._origin
            for hold in by_key.get((source._name, source._origin.id), ()):
                seen = True
                if own and hold.state != "released":
                    entry.update(open=hold, place=hold.id)
                if hold._release_still_holds(source, checkpoint):
                    if own:
                        entry["place"] = hold.id
                    entry["waived"] |= set(
                        hold.reason_ids.filtered("released_by").mapped("code")
                    )
        return entry if seen else None

    @api.model
    def _snapshot(self, company, day, whole, figures, standing):
        """Return the position as plain numbers, to be frozen in the hold and shown to people."""
        return {
            "as_of": day.isoformat(),
            "currency": company.currency_id.name,
            "limit": None if whole.limit.unlimited else float(whole.limit.amount),
            "limit_source": whole.limit.source,
            "exposure": float(whole.exposure),
            "exposure_breakdown": {
                name: float(amount) for name, amount in whole.breakdown.items()
            },
            "available": None if whole.available is None else float(whole.available),
            "overdue_amount": float(figures.overdue_amount),
            "overdue_days": figures.overdue_days,
            "held_amount": float(whole.held),
            "group": None
            if whole.group_limit is None
            else {
                "limit": None
                if whole.group_limit.unlimited
                else float(whole.group_limit.amount),
                "exposure": float(whole.group_exposure),
            },
            "pocket_currency": standing.currency,
            "pocket_limit": None
            if standing.own.unlimited
            else float(standing.own.amount),
            "pocket_exposure": float(standing.exposure),
        }

    @api.model
    def _explain_snapshot(self, snapshot, currency):
        """Return a frozen position as the position widget shows it, or False when there is none."""
        if not snapshot or "limit" not in snapshot:
            return False
        parts = snapshot.get("exposure_breakdown") or {}
        labels = self._exposure_source_labels()
        group = snapshot.get("group")
        if group:
            ceiling = group["limit"]
            group = {
                **group,
                "available": None if ceiling is None else ceiling - group["exposure"],
            }
        return {
            "currency_id": currency.id,
            "limit": snapshot["limit"],
            "limit_source": snapshot.get("limit_source"),
            "exposure": snapshot.get("exposure") or 0.0,
            "available": snapshot.get("available"),
            "held": snapshot.get("held_amount") or 0.0,
            "overdue_amount": snapshot.get("overdue_amount") or 0.0,
            "overdue_days": snapshot.get("overdue_days") or 0,
            "group": group or None,
            "as_of": snapshot.get("as_of"),
            "parts": [
                {
                    "source": name,
                    "label": labels.get(name, name),
                    "amount": parts.get(name) or 0.0,
                }
                for name in [
                    *(one for one in labels if one in parts),
                    *(one for one in parts if one not in labels),
                ]
            ],
        }

    @api.model
    def _log_warnings(self, decisions):
        if not decisions:
            return
        Reason = self.env["cartera.credit.hold.reason"]
        bodies = {}
        for decision in decisions:
            texts = [
                Reason._text(reason, decision.document._credit_company())
                for reason in decision.warned
            ]
            bodies[decision.document.id] = self.env._(
                "Credit warning (the order was not held): %s", "; ".join(texts)
            )
        documents = decisions[0].document.union(
            *(decision.document for decision in decisions[1:])
        )
        documents._message_log_batch(bodies)

    # Concurrency

    @api.model
    def _bump(self, company, partner_ids):
        """Mark the customers (and first their groups) as being checked; makes missing rows.

        Under REPEATABLE READ a second transaction that bumps the same row fails to serialize and is
        retried on a fresh snapshot; a lock alone would let it go on with the old one. Groups by id, then
        customers by partner: always the same order, so that no two checks wait for each other.
        """
        self.env.flush_all()
        ids = sorted(partner_ids)
        self.env.cr.execute(
            SQL(
                """UPDATE cartera_credit_group SET check_version = check_version + 1
                    WHERE id IN (SELECT g.id FROM cartera_credit_group g
                                  WHERE g.id IN (SELECT group_id FROM cartera_customer
                                                  WHERE company_id = %(company)s AND partner_id = ANY(%(ids)s))
                               ORDER BY g.id FOR UPDATE)""",
                company=company.id,
                ids=ids,
            )
        )
        self._upsert(company, ids)
        self.env["cartera.customer"].invalidate_model(["check_version"], flush=False)
        self.env["cartera.credit.group"].invalidate_model(
            ["check_version"], flush=False
        )

    @api.model
    def _upsert(self, company, ids):
        """Bump the rows of these commercial entities in the company, inserting those that are missing."""
        self.env.cr.execute(
            SQL(
                """INSERT INTO cartera_customer
                          (partner_id, company_id, check_version, create_uid, write_uid, create_date, write_date)
                   SELECT p.id, %(company)s, 1, %(uid)s, %(uid)s, now() at time zone 'utc', now() at time zone 'utc'
                     FROM unnest(%(ids)s::int[]) AS p(id) ORDER BY p.id
              ON CONFLICT (partner_id, company_id)
            DO UPDATE SET check_version = COALESCE(cartera_customer.check_version, 0) + 1""",
                company=company.id,
                ids=ids,
                uid=self.env.uid,
            )
        )

    # Tokens: the proof, for one document and the rest of the transaction, that the gate let it pass

    @api.model
    def _issue_tokens(self, documents):
        tokens = self.env.cr.cache.setdefault(TOKENS, {})
        for document in documents:
            tokens[document._name, document.id] = document._credit_total()

    @api.model
    def _take_tokens(self, documents, checkpoint):
        """Return those of ``documents`` that the gate let pass; a token serves once.

        A document that costs more by now (a promotion that ended is taken off on confirmation) must pass
        at its present amount, beside the others.
        """
        tokens = self.env.cr.cache.get(TOKENS, {})
        totals = {doc.id: tokens.pop((doc._name, doc.id), None) for doc in documents}
        known = documents.filtered(lambda doc: totals[doc.id] is not None)
        grown = known.filtered(
            lambda doc: doc._credit_currency().compare_amounts(
                doc._credit_total(), totals[doc.id]
            )
            > 0
        )
        for company in grown.grouped(lambda doc: doc._credit_company()):
            docs = known.filtered(lambda doc, of=company: doc._credit_company() == of)
            judged = self.sudo()._judge(company, docs, checkpoint, {})
            known -= (docs & grown).filtered(
                lambda doc, found=judged: not found[doc.id].passes
            )
        return known

    @api.model
    def _preview(self, document, checkpoint="confirm"):
        """Return what the gate would say of a document now, for showing: nothing is bumped or held."""
        company = document._credit_company()
        return self._judge(company, document, checkpoint, {}, bump=False)[document.id]
