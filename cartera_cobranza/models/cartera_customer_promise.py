from odoo import api, fields, models

from ..calc import money


class CarteraCustomer(models.Model):
    _inherit = "cartera.customer"

    promise_ids = fields.One2many(
        "cartera.payment.promise", "customer_id", string="Promises", readonly=True
    )
    dispute_ids = fields.One2many(
        "cartera.dispute", "customer_id", string="Disputes", readonly=True
    )
    open_promise_count = fields.Integer(
        string="Open Promises", compute="_compute_collection_counts"
    )
    open_dispute_count = fields.Integer(
        string="Open Disputes", compute="_compute_collection_counts"
    )

    @api.depends("promise_ids.live", "dispute_ids.state")
    def _compute_collection_counts(self):
        promises = dict(
            self.env["cartera.payment.promise"]._read_group(
                [("customer_id", "in", self.ids), ("live", "=", True)],
                ["customer_id"],
                ["__count"],
            )
        )
        disputes = dict(
            self.env["cartera.dispute"]._read_group(
                [("customer_id", "in", self.ids), ("closed_on", "=", False)],
                ["customer_id"],
                ["__count"],
            )
        )
        for customer in self:
            customer.open_promise_count = promises.get(customer, 0)
            customer.open_dispute_count = disputes.get(customer, 0)

    @api.model
    def _condition_facts(self, company, day, partner_ids, conditions):
        facts = super()._condition_facts(company, day, partner_ids, conditions)
        if "broken_promise" not in conditions:
            return facts
        rows = self.env.execute_query(
            self.env["cartera.payment.promise"]._broken_sql(company, partner_ids)
        )
        for partner, amount in rows:
            facts.setdefault(partner, {})["broken_promises"] = money.to_decimal(amount)
        return facts

    def action_cartera_promise(self):
        """Open a new promise for what the customer owes and nobody disputes or promised yet (button)."""
        self.ensure_one()
        self.check_access("read")
        return self._promise_action(self.sudo()._collectable_moves())

    def _promise_action(self, moves):
        """Return the action of a new promise for what is open and free of these invoices."""
        free = self.env["cartera.payment.promise.line"]._promisable_of(moves)
        currency = moves[:1].currency_id
        lines = [
            {"move_id": move.id, "amount": free[move.id]}
            for move in moves
            if move.currency_id == currency
            and currency.compare_amounts(free.get(move.id, 0.0), 0) > 0
        ]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Promise to Pay"),
            "res_model": "cartera.payment.promise",
            "views": [(False, "form")],
            "context": {
                "default_customer_id": self.id,
                "default_line_ids": [fields.Command.create(line) for line in lines],
                "default_instalment_ids": [
                    fields.Command.create(
                        {
                            "date": self._usual_pay_day(),
                            "amount": currency.round(
                                sum(line["amount"] for line in lines)
                            )
                            if lines
                            else 0.0,
                        }
                    )
                ],
            },
        }

    def _collectable_moves(self):
        """Return the overdue invoices that no promise covers; all open ones, where nothing is overdue."""
        today = self.company_id._cartera_today()
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "child_of", self.partner_id.ids),
                ("company_id", "=", self.company_id.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("move_id.move_type", "in", ("out_invoice", "out_receipt")),
                ("amount_residual_currency", ">", 0),
                ("reconciled", "=", False),
            ],
            order="date_maturity, id",
        )
        taken = self.env["cartera.payment.promise.line"].search(
            [("live", "=", True), ("move_id", "in", lines.move_id.ids)]
        )
        free = lines.filtered(lambda line: line.move_id not in taken.move_id)
        due = free.filtered(
            lambda line: line.date_maturity and line.date_maturity < today
        )
        return (due or free).move_id

    def _usual_pay_day(self):
        """Return the next day on which the customer pays, else a week from today."""
        today = self.company_id._cartera_today()
        if not self.pay_weekday:
            return fields.Date.add(today, days=7)
        ahead = (int(self.pay_weekday) - today.weekday()) % 7
        return fields.Date.add(today, days=ahead or 7)

    def action_cartera_dispute(self):
        """Open a new dispute of an invoice of this customer (button)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dispute"),
            "res_model": "cartera.dispute",
            "views": [(False, "form")],
            "context": {"cartera_partner_id": self.partner_id.id},
        }

    def action_open_promises(self):
        return self._open_theirs("cartera.payment.promise", self.env._("Promises"))

    def action_open_disputes(self):
        return self._open_theirs("cartera.dispute", self.env._("Disputes"))

    def _open_theirs(self, model, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "domain": [("customer_id", "=", self.id)],
            "views": [(False, "list"), (False, "form")],
            "context": {"default_customer_id": self.id},
        }
