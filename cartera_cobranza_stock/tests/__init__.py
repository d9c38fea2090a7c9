from . import test_note_request, test_shipment, test_tours
