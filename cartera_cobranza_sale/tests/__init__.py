from . import (
    test_exposure,
    test_exposure_money,
    test_forecast,
    test_gate,
    test_gate_doors,
    test_gate_growth,
    test_gate_hostile,
    test_gate_http,
    test_gate_queries,
    test_gate_release,
    test_prepaid_terms,
    test_tours,
)
