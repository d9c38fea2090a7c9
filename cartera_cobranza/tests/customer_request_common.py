"""Requests for new customers and changes, as salespeople make them."""

import base64

from odoo import Command

from .common import CarteraCommon

PDF = base64.b64encode(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
RFC = "GODE561231GR8"


class CustomerRequestCommon(CarteraCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mexico = cls.root.ref("base.mx")
        cls.Request = cls.root["cartera.customer.request"].browse()
        cls.cash = cls.root["account.payment.term"].create(
            {
                "name": "Cash",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 0}
                    )
                ],
            }
        )
        cls.prepaid = cls.root["account.payment.term"].create(
            {
                "name": "In advance",
                "cartera_prepaid": True,
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 0}
                    )
                ],
            }
        )

    def new(self, user=None, **vals):
        data = {
            "kind": "new",
            "customer_name": "Panadería del Norte, S.A. de C.V.",
            "vat": RFC,
            "street": "Calle 5",
            "city": "Monterrey",
            "zip": "64000",
            "country_id": self.mexico.id,
            "email": "pagos@norte.example.com",
            "payment_term_id": self.net30.id,
        }
        return self.Request.with_user(user or self.salesperson).create(data | vals)

    def own_customer(self, **vals):
        partner = self.make_partner(
            "Abarrotes Luna",
            vat="XAXX010101000",
            country_id=self.mexico.id,
            email="luna@example.com",
            phone="555 1",
            user_id=self.salesperson.id,
            customer_rank=1,
            **vals,
        )
        partner.property_payment_term_id = self.cash
        return partner

    def change(self, partner=None, user=None, **vals):
        partner = partner or self.own_customer()
        return self.Request.with_user(user or self.salesperson).create(
            {"kind": "change", "partner_id": partner.id} | vals
        )

    def rows(self, request):
        return {
            (line.subject, line.field_name): (line.old_value, line.new_value)
            for line in request.line_ids
        }
