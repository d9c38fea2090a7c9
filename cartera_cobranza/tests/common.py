"""Books for the tests: a company in USD, one in MXN, rates of 1:18 and 2:1, and a user for each role.

Today is 16 March 2026. For one dollar there are 18 pesos (20 in 2025) or half a euro.
The gate is off, as after installation: ``turn_gate_on`` makes direct invoices pass it.
"""

from contextlib import contextmanager
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import freeze_time

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

TODAY = "2026-03-16"
CREDIT = "cartera_cobranza.group_"


@freeze_time(f"{TODAY} 12:00:00")
class CarteraCommon(AccountTestInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.to_date(TODAY)
        cls.company = cls.company_data["company"]
        cls.usd = cls.company.currency_id
        cls.usd.rate_ids.unlink()
        cls.mxn = cls.setup_other_currency(
            "MXN", rates=[("2025-01-01", 20.0), ("2026-01-01", 18.0)]
        )
        cls.eur = cls.setup_other_currency("EUR", rates=[("2025-01-01", 0.5)])
        cls.other_data = cls.setup_other_company(
            name="Company in pesos", currency_id=cls.mxn.id
        )
        cls.other_company = cls.other_data["company"]
        cls.env["res.currency.rate"].create(
            {
                "currency_id": cls.usd.id,
                "company_id": cls.other_company.id,
                "name": "2025-01-01",
                "rate": 0.05,  # 20 pesos for a dollar
            }
        )
        both = (cls.company | cls.other_company).ids
        # No suite role, so that nothing passes by the superuser's rights.
        cls.env = cls.env(user=cls.user, context=dict(cls.env.context))
        cls.root = cls.env(su=True)
        cls.make_users(
            viewer={"role": "viewer", "groups": ""},
            salesperson={"role": "viewer"},
            collector={"role": "collector"},
            executive={"role": "credit_executive"},
            manager={"role": "credit_manager"},
            accountant={"role": None, "groups": "account.group_account_user"},
            everywhere={
                "role": "credit_manager",
                "company_ids": [Command.set(both)],
            },
            portal={"role": None, "groups": "base.group_portal"},
        )
        cls.net30 = cls.root["account.payment.term"].create(
            {
                "name": "30 days",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 30}
                    )
                ],
            }
        )
        cls.reason_any = cls.root["cartera.release.reason"].create({"name": "Agreed"})
        cls.reason_limit = cls.root["cartera.release.reason"].create(
            {"name": "Line under way", "kind": "limit"}
        )
        cls.reason_overdue = cls.root["cartera.release.reason"].create(
            {"name": "Disputed", "kind": "overdue"}
        )
        cls.reason_note = cls.root["cartera.release.reason"].create(
            {"name": "Decision", "needs_note": True}
        )
        cls.Customer = cls.root["cartera.customer"]
        cls.Hold = cls.root["cartera.credit.hold"]
        cls.rules = {
            rule.condition: rule for rule in cls.root["cartera.credit.rule"].search([])
        }

    @classmethod
    def make_user(cls, name, role, groups="", **vals):
        return cls.make_users(**{name: {"role": role, "groups": groups, **vals}})

    @classmethod
    def make_users(cls, **wanted):
        """Users by their names, all in one call; each becomes an attribute and logs in as ``cartera_<name>``."""
        vals_list = []
        for name, vals in wanted.items():
            vals = dict(vals)
            role, groups = vals.pop("role"), vals.pop("groups", "")
            names = [*filter(None, groups.split(",")), *filter(None, [role])]
            names = [one if "." in one else f"{CREDIT}{one}" for one in names]
            groups = [cls.env.ref(one).id for one in names or ["base.group_user"]]
            login = f"cartera_{name}"
            company = {"company_id": cls.company.id}
            if groups != cls.env.ref("base.group_portal").ids:
                company["company_ids"] = [Command.set(cls.company.ids)]
            vals_list.append(
                {
                    "name": f"{login} ({','.join(names)})",
                    "login": login,
                    "password": login,
                    "email": "c.c@example.com",
                    "group_ids": [Command.set(groups)],
                }
                | company
                | vals
            )
        users = cls.root["res.users"].create(vals_list)
        for name, user in zip(wanted, users, strict=True):
            setattr(cls, name, user)
        return users

    # Customers and their limits

    @classmethod
    def make_partner(cls, name="Customer", **vals):
        return cls.root["res.partner"].create(
            {"name": name, "is_company": True, "company_id": False} | vals
        )

    @classmethod
    def make_customer(cls, name="Customer", company=None, **vals):
        partner = vals.pop("partner", None) or cls.make_partner(name)
        company = company or cls.company
        customer = cls.Customer._find_or_create(partner, company)[partner]
        if vals:
            customer.write(vals)
        return customer

    @classmethod
    def make_line(cls, customer, amount=0.0, activate=True, **vals):
        line = cls.root["cartera.credit.line"].create(
            {"customer_id": customer.id, "amount": amount, "date_from": TODAY} | vals
        )
        if activate:
            line.action_activate()
        return line

    @classmethod
    def make_temporary(cls, line, amount, date_from, date_to, activate=True):
        temporary = cls.root["cartera.credit.temporary"].create(
            {
                "line_id": line.id,
                "amount": amount,
                "date_from": date_from,
                "date_to": date_to,
            }
        )
        if activate:
            temporary.action_activate()
        return temporary

    @classmethod
    def make_group(cls, name, amount, *customers, **vals):
        group = cls.root["cartera.credit.group"].create(
            {"name": name, "amount": amount, "company_id": cls.company.id} | vals
        )
        for customer in customers:
            customer.group_id = group
        return group

    # Documents

    @classmethod
    def make_invoice(
        cls,
        partner,
        amount,
        due=None,
        date=None,
        post=True,
        company=None,
        move_type="out_invoice",
        **vals,
    ):
        """A direct invoice without taxes, due on its own day unless told otherwise."""
        company = company or cls.company
        date = date or due or TODAY
        move = (
            cls.root["account.move"]
            .with_company(company)
            .with_context(allowed_company_ids=company.ids)
            .create(
                {
                    "move_type": move_type,
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "invoice_date": date,
                    "date": date,
                    "invoice_user_id": False,
                    "invoice_payment_term_id": False,
                    "invoice_date_due": due or date,
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Goods", "price_unit": amount, "tax_ids": False}
                        )
                    ],
                }
                | vals
            )
        )
        if post:
            move.action_post()
        return move

    @classmethod
    def pay(cls, partner, amount, date=None, invoices=None, company=None, **vals):
        """A posted payment; on account unless ``invoices`` are given to apply it to."""
        company = company or cls.company
        payment = (
            cls.root["account.payment"]
            .with_company(company)
            .create(
                {
                    "amount": amount,
                    "date": date or TODAY,
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": partner.id,
                    "company_id": company.id,
                }
                | vals
            )
        )
        payment.action_post()
        if invoices:
            (payment.move_id | invoices).line_ids.filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
                and not line.reconciled
            ).reconcile()
        return payment

    # Looking

    @classmethod
    def position(cls, partner, at=None, company=None, user=None):
        company = company or cls.company
        env = cls.root(user=user or cls.everywhere, su=False)
        return (
            env["cartera.customer"]
            .with_context(allowed_company_ids=company.ids)
            .get_position(partner.ids, company.id, at)[str(partner.id)]
        )

    @classmethod
    def snapshot(cls, customer):
        cls.Customer._refresh(customer.company_id, customer.partner_id.ids)
        return customer.snapshot_ids

    # The gate

    @classmethod
    def turn_gate_on(cls, company=None, **vals):
        (company or cls.company).sudo().write(
            {
                "cartera_gate": "block",
                "cartera_invoice_gate": True,
                "cartera_credit_user_id": cls.executive.id,
            }
            | vals
        )

    @classmethod
    def hold_invoice(cls, partner, amount, **vals):
        """Post an invoice that the gate stops; returns its hold."""
        move = cls.make_invoice(partner, amount, **vals)
        assert move.state == "draft", "the gate let the invoice pass"
        return move.credit_hold_ids.filtered(lambda one: one.state == "held")

    def at(self, day):
        """Another day, at noon."""
        return freeze_time(f"{day} 12:00:00")

    @contextmanager
    def refused(self, error, *texts):
        """As ``assertRaises``, undone like it, and the message says each of ``texts``."""
        with self.assertRaises(error) as caught:
            yield
        for text in texts:
            self.assertRegex(str(caught.exception), text)

    @classmethod
    def run_precommit(cls):
        """Do what happens right before a transaction commits."""
        cls.root.flush_all()
        cls.root.cr.precommit.run()

    @classmethod
    @contextmanager
    def commits_allowed(cls):
        """Let a job commit and roll back: both only flush or forget, within the test.

        A rollback goes back to where the context began or to the last commit.
        """
        cr = cls.root.cr
        points = [cr.savepoint()]

        def commit():
            points.append(cr.savepoint())

        with (
            patch.object(cr, "commit", commit),
            patch.object(cr, "rollback", lambda: points[-1].rollback()),
        ):
            yield
        cls.env.flush_all()
