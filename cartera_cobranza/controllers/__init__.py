from . import (
    cartera_aging,
    cartera_forecast,
    interest,
    portal_pay,
    portal_promise,
    portal_statement,
    statement,
    workbooks,
)
