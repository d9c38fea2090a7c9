from . import (
    cartera_aging,
    cartera_forecast,
    interest,
    portal_promise,
    workbooks,
)
