"""A customer with an address, a template, and strategies whose steps are written as (days, channel, extras)."""

from odoo import Command

from .common import CarteraCommon


class PlanCommon(CarteraCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What jobs write down is in the company's language.
        cls.root["res.lang"]._activate_lang("en_US")
        cls.company.partner_id.lang = "en_US"
        cls.Strategy = cls.root["cartera.collection.strategy"]
        cls.Step = cls.root["cartera.collection.step"]
        cls.Action = cls.root["cartera.collection.action"]
        cls.Case = cls.root["cartera.collection.case"]
        cls.Strategy.search([]).write({"active": False})
        cls.root["cartera.worklist.rule"].search([]).write({"active": False})
        cls.template = cls.root["mail.template"].create(
            {
                "name": "Reminder",
                "model_id": cls.root["ir.model"]._get_id("cartera.collection.action"),
                "subject": "Balance of {{ object.partner_id.name }}",
                "body_html": '<p>You owe:</p><t t-out="object.items_html"/>',
            }
        )
        cls.outcome = cls.root.ref("cartera_cobranza.outcome_reached")
        cls.customer = cls.make_debtor("Abarrotes del Centro")
        cls.partner = cls.customer.partner_id
        cls.root["ir.cron"].search([]).write({"active": False})

    @classmethod
    def make_debtor(cls, name, **vals):
        customer = cls.make_customer(name)
        customer.partner_id.write(
            {"email": f"{name.split()[0].lower()}@example.com"} | vals
        )
        return customer

    @classmethod
    def make_strategy(cls, *steps, **vals):
        commands = []
        for days, channel, *extras in steps:
            extra = extras[0] if extras else {}
            commands.append(
                Command.create(
                    {
                        "name": extra.get("name") or f"Day {days}",
                        "days": days,
                        "channel": channel,
                        "template_id": cls.template.id
                        if channel in ("email", "letter")
                        else False,
                        "short_text": "You owe {{ object.amount_text }}",
                        "escalate_to": "operations" if channel == "escalate" else False,
                    }
                    | extra
                )
            )
        return cls.Strategy.create(
            {
                "name": "Plan",
                "company_id": cls.company.id,
                "quiet_days": 0,
                "working_days": "all",
                "hour_from": 0,
                "hour_to": 24,
                "step_ids": commands,
            }
            | vals
        )

    def run_on(self, day, strategy=None):
        """The run of a day, and the sending of what it planned; returns the contacts."""
        with self.at(day):
            actions = self.run_only(day, strategy)
            actions._send_queued() if actions else None
        return actions

    def run_only(self, day, strategy=None):
        plan = (strategy or self.Strategy).with_context(
            allowed_company_ids=self.company.ids
        )
        return plan._run(day)

    def steps_made(self, days, strategy=None):
        """{day: name of the step} of a run on each of ``days``."""
        made = {}
        for day in days:
            for action in self.run_on(day, strategy):
                made[day] = action.step_id.name
        return made
