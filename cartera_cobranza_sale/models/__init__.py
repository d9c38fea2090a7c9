from . import (
    cartera_customer,
    cartera_forecast,
    sale_order_credit,
    sale_order,
    sale_order_line,
    account_move,
    payment_transaction,
)
