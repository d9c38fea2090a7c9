from . import cartera_aging
