from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

READERS = "cartera_cobranza.group_viewer,account.group_account_invoice,account.group_account_readonly"


class AccountMove(models.Model):
    _inherit = "account.move"

    cartera_dispute_id = fields.Many2one(
        "cartera.dispute",
        string="Resolves Dispute",
        index="btree_not_null",
        copy=False,
        check_company=True,
        ondelete="restrict",
        help="The dispute for which this credit note was made.",
    )
    cartera_delivery_id = fields.Many2one(
        "cartera.invoice.delivery",
        string="Delivery",
        index="btree_not_null",
        copy=False,
        ondelete="set null",
        help="How the invoice reached the customer.",
    )
    cartera_dispute_ids = fields.One2many(
        "cartera.dispute", "move_id", string="Disputes", groups=READERS
    )
    cartera_promise_line_ids = fields.One2many(
        "cartera.payment.promise.line", "move_id", string="Promises", groups=READERS
    )
    cartera_dispute_count = fields.Integer(
        compute="_compute_cartera_counts", groups=READERS
    )
    cartera_promise_count = fields.Integer(
        compute="_compute_cartera_counts", groups=READERS
    )
    cartera_collectable = fields.Boolean(
        compute="_compute_cartera_collectable",
        help="A posted customer invoice of which something is open.",
    )

    @api.depends("cartera_dispute_ids", "cartera_promise_line_ids")
    def _compute_cartera_counts(self):
        moves = self.sudo()
        disputes = dict(
            moves.env["cartera.dispute"]._read_group(
                [("move_id", "in", moves.ids)], ["move_id"], ["__count"]
            )
        )
        promises = dict(
            moves.env["cartera.payment.promise.line"]._read_group(
                [("move_id", "in", moves.ids)], ["move_id"], ["__count"]
            )
        )
        for move, own in zip(self, moves, strict=True):
            move.cartera_dispute_count = disputes.get(own, 0)
            move.cartera_promise_count = promises.get(own, 0)

    @api.depends("move_type", "state", "payment_state")
    def _compute_cartera_collectable(self):
        for move in self:
            move.cartera_collectable = (
                move.move_type in ("out_invoice", "out_receipt")
                and move.state == "posted"
                and move.payment_state in ("not_paid", "partial")
            )

    def _get_alerts(self):
        alerts = super()._get_alerts()
        if self.state != "posted" or self.move_type not in (
            "out_invoice",
            "out_receipt",
        ):
            return alerts
        disputes = self.sudo().cartera_dispute_ids.filtered(
            lambda one: one.state in ("open", "analysis", "accepted")
        )
        if disputes:
            alerts["cartera_dispute"] = {
                "level": "warning",
                "message": self.env._(
                    "Disputed: %(disputed)s of %(total)s (%(types)s).",
                    disputed=format_amount(
                        self.env,
                        sum(disputes.mapped("remaining_amount")),
                        self.currency_id,
                    ),
                    total=format_amount(self.env, self.amount_total, self.currency_id),
                    types=", ".join(disputes.type_id.mapped("name")),
                ),
                **self._cartera_alert_action(
                    "cartera.dispute", disputes, self.env._("Open the dispute")
                ),
            }
        line = self.sudo().cartera_promise_line_ids.filtered("live")[:1]
        if line:
            promise = line.promise_id
            alerts["cartera_promise"] = {
                "level": "info",
                "message": self.env._(
                    "Promised: %(amount)s for %(day)s.",
                    amount=format_amount(self.env, line.amount, self.currency_id),
                    day=format_date(self.env, promise.next_date),
                ),
                **self._cartera_alert_action(
                    "cartera.payment.promise", promise, self.env._("Open the promise")
                ),
            }
        return alerts

    def _cartera_alert_action(self, model, records, text):
        if not self.env.user.has_group("cartera_cobranza.group_viewer"):
            return {}
        return {"action_text": text, "action": _open(model, records.ids, text)}

    # Buttons

    def action_cartera_promise(self):
        """Open a new promise for what is owed of these invoices (button, list action)."""
        moves = self.filtered("cartera_collectable")
        company, partner = moves.company_id[:1], moves.commercial_partner_id[:1]
        customer = (
            self.env["cartera.customer"]
            .sudo()
            ._find_or_create(partner, company)
            .get(partner)
        )
        if not customer:
            raise UserError(
                self.env._(
                    "Nothing is open of these invoices: there is nothing to promise."
                )
            )
        mine = moves.filtered(
            lambda move: move.company_id == company
            and move.commercial_partner_id == partner
        )
        return customer._promise_action(mine)

    def action_cartera_dispute(self):
        """Open a new dispute of this invoice (button)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dispute"),
            "res_model": "cartera.dispute",
            "views": [(False, "form")],
            "context": {"default_move_id": self.id},
        }

    def action_cartera_open_disputes(self):
        self.ensure_one()
        self.check_access("read")
        return _open(
            "cartera.dispute",
            self.sudo().cartera_dispute_ids.ids,
            self.env._("Disputes"),
        )

    def action_cartera_open_promises(self):
        self.ensure_one()
        self.check_access("read")
        return _open(
            "cartera.payment.promise",
            self.sudo().cartera_promise_line_ids.promise_id.ids,
            self.env._("Promises"),
        )


def _open(model, ids, name):
    """Return the action that shows these records: one in its form, several in a list."""
    action = {"type": "ir.actions.act_window", "name": name, "res_model": model}
    if len(ids) == 1:
        return action | {"res_id": ids[0], "views": [(False, "form")]}
    return action | {
        "domain": [("id", "in", ids)],
        "views": [(False, "list"), (False, "form")],
    }
