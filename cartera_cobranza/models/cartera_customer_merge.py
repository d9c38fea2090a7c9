from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .cartera_credit_line import LIVE

MERGING = "cartera_customer_merging"


def scope(line):
    """What a line guards: debts in its currency, or (empty) all that no such line guards."""
    return line.currency_id if line.only_this_currency else line.currency_id.browse()


class CarteraCustomer(models.Model):
    """What becomes of credit accounts when their contacts are merged, or a customer becomes part of another.

    Odoo moves the documents to the entity that stays. It has one credit account in a company, so two accounts
    become one: the history of both, the decisions of the account that stays.
    """

    _inherit = "cartera.customer"

    @api.model
    def _join(self, partners, entity):
        """Leave ``entity`` one account in each company in which it or one of ``partners`` has one.

        :raises UserError: when two accounts hold what only people can bring together
        """
        sources = self.search(
            [("partner_id", "in", (partners - entity).ids)], order="id"
        )
        own = self.search([("partner_id", "=", entity.id)]).grouped("company_id")
        for company, accounts in sources.grouped("company_id").items():
            stays = own.get(company)
            self._bump(company, (accounts | (stays or self.browse())).partner_id.ids)
            if not stays:
                stays = accounts[0]
                stays.partner_id = entity
                accounts -= stays
            for account in accounts:
                account._merge_into(stays)

    @api.model
    def _follow_joined(self, entity):
        """Stored names, Odoo's own limit, figures and holds follow the accounts of ``entity``."""
        customers = self.search([("partner_id", "=", entity.id)])
        for model in self.env.registry.values():
            field = model._fields.get("partner_id")
            if (
                not model._abstract
                and field is not None
                and field.store
                and field.related == "customer_id.partner_id"
            ):
                records = self.env[model._name].sudo().with_context(active_test=False)
                self.env.add_to_compute(
                    records._fields["partner_id"],
                    records.search([("customer_id", "in", customers.ids)]),
                )
        self.env.flush_all()
        for customer in customers:
            customer._write_core_limit(customer.line_id)
            customer._touch(customer.partner_id.ids, customer.company_id, recheck=True)

    def _merge_into(self, kept):
        """Move all that hangs on this account to ``kept`` and remove it; the caller has bumped both.

        :raises UserError: when both hold something that only people can bring together; nothing is written then
        """
        self.ensure_one()
        self._check_mergeable(kept)
        told = self._close_for_merge(kept)
        self._fill_blanks_of(kept)
        self.snapshot_ids.unlink()
        self.env.flush_all()
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._update_foreign_keys_generic(self._name, self, kept)
        wizard._update_reference_fields_generic(self._name, self, kept)
        self.env.invalidate_all()
        cache = self.env.cr.cache
        cache[MERGING] = True
        try:
            self.unlink()
            self.env.flush_all()
        finally:
            cache.pop(MERGING, None)
        kept.message_post(body=" ".join(told))

    def _unlink_is_allowed(self):
        return super()._unlink_is_allowed() or bool(self.env.cr.cache.get(MERGING))

    def _check_mergeable(self, kept):
        names = {
            "merged": self.partner_id.display_name,
            "kept": kept.partner_id.display_name,
        }
        if self.group_id and kept.group_id and self.group_id != kept.group_id:
            raise UserError(
                self.env._(
                    "%(merged)s shares the limit of %(one)s and %(kept)s that of %(other)s. Take one of them out of "
                    "its group, then try again.",
                    one=self.group_id.name,
                    other=kept.group_id.name,
                    **names,
                )
            )
        if self._live_lines() and kept._live_lines():
            self._check_may_merge_lines(names)
        promises = (self | kept)._live_balance_promises()
        for currency, found in promises.grouped("currency_id").items():
            if len(found) > 1:
                raise UserError(
                    self.env._(
                        "%(merged)s and %(kept)s both have an open promise on their balance in %(currency)s. "
                        "Withdraw one of them, then try again.",
                        currency=currency.name,
                        **names,
                    )
                )

    def _check_may_merge_lines(self, names):
        """Two limits become one: that is a decision on credit, whoever may merge contacts."""
        if not self.env.user.has_group("cartera_cobranza.group_credit_manager"):
            raise UserError(
                self.env._(
                    "%(merged)s and %(kept)s have a credit line each, and only the line of %(kept)s would stay. Ask a "
                    "credit manager to join them.",
                    **names,
                )
            )

    def _live_lines(self):
        return self.line_ids.filtered(lambda line: line.state in LIVE)

    def _live_balance_promises(self):
        return self.env["cartera.payment.promise"].search(
            [
                ("customer_id", "in", self.ids),
                ("scope", "=", "balance"),
                ("live", "=", True),
            ]
        )

    def _close_for_merge(self, kept):
        """End what only one account can have; return what to tell, a text each."""
        partner, today = self.partner_id.display_name, self.company_id._cartera_today()
        told = [
            self.env._("The credit account of %s was merged into this one.", partner)
        ]
        scopes = {scope(line) for line in kept._live_lines()}
        for line in self._live_lines().filtered(lambda one: scope(one) in scopes):
            line.temporary_ids.filtered(
                lambda one: one.state in ("draft", "active")
            )._close("cancelled")
            line._set_state({"state": "replaced", "closed_on": today})
            told.append(self.env._("Its line %s was replaced.", line.display_name))
        Case = self.env["cartera.collection.case"]
        open_cases = Case.search(
            [("customer_id", "in", (self | kept).ids), ("stage", "!=", "closed")]
        )
        if len(open_cases) > 1:
            open_cases.filtered(lambda case: case.customer_id == self)._close(
                self.env._("Merged with %s", kept.partner_id.display_name)
            )
            told.append(self.env._("Its collection case was closed."))
        self._let_contacts_stand(kept)
        return told

    def _let_contacts_stand(self, kept):
        """Contacts that both had on one day: those to come are cancelled, those made stay beside each other."""
        Action = self.env["cartera.collection.action"]
        days = Action.search(
            [
                ("customer_id", "=", kept.id),
                ("automatic", "=", True),
                ("state", "!=", "cancelled"),
            ]
        ).mapped("planned_date")
        twice = Action.search(
            [
                ("customer_id", "=", self.id),
                ("automatic", "=", True),
                ("state", "!=", "cancelled"),
                ("planned_date", "in", days),
            ]
        )
        twice._cancel(self.env._("Merged with %s", kept.partner_id.display_name))
        over = twice.filtered(lambda one: one.state != "cancelled")
        if over:
            # Not by write, which keeps contacts that are over as they are: only the mark that the index
            # against a second message on a day looks at goes, for the two customers they went to.
            self.env.flush_all()
            self.env.cr.execute(
                SQL(
                    "UPDATE cartera_collection_action SET automatic = false WHERE id IN %s",
                    tuple(over.ids),
                )
            )
            over.invalidate_recordset(["automatic"])

    def _fill_blanks_of(self, kept):
        """Settings that the account that stays lacks are taken from this one."""
        values = {}
        for name, field in self._fields.items():
            if (
                field.store
                and not field.compute
                and not field.related
                and not field.readonly
                and field.type not in ("one2many", "many2many", "boolean")
                and self[name]
                and not kept[name]
            ):
                values[name] = field.convert_to_write(self[name], self)
        live = self._live_lines()
        general = live.filtered(lambda line: not line.only_this_currency)
        if general and not kept.line_id:
            values["line_id"] = general[:1].id
        if values:
            kept.write(values)
