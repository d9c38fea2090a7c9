"""Applications for the tests: authorities by amount, and the way from a draft to a decision."""

import base64

from odoo.tests import freeze_time

from .common import TODAY, CarteraCommon

PDF = base64.b64encode(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
PNG = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
        "0000000c4944415408d763f8cfc0000000030001d4b2a3a60000000049454e44ae426082"
    )
)


@freeze_time(f"{TODAY} 12:00:00")
class RequestCommon(CarteraCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls.make_user("director", "credit_manager")
        cls.second = cls.make_user("second", "credit_manager")
        cls.Request = cls.root["cartera.credit.request"]
        cls.Guarantee = cls.root["cartera.credit.guarantee"]
        cls.Delegation = cls.root["cartera.authority.delegation"]
        cls.customer = cls.make_customer("Abarrotes del Centro")
        cls.partner = cls.customer.partner_id
        cls.manager_group = cls.root.ref("cartera_cobranza.group_credit_manager")
        cls.executive_group = cls.root.ref("cartera_cobranza.group_credit_executive")

    @classmethod
    def set_authority(cls, *rows, company=None):
        """Rows of the company: (role, amount or None for unlimited, signatures)."""
        groups = {"manager": cls.manager_group, "executive": cls.executive_group}
        return cls.root["cartera.authority"].create(
            [
                {
                    "kind": "request",
                    "group_id": groups[role].id,
                    "company_id": (company or cls.company).id,
                    "currency_id": cls.usd.id,
                    "amount": amount or 0,
                    "unlimited": amount is None,
                    "signatures": signatures,
                }
                for role, amount, signatures in rows
            ]
        )

    @classmethod
    def make_request(cls, kind="opening", amount=1000, user=None, submit=False, **vals):
        customer = vals.pop("customer", cls.customer)
        request = cls.Request.with_user(user or cls.executive).create(
            {"customer_id": customer.id, "kind": kind, "amount": amount} | vals
        )
        if submit:
            request.action_submit()
        return request

    @classmethod
    def require(cls, kind, *names, amount_from=0, company=None, **vals):
        types = cls.root["cartera.document.type"]
        for name in names:
            types |= cls.root["cartera.document.type"].create({"name": name} | vals)
        cls.root["cartera.request.requirement"].create(
            [
                {
                    "kind": kind,
                    "type_id": one.id,
                    "amount_from": amount_from,
                    "currency_id": cls.usd.id,
                    "company_id": (company or cls.company).id,
                }
                for one in types
            ]
        )
        return types

    @classmethod
    def make_guarantee(cls, amount=500, user=None, accept=False, **vals):
        customer = vals.pop("customer", cls.customer)
        guarantee = cls.Guarantee.with_user(user or cls.executive).create(
            {
                "name": "G-1",
                "kind": "bond",
                "customer_id": customer.id,
                "amount": amount,
                "date_from": TODAY,
            }
            | vals
        )
        if accept:
            guarantee.sudo().action_accept()
        return guarantee

    def lend(self, user, delegate, date_from=TODAY, date_to="2026-03-20", **vals):
        return self.Delegation.create(
            {
                "user_id": user.id,
                "delegate_id": delegate.id,
                "company_id": self.company.id,
                "date_from": date_from,
                "date_to": date_to,
            }
            | vals
        )
