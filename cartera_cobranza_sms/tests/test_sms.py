from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from odoo.addons.cartera_cobranza.tests.common import TODAY
from odoo.addons.cartera_cobranza.tests.plan_common import PlanCommon


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestSms(PlanCommon):
    """A step by text message: queued once with the amount of now, or left to a person."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.strategy = cls.make_strategy((1, "sms"))
        cls.make_invoice(cls.partner, 100, due="2026-03-01")
        cls.partner.write(
            {"phone": "+52 55 1234 5678", "country_id": cls.root.ref("base.mx").id}
        )

    def test_one_message_is_queued(self):
        action = self.run_on(TODAY)
        self.assertEqual(action.state, "sent")
        message = self.root["sms.sms"].search(
            [("mail_message_id", "=", action.message_id.id)]
        )
        self.assertEqual(len(message), 1)
        self.assertEqual(message.state, "outgoing")
        self.assertRegex(message.body, "100[.,]00")
        self.assertFalse(self.run_on(TODAY))

    def test_no_number_or_no_wish_makes_a_task(self):
        self.customer.refuses_phone = True
        action = self.run_on(TODAY)
        self.assertEqual(action.state, "ready")
        self.assertFalse(self.root["sms.sms"].search([]))

    def test_text_is_obligatory(self):
        with self.refused(ValidationError, "short text"):
            self.strategy.step_ids.short_text = False
