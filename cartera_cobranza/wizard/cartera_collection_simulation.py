from odoo import api, fields, models


class CarteraCollectionSimulation(models.TransientModel):
    """Shows whom the plan would contact on a day; nothing is planned or sent."""

    _name = "cartera.collection.simulation"
    _description = "Simulation of the Contact Plan"

    date = fields.Date(
        required=True, default=lambda self: self.env.company._cartera_today()
    )
    strategy_id = fields.Many2one(
        "cartera.collection.strategy",
        help="Only the customers who follow this strategy; empty for all.",
    )
    line_ids = fields.One2many(
        "cartera.collection.simulation.line", "simulation_id", readonly=True
    )
    count = fields.Integer(string="Contacts", readonly=True)
    done = fields.Boolean(readonly=True)
    currency_id = fields.Many2one(
        "res.currency", default=lambda self: self.env.company.currency_id
    )

    def action_simulate(self):
        """Fill the list (button)."""
        self.ensure_one()
        strategies = self.strategy_id or self.env["cartera.collection.strategy"]
        rows = strategies.action_simulate(self.date)
        self.line_ids.unlink()
        self.env["cartera.collection.simulation.line"].create(
            [self._prepare_line(row) for row in rows]
        )
        self.write({"count": len(rows), "done": True})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Simulation"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "current",
        }

    @api.model
    def _prepare_line(self, row):
        return {
            "simulation_id": self.id,
            "customer_id": row["customer_id"],
            "company_id": row["company_id"],
            "strategy_id": row["strategy_id"],
            "step_id": row["step_id"],
            "automatic": row["automatic"],
            "due_date": row["due_date"],
            "days_overdue": row["days_overdue"],
            "item_count": len(row["line_ids"]),
            "amount": row["amount_company"],
            "amounts": "; ".join(
                f"{currency} {amount:,.2f}"
                for currency, amount in row["amounts"].items()
            ),
        }


class CarteraCollectionSimulationLine(models.TransientModel):
    """A contact that the plan would make."""

    _name = "cartera.collection.simulation.line"
    _description = "Simulated Contact"
    _order = "days_overdue desc, id"

    simulation_id = fields.Many2one(
        "cartera.collection.simulation", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company")
    currency_id = fields.Many2one(related="company_id.currency_id")
    customer_id = fields.Many2one("cartera.customer", string="Customer")
    strategy_id = fields.Many2one("cartera.collection.strategy")
    step_id = fields.Many2one("cartera.collection.step")
    channel = fields.Selection(related="step_id.channel")
    automatic = fields.Boolean(string="By Itself")
    due_date = fields.Date(string="Oldest Due")
    days_overdue = fields.Integer()
    item_count = fields.Integer(string="Items")
    amount = fields.Monetary(string="Demanded", help="Net, in company currency.")
    amounts = fields.Char(string="By Currency")
