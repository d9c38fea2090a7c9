from . import (
    cartera_aging,
    cartera_forecast,
    interest,
    portal_promise,
    portal_statement,
    statement,
    workbooks,
)
