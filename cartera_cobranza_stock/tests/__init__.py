from . import (
    test_batch,
    test_note_request,
    test_prepaid,
    test_shared_payment,
    test_ship_gate,
    test_ship_http,
    test_ship_queries,
    test_shipment,
    test_tours,
)
