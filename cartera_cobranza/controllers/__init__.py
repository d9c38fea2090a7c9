from . import cartera_aging, interest
