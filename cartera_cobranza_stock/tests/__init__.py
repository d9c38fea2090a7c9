from . import (
    test_batch,
    test_note_request,
    test_prepaid,
    test_shared_payment,
    test_ship_gate,
    test_ship_http,
    test_ship_job,
    test_ship_queries,
    test_ship_release,
    test_shipment,
    test_tours,
)
