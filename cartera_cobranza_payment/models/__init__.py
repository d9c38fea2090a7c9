from . import cartera_portal_payment
