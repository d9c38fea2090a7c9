from . import (
    cartera_customer,
    sale_order_advance,
    cartera_forecast,
    sale_order_credit,
    sale_order,
    sale_order_line,
    account_move,
    account_payment,
    payment_transaction,
    res_partner,
)
