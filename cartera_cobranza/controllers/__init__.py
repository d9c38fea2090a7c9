from . import interest
