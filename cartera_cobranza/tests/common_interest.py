"""Books for the tests of interest: policies, late invoices, and the runs over them."""

from odoo import fields

from .common import CarteraCommon


class InterestCommon(CarteraCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Policy = cls.root["cartera.interest.policy"]
        cls.Run = cls.root["cartera.interest.run"]
        cls.Line = cls.root["cartera.interest.line"]
        cls.customer = cls.make_customer("Abarrotes del Centro")
        cls.partner = cls.customer.partner_id

    @classmethod
    def make_policy(cls, company=None, **vals):
        """Ten a day on 10,000.00 (36.5 % over 365 days), unless told otherwise."""
        company = company or cls.company
        return cls.Policy.create(
            {
                "name": "Default interest",
                "company_id": company.id,
                "rate_source": "fixed_year",
                "rate": 36.5,
                "tax_mode": "none",
            }
            | vals
        )

    @classmethod
    def make_run(cls, day, user=None, company=None, **vals):
        company = company or cls.company
        runs = cls.Run
        if user:
            runs = runs.with_user(user).sudo(False)
        return runs.with_context(allowed_company_ids=company.ids).create(
            {"company_id": company.id, "date_to": day} | vals
        )

    @classmethod
    def simulate(cls, day, user=None, **vals):
        run = cls.make_run(day, user=user, **vals)
        run.action_simulate()
        return run

    @classmethod
    def post(cls, run):
        """Approved by the manager, posted by the accountant."""
        company = run.company_id.ids
        run.with_user(cls.everywhere).with_context(allowed_company_ids=company).sudo(
            False
        ).action_approve()
        run.with_user(cls.accountant_of(run)).with_context(
            allowed_company_ids=company
        ).sudo(False).action_post()
        return run

    @classmethod
    def accountant_of(cls, run):
        return cls.accountant if run.company_id == cls.company else cls.everywhere

    @classmethod
    def charge(cls, day, **vals):
        """Simulate, approve and post up to a day."""
        return cls.post(cls.simulate(day, user=cls.executive, **vals))

    def amounts(self, run, kind="interest"):
        lines = run.line_ids.filtered(lambda line: line.kind == kind)
        return {line.move_id: line.amount for line in lines}

    @staticmethod
    def day(text):
        return fields.Date.to_date(text)

    def segments(self, run):
        return [
            (
                str(part.date_from),
                str(part.date_to),
                part.days,
                part.balance,
                part.rate,
                round(part.amount, 2),
            )
            for part in run.line_ids.segment_ids
        ]
