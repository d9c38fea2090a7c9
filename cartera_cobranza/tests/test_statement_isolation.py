from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import TODAY, CarteraCommon

SENDER = "odoo.addons.cartera_cobranza.models.cartera_statement_sender"
ALERT = "odoo.addons.cartera_cobranza.models.cartera_collection_alert_aging"


NO_PROFILE = "There is no aging profile"


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestStatementIsolation(CarteraCommon):
    """What goes wrong with one customer, run or salesperson stays there: the others get theirs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root["res.lang"]._activate_lang("en_US")
        cls.company.partner_id.lang = "en_US"
        cls.Run = cls.root["cartera.statement.run"]
        cls.alfa = cls.make_customer(
            partner=cls.make_partner(
                "Alfa", email="alfa@example.com", user_id=cls.salesperson.id
            )
        )
        cls.beta = cls.make_customer(
            partner=cls.make_partner(
                "Beta", email="beta@example.com", user_id=cls.viewer.id
            )
        )
        for customer in (cls.alfa, cls.beta):
            cls.make_invoice(customer.partner_id, 200, "2026-03-10", "2026-02-10")
        cls.env.flush_all()

    def started(self, customer):
        run = self.Run.with_user(self.collector).create(
            {"company_id": self.company.id, "customer_ids": customer.ids}
        )
        run.action_prepare()
        run.action_send()
        return run.sudo()

    def send(self):
        with self.commits_allowed():
            self.Run._cron_send()
        self.env.invalidate_all()

    def test_an_address_that_is_none_beside_a_good_one(self):
        good, bad = self.root["res.partner"].create(
            [
                {
                    "name": name,
                    "parent_id": self.alfa.partner_id.id,
                    "email": email,
                    "cartera_collections": True,
                }
                for name, email in (
                    ("Payables", "pay@alfa.example.com"),
                    ("Treasury", "ask Maria"),
                )
            ]
        )
        line = self.started(self.alfa).line_ids
        self.send()
        self.assertEqual(line.state, "sent")
        self.assertEqual(line.contact_ids, good)
        self.assertNotIn(bad, line.contact_ids)

    def test_a_run_that_cannot_be_gathered_does_not_stop_another(self):
        first, second = self.started(self.alfa), self.started(self.beta)
        Run = type(self.Run)
        ask = Run._question_for

        def broken(this, lines):
            if this == first:
                raise UserError(NO_PROFILE)
            return ask(this, lines)

        with (
            patch.object(Run, "_question_for", broken),
            self.assertLogs(SENDER, "WARNING"),
        ):
            self.send()
        self.assertRecordValues(
            first.line_ids, [{"state": "error", "reason": "There is no aging profile"}]
        )
        self.assertEqual(second.line_ids.state, "sent")
        first.with_user(self.collector).action_retry()
        self.send()
        self.assertEqual(first.line_ids.state, "sent")

    def test_a_salesperson_whose_aging_fails_does_not_stop_another(self):
        Alert = self.root["cartera.collection.alert"]
        (self.salesperson | self.viewer).cartera_alert_aging = "weekly"
        make = type(Alert)._send_aging_to

        def broken(this, user, *others):
            if user == self.salesperson:
                raise UserError(NO_PROFILE)
            return make(this, user, *others)

        with (
            patch.object(type(Alert), "_send_aging_to", broken),
            self.assertLogs(ALERT, "WARNING"),
        ):
            sent = Alert._send_aging(self.company, self.today)
        self.assertEqual(sent.user_id, self.viewer)
        # the other one gets it as soon as it can be made
        self.assertEqual(
            Alert._send_aging(self.company, self.today).user_id, self.salesperson
        )
