try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.replies import is_automatic_reply


class TestReplies(BaseCase):
    def test_what_a_machine_sent(self):
        cases = [
            # headers, subject, automatic
            ({}, "Re: Su estado de cuenta", False),
            ({}, "", False),
            ({"Auto-Submitted": "auto-replied"}, "", True),
            ({"auto-submitted": " No "}, "Re: factura", False),
            ({"X-Autoreply": "yes"}, "", True),
            ({"X-AutoRespond": ""}, "", True),
            ({"Precedence": "bulk"}, "", True),
            ({"Precedence": "first-class"}, "Pago", False),
            ({}, "Out of office: back on Monday", True),
            ({}, "Respuesta automática: Su estado de cuenta", True),
            ({}, "Ausencia por vacaciones", True),
            ({}, "Estuve ausente; ya se pagó", False),
        ]
        for headers, subject, automatic in cases:
            with self.subTest(headers=headers, subject=subject):
                self.assertIs(is_automatic_reply(headers, subject), automatic)
