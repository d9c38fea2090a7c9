from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount

from ..calc import position as calc_position
from .cartera_exposure_engine import ExposureScope


class CarteraPositionReader(models.AbstractModel):
    """Tells what customers may owe, owe and have left: to programs, banners and screens."""

    _name = "cartera.position.reader"
    _description = "Credit Position"

    @api.model
    def get_position(self, partner_ids, company_id, at=None):
        """Return what customers may owe, owe and have left, in company currency.

        :param partner_ids: ids of partners; a contact stands for its commercial entity
        :param company_id: id of the company that decides
        :param at: a date (or its ISO text); by default today. For a past day the ledger's part and the
            limits of that day are given, and what cannot be known (orders, drafts, holds) is null.
        :return: {str(partner id): {currency, limit (null: unlimited), limit_source, exposure,
            exposure_breakdown: {source: amount}, available (null: unlimited), percent_used, overdue_amount,
            overdue_days, held_amount, group: {limit, exposure, available} or null, as_of}}
        :raise AccessError: for users outside the credit roles
        :raise UserError: for an id that is no partner, a future day, a missing rate
        """
        self._check_may_read()
        company = self.env["res.company"].browse(company_id)
        if not company.exists() or company not in self.env.companies:
            raise AccessError(
                self.env._(
                    "Company %(id)s is not one of yours: switch to it, or ask for access.",
                    id=company_id,
                )
            )
        ids = [partner_ids] if isinstance(partner_ids, int) else list(partner_ids)
        partners = self.env["res.partner"].sudo().browse(ids)
        unknown = partners - partners.exists()
        if unknown:
            raise UserError(
                self.env._(
                    "There is no partner with id %(ids)s. Check the list and ask again.",
                    ids=", ".join(map(str, unknown.ids)),
                )
            )
        try:
            day = fields.Date.to_date(at) if at else company.sudo()._cartera_today()
        except ValueError as error:
            raise UserError(
                self.env._("'%(day)s' is no date. Write it like 2026-12-31.", day=at)
            ) from error
        if day > company.sudo()._cartera_today():
            raise UserError(
                self.env._(
                    "A position can be told up to today, not for %(day)s.",
                    day=fields.Date.to_string(day),
                )
            )
        positions = self.sudo()._positions(
            company.sudo(), partners.commercial_partner_id.ids, day
        )
        return {
            str(partner.id): {
                key: value
                for key, value in positions[partner.commercial_partner_id.id].items()
                if key != "explained"
            }
            for partner in partners
        }

    @api.model
    def _check_may_read(self):
        if not self.env.su and not self.env.user.has_group(
            "cartera_cobranza.group_viewer"
        ):
            raise AccessError(
                self.env._(
                    "Credit positions are for the roles of Credit and Collections. Ask your administrator for one."
                )
            )

    @api.model
    def _positions(self, company, partner_ids, day=None):
        """Return {commercial partner id: position as plain numbers}, in one statement for all of them."""
        today = company._cartera_today()
        day = day or today
        past = day < today
        scope = ExposureScope(company, day, tuple(sorted(set(partner_ids))), past)
        figures, _asked = self._gather_figures(scope)
        limits = self._group_limits(
            company, {one.group for one in figures.values()}, day
        )
        terms = self._terms(company)
        labels = self._exposure_source_labels()
        members = defaultdict(list)
        for one in figures.values():
            if one.group:
                members[one.group].append(one)
        result = {}
        for partner in set(partner_ids):
            one = figures[partner]
            whole = calc_position.position(
                one, terms, limits.get(one.group), members.get(one.group, ())
            )
            result[partner] = self._position_as_numbers(
                company, day, past, one, whole, labels
            )
        return result

    @api.model
    def _position_as_numbers(self, company, day, past, figures, whole, labels):
        limit = None if whole.limit.unlimited else float(whole.limit.amount)
        known = {name: float(amount) for name, amount in whole.breakdown.items()}
        names = [
            name for name in labels if name in known or name == "receivable" or past
        ]
        available = None if whole.available is None else float(whole.available)
        group = None
        if whole.group_limit is not None:
            ceiling = (
                None if whole.group_limit.unlimited else float(whole.group_limit.amount)
            )
            room = (
                None
                if ceiling is None
                else float(whole.group_limit.amount - whole.group_exposure)
            )
            group = {
                "limit": ceiling,
                "exposure": float(whole.group_exposure),
                "available": room,
            }
        used = None
        if limit is not None:
            used = (
                float(whole.exposure) * 100 / limit
                if limit
                else (100.0 if whole.exposure > 0 else 0.0)
            )
        return {
            "currency": company.currency_id.name,
            "limit": limit,
            "limit_source": whole.limit.source,
            "exposure": float(whole.exposure),
            "exposure_breakdown": {
                name: known.get(name, None if past and name != "receivable" else 0.0)
                for name in names
            },
            "available": available,
            "percent_used": used,
            "overdue_amount": float(figures.overdue_amount),
            "overdue_days": figures.overdue_days,
            "held_amount": None if past else float(whole.held),
            "group": group,
            "as_of": day.isoformat(),
            "explained": {
                "currency_id": company.currency_id.id,
                "limit": limit,
                "limit_source": whole.limit.source,
                "exposure": float(whole.exposure),
                "available": available,
                "held": float(whole.held),
                "overdue_amount": float(figures.overdue_amount),
                "overdue_days": figures.overdue_days,
                "group": group,
                "parts": [
                    {
                        "source": name,
                        "label": labels[name],
                        "amount": known.get(name, 0.0),
                    }
                    for name in names
                ],
            },
        }

    @api.model
    def _warning_text(self, company, partner, amount):
        """Return what Odoo's own credit banner says: empty while ``amount`` (company currency) still fits."""
        position = self._positions(company, partner.ids)[partner.id]
        available = position["available"]
        currency = company.currency_id
        if available is None or currency.compare_amounts(amount, available) <= 0:
            return ""
        return self.env._(
            "%(partner)s may owe %(limit)s and owes %(exposure)s; with this document %(excess)s too much.",
            partner=partner.display_name,
            limit=format_amount(self.env, position["limit"], currency),
            exposure=format_amount(self.env, position["exposure"], currency),
            excess=format_amount(self.env, amount - available, currency),
        )

    # From a part of the position to its documents

    def action_open_source(self, source):
        """Open the documents behind one part of the exposure (a click on the position)."""
        self.ensure_one()
        self.check_access("read")
        action = self._source_action(source)
        if not action:
            raise UserError(
                self.env._(
                    "There are no documents to show for %(source)s.",
                    source=self._exposure_source_labels().get(source, source),
                )
            )
        if not self.env[action["res_model"]].has_access("read"):
            raise AccessError(
                self.env._(
                    "You see the totals of %(customer)s; its documents are for the "
                    "accounting roles. Ask a colleague who has one.",
                    customer=self.display_name,
                )
            )
        return action

    def _source_action(self, source):
        """Return the action that shows the documents of one source; sale adds its own."""
        partner = self.partner_id
        if source == "receivable":
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Open items of %s", partner.display_name),
                "res_model": "account.move.line",
                "views": [
                    (
                        self.env.ref(
                            "cartera_cobranza.account_move_line_view_list_open"
                        ).id,
                        "list",
                    )
                ],
                "search_view_id": (
                    self.env.ref(
                        "cartera_cobranza.account_move_line_view_search_open"
                    ).id,
                    "search",
                ),
                "domain": [
                    ("partner_id.commercial_partner_id", "=", partner.id),
                    ("company_id", "=", self.company_id.id),
                    ("parent_state", "=", "posted"),
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("account_id.non_trade", "=", False),
                    ("reconciled", "=", False),
                ],
                "context": {"create": False},
            }
        if source == "draft_invoice":
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Draft invoices of %s", partner.display_name),
                "res_model": "account.move",
                "views": [(False, "list"), (False, "form")],
                "domain": [
                    ("commercial_partner_id", "=", partner.id),
                    ("company_id", "=", self.company_id.id),
                    ("state", "=", "draft"),
                    ("move_type", "=", "out_invoice"),
                ],
                "context": {"create": False},
            }
        if source == "uncleared_payment":
            return {
                "type": "ir.actions.act_window",
                "name": self.env._(
                    "Payments of %s not yet cleared", partner.display_name
                ),
                "res_model": "account.payment",
                "views": [(False, "list"), (False, "form")],
                "domain": [
                    ("partner_id.commercial_partner_id", "=", partner.id),
                    ("company_id", "=", self.company_id.id),
                    ("payment_type", "=", "inbound"),
                    ("state", "in", ("in_process", "paid")),
                    ("is_matched", "=", False),
                    ("payment_method_line_id.cartera_count_uncleared", "=", True),
                ],
                "context": {"create": False},
            }
        return None

    def action_open_holds(self):
        """Open this customer's holds, the open ones first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "cartera_cobranza.cartera_credit_hold_action_all"
        )
        return {**action, "domain": [("customer_id", "=", self.id)], "context": {}}

    def action_open_partner(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
        }
