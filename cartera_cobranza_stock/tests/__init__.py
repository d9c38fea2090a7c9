from . import test_shipment, test_tours
