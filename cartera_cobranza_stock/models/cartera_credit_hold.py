import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.cartera_cobranza.calc import gate, money
from odoo.addons.cartera_cobranza.models.cartera_credit_gate import Decision
from odoo.addons.cartera_cobranza.models.cartera_credit_hold_release import (
    RETRIED,
    TRIES,
)

_logger = logging.getLogger(__name__)


class CarteraCreditHold(models.Model):
    """The shipments of tomorrow are checked at noon, so that problems are on the queue early."""

    _inherit = "cartera.credit.hold"

    @api.model
    def action_check_shipments(self, day=None):
        """Check what ships up to ``day`` (tomorrow), in the companies at hand, and put problems on the queue.

        :return: an action that shows the queue of shipments
        """
        self._check_executive()
        held = self.browse()
        for company in self.env.companies.filtered(
            lambda one: one.sudo().cartera_gate == "block"
        ):
            held |= self._check_shipments(
                self._shipments_due(company, fields.Date.to_date(day))
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "cartera_cobranza.cartera_credit_hold_action"
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if held else "success",
                "title": self.env._("Shipments checked"),
                "message": self.env._("%s newly held: see the queue.", len(held))
                if held
                else self.env._("Nothing that ships by tomorrow has a new problem."),
                "next": {
                    **action,
                    "context": {
                        "search_default_open": 1,
                        "search_default_at_shipment": 1,
                    },
                },
            },
        }

    @api.model
    def _shipments_due(self, company, day=None):
        """Return the shipments of a company that leave by ``day`` (tomorrow), and no hold stops yet."""
        day = day or fields.Date.add(company._cartera_today(), days=1)
        pickings = (
            self.env["stock.picking"]
            .sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("state", "not in", ("draft", "done", "cancel")),
                    ("sale_id", "!=", False),
                    ("location_dest_id.usage", "=", "customer"),
                    ("scheduled_date", "<", company._cartera_day_end(day)),
                ],
                order="scheduled_date, id",
            )
        )
        return pickings.filtered(
            lambda picking: picking.credit_state in ("none", "released")
            and picking._credit_is_shipment()
        )

    @api.model
    def _check_shipments(self, pickings):
        """Check shipments that have not been reached yet; return the holds that were made."""
        pickings.browse(pickings.ids)._credit_read_together()
        decisions = (
            self.env["cartera.customer"]
            .sudo()
            ._check_credit_batch(pickings.sudo(), "ship")
        )
        return self.browse(
            [
                decision.hold.id
                for decision in decisions.values()
                if decision.reasons and decision.hold
            ]
        )

    @api.model
    def _cron_check_shipments(self, size=50):
        """Check tomorrow's shipments of all companies; one that fails does not stop the others."""
        companies = self.env["res.company"].search(
            [("cartera_gate", "=", "block")], order="id"
        )
        for company in companies:
            ids = self._shipments_due(company).ids
            self.env["ir.cron"]._commit_progress(remaining=len(ids))
            held = 0
            for start in range(0, len(ids), size):
                chunk = ids[start : start + size]
                held += self._check_shipments_alone(chunk)
                if not self.env["ir.cron"]._commit_progress(len(chunk)):
                    break
            _logger.info(
                "%s: %s shipments of tomorrow checked, %s held",
                company.name,
                len(ids),
                held,
            )

    @api.model
    def _check_shipments_alone(self, ids):
        """Check some shipments in a transaction of their own; one that lost a race starts again."""
        for _attempt in range(TRIES):
            try:
                pickings = self.env["stock.picking"].browse(ids).exists()
                held = len(self._check_shipments(pickings))
                self.env.flush_all()
                return held
            except RETRIED:
                self.env.cr.rollback()
            except UserError as error:
                self.env.cr.rollback()
                if len(ids) > 1:
                    held = 0
                    for one in ids:
                        held += self._check_shipments_alone([one])
                        self.env["ir.cron"]._commit_progress(0)
                    return held
                _logger.warning("Shipment %s could not be checked: %s", ids[0], error)
                return 0
        return 0

    def _hold_too(self, document):
        """Hold another document, which was left over from this hold's, for the same reasons."""
        self.ensure_one()
        company = self.company_id
        reasons = [
            gate.Reason(
                reason.rule_id.id,
                reason.code,
                reason.kind,
                money.to_decimal(reason.measured),
                money.to_decimal(reason.threshold),
                reason.currency_id.id
                if reason.currency_id != company.currency_id
                else None,
            )
            for reason in self.reason_ids.filtered("is_open")
        ]
        decision = Decision(
            document, reasons, [], gate.Charge.of(money.ZERO), self.snapshot or {}
        )
        hold = self._make(company, [decision], self.checkpoint)
        if self.forced:
            hold.sudo().write({"forced": True})
        return hold
