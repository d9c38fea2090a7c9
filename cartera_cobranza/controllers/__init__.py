from . import (
    cartera_aging,
    interest,
    portal_promise,
    portal_statement,
    statement,
)
