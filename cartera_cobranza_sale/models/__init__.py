from . import (
    cartera_customer,
    sale_order_credit,
    sale_order,
    sale_order_line,
    account_move,
    payment_transaction,
    res_partner,
)
